"""Why a document is held is a code and a line of its own; the sender's own jobs are a JSON list."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    _holds()
    _sender_jobs()


def _holds() -> None:
    """``reason`` was "code", or "code line"."""
    op.add_column("job_outcomes", sa.Column("hold_code", sa.Text(), server_default="", nullable=False))
    op.add_column("job_outcomes", sa.Column("hold_line", sa.BigInteger(), nullable=True))
    code = "rtrim(reason, ' 0123456789')"  # no code ends in a digit
    line = f"substr(reason, length({code}) + 2)"
    op.execute(f"UPDATE job_outcomes SET hold_code = {code} WHERE reason <> ''")  # noqa: S608  # our own words
    op.execute(f"UPDATE job_outcomes SET hold_line = CAST({line} AS BIGINT) WHERE reason LIKE '% %'")  # noqa: S608  # the same
    op.drop_column("job_outcomes", "reason")


def _sender_jobs() -> None:
    """They stood in one text, a line each."""
    jobs = sa.table("jobs", sa.column("job_id", sa.String), sa.column("sender_job_id", sa.Text))
    connection = op.get_bind()
    carrying = sa.select(jobs.c.job_id, jobs.c.sender_job_id).where(jobs.c.sender_job_id.is_not(None))
    listed = [
        {"job": row.job_id, "senders": json.dumps(row.sender_job_id.split("\n"), ensure_ascii=False)}
        for row in connection.execute(carrying)
    ]
    if listed:
        change = sa.update(jobs).where(jobs.c.job_id == sa.bindparam("job"))
        connection.execute(change.values(sender_job_id=sa.bindparam("senders")), listed)
