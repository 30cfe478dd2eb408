"""Pages of JSON, and things of one name that a value tells apart: the parties of an order."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.formats.format import Clues
from crossdock.formats.objects.reader import Json, JsonOptions
from tests.warehouse import Warehouse

PARTIES = '[feed.columns]\n"partners[role=ST].name" = "shipTo.name"\n"partners[role=ST].place.city" = "shipTo.city"\n'
IDOC = """format = "records"

[feed.options]
levels = ["E2EDK01", "E2EDP01"]

[feed.options.records]
E2EDK01 = { "Order" = "11-20" }
"E2EDKA1[PARVW=WE]" = { "PARVW" = "11-12", "Name" = "13-22" }
"E2EDKA1[PARVW=AG]" = { "PARVW" = "11-12", "Sold" = "13-22" }
E2EDP01 = { "Line" = "11-14", "Item" = "15-24", "Qty" = "25-" }

[feed.columns]
"Order" = "customerOrderNumber"
"Name" = "shipTo.name"
"Sold" = "billTo.name"
"Line" = "customerLineNumber"
"Item" = "skuId"
"Qty" = "quantity"
"""


def order(number: str, *quantities: Any) -> dict[str, Any]:
    inside = [{"customerLineNumber": str(at), "skuId": "A", "quantity": each} for at, each in enumerate(quantities, 1)]
    return {"customerOrderNumber": number, "orderLines": inside}


@pytest.mark.parametrize(
    ("content", "path", "place"),
    [
        ([{"orders": [order("S-1", 1), order("S-2", 1)]}, {"orders": []}, {"orders": [order("S-3", "x")]}], "orders",
         "/2/orders/0/orderLines/0"),
        ([{"page": {"orders": [order("S-1", 1)]}}, {"page": {"orders": [order("S-2", 1), order("S-3", "x")]}}],
         "page.orders", "/1/page/orders/1/orderLines/0"),
        ({"pages": [{"orders": [order("S-1", 1)]}, {"orders": [order("S-2", 1), order("S-3", "x")]}]},
         "pages.orders", "/pages/1/orders/1/orderLines/0"),
        ([{"order": order("S-1", 1)}, {"order": order("S-2", 1)}, {"order": order("S-3", "x")}], "order",
         "/2/order/orderLines/0"),
        ([order("S-1", 1), {"orders": [order("S-2", 1)]}, order("S-3", "x")], "orders", "/2/orderLines/0"),
        ([order("S-1", 1), order("S-2", 1), order("S-3", "x")], "orders", "/2/orderLines/0"),
    ],
)  # fmt: skip
def test_pages_are_read_one_after_the_other(warehouse: Warehouse, content: Any, path: str, place: str) -> None:
    result = warehouse.run(json.dumps(content), warehouse.feed(f'options = {{ path = "{path}" }}\n'), name="o.json")
    assert warehouse.order_numbers() == ["S-1", "S-2"]
    assert [each["place"] for each in result.failures if each["code"] == "not_a_number"] == [place]


@pytest.mark.parametrize(("between", "stored"), [("]}@,{", []), ("]}@{", []), ("]@},{", []), ("]}, @ {", ["S-1"])])
def test_bytes_between_pages_that_are_no_text_are_answered(
    warehouse: Warehouse, between: str, stored: list[str]
) -> None:
    """Perhaps they were a comma, perhaps a document: what stands beside them is on hold, and they are named once."""
    content = json.dumps([{"orders": [order("S-1", 1)]}, {"orders": [order("S-2", 1)]}])
    torn = content.replace("]}, {", between).encode().replace(b"@", b"\xe9")
    result = warehouse.run(torn, warehouse.feed('options = { path = "orders", encoding = "utf-8" }\n'), name="o.json")
    assert warehouse.order_numbers() == stored
    messages = [each["message"] for each in result.failures if each["code"] == "bad_json"]
    assert messages == ["the object can't be read: it holds bytes that are not utf-8: 0xE9"]


@given(st.lists(st.lists(st.integers(0, 9), max_size=4), max_size=5), st.integers(1, 3))
def test_however_documents_are_cut_into_pages_they_are_the_same(tmp_path_factory: Any, pages: Any, block: int) -> None:
    path = tmp_path_factory.mktemp("pages") / "o.json"
    path.write_text(json.dumps([{"orders": [{"n": str(each)} for each in page]} for page in pages]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("crossdock.formats.text.CHUNK", 8 * block)
        reader = Json().reader(path, JsonOptions(path="orders"), Clues({}))
        read = [(line, name) for each in reader.blocks() for line, name in
                zip(each.lines.tolist(), each.cells.to_pydict().get("n", []), strict=False)]  # fmt: skip
    expected = [(f"/{page}/orders/{at}", str(each)) for page, of in enumerate(pages) for at, each in enumerate(of)]
    assert [(Json().place(line, reader.written), name) for line, name in read] == expected


def test_an_object_of_a_list_is_named_by_a_member(warehouse: Warehouse) -> None:
    parties = [{"role": "BY", "name": "Bo"}, {"role": "st", "name": "Ann", "place": {"city": "Bern"}}]
    content = [{**order("S-1", 1), "partners": parties}, {**order("S-2", 1), "partners": parties[1]},
               {**order("S-3", 1), "partners": []}]  # fmt: skip
    result = warehouse.run(json.dumps(content), warehouse.feed(PARTIES), name="o.json")
    assert "unknown_column" not in result.warnings
    assert warehouse.rows("SELECT customer_order_number, ship_to_name, ship_to_city FROM sales_orders ORDER BY 1") == [
        ("S-1", "Ann", "Bern"), ("S-2", "Ann", "Bern"), ("S-3", None, None)]  # fmt: skip


def test_two_objects_of_one_role_fail_their_record(warehouse: Warehouse) -> None:
    content = [{**order("S-1", 1), "partners": [{"role": "ST", "name": "Ann"}, {"role": "ST", "name": "Bo"}]}]
    result = warehouse.run(json.dumps(content), warehouse.feed(PARTIES), name="o.json")
    assert [code for _, _, code in result.errors] == ["bad_json"]
    assert "partners[role=ST].name stands twice" in result.text


def test_segments_are_told_apart_by_their_qualifier(warehouse: Warehouse) -> None:
    lines = ["E2EDK01   S-1       ", "E2EDKA1   AGBo        ", "E2EDKA1   WEAnn       ", "E2EDP01   0001A         5",
             "E2EDK01   S-2       ", "E2EDKA1   XXCy        ", "E2EDP01   0001A         5"]  # fmt: skip
    result = warehouse.run("\n".join(lines) + "\n", warehouse.feed(IDOC), name="o.txt")
    assert warehouse.rows("SELECT customer_order_number, ship_to_name, bill_to_name FROM sales_orders") == [
        ("S-1", "Ann", "Bo")
    ]
    assert [code for _, _, code in result.errors] == ["unknown_record_type"], "the party of S-2 may be one that counts"


def test_the_column_that_tells_types_apart_is_one_of_them(warehouse: Warehouse) -> None:
    with pytest.raises(Exception, match=r"needs the column 'PARVW'"):
        warehouse.feed(IDOC.replace('"PARVW" = "11-12", "Name"', '"Name"'))
