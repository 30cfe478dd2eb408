"""The state of a site in words, for a person in the morning: the command ``status``, its page, and the night's page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from crossdock.database import Database
from crossdock.delivery.answer_files import workbooks
from crossdock.jobs.overview import Overview, overview
from crossdock.partners.registry import Partners
from crossdock.reports import overview_text


@dataclass(frozen=True)
class Morning:
    """A site since a moment, as of now. ``remarks``: what a row per partner doesn't say, as headings with their lines.

    ``needs_somebody``: whether something does not come right by itself, or has been tried again and again.
    """

    overview: Overview
    remarks: Sequence[tuple[str, Sequence[str]]]
    needs_somebody: bool


def morning(database: Database, partners: Partners, home: Path, since: datetime, zone: ZoneInfo) -> Morning:
    """The state of a site since a moment; ``home``: where its archive is; times as in ``zone``."""
    state = overview(database, since, zone)
    held = workbooks(home, (each.job for each in state.held))
    remarks = tuple(overview_text.remarks(state, partners.mistakes, held))
    return Morning(state, remarks, state.needs_somebody or bool(partners.mistakes))
