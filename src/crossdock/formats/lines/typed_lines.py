"""The lines of a file with their types: cut at a delimiter, or at places."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import chain
from pathlib import Path

from crossdock.formats import text
from crossdock.formats.delimited.marks import DELIMITERS, NO_QUOTE
from crossdock.formats.delimited.rfc4180 import MAX_RECORD, Dialect, Parser, Record, line_breaks
from crossdock.formats.lines.nesting import Cells, Typed
from crossdock.formats.lines.places import NOT_READ, Fault, Layout, layout
from crossdock.formats.lines.record_options import RecordsOptions
from crossdock.formats.lines.text_lines import MAX_LINE, Usual, lines, padded
from crossdock.schema.names import BLANKS, NOTHING, Qualifier, qualifier

LOOKED_AT = 100
"""How many records show the delimiter."""


class TypedLines:
    """The lines of one file. ``dialect``: None if columns are places."""

    def __init__(self, path: Path, look: text.Inspection, options: RecordsOptions) -> None:
        self._path, self._look = path, look
        self._shapes = {**options.records, **options.counts}
        self._ignore = options.ignore
        self._qualified: dict[str, list[Qualifier]] = {}
        for each in filter(None, map(qualifier, self._shapes)):
            self._qualified.setdefault(each.of, []).append(each)
        self._fills = options.short_rows == "blank"
        self._blank = 0
        self._stretches: list[tuple[int, int]] = []
        self.dialect: Dialect | None = None
        if not any(isinstance(each, dict) for each in self._shapes.values()):
            self.dialect = self._dialect(options)

    def lines(self) -> Iterator[Typed]:
        """Each line that is not blank, in file order."""
        return self._placed() if self.dialect is None else self._delimited(self.dialect)

    def blank(self) -> int:
        """How many lines were blank since the last call."""
        count, self._blank = self._blank, 0
        return count

    def stretches(self) -> list[tuple[int, int]]:
        """First and last line of what an open quote swallowed, since the last call."""
        stretches, self._stretches = self._stretches, []
        return stretches

    def _unknown(self, name: str) -> Fault:
        return "unknown_record_type", {"type": name[:20], "known": ", ".join([*self._shapes, *self._ignore])}

    def _told_apart(self, name: str, cells_as: Callable[[str], Mapping[str, str]]) -> str:
        """The type of a line: the name in front of it, or the type of that name which a column tells.

        ``cells_as``: the cells of the line if it is of a type.
        """
        types = self._qualified.get(name, ())
        return next((each.text for each in types if each.fits(cells_as(each.text).get(each.key, ""))), name)

    def _typed(self, number: int, name: str, cells: Cells, fault: Fault | None) -> Typed:
        """A line without the column that tells its type."""
        tells = qualifier(name)
        left_out = {NOT_READ, tells.key if tells else NOT_READ}
        return Typed(number, name, {each: cell for each, cell in cells.items() if each not in left_out}, fault)

    # ---- columns by places

    def _placed(self) -> Iterator[Typed]:
        bare = (each for each in self._shapes if not qualifier(each))
        types = sorted({*bare, *self._qualified, *self._ignore}, key=len, reverse=True)

        def type_of(line: str) -> str | None:
            return next((each for each in types if line.startswith(each)), None)

        layouts = {
            name: layout(shape, len(name.partition("[")[0] if qualifier(name) else name))
            for name, shape in self._shapes.items()
            if isinstance(shape, dict)
        }
        lengths = padded(self._path, self._look, type_of)
        for number, line in lines(self._path, self._look):
            if not line.strip(NOTHING):
                self._blank += 1
                continue
            base = type_of(line)
            name = self._told_apart(base or "", partial(_cells, line, layouts))
            if name in layouts:
                yield self._typed(number, name, *_cut(line, layouts[name], lengths.get(base, Usual())))
            elif name not in self._ignore:
                yield Typed(number, "", {}, self._unknown(base or line.split(" ", 1)[0]), line)
            else:
                yield Typed(number, name, {})

    # ---- columns behind delimiters

    def _dialect(self, options: RecordsOptions) -> Dialect:
        """The dialect of the file: the delimiter that stands behind most types of its first lines."""
        quote = None if options.quote == NO_QUOTE else options.quote
        head = next(iter(text.encoded(self._path, self._look)), b"")
        named = (options.delimiter,) if options.delimiter else DELIMITERS
        types = {*self._shapes, *self._qualified}
        dialects = [Dialect(each, quote, options.escape) for each in named]

        def fitting(dialect: Dialect) -> int:
            records = _records(iter([head]), dialect)
            cells = (record.cells for _, record in zip(range(LOOKED_AT), (each for _, each in records), strict=False))
            return sum(each[0].strip(BLANKS) in types and len(each) > 1 for each in cells)

        return max((each for each in dialects if each.delimiter not in (quote, options.escape)), key=fitting)

    def _delimited(self, dialect: Dialect) -> Iterator[Typed]:
        for number, record in _records(text.encoded(self._path, self._look), dialect):
            cells = [cell.strip(BLANKS) for cell in record.cells]
            if not any(cells) and record.fault is None:
                self._blank += 1
                continue
            behind, fault = cells[1:], self._fault(record, number)
            name = self._told_apart(cells[0], partial(self._named, behind))
            shape = self._shapes.get(name)
            if shape is not None:
                fault = fault or self._torn(len(behind), len(shape))
                padding = [""] * (len(shape) - len(behind))
                yield self._typed(number, name, self._named(behind + padding, name), fault)
            elif name in self._ignore:
                yield Typed(number, name, {}, fault)
            else:
                yield Typed(number, "", {}, fault or self._unknown(name), " ".join(cells))

    def _named(self, behind: list[str], name: str) -> Cells:
        """The cells behind a type under the headings of that type."""
        return dict(zip(self._shapes[name], behind, strict=False))

    def _torn(self, cells: int, columns: int) -> Fault | None:
        if cells == columns or (self._fills and cells < columns):
            return None
        return "torn_row", {"found": cells + 1, "expected": columns + 1}

    def _fault(self, record: Record, number: int) -> Fault | None:
        """What is wrong with the quotes of a record."""
        if record.fault == "unclosed_quote":
            self._stretches.append((number, number + record.swallowed))
            return record.fault, {"until": number + record.swallowed}
        if record.fault == "record_too_long":
            return record.fault, {"limit": MAX_RECORD}
        return (record.fault, {}) if record.fault else None


def _cells(line: str, layouts: Mapping[str, Layout], name: str) -> Cells:
    return dict(zip(layouts[name].names, layouts[name].cells(line), strict=True))


def _cut(line: str, places: Layout, usual: Usual) -> tuple[Cells, Fault | None]:
    """The cells of a line by their headings, and what is wrong with it. ``usual``: how long lines of its type are."""
    cells: Mapping[str, str] = dict(zip(places.names, places.cells(line), strict=True))
    if len(line) > MAX_LINE:
        return dict(cells), ("record_too_long", {"limit": MAX_LINE})
    return dict(cells), places.fault(line, usual)


def _records(chunks: Iterator[bytes], dialect: Dialect) -> Iterator[tuple[int, Record]]:
    """Each record with the number of the line on which it begins."""
    parser, rest, line, swallowed = Parser(dialect), b"", 1, 0
    for chunk in chain(chunks, (None,)):
        rest += chunk or b""
        position = 0
        while position < len(rest):
            record = parser.record(rest, position, eof=chunk is None, alone=line < swallowed)
            if record.end < 0 or (record.fault == "record_too_long" and record.end >= len(rest) and chunk is not None):
                break
            yield line, record
            if record.fault == "unclosed_quote":
                swallowed = max(swallowed, line + record.swallowed)
            line += line_breaks(rest[position : record.end])
            position = record.end
        rest = rest[position:]
