"""997 and TA1 of X12: golden files, which programs of others and our own reader read without a finding."""

from __future__ import annotations

from pathlib import Path

import pytest

from crossdock.formats.edi.envelope import interchanges
from crossdock.formats.edi.interchange import Fault
from tests.interchanges import partner_of, sample
from tests.reports.edi.answered import GOLDEN, answered, golden
from tests.reports.edi.foreign import mock_edi_finds, pyx12_finds
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
    for opening, text in _each(path):
        assert mock_edi_finds(text) == []
        if "TA1" not in text:
            assert pyx12_finds(text) == []
        assert [each for each in opening if each.code != "isa_size"] == []


def _each(path: Path) -> list[tuple[tuple[Fault, ...], str]]:
    """Each interchange of a file: what our own reader finds in it, and its text."""
    content = path.read_bytes()
    return [
        (
            tuple(
                fault
                for part in (each, *each.groups, *(record for group in each.groups for record in group.sets))
                for fault in part.faults
            ),
            content[each.start : each.end].decode(),
        )
        for _, each in interchanges(path)
    ]
