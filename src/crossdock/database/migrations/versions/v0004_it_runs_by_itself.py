"""Who is at work on which job, what lies in the drop folders, which answers are to go out, which nights have begun."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from crossdock.database.tables import Moment

revision = "0004"
down_revision = "0003"


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default="", nullable=False)


def upgrade() -> None:
    columns: tuple[sa.Column[Any], ...] = (
        sa.Column("filed_at", Moment(), nullable=True),
        *(_text(name) for name in ("place", "origin", "asked")),
        sa.Column("stage", sa.Integer(), server_default="9", nullable=False),
        _text("ranked"),
        sa.Column("earlier", sa.String(length=20), nullable=True),
        sa.Column("parent", sa.String(length=20), nullable=True),
        sa.Column("lease", sa.String(length=40), nullable=True),
        sa.Column("worker", sa.String(length=40), nullable=True),
        sa.Column("taken_at", Moment(), nullable=True),
        sa.Column("taken_from", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("moved_at", Moment(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("not_before", Moment(), nullable=True),
        sa.Column("said", sa.Text(), nullable=True),
        sa.Column("parked", sa.Text(), nullable=True),
        sa.Column("alert", sa.Text(), nullable=True),
        sa.Column("rate", sa.Float(), nullable=True),
        sa.Column("estimated_end", Moment(), nullable=True),
    )
    for column in columns:
        op.add_column("jobs", column)
    op.create_index("jobs_unfiled", "jobs", ["filed_at", "place"], unique=False)
    op.create_index("jobs_partner", "jobs", ["partner", "taken_at"], unique=False)
    op.create_index("jobs_sequence", "jobs", ["sequence"], unique=False)
    op.create_index("jobs_received", "jobs", ["received_at"], unique=False)
    op.execute("UPDATE jobs SET filed_at = finished_at")
    op.drop_table("job_heartbeats")
    op.create_table(
        "workers",
        sa.Column("worker", sa.String(length=40), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("run", sa.Text(), nullable=False),
        sa.Column("started_at", Moment(), nullable=False),
        sa.Column("seen_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("worker"),
    )
    op.create_table(
        "arrivals",
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("mtime_ns", sa.BigInteger(), nullable=False),
        sa.Column("inode", sa.Text(), nullable=False),
        sa.Column("first_seen_at", Moment(), nullable=False),
        sa.Column("steady_since", Moment(), nullable=False),
        sa.Column("job_id", sa.String(length=20), nullable=True),
        sa.PrimaryKeyConstraint("path"),
    )
    op.create_table(
        "outbox",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("job_id", sa.String(length=20), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("queued_at", Moment(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("refusals", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_at", Moment(), nullable=False),
        sa.Column("taken_by", sa.String(length=40), nullable=True),
        sa.Column("taken_until", Moment(), nullable=True),
        sa.Column("ended", sa.String(length=12), nullable=True),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.Column("said", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index("outbox_open", "outbox", ["ended", "partner", "channel", "number"], unique=False)
    op.create_index("outbox_job", "outbox", ["job_id"], unique=False)
    op.create_table(
        "nights",
        sa.Column("schedule", sa.Text(), nullable=False),
        sa.Column("due_at", Moment(), nullable=False),
        sa.Column("begun_at", Moment(), nullable=False),
        sa.Column("run", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("schedule", "due_at"),
    )
