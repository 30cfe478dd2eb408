"""The log of a batch, in its own transaction: books, failures, outcomes, kept records, and the waits that it ends."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Connection, Table, Update, bindparam, insert, select, text, update

from crossdock.database import Database, standing, storable
from crossdock.database.lookups import Stored
from crossdock.database.records import job_of, write_job
from crossdock.database.tables import FAILURES, FIXES, JOBS, NOW, OUTCOMES, RECORDS, SENT, UNITS, arrow
from crossdock.frames.columns import AT_ONCE, Cells, length
from crossdock.jobs.lifecycle import OwnedJob, books_row, counters
from crossdock.model.decision import Decision, Outcomes
from crossdock.model.edi_answer import OF_ORDERS, kinds_of
from crossdock.model.job import STALE, JobRecord
from crossdock.model.report import COUNTED, Books
from crossdock.model.resent import Resent

REHEARSED = "rehearsed"
"""How the wait of a test's document ends: nobody waits for it."""
EACH = frozenset(("envelope", *OF_ORDERS))
"""Answers that have every document."""
MANY = 5_000
"""Values per statement."""


def advance(database: Database, connection: Connection, job: OwnedJob, checked: Decision, batch: int) -> JobRecord:
    """Write the result of a batch in the caller's transaction: books, counts, progress, failures, outcomes, records.
    Returns the job with this batch counted.
    """
    outcomes = checked.outcomes
    header, line = (checked.counts[title] for title in ("header", "line"))
    added = {"processed": len(outcomes), "failing": checked.failing} | books_row(checked.books)
    for level, counts in (("documents", header), ("lines", line)):
        added |= {f"{level}_{name}": getattr(counts, name) for name in COUNTED}
    # first of all, so that the shares of a job do what follows one after the other
    more = {f"more_{name}": value for name, value in added.items()}
    counted = _paced(job_of(connection.execute(_COUNTED, {"of_job": job.id} | more).one()))
    changes: dict[str, Any] = {}
    if counted.processed < counted.total:  # otherwise its end writes the rate
        changes |= {"rate": counted.rate, "estimated_end": counted.estimated_end}
    if checked.sender_jobs:
        changes["sender_job_id"] = _senders(counted, checked)
    if changes:
        write_job(connection, job.id, changes)
    _add_units(connection, job.id, outcomes)
    note(database, connection, job.id, checked.failures)
    stored = Stored(database, connection)
    newer: dict[str, str] = {}
    if not job.rehearsed:
        passed = {storable(key): by for key, by in checked.passed.items()}
        newer = passed | _supersede(stored, connection, counted, outcomes, checked.fixes)
        standing.note(connection, job.id, outcomes.key[outcomes.taken & outcomes.meant].tolist())
        if checked.resent is not None:
            _remember(connection, counted, checked.resent, batch)
    every = np.ones(len(outcomes), dtype=bool)
    kept = every if _answers_each(counted) else ~outcomes.whole | (outcomes.hold_code != "") | ~outcomes.meant
    if job.rehearsed:
        outcomes = replace(outcomes, ended=np.where(outcomes.meant, REHEARSED, outcomes.ended))
    answered = outcomes.at(np.flatnonzero(kept)).cells if kept.any() else {}
    same = {"partner": counted.partner, "document": counted.document, "job_id": job.id}
    for table, rows in ((OUTCOMES, answered), (RECORDS, checked.records), (FIXES, checked.fixes)):
        _append(database, connection, table, rows, same)
    if newer:
        _end_behind(stored, connection, counted, newer)
    return counted


def _append(database: Database, connection: Connection, table: Table, rows: Cells, same: Mapping[str, str]) -> None:
    """Insert rows; ``same``: what each of them has in columns that they lack. Others are null."""
    size = length(rows)
    if not size:
        return
    columns = {}
    for each in table.c:
        kind = arrow(each)
        cells = rows[each.name] if each.name in rows else pa.repeat(pa.scalar(same.get(each.name), kind), size)
        cells = cells if cells.type == kind else cells.cast(kind)
        columns[each.name] = pc.replace_substring(cells, "\0", storable("\0")) if pa.types.is_string(kind) else cells
    whole = pa.table(columns)
    for start in range(0, size, AT_ONCE):
        database.dialect.append(connection, table, whole.slice(start, AT_ONCE))


def _remember(connection: Connection, job: JobRecord, resent: Resent, batch: int) -> None:
    """Keep what the batch remembers of its documents."""
    own = {"job_id": job.job_id, "batch": batch, "partner": job.partner, "document": job.document}
    kept = {"context": resent.context, "change": resent.change, "documents": resent.documents.tobytes()}
    connection.execute(_REMEMBERED, own | kept)


_REMEMBERED = insert(SENT)
_COUNTED = (
    update(JOBS)
    .where(JOBS.c.job_id == bindparam("of_job"))
    .values({name: JOBS.c[name] + bindparam(f"more_{name}") for name in (*counters(), *books_row(Books()))})
    .values(progressed_at=NOW, attempts=0, outages=0, outage=None)
    .returning(JOBS)
)
"""Counts a batch. There is progress: what counts since the last one starts again at 0."""


def _paced(job: JobRecord) -> JobRecord:
    """The job with its documents per second since the worker took it, and its estimated end."""
    now = job.progressed_at
    if now is None or job.leased_at is None:
        return job
    rate = (job.processed - job.leased_from) / max((now - job.leased_at).total_seconds(), 1e-3)
    return replace(
        job, rate=rate, estimated_end=now + timedelta(seconds=(job.total - job.processed) / rate) if rate else None
    )


def _answers_each(job: JobRecord) -> bool:
    """Whether the feed's answer has every document, with those that are taken."""
    return job.feed is not None and not EACH.isdisjoint(kinds_of(job.feed.answer))


def _supersede(
    stored: Stored, connection: Connection, job: JobRecord, outcomes: Outcomes, fixes: Cells
) -> dict[str, str]:
    """End waiting outcomes of the same documents: a later drop brings them, or these are the corrected ones (A5).

    Returns the keys of which a newer copy is on hold, which goes on waiting → its job.
    """
    if job.fixes is not None and fixes:
        _supersede_fixed(connection, job, job.fixes, fixes)
    if job.repeats is not None:
        _supersede_places(connection, job, outcomes.line[(outcomes.number == "") & outcomes.meant].tolist())
    brought = outcomes.key[(outcomes.number != "") & (outcomes.hold_code != STALE) & outcomes.meant]
    return _supersede_keys(stored, connection, job, {storable(key) for key in brought.tolist()})  # as they are stored


def _end_behind(stored: Stored, connection: Connection, job: JobRecord, newer: Mapping[str, str]) -> None:
    """End the waits of a job's own documents of which a newer copy is on hold, or stored: of each document one copy
    waits, the newest. A number that somebody has changed into another's, in a fix-workbook, goes on waiting.

    ``newer``: key → the job of that copy.
    """
    columns = OUTCOMES.c
    query = select(columns.business_unit, columns.number, columns.key, columns.line)
    query = query.where(_WAITS, columns.job_id == job.job_id, columns.taken.is_(False))
    keys = list(newer)
    for start in range(0, len(keys), MANY):
        mine = connection.execute(query.where(columns.key.in_(keys[start : start + MANY]))).all()
        if job.as_old_as != job.job_id:
            own = stored.short(job.as_old_as, [row.number for row in mine])
            mine = [row for row in mine if (row.business_unit, row.number) in own]
        behind = defaultdict(list)
        for row in mine:
            behind[newer[row.key]].append(row.line)
        for later, lines in behind.items():
            of_lines = update(OUTCOMES).where(columns.job_id == job.job_id, columns.line.in_(lines))
            connection.execute(of_lines.values(_ended(job, "superseded") | {"ended_by": later}))


def _ended(job: JobRecord, how: str) -> dict[str, Any]:
    """What an outcome says that a job ends."""
    return {"ended": how, "ended_by": job.job_id, "ended_at": datetime.now(UTC)}


def _supersede_fixed(connection: Connection, job: JobRecord, first: str, fixes: Cells) -> None:
    """End those of a job, ``first``, whose documents a fix-workbook or a replay brings again."""
    pairs = set(zip(fixes["taken"].to_pylist(), fixes["origin"].to_pylist(), strict=True))
    for taken in (False, True):
        how = "replayed" if taken and job.replays else "superseded"
        lines = sorted(origin for of_taken, origin in pairs if of_taken is taken)
        for start in range(0, len(lines), MANY):
            part = lines[start : start + MANY]
            of_lines = update(OUTCOMES).where(_WAITS, OUTCOMES.c.job_id == first, OUTCOMES.c.line.in_(part))
            connection.execute(of_lines.values(_ended(job, how)))
            connection.execute(_sent_before(first, job, part).values(_ended(job, "superseded")))


def _supersede_places(connection: Connection, job: JobRecord, lines: list[int]) -> None:
    """End those of documents without a number in other jobs of the same bytes, by the lines where they begin."""
    columns = OUTCOMES.c
    of_bytes = select(JOBS.c.job_id).where(JOBS.c.digest == job.digest, JOBS.c.job_id != job.job_id)
    of_feed = (columns.partner == job.partner, columns.document == job.document, columns.number == "")
    for start in range(0, len(lines), MANY):
        of_place = update(OUTCOMES).where(_WAITS, *of_feed, columns.line.in_(lines[start : start + MANY]))
        connection.execute(of_place.where(columns.job_id.in_(of_bytes)).values(_ended(job, "superseded")))


def _supersede_keys(stored: Stored, connection: Connection, job: JobRecord, keys: set[str]) -> dict[str, str]:
    """End those of documents with these keys, but for newer ones; returns the keys of those that are on hold → the job.

    Usually nothing, or little, is open; beside very much, the keys of the batch are asked for.
    """
    of_feed = {"of_partner": job.partner, "of_document": job.document, "of_job": job.job_id}
    # a key may be in several rows
    some = connection.execute(_OTHERS_WAIT, of_feed | {"most": len(keys) + 1}).scalars().all()
    sought = sorted(keys.intersection(some) if len(some) <= len(keys) else keys)
    newer: dict[str, str] = {}
    for start in range(0, len(sought), MANY):
        of_keys = (*_OTHERS, OUTCOMES.c.key.in_(sought[start : start + MANY]))
        waits = connection.execute(select(OUTCOMES.c.key, OUTCOMES.c.job_id, OUTCOMES.c.taken).where(*of_keys), of_feed)
        rows = waits.all()
        stay = stored.jobs_ahead(job.job_id, job.as_old_as, sorted({row.job_id for row in rows}))
        newer |= {row.key: row.job_id for row in rows if row.job_id in stay and not row.taken}
        older = update(OUTCOMES).where(*of_keys, OUTCOMES.c.job_id.not_in(stay))
        connection.execute(older.values(_ended(job, "superseded")), of_feed)
    return newer


_WAITS = OUTCOMES.c.ended.is_(None)
_OTHERS = (
    _WAITS,
    OUTCOMES.c.partner == bindparam("of_partner"),
    OUTCOMES.c.document == bindparam("of_document"),
    OUTCOMES.c.job_id != bindparam("of_job"),
    OUTCOMES.c.key != "",
)
_OTHERS_WAIT = select(OUTCOMES.c.key).where(*_OTHERS).limit(bindparam("most"))


def _sent_before(first: str, job: JobRecord, origins: list[int]) -> Update:
    """An update of the waiting outcomes of the same documents in other jobs that sent them again: an earlier replay or
    fix-workbook.
    """
    columns = OUTCOMES.c
    again = (
        select(FIXES.c.job_id)
        .join(JOBS, JOBS.c.job_id == FIXES.c.job_id)
        .where(JOBS.c.fixes == first, JOBS.c.sequence < job.sequence)
        .where(FIXES.c.job_id == columns.job_id, FIXES.c.document_line == columns.line, FIXES.c.origin.in_(origins))
    )
    return update(OUTCOMES).where(columns.ended.is_(None), columns.job_id != job.job_id, again.exists())


def note(database: Database, connection: Connection, job: str, failures: pd.DataFrame) -> None:
    """Book failures: rows as in ``Decision.failures``."""
    if len(failures):
        _append(database, connection, FAILURES, _counted(failures), {"job_id": job})


def _senders(before: JobRecord, checked: Decision) -> str:
    """The sender's own jobs in the drop, as a JSON list (two are enough to know that there are several)."""
    return json.dumps(sorted({*before.sender_jobs, *checked.sender_jobs})[:2], ensure_ascii=False)


def _add_units(connection: Connection, job: str, outcomes: Outcomes) -> None:
    """Count the documents per business unit."""
    taken = outcomes.taken
    short = taken & (outcomes.failing_lines > 0)
    of_unit, names = pd.factorize(outcomes.business_unit)
    masks = (np.ones(len(taken), dtype=bool), ~taken, short)
    counted = {name: np.bincount(of_unit[mask], minlength=len(names)).tolist()
               for name, mask in zip(_OF_UNIT, masks, strict=True)}  # fmt: skip
    for place, unit in enumerate(map(storable, names)):
        sums = {name: counts[place] for name, counts in counted.items()}
        connection.execute(_MORE_OF_UNIT, {"job_id": job, "business_unit": unit, **sums})


_OF_UNIT = ("processed", "failing", "shortened")
"""What is counted of a business unit."""
_UNIT_COLUMNS = ("job_id", "business_unit", *_OF_UNIT)
_MORE_OF_UNIT = text(
    f"INSERT INTO {UNITS.name} ({', '.join(_UNIT_COLUMNS)}) VALUES ({', '.join(f':{name}' for name in _UNIT_COLUMNS)})"  # noqa: S608
    f" ON CONFLICT (job_id, business_unit) DO UPDATE SET "
    + ", ".join(f"{name} = {UNITS.name}.{name} + excluded.{name}" for name in _OF_UNIT)
)
"""Both databases write it alike; SQLAlchemy has a construct of its own for each."""


def _counted(failures: pd.DataFrame) -> Cells:
    """One row per error; one row per distinct value of a warning, with its count and its places (contract A2).

    A warning about a document as a whole, not about a cell, is a row of its own, so that it names the document.
    """
    own = [each for each in FAILURES.c if each.name in failures]
    rows = {each.name: pa.array(failures[each.name], arrow(each), from_pandas=True) for each in own}
    once, nobody = pa.scalar(1, pa.int64()), pa.scalar("")
    rows["last_line"] = rows["line"]
    rows["times"] = rows["times"].fill_null(once) if "times" in rows else pa.repeat(once, len(failures))
    rows["number"] = rows["number"].fill_null(nobody) if "number" in rows else pa.repeat(nobody, len(failures))
    is_warning = pc.equal(rows["severity"], "warning")
    if not pc.any(is_warning).as_py():
        return rows
    errors, warnings = (pa.table(rows).filter(mask) for mask in (pc.invert(is_warning), is_warning))
    about_all = pc.and_(pc.equal(warnings["scope"], "document"), pc.equal(warnings["field"], ""))
    of_document = pc.if_else(about_all, warnings["document_line"], pa.scalar(-1, pa.int64()))
    alike = warnings.append_column("of_document", of_document).group_by(_ALIKE, use_threads=False)
    grouped = alike.aggregate([*_COUNTED_AS, ("number", "count_distinct")])
    summed = {name: grouped[f"{name}_{how}"] for name, how in _COUNTED_AS} | {name: grouped[name] for name in _ALIKE}
    summed["number"] = pc.if_else(pc.equal(grouped["number_count_distinct"], 1), summed["number"], "")
    whole = pa.concat_tables([errors.select(list(rows)), pa.table(summed).select(list(rows))])
    return {name: whole[name] for name in rows}


_ALIKE = ["field", "code", "value", "detail", "of_document"]
"""What is the same in warnings that are one row."""
_COUNTED_AS = [
    ("line", "min"), ("last_line", "max"), ("times", "sum"),
    *((name, "first") for name in ("document_line", "severity", "scope", "line_number", "number")),
]  # fmt: skip
"""What a row says of several warnings; ``number``: '' where they are in several documents."""
