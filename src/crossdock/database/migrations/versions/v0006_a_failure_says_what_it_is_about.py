"""What a failure is about (``failures.Scope``) stands in its row; before, readers worked it out, each by itself."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from crossdock.documents import DOCUMENTS
from crossdock.failures.catalogue import CODES
from crossdock.partners.feed_config import scope_in

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("job_failures", sa.Column("scope", sa.String(8), server_default="document", nullable=False))
    failures = sa.table("job_failures", *map(sa.column, ("job_id", "field", "code", "scope")))
    jobs = sa.table("jobs", sa.column("job_id"), sa.column("document"))
    connection = op.get_bind()
    found = sa.select(jobs.c.document, failures.c.field, failures.c.code).distinct()
    found = found.join_from(failures, jobs, jobs.c.job_id == failures.c.job_id)
    for name, field, code in connection.execute(found).all():
        document = DOCUMENTS.get(name or "")
        if document is None or code not in CODES:
            continue
        of_document = sa.select(jobs.c.job_id).where(jobs.c.document == name)
        alike = (failures.c.field == field, failures.c.code == code, failures.c.job_id.in_(of_document))
        scope = scope_in(document, code, field)
        connection.execute(sa.update(failures).where(*alike).values(scope=scope))
