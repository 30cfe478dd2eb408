"""Codes in small letters in interchanges: they are read as those in capital ones, and a warning says so."""

from __future__ import annotations

import pytest

from tests.imports.test_first_of_several import ITEM, ORDERS, RECEIVED, brought
from tests.imports.test_several_numbers import CARTON, DESPATCH, NOTICE, ONE, SHIPMENT
from tests.imports.test_several_numbers import ITEM as CARTONED
from tests.interchanges import order
from tests.warehouse import Warehouse

NEEDED = order("SO-1", "5 EA AB")
SMALL = {
    "940 ship to": ("sales_order", "940", [each.replace("N1*ST", "N1*st") for each in NEEDED],
                    "SELECT ship_to_name FROM sales_orders", ("Ada Lovelace",), ["st"]),
    "940 item": ("sales_order", "940", [each.replace("*VN*", "*vn*") for each in NEEDED],
                 "SELECT sku_id FROM sales_order_lines", ("AB",), ["vn"]),
    "850 phone": ("sales_order", "850",
                  ["BEG*00*SA*SO-1**20261101", "N1*ST*Store", "PER*IC*Me*te*0123", "PO1*1*5*EA*2.5**VN*AB"],
                  "SELECT ship_to_phone_number FROM sales_orders", ("0123",), ["te"]),
    "945 tracking": ("ship_confirmation", "945",
                     [SHIPMENT[0], "N9*2i*1Z1", SHIPMENT[2], "W12*cu*3*0**EA**VN*AB", "N9*li*1"],
                     "SELECT line_status, tracking_number FROM shipments JOIN shipment_lines USING (shipment_id)", None,
                     ["2i", "cu", "li"]),
    "944 return": ("receipt", "944", ["W17*c*20261120*R-1**ASN-1", *RECEIVED[1:], "W14*5"],
                   "SELECT document_type FROM receipt_lines", ("rma",), ["c"]),
    "856 levels": ("asn", "856", [each.lower() if each.startswith("HL") else each for each in
                                  (*NOTICE, *CARTON, *CARTONED, "SN1**3*EA")],
                   "SELECT carton_id FROM asn_packages", (ONE,), ["s", "o", "p", "i"]),
    "ORDERS": ("sales_order", "ORDERS", [*(each.replace("NAD+DP", "NAD+dp") for each in ORDERS),
                                         ITEM[0].replace(":SA", ":sa"), ITEM[1], "UNS+S"],
               "SELECT ship_to_name, sku_id FROM sales_orders JOIN sales_order_lines USING (customer_order_number)",
               ("Store", "AB"), ["dp", "sa"]),
    "DESADV": ("asn", "DESADV", [*DESPATCH[:2], "RFF+srn:1Z1", *DESPATCH[2:], "LIN+1++AB:IN", "QTY+12:3:PCE"],
               "SELECT tracking_number FROM asns", ("1Z1",), ["srn"]),
}  # fmt: skip
"""By what it is: its document and type, its segments, what is asked of the database and its answer, the codes."""


@pytest.mark.both(slow=True)
@pytest.mark.parametrize("name", SMALL)
def test_codes_in_small_letters_are_read_and_said(warehouse: Warehouse, name: str) -> None:
    document, type_, segments, question, stored, codes = SMALL[name]
    verdict = brought(warehouse, document, type_, tuple(segments))
    errors = warehouse.rows("SELECT code, field, value FROM job_failures WHERE severity = 'error'")
    assert (verdict, errors) == ("ACCEPTED", [])
    if stored is not None:
        assert warehouse.rows(question) == [stored]
    noted = warehouse.rows("SELECT value, detail FROM job_failures WHERE code = 'small_code' ORDER BY line")
    assert sorted(detail.split('"sent": "')[1].split('"')[0] for _, detail in noted) == sorted(codes)
