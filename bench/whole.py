"""What ``crossdock import`` and ``check`` take as whole processes: start, reports and the fix-workbook included.

For each database a file with one line in a hundred wrong, one with half its lines wrong, and the check of the first,
each into a database of its own, which the import creates if it is SQLite's. Beside it P, the driver alone, with the
rows that the first import has stored (``bench.import_csv``). CPU seconds are crossdock's own, without the server's.

    python -m bench.whole [--lines 200000 1000000]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from bench.commands import HERE, Spent, by_command
from bench.import_csv import fresh, psycopg_alone, sqlite3_alone, workplace

FEW, HALF = 0.01, 0.5
"""Which share of the lines is wrong."""


def spent(command: str, path: Path, home: Path, url: str) -> Spent:
    """What a command of crossdock takes for a file. Raises ``RuntimeError`` where it fails by more than the file."""
    own = {"CROSSDOCK_HOME": str(home), "CROSSDOCK_DATABASE_URL": url}
    words = [command, "--feed", "house/sales_order", str(path)]
    return by_command(words, own, ends_with=(3, 4))  # some or all documents failed


def _generated(path: Path, lines: int, wrong: float) -> Path:
    """A file of orders, written by a process of its own: a child's peak memory begins with its parent's."""
    call = f"save(pathlib.Path({str(path)!r}), rows({lines}, wrong={wrong}))"
    call = f"import pathlib; from bench.orders import rows, save; {call}"
    subprocess.run([sys.executable, "-c", call], check=True, cwd=HERE)
    return path


def _row(lines: int, name: str, what: str, took: Spent, ratio: str) -> None:
    figures = f"{took.wall:.1f} | {took.busy:.1f} | {took.peak:.0f}"
    print(f"| {lines:,} | {name} | {what} | {figures} | {ratio} |", flush=True)


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--lines", type=int, nargs="+", default=[200_000, 1_000_000])
    arguments = options.parse_args()
    print("| lines | database | what | s | CPU s | peak MB | ÷ |\n|---|---|---|---|---|---|---|")
    for lines in arguments.lines:
        with workplace() as (folder, server):
            few = _generated(folder / "few.csv", lines, FEW)
            half = _generated(folder / "half.csv", lines, HALF)
            for name in ("PostgreSQL", "SQLite"):
                stored = folder / "first.db"
                url = fresh(server) if name == "PostgreSQL" else f"sqlite:///{stored}"
                first = spent("import", few, folder / f"{name}_few", url)
                alone = psycopg_alone(url, folder) if name == "PostgreSQL" else sqlite3_alone(stored, folder)
                _row(lines, name, "import", first, f"{first.wall / alone:.2f} × P ({alone:.1f} s)")
                url = fresh(server) if name == "PostgreSQL" else f"sqlite:///{folder / 'half.db'}"
                worse = spent("import", half, folder / f"{name}_half", url)
                ratios = f"{worse.wall / first.wall:.2f}, CPU {worse.busy / first.busy:.2f} × the import"
                _row(lines, name, "import, half the lines wrong", worse, ratios)
                url = fresh(server) if name == "PostgreSQL" else f"sqlite:///{folder / 'check.db'}"
                checked = spent("check", few, folder / f"{name}_check", url)
                ratios = f"{checked.wall / first.wall:.2f}, CPU {checked.busy / first.busy:.2f} × the import"
                _row(lines, name, "check", checked, ratios)


if __name__ == "__main__":
    main()
