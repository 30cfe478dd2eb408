"""Commands that look at what ran: jobs, report."""

from __future__ import annotations

import json as json_
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crossdock.cli import saying
from crossdock.cli.drops import Url

if TYPE_CHECKING:
    from crossdock.database import Database

SHOWN = 50
FOLLOW_SECONDS = 1.0


class Form(StrEnum):
    """How a job is reported."""

    ACK = "ack"
    JSON = "json"
    TEXT = "text"
    CSV = "csv"
    XLSX = "xlsx"


def _row(database: Database, job: str) -> Any:
    from crossdock.database import history

    row = history.find(database, job)
    if row is None:
        raise saying.Usage(f"there is no job {job}; 'crossdock jobs' lists those there are")
    return row


def jobs(
    job: Annotated[str | None, typer.Argument(help="One job in detail.")] = None,
    database: Url = None,
    json: Annotated[bool, typer.Option("--json", help="One object a line.")] = False,
    follow: Annotated[bool, typer.Option("--follow", help="What runs, again and again, until Ctrl-C.")] = False,
) -> None:
    """What ran, newest first: result, documents in and not taken, lines read; one job in detail."""
    from crossdock.database import history, look
    from crossdock.report import text

    if follow:
        _follow(saying.settings(database_url=database).url, job)
        return
    books = look(saying.settings(database_url=database).url)
    if books is None:
        if job:
            raise saying.Usage("nothing was imported yet")
        if not json:
            typer.echo("nothing was imported yet" + (f": there is no database at {database}" if database else ""))
        return
    rows = [_row(books, job)] if job else history.recent(books, SHOWN)
    if json:
        for row in rows:
            typer.echo(json_.dumps(_told(row), ensure_ascii=False))
    elif job:
        saying.lines(text(rows[0], books))
    else:
        headings = ("Received", "Job", "Result", "Drop", "In", "Not taken", "Lines")
        shown = (_shown(row) for row in rows)
        saying.table(
            headings, shown, flexible="Drop", right=("In", "Not taken", "Lines"), dispensable=("Received", "Lines")
        )
    books.close()


def _follow(url: str, job: str | None) -> None:
    """The jobs that run, each with its pace and its worker's last sign of life; those that end, once; until Ctrl-C.

    One job is followed to its end.
    """
    from crossdock.database import connect, history, leases

    books, said = connect(url), dict[str, str]()
    if job:
        _row(books, job)
    while True:
        workers = {row.job_id: row for row in leases.workers(books) if row.job_id}
        known = [history.find(books, each) for each in {*workers, *said, *([job] if job else [])}]
        for row in sorted((row for row in known if row is not None), key=lambda each: int(each.sequence)):
            told = saying.line(history.report(row)) if row.verdict else _moving(row, workers.get(row.job_id))
            if job in (None, row.job_id) and said.get(row.job_id) != told:
                typer.echo(told)
                said[row.job_id] = told
            if row.verdict:
                said.pop(row.job_id, None)
            if job == row.job_id and row.verdict:
                raise typer.Exit(history.report(row).exit_code)
        time.sleep(FOLLOW_SECONDS)


def _moving(row: Any, worker: Any) -> str:
    from crossdock.status import pace

    if worker is None:
        return f"{row.job_id}  {row.name}: {row.parked or row.said or 'waits for a worker'}"
    return (
        f"{row.job_id}  {row.name}: {pace(row, datetime.now(UTC))}, by {worker.name}, "
        f"last sign of life {worker.seen_at:%H:%M:%S}Z"
    )


def _shown(row: Any) -> tuple[str, ...]:
    from crossdock.database import history
    from crossdock.report import headline

    report = history.report(row)
    return (
        row.received_at.strftime("%Y-%m-%d %H:%MZ"),
        row.job_id,
        headline(report),
        row.name,
        f"{report.documents.all:,}",
        f"{report.failing:,}",
        f"{report.books.read:,}",
    )


def _told(row: Any) -> dict[str, Any]:
    from crossdock.database import history
    from crossdock.model import BUCKETS, COUNTED

    report = history.report(row)
    return {
        "jobId": row.job_id,
        "name": row.name,
        "feed": report.feed or None,
        "status": row.status,
        "verdict": row.verdict,
        "refused": row.refused,
        "repeats": row.repeats,
        "mends": row.mends,
        "earlier": row.earlier,
        "parent": row.parent,
        "progress": {"processed": row.processed, "total": row.total},
        "rate": row.rate,
        "estimatedEnd": row.estimated_end.isoformat() if row.estimated_end and not row.verdict else None,
        "parked": row.parked,
        "alert": row.alert,
        "documents": {name: getattr(report.documents, name) for name in COUNTED} | {"failing": row.failing},
        "lines": {name: getattr(report.lines, name) for name in COUNTED},
        "books": {name: getattr(report.books, name) for name in BUCKETS},
        "receivedAt": row.received_at.isoformat(),
        "finishedAt": row.finished_at.isoformat() if row.finished_at else None,
    }


def report(
    job: Annotated[str, typer.Argument(help="The job's id.")],
    form: Annotated[
        Form,
        typer.Option(
            "--format",
            help="ack: the partner's answer; json: everything; csv: a row a failure; xlsx: the fix-workbook; text.",
        ),
    ] = Form.TEXT,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="A file instead of standard output.")] = None,
    database: Url = None,
) -> None:
    """The report of a job."""
    from crossdock.database import look

    saying.target(output)
    books = look(saying.settings(database_url=database).url)
    if books is None:
        raise saying.Usage("nothing was imported yet")
    row = _row(books, job)
    if form is Form.XLSX:
        _workbook(row, books, output)
    else:
        pieces = _PIECES[form](row, books)
        if output is None:
            saying.echo(pieces)
        else:
            with output.open("w", encoding="utf-8", newline="") as file:
                file.writelines(pieces)
    books.close()


def _workbook(row: Any, books: Database, output: Path | None) -> None:
    from crossdock.filing import base, complete, fix_workbook

    if output is None and sys.stdout.isatty():
        raise saying.Usage(f"a workbook is nothing for a terminal: add -o {base(row)}.fix.xlsx")
    with TemporaryDirectory() as folder:
        path = output or Path(folder) / "fix.xlsx"
        if not complete(path, lambda unfinished: fix_workbook(row, books, unfinished)):
            raise saying.Usage(f"job {row.job_id} has no fix-workbook: {_why_none(row, books)}")
        if output is None:
            sys.stdout.buffer.write(path.read_bytes())


def _why_none(row: Any, books: Database) -> str:
    from crossdock.database import history

    if row.refused:
        return str(row.refused)
    short = history.outcomes_count(books, row.job_id)
    return "what was not taken fits into none; --format csv names it" if short else "every document was taken"


def _acks(row: Any, books: Database) -> Iterator[str]:
    from crossdock import acknowledge

    for answer in acknowledge.answers(row, books):
        yield from acknowledge.body(row, answer, books)
        yield "\n"


def _json(row: Any, books: Database) -> Iterator[str]:
    from crossdock.report import detailed

    return detailed(row, books)


def _csv(row: Any, books: Database) -> Iterator[str]:
    from crossdock.listing import listing

    return listing(row, books)


def _text(row: Any, books: Database) -> Iterator[str]:
    from crossdock.report import text

    return (line + "\n" for line in text(row, books))


_PIECES = {Form.ACK: _acks, Form.JSON: _json, Form.CSV: _csv, Form.TEXT: _text}
