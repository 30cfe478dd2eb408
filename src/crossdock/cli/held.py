"""Commands about what is still outside: open, find, dismiss, replay."""

from __future__ import annotations

import getpass
import json as json_
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crossdock.cli import saying
from crossdock.cli.drops import Url

if TYPE_CHECKING:
    from crossdock.database import Database

Partner = Annotated[str | None, typer.Option("--partner", help="Of this partner only.")]
Json = Annotated[bool, typer.Option("--json", help="One object a line.")]
REASONS = 2
"""Reasons of a document that a table names."""


def open_(partner: Partner = None, json: Json = False, database: Url = None) -> None:
    """What is not in as of now, over all jobs: every held document with its age and reason."""
    from crossdock.database import look, waiting

    settings = saying.settings(database_url=database)
    saying.partner(saying.partners(settings), partner)
    books = look(settings.url)
    rows = waiting.open_documents(books, partner=partner) if books else iter(())
    if json:
        for row in rows:
            typer.echo(json_.dumps(_told(books, row), ensure_ascii=False))
        return
    told = [_shown(books, row) for row in rows]
    if not told:
        typer.echo("nothing is open: every document that came is in")
        return
    headings = ("Age", "Partner", "Document", "Number", "Job", "Drop", "Why")
    saying.table(headings, told, flexible="Why", right=("Age",), dispensable=("Drop",))
    typer.echo(f"{len(told):,} open; 'crossdock report JOB' tells all, 'crossdock replay' sends them again")


def _told(books: Database | None, row: Any) -> dict[str, Any]:
    return {
        "partner": row.partner,
        "document": row.document or None,
        "businessUnitId": row.business_unit or None,
        "number": row.number or None,
        "jobId": row.job_id,
        "name": row.name,
        "receivedAt": row.received_at.isoformat(),
        "ageSeconds": int((datetime.now(UTC) - row.received_at).total_seconds()),
        "state": _state(row),
        "reasons": _reasons(books, row),
    }


def _shown(books: Database | None, row: Any) -> tuple[str, ...]:
    from crossdock.status import ago

    reasons = _reasons(books, row)
    more = f" (+{len(reasons) - REASONS} more)" if len(reasons) > REASONS else ""
    why = "; ".join(reasons[:REASONS]) + more
    age = ago(datetime.now(UTC), row.received_at).removesuffix(" ago")
    number = row.number or ("(the whole file)" if not row.line else "(no number)")
    return age, row.partner, row.document, number, row.job_id, row.name, why


def _state(row: Any) -> str:
    """Where a document of a job stands: refused, held, failed, or how that ended."""
    if row.ended:
        return str(row.ended)
    if row.taken:
        return "stale" if row.reason == "stale" else "stored without some lines" if row.failing_lines else "stored"
    return "refused" if not row.line else "held" if row.reason else "failed"


def _reasons(books: Database | None, row: Any) -> list[str]:
    """Why a document is not in: what is wrong with it, or what holds it."""
    from crossdock.database import waiting
    from crossdock.words import words

    if row.refused:
        return [row.refused]
    told = words(row)
    if row.reason == "stale":
        return ["it is older than what was stored"]
    found = [told.sentence(each) for each in waiting.failures(books, row.job_id, row.line)] if books else []
    return [*dict.fromkeys(found), *([told.held(row.reason)] if row.reason else [])]


def find(
    number: Annotated[str, typer.Argument(help="The number of a document, such as SO-4711.")],
    json: Json = False,
    database: Url = None,
) -> None:
    """Where a document is: stored, held, failed, superseded, stale, dismissed, refused, waiting."""
    from crossdock.database import look, waiting

    told = saying.settings(database_url=database)
    books = look(told.url)
    found = [] if books is None else list(_stored(books, number))
    if books is not None:
        for row in waiting.numbered(books, number):
            by = f" by {row.ended_by}" if row.ended_by else ""
            why = "; ".join([*([row.why] if row.why else []), *_reasons(books, row)])
            found.append({"state": _state(row) + by, "document": f"{row.partner}/{row.document}", "job": row.job_id,
                          "file": row.name, "why": why})  # fmt: skip
        found += _refused(books, told, number)
    found += _waiting(told, number)
    if json:
        for each in found:
            typer.echo(json_.dumps(each, ensure_ascii=False))
    elif not found:
        typer.echo(f"{number} is nowhere: not stored, not held, in no file that waits or was refused")
    else:
        rows = [(each["state"], each["document"], each["job"], each["file"], each["why"]) for each in found]
        saying.table(("Where", "Document", "Job", "File", "Why"), rows, flexible="Why")
    raise typer.Exit(0 if found else 4)


def _stored(books: Database, number: str) -> Iterator[dict[str, str]]:
    from crossdock.database import reading
    from crossdock.documents import DOCUMENTS

    for document in DOCUMENTS.values():
        for shown in reading.found(books, document, number):
            jobs = reading.jobs(books, [shown.row["job"]])
            file = jobs[shown.row["job"]].name if shown.row["job"] in jobs else ""
            yield {"state": f"stored, {shown.row['state']}", "document": f"{shown.row['partner']}/{document.name}",
                   "job": shown.row["job"], "file": file, "why": ""}  # fmt: skip


def _refused(books: Database, told: Any, number: str) -> list[dict[str, str]]:
    """Refused drops whose file speaks of the number."""
    from crossdock.database import waiting
    from crossdock.filing import shelf_of
    from crossdock.lookup import speaks_of

    found = []
    for row in waiting.open_documents(books):
        path = shelf_of(told.home, row.job_id) if not row.line else None
        files = [each for each in path.iterdir() if each.name == row.name] if path else []
        if any(speaks_of(each, number) for each in files):
            found.append({"state": "refused", "document": f"{row.partner}/{row.document}", "job": row.job_id,
                          "file": row.name, "why": row.refused or ""})  # fmt: skip
    return found


def _waiting(told: Any, number: str) -> list[dict[str, str]]:
    """Files that wait in the inbox, or are at work, and hold the number."""
    from crossdock.lookup import waiting_files

    return [
        {"state": "waiting", "document": feed, "job": "", "file": str(path), "why": "it is imported with the next run"}
        for path, feed in waiting_files(saying.partners(told), told.home, number)
    ]


def dismiss(
    job: Annotated[str, typer.Argument(help="The job in which it was not taken.")],
    document: Annotated[str, typer.Argument(help="The document's number; '' for those without, or a refused drop.")],
    why: Annotated[str, typer.Option("--why", help="The reason, kept with your name.")],
    database: Url = None,
) -> None:
    """Give up a held document: it counts as open no more; who and why are kept."""
    from crossdock.database import waiting

    if not why.strip():
        raise saying.Usage("--why must say something")
    with saying.desk(saying.settings(database_url=database)) as desk:
        count = waiting.dismiss(desk.database, job, document, why, getpass.getuser())
    if not count:
        raise saying.Usage(f"job {job} has no open document {document!r}; 'crossdock open' lists those there are")
    typer.echo(
        f"dismissed: {document or 'without a number'} of job {job}" + (f" ({count} documents)" if count > 1 else "")
    )


def replay(
    job: Annotated[str | None, typer.Option("--job", help="Those of one job.")] = None,
    code: Annotated[str | None, typer.Option("--code", help="Those that failed with this code.")] = None,
    document: Annotated[str | None, typer.Option("--document", help="Those of this number.")] = None,
    partner: Partner = None,
    database: Url = None,
) -> None:
    """Send held documents through today's feed again, never over a later import: a new job each, answered again."""
    from crossdock.byhand import replay as again
    from crossdock.database import history, waiting
    from crossdock.failures import CODES

    codes = []
    if code is not None and code not in CODES:
        raise saying.Usage(f"there is no code {code!r}; docs/reports.md lists those there are")
    with saying.desk(saying.settings(database_url=database)) as desk:
        saying.partner(desk.partners, partner)
        if job is not None and history.find(desk.database, job) is None:
            raise saying.Usage(f"there is no job {job}; 'crossdock jobs' lists those there are")
        chosen = waiting.open_documents(desk.database, partner=partner, job=job, document=document, code=code)
        for found in again(desk, list(chosen)):
            codes.append(found.exit_code)
            typer.echo(saying.line(found))
    if not codes:
        typer.echo("nothing is held that could be sent again")
    raise typer.Exit(saying.worst(codes))
