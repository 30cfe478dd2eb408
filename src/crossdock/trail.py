"""What an import changes of stored rows, kept so that ``show --history`` can tell it field by field."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from crossdock.columns import array, key_text
from crossdock.compare import Differences, Taking
from crossdock.documents.document import Document, Field, Level
from crossdock.feeds import Feed
from crossdock.model import Gathered
from crossdock.recall import Recalled, chained
from crossdock.rows import LevelChanges, LevelMatch, json_texts

_ENCODED = json.JSONEncoder(ensure_ascii=False).encode
HEADER_ROW = "[]"
"""The row key of a header: it has none besides its document's."""


def history(gathered: Gathered, recalled: Recalled, found: Differences, feed: Feed, taking: Taking) -> pd.DataFrame:
    """What is changed of stored documents, a row per stored row: document (its type), key, level, row_key (JSON list),
    what, before (JSON object of what differs, by our outward names), line.
    """
    keys = key_text(gathered.key)
    parts = [_of_headers(gathered, recalled, found, feed.document, taking, keys)]
    for changes in found.levels.values():
        parts += _of_level(gathered, recalled, changes, feed.document, taking, keys)
    filled = [part for part in parts if len(part)]
    return pd.concat(filled, ignore_index=True) if filled else pd.DataFrame()


def _entries(
    document: Document,
    keys: np.ndarray,
    level: Level,
    row_keys: list[str] | str,
    what: np.ndarray | str,
    before: Iterable[Mapping[str, Any]] | None,
    lines: np.ndarray,
) -> pd.DataFrame:
    texts = "{}" if before is None else [_ENCODED(each) for each in before]
    return pd.DataFrame(
        {
            "document": document.name,
            "key": keys,
            "level": level.title,
            "row_key": row_keys,
            "what": what,
            "before": texts,
            "line": lines,
        },
        index=range(len(keys)),
    )


def _of_headers(
    gathered: Gathered, recalled: Recalled, found: Differences, document: Document, taking: Taking, keys: np.ndarray
) -> pd.DataFrame:
    match = recalled.levels["header"]
    changed = np.flatnonzero(taking.documents & recalled.exists & (found.header | found.state))
    stored = match.stored.cells.take(match.stored_row[changed])
    state = found.state[changed]
    was = zip(stored["job"].tolist(), stored["line"].tolist(), stored["state"].tolist(), state.tolist(), strict=True)
    marks = ({"@job": job, "@line": int(line)} | ({"state": before} if turned else {})
             for job, line, before, turned in was)  # fmt: skip
    values = _before(match, _kept(document, document.header), changed, gathered.cancels[changed])
    return _entries(
        document,
        keys[changed],
        document.header,
        HEADER_ROW,
        np.where(gathered.cancels[changed], "cancelled", np.where(state, "reopened", "changed")),
        (before | mark for before, mark in zip(values, marks, strict=True)),
        gathered.header_lines[changed],
    )


def _of_level(
    gathered: Gathered, recalled: Recalled, changes: LevelChanges, document: Document, taking: Taking, keys: np.ndarray
) -> list[pd.DataFrame]:
    """The rows of a level below the header that are changed, added to a stored document, and dropped."""
    match, sent, stored = changes.match, changes.match.sent, changes.match.stored
    level, columns = sent.level, [each.field(name).column for each in document.chain(sent.level) for name in each.key]
    taken = taking.rows[level.title] & sent.of_documents(taking.documents)
    changed = np.flatnonzero(changes.changed & taken)
    cancels = gathered.cancels_rows(level.title)[changed]
    added = np.flatnonzero(changes.new & taken & sent.of_documents(recalled.exists))
    chain = chained(gathered, document, level)
    sent_keys = zip(*(chain[name].take(pa.array(added)).to_pylist() for name in columns), strict=True)
    dropped = np.flatnonzero(changes.dropped & stored.of_documents(taking.documents))
    return [
        _entries(
            document,
            keys[sent.document[changed]],
            level,
            json_texts(stored.texts(columns, match.stored_row[changed])),
            np.where(cancels, "cancelled", "changed"),
            _before(match, _kept(document, level), changed, cancels),
            sent.lines[changed],
        ),
        _entries(document, keys[sent.document[added]], level, json_texts(sent_keys), "added", None, sent.lines[added]),
        _entries(
            document,
            keys[stored.document[dropped]],
            level,
            json_texts(stored.texts(columns, dropped)),
            "cancelled",
            None,
            gathered.header_lines[stored.document[dropped]],
        ),
    ]


def _kept(document: Document, level: Level) -> dict[str, Field]:
    """The fields of which the history keeps what they were."""
    fields = document.of(level).items()
    return {name: field for name, field in fields if field.stored and field.name not in level.key}


def _before(
    match: LevelMatch, fields: Mapping[str, Field], places: np.ndarray, cancels: np.ndarray
) -> list[dict[str, Any]]:
    """The stored values of what differs in those sent rows, by our outward names, as text."""
    before: list[dict[str, Any]] = [{} for _ in places]
    if not len(places):
        return before
    for name, field in fields.items():
        if name not in match.sent.cells:
            continue
        differing = np.flatnonzero(match.differs(name, field)[places] & ~cancels)
        stored = array(match.stored.cells[field.column]).take(pa.array(match.stored_row[places[differing]]))
        for place, value in zip(differing.tolist(), stored.to_pylist(), strict=True):
            before[place][field.name] = value if value is None or isinstance(value, bool | int) else str(value)
    return before
