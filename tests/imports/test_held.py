"""What is still outside: open, found, given up, sent again; never over a later import, by itself when a value comes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from crossdock.database import connect
from crossdock.errors import Outage
from crossdock.intake.search import waiting_files
from crossdock.jobs import open_documents, queries
from crossdock.model.report import Report
from crossdock.workers.by_path import import_file, replay
from tests.warehouse import HEADER, SKU, Warehouse, csv

pytestmark = pytest.mark.both

HOUSE = """
id = "house"
zone = "UTC"
business_units = ["BU1"]
[[feed]]
document = "sku"
files = "sku*"
constants = { businessUnitId = "BU1" }
[[feed]]
document = "asn"
files = "asn*"
constants = { businessUnitId = "BU1" }
[[feed]]
document = "purchase_order"
files = "po*"
constants = { businessUnitId = "BU1", currency = "EUR" }
[[feed]]
document = "ship_confirmation"
files = "shipment*"
constants = { businessUnitId = "BU1" }
"""
ACME = """
id = "acme"
zone = "UTC"
business_units = ["BU1"]
[[feed]]
document = "sales_order"
files = "orders*"
references = { sku = "fail" }
constants = { businessUnitId = "BU1", "shipTo.locationId" = "S1" }
"""


class TwoPartners(Warehouse):
    """A warehouse with the partners house and acme, whose files are imported by hand."""

    def send(self, name: str, content: str) -> Report:
        return import_file(self.site, self.file(content, name), None, lambda _: None)

    def sku(self, *names: str) -> Report:
        return self.send("skus.csv", csv(*(f"{name},Band,Band,Y,4006381333931" for name in names), header=SKU))

    def open(self) -> list[tuple[str, str]]:
        return [(row.number, row.job_id) for row in open_documents.open_documents(self.database)]

    def again(self, **which: str) -> list[Report]:
        return list(replay(self.site, list(open_documents.open_documents(self.database, **which))))

    def states(self, number: str) -> list[str]:
        documents = open_documents.numbered(self.database, number)
        return [row.ended or ("stored" if row.taken else "open") for row in documents]


@pytest.fixture
def two_partners(database_url: str, home: Path) -> Iterator[TwoPartners]:
    database = connect(database_url)
    harness = TwoPartners(database, home)
    harness.partner("house", whole=HOUSE)
    harness.partner("acme", whole=ACME)
    harness.sku("AB")
    yield harness
    database.close()


def test_what_lacks_a_value_goes_in_by_itself_when_the_list_brings_it(two_partners: TwoPartners) -> None:
    rows = ("SO-1,1,AB,5", "SO-2,1,ZZ,1", "SO-2,2,AB,1", "SO-3,1,ZZ,x", "SO-4,1,QQ,1")
    first = two_partners.send("orders.csv", csv(*rows))
    assert [number for number, _ in two_partners.open()] == ["SO-2", "SO-3", "SO-4"]
    two_partners.sku("ZZ")
    assert two_partners.order_numbers() == ["SO-1", "SO-2"]
    assert two_partners.states("SO-2") == ["replayed"]
    assert [number for number, _ in two_partners.open()] == ["SO-3", "SO-4"]
    newest = queries.recent(two_partners.database, 1)[0]
    assert (newest.fixes, newest.replays, newest.name) == (first.job, True, "orders.csv")
    acks = [path.name for path in (two_partners.home / "outbox" / "acme").glob("*.ack.json")]
    assert f"orders.csv.{newest.job_id}.ack.json" in acks
    line = two_partners.database
    with line.reading() as connection:
        rows_of = connection.exec_driver_sql(f"SELECT line FROM sales_order_lines WHERE job = '{newest.job_id}'")
        assert sorted(row[0] for row in rows_of) == [3, 4], "a row points to its line in the file that was sent"


def test_what_lacks_an_id_that_is_sent_without_its_zeros_goes_in_by_itself_too(two_partners: TwoPartners) -> None:
    feed = ACME.replace("sku = ", "customer = ") + "pad = { customerNumber = 10 }\n"
    two_partners.partner("acme", whole=feed)
    two_partners.partner("house", whole=HOUSE + '[[feed]]\ndocument = "customer"\nfiles = "cust*"\n')
    customers = "businessUnitId,customerNumber,name\nBU1,0000000008,somebody\n"
    two_partners.send("cust_1.csv", customers)
    two_partners.send("orders.csv", csv("SO-1,1,AB,5,77", "SO-2,1,AB,5,78", header=f"{HEADER},customerNumber"))
    assert [number for number, _ in two_partners.open()] == ["SO-1", "SO-2"]
    two_partners.send("cust_2.csv", customers.replace("08", "77"))
    assert two_partners.order_numbers() == ["SO-1"]


def test_a_refused_drop_that_comes_in_later_under_any_name_is_open_no_more(two_partners: TwoPartners) -> None:
    content = csv("SO-1,1,AB,5")
    two_partners.send("unknown.csv", content)
    two_partners.send("other.csv", csv("SO-2,1,AB,5"))
    assert [number for number, _ in two_partners.open()] == ["", ""]
    two_partners.send("orders.csv", content)
    (row,) = open_documents.open_documents(two_partners.database)
    assert row.name == "other.csv"


def test_replaying_twice_changes_nothing(two_partners: TwoPartners) -> None:
    two_partners.send("orders.csv", csv("SO-2,1,ZZ,1", "SO-3,1,AB,x"))
    two_partners.partner("acme", whole=ACME.replace('"fail"', '"warn"'))
    (first,) = two_partners.again()
    assert (first.documents.inserted, first.failing) == (1, 1)
    assert two_partners.order_numbers() == ["SO-2"]
    assert [number for number, _ in two_partners.open()] == ["SO-3"]
    (second,) = two_partners.again()
    assert (second.documents.inserted, second.failing) == (0, 1)
    assert two_partners.order_numbers() == ["SO-2"]
    assert two_partners.states("SO-3") == ["open", "superseded", "superseded"]


def test_only_the_newest_copy_is_sent_and_never_over_a_later_import(two_partners: TwoPartners) -> None:
    two_partners.send("orders.csv", csv("SO-2,1,ZZ,1"))
    later = two_partners.send("orders_2.csv", csv("SO-2,1,ZZ,2"))
    assert two_partners.open() == [("SO-2", later.job)]
    two_partners.send("orders_3.csv", csv("SO-2,1,AB,3"))
    assert two_partners.open() == []
    two_partners.partner("acme", whole=ACME.replace('"fail"', '"warn"'))
    assert two_partners.again() == []
    with two_partners.database.reading() as connection:
        lines = connection.exec_driver_sql("SELECT sku_id, quantity FROM sales_order_lines").all()
    assert [(sku, float(quantity)) for sku, quantity in lines] == [("AB", 3.0)]


def test_a_cancel_ends_the_wait_of_held_copies(two_partners: TwoPartners) -> None:
    two_partners.send("orders.csv", csv("SO-2,1,AB,1"))
    two_partners.send("orders_2.csv", csv("SO-2,1,ZZ,2"))
    assert [number for number, _ in two_partners.open()] == ["SO-2"]
    two_partners.send("orders_3.csv", csv("SO-2,,,,cancel", header=f"{HEADER},action"))
    assert two_partners.open() == []


def test_one_is_chosen_by_job_code_number_or_partner(two_partners: TwoPartners) -> None:
    two_partners.send("orders.csv", csv("SO-2,1,ZZ,1", "SO-3,1,AB,x"))
    database = two_partners.database
    assert [row.number for row in open_documents.open_documents(database, code="not_a_number")] == ["SO-3"]
    assert [row.number for row in open_documents.open_documents(database, document="SO-2")] == ["SO-2"]
    assert [row.number for row in open_documents.open_documents(database, partner="house")] == []
    (only,) = two_partners.again(code="not_a_number")
    assert only.progress.total == 1


def test_a_torn_rows_neighbour_stays_held(two_partners: TwoPartners) -> None:
    two_partners.send("orders.csv", csv("SO-1,1,AB,5", ",9", "SO-2,1,AB,5"))
    assert {number for number, _ in two_partners.open()} == {"SO-1", "", "SO-2"}
    (report,) = two_partners.again(document="SO-1")
    assert report.failing == 1
    assert two_partners.order_numbers() == []


def test_a_document_of_json_comes_again_as_it_was_nested(two_partners: TwoPartners) -> None:
    lines = [{"customerLineNumber": str(n), "skuId": "ZZ", "quantity": 1.5 if n == 2 else 1, "quantityMeasure": "KG"}
             for n in (1, 2)]  # fmt: skip
    two_partners.send("orders.json", json.dumps({"data": [{"customerOrderNumber": "SO-2", "orderLines": lines}]}))
    two_partners.sku("ZZ")
    assert two_partners.order_numbers() == ["SO-2"]
    with two_partners.database.reading() as connection:
        quantities = connection.exec_driver_sql(
            "SELECT quantity FROM sales_order_lines ORDER BY customer_line_number"
        ).all()
    assert [float(row[0]) for row in quantities] == [1.0, 1.5]


def test_a_killed_replay_goes_on(two_partners: TwoPartners, monkeypatch: pytest.MonkeyPatch) -> None:
    two_partners.send("orders.csv", csv("SO-2,1,ZZ,1"))
    two_partners.partner("acme", whole=ACME.replace('"fail"', '"warn"'))
    with monkeypatch.context() as patch:
        patch.setattr("crossdock.jobs.lifecycle.end", lambda *_: (_ for _ in ()).throw(Outage("away")))
        with pytest.raises(Outage):
            two_partners.again()
    (left,) = two_partners.again()
    assert left.verdict == "ACCEPTED"
    assert two_partners.order_numbers() == ["SO-2"]
    assert two_partners.again() == []


def test_who_gives_a_document_up_says_why(two_partners: TwoPartners) -> None:
    job = two_partners.send("orders.csv", csv("SO-2,1,ZZ,1")).job
    assert open_documents.dismiss(two_partners.database, job, "SO-2", "sent by phone", "ada") == 1
    assert two_partners.open() == []
    (row,) = open_documents.numbered(two_partners.database, "SO-2")
    assert (row.ended, row.ended_by, row.why) == ("dismissed", "ada", "sent by phone")
    assert open_documents.dismiss(two_partners.database, job, "SO-2", "again", "ada") == 0
    two_partners.sku("ZZ")
    assert two_partners.order_numbers() == []


def test_a_refused_drop_waits_until_one_of_its_name_goes_through(two_partners: TwoPartners) -> None:
    two_partners.send("orders.csv", "garbage")
    (row,) = open_documents.open_documents(two_partners.database)
    assert (row.line, row.number, row.hold_code) == (0, "", "refused")
    two_partners.send("orders.csv", csv("SO-1,1,AB,5"))
    assert two_partners.open() == []


def test_a_waiting_file_is_found_by_what_is_in_it(two_partners: TwoPartners) -> None:
    inbox = two_partners.home / "inbox" / "acme"
    (inbox / "orders_9.csv").write_text(csv("SO-9,1,AB,5"))
    (inbox / "orders_90.csv").write_text(csv("SO-90,1,AB,5"))
    files = list(waiting_files(two_partners.site.partners, two_partners.home, "SO-9"))
    assert [(path.name, feed) for path, feed in files] == [("orders_9.csv", "acme/sales_order")]


def test_a_nights_drops_are_taken_by_class_and_sequence(two_partners: TwoPartners) -> None:
    """Names in an order that the alphabet gets wrong."""
    house = two_partners.home / "inbox" / "house"
    acme = two_partners.home / "inbox" / "acme"
    header = "vendorNumber,asnNumber,lineNumber,skuId,quantity"
    for number in (10, 9):
        (house / f"asn_{number}.csv").write_text(csv(f"V1,A-1,1,AB,{number}", header=header))
    (house / "po_1.csv").write_text(csv("PO-1,1,AB,5", header="purchaseOrderNumber,lineNumber,skuId,quantity"))
    (house / "skus_3.csv").write_text(csv("AC,Band,Band,Y,4006381333948", header=SKU))
    shipment = "shipmentId,customerOrderNumber,shipDate,lineNumber,customerLineNumber,skuId,quantityShipped"
    (house / "a.csv").write_text("nobody claims it")
    (house / "shipment_1.csv").write_text(csv("S-1,SO-1,2026-11-21,1,1,AC,5", header=shipment))
    (acme / "orders_1.csv").write_text(csv("SO-1,1,AC,5"))
    assert [ended.name for ended in two_partners.work()] == [
        "skus_3.csv",
        "po_1.csv",
        "orders_1.csv",
        "asn_9.csv",
        "asn_10.csv",
        "shipment_1.csv",
        "a.csv",
    ]
    with two_partners.database.reading() as connection:
        assert connection.exec_driver_sql("SELECT state FROM sales_orders").scalar() == "SHIPPED"
        assert float(connection.exec_driver_sql("SELECT quantity FROM asn_lines").scalar_one()) == 10


def test_a_number_that_no_database_can_hold_ends_no_copy_and_no_import(two_partners: TwoPartners) -> None:
    """PostgreSQL's text has no NUL: such a number is stored with a sign in its place, and asked for so."""
    two_partners.send("orders.csv", csv("SO-2,1,ZZ,1", "SO-3,1,ZZ,1", "SO-4,1,ZZ,1"))
    header = f"{HEADER},action"
    odd = two_partners.send("orders_2.csv", csv("SO\x00-9,1,AB,1,", "SO\x00-8,,,,cancel", header=header))
    assert odd.failing == 2
    assert [number for number, _ in two_partners.open()] == [
        "SO-2", "SO-3", "SO-4", "SO\u2400-9", "SO\u2400-8"]  # fmt: skip
