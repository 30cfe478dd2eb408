"""Rules of goods that move: cartons, lots, serial numbers, what is shipped and received.

Functions of the same kind as in ``rules``: rows → failures. Their first lines are shown to users.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crossdock.failures.failures import Failures
from crossdock.failures.sentences import plain_number
from crossdock.schema.rules import Context, Levels, Rule, true


def cartons_counted(levels: Levels, context: Context) -> Failures:
    """totalCartons is the number of different cartons (a warning)."""
    header, packages = levels["header"], levels["package"]
    stated = header.has("totalCartons")
    if not stated.any() or "cartonId" not in packages.cells:
        return Failures.none()
    pairs = pa.table({"document": packages.document, "carton": packages.cells["cartonId"]})
    counted = pairs.group_by("document").aggregate([("carton", "count_distinct", pc.CountOptions("only_valid"))])
    cartons = np.zeros(len(header), dtype=np.int64)
    cartons[counted["document"].to_numpy()] = counted["carton_count_distinct"].to_numpy()
    named = packages.count_per_document() > 0
    wrong = stated & named & (np.asarray(pc.fill_null(header.cells["totalCartons"], 0)) != cartons)
    details = ({"other": int(each)} for each in cartons[wrong])
    return context.failures(header.lines[wrong], "totalCartons", "cartons_differ", details)


def pallets_agree(levels: Levels, context: Context) -> Failures:
    """A carton stands on one pallet only (a warning)."""
    packages = levels["package"]
    both = packages.has("cartonId") & packages.has("palletId")
    if not both.any():
        return Failures.none()
    first: dict[str, str] = {}
    wrong, details = [], []
    pairs = zip(packages.lines[both], packages.values("cartonId")[both], packages.values("palletId")[both], strict=True)
    for line, carton, pallet in pairs:
        if first.setdefault(carton, pallet) != pallet:
            wrong.append(line)
            details.append({"other": repr(first[carton])})
    return context.failures(wrong, "palletId", "on_two_pallets", details)


def cartons_add_up(levels: Levels, context: Context) -> Failures:
    """A line's quantity is the sum of its cartons'."""
    line, packages = levels["line"], levels["package"]
    if "package.quantity" not in packages.cells or "line.quantity" not in line.cells or not len(packages):
        return Failures.none()
    stated = packages.has("package.quantity")
    complete = np.ones(len(line), dtype=bool)
    complete[packages.parent[~stated]] = False
    counted = pa.table({"row": packages.parent, "quantity": packages.cells["package.quantity"]})
    sums = counted.group_by("row").aggregate([("quantity", "sum")]).sort_by("row")
    place, totals = sums["row"].to_numpy(), sums["quantity_sum"].combine_chunks()
    wrong = complete[place] & true(pc.not_equal(line.cells["line.quantity"].take(pa.array(place)), totals))
    details = ({"other": plain_number(total)} for total in totals.filter(pa.array(wrong)).to_pylist())
    return context.failures(line.lines[place[wrong]], "line.quantity", "cartons_add_up_to", details)


def one_of_a_serial(level: str, name: str) -> Rule:
    """What has a serial number is one piece."""

    def rule(levels: Levels, context: Context) -> Failures:
        rows = levels[level]
        both = rows.has("serialNumber") & rows.has(name)
        if not both.any():
            return Failures.none()
        wrong = both & true(pc.not_equal(rows.cells[name], 1))
        return context.failures(rows.lines[wrong], name, "serial_is_one")

    rule.__doc__ = f"serialNumber: then {name} is 1"
    return rule


def lot_and_serial(level: str) -> Rule:
    """Lot and serial number are there if the SKU requires them; of ``level``, or of the line if it has no such row."""

    def rule(levels: Levels, context: Context) -> Failures:
        line, rows = levels["line"], levels[level]
        items = context.items()
        if not items or not items["known"].any():
            return Failures.none()
        failures = []
        for flag, name in (("lot", "lotNumber"), ("serial", "serialNumber")):
            wanted = items[flag]
            if level == "line":
                lacking = line.lines[wanted & ~line.has(name)]
            else:
                bare = wanted.copy()
                bare[rows.parent] = False
                lacking = np.union1d(rows.lines[wanted[rows.parent] & ~rows.has(name)], line.lines[bare])
            failures.append(context.failures(lacking, name, "item_needs"))
        return Failures.merge(*failures)

    rule.__doc__ = "lotNumber, serialNumber: where the SKU is controlled by lot or serial"
    return rule


def expired(level: str, arrival: str) -> Rule:
    """Warn of goods that are past their date on arrival."""

    def rule(levels: Levels, context: Context) -> Failures:
        rows, header = levels[level], levels["header"]
        dated = rows.has("expirationDate")
        if not dated.any():
            return Failures.none()
        arrives = np.full(len(header), context.today, dtype=object)
        arrival_dated = header.has(arrival)
        arrives[arrival_dated] = header.values(arrival)[arrival_dated]
        then = arrives[rows.document][dated]
        dates = rows.values("expirationDate")[dated]
        past = np.array([own < on for own, on in zip(dates, then, strict=True)], dtype=bool)
        details = ({"other": str(on)} for on in then[past])
        return context.failures(rows.lines[dated][past], "expirationDate", "expired", details)

    rule.__doc__ = f"expirationDate: a warning where it is before {arrival}"
    return rule


def shipped_or_said_why(levels: Levels, context: Context) -> Failures:
    """quantityShipped is 0 only where lineStatus is SHORT or CANCELLED."""
    line = levels["line"]
    stated = line.has("quantityShipped")
    if not stated.any():
        return Failures.none()
    none = true(pc.equal(line.cells["quantityShipped"], 0))
    explained = np.isin(line.values("lineStatus"), ("SHORT", "CANCELLED"))
    return context.failures(line.lines[none & ~explained], "quantityShipped", "nothing_shipped")


def receipt_type(levels: Levels, context: Context) -> Failures:
    """receiptType is R where an RMA is received, else N."""
    header, line = levels["header"], levels["line"]
    if "receiptType" not in header.cells or "documentType" not in line.cells:
        return Failures.none()
    kinds = header.values("receiptType")[line.document]
    of_rma = line.values("documentType") == "rma"
    wrong = line.has("documentType") & ((of_rma & (kinds == "N")) | (~of_rma & (kinds == "R")))
    details = ({"other_column": "receiptType", "other": repr(each)} for each in kinds[wrong])
    return context.failures(line.lines[wrong], "documentType", "does_not_fit", details)


def leaves_with_minus(levels: Levels, context: Context) -> Failures:
    """quantity: a warning where it is more than 0 and movementType is SHIP."""
    header = levels["header"]
    if not (header.has("movementType") & header.has("quantity")).any():
        return Failures.none()
    shipped = pc.equal(header.cells["movementType"], "SHIP")
    wrong = true(pc.and_kleene(shipped, pc.greater(header.cells["quantity"], 0)))
    details = {"other_column": "movementType", "other": "SHIP"}
    return context.failures(header.lines[wrong], "quantity", "sign_in_doubt", details)
