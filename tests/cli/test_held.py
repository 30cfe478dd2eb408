"""What is still outside, at the command line: open, find, dismiss, replay."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.commands import crossdock
from tests.warehouse import csv, partner


def now(*words: str) -> tuple[int, str]:
    """The exit code and what is said."""
    done = crossdock(*words, CROSSDOCK_SETTLE_SECONDS="0")
    return done.returncode, " ".join((done.stdout + done.stderr).split())


@pytest.fixture
def held(tmp_path: Path) -> str:
    """Of three orders one is stored, one failed, one is held with a failing line; and a file was refused. The job."""
    home = tmp_path / "home"
    partner(home)
    orders, other = tmp_path / "orders_1.csv", tmp_path / "orders_2.csv"
    rows = ("SO-1,1,AB,5", "SO-2,1,AB,x", "SO-2,2,AB,y", "SO-2,3,,5")
    orders.write_text(csv(*rows))
    other.write_text("SO-9 is no heading\nat all\n")
    done = crossdock("import", str(orders), "--json")
    crossdock("import", str(other))
    return str(json.loads(done.stdout)["data"]["jobId"])


def test_before_anything_came_nothing_is_open_and_a_number_is_nowhere() -> None:
    assert now("open") == (0, "nothing is open: every document that came is in")
    assert now("find", "SO-1") == (4, "SO-1 is nowhere: not stored, not on hold, in no file that waits or was rejected")


def test_open_documents_are_listed_with_the_first_reasons(held: str) -> None:
    code, text = now("open")
    assert code == 0
    assert held in text
    assert "SO-2" in text
    assert "(+1 more)" in text
    assert "(the whole file)" in text
    assert "2 open; 'crossdock report JOB' tells all" in text


def test_open_documents_are_told_as_json_of_one_partner(held: str) -> None:
    lines = [json.loads(line) for line in crossdock("open", "--json", "--partner", "acme").stdout.splitlines()]
    assert [(each["number"], each["state"], each["jobId"]) for each in lines if each["number"]] == [
        ("SO-2", "on hold", held)
    ]
    assert [(each["number"], each["state"]) for each in lines if not each["number"]] == [(None, "rejected")]
    assert len(next(each["reasons"] for each in lines if each["number"])) == 3
    code, text = now("open", "--partner", "nobody")
    assert code == 2
    assert "nobody" in text


@pytest.mark.parametrize(
    ("number", "states"), [("SO-1", ["imported, OPEN"]), ("SO-2", ["on hold"]), ("SO-9", ["rejected"])]
)
def test_a_document_is_found_where_it_is(held: str, number: str, states: list[str]) -> None:
    done = crossdock("find", number, "--json")
    assert (done.returncode, [json.loads(line)["state"] for line in done.stdout.splitlines()]) == (0, states)


def test_a_number_is_found_with_the_prefix_of_its_feed_and_without(tmp_path: Path) -> None:
    partner(tmp_path / "home", keys='prefix = { customerOrderNumber = "FR-" }\n')
    orders = tmp_path / "orders_1.csv"
    orders.write_text(csv("1001,1,AB,5", "1002,1,AB,x"))
    crossdock("import", str(orders))
    states = [json.loads(crossdock("find", number, "--json").stdout or "{}").get("state")
              for number in ("1001", "FR-1001", "1002", "FR-1002", "DE-1001")]  # fmt: skip
    assert states == ["imported, OPEN", "imported, OPEN", "on hold", "on hold", None]


def test_of_very_many_imports_of_a_number_the_newest_are_shown(tmp_path: Path) -> None:
    partner(tmp_path / "home")
    for name in ("a", "b", "c"):
        (tmp_path / f"orders_{name}.csv").write_text(csv("SO-1,1,AB,x"))
        crossdock("import", str(tmp_path / f"orders_{name}.csv"))
    shown = crossdock("find", "SO-1", "--limit", "2").stdout
    assert [f"orders_{name}.csv" in shown for name in "abc"] == [False, True, True]
    assert "older imports that are left out: 1; --limit shows more, --json all" in shown
    assert len(crossdock("find", "SO-1", "--json", "--limit", "2").stdout.splitlines()) == 3


def test_a_number_with_a_prefix_is_no_order_of_the_shop_without(tmp_path: Path) -> None:
    shops = "".join(
        f'[[feed]]\ndocument = "sales_order"\nfiles = "{shop}*"\n{keys}\n'
        'constants = { businessUnitId = "BU1", "shipTo.locationId" = "S1" }\n'
        for shop, keys in (("paris", 'prefix = { customerOrderNumber = "FR-" }'), ("lyon", ""))
    )
    partner(tmp_path / "home", whole=f'id = "acme"\nzone = "UTC"\nbusiness_units = ["BU1"]\n{shops}')
    for shop in ("paris", "lyon"):
        (tmp_path / f"{shop}.csv").write_text(csv("1001,1,AB,5"))
        crossdock("import", str(tmp_path / f"{shop}.csv"))
    files = [
        [json.loads(line)["file"] for line in crossdock("find", number, "--json").stdout.splitlines()]
        for number in ("FR-1001", "1001")
    ]
    assert files == [["paris.csv"], ["lyon.csv", "paris.csv"]]


@pytest.mark.slow
@pytest.mark.parametrize("prefix", ["", "FR-"])
def test_the_parts_of_an_order_are_found_by_its_number(tmp_path: Path, prefix: str) -> None:
    keys = f'split_by = ["shipTo.name"]\nprefix = {{ customerOrderNumber = "{prefix}" }}\n'
    partner(tmp_path / "home", keys=keys)
    header = "customerOrderNumber,customerLineNumber,skuId,quantity,shipTo.name"
    content = csv("77,1,AB,5,Ann", "77,2,AB,5,Bo/Co", "77/8,1,AB,5,", "78,1,AB,5,", header=header)
    (tmp_path / "orders_1.csv").write_text(content)
    inbox = tmp_path / "home" / "inbox" / "acme"
    inbox.mkdir(parents=True, exist_ok=True)
    crossdock("import", str(tmp_path / "orders_1.csv"))
    (inbox / "orders_2.csv").write_text(csv("79,1,AB,5,Ann", header=header))
    states = [
        [json.loads(line)["state"] for line in crossdock("find", number, "--json").stdout.splitlines()]
        for number in ("77", f"{prefix}77", f"{prefix}77/Ann", "77/8", "78", "79")
    ]
    imported = "imported, OPEN"
    assert states == [[imported] * 2, [imported] * 2, [imported], [imported], [imported], ["waiting"]]


def test_which_part_of_an_order_is_where_is_told(tmp_path: Path) -> None:
    partner(tmp_path / "home", keys='split_by = ["shipTo.name"]\nprefix = { customerOrderNumber = "FR-" }\n')
    header = "customerOrderNumber,customerLineNumber,skuId,quantity,shipTo.name"
    content = csv("77,1,AB,5,Ann", "77,2,AB,5,Bo/Co", "77,3,AB,x,Cy", "77,4,AB,y,Di/Do", "78,1,AB,z,", header=header)
    (tmp_path / "orders_1.csv").write_text(content)
    crossdock("import", str(tmp_path / "orders_1.csv"))
    places = [json.loads(line) for line in crossdock("find", "77", "--json").stdout.splitlines()]
    assert [(each["state"], each["key"]["customerOrderNumber"], each["key"]["businessUnitId"]) for each in places] == [
        ("imported, OPEN", "FR-77/Ann", "BU1"),
        ("imported, OPEN", "FR-77/Bo/Co", "BU1"),
        ("on hold", "FR-77/Cy", "BU1"),
        ("on hold", "FR-77/Di/Do", "BU1"),
    ]
    text = now("find", "77")[1]
    assert all(f"BU1 FR-77/{each}" in text for each in ("Ann", "Bo/Co", "Cy", "Di/Do"))
    text = now("open")[1]
    assert "77 (Cy)" in text and "77 (Di/Do)" in text and "78 (" not in text  # noqa: PT018
    rows = [json.loads(line) for line in crossdock("open", "--json").stdout.splitlines()]
    assert [(each["number"], each["key"]["customerOrderNumber"]) for each in rows] == [
        ("77", "FR-77/Cy"), ("77", "FR-77/Di/Do"), ("78", "FR-78")
    ]  # fmt: skip


def test_stock_of_an_item_is_told_apart_by_its_whole_key(tmp_path: Path) -> None:
    keys = 'id = "acme"\nzone = "UTC"\nbusiness_units = ["BU1"]\n[[feed]]\ndocument = "inventory"\nfiles = "stock*"\n'
    partner(tmp_path / "home", whole=keys + 'constants = { businessUnitId = "BU1", asOf = "2026-11-28T06:00:00Z" }\n')
    (tmp_path / "stock.csv").write_text("buildingId,skuId,quantityMeasure,onHand\nN1,MUG,EA,1\nN2,MUG,EA,2\n")
    crossdock("import", str(tmp_path / "stock.csv"))
    places = [json.loads(line) for line in crossdock("find", "MUG", "--json").stdout.splitlines()]
    assert [each["key"]["buildingId"] for each in places] == ["N1", "N2"]


def test_a_document_in_a_file_that_waits_is_found(held: str, tmp_path: Path) -> None:
    inbox = tmp_path / "home" / "inbox" / "acme"
    inbox.mkdir(parents=True, exist_ok=True)
    (inbox / "orders_3.csv").write_text(csv("SO-7,1,AB,5"))
    code, text = now("find", "SO-7")
    assert code == 0
    assert re.search(r"waiting .*acme.* it is imported with the next run", text)


def test_a_document_that_is_given_up_is_open_no_more_and_keeps_the_reason(held: str) -> None:
    assert now("dismiss", held, "SO-2", "--why", "sent by phone") == (0, f"dismissed: SO-2 of job {held}")
    (document,) = [json.loads(line) for line in crossdock("find", "SO-2", "--json").stdout.splitlines()]
    assert document["state"].startswith("dismissed by ")
    assert document["why"].startswith("sent by phone; ")
    assert "1 open" in now("open")[1]


def test_of_several_documents_of_a_number_one_is_given_up(tmp_path: Path) -> None:
    partner(tmp_path / "home", keys='split_by = ["shipTo.name"]\n')
    header = "customerOrderNumber,customerLineNumber,skuId,quantity,shipTo.name"
    rows = ("77,1,AB,x,Ann", "77,2,AB,y,Bo", "77,3,AB,z,Cy", "77,4,AB,z,Di")
    (tmp_path / "orders_1.csv").write_text(csv(*rows, header=header))
    crossdock("import", str(tmp_path / "orders_1.csv"))
    job = json.loads(crossdock("open", "--json").stdout.splitlines()[0])["jobId"]
    code, text = now("dismiss", job, "77", "--why", "by phone")
    assert (code, "name one ('BU1 77/Ann', 'BU1 77/Bo', 'BU1 77/Cy', 'BU1 77/Di'), or --all" in text) == (2, True)
    assert now("dismiss", job, "77 (Bo)", "--why", "by phone") == (0, f"dismissed: 77 (Bo) of job {job}")
    assert now("dismiss", job, "BU1 77/Ann", "--why", "by phone")[0] == 0
    text = now("open")[1]
    assert ("77 (Ann)" in text, "77 (Bo)" in text, "77 (Cy)" in text) == (False, False, True)
    assert now("dismiss", job, "77", "--why", "by phone", "--all") == (0, f"dismissed: 77 of job {job} (2 documents)")


@pytest.mark.parametrize(
    ("number", "why", "sentence"),
    [("SO-2", " ", "--why must say something"), ("SO-1", "x", "has no open document 'SO-1'")],
)
def test_giving_up_needs_a_reason_and_a_document(held: str, number: str, why: str, sentence: str) -> None:
    code, text = now("dismiss", held, number, "--why", why)
    assert code == 2
    assert sentence in text


def test_held_documents_are_sent_again_through_the_feed_of_today(held: str, tmp_path: Path) -> None:
    assert now("replay", "--document", "SO-2")[0] == 4
    partner(tmp_path / "home", keys='[feed.values.quantity]\n"x" = "1"\n"y" = "1"\n[feed.defaults]\nskuId = "ZZ"\n')
    code, text = now("replay", "--code", "not_a_number")
    assert (code, "SO-2" in text or "orders_1.csv" in text) == (0, True)
    assert now("replay", "--document", "SO-2") == (0, "nothing is on hold that could be sent again")


@pytest.mark.parametrize(
    ("words", "sentence"), [(("--code", "no_code"), "no code 'no_code'"), (("--job", "J0"), "no job J0")]
)
def test_what_is_sent_again_must_be_known(words: tuple[str, str], sentence: str) -> None:
    code, text = now("replay", *words)
    assert code == 2
    assert sentence in text
