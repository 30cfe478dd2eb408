"""What is written about a job while it is imported: its progress, its books, its verdict.

The result of a batch and the job's progress are written in the batch's own transaction, behind the fence: the one row
of the share that must still have this worker's token and this batch's number. A worker that was overtaken finds no such
row and can't commit. The table itself asserts the books.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Update, and_, bindparam, delete, func, insert, select, update

from crossdock.database import Database, storable
from crossdock.database.records import the_job, write_job
from crossdock.database.tables import JOBS, OUTCOMES, PARTS, SENT, SHARES
from crossdock.errors import Overtaken
from crossdock.jobs import answer_queue, booking, edi_answers
from crossdock.jobs.booking import Found
from crossdock.jobs.leases import Lease, begins, owned, seize, write_owned
from crossdock.model.drop import Drop
from crossdock.model.job import REFUSED, JobRecord, PlanRecord
from crossdock.model.report import BUCKETS, COUNTED, Books
from crossdock.model.resent import LEAST
from crossdock.model.status import STATUS, Status, Verdict

KEPT = 4
"""Jobs of a partner and type of document of which is kept what they remember; it may have several feeds of it."""


@dataclass(frozen=True)
class Share:
    """A part of a job that one process writes: it continues with ``next_batch``, and ends before batch ``end``.

    ``token``: who writes it; that of the job, until a process takes the share alone (``take_share``).
    """

    number: int
    next_batch: int
    end: int
    token: str


@dataclass(frozen=True)
class OwnedJob:
    """A job that this worker has: its id, its token, and its shares, usually one.

    ``processed``: the documents of the batches that are written.
    ``rehearsed``: nothing of it is stored but its books. ``opening``: the columns with which its only batch opens it,
    behind no other transaction; None where it is open.
    """

    id: str
    token: str
    shares: tuple[Share, ...]
    withheld: bool
    processed: int = 0
    rehearsed: bool = False
    opening: Mapping[str, Any] | None = None

    @property
    def lease(self) -> Lease:
        """The right to write."""
        return Lease(self.id, self.token)

    def ends_with(self, share: Share, batch: int) -> bool:
        """Whether nothing of the job is left to write behind a batch of a share."""
        return len(self.shares) == 1 and batch == share.end - 1


def open_job(
    database: Database,
    drop: Drop,
    plan: PlanRecord,
    batches: int,
    total: int,
    records: int,
    aside: Books,
    job: str,
    lease: Lease | None = None,
    shares: int = 1,
) -> OwnedJob:
    """Open a job: that of the lease, else the unfinished one of the same bytes, else a new one with the id ``job``.

    A job that has begun continues after the last batch of each of its shares, or from the start if its feed or plan
    changed. ``batches``, ``total`` (documents) and ``records``: how many. ``aside``: the books of records that are in
    no batch (blank, ignored). ``shares``: into how many a new job is divided. Raises ``Overtaken`` where another worker
    has the job of the lease.
    """
    feed = drop.feed
    with database.noting() as connection:
        if lease is None:
            unfinished = booking.unfinished_of(connection, drop.digest, feed)
            if unfinished is None:
                booking.insert_row(database, connection, booking.known_of(drop), job)
            lease = seize(database, connection, unfinished or job, None)
        new_row = _new_row(drop, plan, total, records, aside, _fixed_job(connection, drop))
        database.dialect.name_session(connection, lease.job, lease.token)
        if not begins(connection, lease, new_row):
            record = owned(database, connection, lease)
            begun = connection.execute(_SHARES, {"of_job": lease.job}).all()
            if begun and record.feed_digest == feed.digest and record.plan.text == plan.text:
                rest = tuple(Share(row.share, row.next_batch, row.batches, lease.token) for row in begun)
                return OwnedJob(lease.job, lease.token, rest, record.withheld, record.processed)
            _remove_log(connection, lease.job)  # its documents stay stored, and will be unchanged
            write_job(connection, lease.job, new_row)
        new = _divided(batches, shares, lease.token)
        connection.execute(_NEW_SHARE, [_share_row(lease.job, each) for each in new])
        return OwnedJob(lease.job, lease.token, new, withheld=False)


def opened_by_its_batch(drop: Drop, plan: PlanRecord, total: int, records: int, aside: Books, lease: Lease) -> OwnedJob:
    """The job of a lease that nobody has begun, and whose only batch opens it (``fence``): a transaction less for a
    small drop. The drop fixes no other.
    """
    only = Share(0, 0, 1, lease.token)
    row = _new_row(drop, plan, total, records, aside, None)
    return OwnedJob(lease.job, lease.token, (only,), withheld=False, opening=row)


_SHARES = select(SHARES).where(SHARES.c.job_id == bindparam("of_job")).order_by(SHARES.c.share)
_NEW_SHARE = insert(SHARES)


def _divided(batches: int, shares: int, token: str) -> tuple[Share, ...]:
    """So many shares of neighbouring batches, none more than a batch larger than another; none is empty but the first
    of an empty drop.
    """
    number = max(1, min(shares, batches))
    cuts = [batches * each // number for each in range(number + 1)]
    return tuple(Share(each, cuts[each], cuts[each + 1], token) for each in range(number))


def _share_row(job: str, share: Share) -> dict[str, Any]:
    row = {"share": share.number, "next_batch": share.next_batch, "batches": share.end, "token": share.token}
    return {"job_id": job} | row


def take_share(database: Database, job: OwnedJob, number: int) -> Share:
    """Take one share of a job for this process: an earlier one that had it can't write any more.

    Raises ``Overtaken`` where another worker has the job.
    """
    of_share = (SHARES.c.job_id == job.id, SHARES.c.share == number)
    token = secrets.token_hex(16)
    with database.writing() as connection:
        before = connection.execute(select(SHARES).where(*of_share)).one()
        if before.token != job.token:
            database.dialect.take_over(connection, job.id, before.token)
        # in the order in which a batch locks them, so that neither waits for the other
        connection.execute(update(SHARES).where(*of_share).values(token=token))
        owned(database, connection, job.lease)
        row = connection.execute(select(SHARES).where(*of_share)).one()
        return Share(number, row.next_batch, row.batches, token)


def stop_shares(database: Database, job: OwnedJob) -> None:
    """Let no process that has a share of a job write any more.

    Raises ``Overtaken`` where another worker has the job.
    """
    with database.writing() as connection:
        connection.execute(update(SHARES).where(SHARES.c.job_id == job.id).values(token=job.token))
        owned(database, connection, job.lease)


def _remove_log(connection: Connection, job: str) -> None:
    for table in PARTS:
        connection.execute(delete(table).where(table.c.job_id == job))


def _fixed_job(connection: Connection, drop: Drop) -> str | None:
    """The job that a fix-workbook fixes, if it is stored here and has the same feed."""
    if drop.fixes is None:
        return None
    query = select(JOBS.c.job_id).where(JOBS.c.job_id == drop.fixes)
    return connection.execute(
        query.where(JOBS.c.partner == drop.feed.partner, JOBS.c.document == drop.feed.document.name)
    ).scalar()


def _new_row(drop: Drop, plan: PlanRecord, total: int, records: int, aside: Books, fixes: str | None) -> dict[str, Any]:
    """What a job's row says when it begins: nothing is counted yet but what is aside."""
    begun = {
        "partner": drop.feed.partner,
        "document": drop.feed.document.name,
        "feed_digest": drop.feed.digest,
        "feed_text": drop.feed.text,
        "plan": plan.text,
        "fixes": fixes,
        "replays": drop.replays is not None,
        "status": Status.IN_PROGRESS,
        "withheld": False,
        "leased_from": 0,
        "total": total,
        "records": records + aside.read,
    }
    return dict.fromkeys(counters(), 0) | books_row(aside) | begun


def counters() -> list[str]:
    """The columns of a job in which documents and lines are counted, beside those of the books."""
    counts = [f"{level}_{name}" for level in ("documents", "lines") for name in COUNTED]
    return ["processed", "failing", *counts]


def books_row(books: Books) -> dict[str, int]:
    """The books as columns of a job's row."""
    return {("read_" if name == "read" else name): getattr(books, name) for name in BUCKETS}


def withhold(database: Database, job: OwnedJob) -> None:
    """Note before the first batch that nothing of the drop may be stored (hold = "file")."""
    with database.writing() as connection:
        owned(database, connection, job.lease)
        write_job(connection, job.id, {"withheld": True})


_FENCE = (
    update(SHARES)
    .where(SHARES.c.job_id == bindparam("of_job"), SHARES.c.share == bindparam("of_share"))
    .where(SHARES.c.token == bindparam("of_token"), SHARES.c.next_batch == bindparam("this"))
    .values(next_batch=bindparam("next_batch"))
)


def fence(connection: Connection, job: OwnedJob, share: Share, batch: int) -> None:
    """Continue with the next batch, if this worker still has the share of the job; else raises ``Overtaken``. Of a job
    that its batch opens, the job's own row is the fence.
    """
    if job.opening is not None:
        if not begins(connection, job.lease, job.opening):
            raise Overtaken(job.lease.lost)
        connection.execute(_NEW_SHARE, [_share_row(job.id, replace(share, next_batch=batch + 1))])
        return
    here = {"of_job": job.id, "of_share": share.number, "of_token": share.token, "this": batch, "next_batch": batch + 1}
    moved = connection.execute(_FENCE, here)
    if moved.rowcount != 1:
        raise Overtaken(job.lease.lost)


def close(database: Database, job: OwnedJob) -> JobRecord:
    """End a job whose batches are all written, in a transaction of its own, unless it has its verdict; the job then."""
    with database.writing() as connection:
        record = owned(database, connection, job.lease)
        return end(database, connection, record) if record.verdict is None else record


def end(database: Database, connection: Connection, job: JobRecord) -> JobRecord:
    """Write a job's verdict and queue its answers, in the caller's transaction, which has locked the job's row; returns
    the job with its verdict. The table refuses that while a record is missing in the books.
    """
    verdict = _verdict(job)
    ended: dict[str, Any] = {"verdict": verdict, "status": STATUS[verdict], "finished_at": datetime.now(UTC)}
    ended["rate"] = job.rate
    write_job(connection, job.job_id, ended)
    job = replace(job, **ended)
    _come_after_all(connection, job, _WAITS_OF_NAME)
    answer_queue.queue(database, connection, job)
    edi_answers.queue_of_sets(database, connection, job)
    if job.total >= LEAST:
        _forget(connection, job)
    return job


def _forget(connection: Connection, job: JobRecord) -> None:
    """Remove what older jobs of the same partner and type of document remember: the newest is what comes again."""
    of_feed = (SENT.c.partner == job.partner, SENT.c.document == job.document)
    last = func.max(SENT.c.change)
    others = select(SENT.c.job_id).where(*of_feed, SENT.c.job_id != job.job_id)
    older = others.group_by(SENT.c.job_id).order_by(last.desc(), SENT.c.job_id).offset(KEPT - 1)
    jobs = connection.execute(older).scalars().all()
    if jobs:
        connection.execute(delete(SENT).where(SENT.c.job_id.in_(jobs)))


def _come_after_all(connection: Connection, job: JobRecord, waits: Update) -> None:
    """End the waits of refused drops that a job brings again."""
    ended = {"ended": "superseded", "ended_by": job.job_id, "ended_at": datetime.now(UTC)}
    of_job = {"of_job": job.job_id, "of_partner": job.partner, "of_digest": job.digest}
    connection.execute(waits, of_job | {"of_name": job.name, "of_sequence": job.sequence} | ended)


def _waits_of(drops: ColumnElement[bool]) -> Update:
    """An update of the waits of those drops, other than the job's own, that are refused."""
    refused = select(JOBS.c.job_id).where(drops, JOBS.c.refused.is_not(None), JOBS.c.job_id != bindparam("of_job"))
    is_open = func.coalesce(OUTCOMES.c.ended, "") == ""  # not by the index of what is open, which may be very much
    waits = (OUTCOMES.c.job_id.in_(refused), OUTCOMES.c.line == 0, OUTCOMES.c.hold_code == REFUSED, is_open)
    return update(OUTCOMES).where(*waits)


_OF_PARTNER = bindparam("of_partner", type_=JOBS.c.partner.type)
_OF_BYTES = JOBS.c.partner.in_([_OF_PARTNER, ""]) & (JOBS.c.digest == bindparam("of_digest"))
"""The condition: a drop of the same bytes, under any name; '': no partner was known."""
_OF_NAME = and_(
    JOBS.c.partner == _OF_PARTNER, JOBS.c.name == bindparam("of_name"), JOBS.c.sequence < bindparam("of_sequence")
)
"""The condition: an older drop of the same name (``model.job.Age``: files of one name have one place)."""
_WAITS_OF_BYTES, _WAITS_OF_NAME = _waits_of(_OF_BYTES), _waits_of(_OF_NAME | _OF_BYTES)


def _verdict(job: JobRecord) -> Verdict:
    if job.failing == 0 and job.books.failed == 0:
        return Verdict.ACCEPTED
    return Verdict.REJECTED if job.failing == job.processed else Verdict.PARTIAL


def refuse(database: Database, drop: Found | Drop, sentence: str, job: str, lease: Lease | None = None) -> str:
    """Book a drop that can't be processed, as the job of the lease, else as a new one ``job``; returns the job's id."""
    file = booking.known_of(drop) if isinstance(drop, Drop) else drop
    feed = drop.feed if isinstance(drop, Drop) else None
    with database.writing() as connection:
        if lease is None:
            booking.insert_row(database, connection, file, job)
        else:
            owned(database, connection, lease)
            _remove_log(connection, lease.job)
        columns = {
            **dict.fromkeys(counters(), 0),
            **books_row(Books()),
            "records": 0,
            "total": 0,
            "partner": file.partner,
            "document": file.document,
            "feed_text": feed.text if feed else "",
        }
        _refused(database, connection, lease.job if lease else job, sentence, columns)
    return lease.job if lease else job


def refuse_job(database: Database, job: OwnedJob, sentence: str) -> None:
    """Refuse the drop of an open job before its first write: every record is held."""
    with database.writing() as connection:
        record = owned(database, connection, job.lease)
        columns = {
            "held": record.records - record.books.blank - record.books.ignored,
            "read_": record.records,
            "processed": record.total,
            "failing": record.total,
        }
        _refused(database, connection, job.id, sentence, columns)


def _refused(database: Database, connection: Connection, job: str, sentence: str, columns: dict[str, Any]) -> None:
    """Refuse a drop: it is answered, and waits as a whole, because its documents are unknown: the outcome of line 0."""
    ended = {
        "status": Status.FAILED,
        "verdict": Verdict.REJECTED,
        "refused": storable(sentence),
        "finished_at": datetime.now(UTC),
    }
    write_job(connection, job, ended | columns)
    record = the_job(connection, job)
    _come_after_all(connection, record, _WAITS_OF_BYTES)
    connection.execute(
        insert(OUTCOMES).values(
            job_id=job,
            line=0,
            partner=record.partner,
            document=record.document,
            business_unit="",
            number="",
            taken=False,
            hold_code=REFUSED,
            lines=0,
            failing_lines=0,
            what="",
        )
    )
    answer_queue.queue(database, connection, record)
    edi_answers.queue_of_sets(database, connection, record)


def filed(database: Database, job: JobRecord, lease: Lease, alert: str | None) -> JobRecord:
    """Note that a drop and its reports are filed; the job then. ``alert``: a sentence on something odd about the file,
    or None. Where the note is lost, the drop is filed once more.
    """
    done: dict[str, Any] = {"filed_at": datetime.now(UTC), "lease": None, "worker": None, "path": ""}
    done |= {"alert": alert} if alert else {}
    with database.noting() as connection:
        write_owned(connection, lease, done)
    return replace(job, **done)


def note_alert(database: Database, job: str, alert: str) -> None:
    """Note a sentence on something odd about the file of a job that is filed."""
    with database.writing() as connection:
        write_job(connection, job, {"alert": alert})
