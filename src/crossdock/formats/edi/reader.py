"""The reader of both formats: the sets of a part → blocks of records, with what the standard forbids in them.

A set is a document, its detail segments are the records. A set that no guide of the feed takes is one record that
fails. What is wrong with a set goes to the record at whose segment it stands, so it is treated like all else.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from crossdock.failures.catalogue import CODES
from crossdock.failures.refusals import Refused
from crossdock.formats.edi.edifact_envelope import declared
from crossdock.formats.edi.envelope import Opening, forget, interchanges
from crossdock.formats.edi.interchange import X12, Fault, Interchange, SetRecord
from crossdock.formats.edi.places import Numbers, line_of
from crossdock.formats.edi.sets import ReadSet, Sets, is_known, release_of
from crossdock.formats.format import Block, Clues, Note, Written, cells_of
from crossdock.formats.guides.guide import Deviations, guides_for
from crossdock.formats.guides.readings import IGNORE
from crossdock.formats.guides.records import HEADER, Mapper, Record
from crossdock.formats.guides.unused import SHOWN, Unused
from crossdock.formats.shapes.stacks import Stacks
from crossdock.formats.text import decodes
from crossdock.schema.names import fold

RECORDS = 20_000
"""How many records a block has."""
UNKNOWN = "unknown_set"
TYPED = {
    "not_a_number": "no number",
    "not_a_date": "no date",
    "no_such_date": "a day that does not exist",
    "bad_time": "no time of day",
    "control_character": "text with a character that no text may hold",
}
"""Faults of values: where a cell has the value the pipeline says them, else ``bad_element`` does."""
USUAL = Deviations()
ACTION = "action"
"""The column of what is done with a set."""
NUMBERED = "numbered"
"""The remark on a cell that is a number by position."""


@dataclass
class _Collected:
    """Records that are collected for a block. ``faults``: by row, of a record as a whole."""

    cells: Stacks = field(default_factory=Stacks)
    faults: dict[int, tuple[str, dict[str, Any]]] = field(default_factory=dict)
    sets: list[str] = field(default_factory=list)
    ignored: int = 0

    def add(
        self,
        ordinal: int,
        records: list[Record],
        fault: tuple[str, dict[str, Any]] | None = None,
        *,
        each: bool = False,
    ) -> None:
        """Add the records of a set; ``fault``: of the first of them as a whole; ``each``: is each a document?"""
        if fault is not None:
            self.faults[self.cells.size] = fault
        self.cells.add_records(
            records,
            (
                (line_of(ordinal, record.position), line_of(ordinal, record.item if each else record.document))
                for record in records
            ),
        )

    def block(self, names: Sequence[str]) -> Block:
        """The records as a block; ``names``: every column that the feed may have."""
        columns = self.cells.columns(names)
        sentences = {row: json.dumps(remarks, ensure_ascii=False) for row, remarks in self.cells.remarks().items()}
        codes = {row: code for row, (code, _) in self.faults.items()}
        details = {row: json.dumps(own) for row, (_, own) in self.faults.items()}
        lines, objects = self.cells.lines()
        return Block(
            cells=cells_of(columns, len(lines)),
            lines=lines,
            objects=objects,
            faults=_column(codes, len(lines)),
            details=_column(details, len(lines)),
            spoiled=_column(sentences, len(lines)),
            sets=tuple(self.sets),
            ignored=self.ignored,
        )


class Reader:
    """Reads the interchanges of one file, all of one standard."""

    plain_numbers = True

    def __init__(self, path: Path, standard: str, clues: Clues, deviations: Deviations = USUAL) -> None:
        self._path, self._standard = path, standard
        self._guides = guides_for(standard, clues.document, clues.sets)
        left_out = self._left_out(clues)
        self._mappers = {
            name: Mapper(guide, mapping.chosen(deviations), clues.paths, left_out, self._codes(clues))
            for name, guide in self._guides.items()
            for mapping in [guide.mappings[clues.document]]
        }
        self._numbers = Numbers()
        self._unused = Unused(self._mappers)
        self._ignored: list[str] = []
        self._odd: Counter[tuple[str, str]] = Counter()
        self._positional = 0
        self._first_positional = 0

    def _left_out(self, clues: Clues) -> frozenset[str]:
        """The columns of the guides for which the feed has a path of its own."""
        ours = {clues.names.get(fold(text)) for text in clues.paths}
        columns = (each for guide in self._guides.values() for each in guide.mappings[clues.document].columns())
        return frozenset(column for column in columns if clues.names.get(fold(column)) in ours)

    def _codes(self, clues: Clues) -> dict[str, Collection[str]]:
        """The codes for which the feed has values, by the columns of the guides."""
        columns = {each for guide in self._guides.values() for each in guide.mappings[clues.document].columns()}
        return {each: clues.codes.get(clues.names.get(fold(each), ""), ()) for each in columns}

    @property
    def written(self) -> Written:
        """Format, numbers and types of the sets, and what the standard calls each column. Complete after all blocks."""
        elements = {name: mapper.elements for name, mapper in self._mappers.items()}
        numbers, types = self._numbers.runs, self._numbers.types
        return {"format": self._standard, "numbers": numbers, "types": types, "elements": elements}

    @property
    def notes(self) -> Sequence[Note]:
        """What was not read, and lines that are numbered by us. Complete after all blocks are read."""
        notes = self._unused.notes()
        if self._ignored:
            more = ["…"] if len(self._ignored) > SHOWN else []
            notes.append(Note("set_ignored", ", ".join([*self._ignored[:SHOWN], *more]), len(self._ignored)))
        if self._positional:
            notes.append(Note("numbered_by_position", None, self._positional, None, self._first_positional))
        return [*notes, *(Note(code, None, times, {"what": what}) for (code, what), times in self._odd.items())]

    def blocks(self) -> Iterator[Block]:
        """The records in file order. Raises ``Refused`` if the interchange is cut, or has a set that is too large."""
        held = _Collected()
        names = list(dict.fromkeys(each for mapper in self._mappers.values() for each in mapper.columns))
        ordinal = 0
        for opening, interchange in interchanges(self._path):
            _refuse_cut(interchange)
            self._odd.update(_oddities(self._path, opening, interchange))
            for each in Sets(self._path, opening, interchange, self._mappers):
                ordinal += 1
                self._numbers.add(ordinal, each.record.number, each.record.type)
                self._take(held, ordinal, each)
                if held.cells.size >= RECORDS:
                    yield held.block(names)
                    held = _Collected()
        forget()
        yield held.block(names)

    def _take(self, held: _Collected, ordinal: int, read: ReadSet) -> None:
        record, reading, _ = read
        held.sets.append(record.as_text())
        if reading is not None and reading.mould.is_plain and reading.cell(ACTION) != IGNORE:
            self._unused.count(reading.mould.unused)
            held.cells.add(reading, line_of(ordinal, 0))
            return
        if reading is None and read.walked is None:
            name = record.version if record.type in self._guides else record.type
            held.add(ordinal, [Record(1)], (UNKNOWN, {"set": name, "known": ", ".join(self._guides) or "none"}))
            return
        mapper = self._mappers[record.type]
        records = self._records(mapper, read)
        for each in records:
            if each.remarks.get(mapper.numbered, ("",))[0] == NUMBERED:
                del each.remarks[mapper.numbered]
                self._positional += 1
                self._first_positional = self._first_positional or line_of(ordinal, each.position)
        for number, fault in enumerate(record.faults):
            _remark(records, record, fault, number, mapper)
        is_copy = records[0].cells.get(ACTION) == IGNORE
        if is_copy and all(CODES[fault.code].severity != "error" for fault in record.faults):
            held.ignored += len(records)
            self._ignored.append(record.number)
            return
        if mapper.each and records[0].position == HEADER:  # its lines are its documents: it is none
            held.add(ordinal, [Record(HEADER)], _empty(record, mapper))
            return
        held.add(ordinal, records, each=mapper.each)

    def _records(self, mapper: Mapper, read: ReadSet) -> list[Record]:
        """The records of a set, by its shape or by its guide; none if it has no guide."""
        if read.reading is not None:
            self._unused.count(read.reading.mould.unused)
            return mapper.finished(read.reading.head, read.reading.records)
        walked = read.walked
        if walked is None:
            return []
        records = mapper.records(walked.root, walked.tree, walked.values)
        self._unused.add(read.record.type, walked.root, walked.values)
        if walked.tree.guessed:
            self._odd["parents_guessed", mapper.guide.tree["parent"]] += walked.tree.guessed
        if not read.record.faults:
            walked.shapes.learn(walked.text, records)
        return records


def _column(texts: Mapping[int, str], size: int) -> pa.Array:
    """Texts by row as a column, null where there is none."""
    return pa.array(map(texts.get, range(size)), pa.string()) if texts else pa.nulls(size, pa.string())


def _oddities(path: Path, opening: Opening, interchange: Interchange) -> Iterator[tuple[str, str]]:
    """What is odd about an interchange, and forgiven: a code, and what it is (contract edi.md §2–§4)."""
    standard, syntax = interchange.standard, opening.syntax
    for sent, known in sorted(_releases(interchange)):
        if not sent.startswith(known):
            yield "other_release", f"{sent or 'none'} as {known}"
    for fault in (*interchange.faults, *(fault for each in interchange.groups for fault in each.faults)):
        if fault.code in ("isa_size", "gs_code", "stray_text"):
            yield fault.code, fault.value
        elif fault.code == "envelope_code":
            yield fault.code, f"{fault.segment}{fault.element:02} '{fault.value}'"
        elif fault.code == "small_letters":
            yield fault.code, fault.segment.strip(syntax.element)
    yield from (("wrong_trailer", each) for each in interchange.wrong_trailers)
    if syntax.wrapped is not None:
        yield "wrapped_lines", str(syntax.wrapped.width)
    if standard != X12 and declared(interchange) != interchange.encoding and not decodes(path, "ascii"):
        yield "other_charset", f"{interchange.charset}, read as {interchange.encoding}"


def _releases(interchange: Interchange) -> set[tuple[str, str]]:
    """The releases of groups, or of messages, as sent, each with the one as which it is read."""
    standard = interchange.standard
    if standard == X12:
        return {(each.version, f"00{release_of(each.version, standard)}") for each in interchange.groups}
    versions = {each for group in interchange.groups for each in group.sets.versions if is_known(each, standard)}
    return {(":".join(each.split(":")[1:3]), f"D:{release_of(each, standard)}") for each in versions}


def _refuse_cut(interchange: Interchange) -> None:
    if any(fault.code == "interchange_cut" for fault in interchange.faults):
        raise Refused("interchange_cut", number=interchange.number)


def _remark(records: list[Record], record: SetRecord, fault: Fault, number: int, mapper: Mapper) -> None:
    """Put a fault to the record at whose segment it stands, under the column of its element if that is one."""
    at = max((place for place, each in enumerate(records) if each.position <= fault.position), default=0)
    element = f"{fault.segment}{fault.element:02}" if fault.element else fault.segment
    columns = mapper.columns_of(fault) if fault.element else ()
    column = next(iter(columns), "")
    code, details = fault.code, _details(fault, element, record)
    owner = records[0 if column in mapper.header_columns else at]
    if fault.code in TYPED:
        cells = (each.cells.get(name, "") for each in (owner, records[0]) for name in columns)
        if any(cell and (fault.value in cell or fault.value.replace(".", ",") == cell) for cell in cells):
            return  # where a mark is not UNA's the cell has a comma (``Syntax.number``)
        column, code, details = "", "bad_element", details | {"what": TYPED[fault.code], "why": fault.code}
    others = {each.document: each for each in reversed(records) if each.document != owner.document}
    for each in (owner, *others.values()):  # a set that is several orders is taken, or not, as one
        each.remarks.setdefault(column or f"{element} {number}", (code, details))


def _empty(record: SetRecord, mapper: Mapper) -> tuple[str, dict[str, Any]]:
    """What is wrong with a set that has no lines, where each is a document; ``why``: the standard forbids the set."""
    forbidden = any(CODES[each.code].severity == "error" for each in record.faults)
    return "empty_set", {"element": mapper.guide.records} | ({"why": "forbidden"} if forbidden else {})


def _details(fault: Fault, element: str, record: SetRecord) -> dict[str, Any]:
    """What a sentence needs of a fault; ``element`` with its component, in the standard's words."""
    named = f"{element}-{fault.component}" if fault.component else element
    counted = {"counted": record.segments} if fault.code == "set_count" else {}
    return fault.details() | {"element": named, "sent": fault.value, "control": record.number} | counted
