"""What warehouses mean by goods: units, what is shipped and received, and what may still change then."""

from __future__ import annotations

import json

import pytest

from crossdock.database.lookups import Questions
from crossdock.frames.columns import Cells
from crossdock.schema.document import Level
from tests.imports.test_nights import SHIPMENT, house, send
from tests.warehouse import Warehouse, csv

ITEM = [{"skuId": "TEA", "name": "Tea", "description1": "Tea", "isActive": "Y", "upc": "036000291452",
         "units": [{"unit": "CS", "factor": 12, "gtin": "10036000291459"}, {"unit": "BX", "factor": 3}]}]  # fmt: skip
ORDER = "customerOrderNumber,customerLineNumber,skuId,quantity,quantityMeasure,shipTo.locationId"


@pytest.fixture
def tea(warehouse: Warehouse) -> Warehouse:
    """An item that comes in pieces, boxes of 3 and cases of 12."""
    loaded = warehouse.run(json.dumps(ITEM), house("sku", constants={"businessUnitId": "BU1"}), name="sku.json")
    assert loaded.report.verdict == "ACCEPTED", loaded.text
    return warehouse


@pytest.mark.both
def test_a_unit_that_comes_with_the_number_counts(tea: Warehouse) -> None:
    theirs = send(tea, "item_reference", "partner,theirs,skuId,unit", "house,T-CASE,TEA,CS", "house,T-EACH,TEA,")
    assert theirs.report.verdict == "ACCEPTED", theirs.text
    rows = ("S-1,1,T-CASE,2,,S1", "S-1,2,T-EACH,2,,S1", "S-1,3,10036000291459,2,,S1", "S-1,4,T-CASE,2,EA,S1")
    result = send(tea, "sales_order", ORDER, *rows)
    assert result.report.verdict == "ACCEPTED", result.text
    assert tea.rows("SELECT sku_id, quantity_measure FROM sales_order_lines ORDER BY customer_line_number") == [
        ("TEA", "CS"), ("TEA", "EA"), ("TEA", "CS"), ("TEA", "EA")]  # fmt: skip
    assert "quantityMeasure 'EA' is another unit than 'CS', of which the item's number is" in result.text
    assert result.warnings.count("unit_of_item") == 1


@pytest.mark.both
def test_the_next_night_the_unit_comes_with_the_number_again(tea: Warehouse) -> None:
    """A file without units keeps the stored unit, but for rows whose item's number says theirs."""
    bare, stored = ORDER.replace(",quantityMeasure", ""), "SELECT quantity, quantity_measure FROM sales_order_lines"
    send(tea, "item_reference", "partner,theirs,skuId,unit", "house,T-CASE,TEA,CS", "house,T-BOX,TEA,BX")
    send(tea, "sales_order", bare, "S-1,1,T-CASE,2,S1")
    more = send(tea, "sales_order", bare, "S-1,1,T-CASE,3,S1")
    assert (more.report.verdict, more.warnings) == ("ACCEPTED", ["item_resolved"]), more.text
    for header, row in ((bare, "S-1,1,T-BOX,8,S1"), (ORDER, "S-1,1,T-CASE,8,,S1")):
        other = send(tea, "sales_order", header, row)
        assert (other.report.verdict, other.warnings) == ("ACCEPTED", ["item_resolved"]), other.text
        unit = {"T-BOX": "BX", "T-CASE": "CS"}[row.split(",")[2]]
        assert [(int(float(number)), measure) for number, measure in tea.rows(stored)] == [(8, unit)]
    kept = send(tea, "sales_order", bare, "S-1,1,TEA,9,S1")
    assert (kept.report.verdict, kept.warnings) == ("ACCEPTED", ["unit_kept"]), kept.text


@pytest.mark.both
def test_thirds_of_a_box_add_up_to_what_was_ordered(tea: Warehouse) -> None:
    assert send(tea, "sales_order", ORDER, "S-1,1,TEA,5,BX,S1").report.verdict == "ACCEPTED"
    for number in (1, 2, 3):
        shipped = send(
            tea, "ship_confirmation", f"{SHIPMENT},quantityMeasure", f"H-{number},S-1,2026-11-2{number},1,1,TEA,5,EA"
        )
        assert (shipped.report.verdict, shipped.warnings) == ("ACCEPTED", []), shipped.text
    assert tea.rows("SELECT state FROM sales_orders") == [("SHIPPED",)]
    more = send(tea, "ship_confirmation", f"{SHIPMENT},quantityMeasure", "H-4,S-1,2026-11-24,1,1,TEA,1,EA")
    assert [code for _, _, code in more.errors] == ["over_shipped"]


def test_notes_may_change_when_the_order_is_shipped_and_a_warning_says_what_they_were(tea: Warehouse) -> None:
    header = f"{ORDER},header.notes"
    send(tea, "sales_order", header, "S-1,1,TEA,5,EA,S1,call first")
    send(tea, "ship_confirmation", SHIPMENT, "H-1,S-1,2026-11-20,1,1,TEA,5")
    changed = send(tea, "sales_order", header, "S-1,1,TEA,5,EA,S1,label printed")
    assert (changed.report.verdict, changed.warnings) == ("ACCEPTED", ["changed_afterwards"])
    assert "header.notes is 'label printed' now, it was 'call first'" in changed.text


def test_a_cancelled_rest_ends_its_line(tea: Warehouse) -> None:
    send(tea, "sales_order", ORDER, "S-1,1,TEA,5,EA,S1", "S-1,2,TEA,9,EA,S1")
    rows = ("H-1,S-1,2026-11-20,1,1,TEA,5,SHIPPED", "H-1,S-1,2026-11-20,2,2,TEA,0,CANCELLED")
    shipped = send(tea, "ship_confirmation", f"{SHIPMENT},lineStatus", *rows)
    assert shipped.report.verdict == "ACCEPTED", shipped.text
    assert tea.rows("SELECT state FROM sales_orders") == [("SHIPPED",)]


def test_what_is_received_keeps_its_values(tea: Warehouse) -> None:
    notice = "vendorNumber,asnNumber,lineNumber,skuId,quantity,countryOfOrigin"
    receipt = "receiptNumber,receiptDate,receiptType,buildingId,lineNumber,documentType,documentNumber,documentLineNumber,skuId,quantityReceived"
    send(tea, "asn", notice, "V1,A-1,1,TEA,9,GB")
    got = send(tea, "receipt", receipt, "R-1,2026-11-22,N,NVRN1,1,asn,A-1,1,TEA,4")
    assert got.report.verdict == "ACCEPTED", got.text
    changed = send(tea, "asn", notice, "V1,A-1,1,TEA,9,FR")
    assert [code for _, _, code in changed.errors] == ["changed_when_received"]
    assert "countryOfOrigin 'FR' can't be changed any more, it was 'GB'" in changed.text


PALLETS = ("376104250021234569", "376104250021234576")


@pytest.mark.both(slow=True)
def test_two_pallets_of_one_line_are_its_packages(tea: Warehouse) -> None:
    """openboxes/openboxes#67: a vendor without cartons repeats the line per pallet."""
    rows = [f"V1,A-1,1,{pallet},TEA,{quantity}" for pallet, quantity in zip(PALLETS, (100, 300), strict=True)]
    header = "vendorNumber,asnNumber,lineNumber,palletId,skuId,quantity"
    notice = send(tea, "asn", header, *rows)
    assert (notice.report.verdict, notice.warnings) == ("ACCEPTED", []), notice.text
    assert send(tea, "asn", header, *rows).report.documents.unchanged == 1
    assert [float(quantity) for (quantity,) in tea.rows("SELECT quantity FROM asn_lines")] == [400]
    packages = tea.rows("SELECT pallet_id, quantity FROM asn_packages ORDER BY 1")
    assert [(pallet, float(quantity)) for pallet, quantity in packages] == [(PALLETS[0], 100), (PALLETS[1], 300)]


def test_a_package_twice_is_named_by_a_column_of_the_file(tea: Warehouse) -> None:
    header = "vendorNumber,asnNumber,lineNumber,palletId,skuId,quantity"
    twice = send(tea, "asn", header, *[f"V1,A-1,1,{PALLETS[0]},TEA,{quantity}" for quantity in (1, 2)])
    assert f"palletId '{PALLETS[0]}' stands in the document already" in twice.text
    assert "cartonId" not in twice.text


def test_a_sum_is_named_by_what_the_file_has_of_it(tea: Warehouse) -> None:
    send(tea, "purchase_order", "purchaseOrderNumber,vendorNumber,lineNumber,skuId,quantity", "P-1,V1,1,TEA,40")
    header = "vendorNumber,asnNumber,purchaseOrderNumber,lineNumber,palletId,skuId,package.quantity"
    notice = send(tea, "asn", header, f"V1,A-1,P-1,1,{PALLETS[0]},TEA,50")
    assert notice.warnings == ["over_ordered"], notice.text
    assert "package.quantity '50' makes 50 in all, more than the 40 of the purchase order" in notice.text


@pytest.mark.both(slow=True)
def test_lots_pallets_and_bins_of_one_item_are_several_rows(tea: Warehouse) -> None:
    stock = ("B1,TEA,L1,,,5", "B1,TEA,L2,,,6", f"B1,TEA,L2,{PALLETS[0]},,7", f"B1,TEA,L2,{PALLETS[0]},A-1-2,8")
    header = "buildingId,skuId,lotNumber,palletId,bin,onHand,asOf"
    rows = [f"{row},2026-11-25T06:00:00Z" for row in stock]
    counted = send(tea, "inventory", header, *rows)
    assert counted.report.documents.inserted == 4, counted.text
    bins = tea.rows("SELECT location_id, on_hand FROM inventory ORDER BY on_hand")
    assert [(place, float(quantity)) for place, quantity in bins] == [("", 5), ("", 6), ("", 7), ("A-1-2", 8)]


@pytest.mark.both
def test_a_shipment_that_comes_while_another_is_checked_counts(tea: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    send(tea, "sales_order", ORDER, "S-0,1,TEA,5,EA,S1", "S-1,1,TEA,5,EA,S1")
    send(tea, "ship_confirmation", SHIPMENT, "H-0,S-0,2026-11-20,1,1,TEA,1")
    existing, others = Questions.existing, ["H-2,S-1,2026-11-20,1,1,TEA,5"]

    def meanwhile(self: Questions, level: Level, keys: Cells, columns: list[str]) -> Cells:
        rows = existing(self, level, keys, columns)
        if level.table == "shipments" and "customer_order_number" in keys and others:
            assert send(tea, "ship_confirmation", SHIPMENT, others.pop()).report.verdict == "ACCEPTED"
        return rows

    monkeypatch.setattr(Questions, "existing", meanwhile)
    checked = send(tea, "ship_confirmation", SHIPMENT, "H-1,S-1,2026-11-20,1,1,TEA,5")
    assert [code for _, _, code in checked.errors] == ["over_shipped"]
    assert tea.rows("SELECT shipment_id FROM shipments ORDER BY 1") == [("H-0",), ("H-2",)]


def test_a_check_counts_the_shipments_of_its_own_file(tea: Warehouse) -> None:
    send(tea, "sales_order", ORDER, "S-1,1,TEA,6,EA,S1")
    content = csv(*(f"H-{at}00,S-1,2026-11-20,1,1,TEA,1" for at in range(9)), header=SHIPMENT)
    checked = tea.check(content, house("ship_confirmation"), batch_bytes=1)
    stored = tea.run(content, house("ship_confirmation"), batch_bytes=1)
    assert len(checked["failedShipments"]) == len(stored.ack["failedShipments"]) == 3


@pytest.mark.both(slow=True)
def test_a_shipment_of_last_years_number_is_none_of_the_order_of_then(tea: Warehouse) -> None:
    send(tea, "sales_order", ORDER, "S-1,1,TEA,5,EA,S1", "S-2,1,TEA,5,EA,S1")
    send(tea, "ship_confirmation", SHIPMENT, "1,S-1,2025-11-20,1,1,TEA,5")
    again = send(tea, "ship_confirmation", SHIPMENT, "1,S-2,2026-11-20,1,1,TEA,5")
    assert [code for _, _, code in again.errors] == ["confirms_another"]
    assert "customerOrderNumber 'S-2' is not what was confirmed under this number before, 'S-1'" in again.text
    assert tea.rows("SELECT customer_order_number, state FROM sales_orders ORDER BY 1") == [
        ("S-1", "SHIPPED"), ("S-2", "OPEN")]  # fmt: skip
    header = SHIPMENT.replace("shipDate", "action,shipDate")
    assert send(tea, "ship_confirmation", header, "1,S-1,cancel,,,,,").report.verdict == "ACCEPTED"
    assert tea.rows("SELECT DISTINCT state FROM sales_orders") == [("OPEN",)]


@pytest.mark.both(slow=True)
def test_a_receipt_may_name_more_but_leaves_nothing_for_another(tea: Warehouse) -> None:
    receipt = (
        "receiptNumber,receiptDate,receiptType,buildingId,lineNumber,documentType,documentNumber,skuId,quantityReceived"
    )
    first, second, third = (f"R-1,2026-11-22,N,B1,{at},asn,A-{at},TEA,5" for at in (1, 2, 3))
    send(tea, "asn", "vendorNumber,asnNumber,lineNumber,skuId,quantity", *(f"V1,A-{at},1,TEA,5" for at in (1, 2, 3)))
    assert send(tea, "receipt", receipt, first).report.verdict == "ACCEPTED"
    more = send(tea, "receipt", receipt, first, second)
    assert (more.report.verdict, more.warnings) == ("ACCEPTED", []), more.text
    another = send(tea, "receipt", receipt, second, third)
    assert [(line, code) for line, _, code in another.errors] == [(3, "confirms_another")]
    assert "documentNumber 'A-3' is not what was confirmed under this number before, 'A-1'" in another.text
    assert tea.rows("SELECT asn_number, state FROM asns ORDER BY 1") == [
        ("A-1", "RECEIVED"), ("A-2", "RECEIVED"), ("A-3", "OPEN")]  # fmt: skip
