"""A format as somebody adds one: this one file. Paragraphs of ``key=value`` lines, a paragraph a record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
import pyarrow as pa
from pydantic import Field, StringConstraints

from crossdock.failures.refusals import Refused
from crossdock.formats import text
from crossdock.formats.format import Block, Clues, Format, Note, Options, Written

MARK = b"#key-value\n"


class KeyValueOptions(Options):
    """The options of paragraphs."""

    separator: Annotated[str, StringConstraints(pattern=r"^[=:]$")] = Field(
        "=", description="what stands between a key and its value"
    )
    encoding: text.Encoding = None


class KeyValue(Format[KeyValueOptions]):
    """Paragraphs of keys and values. A record's line is the number of its paragraph."""

    name = "key_value"
    options = KeyValueOptions
    plain_numbers = True
    has_lines = False

    def sniff(self, head: bytes, path: Path) -> bool:
        """Whether it begins with the mark."""
        return head.startswith(MARK)

    def reader(self, path: Path, options: KeyValueOptions, clues: Clues) -> Reader:
        """Reads one file."""
        return Reader(path, options)

    def place(self, line: int, written: Written) -> str:
        """``paragraph 3``."""
        return f"paragraph {line}"

    def span(self, first: int, last: int, written: Written, joined: str) -> str:
        """``paragraphs 3–5``."""
        return f"paragraphs {first}{joined}{last}"


class Reader:
    """Reads one file of paragraphs."""

    plain_numbers = True
    notes: Sequence[Note] = ()

    def __init__(self, path: Path, options: KeyValueOptions) -> None:
        self._separator = options.separator
        self.encoding = text.inspect(path, options.encoding).encoding
        self._text = "".join(text.decoded(path, self.encoding)).removeprefix(MARK.decode())
        if self._separator not in self._text:
            raise Refused("no_header", header=self._text[:20])

    @property
    def written(self) -> Written:
        """Format and encoding."""
        return {"format": KeyValue.name, "encoding": self.encoding}

    def blocks(self) -> Iterator[Block]:
        """All paragraphs at once."""
        records = [
            dict(line.split(self._separator, 1) for line in paragraph.split("\n") if self._separator in line)
            for paragraph in self._text.split("\n\n")
        ]
        names = list(dict.fromkeys(name for record in records for name in record))
        none = pa.nulls(len(records), pa.string())
        yield Block(
            cells=pa.table({name: pa.array([each.get(name) for each in records], pa.string()) for name in names}),
            lines=np.arange(1, len(records) + 1),
            objects=np.zeros(len(records), dtype=np.int64),
            faults=none,
            details=none,
        )
