"""Of a first answer that is still owed, the worker that owes it: it is lost with that one, not after a while."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    op.add_column("idempotency", sa.Column("worker", sa.String(40), nullable=True))
