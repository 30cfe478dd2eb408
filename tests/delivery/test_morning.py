"""The state of a site in the morning: what the command, the page and the night's page say alike."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from crossdock.delivery.morning import Morning, morning
from tests.warehouse import Warehouse, csv

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def state(warehouse: Warehouse) -> Morning:
    site = warehouse.site
    return morning(site.database, site.partners, site.home, LONG_AGO, ZoneInfo("UTC"))


def test_it_says_where_to_correct_and_which_partner_is_paused(warehouse: Warehouse) -> None:
    warehouse.partner()
    assert not state(warehouse).needs_somebody
    warehouse.drop("orders_1.csv", csv("SO-1,1,AB,x"))
    (report,) = warehouse.reports()
    now = state(warehouse)
    (held,) = dict(now.remarks)["On hold (1), the newest first"]
    workbook = held.rpartition("fix-workbook: ")[2]
    assert (warehouse.home / workbook).name == f"orders_1.csv.{report.job}.fix.xlsx"
    assert (warehouse.home / workbook).exists()
    assert not now.needs_somebody, "whoever has sent it corrects it"
    warehouse.partner("beta", whole="id = ")
    assert state(warehouse).needs_somebody
    assert "beta" in "".join(dict(state(warehouse).remarks)["Paused for a mistake in the partner's TOML"])
