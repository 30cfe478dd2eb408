"""A file that arrived, and the feed that reads it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from crossdock.formats.fix_stamp import Stamp
from crossdock.model.interchange import Opened
from crossdock.partners.feed import Feed
from crossdock.partners.registry import BUILT_IN


@dataclass(frozen=True)
class Drop:
    """One file that arrived. Its identity is read once, when it is claimed.

    ``digest``: its SHA-256; ``size``: bytes. ``stamp``: it is a fix-workbook. ``replays``: it holds retained records of
    that job. ``expected``: the number of records that its manifest promises. ``rehearsed``: it says that it is a test,
    so it is checked and answered, and nothing of it is stored. ``box``: the interchange that it is.
    ``waited``: its import doesn't begin as it is booked, so others may have come and gone since.
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
    rehearsed: bool = False
    box: Opened | None = None
    waited: bool = False

    @property
    def first_name(self) -> str:
        """The name of the file that the partner sent first; a fix-workbook may have any name."""
        return self.stamp.name if self.stamp else self.name

    @property
    def sequence(self) -> str | None:
        """Its place among the files of its feed, as text that sorts; None where its name doesn't show it, '' where
        its name says none. A fix-workbook has that of the file that it corrects.
        """
        return self.feed.file_order.sequence(self.first_name)

    @property
    def fixes(self) -> str | None:
        """The job whose held documents it brings; None if it is neither a fix-workbook nor a replay."""
        return self.stamp.job if self.stamp else self.replays

    @property
    def is_compared(self) -> bool:
        """Whether its layout is compared with that of other files of its feed. That of a fix-workbook, of a request's
        body, and of what has our own names is not: anybody may write these in any layout.
        """
        return self.fixes is None and self.feed.partner != BUILT_IN and not self.feed.keys.api
