"""What is in a folder, and what is wrong with what can't be read: one bad file, or folder, never hides the others."""

from __future__ import annotations

import errno
import os
import pwd
import re
import stat
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from fnmatch import fnmatchcase
from pathlib import Path

UNFINISHED = (".part", ".partial", ".tmp", ".filepart", ".uploading", ".inprogress", ".crdownload", ".lock")
HIDDEN = (".", "~$", "Thumbs.db", "desktop.ini")
WHOLE_JOB = re.compile(r"^\d{6}-[0-9A-Z]{10}$")
"""The work folder of a job with a claimed file; the archive's job books the members of an archive."""
BROKEN_OFF = timedelta(days=1)
"""A file that is named as one that is still written, and was not for so long, is named."""
FORBIDDEN = (errno.EACCES, errno.EPERM)
"""What the rights don't allow."""


@dataclass(frozen=True)
class Listing:
    """The regular files of a folder, sorted by name, with their status: no hidden or unfinished ones, no links, pipes.

    ``failing``: what can't be looked at, with the error: the folder itself, or entries of it.
    """

    files: list[tuple[Path, os.stat_result]] = field(default_factory=list)
    failing: dict[Path, OSError] = field(default_factory=dict)


def regular(folder: Path, unfinished: Sequence[str] = ()) -> Listing:
    """The regular files of a folder; none where there is no folder.

    ``unfinished``: patterns of names, beside the usual ones, of files that are still written.
    """
    listing = Listing()
    try:
        entries = _shown(folder)
    except OSError as error:
        return Listing(failing={folder: error})
    for entry in entries:
        if not is_text(entry.name) or _is_unfinished(entry.name, unfinished):
            continue
        try:
            status = entry.stat(follow_symlinks=False)
        except FileNotFoundError:  # it is gone since
            continue
        except OSError as error:
            listing.failing[Path(entry.path)] = error
            continue
        if stat.S_ISREG(status.st_mode):
            listing.files.append((Path(entry.path), status))
    return listing


def _is_unfinished(name: str, patterns: Sequence[str] = ()) -> bool:
    """Whether a file of that name is still written: a usual name of such files, or one of the patterns, in any case."""
    name = name.casefold()
    return name.endswith(UNFINISHED) or any(fnmatchcase(name, pattern.casefold()) for pattern in patterns)


def _shown(folder: Path) -> list[os.DirEntry[str]]:
    """The entries of a folder, sorted by name, without hidden ones; nothing where there is no folder."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except FileNotFoundError:
        return []
    return [entry for entry in entries if not entry.name.startswith(HIDDEN)]


def is_text(name: str) -> bool:
    """Whether a name can be written as text: the name of a file may be any bytes."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def subfolders(folder: Path) -> list[Path]:
    """The folders in a folder, sorted by name; an entry whose kind can't be read counts as one, one whose name is no
    text doesn't. Raises ``OSError`` where the folder can't be read.
    """
    return [Path(entry.path) for entry in _shown(folder) if is_text(entry.name) and _is_folder(entry)]


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return True


def strays(inbox: Path, unfinished: Sequence[str] = ()) -> Iterator[tuple[Path, str]]:
    """The entries of the inbox that are never imported, each with the reason; they are named and not touched.

    ``unfinished``: as of ``regular``. One that nobody has written to for a day is an upload that broke off.
    """
    partners: set[Path] = set()
    with suppress(OSError):  # a folder that can't be read is reported with its files
        partners = set(subfolders(inbox))
        for entry in _shown(inbox):
            if Path(entry.path) not in partners:
                yield Path(entry.path), "is in no partner's folder"
    for partner in sorted(partners):
        with suppress(OSError):
            yield from ((Path(entry.path), why) for entry in _shown(partner) if (why := _stray(entry, unfinished)))


def _stray(entry: os.DirEntry[str], unfinished: Sequence[str]) -> str:
    if not is_text(entry.name):
        return "has a name that is not UTF-8"
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError:
        return ""
    mode = status.st_mode
    if stat.S_ISREG(mode):
        is_old = time.time() - status.st_mtime > BROKEN_OFF.total_seconds()
        return "is named as if it were still written" if is_old and _is_unfinished(entry.name, unfinished) else ""
    if stat.S_ISLNK(mode):
        return "is a link"
    return "is a folder inside a partner's" if stat.S_ISDIR(mode) else "is no file but a pipe or a device"


def left_behind(work: Path) -> Listing:
    """The files in the work folder that were claimed (no members of archives), booked or not."""
    left = Listing()
    for job in _folders(work, left):
        for partner in _folders(job, left) if WHOLE_JOB.match(job.name) else ():
            listing = regular(partner)
            left.files.extend(listing.files)
            left.failing.update(listing.failing)
    return left


def _folders(folder: Path, left: Listing) -> list[Path]:
    """The folders in a folder, none where it can't be read: that is noted."""
    try:
        return subfolders(folder)
    except OSError as error:
        left.failing[folder] = error
        return []


def can_be_read(path: Path) -> None:
    """See that a file can be read. Raises ``OSError``."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # never hang at a pipe that took its place
    try:
        os.read(descriptor, 1)
    finally:
        os.close(descriptor)


def cannot(be: str, path: Path, error: OSError) -> str:
    """What is wrong with a file or a folder: whose it is, with its mode, and else what the system says.

    ``be``: what it can't be: ``read``, ``taken``, ``looked into``.
    """
    of = path if error.filename is None else Path(os.fsdecode(error.filename))
    reasons = [] if error.errno in FORBIDDEN else [error.strerror or str(error)]
    try:
        status = of.lstat()
    except OSError:
        reasons = reasons or [error.strerror or str(error)]
    else:
        reasons.append(f"it belongs to {_user(status.st_uid)}, mode {stat.S_IMODE(status.st_mode):03o}")
    where = "" if of == path else f"{of}: "
    return f"can't be {be}: {where}{'; '.join(reasons)}"


def _user(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"user {number}"
