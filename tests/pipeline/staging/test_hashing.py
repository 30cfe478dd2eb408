"""What is asked of keys is asked once for neighbours that have one."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from crossdock.pipeline.staging.hashing import Runs, hashed, joined

PART = st.sampled_from([None, "", "SO-1", "SO-10", "so-1", "1", "É"])


@given(st.lists(st.tuples(PART, PART), max_size=12))
def test_a_hash_that_is_computed_once_a_stretch_is_that_of_each_record(
    rows: list[tuple[str | None, str | None]],
) -> None:
    key = [pa.array([row[place] for row in rows], pa.string()) for place in (0, 1)]
    runs = Runs(key)
    once = [runs.first_of(part) for part in key]
    assert runs.of_rows(hashed(joined(once))).tolist() == hashed(joined(key)).tolist()
    meant = [tuple(part or "" for part in row) for row in rows]
    assert len(once[0]) == sum(each != before for before, each in zip([None, *meant], meant, strict=False))
