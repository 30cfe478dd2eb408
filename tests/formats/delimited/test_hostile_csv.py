"""What delimited files really hold: each kind was met in public, the values are our own. Never a wrong cell stored."""

from __future__ import annotations

import json

import pytest

from crossdock.formats.delimited import tidy
from crossdock.reports.failure_list import guarded
from crossdock.schema.document import Kind
from crossdock.schema.names import INVISIBLE
from tests.reports.excel.test_fix_workbook import corrected
from tests.warehouse import HEADER, Result, Warehouse, csv, house

NAMED = f"{HEADER},shipTo.name,shipTo.city,header.notes"
WIDE = "customerOrderNumber\tcustomerLineNumber\theader.notes\tskuId\tquantity\tshipTo.name"


def names(warehouse: Warehouse) -> dict[str, str]:
    return dict(warehouse.rows("select customer_order_number, ship_to_name from sales_orders"))


def codes(result: Result) -> list[tuple[int, str]]:
    return [(line, code) for line, _, code in result.errors]


def on_one_line(text: str) -> str:
    return " ".join(text.split())


# quotes


@pytest.mark.parametrize(
    ("row", "name"),
    [
        ('SO-1, 1, AB, 5, "Lee, Ann", York,', "Lee, Ann"),
        ('SO-1,1,AB,5,"Lee, Ann" ,York,', "Lee, Ann"),
        ('SO-1,1,AB,5,\u00a0"Lee, Ann",York,', "Lee, Ann"),
        ('SO-1,1,AB,5,\ufeff"Lee, Ann",York,', "Lee, Ann"),
        ('SO-1,1,AB,5,Pipe 5",York,', 'Pipe 5"'),
        ('SO-1,1,AB,5,Pipe 5" x 3",York,', 'Pipe 5" x 3"'),
        ('SO-1,1,AB,5,12" Shop,9" Lane,', '12" Shop'),
        ('SO-1,1,AB,5,2"x4" Shop,5"H,', '2"x4" Shop'),
        ('SO-1,1,AB,5,Dwayne "Rock" Lee,York,', 'Dwayne "Rock" Lee'),
        ('SO-1,1,AB,5,"12"" Shop",York,', '12" Shop'),
    ],
)
def test_quotes_that_are_meant_and_quotes_that_are_text(warehouse: Warehouse, row: str, name: str) -> None:
    assert warehouse.run(csv(row, header=NAMED)).errors == []
    assert names(warehouse) == {"SO-1": name}


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ('SO-1,1,AB,5,Ann Lee"2 Low St, Dock 4",York', "quote_across_cells"),
        ('SO-1,1,AB,5,$48.00"Throw Pillow, Wooden",York', "quote_across_cells"),
        ('SO-1,1,AB,5,O"Neil,Yo"rk,', "quote_across_cells"),
        ('SO-1,1,AB,5,"Ann "Rock" Lee",York,', "broken_quote"),
        (r'SO-1,1,AB,5,"12\" Shop",York,', "broken_quote"),
    ],
)
def test_a_quote_that_goes_wrong_fails_its_row(warehouse: Warehouse, row: str, code: str) -> None:
    result = warehouse.run(csv(row, "SO-2,1,AB,5,Bo,Ely,", header=NAMED))
    assert codes(result) == [(2, code)]
    assert names(warehouse) == {"SO-2": "Bo"}


def test_a_stray_quote_never_makes_one_document_of_two(warehouse: Warehouse) -> None:
    """The quotes are in one column, so the row between them has the cells of a row: it is none of the cell."""
    lines = [
        WIDE,
        'SO-1\t1\t"Hose\tA\t1\tAnn',
        "SO-2\t1\tCan\tB\t2\tBo",
        'SO-3\t1\tPipe 12"\tC\t3\tCy',
        "SO-4\t1\tRake\tD\t4\tDi",
    ]
    result = warehouse.run("\n".join(lines) + "\n")
    assert codes(result) == [(2, "unclosed_quote")]
    assert set(result.failed) == {"SO-1", "SO-2", "SO-3"}
    assert names(warehouse) == {"SO-4": "Di"}
    assert (
        "swallowed" in {each["code"] for each in result.failures} or "quote opened at line 2" in result.failed["SO-2"]
    )
    taken = warehouse.run("\n".join(lines) + "\n", warehouse.feed('options = { quote = "none" }'))
    assert taken.errors == []
    assert set(names(warehouse)) == {"SO-1", "SO-2", "SO-3", "SO-4"}


def test_a_stray_quote_that_ends_in_another_column_swallows_nothing(warehouse: Warehouse) -> None:
    rows = ['SO-1,1,AB,5,"Ann,York,', "SO-2,1,AB,5,Bo,Ely,", 'SO-3,1,AB,5,Cy,York",', "SO-4,1,AB,5,Di,Ely,"]
    result = warehouse.run(csv(*rows, header=NAMED))
    assert codes(result) == [(2, "unclosed_quote")]
    assert names(warehouse) == {"SO-4": "Di"}


def test_a_note_of_several_lines_is_a_note(warehouse: Warehouse) -> None:
    note = "Call first, then ring, please.\nSecond door, left\n\nThanks, a lot"
    result = warehouse.run(csv(f'SO-1,1,AB,5,Ann,York,"{note}"', "SO-2,1,AB,5,Bo,Ely,", header=NAMED))
    assert result.errors == []
    assert (note,) in warehouse.rows("select notes from sales_orders")


@pytest.mark.parametrize(
    ("options", "name"),
    [
        (r"""options = { escape = "\\" }""", r'"12\" Shop, North"'),
        (r"""options = { escape = "\\", quote = "none" }""", r'12" Shop\, North'),
        ("""options = { quote = "'" }""", "'12\" Shop, North'"),
        ("""options = { quote = "~" }""", '~12" Shop, North~'),
    ],
)
def test_a_feed_says_how_it_quotes(warehouse: Warehouse, options: str, name: str) -> None:
    result = warehouse.run(csv(f"SO-1,1,AB,5,{name},York,", header=NAMED), warehouse.feed(options))
    assert result.errors == []
    assert names(warehouse) == {"SO-1": '12" Shop, North'}


# rows as wide as their header


def test_blank_cells_behind_the_last_heading_are_taken_where_most_rows_have_them(warehouse: Warehouse) -> None:
    rows = [f"SO-{number},1,AB,5,Ann,York,," for number in range(1, 6)]
    result = warehouse.run(csv(*rows, "SO-6,1,AB,5,Smith, John,York,,", "SO-7,1,AB,5,York,,", header=NAMED))
    assert codes(result) == [(7, "torn_row"), (8, "torn_row")]
    assert "5 rows end in blank cells that have no heading" in result.text
    assert len(names(warehouse)) == 5


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_a_comma_that_nobody_quoted_tears_its_row_though_the_last_cell_is_blank(
    warehouse: Warehouse, rows: int
) -> None:
    result = warehouse.run(csv(*(f"SO-1,{n},AB,5,Smith, John,York," for n in range(1, rows + 1)), header=NAMED))
    assert {code for _, code in codes(result)} == {"torn_row"}
    assert names(warehouse) == {}


def test_blank_headings_at_the_end_are_no_columns_where_rows_have_none(warehouse: Warehouse) -> None:
    result = warehouse.run(csv("SO-1,1,AB,5", "SO-2,1,AB,5", header=f"{HEADER},,"))
    assert (result.errors, result.report.documents.inserted) == ([], 2)


@pytest.mark.parametrize(
    ("header", "which"),
    [
        (HEADER.replace("Number,skuId", "Number skuId"), "'customerLineNumber skuId' looks like two"),
        (HEADER.replace("Number,skuId", "NumberskuId"), "'customerLineNumberskuId' looks like two"),
        (HEADER.replace("Number,skuId", "Number,Artikel skuId").replace("customerLineNumber,", ""), "'Artikel skuId'"),
    ],
)
def test_a_header_that_lost_a_delimiter_is_refused(warehouse: Warehouse, header: str, which: str) -> None:
    result = warehouse.run(csv("SO-1,1,AB,5", "SO-2,1,AB,5", header=header))
    assert "most rows have 4 cells and the header has 3: " + which in str(result.report.refused)


# headings


def test_repeated_headings_are_known_by_their_cells(warehouse: Warehouse) -> None:
    again = [",".join(f'"{each}"' for each in HEADER.split(",")), f"\ufeff{HEADER}", HEADER.upper()]
    rows = [each for number, heading in enumerate(again) for each in (f"SO-{number},1,AB,5", heading)]
    result = warehouse.run(csv(*rows, "\ufeffSO-9,1,AB,5"))
    assert (result.errors, result.report.books.ignored) == ([], 3)
    assert set(names(warehouse)) == {"SO-0", "SO-1", "SO-2", "SO-9"}


def test_cells_of_no_break_spaces_and_what_nobody_sees_are_blank(warehouse: Warehouse) -> None:
    result = warehouse.run(csv("SO-1,1,AB,5,Ann,\u00a0,", "\u00a0,\u200b,,\u3000,,\ufeff,", "\u00a0", header=NAMED))
    assert (result.errors, result.report.books.blank) == ([], 2)
    assert warehouse.rows("select ship_to_city from sales_orders") == [(None,)]


@pytest.mark.parametrize(("above", "rest"), [("leave it at the", "back door"), ("leave it", "at the back, left")])
def test_a_line_break_without_quotes_holds_the_order_whose_text_it_cuts(
    warehouse: Warehouse, above: str, rest: str
) -> None:
    """Also where the text goes on with a delimiter."""
    rows = (f"SO-1,1,AB,5,Ann,York,{above}", rest, "SO-2,1,AB,5,Bo,Ely,", "SO-3,1,AB,5,Cy,Ely,")
    result = warehouse.run(csv(*rows, header=NAMED))
    assert codes(result) == [(3, "torn_row")]
    assert set(result.failed) == {"SO-1", rest.partition(",")[0], "SO-2"}
    assert set(names(warehouse)) == {"SO-3"}


@pytest.mark.parametrize(
    ("above", "torn", "key"),
    [
        ("SO-1,1,AB,5,Ann,York,gate", "SO-2,1,AB,5,Bo,Ely", "SO-2"),
        ("SO-1,1,AB,5,Ann,York,", "at the back, left", "at the back"),
        ("SO-1,1,AB,5,Ann,York,gate", "at the back,1,AB,5,Bo,Ely,and,more", "at the back"),
    ],
    ids=["a number", "no text above", "more cells"],
)
def test_a_torn_row_that_is_no_rest_of_a_text_holds_nobody(
    warehouse: Warehouse, above: str, torn: str, key: str
) -> None:
    result = warehouse.run(csv(above, torn, "SO-3,1,AB,5,Cy,Ely,", header=NAMED))
    assert set(result.failed) == {key}
    assert set(names(warehouse)) == {"SO-1", "SO-3"}


@pytest.mark.parametrize("end", ["\x1a", "\x1a\r\n", "\r\n\x1a\x1a", " \x1a "])
def test_the_mark_with_which_old_systems_end_a_file_is_no_record(warehouse: Warehouse, end: str) -> None:
    result = warehouse.run(csv("SO-1,1,AB,5", "SO-2,1,AB,5") + end)
    assert (result.errors, result.report.books.read - result.report.books.blank) == ([], 2)
    assert set(names(warehouse)) == {"SO-1", "SO-2"}


def test_two_columns_that_nobody_reads_may_have_one_name(warehouse: Warehouse) -> None:
    result = warehouse.run(csv("SO-1,1,AB,5,x,y", header=f"{HEADER},Colour,colour"))
    assert result.errors == []
    assert "heading_twice" in result.warnings
    refused = warehouse.run("Colour,colour\nx,y\n").report.refused
    assert refused == "no column of the file is known: the first row reads Colour, colour"


def test_a_second_table_with_other_headings_is_refused(warehouse: Warehouse) -> None:
    """Its rows have the right number of cells, each under the heading of another."""
    other = "customerOrderNumber,skuId,customerLineNumber,quantity"
    result = warehouse.run(csv("SO-1,1,AB,5", other, "SO-2,7,1,5"))
    assert "line 3 has headings once more, and other ones than the first" in str(result.report.refused)


def test_another_way_to_quote_is_named(warehouse: Warehouse) -> None:
    rows = ["SO-1,1,AB,5,'Ann O''Neil',York,", "SO-2,1,AB,5,Bo,Ely,"]
    result = warehouse.run(csv(*rows, header=NAMED))
    assert codes(result) == [(2, "in_apostrophes")]
    taken = warehouse.run(csv(*rows, header=NAMED), warehouse.feed("""options = { quote = "'" }"""))
    assert (taken.errors, names(warehouse)) == ([], {"SO-1": "Ann O'Neil", "SO-2": "Bo"})


# encodings


def test_one_byte_that_is_no_text_fails_its_cell(warehouse: Warehouse) -> None:
    content = csv("SO-1,1,AB,5,Jörg,Köln,", "SO-2,1,AB,5,Ren@,Ely,", "SO-3,1,AB,5,Zoë,Ely,", header=NAMED)
    result = warehouse.run(content.encode().replace(b"@", b"\xe9"))
    assert codes(result) == [(3, "undecodable_cell")]
    assert r"shipTo.name 'Ren\xe9' holds bytes that are not utf-8: 0xE9" in " ".join(result.text.split())
    assert names(warehouse) == {"SO-1": "Jörg", "SO-3": "Zoë"}


def test_an_order_number_that_is_no_text_holds_the_orders_beside_it(warehouse: Warehouse) -> None:
    content = csv(
        "SO-1,1,AB,5,Jörg,Köln,", "SO-@,2,AB,5,Zoë,Köln,", "SO-2,1,AB,5,Bo,Ely,", "SO-3,1,AB,5,Cy,Ely,", header=NAMED
    )
    result = warehouse.run(content.encode().replace(b"@", b"\xe9"))
    assert codes(result)[0] == (3, "undecodable_cell")
    assert names(warehouse) == {"SO-3": "Cy"}


def test_a_declared_encoding_fails_cells_and_not_the_file(warehouse: Warehouse) -> None:
    of = warehouse.feed('options = { encoding = "cp1252" }')
    result = warehouse.run(
        csv("SO-1,1,AB,5,J@rg,Ely,", "SO-2,1,AB,5,Bo,Ely,", header=NAMED).encode().replace(b"@", b"\x81"), of
    )
    assert codes(result) == [(2, "undecodable_cell")]
    assert names(warehouse) == {"SO-2": "Bo"}


def test_an_encoding_that_nobody_tells_is_named_with_what_it_makes_of_a_word(warehouse: Warehouse) -> None:
    result = warehouse.run(csv("SO-1,1,AB,5,Jörg Müller,Köln,", header=NAMED).encode("cp1252"))
    assert result.errors == []
    assert "it was read as cp1252, where line 2 reads 'Jörg'" in " ".join(result.text.split())


@pytest.mark.parametrize("encoding", ["cp1251", "koi8_r", "gb18030", "cp932", "cp866"])
def test_what_reads_like_no_language_of_cp1252_is_not_stored_as_such(warehouse: Warehouse, encoding: str) -> None:
    text = {"gb18030": "王小明,北京市朝阳区", "cp932": "山田太郎,東京都新宿区"}.get(encoding, "Иван Петров,Москва")
    result = warehouse.run(csv(f"SO-1,1,AB,5,{text},", "SO-2,1,AB,5,Bo,Ely,", header=NAMED).encode(encoding))
    assert {code for _, code in codes(result)} == {"undecodable_cell"}
    assert f"it looks like {encoding}, in which that is '{text.split()[0].split(',')[0]}'" in " ".join(
        result.text.split()
    )
    assert names(warehouse) == {"SO-2": "Bo"}


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        *(("Müller", "cp437"), ("Café Müller", "mac_roman"), ("José Peña", "cp437"), ("Hauptstraße", "cp437")),
        *(("Großhandel Weiß", "cp437"), ("Weiß", "mac_roman"), ("Jörg Weiß Süßwaren Größe Öl Äpfel Übel", "mac_roman")),
    ],
)
def test_of_a_few_letters_no_encoding_is_named_in_which_they_make_no_word(
    warehouse: Warehouse, name: str, encoding: str
) -> None:
    """As cp932 it was M〕ler, as cp1250 CafŽ; the advice was to read the file so."""
    result = warehouse.run(csv(f"SO-1,1,AB,5,{name},York,", "SO-2,1,AB,5,Bo,Ely,", header=NAMED).encode(encoding))
    message, setting = next(
        (each["message"], each["setting"]) for each in result.failures if each["code"] == "encoding_not_told"
    )
    assert f"it looks like {encoding}, in which that is '{name.split()[0]}'" in message
    assert setting == f'options = {{ encoding = "{encoding}" }}'


@pytest.mark.parametrize(
    "name", ["Seán", "Beáta", "Isaác", "Juárez", "Col·legi", "Größe", "Weiß", "Øst", "São João", "š"]
)
def test_words_of_cp1252_are_read_as_such(warehouse: Warehouse, name: str) -> None:
    warehouse.run(csv(f"SO-1,1,AB,5,{name},York,", header=NAMED).encode("cp1252"))
    assert names(warehouse) == {"SO-1": name}


@pytest.mark.parametrize(
    ("names", "encoding"),
    [
        (("Łukasz Żółć", "Ewa Dąbrowska"), "cp1250"), (("Wrocław", "Kraków", "Gdańsk"), "cp1250"), (("Timişoara", "Brăila"), "cp1250"),
        (("Şükrü İğci", "Ayşe Işık"), "cp1254"), (("Beşiktaş", "Gümüşsuyu", "Kadıköy"), "cp1254"),
    ],
)  # fmt: skip
def test_neighbours_of_cp1252_are_told_by_words_that_it_has_not(
    warehouse: Warehouse, names: tuple[str, ...], encoding: str
) -> None:
    """They were stored as ``£ukasz ¯ó³æ`` and ``Þükrü Ýðci``, with the advice to read the file so."""
    rows = [f"SO-{number},1,AB,5,{name},York," for number, name in enumerate(names)]
    result = warehouse.run(csv(*rows, "SO-9,1,AB,5,Bo,Ely,", header=NAMED).encode(encoding))
    assert warehouse.order_numbers() == ["SO-9"], result.text
    settings = [each["setting"] for each in result.failures if each["code"] == "encoding_not_told"]
    assert settings == [f'options = {{ encoding = "{encoding}" }}']


@pytest.mark.parametrize(
    "name",
    ["Þórður Sigurðsson", "Guðrún Ýr", "Hafnarfjörður", "Alþingi", "m² und m³ für Öl", "Nº 3", "Müller¹", "£5 für Jörg", "¿Qué Núñez?",
     "São João", "Søren Kjær", "Gy 10 µm", "½ Größe"],
)  # fmt: skip
def test_words_of_cp1252_with_such_letters_are_read_as_such(warehouse: Warehouse, name: str) -> None:
    warehouse.run(csv(f"SO-1,1,AB,5,{name},York,", header=NAMED).encode("cp1252"))
    assert warehouse.rows("SELECT ship_to_name FROM sales_orders") == [(name,)]


LIKELY = [
    *(("陳怡君,台北市", "cp950"), ("林志明,高雄市前鎮區中山二路2號", "cp950"), ("田中太郎,東京", "cp932")),
    *(("张伟,深圳市南山区科技园路5号", "gb18030"), ("田中太郎,東京都千代田区丸の内", "euc_jp")),
    ("김민수,서울특별시 강남구 테헤란로 대한민국 부산광역시 해운대구 우동 이영희", "cp949"),
]


@pytest.mark.parametrize(("cells", "encoding"), LIKELY)
def test_letters_of_two_bytes_are_not_read_as_accents(warehouse: Warehouse, cells: str, encoding: str) -> None:
    """Big5 was stored as ``³¯©É§g``, and read as cp949 by advice, which named an encoding that fits as well."""
    result = warehouse.run(csv(f"SO-1,1,AB,5,{cells},", "SO-2,1,AB,5,Bo,Ely,", header=NAMED).encode(encoding))
    assert warehouse.order_numbers() == ["SO-2"], result.text
    settings = [each["setting"] for each in result.failures if each["code"] == "encoding_not_told"]
    assert settings == [f'options = {{ encoding = "{encoding}" }}']
    warehouse.run(csv(f"SO-1,1,AB,5,{cells},", header=NAMED).encode(encoding), warehouse.feed(settings[0]))
    assert names(warehouse)["SO-1"] == cells.partition(",")[0]


@pytest.mark.parametrize(
    ("name", "encoding"),
    [("李娜", "gb18030"), ("佐藤花子", "euc_jp"), ("서울", "cp949"), ("МОСКВА", "cp1251")],
)
def test_where_a_few_letters_fit_several_encodings_all_are_named(
    warehouse: Warehouse, name: str, encoding: str
) -> None:
    result = warehouse.run(csv(f"SO-1,1,AB,5,{name},York,", header=NAMED).encode(encoding))
    assert warehouse.order_numbers() == []
    notes = [(each["message"], each["setting"]) for each in result.failures if each["code"] == "encoding_not_told"]
    assert f"{encoding}, in which that is '{name}'" in notes[0][0]
    assert notes[0][1] == 'options = { encoding = "…" }'


def test_two_bytes_of_a_letter_are_not_read_as_one_of_utf8(warehouse: Warehouse) -> None:
    """``山`` of GBK is ``ɽ`` of UTF-8: beside names that are none it was stored so."""
    rows = ["SO-1,1,AB,5,张伟,深圳市南山区,", "SO-2,1,AB,5,山,York,", "SO-3,1,AB,5,Bo,Ely,"]
    warehouse.run(csv(*rows, header=NAMED).encode("gb18030"))
    assert warehouse.order_numbers() == ["SO-3"]


@pytest.mark.parametrize("name", ["ÄÖ Äpfel", "20 °C", "ÅÄ", "«Été»", "©®", "“„", "ÉCOLE NÉE", "20±2 ½"])
def test_accents_and_signs_of_cp1252_are_no_letters_of_two_bytes(warehouse: Warehouse, name: str) -> None:
    warehouse.run(csv(f"SO-1,1,AB,5,{name},York,", header=NAMED).encode("cp1252"))
    assert names(warehouse) == {"SO-1": name}


def test_an_encoding_that_nobody_knows_is_left_to_the_operator(warehouse: Warehouse) -> None:
    content = csv("SO-1,1,AB,5,Ångström,York,", "SO-2,1,AB,5,Bo,Ely,", header=NAMED).encode("mac_roman")
    setting = next(each["setting"] for each in warehouse.run(content).failures if each["code"] == "encoding_not_told")
    assert setting == 'options = { encoding = "…" }'


def test_utf8_in_the_middle_of_another_encoding_fails_its_cell(warehouse: Warehouse) -> None:
    rows = [f"SO-{number},1,AB,5,Jürgen Böse,Köln,".encode("cp1252") for number in range(5)]
    content = b"\n".join([NAMED.encode(), *rows, "SO-9,1,AB,5,Zoë,Ely,".encode(), b""])
    result = warehouse.run(content)
    assert codes(result) == [(7, "mixed_encoding")]
    assert "may be Zoë" in " ".join(result.text.split())
    assert set(names(warehouse).values()) == {"Jürgen Böse"}


# armour and what nobody sees


@pytest.mark.parametrize(
    ("cell", "kind", "bare"),
    [
        ('="00123"', None, "00123"),
        ('="12"" Shop"', None, '12" Shop'),
        ('\ufeff="00123" ', None, "00123"),
        ('=""', None, ""),
        ("'07030", Kind.ID, "07030"),
        ("'+31 6 12", Kind.TEXT, "+31 6 12"),
        ("'SO-1", Kind.ID, "SO-1"),
        ("'s-Hertogenbosch", Kind.TEXT, "'s-Hertogenbosch"),
        ("'s-Hertogenbosch", Kind.ID, "'s-Hertogenbosch"),
        ("'90s Shop", Kind.TEXT, "'90s Shop"),
        ("'5'", Kind.TEXT, "'5'"),
        ('="a"&"b"', None, '="a"&"b"'),
        ("=1+1", None, "=1+1"),
        ("O'Neil", Kind.TEXT, "O'Neil"),
    ],
)
def test_armour_is_taken_off_whole_cells(cell: str, kind: Kind | None, bare: str) -> None:
    assert tidy.bare(cell, kind) == bare


@pytest.mark.parametrize("value", ["=1+1", "-AB", "@home", "+31 6 12x"])
def test_what_our_own_csv_writes_to_be_safe_is_taken_off(value: str) -> None:
    assert guarded(value) == f"'{value}"
    assert tidy.bare(guarded(value), Kind.TEXT) == value


def test_armour_is_noted_once_a_column(warehouse: Warehouse) -> None:
    rows = ['="0047",1,="0815",5', '"=""0048""",1,"=""0816""",5', "'0049,1,'0817,5"]
    result = warehouse.run(csv(*rows))
    assert result.errors == []
    assert [code for code in result.warnings if code == "armoured_cells"] == ["armoured_cells"] * 2
    assert set(names(warehouse)) == {"0047", "0048", "0049"}
    assert warehouse.rows("select sku_id from sales_order_lines order by 1") == [("0815",), ("0816",), ("0817",)]


@pytest.mark.parametrize("letter", INVISIBLE[::4])
def test_what_nobody_sees_is_trimmed_and_fails_inside_an_id(warehouse: Warehouse, letter: str) -> None:
    result = warehouse.run(csv(f"{letter}SO-1 {letter},1,AB,5", f"S{letter}O-1,2,AB,5", "SO-2,1,AB,5"))
    assert codes(result) == [(3, "invisible_character")]
    assert f"U+{ord(letter):04X}" in result.text
    assert set(result.failed) == {"SO-1"}, "the row is part of the order that it seems to be of"
    assert set(names(warehouse)) == {"SO-2"}


@pytest.mark.parametrize("error", ["#N/A", "#REF!", "#NAME?", "#BEZUG!", "#NV", "#VALEUR!", "#¡VALOR!", "#######"])
def test_an_error_of_a_spreadsheet_is_no_text(warehouse: Warehouse, error: str) -> None:
    result = warehouse.run(csv(f"SO-1,1,{error},5,Ann,York,", f"SO-2,1,AB,5,{error},Ely,", header=NAMED))
    assert codes(result) == [(2, "error_cell"), (3, "error_cell")]
    again = warehouse.run(
        corrected(warehouse.fix(result), (2, "skuId", "AB"), (3, "shipTo.name", "Bo")), name="fix.xlsx"
    )
    assert again.errors == []
    assert set(names(warehouse)) == {"SO-1", "SO-2"}


@pytest.mark.parametrize(
    "word", ["null", "NaN", "undefined", r"\N", "[object Object]", "(null)", "- None -", "(blank)", "<null>"]
)
def test_what_programs_write_for_nothing_is_said(warehouse: Warehouse, word: str) -> None:
    result = warehouse.run(csv(f"SO-1,1,{word},5,{word},York,None", f"{word},1,AB,5,Ann,Ely,", header=NAMED))
    assert (result.errors, result.warnings) == ([], ["means_nothing"] * 3)
    feed = warehouse.feed(f'values.skuId.\'{word}\' = "AB"\nvalues."shipTo.name".\'{word}\' = ""\n')
    again = warehouse.run(csv(f"SO-1,1,{word},5,{word},York,None", header=NAMED), feed)
    assert "means_nothing" not in again.warnings


@pytest.mark.parametrize("word", ["N/A", "n/a", "TBD", "-", "--", "?", "(none)", "none"])
def test_what_people_write_for_nothing_is_said_of_ids(warehouse: Warehouse, word: str) -> None:
    result = warehouse.run(csv(f"SO-1,1,{word},5,{word},York,{word}", header=NAMED))
    assert (result.errors, result.warnings) == ([], ["means_nothing"])


@pytest.mark.parametrize("word", ["TRUE", "true", "WAHR", "False"])
def test_an_id_that_is_how_a_cell_says_yes_is_said(warehouse: Warehouse, word: str) -> None:
    result = warehouse.run(csv(f"SO-1,1,{word},5,Ann,York,", header=NAMED))
    assert (result.errors, result.warnings) == ([], ["like_a_flag"])


def test_a_text_that_is_one_is_said_too(warehouse: Warehouse) -> None:
    """Odoo writes ``false`` for a blank."""
    order = {"customerOrderNumber": "SO-1", "shipTo": {"name": False}, "header.notes": "false"}
    order |= {"orderLines": [{"customerLineNumber": "1", "skuId": "AB", "quantity": 5}]}
    warnings = [each for each in warehouse.run(json.dumps([order])).failures if each["severity"] == "warning"]
    assert [(each["code"], each["column"]) for each in warnings] == [
        *(("like_a_flag", "header.notes"), ("like_a_flag", "shipTo.name"))
    ]


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("AB&amp;C", "AB&C"),
        ("O&#39;Neil", "O'Neil"),
        ("9&quot;", '9"'),
        ("Caf&eacute;&#x20AC;", "Café€"),
        ("A&lt;B", "A<B"),
    ],
)
def test_characters_as_web_pages_write_them_are_said(warehouse: Warehouse, sent: str, meant: str) -> None:
    result = warehouse.run(csv(f"SO-1,1,{sent},5,{sent},York,", header=NAMED))
    assert (result.errors, result.warnings) == ([], ["web_code"] * 2)
    assert f"should it be {meant}?" in " ".join(result.text.split())


@pytest.mark.parametrize("text", ["R&D", "A&B;C", "A & B; C", "&;", "&#;", "&lt", "AT&T;x"])
def test_an_ampersand_is_a_character_like_others(warehouse: Warehouse, text: str) -> None:
    result = warehouse.run(csv(f"SO-1,1,{text},5,{text},York,", header=NAMED))
    assert (result.errors, result.warnings) == ([], [])


# quotes around whole rows


@pytest.mark.parametrize("row", ['"SO-1,2,CD,2"', '"SO-1,2,""C,D"",2"', '"SO-1,2,CD,"'])
def test_a_row_in_quotes_is_called_that_and_holds_its_order(warehouse: Warehouse, row: str) -> None:
    result = warehouse.run(csv("SO-1,1,AB,5", "SO-2,1,AB,1", row, "SO-3,1,AB,1"))
    assert [(line, code) for line, _, code in result.errors] == [(4, "row_in_quotes")]
    assert set(result.failed) == {"SO-1"}
    assert warehouse.order_numbers() == ["SO-2", "SO-3"]


def test_a_row_in_quotes_comes_back_in_its_columns(warehouse: Warehouse) -> None:
    result = warehouse.run(csv('"SO-1,1,AB,5"', '"SO-2,1,""C,D"",2"'))
    again = warehouse.run(corrected(warehouse.fix(result), (2, "quantity", "6"), (3, "quantity", "3")), name="fix.xlsx")
    assert again.errors == []
    assert warehouse.lines("SO-2") == {"1": ("C,D", 3.0, "OPEN")}


@pytest.mark.parametrize("row", ['"SO-1,2,CD"', '"SO-1"', '"SO-1;2;CD;2"'])
def test_a_quoted_cell_that_is_no_row_is_a_torn_one(warehouse: Warehouse, row: str) -> None:
    result = warehouse.run(csv("SO-1,1,AB,5", row))
    assert [code for _, _, code in result.errors] == ["torn_row"]


@pytest.mark.parametrize("header", [f'"{HEADER}"', HEADER.replace(",", "^"), f'"{HEADER}";;;'])
def test_headings_in_one_cell_are_called_that(warehouse: Warehouse, header: str) -> None:
    refused = warehouse.run(csv('"SO-1,1,AB,5"', header=header)).report.refused
    assert str(refused).startswith("the headings stand in one cell, customerOrderNumber")


@pytest.mark.parametrize(
    ("sku", "named", "meant"),
    [("\u0410B-1", "character 1 is U+0410 CYRILLIC CAPITAL LETTER A", "AB-1"),
     ("SKU-\u0410", "character 5 is U+0410 CYRILLIC CAPITAL LETTER A", "SKU-A"),
     ("\u0391B1", "character 1 is U+0391 GREEK CAPITAL LETTER ALPHA", "AB1"),
     ("\u0421\u041a\u041b\u0410\u0414-1\u0416B", "character 9 is U+0042 LATIN CAPITAL LETTER B", "\u0421\u041a\u041b\u0410\u0414-1\u0416\u0412"),
     ("AB\u20131", "character 3 is U+2013 EN DASH", "AB-1"),
     ("AB\u22121", "character 3 is U+2212 MINUS SIGN", "AB-1"),
     ("AB\u20111", "character 3 is U+2011 NON-BREAKING HYPHEN", "AB-1"),
     ("\u0416\u20141", "character 2 is U+2014 EM DASH", "\u0416-1"),
     ("AB\uff11", "character 3 is U+FF11 FULLWIDTH DIGIT ONE", "AB1"),
     ("\u0410B\u20131", "character 1 is U+0410 CYRILLIC CAPITAL LETTER A and character 3 is U+2013 EN DASH", "AB-1")],
)  # fmt: skip
def test_an_id_that_is_not_what_it_looks_like_is_said_and_kept(
    warehouse: Warehouse, sku: str, named: str, meant: str
) -> None:
    result = warehouse.run(csv(f"SO-1,1,{sku},5,Ann,York,", "SO-2,1,AB-1,5,Bo,Ely,", header=NAMED))
    assert [(each["line"], each["code"]) for each in result.failures] == [(2, "look_alike")]
    assert f"skuId '{sku}' is not what it looks like: {named} (should it be {meant}, " in on_one_line(result.text)
    assert warehouse.rows("SELECT sku_id FROM sales_order_lines WHERE customer_order_number = 'SO-1'") == [(sku,)]
    feed = warehouse.feed(f'values.skuId."{sku}" = "{meant}"\n')
    assert warehouse.run(csv(f"SO-1,1,{sku},5,Ann,York,", header=NAMED), feed).warnings == []


@pytest.mark.parametrize(
    "sku",
    ["\u0416\u0443\u043a-1", "\u0410\u0412-1", "\u0391\u0392\u0393-1", "\u041a\u0423\u0420\u0422\u041a\u0410-XL", "10 M\u03a9",
     "\u03b1-TOC", "N\u00ba 5", "M\u00dcLLER-1", "\uff21\uff22\uff11", "\u6f22\u5b57-1", "AB-1"],
)  # fmt: skip
def test_an_id_of_any_one_script_is_right(warehouse: Warehouse, sku: str) -> None:
    assert warehouse.run(csv(f"SO-1,1,{sku},5,Ann,York,", header=NAMED)).warnings == []


def test_the_number_of_a_document_and_a_text_that_look_alike(warehouse: Warehouse) -> None:
    rows = ["SO\u20131,1,AB,5,An\u20132,York,", "SO\u20131,2,AB,5,An\u20132,York,"]
    result = warehouse.run(csv(*rows, header=NAMED))
    assert [(each["code"], each["field"]) for each in result.failures] == [("look_alike", "customerOrderNumber")]
    assert set(names(warehouse)) == {"SO\u20131"}


PLACES = "shipTo.city,shipTo.country,shipTo.postalCode"
SENDER = "shipFrom.country,shipFrom.postalCode"


@pytest.mark.parametrize(
    ("country", "code", "right"),
    [("US", "2134", "02134"), ("us", "7030", "07030"), ("USA", "2134", "02134"), ("US", "21341234", "02134-1234"),
     ("US", "2134-1234", "02134-1234"), ("PR", "907", "00907"), ("US", "6011234", "00601-1234"),
     ("DE", "1067", "01067"), ("Germany", "1067", "01067"), ("FR", "6000", "06000"), ("IT", "184", "00184"), ("IT", "9100", "09100"),
     ("ES", "8001", "08001"), ("FI", "100", "00100"), ("NO", "501", "0501"), ("RO", "10011", "010011"), ("AU", "800", "0800")],
)  # fmt: skip
def test_a_zip_code_that_lost_its_zero_is_said_and_kept(
    warehouse: Warehouse, country: str, code: str, right: str
) -> None:
    result = warehouse.run(
        csv(f"SO-1,1,AB,5,Boston,{country},{code}", header=f"{HEADER},City,Land,ZIP"),
        warehouse.feed('columns = { City = "shipTo.city", Land = "shipTo.country", ZIP = "shipTo.postalCode" }'),
    )
    assert [each["code"] for each in result.failures if each["code"] != "unknown_code"] == ["lost_zero"]
    text = on_one_line(result.text)
    assert f"ZIP '{code}' has fewer digits than a postal code of its country" in text
    assert f"should it be {right}?" in text
    assert warehouse.rows("SELECT ship_to_postal_code FROM sales_orders") == [(code,)]


@pytest.mark.parametrize(
    ("country", "code"),
    [("AT", "2134"), ("CH", "8001"), ("DK", "2100"), ("US", "02134"), ("US", "02134-1234"), ("US", "90210"), ("", "2134"),
     ("US", "021341234"), ("US", "902101234"), ("US", "213"), ("US", "0213"), ("US", ""), ("NO", "50"), ("DE", "10115"), ("DE", "106"), ("DE", "1067-1"), ("FR", "2A004"), ("IT", "10"),
     ("NL", "1011"), ("SE", "1067"), ("BE", "1000"), ("RO", "1001")],
)  # fmt: skip
def test_other_postal_codes_are_right(warehouse: Warehouse, country: str, code: str) -> None:
    rows = [f"SO-1,1,AB,5,Boston,{country},{code}"]
    assert "lost_zero" not in warehouse.run(csv(*rows, header=f"{HEADER},{PLACES}")).warnings


def test_a_zip_code_of_the_country_that_the_feed_says_is_checked_in_every_document(warehouse: Warehouse) -> None:
    feed = warehouse.feed('defaults = { "shipTo.country" = "US" }')
    rows = ["SO-1,1,AB,5,Boston,,2134", "SO-2,1,AB,5,Wien,AT,2134"]
    result = warehouse.run(csv(*rows, header=f"{HEADER},{PLACES}"), feed)
    assert [(each["line"], each["code"]) for each in result.failures] == [(2, "lost_zero")]
    asn = csv("BU1,A-1,1,AB,5,US,2134", header=f"businessUnitId,asnNumber,lineNumber,skuId,quantity,{SENDER}")
    assert "lost_zero" in warehouse.run(asn, house("asn"), name="asn.csv").warnings


@pytest.mark.parametrize("day", ["05-Jan", "5-Mar", "Dec-12", "05. Mrz", "Okt 10", "2026-05-01 00:00:00"])
def test_an_id_or_a_text_that_a_spreadsheet_has_made_a_day_of_is_said(warehouse: Warehouse, day: str) -> None:
    result = warehouse.run(csv(f"SO-1,1,{day},5,{day},York,", "SO-2,1,MAR-05,5,Ann,York,", header=NAMED))
    noted = sorted((each["code"], each["field"]) for each in result.failures)
    assert noted == [("like_a_date", "shipTo.name"), ("like_a_date", "skuId")]
    assert f"{day}'" in result.text
    feed = warehouse.feed(f'values.skuId."{day}" = "1-5"\n')
    assert warehouse.run(csv(f"SO-1,1,{day},5,Ann,York,", header=NAMED), feed).warnings == []


def test_a_text_that_only_begins_like_an_error_is_a_text(warehouse: Warehouse) -> None:
    feed = warehouse.feed('values.skuId."#N/A" = "AB"\n')
    assert warehouse.run(csv("#12,1,#5!,5,#1 fan,##,", "#13,1,#N/A,5,Ann,Ely,", header=NAMED), feed).errors == []


@pytest.mark.parametrize("blank", ["\xa0", "\u202f", "\u2009", "\u2028"])
def test_a_blank_that_is_none_fails_inside_an_id(warehouse: Warehouse, blank: str) -> None:
    result = warehouse.run(
        csv(f"{blank}SO 1{blank},1,AB,5", f"SO{blank}1,2,AB,5", f"SO 2,1,A{blank}B,5", "SO 3,1,AB,5")
    )
    assert codes(result) == [(3, "invisible_character"), (4, "invisible_character")]
    assert f"U+{ord(blank):04X}" in result.text
    assert set(result.failed) == {"SO 1", "SO 2"}, "the row is part of the order that it seems to be of"
    assert set(names(warehouse)) == {"SO 3"}


def test_a_torn_row_where_the_feed_reads_not_every_column(warehouse: Warehouse) -> None:
    rows = "SO-1,1,AB,5,x,note\nback, door\nSO-2,1,AB,5,x,note\n"
    columns = {"Order": "customerOrderNumber", "Line": "customerLineNumber", "Item": "skuId", "Qty": "quantity"}
    feed = warehouse.feed(
        'options = { headings = ["Order", "Line", "Item", "Qty", "", ""] }\n'
        + "\n".join(f'columns."{theirs}" = "{ours}"' for theirs, ours in columns.items())
    )
    assert codes(warehouse.run(rows, feed))[0] == (2, "torn_row")
    assert set(names(warehouse)) == {"SO-1", "SO-2"}
