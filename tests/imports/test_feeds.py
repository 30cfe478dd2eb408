"""Golden files: beside each sample input lie the report and the rows it must give, on either database.

``pytest tests/test_feeds.py --golden`` writes them anew; read the difference before you commit it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from crossdock.database.tables import LEVELS
from crossdock.documents import DOCUMENTS
from crossdock.reports import detailed
from crossdock.workers.feed_samples import PASSING
from tests.samples import FOLDER, INPUTS, NAMES, feed_of, known
from tests.warehouse import Warehouse

OWN = ("job", "content", "revision", "change")


def rows(warehouse: Warehouse, before: set[str]) -> dict[str, list[dict[str, Any]]]:
    """Every stored row of a level that has any, without its job, in the order of its line; nulls left out.

    ``before``: jobs whose rows were there already.
    """
    tables = {}
    with warehouse.database.reading() as connection:
        for name, table in LEVELS.items():
            stored = connection.execute(table.select().order_by(table.c.line, *table.primary_key)).mappings()
            records = [
                {key: str(value) for key, value in row.items() if value is not None and key not in OWN}
                for row in stored
                if row["job"] not in before
            ]
            tables |= {name: records} if records else {}
    return tables


def report(warehouse: Warehouse, job: str) -> dict[str, Any]:
    members: dict[str, Any] = json.loads("".join(detailed.detailed(warehouse.row(job), warehouse.database)))["data"]
    return {key: value for key, value in members.items() if key not in PASSING}


def masked(text: str, jobs: set[str]) -> str:
    """A text without the ids of jobs, which are new each time."""
    for job in jobs:
        text = text.replace(job, "JOB")
    return text


@pytest.mark.both(slow=True)
@pytest.mark.stocked
@pytest.mark.parametrize("path", INPUTS, ids=NAMES)
def test_samples_give_what_lies_beside_them(warehouse: Warehouse, path: Path, request: pytest.FixtureRequest) -> None:
    of = feed_of(path)
    assert of.claims(path.name), "a sample bears a name that its feed claims"
    before = {row.job_id for row in warehouse.jobs()}
    result = warehouse.run(path, of)
    results = {
        "report": json.loads(masked(json.dumps(report(warehouse, result.job)), before)),
        "text": masked(result.text, {*before, result.job}).splitlines(),
        "rows": rows(warehouse, before),
    }
    golden = path.with_name(path.name + ".golden")
    if request.config.getoption("--golden"):
        golden.write_text(json.dumps(results, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    assert results == json.loads(golden.read_text(encoding="utf-8"))


def test_every_feed_has_a_good_and_a_bad_sample() -> None:
    for feed in known().feeds():
        folder = FOLDER / f"{feed.partner}_{feed.document.name}"
        verdicts = {
            json.loads(path.read_text(encoding="utf-8"))["report"]["verdict"] for path in folder.glob("*.golden")
        }
        assert "PARTIAL" in verdicts, feed.name
        assert "ACCEPTED" in verdicts or feed.partner == "online_retail", feed.name


def test_every_document_is_sampled() -> None:
    assert {feed_of(path).document.name for path in INPUTS} == set(DOCUMENTS)


def test_a_shops_real_invoices_fail_where_plain_python_says(warehouse: Warehouse) -> None:
    """Counted apart from crossdock: an invoice fails if any of its quantities is not above zero."""
    import csv

    path = FOLDER / "online_retail_sales_order" / "online_retail_2010-12-01_part.csv"
    with path.open(encoding="utf-8", newline="") as file:
        invoices: dict[str, list[int]] = {}
        for row in csv.DictReader(file):
            invoices.setdefault(row["InvoiceNo"], []).append(int(row["Quantity"]))
    failing = {number for number, quantities in invoices.items() if min(quantities) <= 0}
    result = warehouse.run(path, known().named("online_retail/sales_order"))
    assert set(result.failed) == failing
    assert result.report.documents.inserted == len(invoices) - len(failing)
    assert result.report.books.loaded == sum(len(q) for n, q in invoices.items() if n not in failing)
