"""Where packages and items of a notice stand, though it doesn't say so as it should, and what of it is read."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.interchanges import interchange, message, partner_of
from tests.warehouse import Result, Warehouse

SHIPMENT = ("DTM*011*20261125", "N1*ST**92*W1", "N1*VN**92*V1")
NOTICE = (
    "BGM+351+SH-1+9",
    "DTM+137:20261125:102",
    "DTM+11:20261125:102",
    "RFF+ON:PO-1",
    "NAD+SU+V1::92",
    "NAD+DP+W1::92",
)
CARTON = ("PAC+1++CT", "PCI+33E", "GIN+BJ+340123450000000000")
ITEM = ("LIN+1++AB:SA", "QTY+12:5")


def of_856(warehouse: Warehouse, *levels: str) -> Result:
    content = interchange(("BSN*00*SH-1*20261125*0900", *levels), type_="856", group="SH")
    return warehouse.run(content, warehouse.feed(whole=partner_of("856", document="asn", keys="")), name="x.edi")


def of_desadv(warehouse: Warehouse, *segments: str) -> Result:
    content = message("DESADV", *NOTICE, *segments)
    return warehouse.run(content, warehouse.feed(whole=partner_of("DESADV", document="asn", keys="")), name="x.edi")


@pytest.mark.parametrize(
    ("parents", "warnings"),
    [
        (("", "1", "2"), []),
        (("", "", ""), ["parents_guessed"]),
        (("0", "1", "2"), ["parent_nowhere"]),
        (("0", "0", ""), ["parent_nowhere", "parents_guessed"]),
    ],
)
def test_a_shipment_is_the_outermost(warehouse: Warehouse, parents: Sequence[str], warnings: list[str]) -> None:
    shipment, order, item = parents
    result = of_856(
        warehouse, f"HL*1*{shipment}*S", *SHIPMENT, f"HL*2*{order}*O", "PRF*PO-1", f"HL*3*{item}*I", "LIN*1*BP*AB",
        "SN1**5*EA", "CTT*3",
    )  # fmt: skip
    assert (result.errors, sorted(result.warnings)) == ([], warnings)
    assert warehouse.rows("SELECT purchase_order_number, sku_id FROM asn_lines")[0][1] == "AB"


def test_a_level_in_one_that_is_not_there_is_held(warehouse: Warehouse) -> None:
    result = of_856(warehouse, "HL*1**S", *SHIPMENT, "HL*2*9*O", "PRF*PO-1", "HL*3*2*I", "LIN*1*BP*AB", "SN1**5*EA")
    assert [code for _, _, code in result.errors] == ["bad_parent"]


def test_the_number_of_an_item_may_stand_with_its_quantity(warehouse: Warehouse) -> None:
    items = ("HL*3*2*I", "LIN**BP*AB", "SN1*7*5*EA", "HL*4*2*I", "LIN*8*BP*CD", "SN1*9*6*EA")
    result = of_856(warehouse, "HL*1**S", *SHIPMENT, "HL*2*1*O", "PRF*PO-1", *items, "CTT*4")
    assert result.errors == []
    lines = warehouse.rows("SELECT sku_id, purchase_order_line_number FROM asn_lines ORDER BY 1")
    assert lines == [("AB", "7"), ("CD", "8")]


def test_the_container_of_a_shipment_is_read(warehouse: Warehouse) -> None:
    levels = (
        "HL*1**S",
        "TD3*CN*ABCU*1234567",
        *SHIPMENT,
        "HL*2*1*O",
        "PRF*PO-1",
        "HL*3*2*I",
        "LIN*1*BP*AB",
        "SN1**5*EA",
    )
    result = of_856(warehouse, *levels, "CTT*3")
    assert (result.errors, result.warnings) == ([], [])
    assert warehouse.rows("SELECT container_number FROM asns") == [("ABCU1234567",)]


def test_the_first_package_of_a_message_may_name_one_that_is_not_there(warehouse: Warehouse) -> None:
    result = of_desadv(warehouse, "CPS+2+1", *CARTON, *ITEM, "CNT+2:1")
    assert (result.errors, result.warnings) == ([], ["parent_nowhere"])
    assert warehouse.rows("SELECT carton_id FROM asn_packages") == [("340123450000000000",)]


def test_a_later_one_may_not(warehouse: Warehouse) -> None:
    result = of_desadv(warehouse, "CPS+1", "CPS+2+7", *CARTON, *ITEM, "CNT+2:1")
    assert [code for _, _, code in result.errors] == ["bad_parent"]


def test_a_transport_without_its_stage_is_read(warehouse: Warehouse) -> None:
    result = of_desadv(warehouse, "TDT+++30++DHL", "CPS+1", *ITEM, "CNT+2:1")
    assert result.errors == []
    assert warehouse.rows("SELECT carrier_id FROM asns") == [("DHL",)]


@pytest.mark.parametrize(
    ("packages", "cartons"),
    [
        (("CPS+1", "PAC+10++CT", *ITEM), 10),
        (("CPS+1", "PAC+2++201", "PAC+10++CT", "CPS+2+1", *CARTON, *ITEM), 10),
        (("CPS+1", "PAC+2++201", "CPS+2+1", *CARTON, *ITEM), None),
        (("CPS+1", *CARTON, *ITEM), None),
        (("CPS+1", "PAC+10++XBX", "MEA+PD+AAD+KGM:12", *ITEM), 10),
    ],
)
def test_cartons_are_counted_where_they_have_no_labels(
    warehouse: Warehouse, packages: Sequence[str], cartons: int | None
) -> None:
    result = of_desadv(warehouse, *packages, "CNT+2:1")
    assert result.errors == []
    assert warehouse.rows("SELECT total_cartons FROM asns") == [(cartons,)]


@pytest.mark.parametrize(
    ("variance", "damaged"),
    [("QVR+-2:124++BN", 2), ("QVR+2:21+AF", 2), ("QVR+-2:124+AF", 2), ("QVR+-2:21+BP", None), ("QTY+124:3:PCE", 3)],
)
def test_what_is_damaged_may_be_a_variance(warehouse: Warehouse, variance: str, damaged: int | None) -> None:
    head = ("BGM+632+R-1+9", "DTM+50:20261125:102", "RFF+AAK:SH-1", "NAD+WH+W1::92", "CPS+1", "LIN+1", "PIA+5+AB:IN")
    content = message("RECADV", *head, "QTY+48:10:PCE", variance, "RFF+LI:1", "CNT+2:1")
    feed = warehouse.feed(whole=partner_of("RECADV", document="receipt", keys=""))
    assert warehouse.run(content, feed, name="x.edi").errors == []
    ((stored,),) = warehouse.rows("SELECT quantity_damaged FROM receipt_lines")
    assert (stored and float(stored)) == damaged


def test_a_variance_of_what_is_taken_is_none_of_it(warehouse: Warehouse) -> None:
    """Of 12 that were sent 10 are taken (194): the 2 that are damaged are not among these."""
    head = ("BGM+632+R-1+9", "DTM+50:20261125:102", "RFF+AAK:SH-1", "NAD+WH+W1::92", "CPS+1", "LIN+1", "PIA+5+AB:IN")
    content = message("RECADV", *head, "QTY+194:10:PCE", "QVR+-2:12+AF", "RFF+LI:1", "CNT+2:1")
    feed = warehouse.feed(whole=partner_of("RECADV", document="receipt", keys=""))
    result = warehouse.run(content, feed, name="x.edi")
    assert (result.errors, result.warnings) == ([], ["none_of_several"])
    ((received, damaged),) = warehouse.rows("SELECT quantity_received, quantity_damaged FROM receipt_lines")
    assert (float(received), damaged) == (10, None)


def test_the_number_of_a_return_that_its_lines_say_is_read(warehouse: Warehouse) -> None:
    lines = ("BLI*SK*S1*5*EA", "N9*RZ*RMA-1", "BLI*SK*S2*5*EA", "N9*RZ*RMA-1")
    returned = ("BGN*00*B1*20261125", "N1*ST**92*W1", "N1*BY*Buyer*92*C1", *lines)
    content = interchange(returned, type_="180", group="AN")
    result = warehouse.run(content, warehouse.feed(whole=partner_of("180", document="rma", keys="")), name="x.edi")
    assert (result.errors, result.warnings) == ([], [])
    assert warehouse.rows("SELECT rma_number FROM rmas") == [("RMA-1",)]


def test_the_time_of_a_movement_is_read(warehouse: Warehouse) -> None:
    adjusted = ("W15*20261125*T-1", "N1*WH**92*W1", "G62*07*20261125*8*0930", "W19*AA*5*EA**SK*S1")
    feed = warehouse.feed(whole=partner_of("947", document="inventory_movement", keys=""))
    result = warehouse.run(interchange(adjusted, type_="947", group="AW"), feed, name="x.edi")
    assert (result.errors, result.warnings) == ([], [])
    assert warehouse.rows("SELECT occurred_at FROM inventory_movements")[0][0].startswith("2026-11-25T15:30")
