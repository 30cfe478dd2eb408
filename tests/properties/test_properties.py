"""What must hold for any input."""

from __future__ import annotations

import csv as csv_
import io
import json
import random
import re
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from crossdock.documents import DOCUMENTS
from crossdock.formats import text
from crossdock.intake import archives
from crossdock.pipeline.normalize.translate import FLAGS
from crossdock.schema import codes
from crossdock.schema.document import Field, Kind
from crossdock.schema.fields import PURPOSES
from tests.warehouse import Warehouse, feed
from tests.workbooks import book

EASY = settings(deadline=None, suppress_health_check=list(HealthCheck))
ORDER = DOCUMENTS["sales_order"]
COLUMNS = (  # noqa: SIM905  # as a header reads
    "customerOrderNumber,customerLineNumber,skuId,quantity,quantityMeasure,unitPrice,upc,orderCreatedDate,"
    "shipTo.name,shipTo.country,currency,orderDropDate,fulfillFlag,header.action,line.notes"
).split(",")
LIKELY = {
    "customerOrderNumber": ["A", "B", "C", "007", "7", ""],
    "customerLineNumber": ["1", "2", "3", ""],
    "skuId": ["AB", "AC", "", "1.2E+11"],
    "quantity": ["1", "2.5", "0", "-1", "x", "1,5", ""],
    "quantityMeasure": ["EA", "KG", "XX", ""],
    "unitPrice": ["1.50", "", "1e9", "12345678901234567"],
    "upc": ["4006381333931", "4006381333930", "12", ""],
    "orderCreatedDate": ["2026-11-20", "2026-02-30", "20.11.2026", ""],
    "header.action": ["", "upsert", "update", "cancel", "replace", "insert", "drop"],
    "currency": ["EUR", "EURO", ""],
    "fulfillFlag": ["Y", "no", "perhaps", ""],
}
cell = st.one_of(st.text(max_size=8), st.sampled_from(["", " ", "1", "\x00", "\ud7ff", "é", "e\u0301", "1.5", "A"]))
row = st.tuples(*(st.one_of(st.sampled_from(LIKELY.get(name, [""])), cell) for name in COLUMNS)).map(list)
likely_row = st.tuples(*(st.sampled_from(LIKELY.get(name, ["", "text"])) for name in COLUMNS)).map(list)


def written(rows: list[list[str]], columns: list[str] = COLUMNS) -> bytes:
    out = io.StringIO()
    csv_.writer(out, lineterminator="\n").writerows([columns, *rows])
    return out.getvalue().encode("utf-8", errors="replace")


def is_no_text(content: bytes) -> bool:
    """Whether a file has more control characters, and of more kinds, than any text."""
    controls = re.findall(rb"[\x01-\x08\x0e-\x19]", content)
    return len(set(controls)) >= 4 and len(controls) * 50 >= len(content)


@pytest.fixture(scope="module")
def warehouse_for_all(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    from crossdock.database import connect

    folder = tmp_path_factory.mktemp("properties")
    return Warehouse(connect(f"sqlite:///{folder / 'orders.db'}"), folder)


def emptied(warehouse: Warehouse) -> Warehouse:
    """The same without what was stored, and without what waits: a cancel may be meant for a held copy."""
    with warehouse.database.writing() as connection:
        for table in ("sales_orders", "sales_order_lines"):
            connection.exec_driver_sql(f"DELETE FROM {table}")
        connection.exec_driver_sql("UPDATE job_outcomes SET ended = 'dismissed' WHERE ended IS NULL")
    return warehouse


@EASY
@given(st.lists(row, max_size=12), st.sampled_from(["document", "line", "file"]), st.sampled_from(["whole", "changes"]))
def test_any_frame_of_any_text_goes_through_and_the_books_balance(
    warehouse_for_all: Warehouse, rows: list[list[str]], hold: str, sends: str
) -> None:
    warehouse = emptied(warehouse_for_all)
    content = written(rows)
    result = warehouse.run(content, warehouse.feed(f'hold = "{hold}"\nsends = "{sends}"'))
    assert result.report.books.balanced
    assert result.report.refused is None or is_no_text(content)
    loaded = {line for (line,) in warehouse.rows(f"SELECT line FROM sales_order_lines WHERE job = '{result.job}'")}
    assert not loaded & {line for line, _, _ in result.errors}
    json.dumps(result.ack)
    assert result.text


@EASY
@given(st.binary(max_size=300))
def test_any_bytes_are_imported_or_refused_nothing_else(warehouse_for_all: Warehouse, content: bytes) -> None:
    result = emptied(warehouse_for_all).run(content)
    assert result.report.verdict is not None


@EASY
@given(st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
                    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
                        st.sampled_from(["customerOrderNumber", "orderLines", "skuId", "quantity", "data", "shipTo", "x"]),
                        inner, max_size=5), max_leaves=15))  # fmt: skip
def test_any_json_is_imported_or_refused_nothing_else(warehouse_for_all: Warehouse, value: object) -> None:
    result = emptied(warehouse_for_all).run(json.dumps(value), name="o.json")
    assert result.report.verdict is not None


@EASY
@given(st.lists(likely_row, max_size=10))
def test_importing_twice_equals_importing_once(warehouse_for_all: Warehouse, rows: list[list[str]]) -> None:
    warehouse = emptied(warehouse_for_all)
    kept = ("", "upsert", "replace")
    keep = [[*each[:13], each[13] if each[13] in kept else "", *each[14:]] for each in rows]
    first = warehouse.run(written(keep))
    before = warehouse.stored()
    again = warehouse.run(written(keep))
    assert warehouse.stored() == before
    assert again.report.books.loaded == 0
    assert again.report.failing == first.report.failing
    assert again.ack["failedOrders"] == first.ack["failedOrders"]


@EASY
@given(st.lists(likely_row, max_size=10), st.randoms(use_true_random=False))
def test_shuffling_a_numbered_file_without_header_conflicts_changes_nothing_stored(
    warehouse_for_all: Warehouse, rows: list[list[str]], chance: random.Random
) -> None:
    headers = [name in ORDER.of(ORDER.header) for name in COLUMNS]
    first: dict[str, list[str]] = {}
    numbers = set()
    numbered = []
    for each in rows:
        head = first.setdefault(each[0], each)
        row = [head[i] if of_header else value for i, (value, of_header) in enumerate(zip(each, headers, strict=True))]
        if row[0] != "007" and (row[0], row[1]) not in numbers:
            numbers.add((row[0], row[1]))
            numbered.append(row)
    warehouse = emptied(warehouse_for_all)
    warehouse.run(written(numbered))
    before = warehouse.stored()
    chance.shuffle(numbered)
    emptied(warehouse).run(written(numbered))
    assert warehouse.stored() == before


@EASY
@given(
    st.lists(likely_row, max_size=12),
    st.integers(1, 400),
    st.integers(1, 300),
    st.sampled_from(["fail", "above", "end"]),
)
def test_batches_and_blocks_of_any_size_give_the_same_result(
    warehouse_for_all: Warehouse, rows: list[list[str]], size: int, chunk: int, blank_key: str
) -> None:
    warehouse = emptied(warehouse_for_all)
    content = written(rows)
    of = warehouse.feed(f'blank_key = "{blank_key}"')
    whole = warehouse.run(content, of)
    before = warehouse.stored()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text, "CHUNK", chunk)
        parts = emptied(warehouse).run(content, of, batch_bytes=size)
    assert warehouse.stored() == before
    assert parts.failures == whole.failures
    assert parts.ack | {"jobId": ""} == whole.ack | {"jobId": ""}
    assert replace(parts.report, job="") == replace(whole.report, job="")


JOB = re.compile(r"\b\d{6}-[0-9A-Z]{10}\b")
"""A job's id, which is each database's own."""


@pytest.mark.slow
@EASY
@given(st.lists(st.lists(st.one_of(likely_row, row), max_size=8), min_size=1, max_size=3))
def test_both_databases_store_the_same_and_answer_the_same(
    warehouse_for_all: Warehouse, postgres_url: str, drops: list[list[list[str]]]
) -> None:
    from crossdock.database import connect
    from crossdock.database.tables import LEVELS

    other = emptied(Warehouse(connect(postgres_url), warehouse_for_all.home))
    emptied(warehouse_for_all)

    def everything(warehouse: Warehouse) -> list[list[tuple[object, ...]]]:
        left_out = ("job", "line", "change")
        with warehouse.database.reading() as connection:
            return [
                sorted(
                    (
                        tuple(value for name, value in each._mapping.items() if name not in left_out)
                        for each in connection.execute(table.select())
                    ),
                    key=repr,
                )
                for table in LEVELS.values()
            ]

    for rows in drops:
        one, two = warehouse_for_all.run(written(rows)), other.run(written(rows))
        assert one.ack | {"jobId": ""} == two.ack | {"jobId": ""}
        assert JOB.sub("", repr(one.failures)) == JOB.sub("", repr(two.failures))
        assert everything(warehouse_for_all) == everything(other)
    other.database.close()


NO_DATE = re.compile("0|000000|00000000|0{14}")
"""Dates of zeros only, without marks: a program's way to write that there is none (`docs/feeds.md`, dates)."""


def plain(field: Field, sent: str) -> bool:
    """An independent checker: what the contract says of one cell, in plain Python, a cell at a time."""
    value = sent.strip()
    if not value or (field.kind in (Kind.DATE, Kind.TIMESTAMP) and NO_DATE.fullmatch(value)):
        return not field.required
    breaks = "\t\n\r" if field.kind is Kind.TEXT else ""
    if field.kind in (Kind.TEXT, Kind.ID, Kind.CODE) and any(ord(each) < 32 and each not in breaks for each in value):
        return False
    if field.kind in (Kind.TEXT, Kind.ID, Kind.CODE):
        return plain_text(field, value)
    if field.kind is Kind.ENUM:
        return PURPOSES.get(value, value).lower() in field.values
    if field.kind is Kind.FLAG:
        return value.lower() in FLAGS
    if field.kind in (Kind.DATE, Kind.TIMESTAMP):
        try:
            return "-" in value and 1000 <= datetime.fromisoformat(value).year < 3000
        except ValueError:
            return False
    return plain_number(field, value)


def plain_text(field: Field, value: str) -> bool:
    if field.codes == "gtin":
        if not (value.isascii() and value.isdigit()):
            return False
        weighted = (int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(value)))
        lost_its_zero = len(value) in (7, 11) and sum(weighted) % 10 == 0  # which has a warning
        return lost_its_zero or len(value) in (8, 12, 13, 14)
    if field.codes == "currency":
        return value in codes.currencies()
    scientific = (
        field.kind is Kind.ID and re.fullmatch(r"[0-9]+([.,][0-9]+E[+-]?|E\+)[0-9]+", value.upper()) is not None
    )
    return (field.keep_longer or field.length is None or len(value) <= field.length) and not scientific


def plain_number(field: Field, value: str) -> bool:
    if "e" in value.lower() or not value.isascii() or "_" in value:
        return False
    try:
        number = Decimal(value)
    except InvalidOperation:
        return False
    if not number.is_finite():
        return False
    if field.kind is Kind.WHOLE:
        return number == number.to_integral_value() and 0 <= number < 10**18
    scale, digits = (6, 12) if field.kind is Kind.QUANTITY else (4, 15)
    fits = abs(number) < 10**digits and number == round(number, scale)
    return fits and (field.above is None or number > field.above) and (field.least is None or number >= field.least)


VALUES = st.one_of(
    st.sampled_from(["1", "0", "-1", "1.5", "1.2345678", "9" * 20, "x", "", "Y", "EUR", "4006381333931", "1.2E+11", "cancel", "04"]),
    st.from_regex(r"[+-]?[0-9]{0,16}(\.[0-9]{0,8})?", fullmatch=True),
    st.from_regex(r"20[0-9]{2}-[0-1][0-9]-[0-3][0-9]", fullmatch=True),
    st.text(max_size=40),
)  # fmt: skip


@settings(EASY, max_examples=10 * EASY.max_examples)
@given(st.sampled_from(sorted(ORDER.fields)), VALUES)
@example("customerDates.cancelAfter", "0")
@example("orderCreatedDate", "00000000")
@example("upc", "0000000")
@example("upc", "01234565")
@example("upc", "0123457")
def test_what_is_accepted_equals_what_an_independent_checker_accepts(tmp_path: Path, name: str, sent: str) -> None:
    """Cell by cell: parser and pandera together against ``plain``."""
    import numpy as np
    import pyarrow as pa

    from crossdock.failures.failures import Failures
    from crossdock.frames.rows import LevelRows, Records
    from crossdock.model.batch import Assembled, Batch
    from crossdock.pipeline.normalize.parse import parse
    from crossdock.pipeline.normalize.translate import translate
    from crossdock.pipeline.validate.cells import check_cells

    sent = sent.replace("\ud800", "")
    of = feed(tmp_path)
    lines = np.array([2])
    nobody = np.array([None], dtype=object)
    number = np.array([1])
    batch = Batch(
        0,
        lines,
        {"theirs": pa.array([sent])},
        {},
        number.astype(np.uint64),
        number,
        number > 1,
        nobody,
        nobody,
        nobody,
        number * 0,
        {},
    )
    table, foreign = translate(batch, {name: "theirs"}, of, plain_numbers=False)
    level, field = ORDER.fields[name]
    one = np.array([0])
    rows = {
        each.title: LevelRows(each, table if each is level else {}, lines, one, one, one, 1) for each in ORDER.levels
    }
    records = Records(lines, one, batch.nested, 1)
    assembled = Assembled(records, rows, table, False, frozenset(), {}, batch.group)
    typed, unparsed = parse(assembled, of)
    failures = Failures.merge(foreign, unparsed, check_cells(typed, level, of, frozenset()))
    number_blank = name == ORDER.number and not sent.strip()  # a blank number has a rule of its own
    errors = failures.where(failures.is_error & failures.of_field([name])).rows["code"].tolist()
    assert (not errors) == (plain(field, sent) or number_blank), (name, sent, errors)


typed = st.one_of(
    st.none(),
    st.booleans(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(-(10**18), 10**18),
    st.dates(date(1900, 3, 1), date(2200, 1, 1)),
    st.datetimes(datetime(1900, 3, 1), datetime(2200, 1, 1)),  # noqa: DTZ001  # a sheet knows no zones
    st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=8),
)
sheet_row = st.tuples(*(st.one_of(st.sampled_from(LIKELY.get(name, [""])), typed) for name in COLUMNS)).map(list)


@EASY
@given(st.lists(sheet_row, max_size=6))
def test_any_sheet_goes_through_and_the_books_balance(warehouse_for_all: Warehouse, rows: list[list[object]]) -> None:
    warehouse = emptied(warehouse_for_all)
    result = warehouse.run(book(COLUMNS, *rows), name="orders.xlsx")
    assert result.report.refused is None
    assert result.report.books.read <= len(rows)
    assert result.text


@EASY
@given(st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=20), st.integers(0, 3_000))
def test_a_damaged_workbook_is_read_or_refused_nothing_else(
    warehouse_for_all: Warehouse, flips: list[tuple[int, int]], cut: int
) -> None:
    content = bytearray(book(COLUMNS, *(["A", str(n), "AB", "1"] for n in range(3))))
    for place, byte in flips:
        content[place % len(content)] = byte
    path = emptied(warehouse_for_all).file(bytes(content[: len(content) - cut]) or b"x", "orders.xlsx")
    assume(not archives.is_archive(path))  # damaged beyond a workbook: it would be taken apart
    result = warehouse_for_all.run(path)
    assert result.report.verdict is not None


@EASY
@given(st.lists(likely_row, max_size=10), st.sampled_from(["document", "line"]), st.booleans())
def test_a_fix_workbook_that_nobody_touched_fails_the_same_documents(
    warehouse_for_all: Warehouse, rows: list[list[str]], hold: str, numbered: bool
) -> None:
    """What is wrong with a file is wrong with its fix-workbook, whatever the file."""
    warehouse = emptied(warehouse_for_all)
    columns = COLUMNS if numbered else [name if name != "customerLineNumber" else "colour" for name in COLUMNS]
    of = feed(warehouse.home, f'hold = "{hold}"')
    first = warehouse.run(written(rows, columns), of)
    failed = sorted(each["customerOrderNumber"] for ack in first.acks for each in ack["failedOrders"])
    if not failed:
        return
    again = warehouse.run(warehouse.fix(first), of, name="fix.xlsx")
    assert sorted(each["customerOrderNumber"] for ack in again.acks for each in ack["failedOrders"]) == failed
