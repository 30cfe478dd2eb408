"""X12's envelope: ISA and its separators, GS and ST, and their trailers (contract edi.md §2).

The separators are found by counting, not by position: real ISAs are shorter than 106 characters, some have no ISA16.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from crossdock.failures.refusals import Refused
from crossdock.formats.edi.interchange import (
    FUNCTIONAL,
    NEWER_FUNCTIONAL,
    TECHNICAL,
    X12,
    Fault,
    GroupRecord,
    Interchange,
    Party,
    Wishes,
)
from crossdock.formats.edi.syntax import BREAKS, Syntax, begins
from crossdock.schema.names import BLANKS

FIELDS = 16
"""Elements of an ISA."""
LENGTH = 106
"""Characters of an ISA with its terminator."""
REPEATS_FROM = "00402"
"""From this version on ISA11 is the repetition separator; before, ``U``."""
_QUALIFIERS = (
    *("01", "02", "03", "04", "07", "08", "09", "10", "11", "12", "13", "14", "15", "16", "17", "18", "19", "20",
        "21", "22", "23", "24", "25", "26", "27", "28", "29", "30", "31", "32", "33", "34", "35", "36", "37", "38",
      "AM", "NR", "SA", "SN", "ZZ"),
)  # fmt: skip
LISTED = {5: _QUALIFIERS, 7: _QUALIFIERS, 14: ("0", "1", "2", "3"), 15: ("I", "P", "T")}
"""The codes of ISA05 (and 07), 14 and 15 (005010, I05, I13, I14)."""
WRITTEN = {9: "%y%m%d", 10: "%H%M"}
"""How the day and the time of an ISA are written."""
NUMBER, DIGITS = 13, 9
"""The element of the control number, and how many digits it has at most."""
ASKED = {"1": "ARE", "2": "R", "3": "RE"}
"""ISA14: which verdicts of an interchange it asks to be told; without one of these only the worst (005010, I13)."""
ANSWERS_IN_GROUPS = True
"""Whether answers stand in groups of their own, which have numbers."""
INFORMATION = "I"
"""The usage of interchanges whose sets are checked without an answer."""
OLDEST, NEWEST = "003010", "008030"
"""The releases that are read, with the nearest of those that are known."""
SET, SET_END = "ST", "SE"
GROUP, GROUP_END = "GS", "GE"
HEADER, TRAILER = "ISA", "IEA"
HEADERS = (HEADER,)
"""With which the next interchange may begin."""
GROUPS = {
    "850": "PO", "860": "PC", "856": "SH", "940": "OW", "943": "AR", "944": "RE", "945": "SW", "947": "AW",
    "180": "AN", "832": "SC", "846": "IB", "997": "FA", "999": "FA", "824": "AG", "855": "PR", "865": "CA",
}  # fmt: skip
"""GS01 of a set (005010, 479)."""


def syntax_of(head: str, encoding: str) -> tuple[Syntax, list[str], int]:
    """The separators of the ISA with which a text begins, its elements, and its length with the terminator.

    ``head``: the text from the ISA on, read as Latin-1. Raises ``Refused`` if its separators can't be told.
    """
    element = head[3]
    parts = head.split(element, FIELDS)
    if len(parts) <= FIELDS or len(parts[FIELDS]) < 2:
        raise Refused("interchange_unreadable", which=HEADER, reason="it has fewer than 16 elements")
    behind = _characters(parts[FIELDS], encoding)
    component, terminator = behind[0], behind[1]
    if _ends_the_next(parts[FIELDS], component):
        component, terminator = "", component
    if element in (component, terminator) or component == terminator:
        raise Refused("interchange_unreadable", which=HEADER, reason="two of its separators are the same")
    for name, mark in (("element", element), ("segment", terminator)):
        if mark.isalnum() or mark == " ":
            raise Refused("interchange_unreadable", which=HEADER, reason=f"its {name} separator is {mark!r}")
    fields = [each.strip(BLANKS) for each in parts[:FIELDS]]
    repeats = fields[11]
    repetition = repeats if len(repeats) == 1 and not repeats.isalnum() and fields[12] >= REPEATS_FROM else ""
    syntax = Syntax(X12, element, component, repetition, terminator, encoding=encoding)
    sent = sum(map(len, parts[:FIELDS])) + FIELDS
    return syntax, [*parts[:FIELDS], component], sent + len(component) + len(terminator)


def _characters(text: str, encoding: str) -> list[str]:
    """The first two characters of a text that is read as Latin-1, each as it stands there."""
    first = text[:16].encode("latin-1").decode(encoding, errors="replace")
    return [each.encode(encoding, errors="replace").decode("latin-1") for each in first[:2]]


def _ends_the_next(behind: str, mark: str) -> bool:
    """Whether the one character behind the 16th separator ends the ISA: a line break follows, and it ends GS, too."""
    following = behind[len(mark) :]
    if following[:1] not in BREAKS or not following:
        return False
    return following.lstrip(BREAKS).splitlines()[:1] != [] and following.lstrip(BREAKS).splitlines()[0].endswith(mark)


def interchange_of(elements: list[str], syntax: Syntax, length: int) -> Interchange:
    """The interchange that an ISA begins; ``length``: of the ISA in characters."""
    isa = ["".join(syntax.text(each).splitlines()).strip(BLANKS) for each in elements]
    size = length - sum(each.count(mark) for each in elements for mark in BREAKS)  # breaks of wrapped lines don't count
    faults = [Fault("isa_size", value=str(size), segment=HEADER)] if size != LENGTH else []
    faults += [
        Fault("envelope_code", segment=HEADER, element=place, value=isa[place])
        for place, codes in LISTED.items()
        if isa[place] not in codes
    ]
    faults += [
        Fault("envelope_code", segment=HEADER, element=place, value=isa[place])
        for place, form in WRITTEN.items()
        if not _is_written(isa[place], form)
    ]
    number = isa[NUMBER]
    if not number.isdecimal() or len(number) > DIGITS:
        code = "long_interchange_number" if len(number) > DIGITS else "envelope_code"
        faults.append(Fault(code, segment=HEADER, element=NUMBER, value=number))
    if not isa[6] or not isa[8]:
        raise Refused("interchange_unreadable", which=HEADER, reason="it names no sender or no receiver")
    return Interchange(
        standard=X12,
        sender=Party(isa[5], isa[6]),
        receiver=Party(isa[7], isa[8]),
        number=isa[13],
        date=isa[9],
        time=isa[10],
        usage=isa[15] if isa[15] in LISTED[15] else "P",
        version=isa[12],
        asks=isa[14],
        header=tuple(isa),
        separators=syntax.shown(),
        encoding=syntax.encoding,
        faults=tuple(faults),
    )


def _is_written(text: str, form: str) -> bool:
    """Whether a text is a day, or a time, as it should be written."""
    try:
        return datetime.strptime(text, form).replace(tzinfo=UTC).strftime(form) == text
    except ValueError:
        return False


def closing_of(segment: list[str]) -> tuple[str, str]:
    """Count and number of a trailer: IEA, GE, SE."""
    return (segment[1].strip() if len(segment) > 1 else "", segment[2].strip() if len(segment) > 2 else "")


def between_sets(element: str, component: str, behind: str) -> str:
    """A pattern of the SE of one set and the ST of the next, as most are: ``count`` and ``closed`` of the one,
    ``type``, ``number`` and ``version`` of the other, which is ``set``. ``behind``: of what stands behind a segment.
    """
    return (
        rf"(?P<end>SE{element}(?P<count>[0-9]+){element}(?P<closed>[0-9A-Za-z]+)){behind}"
        rf"(?P<set>ST{element}(?P<type>[0-9A-Za-z]+){element}(?P<number>[0-9A-Za-z]+)"
        rf"(?:{element}(?P<version>[0-9A-Za-z]*))?)"
    )


def group_of(segment: list[str], start: int) -> GroupRecord:
    """The group that a GS begins."""
    gs = [*segment, *[""] * 8]
    release = gs[8][: len(OLDEST)]
    known = release.isdecimal() and OLDEST <= release <= NEWEST
    faults = () if known else (Fault("group_version", segment=GROUP, element=8, value=gs[8]),)
    header = tuple(segment)
    return GroupRecord(
        gs[1], gs[2], gs[3], gs[4], gs[5], gs[6], gs[7], gs[8], header=header, start=start, faults=faults
    )


def wrong_code(group: GroupRecord) -> GroupRecord:
    """A group with a fault if its code is that of none of its sets."""
    types = group.sets.types
    if not types or group.code in {GROUPS.get(each, group.code) for each in types}:
        return group
    return replace(group, faults=(*group.faults, Fault("gs_code", segment=GROUP, element=1, value=group.code)))


def answer_to_envelope(wishes: Wishes, verdict: str) -> str:
    """The answer that is due when an interchange is booked, '' if none is. ``verdict``: of its envelope, A, E, R."""
    wanted = {"always": "ARE", "errors": "RE", "never": ""}.get(wishes.technical, ASKED.get(wishes.asks, "R"))
    return TECHNICAL if verdict in wanted else ""


def answer_to_sets(wishes: Wishes, usage: str) -> str:
    """The answer that is due when all sets have their verdict, '' if none is."""
    if wishes.functional == "none" or usage == INFORMATION:
        return ""
    return NEWER_FUNCTIONAL if wishes.functional == NEWER_FUNCTIONAL else FUNCTIONAL


def is_interchange(segment: str) -> bool:
    """Whether a segment is the ISA of a next interchange, which may have other separators."""
    return segment.startswith(HEADER) and begins(segment) == X12
