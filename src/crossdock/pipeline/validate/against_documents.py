"""Lines ↔ the lines of another document that they ship, receive, announce or send back (contract A6, B).

One query per batch fetches these documents and everything that counts against them already. Each line of the batch
finds its target by number, else by item; sums include all uncancelled documents in their latest form, those of the
batch once. The writing transaction checks the revision of these documents again (``Decision.leaned``), so two
confirmations of one order can't both pass.
"""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd

from crossdock.documents import DOCUMENTS
from crossdock.failures.failures import Failures
from crossdock.failures.sentences import plain_number
from crossdock.frames.columns import filled
from crossdock.model.batch import Assembled
from crossdock.model.stored import Stored
from crossdock.partners.feed import Feed
from crossdock.pipeline.lookup.confirmations import confirming, passed_on, standing
from crossdock.pipeline.lookup.named_documents import NamedDocuments
from crossdock.pipeline.lookup.target_lines import (
    LINE,
    QUANTITY,
    SKU,
    UNIT,
    ZERO,
    Counting,
    TargetLines,
    among,
)
from crossdock.schema.relations import Against
from crossdock.schema.roles import Role

ROUNDED = Decimal("0.0000005")
"""What a stored sum may be off by, since it is stored with six places."""

GONE = " any more: it is cancelled"
"""What a sentence adds to a line that is stored and cancelled."""


def check_against_documents(
    named: tuple[NamedDocuments, ...],
    assembled: Assembled,
    feed: Feed,
    stored: Stored,
    failing: np.ndarray,
    bad: np.ndarray,
) -> Failures:
    """The failures between the lines of a batch and the documents that they are compared with (contract A6, A7, B).

    ``failing``: documents (bool, one per document) that won't be written in any case, so their stored form counts;
    ``bad``: lines with errors (int64), which are left out of the sums.
    """
    return Failures.merge(*(_compared(each, assembled, feed, stored, failing, bad) for each in named))


def _compared(
    named: NamedDocuments, assembled: Assembled, feed: Feed, stored: Stored, failing: np.ndarray, bad: np.ndarray
) -> Failures:
    relation, document, target = named.relation, feed.document, named.documents.document
    rows, meant = named.rows, TargetLines(named.documents)
    rows = rows.assign(head=meant.heads_of(rows))
    of_known = rows["head"] >= 0
    number = document.spelled(relation.number, document.lines) or document.spelled(relation.number, document.header)
    failures = [_unknown(relation, rows[~of_known], number, feed, stored)]
    rows = rows[of_known]
    if rows.empty:
        return Failures.merge(*failures)
    place, several_fit = meant.find(rows)
    rows = rows.assign(place=place, several=several_fit)
    heads = rows["head"].to_numpy(dtype=np.int64)
    shut, closed = (meant.shut(heads, states) for states in (relation.shut, relation.closed))
    lost = rows[(rows["place"] < 0) & ~rows["several"] & ~shut]
    several = rows[rows["several"]]
    code = "several_matches" if relation.moves else "several_lines"
    called = {"document": target.called}
    failures += [
        feed.failures(several.index, number, code,
                      ({**called, "items": each} for each in meant.listed(several))),
        _lost(relation, lost, meant, feed, called),
        feed.failures(rows.index[shut], number, "document_shut",
                 ({**called, "state": state} for state in _states(meant, heads[shut]))),
        feed.failures(rows.index[closed], number, "document_closed",
                 ({**called, "state": state} for state in _states(meant, heads[closed]))),
        _disagreeing(relation, rows, assembled, meant, feed),
    ]  # fmt: skip
    hit = rows[rows["place"] >= 0]
    if len(hit):
        failures.append(_other_item(relation, hit, meant, feed))
        counted = hit[~failing[hit["document"].to_numpy(dtype=np.int64)] & ~hit.index.isin(bad)]
        over = Failures.none()
        if len(counted):
            others = _others(relation, counted, meant, assembled, feed, stored, failing)
            over = _over(relation, counted, meant, others, feed, stored)
        failures.append(over)
        for further, passed in passed_on(counted[~counted.index.isin(over.lines)], meant, named.further):
            if len(passed):
                others = _others(relation, passed, further, assembled, feed, stored, failing)
                failures.append(_over(relation, passed, further, others, feed, stored))
    return Failures.merge(*failures)


def _states(meant: TargetLines, heads: np.ndarray) -> list[str]:
    """The states of documents, as a sentence has them."""
    return [str(each).lower() for each in meant.headers("state", heads)]


def _unknown(relation: Against, rows: pd.DataFrame, number: str, feed: Feed, stored: Stored) -> Failures:
    """Lines whose document is unknown, where it must be known (contract A7)."""
    mode = feed.keys.references.get(relation.document, "warn")
    if not relation.refers or mode == "off" or rows.empty:
        return Failures.none()
    loaded = {unit: mode == "fail" or stored.loaded(relation.document, unit) for unit in set(rows["unit_id"])}
    lines = rows.index[[loaded[unit] for unit in rows["unit_id"]]]
    code = "unknown_document" if mode == "fail" else "unknown_reference"
    return feed.failures(lines, number, code, [{"list": DOCUMENTS[relation.document].called}] * len(lines))


def _lost(relation: Against, rows: pd.DataFrame, meant: TargetLines, feed: Feed, called: dict[str, str]) -> Failures:
    """Lines that their document doesn't have (any more), by their number where they have one, else by their item."""
    named = feed.document.playing(Role.ITEM, feed.document.lines)
    by_number = rows[LINE].notna()
    line, item = rows[by_number], rows[~by_number]
    of_line = (
        {**called, "number": number, "which": f"line {each!r}{GONE if gone else ''}"}
        for number, each, gone in zip(line["number"], line[LINE], meant.cancelled(line, LINE), strict=True)
    )
    of_item = (
        {**called, "number": number, "which": f"item {each!r}{GONE if gone else ''}"}
        for number, each, gone in zip(item["number"], item[SKU], meant.cancelled(item, SKU), strict=True)
    )
    return Failures.merge(
        feed.failures(line.index, relation.line or named, relation.unlisted, of_line),
        feed.failures(item.index, named, relation.unlisted, of_item),
    )


def _disagreeing(
    relation: Against, rows: pd.DataFrame, assembled: Assembled, meant: TargetLines, feed: Feed
) -> Failures:
    """Documents with another vendor than the order's."""
    failures = []
    document, header = feed.document, assembled.header
    for ours, theirs in relation.agrees:
        wanted = meant.headers(meant.target.header.field(theirs).column, rows["head"].to_numpy(dtype=np.int64))
        name = document.spelled(ours, document.header)
        own = header.values(name)[rows["document"]]
        wrong = np.array([bool(a) and isinstance(b, str) and bool(b) and a != b for a, b in
                          zip(own, wanted, strict=True)], dtype=bool)  # fmt: skip
        details = ({"document": meant.target.called, "other": repr(each)} for each in wanted[wrong])
        failures.append(feed.failures(rows.index[wrong], name, "other_party", details))
    return Failures.merge(*failures)


def _other_item(relation: Against, hit: pd.DataFrame, meant: TargetLines, feed: Feed) -> Failures:
    wanted = meant.lines[SKU].to_numpy(dtype=object)[hit["place"]]
    wrong = (hit[SKU].to_numpy(dtype=object) != wanted) & hit[SKU].notna().to_numpy()
    if not relation.item or not wrong.any():
        return Failures.none()
    name = feed.document.playing(Role.ITEM, feed.document.lines)
    return feed.failures(hit.index[wrong], name, relation.item, ({"other": repr(each)} for each in wanted[wrong]))


def _others(
    relation: Against,
    hit: pd.DataFrame,
    meant: TargetLines,
    assembled: Assembled,
    feed: Feed,
    stored: Stored,
    failing: np.ndarray,
) -> pd.DataFrame:
    """The stored lines that count against the same documents, without those that the batch replaces."""
    targets = hit[["unit_id", "number"]].drop_duplicates()
    if relation.moves:
        others = confirming(meant.target, targets, meant, stored)
    else:
        others = standing(relation, feed.document, targets, meant, stored)
    mine = (others["document"] == feed.document.name).to_numpy(dtype=bool)
    if not mine.any():
        return others
    return pd.concat([others[~mine], others[mine][~_in_batch(others[mine], assembled, feed, failing)]])


def _over(
    relation: Against, hit: pd.DataFrame, meant: TargetLines, others: pd.DataFrame, feed: Feed, stored: Stored
) -> Failures:
    """Lines with which the sum is more than what was ordered, or shipped; ``others``: what counts besides."""
    count = Counting(meant, pd.concat([hit, others]), stored)
    share = 1 + Decimal(feed.keys.tolerance.rstrip("% ")) / 100
    ordered = count.ordered(meant.lines["moved" if relation.shipped else QUANTITY])
    most = ordered + ROUNDED * count.scale if relation.shipped else ordered * share
    (own, known), place = count.counted(hit), hit["place"].to_numpy(dtype=np.int64)
    sums = count.sums(others)
    largest, more = sums.copy(), own > ZERO  # of most lines even the largest sum is not too much
    np.add.at(largest, place[more], own[more])
    name = feed.document.spelled(relation.counts, feed.document.lines)
    code = relation.over if feed.keys.over != "fail" or relation.shipped else "over_quantity"
    fails = feed.severity(code) == "error"
    over, details, numbers = [], [], hit["number"].to_numpy(dtype=object)
    for row in np.flatnonzero(known & (largest > most)[place]).tolist():
        at = place[row]
        total = sums[at] + own[row]
        if own[row] > 0 and total > most[at]:
            over.append(hit.index[row])
            shown = [plain_number(count.in_unit(at, amount)) for amount in (total, ordered[at])]
            named = f"{meant.target.called} {numbers[row]}"
            details.append({"total": shown[0], "ordered": shown[1], "document": named})
            if fails:  # it won't be taken, so the next line may still fit
                continue
        sums[at] = total
    apart = hit[~known]
    units = meant.lines[UNIT].to_numpy(dtype=object)[apart["place"].to_numpy(dtype=np.int64)]
    not_compared = ({"unit": str(one), "other": str(other)} for one, other in zip(apart[UNIT], units, strict=True))
    return Failures.merge(
        feed.failures(over, name, code, details),
        feed.failures(apart.index, name, "units_not_compared", not_compared),
    )


def _in_batch(rows: pd.DataFrame, assembled: Assembled, feed: Feed, failing: np.ndarray) -> np.ndarray:
    """Stored lines that the batch will replace or cancel; those of failing documents stay as they are."""
    document = feed.document
    keys = [document.header.field(name).column for name in document.key]
    own = pd.DataFrame({column: filled(assembled.key, name) for column, name in zip(keys, document.key, strict=True)})
    of_batch = among(rows, own[~failing])
    whole = feed.whole(assembled.extents)
    if whole.all() or document.lines is None:
        return of_batch
    of_whole = among(rows, own[(whole | assembled.acts("replace")) & ~failing])
    lines = assembled.rows[document.lines.title]
    sent = own.take(lines.document).assign(own=lines.values(document.numbering))
    return of_whole | (of_batch & among(rows, sent))
