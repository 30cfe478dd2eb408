"""What is asked of jobs and failures has an index: it takes no longer beside many of them."""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"

INDEXES = (
    ("jobs_name", "jobs", ["partner", "name"]),
    ("jobs_status", "jobs", ["status"]),
    ("jobs_finished", "jobs", ["finished_at"]),
    ("jobs_parent", "jobs", ["parent"]),
    ("jobs_worker", "jobs", ["worker"]),
    ("job_failures_document", "job_failures", ["job_id", "document_line"]),
)


def upgrade() -> None:
    op.drop_index("job_outcomes_open", "job_outcomes")
    op.create_index("job_outcomes_open", "job_outcomes", ["ended", "partner", "document", "key"])
    for name, table, columns in INDEXES:
        op.create_index(name, table, columns)
