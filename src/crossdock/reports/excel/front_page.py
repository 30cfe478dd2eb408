"""The first page of a fix-workbook: what happened, what to do, how much is here, the most frequent failures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from crossdock.database import Database
from crossdock.formats.fix_stamp import LINES
from crossdock.jobs import queries
from crossdock.model.job import JobRecord
from crossdock.reports.excel.fix_content import Content
from crossdock.reports.excel.styles import cell, height, printed
from crossdock.reports.text import grouped
from crossdock.reports.wording import Wording
from crossdock.times import dated

MAX_KINDS = 1_000
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
WHAT_TO_DO = f"Mend the red cells on the sheet “{LINES}”, save as .xlsx, and send it back as you sent the file."
_PageLine = tuple[str, str, str | None]
"""A line of the first page: text, style, and the text beside it (None: it takes the whole width)."""
_HEIGHTS = {"title": 44.0, "strong": 20.0}


def say_what_to_do(
    sheet: Any, job: JobRecord, content: Content, database: Database, wording: Wording, listing: str, zone: ZoneInfo
) -> None:
    """Write the first page: what happened, what to do, how much is here, and the most frequent failures.

    ``zone``: whose clocks it shows.
    """
    printed(sheet, landscape=False)
    sheet.sheet_view.showGridLines = False
    for column, width in (("A", 3), ("B", NAME_WIDTH), ("C", BESIDE_WIDTH)):
        sheet.column_dimensions[column].width = width
    page = [*_what_to_do(job, content, wording, listing), *_facts(job, wording, zone)]
    errors = queries.kinds(database, job.job_id, "error", MAX_KINDS)
    for kind in errors[:SHOWN_KINDS]:
        where, what = grouped(job, kind, database, wording)
        page.append((where, "small", what))
    if len(errors) > SHOWN_KINDS:
        page.append(
            ("…", "small", f"and {len(errors) - SHOWN_KINDS:,} more kinds; every line says what is wrong with it")
        )
    for number, (text, style, beside) in enumerate(page, 1):
        cells = [None, cell(sheet, text, "prose" if style == "long" else style)]
        if beside is None:
            sheet.merged_cells.add(f"B{number}:C{number}")
        else:
            cells.append(cell(sheet, beside, "prose"))
        if beside and len(beside) > BESIDE_WIDTH:
            sheet.row_dimensions[number].height = height(beside, BESIDE_WIDTH)
        elif style == "long":
            sheet.row_dimensions[number].height = height(text, NAME_WIDTH + BESIDE_WIDTH)
        if style in _HEIGHTS:
            sheet.row_dimensions[number].height = _HEIGHTS[style]
        sheet.append(cells)


def _what_to_do(job: JobRecord, content: Content, wording: Wording, listing: str) -> Iterator[_PageLine]:
    here, every = content.documents
    lines, all_lines = content.lines
    yield _headline(job, content, wording), "title", None
    yield WHAT_TO_DO, "strong", None
    if here == every:
        yield f"Here are all of {'its' if every == 1 else 'their'} {lines:,} lines.", "prose", None
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
    yield "What is wrong", "strong", None


def _noun(wording: Wording, count: int) -> str:
    title = wording.document.title.lower() if wording.document else "document"
    return title if count == 1 else f"{title}s"
