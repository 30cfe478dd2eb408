"""Commands that tell what is known: feeds, describe; and the one that upgrades the database."""

from __future__ import annotations

import json as json_
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crossdock.cli import saying
from crossdock.cli.drops import Url

if TYPE_CHECKING:
    from crossdock.documents.document import Document, Field

Json = Annotated[bool, typer.Option("--json", help="As JSON.")]


def feeds(json: Json = False) -> None:
    """Which partners and feeds are known, and which files each claims."""
    told = saying.settings()
    known = [feed.show() for feed in saying.partners(told).feeds()]
    if json:
        typer.echo(json_.dumps(known, ensure_ascii=False))
        return
    for feed in known:
        units = ", ".join(feed["businessUnits"])
        typer.echo(f"{feed['feed']}: {' '.join(feed['files'])}  ({feed['format']}, {units}, {feed['zone']})")
    typer.echo(f"from {told.partners_folder}")


def describe(
    document: Annotated[str, typer.Argument(help="A document type, such as sales_order.")], json: Json = False
) -> None:
    """A document type: its fields, types, limits and rules."""
    from crossdock.documents import DOCUMENTS

    if document not in DOCUMENTS:
        raise saying.Usage(f"there is no document {document!r}; there are: {', '.join(DOCUMENTS)}")
    found = DOCUMENTS[document]
    if json:
        typer.echo(json_.dumps(described(found), ensure_ascii=False))
        return
    typer.echo(f"{found.title} ({found.name}), reported as {found.report.documents}")
    for level in found.levels:
        nested = f", in JSON under {level.array}" if level.array else ""
        typer.echo(f"\n{level.title}, table {level.table}, key {' + '.join(level.key)}{nested}")
        for name, field in found.of(level).items():
            typer.echo(f"  {name:44} {kind(field):18} {'required' if field.required else '        '}  {rule(field)}")
    typer.echo("\nrules:")
    for each in found.rules:
        typer.echo(f"  {(each.__doc__ or each.__qualname__).strip().splitlines()[0]}")


def described(document: Document) -> dict[str, Any]:
    """A document type as JSON."""
    return {
        "document": document.name,
        "title": document.title,
        "levels": [
            {
                "level": level.title,
                "table": level.table,
                "key": list(level.key),
                "array": level.array or None,
                "fields": [
                    {
                        "name": name,
                        "column": field.column if field.stored else None,
                        "type": kind(field),
                        "required": field.required,
                        "rule": rule(field),
                        "title": field.title or None,
                    }
                    for name, field in document.of(level).items()
                ],
            }
            for level in document.levels
        ],
    }


def kind(field: Field) -> str:
    """A field's type as the contract writes it."""
    warn = ", warn" if field.keep_longer else ""
    sized = f"({field.length}{warn})" if field.length else ""
    return f"{field.kind.value}{sized}"


def rule(field: Field) -> str:
    """A field's limits in words."""
    said = []
    if field.above is not None:
        said.append(f"more than {field.above}")
    if field.least is not None:
        said.append("not negative")
    if field.values:
        said.append("one of " + ", ".join(field.values))
    if field.codes:
        digits = {"gtin": "a GTIN with its check digit", "gln": "13 digits are a GLN"}
        said.append(digits.get(field.codes, f"a known {field.codes}"))
    if field.refers:
        said.append(f"refers to {field.refers}")
    if field.default:
        said.append(f"default {field.default}")
    if not field.stored:
        said.append("not stored")
    return "; ".join(said)


def upgrade(database: Url = None) -> None:
    """Bring the database to the version that this crossdock needs."""
    from crossdock.database import HEAD, Database, parsed

    opened = Database(parsed(saying.settings(database_url=database).url))
    before = opened.version()
    opened.upgrade()
    opened.close()
    typer.echo(f"the database is at version {HEAD}" + ("" if before == HEAD else f" (it was {before or 'empty'})"))
