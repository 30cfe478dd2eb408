"""What the format of a number writes around its digits: zeros in front, text, a currency, marks; and that it is a
percentage, or is shown in thousands.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache

from crossdock.formats.xlsx.zip_xml import Package, elements
from crossdock.frames.numerals import SIGNS
from crossdock.schema import codes

DIGIT, DIGITS = "\0", "\1"
"""In a mask: a digit that is always written; as many digits as there are."""
PERCENT = "\2"
"""The mask of a number that is shown as a percentage: 0.125 as 12.5 %."""
NUMBER = "\3"
"""In a mask: a number with decimals, or with its digits grouped."""
SCALED = "\4"
"""How the mask of a number begins that is shown in thousands: 5000 as 5."""
PERCENTAGES = (9, 10)
"""The numbers of the formats of percentages that every workbook has (ECMA-376 part 1 §18.8.30)."""
_BESIDE = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
"""What stands in a format as it is, and colours."""
FIRST_OWN = 164
"""The first number of a format that a workbook has of its own; the currency of those before it is the system's."""
_MASK = re.compile(
    r'\[\$([^\]-]*)(?:-[^\]]*)?\]|\[[A-Z][^\]]*\]|_.|\*.|"([^"]*)"|\\(.)|(0)|(#|General)|([\-() $€£¥])'
    r"|(\.)|(,)|(;)|(.)",
    re.DOTALL,
)
"""The parts of a number format: a currency and a locale, colours, spaces and fillers; text, a digit, as many digits as
there are, marks, the decimal mark, what groups or scales, the end of the part for positive numbers, everything else.
"""
_PLACES = re.compile(f"[{DIGIT}{DIGITS}{NUMBER}]+")
_NO_TEXT = " -()+"
"""What stands around a number and changes nothing, or its sign."""


def zero_formats(archive: Package, member: str, signs: Collection[str] | None = None) -> dict[int, str]:
    """Cell style → the mask of a number (``masked``), for formats such as ``00000``, ``"SO-"000``, ``0" ctn"``.

    ``signs``: as for ``is_told``.
    """
    if member not in archive:
        return {}
    formats = dict.fromkeys(map(str, PERCENTAGES), PERCENT)
    styles: dict[int, str] = {}
    inside, number = False, 0
    for name, attributes in elements(archive, member):
        if name == "numFmt" and (mask := mask_of(attributes.get("formatCode", ""))):
            own = attributes.get("numFmtId", "")
            if not (own.isdecimal() and is_told(mask, int(own), signs)):
                formats[own] = mask
        elif name in ("cellStyleXfs", "cellXfs", "cellStyles", "dxfs"):
            inside, number = name == "cellXfs", 0
        elif name == "xf" and inside:
            if attributes.get("numFmtId") in formats:
                styles[number] = formats[attributes["numFmtId"]]
            number += 1
    return styles


def is_told(mask: str, number: int, signs: Collection[str] | None) -> bool:
    """Whether the text of a mask is a currency that nobody need look at: the feed's, or one of the system.

    ``number``: of the format. ``signs``: how the feed's currency is written, in lower case; None where nothing says
    which one it is.
    """
    sign = around(mask).casefold()
    return is_currency(sign) and NUMBER in mask and (number < FIRST_OWN or signs is None or sign in signs)


def mask_of(code: str) -> str | None:
    """The mask of a number format that adds something to a number, or of a percentage; None for every other format.

    ``DIGIT`` stands for a digit that is always written, ``DIGITS`` for as many as there are, ``NUMBER`` for all that a
    format of decimals or of groups writes.
    """
    if "%" in _BESIDE.sub("", code).partition(";")[0]:
        return PERCENT
    mask, behind, grouped = "", "", False
    for currency, quoted, escaped, digit, digits, mark, point, comma, end, other in _MASK.findall(code):
        if end:
            break
        if other:
            return None
        grouped |= bool(point or comma)
        behind = behind + comma if comma else "" if digit or digits else behind
        mask += currency + quoted + escaped + mark + (DIGIT if digit else "") + (DIGITS if digits else "")
    if grouped:
        places = list(_PLACES.finditer(mask))
        inside = slice(places[0].start(), places[-1].end()) if places else slice(0, 0)
        mask = (SCALED if behind else "") + mask[: inside.start] + NUMBER + mask[inside.stop :]
        return mask if places and (behind or around(mask)) else None
    return mask if mask.strip(DIGITS) not in ("", DIGIT) else None


def around(mask: str) -> str:
    """The text that a mask writes around a number, without blanks and signs at its ends; '' if there is none."""
    before, behind = _sides(mask)
    return (before + behind).strip(_NO_TEXT)


def shown(number: str, mask: str) -> str:
    """A number with the text that its cell's format writes around it.

    >>> shown("12", mask_of('0" ctn"') or ""), shown("12.5", mask_of("00.0") or "")
    ('12 ctn', '12.5')
    """
    before, behind = _sides(mask)
    return f"{before}{number}{behind}".strip() if around(mask) else number


def _sides(mask: str) -> tuple[str, str]:
    bare = mask.removeprefix(SCALED)
    places = list(_PLACES.finditer(bare))
    return (bare[: places[0].start()], bare[places[-1].end() :]) if places else ("", "")


def in_thousands(value: float, mask: str) -> str:
    """What a cell shows of a number in thousands, with the text around it: 5000 under ``0,"k"`` is ``5k``."""
    before, behind = _sides(mask)
    return f"{before}{value / 1000:.0f}{behind}".strip()


def is_currency(text: str) -> bool:
    """Whether a text is how a currency is written."""
    return text.casefold() in _currencies()


@cache
def _currencies() -> frozenset[str]:
    signs = (sign for each in SIGNS.values() for sign in each)
    return frozenset(each.casefold() for each in (*codes.currencies(), *signs))


def masked(text: str, mask: str | None) -> str:
    """A whole number as its cell's format shows it: ``123`` under ``"SO-"00000`` is ``SO-00123``."""
    if mask is None or NUMBER in mask or mask == PERCENT or not text.isdigit():
        return text
    places = mask.count(DIGIT)
    digits = text.zfill(places)
    longer, rest = digits[: len(digits) - places], iter(digits[len(digits) - places :])
    shown = ""
    for letter in mask:
        if letter in (DIGIT, DIGITS):
            shown, longer = shown + longer, ""
        shown += next(rest) if letter == DIGIT else "" if letter == DIGITS else letter
    return shown
