"""The next job is found without a look at all that wait."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    op.drop_index("jobs_unfiled", "jobs")
    beginnings = ("lease", "verdict", "started_at", "not_before", "parked")
    not_filed = "filed_at IS NULL AND path != ''"
    waiting = " AND ".join([not_filed, *(f"{name} IS NULL" for name in beginnings)])
    begun = f"{not_filed} AND (" + " OR ".join(f"{name} IS NOT NULL" for name in beginnings) + ")"
    in_turn = ["partner", "document", "stage", "ranked", "sequence", "job_id"]
    for name, columns, condition in (("jobs_waiting", in_turn, waiting), ("jobs_begun", ["job_id"], begun)):
        op.create_index(name, "jobs", columns, sqlite_where=sa.text(condition), postgresql_where=sa.text(condition))
