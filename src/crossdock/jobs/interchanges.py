"""The interchanges of files: booked before anything of them is imported, so that each number comes once.

What is kept is enough to acknowledge them when their parts have a verdict (contract edi.md §4, §10): the envelope when
the file is booked, the faults of each set when its part is read.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update

from crossdock.database import Database
from crossdock.database.records import interchange_record
from crossdock.database.tables import INTERCHANGE_GROUPS, INTERCHANGE_SETS, INTERCHANGES, JOBS
from crossdock.formats.edi.interchange import Interchange
from crossdock.model.interchange import InterchangeRecord
from crossdock.model.status import Verdict
from crossdock.registers import confirmations

SETS = 1_000
"""How many sets a row has."""


def book(connection: Connection, records: Sequence[InterchangeRecord], digest: str) -> None:
    """Book the interchanges of a job's file, once; ``digest``: of the file (SHA-256)."""
    for table in (INTERCHANGES, INTERCHANGE_GROUPS):
        connection.execute(delete(table).where(table.c.job_id.in_({each.job for each in records})))
    for each in records:
        of = each.interchange
        row = {"job_id": each.job, "place": each.place, "partner": each.partner, "standard": of.standard,
               "sender": of.sender.name, "receiver": of.receiver.name, "control": of.number, "usage": of.usage,
               "digest": digest, "booked_at": each.booked_at, "refused": each.refused, "twice": each.twice,
               "body": json.dumps(of.as_json(), ensure_ascii=False),
               "terms": json.dumps(asdict(each.terms))}  # fmt: skip
        connection.execute(insert(INTERCHANGES).values(row))
        parts = [
            {"job_id": each.job, "place": each.place, "part": part.place, "part_job": part.job,
             "refused": part.refused, "body": json.dumps(group.as_json(), ensure_ascii=False)}
            for part, group in zip(each.parts, of.groups, strict=True)
        ]  # fmt: skip
        if parts:
            connection.execute(insert(INTERCHANGE_GROUPS), parts)
    confirmations.keep(connection, records)


def keep_sets(database: Database, job: str, sets: Sequence[str]) -> None:
    """Keep the sets of a part, each as the JSON of its ``SetRecord``; those that were kept before are replaced."""
    rows = [
        {"job_id": job, "ordinal": first + 1, "body": f"[{','.join(sets[first : first + SETS])}]"}
        for first in range(0, len(sets), SETS)
    ]
    with database.writing() as connection:
        connection.execute(delete(INTERCHANGE_SETS).where(INTERCHANGE_SETS.c.job_id == job))
        if rows:
            connection.execute(insert(INTERCHANGE_SETS), rows)


def is_part(database: Database, job: str) -> bool:
    """Whether a job imports a part of an interchange that the job of its file has booked."""
    query = select(INTERCHANGE_GROUPS.c.job_id).where(INTERCHANGE_GROUPS.c.part_job == job)
    with database.reading() as connection:
        return connection.execute(query.where(INTERCHANGE_GROUPS.c.job_id != job).limit(1)).first() is not None


def first_of_number(
    database: Database, interchange: Interchange, job: str, digest: str, days: int
) -> tuple[str, datetime] | None:
    """The job, and when it was booked, that had an interchange of the same number with other content; None if none had.

    A number whose interchange was wholly rejected is free again. ``days``: for how long numbers are kept.
    """
    known = INTERCHANGES.c
    query = (
        select(known.job_id, known.booked_at)
        .where(known.standard == interchange.standard, known.control == interchange.number)
        .where(known.sender == interchange.sender.name, known.receiver == interchange.receiver.name)
        .where(known.usage == interchange.usage, known.refused == "", known.digest != digest, known.job_id != job)
        .where(known.booked_at > datetime.now(UTC) - timedelta(days=days))
        .order_by(known.booked_at)
    )
    groups = INTERCHANGE_GROUPS.c
    taken = (
        select(groups.job_id)
        .join(JOBS, JOBS.c.job_id == groups.part_job)
        .where(groups.job_id == known.job_id, groups.place == known.place)
        .where(JOBS.c.verdict.is_(None) | (JOBS.c.verdict != Verdict.REJECTED))
    )
    with database.reading() as connection:
        row = connection.execute(query.where(taken.exists()).limit(1)).first()
        return None if row is None else (row.job_id, row.booked_at)


def taken_twice(database: Database, job: str) -> list[tuple[str, str]]:
    """The numbers of a file's interchanges that others had before, and are taken all the same; the jobs of those."""
    known = INTERCHANGES.c
    query = select(known.control, known.twice).where(known.job_id == job, known.refused == "", known.twice.is_not(None))
    with database.reading() as connection:
        return [(row.control, row.twice) for row in connection.execute(query.order_by(known.place))]


def refuse_part(database: Database, job: str, code: str, sets: Sequence[str]) -> None:
    """Note that the part that a job would import is refused; ``sets``: of it, each as the JSON of its ``SetRecord``."""
    keep_sets(database, job, sets)
    with database.writing() as connection:
        own = update(INTERCHANGE_GROUPS).where(INTERCHANGE_GROUPS.c.part_job == job)
        connection.execute(own.values(refused=code))


def interchange_at(database: Database, job: str, place: int) -> InterchangeRecord:
    """An interchange of a job's file, with the sets read so far."""
    with database.reading() as connection:
        return _record(connection, job, place, with_sets=True)


def envelope_of(connection: Connection, job: str, place: int) -> InterchangeRecord:
    """An interchange of a job's file, without its sets."""
    return _record(connection, job, place, with_sets=False)


def _record(connection: Connection, job: str, place: int, *, with_sets: bool) -> InterchangeRecord:
    known, groups, sets = INTERCHANGES.c, INTERCHANGE_GROUPS.c, INTERCHANGE_SETS.c
    row = connection.execute(select(INTERCHANGES).where(known.job_id == job, known.place == place)).one()
    of_place = select(INTERCHANGE_GROUPS).where(groups.job_id == job, groups.place == place)
    parts = connection.execute(of_place.order_by(groups.part)).all()
    jobs = [each.part_job for each in parts if each.part_job and with_sets]
    bodies = select(INTERCHANGE_SETS).where(sets.job_id.in_(jobs)).order_by(sets.job_id, sets.ordinal)
    return interchange_record(row, parts, connection.execute(bodies))
