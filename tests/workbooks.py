"""Workbooks for tests: written from plain values with openpyxl, or from raw XML, as no honest program would."""

from __future__ import annotations

import io
import struct
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
    workbook = openpyxl.Workbook()
    first = workbook.active
    assert first is not None
    first.title = title
    for row in rows:
        first.append(list(row))
    for name, others in sheets.items():
        sheet = workbook.create_sheet(name)
        for row in others:
            sheet.append(list(row))
    return saved(workbook)


def saved(workbook: openpyxl.Workbook) -> bytes:
    """The bytes of a workbook."""
    sink = io.BytesIO()
    workbook.save(sink)
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


def raw(*xml: str, names: Sequence[str] = ("Orders", "Other"), declarations: str = "", date1904: bool = False,
        formats: dict[str, str] = FORMATS, shared: Sequence[str] = ()) -> bytes:  # fmt: skip
    """A workbook whose sheets are that XML; ``declarations``: attributes of the first sheet's entry."""
    flag = ' date1904="1"' if date1904 else ""
    entries = "".join(
        f'<sheet name="{names[place]}" sheetId="{place + 1}" r:id="r{place}" {declarations if place == 0 else ""}/>'
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


def compound(streams: dict[str, bytes]) -> bytes:
    """A compound file (MS-CFB, sectors of 512 bytes), small streams in its small sectors as they must be."""
    sectors: list[bytes] = []
    following: list[int] = []
    small, small_following = b"", list[int]()

    def stored(content: bytes) -> int:
        first, count = len(sectors), -(-len(content) // 512)
        sectors.extend(content[at : at + 512].ljust(512, b"\0") for at in range(0, len(content), 512))
        following.extend([*range(first + 1, first + count), _END] if count else [])
        return first if count else _END

    entries = b""
    for name, content in streams.items():
        if len(content) < 4096:
            first, count = len(small_following), -(-len(content) // 64)
            small += content.ljust(count * 64, b"\0")
            small_following += [*range(first + 1, first + count), _END]
        else:
            first = stored(content)
        entries += _entry(name, 2, first, len(content))
    root = _entry("Root Entry", 5, stored(small), len(small))
    table = b"".join(struct.pack("<I", each) for each in small_following)
    small_first = stored(table.ljust(-(-len(table) // 512) * 512, b"\xff"))
    directory = stored((root + entries).ljust(-(-len(root + entries) // 512) * 512, b"\0"))
    blocks = next(n for n in range(1, 110) if n * 128 >= len(sectors) + n)
    first_block = len(sectors)
    numbers = [*following, *[0xFFFFFFFD] * blocks]
    numbers += [0xFFFFFFFF] * (blocks * 128 - len(numbers))
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<IIIIIIIII", 0, blocks, directory, 0, 4096, small_first, -(-len(table) // 512), _END, 0)
    head += b"".join(struct.pack("<I", n) for n in range(first_block, first_block + blocks))
    return head.ljust(512, b"\xff") + b"".join(sectors) + struct.pack(f"<{len(numbers)}I", *numbers)


def _entry(name: str, kind: int, first: int, size: int) -> bytes:
    written = name.encode("utf-16-le") + b"\0\0"
    links = struct.pack("<III", 0xFFFFFFFF, 0xFFFFFFFF, 1 if kind == 5 else 0xFFFFFFFF)
    head = written.ljust(64, b"\0") + struct.pack("<HBB", len(written), kind, 1)
    return head + links + bytes(36) + struct.pack("<IQ", first, size)


def old_record(kind: int, content: bytes = b"") -> bytes:
    """A record of an .xls file."""
    return struct.pack("<HH", kind, len(content)) + content


def old_workbook(
    rows: Sequence[Sequence[str]], version: int, page: int, encoding: str, *, locked: bool = False,
    formats: Sequence[str] = (), numbers: bytes = b"",
) -> bytes:  # fmt: skip
    """The workbook stream of an .xls file with one sheet of texts; ``version``: 0x0500 of Excel 5, 0x0600 of Excel 97.

    ``formats``: of numbers; the cell style of the first is 1. ``numbers``: records of the sheet behind those of the texts.
    """
    new = version == 0x0600
    flag = b"\0" if new else b""
    begins = struct.pack("<HHHH", version, 5, 0, 1996) + (bytes(8) if new else b"")
    before = old_record(0x0809, begins) + old_record(0x0042, struct.pack("<H", page))
    before += old_record(0x002F, struct.pack("<HHH", 1, 1, 1) + bytes(48)) if locked else b""
    for number, code in enumerate(formats, 164):
        wide = new and not code.isascii()
        written = code.encode("utf-16-le" if wide else encoding)
        size = struct.pack("<HB", len(code), wide) if new else struct.pack("<B", len(written))
        before += old_record(0x041E, struct.pack("<H", number) + size + written)
    for number in (0, *range(164, 164 + len(formats))):
        before += old_record(0x00E0, struct.pack("<HH", 0, number) + bytes(16 if new else 12))
    name = struct.pack("<B", 6) + flag + b"Orders"
    at = len(before) + len(old_record(0x0085, bytes(6) + name)) + len(old_record(0x000A))
    cells = b""
    for number, row in enumerate(rows):
        for place, value in enumerate(row):
            written = value.encode(encoding)
            cells += old_record(0x0204, struct.pack("<HHHH", number, place, 0, len(written)) + flag + written)
    sheet_begins = struct.pack("<HHHH", version, 0x10, 0, 1996) + (bytes(8) if new else b"")
    return (
        before
        + old_record(0x0085, struct.pack("<IH", at, 0) + name)
        + old_record(0x000A)
        + old_record(0x0809, sheet_begins)
        + cells
        + numbers
        + old_record(0x000A)
    )


_END = 0xFFFFFFFE
