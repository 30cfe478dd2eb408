"""The formats: how bytes become records of text. One file a format, told apart by content, not by extension.

A reader knows nothing of partners and documents; what it may know is given to it: the options of the feed and its
``Clues``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from crossdock.failures import Refused
from crossdock.feeds import Options
from crossdock.formats import delimited, json_, sniff, workbook
from crossdock.formats.sheets import stamped
from crossdock.model import Clues, Reader

Open = Callable[[Path, Options, Clues], Reader]
FORMATS: dict[str, Open] = {"delimited": delimited.Delimited, "json": json_.Json, "workbook": workbook.Workbook}
PLACES: dict[str, Any] = {"delimited": delimited, "json": json_, "workbook": workbook}
"""How each format says where a record stands."""
TEXTS = ("json", "delimited")
"""Contents that are formats by name; every other that is known is a workbook."""
__all__ = ["FORMATS", "of_document", "place", "reader", "span", "stamped"]


def reader(path: Path, name: str | None, options: Options, clues: Clues) -> Reader:
    """The reader of a drop, of the format that its content tells. Refused where the feed names another."""
    content = sniff.kind(path)
    found = content if content in TEXTS else "workbook"
    if name is not None and clues.stamp is None:
        if (name == "workbook") != (found == "workbook"):
            raise Refused("wrong_format", what="a workbook" if found == "workbook" else "text", format=name)
        found = name
    return FORMATS[found](path, options, clues)


def place(line: int, written: Mapping[str, Any]) -> str:
    """A record's line as words: ``line 12``, ``Orders!12``, ``/data/3/orderLines/0``."""
    said: str = PLACES[written["format"]].place(line, written)
    return said


def span(first: int, last: int, written: Mapping[str, Any], joined: str) -> str:
    """Two lines as words: ``lines 4–9``, ``Orders!4 and 9``."""
    said: str = PLACES[written["format"]].span(first, last, written, joined)
    return said


def of_document(line: int, written: Mapping[str, Any]) -> int:
    """The line that stands for the whole document a record is part of, where the format has such a thing."""
    return json_.of_document(line, written) if written["format"] == "json" else line
