"""A finished drop is filed on its shelf, with its reports beside it.

The database is the source: every report here can be written again from it.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from crossdock.delivery.answer_files import archived, shelf, write_reports
from crossdock.failures.refusals import Refused
from crossdock.intake import files, waiting
from crossdock.intake.files import NOBODY, write_atomically
from crossdock.intake.listing import regular
from crossdock.jobs import booking, lifecycle, queries
from crossdock.logs import LOG
from crossdock.model.job import JobRecord
from crossdock.site import Site

LATE = timedelta(hours=26)
"""So long after it arrived a drop that is filed is looked at again: its upload may have stood still, and go on."""
COPIED = 8 << 20
"""Bytes per read while copying."""


def file_away(site: Site, job: JobRecord, *, with_reports: bool = True) -> str | None:
    """File the drop of a finished job and its reports on their shelf; returns a sentence on what was odd about the
    file, or None. Without reports where somebody has the answer at once: then the drop alone is filed.

    It may be called again at any time: existing reports are overwritten, and a file that was moved isn't searched.
    """
    folder = shelf(site.home, job)
    if with_reports:
        write_reports(site, job, folder)
    return _file_drop(site, job, folder)


def _file_drop(site: Site, job: JobRecord, folder: Path) -> str | None:
    """Move a drop, and the files beside it, out of the work folder, if it has not changed since it was claimed."""
    if not job.path:
        return None
    path, alert = site.home / job.path, None
    left = files.beside_of(Path(job.origin), job.job_id) if job.origin else path
    written = [each for each in (left, path) if files.there(each) and not _is(job, each)]
    if written:
        alert = _written_on(site, job, path, written[0], folder)
    elif path.exists():
        files.move(path, folder / path.name)
    if path.parent.is_dir():
        for beside, _ in regular(path.parent).files:
            files.move(beside, folder / beside.name)
        files.forget(path)
    return alert


def _is(job: JobRecord, path: Path) -> bool:
    identity = files.identify(path)
    return (identity.digest, identity.size) == (job.digest, job.size)


def _written_on(site: Site, job: JobRecord, path: Path, written: Path, folder: Path) -> str:
    """A writer still had the file open: the imported part is filed, the file as it is now is a drop of its own.

    It is moved back to where it was found, with the files beside it, and is scanned like any other; the whole file,
    because lines after the imported part may belong to a document whose first lines are stored.
    """
    if files.identify(path, first=job.size).digest == job.digest:
        write_atomically(folder / path.name, lambda target: _first(path, job.size, target))
    back = _place_of_arrival(site, job, path.name)
    for beside, _ in regular(path.parent).files:
        if beside != path:
            files.give_back(beside, back.with_name(beside.name))
    if not files.give_back(written, back):  # the next file of that name: this one is booked from the work folder
        back = site.home / "work" / booking.new_id(datetime.now(UTC)) / (job.partner or NOBODY) / path.name
        back.parent.mkdir(parents=True)
        files.move(written, back)
    path.unlink(missing_ok=True)
    return f"it was still being written when it was taken: the whole of it is in {back} again, as a drop of its own"


def late_writes(site: Site) -> list[str]:
    """Bring files back to their drop folder that somebody went on writing when they were filed already, each as a whole
    and as a drop of its own; returns their earlier jobs. Nothing that can't be read or written is raised.

    A file on another file system stays beside itself for so long, where its writer has it open; then it is removed.
    """
    grown = []
    folders = (folder for folder, _ in waiting.folders(site.partners, site.home, site.edi_folder))
    beside = {job: path for folder in folders for path, job, _ in files.claimed_beside(folder)}
    for job in queries.filed_since(site.database, LATE):
        if not Path(job.origin).is_absolute():  # it came in a request, or was handed in: nobody writes to it
            continue
        path = beside.pop(job.job_id, None) or archived(site.home, job)
        try:
            if path is None or path.stat().st_size <= job.size:
                continue
            if _brought_back(site, queries.one(site.database, job.job_id), path):
                grown.append(job.job_id)
        except OSError as error:
            LOG.warning("%s was written on after it was filed, and can't be taken again: %s", path, error)
    for name, path in beside.items():
        try:
            if _removed(site, name, path):
                grown.append(name)
        except (OSError, Refused) as error:
            LOG.warning("%s is filed, and can't be removed: %s", path, error)
    return grown


def _removed(site: Site, name: str, path: Path) -> bool:
    """Remove a file that was left beside itself, if its copy is filed; true where somebody has written to it since, and
    it is brought back instead.
    """
    job = queries.find(site.database, name)
    if job is None or job.filed_at is None:
        return False
    if _is(job, path):
        path.unlink(missing_ok=True)
        return False
    return _brought_back(site, job, path)


def _brought_back(site: Site, job: JobRecord, path: Path) -> bool:
    """Bring back a filed drop to which something was added; false where its place is taken now."""
    if files.identify(path, first=job.size).digest != job.digest:
        return False
    back = _place_of_arrival(site, job, job.name)
    if files.there(back):
        return False
    if files.CLAIMED.match(path.name):
        if not files.give_back(path, back):
            return False
    else:
        try:
            os.link(path, back)  # its writer goes on there
        except OSError:  # another file system, or one without links
            files.copied(path, back).replace(back)
        write_atomically(path, lambda target: _first(back, job.size, target))
    alert = f"its writer went on when it was imported: the whole of it is in {back} again, as a drop of its own"
    lifecycle.note_alert(site.database, job.job_id, alert)
    LOG.warning("%s: %s", job.name, alert)
    return True


def _place_of_arrival(site: Site, job: JobRecord, name: str) -> Path:
    """Where a job's file was found, or else a place in its partner's folder."""
    back = Path(job.origin) if job.origin else site.home / "inbox" / job.partner / name
    if not back.parent.is_dir():
        back = site.home / "inbox" / job.partner / name
        back.parent.mkdir(parents=True, exist_ok=True)
    return back


def _first(path: Path, size: int, target: Path) -> bool:
    with path.open("rb") as source, target.open("wb") as copy:
        while size and (chunk := source.read(min(size, COPIED))):
            copy.write(chunk)
            size -= len(chunk)
    return True
