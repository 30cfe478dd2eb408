"""Commands that look at what ran: jobs, report."""

from __future__ import annotations

import json as json_
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crossdock import app, exits
from crossdock.cli import terminal
from crossdock.cli.importing import Url
from crossdock.scratch import pieces_of, scratch_folder, spooled
from crossdock.times import clock, dated

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from crossdock.database import Database
    from crossdock.model.job import JobRecord, WorkerRecord
    from crossdock.settings import Settings

SHOWN = 50
FOLLOW_SECONDS = 1.0


class Form(StrEnum):
    """How a job is reported."""

    ACK = "ack"
    JSON = "json"
    TEXT = "text"
    CSV = "csv"
    XLSX = "xlsx"
    EDI = "edi"


def _known(database: Database, job: str) -> JobRecord:
    from crossdock.jobs import queries

    record = queries.find(database, job)
    if record is None:
        raise exits.Usage(f"there is no job {job}; 'crossdock jobs' lists those there are")
    return record


def jobs(
    job: Annotated[str | None, typer.Argument(help="One job in detail.")] = None,
    database: Url = None,
    json: Annotated[bool, typer.Option("--json", help="One object a line.")] = False,
    follow: Annotated[bool, typer.Option("--follow", help="What runs, again and again, until Ctrl-C.")] = False,
) -> None:
    """What ran, newest first: result, documents in and not taken, lines read; one job in detail."""
    from crossdock.database import open_read_only
    from crossdock.jobs import queries
    from crossdock.reports.text import text

    settings = app.read_settings(database_url=database)
    if follow:
        _follow(settings, job)
        return
    opened = open_read_only(settings.url)
    if opened is None:
        if job:
            raise exits.Usage("nothing was imported yet")
        if not json:
            typer.echo("nothing was imported yet" + (f": there is no database at {database}" if database else ""))
        return
    records = [_known(opened, job)] if job else queries.recent(opened, SHOWN)
    if json:
        for record in records:
            typer.echo(json_.dumps(_as_json(record), ensure_ascii=False))
    elif job:
        terminal.lines(text(records[0], opened))
        terminal.lines(_answered(records[0], opened))
    else:
        headings = ("Received", "Job", "Result", "Drop", "Imported", "On hold", "Lines")
        shown = (_shown(record, settings.zone_info) for record in records)
        terminal.table(
            headings, shown, flexible="Drop", right=("Imported", "On hold", "Lines"), dispensable=("Received", "Lines")
        )
    opened.close()


def _answered(job: JobRecord, opened: Database) -> Iterator[str]:
    """The standard answers of a job, a line each."""
    from crossdock.delivery import standard_answers

    answers = standard_answers.of_job(opened, job.job_id)
    if answers:
        yield f"Answers in the standard ({len(answers)}):"
        yield from (f"  {each.name}  {each.state}{each.remark}" for each in answers)


def _follow(settings: Settings, job: str | None) -> None:
    """The jobs that run, each with its pace and its worker's last sign of life; those that end, once; until Ctrl-C.

    One job is followed to its end.
    """
    from crossdock.database import connect
    from crossdock.jobs import leases, queries
    from crossdock.reports.text import line

    opened, shown_lines, zone = connect(settings.url), dict[str, str](), settings.zone_info
    if job:
        _known(opened, job)
    while True:
        workers = {worker.job_id: worker for worker in leases.workers(opened) if worker.job_id}
        records = [queries.find(opened, each) for each in {*workers, *shown_lines, *([job] if job else [])}]
        for record in sorted((each for each in records if each is not None), key=lambda each: each.sequence):
            now = line(record.report) if record.verdict else _moving(record, workers.get(record.job_id), zone)
            if job in (None, record.job_id) and shown_lines.get(record.job_id) != now:
                typer.echo(now)
                shown_lines[record.job_id] = now
            if record.verdict:
                shown_lines.pop(record.job_id, None)
            if job == record.job_id and record.verdict:
                raise typer.Exit(record.report.exit_code)
        time.sleep(FOLLOW_SECONDS)


def _moving(job: JobRecord, worker: WorkerRecord | None, zone: ZoneInfo) -> str:
    from crossdock.reports.overview_text import pace

    if worker is None:
        return f"{job.job_id}  {job.name}: {job.parked or job.said or 'waits for a worker'}"
    now = datetime.now(UTC)
    seen = clock(worker.seen_at, zone, now, seconds=True)
    return f"{job.job_id}  {job.name}: {pace(job, now, zone)}, by {worker.name}, last sign of life {seen}"


def _shown(job: JobRecord, zone: ZoneInfo) -> tuple[str, ...]:
    from crossdock.reports.text import headline

    return (
        dated(job.received_at, zone),
        job.job_id,
        headline(job.report),
        job.name,
        f"{job.documents.all:,}",
        f"{job.failing:,}",
        f"{job.books.read:,}",
    )


def _as_json(job: JobRecord) -> dict[str, Any]:
    from crossdock.model.report import BUCKETS, COUNTED

    return {
        "jobId": job.job_id,
        "name": job.name,
        "feed": job.feed_name or None,
        "status": job.status,
        "verdict": job.verdict,
        "refused": job.refused,
        "repeats": job.repeats,
        "fixes": job.fixes,
        "earlier": job.earlier,
        "parent": job.parent,
        "progress": {"processed": job.processed, "total": job.total},
        "rate": job.rate,
        "estimatedEnd": job.estimated_end.isoformat() if job.estimated_end and not job.verdict else None,
        "parked": job.parked,
        "alert": job.alert,
        "documents": {name: getattr(job.documents, name) for name in COUNTED} | {"failing": job.failing},
        "lines": {name: getattr(job.lines, name) for name in COUNTED},
        "books": {name: getattr(job.books, name) for name in BUCKETS},
        "receivedAt": job.received_at.isoformat(),
        "finishedAt": job.finished_at.isoformat() if job.finished_at else None,
    }


def report(
    job: Annotated[str, typer.Argument(help="The job's id.")],
    form: Annotated[
        Form,
        typer.Option(
            "--format",
            help="ack: the partner's answer; json: everything; csv: a row a failure; xlsx: the fix-workbook; text; "
            "edi: the answers in the standard of its interchange.",
        ),
    ] = Form.TEXT,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="A file instead of standard output.")] = None,
    database: Url = None,
) -> None:
    """The report of a job."""
    from crossdock.database import open_read_only

    terminal.target(output)
    settings = app.read_settings(database_url=database)
    opened = open_read_only(settings.url)
    if opened is None:
        raise exits.Usage("nothing was imported yet")
    record = _known(opened, job)
    if form is Form.XLSX:
        _workbook(record, opened, output, settings.zone_info)
    elif form is Form.EDI:
        _standard(record, opened, output, settings.home)
    else:
        pieces = _PIECES[form](record, opened)
        if output is None:
            terminal.echo(pieces)
        else:
            with output.open("w", encoding="utf-8", newline="") as file:
                file.writelines(pieces)
    opened.close()


def _workbook(job: JobRecord, opened: Database, output: Path | None, zone: ZoneInfo) -> None:
    from crossdock.delivery.answer_files import base, write_fix_workbook
    from crossdock.intake.files import write_atomically

    if output is None and sys.stdout.isatty():
        raise exits.Usage(f"a workbook is nothing for a terminal: add -o {base(job)}.fix.xlsx")
    with scratch_folder() as folder:
        path = output or folder / "fix.xlsx"
        if not write_atomically(path, lambda unfinished: write_fix_workbook(job, opened, unfinished, zone)):
            raise exits.Usage(f"job {job.job_id} has no fix-workbook: {_why_none(job, opened)}")
        if output is None:
            sys.stdout.buffer.write(path.read_bytes())


def _why_none(job: JobRecord, opened: Database) -> str:
    from crossdock.jobs import queries

    if job.refused:
        return job.refused
    short = queries.outcomes_count(opened, job.job_id)
    return "what is on hold fits into none; --format csv names it" if short else "every document is imported"


def _acks(job: JobRecord, opened: Database) -> Iterator[str]:
    from crossdock.reports import acknowledgement

    for answer in acknowledgement.answers(job, opened):
        yield from acknowledgement.body(job, answer, opened)
        yield "\n"


def _standard(job: JobRecord, opened: Database, output: Path | None, home: Path) -> None:
    """Write the standard answers of a job, one after the other."""
    from crossdock.delivery import standard_answers
    from crossdock.reports.edi.answered_orders import FileGone

    answers = standard_answers.of_job(opened, job.job_id)
    if not answers:
        raise exits.Usage(f"job {job.job_id} has no answer in the standard of an interchange")
    try:
        spool = spooled(
            piece for each in answers for piece in standard_answers.written(home, opened, each.answer.outbox).pieces
        )
    except FileGone as error:
        raise exits.Usage(f"an answer of job {job.job_id} can't be made again: {error}") from error
    if output is None:
        sys.stdout.buffer.writelines(pieces_of(spool))
    else:
        with output.open("wb") as file:
            file.writelines(pieces_of(spool))


def _json(job: JobRecord, opened: Database) -> Iterator[str]:
    from crossdock.reports.detailed import detailed

    return detailed(job, opened)


def _csv(job: JobRecord, opened: Database) -> Iterator[str]:
    from crossdock.reports.failure_list import failure_list

    return failure_list(job, opened)


def _text(job: JobRecord, opened: Database) -> Iterator[str]:
    from crossdock.reports.text import text

    return (line + "\n" for line in text(job, opened))


_PIECES = {Form.ACK: _acks, Form.JSON: _json, Form.CSV: _csv, Form.TEXT: _text}
