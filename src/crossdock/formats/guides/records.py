"""A set's tree → records of text under our names: one for each detail segment, the header's cells with the first.

A guide's ``Source`` says from which paths a column comes and what is done with them; each way of doing is one function
of ``_WAYS``. What can't be read as the guide says stays as sent, and the pipeline says what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import cached_property

from crossdock.formats.guides import goods
from crossdock.formats.guides.dictionary import Spot
from crossdock.formats.guides.guide import Guide, Path, SetMapping, Source, path_of
from crossdock.formats.guides.parties import address
from crossdock.formats.guides.tree import GOODS, Chain, Tree
from crossdock.formats.guides.values import Values
from crossdock.formats.guides.walk import Loop

QUALIFIED = ("REF", "N9", "DTM", "G62", "NTE", "AMT", "QTY", "MAN", "RFF", "MOA", "FTX", "PRI", "LOC", "MEA")
"""Segments of which the first element says what they are about."""
Remark = tuple[str, dict[str, str]]
"""What is to be said of a cell: a code of the catalogue and its details."""
PURPOSES = {
    **dict.fromkeys(("00", "9", "06", "07", "14", "15", "6", "7", "35", "42", "43"), "upsert"),
    **dict.fromkeys(("01", "1", "03"), "cancel"),
    **dict.fromkeys(("04", "4", "20"), "update"),
    **dict.fromkeys(("05", "5", "18"), "replace"),
}
"""Purposes of a set (X12 353, EDIFACT 1225) → actions (contract edi.md §5)."""


@dataclass
class Record:
    """A record: the place of its segment in the set and of its item's, its cells by column, remarks on them."""

    position: int
    item: int = 0
    cells: dict[str, str] = field(default_factory=dict)
    remarks: dict[str, Remark] = field(default_factory=dict)


@dataclass(frozen=True)
class Context:
    """Where values are looked for: the loops from the innermost outwards, the set, and its records' loops."""

    values: Values
    loops: Sequence[Loop]
    root: Loop
    standard: str
    chain: Chain | None = None

    def first(self, paths: Sequence[Path]) -> str:
        """The first value of some paths."""
        if self.chain is not None and self.chain.levels and any(path.level for path in paths):
            return next((text for path in paths for text in self._all(path)), "")
        return self.values.first(paths, self.loops)

    def all(self, paths: Sequence[Path]) -> list[str]:
        """Every value of some paths."""
        return [text for path in paths for text in self._all(path)]

    def _all(self, path: Path) -> Iterator[str]:
        loops = self.loops if self.chain is None or not path.level else self.chain.at(path.level)
        for loop in loops:
            yield from self.values.of(path, loop)


class Mapper:
    """Makes records of the sets of one type, for one document.

    ``more``: paths of the partner, and whether they are of the header; they stand under themselves. ``left_out``:
    columns of the guide for which the partner has a path of its own.
    """

    def __init__(self, guide: Guide, mapping: SetMapping, more: Mapping[str, bool], left_out: frozenset[str]) -> None:
        self._guide, self._mapping = guide, mapping
        own = {text: path for text in more if (path := path_of(text)) is not None}
        headers = [Source(text, (path,)) for text, path in own.items() if more[text]]
        records = [Source(text, (path,)) for text, path in own.items() if not more[text]]
        self._header = [each for each in (*mapping.header, *headers) if each.column not in left_out]
        self._record = [each for each in (*mapping.record, *records) if each.column not in left_out]
        self._items = {name: wanted for name, wanted in mapping.items.items() if name not in left_out}
        self.numbered = str(mapping.options.get("numbered", ""))

    @property
    def columns(self) -> list[str]:
        """Every column that a record may have."""
        return [*self.header_columns, *(each.column for each in self._record), *self._items]

    @cached_property
    def header_columns(self) -> tuple[str, ...]:
        """The columns of the header."""
        return tuple(name for each in self._header for name in each.columns())

    @cached_property
    def elements(self) -> dict[str, str]:
        """What the standard calls each column: the first place that it comes from."""
        sources = {each.column: each.texts[0] for each in (*self._header, *self._record) if each.texts}
        return sources | {name: " ".join((self._guide.records, wanted[0])) for name, wanted in self._items.items()}

    @cached_property
    def by_element(self) -> dict[str, str]:
        """The column of each element that is one whatever stands beside it: ``W0502``."""
        paths = ((path, each.column) for each in (*self._header, *self._record) for path in each.paths)
        return {path.text: column for path, column in paths if path.element and not path.loop and not path.level}

    @cached_property
    def used(self) -> frozenset[str]:
        """The segments, or segments with their qualifier, from which a column comes."""
        paths = [path for each in (*self._header, *self._record) for path in each.paths]
        whole = {path.segment for path in paths if not path.qualifiers or path.but}
        qualified = {f"{path.segment}*{each}" for path in paths if not path.but for each in path.qualifiers}
        loops = {path.loop for path in paths if path.loop}
        others = {
            text[: text.index("*")] for each in (*self._header, *self._record) for text in each.texts if "*" in text
        }
        return frozenset(whole | qualified | loops | {*GOODS} | (others - set(QUALIFIED)))

    def records(self, root: Loop, tree: Tree, values: Values) -> list[Record]:
        """The records of a set, at least one; ``tree``: its loops as the guide reads them."""
        standard = self._guide.standard
        header = Context(values, tree.header, root, standard)
        records = [self._of(chain, root, values) for chain in tree.chains] or [Record(1)]
        self._number(records)
        self._run(records)
        head = Record(1)
        there = {name for loop in tree.header for name in loop.segments}
        for source in self._header:
            if not source.needs.isdisjoint(there):
                _fill(head, source, header)
        self._totals(head, records)
        records[0].cells = head.cells | records[0].cells
        records[0].remarks = head.remarks | records[0].remarks
        return records

    def _of(self, chain: Chain, root: Loop, values: Values) -> Record:
        context = Context(values, chain.loops, root, self._guide.standard, chain)
        record = Record(chain.position, chain.loops[0].position)
        there = {name for loop in chain.loops for name in loop.segments}
        for source in self._record:
            if source.leveled or not source.needs.isdisjoint(there):
                _fill(record, source, context)
        pairs = [pair for segment in chain.goods() for pair in values.qualified(segment)]
        for column, wanted in self._items.items():
            reading = goods.item(pairs, wanted)
            _put(record, column, reading)
        return record

    def _number(self, records: list[Record]) -> None:
        """Number the records of a set none of which has a number, by their position."""
        column = self.numbered
        if column and not any(column in record.cells for record in records):
            for number, record in enumerate(records, 1):
                record.cells[column] = str(number)
                record.remarks.setdefault(column, ("numbered", {}))

    def _run(self, records: list[Record]) -> None:
        """Number the records of a set by what they are about, unless each item has a number of its own."""
        column = self._mapping.options.get("running")
        if not column:
            return
        own = {(record.cells.get(column, ""), record.item) for record in records}
        if len({number for number, _ in own}) == len(own) and all(number for number, _ in own):
            return
        numbers: dict[tuple[str, ...], int] = {}
        for record in records:
            if record.cells:
                key = tuple(record.cells.get(name, "") for name in self._mapping.options["distinct"])
                record.cells[column] = str(numbers.setdefault(key, len(numbers) + 1))

    def _totals(self, head: Record, records: list[Record]) -> None:
        """A hash of quantities is the sum of quantities without its first digits (X12 347)."""
        for source in self._header:
            sent = head.cells.get(source.column, "")
            if "hash" not in source.how or not sent:
                continue
            column = next((each for each in QUANTITIES if any(each in record.cells for record in records)), "")
            counted = sum((_decimal(record.cells.get(column, "")) for record in records), Decimal(0))
            whole, digits = int(counted), len(sent.partition(".")[0].lstrip("0"))
            if digits and _decimal(sent) == whole % 10**digits and counted == whole:
                head.cells[source.column] = f"{counted:f}"


QUANTITIES = ("package.quantity", "quantity", "line.quantity")
"""The columns of a record that hash totals are about: the first that is there."""


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        return Decimal(0)


def _put(record: Record, column: str, reading: goods.Reading) -> None:
    if reading.text:
        record.cells[column] = reading.text
        if reading.code:
            record.remarks[column] = (reading.code, {"meant": reading.meant})


def _fill(record: Record, source: Source, context: Context) -> None:
    """Put the value of a source into a record, by its way."""
    if not source.how:
        text = context.first(source.paths)
        if text:
            record.cells[source.column] = text
        return
    if "party" in source.how:
        addresses = (address(source.column, source.how["party"], loop, context.values) for loop in context.loops)
        record.cells.update(next((each for each in addresses if each), {}))
        return
    reading = next((_WAYS[name] for name in source.how if name in _WAYS), _plain)
    _put(record, source.column, reading(source, context))


def _plain(source: Source, context: Context) -> goods.Reading:
    return goods.Reading(context.first(source.paths))


def _valued(source: Source, context: Context) -> goods.Reading:
    sent = context.first(source.paths)
    return goods.Reading(source.how["values"].get(sent, source.how.get("rest", sent)))


def _purpose(source: Source, context: Context) -> goods.Reading:
    sent = context.first(source.paths)
    return goods.Reading(PURPOSES.get(sent, sent))


def _all(source: Source, context: Context) -> goods.Reading:
    return goods.Reading(source.how.get("join", "\n").join(context.all(source.paths)))


def _composed(source: Source, context: Context) -> goods.Reading:
    first, *others = (context.first([path]) for path in source.paths)
    return goods.Reading(source.how["join"].join([first, *(each for each in others if each.strip("0"))]))


def _unit(source: Source, context: Context) -> goods.Reading:
    return goods.unit(context.first(source.paths), context.standard)


def _price(source: Source, context: Context) -> goods.Reading:
    basis = path_of(source.how["basis"])
    return goods.price(context.first(source.paths), context.first([basis]) if basis else "")


def _number(source: Source, context: Context) -> goods.Reading:
    return goods.Reading(context.values.number(context.first(source.paths)))


def _day(source: Source, context: Context) -> goods.Reading:
    """The day of a moment, CCYYMMDD."""
    return goods.Reading(context.first(source.paths)[:8])


def _sentence(source: Source, context: Context) -> goods.Reading:
    then = [path for text in source.how["then"] if (path := path_of(text)) is not None]
    parts = [each for each in (context.first(source.paths), context.first(then)) if each]
    return goods.Reading(source.how["say"] + ", ".join(parts) if parts else "")


def _else(source: Source, context: Context) -> goods.Reading:
    """The source, or the loop's own number where each of these loops holds one record."""
    sent = context.first(source.paths)
    other = path_of(source.how["else"])
    if sent or other is None:
        return goods.Reading(sent)
    loops = context.root.loops.get(other.segment, [])
    single = all(len(loop.loops.get(source.how["unique"], [])) == 1 for loop in loops)
    return goods.Reading(context.first([other]) if single else "")


def _packed(source: Source, context: Context) -> goods.Reading:
    """A quantity that is a package's: of an item in a package the item's, of an item that holds it its own."""
    chain = context.chain
    if chain is None or chain.package is None:
        return goods.Reading("")
    loops = [chain.package] if chain.holds else context.loops
    return goods.Reading(context.values.first(source.paths, loops))


def _loose(source: Source, context: Context) -> goods.Reading:
    """A quantity that is a line's: of an item that stands in no package."""
    chain = context.chain
    return (
        _plain(source, context) if chain is not None and (chain.package is None or chain.holds) else goods.Reading("")
    )


def _cartons(source: Source, context: Context) -> goods.Reading:
    """How many cartons a TD1 says; other packages are none."""
    for segment in (each for loop in context.loops for each in loop.segments.get(source.how["cartons"], ())):
        kind, count = context.values.at(segment, Spot(1)), context.values.at(segment, Spot(2))
        if kind.startswith(CARTONS):
            return goods.Reading(count)
    return goods.Reading("")


def _equipment(source: Source, context: Context) -> goods.Reading:
    """The number of a container, or of another vehicle, that a TD3 names."""
    for segment in (each for loop in context.loops for each in loop.segments.get(source.how["equipment"], ())):
        kind = context.values.at(segment, Spot(1))
        if (kind in CONTAINERS) is source.how["container"]:
            return goods.Reading(context.values.at(segment, Spot(2)) + context.values.at(segment, Spot(3)))
    return goods.Reading("")


def _looped(source: Source, context: Context) -> goods.Reading:
    """A count of lines that may be one of loops: the loops are counted, and so are those with an item."""
    sent = context.first(source.paths)
    loops = [loop for loop in context.root.loops.get(TREE, ()) if loop.first is not None]
    counts = {len(loops), sum(bool(loop.segments.get("LIN")) for loop in loops)}
    return goods.Reading("" if sent.isdigit() and int(sent) in counts else sent)


CARTONS = ("CTN", "BOX", "CAS", "PCS", "PKG")
"""How the codes of packages (103) begin that are cartons."""
CONTAINERS = ("CN", "20", "40", "2B", "4B", "CZ", "RC")
"""Codes of vehicles (40) that are containers."""
TREE = "HL"
_WAYS: Mapping[str, Callable[[Source, Context], goods.Reading]] = {
    "values": _valued,
    "purpose": _purpose,
    "all": _all,
    "compose": _composed,
    "unit": _unit,
    "price": _price,
    "hash": _number,
    "number": _number,
    "day": _day,
    "say": _sentence,
    "else": _else,
    "packed": _packed,
    "loose": _loose,
    "cartons": _cartons,
    "equipment": _equipment,
    "loops": _looped,
}
