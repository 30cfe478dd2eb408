"""What partners say of our answers is matched with them by number, shown, and never answered (contract edi.md §4)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.delivery import courier
from crossdock.delivery.http import Wire
from crossdock.formats.edi.confirmations import READ
from crossdock.formats.edi.interchange import X12
from crossdock.formats.edi.syntax import Syntax
from crossdock.jobs.overview import overview
from crossdock.registers import confirmations
from crossdock.reports.overview_text import remarks
from crossdock.settings import Settings
from tests.interchanges import OPTIONAL, interchange, order, partner_of
from tests.reports.edi.answered import outbox
from tests.warehouse import Result, Warehouse

FEED = partner_of("850", keys=f'{OPTIONAL}\nanswer = ["855"]')
PO = ("BEG*00*NE*PO-1**20261101", "PO1*1*10*EA*2.5**VN*AB")
TECHNICAL = (
    "ISA*00*          *00*          *ZZ*THEM           *ZZ*US             *261125*0900*U*00401*{:09}*0*P*>~"
    "TA1*{}*261125*0900*{}*{}~IEA*0*{:09}~"
)


def sent(warehouse: Warehouse) -> dict[str, tuple[int, int]]:
    """Interchange and group number of each answer that is sent, by its kind."""
    assert all(each.delivered for each in courier.deliver(warehouse.site, Wire()))
    texts = outbox(warehouse).values()
    kind = {text: re.findall(r"ST\*(\d+)", text)[0] for text in texts}
    return {
        kind[text]: (int(re.findall(r"IEA\*\d+\*(\d+)", text)[0]), int(re.findall(r"GE\*\d+\*(\d+)", text)[0]))
        for text in texts
    }


def functional(number: int, group: int, verdict: str) -> bytes:
    """A 997 of a partner about a group of ours."""
    body = (f"AK1*PR*{group}", "AK2*855*0001", "AK5*A", f"AK9*{verdict}*1*1*{int(verdict != 'R')}")
    return interchange(body, number=number, type_="997", group="FA")


def status(warehouse: Warehouse) -> dict[str, list[str]]:
    zone = Settings().zone_info
    with warehouse.database.reading() as connection:
        now = warehouse.database.dialect.clock(connection)
    state = overview(warehouse.database, now - timedelta(days=1), zone)
    return {heading: list(lines) for heading, lines in remarks(state)}


@pytest.mark.both(slow=True)
def test_what_a_partner_says_of_ours_is_shown_and_never_answered(warehouse: Warehouse) -> None:
    warehouse.partner(whole=FEED)
    warehouse.drop("a.edi", interchange(PO, type_="850", group="PO"))
    (first,) = warehouse.reports()
    numbers = sent(warehouse)
    group_997, group_855 = numbers["997"][1], numbers["855"][1]
    answers = len(outbox(warehouse))
    warehouse.drop("b.edi", functional(2, group_855, "A"))
    warehouse.drop("c.edi", functional(3, group_997, "R"))
    warehouse.drop("d.edi", functional(4, 4711, "A"))
    warehouse.drop("e.edi", TECHNICAL.format(5, f"{numbers['855'][0]:09}", "R", "023", 5).encode())
    warehouse.drop("f.edi", b"".join((functional(6, group_855, "E"), functional(7, group_855, "R"))))
    reports = warehouse.reports()
    assert [(each.verdict, each.books.read) for each in reports] == [("ACCEPTED", 0)] * 5
    of_each = [
        [(each.kind, each.said.verdict, each.answered) for each in confirmations.of_job(warehouse.database, report.job)]
        for report in reports
    ]
    assert of_each == [
        [("855", "A", first.job)],
        [("997", "R", first.job)],
        [("", "A", "")],
        [("855", "R", first.job)],
        [("855", "E", first.job), ("855", "R", first.job)],
    ]
    shown = status(warehouse)
    assert shown["What partners say of answers"] == ["acme: 2 confirmed, 3 refused, 1 about numbers that we never sent"]
    assert [line.partition("  ")[0] for line in shown["Answers that partners refuse"]] == [
        reports[1].job,
        reports[3].job,
        reports[4].job,
    ]
    texts = [Result(each, warehouse.database, each.job).text for each in reports]
    assert f"997: the partner confirms our 855 (group {group_855}), which answers {first.job}" in " ".join(
        texts[0].split()
    )
    assert "997 of group 4711, which we never sent" in texts[2]
    assert len(outbox(warehouse)) == answers
    assert not list(courier.deliver(warehouse.site, Wire()))


def test_beside_acknowledgements_orders_are_imported(warehouse: Warehouse) -> None:
    warehouse.partner(whole=partner_of("940"))
    both = interchange(order("SO-1", "5 EA A")) + functional(2, 1, "A")
    warehouse.drop("a.edi", both)
    assert [each.verdict for each in warehouse.reports()] == ["ACCEPTED", "ACCEPTED"]
    assert warehouse.order_numbers() == ["SO-1"]


@pytest.mark.parametrize(
    ("type_", "text", "expected"),
    [
        ("999", "AK1*PR*7'IK5*R'AK9*R*1*1*0", [("group", "7", "R")]),
        ("824", "BGN*11*1'OTI*TR*PO*PO-1***20261125*0900*7*0001*855'OTI*TA*PO*PO-2***20261125*0900*8",
         [("group", "7", "R"), ("group", "8", "A")]),
        ("CONTRL", "UCI*7*THEM*US*4*28", [("interchange", "7", "R")]),
        ("CONTRL", "UCI*7*THEM*US*7'UCM*1*ORDRSP*7'UCM*2*ORDRSP*4", [("interchange", "7", "P")]),
        ("CONTRL", "UCI*7*THEM*US*8", [("interchange", "7", "A")]),
        ("APERAK", "BGM**9*27'DTM*137'RFF*ACW:7'RFF*ON:8", [("interchange", "7", "R")]),
        ("APERAK", "BGM**9*29'RFF*ACW:7", [("interchange", "7", "A")]),
    ],
)  # fmt: skip
def test_each_acknowledgement_is_read(type_: str, text: str, expected: list[tuple[str, str, str]]) -> None:
    syntax = Syntax(X12, "*", ":", "", "'")
    blank = [""] * 12
    assert list(READ[type_](([*each.split("*"), *blank] for each in text.split("'")), syntax)) == expected


@given(st.sampled_from(sorted(READ)), st.lists(st.lists(st.text(alphabet="AKOTIUCBGMR19*:", max_size=4), max_size=12)))
def test_anything_that_begins_like_one_ends_without_an_error(type_: str, parts: list[list[str]]) -> None:
    syntax = Syntax(X12, "*", ":", "", "'")
    stated = list(READ[type_](([*each, *[""] * 12] for each in parts), syntax))
    assert all(level in ("interchange", "group") for level, _, _ in stated)
