"""Reports that are written in one pass over a job's failures are each, byte for byte, what it is alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from crossdock.delivery import answer_files
from crossdock.jobs import queries
from crossdock.reports import text
from crossdock.reports.detailed import detailed
from crossdock.reports.document_report import pieces
from crossdock.reports.failure_list import failure_list
from tests.warehouse import HEADER, Warehouse, csv

HEADING = f"businessUnitId,{HEADER}"
ROWS = [
    f"{unit},SO-{number},{line},{'AB' if number % 3 else ''},{'twelve' if number % 2 else 5}"
    for number, unit in enumerate(["BU1", "BU2", "BU9"] * 4)
    for line in (1, 2)
]


@pytest.mark.parametrize("at_once", [100, 1, 2])
def test_reports_of_one_pass_are_those_that_are_written_alone(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(answer_files, "OPEN_AT_ONCE", at_once)
    job = warehouse.run(csv(*ROWS, header=HEADING)).row
    answer_files.write_reports(warehouse.site, job, tmp_path)
    alone = {
        f"{answer_files.base(job)}.report.json": detailed(job, warehouse.database),
        f"{answer_files.base(job)}.failures.csv": failure_list(job, warehouse.database),
    }
    for name, report in answer_files.answers(job, warehouse.database):
        alone[name] = pieces(report, job, warehouse.database)
    assert len(alone) == 4  # two units are answered
    for name, whole in alone.items():
        assert (tmp_path / name).read_bytes() == "".join(whole).encode(), name
    assert not list(tmp_path.glob("*.part"))


def test_the_report_in_words_is_read_where_it_is_filed(warehouse: Warehouse) -> None:
    """A person who waits for an import had it worked out once more."""
    warehouse.drop("orders_1.csv", csv("SO-1,1,AB,twelve", "SO-2,1,AB,5"))
    (report,) = warehouse.reports()
    job = queries.one(warehouse.database, report.job)
    assert answer_files.filed_text(warehouse.home, job) == list(text.text(job, warehouse.database))
    path = answer_files.shelf(warehouse.home, job) / f"{answer_files.base(job)}.report.txt"
    path.write_text("as it is filed\n", encoding="utf-8")
    assert answer_files.filed_text(warehouse.home, job) == ["as it is filed"]
    path.unlink()
    assert answer_files.filed_text(warehouse.home, job) is None
