"""Generated order files: the same for the same number, three lines an order on average, one line in a hundred wrong."""

from __future__ import annotations

import csv
import random
from pathlib import Path

COLUMNS = (
    "customerOrderNumber",
    "orderCreatedDate",
    "requestedBuildingId",
    "shipTo.name",
    "shipTo.address1",
    "shipTo.city",
    "shipTo.country",
    "shipTo.postalCode",
    "carrierId",
    "currency",
    "customerLineNumber",
    "skuId",
    "quantity",
    "quantityMeasure",
    "unitPrice",
    "line.notes",
)


def write(path: Path, lines: int, *, scattered: bool = False, wrong: float = 0.01) -> int:
    """Write a file of that many order lines; gives the number of orders. ``scattered``: in random order."""
    order_rows = rows(lines, wrong=wrong)
    orders = len({row[0] for row in order_rows})
    if scattered:
        random.Random(20261122).shuffle(order_rows)  # noqa: S311  # a test file, not a secret
    save(path, order_rows)
    return orders


def change(path: Path, changed: Path) -> None:
    """Write the file anew with another quantity in every line of every tenth order."""
    with path.open(encoding="utf-8", newline="") as file:
        order_rows = list(csv.reader(file))[1:]
    quantity = COLUMNS.index("quantity")
    for row in order_rows:
        if row[0].endswith("7") and row[quantity].isdigit():
            row[quantity] = str(int(row[quantity]) + 1)
    save(changed, order_rows)


def save(path: Path, order_rows: list[list[str]]) -> None:
    """Write rows as a file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(order_rows)


def rows(lines: int, *, wrong: float) -> list[list[str]]:
    """That many order lines, order by order, a share of them ``wrong``."""
    chance = random.Random(20261122)  # noqa: S311  # a test file, not a secret
    order_rows: list[list[str]] = []
    order = 0
    while len(order_rows) < lines:
        order += 1
        head = [
            f"SO-{order:08}",
            _moment(chance),
            f"B{chance.randint(1, 20):03}",
            f"Customer {chance.randint(1, 50_000)}",
            f"{chance.randint(1, 400)} Long Street",
            chance.choice(("Lyon", "Hamburg", "Leeds", "Porto", "Gdańsk", "Turin")),
            chance.choice(("FR", "DE", "GB", "PT", "PL", "IT")),
            f"{chance.randint(0, 99999):05}",
            chance.choice(("UPS", "DHL", "DPD")),
            "EUR",
        ]
        for line in range(1, min(chance.randint(1, 5), lines - len(order_rows)) + 1):
            quantity = "twelve" if chance.random() < wrong else str(chance.randint(1, 500))
            price = f"{chance.randint(1, 99_999) / 100:.2f}"
            sku = f"SKU-{chance.randint(1, 90_000):06}"
            order_rows.append([*head, str(line), sku, quantity, "EA", price, "handle with care"])
    return order_rows


def _moment(chance: random.Random) -> str:
    day = f"2026-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
    return f"{day}T{chance.randint(0, 23):02}:{chance.randint(0, 59):02}:00Z"
