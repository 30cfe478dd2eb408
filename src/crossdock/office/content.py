"""What goes into a fix-workbook: the records as sent and what is wrong with each, from the job's tables."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from crossdock.database import Database, history
from crossdock.documents.document import Document
from crossdock.failures import RECORD_CODES, UNSEEN_CODES
from crossdock.office.styles import MAX_CELL
from crossdock.stamp import Mark, fingerprint
from crossdock.words import Words

MAX_LINES = 20_000
"""Lines that a fix-workbook holds; the others are in the list of failures."""


@dataclass
class Line:
    """One row of the sheet: its cells, its mark, what is wrong with which cell, and with the row."""

    cells: list[str | None]
    mark: Mark
    bad: dict[int, str] = field(default_factory=dict)
    problem: str = ""


@dataclass
class Content:
    """What goes into a fix-workbook. ``documents`` and ``lines``: how many there are of both, here and in all."""

    headings: list[str]
    added: dict[str, int]
    rows: list[Line]
    documents: tuple[int, int]
    lines: tuple[int, int]
    unfit: int = 0


def content_of(row: Any, database: Database, told: Words, document: Document) -> Content:
    """The documents that were not taken whole, as many as fit."""
    last, here, lines, every, all_lines = 0, 0, 0, 0, 0
    full = False
    reasons: dict[int, str] = {}
    for outcome in history.outcomes(database, row.job_id):
        every, all_lines = every + 1, all_lines + outcome.lines
        full = full or lines + outcome.lines > MAX_LINES
        if not full:
            last, here, lines = outcome.line, here + 1, lines + outcome.lines
            if outcome.reason:
                reasons[outcome.line] = f"not taken: {told.held(outcome.reason)}"
    content = Content([], {}, [], (here, every), (0, all_lines))
    failures: dict[int, list[Any]] = {}
    for each in history.errors(database, row.job_id):
        if each.document > last:
            break
        failures.setdefault(each.line, []).append(each)
    _name_columns(content, failures, told, document, row)
    _take_rows(content, row, database, told, document, last)
    for line in content.rows:
        _say_whats_wrong(line, failures.get(line.mark.line, []), content, told, reasons)
    content.lines = (len(content.rows), all_lines)
    return content


def _name_columns(content: Content, failures: dict[int, list[Any]], told: Words, document: Document, row: Any) -> None:
    """The drop's own columns, and those that it lacks and that must be filled in."""
    feed = json.loads(row.feed_text)["feed"]
    content.headings = list(told.plan["headers"])
    theirs = {ours: each for each, ours in feed["columns"].items()}
    wanted = {each.field for found in failures.values() for each in found if each.code not in RECORD_CODES}
    for ours in document.fields:
        lacks = ours in wanted and ours not in told.plan["columns"] and ours not in feed["constants"]
        if lacks and ours != document.numbering:
            content.added[ours] = len(content.headings)
            content.headings.append(free(theirs.get(ours, ours), content.headings))


def free(name: str, taken: list[str]) -> str:
    """A heading that no column bears yet."""
    while name.casefold() in {each.casefold() for each in taken}:
        name += " (crossdock)"
    return name


def _take_rows(content: Content, row: Any, database: Database, told: Words, document: Document, last: int) -> None:
    """The records; the number of a document on each of its rows. Documents that no sheet can hold are left out."""
    headers = told.plan["headers"]
    keys = [headers.index(told.plan["columns"][name]) for name in document.key if name in told.plan["columns"]]
    heads: dict[int, list[str | None]] = {}
    unfit: set[int] = set()
    for record in history.records(database, row.job_id, last):
        cells = json.loads(record.cells)
        head = heads.setdefault(record.document, [cells[key] for key in keys])
        for key, value in zip(keys, head, strict=True):
            cells[key] = cells[key] or value
        if any(each and len(each) > MAX_CELL for each in cells):
            unfit.add(record.document)
        cells += [None] * len(content.added)
        content.rows.append(Line(cells, Mark(record.line, record.document, record.nested, fingerprint(cells))))
    content.rows = [line for line in content.rows if line.mark.document not in unfit]
    content.unfit = len(unfit)
    content.documents = (content.documents[0] - len(unfit), content.documents[1])


def _say_whats_wrong(line: Line, failures: list[Any], content: Content, told: Words, reasons: dict[int, str]) -> None:
    said, unseen, until = [], [], None
    headers, columns = told.plan["headers"], told.plan["columns"]
    for each in failures:
        sentence = told.sentence(each)
        theirs = columns.get(each.field)
        place = content.added.get(each.field) if theirs is None else headers.index(theirs)
        if place is not None:
            line.bad[place] = f"{line.bad[place]}; {sentence}" if place in line.bad else sentence
        said.append(sentence)
        if each.code in UNSEEN_CODES:
            detail = told.detail(each.detail)
            unseen.append(detail.get("problem", sentence))
            until = detail.get("until", until)
    mark = line.mark
    if mark.line == mark.document and mark.line in reasons:
        said.append(reasons[mark.line])
    line.problem = "; ".join(dict.fromkeys(said))
    if unseen:
        line.mark = Mark(mark.line, mark.document, mark.nested, mark.was, "; ".join(dict.fromkeys(unseen)), until)
