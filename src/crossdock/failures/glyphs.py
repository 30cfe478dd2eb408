"""Characters that look alike on screen: which are read as one another, and how a sentence names the others.

``1 200`` may hold any of seventeen blanks, ``–5`` a dash that is no minus, ``ЕА`` two Cyrillic letters. A character
that can mean one thing only is accepted (``TAKEN``); a sentence names the others, because nobody sees them. An id is
kept as it is sent: ``strange`` tells which of its characters are not what a person takes them for.
"""

from __future__ import annotations

import html.entities
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.compute as pc

TAKEN = {" ": r"\p{Zs}", "-": "−", "'": "’"}
"""In numbers and dates: the character that is read → the characters read as it (a class of RE2)."""
DASHES = "‐‑‒–—―−⁃﹣"
MARKS = DASHES + "‘’‛′ʹʼˈ´`" + "“”„‟″" + "․‧·﹒" + "‚٫﹐"
"""Characters that look like a hyphen, an apostrophe, a quote, a point, a comma."""
_CYRILLIC = dict(zip("АВЕЗНІКМОРСТХУЈЅаеорсхуіјѕ", "ABE3HIKMOPCTXYJSaeopcxyijs", strict=True))
_GREEK = dict(zip("ΑΒΕΗΙΚΜΟΡΤΧΥΖΝον", "ABEHIKMOPTXYZNov", strict=True))
LETTERS = _CYRILLIC | _GREEK
"""Cyrillic and Greek letters that look like Latin ones, or like a digit → these."""
_LATIN = {"CYRILLIC": {latin: other for other, latin in _CYRILLIC.items() if latin.isalpha()},
          "GREEK": {latin: other for other, latin in _GREEK.items()}}  # fmt: skip
"""Latin letters that look like those of another script → these."""
_WIDE, _TO_PLAIN = ("\uff01", "\uff5e"), 0xFEE0
"""The first and the last of the wide characters of ASCII, and how far each is from its plain one."""
_WORD = re.compile(r"[^\W\d_]+")
_WEB_CODE = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]*);")
QUOTES = "“”„‟«»‚‘’"
"""Quotes as word processors write them; around a whole id they are none of its characters."""
STRANGE = (
    rf"[{DASHES}{_WIDE[0]}-{_WIDE[1]}\p{{Cf}}]|^[{QUOTES}].*[{QUOTES}]$"
    r"|\p{Latin}.*[\p{Cyrillic}\p{Greek}]|[\p{Cyrillic}\p{Greek}].*\p{Latin}"
)
"""What an id has that ``strange`` finds something in, and few others (a regular expression of RE2)."""
CACHED = 10_000
"""Of how many letters the script is kept."""
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


def strange(text: str) -> dict[int, str]:
    """The places (from 0) of an id's characters that a person takes for others → what they look like.

    These are dashes that are no hyphen, quotes around the whole, characters that nobody sees, wide ones beside plain
    ones, and, where letters of two scripts meet, those that look like letters of the other.

    >>> strange("“A”")
    {0: '', 2: ''}
    >>> strange("A–1"), strange("АB"), strange("ЖУКИ-B"), strange("АВ-1"), strange("10 MΩ")
    ({1: '-'}, {0: 'A'}, {5: 'В'}, {}, {})
    """
    taken_for = _foreign(text)
    plain = any(each.isascii() and each.isalnum() for each in text)
    if len(text) > 1 and text[0] in QUOTES and text[-1] in QUOTES:
        taken_for |= {0: "", len(text) - 1: ""}
    for place, each in enumerate(text):
        if each in DASHES:
            taken_for[place] = "-"
        elif not each.isascii() and unicodedata.category(each) == "Cf":
            taken_for[place] = ""
        elif plain and _WIDE[0] <= each <= _WIDE[1]:
            taken_for[place] = chr(ord(each) - _TO_PLAIN)
    return dict(sorted(taken_for.items()))


def _foreign(text: str) -> dict[int, str]:
    """The places of the letters of a text in two scripts that look like letters of the other one → these.

    In a word of both scripts they are those of the script of fewer letters, if some of these look so. A word of one
    script is seen to be of it by any other letter (``XL``), and else is strange if the script is that of fewer letters.
    A Greek letter among Latin ones may be a sign (``MΩ``).
    """
    scripts = [_script(each) for each in text]
    other = next((each for each in _LATIN if each in scripts), "")
    if not other or "LATIN" not in scripts:
        return {}
    like = {"LATIN": _LATIN[other], other: LETTERS}
    fewer, more = sorted(like, key=lambda each: (scripts.count(each), each == "LATIN"))
    taken_for: dict[int, str] = {}
    for word in _WORD.finditer(text):
        places = range(*word.span())
        alike = {each: [at for at in places if scripts[at] == each and text[at] in like[each]] for each in like}
        if {scripts[at] for at in places} >= {fewer, more}:
            sign = more == "LATIN" and other == "GREEK"
            taken = fewer if alike[fewer] or sign else more
        else:
            taken = fewer if len(alike[fewer]) == len(places) else ""
        taken_for |= {at: like[taken][text[at]] for at in alike.get(taken, ())}
    return taken_for


@lru_cache(CACHED)
def _script(letter: str) -> str:
    """The script of a letter, as its name begins; '' of what is none."""
    return unicodedata.name(letter, "").partition(" ")[0] if letter.isalpha() else ""


_TAG = re.compile(r"</?(a|b|br|div|em|font|i|li|p|span|strong|td|tr|u|ul)(?=[\s/>])[^<>]*>", re.IGNORECASE)
"""A tag of HTML, as editors of web pages leave it in names and descriptions."""
_BREAKS = frozenset(("br", "div", "li", "p", "td", "tr"))
"""Tags between which words are not one."""
_OF_JSON = re.compile(r"(?:\\u[0-9a-fA-F]{4})+|(?<=\S)\\/(?=\S)")
_OF_URL = re.compile(r"(?:%[C-Fc-f][0-9A-Fa-f](?:%[89ABab][0-9A-Fa-f])+)+")
WEB_MARKS = "&<%\\"
"""What such a text has one of."""
LOST = "\ufffd"
"""What programs write for a letter that they could not read."""
_UNDEFINED = "\x81\x8d\x8f\x90\x9d"
"""Bytes that are no character of cp1252, and that programs keep."""
_HIGH, _HIGH_OF_MAC = (
    re.escape("".join(bytes([byte]).decode(each, errors="ignore") for byte in range(0x80, 0xC0)) + _UNDEFINED)
    for each in ("cp1252", "mac_roman")
)
_GARBLED = re.compile(f"(?:[ÃÄÅ][{_HIGH}]|Â[\xa0-\xbf]|â[{_HIGH}][{_HIGH}])+|(?:√[{_HIGH_OF_MAC}])+")
"""Letters and signs of UTF-8 as another encoding shows their bytes: ``Ã¶``, ``â€™``, ``√∂``."""
GARBLES = f"[ÂÃÄÅâ√{LOST}]"
"""What such a text has."""


def without_web_codes(text: str) -> str:
    r"""A text with the characters that it has as web pages and programs for them write them: ``&amp;``, ``&#39;``,
    tags, letters of a URL (``%C3%B6``) or of JSON (``\u00f6``).

    >>> without_web_codes("R&amp;D 9&quot;"), without_web_codes("A&B;C")
    ('R&D 9"', 'A&B;C')
    >>> without_web_codes('<a href="x">SO-2</a>'), without_web_codes("J%C3%B6rg"), without_web_codes(r"J\u00f6rg\/5 %")
    ('SO-2', 'Jörg', 'Jörg/5 %')
    """
    bare = _TAG.sub(lambda tag: " " if tag[1].lower() in _BREAKS else "", text)
    bare = _OF_JSON.sub(_from_json, bare)
    bare = bare if "://" in text else _OF_URL.sub(lambda run: _from_url(run[0]), bare)
    bare = bare if bare == text else " ".join(bare.split())
    return _WEB_CODE.sub(lambda code: html.unescape(code[0]) if _is_known(code[0][1:]) else code[0], bare)


def _from_json(escape: re.Match[str]) -> str:
    if escape[0] == r"\/":
        return "/"
    letters = bytes.fromhex(escape[0].replace(r"\u", "")).decode("utf-16-be", errors="replace")
    return escape[0] if LOST in letters or not letters.isprintable() else letters


def _from_url(run: str) -> str:
    letters = unquote(run)
    return run if LOST in letters else letters


def ungarbled(text: str) -> str:
    """A text with the letters that it had before a program read its UTF-8 as cp1252 or as Mac Roman, and wrote that.

    >>> ungarbled("SÃ¤hkÃ¶posti"), ungarbled("J√∂rg"), ungarbled("„SPÄ“ São Â5")
    ('Sähköposti', 'Jörg', '„SPÄ“ São Â5')
    """
    return _GARBLED.sub(lambda run: _reread(run, text), text)


def _reread(run: re.Match[str], text: str) -> str:
    """What a run of characters was; itself where it may be meant: two capitals at the end of a word are no sign."""
    encoding = "mac_roman" if "√" in run[0] else "cp1252"
    sent = b"".join(each.encode("latin-1" if each in _UNDEFINED else encoding) for each in run[0])
    try:
        letters = sent.decode("utf-8")
    except UnicodeDecodeError:
        return run[0]
    beside = text[max(run.start() - 1, 0) : run.start()] + text[run.end() : run.end() + 1]
    is_in_word = any(map(str.islower, beside)) or len(letters) > 1
    return letters if is_in_word or run[0][0] in "Ââ" else run[0]


def _is_known(code: str) -> bool:
    return code.startswith("#") or code in html.entities.html5


def described(text: str, places: Iterable[int]) -> str:
    """Some characters of a text as a sentence names them: ``character 2 is U+2013 EN DASH``, at most ``NAMED``."""
    return " and ".join(f"character {place + 1} is {_name(text[place])}" for place in list(places)[:NAMED])


def _name(character: str) -> str:
    return f"U+{ord(character):04X} {unicodedata.name(character, '')}".strip()


def named(text: str) -> str:
    """A text's deceptive characters as a sentence names them: `` (with U+2013 EN DASH)``, or ''."""
    names = list(map(_name, deceptive(text)[:NAMED]))
    return f" (with {' and '.join(names)})" if names else ""
