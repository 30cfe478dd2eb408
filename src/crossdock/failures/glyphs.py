"""Characters that look alike on screen: which are taken for one another, and how a sentence names the others.

``1 200`` may hold any of seventeen blanks, ``–5`` a dash that is no minus, ``ЕА`` two Cyrillic letters. What can mean
one thing only is taken (``TAKEN``); of the rest a sentence says which character it is, because nobody sees it.
"""

from __future__ import annotations

import unicodedata

import pyarrow as pa
import pyarrow.compute as pc

TAKEN = {" ": r"\p{Zs}", "-": "−", "'": "’"}
"""In numbers and dates: what is read as which character (a class of RE2)."""
MARKS = "‐‑‒–—―−⁃﹣" + "‘’‛′ʹʼˈ´`" + "“”„‟″" + "․‧·﹒" + "‚٫﹐"
"""Characters that look like a hyphen, an apostrophe, a quote, a point, a comma."""
LETTERS = "АВЕНІКМОРСТХУЈЅаеорсхуіјѕ" + "ΑΒΕΗΙΚΜΟΡΤΧΥΖΝον"
"""Cyrillic and Greek letters that look like Latin ones."""
NAMED = 3
"""Characters that one sentence names."""


def plain(texts: pa.Array) -> pa.Array:
    """Texts of numbers or dates with the characters of ``TAKEN`` as those that they are read as."""
    if pc.all(pc.string_is_ascii(texts)).as_py():
        return texts
    for character, others in TAKEN.items():
        texts = pc.replace_substring_regex(texts, f"[{others}]", character)
    return texts


def deceptive(text: str) -> list[str]:
    """The characters of a text that look like others, or like nothing, each once.

    A letter of another script counts where Latin ones stand beside it, or where all letters may be taken for Latin.

    >>> deceptive("–5"), deceptive("EА"), deceptive("Нет")
    (['–'], ['А'], [])
    """
    if text.isascii():
        return []
    letters = [each for each in text if each.isalpha()]
    mixed = any("LATIN" in unicodedata.name(each, "") for each in letters) or all(each in LETTERS for each in letters)
    return list(dict.fromkeys(each for each in text if _deceives(each, mixed=mixed)))


def _deceives(character: str, *, mixed: bool) -> bool:
    if character.isascii():
        return character == "`"
    blank = unicodedata.category(character) in ("Zs", "Cf")
    wide = "FULLWIDTH" in unicodedata.name(character, "")
    return blank or wide or character in MARKS or (mixed and character in LETTERS)


def named(text: str) -> str:
    """What a sentence says of a text's deceptive characters: `` (with U+2013 EN DASH)``, or ''."""
    found = deceptive(text)[:NAMED]
    told = [f"U+{ord(each):04X} {unicodedata.name(each, '')}".strip() for each in found]
    return f" (with {' and '.join(told)})" if told else ""
