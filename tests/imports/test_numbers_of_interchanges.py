"""What a number may look like in X12 and EDIFACT, and that the sentence, what is stored and the acknowledgement agree."""

from __future__ import annotations

import pytest

from tests.interchanges import interchange, message, partner_of
from tests.reports.edi.answered import answered
from tests.warehouse import Result, Warehouse

NAMED, COMMA = b"UNA:+.? '", b"UNA:+,? '"


def of_850(quantity: str, price: str) -> bytes:
    """An order with that quantity and that price."""
    head = ("BEG*00*SA*PO-1**20261125", "N1*ST*Ada", "N3*12 Market Street", "N4*Leeds**LS1 4DY*GB")
    line = f"PO1*1*{quantity}*EA*{price}**VN*AB"
    return interchange((*head, line, "CTT*1"), type_="850", group="PO")


def of_orders(quantity: str, price: str, advice: bytes = b"") -> bytes:
    """An ORDERS message with that quantity and that price; ``advice``: its UNA."""
    head = ("BGM+220+PO-1+9", "DTM+137:20261130:102", "NAD+DP+++Ada+12 Market Street+Leeds++LS1 4DY+GB")
    return advice + message("ORDERS", *head, "LIN+1++AB:SA", f"QTY+21:{quantity}", f"PRI+AAA:{price}", "UNS+S")


def prices(warehouse: Warehouse) -> list[tuple[float, float]]:
    """The quantity and the price of each line."""
    rows = warehouse.rows("SELECT quantity, unit_price FROM sales_order_lines")
    return [(float(quantity), float(price)) for quantity, price in rows]


def brought(warehouse: Warehouse, content: bytes, type_: str) -> Result:
    return warehouse.run(content, warehouse.feed(whole=partner_of(type_)), name="x.edi")


@pytest.mark.parametrize(
    ("quantity", "price", "stored"), [("5", ".5", (5, 0.5)), ("5.", "-0", (5, 0)), ("007", "2.50", (7, 2.5))]
)
def test_a_number_of_x12_has_a_point_and_a_minus_in_front(
    warehouse: Warehouse, quantity: str, price: str, stored: tuple[float, float]
) -> None:
    result = brought(warehouse, of_850(quantity, price), "850")
    assert (result.errors, prices(warehouse)) == ([], [stored])


@pytest.mark.parametrize("price", ["", "3"])
def test_what_is_free_costs_nothing(warehouse: Warehouse, price: str) -> None:
    content = of_850("5", f"{price}*NC").replace(b"*NC**", b"*NC*")
    assert brought(warehouse, content, "850").errors == []
    assert prices(warehouse) == [(5, 0)]


@pytest.mark.parametrize(
    ("quantity", "price", "sent", "sentence"),
    [
        ("5", "2,5", "4*212*6*2,5", "PO104 '2,5' is not a number (write it like 1234.56)"),
        ("5", "1,234", "4*212*6*1,234", "PO104 '1,234' may be 1234 or 1.234 (write it like 1234.56)"),
        ("1,000", "1", "2*380*6*1,000", "PO102 '1,000' may be 1000 or 1.000 (write it like 1234.56)"),
        ("1E3", "1", "2*380*6*1E3", "PO102 '1E3' is not a number (write it like 1234.56)"),
        ("+5", "1", "2*380*6*+5", "PO102 '+5' is not a number (write it like 1234.56)"),
        ("5-", "1", "2*380*6*5-", "PO102 '5-' is not a number (write it like 1234.56)"),
        ("5", "$2.50", "4*212*6*$2.50", "PO104 '$2.50' is not a number (write it like 1234.56)"),
        ("5", "1_0", "4*212*6*1_0", "PO104 '1_0' is not a number (write it like 1234.56)"),
    ],
)
def test_what_is_no_number_of_x12_is_said_once_and_by_the_997(
    warehouse: Warehouse, quantity: str, price: str, sent: str, sentence: str
) -> None:
    content, toml = of_850(quantity, price), partner_of("850")
    result = brought(warehouse, content, "850")
    assert [each["message"] for each in result.failures if each["severity"] == "error"] == [sentence]
    answer = answered(warehouse, content, toml)["US-THEM-1.997.edi"]
    assert f"AK3*PO1*6**8~\nAK4*{sent}~\nAK5*R*5~" in answer


@pytest.mark.parametrize(
    ("price", "advice", "stored"),
    [("2,5", b"", 2.5), ("2.5", b"", 2.5), ("1,275", b"", 1.275), ("12,50", NAMED, 12.5), ("1.275", NAMED, 1.275),
     ("0,275", NAMED, 0.275), ("2.5", COMMA, 2.5), ("-0,0", COMMA, 0)],
)  # fmt: skip
def test_both_marks_are_decimal_marks_in_edifact(
    warehouse: Warehouse, price: str, advice: bytes, stored: float
) -> None:
    result = brought(warehouse, of_orders("2", price, advice), "ORDERS")
    assert (result.errors, result.warnings, prices(warehouse)) == ([], [], [(2, stored)])


def test_a_number_of_a_path_of_the_partner_is_one_of_edifact(warehouse: Warehouse) -> None:
    columns = '[feed.columns]\n"PRI*AAE" = "unitPrice"\n"QTY*59" = "quantity"\n'
    content = of_orders("2", "1,5").replace(b"PRI+AAA", b"PRI+AAE").replace(b"QTY+21:2", b"QTY+59:7")
    feed = warehouse.feed(whole=partner_of("ORDERS") + columns)
    assert warehouse.run(content, feed, name="x.edi").errors == []
    assert prices(warehouse) == [(7, 1.5)]


@pytest.mark.parametrize(("quantity", "advice"), [("1,000", NAMED), ("1.000", COMMA)])
def test_a_mark_that_una_does_not_name_may_part_thousands(warehouse: Warehouse, quantity: str, advice: bytes) -> None:
    content = of_orders(quantity, "1", advice)
    result = brought(warehouse, content, "ORDERS")
    assert [each["code"] for each in result.failures if each["severity"] == "error"] == ["ambiguous_number"]
    answer = answered(warehouse, content, partner_of("ORDERS", edi='functional = "CONTRL"'))["US-THEM-1.contrl.edi"]
    assert "UCS+6'\nUCD+37+2:2'" in answer


def test_a_number_of_edifact_without_a_digit_before_its_mark_is_read_and_said(warehouse: Warehouse) -> None:
    result = brought(warehouse, of_orders("5", ",5"), "ORDERS")
    assert (result.errors, result.warnings, prices(warehouse)) == ([], ["digit_missing"], [(5, 0.5)])


def test_a_price_beyond_all_numbers_is_a_failure(warehouse: Warehouse) -> None:
    result = brought(warehouse, of_850("1", "9" * 40 + "*HP").replace(b"*HP**", b"*HP*"), "850")
    assert [code for _, _, code in result.errors] == ["number_too_large"]


@pytest.mark.parametrize("sent", ["NaN", "Infinity", "1E400"])
def test_what_only_python_calls_a_number_is_none(warehouse: Warehouse, sent: str) -> None:
    ship = ("W06*N*SO-1*20261125*SH-1", "LX*1", f"W12*CC*{sent}*{sent}**EA**VN*AB", "W03*1*1*LB")
    feed = warehouse.feed(whole=partner_of("945", document="ship_confirmation", keys=""))
    result = warehouse.run(interchange(ship, type_="945", group="SW"), feed, name="x.edi")
    assert (
        {"not_a_number"}
        <= {code for _, _, code in result.errors}
        <= {"not_a_number", "missing", "total_quantity_differs"}
    )
