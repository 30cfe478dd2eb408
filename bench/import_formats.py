"""How fast Excel and JSON are imported, beside the libraries that read them alone.

For each format the same orders are imported into fresh tables of both databases, in a process of its own whose peak
memory is read; beside it calamine reads the sheet's rows, or orjson the whole text, and does nothing with them. Ratios
are of one run on one machine.

    python -m bench.import_formats [--lines 100000]
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from bench.commands import HERE
from bench.import_csv import fresh, imported, workplace

ALONE = {
    "xlsx": """
import sys, time, resource
from python_calamine import CalamineWorkbook
before = time.perf_counter()
rows = sum(1 for _ in CalamineWorkbook.from_path(sys.argv[1]).get_sheet_by_index(0).iter_rows())
""",
    "json": """
import sys, time, resource, orjson
before = time.perf_counter()
rows = len(orjson.loads(open(sys.argv[1], "rb").read())["data"])
""",
    "csv": """
import sys, time, resource
from pyarrow import csv
before = time.perf_counter()
rows = csv.read_csv(sys.argv[1]).num_rows
""",
}
LIBRARIES = {"xlsx": "calamine", "json": "orjson", "csv": "pyarrow"}
TOLD = """
assert rows
print(time.perf_counter() - before, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""
MAKE = """
import pathlib, sys
from bench.orders import write
from bench.import_formats import as_json, as_workbook
path = pathlib.Path(sys.argv[1])
write(path, int(sys.argv[2]))
as_json(path)
as_workbook(path, path.with_suffix(".xlsx"))
as_workbook(path, path.with_name("sales_orders_hidden.xlsx"), hidden="C")
"""
FILES = {
    "xlsx": "sales_orders.xlsx",
    "xlsx, a column hidden": "sales_orders_hidden.xlsx",
    "json": "sales_orders.json",
    "csv": "sales_orders.csv",
}
"""What is imported. One hidden column is enough for a workbook that somebody has worked in."""


def as_workbook(path: Path, workbook: Path, hidden: str = "") -> None:
    """The same rows as a sheet, numbers as numbers; ``hidden``: the letters of a column that is."""
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Orders")
    if hidden:
        sheet.column_dimensions[hidden].hidden = True
    for number, row in enumerate(_rows(path)):
        sheet.append([float(cell) if number and place in (12, 14) and _number(cell) else cell
                      for place, cell in enumerate(row)])  # fmt: skip
    book.save(workbook)


def as_json(path: Path) -> None:
    """The same orders nested, as the API's bulk body."""
    rows = _rows(path)
    names = rows[0]
    orders: dict[str, dict[str, Any]] = {}
    for row in rows[1:]:
        cells = dict(zip(names, row, strict=True))
        line: dict[str, Any] = {name.removeprefix("line."): cells[name] for name in names[10:]}
        line |= {name: float(line[name]) for name in ("quantity", "unitPrice") if _number(line[name])}
        head: dict[str, Any] = {name: cells[name] for name in names[:10] if not name.startswith("shipTo.")}
        head["shipTo"] = {name.removeprefix("shipTo."): cells[name] for name in names if name.startswith("shipTo.")}
        orders.setdefault(row[0], head | {"orderLines": []})["orderLines"].append(line)
    path.with_suffix(".json").write_text(json.dumps({"data": list(orders.values())}), encoding="utf-8")


def _rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def _number(cell: str) -> bool:
    return cell.replace(".", "", 1).isdigit()


def _row(name: str, of: Path, database: str, lines: int, figures: dict[str, float], alone: float, peak: float) -> None:
    seconds, size, library = figures["seconds"], of.stat().st_size, LIBRARIES[of.suffix[1:]]
    print(
        f"| {name} | {size / 1e6:.0f} | {database} | {seconds:.1f} | {lines / seconds:,.0f} | {figures['peak']:.0f} "
        f"| {library} | {alone:.2f} | {peak:.0f} | {seconds / alone:.1f} |",
        flush=True,
    )


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--lines", type=int, default=100_000)
    lines = options.parse_args().lines
    print("| format | MB | database | s | lines/s | peak MB | library alone | s | peak MB | ÷ |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    with workplace() as (folder, server):
        path = folder / "sales_orders.csv"
        subprocess.run([sys.executable, "-c", MAKE, str(path), str(lines)], check=True, cwd=HERE)
        for title, file in FILES.items():
            of = folder / file
            command = [sys.executable, "-c", ALONE[of.suffix[1:]] + TOLD, str(of)]
            output = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
            alone, peak = (float(each) for each in output)
            for database, url in (("PostgreSQL", fresh(server)), ("SQLite", f"sqlite:///{of}.db")):
                _row(title, of, database, lines, imported(of, url), alone, peak)


if __name__ == "__main__":
    main()
