"""What a heading names beside its numbers: the currency of its amounts, the unit of its quantities and sizes, for how
many a price is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from crossdock.frames.numerals import SIGNS, signs_of
from crossdock.schema import codes
from crossdock.schema.names import bare

USUAL = (
    *("USD", "EUR", "GBP", "CHF", "CAD", "AUD", "NZD", "JPY", "CNY", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "INR"),
    *("BRL", "MXN", "SGD", "HKD", "ZAR"),
)
"""Currencies that a heading names by their code alone; others may be words (``ALL``, ``TOP``, ``TRY``)."""
_SIZES = {
    spelled: unit
    for unit, all_of_it in {
        "kg": "kg kgs kilo kilos kilogram kilograms kilogramm kgm",
        "g": "g gr gram grams gramm gramme grammes grm",
        "lb": "lb lbs pound pounds lbr",
        "oz": "oz ounce ounces onz",
        "mm": "mm millimeter millimeters millimetre millimetres mmt",
        "cm": "cm centimeter centimeters centimetre centimetres zentimeter cmt",
        "m": "m meter meters metre metres mtr mr",
        "in": "in inch inches zoll inh",
        "ft": "ft foot feet fot",
        "yd": "yd yard yards yrd",
    }.items()
    for spelled in all_of_it.split()
}
_CURRENCIES = {
    "US dollar": "USD", "U.S. dollar": "USD", "US-Dollar": "USD", "Canadian dollar": "CAD", "Australian dollar": "AUD",
    "New Zealand dollar": "NZD", "Singapore dollar": "SGD", "Hong Kong dollar": "HKD", "Euros": "EUR",
    "British pound": "GBP", "Pound sterling": "GBP", "Pounds sterling": "GBP", "Swiss franc": "CHF",
    "Schweizer Franken": "CHF", "Indian rupee": "INR", "Japanese yen": "JPY", "Chinese yuan": "CNY",
    "Swedish krona": "SEK", "Norwegian krone": "NOK", "Danish krone": "DKK", "Polish zloty": "PLN",
    "Czech koruna": "CZK", "Hungarian forint": "HUF", "Brazilian real": "BRL", "Mexican peso": "MXN",
    "South African rand": "ZAR",
}  # fmt: skip
"""What programs call a currency in words, as NetSuite and Dynamics do."""
PRICE_UNITS = frozenset({
    "priceunit", "priceper", "pricefor", "priceqty", "pricequantity", "pricebasis", "pricebase", "priceunitqty", "per",
    "unitofprice", "priceunitpeinh", "peinh", "preiseinheit", "preiseinh", "preiseh", "preisje", "preispro", "pro",
    "je", "prijseenheid", "unitedeprix", "unidaddeprecio",
})  # fmt: skip
"""What columns are called that say for how many a price is: SAP's EKPO-PEINH, Navision, Sage."""
_PER = re.compile(r"(?:\b(?:per|pro|je|par|por|for)\s*|/\s*)(10+)\b", re.IGNORECASE)
_MORE_THAN_ONE = re.compile(r"(?!0*1(?:[.,]0*)?$)[0-9]{1,6}(?:[.,]0*)?")
_CODES = {name.casefold(): code for name, code in _CURRENCIES.items()}
_BRACKETS = re.compile(r"[(\[]\s*([^()\[\]]+?)\s*[)\]]")
_WORDS = re.compile(r"[^\W\d_]+")


def currency_of(heading: str) -> str:
    """The currency that a heading names, as it is written; '' for none.

    >>> currency_of("Price (USD)"), currency_of("unit_price_usd"), currency_of("Preis in €"), currency_of("Price TOP")
    ('USD', 'usd', '€', '')
    """
    inside = _BRACKETS.findall(heading)
    signs = {sign for each in SIGNS.values() for sign in each if not sign[0].isalpha()}
    words = [each for each in inside if each.upper() in codes.currencies()]
    words += [each for each in _WORDS.findall(heading) if each.upper() in USUAL]
    words += [each for each in heading if each in signs]
    return next(iter(words), "")


def unit_of(heading: str) -> str:
    """What a heading has in brackets, which may be a unit; '' for nothing.

    >>> unit_of("Qty (ctn)"), unit_of("Qty [ pcs ]"), unit_of("Qty")
    ('ctn', 'pcs', '')
    """
    return next(iter(_BRACKETS.findall(heading)), "")


def size_of(heading: str) -> str:
    """The unit of weight or length that a heading names in brackets or as its last word; '' for none.

    >>> size_of("Weight (lb)"), size_of("weight_kg"), size_of("Length in"), size_of("Weight (net)")
    ('lb', 'kg', 'in', '')
    """
    words = [*_BRACKETS.findall(heading), *_WORDS.findall(heading)[-1:]]
    return next((each for each in words if size_unit(each)), "")


def size_unit(written: str) -> str:
    """The unit of weight or length that a text means; '' for none.

    >>> size_unit("LBS"), size_unit("Pounds"), size_unit("KGM"), size_unit("EA")
    ('lb', 'lb', 'kg', '')
    """
    return _SIZES.get(written.strip(" .").casefold(), "")


def is_currency(named: str, code: str) -> bool:
    """Whether what names a currency may mean the one of a code.

    >>> is_currency("$", "CAD"), is_currency("usd", "CAD"), is_currency("US Dollar", "USD"), is_currency("EUR €", "EUR")
    (True, False, True, True)
    >>> is_currency("Canadian Dollar", "USD"), is_currency("Dollar", "USD")
    (False, False)
    """
    text = named.casefold()
    return text in map(str.casefold, signs_of(code)) or _CODES.get(text) == code or code in named.upper().split()


def per_many(heading: str) -> str:
    """For how many, of more than one, a heading says that its prices are; '' where it says nothing like that.

    >>> per_many("Price per 100"), per_many("Preis/1000"), per_many("Price per 1"), per_many("Price")
    ('100', '1000', '', '')
    """
    match = _PER.search(heading)
    return match[1] if match else ""


def price_unit_in(heading: str, texts: Sequence[str]) -> str:
    """For how many, of more than one, a column says that the prices beside it are; '' where it says nothing like that.

    >>> price_unit_in("Price Unit", ["1", "100"]), price_unit_in("PEINH", ["1.0"]), price_unit_in("Qty", ["100"])
    ('100', '', '')
    """
    values = texts if bare(heading) in PRICE_UNITS else ()
    return next((each for each in values if _MORE_THAN_ONE.fullmatch(each)), "")
