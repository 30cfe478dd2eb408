"""How bad a failure is and what it takes with it: decided once, by the catalogue and the feed, and the same everywhere."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from crossdock import bundled
from crossdock.failures.catalogue import CODES
from crossdock.partners import registry
from crossdock.partners.feed import Feed
from tests.samples import INPUTS, feed_of, thinned
from tests.warehouse import HEADER, Warehouse, csv

CANCEL_AFTER = f"{HEADER},customerDates.cancelAfter"
SHIPMENT = "shipmentId,customerOrderNumber,shipDate,lineNumber,customerLineNumber,skuId,quantityShipped"


def severe(of: Feed, **severity: str) -> Feed:
    """The same feed with other severities."""
    return replace(of, keys=of.keys.model_copy(update={"severity": {**of.keys.severity, **severity}}))


def test_a_warning_that_the_feed_makes_an_error_is_not_hidden_by_another_of_its_cell(warehouse: Warehouse) -> None:
    of = warehouse.feed('severity = { far_date = "error" }')
    result = warehouse.run(csv("SO-1,1,AB,5,2015-01-01", "SO-2,1,AB,5,2045-01-01", header=CANCEL_AFTER), of)
    assert result.errors == [(2, CANCEL_AFTER[-25:], "far_date"), (3, CANCEL_AFTER[-25:], "far_date")]
    assert not warehouse.stored()[0]


def test_a_rule_that_the_feed_lowers_hides_no_warning_that_it_raises(warehouse: Warehouse) -> None:
    of = warehouse.feed('severity = { dates_out_of_order = "warning", far_date = "error" }')
    header = f"{HEADER},customerDates.requestedShip,customerDates.cancelAfter"
    result = warehouse.run(csv("SO-1,1,AB,5,2026-12-01,2015-01-01", header=header), of)
    assert [code for _, _, code in result.errors] == ["far_date"]


def confirmation(warehouse: Warehouse, *rows: str) -> list[str]:
    """A ship confirmation of a house whose feeds leave out failing lines only; gives its codes."""
    house = registry.load(bundled.folder("partners"), "UTC").named("house/ship_confirmation")
    of = replace(house, keys=house.keys.model_copy(update={"hold": "line"}))
    result = warehouse.run(csv(*rows, header=SHIPMENT), of, name="shipments.csv")
    return [each["code"] for each in result.failures if each["severity"] == "error"]


@pytest.mark.parametrize(
    ("torn", "code"),
    [
        ("S-2,SO-2,2026-11-20,2", "torn_row"),
        ("S-2,SO-2,2026-11-20,2,2,A\x01B,1", "control_character"),
        ("S-2,SO-2,2026-11-20,2,2,AC,x", "not_a_number"),
    ],
)
def test_a_failing_line_stops_no_comparison_of_the_others(warehouse: Warehouse, torn: str, code: str) -> None:
    house = registry.load(bundled.folder("partners"), "UTC").named("house/sales_order")
    header = f"{HEADER},businessUnitId,shipTo.locationId"
    rows = [f"{number},{line},{sku},5,BU1,S1" for number in ("SO-1", "SO-2") for line, sku in ((1, "AB"), (2, "AC"))]
    warehouse.run(csv(*rows, header=header), house)
    assert confirmation(warehouse, "S-1,SO-1,2026-11-20,1,1,AB,9", "S-1,SO-1,2026-11-20,2,2,AC,1") == ["over_shipped"]
    assert sorted(confirmation(warehouse, "S-2,SO-2,2026-11-20,1,1,AB,9", torn)) == sorted(["over_shipped", code])
    shipped_lines = warehouse.rows("SELECT quantity_shipped FROM shipment_lines")
    assert [float(quantity) for (quantity,) in shipped_lines] == [1.0]


def raised() -> list[tuple[str, Path]]:
    """Each warning that a sample brings, with the first such sample."""
    met: dict[str, Path] = {}
    for path in INPUTS:
        golden = json.loads(path.with_name(path.name + ".golden").read_text(encoding="utf-8"))
        for failure in golden["report"]["failures"]:
            if failure["severity"] == "warning" and CODES[failure["code"]].severity == "warning":
                met.setdefault(failure["code"], path)
    return sorted(met.items())


@pytest.mark.stocked
@pytest.mark.unmeasured
@pytest.mark.parametrize(
    ("code", "path"), thinned(*raised()), ids=lambda each: each if isinstance(each, str) else each.name
)
def test_a_warning_that_the_feed_makes_an_error_keeps_something_out(
    warehouse: Warehouse, code: str, path: Path
) -> None:
    result = warehouse.run(path, severe(feed_of(path), **{code: "error"}))
    if CODES[code].scope == "file":
        assert result.report.refused is not None
        assert result.report.refused.endswith(", and the feed takes no such file")
    else:
        assert code in [each["code"] for each in result.failures if each["severity"] == "error"]
        assert result.report.failing or result.report.books.failed


@pytest.mark.both
@pytest.mark.parametrize(
    ("code", "content", "sentence"),
    [
        ("unknown_column", csv("SO-1,1,AB,5,red", header=f"{HEADER},colour"), "the column 'colour' is not known"),
        ("no_records", csv(), "the file holds no record"),
        ("total_rows", csv("SO-1,1,AB,5", "Total,,,5"), "1 row looks like totals, the first at line 3"),
        ("numbered_by_position", csv("SO-1,AB,5", header="customerOrderNumber,skuId,quantity"), "no line numbers"),
    ],
)
def test_a_file_that_the_feed_does_not_take_is_refused_with_what_is_wrong(
    warehouse: Warehouse, code: str, content: str, sentence: str
) -> None:
    assert warehouse.run(content).report.refused is None
    result = warehouse.run(content, warehouse.feed(f'severity = {{ {code} = "error" }}'), name="again.csv")
    assert result.report.refused is not None
    assert sentence in result.report.refused


def test_a_document_that_is_older_fails_where_the_feed_says_so(warehouse: Warehouse) -> None:
    header = f"{HEADER},salesChannelOrderInfo.lastUpdateDate"
    keys = 'version = "salesChannelOrderInfo.lastUpdateDate"\nseverity = { stale = "error" }'
    warehouse.run(csv("SO-1,1,AB,5,2026-11-20", header=header), warehouse.feed(keys))
    result = warehouse.run(csv("SO-1,1,AB,7,2026-11-10", header=header), warehouse.feed(keys))
    assert [code for _, _, code in result.errors] == ["stale"]
    assert (result.report.failing, result.report.books.failed) == (1, 1)
