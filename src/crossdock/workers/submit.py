"""A file or a stream that is submitted: copied into the work folder and booked as a job, like one of a drop folder.

The copy is complete when it appears: if this process dies, no half copy is ever used as the file. The files beside it
(its manifest) are copied with it. The same bytes submitted again continue their job, if that is unfinished.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from crossdock.errors import Misused
from crossdock.intake import completeness, files, interchanges
from crossdock.intake.drop_folders import known_as
from crossdock.intake.files import NOBODY
from crossdock.intake.recognise import Archive, open_to_book, try_open
from crossdock.jobs import booking, queries
from crossdock.jobs.leases import Acquired
from crossdock.model.drop import Drop
from crossdock.model.job import JobRecord
from crossdock.site import Site
from crossdock.workers.worker import Worker


def submit(
    site: Site, source: Path | BinaryIO, name: str, *, partner: str = "", feed: str | None = None, origin: str = ""
) -> str:
    """Submit a file or a stream for the next free worker; what is wrong with it is in its answer.

    ``source``: the file, which is not moved or changed, or a stream, which is read to its end and not closed. ``name``:
    the file's name, by which a feed claims it. ``partner``: the sender's id, only its feeds may claim it; '': every
    partner's. ``feed``: ``partner/document``, where the sender names it; None: the feed that claims the name.
    ``origin``: where it came from, for people who look at the job.

    Returns the id of a new job, or of the job of the same bytes that is not finished, or that nobody files (one that
    was set aside stays so). Raises ``Misused`` where the name is not that of a file, or there is no such partner;
    ``OSError`` where it can't be copied (nothing is booked then, nor where the stream raises something else);
    ``Outage`` where the database doesn't answer.
    """
    copy = _copied(site, source, name, partner, feed, origin, try_open)
    if copy.goes_on:
        _place_copy(copy)
        booking.set_path(site.database, copy.job, str(copy.target.relative_to(site.home)))
    else:
        booking.register(site.database, copy.file, copy.job)
        _place_copy(copy)  # only now: an unbooked file would be booked as the partner's own
    return copy.job


def submit_to(site: Site, worker: Worker, source: Path, *, feed: str | None = None) -> Acquired:
    """Submit a file as a job of this worker at once, before its turn; takes an unfinished job from its worker.

    Arguments and errors are those of ``submit``; besides, nothing is booked where the TOML of its partner has a mistake
    (``Misconfigured``): a person waits, and submits it again. Returns the job as it is taken.
    """
    copy = _copied(site, source, source.name, "", feed, str(source), open_to_book)
    if copy.goes_on:
        _place_copy(copy)
        lease = booking.go_on(site.database, copy.job, worker.id, str(copy.target.relative_to(site.home)))
        return Acquired(lease, queries.one(site.database, copy.job), None)
    taken = booking.begin(site.database, copy.file, copy.job, worker.id)
    _place_copy(copy)
    return taken


@dataclass(frozen=True)
class _Copy:
    """What was submitted: a safe copy in the work folder (``path``), not under its name yet (``target``).

    ``job``: the id of a new job, as which ``file`` is booked; or, if it ``goes_on``, of the unfinished one.
    """

    job: str
    path: Path
    target: Path
    file: booking.Found
    goes_on: bool


def _copied(
    site: Site,
    source: Path | BinaryIO,
    name: str,
    partner: str,
    feed: str | None,
    origin: str,
    opening: Callable[..., Drop | Archive | None],
) -> _Copy:
    """A copy of what was submitted. ``opening``: looks at it, for a caller that only books."""
    if name in ("", ".", "..") or "/" in name or "\x00" in name:
        raise Misused(f"{name!r} is not the name of a file")
    if partner and site.partners.of(partner) is None:
        raise Misused(site.partners.unknown(partner))
    job = booking.new_id(datetime.now(UTC))
    folder = site.home / "work" / job
    folder.mkdir(parents=True)
    try:
        copy = files.copied(source, folder / name)
        identity = files.identify(copy)
        named = source.with_name(name) if isinstance(source, Path) else None
        opened = opening(source if isinstance(source, Path) else copy, site.partners, feed=feed, partner=partner,
                         name=name, identity=identity)  # fmt: skip
        if isinstance(source, Path):
            interchanges.copied(source, copy)
        target = folder / (_partner_of(opened) or partner or NOBODY) / name
        target.parent.mkdir()
        if named is not None and isinstance(opened, Drop):
            for beside in completeness.companions(opened.feed, named):
                files.copied(beside, target.parent / beside.name).replace(target.parent / beside.name)
        path = copy.replace(target.parent / copy.name)
        file = known_as(opened, name, identity, partner=partner, feed=feed)
        file = replace(file, path=str(target.relative_to(site.home)), origin=origin)
        unfinished = _unfinished(site, opened)
    except BaseException:
        files.discard(folder / NOBODY / name)
        raise
    if unfinished is None:
        return _Copy(job, path, target, file, goes_on=False)
    below_home = unfinished.path or f"work/{unfinished.job_id}/{target.parent.name}/{name}"
    return _Copy(unfinished.job_id, path, site.home / below_home, file, goes_on=True)


def _partner_of(opened: Drop | Archive | None) -> str:
    if opened is None:
        return ""
    return opened.feed.partner if isinstance(opened, Drop) else opened.partner


def _unfinished(site: Site, opened: Drop | Archive | None) -> JobRecord | None:
    """The unfinished job of the same bytes, read by the same feed, or one that has ended like that and is not filed;
    else None.
    """
    if not isinstance(opened, Drop):
        return None
    job_id = booking.unfinished(site.database, opened.digest, opened.feed)
    job = queries.find(site.database, job_id) if job_id else None
    if job is None or job.verdict is None:
        return job
    return job if job.feed_digest == opened.feed.digest else None


def _place_copy(copy: _Copy) -> None:
    """Rename a copy to its target, with the files beside it; nothing where the job still has its file."""
    folder = copy.path.parent
    if not files.completed(copy.target, copy.file.size):
        copy.target.parent.mkdir(parents=True, exist_ok=True)
        for beside in [each for each in folder.iterdir() if each != copy.path]:
            beside.replace(copy.target.parent / beside.name)
        copy.path.replace(copy.target)
    if folder != copy.target.parent:
        files.discard(folder / copy.target.name)
