"""How well a column fits a field: by its name, and by what its values are.

A value that the field could not hold vetoes: there is no score then. Values that only that kind of field has (a check
digit, a code of a list, a number that repeats with its header) add to it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from crossdock.learn.columns import MOSTLY, Column
from crossdock.learn.grouping import Groups
from crossdock.learn.names import OWN, NameEvidence, meant_by, values_of
from crossdock.schema.codes import units
from crossdock.schema.document import NUMBERS, Document, Field, Kind, Level
from crossdock.schema.roles import Role

DECISIVE = 3
"""Distinct values with a right check digit that prove a field without its name."""
FEW = 0.1
"""The share of documents in which a value of the header may differ, for reasons of the sender's."""
MANY_CODES = 40
"""More distinct values than a list of codes has."""
NO_NAME = NameEvidence(0.0, "")


@dataclass(frozen=True)
class Fit:
    """A column for a field: ``score`` from 0 to about 1.5, ``why`` in words.

    ``exact``: its name is one of the field's; ``decisive``: its values are of that field alone.
    """

    score: float
    why: tuple[str, ...]
    exact: bool
    decisive: bool = False
    name: float = 0.0
    doubtful: bool = False

    @property
    def percent(self) -> int:
        """The score as people read it."""
        return min(99, round(self.score / 1.2 * 100))


@dataclass(frozen=True)
class Values:
    """What values say of a field: ``weight`` is added to the name's; ``decisive`` alone proves, ``doubtful`` never."""

    weight: float = 0.0
    why: str = ""
    decisive: bool = False
    doubtful: bool = False


def fit(column: Column, document: Document, name: str, named: NameEvidence, groups: Groups | None) -> Fit | None:
    """How well a column fits the field ``name`` (qualified); None if it does not, or nothing speaks for it.

    ``groups``: the rows by document, None if the file has one row per document. ``named``: what its heading says.
    """
    level, field = document.fields[name]
    values = _values(column, field) if column.distinct else Values(why="the column is blank")
    if values is None and named.weight >= OWN:  # a column of our own name is read whatever its values are
        values = Values(-0.3, "not all values fit", doubtful=True)
    if values is None or not (named.weight or values.decisive):
        return None
    varying = _varying(column, document, level, groups)
    if varying > FEW:
        return None
    if varying:
        values = Values(values.weight - 0.15, "it differs inside of a few documents: see agree", doubtful=True)
    weight, why = named.weight + values.weight, [each for each in (named.why, values.why) if each]
    if groups is not None and column.distinct and level is document.header and groups.repeat:
        weight += 0.04
    elif groups is not None and groups.repeat and level is not document.header and groups.varies(column):
        weight += 0.06
    weight += 0.3 if not named.weight else 0
    return Fit(weight, tuple(why), named.exact, values.decisive, named.weight, values.doubtful)


def _varying(column: Column, document: Document, level: Level, groups: Groups | None) -> float:
    """The share of documents in which a column of the header has two values: normally none."""
    if groups is None or level is not document.header or not groups.repeat:
        return 0.0
    return groups.varying(column)


def _values(column: Column, field: Field) -> Values | None:
    """What the values say of a field; None if it can't hold them."""
    by_list = _LISTS.get(field.codes or "")
    if by_list is not None:
        return by_list(column)
    if field.kind in (Kind.DATE, Kind.TIMESTAMP):
        return _date(column, field)
    if field.kind in NUMBERS:
        return _number(column, field)
    if field.kind is Kind.FLAG:
        return Values(0.1, "yes and no") if column.yes_no else None
    if field.kind is Kind.ENUM:
        return _enum(column, field)
    return _text(column, field)


def _gtin(column: Column) -> Values | None:
    if column.gtins >= MOSTLY:
        return Values(0.35, "the check digits are right", len(column.distinct) >= DECISIVE and column.gtins == 1)
    digits = all(each.isdigit() and 7 <= len(each) <= 14 for each in column.distinct)
    return Values(-0.1, "not all check digits are right") if digits else None


def _sscc(column: Column) -> Values | None:
    if column.ssccs >= MOSTLY:
        return Values(0.35, "the check digits are right", len(column.distinct) >= DECISIVE and column.ssccs == 1)
    return None


def _country(column: Column) -> Values | None:
    if column.countries >= MOSTLY:
        return Values(0.25, "all values are countries" if column.countries == 1 else "most values are countries")
    return Values(-0.1, "some values are countries", doubtful=True) if column.countries >= 0.5 else None


def _currency(column: Column) -> Values | None:
    return Values(0.25, "all values are currencies") if column.currencies == 1 else None


def _unit(column: Column) -> Values | None:
    known, codes = values_of("unit"), units()
    if column.units == 1:
        return Values(0.25, "all values are units")
    if all(each.casefold() in known or each.upper() in codes for each in column.distinct):
        return Values(0.2, "all values are names of units")
    return None if column.numbers or len(column.distinct) > MANY_CODES or column.longest > 12 else Values(-0.1)


def _gln(column: Column) -> Values | None:
    return None if column.decimals > 0.2 or column.emails or column.longest > 20 else Values()


_LISTS: dict[str, Callable[[Column], Values | None]] = {
    "gtin": _gtin,
    "sscc": _sscc,
    "country": _country,
    "currency": _currency,
    "unit": _unit,
    "gln": _gln,
}
"""By the list or check digit of a field, what the values of a column say."""


def _date(column: Column, field: Field) -> Values | None:
    read, bad = column.dates, ""
    if read is None:
        read, bad = column.mostly_dates
        if read is not None and not (read.times and field.kind is Kind.DATE):
            return Values(-0.1, f"{bad!r} is no date like the others", doubtful=True)
    if read is None or (read.times and field.kind is Kind.DATE):
        return None
    if read.proved is None:
        *_, last = list(read.readings)
        first = next(iter(read.readings))
        return Values(0.1, f"dates, but {column.distinct[0]!r} fits {first} and {last}")
    return Values(0.2, f"every value is a date by {read.proved}" if read.proved else "every value is an ISO date")


def _number(column: Column, field: Field) -> Values | None:
    numbers, bad = column.numbers, ""
    if numbers is None:
        numbers, bad = column.mostly_numbers
    if numbers is None or _is_day(column):
        return None
    values = numbers.values
    if field.kind is Kind.WHOLE and any(each != int(each) for each in values):
        return None
    texts = next(iter(numbers.readings.values()))
    if max(len(each.partition(".")[2]) for each in texts) > (4 if field.kind is Kind.MONEY else 6):
        return None
    signed = field.above is None and field.least is None
    below = sum(each < 0 for each in values)
    if (below > len(values) / 2 and not signed) or max(values) >= 1e12:
        return None
    if bad:
        return Values(-0.1, f"{bad!r} is no number", doubtful=len(texts) < MOSTLY * len(column.distinct))
    return Values(0.15 - (0.1 if below and not signed else 0), "every value is a number")


def _is_day(column: Column) -> bool:
    """Whether numbers of eight digits or more are days that are written without marks."""
    return column.dates is not None and column.longest > 7 and all(each.isdigit() for each in column.distinct)


def _enum(column: Column, field: Field) -> Values | None:
    known = {each.casefold() for each in (*field.values, *(theirs for theirs, _ in field.synonyms))}
    mapped = meant_by(field)
    if all(each.casefold() in known for each in column.distinct):
        return Values(0.2, "all values are those of the field")
    if all(each.casefold() in known or each.casefold() in mapped for each in column.distinct):
        return Values(0.15, "all values are known spellings")
    return None


def _text(column: Column, field: Field) -> Values | None:
    part = field.name.rpartition(".")[2]
    if field.most is not None and column.longest > field.most:
        return None
    if part.casefold().endswith("email"):
        return Values(0.2, "mail addresses") if column.emails >= 0.5 else None
    if column.emails >= MOSTLY and field.kind is not Kind.TEXT:
        return None
    if column.emails >= MOSTLY and "." in field.name:
        return None
    if part.startswith(("phone", "fax")):
        return Values(0.1, "phone numbers") if column.phones >= 0.8 else None
    if part == "city" and column.digits >= MOSTLY:
        return Values(why="all have digits", doubtful=True)
    if part in ("name", "city", "attentionTo", "vendorName", "customerName"):
        return Values(0.05, "words") if column.letters >= MOSTLY else None
    if part == "postalCode":
        return Values(0.1, "postal codes") if column.longest <= 12 and not column.decimals else None
    if part == "address1":
        return Values(0.05) if column.letters >= 0.8 else None
    if part == "state":
        return Values(0.05) if column.longest <= 30 and not column.numbers else None
    return _identifier(column, field)


def _identifier(column: Column, field: Field) -> Values | None:
    if field.kind is Kind.ID and (column.decimals > 0.3 or (column.dates is not None and column.numbers is None)):
        return None
    if field.kind is Kind.ID and column.words > 0.5 and field.role is not Role.ITEM:
        return None
    if field.kind is Kind.CODE and (column.decimals > 0.3 or len(column.distinct) > MANY_CODES):
        return None
    return Values()
