"""What an import changes of stored rows, kept so that ``show --history`` can tell it field by field."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from crossdock.columns import array, comparable, differs, key_text, taken
from crossdock.compare import Differences, Taking
from crossdock.documents.document import Document, Level
from crossdock.feeds import Feed
from crossdock.model import Gathered
from crossdock.recall import Recalled, chained


def history(gathered: Gathered, recalled: Recalled, found: Differences, feed: Feed, taking: Taking) -> pd.DataFrame:
    """What is changed of stored documents, a row a stored row: what it said before, as JSON."""
    document = feed.document
    keys = key_text(gathered.key)
    made: list[dict[str, Any]] = []
    cancels = gathered.actions("header") == "cancel"
    lines = gathered.levels["header"].index.to_numpy(dtype=np.int64)
    headers = np.flatnonzero(taking.documents & recalled.exists & (found.header | found.state))
    before = _before(gathered, recalled, document, document.header, headers)
    for place, was in zip(headers.tolist(), before, strict=True):
        what = "cancelled" if cancels[place] else "reopened" if found.state[place] else "changed"
        row = recalled.header.iloc[recalled.at["header"][place]]
        state = {"@job": row["job"], "@line": int(row["line"])}
        state |= {"state": row["state"]} if found.state[place] else {}
        made.append(_entry(document, keys[place], "header", "[]", what, was | state, lines[place]))
    for level in document.inner:
        title = level.title
        owner, at = gathered.document[title], recalled.at[title]
        taken_rows = taking.rows[title] & taking.documents[owner]
        changed = np.flatnonzero(found.changed[title] & taken_rows)
        row_lines = gathered.levels[title].index.to_numpy(dtype=np.int64)
        row_cancels = gathered.actions(title) == "cancel"
        before = _before(gathered, recalled, document, level, changed)
        for place, was in zip(changed.tolist(), before, strict=True):
            what = "cancelled" if row_cancels[place] else "changed"
            row = _row_key(recalled, level, document, int(at[place]))
            made.append(_entry(document, keys[owner[place]], title, row, what, was, row_lines[place]))
        new = np.flatnonzero(found.new[title] & taken_rows & recalled.exists[owner])
        names = chained(gathered, document, level)
        for place in new.tolist():
            row = json.dumps([values[place].as_py() for values in names.values()], ensure_ascii=False)
            made.append(_entry(document, keys[owner[place]], title, row, "added", {}, row_lines[place]))
        for place in found.gone[title].tolist():
            of = int(recalled.owner[title][place])
            if taking.documents[of]:
                row = _row_key(recalled, level, document, place)
                made.append(_entry(document, keys[of], title, row, "cancelled", {}, lines[of]))
    return pd.DataFrame(made)


def _entry(
    document: Document, key: str, level: str, row: str, what: str, before: dict[str, Any], line: int
) -> dict[str, Any]:
    return {"document": document.name, "key": key, "level": level, "row_key": row, "what": what,
            "before": json.dumps(before, ensure_ascii=False), "line": int(line)}  # fmt: skip


def _row_key(recalled: Recalled, level: Level, document: Document, place: int) -> str:
    row = recalled.rows[level.title].iloc[place]
    columns = [each.field(name).column for each in document.chain(level) for name in each.key]
    return json.dumps([str(row[name]) for name in columns], ensure_ascii=False)


def _before(
    gathered: Gathered, recalled: Recalled, document: Document, level: Level, places: np.ndarray
) -> list[dict[str, Any]]:
    """The stored values of what differs in those rows, by our outward names, as text."""
    made: list[dict[str, Any]] = [{} for _ in places]
    if not len(places):
        return made
    frame, rows = gathered.levels[level.title], recalled.rows[level.title]
    at = recalled.at[level.title][places]
    cancels = gathered.actions(level.title)[places] == "cancel"
    for name, field in document.of(level).items():
        if not (field.stored and name in frame) or field.name in level.key:
            continue
        stored = taken(array(rows[field.column]), at)
        other = differs(comparable(array(frame[name]).take(pa.array(places)), field), comparable(stored, field))
        for place in np.flatnonzero(other & ~cancels).tolist():
            value = stored[place].as_py()
            made[place][field.name] = value if value is None or isinstance(value, bool | int) else str(value)
    return made
