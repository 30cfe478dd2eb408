"""Every code of the catalogue, met: the smallest drop that gives it."""

from __future__ import annotations

from pathlib import Path

import pytest

from crossdock import batches, partners
from crossdock.failures import CODES, HOLDS, Failures, Refused, sentence
from crossdock.receive import receive
from tests.warehouse import HEADER, Warehouse, csv

ONE = "SO-1,1,AB,5"
MET = {
    "no_currency": ("unitPrice", "1", 'constants = { businessUnitId = "BU1", "shipTo.locationId" = "S1" }'),
    "not_allowed": ("header.action", "destroy", ""),
    "not_midnight": ("orderDropDate", "2026-11-20T08:00", ""),
    "not_whole": ("lineCount", "1.5", ""),
    "past_date": ("customerDates.cancelAfter", "2026-11-01", ""),
    "total_quantity_differs": ("header.totalQuantity", "6", ""),
    "line_count_differs": ("header.lineCount", "2", ""),
    "control_character": ("notes", "a\x01b", ""),
    "negative": ("orderAmount", "-1", ""),
    "far_date": ("orderCreatedDate", "2016-01-01", ""),
    "too_long": ("giftMessage", "x" * 256, ""),
}
WHOLE = 'id = "acme"\nzone = "UTC"\nbusiness_units = ["BU1"]\n[[feed]]\ndocument = "sales_order"\nfiles = "*"\n'


@pytest.mark.parametrize("code", MET)
def test_each_code_is_met_by_one_cell(warehouse: Warehouse, code: str) -> None:
    column, value, keys = MET[code]
    of = warehouse.feed(whole=WHOLE + keys) if keys else warehouse.feed()
    result = warehouse.run(csv(f"{ONE},{value}", header=f"{HEADER},{column}"), of)
    assert code in [each["code"] for each in result.failures], result.text


@pytest.mark.parametrize(
    ("code", "content", "said"),
    [
        ("empty_file", b"", "the file is empty"),
        ("damaged_workbook", b"PK\x03\x04", "is damaged or cut off and can't be opened"),
        ("unreadable", b"%PDF-1.7", "it is a PDF"),
        ("undecodable", b"customerOrderNumber\nSO-\x81\n", "byte 0x81 at line 2"),
        ("bad_json_file", b"[1,", "the file is not valid JSON"),
        ("no_header", b"a,b\n1,2\n", "no column of the file is known"),
        ("header_twice", b"skuId,sku-id\n1,2\n", "are both"),
        ("no_key_column", b"skuId,quantity\n1,2\n", "no column for customerOrderNumber"),
    ],
)
def test_each_refusal_is_met(warehouse: Warehouse, code: str, content: bytes, said: str) -> None:
    result = warehouse.run(content)
    assert result.report.refused is not None
    assert said in result.report.refused, code


def test_a_file_that_is_none_or_changes_is_refused(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """The codes not_a_file and changed_while_reading."""
    with pytest.raises(Refused) as error:
        receive(warehouse.home, warehouse.feed())
    assert error.value.code == "not_a_file"
    path = warehouse.file(csv(ONE), "orders.csv")
    drop = receive(path, warehouse.feed())
    reader = batches.formats.reader

    def growing(*given: object) -> object:
        opened = reader(*given)  # type: ignore[arg-type]
        with path.open("a") as file:
            file.write("SO-2,1,AB,5\n")
        return opened

    monkeypatch.setattr(batches.formats, "reader", growing)
    with pytest.raises(Refused) as error:
        batches.plan(drop)
    assert error.value.code == "changed_while_reading"


def test_a_document_larger_than_memory_is_refused(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """The code document_too_large."""
    monkeypatch.setattr(batches, "MAX_DOCUMENT", 3)
    result = warehouse.run(csv(*(f"SO-1,{line},AB,5" for line in range(4))))
    assert result.report.refused == "the document has 4 records, more than the 3 that one document may have"


def test_a_file_that_two_feeds_claim_is_refused(tmp_path: Path) -> None:
    """The code several_feeds."""
    (tmp_path / "acme.toml").write_text(WHOLE)
    (tmp_path / "beta.toml").write_text(WHOLE.replace("acme", "beta"))
    with pytest.raises(Refused) as error:
        partners.load(tmp_path, "UTC").claim("orders.csv")
    assert error.value.code == "several_feeds"


def test_an_insert_of_other_content_is_a_failure(warehouse: Warehouse) -> None:
    warehouse.run(csv(ONE))
    result = warehouse.run(csv("SO-1,1,AB,6,insert", header=f"{HEADER},header.action"))
    assert [each["code"] for each in result.failures] == ["already_exists"]


def test_holds_say_what_is_to_blame(warehouse: Warehouse) -> None:
    torn = warehouse.run(csv(ONE, ",2", "SO-3,1,AB,5"))
    assert HOLDS["beside_torn_line"].format(place="line 3") in torn.failed["SO-1"]
    quoted = warehouse.run(csv('SO-4,1,"AB,5', "SO-5,1,AB,5"))
    assert HOLDS["swallowed"].format(place="line 2") in quoted.failed["SO-5"]
    file = warehouse.run(csv("SO-6,1,AB,5", "SO-7,1,AB,x"), warehouse.feed('hold = "file"'))
    assert HOLDS["file_held"] in file.failed["SO-6"]


def test_the_earliest_step_wins_a_cell_and_order_is_total(warehouse: Warehouse) -> None:
    of = warehouse.feed()
    late = of.failures([7, 3], "quantity", "missing")
    early = of.failures([3], "quantity", "not_a_number")
    whole = of.failures([3, 3], "", "no_lines")
    merged = Failures.merge(early, late, whole)
    assert list(zip(merged.lines, merged.rows["code"], strict=True)) == [
        (3, "no_lines"),
        (3, "not_a_number"),
        (7, "missing"),
    ]


@pytest.mark.parametrize("code", sorted(CODES))
def test_every_sentence_names_the_column_and_the_value_where_it_speaks_of_a_cell(code: str) -> None:
    names = set(CODES[code].sentence.replace("}", "{").split("{")[1::2]) - {"column", "value"}
    said = sentence(code, "Qty", "x", dict.fromkeys(names, "…"))
    assert "{" not in said
    if "{column} {value}" in CODES[code].sentence:
        assert said.startswith("Qty 'x' ")
