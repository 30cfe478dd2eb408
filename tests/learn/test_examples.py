"""The feeds that are shipped to be copied: each imports its sample, and how much of each ``learn`` knows by itself."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from crossdock import bundled
from crossdock.learn.proposal import propose
from crossdock.learn.sample import read_sample
from crossdock.partners import registry
from tests.commands import crossdock

FOLDER = bundled.folder("examples")
SAMPLES = sorted(path for path in FOLDER.iterdir() if path.suffix != ".toml")
FLOORS = {
    "amazon": 18,
    "business_central": 31,
    "ebay": 24,
    "erp_upload": 13,
    "magento": 25,
    "shopify": 28,
    "woocommerce": 26,
}
"""Of each layout, how many columns of its shipped TOML are proved without help; measured."""


def test_each_layout_has_one_sample() -> None:
    partners = registry.load(FOLDER, "UTC")
    assert sorted(partners.claim(path.name).partner for path in SAMPLES) == sorted(FLOORS) == sorted(partners.by_id)
    listed = crossdock("feeds", "--examples").stdout.split()
    assert listed == [str(path) for path in sorted(FOLDER.glob("*.toml"))]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
def test_each_sample_imports(sample: Path, tmp_path: Path) -> None:
    environment = {"CROSSDOCK_HOME": str(tmp_path / "home"), "CROSSDOCK_PARTNERS": str(FOLDER)}
    if sample.name.startswith("erp_"):
        customers = tmp_path / "customers.csv"
        customers.write_text("customerNumber,name\n" + "".join(f"000000100{n},Customer {n}\n" for n in range(3)))
        house = {**environment, "CROSSDOCK_PARTNERS": str(bundled.folder("partners"))}
        assert crossdock("import", str(customers), "--quiet", **house).returncode == 0
    result = crossdock("import", str(sample), **environment)
    assert result.returncode == 0, result.stdout
    assert "3 inserted, 0 on hold" in result.stdout


def test_what_is_learned_of_each_layout_without_help(capsys: pytest.CaptureFixture[str]) -> None:
    partners = registry.load(FOLDER, "UTC")
    table, right = [], {}
    for sample in SAMPLES:
        feed = partners.claim(sample.name)
        read = read_sample(sample)
        proposal = propose(read, sample.name)
        columns = {theirs: ours for theirs, ours in feed.keys.columns.items() if theirs != read.array}
        proved = {each.column.heading: each.field for each in proposal.proved}
        right[feed.partner] = sum(proved.get(theirs) == ours for theirs, ours in columns.items())
        wrong = {theirs: ours for theirs, ours in proved.items() if columns.get(theirs) != ours}
        unsure = sum(columns.get(each.column.heading) == each.field for each in proposal.unsure)
        table.append(
            f"{feed.partner:18} {len(read.columns):3} columns, {len(columns):3} read: {right[feed.partner]:3} proved, "
            f"{unsure:2} more right but not sure, {len(wrong)} wrong"
        )
        assert proposal.document is feed.document
        assert not wrong
    with capsys.disabled():
        sys.stdout.write("\n" + "\n".join(table) + "\n")
    assert all(right[layout] >= floor for layout, floor in FLOORS.items())
