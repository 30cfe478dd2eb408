"""The files in the drop folders: a complete one is taken into the work folder and booked as a job.

A file belongs to the partner of its folder. Its feed decides when it is complete; its identity and its class are
determined once, when it is booked. Nothing here imports a document.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from crossdock.failures.refusals import Refused
from crossdock.intake import completeness, files
from crossdock.intake.files import NOBODY, Identity
from crossdock.intake.recognise import Archive, try_open
from crossdock.jobs import arrivals, booking
from crossdock.jobs.arrivals import Lying
from crossdock.logs import LOG
from crossdock.model.drop import Drop
from crossdock.partners.feed import Feed
from crossdock.partners.registry import Partners
from crossdock.site import Site


@dataclass(frozen=True)
class FolderScan:
    """The result of a look into the drop folders: jobs that were booked, files that are not complete yet (with the
    seconds to wait, None where a file beside them is missing), and sentences on what is odd.
    """

    booked: list[str] = field(default_factory=list)
    waits: dict[Path, float | None] = field(default_factory=dict)
    odd: list[str] = field(default_factory=list)


def scan(site: Site, partners: Container[str] | None = None) -> FolderScan:
    """Look into the drop folders and book the complete files; ``partners``: only of those, None for all."""
    scanned = FolderScan()
    lying, feeds, away = _lying(site, scanned.odd)
    looks = arrivals.note_arrivals(site.database, lying, away)
    for each in lying:
        partner = site.partners.by_id.get(each.partner)
        if each.path not in looks or looks[each.path].job is not None or (partner and partner.paused):
            continue
        if partners is not None and partner and each.partner not in partners:
            continue
        feed = feeds[each.path]
        try:
            left = completeness.seconds_left(each.path, feed, each.size, looks[each.path].steady, site.settle)
            if left != 0:
                scanned.waits[each.path] = left
                continue
            job = _claimed(site, each, feed)
        except OSError as error:
            scanned.odd.append(f"{each.path} can't be taken: {error.strerror or error}")
            continue
        if job:
            scanned.booked.append(job)
    scanned.odd.extend(f"{path} {why}: it is not imported" for path, why in files.strays(site.home / "inbox"))
    return scanned


def folders(partners: Partners, home: Path) -> list[tuple[Path, str]]:
    """The drop folders, each with its partner's id: ``inbox/<partner>``, and those that feeds name."""
    inbox = home / "inbox"
    named = [(home / feed.keys.folder, feed.partner) for feed in partners.feeds() if feed.keys.folder]
    shared = {folder for folder, _ in named}
    own = [(path, path.name) for path in files.subfolders(inbox) if path not in shared]
    return list(dict.fromkeys([*own, *named]))


def _lying(site: Site, odd: list[str]) -> tuple[list[Lying], dict[Path, Feed | None], list[Path]]:
    """The files in the drop folders; path → the feed that claims its name (in a feed's folder only its own files); the
    folders that can't be read, which are added to ``odd``, too.
    """
    lying: dict[Path, Lying] = {}
    feeds: dict[Path, Feed | None] = {}
    for partner_id in site.partners.by_id:
        (site.home / "inbox" / partner_id).mkdir(parents=True, exist_ok=True)
    away: list[Path] = []
    twice: set[Path] = set()
    odd.extend(f"{each}; the files of {name} wait" for name, wrong in site.partners.broken.items() for each in wrong)
    for folder, partner in folders(site.partners, site.home):
        if partner in site.partners.broken:
            continue
        try:
            paths = list(files.regular(folder))
        except OSError as error:
            odd.append(f"{folder} can't be looked into: {error.strerror or error}")
            away.append(folder)
            continue
        for path, status in paths:
            feed = _claiming(site, partner, path.name)
            own = site.home / feed.keys.folder if feed and feed.keys.folder else None
            if _is_companion(site, partner, path.name) or (own != folder and folder != site.home / "inbox" / partner):
                continue
            if path in lying and lying[path].partner != partner:
                odd.append(f"{path} is claimed by feeds of {lying[path].partner} and {partner}: it is not imported")
                twice.add(path)
            lying[path] = Lying(path, partner, status.st_size, status.st_mtime_ns, str(status.st_ino))
            feeds[path] = feed
    return [each for path, each in lying.items() if path not in twice], feeds, away


def _is_companion(site: Site, partner: str, name: str) -> bool:
    patterns = [
        pattern
        for feed in site.partners.feeds()
        if feed.partner == partner
        for pattern in (feed.keys.done_file, feed.keys.manifest)
    ]
    return any(pattern is not None and completeness.is_companion(pattern, name) for pattern in patterns)


def _claiming(site: Site, partner: str, name: str) -> Feed | None:
    try:
        return site.partners.claim(name, partner)
    except Refused:
        return None


def _claimed(site: Site, lying: Lying, feed: Feed | None) -> str | None:
    """Take a complete file into the work folder and book it; None where another worker has it.

    The files beside it are copied first: the worker that continues with the file needs them.
    """
    job = booking.new_id(datetime.now(UTC))
    target = site.home / "work" / job / lying.partner / lying.path.name
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = completeness.companions(feed, lying.path)
    for each in beside:
        files.copied(each, target.parent / each.name).replace(target.parent / each.name)
    try:
        taken = files.claim(lying.path, target, job)
    except files.Unmovable:
        return _copied(site, lying, target, job)
    except OSError:
        files.discard(target)
        raise
    if not taken:
        files.discard(target)
        return None
    for each in beside:
        each.unlink(missing_ok=True)
    return job if _book(site, job, target, lying.partner, str(lying.path)) else None


def _copied(site: Site, lying: Lying, target: Path, job: str) -> str | None:
    """Take a file that can't be moved away: it is copied, and the database notes that just this one was taken."""
    copy = files.copied(lying.path, target)
    status = lying.path.stat()
    same = (status.st_size, status.st_mtime_ns) == (lying.size, lying.mtime_ns)
    if same and _book(site, job, target, lying.partner, str(lying.path), copy, lying):
        files.completed(target, lying.size)
        return job
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
    return known_as(opened, site, target, identity, partner=partner, origin=origin, feed=feed)


def known_as(
    opened: Drop | Archive | None,
    site: Site,
    target: Path,
    identity: Identity,
    *,
    partner: str,
    origin: str,
    feed: str | None,
) -> booking.Found:
    """What is booked of a file that is, or will be, at ``target``, and that was opened as ``opened``."""
    file = booking.Found(
        target.name,
        identity.digest,
        identity.size,
        identity.received,
        partner,
        path=str(target.relative_to(site.home)),
        origin=origin,
        asked=feed or "",
    )
    if isinstance(opened, Archive):
        return replace(file, partner=opened.partner, stage=0)  # its members may be of any class
    if opened is None:
        return file
    document = opened.feed.document
    return replace(file, partner=opened.feed.partner, document=document.name, stage=document.stage)


def adopt(site: Site) -> list[str]:
    """Book the files that were claimed but not booked, because their worker died in between; returns the jobs."""
    origins: dict[str, str] = {}
    for folder, partner in folders(site.partners, site.home):
        for path, job, name in files.claimed_beside(folder):
            if job not in booking.booked(site.database, [job]):
                try:
                    files.finish_claim(path, site.home / "work" / job / partner / name)
                except OSError as error:  # a later call tries again
                    LOG.warning("%s can't be taken: %s", path, error)
                origins[job] = str(path.with_name(name))
    unbooked = {}
    for path in files.left_behind(site.home / "work"):
        partner = path.parent.name if path.parent.name != NOBODY else ""
        if not _is_companion(site, partner, path.name):
            unbooked[path.parent.parent.name] = (path, partner)
    booked = booking.booked(site.database, list(unbooked))
    for job, below_home in booked.items():
        if not below_home:  # booked by an earlier version, which used its folder
            booking.set_path(site.database, job, str(unbooked[job][0].relative_to(site.home)))
    missing = sorted(set(unbooked) - set(booked))
    return [job for job in missing if _book(site, job, *unbooked[job], origins.get(job, ""))]
