"""What a partner writes otherwise in its sets is one option of its feed (contract edi.md §5, §6; docs/edi.md)."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.formats.guides.guide import Deviations, guides
from tests.interchanges import OPTIONAL, interchange, partner_of
from tests.warehouse import Result, Warehouse

ROOT = Path(__file__).parents[2]
ORDER = ("BEG*00*NE*PO-1*7*20261101", "PO1*1*10*EA*2.5**BP*THEIRS*VN*OURS*MG*MAKERS", "CTT*1*10")
FEW = (
    "W17*F*20261125*RC-1*ASN-1",
    "N1*WH**92*B1",
    "W07*10*EA**VN*AB",
    "W13*2*EA*01",
    "W13*1*EA*01",
    "W13*5*EA*02",
    "W14*10",
)
SHIPPED = (
    "W06*N*SO-1*20261125*SH-1",
    "LX*7",
    "W12*CC*10*10**EA**VN*AB",
    "LX*8",
    "W12*CC*5*5**EA**VN*CD",
    "N9*LI*3",
    "LX*9",
    "MAN*GM*00340123450000000017",
    "W12*CC*5*5**EA**VN*EF",
)


def rows(
    warehouse: Warehouse, type_: str, document: str, body: tuple[str, ...], options: str, select: str
) -> list[Any]:
    """What is stored of a set that a partner with these options sends."""
    keys = f"{OPTIONAL if document == 'sales_order' else ''}\n{f'options = {{ {options} }}' if options else ''}"
    warehouse.partner(whole=partner_of(type_, document=document, keys=keys))
    warehouse.drop("x.edi", interchange(body, type_=type_, group="PO"))
    (report,) = warehouse.reports()
    assert report.verdict == "ACCEPTED", Result(report, warehouse.database, report.job).text
    return warehouse.rows(select)


@pytest.mark.parametrize(
    ("options", "number", "item"),
    [
        ("", "PO-1-7", "OURS"),
        ('release = "ignore"', "PO-1", "OURS"),
        ('item = ["XX", "MG", "VN"]', "PO-1-7", "MAKERS"),
        ('item = ["XX"]', "PO-1-7", "OURS"),
    ],
)
def test_releases_and_items_are_those_that_the_partner_means(
    warehouse: Warehouse, options: str, number: str, item: str
) -> None:
    select = "SELECT customer_order_number, sku_id FROM sales_order_lines"
    assert rows(warehouse, "850", "sales_order", ORDER, options, select) == [(number, item)]


@pytest.mark.parametrize(("options", "received"), [("", 10), ('damaged = "within"', 10), ('damaged = "besides"', 13)])
def test_what_is_damaged_is_part_of_what_is_received_or_comes_on_top(
    warehouse: Warehouse, options: str, received: int
) -> None:
    body = tuple(each.replace("W14*10", f"W14*{received}") for each in FEW)
    select = "SELECT quantity_received, quantity_damaged FROM receipt_lines"
    ((all_, damaged),) = rows(warehouse, "944", "receipt", body, options, select)
    assert (float(all_), float(damaged)) == (received, 3)


@pytest.mark.parametrize(
    ("options", "lacking"), [("", [4, 10]), ('line = "LI"', [4, 10]), ('line = ["LI", "LX"]', [10])]
)
def test_the_number_of_a_loop_is_that_of_the_line_but_of_no_carton(
    warehouse: Warehouse, options: str, lacking: list[int]
) -> None:
    """The third line is a carton's: its loop's number is the carton's."""
    keys = f"options = {{ {options} }}"
    warehouse.partner(whole=partner_of("945", document="ship_confirmation", keys=keys))
    warehouse.drop("x.edi", interchange(SHIPPED, type_="945", group="SW"))
    warehouse.reports()
    missing = warehouse.rows("SELECT line FROM job_failures WHERE code = 'missing' ORDER BY line")
    assert [line - (1 << 20) for (line,) in missing] == lacking
    warehouse.partner(whole=partner_of("945", document="ship_confirmation", keys=keys))
    warehouse.drop("y.edi", interchange(SHIPPED[:5], type_="945", group="SW", number=2))
    (report,) = warehouse.reports()
    stored = warehouse.rows("SELECT customer_line_number FROM shipment_lines")
    assert (report.verdict == "ACCEPTED", stored) == (("LX" in options), [("7",), ("8",)] if "LX" in options else [])


SPLIT = (
    "BEG*00*NE*PO-1**20261101",
    "PO1*1*10*EA*2.5**VN*AB",
    "SDQ*EA*92*0001*4*0002*6",
    "PO1*2*7*EA*3**VN*CD",
    "SDQ*EA*92*0002*7",
    "CTT*2*17",
)


def test_a_line_for_several_places_is_a_line_of_an_order_for_each(warehouse: Warehouse) -> None:
    select = (
        "SELECT o.customer_order_number, ship_to_location_id, customer_line_number, sku_id, quantity FROM sales_orders o "
        "JOIN sales_order_lines l ON o.customer_order_number = l.customer_order_number ORDER BY 1, 3"
    )
    stored = rows(warehouse, "850", "sales_order", SPLIT, 'sdq = "orders"', select)
    assert [(*row[:4], float(row[4])) for row in stored] == [
        ("PO-1-0001", "0001", "1", "AB", 4),
        ("PO-1-0002", "0002", "1", "AB", 6),
        ("PO-1-0002", "0002", "2", "CD", 7),
    ]


@pytest.mark.parametrize(
    ("wrong", "options", "code", "taken"),
    [
        ("", "", "split_destinations", []),
        ("", 'sdq = "fail"', "split_destinations", []),
        ("*0002*6>*0002*5", 'sdq = "orders"', "places_add_up_to", []),
        ("CTT*2>CTT*3", 'sdq = "orders"', "line_count_differs", []),
        ("*0002*7>*0002*7x", 'sdq = "orders"', "bad_element", []),
        ("SE*8>SE*9", 'sdq = "orders"', "set_count", []),
    ],
)
def test_what_is_wrong_with_places_is_said(
    warehouse: Warehouse, wrong: str, options: str, code: str, taken: list[str]
) -> None:
    """Places that aren't the line's quantity may lack one; a fault of the set keeps all its orders out."""
    before, _, after = wrong.partition(">")
    warehouse.partner(whole=partner_of("850", keys=f"{OPTIONAL}\noptions = {{ {options} }}"))
    content = interchange(SPLIT, type_="850", group="PO").decode()
    warehouse.drop("x.edi", content.replace(before, after, 1).encode())
    (report,) = warehouse.reports()
    assert code in {each for (each,) in warehouse.rows("SELECT code FROM job_failures WHERE severity = 'error'")}
    assert warehouse.order_numbers() == taken, Result(report, warehouse.database, report.job).text


@given(st.lists(st.sampled_from(["VN", "BP", "IN", "SK", "ZZ"]), max_size=4))
def test_the_partner_s_qualifiers_come_first_and_the_guide_s_behind_them(own: list[str]) -> None:
    for guide in guides().values():
        for mapping in guide.mappings.values():
            items = mapping.chosen(Deviations(item=tuple(own))).items
            wanted = mapping.items.get("skuId", ())
            assert items.get("skuId", ())[: len(set(own))] == (tuple(dict.fromkeys(own)) if "skuId" in items else ())
            assert set(items.get("skuId", ())) >= set(wanted)
            assert {name: each for name, each in items.items() if name != "skuId"} == {
                name: each for name, each in mapping.items.items() if name != "skuId"
            }


def test_the_options_of_the_page_are_those_of_a_feed(warehouse: Warehouse) -> None:
    page = (ROOT / "docs" / "edi.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```toml\n([^`]*\[feed\.options\][^`]*)```", page)
    head = partner_of("850").partition("[[feed]]")[0]
    constants = 'files = "*"\nconstants = { businessUnitId = "BU1", currency = "USD" }'
    document, _, options = example.partition("\n[feed.options]")
    warehouse.partner(whole=f"{head}[[feed]]\n{constants}\n{OPTIONAL}\n{document}\n[feed.options]{options}")
    body = (SPLIT[0].replace("**", "*7*", 1), *SPLIT[1:])
    warehouse.drop("x.edi", interchange(body, type_="850", group="PO"))
    (report,) = warehouse.reports()
    assert (report.verdict, warehouse.order_numbers()) == ("ACCEPTED", ["PO-1-0001", "PO-1-0002"])
    assert set(tomllib.loads(f"[feed]\n{example}")["feed"]["options"]) < set(Deviations.model_fields)
