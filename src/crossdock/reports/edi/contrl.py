"""CONTRL: what becomes of an interchange of EDIFACT, of its groups and of its messages (ISO 9735-4).

One code a level, at the lowest level that can say it. A message that is taken is 7 though it has errors: EDIFACT has no
word for that.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from crossdock.formats.edi.interchange import Fault, GroupRecord
from crossdock.model.interchange import InterchangeRecord
from crossdock.reports.edi.verdicts import LACKING, REJECTED, GroupVerdict, SetVerdict
from crossdock.reports.edi.writing.codes import coded
from crossdock.reports.edi.writing.edifact import Segment

RECEIVED, TAKEN, NOT_TAKEN = "8", "7", "4"
"""0083."""
OTHER = "18"
"""0085: unspecified."""
OLDER, NEWER = ("CONTRL", "D", "3", "UN"), ("CONTRL", "4", "1", "UN")
"""S009, for syntax versions 1–3 and from 4 on."""
TRAILERS = {"interchange_cut": "UNZ", "interchange_numbers": "UNZ", "interchange_counts": "UNZ", "group_cut": "UNE",
            "group_numbers": "UNE", "group_counts": "UNE", "set_cut": "UNT", "set_number": "UNT", "set_count": "UNT",
            "set_number_twice": "UNH", "unknown_set": "UNH", "unknown_sender": "UNB", "other_receiver": "UNB",
            "test_interchange": "UNB", "interchange_twice": "UNB"}  # fmt: skip
"""The service segment (0135) in which it is."""
MOST_ELEMENTS, MOST_SEGMENTS = 99, 999
"""UCD of a segment, UCS of a message."""
TAG = 1
"""The tag is counted in 0098: the first element has the position 2 (0098's definition)."""


def receipt(record: InterchangeRecord) -> list[Segment]:
    """That the interchange came, and nothing else."""
    return [_uci(record, RECEIVED)]


def refusal(record: InterchangeRecord) -> list[Segment]:
    """That nothing of the interchange is taken, and why."""
    code = coded(record.refused, "interchange")
    error = code["contrl"] if code["contrl_at"] == "UCI" else OTHER
    return [_uci(record, NOT_TAKEN, error, TRAILERS.get(record.refused, ""))]


def answer(record: InterchangeRecord, verdicts: Iterable[GroupVerdict]) -> Iterator[Segment]:
    """What becomes of each group and message."""
    yield _uci(record, TAKEN)
    for verdict in verdicts:
        if verdict.record.marked:
            yield _ucf(verdict)
        if not (verdict.record.marked and verdict.refused):
            for each in verdict.sets:
                yield from _message(each, refused=verdict.refused)


def _uci(record: InterchangeRecord, action: str, error: str = "", tag: str = "") -> Segment:
    interchange = record.interchange
    parties = [(each.id, each.qualifier, each.routing) for each in (interchange.sender, interchange.receiver)]
    return ("UCI", interchange.number, *parties, action, error, tag)


def _ucf(verdict: GroupVerdict) -> Segment:
    group = verdict.record
    action = NOT_TAKEN if verdict.refused else TAKEN
    code = next((each for each in verdict.codes if verdict.refused), "")
    error = (coded(code, "group")["contrl"] or OTHER) if code else OTHER if verdict.refused else ""
    return ("UCF", group.number, *_parties(group), action, error, TRAILERS.get(code, ""))


def _parties(group: GroupRecord) -> Iterator[tuple[str, ...]]:
    """S006, S007 as sent."""
    for each in (group.sender, group.receiver):
        yield tuple(each.split(":"))


def _message(verdict: SetVerdict, *, refused: bool) -> Iterator[Segment]:
    record = verdict.record
    identifier = tuple(record.version.split(":")[:5])
    if not refused and verdict.verdict != REJECTED:
        yield ("UCM", record.number, identifier, TAKEN)
        return
    own = next((each for each in verdict.faults if coded(each.code, each.why)["contrl_at"] == "UCM"), None)
    error = coded(own.code, own.why)["contrl"] if own else ""
    segments = list(_segments(verdict.faults))
    if not (error or segments):
        error = OTHER
    yield ("UCM", record.number, identifier, NOT_TAKEN, error, TRAILERS.get(own.code, "") if own else "")
    yield from segments


def _segments(faults: Sequence[Fault]) -> Iterator[Segment]:
    """UCS with its UCD, in the order of the message."""
    by_place: dict[int, list[tuple[Fault, Mapping[str, str]]]] = defaultdict(list)
    for fault in faults:
        row = coded(fault.code, fault.why)
        if fault.position and row["contrl_at"] in ("UCS", "UCD"):
            place = fault.position - 1 if fault.code in LACKING else fault.position
            by_place[place].append((fault, row))
    for place, own in sorted(by_place.items())[:MOST_SEGMENTS]:
        whole = next((row["contrl"] for fault, row in own if not _has_element(fault, row)), "")
        yield ("UCS", str(place), whole)
        elements = [(fault, row) for fault, row in own if _has_element(fault, row)]
        for fault, row in elements[:MOST_ELEMENTS]:
            component = str(fault.component) if fault.component else ""
            yield ("UCD", row["contrl"], (str(fault.element + TAG), component))


def _has_element(fault: Fault, row: Mapping[str, str]) -> bool:
    return row["contrl_at"] == "UCD" and bool(fault.element)
