"""What columns without headings are, by their values: what a name says elsewhere, the repetition of values says here.

Only what one column alone can be is said: the number that repeats with the other columns, the number that counts the
lines of each document, the only column of whole numbers that is no code, the only code that is on many lines, and what
lists and check digits know.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from crossdock.learn.columns import MOSTLY, Column
from crossdock.learn.grouping import Groups, Repetition
from crossdock.learn.names import SYNONYM, WEIGHT_OF_SIMILAR, NameEvidence
from crossdock.schema.codes import units
from crossdock.schema.document import Document, Kind
from crossdock.schema.roles import Role

LEAST_EVIDENCE = 0.4
"""The least evidence of repetition for the number of a document."""
DAYS = (Kind.DATE, Kind.TIMESTAMP)
DAY_OF_DIGITS = 8
"""How many digits a day has that is written without marks."""
LONGEST_NAME = 40
"""The most characters of the name of a person or a firm, as it is told from a text."""
CLEARER = 0.05
"""How much more of it one column must have than another, if it is the one."""


def names_by_values(
    document: Document,
    repetition: Repetition,
    unnamed: Collection[str],
    objects: Groups | None = None,
    *,
    by_places: bool = False,
) -> dict[str, dict[str, NameEvidence]]:
    """For columns without headings the fields that their values name: heading → qualified name → evidence.

    ``objects``: the rows by document, if the file nests lines. ``by_places``: columns were parted by blanks, so one may
    be two.
    """
    columns = {
        name: column
        for name, column in repetition.columns.items()
        if name in unnamed and column.distinct and not (by_places and _may_be_two(column))
    }
    named: dict[str, dict[str, NameEvidence]] = {name: {} for name in unnamed}

    def name(column: Column | None, field: str, why: str, weight: float = SYNONYM) -> None:
        if column is not None and field in document.fields:
            named[column.heading][field] = NameEvidence(weight, why)
            del columns[column.heading]

    if document.lines is None:
        return named
    number = _number_above(columns.values(), objects) if objects else _number(repetition, columns.values())
    groups = objects or (repetition.groups(number) if number is not None else None)
    if number is None or groups is None:
        return named
    why = "no other column has one code for each document" if objects else "no other column repeats as its number does"
    name(number, document.number, why)
    listed = _listed(document, columns.values())
    for field, each, why in listed:
        name(each, field, why)
    dated = [each for each in columns.values() if _is_date(each) and not groups.varies(each)]
    day = next(
        (own for own, (level, field) in document.fields.items() if level is document.header and field.kind in DAYS), ""
    )
    name(_only(dated), day, "it is the only column of dates", WEIGHT_OF_SIMILAR)
    inside = [each for each in columns.values() if each.filled == 1 and groups.varies(each)]
    name(
        _only(each for each in inside if counts_lines(each, groups)),
        document.numbering,
        "no other column counts the lines of a document",
    )
    inside = [each for each in inside if each.heading in columns]
    amounts = [each for each in inside if _is_amount(each)]
    quantity, item = _of_role(document, Role.QUANTITY), _of_role(document, Role.ITEM)
    before_unit = _before(repetition.columns, [each for field, each, _ in listed if field != "currency"])
    if len(amounts) == 1:
        name(amounts[0], quantity, "no other column has numbers that are no codes")
    elif not amounts and before_unit in inside and before_unit.numbers is not None and not _is_date(before_unit):
        amounts = [before_unit]
        name(before_unit, quantity, "it is the number in front of the unit")
    name(_only(each for each in inside if each not in amounts and _is_item(each)), item, "no other code is on lines")
    return named


def name_beside_address(
    document: Document, columns: Iterable[Column], fields: Collection[str], groups: Groups | None
) -> tuple[Column, str] | None:
    """The column of names of people or firms beside an address without a name, and the field; None if none is.

    ``columns``: that nobody reads; ``fields``: that have a column; ``groups``: the rows by document.
    """
    field = next((name for name in document.fields if name.endswith(".name")), "")
    address = field.rpartition(".")[0]
    if not field or field in fields or not {f"{address}.address1", f"{address}.city"} & set(fields):
        return None
    names = [each for each in columns if _is_name(each) and not (groups and groups.repeat and groups.varies(each))]
    column = _only(names)
    return (column, field) if column is not None else None


def _is_name(column: Column) -> bool:
    """Whether nearly all values are a few words that begin with a capital, without digits."""
    titled = [
        re.fullmatch(r"(?=[^\d_,;:]*$)\w\S*( \S+)+", each) is not None and _titled(each) for each in column.distinct
    ]
    return len(titled) > 1 and sum(titled) >= MOSTLY * len(titled) and column.longest <= LONGEST_NAME


def _titled(name: str) -> bool:
    """Whether the first and the last word begin with a capital, and not all is in capitals.

    >>> _titled("Ludwig van Beethoven"), _titled("BLUE PEN"), _titled("blue Pen")
    (True, False, False)
    """
    words = name.split()
    return words[0][0].isupper() and words[-1][0].isupper() and not name.isupper()


def _only(columns: Iterable[Column]) -> Column | None:
    listed = list(columns)
    return listed[0] if len(listed) == 1 else None


def _before(columns: Mapping[str, Column], units_only: Sequence[Column]) -> Column | None:
    """The column in front of the only one that is the unit; None if there is none."""
    headings = list(columns)
    at = headings.index(units_only[0].heading) if len(units_only) == 1 else 0
    return columns[headings[at - 1]] if at else None


def _of_role(document: Document, role: Role) -> str:
    """The field of a role on the lines; '' if there is none."""
    return next(
        (name for name, (level, field) in document.fields.items() if level is document.lines and field.role is role), ""
    )


def _number(repetition: Repetition, columns: Collection[Column]) -> Column | None:
    """The column that repeats with the others as only a document's number does; None if two may be it."""
    ranked = sorted(columns, key=repetition.evidence, reverse=True)
    ranked = [each for each in ranked if not _is_date(each)]
    if not ranked or repetition.evidence(ranked[0]) < LEAST_EVIDENCE:
        return None
    best = repetition.evidence(ranked[0])
    rivals = [each for each in ranked if repetition.evidence(each) > best - CLEARER and len(each.distinct) > 1]
    return _only(rivals)


def _number_above(columns: Collection[Column], objects: Groups) -> Column | None:
    """The only column that has one code for each document that is nested, and never the same; None if two have."""
    return _only(
        each
        for each in columns
        if len(each.distinct) == objects.count == sum(one is not None for one in each.values)
        and each.digits == 1
        and not each.words
        and not _is_date(each)
    )


def _may_be_two(column: Column) -> bool:
    """Whether all values look like two without a blank between them: digits and letters, a unit and digits, a day."""
    known = units()

    def fits(value: str) -> bool:
        letters = re.match(r"([A-Z]{2,3})\d", value)
        joined = re.match(r"\d+[^\W\d]|.*\S\d\d[./-]\d\d[./-]\d{4}|\d{2}[./-]\d\d[./-]\d{4}\S", value)
        return bool(joined) or (letters is not None and letters[1] in known)

    return all(map(fits, column.distinct))


def _is_date(column: Column) -> bool:
    return column.dates is not None and (column.numbers is None or column.longest == DAY_OF_DIGITS)


def _listed(document: Document, columns: Collection[Column]) -> list[tuple[str, Column, str]]:
    """The fields whose values a list knows, each with the only column whose values are all in it."""
    measure = _of_role(document, Role.MEASURE)
    known = units()
    lists: tuple[tuple[str, Callable[[Column], bool], str], ...] = (
        (measure, lambda each: all(one.upper() in known for one in each.distinct), "no other column has units"),
        ("currency", lambda each: each.currencies == 1, "no other column has currencies"),
    )
    listed = []
    for field, fits, why in lists:
        column = _only(each for each in columns if fits(each) and each.letters == 1)
        if column is not None:
            listed.append((field, column, why))
    return listed


def counts_lines(column: Column, groups: Groups) -> bool:
    """Whether a column numbers the lines: small whole numbers, ascending inside of each document from its first."""
    numbers = column.numbers
    if numbers is None or not all(each.isdigit() for each in column.distinct) or not groups.numbers_lines(column):
        return False
    values = [int(each or 0) for each in column.values]
    begins: dict[int, int] = {}
    last: dict[int, int] = {}
    for group, value in zip(groups.numbers.tolist(), values, strict=True):
        if value <= last.get(group, -1):
            return False
        begins.setdefault(group, value)
        last[group] = value
    return len(set(begins.values())) == 1 and next(iter(begins.values())) in (0, 1, 10)


def _is_amount(column: Column) -> bool:
    """Whether numbers are no codes: none has zeros in front, and they are not all of one length above four digits."""
    if column.numbers is None or (column.dates is not None and column.longest > 7):
        return False
    if any(each.startswith("0") and each[1:2].isdigit() for each in column.distinct):
        return False
    return column.longest <= 4 or len({len(each) for each in column.distinct}) > 1


def _is_item(column: Column) -> bool:
    """Whether a column may be the item: codes with digits, no words, no dates, no amounts."""
    if column.dates is not None and column.numbers is None:
        return False
    return column.digits == 1 and column.words == 0 and not column.decimals and not column.gtins
