"""Ranges of numbers in interchanges: of labels, which may be taken apart, and of lots, serial numbers and parcels."""

from __future__ import annotations

import pytest

from crossdock.schema.codes import check_digit
from tests.interchanges import interchange, message, partner_of
from tests.reports.excel.test_fix_workbook import corrected
from tests.warehouse import Result, Warehouse

HEAD = ("BGM+351+ASN-1+9", "DTM+137:20261120:102", "NAD+SU+V1::92", "NAD+DP+B1::92", "CPS+1", "CPS+2+1")
"""A DESADV down to its first package."""


def sscc(number: int) -> str:
    """The SSCC with that serial reference."""
    bare = f"34012345{number:09}"
    return bare + check_digit(bare)


def notice(*inside: str, label: str, number: int = 1) -> bytes:
    """A DESADV with one line in the packages of a label."""
    line = ["PAC+1++CT", "PCI+33E", f"GIN+BJ+{label}", "LIN+1", "PIA+1+AB:IN", "RFF+ON:PO-1:1"]
    return message("DESADV", *HEAD, *line, *inside, number=number)


@pytest.mark.both(slow=True)
def test_a_range_of_labels_is_a_package_each(warehouse: Warehouse) -> None:
    """What each holds isn't known, as where the labels are named one by one."""
    warehouse.partner(whole=partner_of("DESADV", document="asn", keys=""))
    warehouse.drop("a.edi", notice("QTY+12:36:PCE", label=f"{sscc(8)}:{sscc(11)}+{sscc(20)}"))
    (report,) = warehouse.reports()
    assert report.verdict == "ACCEPTED"
    packages = warehouse.rows("SELECT carton_id, quantity FROM asn_packages ORDER BY carton_id")
    assert packages == [(sscc(each), None) for each in (8, 9, 10, 11, 20)]
    assert warehouse.rows("SELECT CAST(quantity AS INTEGER) FROM asn_lines") == [(36,)]


@pytest.mark.both(slow=True)
@pytest.mark.parametrize(
    ("label", "inside"),
    [
        (f"{sscc(1)}:{sscc(4)}", ("QTY+12:36:PCE", "QTY+52:9:PCE")),
        (f"{sscc(1)}:{sscc(4)}", ("QTY+12:36:PCE", "PCI+33E", "QTY+12:9:PCE")),
        (f"{sscc(1)}:{sscc(1_000)}", ("QTY+12:36:PCE",)),
        (f"{sscc(4)}:{sscc(1)}", ("QTY+12:36:PCE",)),
        (f"{sscc(1)}:{sscc(4)[:-1]}x", ("QTY+12:36:PCE",)),
    ],
)
def test_a_range_of_labels_that_can_not_be_taken_apart_is_said(
    warehouse: Warehouse, label: str, inside: tuple[str, ...]
) -> None:
    warehouse.partner(whole=partner_of("DESADV", document="asn", keys=""))
    warehouse.drop("a.edi", notice(*inside, label=label))
    (report,) = warehouse.reports()
    assert report.verdict == "REJECTED"
    (failure,) = warehouse.rows("SELECT code, field, value FROM job_failures WHERE severity = 'error'")
    assert failure == ("several_values", "cartonId", label)


@pytest.mark.both(slow=True)
def test_a_range_of_a_thousand_less_one_is_taken_apart(warehouse: Warehouse) -> None:
    warehouse.partner(whole=partner_of("DESADV", document="asn", keys=""))
    warehouse.drop("a.edi", notice("QTY+12:36:PCE", label=f"{sscc(1)}:{sscc(999)}"))
    assert [report.verdict for report in warehouse.reports()] == ["ACCEPTED"]
    assert warehouse.rows("SELECT COUNT(*) FROM asn_packages") == [(999,)]


@pytest.mark.both(slow=True)
def test_a_carton_on_one_of_several_pallets_is_on_none(warehouse: Warehouse) -> None:
    pallets = [
        "PAC+2++201",
        "PCI+33E",
        f"GIN+BJ+{sscc(1)}+{sscc(2)}",
        "CPS+3+2",
        "PAC+1++CT",
        "PCI+33E",
        f"GIN+BJ+{sscc(3)}",
    ]
    line = ["LIN+1", "PIA+1+AB:IN", "QTY+12:36:PCE", "RFF+ON:PO-1:1"]
    warehouse.partner(whole=partner_of("DESADV", document="asn", keys=""))
    warehouse.drop("a.edi", message("DESADV", *HEAD, *pallets, *line))
    assert [report.verdict for report in warehouse.reports()] == ["ACCEPTED"]
    assert warehouse.rows("SELECT pallet_id, carton_id FROM asn_packages") == [("", sscc(3))]


NOTICE = (
    "BSN*00*ASN-1*20261119*1200*0001",
    "HL*1**S",
    "N1*VN*Factory*92*V1",
    "N1*ST**92*B1",
    "HL*2*1*O",
    "PRF*PO-1",
    "HL*3*2*P",
)
RECEIPT = ("BGM+632+R-1+9", "DTM+137:20261120:102", "DTM+50:20261120:102", "RFF+AAK:ASN-1", "NAD+DP+B1::92", "CPS+1")
RANGES = {
    "856": ("asn", "cartonId", (*NOTICE, "MAN*GM*{}*{}", "HL*4*3*I", "LIN*1*BP*AB", "SN1**7*EA"), (sscc(1), sscc(4))),
    "RECADV": ("receipt", "lotNumber", (*RECEIPT, "LIN+1", "PIA+1+AB:IN", "QTY+48:7:PCE", "GIN+BX+{}:{}"), ("L1", "L9")),
    "DESADV": ("asn", "serialNumber", (*RECEIPT[:2], "NAD+SU+V1::92", *RECEIPT[4:], "LIN+1", "PIA+1+AB:IN", "QTY+12:7:PCE", "RFF+ON:PO-1:1", "GIN+BN+{}:{}"), ("S1", "S9")),
}  # fmt: skip
"""By set: its document, the field, its segments with a gap for each end of a range, and these."""


@pytest.mark.both(slow=True)
@pytest.mark.parametrize("type_", RANGES)
def test_a_range_is_not_stored_as_one_number(warehouse: Warehouse, type_: str) -> None:
    """One that begins where it ends is a number; the second set is read by the shape of the first."""
    document, field, segments, (first, last) = RANGES[type_]
    group = {"856": "SH"}.get(type_)
    warehouse.partner(whole=partner_of(type_, document=document, keys=""))
    for number, end in enumerate((first, first, last), 1):
        own = [each.format(first, end).replace("-1", f"-{number}") for each in segments]
        content = (
            interchange(tuple(own), number=number, type_=type_, group=group)
            if group
            else message(type_, *own, number=number)
        )
        warehouse.drop(f"{number}.edi", content)
        (report,) = warehouse.reports()
        assert report.verdict == ("ACCEPTED" if end == first else "REJECTED")
    failures = warehouse.rows("SELECT code, field, value FROM job_failures WHERE severity = 'error'")
    assert failures == [("several_values", field, f"{first}:{last}")]


def test_a_range_that_comes_back_unedited_fails_again(warehouse: Warehouse) -> None:
    document, _, segments, ends = RANGES["RECADV"]
    warehouse.partner(whole=partner_of("RECADV", document=document, keys=""))
    warehouse.drop("a.edi", message("RECADV", *(each.format(*ends) for each in segments)))
    (report,) = warehouse.reports()
    warehouse.drop("b.xlsx", corrected(warehouse.fix(Result(report, warehouse.database, report.job))))
    assert [each.verdict for each in warehouse.reports()] == ["REJECTED"]
    failures = warehouse.rows("SELECT code, value FROM job_failures WHERE severity = 'error'")
    assert failures == [("several_values", ":".join(ends))] * 2
    assert warehouse.rows("SELECT lot_number FROM receipt_lines") == []
