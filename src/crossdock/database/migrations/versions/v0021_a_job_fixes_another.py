"""One word for what a fix-workbook does: a job fixes the documents of another."""

from __future__ import annotations

from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.drop_index("jobs_mends", "jobs")
    op.drop_index("job_mends_origin", "job_mends")
    op.alter_column("jobs", "mends", new_column_name="fixes")
    op.rename_table("job_mends", "job_fixes")
    op.create_index("jobs_fixes", "jobs", ["fixes"])
    op.create_index("job_fixes_origin", "job_fixes", ["job_id", "origin"])
