"""APERAK: which documents are not taken, or not whole, and why (contract edi.md §10).

What keeps a document out is said here, whoever forbids it: the standard, or we. A line is named by its number.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from crossdock.database import Database
from crossdock.formats.edi.interchange import Interchange, SetRecord
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
GLN, GS1 = "14", "9"
"""The qualifier of ids in UNB (0007) that GS1 gives, and what says so in NAD (3055)."""


def messages(record: InterchangeRecord, answer: EdiAnswer, database: Database) -> Iterator[Message]:
    """The APERAKs that answer an interchange: one for each message whose document isn't taken whole, or whose group is
    refused; for each message where that is wanted, or where it was rejected before.
    """
    moment = f"{answer.made_at.astimezone(ZoneInfo(record.terms.zone)):%Y%m%d%H%M}"
    for part in parts_of(record, answer, database):
        refused = part.job.refused
        for own in part.group.sets if refused else ():
            opening = _Opening(record.interchange, own, _number(part, own), moment)
            yield message_type(APERAK, own.version), _of_group(opening, refused or "")
        for each in part.sets:
            opening = _Opening(record.interchange, each.record, _number(part, each.record), moment)
            kind, every = message_type(APERAK, each.record.version), part.how == ALL or not part.is_first
            if each.is_whole and every:
                yield kind, _accepted(each, opening)
            for verdict in each.documents:
                if verdict.is_short:
                    yield kind, _refused(verdict, opening, part.wording)


def _number(part: PartOutcome, record: SetRecord) -> str:
    """The number of an APERAK: an..35."""
    return f"{part.job.job_id}-{record.number}"[-35:]


@dataclass(frozen=True)
class _Opening:
    """What an APERAK begins with. ``record``: the message that it answers; ``number``, ``moment``: its own."""

    interchange: Interchange
    record: SetRecord
    number: str
    moment: str

    def segments(self, word: str, theirs: str) -> Iterator[Segment]:
        """BGM, DTM, the number that is answered, who says it to whom. ``theirs``: of the document, '' if it has none.

        An import knows parties by the ids of UNB only: NAD has these.
        """
        yield ("BGM", "305" if is_newer(self.record.version) else "", self.number, word)
        yield ("DTM", ("137", self.moment, "203"))
        yield ("RFF", ("ACW", theirs or self.record.number))
        for role, party in (("MS", self.interchange.receiver), ("MR", self.interchange.sender)):
            yield ("NAD", role, (party.id, "", GS1 if party.qualifier == GLN else ""))


def _accepted(outcome: SetOutcome, opening: _Opening) -> Iterator[Segment]:
    own = next((each.outcome.number for each in outcome.documents if each.outcome.number), "")
    yield from opening.segments(ACCEPTED, own)


def _of_group(opening: _Opening, sentence: str) -> Iterator[Segment]:
    yield from opening.segments(REJECTED, "")
    yield ("ERC", (OTHER, "", "ZZZ"))
    yield free_text(sentence)


def _refused(verdict: DocumentVerdict, opening: _Opening, wording: Wording) -> Iterator[Segment]:
    outcome = verdict.outcome
    yield from opening.segments(PARTIAL if outcome.taken else REJECTED, outcome.number or "")
    if not verdict.errors and outcome.hold_code:
        yield ("ERC", (coded(outcome.hold_code)["error"], "", "ZZZ"))
        yield free_text(wording.held(outcome))
    for error in verdict.errors:
        yield ("ERC", (coded(error.code, str(error.detail.get("why", "")))["error"] or OTHER, "", "ZZZ"))
        yield free_text(wording.sentence(error))
        if error.line_number and is_of_line(error):
            yield ("RFF", ("LI", error.line_number))
