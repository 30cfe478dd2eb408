"""A job remembers which outage ended it, and how often the same one did in a row."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("jobs", sa.Column("outage", sa.Text(), nullable=True))
    op.add_column("jobs", sa.Column("outages", sa.Integer(), server_default="0", nullable=False))
