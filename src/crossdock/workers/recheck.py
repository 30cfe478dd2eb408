"""What would come out differently of the files of the last days with today's TOML.

Each file in the archive is imported twice into an empty database: with the feed as it was then, which the job has kept,
and with today's. So nothing but the TOML can make a difference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from crossdock.database import Database, read_documents
from crossdock.delivery.answer_files import archived
from crossdock.failures.refusals import Refused
from crossdock.intake import files
from crossdock.intake.recognise import open_drop
from crossdock.jobs import queries
from crossdock.model.drop import Drop
from crossdock.model.job import JobRecord
from crossdock.partners.feed import Feed
from crossdock.partners.feed_config import Keys
from crossdock.partners.registry import Partners
from crossdock.workers.feed_samples import empty_database, imported

NOT_THERE = "its file is not in the archive any more"
OLDER = "its feed was kept by another version of crossdock, whose keys can't be read"


@dataclass(frozen=True)
class Rechecked:
    """A file of the archive: ``differences``, a sentence for each; ``unknown``: why it can't be compared, else ''."""

    job: JobRecord
    differences: tuple[str, ...] = ()
    unknown: str = ""


def recheck(database: Database, home: Path, partners: Partners, feed: Feed, since: datetime) -> Iterator[Rechecked]:
    """Compare the files of a feed that arrived since a moment, in their order."""
    with empty_database() as empty:
        for job in queries.of_feed(database, feed, since):
            path = archived(home, job)
            if path is None:
                yield Rechecked(job, unknown=NOT_THERE)
                continue
            try:
                then = _then(job, path, feed, partners, empty)
            except ValidationError:
                yield Rechecked(job, unknown=OLDER)
                continue
            today = partners.named(job.reader) if job.of_request else feed
            now = _outcome(path, job, today, partners, empty)
            yield Rechecked(job, tuple(_differences(then, now, feed)))


def _then(job: JobRecord, path: Path, today: Feed, partners: Partners, empty: Path) -> Mapping[str, Any]:
    """What comes of a file with its feed as it was; code lists are today's.

    Raises ``ValidationError`` where the keys of the feed can't be read any more.
    """
    snapshot = job.feed
    if snapshot is None:
        return {"refused": job.refused}
    keys = Keys.model_validate(snapshot.feed.model_dump())
    units, document = snapshot.business_units, today.document
    feed = Feed(
        snapshot.partner, ZoneInfo(snapshot.zone), units, snapshot.shared, document, keys, code_lists=today.code_lists
    )
    return _outcome(path, job, feed, partners, empty)


def _outcome(path: Path, job: JobRecord, feed: Feed, partners: Partners, empty: Path) -> dict[str, Any]:
    try:
        drop = open_drop(path, partners, partner=job.partner, name=job.name, identity=files.identify(path))
    except Refused as refused:
        return {"refused": refused.sentence}
    if not isinstance(drop, Drop):
        raise TypeError(f"{path} is an archive, and an archive has no feed")
    return imported(replace(drop, feed=feed.on(job.received_at)), job.received_at.date(), empty)


def _differences(before: Mapping[str, Any], now: Mapping[str, Any], feed: Feed) -> Iterator[str]:
    """What is different in two outcomes, a sentence for each document."""
    refused, refuses = (each.get("refused") or each.get("report", {}).get("refused") for each in (before, now))
    if refused != refuses:
        yield f"the file was {_fate(refused)}, and is {_fate(refuses)} now"
        return
    stored, stores = (_stored(one, feed) for one in (before, now))
    failed, fails = (_failures(one) for one in (before, now))
    for each in sorted({*stored, *stores, *failed, *fails}):
        was, is_now = failed.get(each, ""), fails.get(each, "")
        if each in stores and each not in stored:
            yield f"{each}: is imported now{f'; it failed: {was}' if was else ''}"
        elif each in stored and each not in stores:
            yield f"{each}: is not imported any more{f': {is_now}' if is_now else ''}"
        elif each in stored and stored[each] != stores[each]:
            fault = [is_now] if is_now and is_now != was else []
            yield f"{each}: {'; '.join([*_changes_of(stored[each], stores[each]), *fault])}"
        elif was != is_now:
            yield f"{each}: {is_now or 'fails no more'}; it was: {was or 'no failure'}"


def _fate(refused: str | None) -> str:
    return f"refused ({refused})" if refused else "read"


def _stored(outcome: Mapping[str, Any], feed: Feed) -> dict[str, list[Any]]:
    """The documents of each number: several business units, or lots of an item, may have one."""
    documents: dict[str, list[Any]] = {}
    for each in outcome.get("documents", ()):
        documents.setdefault(str(read_documents.member(each, feed.document.number)), []).append(each)
    return documents


def _failures(outcome: Mapping[str, Any]) -> dict[str, str]:
    """The errors of each document, in words."""
    sentences: dict[str, list[str]] = {}
    for each in outcome.get("report", {}).get("failures", ()):
        if each["severity"] == "error":
            sentences.setdefault(each["document"] or "", []).append(each["message"])
    return {document: "; ".join(dict.fromkeys(messages)) for document, messages in sentences.items()}


def _changes_of(before: Sequence[object], now: Sequence[object]) -> Iterator[str]:
    """What differs in the documents of one number."""
    if len(before) != len(now):
        yield f"{len(now)} documents have this number, {len(before)} had it"
        return
    for one, other in zip(before, now, strict=True):
        yield from _changes(one, other)


def _changes(before: object, now: object, path: str = "") -> Iterator[str]:
    """The values that differ in two nested objects: ``quantity 5, was 50``."""
    if isinstance(before, dict) and isinstance(now, dict):
        for name in dict.fromkeys([*before, *now]):
            if before.get(name) != now.get(name):
                yield from _changes(before.get(name), now.get(name), f"{path}.{name}" if path else name)
    elif isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        for place, (one, other) in enumerate(zip(before, now, strict=True)):
            if one != other:
                yield from _changes(one, other, f"{path}/{place}")
    else:
        yield f"{path} {now!r}, was {before!r}"
