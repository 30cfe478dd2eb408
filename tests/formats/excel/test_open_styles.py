"""What the styles of an .ods file write around a number is read, wherever the style is: of a cell, a row, a column."""

from __future__ import annotations

import pytest

from tests.warehouse import Result, Warehouse
from tests.workbooks import zipped

SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{of}:1.0"'
    for name, of in (("office", "office"), ("table", "table"), ("text", "text"), ("style", "style"), ("number", "datastyle"))
)  # fmt: skip
CARTONS = (
    '<number:number-style style:name="N1"><number:number number:min-integer-digits="1"/>'
    "<number:text> ctn</number:text></number:number-style>"
)
SHOP = (
    '<number:number-style style:name="N1"><number:text>SO-</number:text>'
    '<number:number number:min-integer-digits="5"/></number:number-style>'
)
SIGNED = (
    '<number:currency-style style:name="P"><number:currency-symbol>$</number:currency-symbol>'
    '<number:number number:decimal-places="2" number:min-integer-digits="1"/></number:currency-style>'
    '<number:currency-style style:name="N1"><number:text>minus </number:text><number:number/>'
    '<style:map style:condition="value() &gt;= 0" style:apply-style-name="P"/></number:currency-style>'
)
STYLE = '<style:style style:name="ce1" style:family="table-cell" style:data-style-name="N1"/>'
HEIR = '<style:style style:name="ce1" style:family="table-cell" style:parent-style-name="Own"/>'
OWN = STYLE.replace("ce1", "Own")
ORDER = ("SO-1", "1", "AB", 5, 9.5)


def number(value: float, more: str = "") -> str:
    return f'<table:table-cell office:value-type="float" office:value="{value}" {more}/>'


def cell(value: str | float) -> str:
    if isinstance(value, str):
        return f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'
    return number(value)


def book(cells: dict[int, str], *, styles: str, shared: str = "", row: str = "", columns: str = "") -> bytes:
    """An .ods file with an order, some of whose cells are written so; its styles, those of the file, and attributes."""
    names = ("customerOrderNumber", "customerLineNumber", "skuId", "quantity", "unitPrice")
    rows = "".join(map(cell, names)), "".join(cells.get(at, cell(value)) for at, value in enumerate(ORDER))
    table = f"{columns}<table:table-row>{rows[0]}</table:table-row><table:table-row {row}>{rows[1]}</table:table-row>"
    content = (
        f"<office:document-content {SPACES}><office:automatic-styles>{styles}</office:automatic-styles><office:body>"
        f'<office:spreadsheet><table:table table:name="Orders">{table}</table:table></office:spreadsheet></office:body>'
        "</office:document-content>"
    )
    document = f"<office:document-styles {SPACES}><office:styles>{shared}</office:styles></office:document-styles>"
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = {"mimetype": kind, "META-INF/manifest.xml": "<m/>"}
    return zipped({**manifest, "content.xml": content, "styles.xml": document})


def run(warehouse: Warehouse, content: bytes) -> Result:
    return warehouse.run(content, warehouse.feed(), name="orders.ods")


@pytest.mark.parametrize(
    "content",
    [
        book({3: number(5, 'table:style-name="ce1"')}, styles=CARTONS + STYLE),
        book({3: number(5, 'table:style-name="ce1"')}, styles=HEIR, shared=CARTONS + OWN),
        book({4: cell("9.5")}, styles=CARTONS + STYLE, row='table:default-cell-style-name="ce1"'),
        book(
            {4: cell("9.5")},
            styles=CARTONS + STYLE,
            columns='<table:table-column table:number-columns-repeated="5" table:default-cell-style-name="ce1"/>',
        ),
    ],
    ids=["cell", "inherited", "row", "column"],
)
def test_a_unit_that_a_style_shows_is_a_unit(warehouse: Warehouse, content: bytes) -> None:
    result = run(warehouse, content)
    assert [(each["column"], each["code"], each["value"]) for each in result.failures if each["severity"] == "error"] == [
        ("quantity", "unit_beside", "5 ctn")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("more", "styles", "value"),
    [
        ('table:style-name="ce1"', SIGNED + STYLE, "$9.5"),
        ('office:value-type="currency" office:currency="USD"', "", "USD9.5"),
        ('office:value-type="currency" office:currency="EUR"', "", None),
        ('office:value-type="currency" office:currency="USD" table:style-name="ce1"', CARTONS.replace(" ctn", " €") + STYLE, None),
    ],
    ids=["positive", "no style", "the feed's", "the style counts"],
)  # fmt: skip
def test_a_currency_of_a_cell_is_that_of_the_feed(
    warehouse: Warehouse, more: str, styles: str, value: str | None
) -> None:
    price = number(9.5, more)
    if "value-type" in more:
        price = price.replace('office:value-type="float" ', "", 1)
    result = run(warehouse, book({4: price}, styles=styles))
    assert [each["value"] for each in result.failures if each["code"] == "other_currency"] == ([value] if value else [])
    assert result.report.verdict == ("REJECTED" if value else "ACCEPTED"), result.text


def test_an_id_is_what_its_style_shows(warehouse: Warehouse) -> None:
    run(warehouse, book({0: number(17, 'table:style-name="ce1"')}, styles=SHOP + STYLE))
    assert warehouse.order_numbers() == ["SO-00017"]
