"""What others take for a part of it, each as a whole process: dlt, frictionless, petl.

None of them does the same: dlt merges one flat table into PostgreSQL (upsert by the key, an Arrow source, no checks, no
answer); frictionless checks the same columns (types, patterns, required) and stores nothing; petl inserts text into
SQLite. They are installed into a venv beside the bench, so nothing of them is a dependency. CPU is that of the process
and of those that it starts, without the database's server.

    python -m bench.peers [--lines 200000] [--venv FOLDER]
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Sequence
from pathlib import Path

from bench.commands import HERE
from bench.import_csv import CHILD, fresh, workplace
from bench.orders import write

PEERS = ("dlt[postgres]", "frictionless", "petl", "pyarrow")
DLT = """
import sys, dlt
from pyarrow import csv
columns = csv.read_csv(sys.argv[1], convert_options=csv.ConvertOptions(column_types={"quantity": "string"}))
key = ["customerOrderNumber", "customerLineNumber"]
lines = dlt.resource(columns, name="lines", primary_key=key,
                     write_disposition={"disposition": "merge", "strategy": "upsert"})
url = sys.argv[2].replace("postgres:@/", "postgres:none@localhost:5432/")  # dlt wants all of it; the socket counts
target = dlt.destinations.postgres(url)
pipeline = dlt.pipeline("bench", destination=target, dataset_name="peer", pipelines_dir=sys.argv[3])
pipeline.run(lines)
"""
FRICTIONLESS = """
import sys
from frictionless import Resource, Schema, fields
text = ("requestedBuildingId", "shipTo.name", "shipTo.address1", "shipTo.city", "shipTo.country", "shipTo.postalCode",
        "carrierId", "currency", "quantityMeasure", "line.notes")
required = {"constraints": {"required": True}}
schema = Schema.from_descriptor({"fields": [
    {"name": "customerOrderNumber", "type": "string", "constraints": {"required": True, "maxLength": 30}},
    {"name": "orderCreatedDate", "type": "datetime"},
    *({"name": name, "type": "string", "constraints": {"maxLength": 100}} for name in text[:8]),
    {"name": "customerLineNumber", "type": "string", **required}, {"name": "skuId", "type": "string", **required},
    {"name": "quantity", "type": "number", "constraints": {"required": True, "minimum": 0}},
    {"name": text[8], "type": "string"}, {"name": "unitPrice", "type": "number"}, {"name": text[9], "type": "string"},
]})
report = Resource(path=sys.argv[1], schema=schema).validate(limit_errors=1_000_000)
assert report.stats["errors"] > 0
"""
PETL = """
import sqlite3, sys, petl
table = petl.fromcsv(sys.argv[1])
connection = sqlite3.connect(sys.argv[2])
names = ", ".join(f'"{name}" TEXT' for name in petl.header(table))
connection.execute(f"CREATE TABLE lines ({names})")
petl.todb(table, connection, "lines")
"""


PARTIAL = 3
"""crossdock's exit code where some documents fail."""


def timed(command: Sequence[str], folder: Path) -> tuple[float, float]:
    """A whole process: its seconds, its CPU seconds."""
    before, busy = time.perf_counter(), _busy()
    own = {
        "DLT_TELEMETRY_DISABLED": "1",
        "CROSSDOCK_HOME": str(folder / "home"),
        "PYTHONPATH": f"{HERE}:{HERE / 'src'}",
    }
    cwd = HERE if command[0] == sys.executable else folder
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=cwd, env=os.environ | own)
    if done.returncode not in (0, PARTIAL):
        raise RuntimeError(done.stderr)
    return time.perf_counter() - before, _busy() - busy


def _busy() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def installed(folder: Path) -> str:
    """The Python of a venv with the peers, made where it is not there yet."""
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *PEERS], check=True)
    return str(python)


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--lines", type=int, default=200_000)
    options.add_argument("--venv", type=Path, default=Path(tempfile.gettempdir()) / "crossdock-bench-peers")
    arguments = options.parse_args()
    peer = installed(arguments.venv)
    print("| peer | s | CPU s | crossdock | s | CPU s | CPU: peer ÷ crossdock |")
    print("|---|---|---|---|---|---|---|")
    with workplace() as (folder, server):
        path = folder / "sales_orders.csv"
        write(path, arguments.lines)
        url, lite, feed = fresh(server), f"sqlite:///{folder / 'own.db'}", "house/sales_order"
        own = [sys.executable, "-c", CHILD, str(path)]
        check = [sys.executable, "-m", "crossdock", "check", str(path), "--feed", feed]
        pairs = {
            "dlt, merge into PostgreSQL": (DLT, [str(server.get_uri("postgres")), str(folder / "dlt")],
                                           "import", [*own, url, feed]),
            "frictionless, check": (FRICTIONLESS, [], "check", check),
            "petl, insert into SQLite": (PETL, [str(folder / "petl.db")], "import", [*own, lite, feed]),
        }  # fmt: skip
        for title, (script, extra, what, command) in pairs.items():
            theirs = timed([peer, "-c", script, path.name, *extra], folder)
            ours = timed(command, folder)
            print(
                f"| {title} | {theirs[0]:.1f} | {theirs[1]:.1f} | {what} | {ours[0]:.1f} | {ours[1]:.1f} "
                f"| {theirs[1] / ours[1]:.2f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
