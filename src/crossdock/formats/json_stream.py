"""A JSON text that arrives in chunks, and the values at its front: what the JSON reader reads from.

The standard library's decoder takes one value at a time; numbers stay the text that was written, names that stand
twice are remembered, NaN and Infinity are refused (RFC 8259).
"""

from __future__ import annotations

from collections.abc import Iterator
from json import JSONDecodeError, JSONDecoder
from typing import Any, NoReturn

from crossdock.failures.refusals import Refused

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


def _no_constant(name: str) -> NoReturn:
    raise JSONDecodeError(f"{name} is no JSON number", "", 0)


class Number(str):
    """A number, as the text that was written."""

    __slots__ = ()


class Source:
    """A text that arrives in chunks, and the JSON values at its front."""

    def __init__(self, chunks: Iterator[str]) -> None:
        self._chunks = chunks
        self._decoder = JSONDecoder(
            object_pairs_hook=self._pairs, parse_float=Number, parse_int=Number, parse_constant=_no_constant
        )
        self._text = ""
        self._at = 0
        self._lines = 0
        self.twice: list[str] = []
        """Names that stood twice in an object of the value taken last."""
        self.halved: list[str] = []
        """Names in it that hold half of a character, as they are shown."""

    def _pairs(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if not "".join([name for name, _ in pairs]).isascii():
            shown = [(whole(name), value) for name, value in pairs]
            self.halved += [name for (name, _), (given, _) in zip(shown, pairs, strict=True) if name != given]
            pairs = shown
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

    def peek(self) -> str:
        """The next character that is not blank; '' at the end."""
        while True:
            while self._at < len(self._text):
                if self._text[self._at] not in _BLANK:
                    return self._text[self._at]
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
            self.twice, self.halved = [], []
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
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

    def line(self) -> None:
        """Leave out the rest of the physical line."""
        while "\n" not in self._text[self._at :] and self._more():
            pass
        end = self._text.find("\n", self._at)
        self._at = len(self._text) if end < 0 else end

    def whole_line(self, envelope: str) -> dict[str, Any] | None:
        """Take the line that begins here if it is one object, no envelope and no longer than a chunk; else None."""
        if "\n" not in self._text[self._at :]:
            self._more()
        end = self._text.find("\n", self._at)
        if end < 0 and self._more():
            return None
        line = self._text[self._at : len(self._text) if end < 0 else end].rstrip()
        self.twice, self.halved = [], []
        try:
            value, stop = self._decoder.raw_decode(line)
        except (JSONDecodeError, RecursionError):
            return None
        if stop < len(line) or not isinstance(value, dict) or isinstance(value.get(envelope), list | dict):
            return None
        self._at += len(line)
        return value

    def nothing_follows(self) -> None:
        """Refuse what stands behind the end of the value."""
        if self.peek():
            self.fail("more follows behind its end")

    def fail(self, reason: str) -> NoReturn:
        """Refuse the file, naming the place."""
        line = self._lines + self._text.count("\n", 0, self._at) + 1
        position = self._at - self._text.rfind("\n", 0, self._at)
        raise Refused("bad_json_file", reason=reason, line=line, position=position)
