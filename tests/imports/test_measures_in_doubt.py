"""What a file says of a unit or a currency where nobody reads it: the numbers may be others than what is stored."""

from __future__ import annotations

import json

import pytest

from crossdock.partners.feed import Feed
from tests.warehouse import HEADER, Warehouse, csv, house
from tests.workbooks import book

PRICED = f"{HEADER},Price"


def doubts(warehouse: Warehouse, content: str | bytes, keys: str = "", name: str = "orders.csv") -> dict[str, str]:
    """The columns in doubt, with the code of each."""
    result = warehouse.run(content, warehouse.feed(keys), name=name)
    assert not result.errors, result.text
    return {each["value"]: each["code"] for each in result.failures if each["code"].endswith("_in_doubt")}


@pytest.mark.parametrize(
    ("heading", "named"),
    [
        ("Price (USD)", "USD"),
        ("unit_price_usd", "usd"),
        ("Price [$]", "$"),
        ("Preis in £", "£"),
        ("Price (TRY)", "TRY"),
    ],
)
def test_amounts_whose_heading_names_another_currency_are_said(warehouse: Warehouse, heading: str, named: str) -> None:
    keys = f'columns = {{ "{heading}" = "unitPrice" }}'
    content = csv("SO-1,1,AB,5,9.50", header=f"{HEADER},{heading}")
    assert doubts(warehouse, content, keys) == {heading: "currency_in_doubt"}
    sentence = f"the column {heading!r} names {named}, and the amounts of the file are taken as EUR"
    assert sentence in " ".join(warehouse.run(content, warehouse.feed(keys)).text.split())


@pytest.mark.parametrize("heading", ["Price (EUR)", "Price €", "eur price", "Price (net)", "Price TRY", "Unit price"])
def test_a_heading_of_the_same_currency_or_of_none_says_nothing(warehouse: Warehouse, heading: str) -> None:
    content = csv("SO-1,1,AB,5,9.50", header=f"{HEADER},{heading}")
    assert doubts(warehouse, content, f'columns = {{ "{heading}" = "unitPrice" }}') == {}


@pytest.mark.parametrize(("heading", "unit"), [("Qty (ctn)", "ctn"), ("Menge [Karton]", "Karton"), ("Qty (kg)", "kg")])
def test_quantities_whose_heading_names_another_unit_are_said(warehouse: Warehouse, heading: str, unit: str) -> None:
    content = csv("SO-1,1,AB,5", header=HEADER.replace("quantity", heading))
    keys = f'columns = {{ "{heading}" = "quantity" }}'
    assert doubts(warehouse, content, keys) == {heading: "unit_in_doubt"}
    settled = f'{keys}\nconstants = {{ businessUnitId = "BU1", quantityMeasure = "CT" }}'
    assert doubts(warehouse, content, settled.replace("constants", "defaults")) == {}


@pytest.mark.parametrize("heading", ["Qty (pcs)", "Menge (St)", "Qty (ordered)", "Qty"])
def test_a_heading_of_pieces_or_of_no_unit_says_nothing(warehouse: Warehouse, heading: str) -> None:
    content = csv("SO-1,1,AB,5", header=HEADER.replace("quantity", heading))
    assert doubts(warehouse, content, f'columns = {{ "{heading}" = "quantity" }}') == {}


ROWS = ("SO-1,1,AB,5,9.50,EUR,pcs", "SO-2,1,AB,5,9.50,USD,ctn")
UNREAD = f"{PRICED},Währung,UoM"
PRICE = 'columns = { Price = "unitPrice" }'


def test_columns_of_units_and_currencies_that_nobody_reads_are_said(warehouse: Warehouse) -> None:
    content = csv(*ROWS, header=UNREAD)
    assert doubts(warehouse, content, PRICE) == {"Währung": "currency_in_doubt", "UoM": "unit_in_doubt"}
    assert doubts(warehouse, csv(ROWS[0], header=UNREAD), PRICE) == {}
    read = 'columns = { Price = "unitPrice", "Währung" = "currency", UoM = "quantityMeasure" }'
    assert doubts(warehouse, content, f'{read}\nvalues.quantityMeasure = {{ pcs = "PC", ctn = "CT" }}') == {}


@pytest.mark.parametrize(
    "words",
    [
        ("Euro", "Units"),
        ("Euros", "Nos"),
        ("EUR €", "UN"),
        ("euro", "szt."),
        ("€", "C62"),
        ("EUR", "H87"),
        ("", "Unit(s)"),
    ],
)
def test_what_programs_call_pieces_and_the_same_currency_says_nothing(
    warehouse: Warehouse, words: tuple[str, str]
) -> None:
    """As Odoo, NetSuite and programs of several countries export them."""
    row = f"SO-1,1,AB,5,9.50,{words[0]},{words[1]}"
    assert doubts(warehouse, csv(row, header=UNREAD), PRICE) == {}


def test_a_currency_says_nothing_where_no_amount_is_read(warehouse: Warehouse) -> None:
    assert doubts(warehouse, csv(*ROWS, header=UNREAD)) == {"UoM": "unit_in_doubt"}


def test_members_of_objects_and_columns_of_workbooks_are_said_alike(warehouse: Warehouse) -> None:
    names = UNREAD.split(",")
    rows = [dict(zip(names, row.split(","), strict=True)) for row in ROWS]
    expected = {"Währung": "currency_in_doubt", "UoM": "unit_in_doubt"}
    assert doubts(warehouse, json.dumps(rows), PRICE, "orders.json") == expected
    assert doubts(warehouse, book(names, *(row.split(",") for row in ROWS)), PRICE, "orders.xlsx") == expected


def test_a_unit_and_a_currency_inside_an_object_are_said(warehouse: Warehouse) -> None:
    line = {
        "customerLineNumber": 1,
        "skuId": "AB",
        "qty": {"value": 5, "unit": "CT"},
        "price": {"amount": "9.50", "currency_code": "USD"},
    }
    keys = 'columns = { "orderLines.qty.value" = "quantity", "orderLines.price.amount" = "unitPrice" }'
    found_in = doubts(
        warehouse, json.dumps([{"customerOrderNumber": "SO-1", "orderLines": [line]}]), keys, "orders.json"
    )
    assert found_in == {"orderLines.qty.unit": "unit_in_doubt", "orderLines.price.currency_code": "currency_in_doubt"}


SKUS = "skuId,name,description1,isActive,upc"


def feed_of(warehouse: Warehouse, document: str, settled: str, keys: str) -> Feed:
    """A feed of a document of one business unit. ``settled``: more constants, in TOML; ``keys``: more lines of it."""
    return warehouse.feed(
        whole=f"""id = "acme"
zone = "UTC"
business_units = ["BU1"]
[[feed]]
document = "{document}"
files = "*"
constants = {{ businessUnitId = "BU1"{settled} }}
{keys}
"""
    )


@pytest.mark.parametrize(
    ("headings", "row", "settled", "remarked"),
    [
        ("Weight (g),weightUom", "200,KG", "", ["Weight (g)"]),
        ("Weight (kg),weightUom", "200,Kilogram", "", []),
        ("Weight lbs", "200", ', weightUom = "KG"', ["Weight lbs"]),
        ("weight_kg", "0.2", ', weightUom = "KG"', []),
        ("Weight (net)", "0.2", ', weightUom = "KG"', []),
        ("Length in", "10", ', lengthUom = "CM"', ["Length in"]),
        ("Width [mm],lengthUom", "10,CM", "", ["Width [mm]"]),
    ],
)
def test_sizes_whose_heading_names_another_unit_are_said(
    warehouse: Warehouse, headings: str, row: str, settled: str, remarked: list[str]
) -> None:
    """As masters of items come from Excel: the unit stands in the heading, and the feed says another one."""
    heading = headings.split(",")[0]
    field = {"W": "header.weight", "w": "header.weight", "L": "header.length"}[heading[0]]
    field = "header.width" if heading.startswith("Width") else field
    feed = feed_of(warehouse, "sku", settled, f'columns = {{ "{heading}" = "{field}" }}')
    result = warehouse.run(f"{SKUS},{headings}\nA,a,a,Y,4006381333931,{row}\n", feed)
    assert not result.errors, result.text
    assert [each["value"] for each in result.failures if each["code"] == "unit_in_doubt"] == remarked


@pytest.mark.parametrize(
    ("headings", "rows", "named"),
    [
        ("Price,Price Unit", ("12.50,100", "3,1"), {"Price Unit": "100"}),
        ("Price,PEINH", ("12.50,1.000", "3,1"), {}),
        ("Price,Per", ("12.50,1", "3,1"), {}),
        ("Price,Per", ("12.50,1000", "3,1"), {"Per": "1000"}),
        ("Price per 100", ("12.50", "3"), {"Price per 100": "100"}),
        ("Preis je 1000", ("12.50", "3"), {"Preis je 1000": "1000"}),
        ("Price per unit", ("12.50", "3"), {}),
    ],
)
def test_prices_that_are_for_more_than_one_are_said(
    warehouse: Warehouse, headings: str, rows: tuple[str, ...], named: dict[str, str]
) -> None:
    """As SAP exports purchase orders: NETPR beside PEINH, 12.50 for 100 pieces; 12.50 was the price of one."""
    content = csv(f"SO-1,1,AB,5,{rows[0]}", f"SO-1,2,AC,5,{rows[1]}", header=f"{HEADER},{headings}")
    result = warehouse.run(content, warehouse.feed(f'columns = {{ "{headings.split(",")[0]}" = "unitPrice" }}'))
    assert not result.errors, result.text
    notes = [each for each in result.failures if each["code"] == "price_unit_in_doubt"]
    assert [each["value"] for each in notes] == list(named)
    assert all(f"prices are for {named[each['value']]}," in each["message"] for each in notes)


@pytest.mark.parametrize(
    ("rows", "keys", "named"),
    [
        (("A,5,GOOD", "B,3,Quarantine"), "", ["Stock Status"]),
        (("A,5,Available", "B,3,In Transit"), "", ["Stock Status"]),
        (("A,5,Frei", "B,3,gesperrt"), "", ["Stock Status"]),
        (("A,5,GOOD", "B,3,NEW"), "", []),
        (("A,5,Ambient", "B,3,Frozen"), "", []),
        (("A,5,GOOD", "B,3,Quarantine"), 'skip = { "Stock Status" = "Quarantine" }', []),
    ],
)
def test_a_status_of_stock_that_nobody_reads_is_said(
    warehouse: Warehouse, rows: tuple[str, ...], keys: str, named: list[str]
) -> None:
    """As warehouse programs export stock, a row for each status: what is in quarantine was on hand."""
    feed = feed_of(warehouse, "inventory", ', buildingId = "B1", asOf = "2026-11-20"', keys)
    content = "skuId,onHand,Stock Status\n" + "".join(f"{each}\n" for each in rows)
    result = warehouse.run(content, feed)
    assert not result.errors, result.text
    assert [each["value"] for each in result.failures if each["code"] == "stock_status_unread"] == named


RATES = "rateId,carrierCode,serviceLevel,originZone,destinationZone,weightUom,rate,rateBasis,currency,fuelSurcharge"


@pytest.mark.parametrize(("sent", "percents"), [("0.125", "12.5"), ("0.08", "8"), ("12.5", ""), ("1", ""), ("0", "")])
def test_a_surcharge_that_may_be_a_part_of_one_is_said(warehouse: Warehouse, sent: str, percents: str) -> None:
    """A spreadsheet keeps 12.5 % as 0.125, and a quote would take an eighth of a percent."""
    result = warehouse.run(f"{RATES}\nF1,FF,Std,A,B,KG,0.42,per_kg,GBP,{sent}\n", house("carrier_rate"), name="r.csv")
    assert not result.errors, result.text
    assert ("percent_in_doubt" in result.warnings) is bool(percents)
    assert not percents or f"perhaps a part of 1, which is {percents} percent" in " ".join(result.text.split())
