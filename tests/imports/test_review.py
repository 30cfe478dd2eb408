"""What a stranger's review found, kept so that it stays repaired; each test says what must be true."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crossdock import bundled
from crossdock.model.status import Verdict
from crossdock.partners import registry
from crossdock.partners.registry import Misconfigured
from tests.warehouse import HEADER, Warehouse, csv, house

LINES = [
    {"customerLineNumber": "1", "skuId": "AB", "quantity": 5},
    {"customerLineNumber": "2", "skuId": "AC", "quantity": 3},
]


def order(number: str = "SO-1", **more: object) -> dict[str, object]:
    return {"customerOrderNumber": number, "orderLines": LINES, **more}


def test_a_nested_objects_action_is_the_documents(warehouse: Warehouse) -> None:
    warehouse.run(json.dumps([order()]), name="o.json")
    warehouse.run(json.dumps([order(action="cancel")]), name="o.json")
    assert warehouse.rows("SELECT state FROM sales_orders") == [("CANCELLED",)]
    warehouse.run(json.dumps([order("SO-2", action="insert")]), name="o.json")
    assert (
        warehouse.run(csv("SO-3,1,AB,5,insert", "SO-3,2,AB,5,", header=f"{HEADER},action")).report.documents.inserted
        == 1
    )


def test_a_line_left_out_goes_in_when_it_is_corrected(warehouse: Warehouse) -> None:
    warehouse.load("sku", "AB,BU1,Y")
    of = warehouse.feed('hold = "line"\nreferences = { sku = "fail" }')
    content = csv("SO-1,1,AB,5", "SO-1,2,AC,3")
    assert warehouse.run(content, of).failed == {"SO-1": "taken without line 2"}
    warehouse.load("sku", "AC,BU1,Y")
    assert warehouse.run(content, of).report.lines.inserted == 1


def test_a_failing_line_without_a_number_cancels_nothing(warehouse: Warehouse) -> None:
    of = warehouse.feed('hold = "line"')
    header = "customerOrderNumber,skuId,quantity"
    warehouse.run(csv("SO-1,AB,5", "SO-1,AC,3", header=header), of)
    warehouse.run(csv("SO-1,AB,5", "SO-1,AC,x", header=header), of)
    assert warehouse.lines() == {"1": ("AB", 5.0, "OPEN"), "2": ("AC", 3.0, "OPEN")}


def test_a_faulty_object_is_held_whole_even_where_lines_are(warehouse: Warehouse) -> None:
    twice = json.dumps([order(notes="a")]).replace('"quantity": 3', '"quantity": 3, "quantity": 7')
    result = warehouse.run(twice, warehouse.feed('hold = "line"'), name="o.json")
    assert (result.report.verdict, warehouse.stored()) == (Verdict.REJECTED, ([], []))


@pytest.mark.parametrize(
    "more",
    [{"order_lines": LINES}, {"notes": ["a", "b"]}, {"shipTo.name": "one", "shipTo": {"name": "two"}}],
)
def test_json_that_could_mean_two_things_fails(warehouse: Warehouse, more: dict[str, object]) -> None:
    result = warehouse.run(json.dumps([order(**more)]), name="o.json")
    assert [code for _, _, code in result.errors] == ["bad_json"]


def test_a_group_of_thousands_does_not_begin_with_zero(warehouse: Warehouse) -> None:
    result = warehouse.run(
        csv("SO-1;1;AB;0.500", header=HEADER.replace(",", ";")), warehouse.feed('decimal = ","\nthousands = "."')
    )
    assert [code for _, _, code in result.errors] == ["not_a_number"]


def test_a_blank_key_inherits_the_number_not_the_business_unit(warehouse: Warehouse) -> None:
    header = f"businessUnitId,{HEADER}"
    warehouse.run(
        csv("BU1,SO-1,1,AB,5", "BU2,,2,AC,3", "BU1,,3,AD,1", header=header), warehouse.feed('blank_key = "above"')
    )
    stored = warehouse.rows("SELECT business_unit_id, customer_line_number FROM sales_order_lines ORDER BY 1, 2")
    assert stored == [("BU1", "1"), ("BU1", "3"), ("BU2", "2")]


@pytest.mark.parametrize("chunk", [12, 8 << 20], ids=["in pieces", "in one piece"])
def test_a_number_on_first_rows_only_holds_the_document_above(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    """``blank_key = "fail"``: it is never taken with its first row only (contract A1)."""
    from crossdock.formats import text

    monkeypatch.setattr(text, "CHUNK", chunk)
    rows = ("SO-1,1,AB,5", ",2,AC,3", ",3,AD,1", "SO-2,1,AB,1", "SO-3,1,AB,1", ",2,AC,9")
    result = warehouse.run(csv(*rows))
    messages = {each["customerOrderNumber"]: each["message"] for each in result.ack["failedOrders"]}
    assert messages["SO-1"] == "the row at line 3 below it has no number, and may be part of it; not taken"
    assert messages["SO-3"] == "the row at line 7 below it has no number, and may be part of it; not taken"
    assert [code for _, _, code in result.errors] == ["blank_key"] * 3
    assert warehouse.rows("SELECT customer_order_number FROM sales_orders") == [("SO-2",)]


def test_a_blank_key_may_end_the_file(warehouse: Warehouse) -> None:
    result = warehouse.run(csv("SO-1,1,AB,5", ",,,", ",9,ZZ,1", "SO-2,1,AB,1"), warehouse.feed('blank_key = "end"'))
    assert (result.report.books.loaded, result.report.books.ignored, result.report.books.blank) == (1, 2, 1)


def test_constants_and_defaults_are_written_as_the_feed_writes(warehouse: Warehouse) -> None:
    keys = (
        'decimal = ","\ndates = ["%d.%m.%Y"]\npad = { customerNumber = 10 }\n'
        'constants = { businessUnitId = "BU1", currency = "EUR", "shipTo.locationId" = "S1", customerNumber = "42",'
        ' orderDropDate = "05.01.2026", fulfillFlag = "Y", action = "insert" }\ndefaults = { unitPrice = "1,5" }\n'
    )
    whole = (
        f'id = "acme"\nzone = "UTC"\nbusiness_units = ["BU1"]\n[[feed]]\ndocument = "sales_order"\nfiles = "*"\n{keys}'
    )
    of = warehouse.feed(whole=whole)
    warehouse.run(csv("SO-1,1,AB,5", header=HEADER), of)
    assert warehouse.rows("SELECT customer_number, order_drop_date, fulfill_flag FROM sales_orders") == [
        ("0000000042", "2026-01-05", 1)
    ]
    assert "the action is insert" in warehouse.run(csv("SO-1,1,AB,6"), of).failed["SO-1"]


def test_replace_clears_whatever_the_feed_says(warehouse: Warehouse) -> None:
    header = f"{HEADER},notes,header.action"
    warehouse.run(csv("SO-1,1,AB,5,hello,", header=header))
    warehouse.run(csv("SO-1,1,AB,5,,replace", header=header), warehouse.feed('sends = "changes"'))
    assert warehouse.rows("SELECT notes FROM sales_orders") == [(None,)]


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ('optional = ["skuId"]', "skuId can't be optional"),
        ('optional = ["businessUnitId"]', "businessUnitId can't be optional"),
        ('thousands = "."', "thousands and decimal are both '.'"),
        ('agree = { orderAmount = "latest" }', "orderAmount is no date"),
        ('dates = ["%d.%m.%Y %Z"]', "%Z is not possible"),
        ('dates = ["dd.mm.yyyy"]', "needs a day, a month and a year"),
        ('dates = ["%d.%m"]', "needs a day, a month and a year"),
        ('options = { delimiter = "§" }', "delimiter: this is not how it is written"),
        ('[feed.columns]\n"Bem" = "line.notes"\n"BEM" = "header.notes"', "are the same column"),
    ],
)
def test_more_mistakes_of_a_toml_are_told(warehouse: Warehouse, keys: str, sentence: str) -> None:
    with pytest.raises(Misconfigured, match=r"acme\.toml") as error:
        warehouse.feed(keys)
    assert sentence in str(error.value)


def test_a_toml_in_another_encoding_or_with_a_folder_as_zone_is_named(tmp_path: Path) -> None:
    for content in ('id = "ä"'.encode("cp1252"), b'id = "a"\nzone = "Europe"\nbusiness_units = ["B"]\n'):
        (tmp_path / "a.toml").write_bytes(content)
        with pytest.raises(Misconfigured, match=r"a\.toml"):
            registry.load(tmp_path, "UTC")


@pytest.mark.parametrize("value", ["A\tB", '"A\nB"', "1E+11", "1.5e3", "12E+10"])
def test_an_id_holds_no_break_and_is_never_scientific(warehouse: Warehouse, value: str) -> None:
    result = warehouse.run(csv(f"SO-1,1,{value},5"))
    assert result.report.verdict is Verdict.REJECTED
    assert {code for _, _, code in result.errors} <= {"control_character", "scientific_id"}


@pytest.mark.parametrize(
    "value",
    [
        "2026-01-05T10:00+25:00",
        "2026-01-05T10:00+05:99",
        "2026-01-05T10:00:00.12345678901",
    ],
)
def test_moments_out_of_any_range_fail(warehouse: Warehouse, value: str) -> None:
    result = warehouse.run(csv(f"SO-1,1,AB,5,{value}", header=f"{HEADER},orderCreatedDate"))
    assert [code for _, _, code in result.errors] == ["not_a_date"]


def test_a_year_out_of_any_range_fails(warehouse: Warehouse) -> None:
    result = warehouse.run(csv("SO-1,1,AB,5,0001-01-02", header=f"{HEADER},orderCreatedDate"))
    assert [code for _, _, code in result.errors] == ["short_year"]


@pytest.mark.parametrize(
    ("upc", "says"),
    [
        ("0 36000 29145 2", "(should it be 036000291452?)"),
        ("UPC 5012345678900", "(should it be 5012345678900?)"),
        ("8712345678906.0", "(should it be 8712345678906?)"),
        ("0-306-40615-2", "(should it be 9780306406157?)"),
        ("4-006381-33393-2", "is not a GTIN of 8, 12, 13 or 14 digits On hold"),
        ("04252614", "(a UPC-E, which is 042100005264 in full)"),
    ],
)
def test_a_gtin_in_another_spelling_is_named(warehouse: Warehouse, upc: str, says: str) -> None:
    result = warehouse.run(csv(f"SO-1,1,AB,5,{upc}", header=f"{HEADER},upc"))
    assert says in " ".join(result.text.split())


def test_an_sscc_that_a_spreadsheet_has_rounded_is_called_so(warehouse: Warehouse) -> None:
    """It was asked for the check digit alone, of a number that has lost three digits."""
    content = "businessUnitId,asnNumber,lineNumber,skuId,quantity,cartonId\nBU1,A1,1,AB,1,340123450000012000\n"
    result = warehouse.run(content, house("asn"), name="asn.csv")
    text = " ".join(result.text.split())
    assert "should it be 340123450000012 with three more digits, of which a spreadsheet has made zeros?" in text


@pytest.mark.parametrize("mark", ['"', "〃", '-"-', "„"])
def test_a_mark_for_the_row_above_is_no_number_and_no_item(warehouse: Warehouse, mark: str) -> None:
    """It was an order of that number, and the order above it was stored without the line."""
    written = '"' + mark.replace('"', '""') + '"'
    result = warehouse.run(csv("SO-1,1,AB,5", f"{written},2,CD,6", "SO-2,1,AB,5", "SO-3,1,AB,5", f"SO-4,1,{written},5"))
    assert result.errors == [(3, "customerOrderNumber", "ditto_mark"), (6, "skuId", "ditto_mark")]
    assert warehouse.order_numbers() == ["SO-3"]  # SO-2 stands beside it, and SO-1 may lack it
    text = " ".join(result.text.split())
    assert "only stands for what is in the row above (write the value itself into each row)" in text


def test_a_text_with_such_a_mark_is_one(warehouse: Warehouse) -> None:
    result = warehouse.run(csv('SO-1,1,"5""",5', 'SO-1,2,"""A""",5', header=HEADER))
    assert result.errors == []


@pytest.mark.parametrize(
    "value",
    ["9999-12-31", "9999-12-31T23:59:59-05:00", "31.12.9999", "12/31/9999", "99991231", "0001-01-01T00:00:00Z"],
)
def test_the_first_and_the_last_day_that_programs_know_are_none(warehouse: Warehouse, value: str) -> None:
    """They were "not a date", with the advice to write them like 2026-12-31."""
    result = warehouse.run(csv(f"SO-1,1,AB,5,{value}", header=f"{HEADER},customerDates.cancelAfter"))
    assert [code for _, _, code in result.errors] == ["means_no_date"]
    text, setting = " ".join(result.text.split()), f'values."customerDates.cancelAfter"."{value}" = ""'
    assert "is what programs write where they have no date, or no end (leave it blank)" in text
    assert f"[or in the TOML: {setting}]" in text
    again = warehouse.run(
        csv(f"SO-1,1,AB,5,{value}", header=f"{HEADER},customerDates.cancelAfter"), warehouse.feed(setting)
    )
    assert again.report.verdict is Verdict.ACCEPTED


@pytest.mark.parametrize(
    ("sent", "code", "says"),
    [
        ("2026-W48", "no_day", "is a week, a month or a quarter, and no day"),
        ("2026-11-30 10:00 PST", "zone_by_name", "names its zone, and a name may have several offsets"),
        ("2026-11-30 10:00 Uhr", "not_a_date", "is not a date"),
        ("2026-11-31", "no_such_date", "(November has 30 days)"),
    ],
)
def test_what_is_wrong_with_a_date_is_said(warehouse: Warehouse, sent: str, code: str, says: str) -> None:
    result = warehouse.run(csv(f"SO-1,1,AB,5,{sent}", header=f"{HEADER},orderCreatedDate"))
    (failure,) = result.failures
    assert failure["code"] == code
    assert says in failure["message"]


def test_a_positional_file_without_a_column_leaves_what_is_stored(warehouse: Warehouse) -> None:
    warehouse.run(csv("SO-1,AB,5,KG", header="customerOrderNumber,skuId,quantity,quantityMeasure"))
    again = warehouse.run(csv("SO-1,AB,5", header="customerOrderNumber,skuId,quantity"))
    assert again.report.documents.unchanged == 1
    assert warehouse.rows("SELECT quantity_measure FROM sales_order_lines") == [("KG",)]


def test_a_new_document_of_cancelled_lines_has_no_lines(warehouse: Warehouse) -> None:
    result = warehouse.run(csv("SO-9,1,AB,5,cancel", header=f"{HEADER},line.action"))
    assert [code for _, _, code in result.errors] == ["no_lines"]


def test_the_latest_of_repeated_times_is_later_in_time_not_in_text(warehouse: Warehouse) -> None:
    header = f"{HEADER},orderCreatedDate"
    rows = ("SO-1,1,AB,5,2026-01-06T01:00+00:00", "SO-1,2,AB,5,2026-01-05T23:00-05:00")
    warehouse.run(csv(*rows, header=header), warehouse.feed('agree = { orderCreatedDate = "latest" }'))
    assert warehouse.rows("SELECT order_created_date FROM sales_orders") == [("2026-01-06T04:00:00.000000Z",)]


def test_leading_zeros_count_more_than_spelling(warehouse: Warehouse) -> None:
    warehouse.run(csv("a,1,AB,5"))
    result = warehouse.run(csv("0A,1,AB,5", "A,1,AB,5"))
    assert [code for _, _, code in result.errors] == ["similar_key"]
    assert "which stands earlier in this file" in result.failed["A"]


def test_a_tiny_fraction_of_a_piece_is_a_fraction(warehouse: Warehouse) -> None:
    assert [code for _, _, code in warehouse.run(csv("SO-1,1,AB,100000000000.000001")).errors] == ["broken_unit"]


def test_an_order_that_was_cancelled_before_it_was_taken_gets_the_constants_when_it_is_reopened(
    warehouse: Warehouse,
) -> None:
    """Where blank cells keep what is stored, the feed's constants were kept out of what has nothing stored."""
    of = warehouse.feed('reopen = true\nsends = "changes"')
    header = f"{HEADER},header.action"
    warehouse.run(csv("SO-1,1,AB,x,", header=header), of)
    cancelled = warehouse.run(csv("SO-1,,,,cancel", header=header), of)
    assert cancelled.report.verdict is Verdict.ACCEPTED
    again = warehouse.run(csv("SO-1,1,AB,5,", header=header), of)
    assert again.errors == [], again.text
    assert warehouse.rows("SELECT state, ship_to_location_id, currency FROM sales_orders") == [("OPEN", "S1", "EUR")]


def test_reopening_with_the_same_content(warehouse: Warehouse) -> None:
    of = warehouse.feed("reopen = true")
    content = csv("SO-1,1,AB,5", "SO-2,1,AB,5")
    warehouse.run(content, of)
    warehouse.run(csv("SO-1,cancel", header="customerOrderNumber,action"), of)
    assert warehouse.run(content, of).report.documents.updated == 1
    assert warehouse.lines() == {"1": ("AB", 5.0, "OPEN")}


@pytest.mark.parametrize("content", ["sep=§\na§b\n", 'sep="\n'])
def test_a_delimiter_that_cannot_be_is_not_taken(warehouse: Warehouse, content: str) -> None:
    assert warehouse.run(content).report.verdict is Verdict.REJECTED


@pytest.mark.parametrize("encoding", ["rot13", "hex", "undefined", "nonsense"])
def test_an_encoding_that_is_none_is_a_mistake_of_the_toml(warehouse: Warehouse, encoding: str) -> None:
    with pytest.raises(Misconfigured, match=f"'{encoding}' is not an encoding"):
        warehouse.feed(f'options = {{ encoding = "{encoding}" }}')


def test_utf_16_that_is_named_needs_no_bom(warehouse: Warehouse) -> None:
    result = warehouse.run(csv("SO-1,1,AB,5").encode("utf-16-le"), warehouse.feed('options = { encoding = "utf-16" }'))
    assert result.report.documents.inserted == 1
    plain = warehouse.run(csv("SO-1,1,AB,5"), warehouse.feed('options = { encoding = "utf-16" }'))
    assert plain.report.refused == "the file can't be read: it is not utf-16"


def test_digits_of_other_scripts_are_no_digits(warehouse: Warehouse) -> None:
    result = warehouse.run(csv("SO-1,²,AB,5,²²²²²²²²", header=f"{HEADER},upc"))
    assert [code for _, _, code in result.errors] == ["not_a_gtin"]
    warehouse.run(csv("SO-2,²,AB,5"))
    warehouse.run(csv("SO-2,AB,5", "SO-2,AC,5", header="customerOrderNumber,skuId,quantity"))
    assert set(warehouse.lines("SO-2")) == {"²", "1"}


def test_a_cancel_is_not_checked_beyond_its_key(warehouse: Warehouse) -> None:
    header = f"{HEADER},header.action,orderCreatedDate"
    warehouse.run(csv("SO-1,1,AB,5", "SO-2,1,AB,5", "SO-2,2,AC,5"))
    result = warehouse.run(csv("SO-1,1,AB,x,cancel,junk", "SO-1,1,,-1,cancel,", header=header))
    assert (result.report.verdict, result.report.documents.cancelled) == (Verdict.ACCEPTED, 1)
    line = warehouse.run(csv("SO-2,1,AB,5,", "SO-2,2,AC,x,cancel", header=f"{HEADER},line.action"))
    assert (line.report.verdict, line.report.lines.cancelled) == (Verdict.ACCEPTED, 1)


@pytest.mark.parametrize("keys", ['hold = "file"', 'refuse_above = "1 %"'])
def test_a_look_ahead_sees_what_the_drop_itself_creates(warehouse: Warehouse, keys: str) -> None:
    body = json.dumps([order(), {"customerOrderNumber": "SO-1", "action": "update", "notes": "x"}])
    assert warehouse.check(body, warehouse.feed(keys), name="o.json")["status"] == "COMPLETED"
    assert warehouse.run(body, warehouse.feed(keys), name="o.json").report.verdict is Verdict.ACCEPTED


@pytest.mark.both
def test_a_check_of_create_change_cancel_says_what_the_import_says(warehouse: Warehouse) -> None:
    body = [
        order(),
        {"customerOrderNumber": "SO-1", "action": "update", "notes": "x"},
        {"customerOrderNumber": "SO-1", "action": "cancel"},
    ]
    checked = warehouse.check(json.dumps(body), name="o.json")
    result = warehouse.run(json.dumps(body), name="o.json")
    assert checked == result.ack | {"jobId": "", "counts": result.report.documents, "lines": result.report.lines}
    assert checked["status"] == "COMPLETED"


def test_a_cancelled_document_sent_again_fails_whatever_it_says(warehouse: Warehouse) -> None:
    warehouse.run(csv("SO-1,1,AB,5"))
    warehouse.run(csv("SO-1,cancel", header="customerOrderNumber,action"))
    for content in (csv("SO-1,1,AB,5"), csv("SO-1,1,AB,5,", header=f"{HEADER},giftMessage")):
        result = warehouse.run(content)
        assert [code for _, _, code in result.errors] == ["cancelled"]


def test_the_senders_job_is_no_content(warehouse: Warehouse) -> None:
    header = f"{HEADER},jobId,header.action"
    warehouse.run(csv("SO-1,1,AB,5,P-1,insert", header=header))
    assert warehouse.run(csv("SO-1,1,AB,5,P-2,insert", header=header)).report.documents.unchanged == 1


def test_cancelled_lines_are_counted_against_all_lines_of_the_drop(warehouse: Warehouse) -> None:
    rows = [f"SO-{number},{line},AB,5" for number in range(20) for line in (1, 2)]
    warehouse.run(csv(*rows))
    result = warehouse.run(csv(*rows[1:]), warehouse.feed('refuse_above = "20 %"'))
    assert (result.report.refused, result.report.lines.cancelled) == (None, 1)


def test_header_values_that_are_equal_agree(warehouse: Warehouse) -> None:
    header = f"{HEADER},orderCreatedDate,header.action"
    result = warehouse.run(csv("SO-1,1,AB,5,2026-01-05,Upsert", "SO-1,2,AB,5,2026-01-05T00:00,UPSERT", header=header))
    assert result.report.verdict is Verdict.ACCEPTED


def test_a_warning_made_an_error_holds_the_document(warehouse: Warehouse) -> None:
    warehouse.run(csv("SO-1,1,AB,5", "SO-1,2,AC,3"))
    result = warehouse.run(csv("SO-1,1,AB,5"), warehouse.feed('severity = { line_cancelled = "error" }'))
    assert result.report.verdict is Verdict.REJECTED
    assert warehouse.lines()["2"][2] == "OPEN"


def test_gtins_are_compared_as_14_digits_and_glns_are_checked(warehouse: Warehouse) -> None:
    header = f"{HEADER},upc,shipTo.locationId,customerNumber"
    warehouse.run(csv("SO-1,1,AB,5,036000291452,4012345000009,4012345000001", header=header))
    again = warehouse.run(csv("SO-1,1,AB,5,0036000291452,4012345000009,4012345000001", header=header))
    assert (again.report.documents.unchanged, again.warnings) == (1, [])  # a sender's own number is none
    assert warehouse.run(csv("SO-2,1,AB,5,,4012345000001,7", header=header)).warnings == ["wrong_check_digit"]


def test_a_conflict_shows_both_values_as_written(warehouse: Warehouse) -> None:
    of = warehouse.feed('dates = ["%d.%m.%Y"]\ndecimal = ","')
    header = f"{HEADER},orderCreatedDate,unitPrice"
    result = warehouse.run(csv("SO-1,1,AB,5,05.01.2026,", "SO-1,2,AB,5,06.01.2026,", header=header), of)
    assert "orderCreatedDate '06.01.2026' differs from '05.01.2026' at line 2 of the same document" in " ".join(
        result.text.split()
    )
    house_asn = registry.load(bundled.folder("partners"), "UTC").named("house/asn")
    cartons = "businessUnitId,asnNumber,lineNumber,skuId,cartonId,package.quantity,line.quantity"
    rows = ("BU1,A-1,1,AB,340123450000000017,5,10.0", "BU1,A-1,1,AB,340123450000000024,5,11.00")
    asn = warehouse.run(csv(*rows, header=cartons), house_asn, name="asn.csv")
    assert "'11.00' differs from '10.0' at line 2 of the same line" in " ".join(asn.text.split())


def test_a_list_of_what_is_allowed_begins_with_the_partners_own_words(warehouse: Warehouse) -> None:
    values = '[feed.values."header.action"]\n"neu" = "insert"\n"-" = ""'
    result = warehouse.run(csv("SO-1,1,AB,5,weg", header=f"{HEADER},header.action"), warehouse.feed(values))
    assert "'weg' is none of neu, upsert, insert, update, replace, cancel" in result.text


def test_a_line_that_is_cancelled_is_called_cancelled(warehouse: Warehouse) -> None:
    house = registry.load(bundled.folder("partners"), "UTC")
    warehouse.run(csv("SO-1,1,AB,5", "SO-1,2,AC,3"))
    warehouse.run(csv("SO-1,1,AB,5"))
    header = (
        "businessUnitId,shipmentId,customerOrderNumber,shipDate,lineNumber,customerLineNumber,skuId,quantityShipped"
    )
    rows = ("BU1,S-1,SO-1,2026-11-20,1,2,AC,1", "BU1,S-1,SO-1,2026-11-20,2,3,AC,1")
    result = warehouse.run(csv(*rows, header=header), house.named("house/ship_confirmation"), name="shipments.csv")
    assert "has no line '2' any more: it is cancelled" in " ".join(result.text.split())
    assert "has no line '3'" in " ".join(result.text.split())


def test_describe_tells_the_rules_in_words() -> None:
    from crossdock.documents import DOCUMENTS

    for rule in DOCUMENTS["sales_order"].rules:
        assert rule.__doc__, rule


def test_rows_of_totals_are_no_orders(warehouse: Warehouse) -> None:
    result = warehouse.run(csv("SO-1,1,AB,5", "Total,,,5", "TOTAL,1,AB,5"))
    assert (result.report.books.ignored, result.report.documents.inserted) == (1, 2)


def test_what_a_blank_key_means_does_not_depend_on_blocks(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    from crossdock.formats import text

    monkeypatch.setattr(text, "CHUNK", 12)
    warehouse.run(csv("SO-1,1,AB,5", "SO-2,1,AB,5", ",2,AC,3"), warehouse.feed('blank_key = "above"'))
    assert set(warehouse.lines("SO-2")) == {"1", "2"}
    ended = warehouse.run(
        csv("SO-3,1,AB,5", ",1,AB,5", "SO-4,1,AC,3", "SO-5,1,AC,3"), warehouse.feed('blank_key = "end"')
    )
    assert (ended.report.books.loaded, ended.report.books.ignored) == (1, 3)


def test_a_column_that_the_feed_reads_and_the_file_lacks_is_named(warehouse: Warehouse) -> None:
    keys = '[feed.columns]\n"Qty" = "quantity"\n'
    warehouse.run(csv("SO-1,1,AB,5", header="customerOrderNumber,customerLineNumber,skuId,Qty"), warehouse.feed(keys))
    again = warehouse.run(
        csv("SO-1,1,AB,9", header="customerOrderNumber,customerLineNumber,skuId,Pieces"), warehouse.feed(keys)
    )
    assert sorted(again.warnings) == ["column_gone", "lacking_column", "unknown_column"]
    assert "the file has no column 'Qty', which the feed reads as quantity" in again.text


@pytest.mark.parametrize("bad", ["SO-1,,AC,3", "SO-1,1,AC,3", "SO-1,2"])
def test_nothing_is_cancelled_where_a_failing_line_cannot_be_told(warehouse: Warehouse, bad: str) -> None:
    of = warehouse.feed('hold = "line"')
    warehouse.run(csv("SO-1,1,AB,5", "SO-1,2,AC,3"), of)
    result = warehouse.run(csv("SO-1,1,AB,5", bad), of)
    assert {line[2] for line in warehouse.lines().values()} == {"OPEN"}
    assert (result.warnings, result.report.lines.cancelled) == ([], 0)


def test_a_shortened_document_sent_again_changes_nothing(warehouse: Warehouse) -> None:
    of = warehouse.feed('hold = "line"')
    content = csv("SO-1,1,AB,5", "SO-1,2,AC,x")
    warehouse.run(content, of)
    assert warehouse.run(content, of).report.documents.unchanged == 1
    assert warehouse.rows("SELECT revision FROM sales_orders") == [(1,)]


def test_a_constants_failure_shows_the_constant(warehouse: Warehouse) -> None:
    whole = 'id = "acme"\nzone = "UTC"\nbusiness_units = ["BU1"]\n[[feed]]\ndocument = "sales_order"\nfiles = "*"\n'
    of = warehouse.feed(
        whole=whole + 'constants = { businessUnitId = "BU1", currency = "EURO", "shipTo.locationId" = "S" }\n'
    )
    assert "currency 'EURO' is not an ISO 4217 currency" in warehouse.run(csv("SO-1,1,AB,5"), of).text


def test_a_batch_of_json_that_met_fewer_columns_means_the_same(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    from crossdock.formats.objects import reader

    body = [order(notes="x"), order("SO-2"), {"customerOrderNumber": "SO-3", "action": "update", "notes": "y"}]
    warehouse.run(json.dumps([order(notes="old"), order("SO-2", notes="old"), order("SO-3")]), name="o.json")
    monkeypatch.setattr(reader, "RECORDS", 1)
    result = warehouse.run(json.dumps(body), name="o.json", batch_bytes=1)
    assert result.report.verdict is Verdict.ACCEPTED
    notes = warehouse.rows("SELECT customer_order_number, notes FROM sales_orders ORDER BY 1")
    assert notes == [("SO-1", "x"), ("SO-2", None), ("SO-3", "y")]
