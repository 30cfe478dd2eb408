"""What the commands share: settings, the desk, and how things are said."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from crossdock.inbox import Desk
    from crossdock.model import Progress, Report
    from crossdock.partners import Partners
    from crossdock.settings import Settings

USAGE = 2


class Usage(Exception):
    """The command was called in a way that can't be carried out."""


def exit_code(error: Exception) -> tuple[int, str]:
    """The exit code of something that went wrong, and its sentence."""
    from pydantic import ValidationError

    from crossdock.failures import Refused
    from crossdock.model import Misused, Outage
    from crossdock.partners import Misconfigured

    if isinstance(error, ValidationError):
        wrong = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        return USAGE, f"settings: {wrong}"
    if isinstance(error, Usage | Misused | Misconfigured | Refused | FileNotFoundError):
        return USAGE, str(error)
    if isinstance(error, Outage | OSError):
        return 1, str(error)
    return 1, f"{type(error).__name__}: {error} (CROSSDOCK_TRACEBACK=1 shows where)"


def settings(**flags: object) -> Settings:
    """The settings, with the flags that were given."""
    from crossdock.settings import Settings

    return Settings(**{name: value for name, value in flags.items() if value is not None})  # type: ignore[arg-type]  # pydantic checks them


def partners(told: Settings) -> Partners:
    """The partners that are known."""
    from crossdock.partners import load

    return load(told.partners_folder, told.zone)


@contextmanager
def desk(told: Settings) -> Iterator[Desk]:
    """Where files are imported."""
    from crossdock.database import connect
    from crossdock.inbox import Desk

    known = partners(told)
    database = connect(told.url)
    try:
        yield Desk(database, known, told.home)
    finally:
        database.close()


@contextmanager
def progress(name: str, *, quiet: bool) -> Iterator[Any]:
    """A progress bar on a terminal's error stream; nothing elsewhere."""
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task(name, total=None)

        def watch(at: Progress) -> None:
            bars.update(task, completed=at.processed, total=at.total)

        yield watch


def worst(codes: Iterable[int]) -> int:
    """The exit code of several drops: 1 before 4 before 3 before 0."""
    found = set(codes)
    return next((code for code in (1, 4, 3) if code in found), 0)


def line(report: Report) -> str:
    """A drop in one line: job, verdict, documents and lines in and out."""
    from crossdock.report import books, headline, summary

    job = f"{report.job}  " if report.job else ""
    if report.refused:
        return f"{job}{headline(report)}  {report.name}: {report.refused}"
    return (
        f"{job}{headline(report)}  {report.name}: documents {summary(report.documents)}, "
        f"{report.failing:,} not taken; lines {books(report)}"
    )


def echo(pieces: Iterable[str]) -> None:
    """Write pieces of text to standard output."""
    for piece in pieces:
        typer.echo(piece, nl=False)


def lines(pieces: Iterable[str]) -> None:
    """Write lines to standard output."""
    for piece in pieces:
        typer.echo(piece)


def paths(given: list[Path]) -> list[Path]:
    """Files that are there; ``Usage`` names one that isn't."""
    for path in given:
        if not path.is_file():
            raise Usage(f"{path} is not a file")
    return given


def feed(known: Partners, name: str | None) -> None:
    """See that a feed that was named is known; ``Usage`` lists those that are."""
    names = [each.name for each in known.feeds()]
    if name is not None and name not in names:
        raise Usage(f"there is no feed {name!r}; there are: {', '.join(names)}")
