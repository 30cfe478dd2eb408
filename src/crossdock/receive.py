"""The mail room: what lies in the drop folders, and how a file comes into the work folder and out of it again.

A file is claimed by renaming it into ``work/<job>/<partner>/``, which only one worker can do. Where that is another
file system it is renamed beside itself first and then copied; where it can't be moved at all it is copied, and the
database remembers that it was taken. A copy is complete when it appears. Nothing is deleted before its copy is safe.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from crossdock import formats
from crossdock.failures import Refused
from crossdock.feeds import Feed
from crossdock.model import Drop

UNFINISHED = (".part", ".tmp", ".filepart", ".crdownload", ".lock")
HIDDEN = (".", "~$", "Thumbs.db", "desktop.ini")
CLAIMED = re.compile(r"^\.crossdock-(\d{6}-[0-9A-Z]{10})-(.*)$", re.DOTALL)
"""A file that was claimed beside itself, on its way to another file system."""
WHOLE_JOB = re.compile(r"^\d{6}-[0-9A-Z]{10}$")
"""The work folder of a job that a file was claimed for; a member's of an archive is booked by the archive's job."""
LONGEST = 200
"""Bytes of a file's name that the name of its copy keeps until it is complete."""
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


def identify(path: Path, first: int | None = None) -> Identity:
    """Digest and size of a file, or of its ``first`` bytes."""
    try:
        mode = path.lstat().st_mode
    except OSError:
        raise Refused("not_a_file") from None
    if not stat.S_ISREG(mode):
        raise Refused("not_a_file")
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK if first is None else min(_CHUNK, first - size)):
            digest.update(chunk)
            size += len(chunk)
    return Identity(digest.hexdigest(), size, datetime.now(UTC))


def regular(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """The regular files of a folder by name, without what is hidden, temporary, or no file of its own: links, pipes.

    Raises ``OSError`` where there is a folder that can't be looked into.
    """
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except FileNotFoundError:
        return
    for entry in entries:
        if entry.name.startswith(HIDDEN) or entry.name.casefold().endswith(UNFINISHED):
            continue
        try:
            found = entry.stat(follow_symlinks=False)
        except OSError:
            continue
        if stat.S_ISREG(found.st_mode) and _is_text(entry.name):
            yield Path(entry.path), found


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def strays(inbox: Path) -> Iterator[tuple[Path, str]]:
    """What lies in the inbox where nobody looks, so that it is named and left alone, each with why."""
    for path in sorted(inbox.iterdir()) if inbox.is_dir() else ():
        if path.name.startswith(HIDDEN):
            continue
        if not path.is_dir():
            yield path, "lies in no partner's folder"
            continue
        for each in sorted(path.iterdir()):
            if each.name.startswith(HIDDEN) or not (each.is_dir() or each.is_symlink() or not _is_text(each.name)):
                continue
            yield each, (
                "has a name that is not UTF-8" if not _is_text(each.name)
                else "is a link" if each.is_symlink() else "is a folder inside a partner's"
            )  # fmt: skip


class Unmovable(Exception):
    """A file that can't be moved away: the share is read-only, or another's."""


def claim(path: Path, target: Path, job: str) -> bool:
    """Take a waiting file to ``target`` in the work folder; false where another worker was quicker.

    Raises ``Unmovable`` where it can't be moved away.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        try:
            path.rename(target)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            beside = path.with_name(f".crossdock-{job}-{path.name}")
            path.rename(beside)
            finish_claim(beside, target)
    except FileNotFoundError:
        forget(target)
        return False
    except OSError as error:
        forget(target)
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise Unmovable(str(path)) from error
        raise
    return True


def finish_claim(beside: Path, target: Path) -> None:
    """Bring a file that was claimed beside itself to the other file system. ``FileNotFoundError``: another has."""
    target.parent.mkdir(parents=True, exist_ok=True)
    made = copied(beside, target)
    while _look(beside) != _look(made):  # somebody still writes
        made = copied(beside, target)
    try:
        beside.unlink()  # whoever can do this has it
    except FileNotFoundError:
        made.unlink(missing_ok=True)
        raise
    made.replace(target)


def _look(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns


def copied(path: Path, target: Path) -> Path:
    """A safe copy of a file, not yet under its name: ``….part``."""
    made = unfinished(target)
    try:
        shutil.copy2(path, made)
        with made.open("rb") as file:
            os.fsync(file.fileno())
    except OSError:
        made.unlink(missing_ok=True)
        raise
    return made


def unfinished(target: Path) -> Path:
    """The name of a file until it is complete: its own, and no other process's."""
    return target.with_name(f"{_shortened(target.name)}.{os.getpid()}.part")


def _shortened(name: str) -> str:
    return name.encode()[:LONGEST].decode(errors="ignore")


def completed(target: Path) -> bool:
    """See that a file is there under its name; one that was complete and not renamed is renamed now."""
    for made in () if target.exists() else target.parent.glob("*.part"):
        if made.name.startswith(f"{_shortened(target.name)}."):
            with suppress(FileNotFoundError):  # another has renamed it
                made.replace(target)
    return target.exists()


def forget(target: Path) -> None:
    """Remove the work folder of a claim that came to nothing."""
    for folder in (target.parent, target.parent.parent):
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()


def move(path: Path, target: Path) -> None:
    """Move a file, to another file system as well. It is complete when it appears; one that is there already stays."""
    try:
        path.replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        copied(path, target).replace(target)
        path.unlink()


def left_behind(work: Path) -> Iterator[Path]:
    """The files in the work folder that were claimed as files of their own, whether or not they are booked."""
    for job in sorted(work.iterdir()) if work.is_dir() else ():
        if job.is_dir() and WHOLE_JOB.match(job.name):
            for partner in sorted(each for each in job.iterdir() if each.is_dir()):
                yield from (path for path, _ in regular(partner))


def folder_for(home: Path, shelf: str, job: str, day: str) -> Path:
    """``archive/<date>/<job>`` or ``rejected/<date>/<job>``, made where it is not there yet."""
    folder = home / shelf / day / job
    folder.mkdir(parents=True, exist_ok=True)
    return folder
