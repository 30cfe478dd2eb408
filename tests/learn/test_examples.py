"""The feeds that are shipped to be copied: each imports its sample, and how much of each ``learn`` knows by itself."""

from __future__ import annotations

import sys
from decimal import Decimal
from pathlib import Path

import pytest

from crossdock import bundled
from crossdock.learn.proposal import propose
from crossdock.learn.sample import read_sample
from crossdock.partners import registry
from tests.commands import crossdock
from tests.warehouse import Warehouse, csv, house

FOLDER = bundled.folder("examples")
SAMPLES = sorted(path for path in FOLDER.iterdir() if path.suffix != ".toml")
FLOORS = {
    "amazon": 17,
    "business_central": 30,
    "ebay": 25,
    "erp_upload": 13,
    "magento": 24,
    "shopify": 27,
    "woocommerce": 25,
}
"""Of each layout, how many columns of its shipped TOML are proved without help; measured."""
UNLEARNED = ["sap_fixed", "sap_idoc"]
"""Layouts without headings, of which nothing can be learned."""


def test_each_layout_has_one_sample() -> None:
    partners = registry.load(FOLDER, "UTC")
    assert sorted(partners.claim(path.name).partner for path in SAMPLES) == sorted([*FLOORS, *UNLEARNED])
    assert sorted(partners.by_id) == sorted([*FLOORS, *UNLEARNED])
    listed = crossdock("feeds", "--examples").stdout.split()
    assert listed == [str(path) for path in sorted(FOLDER.glob("*.toml"))]


@pytest.mark.slow
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
        if feed.partner not in FLOORS:
            continue
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
        assert f"| {right[feed.partner]} of {len(columns)} |" in _row_of(feed.partner)
        assert not wrong
    with capsys.disabled():
        sys.stdout.write("\n" + "\n".join(table) + "\n")
    assert all(right[layout] >= floor for layout, floor in FLOORS.items())


def _row_of(layout: str) -> str:
    """The row of a layout in the documentation."""
    lines = Path(__file__).parents[2].joinpath("docs", "feeds.md").read_text(encoding="utf-8").splitlines()
    return next(line for line in lines if line.startswith(f"| `{layout}.toml` |"))


SHOWN = ("customerOrderNumber", "customerLineNumber", "skuId", "quantity", "shipTo.name", "shipTo.address1")
STORED = {
    "amazon": """
        300-0000001-7000000  70000000038  TEA-100  2  Ada Morrow  12 Mill Lane
        300-0000001-7000000  70000000075  CUP-01  5  Ada Morrow  12 Mill Lane
        300-0000011-7000001  70000000112  TEA-200  1  Bruno Keller  Hafenstrasse 8
        300-0000021-7000002  70000000149  POT-07  1  Clara Dubois  5 rue des Lilas
        300-0000021-7000002  70000000186  TEA-100  3  Clara Dubois  5 rue des Lilas
        300-0000021-7000002  70000000223  CUP-01  3  Clara Dubois  5 rue des Lilas
        """,
    "ebay": """
        11-00000-33330  2600000012  TEA-100  2  Ada Morrow  12 Mill Lane
        11-00001-33331  2600000034  TEA-200  1  Bruno Keller  8 Harbor Street
        11-00002-33332  2600000045  POT-07  1  Clara Dubois  5 Lilac Avenue
        11-00002-33332  2600000056  TEA-100  2  Clara Dubois  5 Lilac Avenue
        """,
    "shopify": """
        #1001  1  TEA-100  2  Ada Morrow  12 Mill Lane
        #1001  2  CUP-01  4  Ada Morrow  12 Mill Lane
        #1002  1  TEA-200  1  Bruno Keller  Hafenstrasse 8
        #1003  1  POT-07  1  Clara Dubois  5 rue des Lilas
        #1003  2  TEA-100  3  Clara Dubois  5 rue des Lilas
        #1003  3  CUP-01  2  Clara Dubois  5 rue des Lilas
        """,
    "woocommerce": """
        3100  901  TEA-100  2  Ada Morrow  12 Mill Lane
        3100  902  CUP-01  4  Ada Morrow  12 Mill Lane
        3101  903  TEA-200  1  Bruno Keller  Hafenstrasse 8
        3102  904  POT-07  1  Clara Dubois  5 rue des Lilas
        3102  905  TEA-100  3  Clara Dubois  5 rue des Lilas
        3102  906  CUP-01  2  Clara Dubois  5 rue des Lilas
        """,
    "magento": """
        100000210  1  TEA-100  2  Ada Morrow  12 Mill Lane
        100000210  2  CUP-01  4  Ada Morrow  12 Mill Lane
        100000211  1  TEA-200  1  Bruno Keller  Hafenstrasse 8
        100000212  1  POT-07  1  Clara Dubois  5 rue des Lilas
        100000212  2  TEA-100  3  Clara Dubois  5 rue des Lilas
        100000212  3  CUP-01  2  Clara Dubois  5 rue des Lilas
        """,
    "sap_fixed": """
        0000004711  000010  000000000000100234  2  Ada Morrow  Hafenweg 12
        0000004711  000020  000000000000100235  1200  Ada Morrow  Hafenweg 12
        0000004711  000030  000000000000100236  1  Ada Morrow  Hafenweg 12
        0000004712  000010  000000000000100236  1  Bruno Keller  Hafenstraße 8
        0000004713  000010  000000000000100237  1  Clara Dubois  5 rue des Lilas
        0000004713  000020  000000000000100234  3.5  Clara Dubois  5 rue des Lilas
        """,
    "sap_idoc": """
        0000004721  000010  000000000000100234  2  Ada Morrow  Hafenweg 12
        0000004721  000020  000000000000100235  4  Ada Morrow  Hafenweg 12
        0000004722  000010  000000000000100236  1  Bruno Keller  Hafenstraße 8
        0000004723  000010  000000000000100237  1  Clara Dubois  5 rue des Lilas
        0000004723  000020  000000000000100234  3  Clara Dubois  5 rue des Lilas
        """,
}
"""What is stored of each sample, the fields of ``SHOWN``."""


@pytest.mark.parametrize("layout", STORED)
def test_what_is_stored_of_a_sample(layout: str, warehouse: Warehouse) -> None:
    """Each line with its document's number and address: what is paid and to be shipped, and nothing else."""
    partners = registry.load(FOLDER, "UTC")
    sample = next(path for path in SAMPLES if partners.claim(path.name).partner == layout)
    of = partners.claim(sample.name)
    result = warehouse.run(sample, of)
    assert not result.errors
    fields = of.document.fields
    columns = [f"{fields[name][0].table}.{fields[name][1].column}" for name in SHOWN]
    header, line = of.document.levels[:2]
    key = ", ".join(header.field(name).column for name in header.key)
    stored = warehouse.rows(
        f"SELECT {', '.join(columns)} FROM {header.table} JOIN {line.table} USING ({key}) ORDER BY {columns[0]}, {columns[1]}"
    )
    lines = ["  ".join([*row[:3], f"{Decimal(str(row[3])).normalize():f}", *row[4:]]) for row in stored]
    assert lines == [line.strip() for line in STORED[layout].strip().splitlines()]


def test_a_report_that_comes_again_while_an_order_is_shipped_changes_nothing_of_it(warehouse: Warehouse) -> None:
    """What is left to ship is counted here: a feed of what is left would take off what was shipped once more."""
    feed = registry.load(FOLDER, "UTC").claim("amazon_unshipped_orders.txt")
    heads, *rows = (FOLDER / "amazon_unshipped_orders.txt").read_text(encoding="utf-8").splitlines()
    (cup,) = (row for row in rows if "\t70000000075\t" in row)

    def report(shipped: int) -> str:
        cells = dict(zip(heads.split("\t"), cup.split("\t"), strict=True))
        cells |= {"quantity-shipped": str(shipped), "quantity-to-ship": str(5 - shipped)}
        return f"{heads}\n" + "\t".join(cells.values()) + "\n"

    warehouse.run(report(0), feed, name="amazon_unshipped_1.txt")
    header = (
        "businessUnitId,shipmentId,customerOrderNumber,shipDate,lineNumber,customerLineNumber,skuId,quantityShipped"
    )
    shipment = csv("BU1,S-1,300-0000001-7000000,2026-11-21T10:00:00Z,1,70000000075,CUP-01,2", header=header)
    warehouse.run(shipment, house("ship_confirmation"), name="shipment.csv")
    again = warehouse.run(report(2), feed, name="amazon_unshipped_2.txt")
    assert (again.report.documents.unchanged, again.errors) == (1, [])
    ordered = warehouse.rows("SELECT quantity, quantity_shipped FROM sales_order_lines")
    assert [tuple(int(float(each)) for each in row) for row in ordered] == [(5, 2)]
