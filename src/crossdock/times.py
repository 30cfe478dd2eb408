"""How a moment is shown to a person: as the clocks of a zone show it, with their offset. JSON has ISO 8601 instead."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo


def dated(moment: datetime, zone: ZoneInfo, *, seconds: bool = False) -> str:
    """A moment with its date: ``2026-11-28 06:12 +01:00``, with ``seconds`` ``2026-11-28 06:12:33 +01:00``."""
    local = moment.astimezone(zone)
    offset = local.isoformat(timespec="seconds")[19:]
    return f"{local:{'%Y-%m-%d %H:%M:%S' if seconds else '%Y-%m-%d %H:%M'}} {offset}"


def clock(moment: datetime, zone: ZoneInfo, now: datetime, *, seconds: bool = False) -> str:
    """A moment with its date only where that isn't today's: ``06:12 +01:00``. ``seconds``: ``06:12:33 +01:00``."""
    whole = dated(moment, zone, seconds=seconds)
    date, _, time = whole.partition(" ")
    return time if date == now.astimezone(zone).date().isoformat() else whole


def exact(moment: datetime, zone: ZoneInfo) -> str:
    """A moment to the last digit, as a document has it: ISO 8601, ``2026-11-28T06:12:00+01:00``."""
    return moment.astimezone(zone).isoformat()
