"""The records of a drop as Arrow streams, one partition per batch: on disk, or in memory where they are few."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pyarrow as pa

from crossdock.frames.columns import is_blank
from crossdock.pipeline.staging.grouping import GroupedBlock

OWN = ("@line", "@record", "@group", "@hash", "@nested", "@fault", "@detail", "@spoiled", "@origin")

FAIR = 1.3
"""Up to how many times its share of the records a partition may have."""


Piece: TypeAlias = Path | pa.Buffer
"""One Arrow stream: in a file, or in memory."""


@contextmanager
def _opened(piece: Piece) -> Iterator[pa.RecordBatchStreamReader]:
    source = pa.OSFile(str(piece), "rb") if isinstance(piece, Path) else pa.BufferReader(piece)
    with source, pa.ipc.open_stream(source) as stream:
        yield stream


def read_pieces(pieces: list[Piece]) -> pa.Table:
    """The records of some pieces of a spool, in the order of the drop; a piece may lack columns of another."""
    tables = []
    for piece in pieces:
        with _opened(piece) as stream:
            tables.append(stream.read_all())
    own = [name for name in tables[0].column_names if name.startswith("@")]
    whole = pa.concat_tables(tables, promote_options="default") if len(tables) > 1 else tables[0]
    cells = [name for name in whole.column_names if name not in own]
    ordered = [*OWN, *(name for name in own if name not in OWN), *cells]
    whole, lines = whole.select(ordered), whole.column("@line").to_numpy()
    return (whole if (np.diff(lines) >= 0).all() else whole.sort_by("@line")).combine_chunks()


def groups_of(piece: Piece) -> np.ndarray:
    """The document of each record in a piece of a spool, uint64."""
    with _opened(piece) as stream:
        return np.concatenate([batch.column("@group").to_numpy() for batch in stream])


class Spool:
    """One Arrow stream per partition; a new one where the columns change (JSON names them object by object).

    Documents whose numbers are neighbours are in one partition, because the database has them side by side: a batch
    then touches few pages of its tables. Where that makes a partition too large, it is cut by whole keys.
    ``folder``: where it writes its files; None: it keeps everything in memory.
    """

    def __init__(self, folder: Path | None, size: int) -> None:
        self._folder = folder
        self._size = size
        self._pieces: dict[int, list[Piece]] = {}
        self._rows: Counter[int] = Counter()
        self._filled: set[str] = set()
        self._open: dict[int, tuple[pa.Schema, pa.NativeFile, pa.RecordBatchStreamWriter]] = {}

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
        path = self._next(number)
        sink = pa.BufferOutputStream() if path is None else pa.OSFile(str(path), "wb")
        writer = pa.ipc.new_stream(sink, schema)
        self._open[number] = (schema, sink, writer)
        return writer

    def _next(self, number: int) -> Path | None:
        """The path of a partition's next piece; None where it is kept in memory."""
        before = len(self._pieces.setdefault(number, []))
        return None if self._folder is None else self._folder / f"{number}-{before}.arrows"

    def _finish(self, number: int) -> None:
        if number in self._open:
            _, sink, writer = self._open.pop(number)
            writer.close()
            self._pieces[number].append(self._next(number) or sink.getvalue())
            sink.close()

    def close(self) -> list[list[Piece]]:
        """The pieces of each partition that has any, in order."""
        partitions = self._finished()
        return [pieces for number in partitions for pieces in self._of_fair_size(number)]

    def _finished(self) -> list[int]:
        """The numbers of the partitions that have records, in order; nothing more is written."""
        for number in list(self._open):
            self._finish(number)
        return sorted(self._pieces)

    def _of_fair_size(self, number: int) -> list[list[Piece]]:
        """The pieces of a partition, which becomes several where it has too many records."""
        shares = self._rows[number] * self._size / self._rows.total()
        if shares <= FAIR:
            return [self._pieces[number]]
        folder = None
        if self._folder is not None:
            folder = self._folder / str(number)
            folder.mkdir()
        several = Spool(folder, ceil(shares))
        for piece in self._pieces[number]:
            with _opened(piece) as stream:
                for some in stream:
                    of_key = some.column("@hash").to_numpy()
                    several._distribute(pa.table(some), (of_key % np.uint64(several._size)).astype(np.int64))
            if isinstance(piece, Path):
                piece.unlink()
        return [several._pieces[each] for each in several._finished()]
