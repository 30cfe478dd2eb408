"""Interchanges are imported like every drop: their sets are documents, one bad one is held alone, a number comes once.

The samples are real ones of others; what must come of them was written down before there was a reader
(contract edi.md §12, the README of the samples).
"""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest

from crossdock.jobs import interchanges, open_documents, queries
from crossdock.model.interchange import InterchangeRecord
from crossdock.reports import text
from crossdock.workers.by_path import replay
from tests.interchanges import OPTIONAL, interchange, order, partner_of, sample
from tests.warehouse import Result, Warehouse


def lines(warehouse: Warehouse, number: str) -> list[tuple[Any, ...]]:
    return warehouse.rows(
        "SELECT customer_line_number, sku_id, quantity, quantity_measure FROM sales_order_lines "
        f"WHERE customer_order_number = '{number}' ORDER BY length(customer_line_number), customer_line_number"
    )


def imported(warehouse: Warehouse, content: bytes, toml: str, name: str = "x.edi") -> list[Any]:
    warehouse.partner(whole=toml)
    warehouse.drop(name, content)
    return warehouse.reports()


def interchanges_of(warehouse: Warehouse, job: str) -> list[InterchangeRecord]:
    """What is kept of the interchanges of a file, in their order."""
    places = warehouse.rows(f"SELECT place FROM interchanges WHERE job_id = '{job}' ORDER BY place")
    return [interchanges.interchange_at(warehouse.database, job, place) for (place,) in places]


def failures_of(warehouse: Warehouse, job: str) -> list[tuple[str, str]]:
    """Code and severity of each failure."""
    return warehouse.rows(f"SELECT code, severity FROM job_failures WHERE job_id = '{job}' ORDER BY line, code")  # type: ignore[return-value]


def test_a_940_is_an_order(warehouse: Warehouse) -> None:
    (report,) = imported(warehouse, sample("x12_940"), partner_of("940"))
    assert (report.verdict, report.books.loaded) == ("ACCEPTED", 3)
    assert [(line, item, float(each), unit) for line, item, each, unit in lines(warehouse, "538686")] == [
        ("1", "000100", 12.0, "CS"),
        ("2", "000200", 32.0, "CS"),
        ("3", "000300", 12.0, "CS"),
    ]
    header = warehouse.rows(
        "SELECT carrier_id, delivery_instructions2, customer_dates_requested_ship_date, "
        "customer_dates_requested_delivery_date FROM sales_orders"
    )
    assert [tuple(map(str, row)) for row in header] == [("MTEN", "SHIP ON CHEP PALLETS", "2000-02-04", "2000-02-07")]


def test_each_group_is_a_drop_and_a_rejected_set_is_no_document(warehouse: Warehouse) -> None:
    """One order number in three sets: the good one is in, the bad one is held alone, the third finds it unchanged."""
    whole, first, second = imported(warehouse, sample("x12_940_two_groups"), partner_of("940"))
    assert (whole.verdict, first.verdict, second.verdict) == ("ACCEPTED", "PARTIAL", "ACCEPTED")
    assert (first.books.loaded, first.books.failed, second.books.unchanged) == (1, 1, 1)
    assert ("element_missing", "error") in failures_of(warehouse, first.job)
    assert ("element_size", "warning") in failures_of(warehouse, second.job)
    assert not [
        code for job in (first.job, second.job) for code, _ in failures_of(warehouse, job) if code == "document_twice"
    ]
    (kept,) = interchanges_of(warehouse, whole.job)
    (one, two), (three,) = (group.sets for group in kept.interchange.groups)
    assert [each.job for each in kept.parts] == [first.job, second.job]
    assert (one.number, one.faults) == ("20066", ())
    assert [fault.as_json() for fault in two.faults] == [
        {"code": "element_missing", "why": "mandatory", "segment": "N9", "position": 7, "element": 1, "number": "128"}
    ]
    assert [(each.segment, each.position, each.element) for each in three.faults] == [("W66", 3, 6)]


def test_ends_of_different_interchanges_are_refused(warehouse: Warehouse) -> None:
    (report,) = imported(warehouse, sample("x12_940_control_numbers"), partner_of("940"))
    assert report.verdict == "REJECTED"
    assert "000003439" in (report.refused or "")
    (kept,) = interchanges_of(warehouse, report.job)
    assert (kept.refused, kept.interchange.number) == ("interchange_numbers", "000003438")
    warehouse.partner(whole=partner_of("940", edi='usage = "live"\ntrailers = "warn"'))
    warehouse.drop("again.edi", sample("x12_940_control_numbers"))
    (again,) = warehouse.reports()
    assert (again.verdict, again.books.loaded) == ("REJECTED", 0)
    assert ("set_number", "error") in failures_of(warehouse, again.job)


def test_lines_without_numbers_are_numbered(warehouse: Warehouse) -> None:
    (report,) = imported(warehouse, sample("x12_850_no_line_numbers"), partner_of("850"))
    assert report.verdict == "ACCEPTED"
    assert ("numbered_by_position", "warning") in failures_of(warehouse, report.job)
    stored = lines(warehouse, "A99999-01")
    assert [float(row[2]) for row in stored] == [16, 13, 32, 51, 9, 85, 1]
    assert {row[3] for row in stored} == {"CS"}
    assert [row[0] for row in stored] == list("1234567")
    assert warehouse.rows("SELECT upc FROM sales_order_lines WHERE upc IS NOT NULL") == []


@pytest.mark.parametrize(
    ("name", "number", "expected"),
    [
        ("x12_850_vics", "08292233294", [120, 220, 126, 76, 72, 696]),
        ("x12_850_newline", "----------", [1]),
    ],
)
def test_an_850_is_an_order(warehouse: Warehouse, name: str, number: str, expected: list[float]) -> None:
    (report,) = imported(warehouse, sample(name), partner_of("850"))
    assert report.verdict == "ACCEPTED"
    assert [float(row[2]) for row in lines(warehouse, number)] == expected


def test_a_short_isa_with_a_bom_is_read_where_its_trailer_is_forgiven(warehouse: Warehouse) -> None:
    (report,) = imported(warehouse, sample("x12_850_short_isa_bom"), partner_of("850"))
    assert "these are the ends of two interchanges" in (report.refused or "")
    warehouse.partner(whole=partner_of("850", edi='usage = "live"\ntrailers = "warn"'))
    warehouse.drop("again.edi", sample("x12_850_short_isa_bom"))
    (again,) = warehouse.reports()
    assert again.verdict == "ACCEPTED"
    assert [(row[0], float(row[2]), row[3]) for row in lines(warehouse, "4600000406")] == [
        ("000100001", 2500, "YD"),
        ("000200001", 2000, "YD"),
        ("000200002", 1000, "YD"),
    ]


def test_a_set_that_nobody_takes(warehouse: Warehouse) -> None:
    (report,) = imported(warehouse, sample("x12_855_changes"), partner_of("940"))
    assert report.verdict == "REJECTED"
    assert "no feed of acme takes the sets 855" in (report.refused or "")


def test_acknowledgements_are_no_records(warehouse: Warehouse) -> None:
    (report,) = imported(warehouse, sample("x12_997_three_interchanges"), partner_of("940"))
    assert (report.verdict, report.books.read) == ("ACCEPTED", 0)
    assert len(interchanges_of(warehouse, report.job)) == 3


def test_a_number_comes_once(warehouse: Warehouse) -> None:
    """The same bytes are an ordinary drop again; other content is refused, unless nothing of the first was taken."""
    first, again, other, third = (
        interchange(order("SO-1", "5 EA AB")),
        interchange(order("SO-1", "5 EA AB")),
        interchange(order("SO-2", "5 EA AB")),
        interchange(order("SO-3", "5 EA AB"), number=2),
    )
    reports = [
        imported(warehouse, each, partner_of("940"), f"{place}.edi")[0]
        for place, each in enumerate((first, again, other, third))
    ]
    assert [each.verdict for each in reports] == ["ACCEPTED", "ACCEPTED", "REJECTED", "ACCEPTED"]
    assert reports[0].job in (reports[2].refused or "")
    assert warehouse.order_numbers() == ["SO-1", "SO-3"]
    warned = imported(warehouse, other, partner_of("940", edi='usage = "live"\nduplicates = "warn"'), "4.edi")[0]
    assert (warned.verdict, warehouse.order_numbers()) == ("ACCEPTED", ["SO-1", "SO-2", "SO-3"])
    assert interchanges_of(warehouse, warned.job)[0].twice == reports[0].job


def test_a_number_of_a_rejected_interchange_is_free_again(warehouse: Warehouse) -> None:
    (refused,) = imported(warehouse, interchange(order("SO-1", "5x EA AB")), partner_of("940"), "1.edi")
    (taken,) = imported(warehouse, interchange(order("SO-1", "5 EA AB")), partner_of("940"), "2.edi")
    assert (refused.verdict, taken.verdict) == ("REJECTED", "ACCEPTED")


def test_a_test_is_checked_and_not_stored(warehouse: Warehouse) -> None:
    (report,) = imported(warehouse, interchange(order("SO-1", "5 EA AB"), usage="T"), partner_of("940", edi=""))
    assert (report.verdict, report.books.loaded, warehouse.order_numbers()) == ("ACCEPTED", 1, [])
    assert ("only_a_test", "warning") in failures_of(warehouse, report.job)
    refusing = partner_of("940", edi='usage = "refuse"')
    (refused,) = imported(warehouse, interchange(order("SO-2", "5 EA AB"), usage="T", number=2), refusing)
    assert "says that it is a test" in (refused.refused or "")


def test_ids_say_whose_it_is(warehouse: Warehouse) -> None:
    known = partner_of("940", edi='theirs = ["ZZ:THEM"]\nours = ["*:US"]')
    (right,) = imported(warehouse, interchange(order("SO-1", "5 EA AB")), known)
    (stranger,) = imported(warehouse, interchange(order("SO-2", "5 EA AB"), sender="01:THEM", number=2), known)
    (elsewhere,) = imported(warehouse, interchange(order("SO-3", "5 EA AB"), receiver="ZZ:THOSE", number=3), known)
    assert [each.verdict for each in (right, stranger, elsewhere)] == ["ACCEPTED", "REJECTED", "REJECTED"]
    assert "acme sends as ZZ:THEM" in (stranger.refused or "")
    assert "we are *:US" in (elsewhere.refused or "")


def test_one_bad_set_is_held_alone_and_its_workbook_brings_it_in(warehouse: Warehouse) -> None:
    content = interchange(order("SO-1", "5 EA AB"), order("SO-2", "5x EA AB", "7 EA CD"), order("SO-3", "1 EA AB"))
    (report,) = imported(warehouse, content, partner_of("940"))
    assert (report.verdict, warehouse.order_numbers()) == ("PARTIAL", ["SO-1", "SO-3"])
    result = Result(report, warehouse.database, report.job)
    assert result.failed.keys() == {"SO-2"}
    assert "set 2 (ST 0002), segment 7" in result.text
    assert "W0101 (quantity) '5x' is not a number" in result.text
    book = openpyxl.load_workbook(io.BytesIO(warehouse.fix(result)))
    sheet = book["Lines to fix"]
    headings = [cell.value for cell in sheet[1]]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    assert [row[headings.index("quantity")] for row in rows] == ["5x", "7"]
    sheet.cell(2, headings.index("quantity") + 1).value = "5"
    saved = io.BytesIO()
    book.save(saved)
    warehouse.drop("corrected.xlsx", saved.getvalue())
    (corrected,) = warehouse.reports()
    assert (corrected.verdict, warehouse.order_numbers()) == ("ACCEPTED", ["SO-1", "SO-2", "SO-3"])
    assert [(row[1], float(row[2])) for row in lines(warehouse, "SO-2")] == [("AB", 5), ("CD", 7)]


def test_a_held_set_is_taken_when_the_feed_forgives_it(warehouse: Warehouse) -> None:
    """What a standard forbids is kept with the records, so a replay knows it, too."""
    content = interchange(order("SO-1", "5 EA AB"), order("SO-2", "7 EA CD")).replace(b"SE*8*0002", b"SE*9*0002")
    (report,) = imported(warehouse, content, partner_of("940"))
    assert (report.verdict, warehouse.order_numbers()) == ("PARTIAL", ["SO-1"])
    held = list(open_documents.open_documents(warehouse.database))
    (still,) = replay(warehouse.site, held)
    assert still.verdict == "REJECTED"
    assert ("set_count", "error") in failures_of(warehouse, still.job)
    warehouse.partner(whole=partner_of("940", keys=f'{OPTIONAL}\nseverity = {{ set_count = "warning" }}'))
    (taken,) = replay(warehouse.site, open_documents.open_documents(warehouse.database))
    assert (taken.verdict, warehouse.order_numbers()) == ("ACCEPTED", ["SO-1", "SO-2"])


def test_an_856_is_a_notice_with_its_cartons(warehouse: Warehouse) -> None:
    """Its SSCCs have wrong check digits: five times a failure, unless the feed warns only."""
    (held,) = imported(warehouse, sample("x12_856_pick_pack"), partner_of("856", document="asn", keys=""))
    assert held.verdict == "REJECTED"
    assert [code for code, _ in failures_of(warehouse, held.job)].count("wrong_sscc") == 5
    warned = partner_of("856", document="asn", keys='sscc = "warn"')
    (taken,) = imported(warehouse, sample("x12_856_pick_pack"), warned, "again.edi")
    assert taken.verdict == "ACCEPTED"
    assert warehouse.rows("SELECT asn_number, total_cartons, weight_uom FROM asns") == [("000009", 5, "LB")]
    stored = warehouse.rows("SELECT line_number, purchase_order_number, quantity FROM asn_lines ORDER BY line_number")
    assert [(number, order, float(quantity)) for number, order, quantity in stored] == [
        ("1", "POREF00", 12.0),
        ("2", "POREF00", 12.0),
        ("3", "POREF00", 12.0),
        ("4", "POREF00", 12.0),
        ("5", "POREF01", 12.0),
    ]
    packages = warehouse.rows("SELECT carton_id, quantity FROM asn_packages ORDER BY carton_id")
    assert [(carton, float(quantity)) for carton, quantity in packages] == [
        ("000715670002152111", 12.0),
        ("000715670002152360", 12.0),
        ("000715670002152377", 12.0),
        ("000715670002152384", 12.0),
        ("000715670002152391", 12.0),
    ]


def test_an_orders_message_in_a_group(warehouse: Warehouse) -> None:
    (held,) = imported(warehouse, sample("edifact_orders_group"), partner_of("ORDERS"))
    assert held.verdict == "REJECTED"
    assert ("set_count", "error") in failures_of(warehouse, held.job)
    forgiving = partner_of("ORDERS", keys=f'{OPTIONAL}\nseverity = {{ set_count = "warning" }}')
    (taken,) = imported(warehouse, sample("edifact_orders_group"), forgiving, "again.edi")
    assert taken.verdict == "ACCEPTED"
    rows = warehouse.rows("SELECT sku_id, customer_sku, upc, quantity, unit_price FROM sales_order_lines")
    assert [tuple(map(str, row[:3])) + tuple(map(float, row[3:])) for row in rows] == [
        ("5400111864181", "8641800", "5400111864181", 288.0, 12.8)
    ]


def test_an_orders_message_without_a_trailer_is_never_taken(warehouse: Warehouse) -> None:
    toml = partner_of("ORDERS", edi='usage = "live"\ntrailers = "warn"')
    (cut,) = imported(warehouse, sample("edifact_orders_no_unz"), toml)
    assert "has no trailer" in (cut.refused or "")
    (taken,) = imported(warehouse, sample("edifact_orders_no_unz") + b"UNZ+1+807'\n", toml, "whole.edi")
    assert taken.verdict == "ACCEPTED"
    assert [(row[0], row[1], float(row[2]), row[3]) for row in lines(warehouse, "801715918011")] == [
        ("1", "5020436373085", 8.0, "EA"),
        ("2", "5020436373108", 8.0, "EA"),
    ]
    assert warehouse.rows("SELECT ship_to_location_id FROM sales_orders") == [("8711576100019",)]


DESADV = """UNA:+.? '
UNB+UNOC:3+5400110000009:14+4012345000009:14+261125:0900+77'
UNH+1+DESADV:D:96A:UN:EAN005'
BGM+351+DA-7+9'
DTM+137:20261125:102'
DTM+11:202611251430:203'
RFF+ON:PO-9'
NAD+SU+5400110000009::9++Vendor?'s goods'
NAD+DP+4012345000009::9'
CPS+1'
CPS+2+1'
PAC+1++201'
PCI+33E'
GIN+BJ+340123450000000017'
CPS+3+2'
PAC+1++CT'
PCI+33E'
GIN+BJ+340123450000000024'
LIN+1++4006381333931:EN'
PIA+1+AB:IN+L-7:NB'
QTY+12:60:PCE'
CPS+4+2'
PAC+2++CT'
PCI+33E'
GIN+BJ+340123450000000031+340123450000000048'
LIN+2++4006381333931:EN'
PIA+1+CD:IN'
QTY+12:10:PCE'
CNT+2:2'
UNT+28+1'
UNZ+1+77'
"""


def test_a_desadv_message_is_a_notice_with_its_pallets(warehouse: Warehouse) -> None:
    (report,) = imported(warehouse, DESADV.encode(), partner_of("DESADV", document="asn", keys=""))
    assert report.verdict == "ACCEPTED"
    assert warehouse.rows("SELECT asn_number, vendor_number, vendor_name FROM asns") == [
        ("DA-7", "5400110000009", "Vendor's goods")
    ]
    stored = warehouse.rows(
        "SELECT line_number, sku_id, purchase_order_number, quantity_measure, quantity FROM asn_lines ORDER BY 1"
    )
    assert [(*row[:4], float(row[4])) for row in stored] == [
        ("1", "AB", "PO-9", "EA", 60.0),
        ("2", "CD", "PO-9", "EA", 10.0),
    ]
    packages = warehouse.rows("SELECT carton_id, pallet_id, lot_number, quantity FROM asn_packages ORDER BY 1")
    assert [(*row[:3], None if row[3] is None else float(row[3])) for row in packages] == [
        ("340123450000000024", "340123450000000017", "L-7", 60.0),
        ("340123450000000031", "340123450000000017", "", None),
        ("340123450000000048", "340123450000000017", "", None),
    ]


@pytest.mark.parametrize("name", ["Zo\x81", "caf\xe9 \x9d"])
def test_bytes_that_no_encoding_has_are_refused_and_never_changed(warehouse: Warehouse, name: str) -> None:
    content = sample("x12_940").replace(b"N1*ST*", b"N1*ST*" + name.encode("latin-1"), 1)
    (report,) = imported(warehouse, content, partner_of("940"))
    assert report.verdict == "REJECTED"
    assert "is not cp1252: name the file's encoding" in (report.refused or "")
    assert lines(warehouse, "538686") == []


def test_text_that_is_no_utf8_is_read_as_windows_writes_it(warehouse: Warehouse) -> None:
    content = sample("x12_940").replace(b"N1*ST*", "N1*ST*Café – ".encode("cp1252"), 1)
    (report,) = imported(warehouse, content, partner_of("940"))
    assert report.verdict == "ACCEPTED"
    ((name,),) = warehouse.rows("SELECT ship_to_name FROM sales_orders")
    assert name.startswith("Café – ")


def test_an_element_is_named_as_its_own_set_names_it(warehouse: Warehouse) -> None:
    """One feed takes 850 and 860: the quantity is PO102 in the one, POC03 in the other."""
    one = interchange(("BEG*00*SA*PO-1**20261120", "PO1*1*0*EA*1.5**VN*AB"), type_="850", group="PO")
    other = interchange(
        ("BCH*04*SA*PO-1***20261121", "POC*1*QI*0**EA*1.5**VN*AB"), type_="860", group="PC", number=2
    )  # fmt: skip
    both = partner_of("850", "860")
    (first,), (second,) = imported(warehouse, one, both), imported(warehouse, other, both)
    texts = [Result(each, warehouse.database, each.job).text for each in (first, second)]
    assert [text.count(" PO102 (quantity) '0' must be more than 0") for text in texts] == [1, 0]
    assert [text.count(" POC03 (quantity) '0' must be more than 0") for text in texts] == [0, 1]


@pytest.mark.parametrize("wrong", ["cut", "other receiver", "twice"])
def test_an_interchange_that_is_refused_beside_a_right_one_is_no_green_job(warehouse: Warehouse, wrong: str) -> None:
    """It is no drop of its own: nobody was told where it isn't acknowledged."""
    right = interchange(order("SO-1", "5 EA AB"), number=101)
    other = interchange(order("SO-2", "5 EA AB"), number=101 if wrong == "twice" else 102,
                        receiver="ZZ:YOU" if wrong == "other receiver" else "ZZ:US")  # fmt: skip
    content = right + (other[: other.rindex(b"IEA")] if wrong == "cut" else other)
    keys = 'usage = "live"\ntechnical = "never"\nfunctional = "none"\nours = ["ZZ:US"]'
    whole, part = sorted(
        imported(warehouse, content, partner_of("940", edi=keys), "both.edi"), key=lambda each: each.name
    )
    assert (whole.verdict, whole.exit_code, part.verdict) == ("PARTIAL", 3, "ACCEPTED")
    assert warehouse.order_numbers() == ["SO-1"]
    job = queries.one(warehouse.database, whole.job)
    assert job.alert is not None
    assert f"the interchange {'000000101' if wrong == 'twice' else '000000102'}" in job.alert
    assert "the interchange" in " ".join("\n".join(text.text(job, warehouse.database)).split())
