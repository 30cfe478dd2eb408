"""What a program had spoiled before the file was written, in cells that are text by every rule.

The words are those that people report: easy-digital-downloads#1764 (``MÃ¤Ã¤rÃ¤``), pimcore-data-definitions#263
(``Ã¨``), poMMo#70 (``√∂``), Export-Csv of PowerShell (``System.Object[]``), n8n (``{{ $json.sku }}``).
"""

from __future__ import annotations

import pytest

from tests.warehouse import HEADER, Warehouse, csv

NAMED = f"{HEADER},shipTo.name"


def of_name(warehouse: Warehouse, name: str) -> list[tuple[str, str]]:
    """The warnings about a name: code and sentence."""
    quoted = name.replace('"', '""')
    result = warehouse.run(csv(f'SO-1,1,AB,5,"{quoted}"', header=NAMED))
    assert warehouse.rows("SELECT ship_to_name FROM sales_orders") == [(name,)]
    return [(each["code"], each["message"]) for each in result.failures if each["column"] == "shipTo.name"]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("MÃ¤Ã¤rÃ¤", "Määrä"), ("SÃ¤hkÃ¶posti", "Sähköposti"), ("crÃ¨me", "crème"), ("Ã–sterreich", "Österreich"), ("J√∂rg", "Jörg"),
        ("Lâ€™OrÃ©al", "L’Oréal"), ("GdaÅ„sk", "Gdańsk"), ("5 â‚¬", "5 €"), ("20 Â°C", "20 °C"), ("StraÃŸe", "Straße"),
    ],
)  # fmt: skip
def test_letters_that_were_read_in_a_wrong_encoding_are_said(warehouse: Warehouse, name: str, meant: str) -> None:
    ((code, message),) = of_name(warehouse, name)
    assert code == "garbled_text"
    assert f"should it be {meant}?" in message


def test_letters_that_are_lost_are_said(warehouse: Warehouse) -> None:
    ((code, message),) = of_name(warehouse, "J\ufffdrg")
    assert (code, "should it be" in message) == ("garbled_text", False)


@pytest.mark.parametrize(
    "name", ["System.Object[]", "System.Collections.Hashtable", "System.Collections.Generic.List`1[System.String]", "@{city=York; zip=1}",
             "[object Undefined]", "[Ljava.lang.String;@1b6d3586", "<__main__.Order object at 0x7f3b2c1d>",
             "#<Order:0x000055>", "Invalid Date", "Loading...", "''", "{{ $json.city }}", "${city}"],
)  # fmt: skip
def test_what_a_program_could_not_write_is_said(warehouse: Warehouse, name: str) -> None:
    assert [code for code, _ in of_name(warehouse, name)] == ["means_nothing"]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        (r"J\u00f6rg", "Jörg"), ("J%C3%B6rg", "Jörg"), ("Bo<br />Dock 4", "Bo Dock 4"), ('<a href="https://x/2">Bo</a>', "Bo"),
        (r"Bo\/Ann", "Bo/Ann"), ("<p>M&uuml;ller</p>", "Müller"), (r"\ud83d\ude00 Bo", "😀 Bo"),
    ],
)  # fmt: skip
def test_what_is_written_for_a_web_page_is_said(warehouse: Warehouse, name: str, meant: str) -> None:
    """Tags, and letters as URLs and JSON write them, were names like others; so was a link around an order's number."""
    ((code, message),) = of_name(warehouse, name)
    assert code == "web_code"
    assert f"should it be {meant}?" in message


@pytest.mark.parametrize(
    "number", ['=HYPERLINK("https://x/1","SO-1")', '=HYPERLINK("https://x/1";"SO-1")', '=hyperlink(A1,"SO-1")']
)
def test_a_link_is_the_text_that_is_shown_for_it(warehouse: Warehouse, number: str) -> None:
    """As Google Sheets and reports for Excel write it into a CSV."""
    cell = number.replace('"', '""')
    result = warehouse.run(csv(f'"{cell}",1,AB,5,Bo', header=NAMED))
    assert warehouse.order_numbers() == ["SO-1"]
    assert "armoured_cells" in result.warnings


@pytest.mark.parametrize(
    "name", ["100%", "50%20ml", "A < B", "<bo@acme.example>", r"C:\users\bo", "https://x/a%C3%B6", "5 %C", r"a \/ b", "<Bo>", r"\u12 Bo", "=HEIGHT",
             "Måns Åkerlöf", "São João", "„ÖPÄ“", "SÃO PAULO", "MAÇÃ", "Ängelholm", "Ålesund", "Æ Å", "√2 Ltd", "Systems.com", "System Ltd",
             "anna@acme.example", "#1 Shop", "@Home", "[Bo]", "{Bo}", "$5 Store", "Loading dock 4", "Invalid Street", "Crème brûlée",
             "Bâle", "Pâtisserie “Zoë”", "Â", "acme.Shop"],
)  # fmt: skip
def test_names_that_are_meant_are_taken_without_a_word(warehouse: Warehouse, name: str) -> None:
    assert of_name(warehouse, name) == []
