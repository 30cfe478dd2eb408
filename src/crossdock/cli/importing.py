"""Commands that read drops: import, check, inbox."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crossdock import app, exits
from crossdock.cli import terminal

if TYPE_CHECKING:
    from crossdock.database import Database
    from crossdock.model.job import ArrivalRecord
    from crossdock.model.report import Report
    from crossdock.partners.registry import Partners
    from crossdock.settings import Settings
    from crossdock.site import Site
    from crossdock.workers.by_path import Checked

Paths = Annotated[list[Path], typer.Argument(help="The files, which are neither moved nor changed.")]
FeedName = Annotated[str | None, typer.Option("--feed", help="PARTNER/DOCUMENT, else the feed that claims the name.")]
Url = Annotated[str | None, typer.Option("--database", help="A database URL, else the settings'.")]
Json = Annotated[bool, typer.Option("--json", help="Print acknowledgements, one a line, and nothing else.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress, and no failures in words.")]


@terminal.read_or_not()
def import_(
    paths: Paths, feed: FeedName = None, database: Url = None, json: Json = False, quiet: Quiet = False
) -> None:
    """Import files: what is right goes in, every line that can't is answered for."""
    from crossdock.delivery.answer_files import filed_text, shelf
    from crossdock.delivery.courier import deliver
    from crossdock.errors import Outage
    from crossdock.jobs import queries
    from crossdock.model.status import OUTAGE_EXIT_CODE
    from crossdock.workers.by_path import import_file, in_order

    codes = []
    terminal.paths(paths)
    settings = app.read_settings(database_url=database)
    with app.open_site(settings) as site:
        terminal.feed(site.partners, feed)
        for path in in_order(site.partners, paths, feed):
            others: list[Report] = []
            try:
                with terminal.progress(path.name, quiet=quiet or json) as watch:
                    report = import_file(site, path, feed, watch, others.append)
            except (Outage, OSError) as outage:
                typer.echo(f"{path}: {outage}", err=True)
                codes.append(OUTAGE_EXIT_CODE)
                continue
            job = queries.one(site.database, report.job)
            last = f"reports: {shelf(site.home, job)}"
            _answer(report, site.database, last, filed_text(site.home, job), json=json, quiet=quiet)
            if not (json or quiet or feed):
                _offer(site.partners, path)
            _besides(others, json=json, quiet=quiet)
            codes.extend(_codes(report, others))
        terminal.unsent(deliver(site, app.open_wire(settings)))
    raise typer.Exit(terminal.worst(codes))


def check(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="The files, which are neither moved nor changed.", show_default=False)
    ] = None,
    feed: FeedName = None,
    since: Annotated[
        str | None,
        typer.Option("--since", metavar="7d", help="With --feed: compare its files of these days with today's TOML."),
    ] = None,
    database: Url = None,
    json: Json = False,
    quiet: Quiet = False,
    edi: Annotated[
        bool, typer.Option("--edi", help="Print the answers in the standard of interchanges, and nothing else.")
    ] = False,
) -> None:
    """The dry run: the same answers, and what would be done; nothing is written, nothing created."""
    from crossdock.workers.by_path import check_file, in_order

    settings = app.read_settings(database_url=database)
    partners = app.load_partners(settings)
    terminal.feed(partners, feed)
    if since is not None and feed is not None and not paths:
        _recheck(settings, partners, feed, since)
        return
    if since is not None or not paths:
        raise exits.Usage("name the files, or a feed and its days: check --feed PARTNER/DOCUMENT --since 7d")
    codes = []
    for path in in_order(partners, terminal.paths(paths), feed):
        with (
            terminal.progress(path.name, quiet=quiet or json or edi) as watch,
            check_file(partners, settings.url, path, feed, watch, zone=settings.zone_info) as checked,
        ):
            report = next(checked.reports)
            if not edi:
                last = "nothing was written: this is what an import would do"
                _answer(report, checked.books, last, json=json, quiet=quiet)
            if not (json or quiet or feed or edi):
                _offer(partners, path)
            others = list(checked.reports)
            _besides(others, json=json or edi, quiet=quiet)
            _in_standard(checked, named=not (json or quiet or edi), texts=edi)
        codes.extend(_codes(report, others))
    raise typer.Exit(terminal.worst(codes))


def _in_standard(checked: Checked, *, named: bool, texts: bool) -> None:
    """Name the answers in the standard that an import would send, or print them."""
    from crossdock.jobs import edi_answers

    answers = [answer for answer, _, _ in edi_answers.of_all(checked.books)] if named or texts else []
    if texts:
        from crossdock.delivery import standard_answers  # files of other formats have none

        for each in answers:
            answer = standard_answers.written(Path(), checked.books, each.outbox, checked.stored)
            sys.stdout.buffer.writelines(answer.pieces)
    elif answers:
        kinds = ", ".join(each.kind for each in answers)
        typer.echo(f"answers in the standard: {kinds}; crossdock check --edi prints them")


def _recheck(settings: Settings, partners: Partners, feed: str, since: str) -> None:
    """Say what would come out differently of a feed's files; ends with 1 if anything does."""
    from crossdock.database import open_read_only
    from crossdock.workers.recheck import recheck

    match = re.fullmatch(r"(\d{1,4})([dh])", since)
    if match is None:
        raise exits.Usage(f"--since {since}: write a number of days or hours, such as 7d or 12h")
    span = timedelta(**{"days" if match[2] == "d" else "hours": int(match[1])})
    opened = open_read_only(settings.url)
    if opened is None:
        raise exits.Usage("there is no database yet, so no file was imported")
    total = differing = 0
    with closing(opened):
        for each in recheck(opened, settings.home, partners, partners.named(feed), datetime.now(UTC) - span):
            total += 1
            differing += bool(each.differences)
            if each.unknown or each.differences:
                typer.echo(f"{each.job.name} ({each.job.job_id}): {each.unknown or 'comes out differently'}")
            for sentence in each.differences:
                typer.echo(f"  {sentence}")
    typer.echo(f"{total} files of {feed}, {differing} come out differently with today's TOML; nothing was written")
    if differing:
        raise typer.Exit(1)


def _answer(
    report: Report, database: Database, last: str, filed: Iterable[str] | None = None, *, json: bool, quiet: bool
) -> None:
    """Answer for a file: its acknowledgements, one line, or its whole report in words with a last line.

    ``filed``: the lines of that report, if it is written already.
    """
    from crossdock.jobs import queries
    from crossdock.reports import acknowledgement
    from crossdock.reports import text as full

    job = queries.one(database, report.job)
    if json:
        for answer in acknowledgement.answers(job, database):
            terminal.echo(acknowledgement.body(job, answer, database))
            typer.echo()
    elif quiet:
        typer.echo(full.line(report))
    else:
        terminal.lines(full.text(job, database) if filed is None else filed)
        typer.echo(f"  {last}")


def _offer(partners: Partners, path: Path) -> None:
    """For a file that no feed claims, the command that proposes a feed: a line for the person, and in no report."""
    from crossdock.failures.refusals import Refused
    from crossdock.formats import stamped
    from crossdock.intake.archives import is_archive
    from crossdock.partners.registry import Misconfigured

    try:
        partners.claim(path.name)
    except Misconfigured:
        return
    except Refused as refused:
        if refused.code == "no_feed" and not is_archive(path) and stamped(path) is None:
            typer.echo(f"  name a feed with --feed, or let crossdock propose one: crossdock learn {path}")


def _besides(others: list[Report], *, json: bool, quiet: bool) -> None:
    """What came of a file besides: the members of an archive, held documents that it brought in; a line each."""
    from crossdock.reports.text import line

    if not (json or quiet):
        for each in others:
            typer.echo(f"besides: {line(each)}")


def _codes(report: Report, others: list[Report]) -> list[int]:
    """The exit codes of a file: of an archive, what was in it counts."""
    return [report.exit_code, *(each.exit_code for each in others if report.said)]


@terminal.read_or_not()
def inbox(database: Url = None, quiet: Quiet = False) -> None:
    """Import everything that waits in the drop folders, once; what is not complete yet is waited for."""
    from crossdock.delivery.courier import deliver
    from crossdock.intake.drop_folders import scan
    from crossdock.model.job import FAILS
    from crossdock.model.status import OUTAGE_EXIT_CODE
    from crossdock.reports.text import line
    from crossdock.workers.work import jobs_waiting, run_job
    from crossdock.workers.worker import Worker

    settings = app.read_settings(database_url=database)
    codes = []
    with app.open_site(settings) as site, Worker(site.database, "inbox") as worker, worker.stopped_by(*exits.endings()):
        settling = scan(site).settling.values()
        if settling and not quiet:
            typer.echo(f"{len(settling)} not complete yet: {ceil(max(settling)):,} s to wait", err=True)
        for taken in jobs_waiting(site, worker):
            with terminal.progress(taken.row.name, quiet=quiet) as watch:
                ended = run_job(site, worker, taken, watch)
            if ended.report is not None:
                codes.append(ended.report.exit_code)
                typer.echo(line(ended.report))
            elif ended.how != "lost":
                codes.append(OUTAGE_EXIT_CODE)
                typer.echo(f"{ended.name}: {ended.said}; it is tried again", err=True)
        if not worker.stopping.is_set():
            terminal.unsent(deliver(site, app.open_wire(settings)))
        left, jobs_left = _left_over(site), _jobs_left(site)
        if codes:
            typer.echo(
                f"reports: {settings.home}/archive/<date>/<job>; for the partners: {settings.home}/outbox/<partner>"
            )
        else:
            typer.echo(f"nothing {'was taken from' if left or jobs_left else 'waits in'} {settings.home / 'inbox'}")
        if jobs_left or any(file.kind == FAILS for file in left):
            codes.append(OUTAGE_EXIT_CODE)
    raise typer.Exit(terminal.worst(codes) or (exits.USAGE if site.partners.broken else 0))


def _left_over(site: Site) -> list[ArrivalRecord]:
    """Name what is odd in the drop folders, and what waits in them with the reason; returns what waits."""
    from crossdock.intake.drop_folders import scan
    from crossdock.jobs import arrivals
    from crossdock.model.job import STRAYS
    from crossdock.reports.overview_text import all_that_wait

    for odd in scan(site, partners=()).odd:
        typer.echo(odd, err=True)
    left = arrivals.waiting(site.database)
    others = [file for file in left if file.kind != STRAYS]  # those are among the odd
    for sentence in all_that_wait(others, datetime.now(UTC), site.zone):
        typer.echo(sentence, err=True)
    return left


def _jobs_left(site: Site) -> bool:
    """Name the jobs that came and are not done, with the reason; whether there are any that no worker has."""
    from crossdock.jobs.overview import overview, today
    from crossdock.reports.overview_text import not_done

    remarks = not_done(overview(site.database, today(site.zone), site.zone))
    terminal.sections(remarks, sys.stderr)
    return bool(remarks)
