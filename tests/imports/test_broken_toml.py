"""A mistake in one partner's TOML pauses that partner, and nobody else."""

from __future__ import annotations

from pathlib import Path

import pytest

from crossdock.delivery import courier
from crossdock.delivery.http import Wire
from crossdock.partners import registry
from crossdock.partners.registry import Misconfigured
from tests.commands import crossdock
from tests.warehouse import PARTNER, Warehouse, csv

WRONG = PARTNER.format(name="acme", top="", keys="").replace("Europe/Berlin", "Europe/Pariss")


def broken(warehouse: Warehouse, text: str = WRONG) -> None:
    (warehouse.home / "partners" / "acme.toml").write_text(text, encoding="latin-1")


def test_the_others_are_imported_and_its_files_wait_until_it_is_corrected(warehouse: Warehouse) -> None:
    warehouse.partner("beta")
    mine, others = warehouse.drop("orders_1.csv"), warehouse.drop("orders_2.csv", partner="beta")
    broken(warehouse)
    assert [each.name for each in warehouse.reports()] == ["orders_2.csv"]
    assert (mine.exists(), others.exists()) == (True, False)
    assert [each for each in warehouse.look().odd if "acme.toml:3" in each and "the files of acme wait" in each]
    warehouse.partner("acme")
    assert [each.name for each in warehouse.reports()] == ["orders_1.csv"]
    assert warehouse.look().odd == []


def test_a_job_that_was_booked_waits_and_so_does_an_answer(warehouse: Warehouse) -> None:
    warehouse.drop("orders_1.csv", csv("SO-1,1,AB,x"))
    warehouse.look()
    broken(warehouse)
    assert warehouse.reports() == []
    warehouse.partner("acme")
    assert len(warehouse.reports()) == 1
    with warehouse.database.writing() as connection:
        connection.exec_driver_sql("UPDATE outbox SET ended = NULL, ended_at = NULL, next_at = queued_at")
    broken(warehouse)
    (sent,) = courier.deliver(warehouse.site, Wire())
    assert (sent.delivered, sent.said) == (False, "the TOML of acme has a mistake")


def test_a_file_that_could_be_its_own_is_nobody_elses(warehouse: Warehouse) -> None:
    warehouse.partner("beta")
    broken(warehouse)
    partners = warehouse.site.partners
    with pytest.raises(Misconfigured, match=r"acme\.toml:3"):
        partners.claim("orders_1.csv")
    with pytest.raises(Misconfigured, match=r"acme\.toml:3"):
        partners.named("acme/sales_order")
    assert partners.named("beta/sales_order", "orders_1.csv").partner == "beta"
    assert partners.claim("orders_1.csv", "beta").partner == "beta"


@pytest.mark.parametrize("text", ['id = "acme"\nzone = ', "\xff", "nothing"])
def test_a_file_that_can_hardly_be_read_is_still_its_partners(warehouse: Warehouse, text: str) -> None:
    broken(warehouse, text)
    assert set(registry.load_each(warehouse.home / "partners", "UTC").broken) == {"acme"}


def test_two_files_of_one_partner_pause_it(warehouse: Warehouse) -> None:
    text = (warehouse.home / "partners" / "acme.toml").read_text()
    (warehouse.home / "partners" / "again.toml").write_text(text)
    partners = warehouse.site.partners
    assert (set(partners.by_id), set(partners.broken)) == (set(), {"acme"})


def test_the_commands_name_the_mistake_and_do_not_end_well(warehouse: Warehouse) -> None:
    warehouse.partner("beta")
    broken(warehouse)
    environment = {"CROSSDOCK_HOME": str(warehouse.home), "CROSSDOCK_SETTLE_SECONDS": "0"}
    warehouse.drop("orders_2.csv", partner="beta")
    inbox = crossdock("inbox", **environment)
    assert inbox.returncode == 2
    assert "orders_2.csv" in inbox.stdout
    assert "acme.toml:3: 'Europe/Pariss' is not a time zone; the files of acme wait" in inbox.stderr
    status = crossdock("status", **environment)
    assert (status.returncode, "acme.toml:3" in status.stdout) == (1, True)
    assert crossdock("feeds", **environment).returncode == 2


def test_an_import_by_hand_books_nothing_until_the_mistake_is_corrected(warehouse: Warehouse, tmp_path: Path) -> None:
    path = tmp_path / "orders_1.csv"
    path.write_text(csv("SO-1,1,AB,5"))
    broken(warehouse)
    wrong = crossdock("import", str(path), CROSSDOCK_HOME=str(warehouse.home))
    assert (wrong.returncode, "acme.toml:3" in wrong.stderr) == (2, True)
    assert warehouse.rows("SELECT count(*) FROM jobs") == [(0,)]
    assert not [each for each in (warehouse.home / "work").rglob("*") if each.is_file()]
    warehouse.partner("acme")
    assert crossdock("import", str(path), CROSSDOCK_HOME=str(warehouse.home)).returncode == 0
    assert warehouse.rows("SELECT count(*) FROM jobs") == [(1,)]
