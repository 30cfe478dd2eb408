"""The last file of a feed is found by an index: each file is compared with it."""

from __future__ import annotations

from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_index("jobs_feed", "jobs", ["partner", "document", "sequence"])
