"""The overview in words: for the terminal, and as the summary of a night in Prefect."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from crossdock.jobs.answer_queue import GIVEN_UP
from crossdock.jobs.overview import Overview
from crossdock.model.job import FAILS, SETTLES, STRAYS, ArrivalRecord, JobRecord, QueuedAnswer
from crossdock.times import clock

HEADINGS = ("Partner", "Sent", "Imported", "On hold", "Drops", "Rejected", "Waiting", "Running", "Last drop")
NUMBERS = HEADINGS[1:8]
WORKERS = "Workers"
MOST_FILES = 100
"""Files in the drop folders that are named under one heading."""
STALLED = "Stalled"
SET_ASIDE = "Set aside, until somebody says 'crossdock resume JOB'"
STUCK = "Ended the same way again and again; what depends on it waits"
SOON = "Tried again soon; at once after 'crossdock resume JOB'"
UNFILED = "Imported, and not filed yet"
NOT_DONE = (STALLED, SET_ASIDE, STUCK, SOON, UNFILED)
"""Headings: jobs that came and are not done, and that no worker has now."""
FAILING = "Can't be read, or not be taken"
ON_HOLD = "On hold ({:,}), the newest first"
REJECTED = "Rejected, and not in since ({:,}), the newest first"


def rows(overview: Overview, *, read_later: bool = False) -> list[tuple[str, ...]]:
    """One row per partner, with the columns of ``HEADINGS``. ``read_later``: the time of its last drop, not its age."""

    def when(then: datetime) -> str:
        return clock(then, overview.zone, overview.now) if read_later else ago(overview.now, then)

    return [
        (
            each.partner or "(unknown)",
            f"{each.documents.sent:,}",
            f"{each.documents.imported:,}",
            f"{each.documents.on_hold:,}",
            f"{each.drops:,}",
            f"{each.documents.rejected:,}",
            f"{each.waiting:,}",
            f"{each.running:,}",
            f"{each.last}, {when(each.last_at)}" if each.last_at else "",
        )
        for each in overview.partners
    ]


def waits(file: ArrivalRecord, now: datetime, zone: ZoneInfo) -> str:
    """What is in a drop folder, with the reason why it is not taken."""
    left = math.ceil((file.until - now).total_seconds()) if file.until is not None else 0
    if file.kind == FAILS:
        return f"{file.path} {file.said}" + (f"; it is tried again in {left} s" if left > 0 else "")
    if file.kind == STRAYS:
        return f"{file.path} {file.said}, and lies there since {clock(file.first_seen_at, zone, now)}"
    if file.kind == SETTLES and left > 0:
        return f"{file.path} settles for {left} s more"
    return f"{file.path} {file.said or 'waits to be taken'} since {clock(file.first_seen_at, zone, now)}"


def all_that_wait(files: Sequence[ArrivalRecord], now: datetime, zone: ZoneInfo) -> list[str]:
    """What is in the drop folders, a line each; of very many only those that wait longest."""
    more = len(files) - MOST_FILES
    return [waits(file, now, zone) for file in files[:MOST_FILES]] + ([f"and {more:,} more"] if more > 0 else [])


def remarks(
    overview: Overview, mistakes: Sequence[str] = (), workbooks: Mapping[str, str] | None = None
) -> Iterator[tuple[str, Sequence[str]]]:
    """Everything else, as headings with their lines: first what needs a person, last ``mistakes``.

    ``mistakes``: in the TOML of partners that are paused for them (``Partners.mistakes``). ``workbooks``: job → where
    its fix-workbook is (``answer_files.workbooks``).
    """
    sections: dict[str, Sequence[str]] = {
        STALLED: [
            f"{each.job.job_id}  {each.job.name}: {each.why}"
            + (f" since {clock(each.since, overview.zone, overview.now)}" if each.since else "")
            for each in overview.stalled
        ],
        SET_ASIDE: [f"{job.job_id}  {job.name}: {job.parked}" for job in overview.parked],
        STUCK: [
            f"{job.job_id}  {job.name}: {job.said} ({job.outages} ×), again {_next(job, overview)}"
            for job in overview.stuck
        ],
        FAILING: all_that_wait(overview.failing, overview.now, overview.zone),
        ON_HOLD.format(overview.on_hold[0]): _held(overview, workbooks or {}),
        REJECTED.format(overview.on_hold[1]): _rejected(overview),
        "Alerts": [f"{job.job_id}  {job.name}: {job.alert}" for job in overview.alerts],
        "Answers that partners refuse": [
            f"{each.job}  {each.partner}: {each.sentence}" for each in overview.confirmations if each.is_refused
        ],
        "What partners say of answers": list(_confirmed(overview)),
        "Numbers of interchanges": [f"{each.job}  {each.partner}: {each.sentence}" for each in overview.steps],
        "Answers that have not gone out": _unsent(overview),
        SOON: [f"{job.job_id}  {job.name}: {job.said}, {_next(job, overview)}" for job in overview.put_off],
        UNFILED: [f"{job.job_id}  {job.name}: {job.said or 'waits'}" for job in overview.unfiled],
        "Running": [f"{job.job_id}  {job.name}: {pace(job, overview.now, overview.zone)}" for job in overview.running],
        "In the drop folders": all_that_wait(
            [file for file in overview.files if file.kind != FAILS], overview.now, overview.zone
        ),
        WORKERS: [
            f"{worker.name}, {worker.kind}" + (f", at {worker.drop}" if worker.drop else ", idle")
            + f", last sign of life {_seconds(overview.now - worker.seen_at)} ago"
            for worker in overview.workers
        ],
        "Paused for a mistake in the partner's TOML": mistakes,
    }  # fmt: skip
    yield from ((heading, lines) for heading, lines in sections.items() if lines)


def not_done(overview: Overview) -> list[tuple[str, Sequence[str]]]:
    """Of the remarks those about jobs that came and are not done, and that no worker has now."""
    return [(heading, lines) for heading, lines in remarks(overview) if heading in NOT_DONE]


def _confirmed(overview: Overview) -> Iterator[str]:
    """A line a partner: how many answers it confirmed and refused, and what it says of numbers that we never sent."""
    for partner in sorted({each.partner for each in overview.confirmations}):
        own = [each for each in overview.confirmations if each.partner == partner]
        known = [each for each in own if each.is_known]
        counts = {"confirmed": sum(not each.is_refused for each in known),
                  "refused": sum(each.is_refused for each in known),
                  "about numbers that we never sent": len(own) - len(known)}  # fmt: skip
        yield f"{partner}: " + ", ".join(f"{count:,} {word}" for word, count in counts.items() if count)


def _held(overview: Overview, workbooks: Mapping[str, str]) -> list[str]:
    """The newest jobs with documents on hold: whose, which, and where they can be corrected."""
    sentences = []
    for each in overview.held:
        job, more = each.job, each.documents - len(each.numbers)
        named = ", ".join(number or "(no number)" for number in each.numbers) + (f" and {more:,} more" if more else "")
        workbook = workbooks.get(job.job_id)
        to_correct = f"; fix-workbook: {workbook}" if workbook else f"; 'crossdock report {job.job_id}' says why"
        sentences.append(f"{job.job_id}  {job.partner}, {job.name}: {named}{to_correct}")
    more = overview.on_hold[0] - sum(each.documents for each in overview.held)
    return [*sentences, *([f"and {more:,} more: 'crossdock open'"] if more else [])]


def _rejected(overview: Overview) -> list[str]:
    sentences = [f"{job.job_id}  {job.partner or '(unknown)'}, {job.name}: {job.refused}" for job in overview.rejected]
    more = overview.on_hold[1] - len(sentences)
    return [*sentences, *([f"and {more:,} more: 'crossdock open'"] if more else [])]


def _unsent(overview: Overview) -> list[str]:
    grouped: dict[tuple[str, str, bool], list[QueuedAnswer]] = {}
    for answer in overview.unsent:
        grouped.setdefault((answer.partner, answer.channel, answer.ended == GIVEN_UP), []).append(answer)
    sentences = []
    for (partner, channel, given_up), of_line in grouped.items():
        first = of_line[0]
        what = f"{len(of_line):,} by {channel} to {partner}, the first {ago(overview.now, first.queued_at)}"
        after = f"; {first.attempts} attempts: {first.said}" if first.attempts else ""
        sentences.append(what + (" and given up" if given_up else "") + after)
    return sentences


def _next(job: JobRecord, overview: Overview) -> str:
    """When a job is tried again."""
    return f"at {clock(job.not_before, overview.zone, overview.now, seconds=True)}" if job.not_before else "soon"


def pace(job: JobRecord, now: datetime, zone: ZoneInfo) -> str:
    """The progress of a job: documents, documents per second, estimated end as in ``zone``."""
    if not job.total:
        return "reading"
    sentence = f"{job.processed:,} of {job.total:,} documents"
    if job.rate:
        sentence += f", {job.rate:,.0f} a second"
    if job.estimated_end and job.estimated_end > now:
        sentence += f", done about {clock(job.estimated_end, zone, now, seconds=True)}"
    return sentence


def ago(now: datetime, then: datetime) -> str:
    """How long ago, in minutes, hours or days."""
    minutes = int((now - then).total_seconds()) // 60
    if minutes < 1:
        return "just now"
    if minutes < 120:
        return f"{minutes} min ago"
    return f"{minutes // 60} h ago" if minutes < 48 * 60 else f"{minutes // (24 * 60)} d ago"


def _seconds(span: timedelta) -> str:
    return f"{max(int(span.total_seconds()), 0)} s"
