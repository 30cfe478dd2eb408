"""Products side by side in one row: what nobody reads of a row is goods, so the row fails."""

from __future__ import annotations

import pytest

from crossdock.model.status import Verdict
from tests.warehouse import Warehouse, house

CODE = "product_beside"


@pytest.mark.both(slow=True)
@pytest.mark.parametrize(
    ("document", "headings", "row"),
    [
        ("purchase_order", "purchaseOrderNumber,skuId,quantity,skuId2,quantity2", "PO-1,A,5,B,3"),
        ("purchase_order", "purchaseOrderNumber,skuId,quantity,skuId (2),quantity (2)", "PO-1,A,5,B,"),
        ("asn", "asnNumber,sku_id,quantity,sku_id_2,quantity_2,sku_id_3,quantity_3", "A-1,A,5,,0,C,1"),
        ("rma", "rmaNumber,Sku ID,quantity,Sku ID #2,Quantity #2", "R-1,A,5,B,2"),
        ("sku", "skuId,name,description1,isActive,upc,unit,factor,unit2,factor2", "A,A,A,Y,4006381333931,EA,1,CS,12"),
        ("inventory", "buildingId,asOf,skuId,locationId,onHand,locationId2,onHand2", "N1,2026-11-20,A,L1,5,L2,7"),
    ],
)
def test_a_row_with_another_product_fails(warehouse: Warehouse, document: str, headings: str, row: str) -> None:
    result = warehouse.run(f"{headings}\n{row}\n", house(document))
    assert result.report.verdict is Verdict.REJECTED
    assert [code for _, _, code in result.errors] == [CODE]
    assert "send a row for each product" in result.text


def test_the_feed_may_say_that_it_is_none(warehouse: Warehouse) -> None:
    rows = "customerOrderNumber,skuId,quantity,skuId2,quantity2\nSO-1,A,5,B,3\n"
    result = warehouse.run(rows, warehouse.feed(f'severity = {{ {CODE} = "warning" }}'))
    assert result.report.verdict is Verdict.ACCEPTED
    assert CODE in result.warnings
