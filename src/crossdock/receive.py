"""The mail room: files that wait → drops, each claimed by exactly one worker, and put away afterwards.

A file is claimed by renaming it into ``work/<job>/``, which only one worker can do; the worker holds a lock on that
folder as long as it lives, so what a dead one left behind is found and taken up again. The database is the truth:
filing comes after it, loses nothing when it fails, and is done again by the next run.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from crossdock import formats
from crossdock.failures import Refused
from crossdock.feeds import Feed
from crossdock.model import Drop

UNFINISHED = (".part", ".tmp", ".filepart", ".crdownload", ".lock")
HIDDEN = (".", "~$", "Thumbs.db", "desktop.ini")
_CHUNK = 8 << 20


def receive(path: Path, feed: Feed, name: str | None = None) -> Drop:
    """The drop that a file is: its identity, taken once. Refused where there is no regular file.

    A fix-workbook is known by its stamp; its own feed must be given (``stamp.feed`` names it).
    """
    identity = identify(path)
    stamp = formats.stamped(path)
    return Drop(path, name or path.name, feed, identity.digest, identity.size, identity.received, stamp)


@dataclass(frozen=True)
class Identity:
    """What a file is, whatever it is called."""

    digest: str
    size: int
    received: datetime


def identify(path: Path) -> Identity:
    """Digest and size of a file."""
    try:
        mode = path.stat().st_mode
    except OSError:
        raise Refused("not_a_file") from None
    if not stat.S_ISREG(mode):
        raise Refused("not_a_file")
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return Identity(digest.hexdigest(), size, datetime.now(UTC))


def waiting(inbox: Path, settle_seconds: float) -> list[Path]:
    """The complete files under ``inbox/<partner>/``, oldest name first.

    A file is complete when its size, time and inode are the same over two looks. Temporary names, links, pipes and
    folders are no drops.
    """
    first = {path: _look(path) for path in _candidates(inbox)}
    if not first:
        return []
    time.sleep(settle_seconds)
    return [path for path, look in first.items() if look is not None and look == _look(path)]


def strays(inbox: Path) -> list[Path]:
    """What lies where nobody looks, so that it is named and left alone: files beside the partners' folders (nobody
    knows whose they are), and folders inside them.
    """
    found = sorted(inbox.iterdir()) if inbox.is_dir() else []
    beside = [path for path in found if path.is_file()]
    deeper = [each for path in found if path.is_dir() for each in sorted(path.iterdir()) if each.is_dir()]
    return [path for path in (*beside, *deeper) if not path.name.startswith(HIDDEN)]


def _candidates(inbox: Path) -> list[Path]:
    if not inbox.is_dir():
        return []
    names = [path for partner in sorted(inbox.iterdir()) if partner.is_dir() for path in sorted(partner.iterdir())]
    return [
        path
        for path in names
        if not path.name.startswith(HIDDEN) and not path.name.casefold().endswith(UNFINISHED)
    ]  # fmt: skip


def _look(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.lstat()
    except OSError:
        return None
    return (found.st_size, found.st_mtime_ns, found.st_ino) if stat.S_ISREG(found.st_mode) else None


@dataclass(frozen=True)
class Claimed:
    """A file that is this worker's alone: its job and the partner in whose folder it lay."""

    job: str
    partner: str
    path: Path


def claim(path: Path, work: Path, job: str) -> Claimed | None:
    """Take a waiting file, or None where another worker was quicker."""
    partner = path.parent.name
    folder = work / job / partner
    folder.mkdir(parents=True)
    try:
        path.rename(folder / path.name)
    except FileNotFoundError:
        folder.rmdir()
        folder.parent.rmdir()
        return None
    return Claimed(job, partner, folder / path.name)


@contextmanager
def alone(work: Path, job: str) -> Iterator[bool]:
    """Hold the lock of a claimed job's folder; false where a living worker holds it. The system frees it at death."""
    work.mkdir(parents=True, exist_ok=True)
    name = work / f".{job}.lock"
    handle = os.open(name, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
        if not (work / job).exists():
            name.unlink(missing_ok=True)
    finally:
        os.close(handle)


def left_behind(work: Path) -> list[Claimed]:
    """What was claimed and is not put away: by workers that died, or that are at it (``alone`` tells which)."""
    if not work.is_dir():
        return []
    return [
        Claimed(job.name, partner.name, path)
        for job in sorted(work.iterdir())
        if job.is_dir()
        for partner in sorted(job.iterdir())
        for path in sorted(partner.iterdir())
    ]


def folder_for(home: Path, shelf: str, job: str, day: str) -> Path:
    """``archive/<date>/<job>`` or ``rejected/<date>/<job>``, made where it is not there yet."""
    folder = home / shelf / day / job
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def put_away(claimed: Claimed, folder: Path) -> None:
    """Move a finished drop out of the work folder, under its own name."""
    claimed.path.replace(folder / claimed.path.name)
    claimed.path.parent.rmdir()
    claimed.path.parent.parent.rmdir()
