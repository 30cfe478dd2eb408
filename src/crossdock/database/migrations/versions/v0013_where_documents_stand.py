"""Each batch notes what documents it has stored: a document that came twice counts once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "job_stored",
        sa.Column("job_id", sa.String(20), nullable=False),
        sa.Column("documents", sa.LargeBinary(), nullable=False),
    )
    op.create_index("job_stored_job", "job_stored", ["job_id"])
