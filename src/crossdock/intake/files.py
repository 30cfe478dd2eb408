"""The mail room: how a file gets from a drop folder into the work folder and out of it again.

A file is claimed by renaming it into ``work/<job>/<partner>/``, which only one worker can do. On another file system it
is renamed beside itself and copied, and stays there for a day: its upload may stand still, and go on. Where it can't be
moved at all it is copied, and the database notes that it was taken. A copy is complete when it appears.
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
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from crossdock.failures.refusals import Refused
from crossdock.intake.listing import FORBIDDEN

CLAIMED = re.compile(r"^\.crossdock-(\d{6}-[0-9A-Z]{10})-(.*)$", re.DOTALL)
"""A file on another file system that was claimed beside itself, and stays there for a day after its copy is filed."""
NOBODY = "_"
"""The folder, in a job's work folder, of a file without a known partner."""
LONGEST = 200
"""Bytes of a file's name that the name of its unfinished copy keeps."""
_CHUNK = 8 << 20


@dataclass(frozen=True)
class Identity:
    """What a file is, independent of its name: SHA-256 as hex, size in bytes, when it was read."""

    digest: str
    size: int
    received: datetime


def identify(path: Path, first: int | None = None) -> Identity:
    """The identity of a file, or of its ``first`` bytes. Raises ``Refused`` where there is no regular file."""
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


class Unmovable(Exception):
    """A file that can't be moved away: the share is read-only or belongs to another user, its name is too long."""


def claim(path: Path, target: Path, job: str) -> bool:
    """Take a waiting file to ``target`` in the work folder; false where another worker has taken it.

    Raises ``Unmovable`` where it can't be moved away, ``OSError`` where another error comes.
    """
    try:
        try:
            path.rename(target)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            beside = beside_of(path, job)
            path.rename(beside)
            with or_back(beside, path):
                finish_claim(beside, target)
    except FileNotFoundError:
        return False
    except OSError as error:
        if error.errno in (*FORBIDDEN, errno.EROFS, errno.ENAMETOOLONG):  # beside itself it has a longer name
            raise Unmovable(str(path)) from error
        raise
    return True


@contextmanager
def or_back(moved: Path, path: Path) -> Iterator[None]:
    """Where something in it raises ``OSError``, a file that was ``moved`` is at ``path`` again."""
    try:
        yield
    except OSError:
        with suppress(OSError):  # else the next adoption finds it
            give_back(moved, path)
        raise


def beside_of(path: Path, job: str) -> Path:
    """Where a file on another file system stays for a day: beside itself, with the job in its name.

    A writer that still has it open continues to write there, which is detected when it is filed, and afterwards.
    """
    return path.with_name(f".crossdock-{job}-{path.name}")


def there(path: Path) -> bool:
    """Whether there is such a file; false for a name that is too long."""
    try:
        path.lstat()
    except OSError:
        return False
    return True


def claimed_beside(folder: Path) -> list[tuple[Path, str, str]]:
    """The files of a folder that were claimed beside themselves: path, job id, original name."""
    try:
        matched = [(Path(each.path), CLAIMED.match(each.name)) for each in os.scandir(folder)]
    except OSError:
        return []
    return [(path, match[1], match[2]) for path, match in matched if match]


def finish_claim(beside: Path, target: Path) -> None:
    """Copy a file that was claimed beside itself to ``target``, with the content of one moment."""
    target.parent.mkdir(parents=True, exist_ok=True)
    while True:
        before = _look(beside)
        copy = copied(beside, target)
        if _look(beside) == before:
            copy.replace(target)
            return
        copy.unlink()


def _look(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns


def discard(target: Path) -> None:
    """Remove the work folder of a failed claim, with the copies in it."""
    shutil.rmtree(target.parent.parent, ignore_errors=True)


def copied(source: Path | BinaryIO, target: Path) -> Path:
    """A safe copy (fsync) of a file, or of the rest of a stream, not yet under its name; its path is ``….part``."""
    copy = unfinished(target)
    try:
        if isinstance(source, Path):
            shutil.copy2(source, copy)
        else:
            with copy.open("wb") as file:
                shutil.copyfileobj(source, file, _CHUNK)
        with copy.open("rb") as file:
            os.fsync(file.fileno())
    except BaseException:  # a stream may raise anything
        copy.unlink(missing_ok=True)
        raise
    return copy


@contextmanager
def complete_at_end(path: Path) -> Iterator[Path]:
    """The path to which a file is written, so that it is complete when it appears as ``path``, at the end (temporary
    file, fsync, rename). Where something is raised, nothing appears.
    """
    with _removed_at_end(unfinished(path)) as half:
        yield half
        _appear(half, path)


def write_atomically(path: Path, write: Callable[[Path], bool]) -> bool:
    """Write a file so that it is complete when it appears (as ``complete_at_end``).

    ``write`` gets the temporary path and returns False if there is nothing to write; this returns the same.
    """
    with _removed_at_end(unfinished(path)) as half:
        if not write(half):
            return False
        _appear(half, path)
    return True


@contextmanager
def _removed_at_end(half: Path) -> Iterator[Path]:
    try:
        yield half
    finally:  # a half file would only fill the disk
        half.unlink(missing_ok=True)


def _appear(half: Path, path: Path) -> None:
    with half.open("rb") as file:
        os.fsync(file.fileno())
    half.replace(path)


def unfinished(target: Path) -> Path:
    """The path of a file until it is complete: with a unique name, ``….part``."""
    return target.with_name(f"{_shortened(target.name)}.{secrets.token_hex(4)}.part")


def _shortened(name: str) -> str:
    return name.encode()[:LONGEST].decode(errors="ignore")


def completed(target: Path, size: int) -> bool:
    """Whether a file exists under its name; a complete copy of ``size`` bytes that was not renamed is renamed now."""
    for copy in () if target.exists() else target.parent.glob("*.part"):
        if copy.name.startswith(f"{_shortened(target.name)}."):
            with suppress(FileNotFoundError):  # another has renamed it
                if copy.stat().st_size == size:
                    copy.replace(target)
                    break
    return target.exists()


def forget(target: Path) -> None:
    """Remove a job's work folder once it is empty."""
    for folder in (target.parent, target.parent.parent):
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()


def move(path: Path, target: Path) -> None:
    """Move a file, also to another file system. It is complete when it appears, and replaces a file of that name."""
    try:
        path.replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        copied(path, target).replace(target)
        path.unlink()


def give_back(path: Path, target: Path) -> bool:
    """Move a file to an unused path; false where the path is used. A writer that has it open continues to write it."""
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


def folder_for(home: Path, shelf: str, day: str, job: str) -> Path:
    """``archive/<date>/<job>`` or ``rejected/<date>/<job>``, created if needed."""
    folder = home / shelf / day / job
    folder.mkdir(parents=True, exist_ok=True)
    return folder
