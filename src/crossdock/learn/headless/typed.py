"""Lines of several types: the first cell, or the first character, is of a small set, and tells the columns.

The types nest by their order: the first one begins a document; a type that comes several times below one line of the
level above is a level, any other adds to the line above it. A type of the first or the last line alone is no record.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from crossdock.formats.lines.record_types import RecordTypes
from crossdock.learn.headless.fixed import cut
from crossdock.learn.headless.shape import Shape

MOST_TYPES = 8
LONGEST_TYPE = 10
FEWEST_LINES = 4
"""With fewer lines nothing shows that they are of types."""
TYPE_AND_CELL = 2

Rows = Sequence[Sequence[str]]


def shape_of_rows(rows: Rows) -> Shape | None:
    """The shape of delimited lines of several types; None if they are all alike."""
    rows = [row for row in rows if any(row)]
    types = [row[0] for row in rows]
    if not (_are_types(types) and _alternates(types)) or any(len(row) < TYPE_AND_CELL for row in rows):
        return None
    widths: dict[str, set[int]] = {}
    for row in rows:
        widths.setdefault(row[0], set()).add(len(row))
    if any(len(each) > 1 for each in widths.values()) or len({min(widths[name]) for name in _documents(types)}) == 1:
        return None
    columns = {name: [_name(name, place) for place in range(1, min(each))] for name, each in widths.items()}
    return _shape(types, dict(columns), _trailer(rows))


def shape_of_lines(lines: Sequence[str]) -> Shape | None:
    """The shape of lines of several types whose columns are places; None if they are all alike."""
    lines = [line.rstrip() for line in lines if line.strip()]
    words = [line.split()[0] for line in lines]
    ways = [words, *([line[:width] for line in lines] for width in (1, 2, 3))]
    types = next((each for each in ways if _are_types(each) and _alternates(each)), None)
    if types is None:
        return None
    columns = {}
    for name in dict.fromkeys(types):
        places = cut([line for line, each in zip(lines, types, strict=True) if each == name], len(name))
        columns[name] = {_name(name, at): place for at, place in enumerate(places, 1)}
    return _shape(types, dict(columns), {}) if all(columns[each] for each in _documents(types)) else None


def _name(kind: str, place: int) -> str:
    return f"{kind} column {place}"


def _are_types(types: Sequence[str]) -> bool:
    """Whether first cells are of a small set: two at least, each short, and the first one comes again."""
    counts = Counter(types)
    few = 1 < len(counts) <= min(MOST_TYPES, len(types) - 2)
    short = all(re.fullmatch(r"\w+", each) and len(each) <= LONGEST_TYPE for each in counts)
    return len(types) >= FEWEST_LINES and few and short and len(_documents(types)) > 0


def _alternates(types: Sequence[str]) -> bool:
    """Whether the first type comes again after others, as headers of documents do."""
    inner = _documents(types)
    return inner.count(inner[0]) > 1 and len(set(inner)) > 1


def _documents(types: Sequence[str]) -> list[str]:
    """The types without those of the first and the last line, where these come only once."""
    counts, inner = Counter(types), list(types)
    if inner and counts[inner[-1]] == 1 and len(counts) > 2:
        inner = inner[:-1]
    if inner and counts[inner[0]] == 1 and len({*inner}) > 2:
        inner = inner[1:]
    return inner if inner and len(set(inner)) > 1 else []


def _levels(types: Sequence[str]) -> list[str]:
    """The types that nest, the outermost first."""
    order = list(dict.fromkeys(types))
    levels = order[:1]
    for name in order[1:]:
        times, most = 0, 0
        for each in types:
            times = 0 if each == levels[-1] else times + (each == name)
            most = max(most, times)
        if most > 1:
            levels.append(name)
    return levels if len(levels) > 1 else [order[0], order[-1]]


def _trailer(rows: Rows) -> dict[str, list[str]]:
    """By type of the last line what its cells count, if all of them count lines of the file."""
    counts, last = Counter(row[0] for row in rows), rows[-1]
    if counts[last[0]] > 1:
        return {}
    sums = {str(times): name for name, times in reversed(counts.items()) if name != last[0]}
    sums.setdefault(str(len(rows)), "+".join(counts))
    meant = [sums.get(cell.lstrip("0"), "") for cell in last[1:]]
    return {last[0]: meant} if any(meant) else {}


def _shape(types: Sequence[str], columns: dict[str, Any], trailer: Mapping[str, list[str]]) -> Shape:
    inner = _documents(types)
    records = {name: each for name, each in columns.items() if name in inner}
    ignored = [name for name in columns if name not in records and name not in trailer]
    options: dict[str, Any] = {"records": records, "levels": _levels(inner)}
    options |= {"ignore": ignored} if ignored else {}
    options |= {"counts": dict(trailer)} if trailer else {}
    names = frozenset(name for each in records.values() for name in each)
    remark = f"levels: by the order of the lines {' > '.join(options['levels'])} nest; is it so in every file?"
    return Shape(options, RecordTypes.name, names, (remark,))
