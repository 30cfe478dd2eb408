"""What speaks for which encoding in a file that names none and is not UTF-8: evidence, never a decision in silence.

Strategy: the bytes that are no ASCII are counted as UTF-8 would read them, and a few lines that hold them are kept.
Whether cp1252 reads them as words is seen from their shape: no language of it writes three accents in a row, a capital
behind a small letter, a lower quotation mark behind one. What else they may be charset-normalizer is asked, which knows
how words look in the languages of a code page; its word goes into the sentence and decides nothing.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from crossdock.formats.format import Note

CANDIDATES = (
    *("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1257", "iso8859_2", "koi8_r", "mac_roman"),
    *("cp437", "cp850", "cp852", "cp866", "cp932", "gb18030", "big5", "cp949"),
)
"""What files of orders are in where they are not UTF-8; of rarer ones a short text has too many readings."""
ASCII = 127
"""The last byte of ASCII."""
LATIN = "cp1252"
LINES = 200
"""Lines that are kept as evidence."""
LINE = 200
"""Bytes of such a line that are looked at, on either side of the first that is no ASCII."""
_OTHER = re.compile(rb"[\x80-\xff]")
_AS_UTF8 = re.compile(rb"[\xc3-\xc5][\x80-\xbf]|\xe2\x80[\x80-\xbf]")
"""Letters and quotation marks of UTF-8 that read in cp1252 as no word does: ``Ã¶``, ``â€™``."""
ODD = re.compile(
    r"[^\x00-\x7f\u2018-\u201d\s]{3,}|(?<=[a-z])[À-ÖØ-ÞŠŒŽŸ]|(?<=[A-Z])[ŠŒŽŸ](?=[a-z])|(?<=[A-Za-z])[‚„ˆ‡†]|"
    r"(?<=[A-Za-z])[^\x00-\x7f\w’–—·\xad\xa0](?=[A-Za-z])"
)
"""What no word holds that cp1252 is made for."""
HIGH = re.compile(r"[^\x00-\x7f]+")
BETTER = 0.03
"""How much more coherent another reading must be to be proposed."""
WORD = re.compile(r"[^\s,;|\"']*(?:[^\x00-\x7f]|\\x[0-9a-f]{2})[^\s,;|\"']*")
"""A word that is no ASCII, or of which bytes are none."""


@dataclass
class Evidence:
    """What stands in a file that is no ASCII.

    ``letters``: characters that are right UTF-8; ``others``: bytes that are none. ``sample``: lines that hold such.
    ``line``: the first of them. ``mixed``: UTF-8 stands beside other bytes.
    """

    letters: int = 0
    others: int = 0
    line: int = 0
    mixed: bool = False
    sample: list[bytes] = field(default_factory=list)

    @property
    def is_utf8(self) -> bool:
        """Whether it is UTF-8 but for single bytes."""
        return self.letters >= self.others

    @cached_property
    def _better(self) -> str | None:
        """The encoding in which the sample reads more like a language than in cp1252; None where none does."""
        from charset_normalizer import from_bytes  # only a file without an encoding needs it

        found = from_bytes(b"\n".join(self.sample), cp_isolation=list(CANDIDATES))
        own = max(
            (each.coherence for each in found if LATIN in (each.encoding, *each.could_be_from_charset)), default=0
        )
        best = found.best()
        if best is None or LATIN in (best.encoding, *best.could_be_from_charset):
            return None
        return str(best.encoding) if self.reads_oddly or best.coherence > own + BETTER else None

    @cached_property
    def reads_oddly(self) -> bool:
        """Whether half and more of what is no ASCII would be no part of a word in cp1252."""
        text = b"\n".join(self.sample).decode(LATIN, errors="replace")
        return len(ODD.findall(text)) * 2 >= len(HIGH.findall(text)) > 0

    def note(self, taken: str) -> Note:
        """What is to be said of the file: in what it is read, what a word reads like, what it may be instead."""
        word = self._word(taken)
        other = self._word(self._better) if self._better else word
        proposal = f"; it looks like {self._better}, in which that is '{other}'" if other != word else ""
        read = f"as {taken}" if taken != "utf-8" else "but for the cells that are none"
        return Note(
            "encoding_not_told", taken, 1, {"line": self.line, "read": read, "shown": word} | {"other": proposal}
        )

    def _word(self, encoding: str) -> str:
        """The first word of the sample that is no ASCII."""
        found = WORD.search(b"\n".join(self.sample).decode(encoding, errors="backslashreplace"))
        text = found[0] if found else self.sample[0].decode(encoding, errors="backslashreplace")
        return text[:40]


def weigh(chunks: Iterable[bytes]) -> Evidence:
    """The evidence of a whole file."""
    found = Evidence()
    decoder = codecs.getincrementaldecoder("utf-8")(errors="ignore")
    lines = 1
    for chunk in chunks:
        text = decoder.decode(chunk)
        whole, read = (np.frombuffer(each, dtype=np.uint8) > ASCII for each in (chunk, text.encode()))
        found.letters += len(text) - int((~read).sum())
        found.others += int(whole.sum()) - int(read.sum())
        found.mixed = found.mixed or _AS_UTF8.search(chunk) is not None
        _keep_lines(found, chunk, lines)
        lines += chunk.count(b"\n")
    return found


def _keep_lines(found: Evidence, chunk: bytes, lines: int) -> None:
    """Keep the lines of a chunk that hold a byte that is no ASCII, as long as there are too few."""
    position = 0
    while len(found.sample) < LINES and (at := _OTHER.search(chunk, position)):
        start = max(chunk.rfind(b"\n", 0, at.start()) + 1, at.start() - LINE)
        end = chunk.find(b"\n", at.start())
        end = len(chunk) if end < 0 else end
        found.line = found.line or lines + chunk.count(b"\n", 0, at.start())
        found.sample.append(chunk[start : min(end, at.start() + LINE)].rstrip(b"\r"))
        position = end
