"""JSON: the API's ``{"data": [...]}``, a bare array, one object, or one object per line; nested or flat.

Strategy: the text is read in chunks and the standard library's decoder takes one element at a time from it, so memory
stays flat; numbers stay the text that was written, duplicate names are detected, NaN and Infinity are refused. An
object becomes one record per element of its innermost arrays of lines, or one record if it has none. After broken JSON
nothing can be read safely, so the file is refused; but if each object is one line, only that line is torn. A byte that
is no text fails the value that it is part of, or else its object (``json_stream``). JSON defines what a number is, the
feed what a text is; numbers are rewritten in the feed's notation, so later steps treat both the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pyarrow as pa
from pydantic import Field

from crossdock.failures.refusals import Refused
from crossdock.formats import text
from crossdock.formats.delimited import tidy
from crossdock.formats.format import Arrays, Block, Clues, Format, Note, Options, Written, cells_of
from crossdock.formats.json_stream import Number, Source, whole
from crossdock.frames.numerals import expanded
from crossdock.schema.document import NUMBERS, Kind
from crossdock.schema.names import fold

RECORDS = 20_000
"""How many records a block has."""
SHIFT = 20
"""Bits of a record's number for its place in an array: 0 is the object itself, else the element's place + 1."""
BESIDE = 18
"""Of these, the lower bits for the place; the bits above are the number of the array within the object."""

Cells = dict[str, str | None]
_Element = tuple[Any, str | None, str | None]
"""A value, the code of its fault or None, and the fault's details as JSON or None."""
_SCALARS = {'"': "a text", "t": "true", "f": "false", "n": "null"}
"""What a JSON text is, by its first character."""


class JsonOptions(Options):
    """The options of JSON files."""

    encoding: text.Encoding = None
    path: str | None = Field(None, description="the member with the documents; else `data`, or the file itself")


class Json(Format[JsonOptions]):
    """JSON files. A record's line combines the number of its object and its places in the arrays inside it."""

    name = "json"
    options = JsonOptions
    nested = True
    has_lines = False

    def sniff(self, head: bytes, path: Path) -> bool:
        """Whether it begins with an object or an array."""
        return text.bare(head)[:1] in (b"{", b"[")

    def reader(self, path: Path, options: JsonOptions, clues: Clues) -> Reader:
        """A reader of one JSON file. Raises ``Refused`` if its encoding can't be read."""
        return Reader(path, options, clues)

    def place(self, line: int, written: Written) -> str:
        """``/data/3/orderLines/0``: a JSON pointer (RFC 6901) to the innermost object."""
        arrays = _arrays(written)
        path = f"{written['prefix']}/{(line >> SHIFT * len(arrays)) - 1}"
        for depth, names in enumerate(arrays, 1):
            at = (line >> SHIFT * (len(arrays) - depth)) & ((1 << SHIFT) - 1)
            if at:
                path += f"/{names[min(at >> BESIDE, len(names) - 1)]}/{(at & ((1 << BESIDE) - 1)) - 1}"
        return path

    def span(self, first: int, last: int, written: Written, joined: str) -> str:
        """``/data/0 – /data/3``."""
        return f"{self.place(first, written)} {joined.strip()} {self.place(last, written)}"

    def of_document(self, line: int, written: Written) -> int:
        """The number of the object that a record is part of."""
        bits = SHIFT * len(_arrays(written))
        return line >> bits << bits

    def column(self, heading: str, written: Written) -> str:
        """A member's name without the name of the array of lines that contains it."""
        head, _, rest = heading.partition(".")
        return rest if rest and fold(head) in {fold(each) for names in _arrays(written) for each in names} else heading


def _arrays(written: Written) -> list[list[str]]:
    """The names of the arrays of lines, by depth; older jobs have one."""
    return written.get("arrays") or [[written.get("array") or ""]]


@dataclass
class _Records:
    """Records that are collected for a block."""

    cells: list[Cells] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    objects: list[int] = field(default_factory=list)
    faults: list[str | None] = field(default_factory=list)
    details: list[str | None] = field(default_factory=list)

    def extend(self, other: _Records) -> None:
        """Append other records."""
        self.cells += other.cells
        self.lines += other.lines
        self.objects += other.objects
        self.faults += other.faults
        self.details += other.details


class Reader:
    """Reads one JSON file."""

    plain_numbers = False

    def __init__(self, path: Path, options: JsonOptions, clues: Clues) -> None:
        self._path = path
        self._kinds = clues.kinds
        self._decimal = clues.decimal
        self._arrays = clues.arrays
        self._depth = max(1, _depth(clues.arrays))
        self._names = _usual(clues.arrays, self._depth)
        self._prefix = ""
        self._wanted = (options.path or "data").strip("/")
        self._look = text.inspect(path, options.encoding)

    @property
    def written(self) -> Written:
        """Format, encoding, and how a place in it is written. Complete after all blocks are read."""
        return {"format": Json.name, "encoding": self._look.encoding, "prefix": self._prefix, "arrays": self._names}

    @property
    def notes(self) -> Sequence[Note]:
        """The warnings about the encoding."""
        return self._look.notes

    def blocks(self) -> Iterator[Block]:
        """The records in file order."""
        for records in self._blocks():
            yield tidy.legible(_block(records), self._look)

    def _blocks(self) -> Iterator[_Records]:
        records = _Records()
        for number, (value, fault, detail) in enumerate(self._elements(), 1):
            try:
                self._take(records, number, value, fault, detail)
            except RecursionError:
                flat = {name: each for name, each in value.items() if not isinstance(each, dict | list)}
                self._take(records, number, flat, "bad_json", json.dumps({"reason": "it is nested too deeply"}))
            if len(records.lines) >= RECORDS:
                yield records
                records = _Records()
        yield records

    def _elements(self) -> Iterator[_Element]:
        """Each document's object, or what is in its place and why that is wrong."""
        source = Source(text.decoded(self._path, self._look.encoding, marked=self._look.marked), self._look)
        by_line = False
        while source.peek():
            line = source.whole_line(self._wanted) if by_line or source.peek() == "{" else None
            if by_line and line is None:
                source.line()
                yield _torn(["the line is not one object", *source.lost()])
            elif line is not None:
                by_line = True
                yield _checked(line, source.twice, [*source.wrong, *source.lost()])
            elif source.peek() == "{":
                yield from self._members(source)
                source.nothing_follows()
            else:
                if source.peek() in _SCALARS or source.peek() in "-0123456789":
                    _refuse_scalar(source)
                yield from _array_of(source)
                source.nothing_follows()
        if lost := source.lost():
            yield _torn(lost)

    def _members(self, source: Source) -> Iterator[_Element]:
        """The documents of an envelope, whose wanted member is streamed; or the object, if it is a document itself."""
        source.expect("{")
        members: dict[str, Any] = {}
        twice: list[str] = []
        wrong: list[str] = []
        enveloped = False
        while source.peek() != "}":
            if source.peek() != '"':
                source.fail("a name in double quotes is expected")
            name = source.name()
            wrong += source.wrong
            source.expect(":")
            if name == self._wanted and source.peek() in ("[", "{"):
                enveloped, self._prefix = True, f"/{self._wanted}"
                if source.peek() == "[":
                    yield from _array_of(source)
                else:
                    value = source.value()
                    yield _checked(value, source.twice, [*source.wrong, *source.lost()])
            else:
                twice += [name] if name in members else []
                members[name] = source.value()
                twice += source.twice
                wrong += source.wrong
            if source.peek() != ",":
                break
            source.expect(",")
        source.expect("}")
        if not enveloped:
            yield _checked(members, twice, [*wrong, *source.lost()])

    def _take(self, records: _Records, number: int, value: Any, fault: str | None, detail: str | None) -> None:
        taken = _Records()
        wrong: list[str] = []
        head, inside = self._split(value if isinstance(value, dict) else {}, self._arrays, "", 0, wrong)
        line = number << SHIFT * self._depth
        of = number if inside else -number
        for at, cells, own in self._elements_of(inside, 1, wrong):
            first = not taken.lines
            own_fault, own_detail = (fault, detail) if first and fault else own
            _add(taken, line + at, of, head | cells if first else cells, own_fault, own_detail)
        if not taken.lines:
            _add(taken, line, of, head, fault, detail)
        if wrong and taken.faults[0] is None:
            taken.faults[0], taken.details[0] = (
                "bad_json",
                json.dumps({"reason": "; ".join(wrong)}, ensure_ascii=False),
            )
        records.extend(taken)

    def _split(
        self, value: Mapping[str, Any], arrays: Arrays, prefix: str, depth: int, wrong: list[str]
    ) -> tuple[Cells, list[tuple[int, str, list[Any], Arrays]]]:
        """An object's own cells under dotted names, and its arrays of lines: number, name, elements, arrays inside."""
        cells: Cells = {}
        inside: dict[int, tuple[int, str, list[Any], Arrays]] = {}
        for name, each in value.items():
            array = arrays.get(fold(name))
            if array is not None and isinstance(each, list):
                beside, below = array
                wrong += [f"{name} and {inside[beside][1]} are both its lines"] if beside in inside else []
                if len(each) >= (1 << BESIDE) - 1:
                    raise Refused("document_too_large", records=len(each), limit=(1 << BESIDE) - 2)
                inside[beside] = (beside, name, each, below)
                self._names[depth][beside] = name
            else:
                wrong += _flatten(cells, f"{prefix}{name}", each, self._kinds, self._decimal)
        return cells, [inside[beside] for beside in sorted(inside)]

    def _elements_of(
        self, inside: list[tuple[int, str, list[Any], Arrays]], depth: int, wrong: list[str]
    ) -> Iterator[tuple[int, Cells, tuple[str | None, str | None]]]:
        """The records of an object's arrays: their place in it, their cells, their fault with its details."""
        for beside, name, elements, arrays in inside:
            for place_in, each in enumerate(elements, 1):
                at = ((beside << BESIDE) | place_in) << SHIFT * (self._depth - depth)
                if not isinstance(each, dict):
                    yield at, {}, ("not_an_object", _what(each))
                    continue
                cells, below = self._split(each, arrays, f"{name}.", depth, wrong)
                empty = True
                for inner, own, fault in self._elements_of(below, depth + 1, wrong):
                    empty = False
                    yield at + inner, cells | own, fault
                if empty:
                    yield at, cells, (None, None)


def _depth(arrays: Arrays) -> int:
    return max((1 + _depth(below) for _, below in arrays.values()), default=0)


def _usual(arrays: Arrays, depth: int) -> list[list[str]]:
    """The names of the arrays by depth and number, until the file shows how it spells them."""
    names: list[list[str]] = []
    level = [arrays]
    for _ in range(depth):
        usual = {beside: name for each in level for name, (beside, _) in reversed(list(each.items()))}
        names.append([usual[beside] for beside in sorted(usual)] or ["lines"])
        level = [below for each in level for _, below in each.values()]
    return names


def _array_of(source: Source) -> Iterator[_Element]:
    source.expect("[")
    while source.peek() != "]":
        value, twice, wrong = source.value(), source.twice, [*source.wrong, *source.lost()]
        following = source.peek()
        behind = source.lost()
        yield _checked(value, twice, wrong + behind)
        if following == "{" and behind:  # the lost bytes were the comma
            continue
        if following != ",":
            break
        source.expect(",")
        if source.peek() == "]":
            source.fail("a comma stands before the closing bracket")
    source.expect("]")


def _refuse_scalar(source: Source) -> NoReturn:
    """Refuse valid JSON that is neither an object nor an array, with what it is."""
    what = _SCALARS.get(source.peek(), "a number")
    source.value()
    source.nothing_follows()
    raise Refused("unreadable", what=f"JSON that holds no object but {what}")


def _torn(reasons: Sequence[str]) -> _Element:
    return {}, "bad_json", json.dumps({"reason": "; ".join(reasons)}, ensure_ascii=False)


def _checked(value: Any, twice: list[str], wrong: list[str]) -> _Element:
    if not isinstance(value, dict):
        return {}, "not_an_object", _what(value)
    if wrong:
        return value, "bad_json", json.dumps({"reason": wrong[0]}, ensure_ascii=False)
    if twice:
        return value, "name_twice", json.dumps({"names": ", ".join(sorted(set(twice)))}, ensure_ascii=False)
    return value, None, None


def _what(value: Any) -> str:
    """The details, as JSON, of a value that is no object where one is expected."""
    try:
        what = text.shown(whole(json.dumps(value, ensure_ascii=False)[:40]))
        return json.dumps({"what": what}, ensure_ascii=False)
    except RecursionError:
        return json.dumps({"what": "an array of arrays"})


def _add(records: _Records, line: int, of: int, cells: Cells, fault: str | None, detail: str | None) -> None:
    for name, value in cells.items():
        if value is not None and whole(value) != value:
            cells[name] = whole(value)
            fault = fault or "bad_json"
            detail = detail or json.dumps({"reason": "a text holds half of a character"})
    records.cells.append(cells)
    records.lines.append(line)
    records.objects.append(of)
    records.faults.append(fault)
    records.details.append(detail)


def _numbers(value: Any) -> Any:
    """A JSON value in which each ``Number`` is a number again."""
    if isinstance(value, dict):
        return {name: _numbers(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_numbers(each) for each in value]
    return json.loads(value) if isinstance(value, Number) else value


def _is_object(name: str, kinds: Mapping[str, Kind]) -> bool:
    return kinds.get(fold(name)) is Kind.OBJECT


def _flatten(cells: Cells, name: str, value: Any, kinds: Mapping[str, Kind], decimal: str) -> list[str]:
    """Put a member into ``cells``, nested objects under dotted names; returns the mistakes: a name twice, a list."""
    if isinstance(value, dict) and _is_object(name, kinds):
        try:
            cells[name] = json.dumps(_numbers(value), ensure_ascii=False, allow_nan=False)
        except ValueError:  # more digits than Python reads, or a larger number than there is
            cells[name] = json.dumps(value, ensure_ascii=False)
            return [f"{name} holds a number that can't be kept"]
        return []
    if isinstance(value, dict):
        inside = (_flatten(cells, f"{name}.{inner}", each, kinds, decimal) for inner, each in value.items())
        return [wrong for each in inside for wrong in each]
    wrong = [f"{name} stands twice"] if name in cells else []
    if isinstance(value, list) and fold(name) in kinds:
        wrong.append(f"{name} is a list where one value belongs")
    if value is None or isinstance(value, str):
        cells[name] = value or ""  # null is a blank; a missing member has no cell
        if value and kinds.get(fold(name)) in NUMBERS:
            cells[name] = _number(value, decimal)
    elif isinstance(value, bool):
        cells[name] = "true" if value else "false"
    else:
        cells[name] = json.dumps(value, ensure_ascii=False)
    return wrong


def _number(value: str, decimal: str) -> str:
    """A number in the feed's notation; a text has it already, and may have an exponent if the decimal mark is ``.``."""
    if isinstance(value, Number):
        return expanded(value).replace(".", decimal)
    return expanded(value) if decimal == "." else value


def _block(records: _Records) -> Block:
    names: dict[str, None] = {}
    for cells in records.cells:
        names.update(dict.fromkeys(cells))
    columns = {name: pa.array([cells.get(name) for cells in records.cells], pa.string()) for name in names}
    return Block(
        cells=cells_of(columns, len(records.lines)),
        lines=np.array(records.lines, dtype=np.int64),
        objects=np.array(records.objects, dtype=np.int64),
        faults=pa.array(records.faults, pa.string()),
        details=pa.array(records.details, pa.string()),
    )
