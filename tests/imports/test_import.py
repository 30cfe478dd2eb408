"""What a drop does (contract part A), on both databases."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from crossdock.model.status import Verdict
from tests.warehouse import HEADER, Warehouse, csv

pytestmark = pytest.mark.both

TWO = csv("SO-1,1,AB,5", "SO-1,2,AC,3", "SO-2,1,AB,1")


def test_a_clean_file_is_accepted_and_every_row_knows_its_job_and_line(warehouse: Warehouse) -> None:
    result = warehouse.run(TWO)
    assert result.report.verdict is Verdict.ACCEPTED
    assert result.report.documents.inserted == 2
    assert result.report.lines.inserted == 3
    assert result.ack == {
        "jobId": result.job,
        "status": "COMPLETED",
        "failedOrders": [],
        "progress": {"processed": 2, "total": 2},
    }
    assert warehouse.rows(
        "SELECT customer_order_number, customer_line_number, job, line FROM sales_order_lines ORDER BY 3, 4"
    ) == [
        ("SO-1", "1", result.job, 2),
        ("SO-1", "2", result.job, 3),
        ("SO-2", "1", result.job, 4),
    ]


def test_the_same_again_changes_nothing_and_is_linked_to_the_first(warehouse: Warehouse) -> None:
    first = warehouse.run(TWO)
    before = warehouse.rows("SELECT * FROM sales_order_lines ORDER BY 2, 3")
    again = warehouse.run(TWO)
    assert again.report.documents.unchanged == 2
    assert again.report.books.unchanged == 3
    assert again.row.repeats == first.job
    assert warehouse.rows("SELECT * FROM sales_order_lines ORDER BY 2, 3") == before


def test_one_bad_line_holds_its_document_and_the_rest_goes_on(warehouse: Warehouse) -> None:
    result = warehouse.run(csv("SO-1,1,AB,5", "SO-2,1,AB,twelve", "SO-2,2,AB,-3", "SO-2,3,AB,1"))
    assert result.report.verdict is Verdict.PARTIAL
    assert result.errors == [(3, "quantity", "not_a_number"), (4, "quantity", "too_small")]
    assert (result.report.books.failed, result.report.books.held, result.report.books.loaded) == (2, 1, 1)
    assert result.ack["failedOrders"] == [
        {
            "customerOrderNumber": "SO-2",
            "message": "2 of its 3 lines failed; not taken",
            "lines": [
                {"customerLineNumber": "1", "message": "quantity 'twelve' is not a number (write it like 1234.56)"},
                {"customerLineNumber": "2", "message": "quantity '-3' must be more than 0"},
            ],
        }
    ]


def test_hold_line_takes_what_is_good_and_says_without_what(warehouse: Warehouse) -> None:
    result = warehouse.run(csv("SO-1,1,AB,5", "SO-1,2,AB,x", "SO-1,3,AC,1"), warehouse.feed('hold = "line"'))
    assert result.failed == {"SO-1": "taken without line 2"}
    assert set(warehouse.lines()) == {"1", "3"}
    assert result.report.verdict is Verdict.PARTIAL


@pytest.mark.both
def test_hold_line_takes_no_new_document_of_which_no_line_is_left(warehouse: Warehouse) -> None:
    """A cancel of a line that is nowhere is no line: the order was stored without any (contract A5)."""
    rows = ("SO-1,1,AB,5,cancel", "SO-1,2,AB,x,", "SO-2,1,AB,5,", "SO-2,2,AB,x,")
    result = warehouse.run(csv(*rows, header=f"{HEADER},line.action"), warehouse.feed('hold = "line"'))
    assert result.failed == {"SO-1": "1 of its 2 lines failed; not taken", "SO-2": "taken without line 2"}
    assert warehouse.order_numbers() == ["SO-2"]
    assert (result.report.books.loaded, result.report.books.failed, result.report.books.held) == (1, 2, 1)
    later = warehouse.run(
        csv("SO-2,1,AB,,cancel", "SO-2,3,AB,x,", header=f"{HEADER},line.action"), warehouse.feed('hold = "line"')
    )
    assert later.failed == {"SO-2": "taken without line 3"}
    assert warehouse.lines("SO-2") == {"1": ("AB", 5.0, "CANCELLED")}


def test_a_line_that_failed_counts_as_mentioned(warehouse: Warehouse) -> None:
    warehouse.run(csv("SO-1,1,AB,5", "SO-1,2,AC,3"))
    warehouse.run(csv("SO-1,1,AB,6", "SO-1,2,AC,x"), warehouse.feed('hold = "line"'))
    assert warehouse.lines() == {"1": ("AB", 6.0, "OPEN"), "2": ("AC", 3.0, "OPEN")}


def test_hold_file_takes_nothing_unless_all_can_go_in(warehouse: Warehouse) -> None:
    result = warehouse.run(csv("SO-1,1,AB,5", "SO-2,1,AB,x", "SO-3,1,AB,5"), warehouse.feed('hold = "file"'))
    assert result.report.verdict is Verdict.REJECTED
    assert warehouse.stored() == ([], [])
    assert (result.report.books.failed, result.report.books.held) == (1, 2)
    fault, others = result.ack["failedOrders"]
    assert (fault["customerOrderNumber"], others["customerOrderNumber"]) == ("SO-2", "")
    assert others["message"] == (
        "2 more documents of the file are right and not taken: other documents of the file failed, and the feed takes "
        "all or nothing"
    )


def test_refuse_above_refuses_the_drop_before_the_first_write(warehouse: Warehouse) -> None:
    result = warehouse.run(csv("SO-1,1,AB,5", "SO-2,1,AB,x", "SO-3,1,AB,1"), warehouse.feed('refuse_above = "20 %"'))
    assert result.report.verdict is Verdict.REJECTED
    assert warehouse.stored() == ([], [])
    assert result.ack["failedOrders"] == [
        {
            "customerOrderNumber": "",
            "message": "1 of 3 documents fail, more than the 20 % that the feed allows",
            "lines": [],
        }
    ]


def test_refuse_above_looks_at_lines_that_would_be_cancelled(warehouse: Warehouse) -> None:
    warehouse.run(csv("SO-1,1,AB,5", "SO-1,2,AC,3"))
    result = warehouse.run(csv("SO-1,1,AB,5"), warehouse.feed('refuse_above = "20 %"'))
    assert result.report.refused == "1 of 2 stored lines would be cancelled, more than the 20 % allowed"
    assert warehouse.lines()["2"][2] == "OPEN"


def test_a_whole_document_cancels_lines_it_does_not_mention_with_a_warning(warehouse: Warehouse) -> None:
    warehouse.run(csv("SO-1,1,AB,5", "SO-1,2,AC,3"))
    result = warehouse.run(csv("SO-1,1,AB,5"))
    assert warehouse.lines() == {"1": ("AB", 5.0, "OPEN"), "2": ("AC", 3.0, "CANCELLED")}
    assert result.warnings == ["line_cancelled"]
    assert result.report.lines.cancelled == 1
    warehouse.run(csv("SO-1,1,AB,5", "SO-1,2,AC,3"))
    assert warehouse.lines()["2"] == ("AC", 3.0, "OPEN")


def test_changes_leave_what_they_do_not_mention(warehouse: Warehouse) -> None:
    header = f"{HEADER},notes"
    warehouse.run(csv("SO-1,1,AB,5,hello", "SO-1,2,AC,3,hello", header=header))
    changes = warehouse.feed('sends = "changes"')
    result = warehouse.run(csv("SO-1,2,,7,", header=header), changes)
    assert warehouse.lines() == {"1": ("AB", 5.0, "OPEN"), "2": ("AC", 7.0, "OPEN")}
    assert warehouse.rows("SELECT notes FROM sales_orders") == [("hello",)]
    assert result.report.verdict is Verdict.ACCEPTED


def test_a_blank_clears_in_a_whole_document_and_a_missing_column_does_not(warehouse: Warehouse) -> None:
    warehouse.run(csv("SO-1,1,AB,5,hello,gift", header=f"{HEADER},notes,giftMessage"))
    warehouse.run(csv("SO-1,1,AB,5,", header=f"{HEADER},notes"))
    assert warehouse.rows("SELECT notes, gift_message FROM sales_orders") == [(None, "gift")]


def test_an_update_needs_the_key_and_what_changes(warehouse: Warehouse) -> None:
    warehouse.run(TWO)
    header = "customerOrderNumber,header.action,notes"
    result = warehouse.run(csv("SO-1,update,new", "SO-9,update,new", header=header))
    assert result.failed == {"SO-9": "there is no such document to update; not taken"}
    assert warehouse.rows("SELECT notes FROM sales_orders ORDER BY customer_order_number") == [("new",), (None,)]
    assert set(warehouse.lines().values()) == {("AB", 5.0, "OPEN"), ("AC", 3.0, "OPEN")}


def test_insert_of_the_same_is_unchanged_and_of_other_content_fails(warehouse: Warehouse) -> None:
    header = f"{HEADER},header.action"
    warehouse.run(csv("SO-1,1,AB,5,insert", header=header))
    assert warehouse.run(csv("SO-1,1,AB,5,insert", header=header)).report.documents.unchanged == 1
    result = warehouse.run(csv("SO-1,1,AB,6,insert", header=header))
    assert "the action is insert" in result.failed["SO-1"]
    assert warehouse.lines()["1"][1] == 5.0


def test_cancel_needs_the_key_only_and_a_cancelled_document_stays_so(warehouse: Warehouse) -> None:
    warehouse.run(TWO)
    cancel = csv("SO-1,cancel", header="customerOrderNumber,action")
    first = warehouse.run(cancel)
    assert first.report.documents.cancelled == 1
    assert warehouse.run(cancel).report.documents.unchanged == 1
    assert {line[2] for line in warehouse.lines().values()} == {"CANCELLED"}
    same = warehouse.run(csv("SO-1,1,AB,5", "SO-1,2,AC,3"))
    assert "cancelled" in same.failed["SO-1"], "nobody may believe that it is open"
    other = warehouse.run(csv("SO-1,1,AB,6", "SO-1,2,AC,3"))
    assert "cancelled" in other.failed["SO-1"]
    assert warehouse.rows("SELECT state FROM sales_orders ORDER BY customer_order_number") == [
        ("CANCELLED",),
        ("OPEN",),
    ]
    warehouse.run(csv("SO-1,1,AB,6", "SO-1,2,AC,3"), warehouse.feed("reopen = true"))
    assert warehouse.lines() == {"1": ("AB", 6.0, "OPEN"), "2": ("AC", 3.0, "OPEN")}


def test_a_cancel_of_an_unknown_document_fails(warehouse: Warehouse) -> None:
    result = warehouse.run(csv("SO-9,cancel", header="customerOrderNumber,action"))
    assert result.failed == {"SO-9": "there is no such document to cancel; not taken"}


def test_a_bare_action_that_differs_within_a_document_means_the_lines(warehouse: Warehouse) -> None:
    header = f"{HEADER},action"
    warehouse.run(csv("SO-1,1,AB,5", "SO-1,2,AC,3"))
    warehouse.run(csv("SO-1,1,AB,5,", "SO-1,2,,,cancel", header=header))
    assert warehouse.lines() == {"1": ("AB", 5.0, "OPEN"), "2": ("AC", 3.0, "CANCELLED")}
    again = warehouse.run(csv("SO-1,1,AB,5,", "SO-1,2,,,cancel", "SO-1,7,,,cancel", header=header))
    assert again.warnings == ["nothing_to_cancel"]
    assert again.report.verdict is Verdict.ACCEPTED


def test_a_line_that_stays_as_it_is_needs_its_number_only(warehouse: Warehouse) -> None:
    """It is not cancelled by a whole order, and what stands beside its number is nothing; one that isn't there fails."""
    header = f"{HEADER},line.action"
    warehouse.run(csv("SO-1,1,AB,5", "SO-1,2,AC,3", "SO-1,3,AD,4"))
    named = csv("SO-1,1,AB,6,", "SO-1,2,,,keep", "SO-1,3,XY,no number,keep", header=header)
    assert warehouse.run(named).report.verdict is Verdict.ACCEPTED
    assert warehouse.lines() == {"1": ("AB", 6.0, "OPEN"), "2": ("AC", 3.0, "OPEN"), "3": ("AD", 4.0, "OPEN")}
    again = warehouse.run(named)
    assert (again.report.verdict, again.report.books.unchanged) == (Verdict.ACCEPTED, 3)
    lost = warehouse.run(csv("SO-1,1,AB,7,", "SO-1,4,,,keep", "SO-9,1,,,keep", header=header))
    assert [code for _, _, code in lost.errors] == ["nothing_to_keep", "nothing_to_keep"]
    by_line = warehouse.run(
        csv("SO-1,1,AB,7,", "SO-1,2,,,keep", "SO-1,4,,,keep", header=header), warehouse.feed('hold = "line"')
    )
    assert (by_line.report.books.loaded, by_line.report.books.unchanged, by_line.report.books.failed) == (1, 1, 1)
    assert warehouse.lines() == {"1": ("AB", 7.0, "OPEN"), "2": ("AC", 3.0, "OPEN"), "3": ("AD", 4.0, "CANCELLED")}


def test_lines_of_an_order_that_is_opened_again_do_not_stay_as_they_are(warehouse: Warehouse) -> None:
    """They are all cancelled, and nobody knows which of them were before."""
    warehouse.run(csv("SO-1,1,AB,5", "SO-1,2,AC,3"))
    warehouse.run(csv("SO-1,cancel", header="customerOrderNumber,action"))
    named = csv("SO-1,1,AB,6,", "SO-1,2,,,keep", header=f"{HEADER},line.action")
    assert [code for _, _, code in warehouse.run(named).errors] == ["cancelled"]
    assert [code for _, _, code in warehouse.run(named, warehouse.feed("reopen = true")).errors] == ["nothing_to_keep"]
    assert {state for _, _, state in warehouse.lines().values()} == {"CANCELLED"}


def test_x12_purpose_codes_are_actions(warehouse: Warehouse) -> None:
    warehouse.run(TWO)
    warehouse.run(csv("SO-1,01", header="customerOrderNumber,header.action"))
    assert warehouse.rows("SELECT state FROM sales_orders ORDER BY customer_order_number") == [
        ("CANCELLED",),
        ("OPEN",),
    ]


def test_create_change_cancel_of_one_night_are_done_in_that_order(warehouse: Warehouse) -> None:
    line = {"customerLineNumber": "1", "skuId": "AB", "quantity": 5}
    body = [
        {"customerOrderNumber": "SO-1", "action": "cancel"},
        {"customerOrderNumber": "SO-1", "action": "update", "notes": "changed"},
        {"customerOrderNumber": "SO-1", "orderLines": [line]},
    ]
    result = warehouse.run(json.dumps(body), name="orders.json")
    assert result.report.verdict is Verdict.ACCEPTED, result.text
    assert warehouse.rows("SELECT state, notes FROM sales_orders") == [("CANCELLED", "changed")]


def test_the_same_key_twice_in_json_is_a_duplicate_or_holds_both(warehouse: Warehouse) -> None:
    def order(number: str, quantity: int) -> dict[str, object]:
        return {
            "customerOrderNumber": number,
            "orderLines": [{"customerLineNumber": "1", "skuId": "AB", "quantity": quantity}],
        }

    result = warehouse.run(json.dumps([order("A", 1), order("A", 1), order("B", 1), order("B", 2)]), name="o.json")
    assert result.report.books.duplicate == 1
    assert result.report.books.loaded == 1
    assert set(result.failed) == {"B"}
    assert {f["code"] for f in result.failures if f["severity"] == "error"} == {"document_twice"}
    assert "/2" in result.ack["failedOrders"][1]["message"]


def test_a_document_belongs_to_the_partner_that_wrote_it(warehouse: Warehouse) -> None:
    warehouse.run(TWO)
    other = (
        'id = "other"\nzone = "UTC"\nbusiness_units = ["BU1"]\n{}\n[[feed]]\ndocument = "sales_order"\nfiles = "*"\n'
        'constants = {{ businessUnitId = "BU1", "shipTo.locationId" = "S1" }}\n'
    )
    result = warehouse.run(csv("SO-1,1,AB,9"), warehouse.feed(whole=other.format("")))
    assert result.failed == {"SO-1": "the document is stored already and belongs to another partner; not taken"}
    warehouse.run(csv("SO-5,1,AB,9"), warehouse.feed(top="shared = true"))
    shared = warehouse.run(csv("SO-5,1,AB,10"), warehouse.feed(whole=other.format("shared = true")))
    assert shared.report.documents.updated == 1


def test_only_the_partners_own_business_units_may_be_written_and_each_is_answered(warehouse: Warehouse) -> None:
    header = f"businessUnitId,{HEADER}"
    result = warehouse.run(csv("BU1,SO-1,1,AB,5", "BU2,SO-2,1,AB,x", "BU9,SO-3,1,AB,1", header=header))
    first, second = result.acks
    assert [each["customerOrderNumber"] for each in first["failedOrders"]] == ["SO-3"]
    assert "BU9" in first["failedOrders"][0]["message"]
    assert (first["status"], first["progress"]) == ("COMPLETED_WITH_ERRORS", {"processed": 2, "total": 2})
    assert (second["status"], second["progress"]) == ("FAILED", {"processed": 1, "total": 1})


def test_keys_that_differ_in_leading_zeros_are_asked_about(warehouse: Warehouse) -> None:
    warehouse.run(csv("0789,1,AB,5"))
    result = warehouse.run(csv("789,1,AB,5"))
    assert result.failed == {
        "789": "customerOrderNumber '789' differs only in leading zeros from '0789', which is stored (if it is another "
        "document, give it a number of its own; if it is the same, it is in already); not taken"
    }
    padded = warehouse.run(csv("789,1,AB,6"), warehouse.feed("pad = { customerOrderNumber = 4 }"))
    assert padded.report.documents.updated == 1
    spelled = warehouse.run(csv("so 1,1,AB,5", "SO1,1,AB,5"))
    assert spelled.warnings == ["similar_spelling"]


def test_the_senders_own_job_is_echoed(warehouse: Warehouse) -> None:
    header = f"{HEADER},jobId"
    one = warehouse.run(csv("SO-1,1,AB,5,P-1", "SO-2,1,AB,5,P-1", header=header))
    assert one.ack["jobId"] == "P-1"
    two = warehouse.run(csv("SO-3,1,AB,5,P-1", "SO-4,1,AB,5,P-2", header=header))
    assert two.ack["jobId"] == two.job


def test_references_warn_only_where_a_list_is_loaded(warehouse: Warehouse) -> None:
    assert warehouse.run(TWO).warnings == []
    warehouse.load("sku", "AB-100,BU1,Y", "AC,BU1,N", "AB-10O,BU2,Y")
    result = warehouse.run(csv("SO-1,1,AB-10O,5", "SO-1,2,AC,3", "SO-1,3,AB-100,3"))
    warned = {each["value"]: (each["code"], each["hint"]) for each in result.failures if each["column"] == "skuId"}
    assert warned == {
        "AB-10O": ("unknown_reference", "did you mean AB-100?"),
        "AC": ("inactive_reference", None),
    }
    strict = warehouse.run(csv("SO-8,1,AD,5"), warehouse.feed('references = { sku = "fail" }'))
    assert strict.report.verdict is Verdict.REJECTED


def test_a_file_without_line_numbers_is_numbered_by_position_and_compared_as_a_bag(warehouse: Warehouse) -> None:
    header = "customerOrderNumber,skuId,quantity"
    first = warehouse.run(csv("SO-1,AB,5", "SO-1,AC,3", "SO-1,AB,5", header=header))
    assert first.warnings == ["numbered_by_position"]
    assert set(warehouse.lines()) == {"1", "2", "3"}
    assert warehouse.run(csv("SO-1,AC,3", "SO-1,AB,5", "SO-1,AB,5", header=header)).report.documents.unchanged == 1
    warehouse.run(csv("SO-1,AC,3", "SO-1,AD,1", "SO-1,AB,5", header=header))
    assert warehouse.lines() == {
        "1": ("AB", 5.0, "OPEN"),
        "2": ("AC", 3.0, "OPEN"),
        "3": ("AB", 5.0, "CANCELLED"),
        "4": ("AD", 1.0, "OPEN"),
    }
    scattered = warehouse.run(csv("SO-7,AB,5", "SO-8,AC,3", "SO-7,AB,5", header=header))
    assert scattered.errors == [(2, "customerOrderNumber", "scattered_lines")]


def test_a_header_only_file_is_accepted_with_a_warning(warehouse: Warehouse) -> None:
    result = warehouse.run(HEADER + "\n")
    assert (result.report.verdict, result.warnings) == (Verdict.ACCEPTED, ["no_records"])


@pytest.mark.parametrize("content", [b"", b"   \n", b"a,b\n1,2\n", b"%PDF-1.4 xx", b"PK\x03\x04rest", b'{"data": [1,}'])
def test_what_cannot_be_read_is_refused_with_one_sentence(warehouse: Warehouse, content: bytes) -> None:
    result = warehouse.run(content)
    assert result.report.exit_code == 4
    assert result.ack["status"] == "FAILED"
    (entry,) = result.ack["failedOrders"]
    assert entry["customerOrderNumber"] == ""
    assert len(entry["message"].splitlines()) == 1


def test_a_check_says_what_an_import_would_and_writes_nothing(warehouse: Warehouse) -> None:
    warehouse.run(TWO)
    content = csv("SO-1,1,AB,6", "SO-3,1,AB,x", "SO-4,1,AB,1")
    before = (warehouse.stored(), warehouse.rows("SELECT count(*) FROM jobs"))
    checked = warehouse.check(content)
    assert (warehouse.stored(), warehouse.rows("SELECT count(*) FROM jobs")) == before
    result = warehouse.run(content)
    assert checked == result.ack | {
        "jobId": "",
        "counts": result.report.documents,
        "lines": result.report.lines,
    }


def test_a_batch_that_another_import_overtook_is_checked_again(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    from crossdock.pipeline import run

    warehouse.run(csv("SO-1,1,AB,5"))
    real, others = run.decide_batch, []

    def overtaken(*args: Any, **named: Any) -> object:
        checked = real(*args, **named)
        if not others:
            others.append(1)
            with monkeypatch.context() as inner:
                inner.setattr(run, "decide_batch", real)
                warehouse.run(csv("SO-1,1,AB,7", "SO-2,1,AB,1"), name="other.csv")
        return checked

    monkeypatch.setattr(run, "decide_batch", overtaken)
    result = warehouse.run(csv("SO-1,1,AB,9", "SO-2,1,AB,2"))
    assert result.report.documents.updated == 2
    assert warehouse.lines("SO-1")["1"][1] == 9.0
    assert warehouse.lines("SO-2")["1"][1] == 2.0


def test_the_books_are_asserted_by_the_database(warehouse: Warehouse) -> None:
    result = warehouse.run(TWO)
    for change in ("loaded = loaded + 1", "read_ = read_ - 1, loaded = loaded - 1", "processed = processed - 1"):
        with pytest.raises(IntegrityError), warehouse.database.writing() as connection:
            connection.exec_driver_sql(f"UPDATE jobs SET {change} WHERE job_id = '{result.job}'")


def test_every_record_is_where_the_books_say(warehouse: Warehouse) -> None:
    result = warehouse.run(csv("SO-1,1,AB,5", "SO-2,1,AB,x", "SO-2,2,AB,1", "", "SO-3,1,AB,1", "SO-3,2,AC,2"))
    loaded = {row[0] for row in warehouse.rows(f"SELECT line FROM sales_order_lines WHERE job = '{result.job}'")}
    failed = {line for line, _, _ in result.errors}
    assert loaded == {2, 6, 7}
    assert failed == {3}
    books = result.row.books
    assert (books.read, books.loaded, books.failed, books.held, books.blank) == (6, 3, 1, 1, 1)


def test_what_no_database_can_keep_is_answered_for_all_the_same(warehouse: Warehouse) -> None:
    header = f"businessUnitId,{HEADER},notes,col\x00umn"
    result = warehouse.run(
        csv("BU\x001,SO-1,1,AB,5,,", "BU1,SO\x00-2,1,AB,5,,x\x00", "BU1,SO-3,1,A\x00B,5,n\x00,", header=header)
    )
    assert (result.report.verdict, result.report.books.failed) == (Verdict.REJECTED, 3)
    assert len([entry for each in result.acks for entry in each["failedOrders"]]) == 3
    assert "control_character" in {code for _, _, code in result.errors}
    refused = warehouse.run("a\x00b,c\n1,2\n")
    assert refused.report.refused is not None


@pytest.mark.both
def test_every_moment_of_a_job_says_that_it_is_utc(warehouse: Warehouse) -> None:
    result = warehouse.run(csv("SO-1,1,AB,5"))
    job = warehouse.row(result.job)
    moments = [job.received_at, job.started_at, job.finished_at]
    assert [each is not None and each.utcoffset() == timedelta(0) for each in moments] == [True] * 3
    if warehouse.database.url.get_backend_name() == "sqlite":
        ((started,),) = warehouse.rows("SELECT started_at FROM jobs")
        assert started.endswith("Z")
