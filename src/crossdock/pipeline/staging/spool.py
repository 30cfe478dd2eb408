"""The records of a drop on disk, as Arrow streams, one partition per batch."""

from __future__ import annotations

from collections import Counter
from math import ceil
from pathlib import Path

import numpy as np
import pyarrow as pa

from crossdock.frames.columns import is_blank
from crossdock.pipeline.staging.grouping import GroupedBlock

OWN = ("@line", "@record", "@group", "@hash", "@nested", "@fault", "@detail", "@spoiled", "@origin")

FAIR = 1.3
"""Up to how many times its share of the records a partition may have."""


def read_files(files: list[Path]) -> pa.Table:
    """The records of some files of a spool, in the order of the drop; a file may lack columns of another."""
    tables = []
    for path in files:
        with pa.OSFile(str(path), "rb") as source, pa.ipc.open_stream(source) as stream:
            tables.append(stream.read_all())
    own = [name for name in tables[0].column_names if name.startswith("@")]
    whole = pa.concat_tables(tables, promote_options="default") if len(tables) > 1 else tables[0]
    cells = [name for name in whole.column_names if name not in own]
    ordered = [*OWN, *(name for name in own if name not in OWN), *cells]
    return whole.select(ordered).sort_by("@line").combine_chunks()


def groups_of(path: Path) -> np.ndarray:
    """The document of each record in a file of a spool, uint64."""
    with pa.OSFile(str(path), "rb") as source, pa.ipc.open_stream(source) as stream:
        return np.concatenate([batch.column("@group").to_numpy() for batch in stream])


class Spool:
    """One Arrow stream per partition; a new one where the columns change (JSON names them object by object).

    Documents whose numbers are neighbours are in one partition, because the database has them side by side: a batch
    then touches few pages of its tables. Where that makes a partition too large, it is cut by whole keys.
    """

    def __init__(self, folder: Path, size: int) -> None:
        self._folder = folder
        self._size = size
        self._files: dict[int, list[Path]] = {}
        self._rows: Counter[int] = Counter()
        self._filled: set[str] = set()
        self._open: dict[int, tuple[pa.Schema, pa.OSFile, pa.RecordBatchStreamWriter]] = {}

    def write(self, grouped: GroupedBlock) -> None:
        """Spool the records of a block."""
        table = grouped.table
        if table.num_rows == 0:
            return
        table = self._without_blank(table)
        partition = (grouped.partition_hash % np.uint64(self._size)).astype(np.int64) + grouped.rank * self._size
        self._distribute(table, partition)

    def _distribute(self, table: pa.Table, partition: np.ndarray) -> None:
        order = np.argsort(partition, kind="stable")
        table = table.take(pa.array(order))
        numbers, starts = np.unique(partition[order], return_index=True)
        ends = np.append(starts[1:], len(order))
        for number, start, end in zip(numbers.tolist(), starts.tolist(), ends.tolist(), strict=True):
            self._writer(number, table.schema).write_table(table.slice(start, end - start))
            self._rows[number] += end - start

    def _without_blank(self, table: pa.Table) -> pa.Table:
        """The records, in which a column that was blank in all of the drop so far has no type, and costs nothing."""
        for place, name in enumerate(table.column_names):
            if name.startswith("@") or name in self._filled:
                continue
            if is_blank(table.column(place)):
                table = table.set_column(place, name, pa.nulls(table.num_rows))
            else:
                self._filled.add(name)
        return table

    def _writer(self, number: int, schema: pa.Schema) -> pa.RecordBatchStreamWriter:
        current = self._open.get(number)
        if current is not None and current[0] == schema:
            return current[2]
        self._finish(number)
        files = self._files.setdefault(number, [])
        path = self._folder / f"{number}-{len(files)}.arrows"
        files.append(path)
        sink = pa.OSFile(str(path), "wb")
        writer = pa.ipc.new_stream(sink, schema)
        self._open[number] = (schema, sink, writer)
        return writer

    def _finish(self, number: int) -> None:
        if number in self._open:
            _, sink, writer = self._open.pop(number)
            writer.close()
            sink.close()

    def close(self) -> list[list[Path]]:
        """The files of each partition that has any, in order."""
        partitions = self._finished()
        return [files for number in partitions for files in self._of_fair_size(number)]

    def _finished(self) -> list[int]:
        """The numbers of the partitions that have records, in order; nothing more is written."""
        for number in list(self._open):
            self._finish(number)
        return sorted(self._files)

    def _of_fair_size(self, number: int) -> list[list[Path]]:
        """The files of a partition, which becomes several where it has too many records."""
        shares = self._rows[number] * self._size / self._rows.total()
        if shares <= FAIR:
            return [self._files[number]]
        folder = self._folder / str(number)
        folder.mkdir()
        several = Spool(folder, ceil(shares))
        for path in self._files[number]:
            with pa.OSFile(str(path), "rb") as source, pa.ipc.open_stream(source) as stream:
                for some in stream:
                    of_key = some.column("@hash").to_numpy()
                    several._distribute(pa.table(some), (of_key % np.uint64(several._size)).astype(np.int64))
            path.unlink()
        return [several._files[each] for each in several._finished()]
