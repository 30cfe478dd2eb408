"""Is a document in a file that is not imported yet? For a person who searches it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pyarrow as pa

from crossdock.failures.refusals import Refused
from crossdock.intake.listing import left_behind, regular
from crossdock.intake.recognise import open_drop
from crossdock.intake.waiting import folders
from crossdock.model.drop import Drop
from crossdock.partners.edi_keys import EDI_FOLDER
from crossdock.partners.feed import Feed
from crossdock.partners.registry import Partners
from crossdock.pipeline.staging.plan import make_plan
from crossdock.schema.codes import SPLIT

_CHUNK = 8 << 20


def waiting_files(
    partners: Partners, home: Path, number: str, edi_folder: Path = EDI_FOLDER
) -> Iterator[tuple[Path, str]]:
    """The files in the drop folders, or taken and not finished, with a document of that number; each with its feed.

    The feed is ``partner/`` where a file can only be searched as text.
    """
    paths = [
        (path, partner) for folder, partner in folders(partners, home, edi_folder) for path, _ in regular(folder).files
    ]
    paths += [(path, path.parent.name) for path, _ in left_behind(home / "work").files]
    for path, partner in paths:
        feed = _feed_of(path, partners, partner, number)
        if feed is not None:
            yield path, feed


def _feed_of(path: Path, partners: Partners, partner: str, number: str) -> str | None:
    """The feed by which a file has the number; ``partner/`` where it can only be searched as text; None: it doesn't."""
    with suppress(Refused, OSError):
        opened = open_drop(path, partners, partner=partner)
        if isinstance(opened, Drop):
            return opened.feed.name if _holds(opened, number) else None
    return f"{partner}/" if speaks_of(path, number) else None


def _holds(drop: Drop, number: str) -> bool:
    plan = make_plan(drop)
    try:
        return any(_among(batch.key[drop.feed.document.number], number, drop.feed) for batch in plan.batches(0))
    finally:
        plan.close()


def _among(numbers: pa.Array, number: str, feed: Feed) -> bool:
    """Whether a document is among those of these numbers; a part of an order has the order's number in front."""
    own = (number, feed.number_prefix + number)
    parts = tuple(each + SPLIT for each in own) if feed.keys.split_by else ()
    return any(each in own or each.startswith(parts) for each in numbers.drop_null().to_pylist())


def speaks_of(path: Path, number: str) -> bool:
    """Whether the bytes of a file contain the number, in any format; false where it can't be read."""
    sought, rest = number.encode(), b""
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                if sought in rest + chunk:
                    return True
                rest = chunk[-len(sought) :]
    except OSError:
        return False
    return False
