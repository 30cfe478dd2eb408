"""Commands that tell what is known: feeds, describe; and the one that upgrades the database."""

from __future__ import annotations

import json as json_
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crossdock import app, bundled, exits
from crossdock.cli import terminal
from crossdock.cli.importing import Url

if TYPE_CHECKING:
    from crossdock.schema.document import Document

Json = Annotated[bool, typer.Option("--json", help="As JSON.")]


def feeds(
    json: Json = False,
    examples: Annotated[bool, typer.Option("--examples", help="Feeds to copy, of layouts that many know.")] = False,
) -> None:
    """Which partners and feeds are known, and which files each claims."""
    if examples:
        for path in sorted(bundled.folder("examples").glob("*.toml")):
            typer.echo(path)
        return
    settings = app.read_settings()
    rows_of_feeds = [feed.show() for feed in app.load_partners(settings).whole().feeds()]
    if json:
        typer.echo(json_.dumps(rows_of_feeds, ensure_ascii=False))
        return
    headings = ("Feed", "Files", "Format", "Business units", "Zone")
    rows = [
        (feed["feed"], " ".join(feed["files"]), feed["format"], ", ".join(feed["businessUnits"]), feed["zone"])
        for feed in rows_of_feeds
    ]
    terminal.table(headings, rows, flexible="Files")
    typer.echo(f"from {settings.partners_folder}")


def describe(
    document: Annotated[str, typer.Argument(help="A document type, such as sales_order.")], json: Json = False
) -> None:
    """A document type: its fields, types, limits and rules."""
    from crossdock.schema import descriptions

    document_type = known_document(document)
    if json:
        typer.echo(json_.dumps(descriptions.described(document_type), ensure_ascii=False))
        return
    typer.echo(f"{document_type.title} ({document_type.name}), reported as {document_type.report.documents}")
    for level in document_type.levels:
        nested = f", in JSON under {level.array}" if level.array else ""
        typer.echo()
        terminal.wrapped(f"{level.title}, table {level.table}, key {' + '.join(level.key)}{nested}")
        rows = [
            (name, descriptions.kind(field), "required" if field.required else "", descriptions.rule(field))
            for name, field in document_type.of(level).items()
        ]
        terminal.table(("Field", "Type", "", "Rule"), rows, flexible="Rule")
    typer.echo("\nrules:")
    for each in descriptions.rules(document_type):
        terminal.wrapped(each, indent="  ")


def template(
    document: Annotated[str, typer.Argument(help="A document type, such as sales_order.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="The workbook; else DOCUMENT.xlsx here.")
    ] = None,
) -> None:
    """A workbook to fill in, with our columns, their rules, and an example."""
    from crossdock.reports.excel.template import write_template

    document_type = known_document(document)
    path = output or Path(f"{document_type.name}.xlsx")
    if path.suffix.lower() != ".xlsx":
        raise exits.Usage(f"a template is an .xlsx workbook: write -o {path.with_suffix('.xlsx')}")
    terminal.target(path)
    if path.exists():
        raise exits.Usage(f"{path} is there already: name another file, or remove it")
    feeds = [
        feed.name for feed in app.load_partners(app.read_settings()).whole().feeds() if feed.document is document_type
    ]
    write_template(document_type, path)
    house = f"house/{document_type.name}"
    if house in feeds:
        typer.echo(f"{path}: fill it in below the headings, then: crossdock import {path} --feed {house}")
    else:
        typer.echo(
            f"{path}: fill it in below the headings, then import it with a feed of {document_type.name} "
            "that reads our names"
        )


def known_document(name: str) -> Document:
    """The document type of that name; ``Usage`` lists those there are."""
    from crossdock.documents import DOCUMENTS

    if name not in DOCUMENTS:
        raise exits.Usage(f"there is no document {name!r}; there are: {', '.join(DOCUMENTS)}")
    return DOCUMENTS[name]


def upgrade(database: Url = None) -> None:
    """Bring the database to the version that this crossdock needs."""
    from crossdock.database import HEAD, Database, parsed

    opened = Database(parsed(app.read_settings(database_url=database).url))
    before = opened.version()
    opened.upgrade()
    opened.close()
    typer.echo(f"the database is at version {HEAD}" + ("" if before == HEAD else f" (it was {before or 'empty'})"))
