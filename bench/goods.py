"""What goods cost beside orders: ASNs with a carton a line, receipts of them, ship confirmations of the orders.

As many lines of each, all right, into the same fresh database of each kind, each file in a process of its own: orders,
their confirmations, ASNs, their receipts. Receipts and confirmations are compared with the stored documents line by
line, and move them. CPU is that of crossdock's process.

    python -m bench.goods [--lines 200000]
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterable
from pathlib import Path

from bench.import_csv import fresh, imported, workplace
from bench.orders import COLUMNS, rows
from crossdock.schema.codes import check_digit

CONFIRMATION = (
    "shipmentId customerOrderNumber shipDate lineNumber customerLineNumber skuId quantityShipped quantityMeasure"
)
ASN = """vendorNumber asnNumber buildingId shipmentDate expectedDeliveryDate lineNumber skuId line.quantity
quantityMeasure
cartonId"""
RECEIPT = """receiptNumber receiptDate receiptType buildingId lineNumber documentType documentNumber documentLineNumber
skuId
quantityReceived quantityMeasure"""


def write(folder: Path, lines: int) -> dict[str, Path]:
    """Write the files; document → path, in the order in which they are imported."""
    orders = rows(lines, wrong=0)
    at = {name: COLUMNS.index(name) for name in ("customerOrderNumber", "customerLineNumber", "skuId", "quantity")}
    sent = [[row[place] for place in at.values()] for row in orders]
    cartons = (f"34012345{number:09}" for number in range(lines))
    goods = [
        (order.replace("SO", "ASN"), line, sku, quantity, carton + check_digit(carton))
        for (order, line, sku, quantity), carton in zip(sent, cartons, strict=True)
    ]
    files: dict[str, tuple[Iterable[str], Iterable[Iterable[str]]]] = {
        "sales_order": (COLUMNS, orders),
        "ship_confirmation": (
            CONFIRMATION.split(),
            ([f"S-{order}", order, "2026-11-27", line, line, sku, quantity, "EA"]
             for order, line, sku, quantity in sent),
        ),
        "asn": (
            ASN.split(),
            (["V-1", asn, "B001", "2026-11-20", "2026-11-27", line, sku, quantity, "EA", carton]
             for asn, line, sku, quantity, carton in goods),
        ),
        "receipt": (
            RECEIPT.split(),
            ([f"R-{asn}", "2026-11-27", "N", "B001", line, "asn", asn, line, sku, quantity, "EA"]
             for asn, line, sku, quantity, _ in goods),
        ),
    }  # fmt: skip
    for document, (header, body) in files.items():
        with (folder / f"{document}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([header, *body])
    return {document: folder / f"{document}.csv" for document in files}


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--lines", type=int, default=200_000)
    lines = options.parse_args().lines
    print("| database | document | s | ÷ orders | CPU s | ÷ orders | peak MB |")
    print("|---|---|---|---|---|---|---|")
    with workplace() as (folder, server):
        files = write(folder, lines)
        for database, url in (("PostgreSQL", fresh(server)), ("SQLite", f"sqlite:///{folder / 'goods.db'}")):
            first: dict[str, float] = {}
            for document, path in files.items():
                night = imported(path, url, f"house/{document}")
                first = first or night
                ratios = [night[each] / first[each] for each in ("seconds", "cpu")]
                print(
                    f"| {database} | {document} | {night['seconds']:.1f} | {ratios[0]:.2f} | {night['cpu']:.1f} "
                    f"| {ratios[1]:.2f} | {night['peak']:.0f} |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
