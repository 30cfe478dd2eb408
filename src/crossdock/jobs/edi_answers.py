"""The standard acknowledgements of interchanges: which are due when, and their control numbers (contract edi.md §10).

What is about the envelope (TA1, EDIFACT's receipt, a CONTRL that refuses all) is due when the interchange is booked;
what is about its sets (the others) when the last of its parts has its verdict. What is about documents (824, 855 …)
is due again when a fix-workbook, a replay or a dismissal changes it (§9). Each is put into the outbox in that very
transaction. Their texts are made from the job at each attempt (``reports.edi``). Those of a dry run have the number 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, insert, select

from crossdock import formats
from crossdock.database import Database, control_numbers
from crossdock.database.records import answer_of, edi_answer_of, job_of, sets_of
from crossdock.database.standing import DISMISSED, MEANT
from crossdock.database.tables import (
    EDI_ANSWERS,
    FIXES,
    INTERCHANGE_GROUPS,
    INTERCHANGE_SETS,
    JOBS,
    OUTBOX,
    OUTCOMES,
)
from crossdock.formats.edi.envelope import STANDARDS
from crossdock.formats.edi.interchange import Wishes
from crossdock.formats.edi.interchange_format import ALL
from crossdock.formats.edi.parts import ACKNOWLEDGEMENTS
from crossdock.formats.edi.places import SHIFT
from crossdock.formats.guides.guide import answered_by
from crossdock.jobs import answer_queue, interchanges, queries
from crossdock.model.edi_answer import (
    APERAK,
    F824,
    OF_DOCUMENTS,
    OF_ORDERS,
    EdiAnswer,
    kinds_of,
)
from crossdock.model.interchange import InterchangeRecord
from crossdock.model.job import JobRecord, QueuedAnswer, public_id

MANY = 500
"""Values per statement."""


def queue_of_envelopes(database: Database, connection: Connection, records: Sequence[InterchangeRecord]) -> None:
    """Queue what is due when interchanges are booked, in the caller's transaction."""
    for record in records:
        if record.partner and not _answers_ours(record):
            kind = STANDARDS[record.interchange.standard].answer_to_envelope(_wishes(record), record.verdict)
            if kind:
                _queue(database, connection, record, kind, groups=0)


def _answers_ours(record: InterchangeRecord) -> bool:
    """Whether an interchange holds acknowledgements only: these are never answered."""
    types = {each for group in record.interchange.groups for each in group.sets.types}
    return bool(types) and types <= ACKNOWLEDGEMENTS


def _wishes(record: InterchangeRecord) -> Wishes:
    """What is wanted of answers to an interchange: by its partner's terms, and by itself."""
    return Wishes(record.terms.technical, record.terms.functional, record.interchange.asks)


def queue_of_sets(database: Database, connection: Connection, job: JobRecord) -> None:
    """Queue what is due when a job has its verdict, in the caller's transaction, which has written the verdict: if it
    is the last part of its interchange, or if it brings documents of one again.
    """
    written = job.plan.written.get("format")
    may_be_part = written is None or formats.is_enveloped(written)
    own = connection.execute(_OF_PART, {"of_job": job.job_id}).first() if may_be_part else None
    if own is None:
        if job.fixes is not None:
            _queue_again(database, connection, job.job_id)
        return
    database.dialect.turn(connection, "outbox")  # the last two parts may end at once: one waits, and sees the other
    jobs = _parts_of(connection, own.job_id, own.place)
    if any(each.verdict is None for each in jobs):
        return
    record = interchanges.envelope_of(connection, own.job_id, own.place)
    standard = STANDARDS[record.interchange.standard]
    kind = standard.answer_to_sets(_wishes(record), record.interchange.usage)
    if not record.partner or record.refused:
        return
    if kind:
        _queue(database, connection, record, kind, groups=len(record.group_keys))
    for kind in OF_DOCUMENTS:
        wanting = [each for each in jobs if _wants(connection, each, kind)]
        if wanting:
            _queue(database, connection, record, kind, groups=len(wanting))
    for each in jobs:
        for later in _corrections(connection, each.job_id):  # brought while the last part was on its way
            _queue_again(database, connection, later)


_GROUPS = INTERCHANGE_GROUPS.c
_OF_PART = select(_GROUPS.job_id, _GROUPS.place).where(_GROUPS.part_job == bindparam("of_job")).limit(1)


def _parts_of(connection: Connection, job: str, place: int) -> list[JobRecord]:
    """The jobs that import the parts of an interchange."""
    groups = INTERCHANGE_GROUPS.c
    parts = select(groups.part_job).where(groups.job_id == job, groups.place == place, groups.part_job != "")
    return [job_of(row) for row in connection.execute(select(JOBS).where(JOBS.c.job_id.in_(parts)))]


def _corrections(connection: Connection, job: str) -> list[str]:
    """The finished jobs that bring documents of a job again, or of such a job, each before those that fix it."""
    direct = queries.fixing_jobs(connection, job)
    return [later for each in direct for later in (each, *_corrections(connection, each))]


def _wants(connection: Connection, job: JobRecord, kind: str) -> bool:
    """Whether a part is answered so when it has its verdict."""
    how = kinds_of(job.feed.answer).get(kind) if job.feed else None
    if how is None:
        return False
    if kind in (F824, APERAK):
        return how == ALL or job.failing > 0 or job.books.failed > 0 or job.refused is not None
    return job.refused is None and any(orders_answered(connection, job.job_id, kind))


def orders_answered(connection: Connection, job: str, kind: str, among: range | None = None) -> Iterator[int]:
    """The sets of a part whose lines are answered by sets of that kind, by their ordinals: orders with a number whose
    sender wants an answer. A set whose own count or number is wrong is no order, if it isn't taken all the same.

    ``among``: only those that are kept together with one of these.
    """
    types, outcomes, sets = answered_by(kind), OUTCOMES.c, INTERCHANGE_SETS.c
    rows = select(INTERCHANGE_SETS).where(sets.job_id == job).order_by(sets.ordinal)
    if among is not None:
        rows = rows.where(sets.ordinal > among.start - interchanges.SETS, sets.ordinal < among.stop)
    numbered = select(outcomes.line, outcomes.taken).where(outcomes.job_id == job, outcomes.number != "", MEANT)
    for row in connection.execute(rows):
        own = sets_of(row)
        here = outcomes.line.between(row.ordinal << SHIFT, (row.ordinal + len(own) << SHIFT) - 1)
        taken = {each.line >> SHIFT: each.taken for each in connection.execute(numbered.where(here))}
        for ordinal, record in enumerate(own, row.ordinal):
            is_asked = record.type in types and not record.unanswered and ordinal in taken
            if is_asked and (record.has_right_envelope or taken[ordinal]):
                yield ordinal


def _queue_again(database: Database, connection: Connection, job: str) -> None:
    """Queue the answers about documents that a fix-workbook or a replay brings again."""
    part = _part_of(connection, job)
    if part is not None:
        ordinals = {line >> SHIFT for line in origins(connection, job, part).values()}
        _queue_later(database, connection, part, ordinals, OF_DOCUMENTS, cause=job)


def queue_of_dismissal(database: Database, connection: Connection, job: str, number: str) -> None:
    """Queue the answers about orders that are dismissed, in the caller's transaction. ``number``: of the document."""
    part = _part_of(connection, job) if number else None
    if part is not None:
        ordinals = dismissed(connection, job, number, part)
        _queue_later(database, connection, part, set(ordinals), OF_ORDERS, cause=job, number=number)


def dismissed(connection: Connection, job: str, number: str, part: str) -> list[int]:
    """The sets of a part, by their ordinals, whose documents were dismissed under that number in a job."""
    outcomes = OUTCOMES.c
    mine = select(outcomes.line).where(outcomes.job_id == job, outcomes.number == number, outcomes.ended == DISMISSED)
    known = origins(connection, job, part)
    return [known.get(line, line) >> SHIFT for line in connection.execute(mine.order_by(outcomes.line)).scalars()]


def _part_of(connection: Connection, job: str) -> str | None:
    """The part of an interchange whose documents a job brings: itself, or what it fixes or replays; None if none."""
    groups = INTERCHANGE_GROUPS.c
    each: str | None = job
    while each is not None:
        if connection.execute(select(groups.part_job).where(groups.part_job == each).limit(1)).first() is not None:
            return each
        each = connection.execute(select(JOBS.c.fixes).where(JOBS.c.job_id == each)).scalar()
    return None


def origins(connection: Connection, job: str, part: str) -> dict[int, int]:
    """The documents of a job that are those of a part: the line of each here, and there; {} of the part itself."""
    if job == part:
        return {}
    above = connection.execute(select(JOBS.c.fixes).where(JOBS.c.job_id == job)).scalar_one()
    known = origins(connection, above, part)
    rows = connection.execute(select(FIXES.c.document_line, FIXES.c.origin).where(FIXES.c.job_id == job)).all()
    return {row.document_line: known.get(row.origin, row.origin) for row in rows}


def _queue_later(
    database: Database,
    connection: Connection,
    part: str,
    ordinals: set[int],
    kinds: Sequence[str],
    *,
    cause: str,
    number: str = "",
) -> None:
    """Queue the answers of those kinds about some sets of a part again, if its interchange has been answered."""
    groups = INTERCHANGE_GROUPS.c
    where = select(groups.job_id, groups.place).where(groups.part_job == part).limit(1)
    own = connection.execute(where).one()
    jobs = _parts_of(connection, own.job_id, own.place)
    record = interchanges.envelope_of(connection, own.job_id, own.place)
    if not record.partner or record.refused or any(each.verdict is None for each in jobs):
        return
    job = next(each for each in jobs if each.job_id == part)
    for kind in kinds:
        about = orders_answered(connection, part, kind) if kind in OF_ORDERS else ordinals
        if kind in kinds_of(job.feed.answer if job.feed else ()) and any(each in ordinals for each in about):
            _queue(database, connection, record, kind, groups=1, cause=cause, number=number)


def _queue(
    database: Database,
    connection: Connection,
    record: InterchangeRecord,
    kind: str,
    groups: int,
    *,
    cause: str = "",
    number: str = "",
) -> None:
    """Queue an answer, unless it is. ``groups``: how many it has, where its standard has groups in answers."""
    answers = EDI_ANSWERS.c
    mine = select(answers.outbox).where(answers.job_id == record.job, answers.place == record.place)
    same = (answers.kind == kind, answers.cause == cause, answers.dismissed == number)
    if connection.execute(mine.where(*same)).first() is not None:  # a worker died, another continues
        return
    place = answer_queue.add(database, connection, record.job, record.partner, answer_queue.EDI)
    standard, sender, receiver = record.interchange.standard, record.interchange.receiver, record.interchange.sender
    key, drawn = (record.partner, standard, sender.name, receiver.name), public_id(record.job)
    control = control_numbers.draw(connection, *key, control_numbers.INTERCHANGE) if drawn else 0
    numbered = drawn and groups and STANDARDS[standard].ANSWERS_IN_GROUPS
    group = control_numbers.draw(connection, *key, control_numbers.GROUP, groups) if numbered else 0
    row = {"outbox": place, "job_id": record.job, "place": record.place, "kind": kind, "control": control,
           "group_control": group, "made_at": datetime.now(UTC), "cause": cause, "dismissed": number}  # fmt: skip
    connection.execute(insert(EDI_ANSWERS).values(row))


def leave_out_numbers(database: Database, many: int) -> list[control_numbers.Counter]:
    """Leave out the next ``many`` control numbers of every partner: an older database that is put back would give them
    again. Returns the counters as they are then.
    """
    with database.writing() as connection:
        database.dialect.turn(connection, "outbox")
        return control_numbers.leave_out(connection, many)


def answered_before(
    connection: Connection, kind: str, partner: str, numbers: Sequence[str], *, before: int | None = None
) -> set[str]:
    """Those of the numbers of orders that an answer of that kind to a partner was about; ``before``: one that stands
    before that place in the outbox.
    """
    answers, groups, outcomes = EDI_ANSWERS.c, INTERCHANGE_GROUPS.c, OUTCOMES.c
    earlier = (
        select(outcomes.number)
        .join(INTERCHANGE_GROUPS, groups.part_job == outcomes.job_id)
        .join(EDI_ANSWERS, (answers.job_id == groups.job_id) & (answers.place == groups.place))
        .where(answers.kind == kind, outcomes.partner == partner, MEANT)
    )
    if before is not None:
        earlier = earlier.where(answers.outbox < before)
    answered: set[str] = set()
    for start in range(0, len(numbers), MANY):
        some = outcomes.number.in_(numbers[start : start + MANY])
        answered |= set(connection.execute(earlier.where(some)).scalars())
    return answered


def feeds_of(database: Database, number: int) -> tuple[str, ...]:
    """The names of the feeds that read what an answer in the outbox is about: those that want this kind, else all that
    read a part of its interchange; none as long as nobody has.
    """
    answer = of_outbox(database, number)
    with database.reading() as connection:
        jobs = [each for each in _parts_of(connection, answer.job, answer.place) if each.feed_name]
    wanting = [each for each in jobs if each.feed and answer.kind in kinds_of(each.feed.answer)]
    return tuple(dict.fromkeys(each.feed_name for each in wanting or jobs))


def of_outbox(database: Database, number: int) -> EdiAnswer:
    """The acknowledgement that an answer in the outbox is."""
    with database.reading() as connection:
        row = connection.execute(select(EDI_ANSWERS).where(EDI_ANSWERS.c.outbox == number)).one()
        return edi_answer_of(row)


def of_job(database: Database, job: str) -> list[tuple[EdiAnswer, QueuedAnswer, InterchangeRecord]]:
    """The acknowledgements of a job's interchanges, of the one of which it imports a part, and those that it caused,
    each with its place in the outbox and its interchange without sets; in the order in which they were queued.
    """
    answers, groups = EDI_ANSWERS.c, INTERCHANGE_GROUPS.c
    of_part = select(groups.job_id).where(
        groups.part_job == job, groups.job_id == answers.job_id, groups.place == answers.place
    )
    mine = (answers.job_id == job) | (answers.cause == job) | ((answers.cause == "") & of_part.exists())
    with database.reading() as connection:
        files = select(groups.job_id).where(groups.part_job == _part_of(connection, job))
        of_files = answers.job_id.in_([job, *connection.execute(files.distinct()).scalars()])
        return _issued(connection, select(EDI_ANSWERS).where(of_files, mine))


def of_all(database: Database) -> list[tuple[EdiAnswer, QueuedAnswer, InterchangeRecord]]:
    """As ``of_job``, of all jobs: of those of a dry run."""
    with database.reading() as connection:
        return _issued(connection, select(EDI_ANSWERS))


def _issued(connection: Connection, query: Select[Any]) -> list[tuple[EdiAnswer, QueuedAnswer, InterchangeRecord]]:
    issued = [edi_answer_of(row) for row in connection.execute(query.order_by(EDI_ANSWERS.c.outbox))]
    return [(each, _queued(connection, each), _envelope(connection, each)) for each in issued]


def _queued(connection: Connection, answer: EdiAnswer) -> QueuedAnswer:
    return answer_of(connection.execute(select(OUTBOX).where(OUTBOX.c.number == answer.outbox)).one())


def _envelope(connection: Connection, answer: EdiAnswer) -> InterchangeRecord:
    return interchanges.envelope_of(connection, answer.job, answer.place)
