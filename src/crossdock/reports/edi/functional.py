"""997 and 999: which sets of each group are taken, and what the standard forbids in them (contract edi.md §10)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from crossdock.formats.edi.interchange import Fault, SetRecord
from crossdock.model.edi_answer import F999
from crossdock.model.interchange import release_of
from crossdock.reports.edi.verdicts import REJECTED, TAKEN, GroupVerdict, SetVerdict, TakenSets
from crossdock.reports.edi.writing.codes import BUSINESS, coded, of_ours, of_release
from crossdock.reports.edi.writing.x12 import VALUE, Group, Ready, Segment, X12Writer, is_newer

MOST_ELEMENTS, MOST_SEGMENTS, MOST_CODES, LONGEST = 99, 1_000, 5, 99
"""AK4 of a segment, AK3 of a set, codes of AK5 and AK9, characters of AK404."""
HAS_ELEMENTS = "8"
"""AK304: the segment has elements that are wrong."""
IN_ERROR = "5"
"""AK502: the set has segments that are wrong."""
CODE = "FA"
IMPLEMENTATION = "005010X231A1"
"""GS08 and ST03 of a 999."""


@dataclass(frozen=True)
class _Names:
    """What the segments are called: 997's, 999's. ``in_error``: the set has segments that our rules forbid;
    ``of_guides``: what those are called differs from what the standard forbids.
    """

    segment: str
    element: str
    set: str
    in_error: str
    of_guides: bool


NAMES = {
    "997": _Names("AK3", "AK4", "AK5", IN_ERROR, of_guides=False),
    "999": _Names("IK3", "IK4", "IK5", "I5", of_guides=True),
}
TRIGGER = "SITUATIONAL TRIGGER"
"""CTX01: an element is wrong because of another one."""


def groups(verdicts: Iterable[GroupVerdict], type_: str, writer: X12Writer) -> list[Group]:
    """The groups that answer an interchange: one set for each group of it. ``type_``: ``997``, ``999``."""
    sets: dict[tuple[str, str, str], list[Iterator[Segment | Ready]]] = defaultdict(list)
    for verdict in verdicts:
        group = verdict.record
        key = (group.receiver, group.sender, release_of(group.version))
        sets[key].append(_set(verdict, NAMES[type_], writer))
    implementation = IMPLEMENTATION if type_ == F999 else ""
    return [
        Group(CODE, sender, receiver, implementation or release, type_, each, implementation)
        for (sender, receiver, release), each in sets.items()
    ]


def _set(verdict: GroupVerdict, names: _Names, writer: X12Writer) -> Iterator[Segment | Ready]:
    group = verdict.record
    newer = is_newer(group.version)
    yield ("AK1", group.code, group.number, group.version if newer else "")
    counts: Counter[str] = Counter()
    if not verdict.unread:
        for each in verdict.runs:
            if isinstance(each, TakenSets):
                counts[TAKEN] += len(each.places)
                for type_, version, numbers in each.records.alike(each.places):
                    own = SetRecord(type_, VALUE, version)
                    yield writer.of_each(numbers, [_begin(own, newer=newer), (names.set, TAKEN)])
            else:
                counts[each.verdict] += 1
                yield from _answers(each, names, writer, newer=newer)
    promised = group.promised if (group.promised or "").isdecimal() else ""
    received = counts.total() or len(group.sets) or int(promised or 0)
    codes = [code for each in verdict.codes if (code := of_release(coded(each, "group"), "group", newer=newer))]
    yield ("AK9", verdict.verdict(counts), promised or str(received), str(received), str(verdict.accepted(counts)),
           *codes[:MOST_CODES])  # fmt: skip


def _answers(verdict: SetVerdict, names: _Names, writer: X12Writer, *, newer: bool) -> Iterator[Segment]:
    yield _begin(verdict.record, newer=newer)
    segments = list(_segments(verdict.faults, names, writer, newer=newer))
    yield from segments
    codes = [of_release(coded(each.code, each.why), "set", newer=newer) for each in verdict.faults]
    if segments or (verdict.verdict == REJECTED and not any(codes)):
        ours = all(coded(each.code, each.why)["level"] == BUSINESS for each in verdict.faults)
        codes.append(names.in_error if ours else IN_ERROR)
    yield (names.set, verdict.verdict, *list(dict.fromkeys(filter(None, codes)))[:MOST_CODES])


def _begin(record: SetRecord, *, newer: bool) -> Segment:
    return ("AK2", record.type, record.number, record.version if newer else "")


def _segments(faults: Sequence[Fault], names: _Names, writer: X12Writer, *, newer: bool) -> Iterator[Segment]:
    """AK3 with its AK4, in the order of the set."""
    by_segment: dict[tuple[int, str, str, str], list[Fault]] = defaultdict(list)
    for fault in faults:
        row = coded(fault.code, fault.why)
        code = of_ours(row, "segment") if names.of_guides else row["segment"]
        if code and fault.position:
            by_segment[fault.position, fault.segment, fault.loop, code].append(fault)
    for (position, segment, loop, code), own in list(by_segment.items())[:MOST_SEGMENTS]:
        yield (names.segment, segment, str(position), loop.split(" ")[0][:6], code)
        if code == HAS_ELEMENTS:
            for each in own[:MOST_ELEMENTS]:
                if each.element:
                    yield _element(each, names, writer, newer=newer)
                    if names.of_guides and each.why == "conditional":
                        yield ("CTX", TRIGGER, segment, str(position))


def _element(fault: Fault, names: _Names, writer: X12Writer, *, newer: bool) -> Segment:
    place = [str(fault.element), str(fault.component or ""), str(fault.repetition or "")]
    row = coded(fault.code, fault.why)
    ours = names.of_guides and row["level"] == BUSINESS
    code = of_ours(row, "element") if ours else of_release(row, "element", newer=newer)
    value = fault.value[:LONGEST] if writer.is_writable(fault.value) else ""
    return (names.element, tuple(place), fault.number, code, value)
