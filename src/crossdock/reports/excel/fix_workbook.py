"""The fix-workbook: the documents that were not taken, as the partner sent them, ready to be corrected and sent back.

Strategy: everything comes from the job's tables: the records as sent, and their failures in the partner's words. The
first sheet says what to do and how much is here; the second has whole documents, in the order of the file, with
coloured bad cells and a problem beside each line. A hidden sheet and a hidden column identify it when it comes back
(``fix_stamp``). Everything is text, so ids keep their zeros and nothing runs as a formula.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from openpyxl.utils import get_column_letter

from crossdock.database import Database
from crossdock.formats.fix_stamp import LINES, MARK, SHEET, Stamp
from crossdock.model.job import JobRecord
from crossdock.reports.excel.fix_content import Content, content_of, free
from crossdock.reports.excel.front_page import say_what_to_do
from crossdock.reports.excel.sheet import Book, Cell
from crossdock.reports.excel.styles import HEADING_HEIGHT, MAX_CELL, MAX_COLUMNS, height, printed, widths
from crossdock.reports.kinds import Kinds
from crossdock.reports.wording import wording_of

MAX_NOTES = 1_000
"""How many bad cells have their message as a note; the problem column has all messages."""
LOOKED_AT = 300
"""How many rows decide the width of a column."""
PROBLEM = "Problem"
FROZEN = 3
"""The document's number stays on the screen if it is among so many first columns."""
PROBLEM_WIDTH = 70.0
PROBLEM_NOTE = (
    "What is wrong with the line, and where it stood in your file. Empty it where the line is right as it stands."
)
ADDED_NOTE = "Your file has no such column. It was added so that it can be filled in."


def write_fix_workbook(
    job: JobRecord, database: Database, path: Path, listing: str, zone: ZoneInfo, kinds: Kinds | None = None
) -> bool:
    """Write the fix-workbook of a job; false where there is nothing to correct, or nothing that fits into a workbook.

    ``listing``: the name of the file with all failures. ``zone``: whose clocks it shows. ``kinds``: of the job's
    failures, if they are read. The workbook is complete when this returns.
    """
    wording = wording_of(job)
    document, feed = wording.document, job.feed
    if job.refused or document is None or feed is None or not 0 < len(job.plan.headers) <= MAX_COLUMNS - 2:
        return False
    content = content_of(job, feed, database, wording, document)
    if not content.rows or (feed.hold == "file" and content.documents[0] < content.documents[1]):
        return False
    written = job.plan.written
    number = job.plan.place(job.plan.columns.get(document.number, ""))
    stamp = Stamp(
        job=job.job_id,
        feed=job.reader,
        name=job.name,
        format=written.get("first", written["format"]),
        headings=tuple(content.headings[: content.own]),
        number="" if number is None else job.plan.headers[number],
        problem=free(PROBLEM, content.headings),
        mark=free(MARK, content.headings),
    )
    book = Book()
    kinds = kinds or Kinds(job, database)
    say_what_to_do(book.create_sheet("What to do"), job, content, kinds, wording, listing, zone)
    _write_lines(book.create_sheet(LINES), content, stamp)
    hidden = book.create_sheet(SHEET)
    hidden.sheet_state = "hidden"
    for name, value in stamp.cells():
        hidden.append([Cell(name, "plain"), Cell(value, "plain")])
    book.save(path)
    return True


def _write_lines(sheet: Any, content: Content, stamp: Stamp) -> None:
    _lay_out(sheet, content, stamp)
    own = dict.fromkeys(content.added.values(), ("added heading", ADDED_NOTE))
    headings = [
        *(Cell(name, *own.get(place, ("heading",))) for place, name in enumerate(content.headings)),
        Cell(stamp.problem, "heading", PROBLEM_NOTE),
        Cell(stamp.mark, "heading"),
    ]
    sheet.append(headings, HEADING_HEIGHT)
    notes, document = MAX_NOTES, 0
    for line in content.rows:
        styles = _styles(len(line.cells), frozenset(line.bad), bool(line.problem), line.document != document)
        document = line.document
        noted = dict(sorted(line.bad.items())[:notes]) if notes and line.bad else {}
        notes -= len(noted)
        high = height(line.problem, PROBLEM_WIDTH) if len(line.problem) > PROBLEM_WIDTH else None
        sheet.add(
            [*line.cells, line.problem[:MAX_CELL], line.mark(content.headings, stamp.job).text()], styles, noted, high
        )


@lru_cache(MAX_NOTES)
def _styles(cells: int, bad: frozenset[int], has_problem: bool, first: bool) -> tuple[str, ...]:
    """The styles of a row: of its cells, of its problem and of its mark. ``first``: of its document."""
    end = " first" if first else ""
    own = (f"{'bad' if place in bad else 'plain'}{end}" for place in range(cells))
    return (*own, f"{'problem' if has_problem else 'plain'}{end}", "plain")


def _lay_out(sheet: Any, content: Content, stamp: Stamp) -> None:
    """Set widths, the filter, what stays on the screen, and which columns are folded away because they are empty."""
    problem = len(content.headings)
    shown: list[list[str | None]] = [[*content.headings, stamp.problem]]
    shown += [line.cells for line in content.rows[:LOOKED_AT]]
    widths(sheet, shown, {problem: PROBLEM_WIDTH})
    needed = {place for line in content.rows for place, value in enumerate(line.cells) if value or place in line.bad}
    for place in range(problem):
        if place not in needed:
            column = sheet.column_dimensions[get_column_letter(place + 1)]
            column.outlineLevel, column.hidden = 1, True
    sheet.column_dimensions[get_column_letter(problem + 2)].hidden = True
    printed(sheet, landscape=True)
    number = content.headings.index(stamp.number) if stamp.number in content.headings else 0
    sheet.freeze_panes = f"{get_column_letter(number + 2)}2" if number < FROZEN else "A2"
    # the hidden marks are part of the filter's range, so they are sorted with their rows
    sheet.auto_filter.ref = f"A1:{get_column_letter(problem + 2)}{len(content.rows) + 1}"
