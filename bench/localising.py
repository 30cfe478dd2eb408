"""Whose fault is it? Good order files, broken in the ways of the Pollock benchmark, and what readers make of them.

Each file has one thing wrong with it, and what its rows mean is known. Of each reader three things are counted: rows
*lost* (neither taken nor named), rows *wrong* (taken with a cell that is not what was written, or that nobody wrote),
and *innocents* (rows of other orders, which are right and are not taken). crossdock is asked as a whole: what is in the
database, what its failures and held documents name. The others are asked for rows; one that has too many or too few
cells is counted as named where the reader can be asked which it was. Those that are not installed are left out.

    python -m bench.localising [--tell KIND]
"""

from __future__ import annotations

import argparse
import csv
import importlib
import importlib.util
import io
import tempfile
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

COLUMNS = (
    *("customerOrderNumber", "customerLineNumber", "skuId", "quantity", "shipTo.country", "shipTo.name"),
    *("shipTo.address1", "shipTo.city", "shipTo.postalCode", "line.notes"),
)
STORED = (
    *("o.customer_order_number", "l.customer_line_number", "l.sku_id", "cast(l.quantity as real)", "o.ship_to_country"),
    *("o.ship_to_name", "o.ship_to_address1", "o.ship_to_city", "o.ship_to_postal_code", "l.notes"),
)
NAMES = ("Ann Lee", "Cole, Ruth", 'Pipe 5" Shop', "Zoë Müller", "Bo Orr", "Box\nNorth")
PLACES = (1, 5, 12)
"""Rows that are broken: the first, one in the middle, the last."""

Row = tuple[str, ...]


@dataclass
class Broken:
    """A file with one thing wrong: its kind, its bytes, the rows that are meant, and those of them that are broken."""

    kind: str
    content: bytes
    meant: list[Row]
    culprits: set[int] = field(default_factory=set)


@dataclass
class Answer:
    """What a reader made of a file: the rows that it takes, the numbers of those that it names; or all are named."""

    taken: list[Row] = field(default_factory=list)
    named: set[int] = field(default_factory=set)
    refused: bool = False


def rows() -> list[Row]:
    """Eight orders of one to three lines."""
    changed: list[Row] = []
    for order in range(8):
        for line in range(1, 2 + order % 3):
            name, street, place = NAMES[order % len(NAMES)], f"{order + 1} High St", f"YO{order} 1AA"
            note = "" if line % 2 else f"call {order}"
            changed.append(
                (f"SO-{order}", str(line), f"AB-{order}{line}", "5", "GB", name, street, "York", place, note)
            )
    return changed[:13]


def written(table: list[Row], **dialect: Any) -> list[str]:
    """Each row as its text, the header first."""
    changed = []
    for row in (COLUMNS, *table):
        out = io.StringIO()
        csv.writer(out, **({"lineterminator": "\n"} | dialect)).writerow(row)
        changed.append(out.getvalue()[:-1])
    return changed


def joined(lines: list[str], end: str = "\n") -> bytes:
    """Rows as a file."""
    return (end.join(lines) + end).encode()


def broken() -> Iterator[Broken]:
    """The files."""
    table = rows()
    good = written(table)
    yield Broken("nothing", joined(good), table)
    for end in ("\r\n", "\r"):
        yield Broken("line ends", joined(good, end), table)
    yield Broken("byte order mark", b"\xef\xbb\xbf" + joined(good), table)
    yield Broken("no final line end", joined(good).rstrip(b"\n"), table)
    yield Broken("blank lines at the end", joined([*good, "", ""]), table)
    yield Broken("rows above the header", joined(["Orders of the day", "", *good]), table)
    yield Broken("header again", joined([*good[:6], good[0], *good[6:]]), table)
    yield Broken(
        "header again, quoted, behind a mark", joined([*good[:6], "\ufeff" + _quoted(good[0]), *good[6:]]), table
    )
    yield Broken("blank cells behind all rows", joined([good[0], *(f"{each},," for each in good[1:])]), table)
    for delimiter in (";", "\t", "|"):
        yield Broken("delimiter", joined(written(table, delimiter=delimiter)), table)
    yield Broken("blank behind delimiters", joined([_spaced(row) for row in (COLUMNS, *table)]), table)
    yield Broken("all quoted", joined(written(table, quoting=csv.QUOTE_ALL)), table)
    yield Broken("no header", joined(good[1:]), table, set(range(len(table))))
    for at in range(1, len(COLUMNS)):
        cells = good[0].split(",")
        short = ",".join([*cells[: at - 1], cells[at - 1] + cells[at], *cells[at + 1 :]])
        yield Broken("header lost a delimiter", joined([short, *good[1:]]), table, set(range(len(table))))
    for place in PLACES:
        for at in range(len(COLUMNS)):
            yield from _in_row(table, place, at)


def _in_row(table: list[Row], place: int, at: int) -> Iterator[Broken]:
    """One row broken at one column."""
    good = written(table)
    row = table[place]

    def changed(kind: str, text: str, meant: Row | None = None) -> Broken:
        lines = [*good[: place + 1], text, *good[place + 2 :]]
        rest = [*table[:place], meant or row, *table[place + 1 :]]
        return Broken(kind, joined(lines), rest, {place})

    cells = [_cell(each) for each in row]
    yield changed("row with a delimiter too many", ",".join([*cells[:at], "x," + cells[at], *cells[at + 1 :]]))
    if at:
        lost = ",".join([*cells[: at - 1], cells[at - 1] + cells[at], *cells[at + 1 :]])
        yield changed("row lost a delimiter", lost)
        yield changed("row in another delimiter", ",".join(cells[:at]) + "," + ";".join(cells[at:]))
    yield changed("quote opened, never closed", ",".join([*cells[:at], '"' + row[at], *cells[at + 1 :]]))
    with_quote = (*row[:at], row[at] + '"', *row[at + 1 :])
    yield changed("quote closed, never opened", ",".join([*cells[:at], row[at] + '"', *cells[at + 1 :]]), with_quote)
    yield changed("row cut off", ",".join(cells[:at]) if at else cells[0][:2])
    if row[at] and at + 1 < len(COLUMNS):
        pair = ",".join([*cells[:at], row[at] + '"x, y"', *cells[at + 2 :]])
        yield changed("delimiter lost before a quote", pair)
    if at == len(COLUMNS) - 1:
        yield changed("all quoted in one row", written([row], quoting=csv.QUOTE_ALL)[1], row)
    dirty = ",".join([*cells[:at], "@" + cells[at].strip('"'), *cells[at + 1 :]])
    whole = changed("byte that is no text", dirty)
    yield Broken(whole.kind, whole.content.replace(b"@", b"\xe9"), whole.meant, whole.culprits)


def _cell(text: str) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow([text])
    return out.getvalue()[:-1] if text else ""


def _quoted(line: str) -> str:
    return ",".join(f'"{each}"' for each in line.split(","))


def _spaced(row: Row) -> str:
    return ", ".join(_cell(each) for each in row)


# readers: bytes of a file → what they make of it


def _of_cells(read_rows: list[list[str | None]], numbers: list[int]) -> Answer:
    """Rows of cells: those of another width than the header are named by their number."""
    answer = Answer()
    for number, cells in zip(numbers, read_rows, strict=True):
        if len(cells) != len(COLUMNS):
            answer.named.add(number)
        elif any(cells):
            answer.taken.append(tuple(each if isinstance(each, str) else "" for each in cells))
    return answer


def csv_module(path: Path, meant: list[Row]) -> Answer:
    """The csv module, as its page shows it: the first row is the header."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            read_rows = list(csv.reader(file))[1:]
    except (UnicodeDecodeError, csv.Error):
        return Answer(refused=True)
    return _of_cells([list(each) for each in read_rows if each], [_number(each, meant) for each in read_rows if each])


def _number(cells: list[str] | list[str | None], meant: list[Row]) -> int:
    """Which row it is, by its order and line; -1 where that can't be said."""
    return next((place for place, row in enumerate(meant) if list(row[:2]) == list(cells[:2])), -1)


def pandas(path: Path, meant: list[Row]) -> Answer:
    """pandas, all text; what it calls bad lines is named."""
    import pandas as pd

    bad: list[list[str]] = []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            read_rows = pd.read_csv(path, dtype=str, keep_default_na=False, engine="python", index_col=False,
                                on_bad_lines=bad.append)  # fmt: skip
    except (UnicodeDecodeError, ValueError):
        return Answer(refused=True)
    answer = (
        _of_cells(read_rows.to_numpy().tolist(), [0] * len(read_rows))
        if len(read_rows.columns) == len(COLUMNS)
        else Answer(refused=True)
    )
    answer.named |= {_number(each, meant) for each in bad}
    return answer


def duckdb(path: Path, meant: list[Row]) -> Answer:
    """DuckDB with its table of rejects."""
    library = importlib.import_module("duckdb")
    with library.connect() as connection:
        try:
            read_rows = connection.execute(
                "SELECT * FROM read_csv(?, all_varchar=true, store_rejects=true, header=true)", [str(path)]
            ).fetchall()
            rejected = connection.execute("SELECT csv_line FROM reject_errors").fetchall()
        except library.Error:
            return Answer(refused=True)
    answer = _of_cells([list(each) for each in read_rows], [0] * len(read_rows))
    if read_rows and len(read_rows[0]) != len(COLUMNS):
        return Answer(refused=True)
    answer.named = {_number(next(csv.reader([str(line)]), []), meant) for (line,) in rejected}
    return answer


def frictionless(path: Path, meant: list[Row]) -> Answer:
    """frictionless: rows are named by its report; the others are taken."""
    library = importlib.import_module("frictionless")
    schema = library.Schema(fields=[library.fields.StringField(name=name) for name in COLUMNS])
    where = {"path": path.name, "basepath": str(path.parent), "schema": schema}
    try:
        with library.Resource(**where) as resource:
            report = resource.validate()
        with library.Resource(**where) as resource:
            read = [(row.row_number, [row.get(name) for name in COLUMNS]) for row in resource.row_stream]
    except library.FrictionlessException:
        return Answer(refused=True)
    answer_text = report.flatten(["rowNumber"])
    if any(not number for (number,) in answer_text):
        return Answer(refused=True)
    lines = {number for (number,) in answer_text}
    right = [cells for number, cells in read if number not in lines]
    answer = _of_cells(right, [0] * len(right))
    answer.named = {_number(cells, meant) for number, cells in read if number in lines}
    return answer


def crossdock(path: Path, meant: list[Row]) -> Answer:
    """crossdock as a whole: what is in the database, what is answered."""
    from sqlalchemy import text

    from crossdock.database import connect
    from crossdock.intake.recognise import open_drop
    from crossdock.jobs import queries
    from crossdock.model.drop import Drop
    from crossdock.partners import registry
    from crossdock.pipeline.import_drop import import_drop
    from crossdock.reports.detailed import detailed

    known = registry.load(Path("data/partners"), "UTC")
    database = connect(f"sqlite:///{path.with_suffix('.db')}")
    try:
        drop = open_drop(path, known, feed="house/sales_order")
        if not isinstance(drop, Drop):
            raise TypeError(f"{path} is no drop")
        report = import_drop(drop, database)
        if report.refused:
            return Answer(refused=True)
        sql = f"select {', '.join(STORED)} from sales_order_lines l join sales_orders o using (customer_order_number)"
        with database.engine.connect() as connection:
            read_rows = [list(row) for row in connection.execute(text(sql))]
        answer_text = "".join(detailed(queries.one(database, report.job), database))
    finally:
        database.close()
    taken = [
        tuple("" if each is None else f"{each:g}" if isinstance(each, float) else str(each) for each in row)
        for row in read_rows
    ]
    return Answer(taken, _answered(answer_text, meant))


def _answered(answer_text: str, meant: list[Row]) -> set[int]:
    """The rows that an answer names: of its failures by their line, of documents not taken by their number."""
    import json

    data = json.loads(answer_text)["data"]
    lines, at = {}, 2
    for place, row in enumerate(meant):
        lines[at] = place
        at += 1 + sum(each.count("\n") for each in row)
    named = {lines[each["line"]] for each in data["failures"] if each["severity"] == "error" and each["line"] in lines}
    numbers = {each["customerOrderNumber"] for each in data["failedOrders"]}
    return named | {place for place, row in enumerate(meant) if row[0] in numbers}


READERS: dict[str, Callable[[Path, list[Row]], Answer]] = {
    each.__name__: each for each in (crossdock, csv_module, pandas, duckdb, frictionless)
}


def judged(file: Broken, answer: Answer) -> tuple[int, int, int]:
    """Rows lost, wrong, innocents not taken."""
    blamed = {file.meant[place][0] for place in file.culprits}
    if answer.refused:
        return 0, 0, sum(row[0] not in blamed for row in file.meant)
    left = [tuple(cell.strip() for cell in row) for row in answer.taken]
    lost = innocents = 0
    for place, row in enumerate(file.meant):
        if row in left:
            left.remove(row)
        elif place not in file.culprits:
            innocents += row[0] not in blamed
            lost += place not in answer.named
        else:
            lost += not answer.named
    return lost, len(left), innocents


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--tell", help="a kind of which every file's outcome is told")
    parser.add_argument("--readers", nargs="+", default=list(READERS), choices=list(READERS))
    arguments = parser.parse_args()
    answer_text = arguments.tell
    sums: dict[str, dict[str, list[int]]] = {name: {} for name in READERS}
    files = list(broken())
    for name, reader in READERS.items():
        if name not in arguments.readers or (
            name in ("duckdb", "frictionless") and importlib.util.find_spec(name) is None
        ):
            continue
        for file in files:
            if answer_text not in (None, file.kind):
                continue
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "sales_orders.csv"
                path.write_bytes(file.content)
                answer = reader(path, file.meant)
            outcome = judged(file, answer)
            kept = sums[name].setdefault(file.kind, [0, 0, 0, 0])
            sums[name][file.kind] = [kept[0] + 1, *(one + other for one, other in zip(kept[1:], outcome, strict=True))]
            if answer_text == file.kind:
                print(name, outcome, answer.refused, sorted(answer.named), file.content.decode(errors="replace"))
    chosen = [name for name in READERS if sums[name]]
    print(f"| kind | files | {' | '.join(chosen)} |\n|---|---|{'---|' * len(chosen)}")
    for kind in dict.fromkeys(each.kind for each in files if answer_text in (None, each.kind)):
        read_rows = [" · ".join(map(str, sums[name][kind][1:])) for name in chosen]
        print(f"| {kind} | {sums[chosen[0]][kind][0]} | {' | '.join(read_rows)} |")
    totals = [[sum(each[place] for each in sums[name].values()) for place in (1, 2, 3)] for name in chosen]
    print(f"| all | {len(files)} | {' | '.join(' · '.join(map(str, each)) for each in totals)} |")


if __name__ == "__main__":
    main()
