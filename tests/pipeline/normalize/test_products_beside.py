"""Products side by side in one row: which headings are twins of what is read, and which cells name goods."""

from __future__ import annotations

import pytest

from crossdock.pipeline.normalize.products_beside import products_beside
from tests.sent import HEADER, details, feed, sent


def headings(row: str, header: str) -> list[str]:
    of = feed()
    steps = sent(row, header=f"{HEADER},{header}", of=of)
    return [each["headings"] for each in details(products_beside(steps.batch, steps.columns, of))]


@pytest.mark.parametrize(
    ("header", "row", "expected"),
    [
        ("skuId2,quantity2", "SO-1,1,AB,5,CD,3", "'skuId2', 'quantity2'"),
        ("Sku ID (2),Quantity (2)", "SO-1,1,AB,5,CD,", "'Sku ID (2)', 'Quantity (2)'"),
        ("SKU_ID_02,quantity #2", "SO-1,1,AB,5,CD,1.5", "'SKU_ID_02', 'quantity #2'"),
        ("skuId2,quantity2", "SO-1,1,AB,5,,3", "'skuId2', 'quantity2'"),
    ],
)
def test_goods_under_twins_fail(header: str, row: str, expected: str) -> None:
    assert headings(row, header) == [expected]


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("skuId2,quantity2", "SO-1,1,AB,5,,"),
        ("skuId2,quantity2", "SO-1,1,AB,5,CD,'0,00'"),
        ("quantity2", "SO-1,1,AB,5,60"),
        ("skuId2", "SO-1,1,AB,5,CD"),
        ("skuId2,quantity3", "SO-1,1,AB,5,CD,3"),
        ("City 2,quantity2", "SO-1,1,AB,5,Bonn,3"),
    ],
)
def test_what_is_no_other_product_is_none(header: str, row: str) -> None:
    assert headings(row, header) == []
