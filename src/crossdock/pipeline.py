"""The whole story: a drop becomes rows, and every line that could not go in gets an answer.

``import_drop`` is the import; ``rehearse`` is the dry run: the same way up to the transaction, against the same stored
documents, with a scratch database for its books. What is checked twice (hold = "file", refuse_above) is checked as a
whole before the first write.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
from sqlalchemy import Connection

from crossdock import batches
from crossdock.batches import BATCH_BYTES, Plan
from crossdock.check import actions, check, forgiven
from crossdock.columns import array
from crossdock.content import contents
from crossdock.database import Database, jobs, look, parsed
from crossdock.database.jobs import Job
from crossdock.database.stored import Foreseen
from crossdock.database.stored import Stored as StoredIn
from crossdock.database.tables import METADATA
from crossdock.decide import decide
from crossdock.failures import Refused, failures, together
from crossdock.feeds import Feed, trimmed
from crossdock.gather import gather
from crossdock.load import Raced, merge
from crossdock.model import Batch, Books, Checked, Drop, Nothing, Outage, Progress, Report, Stored
from crossdock.parse import parse
from crossdock.recall import filled, recall, renumbered
from crossdock.translate import settled, translate, unknown_columns

RACES = 5
"""How often a batch is checked again because another import came between."""


@dataclass(frozen=True)
class Terms:
    """What an import is given from outside, so that tests and golden files can decide it."""

    today: date
    batch_bytes: int = BATCH_BYTES
    scratch: Path | None = None


def terms() -> Terms:
    """Today's."""
    return Terms(today=datetime.now(UTC).date())


Watch = Callable[[Progress], None]


def import_drop(
    drop: Drop,
    database: Database,
    *,
    job: str | None = None,
    watch: Watch = lambda _: None,
    given: Terms | None = None,
) -> Report:
    """Import a drop: every document that is right goes in, every line that can't is answered for.

    ``job`` is the id for a new job; an unfinished one of the same bytes is continued under its own. Raises ``Outage``
    where something outside failed; importing the file again goes on where this stopped.
    """
    given = given or terms()
    job = job or jobs.new_id(datetime.now(UTC))
    try:
        plan = batches.plan(drop, given.batch_bytes, given.scratch)
    except Refused as refused:
        return _report(database, jobs.refuse(database, drop, refused.sentence, job))
    try:
        held = _open(plan, drop, database, job)
        stored = StoredIn(database)

        def write(connection: Connection, checked: Checked, number: int) -> None:
            staged = database.way.stage(connection, checked.writes)
            jobs.fence(connection, held, number)
            merge(database, connection, staged, checked, drop.feed)

        return _go(plan, drop.feed, held, stored, database, write, watch, given)
    finally:
        plan.close()


def check_drop(drop: Drop, url: str | None, *, watch: Watch = lambda _: None, given: Terms | None = None) -> Report:
    """The dry run: what ``import_drop`` would report. Nothing is written and nothing created."""
    with rehearse(drop, url, watch=watch, given=given) as (report, _):
        return report


@contextmanager
def rehearse(
    drop: Drop, url: str | None, *, watch: Watch = lambda _: None, given: Terms | None = None
) -> Iterator[tuple[Report, Database]]:
    """The dry run, and the scratch database that holds its books and failures as long as the context lasts."""
    given = given or terms()
    with scratch_books() as books:
        database = look(url) if url else None
        try:
            yield _rehearsed(drop, database, books, watch, given), books
        finally:
            if database is not None:
                database.close()


def _rehearsed(drop: Drop, database: Database | None, books: Database, watch: Watch, given: Terms) -> Report:
    try:
        plan = batches.plan(drop, given.batch_bytes, given.scratch)
    except Refused as refused:
        return _report(books, jobs.refuse(books, drop, refused.sentence, ""))
    try:
        held = _open(plan, drop, books, "")
        stored = Foreseen(StoredIn(database) if database else Nothing())

        def write(connection: Connection, checked: Checked, number: int) -> None:
            jobs.fence(connection, held, number)
            if plan.ordered:
                stored.foresee(checked.writes)

        return _go(plan, drop.feed, held, stored, books, write, watch, given)
    finally:
        plan.close()


@contextmanager
def scratch_books() -> Iterator[Database]:
    """A database for the books of a drop that leaves no trace."""
    with tempfile.TemporaryDirectory(prefix="crossdock-") as folder:
        books = Database(parsed(f"sqlite:///{folder}/books.db"))
        try:
            METADATA.create_all(books.engine)
            yield books
        finally:
            books.close()


def _open(plan: Plan, drop: Drop, database: Database, job: str) -> Job:
    aside = Books(read=plan.blank + plan.ignored, blank=plan.blank, ignored=plan.ignored)
    return jobs.open_job(database, drop, plan.describe(), plan.size, plan.total, plan.records, aside, job)


Write = Callable[[Connection, Checked, int], None]


def _go(
    plan: Plan, feed: Feed, job: Job, stored: Stored, books: Database, write: Write, watch: Watch, given: Terms
) -> Report:
    """Batch by batch: check, write, book; then the verdict. While one is written the next is checked."""
    if job.next_batch == 0 and not job.withheld and (feed.keys.hold == "file" or feed.keys.refuse_above):
        try:
            if _look_first(plan, feed, stored, job, given):
                jobs.withhold(books, job)
                job = replace(job, withheld=True)
        except Refused as refused:
            jobs.refuse_job(books, job, refused.sentence)
            return _report(books, job.id)
    report = _report(books, job.id)
    watch(report.progress)
    with ThreadPoolExecutor(1, "crossdock-check") as ahead:

        def prepare(batch: Batch | None) -> Future[Checked] | None:
            if batch is None:
                return None
            return ahead.submit(check_batch, batch, plan, feed, stored, given.today, job)

        coming = plan.batches(job.next_batch)
        batch = next(coming, None)
        prepared = prepare(batch)
        while batch is not None and prepared is not None:
            checked = prepared.result()
            following = next(coming, None)
            prepared = None if plan.ordered else prepare(following)
            _one(batch, checked, plan, feed, job, stored, books, write, given)
            watch(_report(books, job.id).progress)
            batch, prepared = following, prepared or prepare(following)
    if plan.records == 0 and job.next_batch == 0:
        with books.writing() as connection:
            jobs.note(books, connection, job.id, failures([0], "", "no_records"))
    jobs.close(books, job)
    return _report(books, job.id)


def _one(
    batch: Batch,
    checked: Checked,
    plan: Plan,
    feed: Feed,
    job: Job,
    stored: Stored,
    books: Database,
    write: Write,
    given: Terms,
) -> None:
    """Write a checked batch; check it once more where another import changed its documents meanwhile."""
    for attempt in range(RACES):
        try:
            with books.writing() as connection:
                write(connection, checked, batch.number)
                jobs.advance(books, connection, job, checked)
        except Raced as raced:
            if attempt == RACES - 1:
                raise Outage(f"other imports change the same documents again and again: {raced.__cause__}") from raced
            checked = check_batch(batch, plan, feed, stored, given.today, job)
        else:
            return


def check_batch(batch: Batch, plan: Plan, feed: Feed, stored: Stored, today: date, job: Job) -> Checked:
    """The way of one batch up to the transaction."""
    columns = frozenset(plan.columns)
    plain = plan.written["format"] == "json"
    table, foreign = translate(batch, plan.columns, feed, plain_numbers=plain)
    gathered, disagreeing = gather(batch, table, feed, columns, settled(feed))
    typed, unparsed = parse(gathered, feed.document, feed.zone)
    said = contents(typed, feed)
    recalled = recall(typed, said, stored, feed)
    numbered = renumbered(typed, recalled, feed.document)
    keeps = recalled.exists & (not feed.clears) & (actions(typed, "header") != "replace")
    whole = filled(numbered, recalled, feed, keeps)
    wrong = check(whole, recalled, said, feed, stored, today)
    found = together(forgiven(together(foreign, disagreeing, unparsed), whole, recalled), wrong)
    checked = decide(batch, whole, recalled, said, found, feed, job.id, withheld=job.withheld)
    unnumbered = gathered.levels["line"].index if gathered.positional else gathered.levels["line"].index[:0]
    notes = _notes(batch, plan, unnumbered)
    return replace(checked, failures=pd.concat([with_values(checked.failures, batch, plan.columns), notes]))


def _look_first(plan: Plan, feed: Feed, stored: Stored, job: Job, given: Terms) -> bool:
    """Check the whole drop before the first write. Refused above the feed's limit; true if it must be withheld."""
    failing = cancelled = lines = 0
    foreseen = Foreseen(stored)
    for batch in plan.batches(0):
        checked = check_batch(batch, plan, feed, foreseen, given.today, job)
        if plan.ordered:
            foreseen.foresee(checked.writes)
        failing += checked.failing
        cancelled += checked.counts["line"].cancelled
        lines += checked.stored_lines
    limit = feed.keys.refuse_above
    if limit is not None:
        share = float(limit.rstrip("% ")) / 100
        if failing > share * plan.total:
            raise Refused("too_many_failing", failing=f"{failing:,}", total=f"{plan.total:,}", limit=limit)
        if lines and cancelled > share * lines:
            raise Refused("too_many_cancelled", cancelled=f"{cancelled:,}", total=f"{lines:,}", limit=limit)
    return feed.keys.hold == "file" and failing > 0


def with_values(found: pd.DataFrame, batch: Batch, columns: Mapping[str, str]) -> pd.DataFrame:
    """Failures with the value of their cell as it was sent.

    A header's value may stand on a later row of the document than the one it is booked under.
    """
    values = pd.Series([None] * len(found), index=found.index, dtype=object)
    groups = pd.Series(batch.group, index=batch.raw.index)
    for field, part in found[found["code"] != "missing"].groupby("field"):
        theirs = columns.get(str(field)) or columns.get(str(field).partition(".")[2])
        if theirs is None or theirs not in batch.raw:
            continue
        column = batch.raw[theirs]
        sent = column.loc[part["line"]].astype(object)
        sent = sent.where(sent.notna() & (sent.str.strip() != ""), None)
        values.loc[part.index] = sent.to_numpy()
        for place in part.index[sent.isna().to_numpy()]:
            same = column[(groups == groups.loc[part.loc[place, "line"]]).to_numpy()].dropna()
            filled_in = same[same.str.strip() != ""]
            values.loc[place] = filled_in.iloc[0] if len(filled_in) else None
    return found.assign(value=values)


def _notes(batch: Batch, plan: Plan, unnumbered: pd.Index) -> pd.DataFrame:
    """What the partner should know of the file itself: columns left out, lines numbered by position."""
    rows: list[tuple[str, int, int, str | None]] = []
    for name in unknown_columns(batch, plan.columns, plan.headers):
        held = trimmed(array(batch.raw[name])).is_valid().to_numpy(zero_copy_only=False)
        lines = batch.raw.index[held]
        rows.append(("unknown_column", int(lines[0]), int(held.sum()), name))
    if len(unnumbered):
        rows.append(("numbered_by_position", int(unnumbered.min()), len(unnumbered), None))
    return pd.DataFrame(
        [
            {
                "line": line,
                "document": line,
                "field": "",
                "code": code,
                "detail": None,
                "severity": "warning",
                "line_number": None,
                "value": value,
                "times": times,
            }
            for code, line, times, value in rows
        ]
    )


def _report(database: Database, job: str) -> Report:
    row = jobs.find(database, job)
    if row is None:
        raise Outage(f"job {job} is not in the database any more")
    return jobs.report(row)
