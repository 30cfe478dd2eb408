"""824 and APERAK: which documents are not taken, or not whole, and why (contract edi.md §10).

What keeps a document out is said here, whoever forbids it: the standard, or we. A line is named by its number.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from crossdock.database import Database
from crossdock.failures.catalogue import OF_RECORDS
from crossdock.formats.edi.interchange import GroupRecord, SetRecord
from crossdock.formats.edi.places import MOST, SHIFT
from crossdock.jobs import queries
from crossdock.model.edi_answer import APERAK, F824
from crossdock.model.interchange import InterchangeRecord, release_of
from crossdock.model.job import DocumentOutcome, FailureRecord, JobRecord
from crossdock.reports import acknowledgement
from crossdock.reports.edi.writing.codes import coded
from crossdock.reports.edi.writing.edifact import Segment as EdifactSegment
from crossdock.reports.edi.writing.places import element_of
from crossdock.reports.edi.writing.plain_text import cut
from crossdock.reports.edi.writing.x12 import Group, Segment, X12Writer
from crossdock.reports.wording import Wording, wording_of

CODE, RESPONSE = "AG", "11"
"""GS01 of an 824; BGN01."""
REJECTED, PARTIAL, GROUP_REJECTED = "TR", "TP", "GR"
"""OTI01 (005010, 110)."""
REFERENCES = {"850": "PO", "860": "PO", "875": "PO", "940": "PO", "856": "SI", "943": "SI", "180": "RZ", "944": "WR"}
"""OTI02 (128): what the number of a set is; of another one ``OQ``."""
SENTENCE, REST, MOST_LINES = 60, 80, 12
"""Characters of TED02 and NTE02; REF of a set."""
TEXT, PARTS = 70, 5
"""Characters of 4440, and how many of them an FTX has (D.96A)."""
HELD = "file_held"


@dataclass(frozen=True)
class _Refused:
    """A document that is not taken whole."""

    record: SetRecord
    outcome: DocumentOutcome
    errors: Sequence[FailureRecord]


def _parts(record: InterchangeRecord, database: Database, kind: str) -> Iterator[tuple[JobRecord, GroupRecord]]:
    """The groups whose feed wants such an answer, with the jobs that import them."""
    for part, group in zip(record.parts, record.interchange.groups, strict=True):
        if part.job:
            job = queries.one(database, part.job)
            if job.feed is not None and kind in job.feed.answer:
                yield job, group


def _refused(job: JobRecord, group: GroupRecord, database: Database) -> Iterator[_Refused]:
    for outcome, errors in acknowledgement.by_document(job, database):
        ordinal = outcome.line >> SHIFT
        if 0 < ordinal <= len(group.sets):
            yield _Refused(group.sets[ordinal - 1], outcome, errors)


def groups(record: InterchangeRecord, database: Database, writer: X12Writer, made_at: datetime) -> list[Group]:
    """The groups of 824s that answer an interchange: one set for each group of it in which something isn't taken."""
    moment = made_at.astimezone(ZoneInfo(record.terms.zone))
    answers = []
    for job, group in _parts(record, database, F824):
        body = list(_group_refused(job, group)) if job.refused else list(_sets(job, group, database, writer))
        if body:
            begin = ("BGN", RESPONSE, job.job_id, f"{moment:%Y%m%d}", f"{moment:%H%M}")
            release = release_of(group.version)
            answers.append(Group(CODE, group.receiver, group.sender, release, F824, [[begin, *body]]))
    return answers


def _group_refused(job: JobRecord, group: GroupRecord) -> Iterator[Segment]:
    yield ("OTI", GROUP_REJECTED, "OQ", group.number, "", "", group.date, group.time, group.number, "", "",
           release_of(group.version))  # fmt: skip
    yield from _reason("024", job.refused or "")


def _sets(job: JobRecord, group: GroupRecord, database: Database, writer: X12Writer) -> Iterator[Segment]:
    wording = wording_of(job)
    for each in _refused(job, group, database):
        verdict = PARTIAL if each.outcome.taken else REJECTED
        number, kind = each.outcome.number or each.record.number, REFERENCES.get(each.record.type, "OQ")
        yield ("OTI", verdict, kind, number, "", "", group.date, group.time, group.number, each.record.number,
               each.record.type, release_of(group.version))  # fmt: skip
        for line in _lines(each.errors)[:MOST_LINES]:
            yield ("REF", "LI", line)
        if not each.errors and each.outcome.hold_code:
            yield from _reason(coded(each.outcome.hold_code)["application"], wording.held(each.outcome))
        for error in each.errors:
            yield from _error(error, wording, writer)


def _lines(errors: Sequence[FailureRecord]) -> list[str]:
    return list(dict.fromkeys(each.line_number for each in errors if each.line_number and each.scope in OF_RECORDS))


def _error(error: FailureRecord, wording: Wording, writer: X12Writer) -> Iterator[Segment]:
    code = coded(error.code, str(error.detail.get("why", "")))["application"]
    element = element_of(wording.column(error.field)) if error.field else None
    position = str(error.line & MOST) if element is not None and element.begins_record else ""
    value = error.value if error.value and writer.is_writable(error.value) else ""
    place = (element.segment, position, str(element.place)) if element is not None else ("", "", "")
    yield from _reason(code, _sentence(error, wording), *place, "", value[:99])


def _sentence(error: FailureRecord, wording: Wording) -> str:
    sentence = wording.sentence(error)
    return f"line {error.line_number}: {sentence}" if error.line_number and error.scope in OF_RECORDS else sentence


def _reason(code: str, sentence: str, *where: str) -> Iterator[Segment]:
    """TED with the sentence, and NTE with what it has no room for."""
    yield ("TED", code or "024", cut(sentence, SENTENCE), *where)
    if len(sentence) > SENTENCE:
        for start in range(0, len(sentence), REST):
            yield ("NTE", "", sentence[start : start + REST].strip())


def messages(
    record: InterchangeRecord, database: Database, made_at: datetime
) -> list[tuple[tuple[str, ...], list[EdifactSegment]]]:
    """The APERAKs that answer an interchange: one for each message whose document isn't taken whole."""
    moment = made_at.astimezone(ZoneInfo(record.terms.zone))
    answers: list[tuple[tuple[str, ...], list[EdifactSegment]]] = []
    for job, group in _parts(record, database, APERAK):
        wording = wording_of(job)
        for each in _refused(job, group, database):
            identifier = (APERAK, "D", "01B" if _is_newer(each.record) else "96A", "UN")
            number = f"{job.job_id}-{each.record.number}"[-35:]
            answers.append((identifier, list(_aperak(each, number, f"{moment:%Y%m%d%H%M}", wording))))
    return answers


def _is_newer(record: SetRecord) -> bool:
    """Whether a message is of a directory of this century."""
    parts = record.version.split(":")
    return len(parts) > 2 and parts[2].startswith("0")


def _aperak(refused: _Refused, number: str, moment: str, wording: Wording) -> Iterator[EdifactSegment]:
    yield ("BGM", "305" if _is_newer(refused.record) else "", number, "34" if refused.outcome.taken else "27")
    yield ("DTM", ("137", moment, "203"))
    yield ("RFF", ("ACW", refused.outcome.number or refused.record.number))
    if not refused.errors and refused.outcome.hold_code:
        yield ("ERC", (coded(refused.outcome.hold_code)["error"], "", "ZZZ"))
        yield _text(wording.held(refused.outcome))
    for error in refused.errors:
        yield ("ERC", (coded(error.code, str(error.detail.get("why", "")))["error"] or "OTHER", "", "ZZZ"))
        yield _text(wording.sentence(error))
        if error.line_number and error.scope in OF_RECORDS:
            yield ("RFF", ("LI", error.line_number))


def _text(sentence: str) -> EdifactSegment:
    room = cut(sentence, TEXT * PARTS)
    return ("FTX", "AAO", "", "", tuple(room[start : start + TEXT] for start in range(0, len(room), TEXT)))
