"""Where documents stand as of now: sent, in, on hold; each once, however often it came.

A document is its number, in its business unit. What a batch stores is noted as one value: eight bytes of a hash per
key, so nobody pays for a row per document, and a day is a union of numbers. What is not stored has its outcome, which
whatever comes later ends. A document without a number is its place in those bytes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b

import numpy as np
from sqlalchemy import ColumnElement, Connection, Select, func, insert, or_, select

from crossdock.database import Database, storable
from crossdock.database.records import job_of
from crossdock.database.tables import JOBS, OUTCOMES, STORED
from crossdock.model.job import CHECKED, JobRecord

DISMISSED = "dismissed"
"""How a person ends the wait of a document: it will not come."""
ON_HOLD = (OUTCOMES.c.taken.is_(False), OUTCOMES.c.ended.is_(None))
"""The condition: a document is not stored, and nothing has ended that. Line 0 is a drop that is rejected as a whole."""

MEANT = func.coalesce(OUTCOMES.c.ended, "") != CHECKED
"""The condition: a document is to be stored, not only checked."""


@dataclass(frozen=True)
class Standing:
    """What came of one partner: documents sent, in and on hold, and drops that are rejected, all as of now.

    ``sent`` has those that a person dismissed, too.
    """

    sent: int = 0
    imported: int = 0
    on_hold: int = 0
    rejected: int = 0


@dataclass(frozen=True)
class HeldJob:
    """A job with documents that are on hold now: how many, and the numbers of the first ones ('' has none)."""

    job: JobRecord
    documents: int
    numbers: tuple[str, ...]


def note(connection: Connection, job: str, keys: Iterable[str]) -> None:
    """Note in the caller's transaction what documents a batch has stored, or has found stored."""
    hashes = b"".join(map(_hash, keys))
    if hashes:
        connection.execute(_NOTED, {"job_id": job, "documents": hashes})


_NOTED = insert(STORED)


def _hash(key: str) -> bytes:
    return blake2b(storable(key).encode(errors="surrogatepass"), digest_size=8).digest()


@dataclass
class _Counts:
    """The documents of one partner and type: ``stored`` as arrays of hashes, the others as hashes, places and bytes."""

    stored: list[np.ndarray] = field(default_factory=list)
    waiting: set[bytes] = field(default_factory=set)
    numberless: set[tuple[str, int]] = field(default_factory=set)
    dismissed: set[bytes] = field(default_factory=set)
    dropped: set[tuple[str, int]] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)

    def standing(self) -> Standing:
        """The counts: a document whose newest copy is on hold is on hold, whatever an older one was."""
        stored = np.unique(np.concatenate([*self.stored, np.empty(0, np.uint64)]))
        waiting = np.frombuffer(b"".join(self.waiting), np.uint64)
        imported = len(np.setdiff1d(stored, waiting, assume_unique=True))
        ended = np.frombuffer(b"".join(self.dismissed - self.waiting), np.uint64)
        dismissed = len(np.setdiff1d(ended, stored)) + len(self.dropped - self.numberless)
        on_hold = len(waiting) + len(self.numberless)
        return Standing(imported + on_hold + dismissed, imported, on_hold, len(self.refused))


def standings(database: Database, since: datetime) -> dict[str, Standing]:
    """The standing of each partner: of what was sent since then, or imported again since then."""
    recent = or_(JOBS.c.received_at >= since, JOBS.c.finished_at >= since)
    of_jobs = (JOBS.c.partner, JOBS.c.document)
    stored = select(*of_jobs, STORED.c.documents).join(STORED, STORED.c.job_id == JOBS.c.job_id).where(recent)
    columns = OUTCOMES.c
    short = select(*of_jobs, JOBS.c.digest, columns.line, columns.number, columns.key, columns.ended)
    short = short.join(OUTCOMES, columns.job_id == JOBS.c.job_id).where(recent, columns.taken.is_(False))
    short = short.where(or_(columns.ended.is_(None), columns.ended == DISMISSED))
    counts: dict[tuple[str, str], _Counts] = {}
    with database.reading() as connection:
        for partner, document, hashes in connection.execute(stored):
            counts.setdefault((partner, document), _Counts()).stored.append(np.frombuffer(hashes, np.uint64))
        for partner, document, digest, line, number, key, ended in connection.execute(short):
            mine = counts.setdefault((partner, document), _Counts())
            if line == 0:
                mine.refused |= {digest} if ended is None else set()
            elif number:
                (mine.waiting if ended is None else mine.dismissed).add(_hash(key))
            else:
                (mine.numberless if ended is None else mine.dropped).add((digest, line))
    by_partner: dict[str, Standing] = {}
    for (partner, _), each in counts.items():
        one, more = by_partner.get(partner, Standing()), each.standing()
        sums = (one.sent + more.sent, one.imported + more.imported, one.on_hold + more.on_hold)
        by_partner[partner] = Standing(*sums, one.rejected + more.rejected)
    return by_partner


def held_jobs(database: Database, limit: int, numbers: int) -> list[HeldJob]:
    """The newest jobs with documents on hold, whenever they came, at most so many; of each at most so many numbers."""
    documents = (*ON_HOLD, OUTCOMES.c.line > 0)
    counted = select(OUTCOMES.c.job_id, func.count().label("documents")).where(*documents)
    every = counted.group_by(OUTCOMES.c.job_id).subquery()
    newest = select(JOBS, every.c.documents).join(every, every.c.job_id == JOBS.c.job_id)
    held = []
    with database.reading() as connection:
        for row in connection.execute(newest.order_by(JOBS.c.sequence.desc()).limit(limit)).all():
            first = select(OUTCOMES.c.number).where(OUTCOMES.c.job_id == row.job_id, *documents)
            some = connection.execute(first.order_by(OUTCOMES.c.line).limit(numbers)).scalars()
            held.append(HeldJob(job_of(row), row.documents, tuple(some)))
    return held


def rejected_jobs(database: Database, limit: int) -> list[JobRecord]:
    """The newest jobs whose drop was rejected as a whole and has not come in since, at most so many."""
    query = select(JOBS).join(OUTCOMES, OUTCOMES.c.job_id == JOBS.c.job_id).where(*_rejected())
    with database.reading() as connection:
        return [job_of(row) for row in connection.execute(query.order_by(JOBS.c.sequence.desc()).limit(limit))]


def totals(database: Database) -> tuple[int, int]:
    """How many documents are on hold, and how many drops rejected, whenever they came."""
    held = select(func.count()).select_from(OUTCOMES).where(*ON_HOLD)
    queries: tuple[Select[tuple[int]], ...] = (held.where(OUTCOMES.c.line > 0), held.where(*_rejected()))
    with database.reading() as connection:
        documents, drops = (int(connection.execute(each).scalar_one()) for each in queries)
    return documents, drops


def _rejected() -> tuple[ColumnElement[bool], ...]:
    return (*ON_HOLD, OUTCOMES.c.line == 0)
