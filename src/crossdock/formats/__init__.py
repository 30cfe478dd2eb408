"""The formats: how bytes become records of text. One file a format, told apart by content, not by extension.

``FORMATS`` is the only list of them: whatever else must know one asks it here, by what a job remembers of how its file
was written, and gets an answer of the format's own.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, create_model

from crossdock.failures.refusals import Refused
from crossdock.formats import sniff, text
from crossdock.formats.delimited.reader import Delimited
from crossdock.formats.excel.sheet_choice import stamped
from crossdock.formats.excel.workbook import Workbook
from crossdock.formats.format import Clues, Format, Options, Reader, Written
from crossdock.formats.json_reader import Json

FORMATS: dict[str, Format[Any]] = {each.name: each for each in (Delimited(), Workbook(), Json())}
"""Every format by its name."""
UNMARKED = "delimited"
"""What a text is taken for that bears the marks of no format."""
__all__ = ["FORMATS", "column", "has_lines", "nested", "of_document", "options", "place", "reader", "span", "stamped"]


def reader(path: Path, name: str | None, options: BaseModel, clues: Clues) -> Reader:
    """The reader of a drop, of the format that its content tells, or of the one of the same medium that the feed names.

    ``name``: the format that the feed names. ``options``: those of the feed, of whatever formats. Raises ``Refused``
    where the file is of no format, is of another medium than the feed's, or can't be read.
    """
    chosen = _told_by_content(path)
    if name is not None and clues.stamp is None:
        if FORMATS[name].medium != chosen.medium:
            raise Refused("wrong_format", what=chosen.medium, format=name)
        chosen = FORMATS[name]
    if clues.stamp is not None:
        clues = replace(clues, first=FORMATS.get(clues.stamp.format))
    return chosen.reader(path, chosen.options.model_validate(options, from_attributes=True), clues)


def _told_by_content(path: Path) -> Format[Any]:
    head = text.head(path)
    for each in FORMATS.values():
        if each.sniff(head, path):
            return each
    sniff.refuse_known(head, path)
    return FORMATS[UNMARKED]


def options() -> type[BaseModel]:
    """What a feed may say under ``options``: the keys of all formats, as one model."""
    return _options(tuple(FORMATS.values()))


@cache
def _options(known: tuple[Format[Any], ...]) -> type[BaseModel]:
    models = sorted({each.options: None for each in known}, key=lambda model: -len(model.__mro__))  # heirs come first
    return create_model("Options", __base__=tuple(models) or Options)


def place(line: int, written: Written) -> str:
    """A record's line as words: ``line 12``, ``Orders!12``, ``/data/3/orderLines/0``."""
    return _of(written).place(line, written)


def span(first: int, last: int, written: Written, joined: str) -> str:
    """Two lines as words: ``lines 4–9``, ``Orders!4 and 9``."""
    return _of(written).span(first, last, written, joined)


def of_document(line: int, written: Written) -> int:
    """The line that stands for the whole document a record is part of, where the format has such a thing."""
    return _of(written).of_document(line, written)


def column(heading: str, written: Written | None) -> str:
    """A heading as the partner calls it. ``written``: None where nothing is known of the file."""
    return _of(written).column(heading, written) if written else heading


def has_lines(written: Written | None) -> bool:
    """Whether a record's line is a number that people find in the file; so it is where nothing is known of it."""
    return not written or _of(written).has_lines


def nested(written: Written) -> bool:
    """Whether records may be objects that nest lines, or, in a fix-workbook, were such in the very first file."""
    names = (written["format"], written.get("first"))
    return any(FORMATS[name].nested for name in names if name in FORMATS)


_ONCE_PLAIN = ("json",)
"""Formats that read all numbers in their own notation before plans said whether they do."""


def plain_numbers(written: Written) -> bool:
    """Whether a plan that doesn't say so, because it is that old, is of numbers written as the format writes them."""
    return written["format"] in _ONCE_PLAIN


def _of(written: Written) -> Format[Any]:
    return FORMATS[written["format"]]
