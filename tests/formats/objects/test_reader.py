"""JSON in every shape the contract names, read strictly."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from crossdock import formats
from crossdock.failures.refusals import Refused
from crossdock.formats import text as texts
from crossdock.formats.format import Array, Clues
from crossdock.formats.objects.layouts import MOST_UNREAD
from crossdock.schema.document import Kind
from tests.warehouse import HEADER, Warehouse, csv

LINES = [
    {"customerLineNumber": "1", "skuId": "AB", "quantity": 5},
    {"customerLineNumber": "2", "skuId": "AC", "quantity": 2.5, "quantityMeasure": "KG"},
]
NESTED = {
    "customerOrderNumber": "SO-1",
    "shipTo": {"name": "Ada", "locationId": "S1"},
    "notes": "hello",
    "orderLines": LINES,
}
FLAT = [
    {
        "customerOrderNumber": "SO-1",
        "shipTo.name": "Ada",
        "shipTo": {"locationId": "S1"},
        "header.notes": "hello",
        **line,
    }
    for line in LINES
]
SHAPES = {
    "envelope": json.dumps({"data": [NESTED]}),
    "pretty envelope": json.dumps({"other": 1, "data": [NESTED]}, indent=2),
    "one in an envelope": json.dumps({"data": NESTED}),
    "array": json.dumps([NESTED], indent=1),
    "object": json.dumps(NESTED, indent=1),
    "object a line": json.dumps(NESTED) + "\n",
    "flat array": json.dumps(FLAT),
    "flat a line": "\n".join(json.dumps(each) for each in FLAT),
    "flat envelope": json.dumps({"data": FLAT}),
}


@pytest.mark.parametrize("shape", list(SHAPES))
def test_every_shape_stores_the_same(warehouse: Warehouse, shape: str) -> None:
    header = f"{HEADER},quantityMeasure,shipTo.name,shipTo.locationId,header.notes"
    warehouse.run(csv("SO-1,1,AB,5,,Ada,S1,hello", "SO-1,2,AC,2.5,KG,Ada,S1,hello", header=header))
    result = warehouse.run(SHAPES[shape], name="orders.json")
    assert result.report.documents.unchanged == 1, (result.text, warehouse.stored())
    assert result.report.books.read == 2


def test_lines_know_their_place(warehouse: Warehouse) -> None:
    body = {
        "data": [
            NESTED,
            {**NESTED, "customerOrderNumber": "SO-2", "orderLines": [LINES[0], {**LINES[1], "quantity": "x"}]},
        ]
    }
    result = warehouse.run(json.dumps(body), name="o.json")
    (failure,) = [each for each in result.failures if each["severity"] == "error"]
    assert (failure["place"], failure["column"], failure["value"]) == ("/data/1/orderLines/1", "quantity", "x")


def test_ids_keep_their_zeros_and_numbers_stay_exact(warehouse: Warehouse) -> None:
    line = '{"customerLineNumber": 1, "skuId": "007", "quantity": 123456789012.123456, "quantityMeasure": "KG", "unitPrice": 1.5e2}'
    warehouse.run('[{"customerOrderNumber": "0042", "orderLines": [' + line + "]}]", name="o.json")
    assert warehouse.rows("SELECT customer_order_number, sku_id, quantity, unit_price FROM sales_order_lines") == [
        ("0042", "007", "123456789012.123456", "150.0000")
    ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ('{"data": [{"customerOrderNumber": "A"},]}', "comma"),
        ('{"data": [{"customerOrderNumber": NaN}]}', "NaN"),
        ('[{"customerOrderNumber": "A"}', "expected"),
        ('[{"customerOrderNumber": "A"}] {}', "more follows"),
        ("[" * 100_000, "nested"),
        ("{'customerOrderNumber': 'A'}", "double quotes"),
    ],
)  # fmt: skip
def test_broken_json_is_refused_and_says_where(warehouse: Warehouse, content: str, reason: str) -> None:
    result = warehouse.run(content, name="o.json")
    assert result.report.refused is not None
    assert reason in result.report.refused
    assert "line 1" in result.report.refused


def test_a_broken_line_among_objects_of_one_line_each_is_torn_alone(warehouse: Warehouse) -> None:
    one, two = json.dumps(NESTED), json.dumps({**NESTED, "customerOrderNumber": "SO-2"})
    four = json.dumps({**NESTED, "customerOrderNumber": "SO-4"})
    result = warehouse.run(f"{two}\n{one}\n{one[:40]}\n{four}\n{four.replace('SO-4', 'SO-5')}\n", name="o.ndjson")
    assert [code for _, _, code in result.errors] == ["bad_json"]
    assert result.report.documents.inserted == 2
    assert set(result.failed) == {"SO-1", "", "SO-4"}


def test_a_name_twice_fails_that_object_only(warehouse: Warehouse) -> None:
    twice = json.dumps(NESTED).replace('"notes": "hello"', '"notes": "a", "notes": "b"').replace("SO-1", "SO-9")
    result = warehouse.run(f"[{json.dumps(NESTED)}, {twice}]", name="o.json")
    assert result.failed["SO-9"].startswith("1 of its 2 lines failed")
    assert [(f["code"], f["message"]) for f in result.failures if f["severity"] == "error"] == [
        ("name_twice", "the object names notes twice")
    ]


HALF = "\\ud800"
ORDER = '{"customerOrderNumber": "SO-2", "orderLines": [{"customerLineNumber": "1", "skuId": "AB", "quantity": 5}]}'


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        (f'"{HALF}"', "not_an_object"),
        (f'["{HALF}"]', "not_an_object"),
        (f'{{"customerOrderNumber": "A", "{HALF}": 1, "orderLines": []}}', "bad_json"),
        (f'{{"customerOrderNumber": "A{HALF}", "orderLines": []}}', "bad_json"),
        (f'{{"customerOrderNumber": "A", "orderLines{HALF}": []}}', "bad_json"),
        (f'{{"customerOrderNumber": "A", "{HALF}": 1, "{HALF}": 2, "orderLines": []}}', "bad_json"),
        (f'{{"customerOrderNumber": "A", "customFields": {{"{HALF}": "{HALF}"}}, "orderLines": []}}', "bad_json"),
        (f'{{"customerOrderNumber": "A", "notes": ["{HALF}"], "orderLines": []}}', "bad_json"),
        (f'{{"customerOrderNumber": "A", "orderLines": ["{HALF}"]}}', "not_an_object"),
        (
            f'{{"customerOrderNumber": "A", "orderLines": [{{"{HALF}": "{HALF}", "customerLineNumber": "1"}}]}}',
            "bad_json",
        ),
        (
            '{"customerOrderNumber": "A", "notes": ' + '{"a":' * 600 + "1" + "}" * 600 + ', "orderLines": []}',
            "bad_json",
        ),
        ("[" * 600 + "]" * 600, "not_an_object"),
    ],
    ids=range(12),
)
@pytest.mark.parametrize("text", ['{{"data": [{}, {}]}}', "[{}, {}]"])
def test_what_no_text_can_hold_fails_its_record_in_every_report(
    warehouse: Warehouse, broken: str, code: str, text: str
) -> None:
    """Half of a surrogate pair as value, as a member's name, as an element; what is too deep, and too long a number.

    The order beside it is let in.
    """
    result = warehouse.run(text.format(broken, ORDER), name="o.json")
    assert code in {each["code"] for each in result.failures}
    assert warehouse.order_numbers() == ["SO-2"]
    for report in (result.text, json.dumps(result.acks, ensure_ascii=False), json.dumps(result.failures)):
        assert report.encode()


@pytest.mark.parametrize("number", ["1e999", "9" * 5_000, "-1e400"])
def test_a_number_in_an_object_that_nobody_can_keep_fails_its_record(tmp_path: Path, number: str) -> None:
    path = tmp_path / "o.json"
    path.write_text(f'[{{"settings": {{"a": {number}}}}}, {{"settings": {{"a": 1.5}}}}]')
    blocks = formats.reader(path, None, formats.options()(), Clues({"settings": Kind.OBJECT})).blocks()
    assert [each for block in blocks for each in block.faults.to_pylist()] == ["bad_json", None]


def test_half_of_a_character_in_the_name_of_an_envelope(warehouse: Warehouse) -> None:
    refused = warehouse.run(f'{{"{HALF}": [{ORDER}]}}', name="o.json").report.refused
    assert refused == f"no member of the objects is known: the first has {HALF}"
    lines = "\n".join([ORDER, f'"{HALF}"', f'{{"{HALF}": "{HALF}"}}'])
    assert [code for _, _, code in warehouse.run(lines, name="o.json").errors] == ["bad_json", "bad_json"]


@pytest.mark.parametrize(
    ("text", "what"),
    [('"a"', "a text"), ("12", "a number"), ("-1.5e3", "a number"), ("null", "null"), ("true", "true")],
)
def test_json_that_is_no_object_is_called_that(warehouse: Warehouse, text: str, what: str) -> None:
    result = warehouse.run(text, warehouse.feed('format = "json"'), name="o.json")
    assert result.report.refused == f"the file can't be read: it is JSON that holds no object but {what}"


@pytest.mark.parametrize(
    "text", ['{"a": }', '[{"a": "\\x"}]', '[{"a" 1}]', '[{"a": "b', "[1 2]", '{"a": "\\u12"}', "[{,}]"]
)
def test_what_is_wrong_with_json_is_said_in_a_sentence(warehouse: Warehouse, text: str) -> None:
    refused = warehouse.run(text, name="o.json").report.refused
    assert refused is not None
    assert not {"Expecting", "Invalid", "Unterminated"} & set(re.findall(r"\w+", refused))


def test_a_text_in_sections_is_no_json(warehouse: Warehouse) -> None:
    result = warehouse.run("[Lines]\n" + csv("SO-1,1,AB,5"))
    assert (result.errors, warehouse.order_numbers()) == ([], ["SO-1"])


def test_half_a_character_and_what_is_no_object_fail(warehouse: Warehouse) -> None:
    content = '[{"customerOrderNumber": "A", "notes": "\\ud800", "orderLines": []}, 5, {"customerOrderNumber": "B", "orderLines": [7]}]'
    result = warehouse.run(content, name="o.json")
    assert [code for _, _, code in result.errors] == ["bad_json", "not_an_object", "not_an_object"]


# bytes that are no text


def order(number: str, name: str = "Zoë", **members: object) -> str:
    """An order on one line."""
    whole = {"customerOrderNumber": number, "shipTo": {"name": name}, **members, "orderLines": LINES[:1]}
    return json.dumps(whole, ensure_ascii=False)


def broken(texts: list[str], shape: str) -> bytes:
    """Orders in a file; each @ is a byte that is no text."""
    whole = "\n".join(texts) + "\n" if shape == "lines" else shape.format(", ".join(texts))
    return whole.encode().replace(b"@", b"\xe9")


SHAPES_OF_MANY = pytest.mark.parametrize("shape", ["lines", "[{}]", '{{"data": [{}]}}'])


@SHAPES_OF_MANY
@pytest.mark.parametrize("declared", ["", 'options = { encoding = "utf-8" }'])
def test_one_byte_that_is_no_text_fails_its_value(warehouse: Warehouse, shape: str, declared: str) -> None:
    content = broken([order("SO-1"), order("SO-2", "Ren@"), order("SO-3")], shape)
    result = warehouse.run(content, warehouse.feed(declared), name="o.json")
    (failure,) = [each for each in result.failures if each["severity"] == "error"]
    assert failure["message"].startswith(r"shipTo.name 'Ren\xe9' holds bytes that are not utf-8: 0xE9")
    assert failure["place"] in ("/1", "/data/1")
    assert warehouse.order_numbers() == ["SO-1", "SO-3"]


@SHAPES_OF_MANY
def test_a_number_that_is_no_text_holds_its_own_order(warehouse: Warehouse, shape: str) -> None:
    content = broken([order("SO-1"), order("SO-@"), order("SO-3")], shape)
    result = warehouse.run(content, name="o.json")
    assert {code for _, _, code in result.errors} >= {"undecodable_cell"}
    assert warehouse.order_numbers() == ["SO-1", "SO-3"]


@SHAPES_OF_MANY
@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('"shipTo"', '"ship@To"', r"the name ship\xe9To holds bytes that are not utf-8: 0xE9"),
        ('"name"', '"na@me"', r"the name na\xe9me holds bytes that are not utf-8: 0xE9"),
        ('"quantity": 5', '"quantity": 5@', "it holds bytes that are not utf-8: 0xE9"),
        ('"quantity": 5', '"quantity": 5@7', "it holds bytes that are not utf-8: 0xE9"),
        ('"quantity": 5', '"quantity": @', "it holds bytes that are not utf-8: 0xE9"),
        ('"quantity": 5', '@"quantity"@@:@5@@@@', "it holds bytes that are not utf-8: 0xE9, 0xE9, 0xE9, 0xE9, 0xE9"),
        ("{", "@{", "it holds bytes that are not utf-8: 0xE9"),
        ("]}", "]}@", "it holds bytes that are not utf-8: 0xE9"),
    ],
)
def test_a_byte_beside_the_values_holds_its_record(
    warehouse: Warehouse, shape: str, old: str, new: str, sentence: str
) -> None:
    content = broken([order("SO-1"), order("SO-2").replace(old, new, 1), order("SO-3")], shape)
    result = warehouse.run(content, name="o.json")
    messages = [each["message"] for each in result.failures if each["code"] == "bad_json"]
    assert messages == [f"the object can't be read: {sentence}"]
    assert warehouse.order_numbers() == ["SO-1", "SO-3"]


def test_a_member_that_nobody_reads_may_hold_what_is_no_text(warehouse: Warehouse) -> None:
    """As a column that nobody reads may."""
    result = warehouse.run(broken([order("SO-1", remark="Ren@")], "[{}]"), name="o.json")
    assert (result.errors, warehouse.order_numbers()) == ([], ["SO-1"])


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b'[{"skuId": "A"}]\n \xff', "it holds bytes that are not utf-8: 0xFF (line 2, column 2)"),
        (b'{"data": [], \xff "more": 1}', "it holds bytes that are not utf-8: 0xFF (line 1, column 14)"),
        (b'[{"skuId\xff: "A"}, {"skuId": "B"}]', "a colon is expected"),
        (b'[{"skuId": "A"\xff, {"skuId": "B"}]', "a comma or the end is expected"),
        (b'[{"skuId": "A"} {"skuId": "\xff"}]', "is expected"),
    ],
)
def test_where_more_is_broken_than_a_byte_the_file_is_refused(
    warehouse: Warehouse, content: bytes, sentence: str
) -> None:
    of = warehouse.feed('options = { encoding = "utf-8" }')
    assert sentence in str(warehouse.run(content, of, name="o.json").report.refused)


def test_what_is_read_in_an_encoding_that_nobody_tells_is_said(warehouse: Warehouse) -> None:
    result = warehouse.run(f"[{order('SO-1', 'Jörg Müller')}]".encode("cp1252"), name="o.json")
    assert (result.errors, warehouse.rows("SELECT ship_to_name FROM sales_orders")) == ([], [("Jörg Müller",)])
    assert "encoding_not_told" in result.warnings
    assert any("where line 1 reads 'Jörg'" in str(each["message"]) for each in result.failures)


def test_utf8_in_the_middle_of_another_encoding_fails_its_value(warehouse: Warehouse) -> None:
    others = [order(f"SO-{number}", "Jürgen Böse").encode("cp1252") for number in range(5)]
    result = warehouse.run(b"\n".join([*others, order("SO-9").encode(), b""]), name="o.json")
    assert [code for _, _, code in result.errors] == ["mixed_encoding"]
    assert len(warehouse.order_numbers()) == 5


Read = list[tuple[dict[str, str], str | None, str | None]]


def read(path: Path, content: bytes) -> Read:
    """Of each record its cells, its fault, what is spoiled."""
    path.write_bytes(content)
    known = Clues({"n": Kind.ID, "x": Kind.TEXT}, {"l": Array(0, "l")})
    records: Read = []
    for block in formats.reader(path, None, formats.options()(encoding="utf-8"), known).blocks():
        spoiled = [None] * len(block.lines) if block.spoiled is None else block.spoiled.to_pylist()
        cells = [{name: text for name, text in row.items() if text is not None} for row in block.cells.to_pylist()]
        records += zip(cells, block.faults.to_pylist(), spoiled, strict=True)
    return records


@pytest.mark.parametrize("chunk", [1, 5, 1 << 20])
@pytest.mark.parametrize("put", ["beside", "instead of"])
@pytest.mark.parametrize("between", [", ", "\n"])
def test_wherever_a_byte_stands_no_other_record_is_read_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int, put: str, between: str
) -> None:
    r"""Its own record fails, or the file is refused; put beside what stands there, it refuses no file."""
    monkeypatch.setattr(texts, "CHUNK", chunk if between == ", " else 1 << 20)
    one = r'{"n": "A\\\u00e9", "x": true, "l": [{"q": 1.5}]}'
    whole = between.join(one.replace("A", name) for name in "ABC")
    content = (f"[{whole}]" if between == ", " else f"{whole}\n").encode()
    good = read(tmp_path / "o.json", content)
    assert len(good) == 3
    start = content.index(b'{"n": "B')
    for at in range(start, start + len(one)):
        torn = content[:at] + b"\xe9" + content[at + (put == "instead of") :]
        try:
            records = read(tmp_path / "o.json", torn)
        except Refused:
            assert put == "instead of", torn
            continue
        assert any(fault or spoiled for _, fault, spoiled in records), torn
        assert [each for each in records if not (each[1] or each[2])] == [good[0], good[2]], torn


ONE = {"no": "1", "sku": "AB", "qty": 5}
TWO = {"no": "2", "sku": "AC", "qty": 3}
STORED = {"1": ("AB", 5.0, "OPEN"), "2": ("AC", 3.0, "OPEN")}


def mapped(array: str, inner: str = "") -> str:
    """The columns of a partner whose lines are in that array."""
    ours = {"no": "customerLineNumber", "sku": "skuId", "qty": "quantity"}
    columns = {array: "orderLines"} | {f"{array}.{inner}{theirs}": name for theirs, name in ours.items()}
    return (
        "columns = { number = 'customerOrderNumber', "
        + ", ".join(f"'{k}' = '{v}'" for k, v in columns.items())
        + " }\n"
    )


@pytest.mark.parametrize(
    ("path", "prefix", "wrap"),
    [
        (
            "response.orders",
            "/response/orders",
            lambda orders: {"status": "ok", "response": {"page": 1, "orders": orders}},
        ),
        ("/response/orders", "/response/orders", lambda orders: {"response": {"orders": orders, "next": None}}),
        ("d.results", "/d/results", lambda orders: {"d": {"__count": "2", "results": orders}, "more": {"d": []}}),
        ("data.orders", "/data/orders", lambda orders: {"errors": [], "data": {"orders": orders}}),
        ("/a.b/c~1d", "/a.b/c~1d", lambda orders: {"a": {"b": 1}, "a.b": {"c/d": orders}}),
        ("data", "/data", lambda orders: {"data": orders}),
    ],
)
def test_the_documents_are_in_a_member_of_a_member(warehouse: Warehouse, path: str, prefix: str, wrap: Any) -> None:
    orders = [{"number": "SO-1", "items": [ONE, TWO]}, {"number": "SO-2", "items": [ONE, {**TWO, "qty": "x"}]}]
    of = warehouse.feed(f'options = {{ path = "{path}" }}\n{mapped("items")}')
    for indent in (None, 2):
        result = warehouse.run(json.dumps(wrap(orders), indent=indent), of, name="o.json")
        assert [each["place"] for each in result.failures if each["severity"] == "error"] == [f"{prefix}/1/items/1"]
    assert warehouse.lines() == STORED
    assert warehouse.order_numbers() == ["SO-1"]


@pytest.mark.parametrize("orders", [[], None])
def test_a_wanted_member_without_documents_is_a_file_without_records(warehouse: Warehouse, orders: Any) -> None:
    of = warehouse.feed('options = { path = "response.orders" }')
    result = warehouse.run(json.dumps({"response": {"total": 0, "orders": orders}}), of, name="o.json")
    assert (result.report.refused, result.warnings) == (None, ["no_records"])


def test_one_document_in_a_nested_member_and_none_of_that_name(warehouse: Warehouse) -> None:
    of = warehouse.feed(f'options = {{ path = "response.order" }}\n{mapped("items")}')
    order = {"number": "SO-1", "items": [ONE, TWO]}
    assert warehouse.run(json.dumps({"response": {"order": order}}), of, name="o.json").report.refused is None
    assert warehouse.lines() == STORED
    refused = warehouse.run(json.dumps({"response": {"orders": [order]}}), of, name="o.json").report.refused
    assert refused is not None
    assert "the first has response.orders" in refused


def test_a_nested_member_is_streamed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No element needs more of the text than itself."""
    monkeypatch.setattr("crossdock.formats.objects.stream.MAX_ELEMENT", 2_000)
    monkeypatch.setattr(texts, "CHUNK", 500)
    path = tmp_path / "o.json"
    path.write_text(json.dumps({"a": {"b": [{"n": str(number)} for number in range(1_000)]}}))
    opened = formats.reader(path, None, formats.options()(path="a.b"), Clues({"n": Kind.ID}))
    assert sum(len(block.lines) for block in opened.blocks()) == 1_000


SHAPED = {
    "lines.line": {"lines": {"line": [ONE, TWO], "count": 2}},
    "order.body.items": {"order": {"body": {"items": [ONE, TWO]}, "channel": "web"}},
    "a/b": {"a/b": [ONE, TWO]},
}


@pytest.mark.parametrize("array", list(SHAPED))
def test_lines_are_in_an_array_below_objects(warehouse: Warehouse, array: str) -> None:
    of = warehouse.feed(mapped(array))
    order = {"number": "SO-1", **SHAPED[array]}
    assert warehouse.run(json.dumps([order]), of, name="o.json").report.refused is None
    assert warehouse.lines() == STORED
    bad = json.loads(json.dumps(order).replace('"qty": 3', '"qty": "x"').replace("SO-1", "SO-2"))
    result = warehouse.run(json.dumps([bad]), of, name="o.json")
    pointer = array.replace("/", "~1").replace(".", "/")
    assert [(each["place"], each["column"]) for each in result.failures if each["severity"] == "error"] == [
        (f"/0/{pointer}/1", "qty")
    ]


def test_one_line_is_an_object_where_several_are_an_array(warehouse: Warehouse) -> None:
    """As XML becomes JSON."""
    of = warehouse.feed(mapped("lines.line"))
    orders = [
        {"number": "SO-1", "lines": {"line": [ONE, TWO]}},
        {"number": "SO-2", "lines": {"line": ONE}},
        {"number": "SO-3", "lines": {"line": {**ONE, "qty": "x"}}},
    ]
    result = warehouse.run(json.dumps(orders), of, name="o.json")
    assert warehouse.lines() == STORED
    assert warehouse.lines("SO-2") == {"1": STORED["1"]}
    assert [each["place"] for each in result.failures if each["severity"] == "error"] == ["/2/lines/line"]


def test_letters_of_two_bytes_fail_their_objects(warehouse: Warehouse) -> None:
    orders = [{**NESTED, "customerOrderNumber": number, "shipTo": {"name": name, "locationId": "S1"}}
              for number, name in (("SO-1", "深圳市南山区科技园路张伟"), ("SO-2", "山"), ("SO-3", "Bo"))]  # fmt: skip
    result = warehouse.run(json.dumps(orders, ensure_ascii=False).encode("gb18030"), name="o.json")
    assert warehouse.order_numbers() == ["SO-3"]
    assert "it looks like gb18030, in which that is '深圳市南山区科技园路张伟'" in " ".join(result.text.split())


def test_lines_of_edges_and_nodes(warehouse: Warehouse) -> None:
    of = warehouse.feed(f'options = {{ path = "data.orders" }}\n{mapped("lineItems.edges", "node.")}')
    order = {"number": "SO-1", "lineItems": {"edges": [{"cursor": "x", "node": ONE}, {"node": TWO}], "pageInfo": {}}}
    result = warehouse.run(json.dumps({"data": {"orders": [order]}}), of, name="o.json")
    assert warehouse.lines() == STORED, result.text


def test_a_list_that_nobody_reads_says_how_it_is_read_as_lines(warehouse: Warehouse) -> None:
    orders = [{"customerOrderNumber": f"SO-{number}", "positions": {"item": [ONE]}, "tags": ["a"]} for number in (1, 2)]
    result = warehouse.run(json.dumps(orders), name="o.json")
    messages = [each["message"] for each in result.failures if each["code"] == "list_not_read"]
    assert messages == [
        "the member 'positions.item' is a list of objects that was not read; 'positions.item' = 'orderLines' in the feed's columns reads them as lines"
    ]
    result = warehouse.run(json.dumps([{"number": "SO-1", "items": [ONE, TWO], "taxes": [{"rate": 1}]}]),
                           warehouse.feed(mapped("items")), name="o.json")  # fmt: skip
    assert "list_not_read" not in result.warnings


def test_a_member_of_its_own_in_each_object_is_no_column_for_all(warehouse: Warehouse) -> None:
    """10,000 orders with a member each took half a minute, 20,000 four times as long."""
    orders = [
        {"customerOrderNumber": f"SO-{number}", "byItem": {f"AB-{number}": 1}, "orderLines": LINES}
        for number in range(MOST_UNREAD + 20)
    ]
    result = warehouse.run(json.dumps(orders), name="o.json")
    assert result.report.documents.inserted == len(orders)
    unknown = [each for each in result.failures if each["code"] == "unknown_column"]
    assert len(unknown) == MOST_UNREAD
    left_out = [each for each in result.failures if each["code"] == "members_left_out"]
    assert [each["message"] for each in left_out] == [
        f"the objects have more than 500 members that are not known; the others were left out, the first is 'byItem.AB-{MOST_UNREAD}'"
    ]
    assert left_out[0]["times"] == 20


def test_valid_json_is_never_called_invalid(warehouse: Warehouse) -> None:
    odd: list[Any] = [
        {"orderLines": LINES, "order_lines": LINES},
        {"notes": ["a"]},
        {"shipTo.name": "a", "shipTo": {"name": "b"}},
        {"orderLines": [[]]},
        {"orderLines": {"orderLines": LINES}},
        {"orderLines": {}},
        {"orderLines": None},
        {"orderLines": "none"},
        {"orderLines": [None]},
        {},
    ]
    for number, each in enumerate(odd):
        result = warehouse.run(json.dumps([{"customerOrderNumber": f"SO-{number}", **each}]), name="o.json")
        assert "valid JSON" not in result.text, each
        assert result.report.verdict is not None
    for whole in ([], {}, [[]], {"data": {}}, {"data": []}, "text", 5, None, True, [[NESTED]]):
        result = warehouse.run(json.dumps(whole), name="o.json")
        assert "valid JSON" not in (result.report.refused or result.text), whole


def test_arrays_below_objects_nest_at_every_level(warehouse: Warehouse) -> None:
    """A level below the lines is named from the object of its line on."""
    whole = """id = "acme"
zone = "UTC"
business_units = ["BU1"]
[[feed]]
document = "asn"
files = "*"
constants = { businessUnitId = "BU1" }
[feed.columns]
no = "asnNumber"
"lines.line" = "lines"
"lines.line.pos" = "lineNumber"
"lines.line.sku" = "skuId"
"cartons.carton" = "packages"
"cartons.carton.lot" = "package.lotNumber"
"cartons.carton.qty" = "package.quantity"
"""
    asn = {
        "no": "A-1",
        "lines": {
            "line": [
                {"pos": 1, "sku": "AB", "cartons": {"carton": [{"lot": "L1", "qty": 2}, {"lot": "L2", "qty": 3}]}},
                {"pos": 2, "sku": "AC", "cartons": {"carton": {"lot": "L3", "qty": "x"}}},
                {"pos": 3, "sku": "AD", "cartons": {}},
            ]
        },
    }
    of = warehouse.feed(whole=whole)
    result = warehouse.run(json.dumps([asn]), of, name="a.json")
    places = [each["place"] for each in result.failures if each["code"] == "not_a_number"]
    assert places == ["/0/lines/line/1/cartons/carton"]
    corrected = json.dumps([asn]).replace('"x"', "4").replace(', {"pos": 3, "sku": "AD", "cartons": {}}', "")
    assert warehouse.run(corrected, of, name="a.json").report.documents.inserted == 1
    lots = "SELECT line_number, lot_number, CAST(quantity AS real) FROM asn_packages ORDER BY 1, 2"
    assert warehouse.rows(lots) == [("1", "L1", 2.0), ("1", "L2", 3.0), ("2", "L3", 4.0)]


def test_an_array_may_be_written_as_languages_for_paths_do(warehouse: Warehouse) -> None:
    columns = mapped("lineItems.edges[]", "node.").replace("'lineItems.edges[]' =", "'lineItems.edges[].node' =")
    order = {"number": "SO-1", "lineItems": {"edges": [{"node": ONE}, {"node": TWO}]}}
    warehouse.run(json.dumps([order]), warehouse.feed(columns), name="o.json")
    assert warehouse.lines() == STORED


@pytest.mark.parametrize(("path", "indent"), [("event.order", None), ("event.order", 1), ("data", None)])
def test_each_document_may_have_an_envelope_of_its_own(warehouse: Warehouse, path: str, indent: int | None) -> None:
    """What a shop sends at each event, one behind the other."""
    orders = [
        {"number": f"SO-{number}", "items": [ONE, {**TWO, "qty": "x" if number == 2 else 3}]} for number in (1, 2, 3)
    ]
    wrapped = [{"event": {"id": 5, "order": each}} if path == "event.order" else {"data": each} for each in orders]
    content = "\n".join(json.dumps(each, indent=indent) for each in wrapped)
    result = warehouse.run(
        content, warehouse.feed(f'options = {{ path = "{path}" }}\n{mapped("items")}'), name="o.json"
    )
    assert result.report.refused is None
    assert warehouse.order_numbers() == ["SO-1", "SO-3"]
    pointer = path.replace(".", "/")
    assert [each["place"] for each in result.failures if each["severity"] == "error"] == [f"/1/{pointer}/items/1"]


@pytest.mark.parametrize(
    ("value", "stored"),
    [([], None), (["Ann"], "Ann"), ([7], "7"), ([None], None), (["Ann", "Bo"], "-"), ([["Ann"]], "-")],
)
def test_a_list_where_one_value_belongs_may_have_one(
    warehouse: Warehouse, value: list[Any], stored: str | None
) -> None:
    order = {"customerOrderNumber": "SO-1", "shipTo": {"name": value, "locationId": "S1"}}
    order |= {"orderLines": [{"customerLineNumber": "1", "skuId": "AB", "quantity": 5}]}
    result = warehouse.run(json.dumps([order]), name="o.json")
    names = [name for (name,) in warehouse.rows("SELECT ship_to_name FROM sales_orders")]
    assert names == ([] if stored == "-" else [stored]), result.text


@pytest.mark.parametrize("lines", ['[{"skuId": "AB"}]', "2 lines"])
def test_lines_that_are_a_text_are_called_that(warehouse: Warehouse, lines: str) -> None:
    """A column of JSON that a database has written as text; a text beside the lines is a member like others."""
    whole = [{"customerLineNumber": 1, "skuId": "AB", "quantity": 5}]
    orders = [
        {"customerOrderNumber": "SO-1", "orderLines": lines},
        {"customerOrderNumber": "SO-2", "orderLines": whole},
    ]
    result = warehouse.run(json.dumps(orders), name="orders.json")
    assert [code for _, _, code in result.errors] == ["bad_json"]
    assert "orderLines is a text where a list of objects belongs" in result.text
    assert warehouse.order_numbers() == ["SO-2"]
