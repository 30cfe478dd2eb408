"""Interchanges are answered in their standard: how, the numbers that we have given, and the answers in the outbox."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from crossdock.database.tables import Moment

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.add_column("interchanges", sa.Column("terms", sa.Text(), nullable=False, server_default="{}"))
    op.create_table(
        "edi_numbers",
        sa.Column("partner", sa.Text(), primary_key=True),
        sa.Column("standard", sa.String(10), primary_key=True),
        sa.Column("sender", sa.Text(), primary_key=True),
        sa.Column("receiver", sa.Text(), primary_key=True),
        sa.Column("kind", sa.String(12), primary_key=True),
        sa.Column("last", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "edi_answers",
        sa.Column("outbox", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("job_id", sa.String(20), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("control", sa.BigInteger(), nullable=False),
        sa.Column("group_control", sa.BigInteger(), nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
    )
    op.create_index("edi_answers_job", "edi_answers", ["job_id", "place", "kind"], unique=True)
