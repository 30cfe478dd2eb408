"""The replay of held documents: with today's feed, as a new job that is linked to the first, and answered again.

The records that the database has kept are sent again, of the newest copy of a document only: a later drop of the same
document has ended the earlier ones. What a later import has stored meanwhile is never overwritten. The records are
written to a file of their own in the work folder, which is imported like every drop.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from crossdock.database import Database
from crossdock.database.lookups import Stored
from crossdock.delivery.answer_files import base
from crossdock.documents import DOCUMENTS
from crossdock.failures.catalogue import SPOILED_CODES, SYNTAX_CODES
from crossdock.formats.retained import Head, Record, write
from crossdock.intake import files
from crossdock.intake.files import NOBODY
from crossdock.jobs import booking, open_documents, queries
from crossdock.model.job import DocumentOfJob, DocumentOutcome, JobRecord
from crossdock.model.report import Report
from crossdock.site import Site

LOOK_AGAIN = ("beside_torn_line", "above_blank_key", "swallowed")
"""Hold codes that stay: the record that causes the hold is still in its place."""


def send_again(site: Site, chosen: Iterable[DocumentOfJob], parent: str | None = None) -> Iterator[str]:
    """Book held documents as new jobs, one per job in the order of their drops; yields the ids of the new jobs.

    ``chosen``: as ``open_documents.open_documents`` returns them. ``parent``: the job that lets them in.
    """
    held = sorted((each for each in chosen if each.line), key=lambda each: (each.sequence, each.line))
    for job, of_job in groupby(held, key=lambda each: each.job_id):
        new = _kept(site, job, {each.line: each for each in of_job}, parent)
        if new is not None:
            yield new


def brought(site: Site, report: Report) -> list[str]:
    """Replay the held documents that a drop of a list lets in: all their missing values are known now (contract A5).

    Returns the ids of the new jobs.
    """
    name = report.feed.partition("/")[2]
    if (
        name not in DOCUMENTS
        or not DOCUMENTS[name].is_list
        or not (report.documents.inserted + report.documents.updated)
    ):
        return []
    known = _known(site.database, name, open_documents.missing_values(site.database, name))
    if not known:
        return []
    on_their_way = set(booking.replaying(site.database).values())
    let_in = open_documents.waiting_only_for(site.database, name, known)
    return list(send_again(site, (each for each in let_in if each.job_id not in on_their_way), report.job))


def _known(database: Database, name: str, missing: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """Those of the missing values that are in the list now, by business unit; only units that have any."""
    known: dict[str, set[str]] = {}
    for unit, values in missing.items():
        in_list = Stored(database).known(name, unit, sorted(values))
        now = {value for value, active in in_list.items() if active}
        if now:
            known[unit] = now
    return known


def _kept(site: Site, job_id: str, chosen: Mapping[int, DocumentOutcome], parent: str | None) -> str | None:
    """A new job with the kept records of some documents of a job; None where none are kept."""
    job = queries.find(site.database, job_id)
    if job is None:
        return None
    plan = job.plan
    head = Head(job_id, job.reader, job.name, list(plan.headers), plan.written, plan.plain_numbers)
    new = booking.new_id(datetime.now(UTC))
    path = site.home / "work" / new / (job.partner or NOBODY) / f"{base(job)}.held.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = files.unfinished(path)
    if not write(unfinished, head, _records(site.database, job, chosen)):
        unfinished.unlink()
        files.forget(path)
        return None
    identity = files.identify(unfinished)
    file = booking.Found(
        job.name,
        identity.digest,
        identity.size,
        job.received_at,  # it waits since then
        job.partner,
        job.document,
        path=str(path.relative_to(site.home)),
        stage=job.stage,
        ranked=job.ranked,
        parent=parent,
        replays=job_id,
    )
    if not booking.register(site.database, file, new):  # another process replays them now
        files.discard(path)
        return None
    files.completed(path, identity.size)  # only now: an unbooked file would be booked as the partner's own
    return new


def _records(database: Database, job: JobRecord, chosen: Mapping[int, DocumentOutcome]) -> Iterator[Record]:
    """The kept records of some documents, each with the faults that its cells don't show."""
    faults: dict[int, tuple[str, str | None]] = {}
    spoiled: dict[int, dict[str, tuple[str, Any]]] = {}
    columns = job.plan.columns
    first, last = min(chosen), max(chosen)
    for failure in queries.errors(database, job.job_id, first, last):
        if failure.document_line not in chosen:
            continue
        if failure.scope == "record":
            faults[failure.line] = failure.fault
        elif failure.code in SYNTAX_CODES or (failure.code in SPOILED_CODES and failure.field in columns):
            of_line = spoiled.setdefault(failure.line, {})
            heading = columns.get(failure.field, f"{failure.code} {len(of_line)}")
            of_line[heading] = (failure.code, dict(failure.detail))
    for record in queries.records(database, job.job_id, first, last):
        if record.document_line in chosen:
            outcome = chosen[record.document_line]
            yield Record(
                record.line,
                record.document_line,
                record.nested,
                list(record.cells),
                faults.get(record.line),
                spoiled.get(record.line),
                (outcome.hold_code, outcome.hold_line) if outcome.hold_code in LOOK_AGAIN else None,
            )
