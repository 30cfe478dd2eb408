"""The formats: how bytes become records of text. One file a format, told apart by content, not by extension.

A reader knows nothing of partners and documents; what it may know is given to it: the options of the feed, the folded
headers that are known (which row is the header, what is the delimiter) and the arrays in which JSON nests lines.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from crossdock.feeds import Options
from crossdock.formats import delimited, json_, text
from crossdock.model import Reader

Open = Callable[[Path, Options, frozenset[str], frozenset[str]], Reader]
FORMATS: dict[str, Open] = {"delimited": delimited.Delimited, "json": json_.Json}
PLACES: dict[str, Callable[[int, Mapping[str, Any]], str]] = {"delimited": delimited.place, "json": json_.place}


def reader(path: Path, name: str | None, options: Options, headers: frozenset[str], arrays: frozenset[str]) -> Reader:
    """The reader of a drop, of the format that the feed names or the content tells."""
    head = text.sniff(path)
    if name is None:
        bare = head.replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
        name = "json" if bare[:1] in (b"{", b"[") else "delimited"
    return FORMATS[name](path, options, headers, arrays)


def place(line: int, written: Mapping[str, Any]) -> str:
    """A record's line as words: ``line 12``, ``/data/3/orderLines/0``."""
    return PLACES[written["format"]](line, written)


def of_document(line: int, written: Mapping[str, Any]) -> int:
    """The line that stands for the whole document a record is part of, where the format has such a thing."""
    return json_.of_document(line) if written["format"] == "json" else line
