"""Text → what a partner's answers may hold: folded to its characters, cut to its size."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from itertools import islice

TOGETHER = 100
"""Texts that are encoded at once: most are a line, some those of a thousand sets."""
STRANGE = "?"
"""What stands for a character that can't be written."""
CUT = "..."
LETTERS = str.maketrans({"ß": "ss", "æ": "ae", "Æ": "AE", "ø": "o", "Ø": "O", "œ": "oe", "Œ": "OE", "ł": "l", "Ł": "L",
                         "đ": "d", "Đ": "D", "’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-",
                         "…": "..."})  # fmt: skip
"""Characters that Unicode doesn't take apart, as people write them in ASCII."""
BASIC = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 !\"&'()*+,-./:;?=")
"""X12's basic characters (contract edi.md §2); level A of EDIFACT has the same letters."""
PRINTABLE = frozenset(map(chr, range(0x20, 0x7F)))
"""What extended X12 has of ASCII."""
BASIC_ONLY, UTF8 = "basic", "utf-8"


def encoded(lines: Iterable[str], encoding: str) -> Iterator[bytes]:
    """Texts of whole lines as the bytes of a file, many at a time."""
    left = iter(lines)
    while text := "".join(islice(left, TOGETHER)):
        yield text.encode(encoding, errors="replace")


def folded(text: str, characters: str, encoding: str = "ascii") -> str:
    """A text without controls, in a set of characters: ``basic``, ``extended``, ``utf-8``.

    ``encoding``: what it is written in; a character that it lacks is folded.

    >>> folded("Zoë's Müsli: 5 € – ok", "extended"), folded("Größe", "basic"), folded("Größe", "utf-8", "utf-8")
    ("Zoe's Musli: 5 ? - ok", 'GROSSE', 'Größe')
    """
    if BASIC.issuperset(text):  # most of what is written: codes and numbers
        return text
    plain = "".join(" " if unicodedata.category(letter) == "Cc" else letter for letter in text)
    if characters == UTF8 and _fits(plain, encoding):
        return plain
    ascii_only = "".join(_letter(letter, encoding) for letter in plain)
    if characters != BASIC_ONLY:
        return ascii_only
    return "".join(letter if letter in BASIC else STRANGE for letter in ascii_only.upper())


def _letter(letter: str, encoding: str) -> str:
    if letter.isascii() or (encoding != "ascii" and _fits(letter, encoding)):
        return letter
    apart = unicodedata.normalize("NFKD", letter.translate(LETTERS)).encode("ascii", errors="ignore").decode()
    return apart or STRANGE


def _fits(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def cut(text: str, most: int) -> str:
    """A sentence in at most so many characters.

    >>> cut("the quantity is no number", 12)
    'the quant...'
    """
    return text if len(text) <= most else text[: most - len(CUT)].rstrip() + CUT
