"""What a batch says, in its own transaction: books, failures, outcomes, kept records, and what waited and is ended."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pyarrow as pa
from sqlalchemy import Connection, Row, Update, insert, select, update
from sqlalchemy.sql import ColumnElement

from crossdock.database import Database, storable
from crossdock.database.jobs import Job, books_row
from crossdock.database.tables import FAILURES, JOBS, MENDS, OUTCOMES, RECORDS, UNITS, arrow
from crossdock.model import COUNTED, Checked

MANY = 5_000
"""Values that one statement is given."""
STALE = "stale"
"""The reason of a document that is older than the stored one: it ends nothing that waits."""


def advance(database: Database, connection: Connection, job: Job, checked: Checked) -> None:
    """Write what a batch did: books, counts, progress, failures, outcomes."""
    columns = ("partner", "document", "mends", "replays", "feed_text", "taken_at", "taken_from", "processed", "total")
    before = connection.execute(select(*(JOBS.c[name] for name in columns)).where(JOBS.c.job_id == job.id)).one()
    header, line = (checked.counts[title] for title in ("header", "line"))
    added = {"processed": len(checked.outcomes), "failing": checked.failing} | books_row(checked.books)
    for level, counts in (("documents", header), ("lines", line)):
        added |= {f"{level}_{name}": getattr(counts, name) for name in COUNTED}
    changes: dict[str, Any] = {name: JOBS.c[name] + value for name, value in added.items()}
    sender = _one_sender(connection, job, checked)
    if sender is not None:
        changes["sender_job_id"] = sender
    changes |= _pace(before, len(checked.outcomes), database.dialect.clock(connection))
    connection.execute(update(JOBS).where(JOBS.c.job_id == job.id).values(changes))
    _add_units(connection, job.id, checked.outcomes)
    database.dialect.append(connection, FAILURES, _failure_rows(job.id, checked.failures))
    _supersede(database, connection, job.id, before, checked)
    short = ~checked.outcomes["taken"] | (checked.outcomes["failing_lines"] > 0) | (checked.outcomes["reason"] != "")
    told = checked.outcomes if _answers_each(before) else checked.outcomes[short]
    told = told.assign(
        partner=before.partner, document=before.document, ended=None, ended_by=None, ended_at=None, why=None
    )
    for table, found in ((OUTCOMES, told), (RECORDS, checked.records), (MENDS, checked.mends)):
        if len(found):
            database.dialect.append(connection, table, _rows(table, found.assign(job_id=job.id)))


def _pace(before: Row[Any], more: int, now: datetime) -> dict[str, Any]:
    """How quick a job is since its worker took it, and when it will be done so. It got on: no attempt has failed."""
    done = before.processed + more
    rate = (done - before.taken_from) / max((now - before.taken_at).total_seconds(), 1e-3)
    end = now + timedelta(seconds=(before.total - done) / rate) if rate else None
    return {"attempts": 0, "moved_at": now, "rate": rate, "estimated_end": end}


def _answers_each(feed: Row[Any]) -> bool:
    """Whether the feed answers for every document, those that are taken, too."""
    return "envelope" in json.loads(feed.feed_text)["feed"]["answer"]


def _supersede(database: Database, connection: Connection, job: str, feed: Row[Any], checked: Checked) -> None:
    """End what waited of the same documents: a later drop brings them, or these are the mended ones (contract A5)."""
    found = OUTCOMES.c
    waiting = [found.ended.is_(None), found.partner == feed.partner, found.document == feed.document]
    ended = {"ended_by": job, "ended_at": datetime.now(UTC)}
    if feed.mends is not None and len(checked.mends):
        for taken, origins in checked.mends.groupby("taken")["origin"]:
            how = "replayed" if taken and feed.replays else "superseded"
            lines = [int(each) for each in origins.unique()]
            for start in range(0, len(lines), MANY):
                of_job = [found.ended.is_(None), found.job_id == feed.mends]
                part = lines[start : start + MANY]
                changed = update(OUTCOMES).where(*of_job, found.line.in_(part))
                connection.execute(changed.values(ended | {"ended": how}))
                connection.execute(_sent_before(feed.mends, job, part).values(ended | {"ended": "superseded"}))
    others = select(found.key).where(*waiting, found.job_id != job, found.key != "").distinct()
    open_keys = set(connection.execute(others).scalars())
    if open_keys:
        brings = checked.outcomes[(checked.outcomes["number"] != "") & (checked.outcomes["reason"] != STALE)]
        keys = sorted(open_keys.intersection(brings["key"]))
        for start in range(0, len(keys), MANY):
            connection.execute(
                update(OUTCOMES)
                .where(*waiting, found.job_id != job, found.key.in_(keys[start : start + MANY]))
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


def _one_sender(connection: Connection, job: Job, checked: Checked) -> str | None:
    """The sender's own job, as a JSON list of all that the drop carried (two are enough to know)."""
    if not checked.sender_jobs:
        return None
    before = connection.execute(select(JOBS.c.sender_job_id).where(JOBS.c.job_id == job.id)).scalar()
    known = set(before.split("\n")) if before else set()
    return "\n".join(sorted(known | checked.sender_jobs)[:2])


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
                "job_id": "first",
            }
        )
        .reset_index()
    )
    return _rows(FAILURES, pd.concat([single[~warning], grouped], ignore_index=True))


def _rows(table: Any, frame: pd.DataFrame) -> pa.Table:
    cells = {}
    for column in table.c:
        values = frame[column.name].astype(object)
        known = values.where(values.notna(), None).tolist()
        cells[column.name] = pa.array([storable(value) for value in known], arrow(column))
    return pa.table(cells)
