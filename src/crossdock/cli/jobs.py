"""Commands that look at what ran: jobs, report."""

from __future__ import annotations

import json as json_
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crossdock.cli import saying
from crossdock.cli.drops import Url

if TYPE_CHECKING:
    from crossdock.database import Database

SHOWN = 50


class Form(StrEnum):
    """How a job is reported."""

    ACK = "ack"
    JSON = "json"
    TEXT = "text"


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
) -> None:
    """What ran: status, progress, counts, the books; one job in detail."""
    from crossdock.database import history, look
    from crossdock.report import text

    books = look(saying.settings(database_url=database).url)
    if books is None:
        if job:
            raise saying.Usage("nothing was imported yet")
        if not json:
            typer.echo("nothing was imported yet")
        return
    rows = [_row(books, job)] if job else history.recent(books, SHOWN)
    for row in rows:
        if json:
            typer.echo(json_.dumps(_told(row), ensure_ascii=False))
        elif job:
            saying.lines(text(row, books))
        else:
            started = row.received_at.strftime("%Y-%m-%d %H:%MZ")
            typer.echo(f"{started}  {saying.line(history.report(row))}")
    books.close()


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
        "progress": {"processed": row.processed, "total": row.total},
        "documents": {name: getattr(report.documents, name) for name in COUNTED} | {"failing": row.failing},
        "lines": {name: getattr(report.lines, name) for name in COUNTED},
        "books": {name: getattr(report.books, name) for name in BUCKETS},
        "receivedAt": row.received_at.isoformat(),
        "finishedAt": row.finished_at.isoformat() if row.finished_at else None,
    }


def report(
    job: Annotated[str, typer.Argument(help="The job's id.")],
    form: Annotated[
        Form, typer.Option("--format", help="ack: the partner's answer; json: everything; text.")
    ] = Form.TEXT,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="A file instead of standard output.")] = None,
    database: Url = None,
) -> None:
    """The report of a job."""
    from crossdock import acknowledge
    from crossdock import report as full
    from crossdock.database import look

    books = look(saying.settings(database_url=database).url)
    if books is None:
        raise saying.Usage("nothing was imported yet")
    row = _row(books, job)
    pieces: Iterator[str]
    if form is Form.ACK:
        pieces = (
            piece
            for answer in acknowledge.answers(row, books)
            for piece in (*acknowledge.body(row, answer, books), "\n")
        )
    elif form is Form.JSON:
        pieces = full.detailed(row, books)
    else:
        pieces = (line + "\n" for line in full.text(row, books))
    if output is None:
        saying.echo(pieces)
    else:
        with output.open("w", encoding="utf-8") as file:
            file.writelines(pieces)
    books.close()
