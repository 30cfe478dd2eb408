"""Values that should stand in one document only."""

from __future__ import annotations

from datetime import timedelta

import pytest

from crossdock.pipeline.validate.uniqueness import check_uniqueness
from tests.sent import Shelf, brief, details, feed, sent
from tests.warehouse import TODAY

SKU = "skuId,isActive,upc,action"
GTIN, SAME = "4006381333931", "04006381333931"
CARTON = "340123450000000017"


def skus(*rows: str, stored: str = "") -> tuple[list[tuple[int, str, str]], list[object]]:
    shelf = Shelf(skus=["sku_id,is_active,upc,state", stored]) if stored else Shelf()
    failures = check_uniqueness(sent(*rows, header=SKU, of=feed("sku")).typed[0], feed("sku"), shelf, TODAY)
    return brief(failures), details(failures)


@pytest.mark.parametrize("stored", [f"AC,Y,{GTIN},OPEN", f"AC,Y,{SAME},OPEN"], ids=["as it is", "with a leading zero"])
def test_a_gtin_that_another_stored_item_has_is_said(stored: str) -> None:
    assert skus(f"AB,Y,{GTIN},", stored=stored) == ([(2, "upc", "gtin_again")], [{"other": "'AC'"}])


@pytest.mark.parametrize(
    ("row", "stored"),
    [
        (f"AB,Y,{GTIN},", f"AB,Y,{GTIN},OPEN"),
        (f"AB,Y,{GTIN},", f"AC,N,{GTIN},OPEN"),
        (f"AB,Y,{GTIN},", f"AC,Y,{GTIN},CANCELLED"),
        (f"AB,N,{GTIN},", f"AC,Y,{GTIN},OPEN"),
        (f"AB,Y,{GTIN},cancel", f"AC,Y,{GTIN},OPEN"),
        ("AB,Y,,", f"AC,Y,{GTIN},OPEN"),
    ],
    ids=["the item itself", "an inactive one", "a cancelled one", "being inactive", "being cancelled", "having none"],
)
def test_a_gtin_is_said_of_items_in_use_only(row: str, stored: str) -> None:
    assert skus(row, stored=stored) == ([], [])


def test_of_two_items_of_a_file_the_later_one_is_said() -> None:
    assert skus(f"AB,Y,{GTIN},", f"AC,Y,{SAME},") == ([(3, "upc", "gtin_again")], [{"other": "'AB'"}])


@pytest.mark.parametrize(("days", "fails"), [(364, True), (366, False), (None, True)])
def test_a_carton_may_come_again_after_a_year(days: int | None, fails: bool) -> None:
    shipped = "" if days is None else str(TODAY - timedelta(days=days))
    stored = Shelf(
        asns=["vendor_number,asn_number,shipment_date", f"V1,A0,{shipped}"],
        asn_packages=[
            "vendor_number,asn_number,line_number,carton_id,lot_number,serial_number,pallet_id",
            f"V1,A0,1,{CARTON},,,",
        ],
    )
    steps = sent(
        f"V1,A1,1,AB,5,{CARTON}", header="vendorNumber,asnNumber,lineNumber,skuId,quantity,cartonId", of=feed("asn")
    )
    failures = check_uniqueness(steps.typed[0], steps.of, stored, TODAY)
    assert brief(failures) == ([(2, "cartonId", "carton_again")] if fails else [])


def test_a_document_without_such_values_has_none() -> None:
    steps = sent("SO-1,1,AB,5")
    assert not len(check_uniqueness(steps.typed[0], steps.of, Shelf(), TODAY))
