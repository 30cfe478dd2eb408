"""How things are said on a terminal: tables, progress, lines."""

from __future__ import annotations

import os
import sys
import textwrap
import time
from collections.abc import Container, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import typer

from crossdock.exits import Usage

if TYPE_CHECKING:
    from rich.console import Console

    from crossdock.delivery.courier import Sent
    from crossdock.model.report import Progress
    from crossdock.partners.registry import Partners
WIDTH = 100
"""Columns of a terminal that every table fits."""
FOLDED = 24
"""Columns that a folded column has at least: else rows are shown as records."""
UNBOUND = 1_000
"""Columns of what is written where there is no terminal: nothing is folded, so that it can be searched."""
COLOURS = {"accepted": "green", "partly failed": "yellow", "rejected": "red"}


def misused(error: typer.TyperException) -> str:
    """What was wrong with a command line, in one sentence with what to do."""
    sentence = error.format_message().strip().removesuffix(".").replace("Value error, ", "")
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "crossdock"
    return f"{sentence[:1].lower()}{sentence[1:]} ('{path} --help' shows how)"


def unsent(sent: Iterable[Sent]) -> None:
    """Say which answers could not go out."""
    for each in sent:
        if not each.delivered:
            typer.echo(f"not answered yet: {each.partner}, job {each.job}: {each.said}; it is tried again", err=True)


@contextmanager
def read_or_not() -> Iterator[None]:
    """What is done here goes on where nobody reads what is said of it: the disk of a log is full, a pager has ended.

    Then it ends with exit code 1, and the reason; only where a reader has ended by itself it ends as ever.
    """
    before = sys.stdout, sys.stderr
    output, errors = _Unheard(sys.stdout), _Unheard(sys.stderr)
    sys.stdout, sys.stderr = output, errors
    ended = typer.Exit()
    try:
        yield
    except typer.Exit as how:
        ended = how
    finally:
        sys.stdout, sys.stderr = before
    for each in (output, errors):
        if each.error is not None and not isinstance(each.error, BrokenPipeError):
            typer.echo(f"crossdock: not all of the output could be written: {each.error.strerror}", err=True)
            ended = typer.Exit(1)
    raise ended


class _Unheard:
    """A stream: what can't be written to it is dropped, and the first error kept."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.error: OSError | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write, or not."""
        with self._or_dropped():
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Flush, or not."""
        with self._or_dropped():
            self._stream.flush()

    @contextmanager
    def _or_dropped(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self.error = self.error or error
            os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())


@contextmanager
def progress(name: str, *, quiet: bool) -> Iterator[Any]:
    """A progress bar on a terminal's error stream, with rate and remaining time; nothing elsewhere."""
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TextColumn("documents, {task.fields[rate]}"),
        TimeRemainingColumn(elapsed_when_finished=True),
    )
    with Bars(*columns, console=console(stderr=True), transient=True) as bars:
        task = bars.add_task(name, total=None, rate="reading …")
        begun = time.monotonic()

        def watch(at: Progress) -> None:
            seconds = time.monotonic() - begun
            rate = f"{at.processed / seconds:,.0f} a second" if at.processed and seconds else "checking …"
            bars.update(task, completed=at.processed, total=at.total, rate=rate)

        yield watch


def console(*, stderr: bool = False) -> Console:
    """Where tables and bars go: coloured and folded on a terminal only."""
    from rich.console import Console as Rich

    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else UNBOUND
    return Rich(file=stream, width=width, highlight=False, markup=False, emoji=False)


def table(
    headings: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    flexible: str,
    right: Container[str] = (),
    dispensable: Container[str] = (),
) -> None:
    """A table that fits the terminal; elsewhere as wide as it is, a row a line.

    The column ``flexible`` is folded where it must be; ``dispensable`` ones are left out on a narrow terminal; what
    doesn't fit even so is shown as records, and no value is ever cut. Verdicts are coloured by what they mean.
    """
    from rich import box
    from rich.table import Table
    from rich.text import Text

    screen = console()
    shown = [place for place, each in enumerate(headings) if screen.width >= WIDTH or each not in dispensable]
    cells = [[row[place] for place in shown] for row in rows]
    names = [headings[place] for place in shown]
    if not _fits(names, cells, flexible, screen.width):
        _as_records(screen, names, cells)
        return
    drawn = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    for heading in names:
        justify: Any = "right" if heading in right else "left"
        drawn.add_column(heading, justify=justify, no_wrap=heading != flexible, overflow="fold")
    for row in cells:
        drawn.add_row(*(Text(value, style=COLOURS.get(value, "")) for value in row))
    with screen.capture() as captured:
        screen.print(drawn)
    for line in captured.get().splitlines():
        typer.echo(line.rstrip())


def _fits(headings: Sequence[str], rows: list[list[str]], flexible: str, width: int) -> bool:
    """Whether every column but the flexible one has room for its longest value, and that one for some words."""
    widest = [max(map(len, (name, *(row[at] for row in rows)))) for at, name in enumerate(headings)]
    needed = [min(each, FOLDED) if name == flexible else each for name, each in zip(headings, widest, strict=True)]
    return sum(needed) + 2 * (len(needed) - 1) <= width


def _as_records(screen: Console, headings: Sequence[str], rows: list[list[str]]) -> None:
    """Rows as records, a value a line: nothing is cut where a table has no room."""
    from rich.text import Text

    width = screen.width
    left = max(map(len, headings)) + 2
    for row in rows:
        for name, value in zip(headings, row, strict=True):
            for number, part in enumerate(textwrap.wrap(value, max(width - left, 20))):
                heading = Text(f"{name if number == 0 else '':{left}}", style="bold")
                screen.print(heading + Text(part, style=COLOURS.get(part, "")), soft_wrap=True)
        typer.echo()


def worst(codes: Iterable[int]) -> int:
    """The exit code of several drops: 1 before 4 before 3 before 0."""
    distinct = set(codes)
    return next((code for code in (1, 4, 3) if code in distinct), 0)


def echo(pieces: Iterable[str]) -> None:
    """Write pieces of text to standard output."""
    for piece in pieces:
        typer.echo(piece, nl=False)


def wrapped(text: str, indent: str = "", file: TextIO | None = None) -> None:
    """Write a sentence, on a terminal in lines that fit it. ``file``: None for standard output."""
    width = console().width
    for line in textwrap.wrap(text, width, initial_indent=indent, subsequent_indent=indent + "  "):
        typer.echo(line, file)


def sections(remarks: Iterable[tuple[str, Sequence[str]]], file: TextIO | None = None) -> None:
    """Write headings, each with its lines. ``file``: None for standard output."""
    for heading, of_heading in remarks:
        typer.echo(f"{heading}:", file)
        for line in of_heading:
            wrapped(line, "  ", file)


def lines(pieces: Iterable[str]) -> None:
    """Write lines to standard output; on a terminal headings are bold and verdicts coloured."""
    if not sys.stdout.isatty():
        for piece in pieces:
            typer.echo(piece)
        return
    from rich.text import Text

    screen = console()
    for piece in pieces:
        text = Text(piece, style="" if piece.startswith(" ") else "bold")
        if not piece.startswith(" "):
            for verdict, colour in COLOURS.items():
                text.highlight_words([f"  {verdict}"], colour)
        screen.print(text, soft_wrap=True)


def paths(named: list[Path]) -> list[Path]:
    """Files that are there; ``Usage`` names one that isn't."""
    for path in named:
        if not path.is_file():
            what = "is a folder, not a file" if path.is_dir() else "is not there"
            raise Usage(f"{path} {what}; nothing was imported")
    return named


def target(path: Path | None) -> None:
    """See that a file can be written where it is asked for."""
    if path is not None and path.is_dir():
        raise Usage(f"{path} is a folder: name a file in it")
    if path is not None and not path.parent.is_dir():
        raise Usage(f"there is no folder {path.parent} to write {path.name} into")


def partner(partners: Partners, name: str | None) -> None:
    """See that a partner that was named is known; ``Usage`` lists those that are."""
    if name is not None and partners.of(name) is None:
        raise Usage(f"there is no partner {name!r}; there are: {', '.join(partners.by_id)}")


def feed(partners: Partners, name: str | None) -> None:
    """See that a feed that was named is known; ``Usage`` lists those that are."""
    names = [each.name for each in partners.feeds()]
    if name is not None and name not in names:
        raise Usage(f"there is no feed {name!r}; there are: {', '.join(names)}")
