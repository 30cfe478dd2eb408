"""Figures for machines that watch: what was imported, what failed, what waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select

from crossdock.database import Database
from crossdock.database.tables import FAILURES, JOBS, OUTBOX
from crossdock.model.report import COUNTED

LATELY = timedelta(days=1)
"""Failures of jobs that came since then are counted."""


@dataclass(frozen=True)
class Gauges:
    """``jobs``: by verdict, '' where it has none yet; ``documents``: by what was done; ``failures``: errors of the last
    day by code. ``oldest_seconds``: how long the oldest unfinished job waits; ``unsent``: answers to deliver.
    """

    jobs: dict[str, int]
    documents: dict[str, int]
    failures: dict[str, int]
    oldest_seconds: float
    unsent: int


def gauges(database: Database) -> Gauges:
    """The figures as of now."""
    documents = [func.sum(JOBS.c[f"documents_{name}"]).label(name) for name in COUNTED]
    of_verdict = func.coalesce(JOBS.c.verdict, "").label("verdict")
    by_verdict = select(of_verdict, func.count().label("jobs"), *documents).group_by(of_verdict)
    oldest = select(func.min(JOBS.c.received_at)).where(JOBS.c.verdict.is_(None))
    with database.reading() as connection:
        now = database.dialect.clock(connection)
        rows = connection.execute(by_verdict).all()
        since = connection.execute(oldest).scalar()
        recent = select(JOBS.c.job_id).where(JOBS.c.received_at >= now - LATELY)
        of_code = select(FAILURES.c.code, func.sum(FAILURES.c.times).label("times"))
        lately = of_code.where(FAILURES.c.severity == "error", FAILURES.c.job_id.in_(recent))
        failures = {row.code: int(row.times) for row in connection.execute(lately.group_by(FAILURES.c.code))}
        unsent = connection.execute(select(func.count()).where(OUTBOX.c.ended.is_(None))).scalar() or 0
    return Gauges(
        {row.verdict: row.jobs for row in rows},
        {name: sum(int(getattr(row, name) or 0) for row in rows) for name in COUNTED},
        failures,
        (now - since).total_seconds() if since else 0.0,
        unsent,
    )
