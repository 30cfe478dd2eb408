"""The interchanges of a file that a worker has taken: each number comes once, and what they are is booked first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from crossdock.database import Database
from crossdock.failures.refusals import Refused
from crossdock.formats.edi.interchange import Interchange
from crossdock.intake.interchanges import RefusedInterchange, content_of, refusal_of
from crossdock.intake.recognise import Archive
from crossdock.jobs import edi_answers, interchanges
from crossdock.model.edi_answer import AnswerTerms
from crossdock.model.interchange import InterchangeRecord, Judged, Opened, PartRecord
from crossdock.partners.edi_keys import EdiKeys
from crossdock.partners.registry import Partners
from crossdock.times import dated


@dataclass(frozen=True)
class Desk:
    """Where the interchanges of a file are booked: for the ``job`` that has it, in the database ``books``.

    ``digest``: of the file (SHA-256). ``known``: the database of those that came before, None if there is none yet.
    ``zone``: of the times that people are shown.
    """

    job: str
    digest: str
    books: Database
    known: Database | None
    partners: Partners
    zone: ZoneInfo


def _without_twice(desk: Desk, box: Opened, path: Path) -> tuple[Opened, Mapping[int, str]]:
    """The interchanges of a file, of which those are refused whose numbers came before with other content; and the job
    of the first one, by the place of the second. ``path``: of the file, in which one may have come, too.
    """
    keys = _keys(desk, box.partner)
    if keys.duplicates == "off":
        return box, {}
    judged: list[Judged] = []
    twice: dict[int, str] = {}
    here: dict[tuple[str, ...], bytes] = {}
    times = Counter(each.interchange.key for each in box.judged)
    for place, each in enumerate(box.judged, 1):
        first = None if each.refused else _first_of_number(desk, each.interchange, keys.duplicate_days)
        if first is None and times[each.interchange.key] > 1 and not each.refused:
            content = content_of(path, each.interchange)
            first = (desk.job, "in this file") if here.setdefault(each.interchange.key, content) != content else None
        if first is not None:
            job, when = first
            twice[place] = job
            if keys.duplicates == "refuse":
                refused = Refused("interchange_twice", number=each.interchange.number, job=job, when=when)
                judged.append(replace(each, parts=(), refused=refused, said=()))
                continue
        judged.append(each)
    return replace(box, judged=tuple(judged)), twice


def _first_of_number(desk: Desk, interchange: Interchange, days: int) -> tuple[str, str] | None:
    """The job that had an interchange's number with other content, and when, as people are shown it."""
    if desk.known is None:
        return None
    first = interchanges.first_of_number(desk.known, interchange, desk.job, desk.digest, days)
    return None if first is None else (first[0], dated(first[1], desk.zone))


def not_twice(desk: Desk, archive: Archive) -> tuple[Archive, Mapping[int, str]]:
    """An archive without the interchanges whose numbers came before with other content; and the job of the first one,
    by the place of the second. Raises ``RefusedInterchange`` where every interchange in it is refused.
    """
    if archive.box is None:
        return archive, {}
    box, twice = _without_twice(desk, archive.box, archive.path)
    if box.refusals and not box.parts:
        raise RefusedInterchange(box, box.refusals[0])
    return replace(archive, box=box), twice


def records_of(
    desk: Desk, box: Opened, jobs: Sequence[str], twice: Mapping[int, str], refused: str = ""
) -> list[InterchangeRecord]:
    """What is booked of the interchanges of a file. ``jobs``: of their parts, in their order; ``refused``: the code
    that keeps the only part of them out.
    """
    keys, left, terms = _keys(desk, box.partner), list(jobs), _terms(desk, box.partner)
    records = []
    for place, each in enumerate(box.judged, 1):
        groups = [part.group for part in each.parts] if each.parts else list(each.interchange.groups)
        parts = []
        for number, group in enumerate(groups, 1):
            wrong = refusal_of(group, box.partner, keys)
            job = left.pop(0) if each.parts and left else ""
            parts.append(PartRecord(number, job, wrong.code if wrong else refused))
        code = each.refused.code if each.refused else ""
        whole = replace(each.interchange, groups=tuple(groups))
        now = datetime.now(UTC)
        record = InterchangeRecord(
            desk.job, place, box.partner, now, whole, tuple(parts), code, twice.get(place), terms, each.said
        )
        records.append(record)
    return records


def book_alone(desk: Desk, box: Opened, path: Path) -> Refused | None:
    """Book the interchange that this job itself imports; why it is refused, where its number came before. ``path``: of
    its file.
    """
    if interchanges.is_part(desk.books, desk.job):
        return None
    box, twice = _without_twice(desk, box, path)
    _book(desk, records_of(desk, box, [desk.job], twice))
    return next(iter(box.refusals), None)


def book_refused(desk: Desk, refused: RefusedInterchange) -> None:
    """Book the interchanges of a file of which nothing is imported; of one that is a part, that it is refused."""
    box, job = refused.opened, desk.job
    if not interchanges.is_part(desk.books, job):
        _book(desk, records_of(desk, box, [job] * len(box.parts), {}, refused.code))
    if box.parts:
        sets = [each.as_text() for part in box.parts for each in part.group.sets]
        interchanges.refuse_part(desk.books, job, refused.code, sets)


def _book(desk: Desk, records: Sequence[InterchangeRecord]) -> None:
    with desk.books.writing() as connection:
        interchanges.book(connection, records, desk.digest)
        edi_answers.queue_of_envelopes(desk.books, connection, records)


def _terms(desk: Desk, partner: str) -> AnswerTerms:
    """How a partner's interchanges are answered, in its zone."""
    keys = _keys(desk, partner).model_dump(include={each.name for each in fields(AnswerTerms)})
    own = desk.partners.by_id.get(partner)
    return AnswerTerms(**keys, zone=own.feeds[0].zone.key if own and own.feeds else desk.zone.key)


def _keys(desk: Desk, partner: str) -> EdiKeys:
    own = desk.partners.by_id.get(partner)
    return own.edi if own else EdiKeys()
