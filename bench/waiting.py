"""What it takes to find the next job beside those that wait: taken by a worker, and counted by one that looks.

So many files of 50 partners are booked; each is taken once, and filed at once. Least of several, in milliseconds.

    python -m bench.waiting [--jobs 100 10000 30000]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from functools import partial

from sqlalchemy import text

from bench.import_csv import fresh, workplace
from crossdock.database import Database, connect
from crossdock.jobs import booking, leases, lifecycle
from crossdock.jobs.booking import Found
from crossdock.jobs.scheduling import Limits

PARTNERS = 50
TIMES = 5
LIMITS = Limits()


def book(database: Database, first: int, last: int) -> None:
    """Book so many files that nobody has begun."""
    now = datetime.now(UTC)
    with database.writing() as connection:
        for number in range(first, last):
            file = Found(f"{number}.csv", f"{number}", 1, now, f"partner{number % PARTNERS}", "sales_order", path="x")
            booking.insert_row(database, connection, file, booking.new_id(now))


def take(database: Database, worker: str) -> None:
    """Take the next job, and file it."""
    taken = leases.take(database, worker, LIMITS)
    if taken is None:
        raise RuntimeError("nothing waits")
    lifecycle.filed(database, taken.row, taken.lease, None)


def least(work: Callable[[], object]) -> float:
    """The least milliseconds of some times."""
    spent = []
    for _ in range(TIMES):
        before = time.perf_counter()
        work()
        spent.append(1000 * (time.perf_counter() - before))
    return min(spent)


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--jobs", type=int, nargs="+", default=[100, 10_000, 30_000])
    jobs = options.parse_args().jobs
    print("| waiting | database | taken in ms | counted in ms |\n|---|---|---|---|")
    with workplace() as (folder, server):
        for name, url in (("PostgreSQL", fresh(server)), ("SQLite", f"sqlite:///{folder / 'waiting.db'}")):
            with closing(connect(url)) as database:
                worker, booked = leases.enter(database, "bench", "bench", ""), 0
                for waiting in sorted(jobs):
                    book(database, booked, waiting)
                    booked = waiting
                    if name == "PostgreSQL":  # as autovacuum does
                        with database.writing() as connection:
                            connection.execute(text("ANALYZE jobs"))
                    counted = least(partial(leases.ready, database, LIMITS))
                    taken = least(partial(take, database, worker))
                    print(f"| {waiting:,} | {name} | {taken:.1f} | {counted:.1f} |", flush=True)


if __name__ == "__main__":
    main()
