"""PostgreSQL compares texts by their bytes, as SQLite and Python do, and not as the language of the database says.

An index then stays in order when the operating system's rules of sorting change, and needs less time. What is
remembered of documents as they were sent are hashes: to compress them gains nothing.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from crossdock.database.tables import METADATA

revision = "0030"
down_revision = "0029"
BYTES = "C"


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        compare_by_bytes()
        op.execute("ALTER TABLE job_sent ALTER COLUMN documents SET STORAGE EXTERNAL")


def compare_by_bytes() -> None:
    """Every column of texts gets the collation; a later migration that adds one calls this, too."""
    inspector = sa.inspect(op.get_bind())
    for table in sorted(METADATA.tables.keys() & inspector.get_table_names()):
        columns = inspector.get_columns(table)
        texts = [each for each in columns if isinstance(each["type"], sa.String) and each["type"].collation != BYTES]
        changes = ", ".join(f'ALTER COLUMN "{each["name"]}" TYPE {each["type"]} COLLATE "{BYTES}"' for each in texts)
        if changes:
            op.execute(f"ALTER TABLE {table} {changes}")
