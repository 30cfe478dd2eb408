"""Commands that read what is stored: list, show."""

from __future__ import annotations

import json as json_
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crossdock import app, exits
from crossdock.cli import terminal
from crossdock.cli.importing import Url
from crossdock.times import dated

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from crossdock.database import Database
    from crossdock.database.read_documents import Shown
    from crossdock.model.job import JobRecord
    from crossdock.schema.document import Document

Type = Annotated[str, typer.Argument(metavar="DOCUMENT", help="A document type, such as sales_order.")]
SHOWN = 50
"""Documents that a table shows; --json gives all."""
COLUMNS = 5
"""Fields of a document that a table shows, besides its key."""
NOT_THERE = 4


def list_(
    document: Type,
    where: Annotated[
        list[str] | None, typer.Option("--where", metavar="FIELD=VALUE", help="Only those; may be repeated.")
    ] = None,
    since: Annotated[
        int | None, typer.Option("--since", metavar="N", help="Only what changed after change number N.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many, the newest.")] = SHOWN,
    json: Annotated[bool, typer.Option("--json", help="All of them, oldest change first, one object a line.")] = False,
    database: Url = None,
) -> None:
    """The stored documents of a type, the last change first, each with its number to follow on from."""
    from crossdock.cli.setup import known_document
    from crossdock.database import open_read_only, read_documents

    document_type = known_document(document)
    conditions = [_condition(each) for each in where or []]
    opened = open_read_only(app.read_settings(database_url=database).url)
    if json:
        for row in read_documents.listed(opened, document_type, conditions, since) if opened else ():
            typer.echo(json_.dumps(row, ensure_ascii=False))
        return
    stored = list(read_documents.newest(opened, document_type, conditions, since, limit)) if opened else []
    if opened is None or not stored:
        like_that = " like that" if conditions or since is not None else ""
        typer.echo(f"no {document_type.title.lower()} is stored{like_that}")
        return
    _table(document_type, stored)
    every_one = read_documents.count(opened, document_type, conditions, since)
    if every_one > len(stored):
        of_all = f"{len(stored):,} of {every_one:,} documents, newest first"
        typer.echo(f"{of_all}; --limit shows more, --json all, --where and --since fewer")


def _condition(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise exits.Usage(f"--where {text}: write it as field=value")
    return name.strip(), value.strip()


def _table(document: Document, rows: list[dict[str, Any]]) -> None:
    """A table of the key, the state, and the first fields that are told of."""
    flat = [_flat(row) for row in rows]
    keys = [name for name in document.key if any(name in row for row in flat)]
    others = [name for row in flat for name in row if name not in (*keys, "state", "change")]
    shown = [*keys, "state", *list(dict.fromkeys(others))[:COLUMNS], "change"]
    cells = [[str(row.get(name, "")) for name in shown] for row in flat]
    terminal.table(shown, cells, flexible=shown[-2], right=("change",), dispensable=shown[len(keys) + 3 : -1])


def _flat(row: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{name}.")
        else:
            flat[f"{prefix}{name}"] = value
    return flat


def show(
    document: Type,
    key: Annotated[str, typer.Argument(help="The document's number.")],
    unit: Annotated[str | None, typer.Option("--unit", help="Of this business unit only.")] = None,
    history: Annotated[
        bool, typer.Option("--history", help="Each import that changed it, and what it changed.")
    ] = False,
    envelope: Annotated[bool, typer.Option("--envelope", help="As the ERP's Get answers (erp_sales_order).")] = False,
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    database: Url = None,
) -> None:
    """A stored document in the contract's names: its lines, what refers to it, and where each line came from."""
    from crossdock.cli.setup import known_document
    from crossdock.database import open_read_only, read_documents
    from crossdock.reports import erp_envelope as erp

    document_type = known_document(document)
    if envelope and not document_type.envelope:
        raise exits.Usage(f"there is no envelope for {document_type.name}: only the ERP's orders have one")
    settings = app.read_settings(database_url=database)
    opened = open_read_only(settings.url)
    several = read_documents.find_all(opened, document_type, key, unit) if opened else []
    if envelope and (opened is None or len(several) < 2):
        answer = (
            erp.envelope_of_stored(opened, several[0])
            if opened and several
            else erp.envelope(erp.FAILED, erp.NOT_FOUND)
        )
        typer.echo(json_.dumps(answer, ensure_ascii=False, indent=1))
        raise typer.Exit(0 if several else NOT_THERE)
    if opened is None or not several:
        typer.echo(
            f"no {document_type.title.lower()} {key} is stored; 'crossdock find {key}' looks everywhere", err=True
        )
        raise typer.Exit(NOT_THERE)
    for shown in several:
        stored = {"history": _history(opened, shown)} if history else read_documents.whole(opened, shown)
        if json:
            typer.echo(json_.dumps(stored, ensure_ascii=False))
        elif history:
            _say_history(shown, stored["history"], settings.zone_info)
        else:
            _say(opened, document_type, stored, settings.zone_info)


def _say(opened: Database, document: Document, stored: dict[str, Any], zone: ZoneInfo) -> None:
    """A document as text: its fields, its lines as tables, what refers to it. ``zone``: of what isn't its own time."""
    from crossdock.database import read_documents

    jobs = read_documents.jobs(opened, sorted(_origins(stored)))
    arrays = {level.array: level for level in document.inner}
    fields = {name: value for name, value in stored.items() if name not in (*arrays, "referredToBy", "origin")}
    if "acknowledgedAt" in fields:
        fields["acknowledgedAt"] = dated(datetime.fromisoformat(fields["acknowledgedAt"]), zone)
    typer.echo(f"{document.title}, from {_place(stored['origin'], jobs)}")
    for name, value in _flat(fields).items():
        terminal.wrapped(f"{name}: {value}", "  ")
    for array, rows in _tables(stored, list(arrays)):
        typer.echo()
        typer.echo(f"{array} ({len(rows)})")
        _rows(rows, jobs)
    for name, rows in stored.get("referredToBy", {}).items():
        typer.echo()
        typer.echo(f"{name} ({len(rows)} lines that refer to it)")
        _rows(rows, jobs)


def _tables(stored: dict[str, Any], arrays: list[str]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The lines of each level, those of a lower level with the key of the one above."""
    for array in arrays:
        rows = list(_below(stored, array, arrays))
        if rows:
            yield array, rows


def _below(stored: dict[str, Any], array: str, arrays: list[str]) -> Iterator[dict[str, Any]]:
    for row in stored.get(array, ()):
        yield {name: value for name, value in row.items() if name not in arrays}
    for other in arrays:
        for row in stored.get(other, ()) if other != array else ():
            first = next(iter(row.items()))
            for inner in _below(row, array, arrays):
                yield dict([first]) | inner


def _rows(rows: list[dict[str, Any]], jobs: dict[str, JobRecord]) -> None:
    flat = [_flat({name: value for name, value in row.items() if name != "origin"}) for row in rows]
    shown = list(dict.fromkeys(name for row in flat for name in row))
    cells = [[*(str(row.get(name, "")) for name in shown), _place(each["origin"], jobs)]
            for row, each in zip(flat, rows, strict=True)]  # fmt: skip
    terminal.table([*shown, "from"], cells, flexible="from")


def _origins(stored: object) -> set[str]:
    if isinstance(stored, dict):
        own = {stored["job"]} if set(stored) == {"job", "line"} else set()
        return own.union(*(_origins(value) for value in stored.values()))
    return set().union(*(_origins(each) for each in stored)) if isinstance(stored, list) else set()


def _place(origin: dict[str, Any], jobs: dict[str, JobRecord]) -> str:
    """Where a row came from: the file, its line, the job."""
    from crossdock.reports.wording import wording_of

    job = jobs.get(origin["job"])
    if job is None:
        return f"job {origin['job']}"
    return f"{job.name} {wording_of(job).place(origin['line'])}, job {origin['job']}"


def _history(opened: Database, shown: Shown) -> list[dict[str, Any]]:
    from crossdock.database import read_documents
    from crossdock.reports.wording import wording_of

    entries = read_documents.history_of(opened, shown)
    jobs = read_documents.jobs(opened, sorted({each["job"] for each in entries}))
    for each in entries:
        job = jobs.get(each["job"])
        each["file"] = job.name if job else None
        each["at"] = each.get("at") or (job.received_at.isoformat() if job else None)
        each["place"] = wording_of(job).place(each["line"]) if job and each["line"] else None
    return entries


def _say_history(shown: Shown, entries: list[dict[str, Any]], zone: ZoneInfo) -> None:
    typer.echo(f"{shown.document.title} {shown.number}")
    for each in entries:
        where = each["level"] if not each["row"] else f"{each['level']} {' '.join(each['row'])}"
        place = f"{each['file']} {each['place'] or ''}".strip()
        typer.echo(f"  {_when(each, zone)}{each['what']} {where}: {place}, job {each['job']}")
        for name, (was, now) in each["fields"].items():
            typer.echo(f"      {name}: {_blank(was)} → {_blank(now)}")


def _when(entry: dict[str, Any], zone: ZoneInfo) -> str:
    at = entry.get("at")
    return f"{dated(datetime.fromisoformat(at), zone)}  " if at else ""


def _blank(value: object) -> str:
    return "(blank)" if value is None else str(value)
