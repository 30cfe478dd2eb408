"""A format is one file: one that is registered for a test goes the whole way, and nothing else knows formats by name."""

from __future__ import annotations

import ast
import io
from pathlib import Path

import openpyxl
import pytest

from crossdock import formats
from crossdock.formats import FORMATS
from crossdock.formats.fix_stamp import LINES
from crossdock.model.status import Verdict
from crossdock.partners.registry import Misconfigured
from docs import generate
from tests.formats.key_value import MARK, KeyValue
from tests.warehouse import HEADER, SKU, Warehouse, csv
from tests.workbooks import book, saved

PRICE = ("1.2500",)
SOURCE = Path(formats.__file__).parents[1]
NAMED = {
    "settings.py": "a log is text or JSON",
    "app.py": "a log is text or JSON",
    "cli/jobs.py": "a report is printed as JSON",
    "database/tables.py": "records are what a job read",
    "partners/registry.py": "a request brings JSON",
    "documents/lists/unit.py": "a unit has a code of X12",
    "database/migrations/versions/v0003_every_document.py": "a unit has a code of X12",
    "database/migrations/versions/v0001_first_tables.py": "records are what a job read",
    "jobs/lifecycle.py": "records are what a job read",
    "learn/headless/finding.py": "an option of lines of several types is called records",
    "learn/headless/shape.py": "an option of lines of several types is called records",
    "learn/headless/typed.py": "an option of lines of several types is called records",
}
"""Modules outside ``formats/`` in which a format's name is a word for something else."""


@pytest.fixture(autouse=True)
def _registered(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one entry that a new format needs."""
    monkeypatch.setitem(FORMATS, KeyValue.name, KeyValue())


def paragraphs(*records: dict[str, str], mark: bytes = MARK, separator: str = "=") -> bytes:
    texts = ("\n".join(f"{name}{separator}{value}" for name, value in each.items()) for each in records)
    return mark + "\n\n".join(texts).encode()


def order(number: str, line: str, quantity: str) -> dict[str, str]:
    return dict(zip(HEADER.split(","), (number, line, "AB", quantity), strict=True))


def test_it_imports_and_is_answered_with_its_own_places(warehouse: Warehouse) -> None:
    priced = order("SO-1", "1", "5") | {"unitPrice": "1.25"}
    content = paragraphs(priced, order("SO-2", "1", "x"), order("SO-2", "2", "7"))
    result = warehouse.run(content, warehouse.feed('decimal = ","'), name="orders.kv")
    assert result.report.verdict is Verdict.PARTIAL
    assert PRICE in warehouse.rows(
        "SELECT unit_price FROM sales_order_lines"
    )  # plain, whatever the feed writes elsewhere
    assert [(each["place"], each["code"]) for each in result.failures] == [("paragraph 2", "not_a_number")]
    assert "paragraph 2, SO-2  quantity 'x' is not a number" in result.text
    assert warehouse.check(content)["failedOrders"] == result.ack["failedOrders"]


def test_where_it_cannot_tell_a_byte_s_cell_the_file_is_refused(warehouse: Warehouse) -> None:
    """The code "undecodable": a format that asks for no marks."""
    refused = warehouse.run(
        paragraphs(order("SO-1", "1", "5")).replace(b"AB", b"A\x81"), name="orders.kv"
    ).report.refused
    assert refused == "byte 0x81 at line 4, position 8 is not utf-8: name the file's encoding"


def test_several_failures_alike_are_told_with_its_words(warehouse: Warehouse) -> None:
    result = warehouse.run(paragraphs(*(order(f"SO-{each}", "1", "x") for each in range(1, 6))))
    assert "paragraphs 1–5" in result.text


def test_its_fix_workbook_comes_back(warehouse: Warehouse) -> None:
    of = warehouse.feed('decimal = ","')
    result = warehouse.run(paragraphs(order("SO-1", "1", "x") | {"unitPrice": "1.25"}), of, name="orders.kv")
    workbook = openpyxl.load_workbook(io.BytesIO(warehouse.fix(result)))
    assert [cell.value for cell in workbook[LINES][2]][:6] == [
        "SO-1", "1", "AB", "x", "1.25", "paragraph 1: quantity 'x' is not a number (write it like 1234.56)",
    ]  # fmt: skip
    workbook[LINES]["D2"] = "2"
    assert warehouse.run(saved(workbook), of, name="fix.xlsx").report.verdict is Verdict.ACCEPTED
    assert PRICE in warehouse.rows("SELECT unit_price FROM sales_order_lines")


def test_what_was_held_of_it_is_sent_again(warehouse: Warehouse) -> None:
    warehouse.partner(keys='references = { sku = "fail" }')
    warehouse.drop("sku.csv", csv("ZZ,Band,Band,Y,4006381333931", header=SKU))
    warehouse.drop("orders.kv", paragraphs(order("SO-1", "1", "5")))
    warehouse.reports()
    assert warehouse.order_numbers() == []
    warehouse.drop("sku2.csv", csv("AB,Band,Band,Y,4006381333948", header=SKU))
    warehouse.reports()
    assert warehouse.order_numbers() == ["SO-1"]


def test_its_options_are_keys_of_a_feed(warehouse: Warehouse) -> None:
    of = warehouse.feed('options = { separator = ":" }')
    assert warehouse.run(paragraphs(order("SO-1", "1", "5"), separator=":"), of).report.verdict is Verdict.ACCEPTED
    with pytest.raises(Misconfigured, match=r"acme.toml:10: there is no key 'seperator', did you mean 'separator'\?"):
        warehouse.feed('options = { seperator = ":" }')
    with pytest.raises(Misconfigured, match="separator: this is not how it is written"):
        warehouse.feed('options = { separator = "#" }')
    assert (
        "| `separator` | key_value: what stands between a key and its value | `=` |" in generate.PARTS["option keys"]()
    )
    assert "| `encoding` | delimited, json, fixed, records, key_value: such as" in generate.PARTS["option keys"]()


def test_a_feed_may_name_it_where_nothing_marks_it(warehouse: Warehouse) -> None:
    of = warehouse.feed('format = "key_value"')
    unmarked = paragraphs(order("SO-1", "1", "5"), mark=b"")
    assert warehouse.run(unmarked, of).report.verdict is Verdict.ACCEPTED
    assert warehouse.run(book(HEADER.split(","), ["SO-2", 1, "AB", 5]), of).report.refused == (
        "the file is a workbook, and the feed reads key_value only"
    )
    with pytest.raises(
        Misconfigured,
        match="format: input should be 'delimited', 'workbook', 'json', 'fixed', 'records', 'x12', 'edifact' or 'key_value'",
    ):
        warehouse.feed('format = "key_valu"')


def test_what_it_refuses_is_said(warehouse: Warehouse) -> None:
    assert (
        str(warehouse.run(MARK + b"nothing").report.refused)
        == "no column of the file is known: the first row reads nothing"
    )


def test_options_of_several_formats_are_the_same_option() -> None:
    """The keys of all formats are one table of a feed."""
    fields: dict[str, object] = {}
    for each in FORMATS.values():
        for name, field in each.options.model_fields.items():
            meant = (field.annotation, field.description, field.default, str(field.metadata))
            assert fields.setdefault(name, meant) == meant, (each.name, name)
    assert set(formats.options().model_fields) == set(fields)


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_a_format_has_every_trait(name: str) -> None:
    """What a new one needs: those that have no default must be declared, the methods as `Format` has them."""
    each = FORMATS[name]
    assert each.name == name
    assert each.medium
    assert issubclass(each.options, formats.format.Options)
    for key, field in each.options.model_fields.items():
        assert field.description, key
        assert not field.is_required(), key


def literals(path: Path) -> list[tuple[int, str]]:
    """The string literals of a module, its docstrings left out, with their lines."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return [
        (node.lineno, node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose
    ]


def test_nothing_outside_knows_a_format_by_its_name() -> None:
    places = {}
    for path in sorted(SOURCE.rglob("*.py")):
        name = path.relative_to(SOURCE).as_posix()
        if not name.startswith("formats/"):
            lines = [line for line, text in literals(path) if text in FORMATS]
            places |= {name: lines} if lines else {}
    assert set(places) == set(NAMED), places
