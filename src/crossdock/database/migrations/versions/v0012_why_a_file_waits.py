"""What lies in a drop folder has the reason why it is not taken."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from crossdock.database.tables import Moment

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.add_column("arrivals", sa.Column("kind", sa.String(10), nullable=False, server_default=""))
    op.add_column("arrivals", sa.Column("said", sa.Text(), nullable=False, server_default=""))
    op.add_column("arrivals", sa.Column("until", Moment()))
