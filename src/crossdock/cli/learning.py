"""The command that proposes a feed from a sample file: learn."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crossdock import app, exits
from crossdock.cli import terminal
from crossdock.scratch import scratch_folder

if TYPE_CHECKING:
    from crossdock.learn.columns import Column
    from crossdock.learn.proposal import Match, Proposal
    from crossdock.learn.toml_text import Who
    from crossdock.settings import Settings

LEAVE_OUT = "-"
"""The answer that leaves a column out."""
SHOWN = 10
"""Failures of the dry run, and names of columns, that are shown."""


def learn(
    file: Annotated[Path, typer.Argument(help="A sample file of the partner; it is neither moved nor changed.")],
    partner: Annotated[str | None, typer.Option("--partner", help="The partner's id, else the file's name.")] = None,
    document: Annotated[str | None, typer.Option("--document", help="The document type, if you know it.")] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="The TOML; else it is printed.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing; take only what is proved.")] = False,
    business_unit: Annotated[str | None, typer.Option("--business-unit", help="What the partner may write.")] = None,
    currency: Annotated[str | None, typer.Option("--currency", help="Of amounts, where the file names none.")] = None,
    zone: Annotated[str | None, typer.Option("--zone", help="The partner's time zone, such as Europe/Berlin.")] = None,
) -> None:
    """Propose a feed from a sample file: the TOML, with the evidence for each column, and a dry run with it."""
    from crossdock.cli.setup import known_document
    from crossdock.failures.refusals import Refused
    from crossdock.learn import toml_text
    from crossdock.learn.derived.finding import with_derived
    from crossdock.learn.proposal import propose
    from crossdock.learn.sample import read_sample

    terminal.paths([file])
    settings = app.read_settings()
    if document is not None:
        known_document(document)
    asks = not yes and sys.stdin.isatty() and sys.stderr.isatty()
    own = settings.partners or settings.home / "partners"
    _may_write(output, own, asks)
    try:
        sample = read_sample(file)
    except Refused as refused:
        raise exits.Usage(f"{file}: {refused.sentence}") from None
    proposal = propose(sample, file.name, document)
    if document is None:
        proposal = _with_document(proposal, file, asks)
    who = _who(file, partner, business_unit, zone, settings, asks=asks)
    proposal = with_derived(proposal, file.name)
    if asks:
        proposal = _decide(_confirm(proposal))
    who = _with_currency(proposal, who, currency, asks)
    text = toml_text.feed_toml(proposal, file.name, who)
    _say(proposal, who)
    if output is None:
        typer.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")
    code = _rehearse(text, who.partner, proposal.document.name, file, settings)
    where = output or f"{own / who.partner}.toml"
    typer.echo(f"{where} is written" if output else f"to keep it, add: -o {where}", err=True)
    raise typer.Exit(code)


def _may_write(output: Path | None, own: Path, asks: bool) -> None:
    """See that the TOML can be written: nothing is overwritten unless somebody says yes. ``own`` is made if missing."""
    if output is not None and output.parent.absolute() == own.absolute():
        own.mkdir(parents=True, exist_ok=True)
    terminal.target(output)
    if output is None or not output.exists():
        return
    if not asks or not typer.confirm(f"{output} is there already. Overwrite it?", default=False, err=True):
        raise exits.Usage(f"{output} is there already: name another file, or remove it")


def _with_document(proposal: Proposal, file: Path, asks: bool) -> Proposal:
    """The proposal for the document that is meant; ``Usage`` if nobody can say which one is."""
    from crossdock.learn.proposal import propose

    best = proposal.document.name
    if proposal.score <= 0:
        raise exits.Usage(
            f"{file}: no document fits these columns; name one: crossdock learn {file} --document sales_order"
        )
    if not proposal.others:
        return proposal
    names = [best, *proposal.others]
    if not asks:
        raise exits.Usage(f"{file} may be {' or '.join(names)}: name one, such as --document {best}")
    chosen = typer.prompt(f"Which document is it? {', '.join(names)}", default=best, err=True)
    if chosen == best:
        return proposal
    from crossdock.cli.setup import known_document

    return propose(proposal.sample, file.name, known_document(chosen).name)


def _who(
    file: Path, partner: str | None, business_unit: str | None, zone: str | None, settings: Settings, *, asks: bool
) -> Who:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    from crossdock.learn.toml_text import Who, partner_of
    from crossdock.partners.partner_config import PartnerKeys

    def answer(value: str | None, question: str, default: str) -> str:
        if value is not None or not asks:
            return value or default
        return str(typer.prompt(question, default=default, err=True)).strip()

    who = Who(
        answer(partner, "The partner's id", partner_of(file)),
        answer(business_unit, "The business unit that it writes", "BU1"),
        answer(zone, "Its time zone", settings.zone),
    )
    try:
        ZoneInfo(who.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise exits.Usage(f"{who.zone!r} is not a time zone, such as Europe/Berlin") from None
    try:
        PartnerKeys(id=who.partner, business_units=(who.business_unit,))
    except ValueError:
        raise exits.Usage(f"{who.partner!r} is no id of a partner: write a-z, 0-9, - and _, at most 40") from None
    return who


def _with_currency(proposal: Proposal, who: Who, currency: str | None, asks: bool) -> Who:
    from dataclasses import replace

    from crossdock.learn.toml_text import needs_currency
    from crossdock.schema.codes import currencies

    if currency is None and asks and needs_currency(proposal):
        question = f"The currency of the amounts, such as EUR ({LEAVE_OUT} leaves the amounts out)"
        currency = str(typer.prompt(question, default=LEAVE_OUT, err=True)).strip()
    code = (currency or LEAVE_OUT).upper()
    if code not in (LEAVE_OUT, *currencies()):
        raise exits.Usage(f"{currency!r} is no currency of ISO 4217, such as EUR")
    return who if code == LEAVE_OUT else replace(who, currency=code)


def _confirm(proposal: Proposal) -> Proposal:
    """Ask about each thing that columns or the file's name may make together, and about rows that may not be meant."""
    from dataclasses import replace

    from crossdock.learn.suggestions import row_rules

    for each in proposal.derived:
        if each.proved or set(each.fields) & proposal.covered - {
            one.field for one in proposal.by_heading(each.sources)
        }:
            continue
        typer.echo(f"{' + '.join(each.sources) or 'the file name'}: {each.why}", err=True)
        if typer.confirm(f"  Is it {', '.join(each.fields)}?", default=False, err=True):
            proposal = proposal.confirmed(each)
    for rule in row_rules(proposal):
        if not rule.proved:
            typer.echo(f"{rule.heading}: {rule.why}", err=True)
            named = ", ".join(rule.entry)
            words = {
                "skip": "Are these rows left out?",
                "only": f"Are only {named} meant?",
                "cancel": f"Does {named} cancel?",
            }
            if typer.confirm(f"  {words[rule.key]}", default=False, err=True):
                proposal = replace(proposal, meant=proposal.meant | {(rule.key, rule.heading)})
    return proposal


def _decide(proposal: Proposal) -> Proposal:
    """Ask about each column that is not proved. A column whose notation is open stays open."""
    choices: dict[str, str] = {}
    taken = set(proposal.covered)
    waiting = [(each, each.column) for each in proposal.unsure]
    while waiting:
        match, column = waiting.pop(0)
        if column.heading in proposal.doubts:
            typer.echo(f"{column.heading}: {proposal.doubts[column.heading]}", err=True)
            continue
        candidates = [name for name in dict.fromkeys((match.field, *match.rivals)) if name not in taken]
        if column.heading in choices or not candidates:
            continue
        chosen = _ask(match, column, candidates)
        while chosen != LEAVE_OUT and (chosen in taken or chosen not in proposal.document.fields):
            typer.echo(
                f"{chosen} is {'taken' if chosen in taken else 'no field'}; {' or '.join(candidates)}?", err=True
            )
            chosen = _ask(match, column, candidates)
        choices[column.heading] = "" if chosen == LEAVE_OUT else chosen
        taken.add(chosen)
        if chosen != match.field:
            waiting = [(match, each) for each in match.columns_too] + waiting
    return proposal.decided(choices) if choices else proposal


def _ask(match: Match, column: Column, candidates: list[str]) -> str:
    typer.echo(f"{column.heading} ({', '.join(column.examples) or 'blank'}): {match.why}", err=True)
    for number, name in enumerate(candidates, 1):
        typer.echo(f"  {number}  {name}", err=True)
    question = f"  Which field? Enter takes the first, {LEAVE_OUT} leaves the column out"
    answer = str(typer.prompt(question, default="1", show_default=False, err=True)).strip()
    return candidates[int(answer) - 1] if answer.isdigit() and 0 < int(answer) <= len(candidates) else answer


def _say(proposal: Proposal, who: Who) -> None:
    """What was learned, and what is left to do, on standard error: standard output has the TOML."""
    from crossdock.learn.toml_text import columns_read

    proved, total = len(columns_read(proposal, who)), len(proposal.sample.columns)
    open_ones = [each for each in proposal.derived if not each.proved]
    unsure = [each.column.heading for each in proposal.unsure] + [", ".join(each.fields) for each in open_ones]
    sources = {heading for each in open_ones for heading in each.sources}
    left = [each.heading for each in proposal.left_over if each.distinct and each.heading not in sources]
    name = proposal.document.name
    typer.echo(f"{name}: {proved} of {total} columns proved, {len(unsure)} not sure, {len(left)} left over", err=True)
    if unsure:
        typer.echo(f"  not sure: {_few(unsure)}. What is right: remove the # in front of it in the TOML", err=True)
    if left:
        typer.echo(
            f"  nobody reads: {_few(left)}. What is a field: add it to [feed.columns] (crossdock describe {name})",
            err=True,
        )


def _few(names: list[str]) -> str:
    more = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {more:,} more" if more > 0 else "")


def _rehearse(text: str, partner: str, document: str, file: Path, settings: Settings) -> int:
    """The dry run of the sample with the proposed TOML, on standard error; returns its exit code."""
    from crossdock.jobs import queries
    from crossdock.partners.registry import load
    from crossdock.reports import text as full
    from crossdock.workers.by_path import check_file

    with scratch_folder() as folder:
        (folder / f"{partner}.toml").write_text(text, encoding="utf-8")
        partners = load(folder, settings.zone)
        with check_file(partners, None, file, f"{partner}/{document}") as checked:
            report = next(checked.reports)
            lines = list(full.text(queries.one(checked.books, report.job), checked.books))
    for line in lines[:SHOWN]:
        typer.echo(line, err=True)
    if len(lines) > SHOWN:
        typer.echo(f"  there is more ({len(lines) - SHOWN:,}): crossdock check shows it", err=True)
    typer.echo("  nothing was written: this is what an import with this TOML would do", err=True)
    return report.exit_code
