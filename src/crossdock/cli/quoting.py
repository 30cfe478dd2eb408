"""The command that quotes a shipment."""

from __future__ import annotations

import json as json_
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from crossdock import app, exits
from crossdock.cli.importing import Url

NOTHING_TO_QUOTE_WITH = 4


def quote(
    request: Annotated[Path, typer.Argument(help="The request as JSON, as the API takes it (docs/quotes.md).")],
    database: Url = None,
) -> None:
    """What carriers take for a shipment, cheapest first, and why others don't: the API's answer."""
    from crossdock.database import connect
    from crossdock.database.rate_cards import rate_card
    from crossdock.quotes.answer import answer
    from crossdock.quotes.quotation import NoRateCard, quotation
    from crossdock.quotes.request import Unquotable, shipment_in

    settings = app.read_settings(database_url=database)
    try:
        shipment = shipment_in(request.read_bytes())
        card = rate_card(connect(settings.url), shipment)
        quoted = quotation(shipment, card, datetime.now(settings.zone_info).date())
    except Unquotable as error:
        raise exits.Usage(f"{request}: {error}") from None
    except NoRateCard as error:
        typer.echo(f"crossdock: {error}; import a rate card first", err=True)
        raise typer.Exit(NOTHING_TO_QUOTE_WITH) from None
    typer.echo(json_.dumps(answer(quoted), ensure_ascii=False, indent=1))
