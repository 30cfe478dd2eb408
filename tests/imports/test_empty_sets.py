"""Sets without the segments of their lines: a person is told what is missing, and the acknowledgement where."""

from __future__ import annotations

import pytest

from tests.interchanges import OPTIONAL, interchange, message, partner_of
from tests.reports.edi.answered import answered
from tests.warehouse import Warehouse

NOT_THERE = "the document has no lines"
ORDER = ("BGM+220+PO-1+9", "DTM+137:20261125:102", "UNS+S", "CNT+2:1")
EMPTY = {
    "850": ("sales_order", "PO", ("BEG*00*NE*PO-1**20261101", "CTT*1"), "PO1", 3, True, {"segment_missing", "no_lines", "line_count_differs"}),
    "940": ("sales_order", "OW", ("W05*N*SO-1", "N1*ST*Ada"), "W01", 4, False, {"no_lines"}),
    "944": ("receipt", "RE", ("W17*N*20261101*R1*D1", "N1*WH**92*B1", "W14*0"), "W07", 4, True, {"segment_missing", "no_lines"}),
    "846": ("inventory", "IB", ("BIA*00*SI*1*20261101", "N1*WH**92*B1"), "LIN", 4, True, {"empty_set"}),
    "832": ("sku", "SC", ("BCT*PC*1",), "LIN", 3, False, {"empty_set"}),
    "ORDERS": ("sales_order", "", ORDER, "LIN", 6, False, {"no_lines", "line_count_differs"}),
    "INVRPT": ("inventory", "", ("BGM+35+1", "DTM+366:20261101:102", "NAD+WH+B1::92"), "LIN", 5, False, {"empty_set"}),
}  # fmt: skip
"""By set: its document, its group, its segments, what it lacks, before which segment, whether the standard demands that,
and what it is told."""


@pytest.mark.both(slow=True)
@pytest.mark.parametrize("reject", ["syntax", "everything"])
@pytest.mark.parametrize("type_", EMPTY)
def test_a_set_without_lines_is_told_what_is_missing(warehouse: Warehouse, type_: str, reject: str) -> None:
    document, group, segments, lacking, before, demanded, codes = EMPTY[type_]
    functional = "997" if group else "CONTRL"
    edi = f'usage = "live"\nreject = "{reject}"\nfunctional = "{functional}"'
    toml = partner_of(type_, document=document, edi=edi, keys=OPTIONAL if document == "sales_order" else "")
    content = interchange(segments, type_=type_, group=group) if group else message(type_, *segments)
    (text,) = answered(warehouse, content, toml).values()
    assert {code for (code,) in warehouse.rows("SELECT code FROM job_failures WHERE severity = 'error'")} == codes
    if reject == "syntax" and not demanded:
        assert "AK5*A~" in text or f"UCM+1+{type_}:D:96A:UN+7'" in text
    elif group:
        assert f"AK3*{lacking}*{before}**3~" in text
        assert "AK5*R*5~" in text
    else:
        assert f"UCM+1+{type_}:D:96A:UN+4'\nUCS+{before - 1}+13'\n" in text
