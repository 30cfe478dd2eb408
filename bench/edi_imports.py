"""What the import of an interchange takes, beside the CSV of the same orders.

Each is ``crossdock import`` as a whole process into a new SQLite database; seconds are CPU seconds. Orders have one to
five lines, three units, some a second address line or a note. The 940s are one interchange of one group; so are the
850s of the same orders, with and without an 855 that answers each of them line by line, and with the day in each line
instead of in the order. The CSV beside them has what
the sets say, no more and no less: 850s have a price a line and a day of the order, 940s the carrier, a note, the
buyer's number.

    python -m bench.edi_imports [--orders 20000 200000]
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from bench.commands import by_command

PARTNER = """id = "acme"
zone = "UTC"
business_units = ["BU1"]
[edi]
usage = "live"
theirs = ["ZZ:THEM"]
ours = ["ZZ:US"]
[[feed]]
document = "sales_order"
files = "*.edi"
sets = ["%s"]
optional = ["customerDates.requestedShipDate"]
constants = { businessUnitId = "BU1", currency = "USD", carrierId = "UPSN" }
%s
[[feed]]
document = "sales_order"
files = "*.csv"
dates = ["%%Y%%m%%d"]
constants = { businessUnitId = "BU1", currency = "USD", carrierId = "UPSN" }
"""
HEAD = (
    "customerOrderNumber,customerDates.requestedShipDate,shipTo.name,shipTo.address1,shipTo.address2,shipTo.city,"
    "shipTo.state,shipTo.postalCode,shipTo.country"
)
LINE = "customerLineNumber,skuId,quantity,quantityMeasure"
HEADINGS = {
    "940": f"{HEAD},buyerOrderNumber,carrierId,header.notes,{LINE}",
    "850": f"{HEAD},orderCreatedDate,{LINE},unitPrice",
}
UNITS = ("EA", "CA", "PL")
OURS = {"CA": "CS"}
"""Units of X12 that are others of ours."""


class Order(NamedTuple):
    """An order: its number; name, street, second line and postal code of its ship-to; a note; unit, quantity, item."""

    number: str
    name: str
    street: str
    second: str
    code: str
    note: str
    lines: list[tuple[str, int, str]]


def orders(count: int) -> Iterator[Order]:
    """So many orders, each another one."""
    for each in range(1, count + 1):
        lines = [(UNITS[(each + line) % 3], 1 + (each * 7 + line) % 240, f"AB-{(each * 31 + line * 17) % 9973}")
                 for line in range(1 + each % 5)]  # fmt: skip
        second = f"Floor {each % 40}" if each % 4 == 0 else ""
        note = f"call {each} before" if each % 3 == 0 else ""
        street = f"{each % 977} Market Street"
        yield Order(f"SO-{each:07}", f"Ada Lovelace {each % 4001}", street, second, f"LS{each % 29}", note, lines)


def as_interchange(count: int, kind: str = "940") -> Iterator[str]:
    """The orders as one interchange of sets of a kind (``KINDS``), segment by segment."""
    group, _, as_set = KINDS[kind]
    yield "ISA*00*          *00*          *ZZ*THEM           *ZZ*US             *261125*0900*U*00401*000000001*0*P*>"
    yield f"GS*{group}*THEM*US*20261125*0900*1*X*004010"
    for place, order in enumerate(orders(count), 1):
        yield from as_set(order, place)
    yield f"GE*{count}*1"
    yield "IEA*1*000000001"


def _shipping_order(order: Order, place: int) -> list[str]:
    """A 940."""
    body = [f"ST*940*{place:09}", f"W05*N*{order.number}*PO-{order.number}", *_ship_to(order),
            "G62*10*20261201", *([f"NTE**{order.note}"] if order.note else []), "W66*PP*M********UPSN"]  # fmt: skip
    for line, (unit, quantity, item) in enumerate(order.lines, 1):
        body += [f"LX*{line}", f"W01*{quantity}*{unit}**VN*{item}"]
    return [*body, f"SE*{len(body) + 1}*{place:09}"]


def _purchase(order: Order, place: int) -> list[str]:
    """An 850."""
    return _of_lines(order, place, [DAY], [])


def _purchase_by_day(order: Order, place: int) -> list[str]:
    """An 850 whose lines name the day."""
    return _of_lines(order, place, [], [DAY])


def _of_lines(order: Order, place: int, of_order: list[str], of_line: list[str]) -> list[str]:
    body = [f"ST*850*{place:09}", f"BEG*00*SA*{order.number}**20261125", *of_order, *_ship_to(order)]
    for line, (unit, quantity, item) in enumerate(order.lines, 1):
        body += [f"PO1*{line}*{quantity}*{unit}*1.5**VN*{item}", *of_line]
    return [*body, f"CTT*{len(order.lines)}", f"SE*{len(body) + 2}*{place:09}"]


def _ship_to(order: Order) -> list[str]:
    street = f"N3*{order.street}" + (f"*{order.second}" if order.second else "")
    return [f"N1*ST*{order.name}", street, f"N4*Leeds*LS*{order.code}*GB"]


DAY = "DTM*010*20261201"
KINDS: dict[str, tuple[str, str, Callable[[Order, int], list[str]]]] = {
    "940": ("OW", "940", _shipping_order),
    "850": ("PO", "850", _purchase),
    "850 whose lines name the day": ("PO", "850", _purchase_by_day),
}
"""Kinds of sets: the group of the interchange, the type of the sets, and an order as such a set."""


def as_rows(count: int, type_: str) -> Iterator[str]:
    """The orders as rows of CSV, with what a set of that type says of them."""
    yield HEADINGS[type_]
    for order in orders(count):
        head = (f"{order.number},20261201,{order.name},{order.street},{order.second},Leeds,LS,{order.code},GB,"
                + (f"PO-{order.number},UPSN,{order.note}" if type_ == "940" else "20261125"))  # fmt: skip
        price = "" if type_ == "940" else ",1.5"
        for line, (unit, quantity, item) in enumerate(order.lines, 1):
            yield f"{head},{line},{item},{quantity},{OURS.get(unit, unit)}{price}"


def written(path: Path, rows: Iterator[str], end: str) -> Path:
    """A file of those rows in a home of its own."""
    path.parent.mkdir()
    with path.open("w") as file:
        file.writelines(f"{row}{end}\n" for row in rows)
    return path


def imported(path: Path, type_: str, answer: str = "") -> tuple[float, float]:
    """CPU seconds and peak memory (MB) of an import as a whole process, into a new database of the file's folder.

    ``type_``: of the sets; ``answer``: their orders are answered by such sets.
    """
    home, partners = path.parent, path.parent / "partners"
    partners.mkdir()
    (partners / "acme.toml").write_text(PARTNER % (type_, f'answer = ["{answer}"]' if answer else ""))
    own = {"CROSSDOCK_HOME": str(home), "CROSSDOCK_PARTNERS": str(partners),
           "CROSSDOCK_DATABASE_URL": f"sqlite:///{home}/bench.db", "CROSSDOCK_SETTLE_SECONDS": "0"}  # fmt: skip
    took = by_command(["import", str(path)], own)
    return took.busy, took.peak


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--orders", type=int, nargs="*", default=[20_000, 200_000])
    options.add_argument("--sets", nargs="*", default=[*KINDS], choices=[*KINDS])
    options.add_argument("--answered", action="store_true", help="also with an 855 for each 850")
    arguments = options.parse_args()
    print("| orders | lines | file | MB | CPU s | µs a line | peak MB | ÷ CSV |\n|---|---|---|---|---|---|---|---|")
    for count in arguments.orders:
        lines = sum(len(order.lines) for order in orders(count))
        for sets in arguments.sets:
            beside, type_ = 0.0, KINDS[sets][1]
            answers = ["855"] if arguments.answered and sets == "850" else []
            for kind, answer in (("csv", ""), ("edi", ""), *(("edi", each) for each in answers)):
                with tempfile.TemporaryDirectory(prefix="crossdock-bench-") as name:
                    rows = as_rows(count, type_) if kind == "csv" else as_interchange(count, sets)
                    path = written(Path(name) / "home" / f"orders.{kind}", rows, "" if kind == "csv" else "~")
                    size = path.stat().st_size / 1e6
                    seconds, peak = imported(path, type_, answer)
                beside = beside or seconds
                what = f"csv of the {type_}s" if kind == "csv" else f"{sets} + {answer}" if answer else sets
                print(
                    f"| {count:,} | {lines:,} | {what} | {size:.1f} | {seconds:.1f} | {seconds / lines * 1e6:.0f} "
                    f"| {peak:.0f} | {seconds / beside:.2f} |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
