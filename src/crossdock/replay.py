"""Held documents once more: through today's feed, as a new job that is linked to the first, and answered again.

What is sent again is what the database kept of them, the newest copy of a document only: a later drop of the same
document has ended the wait of the earlier ones. What is stored meanwhile by a later import is never overwritten. The
records are written to a file of their own first, so that a replay that was killed goes on with just these.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from crossdock import receive
from crossdock.database import Database, history, jobs, waiting
from crossdock.database.stored import Stored
from crossdock.documents import DOCUMENTS
from crossdock.failures import RECORD_CODES, SPOILED_CODES, Refused
from crossdock.filing import Desk, base, booked, file
from crossdock.formats.kept import Head, Record, head_of, write
from crossdock.model import Drop, Progress, Report
from crossdock.pipeline import import_drop

FOLDER = "replays"
LOOK_AGAIN = ("beside_torn_line", "swallowed")
"""Reasons that stay: the torn record is still where it was."""


def nobody(_: Progress) -> None:
    """Watches nothing."""


def replay(
    desk: Desk,
    chosen: Iterable[Any],
    watch: Callable[[Progress], None] = nobody,
) -> Iterator[Report]:
    """Send held documents again, job by job in the order of their drops.

    ``chosen``: rows of ``waiting.open_documents``. What an earlier replay left unfinished comes first.
    """
    folder = desk.home / FOLDER
    for left in sorted(folder.glob("*.jsonl")) if folder.is_dir() else ():
        yield _again(desk, left, watch)
    held = [each for each in chosen if each.line]
    for job, rows in groupby(sorted(held, key=lambda each: (each.sequence, each.line)), key=lambda each: each.job_id):
        path = _kept(desk, job, {each.line: each for each in rows})
        if path is not None:
            yield _again(desk, path, watch)


def brought(desk: Desk, found: Report) -> list[Report]:
    """What a drop of a list brings in by itself: held documents all of whose missing values are known now (A5)."""
    name = found.feed.partition("/")[2]
    if name not in DOCUMENTS or not DOCUMENTS[name].is_list or not (found.documents.inserted + found.documents.updated):
        return []
    return list(replay(desk, _answered(desk.database, name)))


def _answered(database: Database, name: str) -> list[Any]:
    """The documents that wait for values of a list only, and for none that is still missing."""
    stored = Stored(database)
    chosen = []
    for row, values in waiting.missing_values(database, name):
        known = stored.known(name, row.business_unit, sorted(values))
        if all(known.get(value) for value in values):
            chosen.append(row)
    return chosen


def _kept(desk: Desk, job: str, chosen: dict[int, Any]) -> Path | None:
    """The file with the kept records of some documents of a job."""
    row = history.find(desk.database, job)
    if row is None:
        return None
    plan = json.loads(row.plan)
    head = Head(job, f"{row.partner}/{row.document}", row.name, plan["headers"], plan["written"],
                plan.get("plain", plan["written"]["format"] == "json"))  # fmt: skip
    folder = desk.home / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{job}.{datetime.now(UTC):%H%M%S%f}.jsonl"
    unfinished = path.with_suffix(".part")
    if not write(unfinished, head, _records(desk.database, row, chosen, plan)):
        unfinished.unlink()
        return None
    return unfinished.rename(path)


def _records(database: Database, row: Any, chosen: dict[int, Any], plan: dict[str, Any]) -> Iterator[Record]:
    """The kept records of some documents, each with the faults that no cell shows."""
    faults: dict[int, tuple[str, str | None]] = {}
    spoiled: dict[int, dict[str, tuple[str, Any]]] = {}
    for each in history.errors(database, row.job_id):
        if each.document not in chosen:
            continue
        if each.code in RECORD_CODES:
            faults[each.line] = (each.code, each.detail)
        elif each.code in SPOILED_CODES and each.field in plan["columns"]:
            told = (each.code, json.loads(each.detail or "{}"))
            spoiled.setdefault(each.line, {})[plan["columns"][each.field]] = told
    for record in history.records(database, row.job_id, max(chosen)):
        if record.document in chosen:
            reason, _, line = chosen[record.document].reason.partition(" ")
            yield Record(
                record.line,
                record.document,
                record.nested,
                json.loads(record.cells),
                faults.get(record.line),
                spoiled.get(record.line),
                (reason, int(line)) if reason in LOOK_AGAIN else None,
            )


def _again(desk: Desk, path: Path, watch: Callable[[Progress], None]) -> Report:
    """Import a file of held records, answer for it, and put it away."""
    head = head_of(path)
    identity = receive.identify(path)
    job = jobs.new_id(datetime.now(UTC))
    try:
        feed = desk.partners.named(head.feed, head.name)
    except Refused as refused:
        partner = head.feed.partition("/")[0]
        found = jobs.Found(head.name, identity.digest, identity.size, identity.received, partner)
        jobs.refuse(desk.database, found, refused.sentence, job)
        report = booked(desk.database, job)
    else:
        first = history.find(desk.database, head.job)
        received = first.received_at if first is not None else identity.received  # it waits since then
        drop = Drop(path, head.name, feed, identity.digest, identity.size, received, replays=head.job)
        report = import_drop(drop, desk.database, job=job, watch=watch)
    row = history.find(desk.database, report.job)
    file(desk, report, lambda folder: shutil.move(path, folder / f"{base(row)}.held.jsonl"))
    return report
