"""What an operator's commands, and the import of a list, take beside very many documents that wait.

A night's order files are imported in which every order names an item that no list has, has a quantity that is none and
a currency that is none. Then, each as a whole process: the commands that speak
of open documents, and the import of a list of two items. The last column is the time beside so many, divided by that
beside a tenth of them.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

from bench.import_csv import fresh, workplace
from bench.orders import COLUMNS, rows, save
from crossdock.database import Database, connect
from crossdock.intake.recognise import open_drop
from crossdock.jobs import answer_queue
from crossdock.model.drop import Drop
from crossdock.partners import registry
from crossdock.pipeline.import_drop import import_drop

OPEN = 100_000
OF_FILE = 5_000
PARTNER = """id = "acme"
zone = "UTC"
business_units = ["BU1"]

[[feed]]
document = "sales_order"
files = "*orders*"
constants = { businessUnitId = "BU1" }
references = { sku = "fail" }
[[feed]]
document = "sku"
files = "*sku*"
constants = { businessUnitId = "BU1", currency = "EUR" }
"""
NUMBER, LINE, CURRENCY, QUANTITY, SKU = (
    COLUMNS.index(name) for name in ("customerOrderNumber", "customerLineNumber", "currency", "quantity", "skuId")
)
COMMANDS: dict[str, list[str]] = {
    "open": ["open"],
    "find": ["find", "SO-00000007"],
    "replay --code, which none has": ["replay", "--code", "bad_json"],
    "replay --document (one)": ["replay", "--document", "SO-00000003"],
    "status": ["status"],
    "jobs": ["jobs"],
    "inbox, nothing waits": ["inbox"],
    "import of a list, two items": ["import", "{home}/sku_new.csv"],
}


def waiting(folder: Path, url: str, documents: int) -> None:
    """Import files until that many documents wait; the first list is there, without their items."""
    known = registry.load(folder / "partners", "UTC")
    with closing(connect(url)) as database:
        _import(folder, "sku_1.csv", "skuId,description\nKNOWN,an item\n", known, database)
        order_rows = [list(row) for row in rows(OF_FILE * 3, wrong=0)[:OF_FILE]]
        for number in range(documents // OF_FILE):
            for place, row in enumerate(order_rows):
                row[NUMBER] = f"SO-{number * OF_FILE + place:08}"
                row[LINE], row[SKU], row[QUANTITY], row[CURRENCY] = "1", f"MISSING-{place % 500}", "twelve", "EURO"
            path = folder / f"orders_{number}.csv"
            save(path, order_rows)
            _import(folder, path.name, None, known, database)
        while heads := answer_queue.heads(database):  # the partner has its answers
            for head in heads:
                answer_queue.take(database, head.number, "bench")
                answer_queue.end(database, head, "bench", answer_queue.DELIVERED, "")


def _import(folder: Path, name: str, content: str | None, known: registry.Partners, database: Database) -> None:
    path = folder / name
    if content is not None:
        path.write_text(content)
    drop = open_drop(path, known, partner="acme")
    if not isinstance(drop, Drop):
        raise TypeError("an archive is no order file")
    import_drop(drop, database)


def seconds(folder: Path, url: str) -> dict[str, float]:
    """Wall seconds of each command, as a process of its own."""
    (folder / "sku_new.csv").write_text("skuId,description\nNEW-1,an item\nNEW-2,another\n")
    environment = os.environ | {"CROSSDOCK_HOME": str(folder), "CROSSDOCK_PARTNERS": str(folder / "partners"),
                                "CROSSDOCK_DATABASE_URL": url, "CROSSDOCK_SETTLE_SECONDS": "0"}  # fmt: skip
    taken = {}
    for what, words in COMMANDS.items():
        before = time.perf_counter()
        command = [sys.executable, "-m", "crossdock", *(word.format(home=folder) for word in words)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=900, check=False)
        taken[what] = time.perf_counter() - before
        if done.returncode not in (0, 3, 4):
            raise RuntimeError(f"{what}: {done.stderr}")
    return taken


def measured(folder: Path, url: str, documents: int) -> dict[str, float]:
    """Wall seconds of each command beside that many open documents."""
    (folder / "partners").mkdir(parents=True)
    (folder / "partners" / "acme.toml").write_text(PARTNER)
    waiting(folder, url, documents)
    return seconds(folder, url)


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--open", type=int, default=OPEN)
    arguments = options.parse_args()
    print("| database | command | s | beside a tenth | ÷ |\n|---|---|---|---|---|")
    with workplace() as (folder, server):
        for kind in ("SQLite", "PostgreSQL"):
            few, many = (
                measured(home, f"sqlite:///{home}.db" if kind == "SQLite" else fresh(server), documents)
                for documents in (arguments.open // 10, arguments.open)
                for home in [folder / f"{kind}_{documents}"]
            )
            for what, taken in many.items():
                print(f"| {kind} | {what} | {taken:.2f} | {few[what]:.2f} | {taken / few[what]:.2f} |", flush=True)


if __name__ == "__main__":
    main()
