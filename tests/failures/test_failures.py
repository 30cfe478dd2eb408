"""Every code of the catalogue, met: the smallest drop that gives it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.errors import Outage
from crossdock.failures.catalogue import CODES, HOLDS
from crossdock.failures.failures import COLUMNS, Failures
from crossdock.failures.refusals import REFUSALS, Refused
from crossdock.failures.sentences import sentence
from crossdock.pipeline.staging import plan
from crossdock.workers.by_path import import_file
from crossdock.workers.work import nobody
from tests import sampled
from tests.warehouse import HEADER, Warehouse, csv, drop_of

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
    "means_nothing": ("giftMessage", "null", ""),
    "look_alike": ("shipTo.locationId", "A–1", ""),
    "scientific_text": ("shipTo.phoneNumber", "4.91761E+11", ""),
    "like_a_date": ("shipTo.locationId", "05-Jan", ""),
}
WHOLE = 'id = "acme"\nzone = "UTC"\nbusiness_units = ["BU1"]\n[[feed]]\ndocument = "sales_order"\nfiles = "*"\n'


@pytest.mark.parametrize("code", MET)
def test_each_code_is_met_by_one_cell(warehouse: Warehouse, code: str) -> None:
    column, value, keys = MET[code]
    of = warehouse.feed(whole=WHOLE + keys) if keys else warehouse.feed()
    result = warehouse.run(csv(f"{ONE},{value}", header=f"{HEADER},{column}"), of)
    assert code in [each["code"] for each in result.failures], result.text


@pytest.mark.parametrize(
    ("code", "content", "sentence"),
    [
        ("empty_file", b"", "the file is empty"),
        ("damaged_workbook", b"PK\x03\x04", "is damaged or cut off and can't be opened"),
        ("unreadable", b"%PDF-1.7", "it is a PDF"),
        ("bad_json_file", b"[1,", "the file is not valid JSON"),
        ("no_header", b"a,b\n1,2\n", "no column of the file is known"),
        ("headings_in_one", b'"skuId,quantity"\n"1,2"\n', "the headings stand in one cell, skuId,quantity"),
        ("header_twice", b"skuId,sku-id\n1,2\n", "are both"),
        ("no_key_column", b"skuId,quantity\n1,2\n", "no column for customerOrderNumber"),
    ],
)
def test_each_refusal_is_met(warehouse: Warehouse, code: str, content: bytes, sentence: str) -> None:
    result = warehouse.run(content)
    assert result.report.refused is not None
    assert sentence in result.report.refused, code


def test_a_number_without_a_column_is_named_in_the_partner_s_word(warehouse: Warehouse) -> None:
    feed = warehouse.feed('columns = { "Order No" = "customerOrderNumber" }')
    refused = warehouse.run(b"skuId,quantity\n1,2\n", feed).report.refused
    assert refused == "the file has no column for customerOrderNumber ('Order No' in the feed)"


def test_what_is_no_file_is_refused(
    warehouse: Warehouse, refused: Callable[[str], AbstractContextManager[None]]
) -> None:
    with refused("not_a_file"):
        drop_of(warehouse.home, warehouse.feed())


def test_a_file_that_changes_while_it_is_read_is_refused(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = plan.formats.reader

    def growing(path: Path, *args: object) -> object:
        opened = reader(path, *args)  # type: ignore[arg-type]
        with path.open("a") as file:
            file.write("SO-2,1,AB,5\n")
        return opened

    monkeypatch.setattr(plan.formats, "reader", growing)
    assert warehouse.run(csv(ONE)).report.refused == REFUSALS["changed_while_reading"]


def test_a_document_larger_than_memory_is_refused(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """The code document_too_large."""
    monkeypatch.setattr(plan, "MAX_DOCUMENT", 3)
    result = warehouse.run(csv(*(f"SO-1,{line},AB,5" for line in range(4))))
    assert result.report.refused == "the document has 4 records, more than the 3 that one document may have"


def test_a_file_that_two_feeds_claim_is_refused(
    warehouse: Warehouse, refused: Callable[[str], AbstractContextManager[None]]
) -> None:
    warehouse.partner("beta")
    with refused("several_feeds"):
        warehouse.site.partners.claim("orders_1.csv")
    again = '[[feed]]\ndocument = "asn"\nfiles = "orders*"\n'
    warehouse.partner(after=again)
    warehouse.drop("orders_1.csv")
    (report,) = warehouse.reports()
    feeds = "acme/sales_order claims orders*; acme/asn claims orders*"
    assert report.refused == REFUSALS["several_feeds"].format(name="orders_1.csv", feeds=feeds)


def test_a_feed_of_two_that_neither_claims_a_file_says_by_which_name_each_is_known(warehouse: Warehouse) -> None:
    """Both are called ``acme/sales_order``: who has chosen that on the page can only give the file another name."""
    warehouse.partner(after='[[feed]]\ndocument = "sales_order"\nfiles = "DE_*"\n')
    with pytest.raises(Refused) as refusal:
        warehouse.site.partners.named("acme/sales_order", "photo.csv")
    assert str(refusal.value).endswith("acme/sales_order claims orders*; acme/sales_order claims DE_*")
    assert warehouse.site.partners.named("acme/sales_order", "DE_7.csv").claims("DE_7.csv")


def test_a_file_whose_feed_is_gone_when_it_goes_on_is_refused(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = warehouse.file(csv(ONE), "whatever.csv")
    with monkeypatch.context() as patch:
        patch.setattr("crossdock.jobs.lifecycle.opened_by_its_batch", lambda *_: (_ for _ in ()).throw(Outage("gone")))
        with pytest.raises(Outage):
            import_file(warehouse.site, path, "acme/sales_order", nobody)
    toml = warehouse.home / "partners" / "acme.toml"
    toml.write_text(
        toml.read_text().replace('"sales_order"', '"purchase_order"').replace(', "shipTo.locationId" = "S1"', "")
    )
    warehouse.no_waiting()
    (report,) = warehouse.reports()
    assert str(report.refused).startswith("there is no feed acme/sales_order: acme/purchase_order claims orders*; ")


def test_an_encoding_that_python_lacks_is_refused(warehouse: Warehouse) -> None:
    """No TOML can name one (``Misconfigured``); a feed may still come from a machine that knows more of them."""
    of = warehouse.feed()
    options = of.keys.options.model_copy(update={"encoding": "x-unheard-of"})
    result = warehouse.run(csv(ONE), replace(of, keys=of.keys.model_copy(update={"options": options})))
    assert result.report.refused == "reading the encoding x-unheard-of is not possible yet"


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
    assert HOLDS["file_held"] in file.failed[""]


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


ONE_FAILURE = st.tuples(
    st.integers(1, 3),
    st.sampled_from(["", "quantity", "skuId"]),
    st.sampled_from(["missing", "negative", "far_date"]),
    st.sampled_from(["error", "warning"]),
    st.sampled_from([None, {"limit": 5}, {"limit": 6}]),
)


@given(st.lists(st.lists(ONE_FAILURE, max_size=6), max_size=4))
def test_what_is_merged_is_what_one_failure_after_the_other_leaves(steps: list[list[Any]]) -> None:
    parts = [
        Failures.merge(*(Failures.of([line], field, code, severity, "cell", detail)
                         for line, field, code, severity, detail in step))
        for step in steps
    ]  # fmt: skip
    cells, kept = set[Any](), []
    sent = [each for part in parts for each in zip(*(part.rows[name] for name in COLUMNS), strict=True)]
    for line, field, code, severity, _, detail in sorted(sent, key=lambda each: each[3] == "warning"):
        cell = (line, field) if field else (line, field, code, detail)
        if cell not in cells:
            kept.append((line, field, code, severity, detail))
        cells.add(cell)
    merged = Failures.merge(*parts).rows
    assert list(
        zip(*(merged[name] for name in ("line", "field", "code", "severity", "detail")), strict=True)
    ) == sorted(kept, key=lambda each: each[:3])


@pytest.mark.parametrize("code", sorted(CODES))
def test_every_sentence_names_the_column_and_the_value_where_it_speaks_of_a_cell(code: str) -> None:
    names = set(CODES[code].sentence.replace("}", "{").split("{")[1::2]) - {"column", "value"}
    text = sentence(code, "Qty", "x", dict.fromkeys(names, "…"))
    assert "{" not in text
    if "{column} {value}" in CODES[code].sentence:
        assert text.startswith("Qty 'x' ")


def test_a_refusal_is_known_by_its_sentence() -> None:
    """As ``sampled`` counts the codes that imports bring."""
    for code, text in REFUSALS.items():
        names = set(text.replace("}", "{").split("{")[1::2])
        assert sampled.refusal(text.format(**dict.fromkeys(names, "a (b)"))) == code
