"""``crossdock feeds --check`` and ``--test``: a change of a TOML is reviewed like code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.commands import crossdock
from tests.warehouse import csv, partner


@pytest.fixture
def home(tmp_path: Path) -> Path:
    partner(tmp_path, "acme")
    (tmp_path / "partners" / "acme").mkdir()
    (tmp_path / "partners" / "acme" / "orders_1.csv").write_text(csv("SO-1,1,AB,5", "SO-2,1,AB,x"))
    return tmp_path


def feeds(home: Path, *words: str) -> tuple[int, str]:
    done = crossdock("feeds", *words, CROSSDOCK_HOME=str(home), CROSSDOCK_PARTNERS=str(home / "partners"))
    return done.returncode, done.stdout + done.stderr


def test_samples_are_compared_with_their_answers(home: Path) -> None:
    code, text = feeds(home, "--test")
    assert code == 1
    assert "acme/orders_1.csv: has no answer yet; --write writes it" in text
    assert feeds(home, "--write")[0] == 0
    golden = json.loads((home / "partners/acme/orders_1.csv.golden").read_text())
    assert [each["customerOrderNumber"] for each in golden["documents"]] == ["SO-1"]
    assert [each["code"] for each in golden["report"]["failures"] if each["severity"] == "error"] == ["not_a_number"]
    assert feeds(home, "--test") == (
        0, f"2 feeds of 1 partners, no mistake ({home}/partners)\n1 samples, 1 as their answers say\n",
    )  # fmt: skip


def test_a_change_of_the_toml_shows_what_it_changes(home: Path) -> None:
    feeds(home, "--write")
    partner(home, "acme", keys='prefix = { customerOrderNumber = "FR-" }')
    code, text = feeds(home, "--test")
    assert code == 1
    assert "acme/orders_1.csv: has another answer" in text
    assert '-   "customerOrderNumber": "SO-1",' in text
    assert '+   "customerOrderNumber": "FR-SO-1",' in text


def test_all_mistakes_of_all_files_are_named_in_one_round(home: Path) -> None:
    partner(home, "acme", keys='decimal = ";"\nskipp = {}\noptional = ["skuIdd"]')
    partner(home, "beta", top='mode = "test"')
    code, text = feeds(home, "--check")
    assert code == 2
    assert [line.split(": ", 1)[1] for line in text.removeprefix("crossdock: ").splitlines()] == [
        "decimal: input should be '.' or ','",
        "there is no key 'skipp', did you mean 'skip'?",
        "sales_order has no field 'skuIdd', did you mean 'skuId'?",
        "mode = 'test' is not possible yet",
    ]
