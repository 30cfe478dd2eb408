"""Large batches remember what was sent, so that documents that come again unchanged need no check."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.create_table(
        "job_sent",
        sa.Column("job_id", sa.String(20), primary_key=True),
        sa.Column("batch", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("context", sa.String(32), nullable=False),
        sa.Column("change", sa.BigInteger(), nullable=False),
        sa.Column("documents", sa.LargeBinary(), nullable=False),
    )
    op.create_index("job_sent_context", "job_sent", ["context", "batch"])
    op.create_index("job_sent_feed", "job_sent", ["partner", "document"])
