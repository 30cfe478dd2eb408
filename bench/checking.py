"""What checking costs a record on a night that is not a first one: CPU of ``decide_batch``, beside fresh documents.

Order files of ``bench.orders``, all right, are stored; then come fresh ones, the same with every quantity changed, with
every second line left out, with a faulty cell in every header, with every line failing. Each is checked against the
same SQLite database, several times; the best time counts. Reading, writing and reports are left out.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from bench.orders import COLUMNS, rows, save
from crossdock.database import Database, connect
from crossdock.database.lookups import Stored
from crossdock.intake.recognise import open_drop
from crossdock.model.drop import Drop
from crossdock.partners import registry
from crossdock.pipeline.batch import decide_batch
from crossdock.pipeline.import_drop import import_drop
from crossdock.pipeline.staging.plan import make_plan

FEED = "house/sales_order"
LINES = 24_000
TIMES = 3
TODAY = date(2026, 11, 28)
NUMBER, CURRENCY, QUANTITY = (COLUMNS.index(name) for name in ("customerOrderNumber", "currency", "quantity"))
Rows = list[list[str]]


def _with(right_rows: Rows, column: int, value: Callable[[str], str]) -> Rows:
    return [[value(cell) if place == column else cell for place, cell in enumerate(row)] for row in right_rows]


def _fresh(right_rows: Rows) -> Rows:
    return _with(right_rows, NUMBER, lambda number: f"NEW-{number}")


NIGHTS: dict[str, tuple[Callable[[Rows], Rows], int]] = {
    "fresh documents": (_fresh, 1),
    "every quantity changed": (
        lambda right_rows: _with(right_rows, QUANTITY, lambda quantity: str(int(quantity) + 1)),
        2,
    ),
    "every second line left out": (lambda right_rows: right_rows[::2], 3),
    "a faulty cell in every header": (lambda right_rows: _with(_fresh(right_rows), CURRENCY, lambda _: ""), 2),
    "every line failing": (lambda right_rows: _with(_fresh(right_rows), QUANTITY, lambda _: "twelve"), 3),
}
"""What each night brings of the rows that are stored, and how many times the CPU of a fresh record it may take."""


def _drop(path: Path, known: registry.Partners) -> Drop:
    drop = open_drop(path, known, feed=FEED)
    if not isinstance(drop, Drop):
        raise TypeError("an archive is no order file")
    return drop


def seconds(path: Path, known: registry.Partners, database: Database) -> tuple[float, int]:
    """CPU seconds of checking a file, the best of several times; and its records."""
    drop = _drop(path, known)
    plan = make_plan(drop)
    best = float("inf")
    for _ in range(TIMES):
        spent = 0.0
        for batch in plan.batches(0):
            before = time.process_time()
            decide_batch(batch, plan, drop.feed, Stored(database), TODAY, "261128-0000000000", withheld=False)
            spent += time.process_time() - before
        best = min(best, spent)
    plan.close()
    return best, plan.records


def main() -> None:
    """Print the table."""
    known = registry.load(Path("data/partners"), "UTC")
    right_rows = rows(LINES, wrong=0)
    with tempfile.TemporaryDirectory(prefix="crossdock-bench-") as name:
        folder = Path(name)
        database = connect(f"sqlite:///{folder / 'orders.db'}")
        save(folder / "stored.csv", right_rows)
        import_drop(_drop(folder / "stored.csv", known), database)
        print("| night | records | CPU µs a record | ÷ fresh | at most |")
        print("|---|---|---|---|---|")
        fresh = 0.0
        for night, (brings, most) in NIGHTS.items():
            save(folder / "night.csv", brings(right_rows))
            spent, records = seconds(folder / "night.csv", known, database)
            micros = spent / records * 1e6
            fresh = fresh or micros
            print(f"| {night} | {records:,} | {micros:.1f} | {micros / fresh:.2f} | {most} |", flush=True)
        database.close()


if __name__ == "__main__":
    main()
