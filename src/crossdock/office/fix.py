"""The fix-workbook: the documents that were not taken, as the partner sent them, ready to be mended and sent back.

Strategy: everything comes from the job's tables: the records as sent, and their failures in the partner's words. The
first sheet says what to do and how much of it is here; the second holds whole documents, in the order of the file, the
bad cells coloured and a problem beside each line; a hidden sheet and a hidden column are its way back (``stamp``).
Everything is text, so ids keep their zeros and nothing runs as a formula.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from openpyxl.utils import get_column_letter

from crossdock.database import Database
from crossdock.office.content import Content, content_of, free
from crossdock.office.page import say_what_to_do
from crossdock.office.styles import MAX_CELL, MAX_COLUMNS, cell, height, new_book, printed, saved, widths
from crossdock.stamp import LINES, MARK, SHEET, Stamp
from crossdock.words import words

MAX_NOTES = 1_000
"""Bad cells that carry their message as a note; the problem column names all."""
LOOKED_AT = 300
"""Rows that decide how wide a column is."""
PROBLEM = "Problem"
PROBLEM_WIDTH = 70.0
PROBLEM_NOTE = "What is wrong with the line. This column is ignored when the workbook comes back."
ADDED_NOTE = "Your file has no such column. It was added so that it can be filled in."


def fix_workbook(row: Any, database: Database, path: Path, listing: str) -> bool:
    """Write the fix-workbook of a job; false where it has nothing to mend. ``listing``: the file that names everything.

    ``row``: the job's. The workbook is complete when this returns.
    """
    told = words(row)
    if row.refused or told.document is None or len(told.plan.get("headers", ())) + 2 > MAX_COLUMNS:
        return False
    found = content_of(row, database, told, told.document)
    if not found.rows:
        return False
    stamp = Stamp(row.job_id, f"{row.partner}/{row.document}", row.name, told.plan["written"]["format"],
                  free(PROBLEM, found.headings))  # fmt: skip
    book = new_book()
    say_what_to_do(book.create_sheet("What to do"), row, found, database, told, listing)
    _write_lines(book.create_sheet(LINES), found, stamp)
    hidden = book.create_sheet(SHEET)
    hidden.sheet_state = "hidden"
    for name, value in stamp.cells():
        hidden.append([cell(hidden, name, "plain"), cell(hidden, value, "plain")])
    saved(book, path)
    return True


def _write_lines(sheet: Any, content: Content, stamp: Stamp) -> None:
    headings = [*content.headings, stamp.problem]
    problem = len(content.headings)
    shown: list[list[str | None]] = [[*headings], *(line.cells for line in content.rows[:LOOKED_AT])]
    widths(sheet, shown, {problem: PROBLEM_WIDTH})
    hidden = sheet.column_dimensions[get_column_letter(problem + 2)]
    hidden.hidden = True
    printed(sheet, landscape=True)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(problem + 1)}{len(content.rows) + 1}"
    sheet.row_dimensions[1].height = 22
    own = dict.fromkeys(content.added.values(), ("added heading", ADDED_NOTE))
    sheet.append(
        [
            *(cell(sheet, name, *own.get(place, ("heading",))) for place, name in enumerate(content.headings)),
            cell(sheet, stamp.problem, "heading", PROBLEM_NOTE),
            cell(sheet, MARK, "heading"),
        ]
    )  # fmt: skip
    notes, document = 0, 0
    for number, line in enumerate(content.rows, 2):
        end = "" if line.mark.document == document else " first"
        document = line.mark.document
        cells = []
        for place, value in enumerate(line.cells):
            wrong = line.bad.get(place)
            noted = wrong if wrong and notes < MAX_NOTES else None
            notes += noted is not None
            cells.append(cell(sheet, value, ("bad" if wrong else "plain") + end, noted))
        problem_style = "problem" if line.problem else "plain"
        cells.append(cell(sheet, line.problem[:MAX_CELL], problem_style + end))
        cells.append(cell(sheet, line.mark.text(), "plain"))
        if len(line.problem) > PROBLEM_WIDTH:
            sheet.row_dimensions[number].height = height(line.problem, PROBLEM_WIDTH)
        sheet.append(cells)
