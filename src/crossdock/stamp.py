"""What a fix-workbook knows of itself, so that it finds its way back whatever it is called by then.

A hidden sheet names the job and the feed (``Stamp``); a hidden column says of each row which record it was
(``Mark``). Some faults can't be seen in the cells of a sheet: a torn row, a formula that was an error. They are written
into the mark with a fingerprint of the row, and hold for as long as nobody touches the row.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

SHEET = "crossdock"
"""The hidden sheet: names in its first column, values in its second."""
LINES = "Lines to mend"
"""The sheet that is read back."""
MARK = "crossdock mark"
"""The heading of the hidden column."""


@dataclass(frozen=True)
class Stamp:
    """Which job a fix-workbook mends.

    ``job``: its id. ``feed``: ``partner/document``. ``name``: the drop's. ``format``: what the drop was read as.
    ``problem``: the heading of the column that says what is wrong.
    """

    job: str
    feed: str
    name: str
    format: str
    problem: str

    @property
    def partner(self) -> str:
        """Whose feed it is."""
        return self.feed.partition("/")[0]

    def cells(self) -> list[tuple[str, str]]:
        """The rows of the hidden sheet."""
        return list(asdict(self).items())


def stamp_of(rows: Iterable[list[Any]]) -> Stamp | None:
    """The stamp that those rows of a hidden sheet are, or None."""
    said = {str(row[0]): str(row[1]) for row in rows if len(row) > 1}
    if not said.keys() >= Stamp.__annotations__.keys():
        return None
    return Stamp(**{name: said[name] for name in Stamp.__annotations__})


@dataclass(frozen=True)
class Mark:
    """Which record a row of a fix-workbook was.

    ``line`` and ``document``: its place in the drop and that of its document's first record. ``nested``: its format
    said which document it is part of. ``was``: the fingerprint of its cells. ``problem``: what is wrong with it that
    its cells don't show. ``until``: the last line that its open quote swallowed.
    """

    line: int
    document: int
    nested: bool = False
    was: str = ""
    problem: str | None = None
    until: int | None = None

    def text(self) -> str:
        """The mark as its cell holds it."""
        said: Mapping[str, Any] = asdict(self)
        return json.dumps({name: value for name, value in said.items() if value}, ensure_ascii=False)


def mark_of(text: str) -> Mark | None:
    """The mark that a cell holds, or None where it holds none that can be read."""
    try:
        said = json.loads(text)
        return Mark(**said)
    except (ValueError, TypeError):
        return None


def fingerprint(cells: Iterable[str | None]) -> str:
    """What a row says, whatever an office program does to blanks and line ends when it saves it."""
    said = [" ".join((cell or "").split()) for cell in cells]
    while said and not said[-1]:
        said.pop()
    return hashlib.blake2b("\x1f".join(said).encode("utf-8", errors="surrogatepass"), digest_size=8).hexdigest()
