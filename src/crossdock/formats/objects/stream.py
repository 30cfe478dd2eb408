"""A JSON text that arrives in chunks, and the values at its front: the source of the JSON reader.

The standard library's decoder takes one value at a time; numbers stay the text that was written, duplicate names are
remembered, NaN and Infinity are refused (RFC 8259). Bytes that are no text arrive as marks. Inside a string they are
part of it; outside, the value is read without them and they are reported, if nothing else is wrong with the value: its
strings and brackets show where it ends.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from json import JSONDecodeError, JSONDecoder
from typing import Any, NoReturn

from crossdock.failures.refusals import Refused
from crossdock.formats.text import MARKED, Inspection, bytes_in, shown

MAX_ELEMENT = 64 << 20
"""The most characters of one object."""


_BLANK = " \t\r\n\ufeff"


_SAID = {
    "Expecting value": "a value is expected",
    "Expecting ',' delimiter": "a comma or the end is expected",
    "Expecting ':' delimiter": "a colon is expected",
    "Expecting property name enclosed in double quotes": "a name in double quotes is expected",
    "Illegal trailing comma before end of object": "a comma stands before the closing brace",
    "Illegal trailing comma before end of array": "a comma stands before the closing bracket",
    "Unterminated string starting at": "a text is not closed",
    "Invalid control character at": "a text holds a control character",
    "Invalid \\escape": "a text holds an unknown escape",
    "Invalid \\escape: ": "a text holds an unknown escape",
    "Invalid \\uXXXX escape": "a text holds half of an escape",
}
"""The standard library's messages → the same in words for people."""


def whole(text: str) -> str:
    """A text whose halves of characters (lone surrogates, which no encoding can write) are shown escaped.

    >>> whole("a\\ud800")
    'a\\\\ud800'
    """
    return text if text.isascii() else text.encode("utf-8", errors="backslashreplace").decode()


_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\],:]|[^\s"{}\[\],:]+|\s+', re.DOTALL)
"""A token of JSON: a string, a bracket or mark, a number or word, blanks; each may have bytes that are no text."""
_SOUND = re.compile(r"true|false|null|-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_CLOSING = {"{": "}", "[": "]"}
_CUT = re.compile(rf"\\(?:(?P<cut>(?:u[0-9A-Fa-f]{{0,3}})?(?={MARKED}))|.)", re.DOTALL)
"""An escape, or (``cut``) the rest of one in front of a byte that is no text."""


def _tokens(text: str, at: int) -> list[str]:
    """The tokens of the value at ``at``; none if its end is not clear, or more is wrong than bytes that are no text."""
    tokens: list[str] = []
    waiting: list[str] = []
    for match in _TOKEN.finditer(text, at):
        token = match[0]
        if match.start() != at:  # a quote is not closed
            return []
        at += len(token)
        tokens.append(token)
        if token in _CLOSING:
            waiting.append(_CLOSING[token])
        elif token in ("}", "]"):
            if not waiting or waiting.pop() != token:
                return []
        elif not (token[0] in ',:"' or token.isspace() or re.search(MARKED, token) or _SOUND.fullmatch(token)):
            return []
        if not waiting:
            return tokens if at < len(text) or token in ("}", "]") else []
    return []


def _without_marks(token: str, instead: str) -> str:
    """A token without bytes that are no text; in a string they stay. ``instead``: for a token of such bytes only."""
    if token.startswith('"'):
        return _CUT.sub(lambda match: match[0] if match["cut"] is None else "", token)
    bare = re.sub(MARKED, "", token)
    return token if bare == token else "null" if bare else instead


def _no_constant(name: str) -> NoReturn:
    raise JSONDecodeError(f"{name} is no JSON number", "", 0)


_MEMBER = re.compile(r'"[ \t\r\n]*:')
"""What stands behind a name, and nowhere else but within a text."""
_HALF = re.compile(r"\\u[dD]")
"""What stands before half of a character, which must be written by its number."""


class Number(str):
    """A number as the text that was written: no float has changed it, and it may have any length."""

    __slots__ = ()


class Source:
    """A text that arrives in chunks, and the JSON values at its front. ``look``: the encoding and its marks; ``text``:
    what stands before the chunks.
    """

    def __init__(self, chunks: Iterator[str], look: Inspection, text: str = "") -> None:
        self._chunks = chunks
        self._look = look
        numbers = partial(JSONDecoder, parse_float=Number, parse_int=Number, parse_constant=_no_constant)
        self._decoder = numbers(object_pairs_hook=self._pairs)
        self._quick = numbers(object_hook=self._counted)
        self._members = 0
        self._text = text
        self._at = self._before = 0
        self._lines = 0
        self.twice: list[str] = []
        """Names that are twice in an object of the last value."""
        self.wrong: list[str] = []
        """What else is wrong with the last value, in words."""
        self._lost = ""
        self._lost_at = 0, 0

    def _pairs(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if not "".join([name for name, _ in pairs]).isascii():
            pairs = [(self._name(name), value) for name, value in pairs]
        members = dict(pairs)
        if len(members) < len(pairs):
            names = [name for name, _ in pairs]
            self.twice += {name for name in names if names.count(name) > 1}
        return members

    def _counted(self, members: dict[str, Any]) -> dict[str, Any]:
        self._members += len(members)
        return members

    def _more(self) -> bool:
        following = next(self._chunks, None)
        if following is None:
            return False
        self._lines += self._text.count("\n", 0, self._at)
        self._before += self._at
        self._text = self._text[self._at :] + following
        self._at = 0
        if len(self._text) > MAX_ELEMENT + len(following):
            self._too_much(f"with one object of more than {MAX_ELEMENT:,} characters")
        return True

    def _name(self, raw: str) -> str:
        """A member's name as it is shown; its mistakes are added to ``wrong``."""
        name = whole(raw)
        self.wrong += [f"the name {name} holds half of a character"] if name != raw else []
        if self._look.marked and (lost := bytes_in(name)):
            name = shown(name)
            self.wrong.append(f"the name {name} holds bytes that are not {self._look.encoding}: {lost}")
        return name

    def _lose(self, mark: str) -> None:
        """Remember a byte that is no text, and is here between two values."""
        self._lost_at = self._lost_at if self._lost else self._place()
        self._lost += mark

    def lost(self) -> list[str]:
        """The bytes that are no text and were between values since the last call, in words; an empty list if none."""
        marks, self._lost = self._lost, ""
        return [self._lost_bytes(marks)] if marks else []

    def _lost_bytes(self, marks: str) -> str:
        return f"it holds bytes that are not {self._look.encoding}: {bytes_in(marks)}"

    def peek(self) -> str:
        """The next character that is not blank; '' at the end. Bytes that are no text are skipped and remembered."""
        while True:
            while self._at < len(self._text):
                character = self._text[self._at]
                if self._look.marked and re.match(MARKED, character):
                    self._lose(character)
                elif character not in _BLANK:
                    return character
                self._at += 1
            if not self._more():
                return ""

    @property
    def place(self) -> int:
        """How many characters of the text are taken."""
        return self._before + self._at

    def ahead(self, least: int, most: int) -> str:
        """What comes next, so many characters at most; '' if it is less than ``least``."""
        while len(self._text) - self._at < min(most, MAX_ELEMENT) and self._more():
            pass
        return self._text[self._at : self._at + most] if len(self._text) - self._at >= least else ""

    def skip(self, characters: int) -> None:
        """Take characters that were read ``ahead``."""
        self._at += characters

    def expect(self, mark: str) -> None:
        """Take one mark. Raises ``Refused`` if the next character is another."""
        next_mark = self.peek()
        if next_mark != mark:
            self.fail(
                f"{mark!r} is expected, not {next_mark!r}" if next_mark else f"it ends where {mark!r} is expected"
            )
        self._at += 1

    def value(self) -> Any:
        """Take one JSON value. Raises ``Refused`` if it is broken.

        A number at the end of the text may continue in the next chunk.
        """
        self.peek()
        while True:
            try:
                value, end = self._decoded(self._text, self._at)
            except JSONDecodeError as error:
                if self._more():
                    continue
                self._at = max(self._at, error.pos)
                self.fail(_SAID.get(error.msg, error.msg))
            except RecursionError:
                self._too_much("that is nested too deeply")
            if end < len(self._text) or not self._more():
                self._at = end
                return value

    def _decoded(self, text: str, at: int) -> tuple[Any, int]:
        """The value at ``at``, without bytes that are no text outside of its strings; and where it ends."""
        self.twice, self.wrong = [], []
        try:
            return self._plain(text, at) or self._decoder.raw_decode(text, at)
        except JSONDecodeError:
            tokens = _tokens(text, at) if self._look.marked else []
            lost = "".join(each for each in tokens if not each.startswith('"'))
            reasons = [self._lost_bytes(lost)] if bytes_in(lost) else []
            for instead in ("", "null") if tokens else ():
                self.twice, self.wrong = [], []
                with suppress(JSONDecodeError):
                    value = self._decoder.decode("".join(_without_marks(each, instead) for each in tokens))
                    self.wrong += reasons
                    return value, at + sum(map(len, tokens))
            if not reasons:
                raise
            self.twice, self.wrong = [], reasons
            return {}, at + sum(map(len, tokens))

    def _plain(self, text: str, at: int) -> tuple[Any, int] | None:
        """The value at ``at``, and where it ends; None if its names must be looked at one by one: one may be twice, or
        hold half of a character or bytes that are no text.
        """
        if self._look.marked:
            return None
        self._members = 0
        value, end = self._quick.raw_decode(text, at)
        if _HALF.search(text, at, end) or len(_MEMBER.findall(text, at, end)) != self._members:
            return None
        return value, end

    def name(self) -> str:
        """Take a member's name."""
        raw = str(self.value())
        self.wrong = []
        return self._name(raw)

    def line(self) -> None:
        """Skip the rest of the physical line."""
        while self._text.find("\n", self._at) < 0 and self._more():
            pass
        end = self._text.find("\n", self._at)
        end = len(self._text) if end < 0 else end
        self._lost += "".join(re.findall(MARKED, self._text[self._at : end])) if self._look.marked else ""
        self._at = end

    def whole_line(self, is_envelope: Callable[[dict[str, Any]], bool]) -> dict[str, Any] | None:
        """Take the line that begins here if it is one object, no envelope and not longer than a chunk; else None."""
        if self._text.find("\n", self._at) < 0:
            self._more()
        end = self._text.find("\n", self._at)
        if end < 0 and self._more():
            return None
        line = self._text[self._at : len(self._text) if end < 0 else end].rstrip()
        try:
            value, stop = self._decoded(line, 0)
        except (JSONDecodeError, RecursionError):
            return None
        behind = line[stop:]
        marks = behind.split() if self._look.marked and re.fullmatch(rf"({MARKED}|\s)*", behind) else []
        if (behind and not marks) or not isinstance(value, dict) or is_envelope(value):
            return None
        self._lost += "".join(marks)
        self._at += len(line)
        return value

    def nothing_follows(self) -> None:
        """Refuse the file if anything follows the value, or if bytes that are no text were outside of values."""
        if self.peek():
            self.fail("more follows behind its end")
        at = self._lost_at
        for reason in self.lost():
            self.fail(reason, at)

    def _place(self) -> tuple[int, int]:
        """Line and position, both from 1."""
        before = self._text.rfind("\n", 0, self._at)
        return self._lines + self._text.count("\n", 0, self._at) + 1, self._at - before

    def _too_much(self, what: str) -> NoReturn:
        """Refuse a file that may be valid JSON, and can't be read."""
        line, position = self._place()
        raise Refused("unreadable", what=f"JSON {what} (line {line}, column {position})") from None

    def fail(self, reason: str, at: tuple[int, int] | None = None) -> NoReturn:
        """Raise ``Refused`` with the reason and the place (line, position): the current one, or ``at``."""
        line, position = at or self._place()
        raise Refused("bad_json_file", reason=reason, line=line, position=position)
