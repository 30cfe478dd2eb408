"""Rules that look at more than one cell: plain functions, frames → failures.

They are no pandera checks: those report a failing row once per column and blame right columns too. Each rule takes the
typed frames of a batch by level title (qualified column names, index = line; row i of ``header`` is document i) and
returns what is wrong and where. A column that a drop lacks is missing from its frame. The first line of a rule's
docstring is shown to users.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crossdock.failures.failures import Failures
from crossdock.failures.sentences import plain_number
from crossdock.schema import codes

Frames = dict[str, pd.DataFrame]
Rule = Callable[[Frames, "Context"], Failures]


@dataclass(frozen=True)
class Context:
    """What a rule may use besides the rows.

    ``document``: by level title, the number of the document of each row, int64; ``parent``: the place of its row in the
    level above, int64. ``failures`` makes failures with the severity of the feed (``Feed.failures``).
    ``known_customer``: bool per document, whether its customer is in a loaded list. ``units``: the decimals of every
    known unit. ``items``: one row per line with ``known``, ``lot``, ``serial`` of its SKU, queried when it is needed.
    ``optional``: fields that the feed may leave out.
    """

    today: date
    failures: Callable[..., Failures]
    document: dict[str, np.ndarray]
    parent: dict[str, np.ndarray] = field(default_factory=dict)
    units: Mapping[str, int] = field(default_factory=dict)
    items: Callable[[], pd.DataFrame] = pd.DataFrame
    optional: frozenset[str] = field(default_factory=frozenset)
    known_customer: np.ndarray | None = None


def has(frame: pd.DataFrame, name: str) -> np.ndarray:
    """Which rows have a value in a column, bool; none if the frame has no such column."""
    if name not in frame:
        return np.zeros(len(frame), dtype=bool)
    return frame[name].notna().to_numpy(dtype=bool)


def ship_to_complete(frames: Frames, context: Context) -> Failures:
    """shipTo.name, shipTo.address1, shipTo.city and shipTo.country, or shipTo.locationId, or a known customer."""
    header = frames["header"]
    needed = ~has(header, "shipTo.locationId")
    if context.known_customer is not None:
        needed &= ~context.known_customer
    failures = [
        context.failures(header.index[needed & ~has(header, name)], name, "missing")
        for name in ("shipTo.name", "shipTo.address1", "shipTo.city", "shipTo.country")
        if name not in context.optional
    ]
    return Failures.merge(*failures)


def currency_given(*names: str) -> Rule:
    """A document with a value in one of the money fields ``names``, at any level, has a currency (contract A2)."""

    def rule(frames: Frames, context: Context) -> Failures:
        header = frames["header"]
        money_field = np.full(len(header), "", dtype=object)
        for name in reversed(names):
            for title, rows in frames.items():
                money_field[context.document[title][has(rows, name)]] = name
        lacking = (money_field != "") & ~has(header, "currency")
        details = ({"other_column": name} for name in money_field[lacking])
        return context.failures(header.index[lacking], "currency", "no_currency", details)

    rule.__doc__ = f"currency is there where one of {', '.join(names)} is"
    return rule


def in_order(first: str, last: str) -> Rule:
    """The header's date ``last`` is not before ``first``."""
    return _pair("header", last, first, operator.lt, "dates_out_of_order", f"{last} is not before {first}")


def _pair(
    level: str, name: str, other: str, wrong: Callable[[pd.Series, pd.Series], pd.Series], code: str, doc: str
) -> Rule:
    """A rule on two values of a row, where it has both: ``wrong`` says of which rows it doesn't hold."""

    def rule(frames: Frames, context: Context) -> Failures:
        rows = frames[level]
        both = has(rows, name) & has(rows, other)
        if not both.any():
            return Failures.none()
        pairs = rows.loc[both, [name, other]]
        bad = pairs[wrong(pairs[name], pairs[other]).to_numpy(dtype=bool)]
        shown = (plain_number(each) if isinstance(each, Decimal) else str(each) for each in bad[other])
        details = ({"other_column": other, "other": each} for each in shown)
        return context.failures(bad.index, name, code, details)

    rule.__doc__ = doc
    return rule


def not_past(*names: str) -> Rule:
    """Warn of dates that make no sense once they are past."""

    def rule(frames: Frames, context: Context) -> Failures:
        header = frames["header"]
        failures = []
        for name in names:
            dated = header.index[has(header, name)]
            past = header.loc[dated, name] < context.today if len(dated) else np.zeros(0, dtype=bool)
            failures.append(context.failures(dated[np.asarray(past, dtype=bool)], name, "past_date"))
        return Failures.merge(*failures)

    rule.__doc__ = f"{', '.join(names)}: a warning where it is past"
    return rule


def quantities(name: str, unit: str, level: str = "line") -> Rule:
    """A quantity is whole if its unit, or that of its line, can't be broken; an unknown unit allows fractions."""

    def rule(frames: Frames, context: Context) -> Failures:
        rows = frames[level]
        stated = has(rows, name)
        if not stated.any():
            return Failures.none()
        above = context.parent.get(level)
        if unit in rows:
            units = rows[unit].to_numpy(dtype=object, na_value=None)
        elif above is not None and unit in frames.get("line", rows):
            units = frames["line"][unit].to_numpy(dtype=object, na_value=None)[above]
        else:
            return Failures.none()
        exact = pa.chunked_array(rows[name].array.__arrow_array__())
        fraction = pc.fill_null(pc.not_equal(pc.floor(exact), exact), fill_value=False).to_numpy()
        unbroken = [code for code, decimals in context.units.items() if decimals == 0]
        wrong = fraction & np.isin(units, unbroken)
        return context.failures(rows.index[wrong], name, "broken_unit", ({"unit": code} for code in units[wrong]))

    rule.__doc__ = f"{name} is whole where {unit} can't be broken"
    return rule


def line_amounts(frames: Frames, context: Context) -> Failures:
    """A line's amount is quantity times price, to half the smallest unit of the currency."""
    line = frames["line"]
    rows = has(line, "quantity") & has(line, "unitPrice") & has(line, "amount")
    if not rows.any():
        return Failures.none()
    priced = line.loc[rows, ["quantity", "unitPrice", "amount"]]
    header = frames["header"]
    of_document = header["currency"].to_numpy(dtype=object) if "currency" in header else np.full(len(header), None)
    currency = of_document[context.document["line"][rows]]
    quantity, price, amount = (priced[name].astype("float64").to_numpy() for name in priced)
    # floats show which rows are surely right; the others are computed exactly
    doubtful = np.flatnonzero((np.abs(quantity * price - amount) > 1e-5) | (np.abs(amount) > 1e9))
    wrong, details = [], []
    decimals = codes.currencies()
    doubtful_rows = priced.take(doubtful)
    for (line, *row), of_currency in zip(doubtful_rows.itertuples(name=None), currency[doubtful], strict=True):
        exact = row[0] * row[1]
        if abs(exact - row[2]) > Decimal(5).scaleb(-decimals.get(of_currency, 2) - 1):
            wrong.append(line)
            details.append({"other": plain_number(exact)})
    return context.failures(wrong, "amount", "amount_differs", details)


def line_count(frames: Frames, context: Context) -> Failures:
    """header.lineCount (X12 CTT01) is the number of lines: the only guard against a file cut at a line end."""
    header = frames["header"]
    has_count = has(header, "lineCount")
    if not has_count.any():
        return Failures.none()
    counted = np.bincount(context.document["line"], minlength=len(header))
    stated = header["lineCount"].fillna(0).to_numpy(dtype=np.int64)
    wrong = has_count & (stated != counted)
    details = ({"other": int(number)} for number in counted[wrong])
    return context.failures(header.index[wrong], "lineCount", "line_count_differs", details)


def total_quantity(name: str, counted: str = "quantity", unit: str = "") -> Rule:
    """The header's sum of quantities is that of the lines (X12 CTT02); with ``unit`` only if all lines share one."""

    def rule(frames: Frames, context: Context) -> Failures:
        header, line = frames["header"], frames["line"]
        has_total = has(header, name)
        if not has_total.any() or counted not in line:
            return Failures.none()
        owner = context.document["line"]
        quantity = pa.chunked_array(line[counted].array.__arrow_array__())
        summed = pa.table({"document": owner, "quantity": quantity})
        sums = summed.group_by("document").aggregate([("quantity", "sum")]).to_pydict()
        total = dict(zip(sums["document"], sums["quantity_sum"], strict=True))
        mixed: set[int] = set()
        if unit and unit in line:
            several = pd.Series(line[unit].to_numpy(dtype=object)).groupby(owner).nunique()
            mixed = set(several[several > 1].index.tolist())
        wrong, details = [], []
        stated = header[name].to_numpy(dtype=object)
        for place in np.flatnonzero(has_total).tolist():
            exact = total.get(place) or Decimal(0)
            if place not in mixed and stated[place] != exact:
                wrong.append(header.index[place])
                details.append({"other": plain_number(exact)})
        return context.failures(wrong, name, "total_quantity_differs", details)

    rule.__doc__ = f"{name} is the sum of the lines' {counted}" + (", where they share a unit" if unit else "")
    return rule


def needs(name: str, other: str, level: str = "header") -> Rule:
    """If ``name`` has a value, ``other`` must have one."""

    def rule(frames: Frames, context: Context) -> Failures:
        rows = frames[level]
        lacking = has(rows, name) & ~has(rows, other)
        return context.failures(rows.index[lacking], other, "needed_with", {"other_column": name})

    rule.__doc__ = f"{other} is there where {name} is"
    return rule


def at_most(name: str, other: str, level: str = "line") -> Rule:
    """One number is not more than the other of its row."""
    return _pair(level, name, other, operator.gt, "more_than", f"{name} is not more than {other}")


def approved_by(frames: Frames, context: Context) -> Failures:
    """SOAPPRVINIT is there where SOAPPROVAL is 1."""
    header = frames["header"]
    approved = header["SOAPPROVAL"].fillna(value=False).to_numpy(dtype=bool) if "SOAPPROVAL" in header else None
    if approved is None:
        return Failures.none()
    lacking = approved & ~has(header, "SOAPPRVINIT")
    return context.failures(header.index[lacking], "SOAPPRVINIT", "not_approved_by")


def one_of(level: str, *names: str) -> Rule:
    """One of the fields has a value."""

    def rule(frames: Frames, context: Context) -> Failures:
        rows = frames[level]
        lacking = ~np.logical_or.reduce([has(rows, name) for name in names])
        others = {"others": " or ".join(names[1:])}
        return context.failures(rows.index[lacking], names[0], "needs_one", [others] * int(lacking.sum()))

    rule.__doc__ = f"{' or '.join(names)} is there"
    return rule


def less_than(name: str, other: str) -> Rule:
    """A number of a line is less than another of it."""
    return _pair("line", name, other, operator.ge, "not_less", f"{name} is less than {other}")


def expected_with(name: str, other: str, level: str) -> Rule:
    """A warning if ``name`` has a value and ``other`` has none."""

    def rule(frames: Frames, context: Context) -> Failures:
        rows = frames[level]
        lacking = has(rows, name) & ~has(rows, other)
        return context.failures(rows.index[lacking], other, "expected_with", {"other_column": name})

    rule.__doc__ = f"{other}: a warning where {name} is given without it"
    return rule
