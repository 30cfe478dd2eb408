"""The newest jobs of a partner, and its last file of a name, are found without a look at all of its jobs."""

from __future__ import annotations

from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    op.create_index("jobs_of_partner", "jobs", ["partner", "sequence"])
    op.drop_index("jobs_name", "jobs")
    op.create_index("jobs_name", "jobs", ["partner", "name", "sequence"])
