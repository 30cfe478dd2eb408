"""The partner's own item numbers → SKUs."""

from __future__ import annotations

from typing import Any

import pytest

from crossdock.pipeline.lookup.items import resolve_items
from tests.sent import HEADER, Shelf, brief, details, feed, plain, sent

THEIRS = f"{HEADER},customerSku,upc"
KNOWN = Shelf(
    skus=["sku_id,is_active,upc", "AB,Y,04006381333931", "AC,Y,00000096385074", "AD,Y,96385074"],
    sku_aliases=["sku_id,alias", "AB,band", "AC,band", "AC,loom"],
    item_references=["partner_,theirs,sku_id", "acme,4711,AB", "acme,band,AB", "beta,4712,AC"],
)


def sku_of(row: str, stored: Shelf = KNOWN, **keys: Any) -> tuple[Any, list[tuple[int, str, str]], list[Any]]:
    """The SKU of a line, and what is said of it; the row: SKU, the customer's own, GTIN."""
    sku, rest = row.split(",", 1)
    steps = sent(f"SO-1,1,{sku},5,{rest}", header=THEIRS, of=feed(**keys))
    assembled, failures = resolve_items(steps.typed[0], steps.of, stored)
    ((sku_id,),) = plain(assembled.rows["line"].cells, "skuId")
    return sku_id, brief(failures), details(failures)


@pytest.mark.parametrize(
    ("row", "sku", "by"),
    [
        (",4711,", "AB", "the item references"),
        ("4711,,", "AB", "the item references"),
        (",band,", "AB", "the item references"),
        (",loom,", "AC", "an alias"),
        (",,4006381333931", "AB", "the GTIN"),
        ("ZZ,,4006381333931", "AB", "the GTIN"),
    ],
)
def test_an_item_is_found_by_reference_gtin_or_alias_in_that_order(row: str, sku: str, by: str) -> None:
    assert sku_of(row) == (sku, [(2, "skuId", "item_resolved")], [{"item": repr(sku), "by": by}])


@pytest.mark.parametrize("row", ["AB,loom,", ",4712,", ",,", ",,123", "ZZ,,"])
def test_what_is_known_already_or_by_nobody_stays_as_it_is(row: str) -> None:
    assert sku_of(row)[:2] == (row.split(",")[0] or None, [])


UNITS = Shelf(
    skus=["sku_id,is_active,upc", "TEA,Y,"],
    sku_units=["sku_id,unit,factor,gtin", "TEA,CS,12,14006381333938"],
    item_references=["partner_,theirs,sku_id,unit", "acme,T-CASE,TEA,CS", "acme,T-EACH,TEA,"],
)


@pytest.mark.parametrize(
    ("row", "unit", "codes"),
    [
        ("T-CASE,2,,", "CS", ["item_resolved"]),
        ("T-CASE,2,CS,", "CS", ["item_resolved"]),
        ("T-CASE,2,EA,", "EA", ["unit_of_item", "item_resolved"]),
        ("T-EACH,2,,", "EA", ["item_resolved"]),
        (",2,,14006381333938", "CS", ["item_resolved"]),
    ],
    ids=["the unit comes with the number", "the same unit", "another unit", "no unit", "the GTIN of a case"],
)
def test_a_unit_that_comes_with_the_number_counts(row: str, unit: str, codes: list[str]) -> None:
    header = "customerOrderNumber,customerLineNumber,skuId,quantity,quantityMeasure,upc"
    steps = sent(f"SO-1,1,{row}", header=header, of=feed())
    assembled, failures = resolve_items(steps.typed[0], steps.of, UNITS)
    assert plain(assembled.rows["line"].cells, "skuId", "quantityMeasure") == [("TEA", unit)]
    assert sorted(code for *_, code in brief(failures)) == sorted(codes)


def test_without_a_column_the_unit_of_the_number_counts_and_a_constant_is_told() -> None:
    header = "customerOrderNumber,customerLineNumber,skuId,quantity"
    constants = {"businessUnitId": "BU1", "quantityMeasure": "EA"}
    for of, unit, several in ((feed(), "CS", 1), (feed(constants=constants), "EA", 2)):
        steps = sent("SO-1,1,T-CASE,2", header=header, of=of)
        assembled, failures = resolve_items(steps.typed[0], steps.of, UNITS)
        assert plain(assembled.rows["line"].cells, "quantityMeasure") == [(unit,)]
        assert len(failures) == several


def test_several_items_are_a_failure_that_lists_them() -> None:
    assert sku_of(",,96385074") == (None, [(2, "skuId", "several_items")], [{"items": "AC, AD", "by": "the GTIN"}])


def test_without_lists_or_where_the_feed_says_so_nothing_is_looked_for() -> None:
    assert sku_of(",4711,", Shelf()) == (None, [], [])
    assert sku_of(",4711,", references={"sku": "off"}) == (None, [], [])


def test_a_document_without_a_business_unit_finds_nothing() -> None:
    steps = sent("SO-1,1,,5,4711,", header=THEIRS, of=feed(constants={}))
    assembled, failures = resolve_items(steps.typed[0], steps.of, KNOWN)
    assert (plain(assembled.rows["line"].cells, "skuId"), len(failures)) == ([(None,)], 0)


def test_a_sku_that_was_found_is_no_column_that_the_file_lacks() -> None:
    steps = sent("SO-1,1,5,4711", header="customerOrderNumber,customerLineNumber,quantity,customerSku")
    assembled, _ = resolve_items(steps.typed[0], steps.of, KNOWN)
    assert plain(assembled.rows["line"].cells, "skuId") == [("AB",)]
    assert "skuId" not in assembled.absent
