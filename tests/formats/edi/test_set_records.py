"""The sets of a group are kept by column: what comes out is what went in, one by one or many at once."""

from __future__ import annotations

import json
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from crossdock.formats.edi.interchange import Fault, SetRecord, SetRecords

RECORDS = st.lists(
    st.builds(
        lambda type_, number, version, segments, is_plain: SetRecord(
            type_, number, version, segments, *([str(segments)] if is_plain else ["07", 0, 0, (Fault("set_count"),)])
        ),
        st.sampled_from(("940", "850")),
        st.text(max_size=4),
        st.sampled_from(("", "X", "Y")),
        st.integers(2, 9),
        st.sampled_from((True, True, True, False)),
    ),
    max_size=8,
)


@given(RECORDS, RECORDS)
def test_what_is_kept_together_is_what_was_there_one_by_one(first: list[SetRecord], then: list[SetRecord]) -> None:
    kept, records = SetRecords(), [*first, *then]
    for some in (first, then):
        kept.add_json([json.loads(each.as_text()) for each in some])
    assert list(kept) == [kept[place] for place in range(len(kept))] == records
    runs = list(kept.alike(range(len(kept))))
    assert [(*kind, number) for *kind, numbers in runs for number in numbers] == [
        (each.type, each.version, each.number) for each in records
    ]
    assert all(one[:2] != other[:2] for one, other in pairwise(runs))
    assert kept.faulty(range(len(kept))) == [place for place, each in enumerate(records) if each.faults]
