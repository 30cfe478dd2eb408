"""Commands about what is still outside: open, find, dismiss, replay."""

from __future__ import annotations

import getpass
import json as json_
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crossdock import app, exits
from crossdock.cli import terminal
from crossdock.cli.importing import Url

if TYPE_CHECKING:
    from crossdock.database import Database
    from crossdock.database.read_documents import Shown
    from crossdock.model.job import DocumentOfJob
    from crossdock.partners.feed import Feed
    from crossdock.partners.registry import Partners
    from crossdock.settings import Settings

Partner = Annotated[str | None, typer.Option("--partner", help="Of this partner only.")]
Json = Annotated[bool, typer.Option("--json", help="One object a line.")]
SHOWN = 50
"""Documents that a table shows."""
REASONS = 2
"""Reasons of a document that a table names."""


def open_(
    partner: Partner = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many, the newest.")] = SHOWN,
    json: Annotated[bool, typer.Option("--json", help="All of them, oldest first, one object a line.")] = False,
    database: Url = None,
) -> None:
    """What is not in as of now, over all jobs: every held document with its age and reason, the newest first."""
    from crossdock.database import open_read_only
    from crossdock.jobs import open_documents
    from crossdock.reports import standing_text

    settings = app.read_settings(database_url=database)
    terminal.partner(app.load_partners(settings), partner)
    opened = open_read_only(settings.url)
    if json:
        every = open_documents.open_documents(opened, partner=partner) if opened else ()
        for document, reasons in standing_text.with_reasons(opened, every):
            typer.echo(json_.dumps(_as_json(document, reasons), ensure_ascii=False))
        return
    some = open_documents.newest(opened, limit, partner=partner) if opened else ()
    rows = [_shown(document, reasons) for document, reasons in standing_text.with_reasons(opened, some)]
    if opened is None or not rows:
        typer.echo("nothing is open: every document that came is in")
        return
    headings = ("Age", "Partner", "Document", "Number", "Job", "Drop", "Why")
    terminal.table(headings, rows, flexible="Why", right=("Age",), dispensable=("Drop",))
    every_one = open_documents.count(opened, partner=partner)
    newest = f"; these are the newest {len(rows):,}, --limit shows more" if every_one > len(rows) else ""
    typer.echo(f"{every_one:,} open{newest}; 'crossdock report JOB' tells all, 'crossdock replay' sends them again")


def _as_json(document: DocumentOfJob, reasons: list[str]) -> dict[str, Any]:
    from crossdock.reports import standing_text

    return {
        "partner": document.partner,
        "document": document.document or None,
        "businessUnitId": document.business_unit or None,
        "number": document.number or None,
        "key": standing_text.key(document.document, document.key) or None,
        "jobId": document.job_id,
        "name": document.name,
        "receivedAt": document.received_at.isoformat(),
        "ageSeconds": int((datetime.now(UTC) - document.received_at).total_seconds()),
        "state": standing_text.state(document),
        "reasons": reasons,
    }


def _shown(document: DocumentOfJob, reasons: list[str]) -> tuple[str, ...]:
    from crossdock.reports import standing_text
    from crossdock.reports.overview_text import ago

    more = f" (+{len(reasons) - REASONS} more)" if len(reasons) > REASONS else ""
    why = "; ".join(reasons[:REASONS]) + more
    age = ago(datetime.now(UTC), document.received_at).removesuffix(" ago")
    number = standing_text.number(document)
    return age, document.partner, document.document, number, document.job_id, document.name, why


def find(
    number: Annotated[str, typer.Argument(help="The number of a document, such as SO-4711.")],
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many imports of it, the newest.")] = SHOWN,
    json: Annotated[bool, typer.Option("--json", help="All of them, one object a line.")] = False,
    database: Url = None,
) -> None:
    """Where a document is: imported, on hold, superseded, stale, dismissed, checked, rejected, waiting. With its number
    as it is sent, or as it is stored with the prefix of its feed.
    """
    from crossdock.database import open_read_only, read_documents
    from crossdock.jobs import open_documents
    from crossdock.reports import standing_text

    settings = app.read_settings(database_url=database)
    opened = open_read_only(settings.url)
    partners = app.load_partners(settings)
    places: list[dict[str, Any]] = []
    older = 0
    if opened is not None:
        for feed, other in partners.stored_numbers(number):
            places += _stored(opened, other, feed)
        for feed in partners.splitting():
            places += [_place(opened, shown) for shown in read_documents.find_parts(opened, feed, number)]
        copies = (
            each
            for feed, other in partners.sent_numbers(number)
            for each in open_documents.numbered(opened, other)
            if feed is None or feed.name == f"{each.partner}/{each.document}"
        )
        for each, reasons in standing_text.with_reasons(opened, list(islice(copies, None if json else limit))):
            by = f" by {each.ended_by}" if each.ended_by else ""
            why = "; ".join([*([each.why] if each.why else []), *reasons])
            places.append({"state": standing_text.state(each) + by, "document": f"{each.partner}/{each.document}",
                           "key": standing_text.key(each.document, each.key), "job": each.job_id, "file": each.name,
                           "why": why})  # fmt: skip
        older = sum(1 for _ in copies)
        places += _refused(opened, settings, number)
    places += _waiting(partners, settings, number)
    if json:
        for place in places:
            typer.echo(json_.dumps(place, ensure_ascii=False))
    elif not places:
        typer.echo(f"{number} is nowhere: not stored, not on hold, in no file that waits or was rejected")
    else:
        rows = [
            (place["state"], place["document"], " ".join(place["key"].values()), place["job"], place["file"],
             place["why"]) for place in places
        ]  # fmt: skip
        terminal.table(("Where", "Document", "Key", "Job", "File", "Why"), rows, flexible="Why")
        if older:
            typer.echo(f"older imports that are left out: {older:,}; --limit shows more, --json all")
    raise typer.Exit(0 if places else 4)


def _stored(opened: Database, number: str, feed: Feed | None) -> Iterator[dict[str, Any]]:
    """The stored documents of that number; ``feed``: of its partner and document only."""
    from crossdock.database import read_documents
    from crossdock.documents import DOCUMENTS

    for document in DOCUMENTS.values() if feed is None else [feed.document]:
        for shown in read_documents.find_all(opened, document, number):
            if feed is not None and shown.partner != feed.partner:
                continue
            yield _place(opened, shown)


def _place(opened: Database, shown: Shown) -> dict[str, Any]:
    """Where a stored document is; its key, which tells it from others of the number that is sought."""
    from crossdock.database import read_documents
    from crossdock.reports import standing_text

    job = read_documents.jobs(opened, [shown.job]).get(shown.job)
    return {"state": f"imported, {shown.state}", "document": f"{shown.partner}/{shown.document.name}",
            "key": standing_text.key(shown.document.name, shown.key), "job": shown.job,
            "file": job.name if job else "", "why": ""}  # fmt: skip


def _refused(opened: Database, settings: Settings, number: str) -> list[dict[str, Any]]:
    """Refused drops whose file speaks of the number."""
    from crossdock.delivery.answer_files import shelf_of
    from crossdock.intake.search import speaks_of
    from crossdock.jobs import open_documents

    places = []
    for drop in open_documents.refused_drops(opened):
        path = shelf_of(settings.home, drop.job_id)
        files = [each for each in path.iterdir() if each.name == drop.name] if path else []
        if any(speaks_of(each, number) for each in files):
            places.append({"state": "rejected", "document": f"{drop.partner}/{drop.document}", "key": {},
                           "job": drop.job_id, "file": drop.name, "why": drop.refused or ""})  # fmt: skip
    return places


def _waiting(partners: Partners, settings: Settings, number: str) -> list[dict[str, Any]]:
    """Files that wait in the inbox, or are at work, and hold the number."""
    from crossdock.intake.search import waiting_files

    return [
        {"state": "waiting", "document": feed, "key": {}, "job": "", "file": str(path),
         "why": "it is imported with the next run"}
        for path, feed in waiting_files(partners, settings.home, number, settings.edi_folder)
    ]  # fmt: skip


def dismiss(
    job: Annotated[str, typer.Argument(help="The job in which it is on hold.")],
    document: Annotated[str, typer.Argument(help="The document's number, as 'crossdock open' shows it, or its key; "
                                            "'' for those without, or a rejected drop.")],
    why: Annotated[str, typer.Option("--why", help="The reason, kept with your name.")],
    every: Annotated[bool, typer.Option("--all", help="All that have the number: the parts of an order that is split, "
                                        "the stock of an item in several places.")] = False,
    database: Url = None,
) -> None:  # fmt: skip
    """Give up a held document: it counts as open no more; who and why are kept. With '', also a job that is set aside
    or waits after an outage, which is answered as rejected.
    """
    from crossdock.jobs import open_documents
    from crossdock.reports import standing_text
    from crossdock.workers.work import give_up
    from crossdock.workers.worker import Worker

    if not why.strip():
        raise exits.Usage("--why must say something")
    with app.open_site(app.read_settings(database_url=database)) as site:
        if not document:
            with Worker(site.database, "by hand", attended=True) as worker:
                give_up(site, worker, job, why)
        meant = _meant(site.database, job, document) if document else []
        if len({each.key for each in meant}) > 1 and not every:
            names = ", ".join(dict.fromkeys(repr(standing_text.whole_key(each)) for each in meant))
            raise exits.Usage(f"job {job} has several open documents {document!r}: name one ({names}), or --all")
        number, lines = (meant[0].number, [each.line for each in meant]) if meant else (document, None)
        count = open_documents.dismiss(site.database, job, number, why, _me(), lines)
    if not count:
        raise exits.Usage(f"job {job} has no open document {document!r}; 'crossdock open' lists those there are")
    typer.echo(
        f"dismissed: {document or 'without a number'} of job {job}" + (f" ({count} documents)" if count > 1 else "")
    )


def _meant(opened: Database, job: str, document: str) -> list[DocumentOfJob]:
    """The open documents of a job that have this number, or are named so: with their part, by their key."""
    from crossdock.jobs import open_documents
    from crossdock.reports import standing_text

    numbered = open_documents.open_documents(opened, job=job, document=document)
    if exact := [each for each in numbered if each.number == document]:
        return exact
    every = open_documents.open_documents(opened, job=job)
    return [each for each in every if document in (standing_text.number(each), standing_text.whole_key(each))]


def _me() -> str:
    """Who gives this command: in a container its user may have no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"


@terminal.read_or_not()
def replay(
    job: Annotated[str | None, typer.Option("--job", help="Those of one job.")] = None,
    code: Annotated[str | None, typer.Option("--code", help="Those that failed with this code.")] = None,
    document: Annotated[str | None, typer.Option("--document", help="Those of this number.")] = None,
    partner: Partner = None,
    database: Url = None,
) -> None:
    """Send held documents through today's feed again, never over a later import: a new job each, answered again."""
    from crossdock.failures.catalogue import CODES
    from crossdock.jobs import open_documents, queries
    from crossdock.reports.text import line
    from crossdock.workers.by_path import replay as again

    codes = []
    if code is not None and code not in CODES:
        raise exits.Usage(f"there is no code {code!r}; docs/reports.md lists those there are")
    with app.open_site(app.read_settings(database_url=database)) as site:
        terminal.partner(site.partners, partner)
        if job is not None and queries.find(site.database, job) is None:
            raise exits.Usage(f"there is no job {job}; 'crossdock jobs' lists those there are")
        chosen = open_documents.open_documents(site.database, partner=partner, job=job, document=document, code=code)
        for report in again(site, list(chosen)):
            codes.append(report.exit_code)
            typer.echo(line(report))
    if not codes:
        typer.echo("nothing is on hold that could be sent again")
    raise typer.Exit(terminal.worst(codes))
