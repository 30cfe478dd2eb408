"""The overview in words: for the terminal, and as the summary of a night in Prefect."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from crossdock.database.outbox import GIVEN_UP
from crossdock.database.overview import Overview

HEADINGS = ("Partner", "In", "Failed", "Drops", "Refused", "Waiting", "Running", "Last drop")
NUMBERS = HEADINGS[1:7]
WORKERS = "Workers"


def rows(found: Overview, when: Callable[[datetime, datetime], str]) -> list[tuple[str, ...]]:
    """A row a partner; ``when`` says when its last drop came (from now, then)."""
    return [
        (
            each.partner or "(unknown)",
            f"{each.documents:,}",
            f"{each.failed:,}",
            f"{each.drops:,}",
            f"{each.rejected:,}",
            f"{each.waiting:,}",
            f"{each.running:,}",
            f"{each.last}, {when(found.now, each.last_at)}" if each.last_at else "",
        )
        for each in found.partners
    ]


def at(now: datetime, then: datetime) -> str:
    """A time as a page keeps it, which is read later than it was written."""
    return f"{then:%H:%M}Z" if now - then < timedelta(hours=24) else f"{then:%Y-%m-%d %H:%M}Z"


def remarks(found: Overview) -> Iterator[tuple[str, list[str]]]:
    """What else there is to say, each under its heading: first what needs somebody."""
    told = {
        "Stalled": [f"{row.job_id}  {row.name}: {why}" for row, why in found.stalled],
        "Set aside, until somebody says 'crossdock resume JOB'": [
            f"{row.job_id}  {row.name}: {row.parked}" for row in found.parked
        ],
        "Alerts": [f"{row.job_id}  {row.name}: {row.alert}" for row in found.alerts],
        "Answers that have not gone out": _unsent(found),
        "Tried again soon": [
            f"{row.job_id}  {row.name}: {row.said}, at {row.not_before:%H:%M:%S}Z" for row in found.put_off
        ],
        "Imported, and not filed yet": [f"{row.job_id}  {row.name}: {row.said or 'waits'}" for row in found.unfiled],
        "Running": [f"{row.job_id}  {row.name}: {pace(row, found.now)}" for row in found.running],
        "In the drop folders": [f"{row.path}, {ago(found.now, row.first_seen_at)}" for row in found.files],
        WORKERS: [
            f"{row.name}, {row.kind}" + (f", at {row.drop}" if row.drop else ", idle")
            + f", last sign of life {_seconds(found.now - row.seen_at)} ago"
            for row in found.workers
        ],
    }  # fmt: skip
    yield from ((heading, lines) for heading, lines in told.items() if lines)


def _unsent(found: Overview) -> list[str]:
    grouped: dict[tuple[str, str, bool], list[Any]] = {}
    for row in found.unsent:
        grouped.setdefault((row.partner, row.channel, row.ended == GIVEN_UP), []).append(row)
    told = []
    for (partner, channel, given_up), of_line in grouped.items():
        first = of_line[0]
        what = f"{len(of_line):,} by {channel} to {partner}, the first {ago(found.now, first.queued_at)}"
        after = f"; {first.attempts} attempts: {first.said}" if first.attempts else ""
        told.append(what + (" and given up" if given_up else "") + after)
    return told


def pace(row: Any, now: datetime) -> str:
    """How a job gets on: documents, rate, estimated end."""
    if not row.total:
        return "reading"
    said = f"{row.processed:,} of {row.total:,} documents"
    if row.rate:
        said += f", {row.rate:,.0f} a second"
    if row.estimated_end and row.estimated_end > now:
        said += f", done about {row.estimated_end:%H:%M:%S}Z"
    return said


def ago(now: datetime, then: datetime) -> str:
    """How long ago, as people say it."""
    minutes = int((now - then).total_seconds()) // 60
    if minutes < 1:
        return "just now"
    if minutes < 120:
        return f"{minutes} min ago"
    return f"{minutes // 60} h ago" if minutes < 48 * 60 else f"{minutes // (24 * 60)} d ago"


def _seconds(span: timedelta) -> str:
    return f"{max(int(span.total_seconds()), 0)} s"
