"""An index of what is sought within a business unit begins with what is sought.

Where PostgreSQL has no statistics yet, one that begins with the unit looks to it as good as the primary key, and finds
all documents of the unit for each that is looked up.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
UNIT = "business_unit_id"


def upgrade() -> None:
    inspector = sa.inspect(op.get_bind())
    for table in inspector.get_table_names():
        for index in inspector.get_indexes(table):
            first, *others = index["column_names"]
            if first == UNIT and others:
                name = str(index["name"])
                op.drop_index(name, table)
                op.create_index(name, table, [*filter(None, others), UNIT])
