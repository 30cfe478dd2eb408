"""Valid interchanges by chance, made of the guides, and the records of the same documents under our own names.

Each set begins as its guide's sample. By chance there are several sets, groups and lines, values of any kind, further
segments from which the guide takes a field (of those that are of one field only), other separators, other releases.
What is written is said here and not asked of the reader.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from hypothesis import strategies as st

from crossdock.documents import DOCUMENTS
from crossdock.formats.edi.interchange import X12
from crossdock.formats.guides.dictionary import Spot
from crossdock.formats.guides.guide import Guide, Node, Path, Source, guides
from crossdock.schema.document import Kind

FIELDS_OF_LITERALS: Mapping[str, Mapping[str, str]] = {
    "x12_850-sales_order": {"customerOrderType": "SA"},
    "x12_860-sales_order": {"customerOrderType": "SA"},
    "edifact_orders-sales_order": {"customerOrderType": "220"},
    "x12_850-purchase_order": {"PoType": "SA"},
    "x12_860-purchase_order": {"PoType": "SA"},
    "edifact_orders-purchase_order": {"PoType": "220"},
    "x12_944-receipt": {"receiptType": "N", "documentType": "asn"},
    "edifact_recadv-receipt": {"receiptType": "N", "documentType": "asn"},
    "x12_947-inventory_movement": {"reasonCode": "AV", "movementType": "ADJUST"},
    "edifact_invrpt-inventory_movement": {"movementType": "ADJUST"},
    "x12_180-rma": {"disposition": "RE", "returnReasonCode": "DAMAGED"},
    "x12_945-ship_confirmation": {"lineStatus": "SHIPPED", "isFinal": "true"},
    "x12_832-sku": {"isActive": "Y"},
}
"""What stands in the samples as it is, and is a field."""
ORDERED = {"purchaseOrderLineNumber": "lineNumber"}
ALSO: Mapping[str, Mapping[str, str]] = {
    "x12_945-ship_confirmation": {"quantityOrdered": "quantityShipped"},
    "x12_832-sku": {"description1": "name"},
    "x12_856-asn": {"line.purchaseOrderNumber": "header.purchaseOrderNumber"},
    **dict.fromkeys(
        [f"{name}-purchase_order" for name in ("x12_850", "x12_860", "edifact_orders", "edifact_ordchg")], ORDERED
    ),
}
"""Fields that have the value of another one in the samples."""
NOT_READ = {
    "x12_860": ("orderCreatedDate", "orderDate"),
    "edifact_ordchg": ("orderCreatedDate", "orderDate"),
    "x12_856": ("header.purchaseOrderNumber",),
}
"""Fields of the samples that sets say of something else: the day is that of a change, the order that of its lines."""
COUNTED = frozenset(("lineNumber", "customerLineNumber", "documentLineNumber", "purchaseOrderLineNumber"))
"""Fields of lines that count up."""
QUANTITIES = frozenset(("quantity", "line.quantity", "quantityReceived", "quantityShipped", "onHand", "available"))
PRICES = frozenset(("unitPrice", "unitCost"))
TEXTS = frozenset(("shipTo.name", "shipTo.address1", "shipTo.city", "customerName", "name"))
PLAIN = frozenset(("same", "lines", "number", "one", "or", "alike", "all", "day"))
"""Ways of fields that a single value doesn't change."""
PIECES = "serialNumber"
"""A field that makes its line one piece, whatever its quantity says."""
ALPHABET = "ABCDEFGHIKLMNOPRSTUVWXYZabcdefghiklmnoprstuvwxyz0123456789 -/&.äéß"
RELEASED = "+:'?"
"""Letters of texts; in EDIFACT also those that must be released there."""
LONGEST = 20
_MOMENT = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?: (\d\d):(\d\d))?")
_OTHERWISE = re.compile(rf"{_MOMENT.pattern}$|'")
"""Texts that mean something else in a CSV, or here: days, and a first apostrophe, with which spreadsheets guard texts."""
_GAP = re.compile(r"\{([\w.]+)(?::(\w+))?\}")


@dataclass(frozen=True)
class Marks:
    """The separators of an interchange, and what stands behind each segment."""

    element: str
    component: str
    terminator: str
    behind: str
    decimal: str = "."

    def segment(self, parts: Sequence[str]) -> str:
        return self.element.join(parts).rstrip(self.element) + self.terminator + self.behind


@dataclass
class SetByChance:
    """A set: the parts of its segments, and the records that it is."""

    segments: list[list[str]]
    records: list[dict[str, str]]


@dataclass(frozen=True)
class Interchanges:
    """An interchange and the records of its documents, one a line."""

    content: bytes
    records: list[dict[str, str]] = field(default_factory=list)


@st.composite
def interchanges(draw: st.DrawFn, name: str, document: str, number: int) -> Interchanges:
    """Interchanges of the guide of a name; ``number``: their control number, which is in the numbers of their documents."""
    guide = guides()[name]
    is_x12 = guide.standard == X12
    marks = Marks(
        draw(st.sampled_from("*|^" if is_x12 else "+")),
        draw(st.sampled_from(">:" if is_x12 else ":")),
        draw(st.sampled_from(["~", "'", "\\"] if is_x12 else ["'"])),
        draw(st.sampled_from(["", "\n", "\r\n"])),
        "." if is_x12 else draw(st.sampled_from(".,")),
    )
    groups = draw(st.integers(1, 2)) if is_x12 else 1
    sets = [
        [_set(draw, guide, document, f"{number}-{group}{place}", marks) for place in range(draw(st.integers(1, 3)))]
        for group in range(groups)
    ]
    written = _x12(draw, guide, sets, marks, number) if is_x12 else _edifact(draw, guide, sets[0], marks, number)
    return Interchanges(written.encode(), [record for group in sets for each in group for record in each.records])


def _x12(draw: st.DrawFn, guide: Guide, groups: list[list[SetByChance]], marks: Marks, number: int) -> str:
    release = draw(st.sampled_from(["004010", "005010", "004010VICS"]))
    isa = ["ISA", "00", " " * 10, "00", " " * 10, "ZZ", f"{'THEM':15}", "ZZ", f"{'US':15}", "261125", "0900", "U",
           release[:5], f"{number:09}", "0", "P"]  # fmt: skip
    text = marks.element.join([*isa, marks.component]) + marks.terminator + marks.behind
    for group, sets in enumerate(groups, 1):
        own = str(number * 10 + group)
        text += marks.segment(["GS", guide.group, "THEM", "US", "20261125", "0900", own, "X", release])
        for place, each in enumerate(sets, 1):
            body = [["ST", guide.type, f"{place:04}"], *each.segments]
            text += "".join(map(marks.segment, [*body, ["SE", str(len(body) + 1), f"{place:04}"]]))
        text += marks.segment(["GE", str(len(sets)), own])
    return text + marks.segment(["IEA", str(len(groups)), f"{number:09}"])


def _edifact(draw: st.DrawFn, guide: Guide, sets: list[SetByChance], marks: Marks, number: int) -> str:
    release = draw(st.sampled_from(["96A", "01B", "93A"]))
    needed = marks.decimal == "," or draw(st.booleans())
    text = f"UNA:+{marks.decimal}? '{marks.behind}" if needed else ""
    charset = draw(st.sampled_from(["UNOC:3", "UNOY:3", "UNOC:2"]))
    text += marks.segment(["UNB", charset, "THEM:14", "US:14", "261125:0900", str(number)])
    for place, each in enumerate(sets, 1):
        body = [["UNH", str(place), f"{guide.type}:D:{release}:UN"], *each.segments]
        text += "".join(map(marks.segment, [*body, ["UNT", str(len(body) + 1), str(place)]]))
    return text + marks.segment(["UNZ", str(len(sets)), str(number)])


# ---- a set


def _set(draw: st.DrawFn, guide: Guide, document: str, number: str, marks: Marks) -> SetByChance:
    values = _Values(draw, guide, document, marks)
    head, line, tail = _parts(guide, document)
    header = {name: values.of(name, number) for name in _names(head)}
    count = 1 if guide.tree else draw(st.integers(1, 3))
    lines = [
        {name: values.of(name, f"{number}{place}", place) for name in _names(line)} for place in range(1, count + 1)
    ]
    top = [_filled(each, header | lines[0], guide, marks) for each in head]
    top = values.more(top, guide.mappings[document].header, guide.structure, header)
    segments = [*top]
    records = []
    for own in lines:
        body = [_filled(each, header | own, guide, marks) for each in line]
        more: dict[str, str] = {}
        if not guide.tree:
            nodes = next(each for each in guide.structure if each.holds(guide.records)).inner
            if body[0][0] == guide.records:
                body = values.more(body, guide.mappings[document].record, nodes, more)
        segments += body
        records.append(header | own | more)
    sums = {name: str(sum(int(own[name]) for own in lines)) for name in QUANTITIES & set(_names(line))}
    segments += [_filled(_counting(each, count), header | lines[0] | sums, guide, marks) for each in tail]
    name, left = f"{guide.name}-{document}", NOT_READ.get(guide.name, ())
    shown, also = FIELDS_OF_LITERALS.get(name, {}), ALSO.get(name, {})
    named = [record | shown | {new: record[old] for new, old in also.items()} for record in records]
    named = [{field: value for field, value in record.items() if field not in left} for record in named]
    return SetByChance(segments, [_numbered(guide, each, place) for place, each in enumerate(named, 1)])


def _numbered(guide: Guide, record: dict[str, str], place: int) -> dict[str, str]:
    """A record with the numbers that the guide gives: of the line in its set, behind the number of the movement."""
    options = next(iter(guide.mappings.values())).options
    if column := options.get("counted"):
        record[str(column)] = str(place)
    if "transactionId" in record:
        record["transactionId"] += f"-{place}"
    return record


def _parts(guide: Guide, document: str) -> tuple[list[str], list[str], list[str]]:
    """The lines of a guide's sample: before its records, of a record, and behind."""
    lines = guide.mappings[document].options["sample"].split("\n")
    lines = [each for each in lines if each]
    order = [each.segment for each in guide.structure]
    at = next(place for place, each in enumerate(guide.structure) if each.holds(guide.records))
    ids = [re.split(r"[*+]", each)[0] for each in lines]
    start = ids.index(order[at])
    behind = [place for place in range(start, len(ids)) if ids[place] in order[at + 1 :]]
    end = behind[0] if behind else len(lines)
    return lines[:start], lines[start:end], lines[end:]


def _names(lines: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(gap[0] for each in lines for gap in _GAP.findall(each)))


def _counting(line: str, count: int) -> str:
    """A total of the lines, which the sample has one of."""
    return re.sub(r"^(CTT\*|CNT\+2:)1$", rf"\g<1>{count}", line)


def _filled(line: str, values: Mapping[str, str], guide: Guide, marks: Marks) -> list[str]:
    """The parts of a segment of a sample, with values."""
    element, component = ("*", ">") if guide.standard == X12 else ("+", ":")
    parts = []
    for part in line.split(element):
        pieces = part.split(component) if component != ":" else re.split(r":(?![^{]*\})", part)
        parts.append(marks.component.join(_GAP.sub(lambda gap: _written(gap[1], values[gap[1]], gap[2], guide, marks), each)
                                          for each in pieces))  # fmt: skip
    return parts


def _written(name: str, value: str, how: str | None, guide: Guide, marks: Marks) -> str:
    """A value of a field as it stands in a segment; ``how``: of a moment, what is written of it."""
    moment = _MOMENT.fullmatch(value)
    if moment:
        day, time = "".join(moment.groups()[:3]), "".join(each or "" for each in moment.groups()[3:])
        return {"time": time, "moment": day + time}.get(how or "", day)
    if guide.standard == X12:
        return value
    if name in PRICES:
        return value.replace(".", marks.decimal)
    return re.sub(r"[+:'?]", r"?\g<0>", value)


class _Values:
    """Draws the values of one set."""

    def __init__(self, draw: st.DrawFn, guide: Guide, document: str, marks: Marks) -> None:
        self._draw, self._guide, self._marks = draw, guide, marks
        self._document = DOCUMENTS[document]
        letters = ALPHABET + ("" if guide.standard == X12 else RELEASED)
        taken = {marks.element, marks.component, marks.terminator} if guide.standard == X12 else set()
        self._letters = "".join(each for each in letters if each not in taken)

    def of(self, name: str, number: str, place: int = 0) -> str:
        """A value of a field; ``number``: what no other document, or line, has; ``place``: of the line, from 1."""
        own = self._document.fields.get(name)
        example = self._document.example.get(name, "")
        if name in COUNTED and place:
            return str(place)
        if name == self._document.number or name in ("skuId", "documentNumber"):
            return f"{name[:2].upper()}{number}"
        if name in QUANTITIES:
            return str(self._draw(st.integers(1, 9999)))
        if name in PRICES:
            return f"{self._draw(st.integers(1, 99))}.{self._draw(st.integers(10, 98))}"
        if name in TEXTS or (own and own[1].kind in (Kind.TEXT, Kind.ID) and name not in self._document.example):
            return self._text(name)
        return example

    def _text(self, name: str) -> str:
        texts = st.text(self._letters, min_size=3, max_size=LONGEST).map(str.strip)
        text = self._draw(texts.filter(lambda each: len(each) > 2 and not _OTHERWISE.match(each)))
        _, own = self._document.fields[name]
        return text if own.kind is Kind.TEXT else re.sub(r"[^A-Z0-9]", "X", text.upper())[:LONGEST]  # ß is SS

    def more(
        self, segments: list[list[str]], sources: Sequence[Source], nodes: Sequence[Node], values: dict[str, str]
    ) -> list[list[str]]:
        """Those segments and others from which a field comes, in the order of the guide; ``values``: gets the fields."""
        order = [each.segment for each in nodes]
        groups = _grouped(segments, order)
        for source, path in self._possible(sources, segments, order):
            if not self._draw(st.booleans()):
                continue
            values[source.column] = text = self._text(source.column)
            group = [self._segment(path, _written(source.column, text, None, self._guide, self._marks))]
            rank = order.index(path.loop or path.segment)
            ranks = [order.index(each[0][0]) if each[0][0] in order else -1 for each in groups]
            groups.insert(next((place for place, own in enumerate(ranks) if own > rank), len(groups)), group)
        return [each for group in groups for each in group]

    def _possible(
        self, sources: Sequence[Source], segments: Sequence[Sequence[str]], order: Sequence[str]
    ) -> Iterator[tuple[Source, Path]]:
        """A path of each text that nothing of the sample says, and no other field comes from."""
        used = {(each[0], each[1].split(self._marks.component)[0]) for each in segments if len(each) > 1}
        every = [path for each in self._sources for path in each.paths]
        for source in sources:
            own = self._document.fields.get(source.column)
            is_text = own is not None and own[1].kind in (Kind.TEXT, Kind.ID) and not own[1].codes
            if not is_text or source.how.keys() - PLAIN or source.column in (*self._document.example, PIECES):
                continue
            places = {
                (path.loop or path.segment, each) for path in source.paths for each in path.qualifiers or (path.of,)
            }
            if not places.isdisjoint(used):
                continue
            fitting = [path for path in source.paths if self._is_simple(path, order) and _alone(path, source, every)]
            if fitting:
                path = self._draw(st.sampled_from(fitting))
                used.add((path.loop or path.segment, path.of or path.qualifiers[0]))
                yield source, path

    @property
    def _sources(self) -> list[Source]:
        return [each for mapping in self._guide.mappings.values() for each in mapping.sources()]

    def _is_simple(self, path: Path, order: Sequence[str]) -> bool:
        if path.level or path.but or path.beside or (path.loop or path.segment) not in order:
            return False
        if path.loop:
            return path.text in (f"N1*{path.of}.N104", f"NAD*{path.of}.NAD02-1")
        return bool(path.qualifiers) and path.qualifiers != ("",) and path.segment in ("REF", "N9", "RFF")

    def _segment(self, path: Path, text: str) -> list[str]:
        """A segment with a value."""
        if path.loop:
            return ["N1", path.of, "", "92", text] if path.loop == "N1" else ["NAD", path.of, f"{text}::92"]
        qualifier = self._draw(st.sampled_from(path.qualifiers))
        about = self._guide.dictionary.segments[path.segment].pairs[0].about
        return [path.segment, qualifier, text] if about == Spot(2) else [path.segment, f"{qualifier}:{text}"]


def _alone(path: Path, source: Source, every: Sequence[Path]) -> bool:
    """Whether only this field comes from the place of a path."""
    place = {(path.loop, path.of, path.segment, each) for each in path.qualifiers or ("",)}
    others = [each for each in every if each not in source.paths]
    return all(
        place.isdisjoint({(each.loop, each.of, each.segment, own) for own in each.qualifiers or ("",)})
        and not (each.loop and (each.loop, each.of) == (path.loop, path.of))
        for each in others
    )


def _grouped(segments: list[list[str]], order: Sequence[str]) -> list[list[list[str]]]:
    """The segments, each with those of its loop behind it."""
    groups: list[list[list[str]]] = []
    for each in segments:
        if groups and each[0] not in order:
            groups[-1].append(each)
        else:
            groups.append([each])
    return groups


def named_guides() -> list[tuple[str, str]]:
    """The guides and what they become."""
    return [(name, document) for name, each in guides().items() for document in each.mappings]
