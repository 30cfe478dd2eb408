"""What the format of a number writes around its digits: zeros in front, text, marks; and that it is a percentage."""

from __future__ import annotations

import re

from crossdock.formats.xlsx.zip_xml import Package, elements

DIGIT, DIGITS = "\0", "\1"
"""In a mask: a digit that is always written; as many digits as there are."""
PERCENT = "\2"
"""The mask of a number that is shown as a percentage: 0.125 as 12.5 %."""
PERCENTAGES = (9, 10)
"""The numbers of the formats of percentages that every workbook has (ECMA-376 part 1 §18.8.30)."""
_BESIDE = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
"""What stands in a format as it is, and colours."""
_MASK = re.compile(r'\[[$A-Z][^\]]*\]|_.|\*.|"([^"]*)"|\\(.)|(0)|(#|General)|([\-() ])|(;)|(.)', re.DOTALL)
"""The parts of a number format: locales and colours, spaces and fillers; text, a digit, as many digits as there are,
marks, the end of the part for positive numbers, everything else.
"""


def zero_formats(archive: Package, member: str) -> dict[int, str]:
    """Cell style → the mask of a number (``masked``), for formats such as ``00000``, ``"SO-"000``, ``0.0%``."""
    if member not in archive:
        return {}
    formats = dict.fromkeys(map(str, PERCENTAGES), PERCENT)
    styles: dict[int, str] = {}
    inside, number = False, 0
    for name, attributes in elements(archive, member):
        if name == "numFmt" and (mask := mask_of(attributes.get("formatCode", ""))):
            formats[attributes.get("numFmtId", "")] = mask
        elif name in ("cellStyleXfs", "cellXfs", "cellStyles", "dxfs"):
            inside, number = name == "cellXfs", 0
        elif name == "xf" and inside:
            if attributes.get("numFmtId") in formats:
                styles[number] = formats[attributes["numFmtId"]]
            number += 1
    return styles


def mask_of(code: str) -> str | None:
    """The mask of a number format of digits and text, or of a percentage; None for every other format, and if it adds
    nothing.

    ``DIGIT`` stands for a digit that is always written, ``DIGITS`` for as many as there are.
    """
    if "%" in _BESIDE.sub("", code).partition(";")[0]:
        return PERCENT
    mask = ""
    for quoted, escaped, digit, digits, mark, end, other in _MASK.findall(code):
        if end:
            break
        if other:
            return None
        mask += quoted + escaped + mark + (DIGIT if digit else "") + (DIGITS if digits else "")
    return mask if mask.strip(DIGITS) not in ("", DIGIT) else None


def masked(text: str, mask: str | None) -> str:
    """A whole number as its cell's format shows it: ``123`` under ``"SO-"00000`` is ``SO-00123``."""
    if mask in (None, PERCENT) or not text.isdigit():
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
