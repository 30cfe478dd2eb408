"""A JSON text that arrives in chunks, and the values at its front: what the JSON reader reads from.

The standard library's decoder takes one value at a time; numbers stay the text that was written, names that stand
twice are remembered, NaN and Infinity are refused (RFC 8259). Bytes that are no text arrive as marks. Inside a string
they are part of it; outside, the value is taken without them, and it is said, as long as nothing else is wrong with it:
its strings and brackets tell where it ends.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from json import JSONDecodeError, JSONDecoder
from typing import Any, NoReturn

from crossdock.failures.refusals import Refused
from crossdock.formats.text import MARKED, Inspection, bytes_in, shown

MAX_ELEMENT = 64 << 20
"""Characters of one object."""


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
"""What the standard library says is wrong, in words for people."""


def whole(text: str) -> str:
    """A text without halves of characters (lone surrogates, which no encoding can write): they are shown escaped.

    >>> whole("a\\ud800")
    'a\\\\ud800'
    """
    return text if text.isascii() else text.encode("utf-8", errors="backslashreplace").decode()


_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\],:]|[^\s"{}\[\],:]+|\s+', re.DOTALL)
"""What stands in JSON: a string, a bracket or mark, a number or word, blanks; each may hold bytes that are no text."""
_SOUND = re.compile(r"true|false|null|-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_CLOSING = {"{": "}", "[": "]"}
_CUT = re.compile(rf"\\(?:(?P<cut>(?:u[0-9A-Fa-f]{{0,3}})?(?={MARKED}))|.)", re.DOTALL)
"""An escape, or (``cut``) what is left of one in front of a byte that is no text."""


def _tokens(text: str, at: int) -> list[str]:
    """The tokens of the value that begins there; none where its end can't be told, or more than bytes is wrong."""
    tokens: list[str] = []
    waiting: list[str] = []
    for found in _TOKEN.finditer(text, at):
        token = found[0]
        if found.start() != at:  # a quote that is not closed
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
    """A token without what bytes that are no text have made of it; in a string they stay."""
    if token.startswith('"'):
        return _CUT.sub(lambda found: found[0] if found["cut"] is None else "", token)
    bare = re.sub(MARKED, "", token)
    return token if bare == token else "null" if bare else instead


def _no_constant(name: str) -> NoReturn:
    raise JSONDecodeError(f"{name} is no JSON number", "", 0)


class Number(str):
    """A number, as the text that was written."""

    __slots__ = ()


class Source:
    """A text that arrives in chunks, and the JSON values at its front. ``look``: which bytes are no text in it."""

    def __init__(self, chunks: Iterator[str], look: Inspection) -> None:
        self._chunks = chunks
        self._look = look
        self._decoder = JSONDecoder(
            object_pairs_hook=self._pairs, parse_float=Number, parse_int=Number, parse_constant=_no_constant
        )
        self._text = ""
        self._at = 0
        self._lines = 0
        self.twice: list[str] = []
        """Names that stood twice in an object of the value taken last."""
        self.wrong: list[str] = []
        """What else is wrong with it, in words."""
        self._lost = ""
        self._lost_at = 0, 0

    def _pairs(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if not "".join([name for name, _ in pairs]).isascii():
            pairs = [(self._name(name), value) for name, value in pairs]
        found = dict(pairs)
        if len(found) < len(pairs):
            names = [name for name, _ in pairs]
            self.twice += {name for name in names if names.count(name) > 1}
        return found

    def _more(self) -> bool:
        following = next(self._chunks, None)
        if following is None:
            return False
        self._lines += self._text.count("\n", 0, self._at)
        self._text = self._text[self._at :] + following
        self._at = 0
        if len(self._text) > MAX_ELEMENT + len(following):
            self.fail(f"one object is longer than {MAX_ELEMENT:,} characters")
        return True

    def _name(self, given: str) -> str:
        """A member's name as it is shown; what is wrong with it is remembered."""
        name = whole(given)
        self.wrong += [f"the name {name} holds half of a character"] if name != given else []
        if self._look.marked and (found := bytes_in(name)):
            name = shown(name)
            self.wrong.append(f"the name {name} holds bytes that are not {self._look.encoding}: {found}")
        return name

    def _lose(self, mark: str) -> None:
        """Remember a byte that is no text, and stands here between two values."""
        self._lost_at = self._lost_at if self._lost else self._place()
        self._lost += mark

    def lost(self) -> list[str]:
        """What bytes that are no text have stood between values since this was asked last, in words."""
        found, self._lost = self._lost, ""
        return [self._told(found)] if found else []

    def _told(self, marks: str) -> str:
        return f"it holds bytes that are not {self._look.encoding}: {bytes_in(marks)}"

    def peek(self) -> str:
        """The next character that is not blank; '' at the end. Bytes that are no text are passed over."""
        while True:
            while self._at < len(self._text):
                found = self._text[self._at]
                if self._look.marked and re.match(MARKED, found):
                    self._lose(found)
                elif found not in _BLANK:
                    return found
                self._at += 1
            if not self._more():
                return ""

    def expect(self, mark: str) -> None:
        """Take one mark; refused where another stands."""
        found = self.peek()
        if found != mark:
            self.fail(f"{mark!r} is expected, not {found!r}" if found else f"it ends where {mark!r} is expected")
        self._at += 1

    def value(self) -> Any:
        """Take one JSON value. A number at the very end of the text may go on in the next chunk."""
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
                self.fail("it is nested too deeply")
            if end < len(self._text) or not self._more():
                self._at = end
                return value

    def _decoded(self, text: str, at: int) -> tuple[Any, int]:
        """The value that stands there, without bytes that are no text outside of its strings; where it ends."""
        self.twice, self.wrong = [], []
        try:
            return self._decoder.raw_decode(text, at)
        except JSONDecodeError:
            tokens = _tokens(text, at) if self._look.marked else []
            lost = "".join(each for each in tokens if not each.startswith('"'))
            told = [self._told(lost)] if bytes_in(lost) else []
            for instead in ("", "null") if tokens else ():
                self.twice, self.wrong = [], []
                with suppress(JSONDecodeError):
                    value = self._decoder.decode("".join(_without_marks(each, instead) for each in tokens))
                    self.wrong += told
                    return value, at + sum(map(len, tokens))
            if not told:
                raise
            self.twice, self.wrong = [], told
            return {}, at + sum(map(len, tokens))

    def name(self) -> str:
        """Take a member's name."""
        given = str(self.value())
        self.wrong = []
        return self._name(given)

    def line(self) -> None:
        """Leave out the rest of the physical line."""
        while "\n" not in self._text[self._at :] and self._more():
            pass
        end = self._text.find("\n", self._at)
        end = len(self._text) if end < 0 else end
        self._lost += "".join(re.findall(MARKED, self._text[self._at : end])) if self._look.marked else ""
        self._at = end

    def whole_line(self, envelope: str) -> dict[str, Any] | None:
        """Take the line that begins here if it is one object, no envelope and no longer than a chunk; else None."""
        if "\n" not in self._text[self._at :]:
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
        if (behind and not marks) or not isinstance(value, dict) or isinstance(value.get(envelope), list | dict):
            return None
        self._lost += "".join(marks)
        self._at += len(line)
        return value

    def nothing_follows(self) -> None:
        """Refuse what stands behind the end of the value, and bytes that are no text and part of none."""
        if self.peek():
            self.fail("more follows behind its end")
        at = self._lost_at
        for reason in self.lost():
            self.fail(reason, at)

    def _place(self) -> tuple[int, int]:
        """Line and position."""
        before = self._text.rfind("\n", 0, self._at)
        return self._lines + self._text.count("\n", 0, self._at) + 1, self._at - before

    def fail(self, reason: str, at: tuple[int, int] | None = None) -> NoReturn:
        """Refuse the file, naming the place: this one, or ``at``."""
        line, position = at or self._place()
        raise Refused("bad_json_file", reason=reason, line=line, position=position)
