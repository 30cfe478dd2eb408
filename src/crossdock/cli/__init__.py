"""The command line: thin, a file a group of commands; the exit code is the verdict.

``main`` is one of the two doors at which everything that was not foreseen becomes a sentence (the other is the drop
loop of the inbox). Exit codes: 0 accepted, 3 partly failed, 4 rejected, 1 an outage, 2 wrong usage; of several drops
the worst, 1 before 4 before 3 before 0.
"""

from __future__ import annotations

import gc
import io
import os
import sys
from typing import Annotated

import typer

from crossdock import __version__
from crossdock.cli import documents, flows, held, importing, jobs, keys, learning, operations, quoting, serving, setup

STARTED = 300_000
"""How many objects a command makes until it works, at most: modules and what is in them, nearly all of which stays."""
OBJECTS = 50_000
"""After how many new objects unused ones are looked for from then on; Python's 700 are a tenth of a command's time."""
STREAMS = {"stdin": "r", "stdout": "w", "stderr": "w"}
"""The standard streams, by their numbers, and how each is opened."""
app = typer.Typer(
    name="crossdock",
    help="Trading partners' files into the database, and an answer for every line that could not go in.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("import")(importing.import_)
app.command("check")(importing.check)
app.command("inbox")(importing.inbox)
app.command("status")(operations.status)
app.command("jobs")(jobs.jobs)
app.command("report")(jobs.report)
app.command("open")(held.open_)
app.command("find")(held.find)
app.command("replay")(held.replay)
app.command("dismiss")(held.dismiss)
app.command("resume")(operations.resume)
app.command("deliver")(operations.deliver)
app.command("list")(documents.list_)
app.command("show")(documents.show)
app.command("quote")(quoting.quote)
app.command("learn")(learning.learn)
app.command("feeds")(setup.feeds)
app.command("describe")(setup.describe)
app.command("template")(setup.template)
database = typer.Typer(help="The database itself.")
database.command("upgrade")(setup.upgrade)
database.command("restored")(setup.restored)
app.add_typer(database, name="database")
app.command("serve")(serving.serve)
keys_ = typer.Typer(help="The keys of the API over HTTP.")
keys_.command("add")(keys.add)
keys_.command("list")(keys.list_)
keys_.command("revoke")(keys.revoke)
app.add_typer(keys_, name="keys")
prefect = typer.Typer(invoke_without_command=True, callback=flows.prefect)
prefect.command("set-up")(flows.set_up)
prefect.command("work")(flows.work)
prefect.command("watch")(flows.watch)
app.add_typer(prefect, name="prefect")


def _help(context: typer.Context) -> None:
    """Without a command, what commands there are."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(2)


@keys_.callback(invoke_without_command=True)
def _keys(context: typer.Context) -> None:
    _help(context)


@database.callback(invoke_without_command=True)
def _database(context: typer.Context) -> None:
    _help(context)


@app.callback(invoke_without_command=True)
def _app(
    context: typer.Context, version: Annotated[bool, typer.Option("--version", help="Show the version.")] = False
) -> None:
    if version:
        typer.echo(__version__)
        raise typer.Exit
    _help(context)


def _keep_what_is_started(phase: str, _: dict[str, int]) -> None:
    """Instead of the first search for unused objects: those that are there stay, and are never gone through again."""
    if phase == "start":
        gc.callbacks.remove(_keep_what_is_started)
        gc.freeze()
        gc.set_threshold(OBJECTS)


def _leave_out_the_others(words: list[str]) -> None:
    """Keep the command that the first word names, if it names one: Typer looks at the parameters of all that it has."""
    commands = [each for each in app.registered_commands if each.name in words[:1]]
    if commands:
        app.registered_commands, app.registered_groups = commands, []


def _open_closed_streams() -> None:
    """A standard stream that the caller has closed (``>&-``) leads nowhere, here and in every child: else the next file
    that is opened has its number, and what anybody writes to the stream is in that file.
    """
    closed = [name for name in STREAMS if getattr(sys, name) is None]
    opened = [os.open(os.devnull, os.O_RDWR) for _ in closed]  # the system gives the lowest free numbers
    for name, descriptor in zip(closed, opened, strict=True):
        os.set_inheritable(descriptor, True)
        setattr(sys, name, os.fdopen(descriptor, STREAMS[name]))


def main() -> None:
    """Run a command; whatever was not foreseen ends in one sentence and exit code 1."""
    _open_closed_streams()
    gc.set_threshold(STARTED)
    gc.callbacks.append(_keep_what_is_started)
    for each in (sys.stdout, sys.stderr):
        if isinstance(each, io.TextIOWrapper):  # the letters of a partner's file may not be among those of a terminal
            each.reconfigure(errors="backslashreplace")
    _leave_out_the_others(sys.argv[1:])
    try:
        sys.exit(app(standalone_mode=False))
    except typer.TyperException as error:
        from crossdock.cli.terminal import misused

        sys.stderr.write(f"crossdock: {misused(error)}\n")
        sys.exit(2)
    except (KeyboardInterrupt, typer.Abort):
        from crossdock.exits import INTERRUPTED, STOPPED

        sys.stderr.write(f"crossdock: {STOPPED}\n")
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:  # noqa: BLE001  # the door
        from crossdock.exits import fail  # after a failure there is time

        fail(error)
