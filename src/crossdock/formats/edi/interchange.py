"""What stands in an interchange: its envelope, its groups, its sets, and what is wrong with each, as data.

Everything that an acknowledgement needs is here (contract edi.md §2–§4, §10): ids, numbers, dates, versions, counts,
separators, and the faults of the syntax in the order of the file. Nothing here reads bytes.
"""

from __future__ import annotations

import dataclasses
import json
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, groupby
from json.encoder import encode_basestring as _quoted
from typing import Any, NamedTuple, overload

X12, EDIFACT = "x12", "edifact"
TECHNICAL, FUNCTIONAL, NEWER_FUNCTIONAL = "TA1", "997", "999"
CONTROL, RECEIPT = "CONTRL", "receipt"
"""The answers to envelopes and to sets; ``RECEIPT`` is a CONTRL that says only that an interchange came."""
OF_ENVELOPES = frozenset(("set_cut", "set_number", "set_count", "set_number_twice"))
"""Faults of the envelope of a set."""
OF_TRAILERS = ("interchange_numbers", "interchange_counts", "group_numbers", "group_counts")
"""Faults that a partner's ``trailers`` may forgive."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that the standard forbids, or that makes an envelope odd.

    ``code``: of the catalogue, or of the refusals. ``why``: which of several cases of the code it is, one word, such as
    ``short`` or ``loop``. ``segment``: the id of the segment; ``position``: its place in the set, ST or UNH is 1.
    ``element``: its place in the segment, 0 for the segment itself; ``component``, ``repetition``: within it, else 0.
    ``number``: of the data element. ``qualifier``: what another element says it is, such as ``21``. ``loop``: ``N1``,
    ``HL 7 (I)``, ``SG25``. ``value``: as sent. ``ordinal``: of the set in its part, 0 outside of sets.
    """

    code: str
    why: str = ""
    segment: str = ""
    position: int = 0
    element: int = 0
    component: int = 0
    repetition: int = 0
    number: str = ""
    qualifier: str = ""
    loop: str = ""
    value: str = ""
    ordinal: int = 0

    def details(self) -> dict[str, Any]:
        """The fields that say something, for JSON."""
        pairs = ((each.name, getattr(self, each.name)) for each in dataclasses.fields(self))
        return {name: value for name, value in pairs if value not in ("", 0) and name != "code"}

    def as_json(self) -> dict[str, Any]:
        """The fault as a JSON object."""
        return {"code": self.code} | self.details()


def _fault_of(fields: Mapping[str, Any]) -> Fault:
    """The fault that ``Fault.as_json`` wrote."""
    return Fault(**{each.name: fields[each.name] for each in dataclasses.fields(Fault) if each.name in fields})


ANSWERED = 6
"""Members of the JSON of a set whose sender wants an answer to it."""


class SetRecord(NamedTuple):
    """A set or message: ST…SE, UNH…UNT. A tuple, because it is made for each set several times.

    ``type``: ``940``, ``ORDERS``. ``number``: ST02, UNH 0062. ``version``: ST03, or UNH S009 as sent. ``promised``: the
    count of its trailer as sent, None without a trailer. ``segments``: counted, both ends too. ``start``, ``end``: its
    bytes in the file. ``faults``: of its envelope, then of its segments in their order. ``unanswered``: its sender
    wants no answer to it (BEG07, 4343 ``NA``).
    """

    type: str
    number: str
    version: str = ""
    segments: int = 0
    promised: str | None = None
    start: int = 0
    end: int = 0
    faults: tuple[Fault, ...] = ()
    unanswered: bool = False

    @property
    def has_right_envelope(self) -> bool:
        """Whether its own number and count are right, so that it is what its sender wrote."""
        return not any(fault.code in OF_ENVELOPES for fault in self.faults)

    def as_json(self) -> list[Any]:
        """The set as a short JSON list: type, number, version, segments, count promised, faults; 1 if unanswered."""
        faults = [each.as_json() for each in self.faults] if self.faults else []
        fields = [self.type, self.number, self.version, self.segments, self.promised, faults]
        return [*fields, 1] if self.unanswered else fields

    def as_text(self) -> str:
        """``as_json`` as text."""
        if self.faults or self.unanswered or self.promised is None:
            return json.dumps(self.as_json(), ensure_ascii=False)
        kind, version = _quoted(self.type), _quoted(self.version)  # most are like this one, and there are very many
        return f"[{kind}, {_quoted(self.number)}, {version}, {self.segments}, {_quoted(self.promised)}, []]"


class SetRecords(Sequence[SetRecord]):
    """The sets of a group, kept by column: there may be hundreds of thousands, of which nearly all are alike."""

    def __init__(self, records: Iterable[SetRecord] = ()) -> None:
        self._kinds: list[tuple[str, str]] = []
        self._known: dict[tuple[str, str], int] = {}
        self._kind, self._segments, self._start, self._end = array("L"), array("L"), array("Q"), array("Q")
        self._numbers, self._behind = bytearray(), array("Q")
        self._odd: dict[int, SetRecord] = {}
        self.extend(records)

    def extend(self, records: Iterable[SetRecord]) -> None:
        """Add sets."""
        for each in records:
            self.append(each)

    def append(self, record: SetRecord) -> None:
        """Add a set."""
        if record.faults or record.unanswered or record.promised != str(record.segments):
            self._odd[len(self._kind)] = record
        self.add(record.type, record.number, record.version, record.segments, record.start, record.end)

    def add(self, type_: str, number: str, version: str, segments: int, start: int, end: int) -> None:
        """Add a set that has no fault, counts its segments as they are, and wants an answer."""
        self._kind.append(self._kind_of((type_, version)))
        self._numbers += number.encode()
        self._behind.append(len(self._numbers))
        self._segments.append(segments)
        self._start.append(start)
        self._end.append(end)

    def add_all(
        self,
        kinds: Iterable[tuple[str, str]],
        numbers: Sequence[str],
        segments: Iterable[int],
        starts: Iterable[int],
        ends: Iterable[int],
    ) -> None:
        """Add many sets at once; of each what ``add`` takes, ``kinds``: its type and its version."""
        encoded = [each.encode() for each in numbers]
        self._kind.extend(map(self._kind_of, kinds))
        _, *behind = accumulate(map(len, encoded), initial=len(self._numbers))
        self._numbers += b"".join(encoded)
        self._behind.extend(behind)
        self._segments.extend(segments)
        self._start.extend(starts)
        self._end.extend(ends)

    def _kind_of(self, kind: tuple[str, str]) -> int:
        """The number of a type and a version."""
        number = self._known.setdefault(kind, len(self._kinds))
        if number == len(self._kinds):
            self._kinds.append(kind)
        return number

    def add_json(self, sets: Sequence[Sequence[Any]]) -> None:
        """Add sets that ``SetRecord.as_json`` wrote."""
        if set(map(len, sets)) == {ANSWERED}:
            types, numbers, versions, segments, promised, faults = zip(*sets, strict=True)
            if not any(faults) and list(map(str, segments)) == list(promised):
                nowhere = [0] * len(sets)
                self.add_all(zip(types, versions, strict=True), numbers, segments, nowhere, nowhere)
                return
        self.extend(map(set_of, sets))

    @property
    def types(self) -> tuple[str, ...]:
        """The types of its sets, each once."""
        return tuple(dict.fromkeys(type_ for type_, _ in self._kinds))

    @property
    def versions(self) -> tuple[str, ...]:
        """The versions of its sets, each once."""
        return tuple(dict.fromkeys(version for _, version in self._kinds))

    def faulty(self, places: range) -> list[int]:
        """The places of those sets among some that have a fault."""
        return [place for place in places if place in self._odd and self._odd[place].faults]

    def alike(self, places: range) -> Iterator[tuple[str, str, list[str]]]:
        """Those sets of some that follow each other and are of one kind: its type, its version, their numbers."""
        for kind, own in groupby(places, self._kind.__getitem__):
            yield *self._kinds[kind], [self._number(place) for place in own]

    def __len__(self) -> int:
        return len(self._kind)

    @overload
    def __getitem__(self, place: int) -> SetRecord: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[SetRecord, ...]: ...
    def __getitem__(self, place: int | slice) -> SetRecord | tuple[SetRecord, ...]:
        if isinstance(place, slice):
            return tuple(self[each] for each in range(*place.indices(len(self))))
        at = range(len(self))[place]
        if at in self._odd:
            return self._odd[at]
        type_, version = self._kinds[self._kind[at]]
        count = self._segments[at]
        return SetRecord(type_, self._number(at), version, count, str(count), self._start[at], self._end[at])

    def __iter__(self) -> Iterator[SetRecord]:
        kinds, numbers, odd, begin = self._kinds, self._numbers, self._odd, 0
        columns = (self._kind, self._behind, self._segments, self._start, self._end)
        for at, (kind, behind, segments, start, end) in enumerate(zip(*columns, strict=True)):
            if at in odd:
                yield odd[at]
            else:
                type_, version = kinds[kind]
                number = numbers[begin:behind].decode()
                yield SetRecord(type_, number, version, segments, str(segments), start, end)
            begin = behind

    def _number(self, at: int) -> str:
        return self._numbers[self._behind[at - 1] if at else 0 : self._behind[at]].decode()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]


def set_of(fields: Sequence[Any]) -> SetRecord:
    """The set that ``SetRecord.as_json`` wrote; without its place in the file."""
    type_, number, version, segments, promised, faults, *unanswered = fields
    known = tuple(map(_fault_of, faults))
    return SetRecord(type_, number, version, segments, promised, faults=known, unanswered=bool(unanswered))


@dataclass(frozen=True, slots=True)
class GroupRecord:
    """A functional group: GS…GE, UNG…UNE; or the messages of an EDIFACT interchange without groups, if not ``marked``.

    ``code``: GS01, UNG 0038. ``sender``, ``receiver``: as sent. ``version``: GS08, UNG S008 as sent. ``promised``: the
    count of its trailer, None without one. ``header``: the elements of its header as sent. ``start``, ``end``: bytes.
    """

    code: str = ""
    sender: str = ""
    receiver: str = ""
    date: str = ""
    time: str = ""
    number: str = ""
    agency: str = ""
    version: str = ""
    promised: str | None = None
    marked: bool = True
    header: tuple[str, ...] = ()
    start: int = 0
    end: int = 0
    sets: SetRecords = field(default_factory=SetRecords)
    faults: tuple[Fault, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The group without its sets, as a JSON object."""
        return _plain(self, without=("sets",))


@dataclass(frozen=True, slots=True)
class Party:
    """Who sends or receives: ``qualifier:id``; ``routing``: of EDIFACT, the address behind it."""

    qualifier: str
    id: str
    routing: str = ""

    @property
    def name(self) -> str:
        """``01:004798716``."""
        return f"{self.qualifier}:{self.id}"

    @property
    def as_key(self) -> str:
        """As a partner's TOML writes it: without a qualifier ``*:004798716``."""
        return f"{self.qualifier or '*'}:{self.id}"


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is wanted of answers to an interchange. ``technical``: to its envelope, ``asked``, ``always``, ``errors`` or
    ``never``; ``functional``: to its sets, the name of one or ``none``; ``asks``: what it asks for itself.
    """

    technical: str
    functional: str
    asks: str


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What an acknowledgement says of one of ours: ``type`` of its set; ``level`` (interchange, group) and ``number``
    of ours; ``verdict``: A, E, P, R.
    """

    type: str
    level: str
    number: str
    verdict: str


@dataclass(frozen=True, slots=True)
class Interchange:
    """An interchange: ISA…IEA, UNB…UNZ.

    ``number``: ISA13, UNB 0020. ``usage``: ``T`` test, ``P`` production, ``I`` information. ``version``: ISA12, UNB
    0002. ``asks``: ISA14, UNB 0031. ``promised``: the count of its trailer, None without one; ``closing``: the number
    there. ``header``: the elements of ISA or UNB as sent. ``separators``: element, component, repetition (or ''),
    terminator, release (or ''), decimal mark. ``encoding``: in which its text is read. ``opening``, ``closed``: the
    bytes where its first group begins, and where its trailer does. ``faults``: the worst first.
    """

    standard: str
    sender: Party
    receiver: Party
    number: str
    date: str = ""
    time: str = ""
    usage: str = "P"
    version: str = ""
    charset: str = ""
    asks: str = ""
    promised: str | None = None
    closing: str = ""
    header: tuple[str, ...] = ()
    separators: Mapping[str, str] = field(default_factory=dict)
    encoding: str = "utf-8"
    start: int = 0
    opening: int = 0
    closed: int = 0
    end: int = 0
    groups: tuple[GroupRecord, ...] = ()
    faults: tuple[Fault, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The interchange without its groups, as a JSON object."""
        return _plain(self, without=("groups",))

    @property
    def key(self) -> tuple[str, ...]:
        """What no other interchange has: standard, sender, receiver, usage and number."""
        return self.standard, self.sender.name, self.receiver.name, self.usage, self.number

    @property
    def wrong_trailers(self) -> Iterator[str]:
        """What is wrong with the trailers of itself and of its groups, where these are there."""
        whole = f"of the interchange {self.number}"
        owners = [(whole, self.faults), *((f"of the group {each.number}", each.faults) for each in self.groups)]
        for owner, faults in owners:
            for fault in faults:
                if fault.code in OF_TRAILERS:
                    yield f"{fault.segment}{fault.element:02} '{fault.value}' {owner}"

    @property
    def is_test(self) -> bool:
        """Whether it says that it is no real one."""
        return self.usage in ("T", "I")


def _plain(record: GroupRecord | Interchange, without: Sequence[str]) -> dict[str, Any]:
    """A record as a JSON object."""
    fields = {each.name: getattr(record, each.name) for each in dataclasses.fields(record) if each.name not in without}
    return {
        name: [each.as_json() for each in value]
        if name == "faults"
        else dataclasses.asdict(value)
        if isinstance(value, Party)
        else dict(value)
        if isinstance(value, Mapping)
        else value
        for name, value in fields.items()
    }


def group_of(fields: Mapping[str, Any], sets: Iterable[SetRecord] = ()) -> GroupRecord:
    """The group that ``GroupRecord.as_json`` wrote, with its sets."""
    faults = tuple(map(_fault_of, fields["faults"]))
    own = sets if isinstance(sets, SetRecords) else SetRecords(sets)
    return GroupRecord(**{**fields, "header": tuple(fields["header"]), "faults": faults, "sets": own})


def interchange_of(fields: Mapping[str, Any], groups: Sequence[GroupRecord] = ()) -> Interchange:
    """The interchange that ``Interchange.as_json`` wrote, with its groups."""
    parties = {name: Party(**fields[name]) for name in ("sender", "receiver")}
    faults = tuple(map(_fault_of, fields["faults"]))
    whole = {**fields, **parties, "header": tuple(fields["header"]), "faults": faults, "groups": tuple(groups)}
    return Interchange(**whole)
