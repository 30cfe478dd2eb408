"""Each set becomes the same rows as a CSV of the same documents; what is wrong in one is said where it stands.

Files: ``x12_945.edi`` and the same documents as ``x12_945.csv`` under our names; ``x12_945_bad.edi`` and, in
``x12_945_bad.txt``, its failures, with the acknowledgement below them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from crossdock.database.tables import LEVELS
from crossdock.delivery import courier
from crossdock.delivery.http import Wire
from crossdock.documents import DOCUMENTS
from tests.interchanges import OPTIONAL, interchange, message, partner_of
from tests.reports.edi.answered import outbox
from tests.samples import thinned
from tests.warehouse import Result, Warehouse

SETS = Path(__file__).parents[1] / "formats" / "guides" / "sets"
DOCUMENT = {
    "x12_945": "ship_confirmation",
    "x12_943": "asn",
    "x12_944": "receipt",
    "x12_846": "inventory",
    "x12_947": "inventory_movement",
    "x12_180": "rma",
    "x12_832": "sku",
    "edifact_recadv": "receipt",
    "edifact_invrpt": "inventory",
    "edifact_ordchg": "sales_order",
    "x12_860": "sales_order",
    "x12_850": "sales_order",
    "edifact_orders": "sales_order",
    "x12_856": "asn",
    "edifact_desadv": "asn",
}
LEFT_OUT = {"business_unit_id", "key_fold", "revision", "change", "job", "line", "content", "version"}
"""Columns of rows that tell the two imports apart."""
CSV = """
[[feed]]
document = "{document}"
files = "*.csv"
constants = {{ businessUnitId = "BU2" }}
"""


def partner_with_both(name: str) -> str:
    """A partner who sends the set for BU1, and the document as CSV for BU2."""
    document, set_ = DOCUMENT[name], name.partition("_")[2].upper()
    edi = 'usage = "live"' + ('\nfunctional = "CONTRL"' if name.startswith("edifact") else "")
    toml = partner_of(set_, document=document, edi=edi, keys=OPTIONAL if document == "sales_order" else "").replace(
        '["BU1"]', '["BU1", "BU2"]'
    )
    return toml.replace('files = "*"', 'files = "*.edi"') + CSV.format(document=document)


def stored(warehouse: Warehouse, name: str, unit: str) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of a document's tables for one business unit, without who brought them and when."""
    rows = {}
    for table in (level.table for level in DOCUMENTS[DOCUMENT[name]].levels):
        columns = ", ".join(each.name for each in LEVELS[table].c if each.name not in LEFT_OUT)
        keys = ", ".join(each.name for each in LEVELS[table].primary_key if each.name in columns.split(", "))
        rows[table] = warehouse.rows(f"SELECT {columns} FROM {table} WHERE business_unit_id = '{unit}' ORDER BY {keys}")
    return rows


@pytest.mark.both(slow=True)
@pytest.mark.parametrize("name", thinned(*DOCUMENT, every=2))
def test_a_set_becomes_the_rows_of_the_csv(warehouse: Warehouse, name: str) -> None:
    warehouse.partner(whole=partner_with_both(name))
    warehouse.drop("a.edi", (SETS / f"{name}.edi").read_bytes())
    warehouse.drop("b.csv", (SETS / f"{name}.csv").read_bytes())
    for report in warehouse.reports():
        assert report.verdict == "ACCEPTED", Result(report, warehouse.database, report.job).text
    of_set, of_csv = stored(warehouse, name, "BU1"), stored(warehouse, name, "BU2")
    assert all(of_csv[table] for table in list(of_csv)[:1])
    for table, rows in of_csv.items():
        assert of_set[table] == rows


@pytest.mark.both(slow=True)
@pytest.mark.parametrize("name", DOCUMENT)
def test_what_is_wrong_in_a_set_is_said_where_it_stands(warehouse: Warehouse, name: str) -> None:
    warehouse.partner(whole=partner_with_both(name))
    warehouse.drop("a.edi", (SETS / f"{name}_bad.edi").read_bytes())
    (report,) = warehouse.reports()
    text = Result(report, warehouse.database, report.job).text.replace(report.job, "JOB")
    assert all(each.delivered for each in courier.deliver(warehouse.site, Wire()))
    text = "\n".join([text, *outbox(warehouse).values()])
    assert text == (SETS / f"{name}_bad.txt").read_text(encoding="utf-8")


@pytest.mark.both(slow=True)
def test_an_860_changes_an_order_line_by_line(warehouse: Warehouse) -> None:
    """Its quantity is the new whole one; what is blank or left out stays; a replacement is whole; each line needs a number."""
    feed = partner_of("850", keys=OPTIONAL)
    warehouse.partner(whole=feed + feed[feed.index("[[feed]]") :].replace("850", "860"))
    sent = [
        ("850", "BEG*00*NE*PO-1**20261101", "PO1*1*10*EA*2.5**VN*AB", "PO1*2*5*EA*3**VN*CD", "PO1*3*1*EA*4**VN*EF"),
        ("860", "BCH*04*NE*PO-1***20261125", "POC*1*QI*12*2*EA***VN*AB", "POC*2*DI*5*0*EA***VN*CD"),
        ("860", "BCH*05*NE*PO-1***20261126", "POC*1*NC*12*0*EA*2.5**VN*AB"),
        ("860", "BCH*04*NE*PO-1***20261127", "POC**QI*99*2*EA***VN*AB"),
    ]
    verdicts, stored = [], []
    for number, (type_, *body) in enumerate(sent, 1):
        group = "PO" if type_ == "850" else "PC"
        warehouse.drop(f"{number}.edi", interchange(tuple(body), number=number, type_=type_, group=group))
        verdicts += [report.verdict for report in warehouse.reports()]
        rows = warehouse.rows("SELECT quantity, unit_price, state FROM sales_order_lines ORDER BY customer_line_number")
        stored.append([(float(quantity), float(price), state) for quantity, price, state in rows])
    assert verdicts == ["ACCEPTED", "ACCEPTED", "ACCEPTED", "REJECTED"]
    assert stored[1] == [(12, 2.5, "OPEN"), (5, 3, "CANCELLED"), (1, 4, "OPEN")]
    assert stored[2] == stored[3] == [(12, 2.5, "OPEN"), (5, 3, "CANCELLED"), (1, 4, "CANCELLED")]


@pytest.mark.both(slow=True)
@pytest.mark.parametrize("release", ["D:96A", "D:01B"])
def test_what_moved_in_an_inventory_report_is_a_movement(warehouse: Warehouse, release: str) -> None:
    """In D.96A a QTY holds its INV, in D.01B an INV its QTY; a LIN with two movements fails, as one without any."""
    moved = [("1", "2", "5"), ("2", "1", "7,0"), ("2", "4", "3"), ("1", "9", "2")]
    segments = ["BGM+78+MV-1+9", "DTM+137:20261125:102", "DTM+366:202611251430:203", "NAD+WH+B1::92"]
    for number, (out, why, quantity) in enumerate(moved, 1):
        pair = [f"QTY+156:{quantity}:PCE", f"INV+{out}+1+{why}"]
        segments += [f"LIN+{number}", f"PIA+5+SKU{number}:SA", *(pair if release == "D:96A" else pair[::-1])]
    twice = ["QTY+156:1:PCE", "INV+1", "QTY+156:1:PCE", "INV+2"]
    segments += ["LIN+5", "PIA+5+SKU5:SA", *(twice if release == "D:96A" else [twice[at] for at in (1, 0, 3, 2)])]
    segments += ["LIN+6", "PIA+5+SKU6:SA", "QTY+145:9:PCE"]
    body = [f"UNH+1+INVRPT:{release}:UN", *segments, f"UNT+{len(segments) + 2}+1"]
    content = "".join(f"{each}'\n" for each in ["UNB+UNOC:3+THEM+US+261125:0900+7", *body, "UNZ+1+7"])
    warehouse.partner(whole=partner_of("INVRPT", document="inventory_movement", keys=""))
    warehouse.drop("a.edi", content.encode())
    (report,) = warehouse.reports()
    rows = warehouse.rows(
        "SELECT transaction_id, movement_type, sku_id, quantity, quantity_measure, reason_code FROM inventory_movements ORDER BY 1"
    )
    assert [(*row[:3], float(row[3]), *row[4:]) for row in rows] == [
        ("MV-1-1", "SHIP", "SKU1", -5, "EA", "2"),
        ("MV-1-2", "RECEIPT", "SKU2", 7, "EA", "1"),
        ("MV-1-3", "CYCLE_COUNT", "SKU3", 3, "EA", "4"),
        ("MV-1-4", "ADJUST", "SKU4", -2, "EA", "9"),
    ], Result(report, warehouse.database, report.job).text
    assert (report.books.loaded, report.books.failed) == (4, 2)


def line(number: str, action: str, quantity: str, item: str, *, of: str) -> list[str]:
    """A line of a change, as an 860 or an ORDCHG message has it."""
    if of == "860":
        return [f"POC*{number}*{action}*{quantity}*0*EA*2.5**VN*{item}"]
    return [f"LIN+{number}+{action}", f"PIA+1+{item}:SA", f"QTY+21:{quantity}:PCE", "PRI+AAA:2.5"]


def change(*lines: list[str], of: str, purpose: str, number: int, order: str = "PO-1") -> bytes:
    """An interchange with one change; ``purpose``: ``04`` changes the order, ``05`` replaces it."""
    segments = [segment for each in lines for segment in each]
    if of == "860":
        segments.append(f"CTT*{len(lines)}*{sum(int(each.split('*')[3]) for each in segments)}")
        return interchange((f"BCH*{purpose}*NE*{order}***20261125", *segments), number=number, type_="860", group="PC")
    head = [f"BGM+230+C-{number}+{purpose.lstrip('0')}", "DTM+137:20261125:102", f"RFF+ON:{order}"]
    return message("ORDCHG", *head, *segments, "UNS+S", number=number)


KEPT = {"860": ("NC", "QI"), "ORDCHG": ("4", "3")}
"""By set, the code of a line that stays as it is, and that of one that is changed."""


@pytest.mark.both(slow=True)
@pytest.mark.parametrize("of", KEPT)
@pytest.mark.parametrize("purpose", ["04", "05"])
def test_a_line_that_is_only_named_stays_as_it_is(warehouse: Warehouse, of: str, purpose: str) -> None:
    """Whatever stands beside its number: a whole order doesn't cancel it, and one that is cancelled stays so."""
    kept, changed = KEPT[of]
    warehouse.partner(whole=partner_of(of, keys=OPTIONAL))
    order = [line(str(place), changed, str(place * 10), f"SKU{place}", of=of) for place in (1, 2, 3, 4)]
    cancels = line("4", {"860": "DI", "ORDCHG": "2"}[of], "0", "SKU4", of=of)
    named = [
        line("1", changed, "99", "SKU1", of=of),
        line("2", kept, "7", "OTHER", of=of),
        line("4", kept, "0", "SKU4", of=of),
    ]
    sent = [
        change(*order, of=of, purpose="05", number=1),
        change(cancels, of=of, purpose="04", number=2),
        change(*named, of=of, purpose=purpose, number=3),
        change(*named, of=of, purpose=purpose, number=4),
        change(line("2", kept, "7", "OTHER", of=of), line("9", kept, "7", "OTHER", of=of), of=of, purpose=purpose, number=5),
        change(line("1", kept, "7", "OTHER", of=of), of=of, purpose="05", number=6, order="PO-2"),
    ]  # fmt: skip
    verdicts = []
    for number, content in enumerate(sent, 1):
        warehouse.drop(f"{number}.edi", content)
        (report,) = warehouse.reports()
        verdicts.append(report.verdict)
        if number in (3, 4):
            third = "CANCELLED" if purpose == "05" else "OPEN"
            assert report.books.failed == 0
            assert warehouse.rows(
                "SELECT customer_line_number, sku_id, CAST(quantity AS INTEGER), state FROM sales_order_lines ORDER BY 1"
            ) == [
                ("1", "SKU1", 99, "OPEN"),
                ("2", "SKU2", 20, "OPEN"),
                ("3", "SKU3", 30, third),
                ("4", "SKU4", 40, "CANCELLED"),
            ]
    assert verdicts == ["ACCEPTED"] * 4 + ["REJECTED"] * 2
    text = Result(report, warehouse.database, report.job).text
    assert "there is no line '1' that could stay as it is (send what it" in text
    assert warehouse.rows("SELECT code, field, value FROM job_failures WHERE severity = 'error' ORDER BY value") == [
        ("nothing_to_keep", "customerLineNumber", "1"),
        ("nothing_to_keep", "customerLineNumber", "9"),
    ]
