"""The records of a drop, on disk or in memory."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from crossdock.pipeline.staging.grouping import GroupedBlock
from crossdock.pipeline.staging.spool import OWN, Spool, read_pieces


def block(first: int, **cells: Sequence[str | None]) -> GroupedBlock:
    """Some records from a line on, all of one batch, with those cells."""
    size = len(next(iter(cells.values())))
    lines = pa.array(range(first, first + size), pa.int64())
    table = pa.table(dict.fromkeys(OWN, lines) | {name: pa.array(each, pa.string()) for name, each in cells.items()})
    return GroupedBlock(table, np.zeros(size, np.uint64), np.zeros(size, np.int64), {}, [], [], {})


@pytest.fixture(params=["disk", "memory"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path | None:
    return tmp_path if request.param == "disk" else None


def test_a_column_that_is_blank_at_first_has_its_cells_later_and_one_that_stays_blank_is_there(
    folder: Path | None,
) -> None:
    spool = Spool(folder, 1)
    spool.write(block(1, late=[None, None], early=["a", None], never=[None, None]))
    spool.write(block(3, late=[None, "b"], early=[None, None], never=[None, None]))
    spool.write(block(5, late=[None], early=["c"], never=[None]))
    (pieces,) = spool.close()
    table = read_pieces(pieces)
    assert table.column_names[len(OWN) :] == ["late", "early", "never"]
    assert table.column("@line").to_pylist() == [1, 2, 3, 4, 5]
    assert table.column("late").to_pylist() == [None, None, None, "b", None]
    assert table.column("early").to_pylist() == ["a", None, None, None, "c"]
    assert table.column("never").to_pylist() == [None] * 5
    assert len(pieces) == 2  # another one where the columns change


def test_a_partition_that_is_too_large_is_cut_between_documents_in_the_same_way_each_time(tmp_path: Path) -> None:
    def spooled(folder: Path | None) -> list[list[int]]:
        if folder is not None:
            folder.mkdir()
        spool = Spool(folder, 4)
        for first in range(0, 8_000, 1_000):  # lines of 100 documents, anywhere in the file, all neighbours
            lines = np.arange(first, first + 1_000)
            of_document = np.random.default_rng(first).integers(0, 100, 1_000)
            own = dict.fromkeys(OWN, pa.array(lines)) | {"@hash": pa.array(of_document.astype(np.uint64) * 977)}
            table = pa.table(own | {"sku": pa.array(list("ABCDE") * 200)})
            spool.write(GroupedBlock(table, np.zeros(1_000, np.uint64), np.zeros(1_000, np.int64), {}, [], [], {}))
        tables = [read_pieces(pieces) for pieces in spool.close()]
        documents = [set(table.column("@hash").to_pylist()) for table in tables]
        assert len(set().union(*documents)) == sum(map(len, documents)) == 100
        return [table.column("@line").to_pylist() for table in tables]

    batches = spooled(tmp_path / "first")
    assert sorted(line for lines in batches for line in lines) == list(range(8_000))
    assert len(batches) == 4
    assert max(map(len, batches)) < 8_000 / 4 * 1.3
    assert spooled(tmp_path / "again") == spooled(None) == batches


def test_the_records_of_a_batch_come_in_the_order_of_the_file_however_they_were_spooled(folder: Path | None) -> None:
    spool = Spool(folder, 1)
    spool.write(block(3, sku=["c", "d"]))
    spool.write(block(1, sku=["a", "b"]))
    (pieces,) = spool.close()
    table = read_pieces(pieces)
    assert table.column("@line").to_pylist() == [1, 2, 3, 4]
    assert table.column("sku").to_pylist() == ["a", "b", "c", "d"]
