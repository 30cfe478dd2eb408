"""What the flows show of an import: progress while it runs; afterwards a summary, a table of failures, a state.

Prefect's artifact functions are typed as maybe-coroutines; in a synchronous flow they are not. Artifacts stay small
(over 1.5 MB the page crawls): failures are grouped, with true totals, and the full report is named.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx
from prefect import get_run_logger, runtime
from prefect.artifacts import (
    create_link_artifact,
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State
from prefect.exceptions import PrefectException
from prefect.states import Cancelled, Completed, Crashed, Failed

from crossdock.database import Database
from crossdock.delivery.answer_files import base, shelf
from crossdock.delivery.morning import Morning
from crossdock.flows.at_work import cancelled, run_id, why_aside
from crossdock.jobs import queries
from crossdock.jobs.leases import Acquired
from crossdock.logs import LOG
from crossdock.model.job import JobRecord
from crossdock.model.report import COUNTED, Progress, Report
from crossdock.model.status import Verdict
from crossdock.partners.partner_config import AT_ONCE
from crossdock.partners.registry import Partners
from crossdock.reports import text as full
from crossdock.reports.kinds import Kinds
from crossdock.reports.overview_text import HEADINGS, NUMBERS, WORKERS, pace, rows
from crossdock.reports.wording import wording_of
from crossdock.site import Site
from crossdock.times import clock, dated

SECONDS_BETWEEN_UPDATES = 1.0
MAX_ROWS = 1_000
"""Rows of a table; its totals are true all the same."""
SHOWN_KINDS = 8
"""Kinds of problems that a summary names."""
ENDS = {"put off": "Put off", "lost": "Overtaken", "stopped": "Stopped"}
"""The names of the states in which an attempt ends that brought no verdict; of a run the first one that fits."""
NAMED_PARTNERS = 3
"""How many partners the name of a run has."""
NAMED_DOCUMENTS = 3
"""How many documents a row of the failures has."""
PARTLY = "Partly failed"
MARKS = {Verdict.ACCEPTED: "✔", Verdict.PARTIAL: "⚠", Verdict.REJECTED: "✘", None: "…"}


def key(name: str) -> str:
    """A name as an artifact's key: lower case, digits and dashes."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:100] or "drop"


@contextmanager
def unhindered() -> Iterator[None]:
    """What is only shown may fail: a server that is away for a moment must not hold up an import."""
    try:
        yield
    except (httpx.HTTPError, PrefectException, OSError) as error:
        LOG.warning("Prefect could not be told: %s: %s", type(error).__name__, error)


def progress(site: Site, job: str, name: str) -> Callable[[Progress], None]:
    """A progress artifact that follows an import, at most one update a second: documents, rate, end, sign of life."""
    artifact: UUID | None = None
    last = 0.0
    with unhindered():
        artifact = cast(
            "UUID", create_progress_artifact(progress=0.0, key=f"progress-{key(name)}", description=_plain(name))
        )

    def watch(at: Progress) -> None:
        nonlocal last
        if artifact is None:
            return
        done = at.processed >= at.total
        now = time.monotonic()
        if done or now - last >= SECONDS_BETWEEN_UPDATES:
            last = now
            record, here = queries.find(site.database, job), datetime.now(UTC)
            documents = f"{at.processed:,} of {at.total:,} documents"
            state_of_job = pace(record, here, site.zone) if record is not None else documents
            percent = 100.0 * at.processed / at.total if at.total else 100.0
            seen = clock(here, site.zone, here, seconds=True)
            description = f"{_plain(name)}: {state_of_job}; last sign of life {seen}"
            with unhindered():
                update_progress_artifact(artifact, progress=percent, description=description)

    return watch


def goes_on(taken: Acquired, mine: str, zone: ZoneInfo) -> str | None:
    """Link a run with the one whose job it continues with, both ways, where that one died.

    ``zone``: whose clocks are shown. Returns why it must not continue, if somebody had cancelled that one; else None.
    """
    left = taken.left
    if left is None or not left.run or left.run == mine:
        return None
    name = taken.row.name
    with get_client(sync_client=True) as client:
        before = client.read_flow_run(UUID(left.run))
        aside = cancelled(before)
        if aside:
            if before.state is not None and before.state.is_cancelling():
                client.set_flow_run_state(before.id, Cancelled(message="it was killed before it could stop"))
            return aside
        if before.state is None or before.state.is_crashed() or not before.state.is_final():
            since = clock(left.seen_at, zone, datetime.now(UTC), seconds=True)
            message = f"no sign of life since {since}; {name} (job {taken.lease.job}) continues in "
            state: State[Any] = Crashed(message=message + str(runtime.flow_run.ui_url))
            client.set_flow_run_state(before.id, state, force=True)
    create_link_artifact(
        link=(runtime.flow_run.ui_url or "").replace(mine, left.run),
        link_text=before.name,
        key=f"goes-on-{key(name)}",
        description=f"{_plain(name)} continues here after its last committed batch: the run {before.name} left it",
    )
    get_run_logger().warning("%s continues here: the run %s (%s) left it", name, before.name, left.run)
    return None


def name_run(partners: list[str]) -> None:
    """Let the name of this run begin with its partners, and tag it with each of them."""
    more = len(partners) - NAMED_PARTNERS
    named = ", ".join(partners[:NAMED_PARTNERS]) + (f" and {more} more" if more > 0 else "")
    tags = [*runtime.flow_run.tags, *partners]
    with get_client(sync_client=True) as client:
        client.update_flow_run(UUID(run_id()), name=f"{named}: {runtime.flow_run.name}", tags=tags)


def picked_up(partners: Partners) -> list[str]:
    """The partners whose files are picked up as they come; those of the others wait for the night."""
    return [each.id for each in partners.by_id.values() if each.pick_up == AT_ONCE]


def summary(report: Report, database: Database, home: Path) -> None:
    """What a manager wants to know, and what is wrong, grouped."""
    job = queries.find(database, report.job)
    if job is None:
        return
    kinds = Kinds(job, database)
    create_markdown_artifact("\n".join(_page(job, report, database, kinds, home)), key=f"report-{key(report.name)}",
                             description=f"{_plain(report.name)}: {full.headline(report)}")  # fmt: skip
    table = list(_failures(job, database, kinds))
    if table:
        total = sum(queries.totals(database, report.job).values())
        shown = f"{total:,} in all" + (f", the {MAX_ROWS:,} most frequent kinds" if len(table) == MAX_ROWS else "")
        create_table_artifact(table, key=f"failures-{key(report.name)}", description=f"{_plain(report.name)}: {shown}")


def _page(job: JobRecord, report: Report, database: Database, kinds: Kinds, home: Path) -> Iterator[str]:
    wording = wording_of(job)
    noun = wording.document.title.lower() + "s" if wording.document else "documents"
    processed = report.progress.processed
    yield f"# {MARKS[report.verdict]} {_plain(report.name)}: {full.headline(report)}\n"
    if report.refused:
        yield f"The file is rejected, nothing of it is imported: **{_plain(report.refused)}**\n"
    else:
        yield f"**{processed - report.failing:,} of {processed:,} {noun} are imported" + (
            f", {report.failing:,} are on hold.**\n" if report.failing else ".**\n"
        )
        short = queries.outcomes_count(database, job.job_id) - report.failing
        if short:
            yield f"{short:,} of them are imported without some of their lines.\n"
        yield "| | " + " | ".join(COUNTED) + " | on hold |"
        yield "|---" * (len(COUNTED) + 2) + "|"
        for name, counts, failing in ((noun, report.documents, f"{report.failing:,}"), ("lines", report.lines, "")):
            yield f"| {name} | " + " | ".join(f"{getattr(counts, each):,}" for each in COUNTED) + f" | {failing} |"
        yield f"\nEvery line accounted for: {full.books(report)}.\n"
    shown = kinds.of("error")[:SHOWN_KINDS]
    if shown:
        yield "## Most often wrong\n"
        for kind in shown:
            where, what, _ = kinds.grouped(kind)
            yield f"- **{kind.times:,} ×** {_plain(what)} ({_plain(where)})"
        yield ""
    yield "## Where\n"
    yield f"- job `{job.job_id}`" + (f", fixes `{job.fixes}`" if job.fixes else "") + f", feed `{report.feed or '–'}`"
    yield f"- reports, on the worker: {_plain(str(shelf(home, job)))}"
    fix = shelf(home, job) / f"{base(job)}.fix.xlsx"
    if fix.exists():
        yield f"- fix-workbook for the partner: {_plain(fix.name)}, there and in `outbox/{job.partner}/`"
    yield f"- `crossdock report {job.job_id}`"


def _plain(text: str) -> str:
    """Text of a partner's that Markdown doesn't take for its own."""
    return re.sub(r"([\\`*_{}\[\]<>#|~])", r"\\\1", text)


def _failures(job: JobRecord, database: Database, kinds: Kinds) -> Iterator[dict[str, Any]]:
    """The failures grouped by column and code, the most frequent first."""
    wording = wording_of(job)
    for kind in [*kinds.of("error"), *kinds.of("warning")][:MAX_ROWS]:
        where, what, _ = kinds.grouped(kind)
        numbers = queries.numbers(database, job.job_id, kind, NAMED_DOCUMENTS + 1)
        yield {
            "times": kind.times,
            "document": ", ".join(numbers[:NAMED_DOCUMENTS]) + (" …" if len(numbers) > NAMED_DOCUMENTS else ""),
            "where": where,
            "message": what,
            "effect": "keeps it out" if kind.severity == "error" else "worth knowing",
            "column": wording.column(kind.field, kind.line) if kind.field else "",
            "code": kind.code,
        }


def overview(reports: list[Report], unfinished: list[str]) -> None:
    """What a run over the inbox did, a row a drop; then what did not end."""
    if not reports and not unfinished:
        return
    lines = ["| drop | result | imported | on hold | lines |", "|---|---|---:|---:|---:|"]
    lines += [
        f"| {_plain(each.name)} | {MARKS[each.verdict]} {full.headline(each)} | "
        f"{each.progress.processed - each.failing:,} | {each.failing:,} | {each.books.read:,} |"
        for each in reports[:MAX_ROWS]
    ]
    documents = sum(each.progress.processed - each.failing for each in reports)
    failing = sum(each.failing for each in reports)
    head = f"# {len(reports):,} drops: {documents:,} documents are in, {failing:,} are not\n"
    if unfinished:
        lines += ["\n## Not ended here; they continue\n", *(f"- {_plain(each)}" for each in unfinished)]
    create_markdown_artifact("\n".join([head, *lines]), key="inbox", description=f"{len(reports):,} drops")


def night(state: Morning) -> None:
    """The last day on one page: one row per partner, then what needs somebody. The same as ``crossdock status``."""
    last_day = state.overview
    names = ("sent", "imported", "on_hold")
    sent, imported, held = (sum(getattr(each.documents, name) for each in last_day.partners) for name in names)
    since = dated(last_day.since, last_day.zone)
    lines = [
        f"# {imported:,} of {sent:,} documents are in, {held:,} are on hold\n",
        f"Since {since}, as of now.\n",
    ]
    lines += ["| " + " | ".join(HEADINGS) + " |", "|---" + "|---:" * len(NUMBERS) + "|---|"]
    lines += ["| " + " | ".join(map(_plain, row)) + " |" for row in rows(last_day, read_later=True)]
    for heading, sentences in state.remarks:
        if heading == WORKERS:  # those of last night are no news in the morning
            continue
        lines += [f"\n## {_plain(heading)}\n", *(f"- {_plain(each)}" for each in sentences[:MAX_ROWS])]
    create_markdown_artifact("\n".join(lines), key="night", description=f"{imported:,} in, {held:,} on hold")


def state(reports: list[Report], message: str) -> State[Any]:
    """How a run ends, or a task, which has one drop: Completed, Completed as "Partly failed", or Failed.

    Failed only where every drop was rejected: a refused file doesn't paint the other partners of a run red, its own
    task does.
    """
    verdicts = {report.verdict for report in reports}
    if verdicts == {Verdict.REJECTED}:
        return Failed(message=message)
    if verdicts & {Verdict.PARTIAL, Verdict.REJECTED}:
        return Completed(name=PARTLY, message=message)
    return Completed(message=message)


def unfinished(how: str, message: str) -> State[Any]:
    """How an attempt ends that brought no verdict; ``how``: one of ``ENDS``.

    A run that is stopped because its worker ends is Completed, another continues; Cancelled is what somebody cancels.
    """
    if how != "stopped":
        return Failed(name=ENDS[how], message=message)
    return Cancelled(message=message) if why_aside() else Completed(name=ENDS[how], message=message)
