"""A job in full: the detailed JSON for machines, and text for the one who reads it at six in the morning.

Both come from the job's tables and go out as they come, whatever their number. The text groups what is alike and
gives true totals.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from crossdock import acknowledge
from crossdock.database import Database, history
from crossdock.failures import DROP_CODES
from crossdock.model import BUCKETS, COUNTED, Counts, Report
from crossdock.words import Words, words

KINDS = 40
"""Groups of failures that the text shows."""
EXAMPLES = 3
"""Values of a group that the text shows."""
DOCUMENTS = 20
"""Documents not taken that the text names."""


def detailed(row: Any, database: Database) -> Iterator[str]:
    """The detailed report as JSON text, in pieces: the acknowledgement's members and everything behind them."""
    told = words(row)
    report = history.report(row)
    whole = acknowledge.Answer("", None, row.status, row.processed, row.total)
    head = {
        "jobId": acknowledge.job_id(row),
        "crossdockJobId": row.job_id,
        "senderJobId": row.sender_job_id,
        "status": row.status,
        "verdict": row.verdict,
        "name": row.name,
        "digest": row.digest,
        "feed": report.feed or None,
        "refused": row.refused,
        "repeats": row.repeats,
        "receivedAt": _iso(row.received_at),
        "startedAt": _iso(row.started_at),
        "finishedAt": _iso(row.finished_at),
        "written": told.plan.get("written"),
        "progress": {"processed": row.processed, "total": row.total},
        "books": {name: getattr(report.books, name) for name in BUCKETS},
        "documents": _counts(report.documents) | {"failing": row.failing},
        "lines": _counts(report.lines),
    }
    yield '{"data":' + json.dumps(head, ensure_ascii=False)[:-1]
    yield f', "{told.names.documents}": ['
    yield from _joined(acknowledge.failed(row, whole, database))
    yield '], "failures": ['
    yield from _joined(_failures(row, database, told))
    yield "]}}\n"


def _joined(items: Iterator[dict[str, Any]]) -> Iterator[str]:
    comma = "\n"
    for item in items:
        yield comma + json.dumps(item, ensure_ascii=False)
        comma = ",\n"


def _failures(row: Any, database: Database, told: Words) -> Iterator[dict[str, Any]]:
    for each in history.errors(database, row.job_id):
        yield _failure(each, told)
    for each in history.warnings(database, row.job_id):
        yield _failure(each, told) | {"lastLine": each.last_line, "times": int(each.times)}


def _failure(each: Any, told: Words) -> dict[str, Any]:
    return {
        "code": each.code,
        "severity": each.severity,
        "line": each.line,
        "place": told.where(each) if each.line else None,
        "lineNumber": each.line_number,
        "field": each.field or None,
        "column": told.column(each.field) if each.field else None,
        "value": each.value,
        "message": told.sentence(each),
        "hint": told.hint(each) or None,
    }


def _iso(moment: Any) -> str | None:
    return moment.isoformat() if moment else None


def _counts(counts: Counts) -> dict[str, int]:
    return {name: getattr(counts, name) for name in COUNTED}


def text(row: Any, database: Database) -> Iterator[str]:
    """The report for people, line by line."""
    told = words(row)
    report = history.report(row)
    yield f"{row.name}  {headline(report)}"
    if row.job_id:
        yield f"  job {row.job_id}" + (f", repeats {row.repeats}" if row.repeats else "")
    if report.feed:
        yield f"  feed {report.feed}"
    if row.refused:
        yield f"  refused: {row.refused}"
        return
    yield f"  documents: {summary(report.documents)}, {report.failing:,} not taken"
    cancelled = f"; {report.lines.cancelled:,} stored lines cancelled" if report.lines.cancelled else ""
    yield f"  lines: {books(report)}{cancelled}"
    totals = history.totals(database, row.job_id)
    for severity, title in (("error", "What is wrong"), ("warning", "Worth knowing")):
        if totals.get(severity):
            yield f"{title} ({totals[severity]:,}):"
            for kind in history.kinds(database, row.job_id, KINDS):
                if kind.severity == severity:
                    yield "  " + grouped(row, kind, database, told)
    yield from _not_taken(row, database, told)


def headline(report: Report) -> str:
    """The verdict in words."""
    if report.verdict is None:
        return f"{report.status.replace('_', ' ').lower()}: {report.progress.processed:,} of {report.progress.total:,}"
    return {"ACCEPTED": "accepted", "PARTIAL": "partly failed", "REJECTED": "rejected"}[report.verdict]


def summary(counts: Counts) -> str:
    """Counts in words, without the zeros."""
    said = [f"{getattr(counts, name):,} {name}" for name in COUNTED if getattr(counts, name)]
    return ", ".join(said) or "0 taken"


def books(report: Report) -> str:
    """The books in words: every line read, in its bucket."""
    said = [f"{getattr(report.books, name):,} {name}" for name in BUCKETS[1:] if getattr(report.books, name)]
    return f"{report.books.read:,} read = " + (" + ".join(said) or "0")


def grouped(row: Any, kind: Any, database: Database, told: Words) -> str:
    """One kind of failure: where, what, how often."""
    found = history.examples(database, row.job_id, kind.field, kind.code, EXAMPLES + 1)
    first = found[0]
    failure = _Example(kind.field, kind.code, first.value, first.detail, first.line)
    about_file = kind.code in DROP_CODES
    where = ""
    if not about_file:
        place = _Example(kind.field, kind.code, None, None, kind.line)
        same = kind.line == kind.last_line
        where = told.where(place) if same else told.reach(place, kind.last_line, int(kind.times))
    said = told.sentence(failure)
    others = [
        value for value in dict.fromkeys(each.value for each in found[1:EXAMPLES]) if value and value != first.value
    ]
    if others:
        said += "; also " + ", ".join(repr(other) for other in others) + (" …" if len(found) > EXAMPLES else "")
    times = f" ({int(kind.times):,} times)" if kind.times > 2 and not about_file else ""
    return f"{where}{times}: {said}" if where else said


class _Example:
    """One failure of a group, as ``Words`` takes it."""

    def __init__(self, field: str, code: str, value: str | None, detail: str | None, line: int) -> None:
        self.field, self.code, self.value, self.detail, self.line = field, code, value, detail, line


def _not_taken(row: Any, database: Database, told: Words) -> Iterator[str]:
    whole = acknowledge.Answer("", None, row.status, row.processed, row.total)
    for shown, entry in enumerate(acknowledge.failed(row, whole, database)):
        if shown == 0:
            yield "Documents not taken, or not whole:"
        if shown == DOCUMENTS:
            yield f"  … and more of {row.failing:,}: crossdock report {row.job_id or 'JOB'} --format json"
            return
        lines = entry["lines"]
        first = f" ({lines[0]['message']}{' …' if len(lines) > 1 else ''})" if lines else ""
        yield f"  {entry[told.names.document] or '(no number)'}: {entry['message']}{first}"
