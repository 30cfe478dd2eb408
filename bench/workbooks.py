"""What it costs to read workbooks in a child: fifty small ones, a file each, and a large one.

Every file is looked at as the drop folder does (is it a fix-workbook?) and read to its last block; nothing is imported.
Each kind is read by a process of its own that starts its child within the time, three times by turns with another
checkout where one is named; the best time counts.

    python -m bench.workbooks [--before CHECKOUT] [--lines 100000]
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.commands import HERE
from bench.import_formats import as_workbook
from bench.orders import rows, save, write

TIMES = 3
SMALL = 50
OLD = HERE / "tests" / "formats" / "excel" / "samples" / "orders.xls"
READ = """
import sys, time, pathlib
from crossdock import formats
from crossdock.partners import registry
from crossdock.formats.format import Clues
feed = registry.load(pathlib.Path("data/partners"), "UTC").named("house/sales_order", "orders.xlsx")
clues = Clues(feed.kinds, feed.arrays, feed.keys.decimal)
before = time.perf_counter()
for path in sorted(pathlib.Path(sys.argv[1]).iterdir()):
    formats.stamped(path)
    for block in formats.reader(path, None, feed.keys.options, clues).blocks():
        pass
print(time.perf_counter() - before)
"""


def seconds(folder: Path, checkout: Path) -> float:
    """How long a checkout takes to read the files of a folder."""
    environment = os.environ | {"PYTHONPATH": str(checkout / "src")}
    command = [sys.executable, "-W", "ignore", "-c", READ, str(folder)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True, cwd=HERE, env=environment).stdout)


def written(place: Path, lines: int) -> dict[str, Path]:
    """Folders of workbooks by what they are."""
    kinds = {
        f"{SMALL} small .xlsx": place / "small",
        f"{SMALL} small .xls": place / "old",
        f"one .xlsx of {lines:,} lines": place / "large",
    }
    for folder in kinds.values():
        folder.mkdir()
    save(place / "small.csv", rows(40, wrong=0))
    as_workbook(place / "small.csv", place / "small.xlsx")
    write(place / "large.csv", lines)
    as_workbook(place / "large.csv", place / "large" / "large.xlsx")
    for number in range(SMALL):
        shutil.copy(place / "small.xlsx", place / "small" / f"{number}.xlsx")
        shutil.copy(OLD, place / "old" / f"{number}.xls")
    return kinds


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--before", type=Path)
    options.add_argument("--lines", type=int, default=100_000)
    arguments = options.parse_args()
    checkouts = [HERE, *([arguments.before] if arguments.before else [])]
    print("| workbooks | s | before | ÷ |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="crossdock-bench-") as name:
        for what, folder in written(Path(name), arguments.lines).items():
            taken = [[seconds(folder, each) for each in checkouts] for _ in range(TIMES)]
            now, *before = (min(each) for each in zip(*taken, strict=True))
            print(
                f"| {what} | {now:.2f} | " + (f"{before[0]:.2f} | {now / before[0]:.2f} |" if before else "| |"),
                flush=True,
            )


if __name__ == "__main__":
    main()
