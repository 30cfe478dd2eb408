"""What the answers to one failing document cost as it grows: every line fails, and every report is written.

The same lines are also sent as documents of one line each. CPU of checking and storing, and of each report, a failing
line; a report that compares rows with rows shows in the last column.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from bench.checking import FEED, NUMBER, QUANTITY
from bench.orders import COLUMNS, rows, save
from crossdock.database import Database, connect
from crossdock.intake.recognise import open_drop
from crossdock.jobs import queries
from crossdock.model.drop import Drop
from crossdock.model.job import JobRecord
from crossdock.partners import registry
from crossdock.pipeline.import_drop import import_drop
from crossdock.reports import acknowledgement, detailed, failure_list, text
from crossdock.reports.excel.fix_workbook import write_fix_workbook

LINE = COLUMNS.index("customerLineNumber")
SIZES = (2_000, 20_000)


@dataclass(frozen=True)
class Imported:
    """A job that failed whole, where its reports go, and what importing it took."""

    job: JobRecord
    database: Database
    folder: Path

    def acknowledged(self) -> Iterator[str]:
        """Each answer of the job."""
        for each in acknowledgement.answers(self.job, self.database):
            yield from acknowledgement.body(self.job, each, self.database)


REPORTS: dict[str, Callable[[Imported], object]] = {
    "acknowledgement": lambda of: _read(of.acknowledged()),
    "report as text": lambda of: _read(text.text(of.job, of.database)),
    "report as JSON": lambda of: _read(detailed.detailed(of.job, of.database)),
    "report as CSV": lambda of: _read(failure_list.failure_list(of.job, of.database)),
    "fix-workbook": lambda of: write_fix_workbook(of.job, of.database, of.folder / "fix.xlsx", "", ZoneInfo("UTC")),
}


def _read(pieces: Iterable[object]) -> int:
    """Write all of a report; the number of its pieces."""
    return sum(1 for _ in pieces)


def failing(lines: int, *, whole: bool) -> list[list[str]]:
    """That many lines with a quantity that is none: of one document, or each of its own."""
    sheet_rows: list[list[str]] = []
    for number, row in enumerate(rows(lines, wrong=0)[:lines], 1):
        headings = list(sheet_rows[0]) if whole and sheet_rows else list(row)
        headings[NUMBER] = "SO-1" if whole else f"SO-{number}"
        headings[LINE], headings[QUANTITY] = str(number), "twelve"
        sheet_rows.append(headings)
    return sheet_rows


def micros(lines: int, *, whole: bool) -> dict[str, float]:
    """CPU a line, µs, by what is done."""
    known = registry.load(Path("data/partners"), "UTC")
    taken = {}
    with tempfile.TemporaryDirectory(prefix="crossdock-bench-") as name:
        folder = Path(name)
        save(folder / "orders.csv", failing(lines, whole=whole))
        database = connect(f"sqlite:///{folder / 'orders.db'}")
        drop = open_drop(folder / "orders.csv", known, feed=FEED)
        if not isinstance(drop, Drop):
            raise TypeError("an archive is no order file")
        before = time.process_time()
        job = import_drop(drop, database).job
        taken["import"] = time.process_time() - before
        of = Imported(queries.one(database, job), database, folder)
        for what, written in REPORTS.items():
            before = time.process_time()
            written(of)
            taken[what] = time.process_time() - before
        database.close()
    return {what: seconds / lines * 1e6 for what, seconds in taken.items()}


def main() -> None:
    """Print the table."""
    small, large = SIZES
    apart = micros(large, whole=False)
    one = {lines: micros(lines, whole=True) for lines in SIZES}
    print(f"| µs a failing line | {large:,} documents | one of {small:,} | one of {large:,} | ÷ |")
    print("|---|---|---|---|---|")
    for what in apart:
        grown = one[large][what] / one[small][what]
        print(f"| {what} | {apart[what]:.1f} | {one[small][what]:.1f} | {one[large][what]:.1f} | {grown:.2f} |")


if __name__ == "__main__":
    main()
