"""Where files are imported: the database, the partners, the home folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from crossdock.database import Database
from crossdock.jobs.scheduling import Limits
from crossdock.partners.edi_keys import EDI_FOLDER, EVERYBODY
from crossdock.partners.registry import UTC, Partners


@dataclass(frozen=True)
class Site:
    """Where files are imported: the database, the partners, the home folder with its shelves.

    ``settle``: seconds without a change after which a file is complete, where its feed has none of its own.
    ``at_once``: how many imports run side by side on this database. ``unfinished``: patterns of names, beside the usual
    ones, of files that are still written. ``zone``: whose clocks its reports show. ``shares``: into how many a
    drop is divided that has ``share_above`` bytes or more. ``edi_folder``: for everybody's interchanges, below the home
    folder.
    """

    database: Database
    partners: Partners
    home: Path
    settle: float = 60.0
    at_once: int = 4
    unfinished: tuple[str, ...] = ()
    zone: ZoneInfo = UTC
    shares: int = 1
    share_above: int = 500_000_000
    edi_folder: Path = EDI_FOLDER

    @property
    def limits(self) -> Limits:
        """How many imports may run, in all and per partner, and whose files wait; also those that may be of somebody
        whose TOML has a mistake.
        """
        partners, broken = self.partners.by_id.values(), frozenset(self.partners.broken)
        return Limits(
            self.at_once,
            {each.id: each.at_once for each in partners},
            frozenset(each.id for each in partners if each.paused) | broken | ({EVERYBODY} if broken else set()),
        )
