"""What is stored, asked alike of a database, of rows that a dry run would have written, and of nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from sqlalchemy import Table

from crossdock.database.lookups import EmptyStore, Questions, Stored, StoredWithPending
from crossdock.database.sqlite import SQLite
from crossdock.database.tables import JOBS, LEVELS, OUTCOMES, arrow
from crossdock.documents import DOCUMENTS, ITEM_WAYS
from crossdock.frames.columns import Cells, length
from crossdock.model.decision import Write
from crossdock.schema.document import Level
from crossdock.schema.relations import CANCELLED, OPEN
from tests.warehouse import Warehouse, csv, house

HEAD = {"state": OPEN, "partner": "acme", "shared": False, "key_fold": "x", "revision": 1, "change": 0, "job": "J",
        "line": 1}  # fmt: skip
ORDER, SKU = DOCUMENTS["sales_order"], DOCUMENTS["sku"]
STOCK, ALIAS = DOCUMENTS["inventory"].header, SKU.by_title["alias"]
LINES = ORDER.by_title["line"]
WAYS = {item_lookup.called: (listed, item_lookup) for listed, item_lookup in ITEM_WAYS}
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
BU1 = {"business_unit_id": "BU1"}


def rows(level: Level, *cells: dict[str, Any]) -> pa.Table:
    """Rows of a level's table with those cells."""
    table = LEVELS[level.table]
    whole = [{name: value for name, value in (HEAD | BU1).items() if name in table.c} | each for each in cells]
    names = dict.fromkeys(name for row in whole for name in row)
    return pa.table({name: pa.array([row.get(name) for row in whole], arrow(table.c[name])) for name in names})


def stored_rows(warehouse: Warehouse, level: Level, *cells: dict[str, Any]) -> None:
    with warehouse.database.writing() as connection:
        warehouse.database.dialect.append(connection, LEVELS[level.table], rows(level, *cells))


def own_rows(warehouse: Warehouse, table: Table, *cells: dict[str, Any]) -> None:
    """Rows of a table of the jobs; what must be said of a job and doesn't matter here is anything."""
    anything = {pa.string(): "x", pa.int64(): 0, pa.bool_(): False, pa.timestamp("us", "UTC"): NOON}
    needed = {each.name: anything[arrow(each)] for each in table.c if not each.nullable and each.server_default is None}
    with warehouse.database.writing() as connection:
        connection.execute(table.insert(), [needed | each for each in cells])


def order(number: str, **cells: Any) -> dict[str, Any]:
    return {"customer_order_number": number, "key_fold": number.lower().lstrip("0"), **cells}


def line(number: str, place: str, sku: str) -> dict[str, Any]:
    return {"customer_order_number": number, "customer_line_number": place, "sku_id": sku}


def item(number: str, **cells: Any) -> dict[str, Any]:
    return {"sku_id": number, "is_active": "Y", "upc": None, **cells}


WRITES = {
    "orders": (ORDER.header, order("SO-1"), order("00SO-2", revision=4), order("so-2", partner="other")),
    "lines": (LINES, line("SO-1", "1", "A"), line("SO-1", "2", "B"), line("00SO-2", "1", "A")),
    "items": (
        SKU.header,
        item("A", upc="04006381333931"), item("B", is_active="N"), item("C", state=CANCELLED), item("D", upc="4006381333931"),
    ),
    "aliases": (
        ALIAS,
        {"sku_id": "A", "alias": "thing"}, {"sku_id": "B", "alias": "thing"}, {"sku_id": "A", "alias": "old", "state": CANCELLED},
    ),
    "stock": (
        STOCK,
        {"building_id": "B1", "sku_id": "A", "lot_number": "", "quantity_measure": "EA", "as_of": NOON, "pallet_id": "", "location_id": "", "on_hand": Decimal(3)},
    ),
}  # fmt: skip


@pytest.fixture(params=["stored", "half of it pending", "all pending"])
def store(request: pytest.FixtureRequest, warehouse: Warehouse) -> Questions:
    """The same rows, in the database or not."""
    there = {"stored": slice(None), "half of it pending": slice(None, None, 2), "all pending": slice(0, 0)}[
        request.param
    ]
    pending = StoredWithPending(Stored(warehouse.database))
    for level, *cells in WRITES.values():
        here = cells[there]
        missing = [each for each in cells if each not in here]
        nothing = rows(level, *cells).slice(0, 0)
        if here:
            stored_rows(warehouse, level, *here)
        pending.foresee((Write(level, rows(level, *missing) if missing else nothing, nothing),))
    return Stored(warehouse.database) if request.param == "stored" else pending


def texts(**columns: list[str]) -> Cells:
    return {name: pa.array(column, pa.string()) for name, column in columns.items()}


def keys_of(**columns: list[str]) -> Cells:
    return texts(business_unit_id=["BU1"] * len(next(iter(columns.values()))), **columns)


def answered(rows: Cells) -> list[tuple[Any, ...]]:
    return sorted(zip(*(column.to_pylist() for column in rows.values()), strict=True))


@pytest.mark.both
def test_existing_rows_come_by_their_keys(store: Questions) -> None:
    numbers = keys_of(customer_order_number=["SO-1", "00SO-2", "SO-9"])
    assert answered(store.existing(ORDER.header, numbers, ["revision", "partner"])) == [
        ("BU1", "00SO-2", 4, "acme"),
        ("BU1", "SO-1", 1, "acme"),
    ]
    assert answered(store.existing(LINES, numbers, ["customer_line_number", "sku_id"])) == [
        ("BU1", "00SO-2", "1", "A"),
        ("BU1", "SO-1", "1", "A"),
        ("BU1", "SO-1", "2", "B"),
    ]
    assert answered(store.existing(LINES, keys_of(sku_id=["B"]), ["state"])) == [("BU1", "B", OPEN)]


@pytest.mark.both
def test_moments_among_the_keys_are_text_as_they_are_asked(store: Questions) -> None:
    moment = "2026-11-25T12:00:00.000000Z"
    keys = keys_of(building_id=["B1"], sku_id=["A"], lot_number=[""], quantity_measure=["EA"], as_of=[moment])
    table = store.existing(STOCK, keys, ["on_hand"])
    assert (table["as_of"].to_pylist(), table["on_hand"].to_pylist()) == ([moment], [Decimal(3)])
    assert table["on_hand"].type == pa.decimal128(18, 6)


@pytest.mark.both
def test_similar_documents_are_a_partners_own(store: Questions) -> None:
    folds = texts(unit=["BU1", "BU1"], key_fold=["so-1", "so-2"])
    assert answered(store.similar(ORDER, folds, "acme")) == [
        ("BU1", "so-1", "SO-1", "BU1\x1fSO-1", OPEN),
        ("BU1", "so-2", "00SO-2", "BU1\x1f00SO-2", OPEN),
    ]


@pytest.mark.both
def test_values_of_a_list_are_known_and_active_or_not(store: Questions) -> None:
    assert store.known("sku", "BU1", ["A", "B", "C", "X"]) == {"A": True, "B": False, "C": False}
    assert store.known("sku", "BU2", ["A"]) == {}


@pytest.mark.both
def test_items_are_found_by_alias_and_by_gtin_in_any_length(store: Questions) -> None:
    assert {
        name: sorted(items) for name, items in store.items(*WAYS["an alias"], "BU1", "acme", ["thing", "old"]).items()
    } == {"thing": [("A", None), ("B", None)]}
    items = store.items(*WAYS["the GTIN"], "BU1", "acme", ["04006381333931"])
    assert {name: sorted(each) for name, each in items.items()} == {"04006381333931": [("A", None), ("D", None)]}
    assert store.items(*WAYS["the item references"], "BU1", "acme", ["thing"]) == {}
    assert store.items(*WAYS["an alias"], "BU1", "acme", []) == {}


@pytest.mark.both
def test_a_pending_row_stands_in_the_place_of_the_stored_one(warehouse: Warehouse) -> None:
    """Also where it isn't found any more under what is asked, and where a later batch changes it once more."""
    stored_rows(warehouse, SKU.header, item("A", upc="1"), item("B", upc="2"))
    store = StoredWithPending(Stored(warehouse.database))
    nothing = rows(SKU.header, item("A")).slice(0, 0)
    store.foresee((Write(SKU.header, nothing, rows(SKU.header, item("A", upc="3", revision=2))),))
    assert answered(store.existing(SKU.header, keys_of(upc=["1", "2", "3"]), ["sku_id"])) == [
        ("BU1", "2", "B"),
        ("BU1", "3", "A"),
    ]
    store.foresee((Write(SKU.header, nothing, rows(SKU.header, item("A", upc="4", revision=3))),))
    assert answered(store.existing(SKU.header, keys_of(upc=["1", "2", "3", "4"]), ["sku_id", "revision"])) == [
        ("BU1", "2", "B", 1), ("BU1", "4", "A", 3),
    ]  # fmt: skip


def test_one_that_is_pending_over_another_sees_its_rows() -> None:
    """A dry run that looks at the whole drop first has two of them."""
    below = StoredWithPending(EmptyStore())
    nothing = rows(ORDER.header, order("")).slice(0, 0)
    below.foresee((Write(ORDER.header, rows(ORDER.header, order("SO-1"), order("SO-2")), nothing),))
    above = StoredWithPending(below)
    above.foresee((Write(ORDER.header, nothing, rows(ORDER.header, order("SO-2", revision=2))),))
    numbers = keys_of(customer_order_number=["SO-1", "SO-2"])
    assert answered(above.existing(ORDER.header, numbers, ["revision"])) == [("BU1", "SO-1", 1), ("BU1", "SO-2", 2)]
    assert answered(below.existing(ORDER.header, numbers, ["revision"])) == [("BU1", "SO-1", 1), ("BU1", "SO-2", 1)]


@pytest.mark.parametrize("store", [EmptyStore(), StoredWithPending(EmptyStore())], ids=["none", "pending"])
def test_where_nothing_is_every_question_has_its_answer(store: Questions) -> None:
    table = store.existing(ORDER.header, keys_of(customer_order_number=["SO-1"]), ["revision"])
    assert (list(table), length(table)) == (["business_unit_id", "customer_order_number", "revision"], 0)
    assert table["revision"].type == pa.int64()
    similar = store.similar(ORDER, texts(unit=["BU1"], key_fold=["so-1"]), "acme")
    assert (list(similar), length(similar)) == (["unit", "key_fold", "number", "key", "state"], 0)
    assert store.highest(DOCUMENTS["erp_sales_order"], "BU1") == 0
    assert store.foreign_jobs("J", ["K"]) == {}
    assert store.newer_jobs("J", ["K"]) == set()
    assert store.newer_copies(ORDER, "acme", "J", "I", ["SO-1"]) == {}
    assert store.short("J", ["SO-1"]) == set()
    assert store.loaded("sku", "BU1") is False
    assert store.known("sku", "BU1", ["A"]) == {}
    assert store.suggestions("sku", "BU1") == []
    assert store.units() == {}
    assert store.item_ways("BU1") == []
    assert store.items(*WAYS["an alias"], "BU1", "acme", ["thing"]) == {}


@pytest.mark.both
def test_lists_are_asked_by_business_unit(warehouse: Warehouse) -> None:
    warehouse.load("sku", "B,BU1,Y", "A,BU1,N")
    store = Stored(warehouse.database)
    assert [store.loaded("sku", unit) for unit in ("BU1", "BU2")] == [True, False]
    assert [store.suggestions("sku", unit) for unit in ("BU1", "BU2")] == [["A", "B"], []]
    assert store.item_ways("BU1") == [WAYS["the GTIN"], WAYS["the GTIN of a unit"], WAYS["an alias"]]
    assert store.item_ways("BU2") == []
    cells = ({"code": "EA", "decimals": 0}, {"code": "KG"}, {"code": "X", "decimals": 2, "state": CANCELLED})
    stored_rows(warehouse, DOCUMENTS["unit"].header, *cells)
    assert store.units() == StoredWithPending(store).units() == {"EA": 0, "KG": 6}


@pytest.mark.both
def test_the_highest_number_is_one_that_was_given(warehouse: Warehouse) -> None:
    document = DOCUMENTS["erp_sales_order"]
    number = document.header.field(document.number)
    width, below = number.pad or 0, document.numbers_below
    numbers = ["17".zfill(width), "170".zfill(width), str(below), "9", "abc".zfill(width)]
    stored_rows(warehouse, document.header, *({number.column: each} for each in numbers))
    assert Stored(warehouse.database).highest(document, "BU1") == 170
    assert Stored(warehouse.database).highest(document, "BU2") == 0


@pytest.mark.both
def test_a_fix_workbook_of_a_fix_workbook_is_of_the_first_jobs_line(warehouse: Warehouse) -> None:
    """A ← B ← C in a line; another D came before, E after it. F, a fix-workbook of D, is as old as D."""
    jobs = ("D", None), ("A", None), ("B", "A"), ("C", "B"), ("E", None), ("F", "D")
    own_rows(
        warehouse,
        JOBS,
        *({"job_id": job, "sequence": place, "fixes": fixes} for place, (job, fixes) in enumerate(jobs)),
    )
    own_rows(warehouse, OUTCOMES, {"job_id": "A", "business_unit": "BU1", "number": "SO-1"})
    store = Stored(warehouse.database)
    assert store.foreign_jobs("C", ["A", "B", "D", "E", "F"]) == {"A": False, "D": False, "E": True, "F": False}
    assert store.foreign_jobs("unknown", ["A"]) == {"A": True}
    line = ["A", "B", "C"]
    assert [store.newer_jobs(each, line) for each in line] == [{"B", "C"}, {"C"}, set()], "the later one corrects"
    assert store.jobs_ahead("B", "A", ["D", "E", *line]) == {"C", "E"}
    assert store.jobs_ahead("a dry run", "A", ["D", "E", *line]) == {"E"}
    assert store.short("C", ["SO-1", "SO-2"]) == {("BU1", "SO-1")}
    assert store.short("D", ["SO-1"]) == set()


@pytest.mark.both
def test_a_file_is_newer_that_came_later_unless_its_name_shows_an_earlier_place(warehouse: Warehouse) -> None:
    """``late`` came after ``first`` and shows an earlier place, so neither takes anything back of the other."""
    jobs = {"first": "8", "late": "7", "next": "9", "nameless": ""}
    own_rows(warehouse, JOBS, *({"job_id": job, "sequence": place, "ranked": ranked} for place, (job, ranked) in enumerate(jobs.items())))  # fmt: skip
    store = Stored(warehouse.database)
    newer = {job: store.newer_jobs(job, list(jobs)) for job in jobs}
    assert newer == {job: {each for each, is_newer in store.foreign_jobs(job, list(jobs)).items() if is_newer} for job in jobs}  # fmt: skip
    last = {"next", "nameless"}
    assert newer == {"first": last, "late": last, "next": {"nameless"}, "nameless": set()}
    assert store.newer_jobs("unknown", list(jobs)) == store.newer_jobs("first", []) == set()


def test_no_import_reads_all_rows_of_a_business_unit_for_a_key(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each lookup of a night of every type of document is by a whole index, or by how the primary key begins."""
    plans: dict[tuple[str, ...], str] = {}
    lookup = SQLite.lookup

    def explained(self: SQLite, connection: Any, table: Table, keys: Cells, columns: list[str]) -> Any:
        statements: list[str] = []
        driver = connection.connection.driver_connection
        driver.set_trace_callback(statements.append)
        cells = lookup(self, connection, table, keys, columns)
        driver.set_trace_callback(None)
        plan = driver.execute(f"EXPLAIN QUERY PLAN {statements[0]}").fetchall()[-1][-1]
        plans[(table.name, *keys)] = plan
        return cells

    monkeypatch.setattr(SQLite, "lookup", explained)
    for document in sorted(DOCUMENTS.values(), key=lambda each: each.stage):
        content = csv(",".join(document.example.values()), header=",".join(document.example))
        warehouse.run(content, house(document.name), name=f"{document.name}.csv")
    halves = {key: plan for key, plan in plans.items() if any(f"{name}=?" not in plan for name in key[1:])}
    assert len(plans) > 30
    assert halves == {}
