"""The standard acknowledgements of interchanges: which are due when, and their control numbers (contract edi.md §10).

What is about the envelope (TA1, EDIFACT's receipt, a CONTRL that refuses all) is due when the interchange is booked;
what is about its sets (the others) when the last of its parts has its verdict. Each is put into the outbox in that very
transaction. Their texts are made from the job at each attempt (``reports.edi``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection, insert, select

from crossdock.database import Database, control_numbers
from crossdock.database.records import edi_answer_of, job_of
from crossdock.database.tables import EDI_ANSWERS, INTERCHANGE_GROUPS, JOBS
from crossdock.formats.edi.interchange import X12
from crossdock.formats.edi.parts import ACKNOWLEDGEMENTS
from crossdock.jobs import answer_queue, interchanges
from crossdock.model.edi_answer import APERAK, CONTRL, F824, F997, F999, RECEIPT, TA1, EdiAnswer
from crossdock.model.interchange import InterchangeRecord
from crossdock.model.job import JobRecord

INFORMATION = "I"
"""The usage of interchanges that are checked without a 997."""
ASKED = {"1": "ARE", "2": "R", "3": "RE"}
"""ISA14: which verdicts of an interchange it asks to be told; without one of these only the worst (005010, I13)."""
RECEIPT_ASKED = "2"
"""0031: that the interchange came is told, and nothing else."""
VERDICTS_ASKED = "1"
"""0031: a CONTRL is asked for."""


def queue_of_envelopes(database: Database, connection: Connection, records: Sequence[InterchangeRecord]) -> None:
    """Queue what is due when interchanges are booked, in the caller's transaction."""
    for record in records:
        if record.partner and not _answers_ours(record):
            for kind in _of_envelope(record):
                _queue(database, connection, record, kind, groups=0)


def _answers_ours(record: InterchangeRecord) -> bool:
    """Whether an interchange holds acknowledgements only: these are never answered."""
    types = {each.type for group in record.interchange.groups for each in group.sets}
    return bool(types) and types <= ACKNOWLEDGEMENTS


def _of_envelope(record: InterchangeRecord) -> Iterator[str]:
    technical, asks = record.terms.technical, record.interchange.asks
    if record.interchange.standard != X12:
        if record.refused and (technical != "never" or record.terms.functional != "none"):
            yield CONTRL
        elif technical == "always" or (technical == "asked" and asks == RECEIPT_ASKED):
            yield RECEIPT
        return
    wanted = {"always": "ARE", "errors": "RE", "never": ""}.get(technical, ASKED.get(asks, "R"))
    if record.verdict in wanted:
        yield TA1


def queue_of_sets(database: Database, connection: Connection, job: str) -> None:
    """Queue what is due when a job has its verdict, if it is the last part of its interchange, in the caller's
    transaction, which has written the verdict.
    """
    groups = INTERCHANGE_GROUPS.c
    own = connection.execute(select(groups.job_id, groups.place).where(groups.part_job == job).limit(1)).first()
    if own is None:
        return
    database.dialect.turn(connection, "outbox")  # the last two parts may end at once: one waits, and sees the other
    parts = select(groups.part_job).where(groups.job_id == own.job_id, groups.place == own.place, groups.part_job != "")
    jobs = [job_of(row) for row in connection.execute(select(JOBS).where(JOBS.c.job_id.in_(parts)))]
    if any(each.verdict is None for each in jobs):
        return
    record = interchanges.envelope_of(connection, own.job_id, own.place)
    kind, is_x12 = _of_sets(record), record.interchange.standard == X12
    if kind and record.partner and not record.refused:
        _queue(database, connection, record, kind, groups=len(record.group_keys) if is_x12 else 0)
    application = F824 if is_x12 else APERAK
    wanting = [each for each in jobs if each.feed and application in each.feed.answer and _is_short(each)]
    if wanting and record.partner and not record.refused:
        _queue(database, connection, record, application, groups=len(wanting) if is_x12 else 0)


def _is_short(job: JobRecord) -> bool:
    """Whether something of a job is not taken."""
    return job.failing > 0 or job.books.failed > 0 or job.refused is not None


def _of_sets(record: InterchangeRecord) -> str:
    """The kind of acknowledgement of an interchange's sets, '' if none is wanted."""
    functional, interchange = record.terms.functional, record.interchange
    if functional == "none" or interchange.usage == INFORMATION:
        return ""
    if interchange.standard != X12:
        return CONTRL if functional == CONTRL or interchange.asks == VERDICTS_ASKED else ""
    return F999 if functional == F999 else F997


def _queue(database: Database, connection: Connection, record: InterchangeRecord, kind: str, groups: int) -> None:
    answers = EDI_ANSWERS.c
    mine = select(answers.outbox).where(answers.job_id == record.job, answers.place == record.place)
    if connection.execute(mine.where(answers.kind == kind)).first() is not None:  # a worker died, another goes on
        return
    number = answer_queue.add(database, connection, record.job, record.partner, answer_queue.EDI)
    standard, sender, receiver = record.interchange.standard, record.interchange.receiver, record.interchange.sender
    key = (record.partner, standard, sender.name, receiver.name)
    control = control_numbers.draw(connection, *key, control_numbers.INTERCHANGE)
    group = control_numbers.draw(connection, *key, control_numbers.GROUP, groups) if groups else 0
    row = {"outbox": number, "job_id": record.job, "place": record.place, "kind": kind, "control": control,
           "group_control": group, "made_at": datetime.now(UTC)}  # fmt: skip
    connection.execute(insert(EDI_ANSWERS).values(row))


def of_outbox(database: Database, number: int) -> EdiAnswer:
    """The acknowledgement that an answer in the outbox is."""
    with database.reading() as connection:
        row = connection.execute(select(EDI_ANSWERS).where(EDI_ANSWERS.c.outbox == number)).one()
        return edi_answer_of(row)
