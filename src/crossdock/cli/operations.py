"""Commands about what runs: status, resume, deliver."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from crossdock import app, exits
from crossdock.cli import terminal
from crossdock.cli.importing import Url


def status(
    hours: Annotated[int | None, typer.Option("--hours", help="Of so many hours, else of today.")] = None,
    database: Url = None,
) -> None:
    """Today at a glance, as of now: per partner documents sent, in and on hold; what waits, runs, needs somebody."""
    from crossdock.database import open_read_only
    from crossdock.delivery.morning import morning
    from crossdock.jobs.overview import today
    from crossdock.reports.overview_text import HEADINGS, NUMBERS, rows

    settings = app.read_settings(database_url=database)
    opened = open_read_only(settings.url)
    if opened is None:
        typer.echo("nothing was imported yet")
        return
    begun = today(settings.zone_info) if hours is None else datetime.now(UTC) - timedelta(hours=hours)
    state = morning(opened, app.load_partners(settings), settings.home, begun, settings.zone_info)
    if state.overview.partners:
        terminal.table(
            HEADINGS,
            rows(state.overview),
            flexible="Last drop",
            right=NUMBERS,
            dispensable=("Drops", "Rejected", "Last drop"),
        )
    else:
        typer.echo("nothing came yet")
    terminal.sections(state.remarks)
    opened.close()
    raise typer.Exit(1 if state.needs_somebody else 0)


def resume(job: Annotated[str, typer.Argument(help="The job's id.")], database: Url = None) -> None:
    """Let a job continue that was cancelled, or set aside, or waits after an outage: the next worker takes it."""
    from crossdock.jobs import leases, queries

    with app.open_site(app.read_settings(database_url=database)) as site:
        if queries.find(site.database, job) is None:
            raise exits.Usage(f"there is no job {job}; 'crossdock jobs' lists those there are")
        if not leases.resume(site.database, job):
            raise exits.Usage(f"job {job} was not set aside, nor does it wait")
    typer.echo(f"{job} continues with the next worker that is free ('crossdock inbox' is one)")


@terminal.read_or_not()
def deliver(
    again: Annotated[bool, typer.Option("--again", help="What was given up, too, and without waiting.")] = False,
    partner: Annotated[str | None, typer.Option("--partner", help="With --again: of this partner only.")] = None,
    database: Url = None,
) -> None:
    """Send the answers that are due, once."""
    from crossdock.delivery import courier
    from crossdock.jobs import answer_queue as waiting

    settings = app.read_settings(database_url=database)
    with app.open_site(settings) as site:
        terminal.partner(site.partners, partner)
        if again:
            waiting.again(site.database, partner)
        sent = courier.deliver(site, app.open_wire(settings))
        for each in sent:
            if each.delivered:
                typer.echo(f"{each.partner}, job {each.job}, by {each.channel}: {each.said}")
        terminal.unsent(sent)
        if not sent:
            left = len(waiting.waiting(site.database))
            typer.echo("nothing is due" + (f"; {left:,} wait for their next attempt" if left else ""))
    raise typer.Exit(1 if any(not each.delivered for each in sent) else 0)
