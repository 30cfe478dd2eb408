"""The first page of a fix-workbook: what happened, what to do, how much is here, the most frequent failures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from crossdock.formats.fix_stamp import LINES
from crossdock.model.job import FailureKind, JobRecord
from crossdock.reports.excel.fix_content import Content
from crossdock.reports.excel.sheet import Cell
from crossdock.reports.excel.styles import height, printed
from crossdock.reports.kinds import Kinds
from crossdock.reports.wording import Wording
from crossdock.times import dated

SHOWN_KINDS = 12
"""How many kinds of problems the page names."""
NAME_WIDTH, BESIDE_WIDTH = 24, 92
OURS = (
    "Columns and values are yours, as sent. The last column says what is wrong with a line and where it stood; "
    "where a line is right as it stands, empty that cell. Sort and filter as you like."
)
WHOLE = (
    "A document is taken whole or not at all: a line that you delete is left out of it, or cancelled where it is "
    "stored already."
)
WHOLE_SHORTENED = (
    "Leave the lines that are not red as they are: each document comes back whole, and a line that you delete from one "
    "that is stored already is cancelled."
)
WHAT_TO_DO = f"Correct the red cells on the sheet “{LINES}”, save as .xlsx, and send it back as you sent the file."
_PageLine = tuple[str, str, str | None]
"""A line of the first page: text, style, and the text beside it (None: it takes the whole width)."""
_HEIGHTS = {"title": 44.0, "strong": 20.0}


def say_what_to_do(
    sheet: Any, job: JobRecord, content: Content, kinds: Kinds, wording: Wording, listing: str, zone: ZoneInfo
) -> None:
    """Write the first page: what happened, what to do, how much is here, and the most frequent failures.

    ``kinds``: of the job's failures. ``zone``: whose clocks it shows.
    """
    printed(sheet, landscape=False)
    sheet.sheet_view.showGridLines = False
    for column, width in (("A", 3), ("B", NAME_WIDTH), ("C", BESIDE_WIDTH)):
        sheet.column_dimensions[column].width = width
    page = [*_what_to_do(job, content, wording, listing), *_facts(job, wording, zone)]
    errors = kinds.of("error")
    rows = {line.line: number for number, line in enumerate(content.rows, 2)}
    for kind in errors[:SHOWN_KINDS]:
        where, what, first = kinds.grouped(kind)
        in_sheet = _rows_of(kind, rows, first.number)
        theirs = wording.where(kind) if kind.line == kind.last_line else wording.reach(kind)
        page.append((in_sheet, "small", f"{what} (in your file: {theirs})") if in_sheet else (where, "small", what))
    if len(errors) > SHOWN_KINDS:
        page.append(
            ("…", "small", f"and {len(errors) - SHOWN_KINDS:,} more kinds; every line says what is wrong with it")
        )
    for number, (text, style, beside) in enumerate(page, 1):
        cells = [None, Cell(text, "prose" if style == "long" else style)]
        if beside is None:
            sheet.merged_cells.add(f"B{number}:C{number}")
        else:
            cells.append(Cell(beside, "prose"))
        sheet.append(cells, _height(text, style, beside))


def _height(text: str, style: str, beside: str | None) -> float | None:
    if style in _HEIGHTS:
        return _HEIGHTS[style]
    if beside and len(beside) > BESIDE_WIDTH:
        return height(beside, BESIDE_WIDTH)
    return height(text, NAME_WIDTH + BESIDE_WIDTH) if style == "long" else None


def _rows_of(kind: FailureKind, rows: Mapping[int, int], number: str) -> str:
    """Where failures of a kind are in the sheet: the row, with its document, or the first and the last row; '' where
    they are not in it. ``rows``: line of the file → row of the sheet. ``number``: the document's.
    """
    first, last = rows.get(kind.line), rows.get(kind.last_line)
    if first is None or last is None:
        return ""
    times = f" ({kind.times:,} ×)" if kind.times > 2 else ""
    if first == last:
        return f"row {first:,}" + (f", {number}" if number else "") + times
    return f"rows {first:,}{' and ' if kind.times == 2 else ' to '}{last:,}{times}"


def _what_to_do(job: JobRecord, content: Content, wording: Wording, listing: str) -> Iterator[_PageLine]:
    here, every = content.documents
    lines, all_lines = content.lines
    yield _headline(job, content, wording), "title", None
    yield WHAT_TO_DO, "strong", None
    if here == every:
        rows = f"row 2 of the sheet “{LINES}”" if lines == 1 else f"rows 2 to {lines + 1:,} of the sheet “{LINES}”"
        of_whom = f"{'its' if every == 1 else 'their'} {lines:,} line{'' if lines == 1 else 's'}"
        yield f"Here {'is' if lines == 1 else 'are'} all of {of_whom}: {rows}.", "prose", None
    else:
        yield f"Here are {lines:,} of {all_lines:,} lines, whole documents; {listing} names everything.", "long", None
    if content.unfit:
        yield f"{content.unfit:,} can't stand in a sheet (a cell is too long for it) and are not here.", "prose", None
    yield OURS, "long", None
    yield (WHOLE_SHORTENED if content.shortened else WHOLE), "long", None
    yield "", "prose", None


def _headline(job: JobRecord, content: Content, wording: Wording) -> str:
    rejected, shortened = content.rejected, content.shortened
    if rejected:
        were = "was" if rejected == 1 else "were"
        headline = f"{rejected:,} {_noun(wording, rejected)} in {job.name} {were} not imported"
        return headline + (f", {shortened:,} came in without some lines" if shortened else "")
    return f"{shortened:,} {_noun(wording, shortened)} in {job.name} came in without some lines"


def _facts(job: JobRecord, wording: Wording, zone: ZoneInfo) -> Iterator[_PageLine]:
    yield "The file", "strong", None
    yield "Name", "small", job.name
    yield "Received", "small", dated(job.received_at, zone)
    yield "Job", "small", job.job_id
    imported = job.processed - job.failing
    yield "Imported", "small", f"{imported:,} of {job.processed:,} {_noun(wording, job.processed)}"
    yield "", "prose", None
    yield f"What is wrong on the sheet “{LINES}”", "strong", None


def _noun(wording: Wording, count: int) -> str:
    title = wording.document.title.lower() if wording.document else "document"
    return title if count == 1 else f"{title}s"
