"""824: which documents are not taken, or not whole, and why (contract edi.md §10).

What keeps a document out is said here, whoever forbids it: the standard, or we. A line is named by its number.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from zoneinfo import ZoneInfo

from crossdock.database import Database
from crossdock.formats.edi.interchange import X12, GroupRecord
from crossdock.formats.edi.interchange_format import ALL
from crossdock.formats.edi.places import MOST
from crossdock.model.edi_answer import F824, EdiAnswer
from crossdock.model.interchange import InterchangeRecord, release_of
from crossdock.model.job import FailureRecord
from crossdock.reports.document_verdict import DocumentVerdict
from crossdock.reports.edi.outcomes import PartOutcome, SetOutcome, is_of_line, parts_of
from crossdock.reports.edi.writing.codes import coded
from crossdock.reports.edi.writing.places import element_of, qualified
from crossdock.reports.edi.writing.plain_text import cut
from crossdock.reports.edi.writing.x12 import Group, Segment, X12Writer
from crossdock.reports.wording import Wording

CODE, RESPONSE = "AG", "11"
"""GS01 of an 824; BGN01."""
ACCEPTED, REJECTED, PARTIAL, GROUP_REJECTED = "TA", "TR", "TP", "GR"
"""OTI01 (005010, 110)."""
REFERENCES = {"850": "PO", "860": "PO", "875": "PO", "940": "PO", "856": "SI", "943": "SI", "180": "RZ", "944": "WR"}
"""OTI02 (128): what the number of a set is; of another one ``OQ``."""
SENTENCE, REST, MOST_LINES = 60, 80, 12
"""Characters of TED02 and NTE02; REF of a set."""


def groups(record: InterchangeRecord, answer: EdiAnswer, database: Database, writer: X12Writer) -> Iterator[Group]:
    """The groups of 824s that answer an interchange: one set for each group of it in which something isn't taken."""
    moment = answer.made_at.astimezone(ZoneInfo(record.terms.zone))
    for part in parts_of(record, answer, database):
        group, refused = part.group, part.job.refused
        body = _group_refused(group, refused) if refused else _sets(part, writer)
        first = next(body, None)
        if first is not None:
            begin = ("BGN", RESPONSE, part.job.job_id, f"{moment:%Y%m%d}", f"{moment:%H%M}")
            release = release_of(group.version)
            yield Group(CODE, group.receiver, group.sender, release, F824, [chain((begin, first), body)])


def _group_refused(group: GroupRecord, refused: str) -> Iterator[Segment]:
    yield ("OTI", GROUP_REJECTED, "OQ", group.number, "", "", group.date, group.time, group.number, "", "",
           release_of(group.version))  # fmt: skip
    yield from _reason("024", refused)


def _sets(part: PartOutcome, writer: X12Writer) -> Iterator[Segment]:
    """The sets in which something isn't taken; each set where that is wanted, or where it was rejected before."""
    for each in part.sets:
        if not each.documents:
            if part.how == ALL or not part.is_first:
                yield _heading(ACCEPTED, "", each, part.group)
            continue
        for verdict in each.documents:
            if verdict.is_short or part.how == ALL or not part.is_first:
                yield from _document(verdict, each, part, writer)


def _heading(verdict: str, number: str, of: SetOutcome, group: GroupRecord) -> Segment:
    record = of.record
    kind = REFERENCES.get(record.type, "OQ") if number else "OQ"
    return ("OTI", verdict, kind, number or record.number, "", "", group.date, group.time, group.number, record.number,
            record.type, release_of(group.version))  # fmt: skip


def _document(verdict: DocumentVerdict, of: SetOutcome, part: PartOutcome, writer: X12Writer) -> Iterator[Segment]:
    outcome, errors, wording = verdict.outcome, verdict.errors, part.wording
    word = (PARTIAL if outcome.taken else REJECTED) if verdict.is_short else ACCEPTED
    yield _heading(word, outcome.number, of, part.group)
    if not verdict.is_short:
        return
    for line in _lines(errors)[:MOST_LINES]:
        yield ("REF", "LI", line)
    if not errors and outcome.hold_code:
        yield from _reason(coded(outcome.hold_code)["application"], wording.held(outcome))
    for error in errors:
        yield from _error(error, wording, writer)


def _lines(errors: Sequence[FailureRecord]) -> list[str]:
    return list(dict.fromkeys(each.line_number for each in errors if each.line_number and is_of_line(each)))


def _error(error: FailureRecord, wording: Wording, writer: X12Writer) -> Iterator[Segment]:
    code = coded(error.code, str(error.detail.get("why", "")))["application"]
    value = error.value or str(error.detail.get("sent", ""))
    shown = value[:99] if writer.is_writable(value) else ""
    yield from _reason(code, _sentence(error, wording), *_place(error, wording), shown)


def _place(error: FailureRecord, wording: Wording) -> tuple[str, str, str, str]:
    """TED03 to TED06: the segment, its place in the set, the element's in it, and its number; '' where it isn't known.

    What the reader has found says its place; of a value only the segment that begins a line is known.
    """
    position = error.detail.get("position", "")
    column = str(error.detail["element"]) if position else wording.column(error.field, error.line)
    element = element_of(column) or qualified(column, X12)
    if element is None:
        return "", "", "", ""
    known = position or (error.line & MOST if element.begins_record else "")
    return element.segment, str(known), str(element.place), getattr(element.element(X12), "number", "")


def _sentence(error: FailureRecord, wording: Wording) -> str:
    sentence = wording.sentence(error)
    return f"line {error.line_number}: {sentence}" if error.line_number and is_of_line(error) else sentence


def _reason(code: str, sentence: str, *where: str) -> Iterator[Segment]:
    """TED with the sentence, and NTE with what it has no room for."""
    yield ("TED", code or "024", cut(sentence, SENTENCE), *where)
    if len(sentence) > SENTENCE:
        for start in range(0, len(sentence), REST):
            yield ("NTE", "", sentence[start : start + REST].strip())
