"""What acknowledgements say of envelopes that are odd, and of what a set says of itself (contract edi.md §4, §10, §12)."""

from __future__ import annotations

import re

import pytest

from tests.interchanges import OPTIONAL, interchange, message, partner_of
from tests.reports.edi.answered import answered
from tests.warehouse import Warehouse

PLACE = ("N1*ST*Ada", "N3*12 Market Street", "N4*Leeds**LS1 4DY*GB")


def order(number: str, purpose: str = "00", quantity: int = 5) -> tuple[str, ...]:
    """The segments of an 850."""
    return (f"BEG*{purpose}*SA*{number}**20261125", *PLACE, f"PO1*1*{quantity}*EA*1**VN*AB", "CTT*1")


def of_850(*orders: tuple[str, ...], version: str = "004010") -> bytes:
    return interchange(*orders, type_="850", group="PO", version=version)


@pytest.mark.parametrize("version", ["002040", "009010", "", "ABC", "X12"])
def test_a_release_that_nobody_reads_rejects_its_group(warehouse: Warehouse, version: str) -> None:
    answers = answered(warehouse, of_850(order("PO-1"), version=version), partner_of("850"))
    assert "\nAK9*R*1*1*0*2~" in answers["US-THEM-1.997.edi"]
    assert warehouse.order_numbers() == []
    assert f"is of the release {version or 'none'} (GS08)" in warehouse.jobs()[0].refused


@pytest.mark.parametrize("version", ["003010", "003070", "004060", "005020VICS", "008030"])
def test_a_release_near_to_one_that_is_known_is_read_as_that(warehouse: Warehouse, version: str) -> None:
    answers = answered(warehouse, of_850(order("PO-1"), version=version), partner_of("850"))
    assert "AK9*A*1*1*1~" in answers["US-THEM-1.997.edi"]


def test_a_number_of_ten_digits_refuses_the_interchange(warehouse: Warehouse) -> None:
    content = of_850(order("PO-1")).replace(b"*000000001*0*P", b"*0000000012*0*P")
    answers = answered(warehouse, content.replace(b"IEA*1*000000001", b"IEA*1*0000000012"), partner_of("850"))
    assert "TA1*0000000012*261125*0900*R*018~" in answers["US-THEM-1.ta1.edi"]
    assert warehouse.order_numbers() == []


@pytest.mark.parametrize(
    ("day", "time", "verdict"),
    [("261325", "0900", "E*014"), ("26112", "0900", "E*014"), ("261125", "2500", "E*015"), ("261125", "0900", "A*000")],
)
def test_the_day_and_the_time_of_an_isa_are_looked_at(warehouse: Warehouse, day: str, time: str, verdict: str) -> None:
    content = of_850(order("PO-1")).replace(b"*261125*0900*U*", f"*{day}*{time}*U*".encode())
    answers = answered(warehouse, content, partner_of("850", edi='usage = "live"\ntechnical = "always"'))
    assert f"TA1*000000001*{day}*{time}*{verdict}~" in answers["US-THEM-1.ta1.edi"]
    assert warehouse.order_numbers() == ["PO-1"]


@pytest.mark.parametrize(("version", "code"), [("004010", "6"), ("005010", "19")])
def test_a_second_group_of_one_number_is_taken_and_said(warehouse: Warehouse, version: str, code: str) -> None:
    whole = of_850(order("PO-1"), version=version).decode()
    group = whole[whole.index("GS*") : whole.index("IEA*")].replace("PO-1", "PO-2")
    content = whole.replace("IEA*1*", f"{group}IEA*2*").encode()
    answer = answered(warehouse, content, partner_of("850"))["US-THEM-1.997.edi"]
    assert re.findall(r"(?m)^AK9\*(.*)~$", answer) == ["A*1*1*1", f"E*1*1*1*{code}"]
    assert warehouse.order_numbers() == ["PO-1", "PO-2"]
    assert [each.name for each in warehouse.jobs()] == ["x.edi", "x.edi#000000001-1", "x.edi#000000001-1-2"]


@pytest.mark.parametrize("unit", ["EA>1>1>CS", "EA>2", "EA>1>12"])
def test_several_units_and_multiples_of_one_are_none(warehouse: Warehouse, unit: str) -> None:
    change = ("BCH*04*SA*PO-1***20261125", f"POC*1*QI*5**{unit}*1**VN*AB")
    answers = answered(warehouse, interchange(change, type_="860", group="PC"), partner_of("860"))
    assert "AK3*POC*3**8~\nAK4*5*C001*7~\nAK5*R*5~" in answers["US-THEM-1.997.edi"]


def test_a_unit_of_which_no_field_comes_may_be_several(warehouse: Warehouse) -> None:
    part = "SLN*1.1**I*10000*PC>11.1>12.2>EA>13.3>14.4*1.56*TP**VC*P-875OS"  # EdiEngine, 850.Composite.SLN.OK.edi
    content = of_850((*order("PO-1")[:-1], part, "CTT*1"))
    answers = answered(warehouse, content, partner_of("850"))
    assert "AK9*A*1*1*1~" in answers["US-THEM-1.997.edi"]
    assert warehouse.order_numbers() == ["PO-1"]


def test_a_unit_with_an_exponent_of_one_is_that_unit(warehouse: Warehouse) -> None:
    change = ("BCH*05*SA*PO-1***20261125", *PLACE, "POC*1*AI*5**EA>1>1*1**VN*AB")
    answers = answered(warehouse, interchange(change, type_="860", group="PC"), partner_of("860"))
    assert "AK4" not in answers["US-THEM-1.997.edi"]


def test_an_order_that_comes_twice_in_an_interchange_is_answered_again(warehouse: Warehouse) -> None:
    content = of_850(order("PO-1"), order("PO-2"), order("PO-1", "05", 6))
    answers = answered(warehouse, content, partner_of("850", keys=f'{OPTIONAL}\nanswer = ["855"]'))
    purposes = re.findall(r"(?m)^BAK\*(\d\d)\*AD\*(PO-\d)", answers["US-THEM-2.855.edi"])
    assert purposes == [("00", "PO-1"), ("00", "PO-2"), ("05", "PO-1")]


def test_an_aperak_says_who_says_it_to_whom(warehouse: Warehouse) -> None:
    content = message("ORDERS", "BGM+220+PO-1+9", "LIN+1++AB:SA", "QTY+21:x", "UNS+S")
    content = content.replace(b"UNB+UNOC:3+THEM+US+", b"UNB+UNOC:3+5400110000009:14+4000001000005:14+")
    answers = answered(warehouse, content, partner_of("ORDERS", keys=f'{OPTIONAL}\nanswer = ["APERAK"]'))
    text = next(text for name, text in answers.items() if "aperak" in name)
    assert "NAD+MS+4000001000005::9'\nNAD+MR+5400110000009::9'\nERC" in text
