"""JSON: the API's ``{"data": [...]}``, a bare array, one object, or one object a line; nested or flat.

Strategy: the text is read in chunks and the standard library's decoder takes one element at a time off it, so memory
stays flat; numbers stay the text that was written, duplicate names are found, NaN and Infinity are refused. An object
becomes a record for each element of its array of lines, or one record where it has none. Broken JSON can't be read
on safely and refuses the file, except between objects of one line each, where only that line is torn.
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from crossdock.documents.names import fold
from crossdock.failures import Refused
from crossdock.feeds import Options
from crossdock.formats import text
from crossdock.formats.source import Source
from crossdock.model import Block, Clues, Note

RECORDS = 20_000
"""Records of a block."""
SHIFT = 20
"""Bits of a record's number that tell its place in the object: 0 the object itself, else the element's place + 1."""

Cells = dict[str, str | None]
_Element = tuple[Any, str | None, str | None]
"""A value, what is wrong with it, and the details of that."""


def place(line: int, written: Mapping[str, Any]) -> str:
    """``/data/3/orderLines/0``: a JSON pointer (RFC 6901) to the innermost object."""
    number, inner = line >> SHIFT, line & ((1 << SHIFT) - 1)
    path = f"{written['prefix']}/{number - 1}"
    return f"{path}/{written['array']}/{inner - 1}" if inner else path


def span(first: int, last: int, written: Mapping[str, Any], joined: str) -> str:
    """``/data/0 – /data/3``."""
    return f"{place(first, written)} {joined.strip()} {place(last, written)}"


def of_document(line: int) -> int:
    """The number of the object that a record is part of."""
    return line >> SHIFT << SHIFT


@dataclass
class _Records:
    """Records on their way into a block."""

    cells: list[Cells] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    objects: list[int] = field(default_factory=list)
    faults: list[str | None] = field(default_factory=list)
    details: list[str | None] = field(default_factory=list)

    def extend(self, other: _Records) -> None:
        """Put other records behind these."""
        self.cells += other.cells
        self.lines += other.lines
        self.objects += other.objects
        self.faults += other.faults
        self.details += other.details


class Json:
    """Reads one JSON file."""

    plain_numbers = True
    notes: Sequence[Note] = ()

    def __init__(self, path: Path, options: Options, clues: Clues) -> None:
        self._path = path
        self._known = clues.kinds
        self._arrays = clues.arrays
        self._array = "lines"
        self._prefix = ""
        self._wanted = (options.path or "data").strip("/")
        self.encoding = text.establish(path, options.encoding)

    @property
    def written(self) -> Mapping[str, Any]:
        """Format, encoding, and how a place in it is written. Complete once all blocks were read."""
        return {"format": "json", "encoding": self.encoding, "prefix": self._prefix, "array": self._array}

    def blocks(self) -> Iterator[Block]:
        """The records in file order."""
        records = _Records()
        for number, (value, fault, detail) in enumerate(self._elements(), 1):
            self._take(records, number << SHIFT, value, fault, detail)
            if len(records.lines) >= RECORDS:
                yield _block(records)
                records = _Records()
        yield _block(records)

    def _elements(self) -> Iterator[_Element]:
        """Each document's object, or what stands in its place and why that is wrong."""
        source = Source(text.decoded(self._path, self.encoding))
        by_line = False
        while source.peek():
            line = source.whole_line(self._wanted) if by_line or source.peek() == "{" else None
            if by_line and line is None:
                source.line()
                yield {}, "bad_json", json.dumps({"reason": "the line is not one object"})
            elif line is not None:
                by_line = True
                yield _checked(line, source.twice)
            elif source.peek() == "{":
                yield from self._members(source)
                source.nothing_follows()
            else:
                yield from _array_of(source)
                source.nothing_follows()

    def _members(self, source: Source) -> Iterator[_Element]:
        """An envelope, whose wanted member is streamed, or an object that is a document itself."""
        source.expect("{")
        members: dict[str, Any] = {}
        twice: list[str] = []
        enveloped = False
        while source.peek() != "}":
            if source.peek() != '"':
                source.fail("a name in double quotes is expected")
            name = str(source.value())
            source.expect(":")
            if name == self._wanted and source.peek() in ("[", "{"):
                enveloped, self._prefix = True, f"/{self._wanted}"
                if source.peek() == "[":
                    yield from _array_of(source)
                else:
                    yield _checked(source.value(), source.twice)
            else:
                twice += [name] if name in members else []
                members[name] = source.value()
                twice += source.twice
            if source.peek() != ",":
                break
            source.expect(",")
        source.expect("}")
        if not enveloped:
            yield _checked(members, twice)

    def _take(self, records: _Records, line: int, value: Any, fault: str | None, detail: str | None) -> None:
        head: Cells = {}
        lines: list[Any] = []
        nested = False
        wrong: list[str] = []
        for name, each in (value if isinstance(value, dict) else {}).items():
            if fold(name) in self._arrays and isinstance(each, list):
                wrong += [f"{name} and {self._array} are both its lines"] if nested else []
                nested, lines, self._array = True, each, name
            else:
                wrong += _flatten(head, name, each, self._known)
        if len(lines) >= (1 << SHIFT) - 1:
            raise Refused("document_too_large", records=len(lines), limit=(1 << SHIFT) - 2)
        of = line >> SHIFT if nested else -(line >> SHIFT)
        found = _Records()
        if not lines:
            _add(found, line, of, head, fault, detail)
        for place_in, each in enumerate(lines):
            cells = dict(head) if place_in == 0 else {}
            own_fault, own_detail = (fault, detail) if place_in == 0 else (None, None)
            if isinstance(each, dict):
                for name, inner in each.items():
                    wrong += _flatten(cells, f"{self._array}.{name}", inner, self._known)
            elif own_fault is None:
                own_fault = "not_an_object"
                own_detail = json.dumps({"what": json.dumps(each, ensure_ascii=False)[:40]})
            _add(found, line + place_in + 1, of, cells, own_fault, own_detail)
        if wrong and found.faults[0] is None:
            found.faults[0], found.details[0] = "bad_json", json.dumps({"reason": "; ".join(wrong)}, ensure_ascii=False)
        records.extend(found)


def _array_of(source: Source) -> Iterator[_Element]:
    source.expect("[")
    while source.peek() != "]":
        yield _checked(source.value(), source.twice)
        if source.peek() != ",":
            break
        source.expect(",")
        if source.peek() == "]":
            source.fail("a comma stands before the closing bracket")
    source.expect("]")


def _checked(value: Any, twice: list[str]) -> _Element:
    if not isinstance(value, dict):
        return {}, "not_an_object", json.dumps({"what": json.dumps(value, ensure_ascii=False)[:40]})
    if twice:
        return value, "name_twice", json.dumps({"names": ", ".join(sorted(set(twice)))}, ensure_ascii=False)
    return value, None, None


def _add(records: _Records, line: int, of: int, cells: Cells, fault: str | None, detail: str | None) -> None:
    for name, value in cells.items():
        if value is not None and not _storable(value):
            cells[name] = value.encode("utf-8", errors="replace").decode()
            fault = fault or "bad_json"
            detail = detail or json.dumps({"reason": "a text holds half of a character"})
    records.cells.append(cells)
    records.lines.append(line)
    records.objects.append(of)
    records.faults.append(fault)
    records.details.append(detail)


def _storable(value: str) -> bool:
    """False for lone surrogates, which no encoding can write."""
    if value.isascii():
        return True
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _flatten(cells: Cells, name: str, value: Any, known: Container[str]) -> list[str]:
    """Nested objects become dotted names; gives what is wrong: a name twice, a list where one value belongs."""
    if isinstance(value, dict):
        return [wrong for inner, each in value.items() for wrong in _flatten(cells, f"{name}.{inner}", each, known)]
    wrong = [f"{name} stands twice"] if name in cells else []
    if isinstance(value, list) and fold(name) in known:
        wrong.append(f"{name} is a list where one value belongs")
    if value is None or isinstance(value, str):
        cells[name] = value
    elif isinstance(value, bool):
        cells[name] = "true" if value else "false"
    else:
        cells[name] = json.dumps(value, ensure_ascii=False)
    return wrong


def _block(records: _Records) -> Block:
    names: dict[str, None] = {}
    for cells in records.cells:
        names.update(dict.fromkeys(cells))
    columns = {name: pa.array([cells.get(name) for cells in records.cells], pa.string()) for name in names}
    return Block(
        cells=pa.table(columns) if columns else pa.table({"": pa.nulls(len(records.lines), pa.string())}),
        lines=np.array(records.lines, dtype=np.int64),
        objects=np.array(records.objects, dtype=np.int64),
        faults=pa.array(records.faults, pa.string()),
        details=pa.array(records.details, pa.string()),
    )
