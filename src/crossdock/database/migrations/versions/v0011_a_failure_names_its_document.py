"""A failure has the number of its document: a report names it beside each line."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("job_failures", sa.Column("number", sa.Text(), nullable=False, server_default=""))
    op.execute(
        "UPDATE job_failures SET number = COALESCE((SELECT MIN(o.number) FROM job_outcomes o WHERE "
        "o.job_id = job_failures.job_id AND o.line = job_failures.document_line AND o.line > 0), '')"
    )
