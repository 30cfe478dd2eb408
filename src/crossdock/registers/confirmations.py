"""What partners say of the answers that we have sent them: confirmed, or refused (contract edi.md §4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, delete, func, insert, select

from crossdock.database import Database
from crossdock.database.tables import EDI_ANSWERS, EDI_CONFIRMATIONS, EDI_NUMBERS, INTERCHANGES
from crossdock.formats.edi.confirmations import OF_GROUP, REFUSED
from crossdock.formats.edi.interchange import Confirmation
from crossdock.model.interchange import InterchangeRecord

MOST = 999_999_999
"""The highest control number."""


@dataclass(frozen=True)
class ConfirmationRecord:
    """What an interchange of the job ``job`` says of one of ours. ``answered``: the job that ours answered, and
    ``kind`` what ours was; both '' where no interchange of that number was sent.
    """

    job: str
    partner: str
    said: Confirmation
    answered: str
    kind: str
    received_at: datetime

    @property
    def is_known(self) -> bool:
        """Whether we have sent what it is about."""
        return bool(self.kind)

    @property
    def is_refused(self) -> bool:
        """Whether the partner does not take it."""
        return self.is_known and self.said.verdict == REFUSED

    @property
    def sentence(self) -> str:
        """In words."""
        of = f"{self.said.level} {self.said.number}"
        if not self.is_known:
            return f"{self.said.type} of {of}, which we never sent"
        how = "refuses" if self.is_refused else "confirms" if self.said.verdict == "A" else "confirms with errors"
        return f"{self.said.type}: the partner {how} our {self.kind} ({of}), which answers {self.answered}"


def keep(connection: Connection, records: Sequence[InterchangeRecord]) -> None:
    """Keep what interchanges say of ours, once, in the transaction that books them."""
    table = EDI_CONFIRMATIONS
    connection.execute(delete(table).where(table.c.job_id.in_({each.job for each in records})))
    rows = [
        {"job_id": record.job, "partner": record.partner, "type": each.type, "level": each.level,
         "number": each.number, "verdict": each.verdict, "outbox": _answer(connection, record, each),
         "received_at": record.booked_at}
        for record in records
        for each in record.confirmations
    ]  # fmt: skip
    numbered = [row | {"place": place} for place, row in enumerate(rows, 1)]
    if numbered:
        connection.execute(insert(table), numbered)


def _answer(connection: Connection, record: InterchangeRecord, about: Confirmation) -> int | None:
    """The answer in the outbox that an interchange is about; None if none has that number."""
    if not about.number.isdecimal() or int(about.number) > MOST:
        return None
    number, ours, of = int(about.number), EDI_ANSWERS.c, record.interchange
    query = (
        select(ours.outbox)
        .join(INTERCHANGES, (INTERCHANGES.c.job_id == ours.job_id) & (INTERCHANGES.c.place == ours.place))
        .where(INTERCHANGES.c.partner == record.partner, INTERCHANGES.c.standard == of.standard)
        .where(INTERCHANGES.c.sender == of.sender.name, INTERCHANGES.c.receiver == of.receiver.name)
    )
    if about.level == OF_GROUP:  # of several groups the first has its number kept
        drawn = EDI_NUMBERS.c
        last = select(func.max(drawn.last)).where(drawn.partner == record.partner, drawn.kind == OF_GROUP)
        if number > (connection.execute(last).scalar() or 0):
            return None
        query = query.where(ours.group_control > 0, ours.group_control <= number).order_by(ours.group_control.desc())
    else:
        query = query.where(ours.control == number).order_by(ours.outbox.desc())
    outbox = connection.execute(query.limit(1)).scalar()
    return None if outbox is None else int(outbox)


def of_job(database: Database, job: str) -> list[ConfirmationRecord]:
    """What the interchanges of a job's file say of ours, in their order."""
    return _read(database, _OF_JOB, job)


def since(database: Database, moment: datetime) -> list[ConfirmationRecord]:
    """What partners have said of ours since then."""
    return _read(database, _SINCE, moment)


_WITH_ANSWERS = (
    select(EDI_CONFIRMATIONS, EDI_ANSWERS.c.job_id.label("answered"), EDI_ANSWERS.c.kind)
    .outerjoin(EDI_ANSWERS, EDI_ANSWERS.c.outbox == EDI_CONFIRMATIONS.c.outbox)
    .order_by(*(EDI_CONFIRMATIONS.c[name] for name in ("received_at", "job_id", "place")))
)
_OF_JOB = _WITH_ANSWERS.where(EDI_CONFIRMATIONS.c.job_id == bindparam("sought"))
_SINCE = _WITH_ANSWERS.where(EDI_CONFIRMATIONS.c.received_at >= bindparam("sought"))


def _read(database: Database, query: Select[Any], sought: str | datetime) -> list[ConfirmationRecord]:
    with database.reading() as connection:
        return [
            ConfirmationRecord(
                row.job_id,
                row.partner,
                Confirmation(row.type, row.level, row.number, row.verdict),
                row.answered or "",
                row.kind or "",
                row.received_at,
            )
            for row in connection.execute(query, {"sought": sought})
        ]
