"""How days may be written in interchanges: with their century, before it was written, and periods that are no day."""

from __future__ import annotations

import pytest

from tests.interchanges import interchange, message, partner_of
from tests.warehouse import Warehouse

PLACE = ("N1*ST*Ada", "N3*12 Market Street", "N4*Leeds**LS1 4DY*GB")
WANTED = "SELECT customer_dates_requested_delivery_date FROM sales_orders"


def of_850(warehouse: Warehouse, day: str, version: str) -> tuple[list[str], list[str], str | None]:
    order = (f"BEG*00*SA*PO-1**{day[-6:] if len(day) == 6 else day}", f"DTM*002*{day}", *PLACE, "PO1*1*5*EA*1**VN*AB")
    content = interchange((*order, "CTT*1"), type_="850", group="PO", version=version)
    result = warehouse.run(content, warehouse.feed(whole=partner_of("850")), name="x.edi")
    return (
        [code for _, _, code in result.errors],
        result.warnings,
        dict(enumerate(warehouse.rows(WANTED))).get(0, (None,))[0],
    )


@pytest.mark.parametrize(
    ("version", "warnings"),
    [
        ("003040", ["other_release"]),
        ("003060", []),
        ("004010", ["element_size", "element_size"]),
        ("005010", ["element_size", "element_size"]),
    ],
)
def test_a_day_without_its_century_is_ordinary_until_003060(
    warehouse: Warehouse, version: str, warnings: list[str]
) -> None:
    assert of_850(warehouse, "261201", version) == ([], warnings, "2026-12-01")


@pytest.mark.parametrize("version", ["003040", "004010"])
def test_a_day_with_its_century_is_always_read(warehouse: Warehouse, version: str) -> None:
    assert of_850(warehouse, "20261201", version)[::2] == ([], "2026-12-01")


@pytest.mark.parametrize("day", ["2026120", "20261301", "261301", "1 Dec 26"])
def test_what_is_no_day_is_said_once(warehouse: Warehouse, day: str) -> None:
    order = ("BEG*00*SA*PO-1**20261125", f"DTM*002*{day}", *PLACE, "PO1*1*5*EA*1**VN*AB", "CTT*1")
    content = interchange(order, type_="850", group="PO")
    result = warehouse.run(content, warehouse.feed(whole=partner_of("850")), name="x.edi")
    assert len(result.errors) == 1


@pytest.mark.parametrize(
    ("value", "kind"), [("202648", "616"), ("202612", "610"), ("2648", "615"), ("2026", "602"), ("1430", "401")]
)
def test_a_week_or_a_month_is_no_day_and_is_named(warehouse: Warehouse, value: str, kind: str) -> None:
    head = ("BGM+220+PO-1+9", "DTM+137:20261130:102", f"DTM+2:{value}:{kind}")
    place = "NAD+DP+++Ada+12 Market Street+Leeds++LS1 4DY+GB"
    content = message("ORDERS", *head, place, "LIN+1++AB:SA", "QTY+21:5", "UNS+S")
    result = warehouse.run(content, warehouse.feed(whole=partner_of("ORDERS")), name="x.edi")
    assert (result.errors, result.warnings, warehouse.rows(WANTED)) == ([], ["segments_unused"], [(None,)])
    assert "'DTM*2 1'" in result.text


@pytest.mark.parametrize("version", ["90:1:UN", "0:1:UN", "2:921:UN", "D:96A:XX", "1:911:EN"])
def test_a_message_before_the_directories_is_unknown(warehouse: Warehouse, version: str) -> None:
    content = message("ORDERS", "BGM+220+PO-1+9", "LIN+1++AB:SA", "QTY+21:5", "UNS+S")
    content = content.replace(b"ORDERS:D:96A:UN", f"ORDERS:{version}".encode())
    result = warehouse.run(content, warehouse.feed(whole=partner_of("ORDERS")), name="x.edi")
    assert [code for _, _, code in result.errors] == ["unknown_set"]
    assert f"the set is a ORDERS:{version}, which this feed does not take" in " ".join(result.text.split())
    assert result.warnings == []


@pytest.mark.parametrize("version", ["D:93A:UN", "S:93A:UN", "D:96A", "D:96A:UN:EAN008", "D:22B:UN"])
def test_a_message_of_a_directory_is_read(warehouse: Warehouse, version: str) -> None:
    place = "NAD+DP+++Ada+12 Market Street+Leeds++LS1 4DY+GB"
    content = message("ORDERS", "BGM+220+PO-1+9", "DTM+137:20261130:102", place, "LIN+1++AB:SA", "QTY+21:5", "UNS+S")
    content = content.replace(b"ORDERS:D:96A:UN", f"ORDERS:{version}".encode())
    assert warehouse.run(content, warehouse.feed(whole=partner_of("ORDERS")), name="x.edi").errors == []
