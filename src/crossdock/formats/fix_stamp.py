"""What a fix-workbook knows of itself, so that it finds its way back whatever it is called by then.

A hidden sheet names the job and the feed (``Stamp``); a hidden column says of each row which record it was
(``Mark``). Some faults can't be seen in the cells of a sheet: a torn row, a date that was an id. They are written into
the mark: that of a cell holds for as long as its text is what it was, that of a row for as long as nobody touched it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

SHEET = "crossdock"
"""The hidden sheet: names in its first column, values in its second."""
LINES = "Lines to mend"
"""The sheet that is read back."""
LARGEST = 1 << 62
_NUMBER = re.compile(r"(-?)0*([0-9]*)(?:[.,]([0-9]*?)0*)?")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


@dataclass(frozen=True)
class Stamp:
    """Which job a fix-workbook mends.

    ``job``: its id. ``feed``: ``partner/document``. ``name``: the drop's. ``format``: what the very first drop was read
    as. ``headings``: of the partner's own columns; ``number``: of that which names a document. ``problem``, ``mark``:
    those of the columns that are ours.
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
        """Whose feed it is."""
        return self.feed.partition("/")[0]

    def cells(self) -> list[tuple[str, str]]:
        """The rows of the hidden sheet."""
        said = asdict(self) | {"headings": json.dumps(self.headings, ensure_ascii=False)}
        return list(said.items())


def stamp_of(rows: Iterable[list[Any]]) -> Stamp | None:
    """The stamp that those rows of a hidden sheet are, or None."""
    said: dict[str, Any] = {str(row[0]): str(row[1]) for row in rows if len(row) > 1}
    if not said.keys() >= Stamp.__annotations__.keys():
        return None
    try:
        headings = tuple(map(str, json.loads(said["headings"])))
    except (ValueError, TypeError, RecursionError):
        return None
    return Stamp(**{name: said[name] for name in Stamp.__annotations__} | {"headings": headings})


@dataclass(frozen=True)
class Mark:
    """Which record a row of a fix-workbook was.

    ``line`` and ``document``: its place in the drop and that of its document's first record. ``nested``: its format
    said which document it is part of. ``was``: the fingerprint of its cells. ``fault``: what is wrong with the record
    itself, as code and details. ``cells``: what is wrong with single cells and doesn't show: heading → code, details,
    the text (None: the whole row's). ``held``: why its document is held, and the line that is to blame.
    """

    line: int
    document: int
    nested: bool = False
    was: str = ""
    fault: Sequence[Any] | None = None
    cells: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    held: Sequence[Any] | None = None

    def text(self) -> str:
        """The mark as its cell holds it."""
        return json.dumps({name: value for name, value in asdict(self).items() if value}, ensure_ascii=False)

    def hidden(self, cells: Mapping[str, str | None], *, untouched: bool) -> dict[str, Sequence[Any]]:
        """What is still wrong with single cells: heading → code, details."""
        return {
            heading: (code, details)
            for heading, (code, details, text) in self.cells.items()
            if (untouched if text is None else fingerprint([cells.get(heading)]) == fingerprint([text]))
        }


def mark_of(text: str) -> Mark | None:
    """The mark that a cell holds, or None where it holds none that can be read."""
    try:
        mark = Mark(**json.loads(text))
    except (ValueError, TypeError, RecursionError):
        return None
    whole = all(type(each) is int and 0 < each < LARGEST for each in (mark.line, mark.document))
    pairs = [each for each in (mark.fault, mark.held) if each is not None]
    cells = mark.cells if isinstance(mark.cells, dict) else {"": ()}
    shaped = all(isinstance(each, list) and len(each) == 2 for each in pairs)  # code and what follows
    shaped &= all(isinstance(each, list) and len(each) == 3 for each in cells.values())
    codes = [each[0] for each in (*pairs, *cells.values())] if shaped else []
    return mark if whole and shaped and all(isinstance(code, str) for code in codes) else None


def _number(text: str) -> str:
    """A number by its value, whether or not it was made one: ``005,00`` is 5."""
    found = _NUMBER.fullmatch(text)
    return f"{found[1]}{found[2] or 0}{f'.{found[3]}' if found[3] else ''}" if found else text


def fingerprint(cells: Iterable[str | None]) -> str:
    """What a row says, whatever an office program does to blanks, control characters and numbers when it saves it."""
    said = [_number(" ".join(_CONTROL.sub("", cell or "").split())) for cell in cells]
    while said and not said[-1]:
        said.pop()
    return hashlib.blake2b("\x1f".join(said).encode("utf-8", errors="surrogatepass"), digest_size=8).hexdigest()
