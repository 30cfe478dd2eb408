"""Evidence for the encoding of a file that names none and is not UTF-8; a decision is never silent.

Strategy: the bytes that are no ASCII are counted as UTF-8 would read them, and a few lines with such bytes are kept.
Their shape shows whether cp1252 reads them as words: no language of it writes three accents in a row, a capital after a
small letter, a lower quotation mark after one. Letters of two bytes are weighed by themselves (``asian``). For other
encodings charset-normalizer is asked, which knows the shape
of words in the languages of a code page; its answer is part of the sentence and decides nothing. A few letters tell it
little, so an encoding in which they make no words is not named; then those of old systems are tried.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from crossdock.formats import asian
from crossdock.formats.format import Note

CANDIDATES = (
    *("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1257", "iso8859_2", "koi8_r", "mac_roman"),
    *("cp437", "cp850", "cp852", "cp866"),
)
"""Usual encodings of one byte for each letter, in files of orders; a short text has too many readings in rarer ones."""
ASCII = 127
"""The last byte of ASCII."""
LATIN = "cp1252"
LINES = 200
"""How many lines are kept as evidence."""
LINE = 200
"""How many bytes of such a line are used, on each side of the first byte that is no ASCII."""
_OTHER = re.compile(rb"[\x80-\xff]")
_AS_UTF8 = re.compile(rb"[\xc3-\xc5][\x80-\xbf]|\xe2\x80[\x80-\xbf]")
"""Letters and quotation marks of UTF-8 that in cp1252 look like no word: ``Ã¶``, ``â€™``."""
ODD = re.compile(
    r"[^\x00-\x7f\u2018-\u201d\s]{3,}|(?<=[a-z])[À-ÖØ-ÞŠŒŽŸ]|(?<=[A-Z])[ŠŒŽŸ](?=[a-z])|(?<=[A-Za-z])[‚„ˆ‡†]|"
    r"(?<=[^\W\d_])[^\x00-\x7f\w’–—·\xad\xa0](?=[^\W\d_])|(?<=[a-z])§|(?<!\w)[†‡](?=[a-z])|"
    r"(?<=[aeiouy])á(?=e)|(?<=[Gg]ro)á|(?<=[Ww]ei)á(?!\w)"
)
"""What no word has in the languages of cp1252. The last ones are ``ß`` in old systems: ``Straáe``, ``Groáhandel``."""
NEIGHBOURS = {
    "cp1250": re.compile(r"(?<=[^\W\d_])[¹³](?=[^\W\d_])|(?<!\w)£(?=[a-zó³¹])|¯(?=[^\W\d_])|(?<=[a-z]{2})º(?=[a-z])"),
    "cp1254": re.compile(r"[ÞþÐðÝý][^\W\d_]*[üçÜÇ]|[üçÜÇ][^\W\d_]*[ÞþÐðÝý]|(?<=[a-z])þ(?!\w)"),
}
"""How their words read in cp1252, and no word of its languages does: ``Wroc³aw``, ``£ukasz``; ``Þükrü``, ``taþ``."""
ENOUGH = 8
"""Of how many pieces that are no ASCII one such is enough: most letters of their words are also letters of cp1252."""
MOST = 3
"""How many encodings of two bytes are named where it may be each of them."""
SURE = 10
"""Of how many bytes that are no ASCII no two letters happen to be words of an encoding of one byte."""
OF_LATIN = frozenset(("mac_roman", "cp437", "cp850", "cp852", "cp1250", "cp1254", "iso8859_2"))
"""Encodings in which letters of two bytes are accents and signs, and no words."""
OLD = ("mac_roman", "cp437", "cp850")
"""Encodings of one byte for each letter that old systems write."""
_NO_WORD = re.compile(
    r"[A-Za-z](?![\xaa-\u024f])[^\x00-\x7f\W\d_]|(?![\xaa-\u024f])[^\x00-\x7f\W\d_][A-Za-z]|"
    r"(?<=[a-z])[À-ÖØ-ÞŠŒŽŸ]|(?<=[A-Z])[À-ÖØ-ÞŠŒŽŸ](?=[a-z])|[A-Za-z][\u2500-\u259f]|"
    r"(?<=[^\W\d_])[^\x00-\x7f\w’–—·\xad\xa0](?=[^\W\d_])|(?<=[^\W\d_lL])·|(?<=[a-z])§"
)
"""What no word has: letters of two scripts, a capital after a small letter or between others, a sign inside."""
HIGH = re.compile(r"[^\x00-\x7f]+")
BETTER = 0.03
"""How much more coherent another reading must be to be proposed."""
WORD = re.compile(r"[^\s,;|\"']*(?:[^\x00-\x7f]|\\x[0-9a-f]{2})[^\s,;|\"']*")
"""A word that is not all ASCII, or has bytes that are no text."""


@dataclass
class Evidence:
    """What in a file is no ASCII.

    ``letters``: the number of characters that are valid UTF-8; ``others``: of bytes that are not. ``sample``: lines
    with such bytes. ``line``: the number of the first of them. ``mixed``: the file has both UTF-8 and other bytes.
    """

    letters: int = 0
    others: int = 0
    line: int = 0
    mixed: bool = False
    sample: list[bytes] = field(default_factory=list)

    @property
    def is_utf8(self) -> bool:
        """Whether it is UTF-8 except for single bytes."""
        return self.letters >= self.others

    @cached_property
    def _likely(self) -> list[str]:
        """The encodings in which the sample looks more like a language than in cp1252, the most likely first."""
        if len(self.asian) == 1 and len(HIGH.findall(self._text(self.asian[0]))) >= ENOUGH:
            return self.asian
        one = self._of_one_byte
        if one is None or (self.asian and one in OF_LATIN):
            return self.asian[:MOST]
        is_sure = not self._no_words(one) and len(_OTHER.findall(b"\n".join(self.sample))) >= SURE
        return [one] if is_sure else [*self.asian[:MOST], one]

    @cached_property
    def asian(self) -> list[str]:
        """The encodings of two bytes for each letter that the sample may be in, the most likely first."""
        return asian.readings(self.sample)

    @cached_property
    def _of_one_byte(self) -> str | None:
        """The encoding of one byte for each letter that the sample looks like; None if there is none."""
        from charset_normalizer import from_bytes  # only a file without an encoding needs it

        matches = from_bytes(b"\n".join(self.sample), cp_isolation=list(CANDIDATES))
        own = max(
            (each.coherence for each in matches if LATIN in (each.encoding, *each.could_be_from_charset)), default=0
        )
        best = matches.best()
        likely = [*OLD] if self.reads_oddly else []
        if best is not None and LATIN not in (best.encoding, *best.could_be_from_charset):
            likely[:0] = [str(best.encoding)] if self.reads_oddly or best.coherence > own + BETTER else []
        likely[:0] = self._neighbours
        return min(filter(self._makes_words, likely), key=self._no_words, default=None)

    def _makes_words(self, encoding: str) -> bool:
        """Whether more than half of what is no ASCII in the sample may be parts of words in an encoding."""
        return self._no_words(encoding) * 2 < len(HIGH.findall(self._text(encoding)))

    def _no_words(self, encoding: str) -> int:
        """How much of the sample is part of no word in an encoding."""
        return len(_NO_WORD.findall(self._text(encoding)))

    def _text(self, encoding: str) -> str:
        return b"\n".join(self.sample).decode(encoding, errors="ignore")

    @cached_property
    def _in_latin(self) -> str:
        return b"\n".join(self.sample).decode(LATIN, errors="replace")

    @cached_property
    def _neighbours(self) -> list[str]:
        """The encodings whose words the sample has, as cp1252 shows them."""
        enough = len(HIGH.findall(self._in_latin)) / ENOUGH
        return [each for each, word in NEIGHBOURS.items() if 0 < len(word.findall(self._in_latin)) >= enough]

    @cached_property
    def reads_oddly(self) -> bool:
        """Whether at least half of what is no ASCII would be no part of a word in cp1252, or is of a neighbour."""
        return (
            bool(self.asian or self._neighbours)
            or len(ODD.findall(self._in_latin)) * 2 >= len(HIGH.findall(self._in_latin)) > 0
        )

    def note(self, taken: str) -> Note:
        """The warning about the file: the encoding ``taken``, how a word reads in it, and which it may be instead."""
        word = self._word(taken)
        others = [(each, other) for each in self._likely if (other := self._word(each)) != word]
        readings = [f"{encoding}, in which that is '{other}'" for encoding, other in others]
        likely = f"it looks like {readings[0]}" if len(readings) == 1 else f"it may be {', or '.join(readings)}"
        proposal = f"; {likely}" if readings else ""
        read = f"as {taken}" if taken == LATIN else "but for the cells that are none"
        return Note(
            "encoding_not_told", taken, 1, {"line": self.line, "read": read, "shown": word} | {"other": proposal}
        )

    def _word(self, encoding: str) -> str:
        """The first word of the sample that is no ASCII."""
        match = WORD.search(b"\n".join(self.sample).decode(encoding, errors="backslashreplace"))
        text = match[0] if match else self.sample[0].decode(encoding, errors="backslashreplace")
        return text[:40]


def weigh(chunks: Iterable[bytes]) -> Evidence:
    """The evidence of a whole file, which ``chunks`` contain in order."""
    evidence = Evidence()
    decoder = codecs.getincrementaldecoder("utf-8")(errors="ignore")
    lines = 1
    for chunk in chunks:
        text = decoder.decode(chunk)
        whole, read = (np.frombuffer(each, dtype=np.uint8) > ASCII for each in (chunk, text.encode()))
        evidence.letters += len(text) - int((~read).sum())
        evidence.others += int(whole.sum()) - int(read.sum())
        evidence.mixed = evidence.mixed or _AS_UTF8.search(chunk) is not None
        _keep_lines(evidence, chunk, lines)
        lines += chunk.count(b"\n")
    return evidence


def _keep_lines(evidence: Evidence, chunk: bytes, lines: int) -> None:
    """Keep the lines of a chunk that have a byte that is no ASCII, until there are ``LINES``.

    ``lines``: the number of the chunk's first line.
    """
    position = 0
    while len(evidence.sample) < LINES and (at := _OTHER.search(chunk, position)):
        start = max(chunk.rfind(b"\n", 0, at.start()) + 1, at.start() - LINE)
        end = chunk.find(b"\n", at.start())
        end = len(chunk) if end < 0 else end
        evidence.line = evidence.line or lines + chunk.count(b"\n", 0, at.start())
        evidence.sample.append(chunk[start : min(end, at.start() + LINE)].rstrip(b"\r"))
        position = end
