"""What an import changes in stored rows, kept so that ``show --history`` can show it field by field."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crossdock.frames.columns import NO_TABLE, json_texts, key_text
from crossdock.frames.rows import LevelChanges, LevelMatch
from crossdock.model.batch import Assembled
from crossdock.partners.feed import Feed
from crossdock.pipeline.lookup.stored_side import StoredSide, chained
from crossdock.pipeline.reconcile.differences import Differences
from crossdock.pipeline.reconcile.row_writes import Taking
from crossdock.schema.document import Document, Field, Level

HEADER_ROW = "[]"
"""The row key of a header: it has no key besides its document's."""
NOTHING = "{}"
"""The old values of a row none of whose kept fields differs."""


def change_history(
    assembled: Assembled, stored_side: StoredSide, differing: Differences, feed: Feed, taking: Taking
) -> pd.DataFrame:
    """What changes in stored documents, one row per stored row: document (its type), key, level, row_key (JSON list),
    what, before (JSON object of the fields that differ, by our outward names), line.
    """
    if not stored_side.exists.any():
        return NO_TABLE
    keys = key_text(assembled.key)
    parts = [_of_headers(assembled, stored_side, differing, feed.document, taking, keys)]
    for changes in differing.levels.values():
        parts += _of_level(assembled, stored_side, changes, feed.document, taking, keys)
    filled = [part for part in parts if len(part)]
    return pd.concat(filled, ignore_index=True) if filled else NO_TABLE


def _entries(
    document: Document,
    keys: np.ndarray,
    level: Level,
    row_keys: np.ndarray | str,
    what: np.ndarray | str,
    before: np.ndarray | str,
    lines: np.ndarray,
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "document": document.name,
            "key": keys,
            "level": level.title,
            "row_key": row_keys,
            "what": what,
            "before": before,
            "line": lines,
        },
        index=range(len(keys)),
    )


def _of_headers(
    assembled: Assembled,
    stored_side: StoredSide,
    differing: Differences,
    document: Document,
    taking: Taking,
    keys: np.ndarray,
) -> pd.DataFrame:
    match = stored_side.levels["header"]
    changed = np.flatnonzero(taking.documents & stored_side.exists & (differing.header | differing.state))
    state = differing.state[changed]
    stored = {name: match.stored.cells[name].take(pa.array(match.stored_row[changed]))
              for name in ("job", "line", "state")}  # fmt: skip
    members = _members(match, _kept(document, document.header), changed, assembled.cancels[changed])
    members += [
        _member("@job", stored["job"]),
        _member("@line", stored["line"]),
        _member("state", stored["state"], state),
    ]
    return _entries(
        document,
        keys[changed],
        document.header,
        HEADER_ROW,
        np.where(assembled.cancels[changed], "cancelled", np.where(state, "reopened", "changed")),
        _objects(members, len(changed)),
        assembled.header_lines[changed],
    )


def _of_level(
    assembled: Assembled,
    stored_side: StoredSide,
    changes: LevelChanges,
    document: Document,
    taking: Taking,
    keys: np.ndarray,
) -> list[pd.DataFrame]:
    """The rows of a level below the header that are changed, added to a stored document, and dropped."""
    match, sent, stored = changes.match, changes.match.sent, changes.match.stored
    level, columns = sent.level, [each.field(name).column for each in document.chain(sent.level) for name in each.key]
    taken = taking.rows[level.title] & sent.of_documents(taking.documents)
    changed = np.flatnonzero(changes.changed & taken)
    cancels = assembled.cancels_rows(level.title)[changed]
    added = np.flatnonzero(changes.new & taken & sent.of_documents(stored_side.exists))
    chain = chained(assembled, document, level)
    sent_keys = _lists([chain[name].take(pa.array(added)) for name in columns])
    stored_keys = [stored.cells[column] for column in columns]
    dropped = np.flatnonzero(changes.dropped & stored.of_documents(taking.documents))
    return [
        _entries(
            document,
            keys[sent.document[changed]],
            level,
            _lists([values.take(pa.array(match.stored_row[changed])) for values in stored_keys]),
            np.where(cancels, "cancelled", "changed"),
            _objects(_members(match, _kept(document, level), changed, cancels), len(changed)),
            sent.lines[changed],
        ),
        _entries(document, keys[sent.document[added]], level, sent_keys, "added", NOTHING, sent.lines[added]),
        _entries(
            document,
            keys[stored.document[dropped]],
            level,
            _lists([values.take(pa.array(dropped)) for values in stored_keys]),
            "cancelled",
            NOTHING,
            assembled.header_lines[stored.document[dropped]],
        ),
    ]


def _kept(document: Document, level: Level) -> dict[str, Field]:
    """The fields whose old values the history keeps."""
    fields = document.of(level).items()
    return {name: field for name, field in fields if field.stored and field.name not in level.key}


def _members(match: LevelMatch, fields: Mapping[str, Field], places: np.ndarray, cancels: np.ndarray) -> list[pa.Array]:
    """For each field that differs anywhere, the stored values of those sent rows as JSON members; null where equal."""
    members = []
    for name, field in fields.items() if len(places) else ():
        if name not in match.sent.cells:
            continue
        differing = match.differs(name, field)[places] & ~cancels
        if differing.any():
            stored = match.stored.cells[field.column].take(pa.array(match.stored_row[places]))
            members.append(_member(field.name, stored, differing))
    return members


def _member(name: str, values: pa.Array, there: np.ndarray | None = None) -> pa.Array:
    """Values as members of a JSON object; null where they are not ``there``."""
    members = pc.binary_join_element_wise(f"{json.dumps(name)}: ", json_texts(values), "")
    return members if there is None else pc.if_else(pa.array(there), members, pa.scalar(None, pa.string()))


def _objects(members: list[pa.Array], rows: int) -> np.ndarray:
    """One JSON object per row, of the members that it has."""
    if not members:
        return np.full(rows, NOTHING, dtype=object)
    # Arrow leaves a row out whose values are all null (narwhals-dev/narwhals#3965): the first one never is
    joined = pc.binary_join_element_wise("", *members, ", ", null_handling="skip")
    return _wrapped("{", pc.replace_substring_regex(joined, "^, ", ""), "}")


def _lists(values: Iterable[pa.Array]) -> np.ndarray:
    """One JSON list per row."""
    return _wrapped("[", pc.binary_join_element_wise(*map(json_texts, values), ", "), "]")


def _wrapped(opening: str, inner: pa.Array, closing: str) -> np.ndarray:
    return pc.binary_join_element_wise(opening, inner, closing, "").to_numpy(zero_copy_only=False)
