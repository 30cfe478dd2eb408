"""People sign in to the pages: a session each, until they sign out or its key ends."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from crossdock.database.tables import Moment

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.create_table(
        "web_sessions",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("key_id", sa.String(12), nullable=False),
        sa.Column("form_token", sa.String(64), nullable=False),
        sa.Column("ends_at", Moment(), nullable=False),
    )
