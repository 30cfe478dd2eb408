"""The first page of a fix-workbook: what happened, what to do, how much of it is here, what is wrong most often."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from crossdock.database import Database, history
from crossdock.model import Report
from crossdock.office.content import Content
from crossdock.office.styles import cell, height, printed
from crossdock.report import grouped
from crossdock.stamp import LINES
from crossdock.words import Words

SHOWN_KINDS = 12
"""Kinds of problems that the page names."""
BESIDE_WIDTH = 92
OURS = (
    "Columns and values are yours, as you sent them. The column at the right says what is wrong with a line and is "
    "ignored when the workbook comes back. A line that you delete is not imported."
)
_Told = tuple[str, str, str | None]
"""A line of the first page: text, style, and what stands beside it (else it takes the whole width)."""
_HEIGHTS = {"title": 44.0, "strong": 20.0, "long": 34.0}


def say_what_to_do(sheet: Any, row: Any, content: Content, database: Database, told: Words, listing: str) -> None:
    """One page: what happened, what to do, how much of it is here, and what is wrong most often."""
    printed(sheet, landscape=False)
    sheet.sheet_view.showGridLines = False
    for column, width in (("A", 3), ("B", 24), ("C", BESIDE_WIDTH)):
        sheet.column_dimensions[column].width = width
    kinds = [kind for kind in history.kinds(database, row.job_id, SHOWN_KINDS) if kind.severity == "error"]
    page = [
        *_what_to_do(row, content, told, listing),
        *_facts(row, history.report(row), told),
        *((where, "small", said) for where, said in (grouped(row, kind, database, told) for kind in kinds)),
    ]
    for number, (text, style, beside) in enumerate(page, 1):
        cells = [None, cell(sheet, text, "prose" if style == "long" else style)]
        if beside is None:
            sheet.merged_cells.add(f"B{number}:C{number}")
        else:
            cells.append(cell(sheet, beside, "prose"))
        if beside and len(beside) > BESIDE_WIDTH:
            sheet.row_dimensions[number].height = height(beside, BESIDE_WIDTH)
        if style in _HEIGHTS:
            sheet.row_dimensions[number].height = _HEIGHTS[style]
        sheet.append(cells)


def _what_to_do(row: Any, content: Content, told: Words, listing: str) -> Iterator[_Told]:
    here, every = content.documents
    lines, all_lines = content.lines
    many = f"{every:,} {_noun(told, every)} in {row.name} {'was' if every == 1 else 'were'} not imported"
    yield many, "title", None
    yield (
        f"Mend the red cells on the sheet “{LINES}”, save, and send this workbook back as you sent the file.",
        "strong",
        None,
    )
    if here == every:
        yield f"Here are all {lines:,} lines of what was not imported.", "prose", None
    else:
        yield (
            f"Here are {lines:,} of {all_lines:,} lines, whole documents in the order of the file; {listing} has all.",
            "long",
            None,
        )
    if content.unfit:
        yield f"{content.unfit:,} hold a cell that is too long for a sheet and are not here.", "prose", None
    yield (
        OURS,
        "long",
        None,
    )
    yield "", "prose", None


def _facts(row: Any, report: Report, told: Words) -> Iterator[_Told]:
    processed = report.progress.processed
    yield "The file", "strong", None
    yield "Name", "small", row.name
    yield "Received", "small", f"{row.received_at:%Y-%m-%d %H:%M} UTC"
    yield "Job", "small", row.job_id
    yield "Imported", "small", f"{processed - report.failing:,} of {processed:,} {_noun(told, processed)}"
    yield "", "prose", None
    yield "What is wrong", "strong", None


def _noun(told: Words, count: int) -> str:
    title = told.document.title.lower() if told.document else "document"
    return title if count == 1 else f"{title}s"
