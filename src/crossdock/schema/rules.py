"""Rules that look at more than one cell: plain functions, rows → failures.

They are no pandera checks: those report a failing row once per column and blame right columns too. Each rule takes the
rows of a batch by level title (typed columns under qualified names; row i of ``header`` is document i) and returns what
is wrong and where. A column that a drop lacks is missing from its rows. The first line of a rule's docstring is shown
to users.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crossdock.failures.failures import Failures
from crossdock.failures.sentences import plain_number
from crossdock.schema import codes

if TYPE_CHECKING:
    from crossdock.frames.rows import LevelRows

AHEAD = timedelta(days=7)
"""How far ahead the day of what has happened may be."""

Levels = Mapping[str, "LevelRows"]
Rule = Callable[[Levels, "Context"], Failures]


@dataclass(frozen=True)
class Context:
    """What a rule may use besides the rows.

    ``failures`` makes failures with the severity of the feed (``Feed.failures``). ``known_customer``: bool per
    document, whether its customer is in a loaded list. ``units``: the decimals of every known unit. ``items``: bool per
    line, ``known``, ``lot``, ``serial`` of its SKU, queried when it is needed. ``optional``: fields that the feed may
    leave out.
    """

    today: date
    failures: Callable[..., Failures]
    units: Mapping[str, int] = field(default_factory=dict)
    items: Callable[[], dict[str, np.ndarray]] = dict
    optional: frozenset[str] = field(default_factory=frozenset)
    known_customer: np.ndarray | None = None


def true(values: pa.Array) -> np.ndarray:
    """Where a column is true, bool; a null is not."""
    return np.asarray(pc.fill_null(values, False))


def ship_to_complete(levels: Levels, context: Context) -> Failures:
    """shipTo.name, shipTo.address1, shipTo.city and shipTo.country, or shipTo.locationId, or a known customer."""
    header = levels["header"]
    needed = ~header.has("shipTo.locationId")
    if context.known_customer is not None:
        needed &= ~context.known_customer
    failures = [
        context.failures(header.lines[needed & ~header.has(name)], name, "missing")
        for name in ("shipTo.name", "shipTo.address1", "shipTo.city", "shipTo.country")
        if name not in context.optional
    ]
    return Failures.merge(*failures)


def currency_given(*names: str) -> Rule:
    """A document with a value in one of the money fields ``names``, at any level, has a currency (contract A2)."""

    def rule(levels: Levels, context: Context) -> Failures:
        header = levels["header"]
        money_field = np.full(len(header), "", dtype=object)
        for name in reversed(names):
            for rows in levels.values():
                money_field[rows.document[rows.has(name)]] = name
        lacking = (money_field != "") & ~header.has("currency")
        details = ({"other_column": name} for name in money_field[lacking])
        return context.failures(header.lines[lacking], "currency", "no_currency", details)

    rule.__doc__ = f"currency is there where one of {', '.join(names)} is"
    return rule


def in_order(first: str, last: str) -> Rule:
    """The header's date ``last`` is not before ``first``."""
    return _pair("header", last, first, pc.less, "dates_out_of_order", f"{last} is not before {first}")


def _pair(
    level: str, name: str, other: str, wrong: Callable[[pa.Array, pa.Array], pa.Array], code: str, doc: str
) -> Rule:
    """A rule on two values of a row, where it has both: ``wrong`` says of which rows it doesn't hold."""

    def rule(levels: Levels, context: Context) -> Failures:
        rows = levels[level]
        both = rows.has(name) & rows.has(other)
        if not both.any():
            return Failures.none()
        bad = both & true(wrong(rows.cells[name], rows.cells[other]))
        shown = (plain_number(each) if isinstance(each, Decimal) else str(each) for each in rows.values(other)[bad])
        details = ({"other_column": other, "other": each} for each in shown)
        return context.failures(rows.lines[bad], name, code, details)

    rule.__doc__ = doc
    return rule


def not_past(*names: str) -> Rule:
    """Warn of dates that make no sense once they are past."""

    def rule(levels: Levels, context: Context) -> Failures:
        header = levels["header"]
        failures = []
        for name in names:
            if header.has(name).any():
                days = header.cells[name]
                past = true(pc.less(days, pa.scalar(context.today, days.type)))
                failures.append(context.failures(header.lines[past], name, "past_date"))
        return Failures.merge(*failures)

    rule.__doc__ = f"{', '.join(names)}: a warning where it is past"
    return rule


def not_ahead(*names: str) -> Rule:
    """Warn of times of what has happened that are more than a week to come: a file of Friday may bear Monday's day.

    Days and months that are turned round, and wrong years, show themselves so.
    """

    def rule(levels: Levels, context: Context) -> Failures:
        header = levels["header"]
        latest = context.today + AHEAD
        failures = []
        for name in names:
            if header.has(name).any():
                days = header.cells[name].cast(pa.date32(), safe=False)
                ahead = true(pc.greater(days, pa.scalar(latest, days.type)))
                failures.append(context.failures(header.lines[ahead], name, "still_to_come"))
        return Failures.merge(*failures)

    rule.__doc__ = f"{', '.join(names)}: a warning where it is more than a week to come"
    return rule


def quantities(name: str, unit: str, level: str = "line") -> Rule:
    """A quantity is whole if its unit, or that of its line, can't be broken; an unknown unit allows fractions."""

    def rule(levels: Levels, context: Context) -> Failures:
        rows = levels[level]
        if not rows.has(name).any():
            return Failures.none()
        exact = rows.cells[name]
        fractions = np.flatnonzero(true(pc.not_equal(pc.floor(exact), exact)))
        if unit in rows.cells:
            units = rows.values(unit)[fractions]
        elif unit in levels.get("line", rows).cells:
            units = levels["line"].values(unit)[rows.parent[fractions]]
        else:
            return Failures.none()
        unbroken = [code for code, decimals in context.units.items() if decimals == 0]
        broken = np.isin(units, unbroken)
        details = ({"unit": code} for code in units[broken])
        return context.failures(rows.lines[fractions[broken]], name, "broken_unit", details)

    rule.__doc__ = f"{name} is whole where {unit} can't be broken"
    return rule


def line_amounts(levels: Levels, context: Context) -> Failures:
    """A line's amount is quantity times price, to half the smallest unit of the currency."""
    line = levels["line"]
    rows = np.flatnonzero(line.has("quantity") & line.has("unitPrice") & line.has("amount"))
    if not len(rows):
        return Failures.none()
    currency = levels["header"].values("currency")[line.document[rows]]
    priced = [line.cells[name].take(pa.array(rows)) for name in ("quantity", "unitPrice", "amount")]
    quantity, price, amount = (column.cast(pa.float64()).to_numpy() for column in priced)
    # floats show which rows are surely right; the others are computed exactly
    doubtful = np.flatnonzero((np.abs(quantity * price - amount) > 1e-5) | (np.abs(amount) > 1e9))
    wrong, details = [], []
    decimals = codes.currencies()
    exact_values = zip(*(column.take(pa.array(doubtful)).to_pylist() for column in priced), strict=True)
    for row, exact_row, of_currency in zip(rows[doubtful], exact_values, currency[doubtful], strict=True):
        exact = exact_row[0] * exact_row[1]
        if abs(exact - exact_row[2]) > Decimal(5).scaleb(-decimals.get(of_currency, 2) - 1):
            wrong.append(line.lines[row])
            details.append({"other": plain_number(exact)})
    return context.failures(wrong, "amount", "amount_differs", details)


def line_count(levels: Levels, context: Context) -> Failures:
    """header.lineCount (X12 CTT01) is the number of lines: the only guard against a file cut at a line end."""
    header = levels["header"]
    has_count = header.has("lineCount")
    if not has_count.any():
        return Failures.none()
    counted = levels["line"].count_per_document()
    stated = np.asarray(pc.fill_null(header.cells["lineCount"], 0))
    wrong = has_count & (stated != counted)
    details = ({"other": int(number)} for number in counted[wrong])
    return context.failures(header.lines[wrong], "lineCount", "line_count_differs", details)


def total_quantity(name: str, counted: str = "quantity", unit: str = "") -> Rule:
    """The header's sum of quantities is that of the lines (X12 CTT02); with ``unit`` only if all lines share one."""

    def rule(levels: Levels, context: Context) -> Failures:
        header, line = levels["header"], levels["line"]
        has_total = header.has(name)
        if not has_total.any() or counted not in line.cells:
            return Failures.none()
        summed = pa.table({"document": line.document, "quantity": line.cells[counted]})
        sums = summed.group_by("document").aggregate([("quantity", "sum")]).to_pydict()
        total = dict(zip(sums["document"], sums["quantity_sum"], strict=True))
        mixed = _of_several_units(line, unit) if unit and unit in line.cells else set()
        wrong, details = [], []
        stated = header.values(name)
        for place in np.flatnonzero(has_total).tolist():
            exact = total.get(place) or Decimal(0)
            if place not in mixed and stated[place] != exact:
                wrong.append(header.lines[place])
                details.append({"other": plain_number(exact)})
        return context.failures(wrong, name, "total_quantity_differs", details)

    rule.__doc__ = f"{name} is the sum of the lines' {counted}" + (", where they share a unit" if unit else "")
    return rule


def _of_several_units(line: LevelRows, unit: str) -> set[int]:
    """The documents whose lines have more than one unit."""
    units = pa.table({"document": line.document, "unit": line.cells[unit]})
    counted = units.group_by("document").aggregate([("unit", "count_distinct", pc.CountOptions("only_valid"))])
    pairs = zip(counted["document"].to_pylist(), counted["unit_count_distinct"].to_pylist(), strict=True)
    return {document for document, several in pairs if several > 1}


def needs(name: str, other: str, level: str = "header") -> Rule:
    """If ``name`` has a value, ``other`` must have one."""

    def rule(levels: Levels, context: Context) -> Failures:
        rows = levels[level]
        lacking = rows.has(name) & ~rows.has(other)
        return context.failures(rows.lines[lacking], other, "needed_with", {"other_column": name})

    rule.__doc__ = f"{other} is there where {name} is"
    return rule


def at_most(name: str, other: str, level: str = "line") -> Rule:
    """One number is not more than the other of its row."""
    return _pair(level, name, other, pc.greater, "more_than", f"{name} is not more than {other}")


def approved_by(levels: Levels, context: Context) -> Failures:
    """SOAPPRVINIT is there where SOAPPROVAL is 1."""
    header = levels["header"]
    if "SOAPPROVAL" not in header.cells:
        return Failures.none()
    lacking = true(header.cells["SOAPPROVAL"]) & ~header.has("SOAPPRVINIT")
    return context.failures(header.lines[lacking], "SOAPPRVINIT", "not_approved_by")


def one_of(level: str, *names: str) -> Rule:
    """One of the fields has a value."""

    def rule(levels: Levels, context: Context) -> Failures:
        rows = levels[level]
        lacking = ~np.logical_or.reduce([rows.has(name) for name in names])
        others = {"others": " or ".join(names[1:])}
        return context.failures(rows.lines[lacking], names[0], "needs_one", [others] * int(lacking.sum()))

    rule.__doc__ = f"{' or '.join(names)} is there"
    return rule


def less_than(name: str, other: str) -> Rule:
    """A number of a line is less than another of it."""
    return _pair("line", name, other, pc.greater_equal, "not_less", f"{name} is less than {other}")


def expected_with(name: str, other: str, level: str) -> Rule:
    """A warning if ``name`` has a value and ``other`` has none."""

    def rule(levels: Levels, context: Context) -> Failures:
        rows = levels[level]
        lacking = rows.has(name) & ~rows.has(other)
        return context.failures(rows.lines[lacking], other, "expected_with", {"other_column": name})

    rule.__doc__ = f"{other}: a warning where {name} is given without it"
    return rule


def percents(name: str) -> Rule:
    """Warn of percents below 1, which may be parts of 1: 0.125 is how a spreadsheet keeps 12.5 %."""

    def rule(levels: Levels, context: Context) -> Failures:
        header = levels["header"]
        if not header.has(name).any():
            return Failures.none()
        values = header.cells[name]
        small = true(pc.and_kleene(pc.greater(values, 0), pc.less(values, 1)))
        details = ({"other": plain_number(each * 100)} for each in header.values(name)[small])
        return context.failures(header.lines[small], name, "percent_in_doubt", details)

    rule.__doc__ = f"{name}: a warning where it is less than 1 and more than 0"
    return rule
