"""A file that arrived, and the feed that reads it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from crossdock.formats.fix_stamp import Stamp
from crossdock.partners.feed import Feed


@dataclass(frozen=True)
class Drop:
    """One file that arrived. Its identity is taken once, when it is claimed.

    ``stamp``: it is a fix-workbook. ``replays``: it holds records that were kept of that job. ``expected``: how many
    records its manifest promises.
    """

    path: Path
    name: str
    feed: Feed
    digest: str
    size: int
    received: datetime
    stamp: Stamp | None = None
    replays: str | None = None
    expected: int | None = None

    @property
    def mends(self) -> str | None:
        """The job whose documents that were not taken it brings."""
        return self.stamp.job if self.stamp else self.replays
