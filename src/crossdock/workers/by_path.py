"""What a person starts by hand: the import of a file by its path, a replay of held documents, the dry run of a file.

A file is imported like every drop, from a copy in the work folder: the file stays in its place, and if this process
dies any worker continues. The dry run opens it as the import does, in its place.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from signal import SIGINT, SIGTERM
from zoneinfo import ZoneInfo

from crossdock.database import Database
from crossdock.failures.refusals import Refused
from crossdock.intake import files
from crossdock.intake.drop_folders import known_as
from crossdock.intake.files import Identity
from crossdock.intake.interchanges import RefusedInterchange
from crossdock.intake.recognise import Archive, claimed, open_drop, try_open
from crossdock.jobs import booking, leases, lifecycle, open_documents, queries
from crossdock.jobs.leases import Acquired, Lease
from crossdock.model.job import DRY_RUN, DocumentOfJob
from crossdock.model.report import Report
from crossdock.partners.feed import Feed
from crossdock.partners.registry import Misconfigured, Partners
from crossdock.pipeline.dry_run import rehearse_in, scratch_books, stored_at
from crossdock.scratch import scratch_folder
from crossdock.site import Site
from crossdock.workers import interchanges
from crossdock.workers.replay import send_again
from crossdock.workers.submit import submit_to
from crossdock.workers.work import Watch, nobody, refuse, run_job
from crossdock.workers.worker import Worker

STOPPED = "stopped by hand"
"""Why a job waits for a person whose import was interrupted."""


def import_file(
    site: Site, path: Path, feed: str | None, watch: Watch, also: Callable[[Report], None] = lambda _: None
) -> Report:
    """Import a file named by hand, with the named feed or the one that claims it; returns its report. The file isn't
    touched.

    ``also`` gets the reports of jobs that come from it: held documents that it lets in, the members of an archive.
    Raises ``FileNotFoundError`` where there is no file, ``Stopped`` where a signal came (the job waits until it is
    resumed), and any other error that ends the job without a verdict.
    """
    with _attended(site, "by hand") as worker, worker.stopped_by(SIGINT, SIGTERM):
        ended = (run_job(site, worker, taken, watch) for taken in submit_path(site, worker, path, feed))
        report = next(ended).result()
        for each in ended:
            also(each.result())
        return report


def in_order(partners: Partners, paths: Sequence[Path], feed: str | None) -> list[Path]:
    """Files that are named together, as they are imported: those of a feed whose TOML says an ``order`` in that order,
    in the places in which files of it are named. The shell sorts names as text, ``so_10`` before ``so_2``. A
    fix-workbook has the place of the file that it corrects.

    A file whose name lacks the date that the order wants comes last; it will be refused.
    """
    ordered, places, feeds = list(paths), defaultdict[str, list[int]](list), dict[str, Feed]()
    names = dict[int, str]()
    for place, path in enumerate(paths if len(paths) > 1 else ()):
        with suppress(Refused, Misconfigured, OSError):  # it will be said when the file is imported
            claiming, names[place] = claimed(path, partners, feed)
            feeds[claiming.name] = claiming
            places[claiming.name].append(place)
    for name, own in places.items():
        if feeds[name].keys.order is None:
            continue
        sequences = {place: feeds[name].file_order.sequence(names[place]) for place in own}
        turns = sorted(own, key=lambda place: (sequences[place] is None, sequences[place] or ""))
        for place, of_turn in zip(own, turns, strict=True):
            ordered[place] = paths[of_turn]
    return ordered


def _attended(site: Site, kind: str) -> Worker:
    """A worker for a person who waits: an interruption sets its job aside, and that person resumes it."""
    return Worker(site.database, kind, why_aside=lambda: STOPPED, attended=True)


def submit_path(site: Site, worker: Worker, path: Path, feed: str | None) -> Iterator[Acquired]:
    """Submit a file that was named by hand as a job of this worker; yields that job, then those that come from it.

    Raises ``FileNotFoundError`` where there is no file.
    """
    taken = submit_to(site, worker, _file(path), feed=feed)
    yield taken
    yield from _free(site, worker, booking.come_of(site.database, taken.lease.job))


def _file(path: Path) -> Path:
    """The absolute path of a file, with links resolved."""
    if not path.is_file():
        raise FileNotFoundError(f"{path} is not a file")
    return path.resolve()


def replay(site: Site, chosen: Iterable[DocumentOfJob], watch: Watch = nobody) -> Iterator[Report]:
    """Send held documents again and import them here; yields the report of each new job."""
    with _attended(site, "replay") as worker:
        for taken in submit_held(site, worker, chosen):
            yield run_job(site, worker, taken, watch).result()


def submit_held(site: Site, worker: Worker, chosen: Iterable[DocumentOfJob]) -> Iterator[Acquired]:
    """Held documents as jobs of a worker, one per drop that they came in, in the order of the drops.

    ``chosen``: as ``open_documents.open_documents`` returns them. Unfinished jobs of an earlier replay come first.
    """
    rows = list(chosen)
    left = booking.replaying(site.database)
    yield from _free(site, worker, left)
    if left:
        still = {(row.job_id, row.line) for row in open_documents.open_documents(site.database)}
        rows = [row for row in rows if (row.job_id, row.line) in still]
    yield from _free(site, worker, send_again(site, rows))


def _free(site: Site, worker: Worker, jobs: Iterable[str]) -> Iterator[Acquired]:
    """Take those of some jobs that no other worker has."""
    for job in jobs:
        taken = leases.take_this(site.database, worker.id, job)
        if taken is not None:
            yield taken


@dataclass(frozen=True)
class Checked:
    """The dry run of a file: ``reports`` of the file, then of the members of an archive, each when it is checked.

    ``books``: the scratch database of its jobs. ``stored``: the database that it is checked against, if there is one.
    """

    books: Database
    reports: Iterator[Report]
    stored: Database | None = None


@contextmanager
def check_file(
    partners: Partners,
    url: str | None,
    path: Path,
    feed: str | None,
    watch: Watch = nobody,
    *,
    partner: str = "",
    zone: ZoneInfo = ZoneInfo("UTC"),  # noqa: B008  # it is frozen
) -> Iterator[Checked]:
    """The dry run of a file: what ``import_file`` would report. Nothing is written or created; its books exist while
    the context lasts.

    Each member of an archive is checked against what is stored now, without the other members. ``url``: the database;
    None or a missing one: nothing is stored. ``partner``: the sender's id, only its feeds may claim it; '': every
    partner's. ``zone``: of the times that people are shown. Raises ``FileNotFoundError`` where there is no file.
    """
    path = _file(path)
    with scratch_books() as books, stored_at(url) as stored, scratch_folder() as folder:
        rehearsal = _Rehearsal(partners, books, stored, folder, watch, zone)
        yield Checked(books, rehearsal.of_file(path, partner, feed), stored)


@dataclass(frozen=True)
class _Rehearsal:
    """The dry run of a file and of what is in it, as ``run_job`` would import them.

    ``books``: where its jobs are booked. ``stored``: the database to check against, or None. ``folder``: for members.
    """

    partners: Partners
    books: Database
    stored: Database | None
    folder: Path
    watch: Watch
    zone: ZoneInfo

    def of_file(self, path: Path, partner: str, feed: str | None) -> Iterator[Report]:
        """The report of a file, then those of its members."""
        file = _known_of(path, partner)
        yield from self._reports(file, booking.begin(self.books, file, DRY_RUN, "").lease, feed)

    def _reports(self, file: booking.Found, lease: Lease, feed: str | None) -> Iterator[Report]:
        """The reports of a file that is booked."""
        path, identity = Path(file.path), Identity(file.digest, file.size, file.received)
        desk = interchanges.Desk(lease.job, file.digest, self.books, self.stored, self.partners, self.zone)
        try:
            opened = open_drop(path, self.partners, feed=feed, partner=file.partner, identity=identity)
            if isinstance(opened, Archive):
                opened, twice = interchanges.not_twice(desk, opened)
                members = [self._member(each, opened) for each in opened.members(self.folder / lease.job)]
        except Refused as refused:
            if isinstance(refused, RefusedInterchange):
                interchanges.book_refused(desk, refused)
            yield refuse(self.books, refused, file, lease.job, lease).report
            return
        if isinstance(opened, Archive):
            jobs = [booking.id_of_member(lease.job, number) for number in range(len(members))]
            records = interchanges.records_of(desk, opened.box, jobs, twice) if opened.box else []
            ours = dict(zip(jobs, members, strict=True))
            ordered = booking.unpacked(self.books, lease, list(ours.items()), opened.summary(len(members)), records)
            yield queries.one(self.books, lease.job).report
            for job in ordered:
                yield from self._reports(ours[job], booking.go_on(self.books, job, "", ours[job].path), opened.feed)
            return
        again = interchanges.book_alone(desk, opened.box, opened.path) if opened.box is not None else None
        if again is not None:
            job = lifecycle.refuse(self.books, opened, again.sentence, lease.job, lease)
            yield queries.one(self.books, job).report
        else:
            yield rehearse_in(self.books, opened, self.stored, lease=lease, watch=self.watch)

    def _member(self, path: Path, archive: Archive) -> booking.Found:
        """What is known of a member of an archive; its class and its place tell when it is its turn."""
        identity = files.identify(path)
        opened = try_open(
            path, self.partners, feed=archive.feed, partner=archive.partner, name=path.name, identity=identity
        )
        known = known_as(opened, path.name, identity, partner=archive.partner, feed=archive.feed)
        return replace(known, path=str(path))


def _known_of(path: Path, partner: str) -> booking.Found:
    """What is known of a file of a dry run, which is read where it is."""
    identity = files.identify(path)
    return booking.Found(path.name, identity.digest, identity.size, identity.received, partner, path=str(path))
