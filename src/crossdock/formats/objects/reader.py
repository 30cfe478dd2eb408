"""JSON: the API's ``{"data": [...]}``, a bare array, one object, or one object per line; nested or flat.

Strategy: the text is read in chunks and the standard library's decoder takes one element at a time from it, so memory
stays flat; numbers stay the text that was written, duplicate names are detected, NaN and Infinity are refused. An
object becomes one record per element of its innermost arrays of lines, or one record if it has none. After broken JSON
nothing can be read safely, so the file is refused; but if each object is one line, only that line is torn. A byte that
is no text fails the value that it is part of, or else its object (``stream``). JSON defines what a number is, the
feed what a text is; numbers are rewritten in the feed's notation, so later steps treat both the same. Objects beside
each other that are written alike are read at once (``alike``), by what the decoder and the rules made of one of them.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, NoReturn

from pydantic import Field, StringConstraints

from crossdock.failures.refusals import Refused
from crossdock.formats import text
from crossdock.formats.delimited import tidy
from crossdock.formats.format import Block, Clues, Format, Note, Options, Written
from crossdock.formats.objects import paging
from crossdock.formats.objects.alike import Ahead, Alike
from crossdock.formats.objects.records import SHIFT, Records, pointer, what
from crossdock.formats.objects.splitting import ALONE, BESIDE, keyed
from crossdock.formats.objects.stream import Source
from crossdock.schema.names import fold

RECORDS = 20_000
"""How many records a block has."""
_Element = tuple[Any, str | None, str | None]
"""A value, the code of its fault or None, and the fault's details as JSON or None."""
_SECTION = re.compile(rb"\[(?!true|false|null|NaN)[A-Za-z][^\[\]{}\",:]*\][ \t]*[\r\n]")
"""The first line of a text in sections: ``[Header]``."""
_SCALARS = {'"': "a text", "t": "true", "f": "false", "n": "null"}
"""What a JSON text is, by its first character."""


class JsonOptions(Options):
    """The options of JSON files."""

    encoding: text.Encoding = None
    path: Annotated[str, StringConstraints(min_length=1)] | None = Field(
        None,
        description="the member with the documents, a member of a member with a dot (`response.orders`) or as a JSON "
        "pointer (`/response/orders`); else `data`, or the file itself. Arrays on the way are pages: all are read",
    )


class Json(Format[JsonOptions]):
    """JSON files. A record's line combines the number of its object and its places in the arrays inside it."""

    name = "json"
    options = JsonOptions
    nested = True
    has_lines = False

    def sniff(self, head: bytes, path: Path) -> bool:
        """Whether it begins with an object or an array, and not with a word in brackets, as sections of a text do."""
        bare = text.bare(head)
        return bare[:1] in (b"{", b"[") and not _SECTION.match(bare)

    def reader(self, path: Path, options: JsonOptions, clues: Clues) -> Reader:
        """A reader of one JSON file. Raises ``Refused`` if its encoding can't be read."""
        return Reader(path, options, clues)

    def place(self, line: int, written: Written) -> str:
        """``/data/3/orderLines/0``: a JSON pointer (RFC 6901) to the innermost object."""
        arrays = _arrays(written)
        number = line >> SHIFT * len(arrays)
        path = f"{written['prefix']}/{number - 1}{written.get('inside', '')}"
        pages = written.get("pages", [])
        page = bisect_right([first for first, _ in pages], number)
        if page:
            first, pointer = pages[page - 1]
            path = f"{pointer}{number - first}" if pointer.endswith("/") else pointer
        for depth, names in enumerate(arrays, 1):
            at = (line >> SHIFT * (len(arrays) - depth)) & ((1 << SHIFT) - 1)
            place_in = at & ALONE
            if at:
                path += f"/{names[min(at >> BESIDE, len(names) - 1)]}"
                path += "" if place_in == ALONE else f"/{place_in - 1}"
        return path

    def span(self, first: int, last: int, written: Written, joined: str) -> str:
        """``/data/0 – /data/3``."""
        return f"{self.place(first, written)} {joined.strip()} {self.place(last, written)}"

    def of_document(self, line: int, written: Written) -> int:
        """The number of the object that a record is part of."""
        bits = SHIFT * len(_arrays(written))
        return line >> bits << bits

    def column(self, heading: str, written: Written, variant: str) -> str:
        """A member's name without the name of the array of lines that contains it."""
        parts, arrays = heading.split("."), {fold(_dotted(each)) for names in _arrays(written) for each in names}
        cuts = (cut for cut in range(len(parts) - 1, 0, -1) if fold(".".join(parts[:cut])) in arrays)
        return ".".join(parts[next(cuts, 0) :])


def _dotted(pointer: str) -> str:
    return pointer.replace("/", ".").replace("~1", "/").replace("~0", "~")


def _path(text: str) -> tuple[str, ...]:
    """The names of a member of members, as a feed writes them.

    >>> _path("response.orders"), _path("/response/the.orders")
    (('response', 'orders'), ('response', 'the.orders'))
    """
    if text.startswith("/"):
        return tuple(each.replace("~1", "/").replace("~0", "~") for each in text.strip("/").split("/"))
    return tuple(text.split("."))


def _arrays(written: Written) -> list[list[str]]:
    """The arrays of lines by depth, each as part of a JSON pointer; older jobs have one."""
    return written.get("arrays") or [[written.get("array") or ""]]


@dataclass
class _Members:
    """The members of an object: those that are kept, names that are twice, and what is wrong with them.

    ``enveloped``: the documents were in one of them; ``alone``: it was one document, and no array. ``more``: what says
    that there are more documents elsewhere.
    """

    values: dict[str, Any] = field(default_factory=dict)
    twice: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    enveloped: bool = False
    alone: bool = False
    more: paging.Sign | None = None

    def add(self, name: str, value: Any) -> None:
        """Add a member."""
        self.twice += [name] if name in self.values else []
        self.values[name] = value


def _of_line(note: Note) -> Note:
    """A note on the file's encoding, whose line is one of the text and no object."""
    details = {name: each for name, each in (note.detail or {}).items() if name != "line"}
    return replace(note, detail=details | {"place": f"line {(note.detail or {})['line']}"})


class Reader:
    """Reads one JSON file."""

    plain_numbers = False

    def __init__(self, path: Path, options: JsonOptions, clues: Clues) -> None:
        self._path = path
        self._records = Records(clues)
        self._prefix = ""
        self._by_envelope = False
        self._number = 0
        self._pages: list[tuple[int, str]] = []
        self._more: paging.Sign | None = None
        self._error: str | None = None
        self._wanted = _path(options.path or "data")
        self._blank_too = options.path is not None
        self._look = text.inspect(path, options.encoding)
        self._moulds = self._records.moulds(self._wanted[0])
        self._ahead = Ahead(self._moulds, by_line=False)

    @property
    def written(self) -> Written:
        """Format, encoding, and how a place in it is written. Complete after all blocks are read."""
        place = {"prefix": "", "inside": self._prefix} if self._by_envelope else {"prefix": self._prefix}
        pages = {"pages": self._pages} if self._pages else {}
        return {"format": Json.name, "encoding": self._look.encoding, **place, **pages, "arrays": self._records.names}

    @property
    def notes(self) -> Sequence[Note]:
        """The warnings about the encoding, about errors of an answer, about documents that are elsewhere, and about
        lists of objects that are not read. Complete after all blocks.
        """
        sign = self._more
        is_cut = sign is not None and (sign.least is None or self._number < sign.least)
        elsewhere = [Note("documents_elsewhere", None, 1, {"shown": sign.shown})] if sign and is_cut else []
        in_part = [Note("answer_in_part", None, 1, {"shown": self._error})] if self._error else []
        return [*map(_of_line, self._look.notes), *in_part, *elsewhere, *self._records.notes]

    def blocks(self) -> Iterator[Block]:
        """The records in file order."""
        for element in self._elements():
            if isinstance(element, Alike):
                self._records.add_alike(self._number + 1, element)
                self._number += element.size
            else:
                self._number += 1
                self._records.add(self._number, *element)
            if self._records.size >= RECORDS:
                yield tidy.legible(self._records.block(), self._look)
        yield tidy.legible(self._records.block(), self._look)

    def _elements(self) -> Iterator[_Element | Alike]:
        """Each document's object, or what is in its place and why that is wrong; objects that are alike at once."""
        source = Source(text.decoded(self._path, self._look.encoding, marked=self._look.marked), self._look)
        by_line = False
        lines = Ahead(self._moulds, by_line=True)
        while source.peek():
            alike = lines.take(source) if by_line and not self._look.marked else None
            if alike is not None:
                yield alike
                continue
            line = source.whole_line(self._is_envelope) if by_line or source.peek() == "{" else None
            if by_line and line is None:
                source.line()
                yield _torn(["the line is not one JSON object", *source.lost()])
            elif line is not None:
                by_line = True
                yield from _each(line, source.twice, [*source.wrong, *source.lost()])
            elif source.peek() == "{":
                members = _Members()
                yield from self._document(source, members)
                if members.alone and source.peek() == "{":  # each document has an envelope of its own
                    self._by_envelope = True
                elif not (self._by_envelope and members.alone):
                    source.nothing_follows()
            else:
                if source.peek() in _SCALARS or source.peek() in "-0123456789":
                    _refuse_scalar(source)
                yield from self._paged(source, (), self._wanted) if self._blank_too else self._array_of(source)
                source.nothing_follows()
        if lost := source.lost():
            yield _torn(lost)

    def _is_envelope(self, value: dict[str, Any]) -> bool:
        """Whether an object has the wanted member."""
        return self._has(value, self._wanted)

    def _has(self, value: Any, names: Sequence[str]) -> bool:
        """Whether these names lead to documents, through pages or not."""
        if not names:
            return isinstance(value, list | dict) or (value is None and self._blank_too)
        if isinstance(value, list) and self._blank_too:
            return any(self._has(each, names) for each in value)
        return isinstance(value, dict) and names[0] in value and self._has(value[names[0]], names[1:])

    def _document(self, source: Source, members: _Members) -> Iterator[_Element | Alike]:
        """The documents of an envelope; or the object, if it is a document itself."""
        yield from self._members(source, (), self._wanted, members)
        self._more = members.more or self._more
        if not members.enveloped:
            yield from _each(members.values, members.twice, [*members.wrong, *source.lost()])

    def _paged(self, source: Source, above: tuple[str, ...], wanted: Sequence[str]) -> Iterator[_Element | Alike]:
        """The documents of an array of pages: objects in which ``wanted`` leads to documents. An element that is no
        page is a document itself.

        ``above``: the names and places that lead to the array.
        """
        source.expect("[")
        place = 0
        while source.peek() != "]":
            here, members = (*above, str(place)), _Members()
            if source.peek() == "{":
                yield from self._members(source, here, wanted, members, paged=True)
                value, twice, wrong = members.values, members.twice, members.wrong
            else:
                value, twice, wrong = source.value(), source.twice, source.wrong
            following, lost = source.peek(), source.lost()
            self._more = members.more
            if not members.enveloped:
                self._begins(here, alone=True)
                yield _checked(value, twice, [*wrong, *lost])
            elif lost:
                yield _torn(lost)
            place += 1
            if not _another(source, following, lost):
                break
        source.expect("]")

    def _begins(self, here: tuple[str, ...], *, alone: bool) -> None:
        """Remember where the next documents of a page are: in an array, or one without any."""
        begins = f"/{pointer(here)}"
        if alone and not self._number and not self._pages:
            self._by_envelope, self._prefix = True, begins.removeprefix("/0")
        usual = f"/{self._number}{self._prefix}" if self._by_envelope else ""
        if self._pages or begins != usual or not alone:
            self._pages.append((self._number + 1, begins if alone else f"{begins}/"))

    def _members(
        self,
        source: Source,
        above: tuple[str, ...],
        wanted: Sequence[str],
        members: _Members,
        *,
        paged: bool = False,
    ) -> Iterator[_Element | Alike]:
        """The documents of the wanted member, which is streamed; the other members are added to ``members``.

        ``above``: the names and places that lead to this object; ``wanted``: the names that lead on to the documents;
        ``paged``: it is a page.
        """
        source.expect("{")
        while source.peek() != "}":
            if source.peek() != '"':
                source.fail("a name in double quotes is expected")
            name = source.name()
            members.wrong += source.wrong
            source.expect(":")
            here, next_mark = (*above, name), source.peek()
            leads, inside = name == wanted[0], wanted[1:]
            if leads and not inside and (next_mark in ("[", "{") or (next_mark == "n" and self._blank_too)):
                members.enveloped, members.alone = True, next_mark == "{"
                if paged:
                    self._begins(here, alone=members.alone)
                else:
                    self._prefix = f"/{pointer(here)}"
                yield from self._streamed(source)
            elif leads and inside and next_mark == "[" and self._blank_too:
                members.enveloped = True
                yield from self._paged(source, here, inside)
            elif leads and inside and next_mark == "{":
                inner = _Members(twice=members.twice, wrong=members.wrong)
                yield from self._members(source, here, inside, inner, paged=paged)
                members.enveloped |= inner.enveloped
                members.alone |= inner.alone
                members.more = inner.more
                members.add(name, inner.values)
            else:
                members.add(name, source.value())
                members.twice += source.twice
                members.wrong += source.wrong
            if source.peek() != ",":
                break
            source.expect(",")
        source.expect("}")
        if members.enveloped:
            members.more = paging.of_file(members.values) or members.more
            self._error = self._error or paging.errors_in(members.values)

    def _streamed(self, source: Source) -> Iterator[_Element | Alike]:
        """The documents of the member that begins here: an array, or one object; none if it is null."""
        if source.peek() == "[":
            yield from self._array_of(source)
            return
        value = source.value()
        if value is not None:
            yield from _each(value, source.twice, [*source.wrong, *source.lost()])

    def _array_of(self, source: Source) -> Iterator[_Element | Alike]:
        source.expect("[")
        while source.peek() != "]":
            alike = self._ahead.take(source) if source.peek() == "{" and not self._look.marked else None
            if alike is not None:
                yield alike
                following, behind = source.peek(), source.lost()
            else:
                value, twice, wrong = source.value(), source.twice, [*source.wrong, *source.lost()]
                following, behind = source.peek(), source.lost()
                yield _checked(value, twice, wrong + behind)
            if not _another(source, following, behind):
                break
        source.expect("]")


def _each(value: Any, twice: list[str], wrong: list[str]) -> Iterator[_Element]:
    """The documents of an object by their ids, as PHP writes a list; or the object, which is a document itself.

    Raises ``Refused`` if it is an answer of errors.
    """
    if isinstance(value, dict) and paging.is_error(value):
        raise Refused("unreadable", what=f"an answer that failed: {paging.errors_in(value)}")
    several = keyed(value) if isinstance(value, dict) and not (twice or wrong) else None
    yield from (_checked(each, [], []) for each in several or ()) if several else (_checked(value, twice, wrong),)


def _another(source: Source, following: str, behind: Sequence[str]) -> bool:
    """Whether another element of an array comes; its comma is read. ``behind``: what is lost behind the last one."""
    if following == "{" and behind:  # the lost bytes were the comma
        return True
    if following != ",":
        return False
    source.expect(",")
    if source.peek() == "]":
        source.fail("a comma stands before the closing bracket")
    return True


def _refuse_scalar(source: Source) -> NoReturn:
    """Refuse valid JSON that is neither an object nor an array, with what it is."""
    what = _SCALARS.get(source.peek(), "a number")
    source.value()
    source.nothing_follows()
    raise Refused("unreadable", what=f"JSON that holds no object but {what}")


def _torn(reasons: Sequence[str]) -> _Element:
    return {}, "bad_json", json.dumps({"reason": "; ".join(reasons)}, ensure_ascii=False)


def _checked(value: Any, twice: list[str], wrong: list[str]) -> _Element:
    if not isinstance(value, dict):
        return {}, "not_an_object", what(value)
    if wrong:
        return value, "bad_json", json.dumps({"reason": wrong[0]}, ensure_ascii=False)
    if twice:
        return value, "name_twice", json.dumps({"names": ", ".join(sorted(set(twice)))}, ensure_ascii=False)
    return value, None, None
