"""Twelve nasty cases, each with its right acknowledgement (contract edi.md §12), all in one outbox.

Each case is an interchange for a receiver of its own, so that its answers are named after it.
"""

from __future__ import annotations

import re

from crossdock.delivery import courier
from crossdock.delivery.http import Wire
from tests.interchanges import OPTIONAL, interchange, order, partner_of
from tests.reports.edi.answered import outbox
from tests.warehouse import Warehouse

SECOND = """
[[feed]]
document = "sales_order"
files = "*"
sets = ["ORDERS"]
constants = { businessUnitId = "BU1", currency = "USD" }
optional = ["shipTo.name", "shipTo.address1", "shipTo.city", "shipTo.country", "shipTo.postalCode"]
[[feed]]
document = "asn"
files = "*"
sets = ["856"]
constants = { businessUnitId = "BU1" }
"""
ADDRESS = ("N1*ST*Ada Lovelace", "N3*12 Market Street", "N4*Leeds**LS1 4DY*GB")


def po(number: str, *between: str, line: str = "PO1*1*2*EA*5**VN*AB") -> tuple[str, ...]:
    """The segments of an 850; ``between``: what stands before its line."""
    return (f"BEG*00*SA*{number}**20261120", *between, *ADDRESS, *([line] if line else []))


def of_850(case: str, *sets: tuple[str, ...], number: int = 1) -> bytes:
    """An interchange of 850s."""
    return interchange(*sets, type_="850", group="PO", receiver=f"ZZ:{case}", number=number)


def of_940(case: str, *sets: tuple[str, ...], number: int = 1) -> bytes:
    """An interchange of 940s."""
    return interchange(*sets, receiver=f"ZZ:{case}", number=number)


def without(content: bytes, *starts: str) -> bytes:
    """An interchange without the segments that begin so."""
    return b"".join(each for each in content.splitlines(keepends=True) if not each.decode().startswith(starts))


def and_group(content: bytes, other: bytes, groups: int = 2) -> bytes:
    """The group of another interchange behind that of the first."""
    own, trailer = content.split(b"IEA*1")
    return own + b"GS" + other.split(b"GS", 1)[1].split(b"IEA")[0] + f"IEA*{groups}".encode() + trailer


def notice(*levels: str) -> tuple[str, ...]:
    """The segments of an 856 with those HL, the item last."""
    return ("BSN*00*A-1*20261120*0900", *levels, "LIN**VN*AB", "SN1**5*EA")


LINE = "5 EA AB"
EDIFACT = (
    "UNA:+.  '\nUNB+UNOA:1+{sender}+{receiver}+261125:0900+5++++1'\nUNH+1+ORDERS:D:96A:UN'\nBGM+220+PO-9+9'\n"
    "DTM+137:20261120:102'\n{free}LIN+1++4006381333931:EN'\nQTY+21:5:PCE'\nUNS+S'\nUNT+{count}+1'\nUNZ+1+5'\n"
)
VERSIONS = and_group(
    of_850("VERSIONS", po("C20")),
    interchange(po("C21"), po("C22"), type_="850", group="PO", receiver="ZZ:VERSIONS", number=2, version="005010")
    .replace(b"*0002~", b"*0001~"),
) + EDIFACT.format(sender="THEM:ZZ", receiver="VERSIONS:ZZ", free="", count=7).encode()  # fmt: skip
CASES: dict[str, tuple[bytes, list[str]]] = {
    "1 COUNT": (
        of_940("COUNT", order("C1", LINE), order("C2", LINE), order("C3", LINE)).replace(b"SE*8*0002", b"SE*9*0002"),
        ["AK2*940*0001", "AK5*A", "AK2*940*0002", "AK5*R*4", "AK2*940*0003", "AK5*A", "AK9*P*3*3*2"],
    ),
    "2 CUT": (
        without(of_940("CUT", order("C4", LINE)), "GE", "IEA"),
        ["TA1*000000001*261125*0900*R*023"],
    ),
    "2 whole CUT": (of_940("CUT", order("C4", LINE)), ["AK2*940*0001", "AK5*A", "AK9*A*1*1*1"]),
    "3 TWICE": (
        of_940("TWICE", order("C5", LINE), order("C6", LINE)).replace(b"*0002~", b"*0001~"),
        ["AK2*940*0001", "AK5*A", "AK2*940*0001", "AK5*R*7", "AK9*P*2*2*1"],
    ),
    "3 GROUPS": (
        and_group(of_940("GROUPS", order("C14", LINE)), of_940("GROUPS", order("C15", LINE), number=2)),
        ["AK2*940*0001", "AK5*A", "AK9*A*1*1*1", "AK2*940*0001", "AK5*A", "AK9*A*1*1*1"],
    ),
    "4 STRANGE": (
        of_850("STRANGE", po("C7", "ZZZ*X"), po("C8", "W01*1*EA"), po("C9", line="ZZZ*X")),
        ["AK2*850*0001", "AK3*ZZZ*3**1", "AK5*E*5", "AK2*850*0002", "AK3*W01*3**2", "AK5*E*5",
         "AK2*850*0003", "AK3*ZZZ*6*N1*1", "AK3*PO1*7**3", "AK5*R*5", "AK9*P*3*3*2"],
    ),
    "5 LONG": (
        of_850("LONG", po("C10", f"REF*ZZ*{'9' * 35}")),
        ["AK2*850*0001", "AK3*REF*3**8", f"AK4*2*127*5*{'9' * 35}", "AK5*E*5", "AK9*E*1*1*1"],
    ),
    "6 PARENT": (
        interchange(notice("HL*1**S", "HL*2*1*O", "HL*5*9*I"), type_="856", group="SH", receiver="ZZ:PARENT"),
        ["AK2*856*0001", "AK3*HL*5**8", "AK4*2**7*9", "AK5*R*5", "AK9*R*1*1*0"],
    ),
    "7 COMPOSITE": (
        of_850("COMPOSITE", po("C12", line="PO1*1*2*EA>3*5**VN*AB")),
        ["AK2*850*0001", "AK3*PO1*6**8", "AK4*3*355*6", "AK5*E*5", "AK9*E*1*1*1"],
    ),
    "8 RELEASED": (
        EDIFACT.format(sender="THEM:ZZ", receiver="RELEASED:ZZ", free="FTX+AAI+++abc?'\n", count=8)
        .replace("UNA:+.  '", "UNA:+.? '").partition("LIN")[0].encode(),
        ["UCI+5+THEM:ZZ+RELEASED:ZZ+4+13+UNZ"],
    ),
    "9 LOWER": (
        of_850("LOWER", po("C13")).replace(b"ST*850", b"st*850").replace(b"BEG*", b"beg*"),
        ["AK2*850*0001", "AK5*A", "AK9*A*1*1*1"],
    ),
    "10 UNRELEASED": (
        EDIFACT.format(sender="THEM:ZZ", receiver="UNRELEASED:ZZ", free="FTX+AAI+++O?'NEIL'\n", count=8).encode(),
        ["UCI+5+THEM:ZZ+UNRELEASED:ZZ+7", "UCM+1+ORDERS:D:96A:UN+4+29+UNT", "UCS+5+15"],
    ),
    "11 VERSIONS": (
        VERSIONS,
        ["AK2*850*0001", "AK5*A", "AK9*A*1*1*1", "AK2*850*0001", "AK5*A", "AK2*850*0001", "AK5*R*23", "AK9*P*2*2*1",
         "UCI+5+THEM:ZZ+VERSIONS:ZZ+7", "UCM+1+ORDERS:D:96A:UN+7"],
    ),
}  # fmt: skip
"""Number and receiver → the interchange, and what is said of it. The twelfth is the golden file of two groups."""
SAID = re.compile(r"(?m)^(?:TA1|AK[2-59]|UC.)[^\w].*(?=[~']$)")


def test_each_has_its_acknowledgement(warehouse: Warehouse) -> None:
    warehouse.partner(whole=partner_of("850", "940") + SECOND)
    for name, (content, _) in CASES.items():
        warehouse.drop(f"{name.replace(' ', '_')}.edi", content)
        warehouse.work()
    courier.deliver(warehouse.site, Wire())
    answers = outbox(warehouse)
    texts: dict[str, list[str]] = {}
    for name in sorted(answers, key=lambda name: (name.partition("-")[0], int(re.findall(r"-(\d+)\.", name)[0]))):
        texts.setdefault(name.partition("-")[0], []).extend(SAID.findall(answers[name]))
    right: dict[str, list[str]] = {}
    for name, (_, lines) in CASES.items():
        right.setdefault(name.rpartition(" ")[2], []).extend(lines)
    assert texts == right


def test_a_count_that_the_feed_takes_is_only_noted(warehouse: Warehouse) -> None:
    warehouse.partner(whole=partner_of("850", "940", keys=OPTIONAL + '\nseverity = { set_count = "warning" }'))
    warehouse.drop("x.edi", CASES["1 COUNT"][0])
    warehouse.work()
    courier.deliver(warehouse.site, Wire())
    (text,) = outbox(warehouse).values()
    assert [line for line in SAID.findall(text) if line.startswith(("AK5", "AK9"))] == [
        "AK5*A", "AK5*E*4", "AK5*A", "AK9*E*3*3*3"]  # fmt: skip
