"""Several pallets and bins are several rows: they are part of the keys of ASN packages and inventories."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

from crossdock.database.records import from_json
from crossdock.database.tables import Exact, Moment

revision = "0010"
down_revision = "0009"

SEPARATOR = "\x1f"
PACKAGES = (
    "business_unit_id",
    "vendor_number",
    "asn_number",
    "line_number",
    "carton_id",
    "lot_number",
    "serial_number",
)
INVENTORY = ("business_unit_id", "building_id", "sku_id", "lot_number", "quantity_measure", "as_of")


def upgrade() -> None:
    """Fill both tables anew: a primary key can't be changed in place on every database."""
    op.drop_index("asn_packages_carton_id", "asn_packages")
    op.rename_table("asn_packages", "asn_packages_before")
    op.create_table(
        "asn_packages",
        sa.Column("business_unit_id", sa.String(length=20), nullable=False),
        sa.Column("vendor_number", sa.String(length=30), nullable=False),
        sa.Column("asn_number", sa.String(length=30), nullable=False),
        sa.Column("line_number", sa.String(length=20), nullable=False),
        sa.Column("carton_id", sa.String(length=18), nullable=False),
        sa.Column("lot_number", sa.String(length=30), nullable=False),
        sa.Column("serial_number", sa.String(length=50), nullable=False),
        sa.Column("pallet_id", sa.String(length=18), nullable=False),
        sa.Column("expiration_date", sa.Date(), nullable=True),
        sa.Column("quantity", Exact(precision=18, scale=6), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("job", sa.String(length=20), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(*PACKAGES, "pallet_id"),
        sqlite_with_rowid=False,
    )
    _copied(
        "asn_packages", [*PACKAGES, "expiration_date", "quantity", "state", "job", "line"], "COALESCE(pallet_id, '')"
    )
    op.create_index("asn_packages_carton_id", "asn_packages", ["business_unit_id", "carton_id"])

    for index in ("inventory_change", "inventory_key_fold", "inventory_sku_id"):
        op.drop_index(index, "inventory")
    op.rename_table("inventory", "inventory_before")
    amounts = ("on_hand", "allocated", "available", "damaged", "on_hold")
    op.create_table(
        "inventory",
        sa.Column("business_unit_id", sa.String(length=20), nullable=False),
        sa.Column("building_id", sa.Text(), nullable=False),
        sa.Column("sku_id", sa.String(length=30), nullable=False),
        sa.Column("lot_number", sa.String(length=30), nullable=False),
        sa.Column("quantity_measure", sa.String(length=255), nullable=False),
        sa.Column("as_of", Moment(), nullable=False),
        sa.Column("pallet_id", sa.String(length=18), nullable=False),
        sa.Column("location_id", sa.String(length=30), nullable=False),
        *(sa.Column(name, Exact(precision=18, scale=6), nullable=True) for name in amounts),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Text(), nullable=True),
        sa.Column("partner", sa.String(length=40), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("content", sa.String(length=32), nullable=True),
        sa.Column("key_fold", sa.Text(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("change", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("job", sa.String(length=20), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(*INVENTORY, "pallet_id", "location_id"),
        sqlite_with_rowid=False,
    )
    own = ("state", "version", "partner", "shared", "content", "key_fold", "revision", "change", "job", "line")
    _copied("inventory", [*INVENTORY, *amounts, *own], "''", "''")
    op.create_index("inventory_change", "inventory", ["change"])
    op.create_index("inventory_key_fold", "inventory", ["business_unit_id", "partner", "key_fold"])
    op.create_index("inventory_sku_id", "inventory", ["business_unit_id", "sku_id"])

    _longer_keys(op.get_bind())


def _copied(table: str, columns: list[str], pallet: str, location: str | None = None) -> None:
    """Fill a table from the one before, and drop that one."""
    names = [*columns, "pallet_id", *(["location_id"] if location else [])]
    values = [*columns, pallet, *([location] if location else [])]
    op.execute(
        f"INSERT INTO {table} ({', '.join(names)}) SELECT {', '.join(values)} FROM {table}_before"  # noqa: S608
    )
    op.drop_table(f"{table}_before")


def _longer_keys(connection: sa.Connection) -> None:
    """The keys in the jobs' tables and in the history have the new parts, too."""
    more = {"more": SEPARATOR * 2}
    connection.execute(sa.text("UPDATE inventory SET key_fold = key_fold || :more"), more)
    for table in ("job_outcomes", "document_history"):
        longer = f"UPDATE {table} SET key = key || :more WHERE document = 'inventory' AND key <> ''"  # noqa: S608
        connection.execute(sa.text(longer), more)
    pallets = connection.execute(sa.text(f"SELECT {', '.join(PACKAGES)}, pallet_id FROM asn_packages")).all()  # noqa: S608
    by_key = {(SEPARATOR.join(row[:3]), row[3:7]): row[7] for row in pallets}
    of_packages = "SELECT DISTINCT key, row_key FROM document_history WHERE document = 'asn' AND level = 'package'"
    rewritten = [
        {
            "key": key,
            "before": row_key,
            "after": json.dumps([*parts, by_key.get((key, tuple(parts)), "")], ensure_ascii=False),
        }
        for key, row_key in connection.execute(sa.text(of_packages)).all()
        for parts in [from_json(row_key)]
    ]
    if rewritten:
        changed = (
            "UPDATE document_history SET row_key = :after WHERE document = 'asn' AND key = :key AND row_key = :before"
        )
        connection.execute(sa.text(changed), rewritten)
