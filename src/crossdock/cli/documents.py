"""Commands that read what is stored: list, show."""

from __future__ import annotations

import json as json_
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crossdock import app, exits
from crossdock.cli import terminal
from crossdock.cli.importing import Url

if TYPE_CHECKING:
    from crossdock.database import Database
    from crossdock.database.read_documents import Shown
    from crossdock.model.job import JobRecord
    from crossdock.schema.document import Document

Type = Annotated[str, typer.Argument(metavar="DOCUMENT", help="A document type, such as sales_order.")]
SHOWN = 100
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
    json: Annotated[bool, typer.Option("--json", help="One object a line, all of them.")] = False,
    database: Url = None,
) -> None:
    """The stored documents of a type, in the order of their last change, each with its number to follow on from."""
    from crossdock.cli.setup import known_document
    from crossdock.database import look, read_documents

    found = known_document(document)
    conditions = [_condition(each) for each in where or []]
    books = look(app.settings(database_url=database).url)
    if books is None:
        rows: Iterator[dict[str, Any]] = iter(())
    else:
        rows = read_documents.listed(books, found, conditions, since, None if json else SHOWN + 1)
    if json:
        for row in rows:
            typer.echo(json_.dumps(row, ensure_ascii=False))
        return
    told = list(rows)
    if not told:
        typer.echo(f"no {found.title.lower()} is stored" + (" like that" if conditions or since is not None else ""))
        return
    _table(found, told[:SHOWN])
    if len(told) > SHOWN:
        typer.echo(f"the first {SHOWN}; --json gives all, --where and --since fewer")


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
    told = [[str(row.get(name, "")) for name in shown] for row in flat]
    terminal.table(shown, told, flexible=shown[-2], right=("change",), dispensable=shown[len(keys) + 3 : -1])


def _flat(row: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, dict):
            made |= _flat(value, f"{prefix}{name}.")
        else:
            made[f"{prefix}{name}"] = value
    return made


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
    from crossdock.database import look, read_documents
    from crossdock.reports import erp_envelope as erp

    found = known_document(document)
    if envelope and not found.envelope:
        raise exits.Usage(f"there is no envelope for {found.name}: only the ERP's orders have one")
    books = look(app.settings(database_url=database).url)
    several = read_documents.found(books, found, key, unit) if books else []
    if envelope and (books is None or len(several) < 2):
        answer = erp.got(books, several[0]) if books and several else erp.envelope(erp.FAILED, erp.NOT_FOUND)
        typer.echo(json_.dumps(answer, ensure_ascii=False, indent=1))
        raise typer.Exit(0 if several else NOT_THERE)
    if books is None or not several:
        typer.echo(f"no {found.title.lower()} {key} is stored; 'crossdock find {key}' looks everywhere", err=True)
        raise typer.Exit(NOT_THERE)
    for shown in several:
        told = {"history": _history(books, shown)} if history else read_documents.whole(books, shown)
        if json:
            typer.echo(json_.dumps(told, ensure_ascii=False))
        elif history:
            _say_history(shown, told["history"])
        else:
            _say(books, found, told)


def _say(books: Database, document: Document, told: dict[str, Any]) -> None:
    """A document as text: its fields, its lines as tables, what refers to it."""
    from crossdock.database import read_documents

    jobs = read_documents.jobs(books, sorted(_origins(told)))
    arrays = {level.array: level for level in document.inner}
    fields = {name: value for name, value in told.items() if name not in (*arrays, "referredToBy", "origin")}
    typer.echo(f"{document.title}, from {_place(told['origin'], jobs)}")
    for name, value in _flat(fields).items():
        terminal.wrapped(f"{name}: {value}", "  ")
    for array, rows in _tables(told, list(arrays)):
        typer.echo()
        typer.echo(f"{array} ({len(rows)})")
        _rows(rows, jobs)
    for name, rows in told.get("referredToBy", {}).items():
        typer.echo()
        typer.echo(f"{name} ({len(rows)} lines that refer to it)")
        _rows(rows, jobs)


def _tables(told: dict[str, Any], arrays: list[str]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The lines of each level, those of a lower level with the key of the one above."""
    for array in arrays:
        rows = list(_below(told, array, arrays))
        if rows:
            yield array, rows


def _below(told: dict[str, Any], array: str, arrays: list[str]) -> Iterator[dict[str, Any]]:
    for row in told.get(array, ()):
        yield {name: value for name, value in row.items() if name not in arrays}
    for other in arrays:
        for row in told.get(other, ()) if other != array else ():
            first = next(iter(row.items()))
            for inner in _below(row, array, arrays):
                yield dict([first]) | inner


def _rows(rows: list[dict[str, Any]], jobs: dict[str, JobRecord]) -> None:
    flat = [_flat({name: value for name, value in row.items() if name != "origin"}) for row in rows]
    shown = list(dict.fromkeys(name for row in flat for name in row))
    told = [[*(str(row.get(name, "")) for name in shown), _place(each["origin"], jobs)]
            for row, each in zip(flat, rows, strict=True)]  # fmt: skip
    terminal.table([*shown, "from"], told, flexible="from")


def _origins(told: object) -> set[str]:
    if isinstance(told, dict):
        own = {told["job"]} if set(told) == {"job", "line"} else set()
        return own.union(*(_origins(value) for value in told.values()))
    return set().union(*(_origins(each) for each in told)) if isinstance(told, list) else set()


def _place(origin: dict[str, Any], jobs: dict[str, JobRecord]) -> str:
    """Where a row came from: the file, its line, the job."""
    from crossdock.reports.wording import words

    job = jobs.get(origin["job"])
    if job is None:
        return f"job {origin['job']}"
    return f"{job.name} {words(job).place(origin['line'])}, job {origin['job']}"


def _history(books: Database, shown: Shown) -> list[dict[str, Any]]:
    from crossdock.database import read_documents
    from crossdock.reports.wording import words

    entries = read_documents.history_of(books, shown)
    jobs = read_documents.jobs(books, sorted({each["job"] for each in entries}))
    for each in entries:
        job = jobs.get(each["job"])
        each["file"] = job.name if job else None
        each["at"] = each.get("at") or (job.received_at.isoformat() if job else None)
        each["place"] = words(job).place(each["line"]) if job and each["line"] else None
    return entries


def _say_history(shown: Shown, entries: list[dict[str, Any]]) -> None:
    typer.echo(f"{shown.document.title} {shown.number}")
    for each in entries:
        where = each["level"] if not each["row"] else f"{each['level']} {' '.join(each['row'])}"
        place = f"{each['file']} {each['place'] or ''}".strip()
        typer.echo(f"  {_when(each)}{each['what']} {where}: {place}, job {each['job']}")
        for name, (was, now) in each["fields"].items():
            typer.echo(f"      {name}: {_blank(was)} → {_blank(now)}")


def _when(entry: dict[str, Any]) -> str:
    at = entry.get("at")
    return f"{at[:16].replace('T', ' ')}Z  " if at else ""


def _blank(value: object) -> str:
    return "(blank)" if value is None else str(value)
