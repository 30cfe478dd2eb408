"""Workbooks for tests: written from plain values with openpyxl, or from raw XML, as no honest program would."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from typing import Any

import openpyxl

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
FORMATS = {"day": "yyyy-mm-dd", "moment": "yyyy-mm-dd hh:mm", "zeros": "00000", "time": "hh:mm"}
STYLE = {name: place for place, name in enumerate(FORMATS, 1)}
"""Cell styles of a raw workbook by what they are for."""


def _styles(formats: dict[str, str]) -> str:
    return (
        f'<styleSheet xmlns="{MAIN}"><numFmts>'
        + "".join(f'<numFmt numFmtId="{200 + STYLE[name]}" formatCode="{code}"/>' for name, code in formats.items())
        + "</numFmts><fonts><font/></fonts><fills><fill/></fills><borders><border/></borders><cellStyleXfs><xf/>"
        + "</cellStyleXfs><cellXfs><xf/>"
        + "".join(f'<xf numFmtId="{200 + place}"/>' for place in STYLE.values())
        + "</cellXfs></styleSheet>"
    )


def book(*rows: Sequence[Any], title: str = "Orders", **sheets: Sequence[Sequence[Any]]) -> bytes:
    """A workbook of plain values, its first sheet ``title``, others by name."""
    made = openpyxl.Workbook()
    first = made.active
    assert first is not None
    first.title = title
    for row in rows:
        first.append(list(row))
    for name, others in sheets.items():
        sheet = made.create_sheet(name)
        for row in others:
            sheet.append(list(row))
    return saved(made)


def saved(made: openpyxl.Workbook) -> bytes:
    """The bytes of a workbook."""
    sink = io.BytesIO()
    made.save(sink)
    return sink.getvalue()


def text(value: str, address: str = "") -> str:
    """A cell of text, as XML."""
    at = f' r="{address}"' if address else ""
    return f'<c{at} t="inlineStr"><is><t>{value}</t></is></c>'


def header(*names: str) -> str:
    """The first row, as XML."""
    return '<row r="1">' + "".join(text(name) for name in names) + "</row>"


def sheet(data: str, before: str = '<dimension ref="A1"/>', after: str = "") -> str:
    """A worksheet around its rows, with a dimension that is wrong."""
    return f'<worksheet xmlns="{MAIN}">{before}<sheetData>{data}</sheetData>{after}</worksheet>'


def raw(*xml: str, names: Sequence[str] = ("Orders", "Other"), given: str = "", date1904: bool = False,
        formats: dict[str, str] = FORMATS, shared: Sequence[str] = ()) -> bytes:  # fmt: skip
    """A workbook whose sheets are that XML; ``given``: attributes of the first sheet's entry."""
    flag = ' date1904="1"' if date1904 else ""
    entries = "".join(
        f'<sheet name="{names[place]}" sheetId="{place + 1}" r:id="r{place}" {given if place == 0 else ""}/>'
        for place in range(len(xml))
    )
    relations = "".join(
        f'<Relationship Id="r{place}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{place}.xml"/>'
        for place in range(len(xml))
    )
    members: dict[str, str | bytes] = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="xml" '
        'ContentType="application/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r" '
        f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{_OFFICE}"><workbookPr{flag}/>'
        f"<sheets>{entries}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{relations}'
        f'<Relationship Id="s" Type="{_OFFICE}/styles" Target="styles.xml"/>'
        f'<Relationship Id="t" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        "xl/styles.xml": _styles(formats),
        **{f"xl/worksheets/sheet{place}.xml": each for place, each in enumerate(xml)},
    }
    if shared:
        members["xl/sharedStrings.xml"] = (
            f'<sst xmlns="{MAIN}">' + "".join(f"<si><t>{t}</t></si>" for t in shared) + "</sst>"
        )
    return zipped(members)


def zipped(members: dict[str, str | bytes]) -> bytes:
    """A zip of those members."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return sink.getvalue()
