"""A document that changes have changed knows the content that it had as a whole."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
HEADERS = ("business_units", "buildings", "units", "skus", "item_references", "customers", "broker_accounts",
           "carrier_zones", "carrier_rates", "carrier_accessorials", "purchase_orders", "sales_orders",
           "erp_sales_orders", "asns", "rmas", "receipts", "shipments", "inventory", "inventory_movements")  # fmt: skip


def upgrade() -> None:
    for table in HEADERS:
        op.add_column(table, sa.Column("changed_from", sa.String(32)))
