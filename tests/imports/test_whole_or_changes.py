"""A set says whether it is a whole order or changes of one; one feed, one file and one order may bring both (edi.md §1)."""

from __future__ import annotations

import io
import json

import openpyxl
import pytest

from crossdock.delivery import courier
from crossdock.delivery.http import Wire
from crossdock.jobs import open_documents
from crossdock.workers.by_path import replay
from tests.interchanges import OPTIONAL, interchange, message, order, partner_of
from tests.reports.edi.answered import outbox
from tests.warehouse import HEADER, Result, Warehouse, csv

BOTH = partner_of("850", "860")
WHOLE = (
    "BEG*00*NE*{}**20261101",
    "PO1*1*10*EA*2.5**VN*A",
    "PO1*2*5*EA*3**VN*B",
)


def po(number: str) -> tuple[str, ...]:
    return tuple(each.format(number) for each in WHOLE)


def change(number: str, quantity: str, purpose: str = "04") -> tuple[str, ...]:
    """An 860 of the first line."""
    return f"BCH*{purpose}*NE*{number}***20261125", f"POC*1*QI*{quantity}*2*EA***VN*A"


def stored(warehouse: Warehouse, number: str) -> list[tuple[str, float, str]]:
    """Each line of an order: item, quantity, state."""
    rows = warehouse.rows(
        f"SELECT sku_id, quantity, state FROM sales_order_lines WHERE customer_order_number = '{number}' ORDER BY sku_id"
    )
    return [(sku, float(quantity), state) for sku, quantity, state in rows]


def night(warehouse: Warehouse, *sets: tuple[str, tuple[str, ...]], number: int = 1, wrong: str = "") -> None:
    """Drop one interchange with those sets of any type, all in one group; ``wrong``: a trailer that miscounts."""
    content = interchange(*(body for _, body in sets), number=number, type_="850", group="PO").decode()
    for place, (type_, _) in enumerate(sets, 1):
        content = content.replace(f"ST*850*{place:04}", f"ST*{type_}*{place:04}")
    content = content.replace(wrong, wrong.replace("*4*", "*5*")) if wrong else content
    warehouse.drop(f"{number}.edi", content.encode())


@pytest.mark.parametrize(
    ("purpose", "keys", "left"),
    [
        ("04", "", ("B", 5, "OPEN")),
        ("05", "", ("B", 5, "CANCELLED")),
        ("04", 'sends = "whole"', ("B", 5, "CANCELLED")),
    ],
)
def test_one_feed_takes_orders_and_their_changes(
    warehouse: Warehouse, purpose: str, keys: str, left: tuple[str, float, str]
) -> None:
    """One file and one order bring both; an 860 that replaces is whole, and the feed's word counts before the set's."""
    warehouse.partner(whole=partner_of("850", "860", keys=f"{OPTIONAL}\n{keys}"))
    night(warehouse, ("860", change("PO-1", "12", purpose)), ("850", po("PO-1")), ("850", po("PO-2")))
    (report,) = warehouse.reports()
    assert report.verdict == "ACCEPTED", Result(report, warehouse.database, report.job).text
    assert stored(warehouse, "PO-1") == [("A", 12, "OPEN"), left]
    assert stored(warehouse, "PO-2") == [("A", 10, "OPEN"), ("B", 5, "OPEN")]


@pytest.mark.parametrize("code", ["QI", "QD"])
def test_a_quantity_that_changes_is_there(warehouse: Warehouse, code: str) -> None:
    """Some write only how much is left to receive (POC04): the change was taken, and nothing changed."""
    warehouse.partner(whole=BOTH)
    night(warehouse, ("850", po("PO-1")), ("850", po("PO-2")))
    lacking = ("BCH*04*NE*PO-1***20261125", f"POC*1*{code}**4*EA***VN*A")
    price_only = ("BCH*04*NE*PO-2***20261125", "POC*1*PC***EA*2.25**VN*A")
    night(warehouse, ("860", lacking), ("860", price_only), number=2)
    assert [report.verdict for report in warehouse.reports()] == ["ACCEPTED", "PARTIAL"]
    assert warehouse.rows("SELECT code, field FROM job_failures WHERE severity = 'error'") == [("missing", "quantity")]
    prices = warehouse.rows(
        "SELECT unit_price FROM sales_order_lines WHERE sku_id = 'A' ORDER BY customer_order_number"
    )
    assert prices == [("2.5000",), ("2.2500",)]


def test_changes_stay_changes_in_the_workbook(warehouse: Warehouse) -> None:
    warehouse.partner(whole=BOTH)
    night(warehouse, ("850", po("PO-1")), ("850", po("PO-2")), ("860", change("PO-1", "12x")))
    (report,) = warehouse.reports()
    book = openpyxl.load_workbook(io.BytesIO(warehouse.fix(Result(report, warehouse.database, report.job))))
    sheet = book["Lines to fix"]
    headings = [cell.value for cell in sheet[1]]
    sheet.cell(2, headings.index("quantity") + 1).value = "12"
    saved = io.BytesIO()
    book.save(saved)
    warehouse.drop("corrected.xlsx", saved.getvalue())
    (corrected,) = warehouse.reports()
    assert (report.verdict, corrected.verdict) == ("PARTIAL", "ACCEPTED")
    assert stored(warehouse, "PO-1") == [("A", 12, "OPEN"), ("B", 5, "OPEN")]


def test_changes_stay_changes_in_a_replay(warehouse: Warehouse) -> None:
    """A change that is held is taken once the feed forgives what was wrong with it, and changes what it names."""
    warehouse.partner(whole=BOTH)
    night(warehouse, ("850", po("PO-1")), ("860", change("PO-1", "12")), wrong="SE*4*0002")
    (report,) = warehouse.reports()
    warehouse.partner(whole=f'{BOTH}severity = {{ set_count = "warning" }}\n')
    (again,) = replay(warehouse.site, open_documents.open_documents(warehouse.database))
    assert (report.verdict, again.verdict) == ("PARTIAL", "ACCEPTED")
    assert stored(warehouse, "PO-1") == [("A", 12, "OPEN"), ("B", 5, "OPEN")]


@pytest.mark.parametrize("purpose", ["G", "L"])
def test_a_940_that_changes_an_order_leaves_the_other_lines(warehouse: Warehouse, purpose: str) -> None:
    warehouse.partner(whole=partner_of("940"))
    changed = order("S1", "9 EA A", action=purpose)
    unnumbered = (*changed, "W01*7*EA**VN*B")  # of a second item the loop's number tells nothing
    for number, body in enumerate((order("S1", "5 EA A", "6 EA B"), changed, unnumbered), 1):
        warehouse.drop(f"{number}.edi", interchange(body, number=number))
    verdicts = [each.verdict for each in warehouse.reports()]
    assert verdicts == ["ACCEPTED", "ACCEPTED", "REJECTED"]  # a change can't go by position
    assert stored(warehouse, "S1") == [("A", 9, "OPEN"), ("B", 6, "OPEN")]


@pytest.mark.parametrize("name", ["action", "header.action"])
def test_values_of_the_feed_are_about_the_codes_of_the_file(warehouse: Warehouse, name: str) -> None:
    """A partner whose R means cancel: the guide knows it as a replacement."""
    keys = f'{OPTIONAL}\nvalues = {{ "{name}" = {{ R = "cancel" }}, quantityMeasure = {{ CA = "PL" }} }}'
    warehouse.partner(whole=partner_of("940", keys=keys))
    warehouse.drop("1.edi", interchange(order("S1", "5 CA A")))
    warehouse.drop("2.edi", interchange(order("S1", "5 CA A", action="R"), number=2))
    assert [each.verdict for each in warehouse.reports()] == ["ACCEPTED", "ACCEPTED"]
    assert warehouse.rows("SELECT quantity_measure, state FROM sales_order_lines") == [("PL", "CANCELLED")]


def test_messages_of_an_order_and_of_its_change_are_of_one_feed(warehouse: Warehouse) -> None:
    warehouse.partner(whole=partner_of("ORDERS", "ORDCHG"))
    body = ("DTM+137:20261126:102", "LIN+1", "PIA+1+A:SA", "QTY+21:{}:PCE", "UNS+S")
    whole = ("BGM+220+PO-1+9", *body, "LIN+2", "PIA+1+B:SA", "QTY+21:5:PCE")
    whole = (*(each for each in whole if each != "UNS+S"), "UNS+S")
    segments = ["UNB+UNOC:3+THEM:14+US:14+261125:0900+7"]
    for number, (type_, own) in enumerate(
        (("ORDERS", whole), ("ORDCHG", ("BGM+230+CH-1+4", body[0], "RFF+ON:PO-1", *body[1:]))), 1
    ):
        segments += [f"UNH+{number}+{type_}:D:96A:UN", *own, f"UNT+{len(own) + 2}+{number}"]
    content = "".join(f"{each}'\n" for each in [*segments, "UNZ+2+7"])
    warehouse.drop("7.edi", content.replace("{}", "10", 1).replace("{}", "12").encode())
    _, *parts = warehouse.reports()
    assert [(part.verdict, part.books.loaded) for part in parts] == [("ACCEPTED", 2), ("ACCEPTED", 1)]
    assert stored(warehouse, "PO-1") == [("A", 12, "OPEN"), ("B", 5, "OPEN")]


@pytest.mark.parametrize("code", ["NC", "RC", "CH", "CI", "OC"])
@pytest.mark.parametrize(("purpose", "state"), [("04", "OPEN"), ("05", "CANCELLED")])
def test_a_line_that_is_only_named_stays_as_it_is(warehouse: Warehouse, code: str, purpose: str, state: str) -> None:
    """Whatever stands beside its number in changes; a whole order that names it doesn't cancel it."""
    warehouse.partner(whole=BOTH)
    quantity, item = ("99", "OTHER") if purpose == "04" else ("10", "A")
    named = f"BCH*{purpose}*NE*PO-1***20261125", f"POC*1*{code}*{quantity}*2*EA*2.5**VN*{item}"
    night(warehouse, ("850", po("PO-1")), ("860", named))
    (report,) = warehouse.reports()
    assert report.verdict == "ACCEPTED", Result(report, warehouse.database, report.job).text
    assert stored(warehouse, "PO-1") == [("A", 10, "OPEN"), ("B", 5, state)]
    if purpose == "04":
        assert report.books.unchanged == 1


COPIES = [
    ("A", "set_ignored", "value"),
    ("C", "set_ignored", "value"),
    ("E", "set_ignored", "value"),
    ("X", "test_set", "number"),
]


@pytest.mark.parametrize(("purpose", "code", "names"), COPIES)
def test_a_set_that_is_about_another_one_is_left_out_and_answered(
    warehouse: Warehouse, purpose: str, code: str, names: str
) -> None:
    warehouse.partner(whole=partner_of("940"))
    warehouse.drop("1.edi", interchange(order("S1", "9 EA A", action=purpose), order("S2", "5 EA A")))
    warehouse.drop("2.edi", interchange(order("S3", "9 EA A", action=purpose), number=2))
    first, second = warehouse.reports()
    assert (first.verdict, second.verdict, warehouse.order_numbers()) == ("ACCEPTED", "ACCEPTED", ["S2"])
    assert (first.books.ignored, first.books.loaded) == (1, 1)
    notes = warehouse.rows(f"SELECT {names}, times FROM job_failures WHERE code = '{code}' ORDER BY {names}")
    assert notes == ([("0001", 1), ("0001", 1)] if names == "value" else [("S1", 1), ("S3", 1)])
    assert all(each.delivered for each in courier.deliver(warehouse.site, Wire()))
    assert [text.count("AK5*A") for text in outbox(warehouse).values()] == [2, 1]


def test_a_copy_that_the_standard_forbids_is_rejected(warehouse: Warehouse) -> None:
    warehouse.partner(whole=partner_of("940"))
    content = interchange(order("S1", "9 EA A", action="A"), order("S2", "5 EA A")).replace(b"SE*8*0001", b"SE*9*0001")
    warehouse.drop("1.edi", content)
    (report,) = warehouse.reports()
    assert (report.verdict, report.books.failed, warehouse.order_numbers()) == ("PARTIAL", 1, ["S2"])


@pytest.mark.parametrize(
    ("purpose", "code", "names"),
    [
        ("22", "set_ignored", "value"),
        ("16", "test_set", "number"),
        ("24", "test_set", "number"),
        ("77", "test_set", "number"),
    ],
)
def test_copies_and_drafts_of_orders_are_left_out(warehouse: Warehouse, purpose: str, code: str, names: str) -> None:
    warehouse.partner(whole=BOTH)
    copy = (po("PO-2")[0].replace("BEG*00", f"BEG*{purpose}"), *po("PO-2")[1:])
    night(warehouse, ("850", po("PO-1")), ("850", copy))
    (report,) = warehouse.reports()
    assert (report.verdict, warehouse.order_numbers()) == ("ACCEPTED", ["PO-1"])
    noted = warehouse.rows(f"SELECT {names} FROM job_failures WHERE code = '{code}'")
    assert noted == [("0002" if names == "value" else "PO-2",)]


def test_a_quantity_that_changes_without_its_unit_is_said_to_keep_the_stored_one(warehouse: Warehouse) -> None:
    columns = "customerOrderNumber,customerLineNumber,skuId,quantity"
    warehouse.run(f"{columns},quantityMeasure\nSO-1,1,AB,2,CS\nSO-1,2,AC,3,EA\nSO-1,3,AD,4,CS\n")
    again = warehouse.run(f"{columns}\nSO-1,1,AB,24\nSO-1,2,AC,5\nSO-1,3,AD,4\n")
    assert (again.report.verdict, again.warnings.count("unit_kept")) == ("ACCEPTED", 1)
    kept = next(each for each in again.failures if each["code"] == "unit_kept")
    assert (kept["line"], kept["message"]) == (
        2,
        "quantity is '24' now, in the unit that is stored, CS: no unit was sent (send the unit, too)",
    )


OTHER_ITEM = [
    ("sales_order", ("BCH*04*NE*PO-1***20261125", "POC*1*QI*7*2*EA***VN*B"), True),
    ("sales_order", ("BCH*04*NE*PO-1***20261125", "POC*1*DI******VN*B"), True),
    ("sales_order", ("BCH*04*NE*PO-1***20261125", "POC*1*QI*7*2*EA***VN*A"), False),
    ("sales_order", ("BCH*04*NE*PO-1***20261125", "POC*1*QI*7*2*EA"), False),
    ("sales_order", ("BCH*04*NE*PO-1***20261125", "POC*1*NC******VN*B"), False),
    ("sales_order", ("BCH*05*NE*PO-1***20261125", "POC*1*QI*7*2*EA***VN*B"), False),
    ("purchase_order", ("BCH*04*NE*PO-1***20261125", "POC*1*QI*7*2*EA***BP*B"), True),
]
"""By document: a change of the line of the item A, and whether it may be of another line."""


@pytest.mark.both
@pytest.mark.parametrize(("document", "segments", "is_other"), OTHER_ITEM)
def test_a_change_of_a_line_that_names_another_item_is_said(
    warehouse: Warehouse, document: str, segments: tuple[str, ...], is_other: bool
) -> None:
    """An 860 whose numbers are those of another order would change, or cancel, other goods; a feed may refuse that."""
    ours = tuple(each.replace("*VN*", "*BP*") for each in po("PO-1"))
    first = po("PO-1") if document == "sales_order" else (ours[0], "CUR*BY*USD", *ours[1:])
    keys = OPTIONAL if document == "sales_order" else ""
    for number, severity in ((1, "warning"), (2, "error")):
        own = tuple(each.replace("PO-1", f"PO-{number}") for each in (*first, "\n", *segments))
        toml = partner_of("850", "860", document=document, keys=keys)
        warehouse.partner(whole=f'{toml}\nseverity = {{ item_changed = "{severity}" }}\n')
        night(warehouse, ("850", own[: len(first)]), number=2 * number)
        night(warehouse, ("860", own[len(first) + 1 :]), number=2 * number + 1)
        verdicts = [report.verdict for report in warehouse.reports()]
        assert verdicts == ["ACCEPTED", "REJECTED" if is_other and severity == "error" else "ACCEPTED"]
        named = f"code = 'item_changed' AND severity = '{severity}'"
        noted = warehouse.rows(f"SELECT field, value FROM job_failures WHERE {named}")
        assert noted == [("skuId", "B")] * is_other


def test_a_cancel_of_a_line_that_names_another_item_is_said_also_in_a_whole_order(warehouse: Warehouse) -> None:
    header = f"{HEADER},line.action"
    warehouse.run(csv("SO-1,1,A,5,", "SO-1,2,B,5,", header=header))
    result = warehouse.run(csv("SO-1,1,C,5,", "SO-1,2,A,5,cancel", header=header))
    assert [(each["line"], each["code"]) for each in result.failures] == [(3, "item_changed")]
    assert warehouse.lines() == {"1": ("C", 5.0, "OPEN"), "2": ("B", 5.0, "CANCELLED")}


@pytest.mark.both
def test_a_change_of_a_message_that_names_another_item_is_said(warehouse: Warehouse) -> None:
    top, ends = ("DTM+137:20261101:102", "NAD+BY+B1::92"), ("UNS+S", "CNT+2:1")
    warehouse.partner(whole=partner_of("ORDERS", "ORDCHG"))
    warehouse.drop("1.edi", message("ORDERS", "BGM+220+PO-1+9", *top, "LIN+1++A:SA", "QTY+21:5:PCE", *ends))
    change = ("BGM+230+C-1+4", top[0], "RFF+ON:PO-1", top[1], "LIN+1+3+B:SA", "QTY+21:7:PCE", *ends)
    warehouse.drop("2.edi", message("ORDCHG", *change, number=2))
    assert [report.verdict for report in warehouse.reports()] == ["ACCEPTED", "ACCEPTED"]
    assert warehouse.rows("SELECT field, value FROM job_failures WHERE code = 'item_changed'") == [("skuId", "B")]


@pytest.mark.both
@pytest.mark.parametrize(
    ("ids", "item"),
    [
        ("UP*012345678905", "A"),
        ("IN*C1", "A"),
        ("UP*012345678929", "012345678929"),
        ("IN*C2", "C2"),
        ("VN*B*IN*C1", "B"),
    ],
)
def test_an_item_that_is_told_by_another_id_of_its_line_is_that_item(warehouse: Warehouse, ids: str, item: str) -> None:
    """A change that names the GTIN only made the GTIN the line's SKU. Another id is said to be another item."""
    warehouse.partner(whole=BOTH)
    first = ("BEG*00*NE*PO-1**20261101", "PO1*1*10*EA*2.5**VN*A*UP*012345678905*IN*C1")
    night(warehouse, ("850", first), number=1)
    night(warehouse, ("860", ("BCH*04*NE*PO-1***20261125", f"POC*1*QI*12*2*EA***{ids}")), number=2)
    assert [report.verdict for report in warehouse.reports()] == ["ACCEPTED", "ACCEPTED"]
    assert stored(warehouse, "PO-1") == [(item, 12, "OPEN")]
    assert warehouse.rows("SELECT field FROM job_failures WHERE code = 'item_changed'") == [("skuId",)] * (item != "A")


@pytest.mark.both
@pytest.mark.parametrize(("severity", "verdict", "left"), [("warning", "ACCEPTED", 10), ("error", "REJECTED", 12)])
def test_an_old_order_that_comes_again_after_its_change_is_said(
    warehouse: Warehouse, severity: str, verdict: str, left: int
) -> None:
    """A new interchange with the very 850 that the 860 has changed took the change back without a word."""
    warehouse.partner(whole=f'{BOTH}\nseverity = {{ change_reverted = "{severity}" }}\n')
    night(warehouse, ("850", po("PO-1")), number=1)
    night(warehouse, ("860", change("PO-1", "12")), number=2)
    night(warehouse, ("850", po("PO-1")), number=3)
    reports = warehouse.reports()
    assert [report.verdict for report in reports] == ["ACCEPTED", "ACCEPTED", verdict]
    (changed,) = warehouse.rows("SELECT job_id FROM jobs WHERE name = '2.edi'")
    (named,) = warehouse.rows("SELECT detail, severity FROM job_failures WHERE code = 'change_reverted'")
    assert (changed[0] in named[0], named[1]) == (True, severity)
    assert stored(warehouse, "PO-1") == [("A", left, "OPEN"), ("B", 5, "OPEN")]


@pytest.mark.parametrize(
    "nights",
    [
        (("850", po("PO-1")), ("850", (*po("PO-1")[:2], "PO1*2*6*EA*3**VN*B")), ("850", po("PO-1"))),
        (("850", po("PO-1")), ("860", change("PO-1", "12")), ("860", change("PO-1", "10")), ("850", po("PO-1"))),
        (("850", po("PO-1")), ("860", change("PO-1", "12")), ("850", (*po("PO-1")[:2], "PO1*2*6*EA*3**VN*B"))),
        (("850", po("PO-1")), ("860", change("PO-1", "12")), ("860", change("PO-1", "9", "05")), ("850", po("PO-1"))),
    ],
)
def test_an_order_that_is_not_the_one_before_a_change_is_an_order(
    warehouse: Warehouse, nights: tuple[tuple[str, tuple[str, ...]], ...]
) -> None:
    """5, 6 and 5 again as whole orders; a change that was taken back by a change; other content; changed as a whole."""
    warehouse.partner(whole=BOTH)
    for number, each in enumerate(nights, 1):
        night(warehouse, each, number=number)
    assert {report.verdict for report in warehouse.reports()} == {"ACCEPTED"}
    assert warehouse.rows("SELECT job_id FROM job_failures WHERE code = 'change_reverted'") == []


@pytest.mark.both
def test_an_old_message_that_comes_again_after_its_changes_is_said(warehouse: Warehouse) -> None:
    """Whatever number of changes there were, and once only: the whole one is then what it was."""
    top, ends = ("DTM+137:20261101:102", "NAD+BY+B1::92"), ("UNS+S", "CNT+2:1")
    warehouse.partner(whole=partner_of("ORDERS", "ORDCHG"))
    first = ("BGM+220+PO-1+9", *top, "LIN+1++A:SA", "QTY+21:5:PCE", *ends)
    warehouse.drop("1.edi", message("ORDERS", *first))
    for number in (2, 3):
        change = (
            f"BGM+230+C-{number}+4",
            top[0],
            "RFF+ON:PO-1",
            top[1],
            "LIN+1+3+A:SA",
            f"QTY+21:{number + 5}:PCE",
            *ends,
        )
        warehouse.drop(f"{number}.edi", message("ORDCHG", *change, number=number))
    for number in (4, 5):
        warehouse.drop(f"{number}.edi", message("ORDERS", *first, number=number))
    assert {report.verdict for report in warehouse.reports()} == {"ACCEPTED"}
    assert warehouse.rows("SELECT name FROM jobs JOIN job_failures USING (job_id) WHERE code = 'change_reverted'") == [
        ("4.edi",)
    ]
    assert stored(warehouse, "PO-1") == [("A", 5, "OPEN")]


SENDS = """id = "acme"
zone = "UTC"
business_units = ["BU1"]
[[feed]]
document = "sales_order"
files = "*"
constants = { businessUnitId = "BU1", currency = "USD" }
optional = ["currency"]
"""


@pytest.mark.both
def test_an_old_file_that_comes_again_after_an_update_is_said(warehouse: Warehouse) -> None:
    """Of CSV and JSON alike; whatever comes as a whole, and whatever file has brought the change."""
    whole = "customerOrderNumber,shipTo.locationId,customerLineNumber,skuId,quantity\nSO-1,S1,1,AB,5\nSO-1,S1,2,CD,5\nSO-2,S1,1,AB,5\n"
    update = {
        "data": [
            {
                "action": "update",
                "customerOrderNumber": "SO-1",
                "orderLines": [{"customerLineNumber": "2", "quantity": 7}],
            }
        ]
    }
    feed = warehouse.feed(whole=SENDS)
    warehouse.run(whole, feed, name="1.csv")
    changed = warehouse.run(
        json.dumps(update), warehouse.feed(whole=SENDS + 'sends = "changes"\nformat = "json"'), name="2.json"
    )
    assert changed.report.verdict == "ACCEPTED", changed.text
    assert warehouse.lines("SO-1")["2"][1] == 7
    again = warehouse.run(whole.replace("SO-2,S1,1,AB,5", "SO-2,S1,1,AB,6"), feed, name="3.csv")
    named = [(each["document"], each["message"]) for each in again.failures if each["code"] == "change_reverted"]
    assert named == [
        (
            "SO-1",
            f"the document is as it was before job {changed.job} changed it, and takes that back (send the change again, if this is an old copy)",
        )
    ]
