"""Days, times, carriers and prices of interchanges of which several kinds may be there: a rule says which counts."""

from __future__ import annotations

import json

import pytest

from tests.imports.test_first_of_several import BEGIN, ITEM, LINES, ORDERS, RECEIVED, brought
from tests.imports.test_several_numbers import DESPATCH, LINE, RETURN, SHIPMENT, SHIPPED, TRANSFER
from tests.interchanges import OPTIONAL, interchange, message, partner_of
from tests.warehouse import Result, Warehouse

END = ("UNS+S",)
GOODS = (*LINE, "QTY+12:3:PCE")
MOVED = ("W04*3*EA**VN*AB", "N9*LI*1", "W03*3")
COUNTED = ("N1*WH**92*B1", "LIN**VN*AB", "QTY*17*5*EA")
REPORT = ("BGM+35+I-1+9", "DTM+137:20261120:102", "DTM+366:20261119:102")
DAYS = {
    "DESADV despatch": ("asn", "DESADV", (*DESPATCH[:2], "DTM+133:20261121:102", "DTM+11:20261122:102", *DESPATCH[2:], *GOODS), "asns.shipment_date", "2026-11-22", "20261122 (DTM*11), 20261121 (DTM*133)"),
    "DESADV delivery": ("asn", "DESADV", (*DESPATCH[:2], "DTM+17:20261124:102", "DTM+132:20261123:102", *DESPATCH[2:], *GOODS), "asns.expected_delivery_date", "2026-11-23", "20261123 (DTM*132), 20261124 (DTM*17)"),
    "DESADV requested delivery": ("asn", "DESADV", (*DESPATCH[:2], "DTM+2:20261128:102", "DTM+17:20261124:102", *DESPATCH[2:], *GOODS), "asns.expected_delivery_date", "2026-11-24", ""),
    "943 shipment": ("asn", "943", (*TRANSFER, "G62*11*20261121", *MOVED), "asns.shipment_date", "2026-11-20", "20261120 (W0603), 20261121 (G62*11)"),
    "943 requested delivery": ("asn", "943", (*TRANSFER, "G62*02*20261128", "G62*17*20261124", *MOVED), "asns.expected_delivery_date", "2026-11-24", ""),
    "944": ("receipt", "944", (*RECEIVED[:2], "G62*19*20261121", RECEIVED[2]), "receipts.receipt_date", "2026-11-20", "20261120 (W1702), 20261121 (G62*19)"),
    "945": ("ship_confirmation", "945", (*SHIPMENT[:2], "G62*11*20261121*8*0900", SHIPMENT[2], *SHIPPED), "shipments.ship_date", "2026-11-20", "20261120 (W0603), 20261121 (G62*11)"),
    "180": ("rma", "180", (RETURN[0], "DTM*067*20261202", "DTM*017*20261201", *RETURN[1:]), "rmas.expected_date", "2026-12-01", "20261201 (DTM*017), 20261202 (DTM*067)"),
    "846": ("inventory", "846", ("BIA*00*SI*E*20261120*0900", "DTM*007*20261119", *COUNTED), "inventory.as_of", "2026-11-20", "20261120 (BIA04), 20261119 (DTM*007)"),
    "INVRPT": ("inventory", "INVRPT", (*REPORT, "DTM+91:20261118:102", "NAD+GM+B1::92", "LIN+1++AB:SA", "QTY+145:7:PCE"), "inventory.as_of", "2026-11-19", "20261119 (DTM*366), 20261118 (DTM*91)"),
    "850": ("sales_order", "850", (BEGIN[0], "DTM*004*20261030", BEGIN[1], *LINES), "sales_orders.order_created_date", "2026-11-01", "20261101 (BEG05), 20261030 (DTM*004)"),
    "a period": ("sales_order", "ORDERS", (*ORDERS[:2], "DTM+63:20270101-20270105:718", *ORDERS[2:], *ITEM, *END), "sales_orders.customer_dates_delivery_end_date", "2027-01-01", "20270101, 20270105"),
    "a period without a mark": ("sales_order", "ORDERS", (*ORDERS[:2], "DTM+2:202701010800202701051200:719", *ORDERS[2:], *ITEM, *END), "sales_orders.customer_dates_requested_delivery_date", "2027-01-01", "20270101, 20270105"),
    "a period of X12": ("sales_order", "850", (BEGIN[0], "DTM*002****RD8*20270101-20270105", BEGIN[1], *LINES), "sales_orders.customer_dates_requested_delivery_date", "2027-01-01", "20270101, 20270105"),
}  # fmt: skip
"""By what it is: its document and type, its segments, the column and its day, and the days that a warning names."""


@pytest.mark.parametrize("name", DAYS)
def test_days_that_differ_are_named_with_their_kinds(warehouse: Warehouse, name: str) -> None:
    """Also in the second set, which is read by the shape of the first."""
    document, type_, segments, place, day, named = DAYS[name]
    for number in (1, 2):
        assert brought(warehouse, document, type_, segments, number) == "ACCEPTED"
    table, column = place.split(".")
    assert {str(stored)[:10] for (stored,) in warehouse.rows(f"SELECT {column} FROM {table}")} == {day}
    noted = warehouse.rows("SELECT detail FROM job_failures WHERE code = 'first_of_several'")
    assert [json.loads(detail)["sent"] for (detail,) in noted] == ([named] * 2 if named else [])


def test_an_expiration_date_is_no_period(warehouse: Warehouse) -> None:
    segments = (*DESPATCH, *GOODS, "DTM+361:20270101-20270105:718")
    assert brought(warehouse, "asn", "DESADV", segments) == "REJECTED"
    assert ("several_values", "expirationDate") in warehouse.rows("SELECT code, field FROM job_failures")


ZONES = {"UT": "20T23:30", "ES": "21T04:30", "ET": "21T04:30", "PT": "21T07:30", "02": "20T21:30", "23": "21T01:30",
         "LT": "21T05:30", "QQ": "21T05:30"}  # fmt: skip
"""The zone of a time of day (X12 623), half past eleven at night in November, in UTC; LT is the feed's, Chicago's."""


@pytest.mark.parametrize("zone", ZONES)
def test_a_time_is_that_of_its_zone(warehouse: Warehouse, zone: str) -> None:
    """One that isn't known is the feed's, and a warning names it; also in the second set."""
    segments = (*SHIPMENT[:2], f"G62*11*20261120*8*2330*{zone}", SHIPMENT[2], *SHIPPED)
    for number in (1, 2):
        assert brought(warehouse, "ship_confirmation", "945", segments, number) == "ACCEPTED"
    moments = {str(moment)[8:16].replace(" ", "T") for (moment,) in warehouse.rows("SELECT ship_date FROM shipments")}
    assert moments == {ZONES[zone]}
    noted = warehouse.rows("SELECT field, detail FROM job_failures WHERE code = 'unknown_zone'")
    assert [(field, json.loads(detail)["meant"]) for field, detail in noted] == [("shipDate", zone)] * (
        2 if zone in ("LT", "QQ") else 0
    )


@pytest.mark.parametrize(("day", "hour"), [("20260720", "21T03:30"), ("20261101", "01T06:30")])
def test_a_zone_has_the_offset_of_its_day(warehouse: Warehouse, day: str, hour: str) -> None:
    """In summer another one; where a clock change doubles the hour it isn't known (the feed's zone doubles it, too)."""
    time = "2330" if day == "20260720" else "0130"
    shipment = SHIPMENT[0].replace("20261120", day)
    segments = (shipment, SHIPMENT[1], f"G62*11*{day}*8*{time}*ET", SHIPMENT[2], *SHIPPED)
    verdict = brought(warehouse, "ship_confirmation", "945", segments)
    assert verdict == ("ACCEPTED" if time == "2330" else "REJECTED")
    moments = [str(moment)[8:16].replace(" ", "T") for (moment,) in warehouse.rows("SELECT ship_date FROM shipments")]
    assert moments == ([hour] if time == "2330" else [])


MOMENTS = {"202611010900UTC:303": "T09:00", "20261101090000GMT:304": "T09:00", "202611010900?+0100:205": "T08:00"}
"""The moment of a message with its zone, in UTC."""


@pytest.mark.parametrize("sent", MOMENTS)
def test_a_moment_with_its_zone_is_read(warehouse: Warehouse, sent: str) -> None:
    segments = (ORDERS[0], f"DTM+137:{sent}", *ORDERS[2:], *ITEM, *END)
    assert brought(warehouse, "sales_order", "ORDERS", segments) == "ACCEPTED"
    ((moment,),) = warehouse.rows("SELECT order_created_date FROM sales_orders")
    assert MOMENTS[sent] in str(moment)


def test_the_main_carriage_tells_the_carrier(warehouse: Warehouse) -> None:
    carriages = ("TDT+10++30+31+C1::92", "TDT+20++30+31+C2::92", "TDT+30++30+31+C3::92")
    assert brought(warehouse, "sales_order", "ORDERS", (*ORDERS, *carriages, *ITEM, *END)) == "ACCEPTED"
    assert warehouse.rows("SELECT carrier_id FROM sales_orders") == [("C2",)]
    assert warehouse.rows("SELECT code FROM job_failures") == []


def test_the_currency_is_that_of_the_prices(warehouse: Warehouse) -> None:
    segments = (*ORDERS[:4], "CUX+3:CAD:4+2:EUR:9", *ITEM, *END)
    assert brought(warehouse, "sales_order", "ORDERS", segments) == "ACCEPTED"
    assert warehouse.rows("SELECT currency FROM sales_orders") == [("EUR",)]


PRICES = {
    "per piece": ("ORDERS", (*ORDERS, *ITEM, "PRI+AAA:12.5:::1:PCE", *END), "12.5000"),
    "per hundred": ("ORDERS", (*ORDERS, *ITEM, "PRI+AAA:12.5:::100:PCE", *END), "0.1250"),
    "per kilogram": ("ORDERS", (*ORDERS, *ITEM, "PRI+AAA:12.5:::1:KGM", *END), None),
    "per pound": ("850", (*BEGIN, "PO1*1*5*EA*2.5*LB*VN*AB"), None),
    "per piece of cases": ("850", (*BEGIN, "PO1*1*5*CA*2.5*EA*VN*AB"), None),
    "the unit of the quantity": ("850", (*BEGIN, "PO1*1*5*DZ*2.5*DZ*VN*AB"), "2.5000"),
    "a piece where the basis belongs": ("850", (*BEGIN, "PO1*1*5*PC*2.5*EA*VN*AB"), "2.5000"),
}
"""By what a price is for: the type of a set, its segments, and what is stored of the price."""


@pytest.mark.parametrize("name", PRICES)
def test_a_price_for_another_measure_is_none(warehouse: Warehouse, name: str) -> None:
    type_, segments, price = PRICES[name]
    assert brought(warehouse, "sales_order", type_, segments) == "ACCEPTED"
    assert warehouse.rows("SELECT unit_price FROM sales_order_lines") == [(price,)]
    assert len(warehouse.rows("SELECT code FROM job_failures WHERE code = 'other_measure'")) == (0 if price else 1)


def test_also_in_sets_that_are_read_by_the_shape_of_others(warehouse: Warehouse) -> None:
    bases = ("PE", "PE", "PE", "LB", "LB", "LB", "PE", "LB")
    sets = [(f"BEG*00*SA*SO-{n}**20261101", BEGIN[1], f"PO1*1*5*EA*2.5*{each}*VN*AB") for n, each in enumerate(bases)]
    warehouse.partner(whole=partner_of("850", keys=OPTIONAL))
    warehouse.drop("x.edi", interchange(*sets, type_="850", group="PO"))
    (report,) = warehouse.reports()
    assert report.verdict == "ACCEPTED"
    prices = warehouse.rows("SELECT unit_price FROM sales_order_lines ORDER BY customer_order_number")
    assert prices == [("2.5000" if each == "PE" else None,) for each in bases]
    assert f"({bases.count('LB')} ×)" in Result(report, warehouse.database, report.job).text


IN_LINES = {
    "alike": (("20261210", "20261210"), "", "2026-12-10", ""),
    "one without": (("20261210", ""), "", None, "20261210"),
    "others": (("20261210", "20261211"), "", None, "20261210, 20261211"),
    "beside the header's": (("20261210", "20261210"), "20261209", "2026-12-09", "20261209, 20261210"),
    "the header's": (("20261209", "20261209"), "20261209", "2026-12-09", ""),
    "none": (("", ""), "", None, ""),
}
"""The days of two lines, and of the header; the order's, and what a warning names."""


@pytest.mark.parametrize("type_", ["850", "ORDERS"])
@pytest.mark.parametrize("name", IN_LINES)
def test_a_day_that_all_lines_say_is_the_order_s(warehouse: Warehouse, type_: str, name: str) -> None:
    """Edi.md §5: there is no such field of lines. Also of orders that are read by the shape of others."""
    lines, header, day, sent = IN_LINES[name]
    sets = []
    for number in range(1, 4):
        if type_ == "850":
            body = [BEGIN[0].replace("SO-1", f"SO-{number}"), *([f"DTM*002*{header}"] if header else []), BEGIN[1]]
            for place, each in enumerate(lines, 1):
                body += [f"PO1*{place}*5*EA*2.5**VN*AB", *([f"DTM*002*{each}"] if each else [])]
        else:
            body = [
                ORDERS[0].replace("SO-1", f"SO-{number}"),
                ORDERS[1],
                *([f"DTM+2:{header}:102"] if header else []),
                *ORDERS[2:],
            ]
            for place, each in enumerate(lines, 1):
                body += [f"LIN+{place}++AB:SA", "QTY+21:5:PCE", *([f"DTM+2:{each}:102"] if each else [])]
            body += END
        sets.append(tuple(body))
    warehouse.partner(whole=partner_of(type_, keys=OPTIONAL))
    if type_ == "850":
        warehouse.drop("1.edi", interchange(*sets, type_=type_, group="PO"))
    else:
        for number, each in enumerate(sets, 1):
            warehouse.drop(f"{number}.edi", message(type_, *each, number=number))
    assert {report.verdict for report in warehouse.reports()} == {"ACCEPTED"}
    days = warehouse.rows("SELECT customer_dates_requested_delivery_date FROM sales_orders")
    assert [str(each) if each else None for (each,) in days] == [day] * 3
    named = warehouse.rows(
        "SELECT detail, times FROM job_failures WHERE code IN ('first_of_several', 'none_of_several')"
    )
    assert {json.loads(detail)["sent"] for detail, _ in named} == ({sent} if sent else set())
    assert sum(int(times) for _, times in named) == 3 * bool(sent)


def test_a_purchase_order_has_the_day_of_its_lines_too(warehouse: Warehouse) -> None:
    body = (
        "BEG*00*NE*PO-1**20261101",
        "CUR*BY*USD",
        "N1*ST**92*W1",
        "PO1*1*5*EA*2.5**BP*AB",
        "DTM*010*20261201",
        "DTM*002*20261210",
    )
    warehouse.partner(whole=partner_of("850", document="purchase_order", keys=""))
    warehouse.drop("1.edi", interchange(body, type_="850", group="PO"))
    assert [report.verdict for report in warehouse.reports()] == ["ACCEPTED"]
    ((due, ships),) = warehouse.rows("SELECT expected_delivery_date, shipment_date FROM purchase_orders")
    assert (str(due), str(ships)) == ("2026-12-10", "2026-12-01")


@pytest.mark.parametrize(("sent", "stored"), [("CAN", "CA"), ("can", "CA"), ("CA", "CA"), ("CAX", "CAX")])
def test_a_country_of_three_letters_is_that_of_two(warehouse: Warehouse, sent: str, stored: str) -> None:
    """Edi.md §5; both standards have them (N404, 3207). The partner's own values come first."""
    ship_to = ("N1*ST*Ada*92*S1", "N3*1 A St", f"N4*Montreal*QC*H3B3W7*{sent}")
    warehouse.partner(whole=partner_of("850", keys=OPTIONAL))
    warehouse.drop("1.edi", interchange((BEGIN[0], *ship_to, *LINES), type_="850", group="PO"))
    message_ = (*ORDERS[:2], f"NAD+DP+S1::92++Ada+1 A St+Montreal+QC+H3B3W7+{sent}", "CUX+2:EUR:9", *ITEM, *END)
    warehouse.partner("b", whole=partner_of("ORDERS", keys=OPTIONAL, name="b"))
    warehouse.drop("2.edi", message("ORDERS", *message_).replace(b"SO-1", b"SO-2"), partner="b")
    assert {report.verdict for report in warehouse.reports()} == {"ACCEPTED"}
    assert warehouse.rows("SELECT ship_to_country FROM sales_orders") == [(stored,)] * 2
    codes = warehouse.rows("SELECT code FROM job_failures WHERE field = 'shipTo.country'")
    assert codes == [("unknown_code",)] * 2 * (sent == "CAX")


def test_goods_of_a_country_of_three_letters_are_taken(warehouse: Warehouse) -> None:
    warehouse.partner(whole=partner_of("832", document="sku", keys=""))
    line = "LIN**SK*A1*UP*012345678905*CH*CHN"
    warehouse.drop("1.edi", interchange(("BCT*PC", line, "PID*F****Band"), type_="832", group="SC"))
    assert [report.verdict for report in warehouse.reports()] == ["ACCEPTED"]
    assert warehouse.rows("SELECT country_of_origin FROM skus") == [("CN",)]


@pytest.mark.parametrize(
    ("measure", "price"),
    [("", "12.5000"), ("EA", "12.5000"), ("LB", "12.5000"), ("DZ", None), ("HU", "0.1250"), ("CA", None)],
)
def test_a_price_of_a_catalogue_is_that_of_a_piece(warehouse: Warehouse, measure: str, price: str | None) -> None:
    """CTP05 as price lists have it; a dozen at 12.50 is 1.041666… a piece, which nobody can store."""
    feed = partner_of("832", document="sku", keys="").replace('Id = "BU1"', 'Id = "BU1", currency = "USD"')
    warehouse.partner(whole=feed)
    item = ("LIN*1*VN*A1*UP*012345678905", "PID*F*08***Widget", f"CTP**WHL*12.5*1*{measure}")
    warehouse.drop("x.edi", interchange(("BCT*PC", *item), type_="832", group="SC"))
    (report,) = warehouse.reports()
    rejected = measure == "DZ"
    assert report.verdict == ("REJECTED" if rejected else "ACCEPTED")
    assert warehouse.rows("SELECT unit_cost FROM skus") == [(price,)] * (not rejected)
    codes = warehouse.rows("SELECT code FROM job_failures WHERE code IN ('other_measure', 'too_many_decimals')")
    assert codes == {"CA": [("other_measure",)], "DZ": [("too_many_decimals",)]}.get(measure, [])
