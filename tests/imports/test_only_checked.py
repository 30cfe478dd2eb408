"""A document that is only checked (W0501 X, a draft, ``action`` check): it is answered as any other, and changes nothing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crossdock.database import standing
from crossdock.database.standing import Standing
from crossdock.delivery import courier
from crossdock.delivery.http import Wire
from crossdock.jobs import open_documents
from crossdock.model.report import Books
from crossdock.reports import standing_text
from tests.interchanges import interchange, message, order, partner_of
from tests.reports.edi.answered import answered, outbox
from tests.reports.edi.test_order_answers import bodies, purchase, purchases, toml
from tests.reports.edi.test_terms import LINES
from tests.reports.excel.test_fix_workbook import corrected
from tests.warehouse import HEADER, Result, Warehouse, csv

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
EVERYTHING = partner_of("940", edi='usage = "live"\nreject = "everything"')
ACTION = f"header.action,{HEADER}"
RIGHT, WRONG = order("SO-1", "7 EA AB", action="X"), order("SO-1", "0 EA AB", action="X")


def brought(warehouse: Warehouse, *sets: tuple[str, ...], number: int = 1, whole: str = EVERYTHING) -> Result:
    """An interchange of 940s, imported."""
    warehouse.partner(whole=whole)
    warehouse.drop(f"{number}.edi", interchange(*sets, number=number))
    (report,) = warehouse.reports()
    assert all(each.delivered for each in courier.deliver(warehouse.site, Wire()))
    return Result(report, warehouse.database, report.job)


def verdicts(warehouse: Warehouse, number: int = 1) -> list[str]:
    """The AK5 of each set of an interchange, and AK9."""
    text = outbox(warehouse)[f"US-THEM-{number}.997.edi"]
    return [line for line in LINES.findall(text) if line[:3] in ("AK5", "AK9")]


def standing_of(warehouse: Warehouse) -> Standing:
    return standing.standings(warehouse.database, LONG_AGO).get("acme", Standing())


def states(warehouse: Warehouse, number: str) -> list[str]:
    """Where the documents of a number stand that are kept in the books, newest first."""
    return [standing_text.state(each) for each in open_documents.numbered(warehouse.database, number)]


@pytest.mark.both
@pytest.mark.parametrize("first", ["test", "order"])
def test_a_right_one_is_accepted_and_nothing_of_it_is_stored(warehouse: Warehouse, first: str) -> None:
    """The order of the same number beside it is stored, whichever comes first."""
    real = order("SO-1", "5 EA AB", "2 EA AC")
    result = brought(warehouse, *((RIGHT, real) if first == "test" else (real, RIGHT)))
    assert (result.report.verdict, result.report.books) == ("ACCEPTED", Books(read=3, loaded=2, ignored=1))
    assert warehouse.lines() == {"1": ("AB", 5, "OPEN"), "2": ("AC", 2, "OPEN")}
    assert verdicts(warehouse) == ["AK5*A", "AK5*A", "AK9*A*2*2*2"]
    assert (standing_of(warehouse), states(warehouse, "SO-1")) == (Standing(1, 1), ["checked"])
    (note,) = (each for each in result.failures if each["code"] == "test_set")
    assert (note["severity"], note["document"]) == ("warning", "SO-1")


@pytest.mark.both
@pytest.mark.parametrize("first", ["test", "order"])
def test_a_wrong_one_is_answered_and_never_waits(warehouse: Warehouse, first: str) -> None:
    real = order("SO-1", "5 EA AB")
    result = brought(warehouse, *((WRONG, real) if first == "test" else (real, WRONG)))
    assert (result.report.verdict, result.report.books) == ("PARTIAL", Books(read=2, loaded=1, failed=1))
    assert warehouse.lines() == {"1": ("AB", 5, "OPEN")}
    rejected, accepted = "AK5*R*5", "AK5*A"
    expected = [rejected, accepted] if first == "test" else [accepted, rejected]
    assert verdicts(warehouse) == [*expected, "AK9*P*2*2*1"]
    assert result.failed == {"SO-1": "its only line failed; only checked"}
    assert (standing_of(warehouse), states(warehouse, "SO-1")) == (Standing(1, 1), ["checked"])
    assert open_documents.count(warehouse.database) == 0
    assert "only checked: set" in result.text


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"W01*7*EA": "W01*0*EA"}, "too_small"),
        ({"W01*7*EA": "W01*x*EA"}, "not_a_number"),
        ({"W01*7*EA**VN*AB": "W01*7*EA"}, "missing"),
        ({"N1*ST*Ada Lovelace": "N1*ST*"}, "element_missing"),
        ({"N1*ST*Ada Lovelace": "N1*ST*Ada Lovelace*UL*4006381333932"}, "wrong_check_digit"),
    ],
)
def test_it_fails_as_an_order_of_the_same_content_does(warehouse: Warehouse, wrong: dict[str, str], code: str) -> None:
    keys = 'severity = { wrong_check_digit = "error" }'
    codes = []
    for number, action in enumerate("NX", 1):
        one = "~".join(order("SO-1", "7 EA AB", action=action))
        for old, new in wrong.items():
            one = one.replace(old, new)
        result = brought(warehouse, tuple(one.split("~")), number=number, whole=EVERYTHING + keys)
        codes.append([(column, each) for _, column, each in result.errors])
        assert result.report.books == Books(read=1, failed=1)
    assert codes[0] == codes[1]
    assert code in [each for _, each in codes[0]]
    assert verdicts(warehouse, 1) == verdicts(warehouse, 2)
    assert [each.job_id for each in open_documents.open_documents(warehouse.database)] == [warehouse.jobs()[0].job_id]


@pytest.mark.both(slow=True)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_it_is_judged_as_if_alone_beside_an_order_and_its_cancel(warehouse: Warehouse, place: int) -> None:
    sets = [order("SO-1", "5 EA AB"), order("SO-1", action="F")]
    sets.insert(place, RIGHT)
    result = brought(warehouse, *sets)
    assert (result.errors, result.report.verdict) == ([], "ACCEPTED")
    assert verdicts(warehouse) == ["AK5*A"] * 3 + ["AK9*A*3*3*3"]
    assert warehouse.rows("SELECT state FROM sales_orders") == [("CANCELLED",)]
    assert states(warehouse, "SO-1") == ["checked"]
    later = brought(warehouse, RIGHT, number=2)
    assert [code for _, _, code in later.errors] == ["cancelled"], "of what was stored before"


def test_it_is_compared_with_what_is_stored(warehouse: Warehouse) -> None:
    brought(warehouse, order("SO-1", "5 EA AB"), order("SO-2", "5 EA AB"))
    brought(warehouse, order("SO-1", action="F"), number=2)
    tests = (
        order("SO-1", "5 EA AB", action="X"),
        order("so-2", "5 EA AB", action="X"),
        order("0SO-2", "1 EA A", action="X"),
    )
    result = brought(warehouse, *tests, number=3)
    assert [code for _, _, code in result.errors] == ["cancelled", "similar_key"]
    assert sorted(result.warnings) == ["similar_spelling", "test_set", "test_set", "test_set"]
    assert warehouse.lines()["1"] == ("AB", 5, "CANCELLED")
    assert warehouse.order_numbers() == ["SO-1", "SO-2"]


@pytest.mark.parametrize("test", [RIGHT, WRONG])
def test_it_ends_no_wait_and_is_none(warehouse: Warehouse, test: tuple[str, ...]) -> None:
    """Neither that of an order; nor is it one that a cancel could mean."""
    brought(warehouse, order("SO-1", "x EA AB"), whole=partner_of("940"))
    (waiting,) = open_documents.open_documents(warehouse.database)
    brought(warehouse, test, number=2)
    assert list(open_documents.open_documents(warehouse.database)) == [waiting]
    assert standing_of(warehouse) == Standing(1, 0, 1)
    brought(warehouse, order("SO-1", "5 EA AB"), number=3)
    assert standing_of(warehouse) == Standing(1, 1)
    again = brought(warehouse, order("SO-9", "0 EA AB", action="X"), order("SO-9", action="F"), number=4)
    assert [code for _, _, code in again.errors] == ["too_small", "unknown_to_cancel"]


def test_two_tests_of_one_number_contradict_each_other(warehouse: Warehouse) -> None:
    result = brought(warehouse, RIGHT, order("SO-1", "8 EA AB", action="X"), order("SO-1", "5 EA AB"))
    assert [code for _, _, code in result.errors] == ["document_twice"] * 2
    assert warehouse.lines() == {"1": ("AB", 5, "OPEN")}
    same = brought(warehouse, RIGHT, RIGHT, number=2)
    assert same.report.books == Books(read=2, duplicate=1, ignored=1)


def test_a_draft_of_an_order_gets_no_855(warehouse: Warehouse) -> None:
    """And the order that follows is not one that was answered before."""
    sets = purchase("PO-1", "7 EA A", purpose="77"), purchase("PO-2", "5 EA A")
    (text,) = answered(warehouse, purchases(*sets), toml('["855"]')).values()
    assert [each[0].split("*")[3] for each in bodies(text)] == ["PO-2"]
    texts = answered(warehouse, purchases(purchase("PO-1", "7 EA A"), number=2), toml('["855"]'), "2.edi")
    assert bodies(texts["US-THEM-2.855.edi"])[0][0].startswith("BAK*00*AD*PO-1")
    assert len(answered(warehouse, purchases(purchase("PO-3", "7 EA A", purpose="24"), number=3), toml(), "3.edi")) == 2


@pytest.mark.parametrize(("quantity", "count"), [("7", 0), ("0", 1)])
def test_an_824_names_what_is_wrong_with_it(warehouse: Warehouse, quantity: str, count: int) -> None:
    keys = 'answer = ["824"]'
    texts = answered(warehouse, interchange(order("SO-1", f"{quantity} EA AB", action="X")), partner_of("940") + keys)
    assert sum(text.count("OTI*TR") for text in texts.values()) == count
    assert sum(text.count("TED*") for text in texts.values()) == count


@pytest.mark.parametrize(("purpose", "stored"), [("9", ["D-1"]), ("16", []), ("53", [])])
def test_a_draft_of_a_despatch_advice_is_checked(warehouse: Warehouse, purpose: str, stored: list[str]) -> None:
    warehouse.partner(whole=partner_of("DESADV", document="asn", keys=""))
    for number, quantity in enumerate(("5", "0"), 1):
        segments = (f"BGM+351+D-{number}+{purpose}", "DTM+137:20261125:102", "NAD+ST+B1::92", "NAD+SU+V1::92", "CPS+1",
                    "LIN+1", "PIA+5+AB:IN", f"QTY+12:{quantity}")  # fmt: skip
        warehouse.drop(f"{number}.edi", message("DESADV", *segments, number=number))
    first, second = warehouse.reports()
    assert (first.verdict, second.verdict) == ("ACCEPTED", "REJECTED")
    assert (first.books.loaded, first.books.ignored) == (len(stored), 1 - len(stored))
    assert [number for (number,) in warehouse.rows("SELECT asn_number FROM asns")] == stored
    assert open_documents.count(warehouse.database) == len(stored)


def test_a_file_that_is_taken_or_not_as_a_whole_does_not_wait_for_it(warehouse: Warehouse) -> None:
    keys = 'hold = "file"'
    result = brought(warehouse, WRONG, order("SO-2", "5 EA AB"), whole=EVERYTHING + keys)
    assert (result.report.verdict, warehouse.order_numbers()) == ("PARTIAL", ["SO-2"])


@pytest.mark.parametrize("rows", [1, 2])
def test_a_csv_has_an_action_for_it(warehouse: Warehouse, rows: int) -> None:
    """Also where all rows of the order say it."""
    first = [f"check,SO-1,{line},AB,5" for line in range(1, rows + 1)]
    feed = warehouse.feed()
    result = warehouse.run(csv(*first, ",SO-2,1,AB,5", "CHECK,SO-3,1,AB,x", header=ACTION), feed)
    assert warehouse.order_numbers() == ["SO-2"]
    assert result.report.books == Books(read=rows + 2, loaded=1, failed=1, ignored=rows)
    assert result.failed == {"SO-3": "its only line failed; only checked"}
    assert (standing_of(warehouse), open_documents.count(warehouse.database)) == (Standing(1, 1), 0)


def test_objects_have_it_too(warehouse: Warehouse) -> None:
    line = '"orderLines": [{"customerLineNumber": "1", "skuId": "AB", "quantity": %s}]'
    one = '{"customerOrderNumber": "SO-1", "businessUnitId": "BU1", "action": "%s", "currency": "USD", %s}'
    ones = [one % ("check", line % 7), one % ("upsert", line % 5), one % ("check", line % 7)]
    result = warehouse.run("[" + ",".join(ones) + "]", warehouse.feed('format = "json"'), name="x.json")
    assert (warehouse.order_numbers(), warehouse.lines()) == (["SO-1"], {"1": ("AB", 5, "OPEN")})
    assert result.report.books == Books(read=3, loaded=1, duplicate=1, ignored=1)


def test_a_corrected_one_in_a_fix_workbook_is_checked_again(warehouse: Warehouse) -> None:
    feed = warehouse.feed()
    failing = warehouse.run(csv("check,SO-1,1,AB,x", ",SO-2,1,AB,y", header=ACTION), feed)
    workbook = corrected(warehouse.fix(failing), (2, "quantity", "5"), (3, "quantity", "5"))
    result = warehouse.run(workbook, feed, name="fix.xlsx")
    assert (result.report.verdict, warehouse.order_numbers()) == ("ACCEPTED", ["SO-2"])
    assert (result.report.books.loaded, result.report.books.ignored) == (1, 1)
    assert standing_of(warehouse) == Standing(1, 1)


@pytest.mark.parametrize("keys", ["", 'severity = { test_set = "error" }'])
def test_a_dry_run_says_the_same(warehouse: Warehouse, keys: str) -> None:
    content = csv("check,SO-1,1,AB,5", ",SO-2,1,AB,5", header=ACTION)
    feed = warehouse.feed(keys)
    ack = warehouse.check(content, feed)
    result = warehouse.run(content, feed)
    assert ack["status"] == result.ack["status"] == ("COMPLETED_WITH_ERRORS" if keys else "COMPLETED")
    assert ack["counts"].inserted == 1
    assert warehouse.order_numbers() == ["SO-2"]


def test_rows_beside_it_are_not_compared_with_it(warehouse: Warehouse) -> None:
    """A number that is spelled alike, one GTIN of two items, what was shipped of an order."""
    rows = csv("check,SO-1,1,AB,5", ",0SO-1,1,AB,5", ",SO-9,1,AB,9", header=ACTION)
    assert warehouse.run(rows).report.books == Books(read=3, loaded=2, ignored=1)
    items = csv("A,BU1,Y,Thing,A thing,4006381333931,check", "B,BU1,Y,Thing,A thing,4006381333931,",
                header="skuId,businessUnitId,isActive,name,description1,upc,action")  # fmt: skip
    of_sku = warehouse.feed(
        whole='id = "acme"\nzone = "UTC"\nbusiness_units = ["BU1"]\n[[feed]]\ndocument = "sku"\nfiles = "*"\nformat = "delimited"'
    )
    assert warehouse.run(items, of_sku, name="sku.csv").errors == []
    shipped = "action,shipmentId,customerOrderNumber,shipDate,lineNumber,customerLineNumber,skuId,quantityShipped,businessUnitId"
    whole = 'id = "acme"\nzone = "UTC"\nbusiness_units = ["BU1"]\n[[feed]]\ndocument = "ship_confirmation"\nfiles = "*"\nformat = "delimited"\n'
    whole += 'over = "fail"\nseverity = { over_shipped = "error" }'
    lines = (
        "check,S-1,SO-9,2026-11-20,1,1,AB,8,BU1",
        ",S-2,SO-9,2026-11-20,1,1,AB,7,BU1",
        "check,S-3,SO-9,2026-11-20,1,1,AB,10,BU1",
    )
    result = warehouse.run(csv(*lines, header=shipped), warehouse.feed(whole=whole), name="shipped.csv")
    assert [each[:2] for each in result.errors] == [(4, "quantityShipped")]
    assert warehouse.rows("SELECT shipment_id FROM shipments") == [("S-2",)]
