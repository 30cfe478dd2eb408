"""What partners say of the interchanges that we have sent is kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from crossdock.database.tables import Moment

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.create_table(
        "edi_confirmations",
        sa.Column("job_id", sa.String(20), primary_key=True),
        sa.Column("place", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("type", sa.String(10), nullable=False),
        sa.Column("level", sa.String(12), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("outbox", sa.BigInteger()),
        sa.Column("received_at", Moment(), nullable=False),
    )
    op.create_index("edi_answers_control", "edi_answers", ["control"])
    op.create_index("edi_answers_group", "edi_answers", ["group_control"])
    op.create_index("edi_confirmations_received", "edi_confirmations", ["received_at"])
