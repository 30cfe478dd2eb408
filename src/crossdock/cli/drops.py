"""Commands that read drops: import, check, inbox."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crossdock.cli import saying

if TYPE_CHECKING:
    from crossdock.model import Report

Paths = Annotated[list[Path], typer.Argument(help="The files, which are neither moved nor changed.")]
FeedName = Annotated[str | None, typer.Option("--feed", help="PARTNER/DOCUMENT, else the feed that claims the name.")]
Url = Annotated[str | None, typer.Option("--database", help="A database URL, else the settings'.")]
Json = Annotated[bool, typer.Option("--json", help="Print acknowledgements, one a line, and nothing else.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress, and no failures in words.")]


def import_(
    paths: Paths, feed: FeedName = None, database: Url = None, json: Json = False, quiet: Quiet = False
) -> None:
    """Import files: what is right goes in, every line that can't is answered for."""
    from crossdock import acknowledge, report
    from crossdock.database import history
    from crossdock.filing import shelf
    from crossdock.inbox import import_file

    codes = []
    brought: list[Report] = []
    saying.paths(paths)
    with saying.desk(saying.settings(database_url=database)) as desk:
        saying.feed(desk.partners, feed)
        for path in paths:
            with saying.progress(path.name, quiet=quiet or json) as watch:
                found = import_file(desk, path, feed, watch, brought.append)
            codes.append(found.exit_code)
            row = history.find(desk.database, found.job)
            if json:
                for answer in acknowledge.answers(row, desk.database):
                    saying.echo(acknowledge.body(row, answer, desk.database))
                    typer.echo()
            elif quiet:
                typer.echo(saying.line(found))
            else:
                saying.lines(report.text(row, desk.database))
                typer.echo(f"  reports: {shelf(desk.home, row)}")
                for each in brought:
                    typer.echo(f"held documents sent again: {saying.line(each)}")
            brought.clear()
    raise typer.Exit(saying.worst(codes))


def check(paths: Paths, feed: FeedName = None, database: Url = None, json: Json = False, quiet: Quiet = False) -> None:
    """The dry run: the same answers, and what would be done; nothing is written, nothing created."""
    from crossdock import acknowledge, report
    from crossdock.database import history
    from crossdock.inbox import check_file

    told = saying.settings(database_url=database)
    partners = saying.partners(told)
    saying.feed(partners, feed)
    codes = []
    for path in saying.paths(paths):
        with (
            saying.progress(path.name, quiet=quiet or json) as watch,
            check_file(partners, told.url, path, feed, watch) as (found, books),
        ):
            codes.append(found.exit_code)
            row = history.find(books, found.job)
            if json:
                for answer in acknowledge.answers(row, books):
                    saying.echo(acknowledge.body(row, answer, books))
                    typer.echo()
            elif quiet:
                typer.echo(saying.line(found))
            else:
                saying.lines(report.text(row, books))
                typer.echo("  nothing was written: this is what an import would do")
    raise typer.Exit(saying.worst(codes))


def inbox(database: Url = None, quiet: Quiet = False) -> None:
    """Import everything that waits in the drop folder, once."""
    from crossdock.inbox import import_claimed, pick_up
    from crossdock.model import OUTAGE_EXIT_CODE, Outage
    from crossdock.receive import strays

    told = saying.settings(database_url=database)
    codes = []
    with saying.desk(told) as desk:
        for claimed in pick_up(desk, told.settle_seconds):
            try:
                with saying.progress(claimed.path.name, quiet=quiet) as watch:
                    found = import_claimed(desk, claimed, watch, lambda each: typer.echo(saying.line(each)))
            except Exception as error:  # noqa: BLE001  # the drop loop: one bad file must not stop the next
                typer.echo(f"{claimed.path.name}: {saying.exit_code(error)[1]}; the next run goes on with it", err=True)
                codes.append(OUTAGE_EXIT_CODE)
                if isinstance(error, Outage | OSError):
                    break  # what comes next may need what this one brings (contract A7)
                continue
            if found is not None:
                codes.append(found.exit_code)
                typer.echo(saying.line(found))
        for stray in strays(told.home / "inbox"):
            typer.echo(saying.stray(stray), err=True)
        if codes:
            typer.echo(f"reports: {told.home}/archive/<date>/<job>; for the partners: {told.home}/outbox/<partner>")
        else:
            typer.echo(f"nothing waits in {told.home / 'inbox'}")
    raise typer.Exit(saying.worst(codes))
