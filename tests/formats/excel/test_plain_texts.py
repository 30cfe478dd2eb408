"""A column of texts and numbers at once has the texts that its cells have one by one."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.formats.excel.cells import plain_texts, spoiled, text
from crossdock.schema.document import Kind

CELLS = st.one_of(st.sampled_from(["", "a", "#N/A", "1.5"]), st.floats(), st.integers(), st.booleans())


@given(st.lists(CELLS, max_size=5), st.sampled_from([None, *Kind]), st.sampled_from([".", ","]), st.booleans())
def test_texts_at_once_are_those_one_by_one(
    column: list[Any], kind: Kind | None, decimal: str, from_1904: bool
) -> None:
    at_once = plain_texts(column, kind, decimal)
    if at_once is not None:
        assert at_once == [text(cell, kind, decimal, date1904=from_1904) for cell in column]
        assert not any(spoiled(cell, kind) for cell in column)


@pytest.mark.parametrize("column", [["a", "b"], [1.5, ""], [1, "x"]])
def test_such_a_column_is_taken_at_once(column: list[Any]) -> None:
    assert plain_texts(column, Kind.QUANTITY, ".") is not None
