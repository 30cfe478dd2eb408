"""A job in full, as text for the person who reads it at six in the morning.

It is read from the job's tables and written line by line, at any length; like failures are grouped, totals are exact.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import NamedTuple

from crossdock.database import Database
from crossdock.failures.sentences import on_one_line, quoted
from crossdock.jobs import interchanges, queries
from crossdock.model.job import CHECKED, FailureKind, FailureRecord, JobRecord, Placed, public_id
from crossdock.model.report import BUCKETS, COUNTED, Counts, Report
from crossdock.registers import confirmations
from crossdock.reports.detailed import fixed_since
from crossdock.reports.document_verdict import DocumentVerdict, verdicts
from crossdock.reports.wording import Wording, wording_of

KINDS = 40
"""How many groups of failures the text shows."""
EXAMPLES = 3
"""How many values of a group the text shows."""
NAMED = 100
"""How many documents of a group the text names."""
DOCUMENTS = 20
"""How many documents that were not taken the text names."""
PLACES = 4
"""How many places of a document the text names."""
TELLING = ("other", "line", "known", "number", "which", "items", "total", "ordered", "job", "state", "what", "action")
"""Details of a failure that are its own and don't depend on its value."""
WIDTH = 100
"""The longest line of the text, in characters."""
LEFT = 34
"""Characters of the first column; a longer text has a line of its own."""


def text(job: JobRecord, database: Database) -> Iterator[str]:
    """The report for people, line by line, none longer than ``WIDTH``."""
    wording = wording_of(job)
    report = job.report
    yield f"{on_one_line(job.name)}  {headline(report)}"
    of_ours = [("of ours", each.sentence) for each in confirmations.of_job(database, job.job_id)]
    twice = [
        ("number", f"interchange {number} is another one than the first of this number ({public_id(first) or first})")
        for number, first in interchanges.taken_twice(database, job.job_id)
    ]
    yield from _columns([*_facts(job, report), *twice, *of_ours])
    if job.refused:
        return
    totals = queries.totals(database, job.job_id)
    for severity, title in (("error", "What is wrong"), ("warning", "Worth knowing")):
        if totals.get(severity):
            yield f"{title} ({totals[severity]:,}):"
            kinds = queries.kinds(database, job.job_id, severity, KINDS)
            yield from _columns([each for kind in kinds for each in _apart(job, kind, database, wording)])
            if len(kinds) == KINDS:
                yield f"  … and perhaps more: crossdock report {public_id(job.job_id) or 'JOB'} --format json"
    if not job.whole:
        yield from _not_taken(job, database, wording)


def _advised(row: tuple[str, str], failure: FailureRecord, wording: Wording) -> tuple[str, str]:
    """A row with the setting that would help: the operator could set it, a partner could not."""
    setting = wording.setting(failure)
    return (row[0], f"{row[1]} [or in the TOML: {setting}]") if setting else row


def _facts(job: JobRecord, report: Report) -> list[tuple[str, str]]:
    linked = (f", repeats {job.repeats}" if public_id(job.repeats or "") else "") + (
        f", fixes {job.fixes}" if job.fixes else ""
    )
    facts = [("job", f"{public_id(job.job_id)}{linked}"), ("feed", report.feed)]
    if job.refused:
        facts.append(("rejected", job.refused))
    elif report.said:
        facts.append(("archive", report.said))
    else:
        cancelled = f"; {report.lines.cancelled:,} stored lines cancelled" if report.lines.cancelled else ""
        facts.append(("documents", f"{summary(report.documents)}, {report.failing:,} on hold"))
        facts.append(("lines", f"{books(report)}{cancelled}"))
    return [(name, value) for name, value in facts if value]


def _columns(rows: list[tuple[str, str]]) -> Iterator[str]:
    """Two columns: the second is wrapped, and begins below the first where that is too long."""
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


def line(report: Report) -> str:
    """A drop in one line: job, verdict, documents and lines in and out."""
    own = public_id(report.job)
    job = f"{own}  " if own else ""
    head = f"{job}{headline(report)}  {on_one_line(report.name)}"
    if report.refused:
        return f"{head}: {on_one_line(report.refused)}"
    if report.said:
        return f"{head}: {on_one_line(report.said)}"
    return f"{head}: documents {summary(report.documents)}, {report.failing:,} on hold; lines {books(report)}"


def summary(counts: Counts) -> str:
    """Counts in words, without the zeros."""
    parts = [f"{getattr(counts, name):,} {name}" for name in COUNTED if getattr(counts, name)]
    return ", ".join(parts) or "0 imported"


def books(report: Report) -> str:
    """The books in words: how many records were read, and how many are in each bucket."""
    parts = [f"{getattr(report.books, name):,} {name}" for name in BUCKETS[1:] if getattr(report.books, name)]
    return f"{report.books.read:,} read = " + (" + ".join(parts) or "0")


class Group(NamedTuple):
    """One kind of failure in words: where and how often; what is wrong. ``first``: the first of the failures."""

    where: str
    what: str
    first: FailureRecord


def grouped(job: JobRecord, kind: FailureKind, database: Database, wording: Wording) -> Group:
    """One kind of failure in words. Of several different sentences only the first is used."""
    return _group(job, kind, _examples(job, kind, database), database, wording)


def _examples(job: JobRecord, kind: FailureKind, database: Database) -> list[FailureRecord]:
    return queries.examples(database, job.job_id, kind, EXAMPLES + 1)


def _group(
    job: JobRecord, kind: FailureKind, examples: list[FailureRecord], database: Database, wording: Wording
) -> Group:
    first = examples[0]
    what = wording.explained(first)
    alike = _are_alike(examples)
    others = [value for value in dict.fromkeys(map(_value, examples[1:EXAMPLES])) if value and value != _value(first)]
    if others and alike:
        what += "; also " + ", ".join(others) + (" …" if len(examples) > EXAMPLES else "")
    elif not alike:
        what += "; and others like it"
    if kind.scope == "file":
        return Group("the file", what, first)
    if _of_documents(kind) and kind.line != kind.last_line:
        what += f": {_named(job, kind, database)}"
    return Group(_where(kind, first.number, wording), what, first)


def _where(kind: Placed, number: str, wording: Wording) -> str:
    """The place of failures, one with the number of its document; how many they are."""
    place = _beside(wording.where(kind), number) if kind.line == kind.last_line else wording.reach(kind)
    return place + (f" ({kind.times:,} ×)" if kind.times > 2 else "")


def _of_documents(kind: FailureKind) -> bool:
    """Whether failures are about documents as a whole, not about cells."""
    return kind.scope == "document" and not kind.field


def _beside(where: str, number: str) -> str:
    """A place, with the number of the document that it is in."""
    return f"{where}, {number}" if number else where


def _named(job: JobRecord, kind: FailureKind, database: Database, after: int = 0) -> str:
    """The documents that have a failure of a kind, without the first ones."""
    numbers = queries.numbers(database, job.job_id, kind, after + NAMED + 1)[after:]
    return ", ".join(numbers[:NAMED]) + (" …" if len(numbers) > NAMED else "")


def _apart(job: JobRecord, kind: FailureKind, database: Database, wording: Wording) -> list[tuple[str, str]]:
    """The rows of one kind of failure; where its sentences differ, the first ones, each with its place."""
    examples = _examples(job, kind, database)
    if _are_alike(examples):
        where, what, first = _group(job, kind, examples, database, wording)
        return [_advised((where, what), first, wording)]
    shown = examples[:EXAMPLES]
    rows = [_advised((_where(each, each.number, wording), wording.explained(each)), each, wording) for each in shown]
    rest = kind.times - sum(each.times for each in shown)
    others = _named(job, kind, database, len(shown)) if _of_documents(kind) else ""
    like = f"like it: {others}" if others else f"like it, up to {wording.place(kind.last_line)}"
    return rows + ([(f"{rest:,} more", like)] if rest > 0 else [])


def _are_alike(examples: list[FailureRecord]) -> bool:
    """Whether failures can share a sentence: their details differ only in the value, and in what depends on it. Where
    they are of no field and no value, nothing does: rows of other widths are torn in other ways.
    """
    telling = [
        {name: value for name, value in each.detail.items() if name in TELLING or (alone and name != "value")}
        for each in examples
        for alone in [not each.field and each.value is None]
    ]
    return all(each == telling[0] for each in telling)


def _value(example: FailureRecord) -> str:
    """The value of an example: as sent, or from its details."""
    return quoted(example.value) if example.value is not None else str(example.detail.get("value", ""))


def _not_taken(job: JobRecord, database: Database, wording: Wording) -> Iterator[str]:
    became = queries.became(database, job.job_id)
    rows: list[tuple[str, str]] = []
    more = False
    for verdict in verdicts(job, database):
        more = len(rows) == DOCUMENTS
        if more:
            break
        outcome = verdict.outcome
        rows.append((outcome.number or "(no number)", document_in_words(verdict, became.get(outcome.line))))
    every = queries.outcomes_count(database, job.job_id)
    if rows:
        yield f"On hold, or imported without some lines ({every:,}):"
        yield from _columns(rows)
    if more:
        yield f"  … and {every - len(rows):,} more: crossdock report {public_id(job.job_id) or 'JOB'} --format csv"
    fixed = fixed_since(job, database, became)
    if fixed:
        by = f", by job {', '.join(fixed['jobs'])}" if fixed["jobs"] else ""
        yield "Sent back since as fix-workbooks:"
        yield f"  {fixed['in']:,} of {every:,} documents are in now{by}"


def document_in_words(verdict: DocumentVerdict, since: tuple[str, bool] | None) -> str:
    """A document that is on hold or not whole: where its failures are, or why it is held; what happened to it since."""
    outcome, wording = verdict.outcome, verdict.wording
    places = list(dict.fromkeys(wording.where(each) for each in verdict.errors))
    state = "; ".join(places[:PLACES]) + (f" and {len(places) - PLACES:,} more" if len(places) > PLACES else "")
    if outcome.hold_code:
        state = wording.held(outcome)
    if outcome.ended == CHECKED:
        state = f"only checked: {state}"
    elif outcome.taken:
        state = f"imported without {state}"
    job, taken = since or ("", False)
    now = f" → {'in since' if taken else 'sent again and still not in,'} job {job}" if job else ""
    if not job and outcome.ended_by:  # another file has brought it, or somebody has given it up
        now = f" → {outcome.ended} by {outcome.ended_by}"
    return f"{state}{now}"
