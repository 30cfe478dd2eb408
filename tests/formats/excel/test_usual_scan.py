"""A sheet in the usual spelling is searched as bytes, and what is found is what the parser finds."""

from __future__ import annotations

import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.formats.xlsx.number_masks import DIGIT
from crossdock.formats.xlsx.sheet_scan import SheetScan, Survey, column
from crossdock.formats.xlsx.struck import Struck
from crossdock.formats.xlsx.usual_scan import UsualScan, _Tags
from crossdock.formats.xlsx.zip_xml import parse
from tests.workbooks import sheet

ZEROS = {3: DIGIT * 5, 7: "SO-" + DIGIT * 3}
STRUCK = Struck(frozenset((4, 7)), {0: "", 12: "five"})
CELLS = (
    '<c r="{}"><v>5</v></c>',
    '<c r="{}" s="3"><v>17</v></c>',
    '<c r="{}" t="n" s="7"><v>17</v></c>',
    '<c r="{}" s="7" t="n"><v>17</v></c>',
    '<c r="{}" s="3"/>',
    '<c r="{}" s="3"></c>',
    '<c r="{}" s="3" t="s"><v>0</v></c>',
    '<c r="{}" s="33"><v>17</v></c>',
    '<c r="{}" t="inlineStr"><is><t>a &lt;f&gt; hidden t="e"</t></is></c>',
    '<c r="{}" t="e"><v>#N/A</v></c>',
    '<c r="{}" s="1" t="e"><f>1/0</f><v>#DIV/0!</v></c>',
    '<c r="{}"><f>A1+1</f><v>5</v></c>',
    '<c r="{}" s="3"><f>A1>1</f><v>5</v></c>',
    '<c r="{}"><f t="shared" si="0"/><v>5</v></c>',
    '<c r="{}"><f>A1+1</f></c>',
    '<c r="{}" s="3"><f>A1+1</f></c>',
    '<c r="{}"><f t="shared" si="0"/><v></v></c>',
    '<c r="{}"><f>A1+1</f><v/></c>',
    '<c r="{}" t="str"><f>A1</f><v></v></c>',
    '<c r="{}" t="str"><f>A1</f><v>x</v></c>',
    '<c r="{}" t="str"><f>A1</f></c>',
    '<c r="{}" s="4"><v>5</v></c>',
    '<c r="{}" s="4" t="s"><v>1</v></c>',
    '<c r="{}" t="s" s="4"><v>12</v></c>',
    '<c r="{}" t="s"><v>12</v></c>',
    '<c r="{}" s="44" t="s"><v>112</v></c>',
    '<c r="{}" s="4"/>',
    '<c r="{}" s="4"><f>A1+1</f></c>',
    '<c r="{}" s="4" t="inlineStr"><is><t>x</t></is></c>',
    '<c r="{}" s="4" t="e"><v>#N/A</v></c>',
)
LETTERS = ("A", "B", "Z", "AA", "XFD")
ROWS = ("", ' hidden="1"', ' hidden="0"', ' spans="1:4" hidden="true"', ' ht="12"')
COLUMNS = ("", '<cols><col min="2" max="3" hidden="1" width="0"/><col min="5" max="5" width="9"/></cols>')


@st.composite
def sheets(draw: st.DrawFn) -> str:
    """The XML of a sheet: rows and cells in their order, with gaps."""
    numbers = draw(st.lists(st.integers(1, 40), unique=True, min_size=1, max_size=5).map(sorted))
    rows = ""
    for number in numbers:
        letters = sorted(draw(st.sets(st.sampled_from(LETTERS))), key=LETTERS.index)
        cells = "".join(draw(st.sampled_from(CELLS)).format(f"{name}{number}") for name in letters)
        rows += f'<row r="{number}"{draw(st.sampled_from(ROWS))}>{cells}</row>'
    return sheet(rows).replace("<sheetData>", draw(st.sampled_from(COLUMNS)) + "<sheetData>")


def parsed(xml: str) -> Survey:
    """What the parser finds."""
    scan = SheetScan(ZEROS, STRUCK)
    parse(io.BytesIO(xml.encode()), scan.start, scan.end, scan.text)
    return scan.survey


def cut(xml: str, at: int) -> list[bytes]:
    """The XML in two pieces, the second of which begins with a cell."""
    place = xml.find("<c ", at)
    return [xml[:place].encode(), xml[place:].encode()] if place > 0 else [xml.encode()]


@given(sheets(), st.integers(0, 2000))
def test_what_the_bytes_say_is_what_the_parser_says(xml: str, at: int) -> None:
    usual = UsualScan(ZEROS, STRUCK)
    assert all(map(usual.take, cut(xml, at)))
    of_parser = parsed(xml)
    for name in ("errors", "uncalculated", "padded", "struck", "hidden_rows", "hidden_columns"):
        assert getattr(usual.survey, name) == getattr(of_parser, name), name
    assert usual.survey.rows >= of_parser.rows
    assert usual.survey.columns >= of_parser.columns


@pytest.mark.parametrize(
    "cells",
    [
        '<c r="A1"><v>5</v></c><c r="A1"><v>6</v></c>',
        '<c r="B1"><v>5</v></c><c r="A1"><v>6</v></c>',
        "<c><v>5</v></c>",
        "<c r='A1'><v>5</v></c>",
        '<c r="a1"><v>5</v></c>',
        '<c r="A1" t="e"><v>#N&amp;A</v></c>',
        '<c r="A1" t="e"/>',
        '<c r="A1"><v> 5</v></c>',
        '<c r="A1" t="inlineStr"><f>A2</f><is><t>x</t></is></c>',
        '<x:c r="A1"><x:v>5</x:v></x:c>',
        '<c r="A1"><v>5</v></c></row><row hidden="1"><c r="B2"><v>5</v></c>',
        '<c r="A1"><v>5</v></c></row><row r="2" hidden = \'1\'>',
        '<c r="A1" t="inlineStr"><is><r><rPr><strike/></rPr><t>10</t></r><r><t>12</t></r></is></c>',
    ],
)
def test_what_is_spelled_otherwise_is_left_to_the_parser(cells: str) -> None:
    assert not UsualScan(ZEROS, STRUCK).take(sheet(f'<row r="1">{cells}</row>').encode())


USUAL_CELL = re.compile(
    rb'<c r="[A-Z]{1,3}(?:[1-9][0-9]{0,5}|10[0-4][0-9]{4})"(?: s="[0-9]+")?'
    rb'(?: t="(?:s|n|b|d|e|str|inlineStr)")?(?: s="[0-9]+")? ?/?>'
)
PARTS = [
    '<c r="',
    "<c ",
    "A",
    "ABC",
    "ABCD",
    "a",
    "1",
    "0",
    "1049999",
    "1050000",
    "12345678",
    '"',
    "'",
    " ",
    ">",
    "/>",
    "x",
]
OTHERS = [' s="3"', ' t="s"', ' t="x"', ' t="e"', ' s=""', "<v>5</v>", "</c>", "<row>", "\n", ' cm="1"']
TAGS = st.lists(st.sampled_from([*PARTS, *OTHERS]), max_size=8)
RIGHT = st.sampled_from(
    ['<c r="A1" t="s">', '<c r="ABC1049999" s="3" t="e" />', '<c r="B2"/>', '<c r="C3" t="n" s="4">']
)


@given(st.lists(st.one_of(RIGHT, RIGHT, TAGS.map("".join)), max_size=5).map("".join))
def test_a_cell_is_usual_by_what_stands_in_its_tag(xml: str) -> None:
    piece = f"{xml}<v>".encode()
    tags = _Tags(piece)
    places = tags.places()
    cells = USUAL_CELL.findall(piece)
    assert (places is not None) == (len(cells) == piece.count(b"<c "))
    if places is not None:
        assert len(places) == len(cells)
        assert tags.count(b' t="e"') == len(re.findall(rb'<c [^>]* t="e"', piece))
        addresses = re.findall(rb'<c r="([A-Z]+)([0-9]+)"', piece)
        assert [divmod(each, 1 << 15) for each in places.tolist()] == [
            (int(row), column(letters.decode()) + 1) for letters, row in addresses
        ]


@given(
    st.lists(st.sampled_from(["1", "17", "1048576", "99999999", "", "x"]), max_size=4), st.sampled_from(["", ' a="r"'])
)
def test_rows_have_their_numbers(numbers: list[str], before: str) -> None:
    piece = "".join(f'<row{before} r="{each}" s="1">' for each in numbers).encode()
    expected = re.findall(rb'<row [^>]*?\br="([0-9]+)"', piece)
    assert _Tags(piece).rows().tolist() == [int(each) for each in expected]
