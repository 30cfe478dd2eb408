"""The format in which ``replay`` writes the retained records of a job, and reads them again.

The first line has the job and how its file was written; each other line has one record, its place in that file and what
was wrong with the record itself. It is read like every other drop, so a replay that is killed continues.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from crossdock.formats import FORMATS
from crossdock.formats.format import Block, Note, Written, cells_of

RECORDS = 20_000
"""How many records a block has."""
FORMAT = "held records of crossdock"


@dataclass(frozen=True)
class Head:
    """The job, feed and drop of the records, its headers, how it was written, whether its numbers are plain."""

    job: str
    feed: str
    name: str
    headers: list[str]
    written: dict[str, Any]
    plain: bool


@dataclass(frozen=True)
class Record:
    """A record as it was sent: its place, its document's, its cells in the order of the headers, and invisible faults.

    ``fault``: code and details as JSON; ``spoiled``: header → code, details; ``held``: a code of ``HOLDS`` and the line
    to blame.
    """

    line: int
    document: int
    nested: bool
    cells: list[str | None]
    fault: Sequence[str | None] | None = None
    spoiled: Mapping[str, Sequence[Any]] | None = None
    held: Sequence[Any] | None = None


def write(path: Path, head: Head, records: Iterable[Record]) -> int:
    """Write the head and the records as JSON lines; returns the number of records."""
    count = 0
    with path.open("w", encoding="utf-8") as file:
        file.write(json.dumps({"format": FORMAT} | asdict(head), ensure_ascii=False) + "\n")
        for record in records:
            fields = {name: value for name, value in asdict(record).items() if value}
            file.write(json.dumps(fields, ensure_ascii=False) + "\n")
            count += 1
    return count


def head_of(path: Path) -> Head:
    """The head of a file of held records."""
    with path.open(encoding="utf-8") as file:
        fields = json.loads(file.readline())
    return Head(**{name: fields[name] for name in Head.__annotations__})


class Kept:
    """Reads one file of held records."""

    notes: Sequence[Note] = ()

    def __init__(self, path: Path) -> None:
        self._path = path
        self._head = head_of(path)
        self.plain_numbers = self._head.plain

    @property
    def written(self) -> Written:
        """How the file was written from which the records come: their places are places in it."""
        return self._head.written

    def blocks(self) -> Iterator[Block]:
        """The records in the order of their file."""
        with self._path.open(encoding="utf-8") as file:
            file.readline()
            waiting: list[dict[str, Any]] = []
            for line in file:
                waiting.append(json.loads(line))
                if len(waiting) == RECORDS:
                    yield self._block(waiting)
                    waiting = []
            yield self._block(waiting)

    def _block(self, records: list[dict[str, Any]]) -> Block:
        headers = self._head.headers
        cells = {
            name: pa.array([each["cells"][at] for each in records], pa.string()) for at, name in enumerate(headers)
        }
        faults = [each.get("fault") or (None, None) for each in records]
        spoiled = [each.get("spoiled") for each in records]
        objects = [each["document"] if each.get("nested") else -each["document"] for each in records]
        flat = not FORMATS[self._head.written["format"]].nested
        return Block(
            cells=cells_of(cells, len(records)),
            lines=np.array([each["line"] for each in records], dtype=np.int64),
            objects=np.array([0 if flat else each for each in objects], dtype=np.int64),
            faults=pa.array([code for code, _ in faults], pa.string()),
            details=pa.array([details for _, details in faults], pa.string()),
            spoiled=pa.array([json.dumps(each, ensure_ascii=False) if each else None for each in spoiled], pa.string()),
            origins=np.array([each["document"] for each in records], dtype=np.int64),
            held=tuple(
                (place, str(each["held"][0]), int(each["held"][1]))
                for place, each in enumerate(records)
                if each.get("held")
            ),
        )
