"""From the drop folder to the filed answer: everything that happens to a file around its import.

A file that was named by hand stays where it is and a copy is filed; a file of the inbox is claimed, imported and put
away. Either way the drop and its reports lie in ``archive/<date>/<job>/`` (``rejected/`` where nothing went in), and
the partner's answer and the fix-workbook in ``outbox/<partner>/``, complete when they appear. A fix-workbook that comes
back is known by its stamp, whatever it is called.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from crossdock import formats, receive
from crossdock.database import Database, history, jobs
from crossdock.failures import Refused
from crossdock.feeds import Feed
from crossdock.filing import Desk, booked, file
from crossdock.model import Drop, Progress, Report
from crossdock.partners import Partners
from crossdock.pipeline import import_drop, rehearse, scratch_books
from crossdock.receive import Claimed
from crossdock.replay import brought
from crossdock.stamp import Stamp
from crossdock.version import natural

LAST = 9
"""The class of files that no feed claims: they are answered last."""


def import_file(
    desk: Desk,
    path: Path,
    feed: str | None,
    watch: Callable[[Progress], None],
    also: Callable[[Report], None] = lambda _: None,
) -> Report:
    """Import a file named by hand, of the named feed or the one that claims it. The file isn't touched.

    ``also`` is told of held documents that it brings in by itself. Raises ``FileNotFoundError`` where there is no file.
    """
    identity = receive.identify(path) if path.is_file() else None
    if identity is None:
        raise FileNotFoundError(f"{path} is not a file")
    job = jobs.new_id(datetime.now(UTC))
    found = _imported(desk, path, job, watch, feed, "")
    file(desk, found, lambda folder: shutil.copy2(path, folder / path.name))
    for each in brought(desk, found):
        also(each)
    return found


@contextmanager
def check_file(
    partners: Partners, url: str, path: Path, feed: str | None, watch: Callable[[Progress], None]
) -> Iterator[tuple[Report, Database]]:
    """The dry run of a file, and the scratch database with its failures. Nothing is written, nothing created."""
    identity = receive.identify(path)
    try:
        of_feed, stamp = recognised(partners, path, feed, "")
    except Refused as refused:
        with scratch_books() as books:
            found = jobs.Found(path.name, identity.digest, identity.size, identity.received)
            yield booked(books, jobs.refuse(books, found, refused.sentence, "")), books
        return
    drop = Drop(path, path.name, of_feed, identity.digest, identity.size, identity.received, stamp)
    with rehearse(drop, url, watch=watch) as rehearsed:
        yield rehearsed


def recognised(partners: Partners, path: Path, feed: str | None, partner: str) -> tuple[Feed, Stamp | None]:
    """The feed that reads a file: its stamp's, the one that was named, or the one that claims its name.

    ``partner``: in whose folder it lay, or ''. Refused where there is no such feed, or the stamp is another partner's.
    """
    if partner and partner not in partners.by_id:
        raise Refused("unknown_partner", partner=repr(partner), known=", ".join(partners.by_id) or "none")
    stamp = formats.stamped(path)
    if stamp is None:
        return partners.named(feed, path.name) if feed else partners.claim(path.name, partner or None), None
    if feed not in (None, stamp.feed) or partner not in ("", stamp.partner):
        raise Refused("foreign_fix", feed=stamp.feed, asked=feed or partner)
    return partners.named(stamp.feed, stamp.name), stamp


def pick_up(desk: Desk, settle_seconds: float) -> Iterator[Claimed]:
    """What waits in the drop folder, claimed one by one; what a dead worker left behind comes first.

    By class (lists, purchase orders, orders, ASNs, RMAs, receipts, shipments, inventory), inside a class by the
    sequence in the name (contract A7).
    """
    for partner in desk.partners.by_id:
        (desk.home / "inbox" / partner).mkdir(parents=True, exist_ok=True)
    work = desk.home / "work"
    yield from receive.left_behind(work)
    waiting = receive.waiting(desk.home / "inbox", settle_seconds)
    for path in sorted(waiting, key=lambda each: (_stage(desk, each), natural(each.name), each.name)):
        claimed = receive.claim(path, work, jobs.new_id(datetime.now(UTC)))
        if claimed is not None:
            yield claimed


def _stage(desk: Desk, path: Path) -> int:
    try:
        return recognised(desk.partners, path, None, path.parent.name)[0].document.stage
    except (Refused, OSError):
        return LAST


def import_claimed(
    desk: Desk, claimed: Claimed, watch: Callable[[Progress], None], also: Callable[[Report], None] = lambda _: None
) -> Report | None:
    """Import a claimed file and put it away; None where another worker is at it, or has done it."""
    with receive.alone(desk.home / "work", claimed.job) as mine:
        if not mine or not claimed.path.exists():
            return None
        done = history.find(desk.database, claimed.job)
        if done is not None and done.verdict is not None:
            found = history.report(done)
        else:
            found = _imported(desk, claimed.path, claimed.job, watch, None, claimed.partner)
        file(desk, found, lambda folder: receive.put_away(claimed, folder))
    for each in brought(desk, found):
        also(each)
    return found


def _imported(
    desk: Desk, path: Path, job: str, watch: Callable[[Progress], None], feed: str | None, partner: str
) -> Report:
    """The report of an import; of a refusal, where no feed takes the file."""
    identity = receive.identify(path)
    try:
        of_feed, stamp = recognised(desk.partners, path, feed, partner)
    except Refused as refused:
        known = jobs.Found(path.name, identity.digest, identity.size, identity.received, partner)
        return booked(desk.database, jobs.refuse(desk.database, known, refused.sentence, job))
    drop = Drop(path, path.name, of_feed, identity.digest, identity.size, identity.received, stamp)
    return import_drop(drop, desk.database, job=job, watch=watch)
