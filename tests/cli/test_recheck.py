"""``crossdock check --feed X --since 7d``: what would come out differently with today's TOML."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands import crossdock
from tests.warehouse import csv, partner

COLUMNS = '[feed.columns]\n"Menge" = "quantity"\n'
HEADER = "customerOrderNumber,customerLineNumber,skuId,Menge"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    partner(tmp_path, "acme", keys=COLUMNS)
    for number, text in enumerate(
        (csv("S-1,1,AB,5", 'S-2,1,AB,"1.000"', header=HEADER), csv("S-3,1,AB,7", header=HEADER)), 1
    ):
        path = tmp_path / f"orders_{number}.csv"
        path.write_text(text)
        run(tmp_path, "import", str(path), "--feed", "acme/sales_order")
    return tmp_path


def run(home: Path, *words: str) -> tuple[int, list[str]]:
    done = crossdock(*words, CROSSDOCK_HOME=str(home), CROSSDOCK_PARTNERS=str(home / "partners"))
    return done.returncode, (done.stdout + done.stderr).splitlines()


def recheck(home: Path, since: str = "7d") -> tuple[int, list[str]]:
    code, lines = run(home, "check", "--feed", "acme/sales_order", "--since", since)
    return code, [line.partition(" (2")[0] for line in lines]


def test_with_the_same_toml_nothing_is_different(home: Path) -> None:
    assert recheck(home) == (
        0, ["2 files of acme/sales_order, 0 come out differently with today's TOML; nothing was written"],
    )  # fmt: skip


def test_what_another_toml_changes_is_said_of_each_document(home: Path) -> None:
    partner(home, "acme", keys=f'thousands = "."\ndecimal = ","\n{COLUMNS}')
    code, lines = recheck(home)
    assert code == 1
    assert lines == [
        "orders_1.csv",
        "  S-2: orderLines/0.quantity 1000, was 1",
        "2 files of acme/sales_order, 1 come out differently with today's TOML; nothing was written",
    ]


def test_documents_that_fail_or_are_imported_now_are_named(home: Path) -> None:
    partner(home, "acme", keys=COLUMNS.replace("Menge", "Qty"))
    code, lines = recheck(home, "24h")
    assert code == 1
    assert [line for line in lines if "S-3" in line] == ["  S-3: is not imported any more: quantity is missing"]


def test_wrong_use_ends_in_one_sentence(home: Path) -> None:
    assert recheck(home, "soon") == (2, ["crossdock: --since soon: write a number of days or hours, such as 7d or 12h"])
    assert run(home, "check")[0] == 2


def test_documents_of_one_number_are_compared_each(tmp_path: Path) -> None:
    stock = 'document = "inventory"\nfiles = "stock*"\nconstants = { businessUnitId = "BU1", asOf = "2026-11-22T06:00:00Z" }\n'
    head = 'id = "acme"\nzone = "Europe/Berlin"\nbusiness_units = ["BU1"]\n[[feed]]\n'
    partner(tmp_path, "acme", whole=head + stock)
    path = tmp_path / "stock.csv"
    path.write_text(csv("N1,A,1.5,KG", "N2,A,7,KG", header="buildingId,skuId,onHand,quantityMeasure"))
    run(tmp_path, "import", str(path), "--feed", "acme/inventory")
    partner(tmp_path, "acme", whole=f'{head}{stock}thousands = "."\ndecimal = ","\n')
    code, lines = run(tmp_path, "check", "--feed", "acme/inventory", "--since", "7d")
    assert code == 1
    assert (
        lines[1] == "  A: 1 documents have this number, 2 had it; onHand '1.5' is not a number (write it like 1.234,56)"
    )
