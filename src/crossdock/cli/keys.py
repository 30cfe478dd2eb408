"""Commands about the keys of the API over HTTP: keys add, list, revoke."""

from __future__ import annotations

import json as json_
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer

from crossdock import app, exits
from crossdock.cli import terminal
from crossdock.cli.importing import Url
from crossdock.times import dated


def add(
    partner: Annotated[str, typer.Argument(help="Whose key it is; of an operator's: '-'.")],
    unit: Annotated[
        list[str] | None, typer.Option("--unit", help="Only for this business unit; may be repeated.")
    ] = None,
    read_only: Annotated[bool, typer.Option("--read-only", help="It may read, not write.")] = False,
    expires: Annotated[
        datetime | None, typer.Option("--expires", formats=["%Y-%m-%d"], help="The last day on which it opens.")
    ] = None,
    name: Annotated[str, typer.Option("--name", help="For people: what uses it.")] = "",
    erp: Annotated[bool, typer.Option("--erp", help="The short form, for the ERP API only.")] = False,
    operator: Annotated[bool, typer.Option("--operator", help="For a person of ours, with every partner.")] = False,
    database: Url = None,
) -> None:
    """Make a key for the API over HTTP. It is printed once and stored nowhere."""
    from datetime import timedelta

    from crossdock.registers import keys

    if erp and operator:
        raise exits.Usage("--erp and --operator are two kinds of keys")
    settings = app.read_settings(database_url=database)
    kind = keys.ERP if erp else keys.OPERATOR if operator else keys.API
    with app.open_site(settings) as site:
        if not operator:
            terminal.partner(site.partners, partner)
            own = site.partners.by_id[partner].business_units
            if unknown := sorted(set(unit or ()) - set(own)):
                raise exits.Usage(f"{partner} has no business unit {', '.join(unknown)}; it has {', '.join(own)}")
        ends = None
        if expires is not None:
            ends = expires.replace(tzinfo=settings.zone_info).astimezone(UTC) + timedelta(days=1)
        _, secret = keys.add(
            site.database,
            "" if operator else partner,
            kind,
            units=tuple(unit or ()),
            read_only=read_only,
            name=name,
            expires_at=ends,
        )
    typer.echo(secret)


def list_(
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    database: Url = None,
) -> None:
    """The keys that were made, without their secrets, and when each was last used."""
    from crossdock.database import open_read_only
    from crossdock.registers import keys

    settings = app.read_settings(database_url=database)
    opened = open_read_only(settings.url)
    every = keys.every(opened) if opened else []
    if json:
        typer.echo(json_.dumps([asdict(each) for each in every], default=lambda moment: moment.isoformat()))
        return
    if not every:
        typer.echo("there is no key; 'crossdock keys add PARTNER' makes one")
        return
    now = datetime.now(UTC)
    rows = [
        (
            each.key_id,
            each.partner or "(operator)",
            each.name,
            each.kind + (", reads only" if each.read_only else ""),
            ", ".join(each.units) or "all",
            "open" if each.opens(now) else "revoked" if each.revoked_at else "expired",
            dated(each.used_at, settings.zone_info) if each.used_at else "never",
        )
        for each in every
    ]
    terminal.table(("Key", "Partner", "Name", "Kind", "Units", "State", "Last used"), rows, flexible="Name")


def revoke(
    key: Annotated[str, typer.Argument(help="The key's id, as 'crossdock keys list' shows it.")], database: Url = None
) -> None:
    """End a key at once."""
    from crossdock.registers import keys

    with app.open_site(app.read_settings(database_url=database)) as site:
        keys.revoke(site.database, key)
    typer.echo(f"{key} opens nothing any more")
