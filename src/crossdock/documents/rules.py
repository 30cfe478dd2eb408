"""Rules that look at more than one cell: plain functions, frames → failures.

They are no pandera checks: those report a failing row once a column and blame innocent ones. Each rule takes the
typed frames of a batch by level title (qualified column names, index = line; row i of ``header`` is document i) and
says what is wrong where. A column that a drop lacks is missing from its frame.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crossdock.documents import codes
from crossdock.failures import EMPTY, failures, together

Frames = dict[str, pd.DataFrame]
Rule = Callable[[Frames, "Context"], pd.DataFrame]


@dataclass(frozen=True)
class Context:
    """What a rule may know besides the rows.

    ``document`` holds, by level title, the number of the document of each row. ``known_customer`` says for each
    document whether its customer is in a loaded list.
    """

    today: date
    document: dict[str, np.ndarray]
    optional: frozenset[str] = field(default_factory=frozenset)
    known_customer: np.ndarray | None = None


def _given(frame: pd.DataFrame, name: str) -> np.ndarray:
    """Where the column has a value; nowhere, if it isn't there."""
    if name not in frame:
        return np.zeros(len(frame), dtype=bool)
    return frame[name].notna().to_numpy(dtype=bool)


def ship_to_complete(frames: Frames, context: Context) -> pd.DataFrame:
    """shipTo.name, shipTo.address1, shipTo.city and shipTo.country, or shipTo.locationId, or a known customer."""
    header = frames["header"]
    needed = ~_given(header, "shipTo.locationId")
    if context.known_customer is not None:
        needed &= ~context.known_customer
    found = [
        failures(header.index[needed & ~_given(header, name)], name, "missing")
        for name in ("shipTo.name", "shipTo.address1", "shipTo.city", "shipTo.country")
        if name not in context.optional
    ]
    return together(*found)


def currency_given(of_header: str, *of_line: str) -> Rule:
    """A document with an amount has a currency."""

    def rule(frames: Frames, context: Context) -> pd.DataFrame:
        header, line = frames["header"], frames["line"]
        because = np.full(len(header), "", dtype=object)
        for name in of_line:
            because[context.document["line"][_given(line, name)]] = name
        because[_given(header, of_header)] = of_header
        lacking = (because != "") & ~_given(header, "currency")
        details = ({"other_column": name} for name in because[lacking])
        return failures(header.index[lacking], "currency", "no_currency", details)

    rule.__doc__ = f"currency is there where one of {', '.join((of_header, *of_line))} is"
    return rule


def in_order(first: str, last: str) -> Rule:
    """The header's date ``last`` is not before ``first``."""

    def rule(frames: Frames, context: Context) -> pd.DataFrame:
        header = frames["header"]
        both = _given(header, first) & _given(header, last)
        if not both.any():
            return EMPTY
        pairs = header.loc[both, [first, last]]
        wrong = pairs[(pairs[last] < pairs[first]).to_numpy(dtype=bool)]
        details = ({"other_column": first, "other": str(value)} for value in wrong[first])
        return failures(wrong.index, last, "dates_out_of_order", details)

    rule.__doc__ = f"{last} is not before {first}"
    return rule


def not_past(*names: str) -> Rule:
    """Warn of dates that make no sense once they are past."""

    def rule(frames: Frames, context: Context) -> pd.DataFrame:
        header = frames["header"]
        found = []
        for name in names:
            given = header.index[_given(header, name)]
            past = header.loc[given, name] < context.today if len(given) else np.zeros(0, dtype=bool)
            found.append(failures(given[np.asarray(past, dtype=bool)], name, "past_date"))
        return together(*found)

    rule.__doc__ = f"{', '.join(names)}: a warning where it is past"
    return rule


def quantities(name: str, unit: str) -> Rule:
    """A quantity is whole where its unit can't be broken; an unknown unit lets fractions pass."""

    def rule(frames: Frames, context: Context) -> pd.DataFrame:
        line = frames["line"]
        rows = _given(line, name) & _given(line, unit)
        if not rows.any():
            return EMPTY
        values = line.loc[rows, [name, unit]]
        exact = pa.chunked_array(values[name].array.__arrow_array__())
        fraction = pc.not_equal(pc.floor(exact), exact).to_numpy()
        unbroken = [code for code, decimals in codes.units().items() if decimals == 0]
        wrong = values[fraction & values[unit].isin(unbroken).to_numpy(dtype=bool)]
        return failures(wrong.index, name, "broken_unit", ({"unit": code} for code in wrong[unit]))

    rule.__doc__ = f"{name} is whole where {unit} can't be broken"
    return rule


def line_amounts(frames: Frames, context: Context) -> pd.DataFrame:
    """A line's amount is quantity times price, to half the smallest unit of the currency."""
    line = frames["line"]
    rows = _given(line, "quantity") & _given(line, "unitPrice") & _given(line, "amount")
    if not rows.any():
        return EMPTY
    given = line.loc[rows, ["quantity", "unitPrice", "amount"]]
    header = frames["header"]
    of_document = header["currency"].to_numpy(dtype=object) if "currency" in header else np.full(len(header), None)
    currency = of_document[context.document["line"][rows]]
    quantity, price, amount = (given[name].astype("float64").to_numpy() for name in given)
    # floats only tell which rows are surely right; the others are looked at exactly
    doubtful = np.flatnonzero((np.abs(quantity * price - amount) > 1e-5) | (np.abs(amount) > 1e9))
    wrong, details = [], []
    for place in doubtful:
        exact = given["quantity"].iloc[place] * given["unitPrice"].iloc[place]
        half = Decimal(5).scaleb(-codes.currencies().get(currency[place], 2) - 1)
        if abs(exact - given["amount"].iloc[place]) > half:
            wrong.append(given.index[place])
            details.append({"other": format(exact.normalize(), "f")})
    return failures(wrong, "amount", "amount_differs", details)


def line_count(frames: Frames, context: Context) -> pd.DataFrame:
    """header.lineCount (X12 CTT01) is the number of lines: the only guard against a file cut at a line end."""
    header = frames["header"]
    given = _given(header, "lineCount")
    if not given.any():
        return EMPTY
    counted = np.bincount(context.document["line"], minlength=len(header))
    said = header["lineCount"].fillna(0).to_numpy(dtype=np.int64)
    wrong = given & (said != counted)
    return failures(header.index[wrong], "lineCount", "line_count_differs", ({"other": int(n)} for n in counted[wrong]))


def total_quantity(frames: Frames, context: Context) -> pd.DataFrame:
    """header.totalQuantity (X12 CTT02) is the sum of the lines' quantities."""
    header, line = frames["header"], frames["line"]
    given = _given(header, "totalQuantity")
    if not given.any() or "quantity" not in line:
        return EMPTY
    quantity = pa.chunked_array(line["quantity"].array.__arrow_array__())
    summed = pa.table({"document": context.document["line"], "quantity": quantity})
    sums = summed.group_by("document").aggregate([("quantity", "sum")]).to_pydict()
    total = dict(zip(sums["document"], sums["quantity_sum"], strict=True))
    wrong, details = [], []
    for place in np.flatnonzero(given):
        exact = total.get(place) or Decimal(0)
        if header["totalQuantity"].iloc[place] != exact:
            wrong.append(header.index[place])
            details.append({"other": format(exact.normalize(), "f")})
    return failures(wrong, "totalQuantity", "total_quantity_differs", details)
