"""Characters that look alike on screen: which are read as one another, and how a sentence names the others.

``1 200`` may hold any of seventeen blanks, ``–5`` a dash that is no minus, ``ЕА`` two Cyrillic letters. A character
that can mean one thing only is accepted (``TAKEN``); a sentence names the others, because nobody sees them.
"""

from __future__ import annotations

import unicodedata

import pyarrow as pa
import pyarrow.compute as pc

TAKEN = {" ": r"\p{Zs}", "-": "−", "'": "’"}
"""In numbers and dates: the character that is read → the characters read as it (a class of RE2)."""
MARKS = "‐‑‒–—―−⁃﹣" + "‘’‛′ʹʼˈ´`" + "“”„‟″" + "․‧·﹒" + "‚٫﹐"
"""Characters that look like a hyphen, an apostrophe, a quote, a point, a comma."""
LETTERS = "АВЕНІКМОРСТХУЈЅаеорсхуіјѕ" + "ΑΒΕΗΙΚΜΟΡΤΧΥΖΝον"
"""Cyrillic and Greek letters that look like Latin ones."""
NAMED = 3
"""How many characters one sentence names."""


def plain(texts: pa.Array) -> pa.Array:
    """Texts of numbers or dates in which the characters of ``TAKEN`` are replaced by those that they are read as."""
    if pc.all(pc.string_is_ascii(texts)).as_py():
        return texts
    for character, others in TAKEN.items():
        texts = pc.replace_substring_regex(texts, f"[{others}]", character)
    return texts


def deceptive(text: str) -> list[str]:
    """The characters of a text that look like others, or like nothing, each once.

    A letter of another script counts if the text has Latin letters too, or if all its letters look like Latin ones.

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
    """A text's deceptive characters as a sentence names them: `` (with U+2013 EN DASH)``, or ''."""
    characters = deceptive(text)[:NAMED]
    names = [f"U+{ord(each):04X} {unicodedata.name(each, '')}".strip() for each in characters]
    return f" (with {' and '.join(names)})" if names else ""
