"""Held documents once more: through today's feed, as a new job that is linked to the first, and answered again.

What is sent again is what the database kept of them, the newest copy of a document only: a later drop of the same
document has ended the wait of the earlier ones. What is stored meanwhile by a later import is never overwritten. The
records are written to a file of their own in the work folder, which goes the way of every drop.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from crossdock import receive
from crossdock.database import Database, booking, history, waiting
from crossdock.database.stored import Stored
from crossdock.documents import DOCUMENTS
from crossdock.failures import RECORD_CODES, SPOILED_CODES
from crossdock.filing import NOBODY, Desk, base
from crossdock.formats.kept import Head, Record, write
from crossdock.model import Report

LOOK_AGAIN = ("beside_torn_line", "swallowed")
"""Reasons that stay: the torn record is still where it was."""


def send_again(desk: Desk, chosen: Iterable[Any], parent: str | None = None) -> Iterator[str]:
    """Book held documents as jobs of their own, job by job in the order of their drops; gives the new jobs.

    ``chosen``: rows of ``waiting.open_documents``. ``parent``: the job that lets them in.
    """
    held = [each for each in chosen if each.line]
    for job, rows in groupby(sorted(held, key=lambda each: (each.sequence, each.line)), key=lambda each: each.job_id):
        new = _kept(desk, job, {each.line: each for each in rows}, parent)
        if new is not None:
            yield new


def brought(desk: Desk, found: Report) -> list[str]:
    """What a drop of a list lets in by itself: held documents all of whose missing values are known now (A5)."""
    name = found.feed.partition("/")[2]
    if name not in DOCUMENTS or not DOCUMENTS[name].is_list or not (found.documents.inserted + found.documents.updated):
        return []
    on_their_way = set(booking.replaying(desk.database).values())
    chosen = [row for row in _answered(desk.database, name) if row.job_id not in on_their_way]
    return list(send_again(desk, chosen, found.job))


def _answered(database: Database, name: str) -> list[Any]:
    """The documents that wait for values of a list only, and for none that is still missing."""
    stored = Stored(database)
    chosen = []
    for row, values in waiting.missing_values(database, name):
        known = stored.known(name, row.business_unit, sorted(values))
        if all(known.get(value) for value in values):
            chosen.append(row)
    return chosen


def _kept(desk: Desk, job: str, chosen: dict[int, Any], parent: str | None) -> str | None:
    """A new job with the kept records of some documents of a job; None where none are kept."""
    row = history.find(desk.database, job)
    if row is None:
        return None
    plan = json.loads(row.plan)
    head = Head(job, f"{row.partner}/{row.document}", row.name, plan["headers"], plan["written"],
                plan.get("plain", plan["written"]["format"] == "json"))  # fmt: skip
    new = booking.new_id(datetime.now(UTC))
    path = desk.home / "work" / new / (row.partner or NOBODY) / f"{base(row)}.held.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = receive.unfinished(path)
    if not write(unfinished, head, _records(desk.database, row, chosen, plan)):
        unfinished.unlink()
        receive.forget(path)
        return None
    identity = receive.identify(unfinished)
    found = booking.Found(
        row.name,
        identity.digest,
        identity.size,
        row.received_at,  # it waits since then
        row.partner,
        row.document,
        place=str(path.relative_to(desk.home)),
        stage=row.stage,
        parent=parent,
        replays=job,
    )
    if not booking.register(desk.database, found, new):  # another sends them again at this moment
        receive.discard(path)
        return None
    receive.completed(path, identity.size)  # only now: an unbooked file would be booked as the partner's own
    return new


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
