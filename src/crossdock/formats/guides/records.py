"""A set's tree → records of text under our names: one for each detail segment, the header's cells with the first.

A guide's ``Source`` says from which paths a column comes and what is done with them; each way of doing is one function
of ``readings``. Where a set holds a document a record (``each``), the header's cells stand with every record.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from typing import Any

from crossdock.formats.edi.interchange import Fault
from crossdock.formats.guides import goods
from crossdock.formats.guides.dictionary import Spot
from crossdock.formats.guides.guide import ITEM, PIECE, PLACES, Guide, Path, SetMapping, Source, path_of
from crossdock.formats.guides.parties import NAME, PARTY, address, content, doubles, elsewhere
from crossdock.formats.guides.readings import (
    Context,
    as_sent,
    carried,
    differing,
    is_range,
    is_shared,
    numbers,
    read,
    repeated,
    several,
)
from crossdock.formats.guides.tree import Chain, Tree
from crossdock.formats.guides.values import Values
from crossdock.formats.guides.walk import Loop
from crossdock.frames.numerals import exact
from crossdock.schema.fields import CHANGES, EXTENT, KEEP

QUALIFIED = ("REF", "N9", "DTM", "G62", "NTE", "AMT", "QTY", "MAN", "RFF", "MOA", "FTX", "PRI", "LOC", "GIN")
"""Segments of which the first element says what they are about."""
SHOWN_PARTY = 60
"""Letters of a party that a sentence shows."""
HEADER = 1
"""The place of a set's first segment: a set without detail segments is a record that begins there."""
TWICE = "element_twice"
"""The remark on a value of a segment that may be there once, and is there again with another one."""
LINE_ACTION = "line.action"
"""The column of what is done with a line."""
Remark = tuple[str, dict[str, str]]
"""What is to be said of a cell: a code of the catalogue and its details."""


@dataclass(slots=True)
class Record:
    """A record: the place of its segment in the set and of its item's, its cells by column, remarks on them.

    ``others``: further ids of its item. ``shares``: by place, the quantity of it that goes there. ``document``: the
    number of its document in the set, where a set is several. ``pieces``: the serial numbers of what it is, if it is
    several.
    """

    position: int
    item: int = 0
    cells: dict[str, str] = field(default_factory=dict)
    remarks: dict[str, Remark] = field(default_factory=dict)
    others: list[str] = field(default_factory=list)
    shares: list[tuple[str, str]] = field(default_factory=list)
    document: int = 0
    pieces: list[str] = field(default_factory=list)

    def take(self, column: str, reading: goods.Reading) -> None:
        """Take a cell, and what is to be said of it."""
        if reading.text:
            self.cells[column] = reading.text
        if reading.code:
            self.remarks[column] = (reading.code, reading.details)


class Mapper:
    """Makes records of the sets of one type, for one document.

    ``more``: paths of the partner, and whether they are of the header; they stand under themselves. ``left_out``:
    columns of the guide for which the partner has a path of its own. ``codes``: by column, codes that stay as they are
    sent, because the partner's ``values`` say what they mean.
    """

    def __init__(
        self,
        guide: Guide,
        mapping: SetMapping,
        more: Mapping[str, bool],
        left_out: frozenset[str],
        codes: Mapping[str, Collection[str]],
    ) -> None:
        self.guide, self._mapping = guide, mapping
        own = {text: path for text in more if (path := path_of(text)) is not None}
        headers = [_of_partner(path, guide) for text, path in own.items() if more[text]]
        records = [_of_partner(path, guide) for text, path in own.items() if not more[text]]
        self.header, self.record = (
            [
                as_sent(each, codes.get(each.column, ()), guide.standard)
                for each in sources
                if each.column not in left_out
            ]
            for sources in ((*mapping.header, *headers), (*mapping.record, *records))
        )
        self.items = {name: wanted for name, wanted in mapping.items.items() if name not in left_out}
        self.numbered = str(mapping.options.get("numbered", ""))
        self.each = bool(mapping.options.get("each"))
        self._others = str(mapping.options.get("others", ""))
        self.places: Mapping[str, Any] = mapping.options.get(PLACES, {})
        self.compared: Sequence[str] = mapping.options.get("elsewhere", ())
        self._pieces = str(mapping.options.get("pieces", ""))
        self._piece: Mapping[str, str] = mapping.options.get(PIECE, {})
        self._quantities = (self._piece["quantity"],) if self._piece else QUANTITIES

    @property
    def is_flat(self) -> bool:
        """Whether its records are those of the guide, one each, whatever their ids."""
        return not self._others and not self.guide.tree and not self.places

    def sources(self) -> Iterator[Source]:
        """Every column that comes from a path, the header's first."""
        yield from self.header
        yield from self.record

    @property
    def columns(self) -> list[str]:
        """Every column that a record may have."""
        others = [self._others] if self._others else []
        return [*self.header_columns, *(each.column for each in self.record), *self.items, *others]

    @cached_property
    def header_columns(self) -> tuple[str, ...]:
        """The columns of the header."""
        return tuple(name for each in self.header for name in each.columns())

    @cached_property
    def _hashed(self) -> list[Source]:
        return [source for source in self.header if "hash" in source.how]

    @cached_property
    def elements(self) -> dict[str, str]:
        """What the standard calls each column: the first place that it comes from."""
        sources = {each.column: each.texts[0] for each in (*self.header, *self.record) if each.texts}
        return sources | {name: " ".join((self.guide.records, wanted[0])) for name, wanted in self.items.items()}

    def columns_of(self, fault: Fault) -> Sequence[str]:
        """The columns that come from the element of a fault: ``W0502``, ``PO102-1``, the one behind ``DTM*002``."""
        whole = f"{fault.segment}{fault.element:02}"
        names = (whole, f"{whole}-{fault.component or 1}", f"{fault.segment}*{fault.qualifier}")
        return [column for name in names for column in self._columns.get(name, ())]

    @cached_property
    def _columns(self) -> Mapping[str, Sequence[str]]:
        """The columns by what the elements are called that they come from, whatever stands beside them."""
        columns: dict[str, list[str]] = defaultdict(list)
        for source in self.sources():
            for path in source.paths:
                qualifiers = path.qualifiers if not (path.but or path.beside) else ()
                names = [path.text.partition(":")[2] or path.text] if path.element else []
                for name in (*names, *(f"{path.segment}*{each}" for each in qualifiers)) if not path.loop else ():
                    columns[name].append(source.column)
        return columns

    def records(self, root: Loop, tree: Tree, values: Values) -> list[Record]:
        """The records of a set, at least one; ``tree``: its loops as the guide reads them."""
        standard = self.guide.standard
        header = Context(values, tree.header, root, standard, others=[chain.loops for chain in tree.chains])
        chains = [replace(chain, place=place) for place, chain in enumerate(tree.chains, 1)]
        packages = Counter(id(chain.loops[0]) for chain in chains)
        records = [self._of(chain, root, values, packages[id(chain.loops[0])]) for chain in chains] or [Record(1)]
        head = Record(1)
        for source in applicable(self.header, tree.header):
            _fill(head, source, header, self.guide.once)
        head.remarks |= self._of_parties(tree.header, values)
        return self.finished(head, records)

    def _of_parties(self, loops: Sequence[Loop], values: Values) -> dict[str, Remark]:
        """Remarks on parties of one role that differ: the first counts. Of roles that nobody reads nothing is said."""
        remarks: dict[str, Remark] = {}
        for role, first, second in doubles(loops, values):
            column = self._columns_of_roles.get(role, "")
            one, other = content(first, values), content(second, values)
            if column and one != other:
                details = {"element": f"{first.first.id}*{role}" if first.first else role, "sent": one[:SHOWN_PARTY],
                           "other": other[:SHOWN_PARTY]}  # fmt: skip
                remarks.setdefault(column, ("party_twice", details))
        return remarks

    @cached_property
    def _columns_of_roles(self) -> dict[str, str]:
        """By role of a party, the first column of the header that comes from it."""
        columns: dict[str, str] = {}
        for source in self.header:
            roles = [*source.how.get("party", ()), *(path.of for path in source.paths if path.loop in (NAME, PARTY))]
            for role in roles:
                columns.setdefault(role, source.columns()[0])
        return columns

    def finished(self, head: Record, records: list[Record]) -> list[Record]:
        """The records of a set with the cells of its header, with numbers and sums; ``head``: its cells."""
        self._totals(head, records)
        self._keep(head, records)
        self._run(records)
        self._number(records, changes=head.cells.get(EXTENT) == CHANGES)
        records = self._each_piece(records)
        self._count(records)
        if any(record.shares for record in records):
            return self._apart(head, records)
        for record in records if self.each else records[:1]:
            record.cells = head.cells | record.cells
            record.remarks = head.remarks | record.remarks
        return self._fanned(records) if self._others else records

    def is_plain(self, head: Mapping[str, bool], record: Mapping[str, bool]) -> bool:
        """Whether ``finished`` leaves such a record as it is, but for the cells of the header with the first one.

        ``head``, ``record``: the columns of their cells, and whether each is always filled.
        """
        counted = "running" in self._mapping.options or "counted" in self._mapping.options or self.each or self._others
        numbered = not self.numbered or record.get(self.numbered, False)
        summed = any(source.column in head for source in self._hashed)
        return not counted and numbered and not summed and LINE_ACTION not in record and head.keys().isdisjoint(record)

    def _apart(self, head: Record, records: list[Record]) -> list[Record]:
        """Lines for several places as lines of one order a place; what the set counts is counted before.

        A line without places is one of the order that the set names.
        """
        number, place, quantity = (self.places[name] for name in ("number", "place", "quantity"))
        counted = {"lineCount": str(len(records)), "totalQuantity": str(_total(records, quantity))}
        right = {name for name, text in counted.items() if _decimal(head.cells.get(name, "")) == _decimal(text)}
        cells = {name: text for name, text in head.cells.items() if name not in right}
        documents: dict[str, int] = {}
        lines: list[Record] = []
        for record in records:
            whole = record.cells.get(quantity, "")
            there = sum((_decimal(share) for _, share in record.shares), Decimal(0))
            if record.shares and there != _decimal(whole):
                record.remarks.setdefault(quantity, ("places_add_up_to", {"sent": whole, "other": f"{there:f}"}))
            for where, share in record.shares or [("", whole)]:
                own = {number: f"{cells.get(number, '')}-{where}", place: where} if where else {}
                position = max(record.position, lines[-1].position + 1 if lines else 0)
                line = Record(position, record.item, cells | record.cells | own | {quantity: share})
                line.remarks = head.remarks | record.remarks
                line.document = documents.setdefault(where, len(documents) + 1)
                lines.append(line)
        return lines

    def _each_piece(self, records: list[Record]) -> list[Record]:
        """The records, but that one of several pieces is a record each: one of it, at a place of its own."""
        pieces: list[Record] = []
        for record in records:
            for place, number in enumerate(record.pieces or [""]):
                own = {self._pieces: number, self._quantities[0]: "1"} if number else {}
                own |= self._of_line(record, place) if number else {}
                position = max(record.position, pieces[-1].position + 1 if pieces else 0)
                pieces.append(replace(record, position=position, cells=record.cells | own, remarks={**record.remarks}))
        return pieces

    def _of_line(self, record: Record, place: int) -> dict[str, str]:
        """The cells of a piece that is a line: what more was ordered than is there is said with the first."""
        rest, status = (self._piece.get(name, "") for name in ("rest", "status"))
        own = {status: FULL} if place and status in record.cells else {}
        if rest in record.cells:
            more = _decimal(record.cells[rest]) - len(record.pieces) + 1
            own[rest] = "1" if place else f"{max(more, Decimal(0)):f}"
        return own

    def _fanned(self, records: list[Record]) -> list[Record]:
        """A record more for each further id of an item, behind it; each has a place of its own."""
        fanned: list[Record] = []
        for record in records:
            cells = [{self._others: each} for each in record.others] or [{}]
            record.cells |= cells[0]
            for each in (record, *(Record(record.position, record.item, more) for more in cells[1:])):
                each.position = max(each.position, fanned[-1].position + 1 if fanned else 0)
                fanned.append(each)
        return fanned

    def _of(self, chain: Chain, root: Loop, values: Values, packages: int) -> Record:
        """The record of a chain; ``packages``: how many records its item is, each in a package of its own."""
        context = Context(values, chain.loops, root, self.guide.standard, chain)
        record = Record(chain.position, chain.loops[0].position)
        for source in applicable(self.record, chain.loops):
            _fill(record, source, context, self.guide.once)
        pairs = [pair for segment in chain.goods() for pair in values.qualified(segment)]
        for column, wanted in self.items.items():
            reading = goods.item(pairs, wanted)
            if column == ITEM and reading.code == goods.FIRST:  # one of them would be another item
                reading = goods.Reading(reading.sent, goods.SEVERAL, "several values, and there is room for one")
            record.take(column, reading)
        numbered = {values.at(each, Spot(1)) for each in chain.loops[0].segments.get("LIN", ())} - {""}
        if len(numbered) > 1:  # of an order's line: an item each
            items = ", ".join(dict.fromkeys(text for _, text in pairs))
            record.take(ITEM, goods.Reading(items, goods.SEVERAL, f"the ids of {len(numbered)} items"))
        record.shares = self._shares_of(chain, values)
        record.remarks |= self.remarks_of(chain, root, values) if not record.shares else {}
        if self._others:
            record.others = goods.others(pairs, [record.cells.get(column, "") for column in self.items])
        self._find_pieces(record, context, packages)
        return record

    def _find_pieces(self, record: Record, context: Context, packages: int) -> None:
        """Serial numbers of an item are a piece each, where there are as many as the quantity says, in one package.

        Where its quantity says nothing they are, too. Ranges stay as they are.
        """
        source = next((each for each in self.record if each.column == self._pieces), None)
        different = numbers(source, context) if source is not None else []
        if source is not None and not different and not is_shared(source, context):
            different, packages = carried(source, context), 1
        if any(map(is_range, different)) or not different or len(different) == packages == 1:
            return
        quantity = next((record.cells[name] for name in self._quantities if name in record.cells), "")
        if _decimal(record.cells.get(self._piece.get("unless", ""), "")):
            record.take(self._pieces, several(different, "and which of them are damaged, nobody says"))
        elif packages > 1:
            record.take(self._pieces, several(different, f"and the item is in {packages} packages"))
        elif (quantity or self._piece) and _decimal(quantity) != len(different):
            record.take(self._pieces, several(different, f"and the quantity is {quantity}"))
        else:
            record.remarks.pop(self._pieces, None)
            record.pieces = [first for first, _ in different]

    def _shares_of(self, chain: Chain, values: Values) -> list[tuple[str, str]]:
        """The places of a line and what goes there, if each place is an order."""
        shares: list[tuple[str, str]] = []
        if not self.places:
            return shares
        for segment in chain.loops[0].segments.get(self.places["segment"], ()):
            for at in range(self.places["first"], len(segment.parts) - 1, 2):
                pair = values.at(segment, Spot(at)), values.at(segment, Spot(at + 1))
                shares += [pair] if pair[0] else []
        return shares

    def remarks_of(self, chain: Chain, root: Loop, values: Values) -> dict[str, Remark]:
        """A line for several places, or for another one than its document: one address can't be right for it. And one
        that is a part of another line.
        """
        options, inside = self._mapping.options, chain.loops[:1]
        split, parts = (path_of(str(options.get(name, ""))) for name in ("split", "parts"))
        remarks: dict[str, Remark] = {}
        if parts and values.first([parts], inside):
            remarks[ITEM] = ("part_of_line", {"element": parts.text})
        role = elsewhere(options.get("elsewhere", ()), inside[0], root, values)
        if split and values.first([split], inside):
            remarks["quantity"] = ("split_destinations", {"element": split.text})
        elif role:
            remarks["quantity"] = ("split_destinations", {"element": role})
        return remarks

    def _keep(self, head: Record, records: list[Record]) -> None:
        """Of a line that stays as it is only its number counts; a sum that is right of what is sent is compared."""
        kept = [record for record in records if record.cells.get(LINE_ACTION) == KEEP]
        for source in self._hashed if kept else ():
            if _decimal(head.cells.get(source.column, "")) == _total(records, _counted(records)):
                head.cells.pop(source.column, None)
        for record in kept:
            names = {self._mapping.options["mentioned"], LINE_ACTION}
            record.cells = {name: text for name, text in record.cells.items() if name in names}
            record.remarks = {name: remark for name, remark in record.remarks.items() if name in names}

    def _number(self, records: list[Record], *, changes: bool) -> None:
        """Number the records of a set by their position, where none of them has a number.

        ``changes``: the set changes a document, where a position tells no line: its lines need their numbers.
        """
        column, are_lines = self.numbered, records[0].position > HEADER
        if column and are_lines and not changes and not any(column in record.cells for record in records):
            for number, record in enumerate(records, 1):
                record.cells[column] = str(number)
                record.remarks.setdefault(column, ("numbered", {}))

    def _count(self, records: list[Record]) -> None:
        """Number the records of a set, if that is how they are numbered always."""
        column = self._mapping.options.get("counted")
        for number, record in enumerate(records, 1):
            if column and record.cells:
                record.cells[column] = str(number)

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
        for source in self._hashed:
            sent = head.cells.get(source.column, "")
            if not sent:
                continue
            counted = _total(records, _counted(records))
            whole, digits = int(counted), len(sent.partition(".")[0].lstrip("0"))
            if digits and _decimal(sent) == whole % 10**digits and counted == whole:
                head.cells[source.column] = f"{counted:f}"


def _of_partner(path: Path, guide: Guide) -> Source:
    """A column of a partner's own path, which stands under itself: as sent, a number with a point."""
    segment = guide.dictionary.segments.get(path.segment)
    spot = path.spot if path.element or segment is None or not segment.pairs else segment.pairs[0].about
    elements = segment.elements[spot.element - 1 : spot.element] if segment and spot.element else ()
    first = max(spot.component, 1)
    parts = [part for each in elements for part in (each.parts[first - 1 : first] if each.parts else (each,))]
    is_number = not path.beside and any(each.type == "n" for each in parts)
    return Source(path.text, (path,), {"number": path.text} if is_number else {})


FULL = "SHIPPED"
"""What became of a line of which all that was ordered is there."""
QUANTITIES = ("package.quantity", "quantity", "line.quantity")
"""The columns of a record that hash totals are about: the first that is there."""


def applicable(sources: Sequence[Source], loops: Sequence[Loop]) -> Iterator[Source]:
    """Those sources that may have a value in some loops."""
    there = {name for loop in loops for name in loop.segments}
    return (each for each in sources if each.elsewhere or not each.needs.isdisjoint(there))


def _counted(records: Sequence[Record]) -> str:
    """The column of records' quantities, '' if they have none."""
    return next((each for each in QUANTITIES if any(each in record.cells for record in records)), "")


def _total(records: Sequence[Record], column: str) -> Decimal:
    return sum((_decimal(record.cells.get(column, "")) for record in records), Decimal(0))


def _decimal(text: str) -> Decimal:
    return exact(text) or Decimal(0)


def _fill(record: Record, source: Source, context: Context, once: Collection[str]) -> None:
    """Put the value of a source into a record, by its way; ``once``: segments that may not stand several times."""
    if "party" in source.how:
        addresses = (address(source.column, source.how["party"], loop, context.values) for loop in context.loops)
        record.cells.update(next((each for each in addresses if each), {}))
        return
    record.take(source.column, read(source, context) if source.how else goods.Reading(context.first(source.paths)))
    different = differing(source, context)
    segment, again = repeated(source, context) if source.plain and source.column in record.cells else ("", [])
    if again and segment in once:  # another document, or another item
        record.remarks[source.column] = (TWICE, {"sent": ", ".join(again), "element": segment})
    elif different or again:
        record.remarks.setdefault(source.column, (goods.FIRST, {"sent": ", ".join(different or again)}))
