"""Evidence for the encodings of Chinese, Japanese and Korean, which write a letter as two bytes.

Strategy: their standards put the usual letters into rows of their own, so a text is in an encoding in which nearly all
of its letters are usual, and stand beside each other. The rows of one encoding are also rows of another: which fits
better is weighed by how many letters those rows have, and where a few letters leave that open, all that fit are named.
"""

from __future__ import annotations

import codecs
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

UNUSUAL = math.log(0.02 / 20_000)
"""How likely a letter is that is not in the usual rows: one of fifty, and each of the others alike."""
DOUBT = math.log(1_000)
"""How much more likely a reading must be for another not to be named."""
FEWEST_BYTES = 3
"""How many bytes stand beside each other in a word: two are two accents, or one letter."""
CUT = 200
"""How many bytes a line has at least that may be cut, also inside a letter."""
_ROW = re.compile(r"[^\x00-\x7f]+")
_SIGNS = re.compile(r"[\u3000-\u303f\u2000-\u2bff\u00a0-\u00bf\uff01-\uff5e×÷]")
"""What is no letter: signs and wide ASCII, which stand in rows of their own."""


@dataclass(frozen=True)
class _Encoding:
    """An encoding: which bytes are a usual letter, and how many of them there are."""

    name: str
    is_usual: Callable[[bytes], bool]
    usual: int


def _rows(first: int, last: int, least: int = 0xA1) -> Callable[[bytes], bool]:
    return lambda letter: len(letter) == 2 and first <= letter[0] <= last and letter[1] >= least


def _of_japanese(letter: bytes) -> bool:
    return _rows(0xB0, 0xCF)(letter) or letter[0] in (0xA4, 0xA5, 0x8E)


def _of_windows_japanese(letter: bytes) -> bool:
    return _rows(0x82, 0x83, 0x40)(letter) or _rows(0x88, 0x98, 0x40)(letter) or len(letter) == 1


ENCODINGS = (
    _Encoding("gb18030", _rows(0xB0, 0xD7), 3_755),
    _Encoding("cp950", _rows(0xA4, 0xC6, 0x40), 5_401),
    _Encoding("cp932", _of_windows_japanese, 3_200),
    _Encoding("euc_jp", _of_japanese, 3_200),
    _Encoding("cp949", _rows(0xB0, 0xC8), 2_350),
)
"""Those that programs write; each also reads its smaller kin (GBK, Big5, Shift_JIS, EUC-KR)."""


def readings(sample: Sequence[bytes]) -> list[str]:
    """The encodings in which lines of a text are words of usual letters, the most likely first; none if in no one.

    ``sample``: the lines, of which long ones may be cut.

    >>> readings(["深圳市南山区科技园路".encode("gbk")]), readings(["Jörg Weiß, 20 °C".encode("cp1252")])
    (['gb18030', 'euc_jp'], [])
    """
    weighed = [(weight, each.name) for each in ENCODINGS if (weight := _weight(each, sample)) is not None]
    best = max((weight for weight, _ in weighed), default=0.0)
    return [name for weight, name in sorted(weighed, reverse=True) if best - weight < DOUBT]


def _weight(encoding: _Encoding, sample: Sequence[bytes]) -> float | None:
    """How likely the letters of a text are in an encoding, as a logarithm; None if it is no text in it."""
    decoder = codecs.getincrementaldecoder(encoding.name)
    try:
        lines = [decoder().decode(line, final=len(line) < CUT) for line in sample]
    except UnicodeDecodeError:
        return None
    words = [(line, row) for line in lines for row in _ROW.finditer(line)]
    bare = [_SIGNS.sub("", row[0]) for _, row in words]
    together = [
        row
        for (line, row), text in zip(words, bare, strict=True)
        if len(text) > 1 and len(text.encode(encoding.name)) >= FEWEST_BYTES and not _is_beside_latin(line, row)
    ]
    letters = set("".join(bare))
    usual = sum(encoding.is_usual(letter.encode(encoding.name)) for letter in letters)
    if len(together) * 2 < len(words) or len(letters) < 2 or usual * 2 < len(letters):
        return None
    return usual * math.log(0.98 / encoding.usual) + (len(letters) - usual) * UNUSUAL


def _is_beside_latin(line: str, row: re.Match[str]) -> bool:
    """Whether a row of letters continues a word of ASCII letters, as an accent does."""
    beside = line[max(row.start() - 1, 0) : row.start()] + line[row.end() : row.end() + 1]
    return any(map(str.isalpha, beside))
