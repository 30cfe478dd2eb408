"""What a stranger's review found, kept so that it stays mended; each test says what must be true."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crossdock import partners
from crossdock.model import Verdict
from crossdock.partners import Misconfigured
from tests.helpers import HEADER, Bench, csv

LINES = [
    {"customerLineNumber": "1", "skuId": "AB", "quantity": 5},
    {"customerLineNumber": "2", "skuId": "AC", "quantity": 3},
]


def order(number: str = "SO-1", **more: object) -> dict[str, object]:
    return {"customerOrderNumber": number, "orderLines": LINES, **more}


def test_a_nested_objects_action_is_the_documents(desk: Bench) -> None:
    desk.run(json.dumps([order()]), name="o.json")
    desk.run(json.dumps([order(action="cancel")]), name="o.json")
    assert desk.rows("SELECT state FROM sales_orders") == [("CANCELLED",)]
    desk.run(json.dumps([order("SO-2", action="insert")]), name="o.json")
    assert desk.run(csv("SO-3,1,AB,5,insert", "SO-3,2,AB,5,", header=f"{HEADER},action")).report.documents.inserted == 1


def test_a_line_left_out_goes_in_when_it_is_mended(desk: Bench) -> None:
    desk.load("sku", "AB,BU1,Y")
    of = desk.feed('hold = "line"\nreferences = { sku = "fail" }')
    content = csv("SO-1,1,AB,5", "SO-1,2,AC,3")
    assert desk.run(content, of).failed == {"SO-1": "taken without line 2"}
    desk.load("sku", "AC,BU1,Y")
    assert desk.run(content, of).report.lines.inserted == 1


def test_a_failing_line_without_a_number_cancels_nothing(desk: Bench) -> None:
    of = desk.feed('hold = "line"')
    header = "customerOrderNumber,skuId,quantity"
    desk.run(csv("SO-1,AB,5", "SO-1,AC,3", header=header), of)
    desk.run(csv("SO-1,AB,5", "SO-1,AC,x", header=header), of)
    assert desk.lines() == {"1": ("AB", 5.0, "OPEN"), "2": ("AC", 3.0, "OPEN")}


def test_a_faulty_object_is_held_whole_even_where_lines_are(desk: Bench) -> None:
    twice = json.dumps([order(notes="a")]).replace('"quantity": 3', '"quantity": 3, "quantity": 7')
    result = desk.run(twice, desk.feed('hold = "line"'), name="o.json")
    assert (result.report.verdict, desk.stored()) == (Verdict.REJECTED, ([], []))


@pytest.mark.parametrize(
    "more",
    [{"order_lines": LINES}, {"notes": ["a"]}, {"shipTo.name": "one", "shipTo": {"name": "two"}}],
)
def test_json_that_could_mean_two_things_fails(desk: Bench, more: dict[str, object]) -> None:
    result = desk.run(json.dumps([order(**more)]), name="o.json")
    assert [code for _, _, code in result.errors] == ["bad_json"]


def test_a_group_of_thousands_does_not_begin_with_zero(desk: Bench) -> None:
    result = desk.run(
        csv("SO-1;1;AB;0.500", header=HEADER.replace(",", ";")), desk.feed('decimal = ","\nthousands = "."')
    )
    assert [code for _, _, code in result.errors] == ["not_a_number"]


def test_a_blank_key_inherits_the_number_not_the_business_unit(desk: Bench) -> None:
    header = f"businessUnitId,{HEADER}"
    desk.run(csv("BU1,SO-1,1,AB,5", "BU2,,2,AC,3", "BU1,,3,AD,1", header=header), desk.feed('blank_key = "above"'))
    found = desk.rows("SELECT business_unit_id, customer_line_number FROM sales_order_lines ORDER BY 1, 2")
    assert found == [("BU1", "1"), ("BU1", "3"), ("BU2", "2")]


def test_a_blank_key_may_end_the_file(desk: Bench) -> None:
    result = desk.run(csv("SO-1,1,AB,5", ",,,", ",9,ZZ,1", "SO-2,1,AB,1"), desk.feed('blank_key = "end"'))
    assert (result.report.books.loaded, result.report.books.ignored, result.report.books.blank) == (1, 2, 1)


def test_constants_and_defaults_are_written_as_the_feed_writes(desk: Bench) -> None:
    keys = (
        'decimal = ","\ndates = ["%d.%m.%Y"]\npad = { customerNumber = 10 }\n'
        'constants = { businessUnitId = "BU1", currency = "EUR", "shipTo.locationId" = "S1", customerNumber = "42",'
        ' orderDropDate = "05.01.2026", fulfillFlag = "Y", action = "insert" }\ndefaults = { unitPrice = "1,5" }\n'
    )
    whole = (
        f'id = "acme"\nzone = "UTC"\nbusiness_units = ["BU1"]\n[[feed]]\ndocument = "sales_order"\nfiles = "*"\n{keys}'
    )
    of = desk.feed(whole=whole)
    desk.run(csv("SO-1,1,AB,5", header=HEADER), of)
    assert desk.rows("SELECT customer_number, order_drop_date, fulfill_flag FROM sales_orders") == [
        ("0000000042", "2026-01-05", 1)
    ]
    assert "the action is insert" in desk.run(csv("SO-1,1,AB,6"), of).failed["SO-1"]


def test_replace_clears_whatever_the_feed_says(desk: Bench) -> None:
    header = f"{HEADER},notes,header.action"
    desk.run(csv("SO-1,1,AB,5,hello,", header=header))
    desk.run(csv("SO-1,1,AB,5,,replace", header=header), desk.feed('sends = "changes"'))
    assert desk.rows("SELECT notes FROM sales_orders") == [(None,)]


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ('optional = ["skuId"]', "skuId can't be optional"),
        ('optional = ["businessUnitId"]', "businessUnitId can't be optional"),
        ('thousands = "."', "thousands and decimal are both '.'"),
        ('agree = { orderAmount = "latest" }', "orderAmount is no date"),
        ('dates = ["%d.%m.%Y %z"]', "%z is not possible"),
        ('dates = ["dd.mm.yyyy"]', "needs a day, a month and a year"),
        ('options = { delimiter = "§" }', "delimiter: this is not how it is written"),
        ('[feed.columns]\n"Bem" = "line.notes"\n"BEM" = "header.notes"', "are the same column"),
    ],
)
def test_more_mistakes_of_a_toml_are_told(desk: Bench, keys: str, said: str) -> None:
    with pytest.raises(Misconfigured, match=r"acme\.toml") as error:
        desk.feed(keys)
    assert said in str(error.value)


def test_a_toml_in_another_encoding_or_with_a_folder_as_zone_is_named(tmp_path: Path) -> None:
    for content in ('id = "ä"'.encode("cp1252"), b'id = "a"\nzone = "Europe"\nbusiness_units = ["B"]\n'):
        (tmp_path / "a.toml").write_bytes(content)
        with pytest.raises(Misconfigured, match=r"a\.toml"):
            partners.load(tmp_path, "UTC")


@pytest.mark.parametrize("value", ["A\tB", '"A\nB"', "1E+11", "1.5e3", "12E+10"])
def test_an_id_holds_no_break_and_is_never_scientific(desk: Bench, value: str) -> None:
    result = desk.run(csv(f"SO-1,1,{value},5"))
    assert result.report.verdict is Verdict.REJECTED
    assert {code for _, _, code in result.errors} <= {"control_character", "scientific_id"}


@pytest.mark.parametrize(
    "value",
    [
        "2026-01-05T10:00+25:00",
        "2026-01-05T10:00+05:99",
        "0001-01-01",
        "9999-12-31T23:59:59-05:00",
        "2026-01-05T10:00:00.1234567",
    ],
)
def test_moments_out_of_any_range_fail(desk: Bench, value: str) -> None:
    result = desk.run(csv(f"SO-1,1,AB,5,{value}", header=f"{HEADER},orderCreatedDate"))
    assert [code for _, _, code in result.errors] == ["not_a_date"]


def test_a_positional_file_without_a_column_leaves_what_is_stored(desk: Bench) -> None:
    desk.run(csv("SO-1,AB,5,KG", header="customerOrderNumber,skuId,quantity,quantityMeasure"))
    again = desk.run(csv("SO-1,AB,5", header="customerOrderNumber,skuId,quantity"))
    assert again.report.documents.unchanged == 1
    assert desk.rows("SELECT quantity_measure FROM sales_order_lines") == [("KG",)]


def test_a_new_document_of_cancelled_lines_has_no_lines(desk: Bench) -> None:
    result = desk.run(csv("SO-9,1,AB,5,cancel", header=f"{HEADER},line.action"))
    assert [code for _, _, code in result.errors] == ["no_lines"]


def test_the_latest_of_repeated_times_is_later_in_time_not_in_text(desk: Bench) -> None:
    header = f"{HEADER},orderCreatedDate"
    rows = ("SO-1,1,AB,5,2026-01-06T01:00+00:00", "SO-1,2,AB,5,2026-01-05T23:00-05:00")
    desk.run(csv(*rows, header=header), desk.feed('agree = { orderCreatedDate = "latest" }'))
    assert desk.rows("SELECT order_created_date FROM sales_orders") == [("2026-01-06T04:00:00.000000Z",)]


def test_leading_zeros_count_more_than_spelling(desk: Bench) -> None:
    desk.run(csv("a,1,AB,5"))
    result = desk.run(csv("0A,1,AB,5", "A,1,AB,5"))
    assert [code for _, _, code in result.errors] == ["similar_key"]
    assert "which stands earlier in this file" in result.failed["A"]


def test_a_tiny_fraction_of_a_piece_is_a_fraction(desk: Bench) -> None:
    assert [code for _, _, code in desk.run(csv("SO-1,1,AB,100000000000.000001")).errors] == ["broken_unit"]


def test_reopening_with_the_same_content(desk: Bench) -> None:
    of = desk.feed("reopen = true")
    content = csv("SO-1,1,AB,5", "SO-2,1,AB,5")
    desk.run(content, of)
    desk.run(csv("SO-1,cancel", header="customerOrderNumber,action"), of)
    assert desk.run(content, of).report.documents.updated == 1
    assert desk.lines() == {"1": ("AB", 5.0, "OPEN")}


@pytest.mark.parametrize("content", ["sep=§\na§b\n", 'sep="\n'])
def test_a_delimiter_that_cannot_be_is_not_taken(desk: Bench, content: str) -> None:
    assert desk.run(content).report.verdict is Verdict.REJECTED


@pytest.mark.parametrize("encoding", ["rot13", "hex", "undefined", "nonsense"])
def test_an_encoding_that_is_none_is_a_mistake_of_the_toml(desk: Bench, encoding: str) -> None:
    with pytest.raises(Misconfigured, match=f"'{encoding}' is not an encoding"):
        desk.feed(f'options = {{ encoding = "{encoding}" }}')


def test_utf_16_that_is_named_needs_no_bom(desk: Bench) -> None:
    result = desk.run(csv("SO-1,1,AB,5").encode("utf-16-le"), desk.feed('options = { encoding = "utf-16" }'))
    assert result.report.documents.inserted == 1
    plain = desk.run(csv("SO-1,1,AB,5"), desk.feed('options = { encoding = "utf-16" }'))
    assert plain.report.refused == "the file can't be read: it is not utf-16"


def test_digits_of_other_scripts_are_no_digits(desk: Bench) -> None:
    result = desk.run(csv("SO-1,²,AB,5,²²²²²²²²", header=f"{HEADER},upc"))
    assert [code for _, _, code in result.errors] == ["not_a_gtin"]
    desk.run(csv("SO-2,²,AB,5"))
    desk.run(csv("SO-2,AB,5", "SO-2,AC,5", header="customerOrderNumber,skuId,quantity"))
    assert set(desk.lines("SO-2")) == {"²", "1"}


def test_a_cancel_is_not_checked_beyond_its_key(desk: Bench) -> None:
    header = f"{HEADER},header.action,orderCreatedDate"
    desk.run(csv("SO-1,1,AB,5", "SO-2,1,AB,5", "SO-2,2,AC,5"))
    result = desk.run(csv("SO-1,1,AB,x,cancel,junk", "SO-1,1,,-1,cancel,", header=header))
    assert (result.report.verdict, result.report.documents.cancelled) == (Verdict.ACCEPTED, 1)
    line = desk.run(csv("SO-2,1,AB,5,", "SO-2,2,AC,x,cancel", header=f"{HEADER},line.action"))
    assert (line.report.verdict, line.report.lines.cancelled) == (Verdict.ACCEPTED, 1)


@pytest.mark.parametrize("keys", ['hold = "file"', 'refuse_above = "1 %"'])
def test_a_look_ahead_sees_what_the_drop_itself_creates(desk: Bench, keys: str) -> None:
    body = json.dumps([order(), {"customerOrderNumber": "SO-1", "action": "update", "notes": "x"}])
    assert desk.check(body, desk.feed(keys), name="o.json")["status"] == "COMPLETED"
    assert desk.run(body, desk.feed(keys), name="o.json").report.verdict is Verdict.ACCEPTED


def test_a_check_of_create_change_cancel_says_what_the_import_says(bench: Bench) -> None:
    body = [
        order(),
        {"customerOrderNumber": "SO-1", "action": "update", "notes": "x"},
        {"customerOrderNumber": "SO-1", "action": "cancel"},
    ]
    checked = bench.check(json.dumps(body), name="o.json")
    result = bench.run(json.dumps(body), name="o.json")
    assert checked == result.ack | {"jobId": "", "counts": result.report.documents, "lines": result.report.lines}
    assert checked["status"] == "COMPLETED"


def test_a_cancelled_document_sent_again_with_a_blank_column_more_is_unchanged(desk: Bench) -> None:
    desk.run(csv("SO-1,1,AB,5"))
    desk.run(csv("SO-1,cancel", header="customerOrderNumber,action"))
    result = desk.run(csv("SO-1,1,AB,5,", header=f"{HEADER},giftMessage"))
    assert (result.report.verdict, result.report.documents.unchanged) == (Verdict.ACCEPTED, 1)


def test_the_senders_job_is_no_content(desk: Bench) -> None:
    header = f"{HEADER},jobId,header.action"
    desk.run(csv("SO-1,1,AB,5,P-1,insert", header=header))
    assert desk.run(csv("SO-1,1,AB,5,P-2,insert", header=header)).report.documents.unchanged == 1


def test_cancelled_lines_are_counted_against_all_lines_of_the_drop(desk: Bench) -> None:
    rows = [f"SO-{number},{line},AB,5" for number in range(20) for line in (1, 2)]
    desk.run(csv(*rows))
    result = desk.run(csv(*rows[1:]), desk.feed('refuse_above = "20 %"'))
    assert (result.report.refused, result.report.lines.cancelled) == (None, 1)


def test_header_values_that_are_equal_agree(desk: Bench) -> None:
    header = f"{HEADER},orderCreatedDate,header.action"
    result = desk.run(csv("SO-1,1,AB,5,2026-01-05,Upsert", "SO-1,2,AB,5,2026-01-05T00:00,UPSERT", header=header))
    assert result.report.verdict is Verdict.ACCEPTED


def test_a_warning_made_an_error_holds_the_document(desk: Bench) -> None:
    desk.run(csv("SO-1,1,AB,5", "SO-1,2,AC,3"))
    result = desk.run(csv("SO-1,1,AB,5"), desk.feed('severity = { line_cancelled = "error" }'))
    assert result.report.verdict is Verdict.REJECTED
    assert desk.lines()["2"][2] == "OPEN"


def test_gtins_are_compared_as_14_digits_and_glns_are_checked(desk: Bench) -> None:
    header = f"{HEADER},upc,customerNumber"
    desk.run(csv("SO-1,1,AB,5,036000291452,4012345000009", header=header))
    again = desk.run(csv("SO-1,1,AB,5,0036000291452,4012345000009", header=header))
    assert (again.report.documents.unchanged, again.warnings) == (1, [])
    assert desk.run(csv("SO-2,1,AB,5,,4012345000001", header=header)).warnings == ["wrong_check_digit"]


def test_describe_tells_the_rules_in_words() -> None:
    from crossdock.documents import DOCUMENTS

    for rule in DOCUMENTS["sales_order"].rules:
        assert rule.__doc__, rule


def test_rows_of_totals_are_no_orders(desk: Bench) -> None:
    result = desk.run(csv("SO-1,1,AB,5", "Total,,,5", "TOTAL,1,AB,5"))
    assert (result.report.books.ignored, result.report.documents.inserted) == (1, 2)


def test_what_a_blank_key_means_does_not_depend_on_blocks(desk: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    from crossdock.formats import text

    monkeypatch.setattr(text, "CHUNK", 12)
    desk.run(csv("SO-1,1,AB,5", "SO-2,1,AB,5", ",2,AC,3"), desk.feed('blank_key = "above"'))
    assert set(desk.lines("SO-2")) == {"1", "2"}
    ended = desk.run(csv("SO-3,1,AB,5", ",1,AB,5", "SO-4,1,AC,3", "SO-5,1,AC,3"), desk.feed('blank_key = "end"'))
    assert (ended.report.books.loaded, ended.report.books.ignored) == (1, 3)


def test_a_column_that_the_feed_reads_and_the_file_lacks_is_named(desk: Bench) -> None:
    keys = '[feed.columns]\n"Qty" = "quantity"\n'
    desk.run(csv("SO-1,1,AB,5", header="customerOrderNumber,customerLineNumber,skuId,Qty"), desk.feed(keys))
    again = desk.run(csv("SO-1,1,AB,9", header="customerOrderNumber,customerLineNumber,skuId,Pieces"), desk.feed(keys))
    assert sorted(again.warnings) == ["lacking_column", "unknown_column"]
    assert "the file has no column 'Qty', which the feed reads as quantity" in again.text


@pytest.mark.parametrize("bad", ["SO-1,,AC,3", "SO-1,1,AC,3", "SO-1,2"])
def test_nothing_is_cancelled_where_a_failing_line_cannot_be_told(desk: Bench, bad: str) -> None:
    of = desk.feed('hold = "line"')
    desk.run(csv("SO-1,1,AB,5", "SO-1,2,AC,3"), of)
    result = desk.run(csv("SO-1,1,AB,5", bad), of)
    assert {line[2] for line in desk.lines().values()} == {"OPEN"}
    assert (result.warnings, result.report.lines.cancelled) == ([], 0)


def test_a_shortened_document_sent_again_changes_nothing(desk: Bench) -> None:
    of = desk.feed('hold = "line"')
    content = csv("SO-1,1,AB,5", "SO-1,2,AC,x")
    desk.run(content, of)
    assert desk.run(content, of).report.documents.unchanged == 1
    assert desk.rows("SELECT revision FROM sales_orders") == [(1,)]


def test_a_constants_failure_shows_the_constant(desk: Bench) -> None:
    whole = 'id = "acme"\nzone = "UTC"\nbusiness_units = ["BU1"]\n[[feed]]\ndocument = "sales_order"\nfiles = "*"\n'
    of = desk.feed(
        whole=whole + 'constants = { businessUnitId = "BU1", currency = "EURO", "shipTo.locationId" = "S" }\n'
    )
    assert "currency 'EURO' is not an ISO 4217 currency" in desk.run(csv("SO-1,1,AB,5"), of).text


def test_a_batch_of_json_that_met_fewer_columns_means_the_same(desk: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    from crossdock.formats import json_

    body = [order(notes="x"), order("SO-2"), {"customerOrderNumber": "SO-3", "action": "update", "notes": "y"}]
    desk.run(json.dumps([order(notes="old"), order("SO-2", notes="old"), order("SO-3")]), name="o.json")
    monkeypatch.setattr(json_, "RECORDS", 1)
    result = desk.run(json.dumps(body), name="o.json", batch_bytes=1)
    assert result.report.verdict is Verdict.ACCEPTED
    notes = desk.rows("SELECT customer_order_number, notes FROM sales_orders ORDER BY 1")
    assert notes == [("SO-1", "x"), ("SO-2", None), ("SO-3", "y")]
