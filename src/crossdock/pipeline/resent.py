"""Documents that come again exactly as they came before: one hash instead of every check.

A nightly file of all open orders is mostly last night's. Of each document that was right in every cell, the batch that
stored it keeps the hash of its records as sent (``model.resent``). The same records under the same feed, layout and
lists, on a day on which none of its dates has passed, have the same answer, as long as the stored document still has
the content that was written then: it is unchanged. Everything else is checked as ever: documents with a failure or a
warning, feeds with actions, versions or numbers of ours, documents that are compared with others.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from hashlib import blake2b
from itertools import pairwise

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crossdock import __version__, formats
from crossdock.documents import DOCUMENTS
from crossdock.frames.columns import (
    Cells,
    filled,
    has_value,
    joined,
    key_text,
    key_texts,
    mask,
    or_else,
    repeated,
    row_codes,
    rows_at,
    unit_of,
)
from crossdock.model.batch import Assembled, Batch
from crossdock.model.decision import Decision, Outcomes
from crossdock.model.report import Books, Counts
from crossdock.model.resent import LEAST, REMEMBERED, Resent
from crossdock.model.stored import Stored
from crossdock.partners.feed import Feed
from crossdock.pipeline.lookup.keys import folds, stored_keys
from crossdock.pipeline.lookup.stored_side import askable
from crossdock.pipeline.normalize.assemble import numbered
from crossdock.pipeline.staging.plan import Plan
from crossdock.schema.document import Document
from crossdock.schema.relations import CANCELLED

FAR_DAYS = 5 * 365
"""A date becomes far five years after it: the last day before that, with some to spare."""
_CELL, _NULL = "\x1f", "\x1e"


@dataclass(frozen=True)
class Known:
    """The documents of a batch of which the answer is known.

    ``number``: the document of each record, int64, in the order of their first records; ``first``: the places of
    these. ``sent``: of each document the hash of its records, uint64 × 2; ``readable``: which have one, bool.
    ``again``: which are unchanged, bool; ``remembered``: what is remembered of those. ``key``: of each document.
    """

    number: np.ndarray
    first: np.ndarray
    sent: np.ndarray
    readable: np.ndarray
    again: np.ndarray
    remembered: np.ndarray
    key: Cells
    context: str
    change: int

    def rest(self, batch: Batch) -> Batch:
        """The batch without the documents that are known."""
        kept = np.flatnonzero(~self.again[self.number])
        arrays = ("lines", "group", "record", "nested", "fault", "detail", "spoiled", "origin")
        return replace(
            batch,
            raw=rows_at(batch.raw, kept),
            key=rows_at(batch.key, kept),
            **{name: getattr(batch, name)[kept] for name in arrays},
        )

    def among(self, checked: Decision, batch: Batch, document: Document) -> Decision:
        """The decision of the whole batch. ``checked``: that of the rest, with what it remembers."""
        if checked.resent is None or not self.again.any():
            return checked
        again, kept = self.again, self.remembered
        lines = batch.lines[self.first[again]]
        records = int(again[self.number].sum())
        rows = int(kept["rows"].sum())
        key = rows_at(self.key, np.flatnonzero(again))
        counts = {"header": Counts(unchanged=len(kept)), "line": Counts(unchanged=rows)}
        together = np.concatenate([checked.resent.documents, kept])
        return replace(
            checked,
            outcomes=checked.outcomes.beside(_unchanged(key, lines, kept["lines"], document)),
            books=checked.books + Books(read=records, unchanged=records),
            counts={title: checked.counts[title] + more for title, more in counts.items()},
            stored_lines=checked.stored_lines + int(kept["line_rows"].sum()),
            resent=replace(checked.resent, documents=together),
        )


def known_of(batch: Batch, plan: Plan, feed: Feed, stored: Stored, today: date) -> Known | None:
    """The documents of a batch that are stored as they are sent again.

    None where none can be known, few are, or none was sent before and nothing is remembered of a dry run.
    """
    if not _can_be_known(plan, feed):
        return None
    number, first = numbered(batch.group)
    if len(first) < LEAST:
        return None
    context = _context(batch, plan, feed)
    lists = sorted(_lists(feed.document))
    before, change = stored.sent_before(context, batch.number, lists)
    if before is None and not stored.lasting:
        return None
    sent, readable = _hashes(batch, number, len(first))
    key = rows_at(batch.key, first)
    again, at = np.zeros(len(first), dtype=bool), np.zeros(0, dtype=np.int64)
    if before is not None and len(before.documents):
        held = np.isin(batch.group[first], np.fromiter(batch.holds, np.uint64, len(batch.holds)))
        apart = readable & ~held & askable(key) & has_value(key, feed.document.number)
        crowded = repeated(row_codes(folds(key, feed.document).values()))  # like that of another one in the batch
        again, at = _again(sent, before.documents, apart & ~crowded, today)
        again = _still_stored(key, again, before.documents[at], feed, stored)
        again[0] = False  # so that the rest is never empty
    remembered = before.documents[at[again]] if before is not None and again.any() else np.zeros(0, REMEMBERED)
    return Known(number, first, sent, readable, again, remembered, key, context, change)


def remembered_of(
    known: Known,
    assembled: Assembled,
    contents: list[str],
    same: np.ndarray,
    checked: Decision,
    document: Document,
    today: date,
) -> Resent:
    """What the rest of a batch remembers: documents that are right in every cell and stored as they were sent.

    ``same``: which were stored with the same content. A document that changes is filled from what was stored, so it is
    remembered only when it comes again.
    """
    outcomes, rest = checked.outcomes, ~known.again
    clean = (outcomes.what == "inserted") | ((outcomes.what == "unchanged") & same)
    clean &= outcomes.whole
    clean &= ~np.isin(outcomes.line, checked.failures["document_line"]) & known.readable[rest]
    of_lines = document.lines.title if document.lines is not None else None
    rows = {level.title: assembled.rows[level.title].count_per_document() for level in document.inner}
    memory = np.zeros(assembled.size, REMEMBERED)
    memory["sent"] = known.sent[rest]
    memory["content"] = np.frombuffer(bytes.fromhex("".join(contents)), "<u8").reshape(-1, 2)
    memory["lines"] = outcomes.lines
    memory["line_rows"] = rows.get(of_lines or "", 0)
    memory["rows"] = sum(rows.values())
    memory["since"] = _day(today)
    memory["until"] = _until(assembled, document, _day(today))
    return Resent(known.context, known.change, memory[clean])


def _can_be_known(plan: Plan, feed: Feed) -> bool:
    """Whether a document's answer depends on its records, the feed, lists and the stored document alone."""
    document, keys, columns = feed.document, feed.keys, plan.columns
    own = [name.rpartition(".")[2] for name in columns]
    numbers = keys.version or keys.split_by or document.number in keys.prefix or document.auto
    filled = [each for each in document.header.fields if each.from_day or each.from_customer]
    others = document.against or document.unique or filled or document.is_list or document.mode != "upsert"
    one_by_one = plan.fixes is not None or plan.ordered or feed.revision is not None or keys.cancel
    positional = document.numbering and document.numbering not in columns
    return not (numbers or others or one_by_one or positional or "action" in own or "jobId" in own)


def _context(batch: Batch, plan: Plan, feed: Feed) -> str:
    """Everything besides a document's records that decides what they mean, as a hash."""
    codes = sorted((name, sorted(feed.codes(name).items())) for name in feed.code_lists)
    layout = (plan.size, sorted(plan.columns.items()), sorted(batch.raw), plan.plain_numbers)
    parts = (__version__, REMEMBERED.descr, feed.digest, codes, layout, formats.nested(plan.written))
    return blake2b(repr(parts).encode(), digest_size=16).hexdigest()


def _lists(document: Document) -> set[str]:
    """The types of documents on which the checks of another may depend."""
    referred = {field.refers for level in document.levels for field in level.fields if field.refers}
    return referred | {each.name for each in DOCUMENTS.values() if each.is_list}


def _hashes(batch: Batch, number: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Of each document the hash of its records, in their order (uint64 × 2); which documents have one, bool.

    Those with a fault have none, nor those with a cell that has the characters that stand between cells.
    """
    columns = [batch.raw[name] for name in sorted(batch.raw)]
    if batch.nested.any():
        columns.append(pa.array(batch.nested.astype(bool)).cast(pa.string()))
    nulls = [mask(pc.is_null(each)) for each in columns if each.null_count]
    cells = [or_else(each, _NULL) for each in columns]
    rows = pc.binary_join_element_wise(*cells, pa.scalar(""), _CELL)
    odd = _ambiguous(rows, len(columns), np.sum(nulls, axis=0) if nulls else np.zeros(len(rows), np.int64))
    odd |= pd.notna(batch.fault) | pd.notna(batch.spoiled) | (batch.origin != 0)
    readable = np.bincount(number[odd], minlength=size) == 0
    if (np.diff(number) < 0).any():
        rows = rows.take(pa.array(np.argsort(number, kind="stable")))
    return _digests(rows, np.bincount(number, minlength=size)), readable


def _ambiguous(rows: pa.Array, columns: int, nulls: np.ndarray) -> np.ndarray:
    """Which rows have more separators than stand between their cells, or more nulls than they have, bool.

    No row can have fewer, so the sums tell whether there is any.
    """
    data = np.frombuffer(rows.buffers()[2] or b"", np.uint8)
    if (
        np.count_nonzero(data == ord(_CELL)) == len(rows) * columns
        and np.count_nonzero(data == ord(_NULL)) == nulls.sum()
    ):
        return np.zeros(len(rows), dtype=bool)
    cells, blanks = (pc.count_substring(rows, each).to_numpy() for each in (_CELL, _NULL))
    return np.asarray((cells != columns) | (blanks != nulls), dtype=bool)


def _digests(rows: pa.Array, counts: np.ndarray) -> np.ndarray:
    """A hash of 16 bytes for each ``counts`` of the texts, one behind the other."""
    offsets = np.frombuffer(rows.buffers()[1], np.int32)[rows.offset : rows.offset + len(rows) + 1]
    ends = offsets[np.concatenate([[0], np.cumsum(counts)])].tolist()
    data = memoryview(rows.buffers()[2] or b"")
    hashes = b"".join([blake2b(data[start:end], digest_size=16).digest() for start, end in pairwise(ends)])
    return np.frombuffer(hashes, "<u8").reshape(-1, 2)


def _again(sent: np.ndarray, before: np.ndarray, apart: np.ndarray, today: date) -> tuple[np.ndarray, np.ndarray]:
    """Which documents are remembered and have no other answer today, bool; their places in ``before``, int64."""
    order = np.argsort(before["sent"][:, 0], kind="stable")
    sorted_hashes = before["sent"][order, 0]
    at = order[np.minimum(np.searchsorted(sorted_hashes, sent[:, 0]), len(order) - 1)]
    known, day = before[at], _day(today)
    same = (known["sent"] == sent).all(axis=1)
    return apart & same & (known["since"] <= day) & (day <= known["until"]), at


def _still_stored(key: Cells, again: np.ndarray, before: np.ndarray, feed: Feed, stored: Stored) -> np.ndarray:
    """Those of the documents that are stored with the content that is remembered, and are this partner's; bool."""
    header = feed.document.header
    places = np.flatnonzero(again)
    if not len(places):
        return again
    keys = rows_at(stored_keys(key, feed.document), places)
    rows = stored.existing(header, keys, ["content", "state", "partner", "version"])
    at = pc.index_in(joined(keys.values()), value_set=key_texts(rows, keys))
    contents = before["content"][places].tobytes().hex()
    texts = pa.array([contents[start : start + 32] for start in range(0, len(contents), 32)], pa.string())
    same = pc.equal(texts, rows["content"].take(at))
    mine = pc.equal(rows["partner"].take(at), feed.partner)
    open_ = pc.not_equal(rows["state"].take(at), CANCELLED)
    unversioned = pc.is_null(rows["version"].take(at))
    still = np.zeros(len(again), dtype=bool)
    still[places] = mask(pc.and_(pc.and_(same, mine), pc.and_(open_, unversioned)))
    return still


def _unchanged(key: Cells, lines: np.ndarray, counts: np.ndarray, document: Document) -> Outcomes:
    """The outcomes of documents that are unchanged."""
    nothing, none = np.full(len(lines), "", dtype=object), np.zeros(len(lines), dtype=np.int64)
    return Outcomes(
        business_unit=unit_of(key),
        number=filled(key, document.number),
        key=key_text(key),
        line=lines,
        taken=np.ones(len(lines), dtype=bool),
        hold_code=nothing,
        hold_line=none,
        what=np.full(len(lines), "unchanged", dtype=object),
        lines=counts.astype(np.int64),
        failing_lines=none,
        ended=np.full(len(lines), None, dtype=object),
    )


def _until(assembled: Assembled, document: Document, day: int) -> np.ndarray:
    """The last day on which no check can answer otherwise than on ``day``: then none of a document's dates has passed
    that had not, and none has become far.
    """
    until = np.full(assembled.size, np.iinfo(np.int32).max, dtype=np.int64)
    for level in document.levels:
        rows = assembled.rows[level.title]
        for values in rows.cells.values():
            if not pa.types.is_temporal(values.type):
                continue
            filled = np.flatnonzero(mask(pc.is_valid(values)))
            moments = values.take(pa.array(filled)).cast(pa.timestamp("us")).to_numpy(zero_copy_only=False)
            days = moments.astype("datetime64[D]").astype(np.int64)
            last = np.where(days >= day, np.maximum(day, days - 1), days + FAR_DAYS)
            np.minimum.at(until, rows.document[filled], last)
    return until


def _day(day: date) -> int:
    return (day - date(1970, 1, 1)).days
