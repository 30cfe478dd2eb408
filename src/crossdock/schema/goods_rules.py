"""Rules of goods that move: cartons, lots, serial numbers, what is shipped and received.

Functions of the same kind as in ``rules``: frames → failures. Their first lines are shown to users.
"""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd

from crossdock.failures.failures import Failures
from crossdock.failures.sentences import plain_number
from crossdock.schema.rules import Context, Frames, Rule, has


def cartons_counted(frames: Frames, context: Context) -> Failures:
    """totalCartons is the number of different cartons (a warning)."""
    header, packages = frames["header"], frames["package"]
    stated = has(header, "totalCartons")
    if not stated.any() or "cartonId" not in packages:
        return Failures.none()
    owner = context.document["package"]
    counted = packages["cartonId"].groupby(owner).nunique()
    cartons = pd.Series(0, index=np.arange(len(header))).add(counted, fill_value=0).to_numpy(dtype=np.int64)
    named = np.zeros(len(header), dtype=bool)
    named[owner] = True
    wrong = stated & named & (header["totalCartons"].fillna(0).to_numpy(dtype=np.int64) != cartons)
    details = ({"other": int(each)} for each in cartons[wrong])
    return context.failures(header.index[wrong], "totalCartons", "cartons_differ", details)


def pallets_agree(frames: Frames, context: Context) -> Failures:
    """A carton stands on one pallet only (a warning)."""
    packages = frames["package"]
    both = has(packages, "cartonId") & has(packages, "palletId")
    if not both.any():
        return Failures.none()
    pairs = packages.loc[both, ["cartonId", "palletId"]].astype(object)
    first = pairs.groupby("cartonId")["palletId"].transform("first")
    wrong = pairs["palletId"] != first
    details = ({"other": repr(each)} for each in first[wrong])
    return context.failures(pairs.index[wrong], "palletId", "on_two_pallets", details)


def cartons_add_up(frames: Frames, context: Context) -> Failures:
    """A line's quantity is the sum of its cartons'."""
    line, packages = frames["line"], frames["package"]
    if "package.quantity" not in packages or "line.quantity" not in line or not len(packages):
        return Failures.none()
    row = context.parent["package"]
    stated = has(packages, "package.quantity")
    summed = pd.Series(packages["package.quantity"].to_numpy(dtype=object)[stated]).groupby(row[stated]).sum()
    complete = np.ones(len(line), dtype=bool)
    complete[row[~stated]] = False
    wrong, details = [], []
    quantities = line["line.quantity"].to_numpy(dtype=object, na_value=None)
    for place, total in summed.items():
        quantity = quantities[place]
        if complete[place] and quantity is not None and quantity != total:
            wrong.append(line.index[place])
            details.append({"other": plain_number(total)})
    return context.failures(wrong, "line.quantity", "cartons_add_up_to", details)


def one_of_a_serial(level: str, name: str) -> Rule:
    """What has a serial number is one piece."""

    def rule(frames: Frames, context: Context) -> Failures:
        rows = frames[level]
        both = has(rows, "serialNumber") & has(rows, name)
        wrong = rows.index[both][(rows.loc[both, name] != Decimal(1)).to_numpy(dtype=bool)] if both.any() else []
        return context.failures(wrong, name, "serial_is_one")

    rule.__doc__ = f"serialNumber: then {name} is 1"
    return rule


def lot_and_serial(level: str) -> Rule:
    """Lot and serial number are there if the SKU requires them; of ``level``, or of the line if it has no such row."""

    def rule(frames: Frames, context: Context) -> Failures:
        line, rows = frames["line"], frames[level]
        items = context.items()
        if items.empty or not items["known"].any():
            return Failures.none()
        failures = []
        for flag, name in (("lot", "lotNumber"), ("serial", "serialNumber")):
            wanted = items[flag].to_numpy(dtype=bool)
            if level == "line":
                lacking = line.index[wanted & ~has(line, name)]
            else:
                above = context.parent[level]
                bare = wanted.copy()
                bare[above] = False
                lacking = rows.index[wanted[above] & ~has(rows, name)].union(line.index[bare])
            failures.append(context.failures(lacking, name, "item_needs"))
        return Failures.merge(*failures)

    rule.__doc__ = "lotNumber, serialNumber: where the SKU is controlled by lot or serial"
    return rule


def expired(level: str, arrival: str) -> Rule:
    """Warn of goods that are past their date on arrival."""

    def rule(frames: Frames, context: Context) -> Failures:
        rows, header = frames[level], frames["header"]
        dated = has(rows, "expirationDate")
        if not dated.any():
            return Failures.none()
        arrives = np.full(len(header), context.today, dtype=object)
        arrival_dated = has(header, arrival)
        if arrival_dated.any():
            arrives[arrival_dated] = header.loc[arrival_dated, arrival].to_numpy(dtype=object)
        then = arrives[context.document[level]][dated]
        dates = rows.loc[dated, "expirationDate"]
        past = np.array([own < on for own, on in zip(dates, then, strict=True)], dtype=bool)
        details = ({"other": str(on)} for on in then[past])
        return context.failures(dates.index[past], "expirationDate", "expired", details)

    rule.__doc__ = f"expirationDate: a warning where it is before {arrival}"
    return rule


def shipped_or_said_why(frames: Frames, context: Context) -> Failures:
    """quantityShipped is 0 only where lineStatus is SHORT or CANCELLED."""
    line = frames["line"]
    stated = has(line, "quantityShipped")
    if not stated.any():
        return Failures.none()
    none = stated & (line["quantityShipped"].fillna(Decimal(1)) == Decimal(0)).to_numpy(dtype=bool)
    explained = line["lineStatus"].isin(("SHORT", "CANCELLED")).to_numpy(dtype=bool) if "lineStatus" in line else False
    return context.failures(line.index[none & ~np.asarray(explained)], "quantityShipped", "nothing_shipped")


def receipt_type(frames: Frames, context: Context) -> Failures:
    """receiptType is R where an RMA is received, else N."""
    header, line = frames["header"], frames["line"]
    if "receiptType" not in header or "documentType" not in line:
        return Failures.none()
    kinds = header["receiptType"].to_numpy(dtype=object, na_value=None)[context.document["line"]]
    of_rma = (line["documentType"] == "rma").fillna(value=False).to_numpy(dtype=bool)
    wrong = has(line, "documentType") & ((of_rma & (kinds == "N")) | (~of_rma & (kinds == "R")))
    details = ({"other_column": "receiptType", "other": repr(each)} for each in kinds[wrong])
    return context.failures(line.index[wrong], "documentType", "does_not_fit", details)
