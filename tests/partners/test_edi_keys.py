"""What a partner's TOML says of interchanges: mistakes are named with their line, and ids say whose one is."""

from __future__ import annotations

from pathlib import Path

import pytest

from crossdock.partners import registry
from crossdock.partners.edi_keys import EdiKeys
from tests.interchanges import partner_of
from tests.warehouse import partner


def mistakes(folder: Path, toml: str) -> list[str]:
    partner(folder, whole=toml)
    return [each.partition("acme.toml")[2] for each in registry.load_each(folder / "partners", "UTC").mistakes]


@pytest.mark.parametrize(
    ("toml", "mistake"),
    [
        (partner_of("941"), ":10: '941' is no sales_order, did you mean '940'?"),
        (partner_of("856"), ":10: '856' is no sales_order"),
        (partner_of("940", edi='theirs = ["THEM"]'), ":6: theirs: 'THEM' is no qualifier and id: write it as"),
        (partner_of("940", edi='ours = ["12:4", "US"]'), 'or with any qualifier, "*:US"'),
        (partner_of("940", edi='usage = "life"'), ":6: usage: input should be 'check', 'live' or 'refuse'"),
        (partner_of("940", edi="their = []"), ":6: there is no key 'their', did you mean 'theirs'?"),
        (partner_of("850").replace('sets = ["850"]', 'format = "x12"\nsets = ["850", "940"]')
         + '[[feed]]\ndocument = "sales_order"\nfiles = "y"\nsets = ["850"]\n', "the feed of sales_order takes 850 already"),
        (partner_of("850", "860", "ORDERS"), ":10: 850 of x12 and ORDERS of edifact are of two standards: write a feed for each"),
        (partner_of("940").replace('sets = ["940"]', ""), "no feed reads interchanges"),
        (partner_of("940").replace('"sales_order"', '"purchase_order"').replace('sets = ["940"]', 'format = "x12"'),
         "name the sets that are a purchase_order: 850"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_line(tmp_path: Path, toml: str, mistake: str) -> None:
    sentences = mistakes(tmp_path, toml)
    assert any(mistake in each for each in sentences), sentences


def test_sets_that_can_be_one_document_only_need_no_name(tmp_path: Path) -> None:
    toml = partner_of("856", document="asn", keys="").replace('sets = ["856"]', 'format = "x12"')
    assert mistakes(tmp_path, toml) == []
    (feed,) = registry.load(tmp_path / "partners", "UTC").feeds()
    assert feed.takes("x12") == {"856", "943"}
    assert feed.takes("edifact") == frozenset()


def test_ids_are_compared_with_their_qualifier_unless_any_is_meant() -> None:
    keys = EdiKeys(theirs=("01:123", "*:456"))
    assert keys.knows_sender("01", "123")
    assert not keys.knows_sender("02", "123")
    assert keys.knows_sender("ZZ", "456")
    assert EdiKeys().knows_sender("ZZ", "anybody")
