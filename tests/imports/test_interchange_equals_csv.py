"""The same orders, as an interchange and as CSV, are the same rows."""

from __future__ import annotations

from tests.interchanges import OPTIONAL, interchange, partner_of
from tests.warehouse import Warehouse

CSV = f"""
id = "plain"
zone = "America/Chicago"
business_units = ["BU1"]
shared = true
[[feed]]
document = "sales_order"
files = "*"
format = "delimited"
dates = ["%Y%m%d"]
constants = {{ businessUnitId = "BU1", currency = "USD" }}
{OPTIONAL}
"""
HEADINGS = (
    "customerOrderNumber,buyerOrderNumber,carrierId,customerDates.requestedShipDate,shipTo.name,shipTo.address1,"
    "shipTo.city,shipTo.state,shipTo.postalCode,shipTo.country,header.notes,customerLineNumber,skuId,upc,quantity,"
    "quantityMeasure"
)


def orders(count: int) -> list[tuple[str, list[tuple[str, str, str, str]]]]:
    """Numbers with their lines: item, GTIN, quantity, unit; every order is another one."""
    return [
        (f"SO-{number}", [(f"AB-{line}", "4006381333931", str(number + line), "CA") for line in range(1 + number % 4)])
        for number in range(1, count + 1)
    ]


def as_940(number: str, lines: list[tuple[str, str, str, str]]) -> tuple[str, ...]:
    body = [f"W05*N*{number}*PO-{number}", "N1*ST*Ada Lovelace", "N3*12 Market Street", "N4*Leeds*LS*LS1 4DY*GB",
            "G62*10*20261201", f"NTE**for {number}", "W66*PP*M********UPSN"]  # fmt: skip
    for place, (item, gtin, quantity, unit) in enumerate(lines, 1):
        body += [f"LX*{place}", f"W01*{quantity}*{unit}**VN*{item}*EN*{gtin}"]
    return tuple(body)


def as_csv(number: str, lines: list[tuple[str, str, str, str]]) -> list[str]:
    header = f"{number},PO-{number},UPSN,20261201,Ada Lovelace,12 Market Street,Leeds,LS,LS1 4DY,GB,for {number}"
    return [f"{header},{place},{item},{gtin},{quantity},CS" for place, (item, gtin, quantity, _) in enumerate(lines, 1)]


def test_orders_of_an_interchange_are_those_of_the_csv(warehouse: Warehouse) -> None:
    wanted = orders(40)
    warehouse.partner(whole=partner_of("940").replace("[edi]", "shared = true\n[edi]"))
    warehouse.partner("plain", whole=CSV)
    warehouse.drop("x.edi", interchange(*(as_940(*each) for each in wanted)))
    (edi,) = warehouse.reports()
    assert (edi.verdict, edi.books.loaded) == ("ACCEPTED", sum(len(lines) for _, lines in wanted))
    stored = warehouse.stored()
    warehouse.drop("x.csv", "\n".join([HEADINGS, *(row for each in wanted for row in as_csv(*each))]) + "\n", "plain")
    (plain,) = warehouse.reports()
    assert (plain.verdict, plain.books.unchanged) == ("ACCEPTED", edi.books.loaded)
    assert warehouse.stored() == stored
