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
    from crossdock.formats.guides.described import Mapped
    from crossdock.schema.document import Document
    from crossdock.settings import Settings

Json = Annotated[bool, typer.Option("--json", help="As JSON.")]


def feeds(
    json: Json = False,
    check: Annotated[bool, typer.Option("--check", help="Only say whether the TOML files have mistakes.")] = False,
    test: Annotated[
        bool, typer.Option("--test", help="Import the samples beside the TOML files and compare with their answers.")
    ] = False,
    write: Annotated[bool, typer.Option("--write", help="With --test: write the answers of the samples anew.")] = False,
    examples: Annotated[bool, typer.Option("--examples", help="Feeds to copy, of layouts that many know.")] = False,
) -> None:
    """Which partners and feeds are known, and which files each claims; whether they are right."""
    if examples:
        for path in sorted(bundled.folder("examples").glob("*.toml")):
            typer.echo(path)
        return
    settings = app.read_settings()
    if check or test or write:
        _check_feeds(settings, test=test or write, write=write)
        return
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


def _check_feeds(settings: Settings, *, test: bool, write: bool) -> None:
    """Say what is wrong with the partners; ends with 1 if a sample has another answer."""
    partners = app.load_partners(settings).whole()
    count = sum(1 for _ in partners.feeds())
    typer.echo(f"{count} feeds of {len(partners.by_id)} partners, no mistake ({settings.partners_folder})")
    if not test:
        return
    from datetime import UTC, datetime

    from crossdock.workers.feed_samples import samples

    differing = total = 0
    for sample in samples(settings.partners_folder, partners, datetime.now(UTC).date()):
        total += 1
        name = sample.path.relative_to(settings.partners_folder)
        if sample.actual == sample.expected:
            continue
        differing += 1
        if write:
            sample.write()
            typer.echo(f"{name}: its answer is written, read it before you commit it")
        elif not sample.expected:
            typer.echo(f"{name}: has no answer yet; --write writes it")
        else:
            typer.echo(f"{name}: has another answer")
            typer.echo("\n".join(f"  {line}" for line in sample.differences[2:]))
    typer.echo(f"{total} samples, {total - differing} as their answers say")
    if differing and not write:
        raise typer.Exit(1)


def describe(
    document: Annotated[str, typer.Argument(help="A document type, such as sales_order.")],
    json: Json = False,
    guide: Annotated[
        str | None,
        typer.Option("--guide", help="A guide, such as x12_940: where the fields come from in its set."),
    ] = None,
) -> None:
    """A document type: its fields, types, limits and rules."""
    from crossdock.schema import descriptions

    document_type = known_document(document)
    if guide is not None:
        _describe_guide(guide, document_type.name, json=json)
        return
    if json:
        typer.echo(json_.dumps(descriptions.described(document_type), ensure_ascii=False))
        return
    typer.echo(f"{document_type.title} ({document_type.name}), reported as {document_type.report.documents}")
    terminal.wrapped(document_type.about)
    for level in document_type.levels:
        nested = f", in JSON under {level.array}" if level.array else ""
        typer.echo()
        terminal.wrapped(f"{level.title}, table {level.table}, key {' + '.join(level.key)}{nested}")
        rows = [
            (
                name,
                descriptions.kind(field),
                "required" if field.required else "",
                descriptions.explained(document_type, field),
            )
            for name, field in document_type.of(level).items()
        ]
        terminal.table(("Field", "Type", "", "What it means"), rows, flexible="What it means")
    typer.echo("\nrules:")
    for each in descriptions.rules(document_type):
        terminal.wrapped(each, indent="  ")


def _describe_guide(name: str, document: str, *, json: bool) -> None:
    """Where the fields of a document come from in a set of interchanges."""
    rows = [(field, where.replace("`", ""), how) for field, where, how in _known_guide(name, document)]
    if json:
        typer.echo(json_.dumps([{"field": row[0], "from": row[1], "how": row[2]} for row in rows], ensure_ascii=False))
        return
    terminal.table(("Field", "Comes from", "How"), rows, flexible="Comes from")


def _known_guide(name: str, document: str) -> list[Mapped]:
    """Where each field of a document comes from by that guide; ``Usage`` lists those there are."""
    from crossdock import formats

    guides = formats.guides_of(document)
    if name not in guides:
        raise exits.Usage(f"there is no guide {name!r} of {document}; there are: {', '.join(guides) or 'none'}")
    return guides[name]


def template(
    document: Annotated[
        str | None, typer.Argument(help="A document type, such as sales_order; with --feed it may be left out.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="The workbook; else DOCUMENT.xlsx here.")
    ] = None,
    feed: Annotated[
        str | None, typer.Option("--feed", help="PARTNER/DOCUMENT: in its headings, words and dates, not in ours.")
    ] = None,
    guide: Annotated[
        str | None, typer.Option("--guide", help="A guide, such as x12_940: a sample interchange of its set instead.")
    ] = None,
) -> None:
    """A workbook to fill in, with our columns or a partner's, their rules, and an example; or a sample interchange."""
    from crossdock import formats
    from crossdock.reports.excel.template import ending_of, write_template, write_template_of

    if guide is not None:
        _sample(guide, document, feed, output)
        return
    partners = app.load_partners(app.read_settings()).whole()
    terminal.feed(partners, feed)
    of_name = [each for each in partners.feeds() if each.name == feed]
    own = next(
        (each for each in of_name if formats.template(each.keys.format) == formats.WORKBOOK), next(iter(of_name), None)
    )
    if own is None and document is None:
        raise exits.Usage("name a document type, or a feed with --feed; 'crossdock feeds' lists them")
    if own is not None and document not in (None, own.document.name):
        raise exits.Usage(f"the feed {own.name} is not of {document}")
    document_type = own.document if own else known_document(str(document))
    reads = own.name if own else f"house/{document_type.name}"
    ending = ending_of(own) if own else formats.WORKBOOK
    if own is not None and not ending:
        raise exits.Usage(f"the feed {own.name} reads {own.keys.format} only: there is no template of it")
    path = output or Path(f"{reads.replace('/', '_') if own else document_type.name}{ending}")
    if path.suffix.lower() != ending:
        raise exits.Usage(
            f"a template {f'of {reads} ' if own else ''}is a file {ending}: write -o {path.with_suffix(ending)}"
        )
    _is_new(path)
    if own is not None:
        write_template_of(own, path)
    else:
        write_template(document_type, path)
    if reads in [each.name for each in partners.feeds()]:
        typer.echo(f"{path}: fill it in below the headings, then: crossdock import {path} --feed {reads}")
    else:
        typer.echo(
            f"{path}: fill it in below the headings, then import it with a feed of {document_type.name} "
            "that reads our names"
        )


def _is_new(path: Path) -> None:
    """``Usage`` if there is a file already, or no folder for one."""
    terminal.target(path)
    if path.exists():
        raise exits.Usage(f"{path} is there already: name another file, or remove it")


def _sample(guide: str, document: str | None, feed: str | None, output: Path | None) -> None:
    """Write a sample interchange of the set of a guide."""
    from crossdock import formats

    if document is None or feed is not None:
        raise exits.Usage("--guide needs a document type and no --feed, such as: template sales_order --guide x12_940")
    document_type = known_document(document)
    _known_guide(guide, document_type.name)
    path = output or Path(f"{guide}.edi")
    _is_new(path)
    path.write_text(formats.sample_of(guide, document_type.name, document_type.example), encoding="utf-8")
    typer.echo(f"{path}: one set from THEM to US, with the example of {document_type.name}")


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


def restored(
    numbers: Annotated[int, typer.Option("--numbers", min=1, help="How many control numbers are left out.")] = 1_000,
    database: Url = None,
) -> None:
    """An older database was put back: leave out the control numbers that it would give to partners once more."""
    from crossdock.jobs import edi_answers

    with app.open_site(app.read_settings(database_url=database)) as site:
        counters = edi_answers.leave_out_numbers(site.database, numbers)
    for each in counters:
        ids = f"{each.sender} to {each.receiver}"
        typer.echo(f"{each.partner}, {each.standard}, {each.kind}s from {ids}: the next is {each.last + 1:,}")
    if not counters:
        typer.echo("no interchange was answered yet: there are no control numbers")
