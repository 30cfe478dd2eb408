"""Versions, modes, and documents that come in the wrong order (contract A5)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.imports.test_nights import house, send
from tests.warehouse import Warehouse, csv

HEADER = "customerOrderNumber,customerLineNumber,skuId,quantity,salesChannelOrderInfo.lastUpdateDate,action"
BY_NAME = 'version = ["drop"]'
VERSION = 'version = ["salesChannelOrderInfo.lastUpdateDate"]'


def order(
    warehouse: Warehouse, day: str, quantity: str = "5", action: str = "", keys: str = VERSION, name: str = "o.csv"
) -> Any:
    return warehouse.run(csv(f"SO-1,1,AB,{quantity},{day},{action}", header=HEADER), warehouse.feed(keys), name=name)


@pytest.mark.both
def test_older_never_overwrites_newer(warehouse: Warehouse) -> None:
    order(warehouse, "2026-11-20", "5")
    older = order(warehouse, "2026-11-19", "7")
    assert (older.report.verdict, older.warnings) == ("ACCEPTED", ["stale"])
    assert (older.report.books.stale, older.report.books.loaded) == (1, 0)
    assert warehouse.lines() == {"1": ("AB", 5.0, "OPEN")}
    newer = order(warehouse, "2026-11-21", "7")
    assert newer.report.documents.updated == 1
    assert warehouse.lines() == {"1": ("AB", 7.0, "OPEN")}


@pytest.mark.both
def test_the_same_version_with_other_content_names_both_jobs(warehouse: Warehouse) -> None:
    first = order(warehouse, "2026-11-20", "5")
    again = order(warehouse, "2026-11-20", "6")
    assert [code for _, _, code in again.errors] == ["version_again"]
    assert first.job in again.failed["SO-1"]
    assert order(warehouse, "2026-11-20", "5").report.documents.unchanged == 1


@pytest.mark.both(slow=True)
def test_a_cancel_that_comes_before_its_create_wins(warehouse: Warehouse) -> None:
    cancel = order(warehouse, "2026-11-21", "", "cancel")
    assert cancel.report.documents.cancelled == 1, cancel.text
    late = order(warehouse, "2026-11-20")
    assert (late.report.books.stale, late.warnings) == (1, ["stale"])
    assert warehouse.rows("SELECT state FROM sales_orders") == [("CANCELLED",)]
    assert warehouse.rows("SELECT count(*) FROM sales_order_lines") == [(0,)]
    again = order(warehouse, "2026-11-22")
    assert again.report.verdict == "ACCEPTED", again.text
    assert warehouse.rows("SELECT state FROM sales_orders") == [("OPEN",)]


def test_a_blank_version_is_a_failure(warehouse: Warehouse) -> None:
    assert [code for _, _, code in order(warehouse, "").errors] == ["no_version"]


def test_the_sequence_in_the_name_tells_which_drop_is_newer(warehouse: Warehouse) -> None:
    order(warehouse, "", "10", keys=BY_NAME, name="orders_10.csv")
    late = order(warehouse, "", "9", keys=BY_NAME, name="orders_9.csv")
    assert late.warnings == ["stale"]
    assert warehouse.lines() == {"1": ("AB", 10.0, "OPEN")}


def test_words_of_names_tell_nothing_and_a_copy_is_the_later_one(warehouse: Warehouse) -> None:
    for name, quantity in (("av_b_11.csv", 11), ("av_12.csv", 12), ("av_12 (1).csv", 13)):
        newer = order(warehouse, "", str(quantity), keys=BY_NAME, name=name)
        assert newer.warnings == [], name
        assert warehouse.lines() == {"1": ("AB", float(quantity), "OPEN")}
    for name in ("av_z_12.csv", "zz_9.csv"):
        assert order(warehouse, "", "1", keys=BY_NAME, name=name).warnings == ["stale"], name
    again = order(warehouse, "", "7", keys=BY_NAME, name="other 12-1.csv")
    assert [code for _, _, code in again.errors] == ["version_again"]
    assert warehouse.lines() == {"1": ("AB", 13.0, "OPEN")}


def test_a_name_without_a_number_is_refused_where_names_tell_what_is_newer(warehouse: Warehouse) -> None:
    order(warehouse, "", "12", keys=BY_NAME, name="av_12.csv")
    nameless = order(warehouse, "", "1", keys=BY_NAME, name="av_x.csv")
    assert (
        nameless.report.refused
        == 'the name av_x.csv has no number, and version = "drop" goes by it: give it that of its place'
    )
    assert warehouse.lines() == {"1": ("AB", 12.0, "OPEN")}


def test_a_name_without_a_number_is_taken_where_it_only_tells_equal_ones_apart(warehouse: Warehouse) -> None:
    behind = 'version = ["salesChannelOrderInfo.lastUpdateDate", "drop"]'
    for day, quantity in (("2026-11-20", 5), ("2026-11-21", 7)):
        assert order(warehouse, day, str(quantity), keys=behind, name="open.csv").report.refused is None
    assert warehouse.lines() == {"1": ("AB", 7.0, "OPEN")}
    again = order(warehouse, "2026-11-21", "8", keys=behind, name="open.csv")
    assert [code for _, _, code in again.errors] == ["version_again"]


def test_of_one_night_the_newest_version_counts(warehouse: Warehouse) -> None:
    import json

    def one(day: str, quantity: int) -> dict[str, Any]:
        line = {"customerLineNumber": "1", "skuId": "AB", "quantity": quantity}
        return {"customerOrderNumber": "SO-1", "salesChannelOrderInfo": {"lastUpdateDate": day}, "orderLines": [line]}

    content = json.dumps([one("2026-11-21", 2), one("2026-11-20", 1), one("2026-11-22", 3)])
    result = warehouse.run(content, warehouse.feed(VERSION), name="o.json")
    assert (result.report.verdict, result.report.books.stale, result.report.books.loaded) == ("ACCEPTED", 2, 1)
    assert warehouse.lines() == {"1": ("AB", 3.0, "OPEN")}


MOVE = "transactionId,occurredAt,movementType,skuId,buildingId,quantity"


@pytest.mark.both(slow=True)
def test_a_movement_never_changes(warehouse: Warehouse) -> None:
    first = send(warehouse, "inventory_movement", MOVE, "T-1,2026-11-20T10:00:00Z,ADJUST,AB,NVRN1,-2")
    assert first.report.verdict == "ACCEPTED", first.text
    again = send(warehouse, "inventory_movement", MOVE, "T-1,2026-11-20 10:00,ADJUST,AB,NVRN1,-2.0")
    assert again.report.documents.unchanged == 1
    other = send(warehouse, "inventory_movement", MOVE, "T-1,2026-11-20T10:00:00Z,ADJUST,AB,NVRN1,-3")
    assert [code for _, _, code in other.errors] == ["append_only"]


STOCK = "buildingId,skuId,asOf,onHand"


@pytest.mark.both(slow=True)
def test_a_snapshot_keeps_every_moment_however_it_is_written(warehouse: Warehouse) -> None:
    send(warehouse, "inventory", STOCK, "NVRN1,AB,2026-11-20T06:00:00Z,5", "NVRN1,AC,2026-11-20T06:00:00Z,1")
    second = send(warehouse, "inventory", STOCK, "NVRN1,AB,2026-11-21T06:00:00Z,4")
    assert second.report.documents.inserted == 1
    same = send(warehouse, "inventory", STOCK, "NVRN1,AB,2026-11-20T07:00:00+01:00,5")
    assert same.report.documents.unchanged == 1, same.text
    changed = send(warehouse, "inventory", STOCK, "NVRN1,AB,2026-11-20 06:00,6")
    assert changed.report.documents.updated == 1, changed.text
    assert warehouse.rows("SELECT count(*) FROM inventory WHERE state = 'OPEN'") == [(3,)]
    twice = send(warehouse, "inventory", STOCK, "NVRN1,AB,2026-11-22,5", "NVRN1,AB,2026-11-22 00:00,5")
    assert twice.warnings == ["duplicate"], twice.text


@pytest.mark.both(slow=True)
def test_a_list_sends_changes_and_a_cancel_makes_inactive(warehouse: Warehouse) -> None:
    header = "skuId,name,description1,isActive,upc,description2"
    send(warehouse, "sku", header, "AB,Band,Blue band,Y,4006381333931,long")
    send(warehouse, "sku", "skuId,name,description2", "AB,Belt,")
    assert warehouse.rows("SELECT name, description2 FROM skus") == [("Belt", "long")]
    send(warehouse, "sku", "skuId,action", "AB,cancel")
    result = warehouse.run(csv("SO-1,1,AB,5"))
    assert result.warnings == ["inactive_reference"]


@pytest.mark.both(slow=True)
@pytest.mark.parametrize(
    ("theirs", "sku", "code"),
    [("AC-1", "AB", "item_resolved"), ("4006381333931", "AB", "item_resolved"), ("BLUE", "AB", "item_resolved"),
     ("TWO", None, "several_items"), ("NONE", "NONE", "unknown_reference")],
)  # fmt: skip
def test_a_partners_own_number_finds_the_item(warehouse: Warehouse, theirs: str, sku: str | None, code: str) -> None:
    import json

    items = [{"skuId": name, "name": "Band", "description1": "Band", "isActive": True, "upc": upc,
              "aliases": [{"alias": alias} for alias in aliases]}
             for name, upc, aliases in (("AB", "4006381333931", ["BLUE", "TWO"]), ("AC", "4006381333948", ["TWO"]))]  # fmt: skip
    warehouse.run(json.dumps(items), house("sku"), name="skus.json")
    send(warehouse, "item_reference", "partner,theirs,skuId", "acme,AC-1,AB", "other,NONE,AB")
    result = warehouse.run(csv(f"SO-1,1,{theirs},5"))
    codes = [each["code"] for each in result.failures if each["column"] == "skuId"]
    assert codes == [code], result.text
    stored = warehouse.rows("SELECT sku_id FROM sales_order_lines")
    assert stored == ([(sku,)] if sku else [])
    assert warehouse.run(csv(f"SO-1,1,{theirs},5")).report.books.loaded == 0


def test_an_update_in_json_leaves_what_its_object_does_not_name(warehouse: Warehouse) -> None:
    """Whatever the other objects of the file name."""
    import json

    def one(number: str, **more: object) -> dict[str, object]:
        return {"customerOrderNumber": number, **more}

    line = {"customerLineNumber": "1", "skuId": "AB", "quantity": 1}
    first = [one(number, carrierId="UPS", notes="ring", orderLines=[line]) for number in ("SO-1", "SO-2")]
    warehouse.run(json.dumps(first), name="o.json")
    second = [one("SO-1", action="update", carrierId="DHL"), one("SO-2", action="update", carrierId=None, notes="call")]
    result = warehouse.run(json.dumps(second), name="o.json")
    assert result.report.documents.updated == 2, result.text
    orders = warehouse.rows("SELECT customer_order_number, carrier_id, notes FROM sales_orders ORDER BY 1")
    assert orders == [("SO-1", "DHL", "ring"), ("SO-2", None, "call")]


def test_keys_that_differ_only_in_zeros_of_any_part_are_asked_about(warehouse: Warehouse) -> None:
    header = "vendorNumber,asnNumber,lineNumber,skuId,quantity"
    send(warehouse, "asn", header, "007,A-1,1,AB,5")
    result = send(warehouse, "asn", header, "7,A-1,1,AB,5")
    assert [code for _, _, code in result.errors] == ["similar_key"]
    assert "vendorNumber '7' differs only in leading zeros from '007', which is stored" in result.text


@pytest.mark.both(slow=True)
def test_a_cancelled_document_comes_back_as_it_was_under_a_newer_version(warehouse: Warehouse) -> None:
    order(warehouse, "2026-11-20")
    order(warehouse, "2026-11-21", "", "cancel")
    again = order(warehouse, "2026-11-22")
    assert again.report.verdict == "ACCEPTED", again.text
    assert warehouse.rows("SELECT state FROM sales_orders") == [("OPEN",)]
    assert warehouse.lines() == {"1": ("AB", 5.0, "OPEN")}


@pytest.mark.both(slow=True)
def test_a_newer_version_counts_though_nothing_else_changed(warehouse: Warehouse) -> None:
    order(warehouse, "2026-11-20", "5", keys='version = ["drop"]', name="o_1.csv")
    order(warehouse, "2026-11-20", "5", keys='version = ["drop"]', name="o_3.csv")
    late = order(warehouse, "2026-11-20", "9", keys='version = ["drop"]', name="o_2.csv")
    assert late.warnings == ["stale"]
    assert warehouse.lines() == {"1": ("AB", 5.0, "OPEN")}


def test_what_was_taken_without_a_line_is_completed_in_the_same_version(warehouse: Warehouse) -> None:
    keys = f'{VERSION}\nhold = "line"'
    header = "customerOrderNumber,customerLineNumber,skuId,quantity,salesChannelOrderInfo.lastUpdateDate"
    warehouse.run(csv("SO-1,1,AB,5,2026-11-20", "SO-1,2,AB,x,2026-11-20", header=header), warehouse.feed(keys))
    corrected = warehouse.run(
        csv("SO-1,1,AB,5,2026-11-20", "SO-1,2,AB,7,2026-11-20", header=header), warehouse.feed(keys)
    )
    assert corrected.report.verdict == "ACCEPTED", corrected.text
    assert len(warehouse.lines()) == 2
