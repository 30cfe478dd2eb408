"""Columns whose name is a word for something else get a name of their own."""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"

RENAMED = (
    ("job_failures", "document", "document_line"),
    ("job_records", "document", "document_line"),
    ("job_mends", "document", "document_line"),
    ("jobs", "place", "path"),
    ("jobs", "taken_at", "leased_at"),
    ("jobs", "taken_from", "leased_from"),
    ("jobs", "moved_at", "progressed_at"),
    ("outbox", "taken_by", "claimed_by"),
    ("outbox", "taken_until", "claimed_until"),
)


def upgrade() -> None:
    for table, before, after in RENAMED:
        op.alter_column(table, before, new_column_name=after)
    op.create_index("sku_units_gtin", "sku_units", ["business_unit_id", "gtin"])  # an item is found by its case's GTIN
