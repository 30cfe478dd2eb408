"""Interchanges are kept with their groups and sets: their numbers come once, and they are acknowledged."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from crossdock.database.tables import Moment

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.create_table(
        "interchanges",
        sa.Column("job_id", sa.String(20), primary_key=True),
        sa.Column("place", sa.Integer(), primary_key=True),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("standard", sa.String(10), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("receiver", sa.Text(), nullable=False),
        sa.Column("control", sa.Text(), nullable=False),
        sa.Column("usage", sa.String(1), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("booked_at", Moment(), nullable=False),
        sa.Column("refused", sa.Text(), nullable=False),
        sa.Column("twice", sa.String(20)),
        sa.Column("body", sa.Text(), nullable=False),
    )
    op.create_index("interchanges_key", "interchanges", ["standard", "sender", "receiver", "control"])
    op.create_table(
        "interchange_groups",
        sa.Column("job_id", sa.String(20), primary_key=True),
        sa.Column("place", sa.Integer(), primary_key=True),
        sa.Column("part", sa.Integer(), primary_key=True),
        sa.Column("part_job", sa.String(20), nullable=False),
        sa.Column("refused", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
    )
    op.create_index("interchange_groups_job", "interchange_groups", ["part_job"])
    op.create_table(
        "interchange_sets",
        sa.Column("job_id", sa.String(20), primary_key=True),
        sa.Column("ordinal", sa.BigInteger(), primary_key=True),
        sa.Column("body", sa.Text(), nullable=False),
    )
