"""Excel workbooks, new and old, and OpenDocument sheets: one sheet of a file, its rows as records of text.

Strategy: calamine reads the cells of all kinds of workbooks; what it doesn't report of an .xlsx file, the survey does.
The sheet is the one that the feed names, or the one whose header has the most known columns; the header is searched as
in a text file. A cell with what the spreadsheet has made of an id (a date, a rounded number), or with no value (an
error, a formula that was never calculated), is spoiled: the rest of it is kept as text, and reported. Numbers are
written in the feed's notation, so that for later steps a number cell means what it showed. Fix-workbooks that come back
are read here, too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from crossdock.failures.refusals import Refused
from crossdock.formats import headers
from crossdock.formats.excel import cells
from crossdock.formats.excel.containers import NAME
from crossdock.formats.excel.fix_rows import returned
from crossdock.formats.excel.sheet_choice import Opened
from crossdock.formats.fix_stamp import SHEETS, fingerprint, mark_of
from crossdock.formats.footer import Footer
from crossdock.formats.format import Block, Clues, Note, Spoiled, Written, cells_of
from crossdock.formats.xlsx.inspection import too_large
from crossdock.formats.xlsx.number_masks import PERCENT, SCALED, around, in_thousands, is_currency, masked, shown
from crossdock.formats.xlsx.sheet_scan import letters
from crossdock.formats.xlsx.zip_xml import bounded
from crossdock.schema.document import NUMBERS, Kind
from crossdock.schema.names import BLANKS, fold

if TYPE_CHECKING:
    from crossdock.formats.workbook import WorkbookOptions

MAX_MERGED = 1_000_000
"""The most rows of merged cells; of overlapping areas each counts."""
SHOWN = 80
"""Letters of a comment that are shown."""
RECORDS = 20_000
"""How many records a block has."""

Row = list[Any]
Area = tuple[int, int, int, int]
"""Merged cells: top, left, bottom, right; columns are counted from the first used one."""


@dataclass
class _Rows:
    """Rows that are collected for a block."""

    rows: list[Row] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    faults: list[str | None] = field(default_factory=list)
    details: list[str | None] = field(default_factory=list)
    blank: int = 0
    ignored: int = 0


class Reader:
    """Reads one sheet of a workbook."""

    def __init__(self, path: Path, options: WorkbookOptions, clues: Clues) -> None:
        stamp = clues.stamp
        header = headers.HeadedOptions() if stamp else options
        wanted = SHEETS if stamp else (options.sheet,) if options.sheet is not None else ()
        self._opened = Opened(path, wanted, header, clues.kinds, clues.signs)
        self._sheet = self._opened.sheet
        self.plain_numbers = clues.first is not None and clues.first.plain_numbers
        self._decimal = "." if self.plain_numbers else clues.decimal
        self._stamp = stamp
        self._was_nested = clues.first is not None and clues.first.nested
        self._footer = Footer(None if stamp else options)
        self._fails_merged = options.merged == "fail"
        self._learn_header(clues, options)
        self._if_struck = options.struck
        self._struck_rows: list[int] = []
        self._hidden_rows: list[int] = []
        self._filled: set[int] = set()
        self._scaled: dict[int, tuple[str, str]] = {}
        self._example_left_out = False
        self._merged = self._merged_rows()
        self._odd = self._odd_cells()
        self._struck = self._struck_cells()

    @property
    def written(self) -> Written:
        """Format, kind and sheet."""
        description = {"format": NAME, "kind": self._opened.kind, "sheet": self._sheet.name}
        return description | ({"first": self._stamp.format} if self._stamp else {})

    def _learn_header(self, clues: Clues, options: WorkbookOptions) -> None:
        """Names and kinds of the columns, up to the last that has a name."""
        heading_cells = [cells.plain(cell) for cell in self._sheet.heading]
        while heading_cells and not heading_cells[-1].strip(BLANKS) and not self._sheet.named:
            heading_cells.pop()
        self._width = len(heading_cells)
        if not heading_cells and options.header and not clues.stamp:
            raise Refused("no_such_row", row=options.header[-1])
        if not heading_cells:
            raise Refused("no_header", header="nothing")
        if self._sheet.above and next(self._sheet.rows(self._sheet.below), None) is None:
            raise Refused("no_such_row", row=self._sheet.above + 1)
        for number, row in enumerate(
            islice(self._sheet.rows(self._sheet.first), self._sheet.above), self._sheet.first + 1
        ):
            if number <= self._sheet.above:
                headers.must_stand_so(list(map(cells.plain, row)), number, self._sheet.named)
        header_rows = (next(self._sheet.rows(number), []) for number in self._sheet.header)
        self._header_rows = [self._sheet.heading[: self._width], *(row[: self._width] for row in header_rows)]
        own = {clues.stamp.problem, clues.stamp.mark} if clues.stamp else set()
        if clues.stamp and not own <= {name.strip(BLANKS) for name in heading_cells}:
            raise Refused("marks_lost", job=clues.stamp.job)
        self._headings = headers.headings(heading_cells, {*clues.kinds, *map(fold, own)} if own else clues.kinds)
        self._columns = self._headings.names
        self._kinds = [clues.kinds.get(fold(name)) for name in self._columns]
        says = not clues.currencies.isdisjoint(map(fold, self._columns))
        self._signs = None if says else clues.signs
        for heading in clues.stamp.headings if clues.stamp else ():
            if heading not in self._columns:
                raise Refused("headings_lost", heading=repr(heading))
        unread = {place for place, name in enumerate(self._sheet.named) if not name.strip(BLANKS)}
        self._kept = [place for place, name in enumerate(self._columns) if name not in own and place not in unread]

    @property
    def notes(self) -> Sequence[Note]:
        """The warnings; hidden rows and columns are imported, with a warning. Complete after all blocks are read."""
        if self._stamp is not None:
            return ()
        example = [Note("example_left_out")] if self._example_left_out else []
        notes = [*self._opened.notes, *self._headings.notes, *example, *self._footer.notes]
        notes += [_of_rows(code, lines) for code, lines in (("hidden_rows", self._hidden_rows),
                                                            ("struck_rows", self._struck_rows)) if lines]  # fmt: skip
        comments = sorted(each for each in self._sheet.survey.comments.items() if each[0][0] >= self._sheet.below)
        if comments and not self._opened.ours:
            ((row, column), text), count = comments[0], len(comments)
            where = {"where": f"{letters(column)}{row + 1}", "shown": text[:SHOWN]}
            notes.append(Note("cell_comments", None, count, {"count": f"{count:,}", **where}))
        folded = () if self._opened.ours else self._sheet.survey.hidden_columns
        hidden = {column - self._sheet.left for column in folded}
        notes += [
            Note("shown_in_thousands", self._columns[place], 1, {"example": held, "shown": seen})
            for place, (held, seen) in self._scaled.items()
        ]
        notes += [Note("hidden_column", self._columns[place]) for place in sorted(hidden & self._filled)]
        return notes

    def _merged_rows(self) -> dict[int, list[Area]]:
        """By row, the areas of more than one cell below the header of which a column is read."""
        by_row: dict[int, list[Area]] = {}
        left, last = self._sheet.left, (self._sheet.cells.end or (0, 0))[0]
        budget = MAX_MERGED
        for (top, first), (bottom, right) in set(self._sheet.cells.merged):
            area = (top, first - left, min(bottom, last), min(right - left, self._width - 1))
            read = any(self._kinds[max(area[1], 0) : area[3] + 1])
            if top >= self._sheet.below and read and (area[2] > top or area[3] > area[1]):
                budget -= area[2] + 1 - top
                if budget < 0:
                    raise too_large(MAX_MERGED, "rows or more in merged cells", MAX_MERGED)
                for row in range(top, area[2] + 1):
                    by_row.setdefault(row, []).append(area)
        return by_row

    def _odd_cells(self) -> dict[int, list[tuple[int, str, str]]]:
        """By row, the cells that are read as blank and aren't, from the first column on: column, code, text left."""
        by_row: dict[int, list[tuple[int, str, str]]] = {}
        survey, left = self._sheet.survey, self._sheet.left
        odd = [(at, "error_cell", error) for at, error in survey.errors.items()]
        odd += [(at, "not_calculated", "") for at in survey.uncalculated]
        odd += [(at, "partly_struck", text) for at, text in survey.struck.items() if text]
        for (row, column), code, text in odd:
            if column >= left:
                by_row.setdefault(row, []).append((column - left, code, text))
        return by_row

    def _struck_cells(self) -> dict[int, set[int]]:
        """By row, the columns of the cells that are struck out as a whole, from the first column on."""
        by_row: dict[int, set[int]] = {}
        for (row, column), text in self._sheet.survey.struck.items() if self._if_struck != "read" else ():
            if not text:
                by_row.setdefault(row, set()).add(column - self._sheet.left)
        return by_row

    def blocks(self) -> Iterator[Block]:
        """The records in the order of their rows; the header row is not one of them."""
        with bounded():
            yield from self._footer.without(self._blocks())
        self._opened.close()

    def _blocks(self) -> Iterator[Block]:
        rows = _Rows()
        tops: dict[tuple[int, int], Any] = {}
        for number, whole in self._rows():
            if number in self._sheet.header:
                continue
            row = whole[: self._width]
            for area in self._merged.get(number, ()):
                _fill(row, number, area, tops)
            beside = self._beside(whole, number)
            empty = not any(cells.filled(row[place]) for place in self._kept) and number not in self._odd
            if empty and not beside and not self._marked_torn(row):
                rows.blank += 1
            elif number < self._sheet.below or (
                not beside
                and (
                    row in self._header_rows or self._is_example(row, number) or headers.is_rule(map(cells.plain, row))
                )
            ):
                rows.ignored += 1
            elif self._if_struck == "leave_out" and self._is_struck(row, number):
                self._struck_rows.append(number + 1)
                rows.ignored += 1
            else:
                self._add(rows, row, number, beside)
                if len(rows.lines) >= RECORDS and self._stamp is None:  # a fix-workbook is one block
                    yield self._block(rows)
                    rows = _Rows()
        yield self._block(rows)

    def _rows(self) -> Iterator[tuple[int, Row]]:
        """All rows with their numbers, also those at the end that the library reads as blank."""
        number = self._sheet.first - 1
        for number, row in enumerate(self._sheet.rows(self._sheet.first), self._sheet.first):
            yield number, row
        for unseen in sorted(each for each in self._odd if each > number):
            yield unseen, [""] * self._width

    def _beside(self, whole: Row, number: int) -> list[int]:
        """The places right of the last heading that have a value."""
        if len(whole) <= self._width and number not in self._odd:
            return []
        places = {place for place in range(self._width, len(whole)) if cells.filled(whole[place])}
        return sorted(places | {place for place, _, _ in self._odd.get(number, ()) if place >= self._width})

    def _marked_torn(self, row: Row) -> bool:
        """Whether a row of a fix-workbook is a record that could not be read."""
        if self._stamp is None:
            return False
        mark = mark_of(cells.plain(row[self._columns.index(self._stamp.mark)]))
        return mark is not None and mark.fault is not None

    def _is_struck(self, row: Row, number: int) -> bool:
        """Whether all that a row has in the columns that are kept is struck out."""
        struck = self._struck.get(number)
        return struck is not None and struck.issuperset(each for each in self._kept if cells.filled(row[each]))

    def _is_example(self, row: Row, number: int) -> bool:
        """Whether a row is a template's example, unchanged and not the only row."""
        if self._opened.example is None or fingerprint(map(cells.plain, row)) != self._opened.example:
            return False
        below = self._sheet.below
        others = (each for at, each in enumerate(self._sheet.rows(below), below) if at != number)
        self._example_left_out = any(any(map(cells.filled, each)) for each in others)
        return self._example_left_out

    def _add(self, rows: _Rows, row: Row, number: int, beside: list[int]) -> None:
        areas = [area for area in self._merged.get(number, ()) if cells.filled(row[area[1]])]
        fault: str | None = None
        details: dict[str, Any] = {}
        if beside and not any(cells.filled(row[place]) for place in self._kept):
            fault, details = "beside_headings", {"found": len(beside)}
        elif beside:
            fault, details = "torn_row", {"found": beside[-1] + 1, "expected": self._width}
        elif areas and self._fails_merged:
            fault, details = "merged_cells", {"cells": ", ".join(_named(area, self._sheet.left) for area in areas)}
        elif self._is_struck(row, number):
            fault = "struck_row"
        if number in self._sheet.survey.hidden_rows:
            self._hidden_rows.append(number + 1)
        rows.rows.append(row)
        rows.lines.append(number + 1)
        rows.faults.append(fault)
        rows.details.append(json.dumps(details) if fault else None)

    def _block(self, rows: _Rows) -> Block:
        spoiled: Spoiled = {}
        columns: list[Sequence[Any]] = list(zip(*rows.rows, strict=True)) or [() for _ in self._columns]
        texts = [self._texts(place, columns[place], rows.lines, spoiled) for place in range(self._width)]
        self._filled.update(place for place, text in enumerate(texts) if any(text))
        for at, line in enumerate(rows.lines):
            for place, code, left in (each for each in self._odd.get(line - 1, ()) if each[0] < self._width):
                texts[place][at] = left
                spoiled.setdefault(at, {})[self._columns[place]] = (code, {})
            for place in self._struck.get(line - 1, ()):
                if place < self._width and cells.filled(rows.rows[at][place]) and not rows.faults[at]:
                    spoiled.setdefault(at, {}).setdefault(self._columns[place], ("struck_out", {}))
        kept = {self._columns[place]: pa.array(texts[place], pa.string()) for place in self._kept}
        block = Block(
            cells=cells_of(kept, len(rows.lines)),
            lines=np.array(rows.lines, dtype=np.int64),
            objects=np.zeros(len(rows.lines), dtype=np.int64),
            faults=pa.array(rows.faults, pa.string()),
            details=pa.array(rows.details, pa.string()),
            blank=rows.blank,
            ignored=rows.ignored,
        ).with_spoiled(spoiled)
        if self._stamp is None:
            return block
        marks, problems = (texts[self._columns.index(name)] for name in (self._stamp.mark, self._stamp.problem))
        return returned(block, marks, problems, self._number_ids(rows), self._stamp, nested=self._was_nested)

    def _number_ids(self, rows: _Rows) -> list[set[str]]:
        """Of each record, the headings of ids that are numbers in the sheet."""
        ids = [place for place in range(self._width) if self._kinds[place] in cells.IDS]
        return [{self._columns[place] for place in ids if type(row[place]) in (int, float)} for row in rows.rows]

    def _texts(self, place: int, column: Sequence[Any], lines: list[int], spoiled: Spoiled) -> list[str]:
        """One column as text; ids that the spreadsheet has changed are added to ``spoiled``."""
        kind, padded = self._kinds[place], self._sheet.survey.padded
        plain = cells.plain_texts(column, kind, self._decimal)
        if plain is not None and (not padded or set(map(type, column)) <= {str}):
            return plain
        texts = []
        for at, cell in enumerate(column):
            text = cells.text(cell, kind, self._decimal, date1904=self._opened.date1904)
            code = cells.spoiled(cell, kind)
            if code:
                spoiled.setdefault(at, {})[self._columns[place]] = (code, {})
            mask = padded.get((lines[at] - 1, place + self._sheet.left)) if padded else None
            if mask == PERCENT and isinstance(cell, int | float):
                text = cells.percentage(cell, self._decimal)
            elif mask and kind in cells.TEXTS:
                text = masked(text, mask)
            elif mask and kind in NUMBERS and isinstance(cell, int | float):
                text = self._as_shown(place, cell, text, mask)
            texts.append(text)
        return texts

    def _as_shown(self, place: int, cell: float, text: str, mask: str) -> str:
        """A number with the unit or the currency that its cell shows beside it, unless it is that of the amounts."""
        if mask.startswith(SCALED):
            self._scaled.setdefault(place, (text, in_thousands(cell, mask)))
            return text
        beside = around(mask)
        of_amounts = self._kinds[place] is not Kind.MONEY or self._signs is None or beside.casefold() in self._signs
        return text if of_amounts and is_currency(beside) else shown(text, mask)


def _fill(row: Row, number: int, area: Area, tops: dict[tuple[int, int], Any]) -> None:
    """Fill the cells of a merged area in a row with the area's value."""
    top, left, _, right = area
    if number == top:
        tops[top, left] = row[left]
    if cells.filled(tops.get((top, left), "")):
        row[left : right + 1] = [tops[top, left]] * (right + 1 - left)


def _of_rows(code: str, lines: list[int]) -> Note:
    """A warning about rows of the sheet."""
    where = f"{lines[0]}–{lines[-1]}"
    return Note(code, None, len(lines), {"count": f"{len(lines):,}", "where": where})


def _named(area: Area, left: int) -> str:
    """An area as people write it: ``A3:A5``. ``left``: the first used column, from 0."""
    top, first, bottom, right = area
    return f"{letters(first + left)}{top + 1}:{letters(right + left)}{bottom + 1}"
