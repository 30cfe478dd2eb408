"""Each set has a sample interchange, made of its guide and the document's example; it imports whole and says the same."""

from __future__ import annotations

import re

import pytest

from crossdock.documents import DOCUMENTS
from crossdock.formats.edi.sample import sample
from crossdock.formats.guides.guide import guides
from tests.interchanges import OPTIONAL, partner_of
from tests.warehouse import Result, Warehouse

ALWAYS = ("x12_856", "x12_832", "edifact_desadv", "edifact_invrpt")
"""The guides whose samples the ordinary suite imports; the others are in the slow rest."""
SAMPLES = [
    pytest.param(name, document, id=f"{name}-{document}", marks=() if name in ALWAYS else pytest.mark.slow)
    for name, guide in guides().items()
    for document in guide.mappings
]


def test_no_two_samples_have_one_number() -> None:
    every = [
        sample(guide, document, DOCUMENTS[document].example)
        for guide in guides().values()
        for document in guide.mappings
    ]
    numbers = [re.split(r"[*+'~]", text.splitlines()[-1])[2] for text in every]
    assert len({int(each) for each in numbers}) == len(every)
    assert all(text.count(number) >= 2 for text, number in zip(every, numbers, strict=True))


@pytest.mark.parametrize(("name", "document"), SAMPLES)
def test_a_sample_imports_whole(warehouse: Warehouse, name: str, document: str) -> None:
    guide, example = guides()[name], DOCUMENTS[document].example
    keys = OPTIONAL if document == "sales_order" else ""
    warehouse.partner(whole=partner_of(guide.type, document=document, keys=keys))
    warehouse.drop("sample.edi", sample(guide, document, example))
    (report,) = warehouse.reports()
    text = Result(report, warehouse.database, report.job).text
    assert (report.verdict, report.books.loaded) == ("ACCEPTED", report.books.read), text
    header = DOCUMENTS[document].header
    numbered = "-1" if document == "inventory_movement" else ""  # the number of the W19, of the LIN
    wanted = {header.field(key).column: example[key] for key in header.key if key in example and key != "asOf"}
    ((*stored,),) = warehouse.rows(f"SELECT {', '.join(wanted)} FROM {header.table}")
    *above, number = wanted.values()
    assert stored == [*above, number + numbered]
