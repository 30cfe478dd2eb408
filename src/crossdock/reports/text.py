"""A job in full, as text for the person who reads it at six in the morning.

It is read from the job's tables and written line by line, at any length; like failures are grouped, totals are exact.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from crossdock.database import Database
from crossdock.failures.sentences import on_one_line
from crossdock.jobs import interchanges, queries
from crossdock.model.job import CHECKED, FailureKind, FailureRecord, JobRecord, public_id
from crossdock.model.report import BUCKETS, COUNTED, Counts, Report
from crossdock.registers import confirmations
from crossdock.reports.detailed import fixed_since
from crossdock.reports.document_verdict import DocumentVerdict, verdicts
from crossdock.reports.kinds import EXAMPLES, Kinds, are_alike, of_documents, placed
from crossdock.reports.wording import Wording, wording_of

KINDS = 40
"""How many groups of failures the text shows."""
DOCUMENTS = 20
"""How many documents that were not taken the text names."""
PLACES = 4
"""How many places of a document the text names."""
WIDTH = 100
"""The longest line of the text, in characters."""
LEFT = 34
"""Characters of the first column; a longer text has a line of its own."""


def text(job: JobRecord, database: Database, kinds: Kinds | None = None) -> Iterator[str]:
    """The report for people, line by line, none longer than ``WIDTH``. ``kinds``: of its failures, if they are read."""
    wording, kinds = wording_of(job), kinds or Kinds(job, database)
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
            shown = kinds.of(severity)[:KINDS]
            yield from _columns([each for kind in shown for each in _apart(kind, kinds, wording)])
            if len(shown) == KINDS:
                yield f"  … and perhaps more: crossdock report {public_id(job.job_id) or 'JOB'} --format json"
    if not job.whole:
        yield from _not_taken(job, database, wording)


def _advised(row: tuple[str, str], failure: FailureRecord, wording: Wording) -> tuple[str, str]:
    """A row with the setting that would help: the operator could set it, a partner could not."""
    setting = wording.setting(failure)
    return (row[0], f"{row[1]} [or in the TOML: {setting}]") if setting else row


def _apart(kind: FailureKind, kinds: Kinds, wording: Wording) -> list[tuple[str, str]]:
    """The rows of one kind of failure; where its sentences differ, the first ones, each with its place."""
    examples = kinds.examples(kind)
    if are_alike(examples):
        where, what, first = kinds.grouped(kind)
        return [_advised((where, what), first, wording)]
    shown = examples[:EXAMPLES]
    rows = [_advised((placed(each, each.number, wording), wording.explained(each)), each, wording) for each in shown]
    rest = kind.times - sum(each.times for each in shown)
    others = kinds.named(kind, len(shown)) if of_documents(kind) else ""
    like = f"like it: {others}" if others else f"like it, up to {wording.place(kind.last_line)}"
    return rows + ([(f"{rest:,} more", like)] if rest > 0 else [])


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
