"""The code lists that come with crossdock, and the check digit of GS1 (contract A2).

Units: code, X12 355, UN/ECE Recommendation 20, decimals. Currencies: ISO 4217 with the decimals of their smallest
unit. Countries: ISO 3166-1 with the code of three letters, and the names that people write (Unicode CLDR, in eleven
languages). Each list is read once from ``data/reference``.
"""

from __future__ import annotations

import csv
import re
from functools import cache

from crossdock import bundled

GTIN_LENGTHS = (8, 12, 13, 14)
LONGEST_NUMBER = 20
"""Digits up to which a number may be filled with zeros."""
CLOSE_ENOUGH = 60
"""The least similarity, in percent, of a known value that is suggested."""


@cache
def _decimals(name: str) -> dict[str, int]:
    with (bundled.folder("reference") / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: int(row["decimals"]) for row in csv.DictReader(file)}


def units() -> dict[str, int]:
    """Unit code → the number of decimals that a quantity in it may have."""
    return _decimals("unit")


@cache
def units_by(column: str) -> dict[str, str]:
    """What a standard calls a unit → our code. ``column``: ``x12`` (355) or ``rec20`` (UN/ECE Recommendation 20)."""
    with (bundled.folder("reference") / "unit.csv").open(encoding="utf-8", newline="") as file:
        return {row[column]: row["code"] for row in csv.DictReader(file) if row[column]}


def currencies() -> dict[str, int]:
    """Currency code (ISO 4217) → the number of decimals of its smallest unit."""
    return _decimals("currency")


@cache
def countries() -> dict[str, frozenset[str]]:
    """ISO 3166-1 code of two letters → what else people write for it, in lower case: three letters, names."""
    return {
        row["code"]: frozenset(each.casefold() for each in (row["code"], row["alpha3"], *row["names"].split("; ")))
        for row in _countries()
    }


@cache
def of_three_letters() -> dict[str, str]:
    """ISO 3166-1 code of three letters → that of two."""
    return {row["alpha3"]: row["code"] for row in _countries()}


@cache
def _countries() -> list[dict[str, str]]:
    with (bundled.folder("reference") / "country.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def country_meant(value: str) -> str | None:
    """The code of the country that a text means, or probably means; None where nobody can tell.

    >>> country_meant("uk"), country_meant("Deutschland"), country_meant("CHE"), country_meant("ZZ")
    ('GB', 'DE', 'CH', None)
    """
    code_of = {name: code for code, names in countries().items() for name in names}
    text = value.strip().casefold()
    name = text if text in code_of else nearest(text, [each for each in code_of if len(each) > 3])
    return code_of[name] if name else None


LISTS = {"unit": units, "currency": currencies}
"""The shipped lists by the name with which a field refers to them (``Field.codes``)."""


def nearest(value: str, names: list[str]) -> str | None:
    """The one of ``names`` that ``value`` probably means; None if none is similar enough (``CLOSE_ENOUGH``)."""
    from rapidfuzz import fuzz, process  # only a wrong value is compared with others

    folded = {_bare(each): each for each in sorted(names, reverse=True)}
    match = process.extractOne(_bare(value), sorted(folded), scorer=fuzz.ratio, score_cutoff=CLOSE_ENOUGH)
    return folded[match[0]] if match else None


def _bare(value: str) -> str:
    """A value as it is compared: zeros before a number don't make it similar to another."""
    return value.lstrip("0") if value.isdigit() else value.casefold()


def check_digit(digits: str) -> str:
    """The GS1 check digit that belongs after ``digits`` (GS1 General Specifications §7.9).

    >>> check_digit("400638133393")
    '1'
    """
    weighted = (int(digit) * weight for digit, weight in zip(digits, weights(len(digits)), strict=True))
    return str(-sum(weighted) % 10)


@cache
def weights(size: int) -> tuple[int, ...]:
    """How much each of so many digits counts in the check digit behind them."""
    return tuple(3 if place % 2 == 0 else 1 for place in range(size))[::-1]


def is_gtin(digits: str) -> bool:
    """Whether a text is a GTIN with a right check digit."""
    return digits.isdecimal() and len(digits) in GTIN_LENGTHS and check_digit(digits[:-1]) == digits[-1]


def gtin_hint(digits: str) -> str | None:
    """What a GTIN with a wrong check digit probably means, as a hint; None if the digit is right."""
    longer = "0" + digits
    right = check_digit(digits[:-1]) == digits[-1]
    if right and len(digits) not in GTIN_LENGTHS:
        return f"a leading zero was lost: {longer}"
    if right:
        return None
    if len(longer) in GTIN_LENGTHS and check_digit(longer[:-1]) == longer[-1]:
        return f"a leading zero was lost: {longer}"
    if _upc_of(digits):
        return f"a UPC-E, which is {_upc_of(digits)} in full"
    return f"should it be {digits[:-1]}{check_digit(digits[:-1])}?"


def _upc_of(digits: str) -> str:
    """The UPC that a UPC-E of 8 digits is short for; '' where it is none (GS1 General Specifications §5.2.2.4.2).

    >>> _upc_of("04252614"), _upc_of("04252610")
    ('042100005264', '')
    """
    if len(digits) != len("04252614") or digits[0] not in "01":
        return ""
    number, last = digits[1:6], digits[6]
    body = {"3": f"{number[:3]}00000{number[3:]}", "4": f"{number[:4]}00000{number[4:]}"}.get(last)
    if body is None:
        body = f"{number[:2]}{last}0000{number[2:]}" if last in "012" else f"{number}0000{last}"
    upc = f"{digits[0]}{body}{digits[7]}"
    return upc if is_gtin(upc) else ""


_LABEL_PART = re.compile(r"\(([0-9]{2,4})\)([^()\s][^()]*)")
_SCANNER = re.compile(r"^\](?:C1|d2|Q3|e0|J1)")
_SCANNED = re.compile(r"01([0-9]{14})(?:(1[1357])([0-9]{6}))?(?:(10|21)(\S+))?")
LABELS = {
    "00": "SSCC", "01": "GTIN", "02": "GTIN", "10": "lot", "11": "made", "13": "packed", "15": "best before",
    "17": "expires", "20": "variant", "21": "serial number", "22": "variant", "30": "count", "37": "count",
    "240": "item", "241": "customer's item", "250": "serial number", "400": "order",
}  # fmt: skip
"""Application identifiers that labels of goods have (GS1 General Specifications §3.2), and what they mean."""


def label_parts(text: str) -> dict[str, str]:
    """What the text of a GS1 label says, by application identifier; nothing where it is none.

    >>> label_parts("(01)04006381333931(17)261231(10)LOT7")
    {'01': '04006381333931', '17': '261231', '10': 'LOT7'}
    >>> label_parts("]C101040063813339311726123110LOT7"), label_parts("010400638133393121S-1")
    ({'01': '04006381333931', '17': '261231', '10': 'LOT7'}, {'01': '04006381333931', '21': 'S-1'})
    >>> label_parts("(10)LOT7"), label_parts("(99)X"), label_parts("(10) pack"), label_parts("0104006381333931")
    ({'10': 'LOT7'}, {}, {}, {})
    """
    bare = _SCANNER.sub("", text)
    parts = dict(_LABEL_PART.findall(bare))
    if parts and _LABEL_PART.sub("", bare) == "":
        return parts if parts.keys() <= LABELS.keys() else {}
    match = _SCANNED.fullmatch(bare)
    if match is None or not is_gtin(match[1]) or not (match[2] or match[4]):
        return {}
    return {name: part for name, part in (("01", match[1]), match.group(2, 3), match.group(4, 5)) if name}


def label_hint(text: str) -> str:
    """What to send instead of the text of a label.

    >>> label_hint("(10)LOT7"), label_hint("(01)04006381333931(10)L1")
    ("send 'LOT7' alone", "send each part in a column of its own: GTIN '04006381333931', lot 'L1'")
    """
    parts = label_parts(text)
    if len(parts) == 1:
        return f"send {next(iter(parts.values()))!r} alone"
    shown = ", ".join(f"{LABELS[name]} {part!r}" for name, part in parts.items())
    return f"send each part in a column of its own: {shown}"


def gtin_meant(text: str) -> str:
    """The GTIN that a text shows in another spelling, with marks or a word beside its digits, in a GS1 label, or as the
    ISBN of an old book; '' where the check digit doesn't prove one.

    >>> gtin_meant("0 36000 29145 2"), gtin_meant("978-0-306-40615-7"), gtin_meant("8712345678906.0")
    ('036000291452', '9780306406157', '8712345678906')
    >>> gtin_meant("(01)04006381333931")
    '04006381333931'
    >>> gtin_meant("0-306-40615-2"), gtin_meant("0-306-40615-3"), gtin_meant("N/A")
    ('9780306406157', '', '')
    """
    text = label_parts(text.strip()).get("01", text)
    digits = "".join(each for each in text.strip().removesuffix(".0").upper() if each in "0123456789X")
    if is_gtin(digits):
        return digits
    isbn = digits.rstrip("X")
    if len(digits) != len("0306406152") or len(isbn) < len(digits) - 1 or not isbn.isdecimal():
        return ""
    sums = sum(weight * int(digit.replace("X", "10")) for weight, digit in zip(range(10, 0, -1), digits, strict=True))
    return "" if sums % 11 else f"978{digits[:9]}{check_digit(f'978{digits[:9]}')}"


def sscc_meant(digits: str) -> str:
    """What an SSCC with a wrong check digit should be: of one that ends in zeros a spreadsheet has kept 15 digits.

    >>> sscc_meant("340123450000000018")
    '340123450000000017'
    >>> sscc_meant("340123450000012000")
    '340123450000012 with three more digits, of which a spreadsheet has made zeros'
    """
    if digits.endswith("000"):
        return f"{digits[:-3]} with three more digits, of which a spreadsheet has made zeros"
    return f"{digits[:-1]}{check_digit(digits[:-1])}"


SPLIT = "/"
"""What stands between an order's number and the value by which it is split into documents."""


def zero_spellings(number: str) -> list[str]:
    """A number as it may be stored or sent: digits with any leading zeros, up to ``LONGEST_NUMBER``; other text itself.

    >>> zero_spellings("77")[:3], zero_spellings("SO-7")
    (['77', '077', '0077'], ['SO-7'])
    """
    if not (number.isascii() and number.isdigit()):
        return [number]
    bare = number.lstrip("0") or "0"
    return list(dict.fromkeys([number, *(bare.zfill(length) for length in range(len(bare), LONGEST_NUMBER + 1))]))


def gtin_spellings(digits: str) -> set[str]:
    """A GTIN in every length in which it may have been written.

    >>> sorted(gtin_spellings("00000012345670"))
    ['00000012345670', '0000012345670', '000012345670', '12345670']
    """
    bare = digits.lstrip("0")
    return {bare.zfill(length) for length in GTIN_LENGTHS if len(bare) <= length}
