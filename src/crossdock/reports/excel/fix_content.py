"""The content of a fix-workbook: the records as sent and the failures of each, from the job's tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from crossdock.database import Database
from crossdock.failures.catalogue import SPOILED_CODES
from crossdock.formats.fix_stamp import Mark, fingerprint
from crossdock.jobs import queries
from crossdock.model.headings import theirs_of
from crossdock.model.job import DocumentOutcome, FailureRecord, JobRecord, RetainedRecord
from crossdock.partners.feed_config import FeedSnapshot
from crossdock.reports.excel.styles import MAX_CELL
from crossdock.reports.wording import Wording
from crossdock.schema.document import Document
from crossdock.schema.names import fold

MAX_LINES = 20_000
"""How many lines a fix-workbook has at most; the others are in the list of failures."""


_WITH_ZERO = re.compile(r"0[0-9]+$")
"""A text that a spreadsheet may make a number without its first digits."""


@dataclass(slots=True)
class Line:
    """One row of the sheet: ``line``, ``document`` and ``nested`` as in its record; its cells.

    ``bad``: the sentences by bad cell (its place); ``problem``: the row's own. ``fault``, ``hidden`` and ``blamed``:
    what its mark says that doesn't show in its cells (``Mark``'s ``fault``, ``cells``, ``held``).
    """

    line: int
    document: int
    nested: bool
    cells: list[str | None]
    bad: dict[int, str] = field(default_factory=dict)
    problem: str = ""
    fault: tuple[str, str | None] | None = None
    hidden: Mapping[str, tuple[str, dict[str, Any], str | None]] = field(default_factory=dict)
    blamed: tuple[str, int] | None = None

    def mark(self, headings: list[str], job: str) -> Mark:
        """Its mark. ``headings``: of its cells; ``job``: that of its fix-workbook."""
        zeros = {
            heading: text
            for heading, text in zip(headings, self.cells, strict=False)
            if text and text[0] == "0" and _WITH_ZERO.match(text)
        }
        was = fingerprint(self.cells)
        return Mark(self.line, self.document, self.nested, was, self.fault, self.hidden, self.blamed, zeros, job)


@dataclass
class Content:
    """The content of a fix-workbook.

    ``own``: how many of the headings are the partner's; the others were added, by field. ``rejected`` and
    ``shortened``: documents that were not taken, and that were taken without some lines. ``documents`` and ``lines``:
    how many are here, and how many there are in total. ``unfit``: documents that don't fit into a sheet.
    """

    headings: list[str] = field(default_factory=list)
    own: int = 0
    added: dict[str, int] = field(default_factory=dict)
    rows: list[Line] = field(default_factory=list)
    rejected: int = 0
    shortened: int = 0
    documents: tuple[int, int] = (0, 0)
    lines: tuple[int, int] = (0, 0)
    unfit: int = 0


def content_of(job: JobRecord, feed: FeedSnapshot, database: Database, wording: Wording, document: Document) -> Content:
    """The documents that were not taken whole, as many as fit, in the order of the file."""
    short = queries.outcomes_counted(database, job.job_id)
    content = Content(rejected=short.documents - short.taken, shortened=short.taken)
    held: dict[int, DocumentOutcome] = {}
    room = MAX_LINES
    wanted: set[int] = set()
    for outcome in queries.outcomes(database, job.job_id):
        if outcome.lines <= room:
            room -= max(outcome.lines, 1)
            wanted.add(outcome.line)
            if outcome.hold_code:
                held[outcome.line] = outcome
        if not room:
            break
    last = max(wanted, default=0)
    failures: dict[int, list[FailureRecord]] = {}
    for each in queries.errors(database, job.job_id, last=last):
        if each.document_line in wanted:
            failures.setdefault(each.line, []).append(each)
    _name_columns(content, failures, job, feed, document)
    _take_rows(content, queries.records(database, job.job_id, 0, last), job, document, wanted)
    _leave_out_unfit(content, held)
    fields = {each.field for of_line in failures.values() for each in of_line}
    places = {name: _place(name, content, wording) for name in fields}
    for line in content.rows:
        _say_whats_wrong(line, failures.get(line.line, []), places, content, wording, held.get(line.document))
    here = len({line.document for line in content.rows})
    content.documents, content.lines = (here, short.documents), (len(content.rows), short.lines)
    return content


def _name_columns(
    content: Content,
    failures: Mapping[int, list[FailureRecord]],
    job: JobRecord,
    feed: FeedSnapshot,
    document: Document,
) -> None:
    """Add the headings: the drop's own columns, and those that it lacks and that must be filled in."""
    for name in job.plan.headers:
        content.headings.append(free(name, content.headings))
    content.own = len(content.headings)
    theirs = {ours: each for each, ours in feed.columns.items()}
    wanted = {each.field for of_line in failures.values() for each in of_line if each.scope != "record"}
    for ours in document.fields:
        is_there = theirs_of(ours, job.plan.columns, document) is not None or ours in feed.constants
        if ours in wanted and not is_there and ours != document.numbering:
            content.added[ours] = len(content.headings)
            content.headings.append(free(theirs.get(ours, ours), content.headings))


def free(name: str, taken: list[str]) -> str:
    """A heading that no column in ``taken`` has yet, in any spelling."""
    folded, heading = {fold(each) for each in taken}, name
    while fold(heading) in folded:
        heading += " (crossdock)"
    return heading


def _take_rows(
    content: Content, records: Iterable[RetainedRecord], job: JobRecord, document: Document, wanted: set[int]
) -> None:
    """Add the records, with the document's number on each of its rows."""
    columns = job.plan.columns
    places = [job.plan.place(columns[name]) for name in document.key if name in columns]
    keys = [place for place in places if place is not None]
    heads: dict[int, list[str | None]] = {}
    for record in records:
        if record.document_line not in wanted:
            continue
        cells = list(record.cells)
        head = heads.setdefault(record.document_line, [cells[key] for key in keys])
        for key, value in zip(keys, head, strict=True):
            cells[key] = cells[key] if (cells[key] or "").strip() else value
        cells += [None] * len(content.added)
        content.rows.append(Line(record.line, record.document_line, record.nested, cells))


def _leave_out_unfit(content: Content, held: Mapping[int, DocumentOutcome]) -> None:
    """Leave out documents with a cell that is too long for a sheet, and those that are held because of them."""
    too_long = {line.document for line in content.rows if max(map(len, filter(None, line.cells)), default=0) > MAX_CELL}
    there = {line.line for line in content.rows if line.document not in too_long}
    lonely = {line for line, each in held.items() if each.hold_line is not None and each.hold_line not in there}
    unfit = {line.document for line in content.rows} & (too_long | lonely)
    content.rows = [line for line in content.rows if line.document not in unfit]
    content.unfit = len(unfit)


def _place(field: str, content: Content, wording: Wording) -> int | None:
    """The place of a field's cell; None if it has none."""
    theirs = theirs_of(field, wording.plan.columns, wording.document)
    return content.added.get(field) if theirs is None else wording.plan.place(theirs)


def _say_whats_wrong(
    line: Line,
    failures: list[FailureRecord],
    places: Mapping[str, int | None],
    content: Content,
    wording: Wording,
    held: DocumentOutcome | None,
) -> None:
    """Set the problems of a line, in words and for its mark. ``places``: by field, of its cell. ``held``: its
    document's outcome, if that is held.
    """
    sentences: list[str] = []
    hidden: dict[str, tuple[str, dict[str, Any], str | None]] = {}
    for each in failures:
        sentence, place = wording.explained(each), places[each.field]
        if place is not None:
            line.bad[place] = f"{line.bad[place]}; {sentence}" if place in line.bad else sentence
        sentences.append(sentence)
        if each.scope == "record":
            line.fault = each.fault
        elif place is not None and each.code in (*SPOILED_CODES, "scattered_lines"):
            text = line.cells[place] or "" if each.code in SPOILED_CODES else None
            hidden[content.headings[place]] = (each.code, dict(each.detail), text)
    if held and line.line == line.document:
        sentences.append(f"on hold: {wording.held(held)}")
    if sentences:
        line.problem = f"{wording.place(line.line)}: {'; '.join(dict.fromkeys(sentences))}"
    line.hidden = hidden
    line.blamed = (held.hold_code, held.hold_line) if held and held.hold_line is not None else None
