"""997 and TA1 of X12: golden files, which programs of others and our own reader read without a finding."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.interchanges import partner_of, sample
from tests.reports.edi.answered import GOLDEN, answered, golden
from tests.reports.edi.foreign import mock_edi_finds, own_reader_finds, pyx12_finds
from tests.warehouse import Warehouse

WARN = 'usage = "live"\ntrailers = "warn"\ntechnical = "errors"'
CASES = {
    "940_two_groups": (sample("x12_940_two_groups"), partner_of("940")),
    "940_good": (sample("x12_940"), partner_of("940")),
    "940_control_numbers": (sample("x12_940_control_numbers"), partner_of("940")),
    "940_control_numbers_warned": (sample("x12_940_control_numbers"), partner_of("940", edi=WARN)),
    "850_vics": (sample("x12_850_vics"), partner_of("850")),
    "850_newline": (sample("x12_850_newline"), partner_of("850")),
    "850_short_isa": (sample("x12_850_short_isa_bom"), partner_of("850")),
    "855_unknown": (sample("x12_855_changes"), partner_of("940")),
}
"""Name → the interchange, and the partner's TOML."""


@pytest.mark.parametrize("case", CASES)
def test_an_interchange_has_its_acknowledgements(warehouse: Warehouse, case: str) -> None:
    content, toml = CASES[case]
    answers = answered(warehouse, content, toml)
    assert "".join(answers.values()) == golden(case)


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("[0-9]*.edi")), ids=lambda path: path.stem)
def test_others_read_them_without_a_finding(path: Path) -> None:
    assert own_reader_finds(path) == []
    for text in re.split(r"(?m)^(?=ISA)", path.read_text(encoding="utf-8"))[1:]:
        assert mock_edi_finds(text) == []
        if "TA1" not in text:
            assert pyx12_finds(text) == []
