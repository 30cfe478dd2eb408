"""Fix-workbooks: the records of documents that were not taken, and what became of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("jobs", sa.Column("mends", sa.String(length=20), nullable=True))
    op.create_index("jobs_mends", "jobs", ["mends"], unique=False)
    op.create_table(
        "job_records",
        sa.Column("job_id", sa.String(length=20), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.BigInteger(), nullable=False),
        sa.Column("nested", sa.Boolean(), nullable=False),
        sa.Column("cells", sa.Text(), nullable=False),
    )
    op.create_index("job_records_line", "job_records", ["job_id", "line"], unique=False)
    op.create_table(
        "job_mends",
        sa.Column("job_id", sa.String(length=20), nullable=False),
        sa.Column("origin", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.BigInteger(), nullable=False),
        sa.Column("taken", sa.Boolean(), nullable=False),
    )
    op.create_index("job_mends_origin", "job_mends", ["job_id", "origin"], unique=False)
