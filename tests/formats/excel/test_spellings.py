"""Workbooks as Excel and LibreOffice open them, however they are spelled: read alike, or called what they are."""

from __future__ import annotations

import io
import re
import struct
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from crossdock import formats
from crossdock.failures.refusals import Refused
from crossdock.formats.format import Clues
from crossdock.intake import archives
from crossdock.schema.document import Kind
from tests.warehouse import Warehouse
from tests.workbooks import STYLE, compound, header, old_record, old_workbook, raw, sheet, text, zipped

Members = dict[str, str | bytes]
SAMPLES = Path(__file__).parent / "samples"
ROWS = [["SO-1", "Zoë & Söhne", "5", "2025-12-31"], ["SO-2", "AB", "", ""]]
DATA = (
    header("order", "name", "quantity", "day")
    + f'<row r="2">{text("SO-1")}<c t="s"><v>0</v></c><c><v>5</v></c><c s="{STYLE["day"]}"><v>46022</v></c></row>'
    + f'<row r="3">{text("SO-2")}<c t="s"><v>1</v></c></row>'
)


def members(content: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


GOOD = members(raw(sheet(DATA), shared=["Zoë &amp; Söhne", "AB"]))
DECLARED = '<?xml version="1.0" encoding="{}" standalone="yes"?>\n'


def read(path: Path, content: bytes) -> list[list[str | None]]:
    path.write_bytes(content)
    kinds = {"order": Kind.ID, "name": Kind.TEXT, "quantity": Kind.QUANTITY, "day": Kind.DATE}
    assert formats.stamped(path) is None
    reader = formats.reader(path, None, formats.options()(), Clues(kinds))
    return [list(row.values()) for block in reader.blocks() for row in block.cells.to_pylist()]


def encoded(encoding: str) -> Callable[[dict[str, str]], Members]:
    return lambda members: {name: (DECLARED.format(encoding) + xml).encode(encoding) for name, xml in members.items()}


def renamed(change: Callable[[str], str]) -> Callable[[dict[str, str]], Members]:
    return lambda members: {change(name): xml for name, xml in members.items()}


def replaced(*pairs: tuple[str, str]) -> Callable[[dict[str, str]], Members]:
    """Everywhere, also in the members' names."""

    def change(members: dict[str, str]) -> Members:
        for old, new in pairs:
            members = {name.replace(old, new): xml.replace(old, new) for name, xml in members.items()}
        return dict(members)

    return change


def indented(members: dict[str, str]) -> Members:
    return {name: re.sub(r">(?=<)", ">\n   ", xml) for name, xml in members.items()}


def merged(*areas: str) -> Callable[[dict[str, str]], Members]:
    cells = "".join(f'<mergeCell ref="{area}"/>' for area in areas)
    return replaced(("</sheetData>", f"</sheetData><mergeCells>{cells}</mergeCells>"))


def with_macros(members: dict[str, str]) -> Members:
    """A sheet of Excel 4 macros beside the others."""
    kind = "http://schemas.microsoft.com/office/2006/relationships/xlMacrosheet"
    link = f'<Relationship Id="m" Type="{kind}" Target="macrosheets/sheet1.xml"/></Relationships>'
    return {
        **members,
        "xl/workbook.xml": members["xl/workbook.xml"].replace(
            "</sheets>", '<sheet name="M" sheetId="9" r:id="m"/></sheets>'
        ),
        "xl/_rels/workbook.xml.rels": members["xl/_rels/workbook.xml.rels"].replace("</Relationships>", link),
        "xl/macrosheets/sheet1.xml": "<xm:macrosheet xmlns:xm='http://schemas.microsoft.com/office/excel/2006/main'/>",
    }


def prefixed(members: dict[str, str]) -> Members:
    """Relations under a prefix of their own."""
    name = "xl/_rels/workbook.xml.rels"
    changed = members[name].replace("<Rel", "<ns0:Rel").replace("</Rel", "</ns0:Rel").replace("xmlns=", "xmlns:ns0=")
    return {**members, name: changed}


def in_the_root(members: dict[str, str]) -> Members:
    """No folder xl at all: the archive says where its main member is."""
    moved: Members = {name.removeprefix("xl/"): xml for name, xml in members.items()}
    return moved | {"_rels/.rels": members["_rels/.rels"].replace("xl/workbook.xml", "workbook.xml")}


def without_types(change: Callable[[str], str], *needed_types: str) -> Callable[[dict[str, str]], Members]:
    """Only the members that must be there; ``needed_types``: and those."""
    needed = ("xl/", *needed_types)
    return lambda members: {change(name): xml for name, xml in members.items() if name.startswith(needed)}


SPELLINGS: dict[str, Callable[[dict[str, str]], Members]] = {
    "as usual": dict,
    "backslashes": renamed(lambda name: name.replace("/", "\\")),
    "backslashes also in targets": replaced(("worksheets/", "worksheets\\")),
    "capital letters": renamed(lambda name: name.upper().replace("[CONTENT_TYPES].XML", "[Content_Types].xml")),
    "SharedStrings.xml": renamed(lambda name: name.replace("sharedStrings", "SharedStrings")),
    "a leading slash": renamed(lambda name: f"/{name}" if name.startswith("xl") else name),
    "UTF-16": encoded("utf-16"),
    "Latin-1": encoded("iso-8859-1"),
    "Windows-1252": encoded("windows-1252"),
    "indented": indented,
    "a sheet of macros": with_macros,
    "merged columns": merged("F:G"),
    "merged rows": merged("8:9"),
    "merged ranges with dollars": merged("$F$9:$G$9"),
    "absolute targets": replaced(
        ('Target="worksheets', 'Target="/xl/worksheets'), ('Target="styles', 'Target="/xl/styles')
    ),
    "targets with dots": replaced(('Target="worksheets', 'Target="./worksheets')),
    "texts under another name": replaced(("sharedStrings.xml", "texts.xml")),
    "styles under another name": replaced(("styles.xml", "looks.xml")),
    "sheets in another folder": replaced(("worksheets/", "pages/")),
    "workbook2.xml": replaced(("workbook.xml", "workbook2.xml")),
    "no folder": in_the_root,
    "a prefix for relations": prefixed,
    "another prefix for ids": replaced(("xmlns:r=", "xmlns:q="), ("r:id=", "q:id=")),
    "an index between blanks": replaced(("<v>1</v>", "<v>\n 1\n</v>")),
    "a blank index": replaced(("<v>1</v></c></row>", '<v>1</v></c><c t="s"><v> </v></c></row>')),
    "no index": replaced(("<v>1</v></c></row>", '<v>1</v></c><c t="s"><v/></c><c t="s"/></row>')),
    "a number between blanks": replaced(("<v>5</v>", "<v> 5 </v>")),
    "a number as CDATA": replaced(("<v>5</v>", "<v><![CDATA[5]]></v>")),
    "a number as an entity": replaced(("<v>5</v>", "<v>&#53;</v>")),
    "a remark in a number": replaced(("<v>5</v>", "<v><!-- about -->5</v>")),
    "a text and a value": replaced(("</is></c>", "</is><v>7</v></c>")),
    "a text as CDATA": replaced(("<t>AB</t>", "<t><![CDATA[AB]]></t>")),
    "a text in runs": replaced(("<t>AB</t>", "\n <r>\n <t>A</t></r><r><t>B</t></r>")),
    "a text with its sound": replaced(("<t>AB</t>", '<t>AB</t><rPh sb="0" eb="1"><t>x</t></rPh>')),
    "texts that are none": replaced(("<si><t>AB", "<si/><si></si><si><t>AB"), ("<v>1</v>", "<v>3</v>")),
    "a byte order mark": lambda members: {name: "\ufeff" + xml for name, xml in members.items()},
    "encoding UTF8": lambda members: {name: DECLARED.format("UTF8") + xml for name, xml in members.items()},
    "GB18030": encoded("gb18030"),
    "no types": without_types(str, "_rels"),
    "no types and backslashes": without_types(lambda name: name.replace("/", "\\")),
    "no types and capital letters": without_types(str.upper),
    "no types and no folder": lambda members: {
        name: xml for name, xml in in_the_root(members).items() if "Types" not in name
    },
}


@pytest.mark.parametrize("name", SPELLINGS)
def test_an_xlsx_in_any_spelling_is_read_alike(tmp_path: Path, name: str) -> None:
    assert read(tmp_path / "a.xlsx", zipped(SPELLINGS[name](GOOD))) == ROWS
    assert not archives.is_archive(tmp_path / "a.xlsx"), "doors would take it apart"


@pytest.mark.parametrize(
    ("member", "what"),
    [("xl\\workbook.bin", "an .xlsb workbook"), ("XL\\WORKBOOK.XML", None), ("xl/workbook.xml", None)],
)
def test_a_workbook_of_which_nothing_else_is_left_is_no_archive(
    warehouse: Warehouse, member: str, what: str | None
) -> None:
    refused = warehouse.run(zipped({member: "x"}), name="orders.zip").report.refused
    assert refused is not None
    assert (what or "the workbook is damaged") in refused


def test_a_zip_of_drops_with_backslashes_is_taken_apart(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(zipped({"xl\\orders.csv": "x", "night\\workbook.xml": "x"}))
    assert archives.is_archive(tmp_path / "a.zip")
    assert [each.name for each in archives.members(tmp_path / "a.zip", tmp_path)] == ["orders.csv", "workbook.xml"]


def ods(*changes: tuple[str, str], indent: bool = False) -> bytes:
    members: Members = {}
    with zipfile.ZipFile(SAMPLES / "orders.ods") as archive:
        for name in archive.namelist():
            members[name] = archive.read(name)
    content = members["content.xml"]
    xml = content.decode() if isinstance(content, bytes) else content
    for old, new in changes:
        assert old in xml
        xml = xml.replace(old, new)
    if indent:
        xml = re.sub(r">(?=<)", ">\n    ", re.sub(r"<text:p>([^<]*)</text:p>", r"<text:p>\n  \1\n  </text:p>", xml))
    return zipped({**members, "content.xml": xml})


def cells_of(path: Path, content: bytes) -> list[dict[str, str]]:
    path.write_bytes(content)
    known = Clues({"order": Kind.ID, "customerordernumber": Kind.ID})
    return [row for block in formats.reader(path, None, formats.options()(), known).blocks()
            for row in block.cells.to_pylist()]  # fmt: skip


def test_an_indented_ods_is_read_as_one_that_is_not(tmp_path: Path) -> None:
    plain = cells_of(tmp_path / "a.ods", ods())
    assert len(plain) == 4
    assert cells_of(tmp_path / "b.ods", ods(indent=True)) == plain


@pytest.mark.parametrize(
    ("written", "shown"),
    [("\n  A <text:s/>B\n ", "A  B"), ("A<text:s text:c='3'/>B", "A   B"), (" <text:span>A</text:span> <text:span>B</text:span>", "A B"),
     ("A<text:line-break/> B", "A\n B"), ("A\n  &amp; B", "A & B")],
)  # fmt: skip
def test_blanks_of_an_ods_are_those_that_are_shown(tmp_path: Path, written: str, shown: str) -> None:
    content = ods(("<text:p>SO-1</text:p>", f"\n <text:p>{written}</text:p>"))
    assert cells_of(tmp_path / "a.ods", content)[0]["customerOrderNumber"] == shown


def test_a_remark_on_a_cell_is_no_part_of_it(tmp_path: Path) -> None:
    remark = "<office:annotation><text:p>ask Ada</text:p></office:annotation>"
    plain = cells_of(tmp_path / "a.ods", ods())
    assert cells_of(tmp_path / "b.ods", ods(("<text:p>", f"{remark}<text:p>"))) == plain


OLD = [["order", "name"], ["SO-1", "Zo\u00eb"]]


@pytest.mark.parametrize(
    ("version", "page", "encoding"),
    [(0x0500, 0x8000, "mac_roman"), (0x0500, 10000, "mac_roman"), (0x0500, 0x8001, "cp1252"), (0x0500, 1252, "cp1252"),
     (0x0600, 1200, "latin-1"), (0x0600, 850, "latin-1"), (0x0600, 10029, "latin-1")],
)  # fmt: skip
@pytest.mark.parametrize("filler", [0, 9_000], ids=["small", "large"])
def test_an_xls_in_any_code_page(tmp_path: Path, version: int, page: int, encoding: str, filler: int) -> None:
    content = compound(
        {"Workbook" if version == 0x0600 else "Book": old_workbook(OLD, version, page, encoding) + bytes(filler)}
    )
    assert cells_of(tmp_path / "a.xls", content) == [{"order": "SO-1", "name": "Zo\u00eb"}]


FLOAT, SHORT, SEVERAL, FORMULA = 0x0203, 0x027E, 0x00BD, 0x0006
CHART = old_record(0x0809, struct.pack("<HHHH", 0x0600, 0x20, 0, 1996)) + old_record(0x000A)


def number(kind: int, value: int, style: int) -> bytes:
    """A number in the first cell of the second row; of several, the same in the second cell, without a format."""
    short = struct.pack("<i", value << 2 | 2)
    content = {
        FLOAT: struct.pack("<d", value),
        SHORT: short,
        SEVERAL: short + struct.pack("<H", 0) + short + struct.pack("<H", 1),
        FORMULA: struct.pack("<d", value) + bytes(2 + 4 + 2 + 3),
    }
    return old_record(kind, struct.pack("<HHH", 1, 0, style) + content[kind])


@pytest.mark.parametrize(
    ("code", "shown"),
    [("00000", "00123"), ("000000000000", "000000000123"), ("[Red]00000;-00000", "00123"), ('"SO-"0000', "SO-0123"),
     ('"№"0000', "№0123"), ("0", "123"), ("#,##0", "123"), ("General", "123"), ("0.00", "123")],
)  # fmt: skip
@pytest.mark.parametrize("kind", [FLOAT, SHORT, SEVERAL, FORMULA])
def test_an_id_of_an_xls_is_what_its_format_shows(tmp_path: Path, kind: int, code: str, shown: str) -> None:
    numbers = CHART + number(kind, 123, 2)
    content = old_workbook([["order", "name"]], 0x0600, 1200, "latin-1", formats=["0.00%", code], numbers=numbers)
    path = tmp_path / "a.xls"
    of_text = "123" if kind == SEVERAL else ""
    (row,) = read(path, compound({"Workbook": content}))
    assert (row[0], row[1] or "") == (shown, of_text)


@pytest.mark.parametrize(("code", "shown"), [("00000", "00123"), ('"Nr"0000', "Nr0123"), ('"№"0000', "123")])
def test_an_id_of_an_xls_of_excel_5_is_what_its_format_shows(tmp_path: Path, code: str, shown: str) -> None:
    """A letter that depends on the code page is not guessed."""
    content = old_workbook([["order", "name"]], 0x0500, 1251, "cp1251", formats=[code], numbers=number(FLOAT, 123, 1))
    assert read(tmp_path / "a.xls", compound({"Book": content}))[0][0] == shown


def test_a_quantity_of_an_xls_has_no_zeros_and_a_text_no_mask(tmp_path: Path) -> None:
    text = old_record(FORMULA, struct.pack("<HHH", 1, 0, 1) + bytes(6) + b"\xff\xff" + bytes(2 + 4 + 2 + 3))
    text += old_record(0x0207, struct.pack("<HB", 2, 0) + b"77")
    quantity = old_record(FLOAT, struct.pack("<HHHd", 1, 1, 1, 5))
    content = old_workbook([["order", "quantity"]], 0x0600, 1200, "latin-1", formats=["00000"], numbers=text + quantity)
    assert read(tmp_path / "a.xls", compound({"Workbook": content})) == [["77", "5"]]


def test_zeros_of_an_xls_that_a_program_has_written() -> None:
    """``zeros.xls`` is written by xlwt: two sheets, numbers of one row in one record."""
    path = SAMPLES / "zeros.xls"
    reader = formats.reader(path, None, formats.options()(sheet="Items"), Clues({"sku": Kind.ID, "upc": Kind.ID}))
    rows = [row for block in reader.blocks() for row in block.cells.to_pylist()]
    assert rows == [
        {"SKU": "00123", "UPC": "000000000123", "Qty": "5"},
        {"SKU": "0123456", "UPC": "004006381333", "Qty": "12"},
    ]


FAILING = old_record(0x0205, struct.pack("<HHHBB", 1, 3, 0, 0x2A, 1))
OF_FORMULA = old_record(
    FORMULA, struct.pack("<HHH", 1, 3, 0) + bytes((2, 0, 0x17, 0, 0, 0)) + b"\xff\xff" + bytes(2 + 4 + 2 + 3)
)
TRUE = old_record(0x0205, struct.pack("<HHHBB", 1, 4, 0, 1, 0))
FOLDED_ROW = old_record(0x0208, struct.pack("<HHHHHHHH", 2, 0, 5, 300, 0, 0, 0x20, 0))
SHOWN_ROW = old_record(0x0208, struct.pack("<HHHHHHHH", 1, 0, 5, 300, 0, 0, 0x00, 0))
FOLDED_COLUMNS = old_record(0x007D, struct.pack("<HHHHHH", 4, 255, 2_000, 0, 1, 0))
NAMES = ["customerOrderNumber", "customerLineNumber", "skuId", "quantity", "fulfillFlag"]


def xls(*records: bytes, rows: Sequence[Sequence[str]] = (), hidden: bool = False, version: int = 0x0600) -> bytes:
    """An .xls file of orders, with more records in its sheet."""
    names = {0x0600: ("Workbook", 1200, "latin-1"), 0x0500: ("Book", 1252, "cp1252")}
    stream, page, encoding = names[version]
    of_sheet = b"".join(records)
    content = bytearray(old_workbook([NAMES, *rows], version, page, encoding, numbers=of_sheet))
    at = content.index(b"\x85\x00")
    content[at + 8] = hidden
    return compound({stream: bytes(content)})


@pytest.mark.parametrize("version", [0x0500, 0x0600])
@pytest.mark.parametrize(("record", "formulas"), [(FAILING, False), (OF_FORMULA, True)], ids=["cell", "formula"])
def test_an_error_in_an_xls_is_a_failure_as_in_an_xlsx(
    warehouse: Warehouse, record: bytes, formulas: bool, version: int
) -> None:
    rows = [["SO-1", "1", "AB"], ["SO-2", "1", "AB", "5"]]
    result = warehouse.run(xls(record, TRUE, rows=rows, version=version), name="orders.xls")
    assert [(line, column, code) for line, column, code in result.errors] == [(2, "quantity", "error_cell")]
    assert next(each["value"] for each in result.failures) == ("#REF!" if formulas else "#N/A")
    assert warehouse.order_numbers() == ["SO-2"]
    messages = [each["message"] for each in result.failures if each["code"] == "little_known_format"]
    assert bool(messages) == formulas, "of a sheet without formulas nothing is unknown"
    assert all("formulas that were never calculated can't be told from the value 0" in each for each in messages)


def test_an_error_below_the_last_value_of_an_xls_is_a_row(warehouse: Warehouse) -> None:
    below = old_record(0x0205, struct.pack("<HHHBB", 2, 0, 0, 0x07, 1))
    result = warehouse.run(xls(below, rows=[["SO-1", "1", "AB", "5"]]), name="orders.xls")
    assert (3, "customerOrderNumber", "error_cell") in result.errors


@pytest.mark.parametrize("version", [0x0500, 0x0600])
def test_what_is_hidden_in_an_xls_is_imported_and_said(warehouse: Warehouse, version: int) -> None:
    rows = [["SO-1", "1", "AB", "5", "Y"], ["SO-2", "1", "AB", "5", "Y"]]
    content = xls(SHOWN_ROW, FOLDED_ROW, FOLDED_COLUMNS, rows=rows, hidden=True, version=version)
    result = warehouse.run(content, name="orders.xls")
    assert warehouse.order_numbers() == ["SO-1", "SO-2"]
    assert {(each["code"], each["value"]) for each in result.failures} == {
        ("hidden_rows", None), ("hidden_column", "fulfillFlag"), ("hidden_sheet", "Orders")
    }  # fmt: skip
    assert "3–3" in next(each["message"] for each in result.failures if each["code"] == "hidden_rows")
    plain = warehouse.run(xls(SHOWN_ROW, rows=rows, version=version), name="orders.xls")
    assert plain.warnings == []


def test_records_of_an_xls_that_end_too_early_hide_nothing(warehouse: Warehouse) -> None:
    odd = (
        old_record(0x0208, b"\1"),
        old_record(0x007D, b"\1"),
        old_record(0x0205, b"\1\0\0\0"),
        old_record(FORMULA, b""),
    )
    result = warehouse.run(xls(*odd, rows=[["SO-1", "1", "AB", "5", "Y"]]), name="orders.xls")
    assert result.report.verdict in ("ACCEPTED", "REJECTED")


def refused(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    assert formats.stamped(path) is None
    with pytest.raises(Refused) as caught:
        formats.reader(path, None, formats.options()(), Clues({}))
    return caught.value.sentence


def archive_of(member: str, content: bytes) -> Members:
    """An Office file of another kind."""
    links = GOOD["_rels/.rels"].replace("xl/workbook.xml", member)
    return {"[Content_Types].xml": GOOD["[Content_Types].xml"], "_rels/.rels": links, member: content}


WHOLE = compound({"Workbook": old_workbook(OLD, 0x0600, 1200, "latin-1") + bytes(9_000)})


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (compound({"Book": old_workbook(OLD, 0x0500, 850, "cp850")}), "it is a workbook in the code page 850"),
        (compound({"Workbook": old_workbook(OLD, 0x0600, 1200, "latin-1", locked=True)}), "it is password-protected"),
        (struct.pack("<HHHHH", 0x0409, 6, 0, 0x10, 0) + bytes(100), "it is a workbook of Excel 4"),
        (struct.pack("<HHHHH", 0x0209, 6, 0, 0x10, 0) + bytes(100), "it is a workbook of Excel 3"),
        (struct.pack("<HHHH", 0x0009, 4, 2, 0x10) + bytes(100), "it is a workbook of Excel 2"),
        (compound({"Book": struct.pack("<HHHHH", 0x0409, 6, 0, 0x100, 0) + bytes(5_000)}), "it is a workbook of Excel 4"),
        (compound({"EncryptedPackage": bytes(5_000)}), "it is password-protected"),
        (compound({"WordDocument": bytes(5_000)}), "it is a Word document"),
        (compound({"Contents": bytes(5_000)}), "a compound file of no kind that is known"),
        (zipped(archive_of("xl/workbook.bin", b"\x83\x01\x00")), "it is an .xlsb workbook"),
        (zipped(archive_of("word/document.xml", b"<w:document xmlns:w='x'/>")), "it is a Word document"),
        (WHOLE[:6_000], "damaged or cut off and can't be opened: it ends before"),
        (WHOLE[:1_000], "damaged or cut off and can't be opened: it ends before"),
        (zipped(GOOD)[:-40], "damaged or cut off and can't be opened: the zip archive"),
        (zipped({**GOOD, "xl/worksheets/sheet0.xml": sheet(DATA)[:-40]}), "damaged or cut off and can't be opened: its XML"),
    ],
)  # fmt: skip
def test_what_can_not_be_read_is_called_what_it_is(tmp_path: Path, content: bytes, sentence: str) -> None:
    """Damaged or cut off is said only of what is, and no sentence ends in what a library says to its developers."""
    assert sentence in refused(tmp_path / "a", content)


def test_a_workbook_of_charts_alone_is_called_that(tmp_path: Path) -> None:
    charts = replaced(('/worksheet"', '/chartsheet"'), ("worksheets/", "chartsheets/"))(GOOD)
    assert "a workbook that has no sheet of cells" in refused(tmp_path / "a.xlsx", zipped(charts))


TEXT = 'office:value-type="string" calcext:value-type="string"'


@pytest.mark.parametrize("indent", [False, True])
@pytest.mark.parametrize(
    ("value", "shown", "read"),
    [("12", "0012", "0012"), ("12", "12", "12"), ("7", "007 ", "007"), ("12.5", "013", "12.5")],
)
def test_zeros_that_only_the_format_of_a_number_writes_are_kept_in_an_ods(
    tmp_path: Path, value: str, shown: str, read: str, indent: bool
) -> None:
    number = f'office:value-type="float" office:value="{value}"'
    content = ods(
        (f"{TEXT}><text:p>SO-1</text:p>", f'{number} calcext:value-type="float"><text:p>{shown}</text:p>'),
        indent=indent,
    )
    assert cells_of(tmp_path / "a.ods", content)[0]["customerOrderNumber"] == read


ERROR = '<table:table-cell table:formula="of:=[.Z1]" {0} office:value-type="string" calcext:value-type="error">{1}<text:p>{2}</text:p></table:table-cell>'
REMARK = "<office:annotation><text:p>ask Ada</text:p></office:annotation>"


def sheet_of(*rows: str, before: str = "") -> bytes:
    """An .ods file of orders with those rows, as XML."""
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    spaces += ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
    table = f'<table:table table:name="Orders">{before}{"".join([row_of(*map(of_text, NAMES)), *rows])}</table:table>'
    xml = f"<office:document-content {spaces}><office:body><office:spreadsheet>{table}</office:spreadsheet></office:body></office:document-content>"
    return zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "META-INF/manifest.xml": "<m/>",
            "content.xml": xml,
        }
    )


def row_of(*cells: str, more: str = "") -> str:
    return f"<table:table-row {more}>{''.join(cells)}</table:table-row>"


def of_text(text: str) -> str:
    return f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>'


def order(number: int, *, item: str = "", more: str = "") -> str:
    return row_of(of_text(f"SO-{number}"), of_text("1"), item or of_text("AB"), of_text("5"), of_text("Y"), more=more)


def test_an_error_in_an_ods_is_a_failure_as_in_an_xlsx(warehouse: Warehouse) -> None:
    bare = '<table:table-cell table:formula="of:=[.A1]"/>'
    calculated = (
        '<table:table-cell table:formula="of:=[.A1]" office:value-type="string"><text:p>CD</text:p></table:table-cell>'
    )
    twice = row_of(
        *[ERROR.format('table:number-columns-repeated="3"', "", "Err:502")], more='table:number-rows-repeated="2"'
    )
    rows = [
        order(1),
        order(2, item=ERROR.format("", REMARK, "#N/A")),
        order(3, item=bare),
        order(4, item=calculated),
        twice,
    ]
    result = warehouse.run(sheet_of(*rows), name="orders.ods")
    wrong = {
        (each["line"], each["column"], each["code"], each["value"]) for each in result.failures if each["line"] < 6
    }
    assert wrong == {
        (3, "skuId", "error_cell", "#N/A"), (4, "skuId", "not_calculated", None), (2, None, "cell_comments", None),
    }  # fmt: skip
    of_both = {(each["line"], each["column"]) for each in result.failures if each["value"] == "Err:502"}
    assert of_both == {(line, name) for line in (6, 7) for name in NAMES[:3]} - {(7, NAMES[0])}, "a number once"
    assert warehouse.order_numbers() == ["SO-1", "SO-4"]


@pytest.mark.parametrize("state", ["collapse", "filter"])
def test_what_is_hidden_in_an_ods_is_imported_and_said(warehouse: Warehouse, state: str) -> None:
    hidden, empty = f'table:visibility="{state}"', '<table:table-cell table:number-columns-repeated="9"/>'
    columns = f'<table:table-column table:number-columns-repeated="4"/><table:table-column {hidden}/><table:table-column {hidden} table:number-columns-repeated="16379"/>'
    last = row_of(empty, more=f'{hidden} table:number-rows-repeated="1048570"')
    result = warehouse.run(sheet_of(order(1), order(2, more=hidden), last, before=columns), name="orders.ods")
    assert warehouse.order_numbers() == ["SO-1", "SO-2"]
    assert {(each["code"], each["value"]) for each in result.failures} == {
        ("hidden_rows", None),
        ("hidden_column", "fulfillFlag"),
    }
    assert "3–3" in next(each["message"] for each in result.failures if each["code"] == "hidden_rows")


def test_of_a_plain_ods_nothing_is_said(warehouse: Warehouse) -> None:
    assert warehouse.run(sheet_of(order(1)), name="orders.ods").failures == []


def test_more_errors_in_an_ods_than_anybody_reads_are_refused(warehouse: Warehouse) -> None:
    many = row_of(
        ERROR.format('table:number-columns-repeated="5000"', "", "#N/A"), more='table:number-rows-repeated="5000"'
    )
    refused = str(warehouse.run(sheet_of(many), name="orders.ods").report.refused)
    assert "25,000,000 errors and hidden rows" in refused
