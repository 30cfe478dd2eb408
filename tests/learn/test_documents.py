"""Every document type is known by its own names, whatever the file is called and however bad its values are."""

from __future__ import annotations

from pathlib import Path

import pytest

from crossdock.learn.proposal import propose
from crossdock.learn.sample import read_sample
from crossdock.schema.names import fold
from tests.samples import thinned

pytestmark = pytest.mark.slow

FEEDS = Path(__file__).parents[1] / "feeds"
SAMPLES = sorted(
    path for path in FEEDS.glob("house_*/*") if path.suffix in (".csv", ".json", ".xlsx") and path.is_file()
)


@pytest.mark.parametrize("sample", thinned(*SAMPLES), ids=lambda path: path.name)
def test_each_sample_of_ours_is_known(sample: Path) -> None:
    proposal = propose(read_sample(sample), f"sample{sample.suffix}")
    assert proposal.document.name == sample.parent.name.removeprefix("house_")
    assert not proposal.others
    spellings, floating = proposal.document.spellings, proposal.document.floating
    for each in proposal.proved if sample.suffix == ".csv" else ():
        own = spellings.get(fold(each.column.heading), each.field)
        assert each.field == own or own in floating, each.column.heading
