"""What a small drop brought is remembered: cells fail the same checks, whatever came before them."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.documents import DOCUMENTS
from crossdock.schema.cell_checks import FEW, OFTEN, PASSED_KEPT, FieldChecks, checks

ORDER = DOCUMENTS["sales_order"]
TEXTS = [
    None,
    "AB",
    "ab",
    "1-5",
    "05-Jan",
    "nan",
    "#REF!",
    "1.2E+11",
    "TRUE",
    "A, B",
    "ÄB",
    "АВ",
    "x" * 300,
    "DE",
    "EA",
]
NUMBERS = [None, Decimal(0), Decimal(1), Decimal("1.000"), Decimal(-1)]
SAMPLES = {"skuId": TEXTS, "quantityMeasure": TEXTS, "shipTo.name": TEXTS, "quantity": NUMBERS, "unitPrice": NUMBERS}


@settings(max_examples=200, deadline=None)
@given(st.data(), st.sampled_from(sorted(SAMPLES)))
def test_a_column_fails_alike_whatever_came_before_it(data: st.DataObject, name: str) -> None:
    field = ORDER.fields[name][1]
    used = FieldChecks(checks(field, signed=False))
    for cells in data.draw(st.lists(st.lists(st.sampled_from(SAMPLES[name]), min_size=1, max_size=6), max_size=6)):
        values = pa.array(cells, field.arrow)
        fresh, again = FieldChecks(used.checks).failing(values), used.failing(values)
        assert (fresh is None) == (again is None)
        assert fresh is None or fresh.tolist() == again.tolist()


@given(st.data(), st.sampled_from(sorted(SAMPLES)))
def test_a_cell_of_a_long_column_fails_as_it_does_alone(data: st.DataObject, name: str) -> None:
    field = ORDER.fields[name][1]
    of_field = checks(field, signed=False)
    some = data.draw(st.lists(st.sampled_from(SAMPLES[name]), min_size=1, max_size=6))
    others = [f"AB{number}" for number in range(data.draw(st.sampled_from([0, FEW * OFTEN])))]
    cells = some * FEW + (others if name == "skuId" else [])
    failing = FieldChecks(of_field).failing(pa.array(cells, field.arrow))
    alone = [FieldChecks(of_field).failing(pa.array([each], field.arrow)) is not None for each in cells]
    assert (np.zeros(len(cells), dtype=bool) if failing is None else failing).tolist() == alone


@pytest.mark.parametrize("size", [FEW, FEW + 1])
def test_little_is_remembered(size: int) -> None:
    field = ORDER.fields["skuId"][1]
    used = FieldChecks(checks(field, signed=False))
    for first in range(0, 4 * PASSED_KEPT, size):
        assert used.failing(pa.array([f"AB{number}" for number in range(first, first + size)], field.arrow)) is None
    assert len(used._passed) <= PASSED_KEPT + FEW
