"""What several worker processes do with many small drops: whether the database or the cores are the limit, or locks.

``--drops`` files of 20 lines wait in the drop folder of a home; 1, 2 and 4 processes, a worker each, import, file and
answer them all, from a fresh database each time. *Waiting* is the part of the workers' time in which they used no CPU:
for the database, for a lock, or for a core that others use. Start-up is not counted.

    python -m bench.workers [--drops 300] [--workers 1 2 4]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

from bench.commands import HERE
from bench.import_csv import fresh, workplace
from bench.small_drops import drops, worked
from crossdock.database import connect
from crossdock.partners import registry
from crossdock.site import Site

LINES = 20
SIDE = 16
"""Imports side by side, also of one partner: its TOML says 1 where it says nothing."""
CHILD = """
import sys
from bench.workers import at_work
at_work(sys.argv[1], sys.argv[2])
"""


def at_work(home: str, url: str) -> None:
    """A worker: what it has done, as JSON, once nothing waits any more. It begins when its input ends."""
    with closing(connect(url)) as database:
        known = registry.load(Path("data/partners"), "UTC")
        known = replace(known, by_id={name: replace(each, at_once=SIDE) for name, each in known.by_id.items()})
        site = Site(database, known, Path(home), 0.0, SIDE, (), ZoneInfo("UTC"))
        print("ready", flush=True)
        sys.stdin.read()
        done, wall, used = worked(site)
    print(json.dumps({"done": done, "wall": wall, "used": used}))


def together(home: Path, url: str, workers: int) -> tuple[int, float, float, float]:
    """Drops, seconds until the last worker ended, all workers' seconds, and the CPU seconds that they used."""
    command = [sys.executable, "-c", CHILD, str(home), url]
    running = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=HERE)
        for _ in range(workers)
    ]
    for each in running:
        if each.stdout is not None:
            each.stdout.readline()
    before = time.perf_counter()
    for each in running:
        if each.stdin is not None:
            each.stdin.close()
            each.stdin = None
    results = [json.loads(each.communicate()[0]) for each in running]
    wall = time.perf_counter() - before
    sums = [sum(each[name] for each in results) for name in ("done", "wall", "used")]
    return int(sums[0]), wall, sums[1], sums[2]


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--drops", type=int, default=300)
    options.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4])
    options.add_argument("--databases", nargs="+", default=["SQLite", "PostgreSQL"])
    arguments = options.parse_args()
    print("| database | workers | drops/s | CPU ms a drop | waiting |\n|---|---|---|---|---|")
    with workplace() as (folder, server):
        for kind in arguments.databases:
            for workers in arguments.workers:
                home = folder / f"{kind}_{workers}"
                home.mkdir()
                url = f"sqlite:///{home}.db" if kind == "SQLite" else fresh(server)
                connect(url).close()
                drops(home / "inbox" / "house", arguments.drops, LINES, "csv", "SO")
                done, wall, spent, used = together(home, url, workers)
                waiting = f"{1 - used / spent:.0%}"
                print(f"| {kind} | {workers} | {done / wall:.1f} | {used / done * 1e3:.0f} | {waiting} |", flush=True)


if __name__ == "__main__":
    main()
