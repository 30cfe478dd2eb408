"""Ids that spreadsheets, word processors and people have made something else of: stored as sent, and said."""

from __future__ import annotations

from datetime import date

import pytest

from tests.warehouse import HEADER, Warehouse, csv, house
from tests.workbooks import book


def noted(warehouse: Warehouse, item: str) -> list[str]:
    """The codes of what is said of an item's id; it is stored as sent."""
    result = warehouse.run(csv(f'SO-1,1,"{item}",5', header=HEADER))
    if not result.errors:
        assert warehouse.rows("SELECT sku_id FROM sales_order_lines") == [(item,)]
    return [each["code"] for each in result.failures if each["field"] == "skuId"]


@pytest.mark.parametrize(
    ("item", "codes"),
    [
        ("SN-1001, SN-1002", ["several_in_cell"]), ("X1;X2;X3", ["several_in_cell"]), ("4711|4712", ["several_in_cell"]),
        ("4711,4712,", ["several_in_cell"]), ("12,34", []), ("1,234", []), ("M4,5x20", []), ("Pipe 10,5", []),
        ("A|B", []), ("4711;", []), ("X1;4711", []),
        ("01.02.2026", ["like_a_date"]), ("1/2/2026", ["like_a_date"]), ("12/31/2026", ["like_a_date"]),
        ("2026-02-01", []), ("1.2.3456", []), ("10.20.30", []),
        ("“A-1”", ["look_alike"]), ("«A-1»", ["look_alike"]), ("‘A-1’", ["look_alike"]), ("A’1", []), ("A“1", []),
        ("#VALORE!", ["error_cell"]), ("#ARG!", ["error_cell"]), ("#ЗНАЧ!", ["error_cell"]), ("Err:502", ["error_cell"]),
        ("(01)04006381333931", ["label_text"]), ("(01)04006381333931(10)L1", ["label_text"]),
        ("]C10104006381333931", []), ("010400638133393110LOT7", ["label_text"]), ("(21)S1", ["label_text"]),
        ("0104006381333931", []), ("(10) pack", []), ("(99)A", []), ("(A)1", []), ("01040063813339320017", []),
        ("#BEST!", []), ("Err:X", []), ("#1001", []),
    ],
)  # fmt: skip
def test_what_an_id_is_no_more_is_said(warehouse: Warehouse, item: str, codes: list[str]) -> None:
    """Names of errors: support.microsoft.com, Excel's functions in other languages; Err:502: LibreOffice's help."""
    assert noted(warehouse, item) == codes


def test_other_numbers_of_an_item_in_one_cell_are_said(warehouse: Warehouse) -> None:
    rows = csv('AB,BU1,Mug,A mug,Y,4006381333931,"8712345678906,5012345678900"',
               header="skuId,businessUnitId,name,description1,isActive,upc,alias")  # fmt: skip
    result = warehouse.run(rows, house("sku"), name="skus.csv")
    (sentence,) = [each["message"] for each in result.failures if each["code"] == "several_in_cell"]
    assert sentence == (
        "alias '8712345678906,5012345678900' looks like several in one cell, and is stored as one (send a row for each)"
    )


@pytest.mark.parametrize(
    ("field", "text", "codes"),
    [
        ("shipTo.phoneNumber", "4.91761E+11", ["scientific_text"]), ("buyerOrderNumber", "4,5E+09", ["scientific_text"]),
        ("customerSku", "4.00638E+12", ["scientific_text"]), ("giftCardInfo.code", "6.01E+15", ["scientific_text"]),
        ("shippingSpeed", "1E+05", ["scientific_text"]),
        ("shipTo.address1", "05. Dez", ["like_a_date"]), ("shipTo.address2", "12-May", ["like_a_date"]),
        ("customerSku", "2026-12-05 00:00:00", ["like_a_date"]), ("buyerOrderNumber", "1/5/2026", ["like_a_date"]),
        ("shipTo.address1", "2026-12-05", ["like_a_date"]),
        ("shipTo.address1", "12 May Street", []), ("customerSku", "1E5", []), ("customerSku", "E+12", []),
        ("shipTo.phoneNumber", "+49 176 1234567", []), ("buyerOrderNumber", "4500001234", []),
        ("line.notes", "2026-12-05", []), ("line.notes", "1.5E+12", []),
    ],
)  # fmt: skip
def test_what_a_spreadsheet_has_made_of_a_text_is_said(
    warehouse: Warehouse, field: str, text: str, codes: list[str]
) -> None:
    """Numbers and codes are in fields of text, too; what people write about an order may be anything."""
    result = warehouse.run(csv(f'SO-1,1,AB,5,"{text}"', header=f"{HEADER},{field}"))
    assert (result.errors, result.warnings) == ([], codes), result.text


def test_a_house_number_that_a_sheet_shows_as_a_day_is_said(warehouse: Warehouse) -> None:
    """12/5 in a cell that is no text is a day of December (support.microsoft.com, on numbers that change to dates)."""
    rows = [[*HEADER.split(","), "shipTo.address1"], ["SO-1", 1, "AB", 5, date(2026, 12, 5)]]
    result = warehouse.run(book(*rows), name="orders.xlsx")
    assert (result.errors, result.warnings) == ([], ["like_a_date"]), result.text


def test_the_text_of_a_label_says_what_to_send(warehouse: Warehouse) -> None:
    """As scanners and label programs export it (GS1 General Specifications §7.8, element strings)."""
    rows = csv("A1,1,X,5,(10)LOT7", "A2,1,X,5,(01)04006381333931(17)261231(10)LOT8",
               header="asnNumber,lineNumber,skuId,line.quantity,lotNumber")  # fmt: skip
    result = warehouse.run(rows, house("asn"), name="asn_1.csv")
    hints = [each["hint"] for each in result.failures if each["code"] == "label_text"]
    assert hints == ["send 'LOT7' alone"]
    assert [code for _, _, code in result.errors] == ["too_long"]
    upc = csv("AB,BU1,Mug,A mug,Y,(01)04006381333931", header="skuId,businessUnitId,name,description1,isActive,upc")
    failed = warehouse.run(upc, house("sku"), name="skus.csv")
    assert "(should it be 04006381333931?)" in " ".join(failed.text.split())


ZONES = "carrierCode,countryCode,postalPrefix,zone"


@pytest.mark.parametrize(
    ("country", "prefix", "codes"),
    [
        ("US", "004-005", ["prefix_range"]), ("US", "00500 - 00599", ["prefix_range"]), ("US", "004,005", ["prefix_range"]),
        ("GB", "AB10 to AB56", ["prefix_range"]), ("DE", "01–09", ["prefix_range"]), ("DE", "01; 02", ["prefix_range"]),
        ("US", "005", []), ("US", "12345-6789", []), ("PL", "00-9", []), ("JP", "100-0", []), ("GB", "LS1 4", []),
        ("DE", "*", []), ("GB", "SW-1", []), ("US", "9-11", ["prefix_range"]),
    ],
)  # fmt: skip
def test_a_range_of_postal_codes_is_no_beginning_of_one(
    warehouse: Warehouse, country: str, prefix: str, codes: list[str]
) -> None:
    """As the zone charts of parcel carriers have them (UPS, USPS: ``004-005``): none begins so, and a quote found no
    zone.
    """
    content = csv(f'UPS,{country},"{prefix}",2', header=ZONES)
    result = warehouse.run(content, house("carrier_zone"), name="carrier_zone_1.csv")
    assert [code for _, _, code in result.errors] == codes
    assert len(warehouse.rows("SELECT zone FROM carrier_zones")) == (not codes)
