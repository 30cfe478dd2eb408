"""Golden files: beside each sample input lie the report and the rows it must give, on either database.

``pytest tests/test_feeds.py --golden`` writes them anew; read the difference before you commit it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from crossdock import partners, shipped
from crossdock import report as full
from crossdock.database.tables import LEVELS
from crossdock.documents import DOCUMENTS
from tests.helpers import Bench

FOLDER = Path(__file__).parent / "feeds"
ASIDE = {".md", ".golden"}
INPUTS = sorted(path for path in FOLDER.rglob("*") if path.is_file() and path.suffix not in ASIDE)
PASSING = ("jobId", "crossdockJobId", "receivedAt", "startedAt", "finishedAt", "digest")


def known() -> partners.Partners:
    return partners.load(shipped.folder("partners"), "UTC")


def rows(bench: Bench) -> dict[str, list[dict[str, Any]]]:
    """Every stored row, without its job, in the order of its line; nulls left out."""
    found = {}
    with bench.database.reading() as connection:
        for name, table in LEVELS.items():
            stored = connection.execute(table.select().order_by(table.c.line, *table.primary_key)).mappings()
            left_out = ("job", "content", "revision")
            found[name] = [
                {key: str(value) for key, value in row.items() if value is not None and key not in left_out}
                for row in stored
            ]
    return found


def report(bench: Bench, job: str) -> dict[str, Any]:
    made: dict[str, Any] = json.loads("".join(full.detailed(bench.row(job), bench.database)))["data"]
    return {key: value for key, value in made.items() if key not in PASSING}


@pytest.mark.parametrize("path", INPUTS, ids=[f"{path.parent.name}/{path.name}" for path in INPUTS])
def test_samples_give_what_lies_beside_them(bench: Bench, path: Path, request: pytest.FixtureRequest) -> None:
    partner, _, document = path.parent.name.partition("_sales_order")[0], "", "sales_order"
    of = known().named(f"{partner}/{document}", path.name)
    assert of.claims(path.name), "a sample bears a name that its feed claims"
    result = bench.run(path, of)
    made = {
        "report": report(bench, result.job),
        "text": result.text.replace(result.job, "JOB").splitlines(),
        "rows": rows(bench),
    }
    golden = path.with_name(path.name + ".golden")
    if request.config.getoption("--golden"):
        golden.write_text(json.dumps(made, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    assert made == json.loads(golden.read_text(encoding="utf-8"))


def test_every_feed_has_a_good_and_a_bad_sample() -> None:
    for feed in known().feeds():
        folder = FOLDER / f"{feed.partner}_{feed.document.name}"
        verdicts = {
            json.loads(path.read_text(encoding="utf-8"))["report"]["verdict"] for path in folder.glob("*.golden")
        }
        assert "PARTIAL" in verdicts, feed.name
        assert "ACCEPTED" in verdicts or feed.partner == "online_retail", feed.name


def test_every_document_is_sampled() -> None:
    assert {path.parent.name.rpartition("_sales_order")[1].strip("_") for path in INPUTS} == set(DOCUMENTS)


def test_a_shops_real_invoices_fail_where_plain_python_says(desk: Bench) -> None:
    """Counted apart from crossdock: an invoice fails if any of its quantities is not above zero."""
    import csv

    path = FOLDER / "online_retail_sales_order" / "online_retail_2010-12-01_part.csv"
    with path.open(encoding="utf-8", newline="") as file:
        invoices: dict[str, list[int]] = {}
        for row in csv.DictReader(file):
            invoices.setdefault(row["InvoiceNo"], []).append(int(row["Quantity"]))
    failing = {number for number, quantities in invoices.items() if min(quantities) <= 0}
    result = desk.run(path, known().named("online_retail/sales_order"))
    assert set(result.failed) == failing
    assert result.report.documents.inserted == len(invoices) - len(failing)
    assert result.report.books.loaded == sum(len(q) for n, q in invoices.items() if n not in failing)
