"""An acknowledgement of the outbox → the name and the bytes of its file."""

from __future__ import annotations

import re

from crossdock.database import Database
from crossdock.jobs import interchanges
from crossdock.model.edi_answer import TA1, EdiAnswer
from crossdock.reports.edi import functional
from crossdock.reports.edi.interchange_answer import technical
from crossdock.reports.edi.verdicts import verdicts_of
from crossdock.reports.edi.x12 import X12Writer

_UNSAFE = re.compile(r"[^A-Za-z0-9_-]")


def rendered(answer: EdiAnswer, database: Database) -> tuple[str, bytes]:
    """The name of an acknowledgement's file, and its content; both the same at every attempt."""
    record = interchanges.interchange_at(database, answer.job, answer.place)
    ours = _UNSAFE.sub("_", record.interchange.receiver.id)
    name = f"{ours}-{answer.control}.{answer.kind.lower()}.edi"
    writer = X12Writer(record.interchange, record.terms, answer)
    if answer.kind == TA1:
        return name, writer.interchange(beside=[technical(record)])
    return name, writer.interchange(functional.groups(verdicts_of(record, database), answer.kind, writer))
