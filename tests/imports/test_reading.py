"""Stored documents read back: listed, followed, shown, with their history and the ERP's envelope."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from sqlalchemy import text

from crossdock import bundled
from crossdock.database import changes, read_documents
from crossdock.documents import DOCUMENTS
from crossdock.errors import Misused
from crossdock.partners import registry
from crossdock.reports import erp_envelope
from tests.commands import crossdock
from tests.imports.test_nights import ORDER as ORDER_HEADER
from tests.imports.test_nights import SHIPMENT, house, send
from tests.patience import PATIENCE, until
from tests.warehouse import Warehouse, csv

ORDER = DOCUMENTS["sales_order"]


def listed(warehouse: Warehouse, *where: tuple[str, str], since: int | None = None) -> list[dict[str, Any]]:
    return list(read_documents.listed(warehouse.database, ORDER, where, since))


def numbers(warehouse: Warehouse, since: int | None = None) -> list[tuple[str, int]]:
    return [(each["customerOrderNumber"], each["change"]) for each in listed(warehouse, since=since)]


@pytest.mark.both
def test_the_newest_are_shown_first_and_all_are_counted(warehouse: Warehouse) -> None:
    for number in range(1, 4):
        warehouse.run(csv(f"SO-{number},1,AB,5", f"SO-{number}0,1,AB,5"), name=f"orders_{number}.csv")
    warehouse.run(csv("SO-10,1,AB,6"), name="orders_4.csv")
    database = warehouse.database

    def newest(since: int | None, limit: int, *where: tuple[str, str]) -> list[str]:
        rows = read_documents.newest(database, ORDER, where, since, limit)
        return [each["customerOrderNumber"] for each in rows]

    assert newest(None, 4) == ["SO-10", "SO-30", "SO-3", "SO-20"]
    assert newest(3, 4) == ["SO-10"]
    assert newest(None, 4, ("customerOrderNumber", "SO-2")) == ["SO-2"]
    counted = [read_documents.count(database, ORDER, (), since) for since in (None, 2)]
    assert counted == [6, 3]
    with database.writing() as connection:
        connection.execute(text("UPDATE sales_orders SET change = 0 WHERE customer_order_number = 'SO-10'"))
    assert newest(None, 9) == ["SO-30", "SO-3", "SO-20", "SO-2", "SO-1", "SO-10"]


def test_a_list_says_what_it_leaves_out(warehouse: Warehouse) -> None:
    warehouse.run(csv(*(f"SO-{number},1,AB,5" for number in range(60))))
    done = crossdock("list", "sales_order")
    assert done.stdout.splitlines()[2].split()[1] == "SO-59"
    assert done.stdout.splitlines()[-1] == (
        "50 of 60 documents, newest first; --limit shows more, --json all, --where and --since fewer"
    )
    assert crossdock("list", "sales_order", "--limit", "60").stdout.splitlines()[-1].split()[1] == "SO-0"


@pytest.mark.both
def test_whoever_follows_sees_each_change_once(warehouse: Warehouse) -> None:
    warehouse.run(csv("SO-1,1,AB,5", "SO-2,1,AB,5"))
    assert numbers(warehouse) == [("SO-1", 1), ("SO-2", 1)]
    warehouse.run(csv("SO-1,1,AB,5", "SO-2,1,AB,6"))
    assert numbers(warehouse, since=1) == [("SO-2", 2)]
    warehouse.run(csv("SO-1,1,AB,5", "SO-2,1,AB,6"))
    assert numbers(warehouse, since=2) == [], "what is unchanged gets no number"


@pytest.mark.both
def test_no_change_is_skipped_that_commits_later(warehouse: Warehouse) -> None:
    """A number is taken last and held until the commit, so an earlier number is never seen after a later one."""
    if warehouse.database.url.drivername == "sqlite":
        pytest.skip("there is one writer: nobody can commit in between")
    order: list[str] = []
    first = warehouse.database.engine.begin()
    connection = first.__enter__()
    changes.number(connection, 1, "A")

    def second() -> None:
        with warehouse.database.writing() as other:
            changes.number(other, 2, "B")
        order.append("B")

    thread = threading.Thread(target=second)
    thread.start()
    waits = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    until(lambda: warehouse.rows(waits))  # the second, for the first to commit
    order.append("A")
    first.__exit__(None, None, None)
    thread.join(PATIENCE)
    assert order == ["A", "B"]
    assert warehouse.rows("SELECT number, job_id FROM changes ORDER BY number") == [(1, "A"), (2, "B")]


@pytest.mark.both
def test_documents_are_chosen_by_their_fields(warehouse: Warehouse) -> None:
    header = "customerOrderNumber,customerLineNumber,skuId,quantity,carrierId,orderAmount,orderDropDate,fulfillFlag"
    warehouse.run(csv("SO-1,1,AB,5,UPS,10.50,2026-11-20,Y", "SO-2,1,AB,5,DHL,,,", header=header))
    for name, value in (("carrierId", "UPS"), ("orderAmount", "10.5"), ("orderDropDate", "2026-11-20"),
                        ("fulfillFlag", "true"), ("CustomerOrderNumber", "SO-1")):  # fmt: skip
        assert [each["customerOrderNumber"] for each in listed(warehouse, (name, value))] == ["SO-1"], name
    assert [each["customerOrderNumber"] for each in listed(warehouse, ("orderAmount", ""))] == ["SO-2"]
    assert len(listed(warehouse, ("state", "OPEN"))) == 2
    with pytest.raises(Misused, match="has no field 'carrier'"):
        listed(warehouse, ("carrier", "UPS"))
    with pytest.raises(Misused, match="can't be a orderAmount"):
        listed(warehouse, ("orderAmount", "much"))


def whole(warehouse: Warehouse, document: str, number: str) -> dict[str, Any]:
    (shown,) = read_documents.find_all(warehouse.database, DOCUMENTS[document], number)
    return read_documents.whole(warehouse.database, shown)


@pytest.mark.both
def test_a_document_is_shown_as_it_was_sent(warehouse: Warehouse) -> None:
    notice = {
        "asnNumber": "A-1", "vendorNumber": "V1", "shipmentDate": "2026-11-20",
        "shipFrom": {"name": "Lovelace", "city": "Leeds"},
        "lines": [{"lineNumber": "1", "skuId": "AB", "quantity": 60, "packages": [
            {"cartonId": "340123450000000017", "quantity": 40.5}, {"cartonId": "340123450000000024", "quantity": 19.5}]}],
    }  # fmt: skip
    result = warehouse.run(json.dumps({"data": [notice]}), house("asn"), name="asn.json")
    assert result.report.failing == 1, "EA can't be broken"
    notice["lines"][0]["quantityMeasure"] = "KG"  # type: ignore[index]  # it is a list of objects
    assert warehouse.run(json.dumps({"data": [notice]}), house("asn"), name="asn.json").report.verdict == "ACCEPTED"
    shown = whole(warehouse, "asn", "A-1")

    def without_ours(value: Any) -> Any:
        if isinstance(value, list):
            return [without_ours(each) for each in value]
        if not isinstance(value, dict):
            return value
        ours = ("state", "origin", "quantityReceived", "businessUnitId", "purchaseOrderNumber")
        return {name: without_ours(each) for name, each in value.items() if name not in ours}

    assert without_ours(shown) == notice
    assert shown["lines"][0]["packages"][1]["origin"]["line"] > shown["lines"][0]["origin"]["line"]


@pytest.mark.both
def test_what_refers_to_a_document_is_shown_with_it(warehouse: Warehouse) -> None:
    warehouse.run(csv("SO-1,1,AB,5"))
    header = "shipmentId,customerOrderNumber,shipDate,lineNumber,customerLineNumber,skuId,quantityShipped"
    send(warehouse, "ship_confirmation", header, "S-1,SO-1,2026-11-20,1,1,AB,2")
    header = "rmaNumber,customerOrderNumber,lineNumber,skuId,quantity"
    send(warehouse, "rma", header, "R-1,SO-1,1,AB,1")
    shown = whole(warehouse, "sales_order", "SO-1")
    assert shown["orderLines"][0]["quantityShipped"] == 2
    assert {name: len(rows) for name, rows in shown["referredToBy"].items()} == {"ship_confirmation": 1, "rma": 1}


@pytest.mark.both
def test_history_tells_each_import_and_what_it_changed(warehouse: Warehouse) -> None:
    header = "customerOrderNumber,customerLineNumber,skuId,quantity,carrierId"
    one = warehouse.run(csv("SO-1,1,AB,5,UPS", "SO-1,2,AC,1,UPS", header=header))
    two = warehouse.run(csv("SO-1,1,AB,6,DHL", "SO-1,3,AD,1,DHL", header=header))
    three = warehouse.run(csv("SO-1,,,,,cancel", header=f"{header},action"))
    (shown,) = read_documents.find_all(warehouse.database, ORDER, "SO-1")
    entries = read_documents.history_of(warehouse.database, shown)
    changes = {(each["job"], each["what"], each["level"], *each["row"]): each["fields"] for each in entries}
    assert changes == {
        (one.job, "stored", "header"): {},
        (two.job, "changed", "header"): {"carrierId": ["UPS", "DHL"]},
        (two.job, "changed", "line", "1"): {"quantity": ["5.000000", "6.000000"]},
        (two.job, "added", "line", "3"): {},
        (two.job, "cancelled", "line", "2"): {},
        (three.job, "cancelled", "header"): {"state": ["OPEN", "CANCELLED"]},
        (three.job, "cancelled", "line", "1"): {},
        (three.job, "cancelled", "line", "3"): {},
    }
    assert entries[0]["what"] == "stored"
    assert (entries[0]["line"], [each["line"] for each in entries if each["what"] == "added"]) == (2, [3])


ERP = "soNo,custNo,PoNo,FOB,lineNo,part_no,revision,uOfMeas,ord_qty,soDet_Desc,status"


@pytest.fixture
def erp(warehouse: Warehouse) -> Warehouse:
    header = "customerNumber,name,status,terms,shipVia,billAccount"
    send(warehouse, "customer", header, "0000000008,Engines,Active,NET 15,UPS-BLUE,ACC")
    return warehouse


@pytest.mark.both
def test_an_erp_order_answers_in_the_erps_envelope(erp: Warehouse) -> None:
    result = send(erp, "erp_sales_order", ERP, "789,8,P1,ORIGIN-SHIP,1,LB,A,EACH,20,Band,standard",
                  "790,9,P2,ORIGIN-SHIP,1,LB,A,EACH,20,Band,standard")  # fmt: skip
    good, bad = (json.loads(line) for line in erp_envelope.answers(result.row, erp.database))
    assert good == {"$id": "1", "Code": 200, "Message": "Sales Order added successfully.", "SessionId": None,
                    "IsValidUser": True, "ResponseObject": None}  # fmt: skip
    assert list(bad) == list(good)
    assert (bad["Code"], bad["Message"]) == (403, "Sales Order add failed.Customer does not exists.")
    assert bad["ResponseObject"][0]["soNo"] == "0000000790"
    again = send(erp, "erp_sales_order", ERP, "0000000789,0000000008,P1,ORIGIN-SHIP,1,LB,A,EACH,21,Band,standard")
    (edited,) = (json.loads(line) for line in erp_envelope.answers(again.row, erp.database))
    assert edited["Message"] == "Sales Order edited successfully."


SEED = [
    "SONO",
    "BLINKADD",
    "SLINKADD",
    "CUSTNO",
    "SHIPNO",
    "ORDERDATE",
    "TMPACK",
    "TMPACKDT",
    "TMPACKINIT",
    "POACK",
    "POACKDT",
    "POACKINIT",
    "PORECEIV",
    "POREINIT",
    "POREDT",
    "PONO",
    "CUSTWONO",
    "SONOTE",
    "ORDPASSWD",
    "FOB",
    "SHIPVIA",
    "SHIPCHARGE",
    "IS_CLOSED",
    "DATECHG",
    "SOFOOT",
    "ORD_TYPE",
    "DELIV_TIME",
    "DELIV_AMPM",
    "BUYER",
    "SOAMOUNT",
    "ATTENTION",
    "GLDIVNO",
    "IS_RMA",
    "ORIGINSONO",
    "INVOICENO",
    "SOAMTDSCT",
    "SOEXTEND",
    "SOTAX",
    "PRINTPRDT",
    "SOAPPROVAL",
    "SOAPPRVINT",
    "SOAPPRVDT",
    "SAVEINT",
    "SAVEDT",
    "ACKPO_DOC",
    "TERMS",
    "SOPTAX",
    "SOSTAX",
    "SOCHANGES",
    "BILLACOUNT",
    "CustomerName",
    "CanApproveSo",
    "UserId",
]
DETAIL = [
    "DueDateList",
    "SOPRICESList",
    "UNIQUELN",
    "UNIQ_KEY",
    "SONO",
    "LINE_NO",
    "UOFMEAS",
    "EACHQTY",
    "ORD_QTY",
    "SHIPPEDQTY",
    "BALANCE",
    "Sodet_Desc",
    "TRANS_DAYS",
    "FSTDUEDT",
    "DELIFREQ",
    "CATEGORY",
    "NOTE",
    "EXTENDED",
    "BULLETIN",
    "WONOFLAG",
    "QTYFROMINV",
    "STATUS",
    "W_KEY",
    "ORIGINUQLN",
    "PRJUNIQUE",
    "ARCSTATUS",
    "PRODTPUNIQ",
    "PRODTPUKLN",
    "CNFGQTYPER",
    "MRPONHOLD",
    "SOURCEINSP",
    "FIRSTARTCL",
    "LFCSTITEM",
    "LWARRANTY",
    "PART_NUM",
    "PRJCT_NUM",
    "REVISION",
]
"""The keys of the seed's Get, in its order (seeds/erp_sales_order_api.txt §1.3)."""


@pytest.mark.both
def test_an_erp_order_is_shown_in_the_shape_of_its_get(erp: Warehouse) -> None:
    send(erp, "erp_sales_order", ERP, "789,8,P1,ORIGIN-CUSTOMER P/U,2,LB,A,EACH,20,Band,standard",
         "789,8,P1,ORIGIN-CUSTOMER P/U,1,LC,A,EACH,2,Belt,Priority-1")  # fmt: skip
    (shown,) = read_documents.find_all(erp.database, DOCUMENTS["erp_sales_order"], "789")
    envelope = erp_envelope.envelope_of_stored(erp.database, shown)
    response = envelope["ResponseObject"]
    assert (envelope["Code"], envelope["Message"]) == (200, "Sales Order details:")
    assert list(response) == ["$id", "SODETAILList", *SEED]
    assert all(list(line) == ["$id", *DETAIL] for line in response["SODETAILList"])
    assert [line["$id"] for line in response["SODETAILList"]] == ["3", "4"]
    assert (response["SONO"], response["CUSTNO"], response["FOB"]) == ("0000000789", "0000000008", "ORIGIN-CUST P/U")
    assert (response["SHIPVIA"], response["TERMS"], response["BILLACOUNT"]) == ("UPS-BLUE ", "NET 15 ", "ACC ")
    assert (response["ORDERDATE"], response["POACK"], response["SHIPNO"]) == ("2026-11-22T00:00:00", False, " ")
    assert erp_envelope.envelope_of_stored(erp.database, None)["Message"] == "Sales Order does not exists."


@pytest.mark.both
def test_an_order_without_a_number_gets_the_next_one(erp: Warehouse) -> None:
    send(erp, "erp_sales_order", ERP, "789,8,P1,ORIGIN-SHIP,1,LB,A,EACH,20,Band,standard")
    orders = json.dumps([{"custNo": "8", "PoNo": "P2"}, {"custNo": "8", "PoNo": "P3"}, {"custNo": "8"},
                         {"custNo": "8", "PoNo": "P1"}])  # fmt: skip
    result = erp.run(orders, house("erp_sales_order"), name="erp.json")
    numbers = [each["soNo"] for each in read_documents.listed(erp.database, DOCUMENTS["erp_sales_order"], [])]
    assert sorted(numbers) == ["0000000789", "0000000790", "0000000791"]
    codes = [code for _, _, code in result.errors]
    assert codes == ["needed_without_number", "possible_duplicate"]
    assert {each["customerOrderNumber"] for each in result.ack["failedOrders"]} == {""}
    again = erp.run(orders, house("erp_sales_order"), name="erp.json")
    assert again.report.documents.inserted == 0


@pytest.mark.both
def test_a_placeholder_groups_rows_that_have_no_number_yet(erp: Warehouse) -> None:
    header = f"placeholder,{ERP}"
    result = send(erp, "erp_sales_order", header, "X,,8,P1,,1,LB,A,EACH,20,Band,standard",
                  "Y,,8,P2,,1,LB,A,EACH,20,Band,standard", "X,,8,P1,,2,LC,A,EACH,1,Belt,standard")  # fmt: skip
    assert result.report.documents.inserted == 2, result.text
    lines = erp.rows("SELECT so_no, line_no FROM erp_sales_order_lines ORDER BY 1, 2")
    assert [len([1 for number, _ in lines if number == each]) for each in sorted({n for n, _ in lines})] in (
        [2, 1],
        [1, 2],
    )


@pytest.mark.both
def test_a_new_number_is_none_that_is_stored_whatever_else_is_used_as_one(erp: Warehouse) -> None:
    send(erp, "erp_sales_order", ERP, "1,8,P1,,1,LB,A,EACH,20,Band,standard",
         "2026-00001,8,P2,,1,LB,A,EACH,20,Band,standard", "SO-26-0001,8,P3,,1,LB,A,EACH,20,Band,standard")  # fmt: skip
    result = send(erp, "erp_sales_order", f"placeholder,{ERP}", "X,,8,P4,,1,LB,A,EACH,20,Band,standard")
    assert result.report.documents.inserted == 1, result.text
    numbers = [number for (number,) in erp.rows("SELECT so_no FROM erp_sales_orders")]
    assert sorted(numbers) == ["0000000001", "0000000002", "2026-00001", "SO-26-0001"]


def test_the_seeds_sloppy_examples_are_refused_in_a_sentence(warehouse: Warehouse) -> None:
    for content in ("{\n'SoNo':'SONO',\n'custNo':'CUSTNO'\n}", '{"SoNo":"1","custNo":"8","FOB":"ORIGIN-SHIP'):
        result = warehouse.run(content, house("erp_sales_order"), name="erp.json")
        assert "not valid JSON" in str(result.report.refused)


@pytest.mark.both
def test_shipments_and_orders_at_the_same_time_lose_nothing(warehouse: Warehouse) -> None:
    """Each order and its shipments are imported side by side: whoever comes last sees the other."""
    header = "shipmentId,customerOrderNumber,shipDate,lineNumber,customerLineNumber,skuId,quantityShipped"
    count = 40
    orders = csv(*(f"SO-{n},1,AB,2" for n in range(count)))
    ships = [csv(*(f"S-{half}-{n},SO-{n},2026-11-20,1,1,AB,1" for n in range(count)), header=header) for half in (1, 2)]
    threads = [
        threading.Thread(target=warehouse.run, args=(orders, warehouse.feed()), kwargs={"name": "o.csv", "batch_bytes": 200}),
        *(threading.Thread(target=warehouse.run, args=(ship, house("ship_confirmation")),
                           kwargs={"name": f"s{n}.csv", "batch_bytes": 400}) for n, ship in enumerate(ships)),
    ]  # fmt: skip
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    with warehouse.database.reading() as connection:
        states = connection.execute(text("SELECT state, count(*) FROM sales_orders GROUP BY state")).all()
    assert [tuple(row) for row in states] == [("SHIPPED", count)]


@pytest.mark.both
def test_a_blank_number_ends_a_sheet_and_what_is_below_is_told(erp: Warehouse) -> None:
    rows = (
        "789,8,P1,ORIGIN-SHIP,1,LB,A,EACH,20,Band,standard",
        ",,,,,,,,,see below,",
        "790,8,P2,,1,LB,A,EACH,1,Band,standard",
    )
    failing = send(erp, "erp_sales_order", ERP, *rows)
    assert "no_placeholder" in [code for line, _, code in failing.errors if line == 3]
    ended = send(erp, "erp_sales_order", ERP, *rows, blank_key="end")
    assert (ended.report.verdict, ended.warnings) == ("ACCEPTED", ["below_the_end"])
    assert "2 rows below a blank number were left out, the first at line 3" in ended.text


@pytest.mark.both
def test_a_person_who_is_no_contact_of_the_customer_is_named(erp: Warehouse) -> None:
    send(erp, "customer", "customerNumber,contacts", "0000000008,Ada Lovelace; Charles Babbage")
    header = f"{ERP},ATTENTION"
    row = "789,8,P1,ORIGIN-SHIP,1,LB,A,EACH,20,Band,standard"
    assert send(erp, "erp_sales_order", header, f"{row},ada lovelace").warnings == []
    other = send(erp, "erp_sales_order", header, f"{row},Grace Hopper")
    assert other.warnings == ["unknown_contact"]
    assert "(Ada Lovelace, Charles Babbage)" in " ".join(other.text.split())


@pytest.mark.both
def test_a_documents_times_are_shown_in_its_feeds_zone(warehouse: Warehouse) -> None:
    """Contract A2: stored in UTC, shown in the feed's zone (acme's is Berlin) with its offset; in history, too."""
    header = "customerOrderNumber,customerLineNumber,skuId,quantity,orderCreatedDate"
    warehouse.run(csv("SO-1,1,AB,5,2026-07-20T10:00:00Z", header=header))
    warehouse.run(csv("SO-1,1,AB,5,2026-11-20 12:30", header=header))
    shown = "2026-11-20T12:30:00+01:00"
    (row,) = listed(warehouse)
    (document,) = read_documents.find_all(warehouse.database, ORDER, "SO-1")
    assert (row["orderCreatedDate"], read_documents.whole(warehouse.database, document)["orderCreatedDate"]) == (
        shown,
    ) * 2
    changed = read_documents.history_of(warehouse.database, document)[-1]
    assert changed["fields"]["orderCreatedDate"] == ["2026-07-20T12:00:00+02:00", shown]


def test_what_a_failure_says_was_stored_has_the_time_of_the_feeds_zone(warehouse: Warehouse) -> None:
    partners = registry.load(bundled.folder("partners"), "Europe/Berlin")
    order = f"{ORDER_HEADER},orderCreatedDate"
    for document, content in (
        ("sales_order", csv("SO-1,S1,1,AB,5,2026-07-20T10:00:00Z", header=order)),
        ("ship_confirmation", csv("S-1,SO-1,2026-11-21,1,1,AB,5", header=SHIPMENT)),
        ("sales_order", csv("SO-1,S1,1,AB,5,2026-07-21T10:00:00Z", header=order)),
    ):
        result = warehouse.run(content, partners.named(f"house/{document}"), name=f"{document}.csv")
    assert "'2026-07-20T12:00:00+02:00'" in result.text, result.text


def test_rows_that_are_torn_in_other_ways_have_a_sentence_each(warehouse: Warehouse) -> None:
    of_one = warehouse.run(csv("SO-1,1,AB", "SO-2,1,AB,5", "SO-3,1,AB")).text
    assert "lines 2 and 4" in of_one or "lines 2–4" in of_one
    assert of_one.count("the row has") == 1
    of_two = warehouse.run(csv("SO-1,1,AB", "SO-2,1,AB,5", "SO-3,1", "SO-4,1,AB,5,6", "SO-5,1,AB,5,6")).text
    words = " ".join(of_two.split())
    assert "line 2, SO-1 the row has 3 cells" in words
    assert "line 4, SO-3 the row has 2 cells" in words
    assert "lines 5 and 6 the row has 5 cells" in words
