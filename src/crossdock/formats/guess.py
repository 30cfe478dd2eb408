"""What speaks for which encoding in a file that names none and is not UTF-8: evidence, never a decision in silence.

Strategy: the bytes that are no ASCII are counted as UTF-8 would read them; a few lines that hold them are kept, and
charset-normalizer, which knows how names and streets look in the languages of a code page, is asked what they may be.
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
LINES = 200
"""Lines that are kept as evidence."""
LINE = 200
"""Bytes of such a line that are looked at, on either side of the first that is no ASCII."""
_OTHER = re.compile(rb"[\x80-\xff]")
_AS_UTF8 = re.compile(rb"[\xc3-\xc5][\x80-\xbf]|\xe2\x80[\x80-\xbf]")
"""Letters and quotation marks of UTF-8 that read in cp1252 as no word does: ``Ã¶``, ``â€™``."""
WORD = re.compile(r"[^\s,;|\"']*[^\x00-\x7f][^\s,;|\"']*")


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
    def _fitting(self) -> list[tuple[str, set[str]]]:
        """Encodings in which the sample reads like a language, the best first, each with those that read the same."""
        from charset_normalizer import from_bytes  # only a file without an encoding needs it

        found = from_bytes(b"\n".join(self.sample), cp_isolation=list(CANDIDATES))
        return [(each.encoding, {each.encoding, *each.could_be_from_charset}) for each in found]

    def speaks_against(self, encoding: str) -> bool:
        """Whether the sample reads like a language in others only."""
        return bool(self._fitting) and not any(encoding in same for _, same in self._fitting)

    def note(self, taken: str) -> Note:
        """What is to be said of the file: in what it is read, what a word reads like, what it may be instead."""
        word = self._word(taken)
        better = self._fitting[0][0] if self._fitting and taken not in self._fitting[0][1] else None
        other = self._word(better) if better else ""
        proposal = f"; it looks like {better}, in which that is '{other}'" if better and other not in ("", word) else ""
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
