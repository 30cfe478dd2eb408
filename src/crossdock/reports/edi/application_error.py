"""APERAK: which documents are not taken, or not whole, and why (contract edi.md §10).

What keeps a document out is said here, whoever forbids it: the standard, or we. A line is named by its number.
"""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from crossdock.database import Database
from crossdock.formats.edi.interchange import SetRecord
from crossdock.formats.edi.interchange_format import ALL
from crossdock.model.edi_answer import APERAK, EdiAnswer
from crossdock.model.interchange import InterchangeRecord
from crossdock.reports.document_verdict import DocumentVerdict
from crossdock.reports.edi.outcomes import PartOutcome, SetOutcome, is_of_line, parts_of
from crossdock.reports.edi.writing.codes import coded
from crossdock.reports.edi.writing.edifact import Message, Segment, free_text, is_newer, message_type
from crossdock.reports.wording import Wording

ACCEPTED, PARTIAL, REJECTED = "29", "34", "27"
"""BGM 1225."""
OTHER = "OTHER"
"""ERC 9321 of what has no code of its own."""


def messages(record: InterchangeRecord, answer: EdiAnswer, database: Database) -> Iterator[Message]:
    """The APERAKs that answer an interchange: one for each message whose document isn't taken whole, or whose group is
    refused; for each message where that is wanted, or where it was rejected before.
    """
    moment = f"{answer.made_at.astimezone(ZoneInfo(record.terms.zone)):%Y%m%d%H%M}"
    for part in parts_of(record, answer, database):
        refused = part.job.refused
        for own in part.group.sets if refused else ():
            yield message_type(APERAK, own.version), _of_group(own, _number(part, own), moment, refused or "")
        for each in part.sets:
            number = _number(part, each.record)
            kind, every = message_type(APERAK, each.record.version), part.how == ALL or not part.is_first
            if each.is_whole and every:
                yield kind, _accepted(each, number, moment)
            for verdict in each.documents:
                if verdict.is_short:
                    yield kind, _refused(verdict, each.record, number, moment, part.wording)


def _number(part: PartOutcome, record: SetRecord) -> str:
    """The number of an APERAK: an..35."""
    return f"{part.job.job_id}-{record.number}"[-35:]


def _accepted(outcome: SetOutcome, number: str, moment: str) -> Iterator[Segment]:
    own = next((each.outcome.number for each in outcome.documents if each.outcome.number), outcome.record.number)
    yield from _beginning(outcome.record, number, ACCEPTED, moment, own)


def _of_group(record: SetRecord, number: str, moment: str, sentence: str) -> Iterator[Segment]:
    yield from _beginning(record, number, REJECTED, moment, record.number)
    yield ("ERC", (OTHER, "", "ZZZ"))
    yield free_text(sentence)


def _refused(
    verdict: DocumentVerdict, record: SetRecord, number: str, moment: str, wording: Wording
) -> Iterator[Segment]:
    outcome = verdict.outcome
    word = PARTIAL if outcome.taken else REJECTED
    yield from _beginning(record, number, word, moment, outcome.number or record.number)
    if not verdict.errors and outcome.hold_code:
        yield ("ERC", (coded(outcome.hold_code)["error"], "", "ZZZ"))
        yield free_text(wording.held(outcome))
    for error in verdict.errors:
        yield ("ERC", (coded(error.code, str(error.detail.get("why", "")))["error"] or OTHER, "", "ZZZ"))
        yield free_text(wording.sentence(error))
        if error.line_number and is_of_line(error):
            yield ("RFF", ("LI", error.line_number))


def _beginning(record: SetRecord, number: str, word: str, moment: str, theirs: str) -> Iterator[Segment]:
    """BGM, DTM and the number that is answered."""
    yield ("BGM", "305" if is_newer(record.version) else "", number, word)
    yield ("DTM", ("137", moment, "203"))
    yield ("RFF", ("ACW", theirs))
