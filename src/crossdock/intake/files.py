"""The mail room: what lies in the drop folders, and how a file comes into the work folder and out of it again.

A file is claimed by renaming it into ``work/<job>/<partner>/``, which only one worker can do. Where that is another
file system it is renamed beside itself and copied, and stays there until the copy is filed; where it can't be moved at
all it is copied, and the database remembers that it was taken. A copy is complete when it appears.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import secrets
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from crossdock.failures.refusals import Refused

UNFINISHED = (".part", ".tmp", ".filepart", ".crdownload", ".lock")
HIDDEN = (".", "~$", "Thumbs.db", "desktop.ini")
CLAIMED = re.compile(r"^\.crossdock-(\d{6}-[0-9A-Z]{10})-(.*)$", re.DOTALL)
"""A file of another file system that was claimed beside itself, and stays there until its copy is filed."""
WHOLE_JOB = re.compile(r"^\d{6}-[0-9A-Z]{10}$")
"""The work folder of a job that a file was claimed for; a member's of an archive is booked by the archive's job."""
NOBODY = "_"
"""The folder, in a job's work folder, of a file of which no partner is known."""
LONGEST = 200
"""Bytes of a file's name that the name of its copy keeps until it is complete."""
_CHUNK = 8 << 20


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
    for entry in _shown(folder):
        if entry.name.casefold().endswith(UNFINISHED):
            continue
        try:
            found = entry.stat(follow_symlinks=False)
        except OSError:
            continue
        if stat.S_ISREG(found.st_mode) and _is_text(entry.name):
            yield Path(entry.path), found


def _shown(folder: Path) -> list[os.DirEntry[str]]:
    """What a folder shows, by name, without what is hidden; nothing where there is none."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except FileNotFoundError:
        return []
    return [entry for entry in entries if not entry.name.startswith(HIDDEN)]


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def subfolders(folder: Path) -> list[Path]:
    """The folders in a folder, by name; one that is there and can't be looked at is one of them."""
    return [Path(entry.path) for entry in _shown(folder) if _is_folder(entry)]


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return True


def strays(inbox: Path) -> Iterator[tuple[Path, str]]:
    """What lies in the inbox where nobody looks, so that it is named and left alone, each with why."""
    partners = set(subfolders(inbox))
    for entry in _shown(inbox):
        if Path(entry.path) not in partners:
            yield Path(entry.path), "lies in no partner's folder"
    for partner in sorted(partners):
        with suppress(OSError):  # that it can't be looked into is said of its files
            yield from ((Path(entry.path), why) for entry in _shown(partner) if (why := _stray(entry)))


def _stray(entry: os.DirEntry[str]) -> str:
    if not _is_text(entry.name):
        return "has a name that is not UTF-8"
    try:
        mode = entry.stat(follow_symlinks=False).st_mode
    except OSError:
        return ""
    if stat.S_ISREG(mode):
        return ""
    if stat.S_ISLNK(mode):
        return "is a link"
    return "is a folder inside a partner's" if stat.S_ISDIR(mode) else "is no file but a pipe or a device"


class Unmovable(Exception):
    """A file that can't be moved away: the share is read-only, or another's."""


def claim(path: Path, target: Path, job: str) -> bool:
    """Take a waiting file to ``target`` in the work folder; false where another worker was quicker.

    Raises ``Unmovable`` where it can't be moved away.
    """
    try:
        try:
            path.rename(target)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            beside = beside_of(path, job)
            path.rename(beside)
            finish_claim(beside, target)
    except FileNotFoundError:
        return False
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise Unmovable(str(path)) from error
        raise
    return True


def beside_of(path: Path, job: str) -> Path:
    """Where a file of another file system stays until it is filed: beside itself, as the job's.

    A writer that still holds it goes on writing there, which is seen when it is filed.
    """
    return path.with_name(f".crossdock-{job}-{path.name}")


def there(path: Path) -> bool:
    """Whether there is such a file; a name that is too long for one is none."""
    try:
        path.lstat()
    except OSError:
        return False
    return True


def claimed_beside(folder: Path) -> list[tuple[Path, str, str]]:
    """The files of a folder that were claimed beside themselves: path, job, their own name."""
    try:
        found = [(Path(each.path), CLAIMED.match(each.name)) for each in os.scandir(folder)]
    except OSError:
        return []
    return [(path, match[1], match[2]) for path, match in found if match]


def finish_claim(beside: Path, target: Path) -> None:
    """Copy a file that was claimed beside itself to its place, as it is at one moment."""
    target.parent.mkdir(parents=True, exist_ok=True)
    while True:
        before = _look(beside)
        made = copied(beside, target)
        if _look(beside) == before:
            made.replace(target)
            return
        made.unlink()


def _look(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns


def discard(target: Path) -> None:
    """Remove the work folder of a claim that came to nothing, with the copies in it."""
    shutil.rmtree(target.parent.parent, ignore_errors=True)


def copied(source: Path | BinaryIO, target: Path) -> Path:
    """A safe copy of a file, or of what a stream still gives, not yet under its name: ``….part``."""
    copy = unfinished(target)
    try:
        if isinstance(source, Path):
            shutil.copy2(source, copy)
        else:
            with copy.open("wb") as file:
                shutil.copyfileobj(source, file, _CHUNK)
        with copy.open("rb") as file:
            os.fsync(file.fileno())
    except BaseException:  # a stream may end in anything
        copy.unlink(missing_ok=True)
        raise
    return copy


def write_atomically(path: Path, write: Callable[[Path], bool]) -> bool:
    """Write a file so that it is complete when it appears (temporary file, fsync, rename).

    ``write`` gets the temporary path and returns False if there is nothing to write; so does this.
    """
    half = unfinished(path)
    try:
        if not write(half):
            return False
        with half.open("rb") as file:
            os.fsync(file.fileno())
        half.replace(path)
    finally:  # what is half there only fills the disk further
        half.unlink(missing_ok=True)
    return True


def unfinished(target: Path) -> Path:
    """The name of a file until it is complete: its own, and nobody else's."""
    return target.with_name(f"{_shortened(target.name)}.{secrets.token_hex(4)}.part")


def _shortened(name: str) -> str:
    return name.encode()[:LONGEST].decode(errors="ignore")


def completed(target: Path, size: int) -> bool:
    """See that a file is there under its name; a whole copy of it that was not renamed is renamed now."""
    for made in () if target.exists() else target.parent.glob("*.part"):
        if made.name.startswith(f"{_shortened(target.name)}."):
            with suppress(FileNotFoundError):  # another has renamed it
                if made.stat().st_size == size:
                    made.replace(target)
                    break
    return target.exists()


def forget(target: Path) -> None:
    """Remove a job's work folder once it is empty."""
    for folder in (target.parent, target.parent.parent):
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()


def move(path: Path, target: Path) -> None:
    """Move a file, to another file system as well. It is complete when it appears, in the place of one of that name."""
    try:
        path.replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        copied(path, target).replace(target)
        path.unlink()


def give_back(path: Path, target: Path) -> bool:
    """Move a file to where nothing is; false where something is. A writer that holds it goes on writing to it."""
    try:
        os.link(path, target)
    except FileExistsError:
        return False
    except OSError:  # another file system, or one without links
        if target.exists():
            return False
        move(path, target)
        return True
    path.unlink()
    return True


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
