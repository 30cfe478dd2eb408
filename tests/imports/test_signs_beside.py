"""Signs in a column of their own, and rows of what comes back: where nobody reads them, a return was an order."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from crossdock.partners.feed import Feed
from tests.warehouse import HEADER, Warehouse, csv
from tests.workbooks import book

MOVES = """id = "acme"
zone = "Europe/Berlin"
business_units = ["BU1"]
[[feed]]
document = "inventory_movement"
files = "*"
constants = {{ businessUnitId = "BU1", buildingId = "B1", occurredAt = "2026-11-20"{kind} }}
{keys}
"""


def moves(warehouse: Warehouse, keys: str = "", kind: str = ', movementType = "ADJUST"') -> Feed:
    return warehouse.feed(whole=MOVES.format(keys=keys, kind=kind))


def unread(warehouse: Warehouse, content: str | bytes, keys: str = "", name: str = "orders.csv") -> dict[str, str]:
    """The columns of which it is said that nobody reads them, with the code of each."""
    result = warehouse.run(content, warehouse.feed(keys), name=name)
    assert not result.errors, result.text
    return {each["value"]: each["code"] for each in result.failures if each["code"].endswith("_unread")}


@pytest.mark.parametrize(
    ("heading", "words", "code"),
    [
        ("Transaction Type", ("Shipment", "Refund"), "returns_unread"),  # Amazon's tax report, India
        ("Type", ("Order", "Return Order"), "returns_unread"),  # Business Central
        ("Belegart", ("Rechnung", "Gutschrift"), "returns_unread"),
        ("Returns Item", ("", "X"), "returns_unread"),  # SAP, EKPO-RETPO
        ("Returned", ("No", "Yes"), "returns_unread"),
        ("Sign", ("+", "-"), "sign_unread"),
        ("VZ", ("", "-"), "sign_unread"),
        ("S/H", ("S", "H"), "sign_unread"),
        ("Soll/Haben-Kz.", ("S", "H"), "sign_unread"),
        ("Dr/Cr", ("DR", "CR"), "sign_unread"),
        ("F", ("+", "-"), "sign_unread"),
    ],
)
def test_a_return_that_nobody_reads_is_said(
    warehouse: Warehouse, heading: str, words: tuple[str, str], code: str
) -> None:
    names = [*HEADER.split(","), heading]
    rows = [f"SO-{number},1,AB,5,{word}" for number, word in enumerate(words)]
    objects = json.dumps([dict(zip(names, row.split(","), strict=True)) for row in rows])
    assert unread(warehouse, csv(*rows, header=f"{HEADER},{heading}")) == {heading: code}
    assert unread(warehouse, objects, name="orders.json") == {heading: code}
    assert unread(warehouse, book(names, *(row.split(",") for row in rows)), name="orders.xlsx") == {heading: code}


@pytest.mark.parametrize(
    ("heading", "words", "keys"),
    [
        ("Type", ("Order", "Refund"), 'skip = { Type = "Refund" }'),
        ("Payment Method", ("Debit", "Credit"), ""),
        ("Class", ("C", "D"), ""),
        ("Sign", ("Y", "N"), ""),
        ("Remark", ("-", "-"), ""),
        ("Returned", ("0", "2"), ""),
        ("Return policy", ("30 days", "none"), ""),
        ("Direction", ("Outbound", "Outbound"), ""),
        ("S/H", ("H", "H"), ""),  # of a delivery each row leaves
        ("Stock", ("In", "Out"), ""),
    ],
)
def test_what_says_no_sign_and_no_return_is_not(
    warehouse: Warehouse, heading: str, words: tuple[str, str], keys: str
) -> None:
    rows = [f"SO-{number},1,AB,5,{word}" for number, word in enumerate(words)]
    assert unread(warehouse, csv(*rows, header=f"{HEADER},{heading}"), keys) == {}


def test_it_is_said_also_where_only_the_last_row_of_a_large_file_says_so(warehouse: Warehouse) -> None:
    rows = [f"SO-{number},1,AB,5,{'Sale' if number < 4_000 else 'Refund'}" for number in range(4_001)]
    assert unread(warehouse, csv(*rows, header=f"{HEADER},Type")) == {"Type": "returns_unread"}


def test_a_list_of_returns_is_no_doubt(warehouse: Warehouse) -> None:
    """Of an RMA each row comes back."""
    whole = MOVES.format(kind="", keys="").replace("inventory_movement", "rma")
    feed = warehouse.feed(whole=whole.replace(', occurredAt = "2026-11-20"', ""))
    result = warehouse.run("rmaNumber,lineNumber,skuId,quantity,Type\nR-1,1,AB,1,Return\n", feed)
    assert "returns_unread" not in result.warnings


MOVED = "transactionId,skuId,quantity"


@pytest.mark.parametrize(
    ("heading", "rows", "expected"),
    [
        ("Direction", ("M-1,AB,100,IN", "M-2,AB,5,OUT"), ["Direction"]),
        ("Kind", ("M-1,AB,100,Stock In", "M-2,AB,5,Stock Out"), ["Kind"]),
        ("SHKZG", ("M-1,AB,100,S", "M-2,AB,5,H"), ["SHKZG"]),
        ("SHKZG", ("M-1,AB,100,S", "M-2,AB,-5,H"), []),  # as MB51 lists it: the numbers have their signs
        ("Direction", ("M-1,AB,100,IN", "M-2,AB,5-,OUT"), []),
        ("Colour", ("M-1,AB,100,in", "M-2,AB,5,blue"), []),
    ],
)
def test_the_way_of_movements_that_nobody_reads_is_said(
    warehouse: Warehouse, heading: str, rows: tuple[str, ...], expected: list[str]
) -> None:
    result = warehouse.run(csv(*rows, header=f"{MOVED},{heading}"), moves(warehouse))
    assert not result.errors, result.text
    notes = [each for each in result.failures if each["code"] == "sign_unread"]
    assert [each["value"] for each in notes] == expected
    assert all("the numbers of such rows are stored without their sign" in each["message"] for each in notes)


FACTORS = """columns = { Direction = "movementType" }
values.movementType = { IN = "RECEIPT", OUT = "SHIP" }
"""
READ = (
    FACTORS
    + """multiply = { quantity = ["Qty", "Direction"] }
factors = { direction = { IN = "1", out = "-1" } }
"""
)
IN_AND_OUT = csv("M-1,AB,100,IN", "M-2,AB,5,OUT", header="transactionId,skuId,Qty,Direction")


def test_what_a_sign_means_is_a_factor(warehouse: Warehouse) -> None:
    result = warehouse.run(IN_AND_OUT, moves(warehouse, READ, ""))
    assert not result.failures, result.text
    stored = warehouse.rows("SELECT movement_type, quantity FROM inventory_movements ORDER BY transaction_id")
    assert [(kind, Decimal(each)) for kind, each in stored] == [("RECEIPT", 100), ("SHIP", -5)]


def test_what_is_shipped_with_a_plus_is_said(warehouse: Warehouse) -> None:
    content = IN_AND_OUT.replace("Qty", "quantity")
    result = warehouse.run(content, moves(warehouse, FACTORS, ""))
    assert [(each["line"], each["value"]) for each in result.failures if each["code"] == "sign_in_doubt"] == [(3, "5")]
    assert "Direction is SHIP: what leaves is less than 0" in " ".join(result.text.split())


def test_a_blank_and_a_number_are_factors_too_and_any_other_text_fails(warehouse: Warehouse) -> None:
    keys = 'decimal = ","\nmultiply = { quantity = ["Qty", "VZ"] }\nfactors = { VZ = { "" = "1", "-" = "-1" } }\ndefaults = { quantityMeasure = "KG" }'
    rows = ("M-1;AB;2,5;", "M-2;AB;2,5;-", "M-3;AB;2,5;2", "M-4;AB;2,5;?")
    result = warehouse.run("\n".join(["transactionId;skuId;Qty;VZ", *rows]), moves(warehouse, keys))
    assert result.errors == [(5, "Qty × VZ", "not_a_number")]
    stored = warehouse.rows("SELECT quantity FROM inventory_movements ORDER BY transaction_id")
    assert [Decimal(each) for (each,) in stored] == [Decimal("2.5"), Decimal("-2.5"), Decimal(5)]
