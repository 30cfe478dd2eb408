"""What one warm worker does with many small drops, and where the time of a drop goes.

``--drops`` files of ``--lines`` order lines each (documents of three lines, every tenth drop with a faulty line) wait
in the drop folder of a home; one worker of this process imports, files and answers them all. Wall and CPU seconds a
drop, PostgreSQL's own CPU not counted, after as many drops as make the worker warm.

    python -m bench.small_drops [--drops 300] [--lines 20]
"""

from __future__ import annotations

import argparse
import json
import time
from contextlib import closing
from pathlib import Path
from zoneinfo import ZoneInfo

from bench.import_csv import fresh, workplace
from bench.orders import COLUMNS, rows, save
from crossdock.database import connect
from crossdock.partners import registry
from crossdock.site import Site
from crossdock.workers.work import jobs_waiting, run_job
from crossdock.workers.worker import Worker

WARM = 10
FAULTY = 10
"""Every which drop has a line that fails."""


def drops(inbox: Path, number: int, lines: int, kind: str, name: str) -> None:
    """Write files of that many lines, none with an order of another file."""
    order_rows = [list(row) for row in rows(number * lines, wrong=0)]
    quantity, order, line = (COLUMNS.index(each) for each in ("quantity", "customerOrderNumber", "customerLineNumber"))
    inbox.mkdir(parents=True, exist_ok=True)
    for drop in range(number):
        part = order_rows[drop * lines : (drop + 1) * lines]
        for place, row in enumerate(part):
            row[:line] = part[place - place % 3][:line]  # the cells of the header
            row[order], row[line] = f"{name}-{drop}-{place // 3}", str(place % 3 + 1)
        if drop % FAULTY == FAULTY - 1:
            part[-1][quantity] = "twelve"
        path = inbox / f"orders_{name}_{drop:05}.{kind}"
        if kind == "csv":
            save(path, part)
        else:
            path.write_text(json.dumps([dict(zip(COLUMNS, row, strict=True)) for row in part]))


def worked(site: Site) -> tuple[int, float, float]:
    """Import all that waits with one worker; drops, wall and CPU seconds."""
    done = 0
    before, used = time.perf_counter(), time.process_time()
    with Worker(site.database, "bench") as worker:
        for taken in jobs_waiting(site, worker):
            ended = run_job(site, worker, taken)
            if ended.report is None or ended.report.books.failed > 1:
                raise RuntimeError(f"{ended.name}: {ended.said} {ended.report}")
            done += 1
    return done, time.perf_counter() - before, time.process_time() - used


def measured(home: Path, url: str, number: int, lines: int, kind: str) -> tuple[float, float]:
    """Wall and CPU seconds a drop."""
    known = registry.load(Path("data/partners"), "UTC")
    with closing(connect(url)) as database:
        site = Site(database, known, home, 0.0, 4, (), ZoneInfo("UTC"))
        drops(home / "inbox" / "house", WARM, lines, kind, "WARM")
        worked(site)
        drops(home / "inbox" / "house", number, lines, kind, "SO")
        done, wall, used = worked(site)
    if done != number:
        raise RuntimeError(f"{done} of {number} drops were imported")
    return wall / done, used / done


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--drops", type=int, default=300)
    options.add_argument("--lines", type=int, nargs="+", default=[20, 3])
    options.add_argument("--kinds", nargs="+", default=["csv", "json"])
    options.add_argument("--databases", nargs="+", default=["SQLite", "PostgreSQL"])
    arguments = options.parse_args()
    print("| database | drops | ms a drop | CPU ms a drop | drops/s |\n|---|---|---|---|---|")
    with workplace() as (folder, server):
        for kind in arguments.databases:
            for lines in arguments.lines:
                for suffix in arguments.kinds:
                    home = folder / f"{kind}_{lines}_{suffix}"
                    home.mkdir()
                    url = f"sqlite:///{home}.db" if kind == "SQLite" else fresh(server)
                    wall, used = measured(home, url, arguments.drops, lines, suffix)
                    what = f"{arguments.drops} × {lines} lines, {suffix}"
                    print(f"| {kind} | {what} | {wall * 1e3:.1f} | {used * 1e3:.1f} | {1 / wall:.1f} |", flush=True)


if __name__ == "__main__":
    main()
