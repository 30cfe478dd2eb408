"""What carriers take for the way: their zones, rates and accessorials."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from crossdock.database.tables import Exact

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "carrier_accessorials",
        sa.Column("carrier_code", sa.String(length=30), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("charge", Exact(precision=19, scale=4), nullable=True),
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
        sa.PrimaryKeyConstraint("carrier_code", "currency", "code"),
        sqlite_with_rowid=False,
    )
    op.create_index("carrier_accessorials_change", "carrier_accessorials", ["change"], unique=False)
    op.create_index("carrier_accessorials_code", "carrier_accessorials", ["code"], unique=False)
    op.create_index("carrier_accessorials_key_fold", "carrier_accessorials", ["partner", "key_fold"], unique=False)
    op.create_table(
        "carrier_rates",
        sa.Column("rate_id", sa.String(length=40), nullable=False),
        sa.Column("carrier_code", sa.String(length=30), nullable=True),
        sa.Column("service_level", sa.String(length=40), nullable=True),
        sa.Column("mode", sa.String(length=255), nullable=True),
        sa.Column("origin_zone", sa.String(length=20), nullable=True),
        sa.Column("destination_zone", sa.String(length=20), nullable=True),
        sa.Column("weight_uom", sa.Text(), nullable=True),
        sa.Column("min_weight", Exact(precision=18, scale=6), nullable=True),
        sa.Column("max_weight", Exact(precision=18, scale=6), nullable=True),
        sa.Column("rate", Exact(precision=18, scale=6), nullable=True),
        sa.Column("rate_basis", sa.Text(), nullable=True),
        sa.Column("minimum_charge", Exact(precision=19, scale=4), nullable=True),
        sa.Column("fuel_surcharge", Exact(precision=18, scale=6), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("transit_days", sa.BigInteger(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
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
        sa.PrimaryKeyConstraint("rate_id"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "carrier_rates_carrier_code_origin_zone_destination_zone",
        "carrier_rates",
        ["carrier_code", "origin_zone", "destination_zone"],
        unique=False,
    )
    op.create_index("carrier_rates_change", "carrier_rates", ["change"], unique=False)
    op.create_index("carrier_rates_key_fold", "carrier_rates", ["partner", "key_fold"], unique=False)
    op.create_table(
        "carrier_zones",
        sa.Column("carrier_code", sa.String(length=30), nullable=False),
        sa.Column("country_code", sa.String(length=2), nullable=False),
        sa.Column("postal_prefix", sa.String(length=20), nullable=False),
        sa.Column("zone", sa.String(length=20), nullable=True),
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
        sa.PrimaryKeyConstraint("carrier_code", "country_code", "postal_prefix"),
        sqlite_with_rowid=False,
    )
    op.create_index("carrier_zones_change", "carrier_zones", ["change"], unique=False)
    op.create_index("carrier_zones_key_fold", "carrier_zones", ["partner", "key_fold"], unique=False)
    op.create_index("carrier_zones_postal_prefix", "carrier_zones", ["postal_prefix"], unique=False)
