"""The files in the drop folders: a complete one is taken into the work folder and booked as a job.

A file belongs to the partner of its folder. Its feed decides when it is complete; its identity and its class are
determined once, when it is booked. Nothing here imports a document.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Container, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from crossdock.failures.refusals import Refused
from crossdock.intake import completeness, files, waiting
from crossdock.intake.files import NOBODY, Identity
from crossdock.intake.listing import cannot, is_text, left_behind, strays
from crossdock.intake.recognise import Archive, try_open
from crossdock.intake.waiting import Present
from crossdock.jobs import arrivals, booking
from crossdock.jobs.arrivals import Lying, Reason
from crossdock.logs import LOG
from crossdock.model.drop import Drop
from crossdock.model.job import FAILS, SETTLES, STRAYS
from crossdock.partners.feed import Feed
from crossdock.site import Site

BOOKING_SECONDS = 10.0
"""How long one look books files: of fifty thousand the rest is booked by the next looks, and work begins meanwhile."""
AGAIN_SECONDS = 60.0
"""How long a file is left alone that could be opened and not be taken: its rest can't be read, the disk is full."""


@dataclass(frozen=True)
class FolderScan:
    """The result of a look into the drop folders: jobs that were booked; what is not taken, with the reason; sentences
    on what is odd; whether there is more that can be booked at once.
    """

    booked: list[str] = field(default_factory=list)
    waits: dict[Path, Reason] = field(default_factory=dict)
    odd: list[str] = field(default_factory=list)
    more: bool = False

    @property
    def settling(self) -> dict[Path, float]:
        """The files that are not complete yet, with the seconds to wait."""
        return {path: each.seconds or 0.0 for path, each in self.waits.items() if each.kind == SETTLES}

    @property
    def failing(self) -> list[str]:
        """What can't be read or taken, a sentence each."""
        return [f"{path} {each.said}" for path, each in self.waits.items() if each.kind == FAILS]


def scan(site: Site, partners: Container[str] | None = None) -> FolderScan:
    """Look into the drop folders and book the complete files; ``partners``: only of those, None for all.

    Nothing that can't be read or moved is raised: it is in the result, and noted in the database.
    """
    scanned = FolderScan()
    entries, looked = waiting.present(site, scanned.odd)
    strange = {path: Reason(STRAYS, f"{why}: it is not imported") for path, why in _strays(site, entries, scanned)}
    lying = [*(each.lying for each in entries), *(Lying(path, "") for path in strange)]
    looks = arrivals.note_arrivals(site.database, lying, looked)
    ready = []
    for each in entries:
        path = each.lying.path
        if path in looks and looks[path].job is None:
            reason = waiting.why_not(site, each, looks[path], partners)
            if reason is None:
                ready.append(each)
            else:
                scanned.waits[path] = reason
    taken: list[Path] = []
    until = time.monotonic() + BOOKING_SECONDS
    for each in _in_turn(ready):
        path = each.lying.path
        if taken and time.monotonic() > until:
            scanned = replace(scanned, more=True)
            scanned.waits[path] = waiting.LATER
            continue
        try:
            job = _claimed(site, each.lying, each.feed)
        except FileNotFoundError:  # another worker has it
            continue
        except OSError as error:
            scanned.waits[path] = Reason(FAILS, cannot("taken", path, error), AGAIN_SECONDS)
            continue
        if job:
            scanned.booked.append(job)
            taken.append(path)
    arrivals.explain(site.database, looks, {**scanned.waits, **strange}, taken)
    return scanned


def _strays(site: Site, entries: list[Present], scanned: FolderScan) -> Iterator[tuple[Path, str]]:
    """What lies in the inbox and is never imported; each is odd. One whose name is no text can't be noted."""
    present = {each.lying.path for each in entries}
    for path, why in strays(site.home / "inbox", site.unfinished):
        scanned.odd.append(f"{path} {why}: it is not imported")
        if is_text(str(path)) and path not in present:
            yield path, why


def _in_turn(ready: list[Present]) -> list[Present]:
    """Files in the order in which they are booked: the partners in turn, of each by class and by the numbers in the
    names, as they are imported.
    """
    of_partner = defaultdict[str, list[Present]](list)
    for each in ready:
        of_partner[each.lying.partner].append(each)
    turns = [(turn, each) for own in of_partner.values() for turn, each in enumerate(sorted(own, key=_rank))]
    return [each for _, each in sorted(turns, key=lambda of: of[0])]


def _rank(each: Present) -> tuple[int, str]:
    if each.feed is None:
        return booking.LAST, ""
    return each.feed.document.stage, each.feed.file_order.sequence(each.lying.path.name) or ""


def _claimed(site: Site, lying: Lying, feed: Feed | None) -> str | None:
    """Take a complete file into the work folder and book it; None where another worker has it.

    The files beside it are copied first: the worker that continues with the file needs them.
    """
    job = booking.new_id(datetime.now(UTC))
    target = site.home / "work" / job / lying.partner / lying.path.name
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = completeness.companions(feed, lying.path)
        for each in beside:
            files.copied(each, target.parent / each.name).replace(target.parent / each.name)
        taken = files.claim(lying.path, target, job)
    except files.Unmovable:
        return _copied(site, lying, target, job)
    except OSError:
        files.discard(target)
        raise
    if not taken:
        files.discard(target)
        return None
    try:
        booked = _book(site, job, target, lying.partner, str(lying.path))
    except OSError:
        _back(lying.path, target, job)
        raise
    for each in beside:
        with suppress(OSError):  # one that can't be removed is named as what waits for its file
            each.unlink(missing_ok=True)
    return job if booked else None


def _back(path: Path, target: Path, job: str) -> None:
    """Move a claimed file that can't be read back to where it lay; one that can't be moved either is adopted later."""
    beside = files.beside_of(path, job)
    with suppress(OSError):
        if files.give_back(beside if files.there(beside) else target, path):
            files.discard(target)


def _copied(site: Site, lying: Lying, target: Path, job: str) -> str | None:
    """Take a file that can't be moved away: it is copied, and the database notes that just this one was taken."""
    try:
        copy = files.copied(lying.path, target)
        status = lying.path.stat()
        same = (status.st_size, status.st_mtime_ns) == (lying.size, lying.mtime_ns)
        if same and _book(site, job, target, lying.partner, str(lying.path), copy, lying):
            files.completed(target, lying.size)
            return job
    except OSError:
        files.discard(target)
        raise
    files.discard(target)
    return None


def _book(
    site: Site,
    job: str,
    target: Path,
    partner: str,
    origin: str,
    content: Path | None = None,
    left: Lying | None = None,
) -> bool:
    """Book a file in the work folder; false where another worker has booked it, or has finished it already."""
    try:
        file = found_of(site, target, partner, origin, content)
    except (Refused, FileNotFoundError):
        return False
    return booking.register(site.database, file, job, left)


def found_of(
    site: Site, target: Path, partner: str, origin: str, content: Path | None = None, feed: str | None = None
) -> booking.Found:
    """What is booked of a file in the work folder: its identity, and the class of its feed.

    ``content``: where its bytes are, if not at ``target`` yet. ``feed``: the one that was named by hand. Raises
    ``Refused`` where there is no regular file.
    """
    path = content or target
    identity = files.identify(path)
    opened = try_open(path, site.partners, feed=feed, partner=partner, name=target.name, identity=identity)
    file = known_as(opened, target.name, identity, partner=partner, feed=feed)
    return replace(file, path=str(target.relative_to(site.home)), origin=origin)


def known_as(
    opened: Drop | Archive | None, name: str, identity: Identity, *, partner: str, feed: str | None
) -> booking.Found:
    """What is booked of a file of that name, except where it is. ``opened``: what it is, None where it is refused."""
    file = booking.Found(name, identity.digest, identity.size, identity.received, partner, asked=feed or "")
    if isinstance(opened, Archive):  # its members may be of any class
        return replace(file, partner=opened.partner, stage=0, ranked=opened.sequence)
    if opened is None:
        return file
    document = opened.feed.document
    partner, ranked = opened.feed.partner, opened.sequence or ""
    return replace(file, partner=partner, document=document.name, stage=document.stage, ranked=ranked)


def adopt(site: Site) -> list[str]:
    """Book the files that were claimed but not booked, because their worker died in between; returns the jobs.

    What can't be read is noted in the database and left; a later call tries again.
    """
    origins = _finished_claims(site)
    left = left_behind(site.home / "work")
    failing = {
        Lying(path, ""): Reason(FAILS, cannot("looked into", path, error)) for path, error in left.failing.items()
    }
    unbooked = {}
    for path, _ in left.files:
        partner = path.parent.name if path.parent.name != NOBODY else ""
        if not waiting.is_companion(site, partner, path.name):
            unbooked[path.parent.parent.name] = (path, partner)
    booked = booking.booked(site.database, list(unbooked))
    for job, below_home in booked.items():
        if not below_home:  # booked by an earlier version, which used its folder
            booking.set_path(site.database, job, str(unbooked[job][0].relative_to(site.home)))
    adopted = []
    for job in sorted(set(unbooked) - set(booked)):
        path, partner = unbooked[job]
        try:
            if _book(site, job, path, partner, origins.get(job, "")):
                adopted.append(job)
        except OSError as error:
            failing[Lying(path, partner)] = Reason(FAILS, cannot("read", path, error))
    arrivals.note_failing(site.database, site.home / "work", failing)
    return adopted


def _finished_claims(site: Site) -> dict[str, str]:
    """Finish the claims on other file systems that were broken off; each job → where its file was found.

    A file that can't be copied gets its name back: it is looked at with those that wait.
    """
    claims = [
        (path, job, site.home / "work" / job / partner / name)
        for folder, partner in waiting.folders(site.partners, site.home, site.edi_folder)
        for path, job, name in files.claimed_beside(folder)
    ]
    booked = booking.booked(site.database, [job for _, job, _ in claims])
    for path, job, target in claims:
        if job not in booked:
            try:
                with files.or_back(path, path.with_name(target.name)):
                    files.finish_claim(path, target)
            except OSError as error:
                LOG.warning("%s %s", path, cannot("taken", path, error))
    return {job: str(path.with_name(target.name)) for path, job, target in claims}
