"""CONTRL of EDIFACT: golden files, which programs of others and our own reader read without a finding."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.interchanges import partner_of, sample
from tests.reports.edi.answered import GOLDEN, answered, golden
from tests.reports.edi.foreign import mock_edi_finds, own_reader_finds, pydifact_finds
from tests.warehouse import Warehouse

ALWAYS = 'usage = "live"\nfunctional = "CONTRL"'
UNKNOWN_TO_MOCK_EDI = ("UCF is not a segment", "names CONTRL:4:1:UN")
"""Findings that say only what its dictionary lacks: groups, and syntax version 4."""


def messages(*bodies: str, asks: str = "", charset: str = "UNOC:3", number: str = "77") -> bytes:
    """An interchange of ORDERS, each the segments behind BGM, with a blank between them."""
    segments = [f"UNB+{charset}+5400110000009:14+4000001000005:14+261125:0900+{number}++++{asks}"]
    for place, body in enumerate(bodies, 1):
        own = [f"UNH+{place}+ORDERS:D:96A:UN", f"BGM+220+PO-{place}+9", *body.split(" "), "UNS+S"]
        segments += [*own, f"UNT+{len(own) + 1}+{place}"]
    return "".join(f"{each}'\n" for each in [*segments, f"UNZ+{len(bodies)}+{number}"]).encode("latin-1")


PARTY = "DTM+137:20261120:102 NAD+BY+5400110000009::9 NAD+SU+4000001000005::9"
LINE = "LIN+1++4006381333931:EN QTY+21:5:PCE"
CASES = {
    "orders_group": (sample("edifact_orders_group"), partner_of("ORDERS", edi=ALWAYS)),
    "orders_no_unz": (sample("edifact_orders_no_unz"), partner_of("ORDERS")),
    "orders_three": (
        messages(f"{PARTY} {LINE}", f"{PARTY} LIN+1++4006381333931:EN QTY+21:x:PCE", f"{PARTY} ZZZ+1 {LINE}", asks="1"),
        partner_of("ORDERS"),
    ),
    "orders_received": (messages(f"{PARTY} {LINE}", asks="2"), partner_of("ORDERS")),
}
"""Name → the interchange, and the partner's TOML."""


@pytest.mark.parametrize("case", CASES)
def test_an_interchange_has_its_contrl(warehouse: Warehouse, case: str) -> None:
    content, toml = CASES[case]
    answers = answered(warehouse, content, toml)
    assert "".join(answers.values()) == golden(case)


def test_nobody_asks(warehouse: Warehouse) -> None:
    assert answered(warehouse, messages(f"{PARTY} {LINE}"), partner_of("ORDERS")) == {}


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("orders*.edi")), ids=lambda path: path.stem)
def test_others_read_it_without_a_finding(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    findings = [each for each in mock_edi_finds(text) if not any(unknown in each for unknown in UNKNOWN_TO_MOCK_EDI)]
    assert findings == []
    assert pydifact_finds(text) == []
    assert own_reader_finds(path) == []
