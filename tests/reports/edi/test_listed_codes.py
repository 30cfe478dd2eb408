"""A code that keeps a document out rejects its set where the standard has a list of its own for it (contract edi.md §11)."""

from __future__ import annotations

import pytest

from tests.interchanges import OPTIONAL, interchange, message, order, partner_of
from tests.reports.edi.answered import answered
from tests.warehouse import Warehouse

LINE = "PO1*1*2*EA*5**VN*AB"
HEAD, ENDS = ("BGM+230+PO-1+4", "DTM+137:20261125:102"), ("LIN+1", "PIA+1+AB:SA", "QTY+21:5:PCE", "UNS+S", "CNT+2:1")
CODES = {
    "850 purpose": ("850", "PO", ("BEG*QQ*NE*PO-1**20261101", LINE), "AK3*BEG*2**8~\nAK4*1*353*7*QQ~"),
    "850 not for us": ("850", "PO", ("BEG*02*NE*PO-1**20261101", LINE), "AK3*BEG*2**8~\nAK4*1*353*7*02~"),
    "850 currency": ("850", "PO", ("BEG*00*NE*PO-1**20261101", "REF*DP*1", "CUR*BY*QQQ", LINE), "AK3*CUR*4**8~\nAK4*2*100*7*QQQ~"),
    "940 purpose": ("940", "OW", order("SO-1", "5 EA AB", action="Q"), "AK3*W05*2**8~\nAK4*1*473*7*Q~"),
    "860 line": ("860", "PC", ("BCH*05*NE*PO-1***20261125", "POC*1*XX*3*0*EA*2.5**VN*AB"), "AK3*POC*3**8~\nAK4*2*670*7*XX~"),
    "ORDERS purpose": ("ORDERS", "", ("BGM+220+PO-1+99", HEAD[1], *ENDS), "UCS+2'\nUCD+12+4'"),
    "ORDERS currency": ("ORDERS", "", ("BGM+220+PO-1+9", HEAD[1], "CUX+2:QQQ:9", *ENDS), "UCS+4'\nUCD+12+2:2'"),
    "ORDCHG line": ("ORDCHG", "", (*HEAD, "RFF+ON:PO-1", "LIN+1+8", *ENDS[1:]), "UCS+5'\nUCD+12+3'"),
}  # fmt: skip


@pytest.mark.both(slow=True)
@pytest.mark.parametrize("case", CODES)
def test_a_code_that_keeps_a_document_out_rejects_its_set(warehouse: Warehouse, case: str) -> None:
    type_, group, segments, fault = CODES[case]
    edi = 'usage = "live"' + ("" if group else '\nfunctional = "CONTRL"')
    toml = partner_of(type_, keys=OPTIONAL, edi=edi).replace(', currency = "USD"', "")
    content = interchange(segments, type_=type_, group=group) if group else message(type_, *segments)
    (text,) = answered(warehouse, content, toml).values()
    assert fault in text
    assert "AK5*R*5~" in text or f"UCM+1+{type_}:D:96A:UN+4'" in text


@pytest.mark.both(slow=True)
def test_a_value_that_another_element_tells_of_has_its_place(warehouse: Warehouse) -> None:
    """A date behind its qualifier in the header, a quantity in the line that has it: not those of the line before."""
    edi = 'usage = "live"\nfunctional = "CONTRL"\nreject = "everything"'
    lines = ("LIN+1", "PIA+1+AB:SA", "QTY+12:0:PCE", "QTY+21:5:PCE", "LIN+2", "PIA+1+CD:SA", "QTY+21:0:PCE", "UNS+S")
    content = message("ORDERS", "BGM+220+PO-1+9", "DTM+137:20261125:102", "DTM+2:20261340:102", *lines)
    (text,) = answered(warehouse, content, partner_of("ORDERS", keys=OPTIONAL, edi=edi)).values()
    assert "UCS+4'\nUCD+12+2:2'\nUCS+11'\nUCD+12+2:2'\nUNT" in text


@pytest.mark.both(slow=True)
def test_a_code_that_the_partner_has_said_more_of_rejects_nothing(warehouse: Warehouse) -> None:
    keys = f'{OPTIONAL}\nvalues = {{ "header.action" = {{ QQ = "upsert" }} }}'
    (text,) = answered(
        warehouse, interchange(CODES["850 purpose"][2], type_="850", group="PO"), partner_of("850", keys=keys)
    ).values()
    assert "AK5*A~" in text


@pytest.mark.both(slow=True)
def test_a_text_that_only_we_forbid_rejects_where_everything_does(warehouse: Warehouse) -> None:
    """Where it stands in the header, the file is read again to find it."""
    sent = interchange(("BEG*00*NE*PO-1**20261101", "REF*DP*1", "PER*BD*Ann", "CTT*9", LINE), type_="850", group="PO")
    sent = sent.replace(b"CTT*9~\n", b"").replace(LINE.encode() + b"~", LINE.encode() + b"~\nCTT*9~")
    (text,) = answered(warehouse, sent, partner_of("850", keys=OPTIONAL)).values()
    assert "AK5*A~" in text
    again = sent.replace(b"000000001", b"000000002")
    text = answered(
        warehouse, again, partner_of("850", keys=OPTIONAL, edi='usage = "live"\nreject = "everything"'), "2.edi"
    )["US-THEM-2.997.edi"]
    assert "AK3*CTT*6**8~\nAK4*1*354*7*9~\nAK5*R*5~" in text
