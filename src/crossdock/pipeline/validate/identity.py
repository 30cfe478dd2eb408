"""A document's owner and key: blank keys, foreign units and owners, actions, doubles, keys that are too similar.

Contract A3, A4 and A5: what a document's key and action require of the drop and of what is stored.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crossdock.failures.failures import Failures
from crossdock.frames.columns import (
    KEY_SEPARATOR,
    Cells,
    array,
    distinct,
    has_value,
    key_text,
    key_texts,
    length,
    mask,
    plain,
    repeated,
    row_codes,
    rows_at,
    values,
)
from crossdock.model.batch import Assembled
from crossdock.model.stored import Stored
from crossdock.partners.feed import Feed
from crossdock.pipeline.lookup.keys import folds, whole_key, whole_numbers
from crossdock.pipeline.lookup.stored_side import StoredSide, askable
from crossdock.pipeline.validate.order_parts import check_whole_cancels
from crossdock.schema.document import Document


def check_identity(
    assembled: Assembled,
    stored_side: StoredSide,
    contents: list[str],
    feed: Feed,
    stored: Stored,
    rejected: np.ndarray | None = None,
) -> Failures:
    """Every failure of the keys, owners and actions of a batch of typed documents.

    ``contents``: the content hash of each document. ``rejected``: which documents are none, because a standard forbids
    how they are written (bool, one value per document).
    """
    return Failures.merge(
        _keys(assembled, stored_side, feed),
        _actions(assembled, stored_side, feed, stored),
        _twice(assembled, contents, feed, rejected),
        _similar(assembled, stored_side, feed, stored),
        _of_another_feed(assembled, stored_side, feed, stored),
    )


def _keys(assembled: Assembled, stored_side: StoredSide, feed: Feed) -> Failures:
    """Blank keys, foreign business units, foreign documents."""
    header = assembled.header
    number = feed.document.number
    blank = ~header.has(number) & (not feed.document.auto)
    failures = [
        feed.failures(header.lines[blank], number, "blank_key"),
        feed.failures(header.lines[stored_side.foreign], "", "belongs_to_other"),
    ]
    if "businessUnitId" in header.cells and feed.document.owned:
        own = pc.is_in(header.cells["businessUnitId"], value_set=pa.array(feed.business_units, pa.string()))
        foreign = header.has("businessUnitId") & ~mask(own)
        allowed = {"allowed": ", ".join(feed.business_units)}
        failures.append(feed.failures(header.lines[foreign], "businessUnitId", "foreign_unit", allowed))
    return Failures.merge(*failures)


def _actions(assembled: Assembled, stored_side: StoredSide, feed: Feed, stored: Stored) -> Failures:
    """What an action requires of the document: that it exists (not where versions are used), that it has lines.

    A cancel may also be meant for a copy that is held: it ends that one's wait.
    """
    document = feed.document
    header = assembled.header
    absent = ~stored_side.exists & (assembled.version is None)
    updates, cancels = absent & assembled.acts("update"), absent & assembled.acts("cancel")
    numbered = cancels & header.has(document.number)
    if numbered.any():
        keys = key_text(assembled.key)
        held = stored.held(document, feed.partner, sorted(set(keys[numbered])))
        cancels &= ~(numbered & np.isin(keys, list(held)))
    of_parts = check_whole_cancels(assembled, cancels, feed, stored)
    cancels &= ~np.isin(header.lines, of_parts.lines)
    failures = [
        feed.failures(header.lines[updates], "", "does_not_exist", {"action": "update"}),
        feed.failures(header.lines[cancels], "", "unknown_to_cancel"),
        of_parts,
        feed.failures(header.lines[assembled.only_checked], "", "test_set"),
    ]
    if feed.revision is not None:
        moved = stored_side.revision != feed.revision
        now = [{"now": int(each), "expected": feed.revision} for each in stored_side.revision[moved]]
        failures.append(feed.failures(header.lines[moved], "", "moved_on", now))
    if document.lines is not None and document.needs_lines:
        rows = assembled.rows[document.lines.title]
        lines, live = rows.count_per_document(), rows.count_per_document(~assembled.cancels_rows(document.lines.title))
        lineless = (lines == 0) | ((live == 0) & stored_side.lineless(document.lines))
        empty = lineless & ~assembled.acts("update", "cancel")
        failures.append(feed.failures(header.lines[empty], "", "no_lines"))
    if assembled.version is not None:
        blank = np.array([each is None for each in assembled.version], dtype=bool)
        failures.append(feed.failures(header.lines[blank], "", "no_version"))
    return Failures.merge(*failures)


def _of_another_feed(assembled: Assembled, stored_side: StoredSide, feed: Feed, stored: Stored) -> Failures:
    """Documents of which a file of another feed of the same partner was the last to store anything, with other content:
    two shops may number their orders alike.
    """
    changed = stored_side.exists & ~stored_side.foreign & ~stored_side.same & ~assembled.cancels
    if not feed.others or not changed.any():
        return Failures.none()
    written = [
        (match.stored.document[of_changed], match.stored.values("job")[of_changed])
        for match in stored_side.levels.values()
        for of_changed in [match.stored.of_documents(changed)]
    ]
    documents, jobs = (np.concatenate(part) for part in zip(*written, strict=True))
    names = list(stored.names(sorted(set(jobs))).items())
    order = {job: place for place, (job, _) in enumerate(names)}
    latest = np.full(assembled.size, -1, dtype=np.int64)
    np.maximum.at(latest, documents, [order.get(job, -1) for job in jobs])
    of_another = [place for place, (_, name) in enumerate(names) if feed.is_of_another(name)]
    places = np.flatnonzero(np.isin(latest, of_another))
    details = ({"job": job, "name": name} for job, name in (names[at] for at in latest[places]))
    return feed.failures(assembled.header.lines[places], "", "of_another_feed", details)


def _twice(assembled: Assembled, contents: list[str], feed: Feed, rejected: np.ndarray | None) -> Failures:
    """Separate documents with one key: equal ones are duplicates, different ones contradict each other."""
    if assembled.size < 2:
        return Failures.none()
    header, size = assembled.header, assembled.size
    versions = [] if assembled.version is None else [array(np.array(assembled.version, dtype=object)).fill_null("")]
    of_key = row_codes([key_texts(assembled.key), *versions])
    is_one = has_value(assembled.key, feed.document.number) & ~(np.zeros(size, bool) if rejected is None else rejected)
    several = is_one & (np.bincount(of_key[is_one], minlength=size)[of_key] > 1)
    if not several.any():
        return Failures.none()
    places = np.flatnonzero(several)
    _, number = np.unique(of_key[places], return_inverse=True)
    keys = number.max() + 1
    first, second = np.full(keys, -1), np.full(keys, -1)
    first[number[::-1]] = places[::-1]
    later = places != first[number]
    second[number[later][::-1]] = places[later][::-1]
    same = np.array(contents, dtype=object)
    contradict = np.zeros(keys, dtype=bool)
    contradict[number[same[places] != same[first[number]]]] = True
    lines = header.lines
    other = lines[np.where(later, first[number], second[number])]
    duplicate, twice = later & ~contradict[number], contradict[number]
    return Failures.merge(
        feed.failures(lines[places[duplicate]], "", "duplicate", ({"line": int(at)} for at in other[duplicate])),
        feed.failures(lines[places[twice]], "", "document_twice", ({"line": int(at)} for at in other[twice])),
    )


def _similar(assembled: Assembled, stored_side: StoredSide, feed: Feed, stored: Stored) -> Failures:
    """New keys that differ from a stored one, or an earlier one of the drop, only in leading zeros or spelling (A3)."""
    document = feed.document
    number = document.number
    key = whole_key(assembled, feed)
    new = ~stored_side.exists & has_value(key, number) & askable(key) & (~assembled.cancels)
    if not new.any():
        return Failures.none()
    own_folds = folds(key, document)
    again = repeated(row_codes(own_folds.values()))
    of_new = rows_at(own_folds, np.flatnonzero(new))
    similar = stored.similar(document, rows_at(of_new, distinct(of_new)), feed.partner)
    if not length(similar) and not again.any():
        return Failures.none()
    places = np.arange(assembled.size)
    own_keys = plain(own_folds).assign(number=values(key[number]), key=key_text(key), place=places)
    stays = again & ~assembled.only_checked
    others = pd.concat([plain(similar).assign(place=-1), own_keys[stays]], ignore_index=True)
    if feed.keys.split_by:
        others = others.assign(key=_of_orders(others, key, document))
    own, others = own_keys[new].assign(bare=_bare(own_keys[new]["key"])), others.assign(bare=_bare(others["key"]))
    by_zeros = _first_other(own, others, ["unit", "key_fold", "bare"])
    pairs = own.assign(other=by_zeros.fillna(_first_other(own, others, ["unit", "key_fold"])), zeros=by_zeros.notna())
    pairs = pairs[pairs["other"].notna()]
    other_keys = others.loc[pairs["other"].astype("int64"), ["key", "place"]]
    pairs = pairs.assign(key_other=other_keys["key"].to_numpy(), place_other=other_keys["place"].to_numpy())
    lines = assembled.header_lines
    code = np.where(pairs["zeros"], "similar_key", "similar_spelling")
    place_text = np.where(pairs["place_other"] < 0, "which is stored", "which stands earlier in this file")
    differing = [_differing(document, *each) for each in zip(pairs["key"], pairs["key_other"], strict=True)]
    details = pd.DataFrame(
        {
            "line": lines[pairs["place"]],
            "code": code,
            "field": [field for field, _ in differing],
            "detail": [
                {"other": repr(other), "known": how} for (_, other), how in zip(differing, place_text, strict=True)
            ],
        }
    )
    return Failures.merge(
        *(feed.failures(each["line"], str(field), str(code), each["detail"])
          for (code, field), each in details.groupby(["code", "field"]))
    )  # fmt: skip


def _of_orders(others: pd.DataFrame, key: Cells, document: Document) -> pd.Series:
    """The keys of documents, in which parts of orders have the number of the order. ``key``: our own orders."""
    place = document.key.index(document.number)
    parts = [each.split(KEY_SEPARATOR) for each in others["key"]]
    wholes = whole_numbers([each[place] for each in parts], key, document)
    keys = [
        KEY_SEPARATOR.join([*each[:place], whole, *each[place + 1 :]])
        for each, whole in zip(parts, wholes, strict=True)
    ]
    return pd.Series(keys, index=others.index, dtype=others["key"].dtype)


def _first_other(own: pd.DataFrame, others: pd.DataFrame, on: list[str]) -> pd.Series:
    """For each own key the place in ``others`` of the first earlier one that has the same ``on`` columns, but another
    key.

    Both have key and place. Two candidates per group are enough: the first, and the first with another key.
    """
    ranked = others.sort_values("place", kind="stable")
    first = ranked.drop_duplicates(on)
    differ = ranked["key"] != ranked[on].merge(first, on=on, how="left")["key"].to_numpy()
    second = ranked[differ.to_numpy()].drop_duplicates(on)
    one, two = (
        own[on].merge(each[[*on, "key", "place"]].assign(at=each.index), on=on, how="left").set_index(own.index)
        for each in (first, second)
    )
    chosen = one.where(one["key"] != own["key"], two)
    return chosen["at"].where(chosen["place"] < own["place"])


def _bare(keys: pd.Series) -> pd.Series:
    """Keys without the leading zeros of their parts."""
    return keys.str.replace(r"(^|\x1f)0+", r"\1", regex=True)


def _differing(document: Document, key: str, other: str) -> tuple[str, str]:
    """The part in which two keys differ, the number first; and its value in the other key."""
    pairs = dict(zip(document.key, zip(key.split(KEY_SEPARATOR), other.split(KEY_SEPARATOR), strict=True), strict=True))
    for name in (document.number, *document.key):
        ours, theirs = pairs[name]
        if ours != theirs:
            return name, theirs
    raise AssertionError("keys that are alike don't differ")
