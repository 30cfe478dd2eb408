"""The shape of a file, by its content: each kind of shape is tried in turn."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from itertools import islice
from pathlib import Path

from crossdock import formats
from crossdock.failures.refusals import Refused
from crossdock.formats import text
from crossdock.formats.excel.containers import workbook_kind
from crossdock.formats.format import Clues
from crossdock.formats.lines.text_lines import lines
from crossdock.frames.columns import is_blank
from crossdock.learn.headless import fixed, table, typed
from crossdock.learn.headless.shape import Shape

ALIKE = 1.5
"""How many times more columns lines of one type have than all lines share, if they are alike."""
LINES = 5_000
"""How many lines are looked at."""


def shape_of(path: Path, known: Container[str], any_names: Clues) -> Shape | None:
    """How a file is read; None if the readers find its columns by themselves.

    ``known``: folded headings; ``any_names``: clues by which every heading is one. Raises ``Refused`` if the file is
    empty.
    """
    if workbook_kind(text.head(path), path):
        try:
            rows = table.rows_of_workbook(path)
        except Refused:
            return None  # the reader that knows headings says it better
        return table.shape_of_rows(rows, known)
    rows = table.rows_of_text(path)
    typed_rows = typed.shape_of_rows(rows) if rows else None
    if typed_rows is not None:
        return typed_rows
    first = [line for _, line in islice(lines(path, text.inspect(path, None)), LINES)]
    padded = _is_padded(first)
    if (padded or not table.is_delimited(rows)) and not formats.envelopes(path):
        alike = fixed.shape_of_lines(first, known)
        for shape in (alike,) if padded or table.is_regular(rows) else _likelier(alike, typed.shape_of_lines(first)):
            if shape is not None and _reads(path, shape, any_names):
                return shape
    return table.shape_of_rows(rows, known)


def _is_padded(lines: Sequence[str]) -> bool:
    """Whether lines are of one length, with blanks that fill them, and have commas in numbers only."""
    filled = [line for line in lines if line.strip()]
    commas = [re.search(r"(?<!\d),|,(?!\d)|[;|\t]", line) for line in filled]
    return len({len(line) for line in filled}) == 1 and not any(commas) and all("  " in line for line in filled)


def _likelier(alike: Shape | None, several: Shape | None) -> tuple[Shape | None, Shape | None]:
    """The shapes that lines may have, the likelier one first: all alike, or of several types.

    They are alike if they share headings, or nearly as many columns as the lines of one type have.
    """
    if alike is None or several is None:
        return alike, several
    columns = alike.options["columns_at"]
    most = max(map(len, several.options["records"].values()))
    shared = len(alike.unnamed) < len(columns) or len(columns) * ALIKE >= most
    return (alike, several) if shared else (several, alike)


def _reads(path: Path, shape: Shape, clues: Clues) -> bool:
    """Whether no record of the file is faulty, if it is read so: else the shape is none."""
    options = formats.options().model_validate(shape.options)
    faults = (block.faults for block in formats.reader(path, shape.format, options, clues).blocks())
    return all(is_blank(each) for each in faults)
