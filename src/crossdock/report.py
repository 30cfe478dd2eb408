"""A job in full: JSON for machines, and text for the one who reads it at six in the morning.

Both come from the job's tables and go out as they come, whatever their number. The text groups what is alike and gives
true totals.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from typing import Any

from crossdock import acknowledge
from crossdock.database import Database, history
from crossdock.failures import CODES, DROP_CODES, quoted
from crossdock.model import BUCKETS, COUNTED, Counts, Report
from crossdock.words import Words, words

KINDS = 40
"""Groups of failures that the text shows."""
EXAMPLES = 3
"""Values of a group that the text shows."""
DOCUMENTS = 20
"""Documents not taken that the text names."""
PLACES = 4
"""Places of a document that the text names."""
TELLING = ("other", "line", "known", "number", "which", "items", "total", "ordered", "job", "state", "what", "action")
"""Details of a failure that are its own, whatever its value."""
WIDTH = 100
"""Characters of a line of the text."""
LEFT = 34
"""Characters of the first column; what is longer has a line of its own."""


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
        "mends": row.mends,
        "mended": _mended(row, database, history.became(database, row.job_id)),
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


def _mended(row: Any, database: Database, became: dict[int, tuple[str, bool]]) -> dict[str, Any] | None:
    """What became of documents that were not taken whole: how many are in by now, by which jobs."""
    if not became:
        return None
    now_in = [job for job, taken in became.values() if taken]
    every = history.outcomes_count(database, row.job_id)
    return {"in": len(now_in), "open": every - len(now_in), "jobs": sorted(set(now_in))}


def text(row: Any, database: Database) -> Iterator[str]:
    """The report for people, line by line, none longer than ``WIDTH``."""
    told = words(row)
    report = history.report(row)
    yield f"{row.name}  {headline(report)}"
    yield from _columns(_facts(row, report))
    if row.refused:
        return
    totals = history.totals(database, row.job_id)
    for severity, title in (("error", "What is wrong"), ("warning", "Worth knowing")):
        if totals.get(severity):
            yield f"{title} ({totals[severity]:,}):"
            kinds = history.kinds(database, row.job_id, severity, KINDS)
            yield from _columns(
                [
                    _advised(kind.code, *each) if severity == "error" else each
                    for kind in kinds
                    for each in _apart(row, kind, database, told)
                ]
            )
            if len(kinds) == KINDS:
                yield f"  … and perhaps more: crossdock report {row.job_id or 'JOB'} --format json"
    yield from _not_taken(row, database, told)


def _advised(code: str, where: str, said: str) -> tuple[str, str]:
    """With what the operator could set in the feed; a partner could not."""
    setting = CODES[code].setting
    return where, f"{said} [or in the feed: {setting}]" if setting else said


def _facts(row: Any, report: Report) -> list[tuple[str, str]]:
    linked = (f", repeats {row.repeats}" if row.repeats else "") + (f", mends {row.mends}" if row.mends else "")
    facts = [("job", f"{row.job_id}{linked}"), ("feed", report.feed)]
    if row.refused:
        facts.append(("refused", row.refused))
    else:
        cancelled = f"; {report.lines.cancelled:,} stored lines cancelled" if report.lines.cancelled else ""
        facts.append(("documents", f"{summary(report.documents)}, {report.failing:,} not taken"))
        facts.append(("lines", f"{books(report)}{cancelled}"))
    return [(name, said) for name, said in facts if said]


def _columns(rows: list[tuple[str, str]]) -> Iterator[str]:
    """Two columns: what stands in the second is wrapped, and begins below where the first is too long."""
    width = max((len(left) for left, _ in rows if len(left) <= LEFT), default=0) + 2
    for left, right in rows:
        wrapped = textwrap.wrap(right, WIDTH - 2 - width, break_on_hyphens=False) or [""]
        first = f"  {left:{width}}"
        if len(left) > LEFT:
            yield f"  {left}"
            first = " " * (width + 2)
        yield (first + wrapped[0]).rstrip()
        yield from (" " * (width + 2) + each for each in wrapped[1:])


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


def grouped(row: Any, kind: Any, database: Database, told: Words) -> tuple[str, str]:
    """One kind of failure: where and how often; what. Of several that say different things only the first is said."""
    found = history.examples(database, row.job_id, kind.field, kind.code, EXAMPLES + 1)
    first = found[0]
    said = told.sentence(_Example(kind.field, kind.code, first.value, first.detail, first.line))
    alike = len({_telling(each.detail) for each in found}) == 1
    others = [value for value in dict.fromkeys(map(_value, found[1:EXAMPLES])) if value and value != _value(first)]
    if others and alike:
        said += "; also " + ", ".join(others) + (" …" if len(found) > EXAMPLES else "")
    elif not alike:
        said += "; and others like it"
    if kind.code in DROP_CODES:
        return "the file", said
    place = _Example(kind.field, kind.code, None, None, kind.line)
    same = kind.line == kind.last_line
    where = told.where(place) if same else told.reach(place, kind.last_line, int(kind.times))
    return where + (f" ({int(kind.times):,} ×)" if kind.times > 2 else ""), said


def _apart(row: Any, kind: Any, database: Database, told: Words) -> list[tuple[str, str]]:
    """One kind of failure; where its sentences say different things, the first of them each with its place."""
    found = history.examples(database, row.job_id, kind.field, kind.code, EXAMPLES + 1)
    if len({_telling(each.detail) for each in found}) == 1:
        return [grouped(row, kind, database, told)]
    rows = []
    for each in found[:EXAMPLES]:
        example = _Example(kind.field, kind.code, each.value, each.detail, each.line)
        rows.append((told.where(example), told.sentence(example)))
    rest = int(kind.times) - sum(int(each.times) for each in found[:EXAMPLES])
    return rows + ([(f"{rest:,} more", f"like it, up to {told.place(kind.last_line)}")] if rest > 0 else [])


def _telling(detail: str | None) -> str:
    """What a failure's details say besides its value: two that differ in it can't share a sentence."""
    said = json.loads(detail) if detail else {}
    return json.dumps({name: value for name, value in said.items() if name in TELLING}, sort_keys=True)


def _value(example: Any) -> str:
    """What an example is of: its value as sent, or what its details say."""
    said = json.loads(example.detail).get("value", "") if example.value is None and example.detail else ""
    return quoted(example.value) if example.value is not None else str(said)


class _Example:
    """One failure of a group, as ``Words`` takes it."""

    def __init__(self, field: str, code: str, value: str | None, detail: str | None, line: int) -> None:
        self.field, self.code, self.value, self.detail, self.line = field, code, value, detail, line


def _not_taken(row: Any, database: Database, told: Words) -> Iterator[str]:
    became = history.became(database, row.job_id)
    rows: list[tuple[str, str]] = []
    more = False
    for outcome, errors in acknowledge.by_document(row, database):
        more = len(rows) == DOCUMENTS
        if more:
            break
        rows.append((outcome.number or "(no number)", _document(outcome, errors, became.get(outcome.line), told)))
    every = history.outcomes_count(database, row.job_id)
    if rows:
        yield f"Documents not taken, or not whole ({every:,}):"
        yield from _columns(rows)
    if more:
        yield f"  … and {every - len(rows):,} more: crossdock report {row.job_id or 'JOB'} --format csv"
    mended = _mended(row, database, became)
    if mended:
        by = f", by job {', '.join(mended['jobs'])}" if mended["jobs"] else ""
        yield "Sent back since as fix-workbooks:"
        yield f"  {mended['in']:,} of {every:,} documents are in now{by}"


def _document(outcome: Any, errors: list[Any], since: tuple[str, bool] | None, told: Words) -> str:
    """A document that was not taken: where what is wrong with it stands, or why it is held; what became of it."""
    places = list(dict.fromkeys(told.where(each) for each in errors))
    said = "; ".join(places[:PLACES]) + (f" and {len(places) - PLACES:,} more" if len(places) > PLACES else "")
    if outcome.reason:
        said = told.held(outcome.reason)
    if outcome.taken:
        said = f"taken without {said}"
    job, taken = since or ("", False)
    now = f" → {'in since' if taken else 'sent again and still not in,'} job {job}" if job else ""
    return f"{said}{now}"
