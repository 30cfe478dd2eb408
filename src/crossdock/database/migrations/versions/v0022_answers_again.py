"""A standard acknowledgement is sent again when a later job, or a dismissal, changes what it said."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.add_column("edi_answers", sa.Column("cause", sa.String(20), nullable=False, server_default=""))
    op.add_column("edi_answers", sa.Column("dismissed", sa.Text(), nullable=False, server_default=""))
    op.drop_index("edi_answers_job", "edi_answers")
    op.create_index("edi_answers_cause", "edi_answers", ["job_id", "place", "kind", "cause", "dismissed"], unique=True)
