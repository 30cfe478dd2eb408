"""CSV: the right cells, the right physical lines, and one bad row that hurts nobody else."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from crossdock.formats import options as options_of_all
from crossdock.formats import reader, text
from crossdock.formats.delimited import splitter
from crossdock.formats.delimited.rfc4180 import Dialect
from crossdock.formats.delimited.splitter import Cutter, Lines
from crossdock.formats.format import Clues
from crossdock.schema.document import Kind
from tests.warehouse import HEADER, Warehouse
from tests.warehouse import csv as rows

KNOWN = Clues(dict.fromkeys("abc", Kind.TEXT))


def read(path: Path, content: bytes, **options: object) -> list[tuple[int, list[str], str | None]]:
    path.write_bytes(content)
    opened = reader(path, "delimited", options_of_all()(**options), KNOWN)
    records = []
    for block in opened.blocks():
        cells = [list(row.values()) for row in block.cells.to_pylist()]
        records += zip(block.lines.tolist(), cells, block.faults.to_pylist(), strict=True)
    return records


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "x.csv"


def test_lines_are_physical_even_after_quoted_line_breaks(path: Path) -> None:
    content = b'a,b,c\n1,"x\ny\nz",3\n\n4,5,6\n'
    assert read(path, content) == [(2, ["1", "x\ny\nz", "3"], None), (6, ["4", "5", "6"], None)]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_any_line_ending(path: Path, end: bytes) -> None:
    content = end.join([b"a,b,c", b"1,2,3", b'4,"5",6', b""])
    assert read(path, content) == [(2, ["1", "2", "3"], None), (3, ["4", "5", "6"], None)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_by_the_headers_that_are_known(path: Path, delimiter: str) -> None:
    content = (
        delimiter.join("abc") + "\n" + delimiter.join(["1,5", "x;y", "3"]).replace(delimiter * 2, delimiter) + "\n"
    )
    quoted = io.StringIO()
    csv.writer(quoted, delimiter=delimiter, lineterminator="\n").writerows(["abc", ["1,5", "x;y", "3|\t"]])
    assert content
    assert read(path, quoted.getvalue().encode()) == [(2, ["1,5", "x;y", "3|\t"], None)]


def test_a_sep_line_is_honoured(path: Path) -> None:
    assert read(path, b"sep=;\na;b;c\n1;2,5;3\n") == [(3, ["1", "2,5", "3"], None)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "utf-32"])
def test_the_encoding_is_established_from_the_whole_file(path: Path, encoding: str) -> None:
    content = ("a,b,c\n" + "1,plain,3\n" * 2000 + "1,Käse ½,3\n").encode(encoding)
    assert read(path, content)[-1] == (2002, ["1", "Käse ½", "3"], None)


def test_torn_rows_broken_quotes_and_blank_rows(path: Path) -> None:
    content = b'a,b,c\n1,2\n1,2,3,4\n1,2,3,,\n,,\n1,"x"y,3\n7,5" pipe,9\n1,1,1\n'
    assert read(path, content) == [
        (2, ["1", "2", ""], "torn_row"),
        (3, ["1", "2", "3"], "torn_row"),
        (4, ["1", "2", "3"], "torn_row"),
        (6, ["1", "", ""], "broken_quote"),
        (7, ["7", '5" pipe', "9"], None),
        (8, ["1", "1", "1"], None),
    ]


def test_an_unclosed_quote_is_blamed_on_its_line_and_reading_goes_on(path: Path) -> None:
    content = b'a,b,c\n1,2,3\n4,"5,6\n7,8,9\n1,1,1\n'
    assert read(path, content) == [
        (2, ["1", "2", "3"], None),
        (3, ["4", "", ""], "unclosed_quote"),
        (4, ["7", "8", "9"], None),
        (5, ["1", "1", "1"], None),
    ]


def test_a_preamble_and_repeated_headers_are_not_records(warehouse: Warehouse) -> None:
    content = f"Orders of the day\n\n{HEADER}\nSO-1,1,AB,5\n{HEADER}\nSO-2,1,AB,5\n"
    result = warehouse.run(content)
    assert (result.report.books.loaded, result.report.books.ignored, result.report.books.blank) == (2, 2, 1)


def test_two_columns_of_one_name_are_refused_with_both_positions(warehouse: Warehouse) -> None:
    result = warehouse.run("customerOrderNumber,skuId,SKU ID\nSO-1,AB,AC\n")
    assert result.report.refused is not None
    assert "'skuId' (position 2)" in result.report.refused
    assert "'SKU ID' (position 3)" in result.report.refused


def test_a_record_longer_than_anything_is_torn_and_the_rest_goes_on(warehouse: Warehouse) -> None:
    result = warehouse.run(rows("SO-1,1,AB,5", f"SO-2,1,{'x' * 3_000_000},5", "SO-3,1,AB,5"))
    assert [code for _, _, code in result.errors] == ["record_too_long"]
    assert result.report.documents.inserted == 2


def test_a_torn_row_holds_its_document_and_one_without_a_key_its_neighbours(warehouse: Warehouse) -> None:
    result = warehouse.run(
        rows("SO-1,1,AB,5", "SO-2,1,AB,5", "SO-2,2", "SO-3,1,AB,5", ",9", "SO-4,1,AB,5", "SO-5,1,AB,5")
    )
    assert set(result.failed) == {"SO-2", "", "SO-3", "SO-4"}
    assert "torn row at line 6" in result.failed["SO-3"]
    assert result.report.documents.inserted == 2
    taken = warehouse.run(rows("SO-3,1,AB,5", ",9", "SO-4,1,AB,5"), warehouse.feed('hold = "line"'))
    assert set(taken.failed) == {""}


def test_an_unclosed_quote_holds_every_document_it_swallowed(warehouse: Warehouse) -> None:
    result = warehouse.run(rows("SO-1,1,AB,5", 'SO-2,1,"AB,5', "SO-3,1,AB,5", 'SO-4,1,"AB",5', "SO-5,1,AB,5"))
    assert set(result.failed) == {"SO-2", "SO-3", "SO-4"}
    assert [(line, code) for line, _, code in result.errors] == [(3, "unclosed_quote")]


cell = st.text(st.sampled_from('ab1 ,;"\n'), max_size=6).filter(lambda value: not {",", "\n"} <= set(value))
"""What a well-formed file may hold: a cell of lines that are as wide as rows is taken for an open quote."""


@settings(
    max_examples=10 * settings().max_examples,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.lists(st.lists(cell, min_size=3, max_size=3), max_size=12), st.sampled_from(["\n", "\r\n"]), st.integers(1, 64)
)
def test_well_formed_files_read_as_csv_reader_reads_them(
    path: Path, table: list[list[str]], end: str, chunk: int
) -> None:
    out = io.StringIO()
    csv.writer(out, lineterminator=end).writerows([["a", "b", "c"], *table])
    content = out.getvalue()
    source = csv.reader(io.StringIO(content, newline=""))
    next(source)
    expected = [row for row in source if any(each.strip() for each in row) and row != ["a", "b", "c"]]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text, "CHUNK", chunk)
        assert [cells for _, cells, _ in read(path, content.encode())] == expected


DIALECTS = [
    Dialect(","),
    Dialect(",", None),
    Dialect(",", "'"),
    Dialect(",", '"', "\\"),
    Dialect(",", None, "\\"),
    Dialect("\t"),
]
anything = st.text(st.sampled_from("ab15,\"\n\r '\\\t\ufeff\u00a0="), max_size=60)
Found = list[tuple[int, object, object]]


def cut(pieces: list[bytes], dialect: Dialect, extra: int) -> Found:
    cutting = Cutter(dialect, [["a", "b"]], ["a", "b"], lambda: extra)
    records: Found = []
    rest = b""
    for place, piece in enumerate(pieces):
        rest += piece
        block, used = cutting.cut(rest, eof=place == len(pieces) - 1)
        rest = rest[used:]
        records += zip(block.lines.tolist(), block.cells.to_pylist(), block.faults.to_pylist(), strict=True)
    return records


class Slow(Lines):
    """Lines of which none is clean: the slow way reads all of them."""

    def __init__(self, data: bytes, dialect: Dialect, *, eof: bool) -> None:
        super().__init__(data, dialect, eof=eof)
        self.clean[:] = False


@settings(max_examples=15 * settings().max_examples, deadline=None)
@given(anything, st.sampled_from(DIALECTS))
@example('"\r"\u00a0', Dialect(","))
@example('"\r"\ufeff,', Dialect(","))
def test_any_text_gives_the_same_records_whole_or_piece_by_piece(content: str, dialect: Dialect) -> None:
    data = content.encode()
    pieces = [data[i : i + 1] for i in range(len(data))]
    assert cut([data, b""], dialect, 0) == cut([b"", *pieces, b""], dialect, 0)


@settings(max_examples=25 * settings().max_examples, deadline=None)
@given(anything, st.sampled_from(DIALECTS), st.sampled_from([0, 1, 2]))
def test_the_quick_way_gives_the_cells_that_the_slow_way_gives(content: str, dialect: Dialect, extra: int) -> None:
    data = content.encode()
    quick = cut([data], dialect, extra)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(splitter, "Lines", Slow)
        assert cut([data], dialect, extra) == quick
