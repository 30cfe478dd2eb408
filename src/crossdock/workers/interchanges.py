"""The interchanges of a file that a worker has taken: each number comes once, and what they are is booked first."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime

from crossdock.failures.refusals import Refused
from crossdock.intake.interchanges import RefusedInterchange, refusal_of
from crossdock.jobs import edi_answers, interchanges
from crossdock.jobs.leases import Acquired
from crossdock.model.edi_answer import AnswerTerms
from crossdock.model.interchange import InterchangeRecord, Judged, Opened, PartRecord
from crossdock.partners.edi_keys import EdiKeys
from crossdock.site import Site
from crossdock.times import dated


def without_twice(site: Site, taken: Acquired, box: Opened) -> tuple[Opened, Mapping[int, str]]:
    """The interchanges of a file, of which those are refused whose numbers came before with other content; and the job
    of the first one, by the place of the second.
    """
    keys = _keys(site, box.partner)
    if keys.duplicates == "off":
        return box, {}
    judged: list[Judged] = []
    twice: dict[int, str] = {}
    for place, each in enumerate(box.judged, 1):
        row = taken.row
        first = each.refused or interchanges.first_of_number(
            site.database, each.interchange, row.job_id, row.digest, keys.duplicate_days
        )
        if isinstance(first, tuple):
            job, when = first
            twice[place] = job
            if keys.duplicates == "refuse":
                moment = dated(when, site.zone)
                refused = Refused("interchange_twice", number=each.interchange.number, job=job, when=moment)
                judged.append(replace(each, parts=(), refused=refused, said=()))
                continue
        judged.append(each)
    return replace(box, judged=tuple(judged)), twice


def records_of(
    site: Site, taken: Acquired, box: Opened, jobs: Sequence[str], twice: Mapping[int, str], refused: str = ""
) -> list[InterchangeRecord]:
    """What is booked of the interchanges of a file. ``jobs``: of their parts, in their order; ``refused``: the code
    that keeps the only part of them out.
    """
    keys, left, terms = _keys(site, box.partner), list(jobs), _terms(site, box.partner)
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
            taken.row.job_id, place, box.partner, now, whole, tuple(parts), code, twice.get(place), terms, each.said
        )
        records.append(record)
    return records


def book_alone(site: Site, taken: Acquired, box: Opened) -> Refused | None:
    """Book the interchange that this job itself imports; why it is refused, where its number came before."""
    if interchanges.is_part(site.database, taken.row.job_id):
        return None
    box, twice = without_twice(site, taken, box)
    _book(site, taken, records_of(site, taken, box, [taken.row.job_id], twice))
    return next(iter(box.refusals), None)


def book_refused(site: Site, taken: Acquired, refused: RefusedInterchange) -> None:
    """Book the interchanges of a file of which nothing is imported; of one that is a part, that it is refused."""
    box, job = refused.opened, taken.row.job_id
    if not interchanges.is_part(site.database, job):
        _book(site, taken, records_of(site, taken, box, [job] * len(box.parts), {}, refused.code))
    if box.parts:
        sets = [json.dumps(each.as_json(), ensure_ascii=False) for part in box.parts for each in part.group.sets]
        interchanges.refuse_part(site.database, job, refused.code, sets)


def _book(site: Site, taken: Acquired, records: Sequence[InterchangeRecord]) -> None:
    with site.database.writing() as connection:
        interchanges.book(connection, records, taken.row.digest)
        edi_answers.queue_of_envelopes(site.database, connection, records)


def _terms(site: Site, partner: str) -> AnswerTerms:
    """How a partner's interchanges are answered, in its zone."""
    keys = _keys(site, partner).model_dump(include={each.name for each in fields(AnswerTerms)})
    own = site.partners.by_id.get(partner)
    return AnswerTerms(**keys, zone=own.feeds[0].zone.key if own and own.feeds else site.zone.key)


def _keys(site: Site, partner: str) -> EdiKeys:
    own = site.partners.by_id.get(partner)
    return own.edi if own else EdiKeys()
