"""What a batch says, in its own transaction: books, failures, outcomes, kept records, and what waited and is ended."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pyarrow as pa
from sqlalchemy import Connection, Update, insert, select, update
from sqlalchemy.sql import ColumnElement

from crossdock.database import Database, storable
from crossdock.database.records import job_of
from crossdock.database.tables import FAILURES, JOBS, MENDS, OUTCOMES, RECORDS, UNITS, arrow
from crossdock.jobs.lifecycle import Job, books_row
from crossdock.model.decision import Decision
from crossdock.model.job import STALE, JobRecord
from crossdock.model.report import COUNTED

MANY = 5_000
"""Values that one statement is given."""


def advance(database: Database, connection: Connection, job: Job, checked: Decision) -> None:
    """Write what a batch did: books, counts, progress, failures, outcomes."""
    before = job_of(connection.execute(select(JOBS).where(JOBS.c.job_id == job.id)).one())
    outcomes = checked.outcomes
    header, line = (checked.counts[title] for title in ("header", "line"))
    added = {"processed": len(outcomes), "failing": checked.failing} | books_row(checked.books)
    for level, counts in (("documents", header), ("lines", line)):
        added |= {f"{level}_{name}": getattr(counts, name) for name in COUNTED}
    changes: dict[str, Any] = {name: JOBS.c[name] + value for name, value in added.items()}
    if checked.sender_jobs:
        changes["sender_job_id"] = _senders(before, checked)
    changes |= _pace(before, len(outcomes), database.dialect.clock(connection))
    connection.execute(update(JOBS).where(JOBS.c.job_id == job.id).values(changes))
    _add_units(connection, job.id, outcomes)
    database.dialect.append(connection, FAILURES, _failure_rows(job.id, checked.failures))
    _supersede(connection, before, outcomes, checked.mends)
    short = ~outcomes["taken"] | (outcomes["failing_lines"] > 0) | (outcomes["hold_code"] != "")
    kept = outcomes if _answers_each(before) else outcomes[short]
    kept = kept.assign(
        partner=before.partner, document=before.document, ended=None, ended_by=None, ended_at=None, why=None
    )
    for table, rows in ((OUTCOMES, kept), (RECORDS, checked.records), (MENDS, checked.mends)):
        if len(rows):
            database.dialect.append(connection, table, _rows(table, rows.assign(job_id=job.id)))


def _pace(before: JobRecord, more: int, now: datetime) -> dict[str, Any]:
    """How quick a job is since its worker took it, and when it will be done so. It got on: no attempt has failed."""
    done = before.processed + more
    seconds = (now - before.taken_at).total_seconds() if before.taken_at else 0
    rate = (done - before.taken_from) / max(seconds, 1e-3)
    end = now + timedelta(seconds=(before.total - done) / rate) if rate else None
    return {"attempts": 0, "outages": 0, "outage": None, "moved_at": now, "rate": rate, "estimated_end": end}


def _answers_each(job: JobRecord) -> bool:
    """Whether the feed answers for every document, those that are taken, too."""
    return job.feed is not None and "envelope" in job.feed.answer


def _supersede(connection: Connection, job: JobRecord, outcomes: pd.DataFrame, mends: pd.DataFrame) -> None:
    """End what waited of the same documents: a later drop brings them, or these are the mended ones (contract A5)."""
    found = OUTCOMES.c
    waiting = [found.ended.is_(None), found.partner == job.partner, found.document == job.document]
    ended = {"ended_by": job.job_id, "ended_at": datetime.now(UTC)}
    if job.mends is not None and len(mends):
        for taken, origins in mends.groupby("taken")["origin"]:
            how = "replayed" if taken and job.replays else "superseded"
            lines = [int(each) for each in origins.unique()]
            for start in range(0, len(lines), MANY):
                of_job = [found.ended.is_(None), found.job_id == job.mends]
                part = lines[start : start + MANY]
                changed = update(OUTCOMES).where(*of_job, found.line.in_(part))
                connection.execute(changed.values(ended | {"ended": how}))
                connection.execute(_sent_before(job.mends, job.job_id, part).values(ended | {"ended": "superseded"}))
    others = select(found.key).where(*waiting, found.job_id != job.job_id, found.key != "").distinct()
    open_keys = set(connection.execute(others).scalars())
    if open_keys:
        brings = outcomes[(outcomes["number"] != "") & (outcomes["hold_code"] != STALE)]
        keys = sorted(open_keys.intersection(brings["key"]))
        for start in range(0, len(keys), MANY):
            connection.execute(
                update(OUTCOMES)
                .where(*waiting, found.job_id != job.job_id, found.key.in_(keys[start : start + MANY]))
                .values(ended | {"ended": "superseded"})
            )


def _sent_before(first: str, job: str, origins: list[int]) -> Update:
    """What waits of the same documents in other jobs that sent them again: an earlier replay, or fix-workbook."""
    found = OUTCOMES.c
    again = (
        select(MENDS.c.job_id)
        .join(JOBS, JOBS.c.job_id == MENDS.c.job_id)
        .where(JOBS.c.mends == first, MENDS.c.job_id == found.job_id, MENDS.c.document == found.line)
        .where(MENDS.c.origin.in_(origins))
    )
    return update(OUTCOMES).where(found.ended.is_(None), found.job_id != job, again.exists())


def note(database: Database, connection: Connection, job: str, found: pd.DataFrame) -> None:
    """Book failures that are about the drop as a whole."""
    database.dialect.append(connection, FAILURES, _failure_rows(job, found))


def _senders(before: JobRecord, checked: Decision) -> str:
    """The sender's own jobs that the drop carries, as a JSON list (two are enough to know that it isn't one)."""
    return json.dumps(sorted({*before.sender_jobs, *checked.sender_jobs})[:2], ensure_ascii=False)


def _add_units(connection: Connection, job: str, outcomes: pd.DataFrame) -> None:
    """Count the documents of each business unit that the drop is for."""
    shortened = outcomes["taken"] & (outcomes["failing_lines"] > 0)
    counted = outcomes.assign(failing=~outcomes["taken"], shortened=shortened).groupby("business_unit")
    for name, group in counted[["failing", "shortened"]]:
        unit = storable(name)
        sums = {
            "processed": len(group),
            "failing": int(group["failing"].sum()),
            "shortened": int(group["shortened"].sum()),
        }
        where: list[ColumnElement[bool]] = [UNITS.c.job_id == job, UNITS.c.business_unit == unit]
        changed = connection.execute(
            update(UNITS).where(*where).values({name: UNITS.c[name] + value for name, value in sums.items()})
        )
        if not changed.rowcount:
            connection.execute(insert(UNITS).values(job_id=job, business_unit=unit, **sums))


def _failure_rows(job: str, found: pd.DataFrame) -> pa.Table:
    """Errors a row each; a warning once a distinct value, with how often and where it was met (contract A2)."""
    if found.empty:
        return _rows(FAILURES, pd.DataFrame(columns=FAILURES.c.keys()))
    single = found.assign(last_line=found["line"], times=found.get("times", 1), job_id=job)
    single["times"] = single["times"].fillna(1).astype("int64")
    warning = single["severity"] == "warning"
    grouped = (
        single[warning]
        .groupby(["field", "code", "value", "detail"], dropna=False, sort=False)
        .agg(
            {
                "line": "min",
                "last_line": "max",
                "times": "sum",
                "document": "first",
                "line_number": "first",
                "severity": "first",
                "scope": "first",
                "job_id": "first",
            }
        )
        .reset_index()
    )
    return _rows(FAILURES, pd.concat([single[~warning], grouped], ignore_index=True))


def _rows(table: Any, frame: pd.DataFrame) -> pa.Table:
    """Rows as they are appended: what is missing is null."""
    cells = {column.name: [storable(value) for value in frame[column.name].tolist()] for column in table.c}
    return pa.table({name: pa.array(cell, arrow(table.c[name]), from_pandas=True) for name, cell in cells.items()})
