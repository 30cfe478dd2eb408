"""The numbers of incoming interchanges are looked at in the order in which they came."""

from __future__ import annotations

from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    op.create_index("interchanges_line", "interchanges", ["standard", "sender", "receiver", "booked_at"])
    op.create_index("interchanges_booked", "interchanges", ["booked_at"])
