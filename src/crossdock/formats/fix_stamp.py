"""The identity of a fix-workbook in itself, so that it is recognised under any name when it comes back.

A hidden sheet names the job and the feed (``Stamp``); a hidden column says for each row which record it was (``Mark``).
Some faults don't show in the cells of a sheet: a torn row, a date that was an id. The mark contains them: the fault of
a cell is valid while its text is unchanged, the fault of a row while the row is unchanged.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from typing import Any

import pyarrow as pa

SHEET = "crossdock"
"""The hidden sheet: names in its first column, values in its second."""
LINES = "Lines to fix"
"""The sheet that is read when the workbook comes back."""
NAMES = (LINES, "Lines to mend")
"""Its names: the second is that of workbooks that were made before migration 0021, and may still come back."""
SHEETS = tuple(f"{name}{copy}" for name in NAMES for copy in ("", " ([0-9]*)", "_[0-9]*"))
"""The same as globs, with those that Excel and LibreOffice give to a copy of such a sheet."""
MARK = "crossdock mark"
"""The heading of the hidden column; where the partner has such a heading, it goes on behind these words."""
LARGEST = 1 << 62
_NUMBER = re.compile(r"(-?)0*([0-9]*)(?:[.,]([0-9]*?)0*)?")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


_json = json.JSONEncoder(ensure_ascii=False).encode
"""A value as JSON; ``json.dumps`` would make an encoder for each."""


@dataclass(frozen=True)
class Stamp:
    """Which job a fix-workbook fixes.

    ``job``: its id. ``feed``: ``partner/document``, with what a request gave if the drop came by one. ``name``: the
    drop's. ``format``: of the first drop. ``headings``: of the partner's own columns; ``number``: of the column with
    the document's number. ``problem``, ``mark``: of our own columns.
    """

    job: str
    feed: str
    name: str
    format: str
    headings: tuple[str, ...]
    number: str
    problem: str
    mark: str

    @property
    def partner(self) -> str:
        """The partner of the feed."""
        return self.feed.partition("/")[0]

    def cells(self) -> list[tuple[str, str]]:
        """The rows of the hidden sheet: name and value."""
        fields = asdict(self) | {"headings": json.dumps(self.headings, ensure_ascii=False)}
        return list(fields.items())


def stamp_of(rows: Iterable[list[Any]]) -> Stamp | None:
    """The stamp in those rows of a hidden sheet; None if they are none."""
    fields: dict[str, Any] = {str(row[0]): str(row[1]) for row in rows if len(row) > 1}
    if not fields.keys() >= Stamp.__annotations__.keys():
        return None
    try:
        headings = tuple(map(str, json.loads(fields["headings"])))
    except (ValueError, TypeError, RecursionError):
        return None
    return Stamp(**{name: fields[name] for name in Stamp.__annotations__} | {"headings": headings})


@dataclass(frozen=True)
class Mark:
    """Which record a row of a fix-workbook was.

    ``line`` and ``document``: its place in the drop and that of its document's first record. ``nested``: the format
    said which document it is part of. ``was``: the fingerprint of its cells. ``fault``: what is wrong with the record
    itself, as code and details. ``cells``: invisible faults of single cells: heading → code, details, the text (None:
    valid while the whole row is unchanged). ``held``: why its document is held, and the line to blame. ``zeros``: its
    texts of digits that begin with a zero, by heading. ``job``: that of its fix-workbook; '' in older ones.
    """

    line: int
    document: int
    nested: bool = False
    was: str = ""
    fault: Sequence[Any] | None = None
    cells: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    held: Sequence[Any] | None = None
    zeros: Mapping[str, str] = field(default_factory=dict)
    job: str = ""

    def text(self) -> str:
        """The mark as JSON, for its cell."""
        return _json({name: value for name, value in vars(self).items() if value})

    def without_zeros(self, cells: Mapping[str, str | None], numbers: Container[str]) -> dict[str, str]:
        """Headings of texts that a spreadsheet has made numbers, without the zeros in front → the texts as they were.

        ``cells``: the row as it came back; ``numbers``: the headings of its ids that are numbers in the sheet.
        """
        return {
            heading: text
            for heading, text in self.zeros.items()
            if heading in numbers and cells.get(heading) == (text.lstrip("0") or "0")
        }

    def hidden(self, cells: Mapping[str, str | None], *, untouched: bool) -> dict[str, Sequence[Any]]:
        """The faults of single cells that are still valid: heading → code, details.

        ``cells``: the row as it came back; ``untouched``: the whole row is unchanged.
        """
        return {
            heading: (code, details)
            for heading, (code, details, text) in self.cells.items()
            if (untouched if text is None else fingerprint([cells.get(heading)]) == fingerprint([text]))
        }


def mark_of(text: str) -> Mark | None:
    """The mark in the text of a cell; None if it is no valid mark."""
    try:
        mark = Mark(**json.loads(text))
    except (ValueError, TypeError, RecursionError):
        return None
    whole = all(type(each) is int and 0 < each < LARGEST for each in (mark.line, mark.document))
    pairs = [each for each in (mark.fault, mark.held) if each is not None]
    cells = mark.cells if isinstance(mark.cells, dict) else {"": ()}
    shaped = all(isinstance(each, list) and len(each) == 2 for each in pairs)  # code and what follows
    shaped &= all(isinstance(each, list) and len(each) == 3 for each in cells.values())
    shaped &= (
        isinstance(mark.job, str)
        and isinstance(mark.zeros, dict)
        and all(isinstance(each, str) for each in mark.zeros.values())
    )
    codes = [each[0] for each in (*pairs, *cells.values())] if shaped else []
    return mark if whole and shaped and all(isinstance(code, str) for code in codes) else None


def marks_in(cells: pa.Table) -> Iterator[Mark]:
    """The marks of a fix-workbook in a block of records, in whatever file they stand."""
    for name in cells.column_names:
        if name.strip().casefold().startswith(MARK):
            texts = cells.column(name).drop_null().to_pylist()
            yield from filter(None, map(mark_of, texts))


def _number(text: str) -> str:
    """A number by its value, also if it is written as text: ``005,00`` is 5."""
    match = _NUMBER.fullmatch(text)
    return f"{match[1]}{match[2] or 0}{f'.{match[3]}' if match[3] else ''}" if match else text


@lru_cache(10_000)  # most columns repeat their values
def _as_saved(cell: str) -> str:
    """A cell in the form that stays the same when an office program saves it."""
    return _number(" ".join(_CONTROL.sub("", cell).split()))


def fingerprint(cells: Iterable[str | None]) -> str:
    """A digest of a row's cells, 16 hex digits.

    It ignores what an office program changes when it saves: blanks, control characters, the form of numbers.
    """
    texts = [_as_saved(cell or "") for cell in cells]
    while texts and not texts[-1]:
        texts.pop()
    return hashlib.blake2b("\x1f".join(texts).encode("utf-8", errors="surrogatepass"), digest_size=8).hexdigest()
