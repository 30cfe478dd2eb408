"""An acknowledgement of the outbox → the name and the bytes of its file."""

from __future__ import annotations

import re

from crossdock.database import Database
from crossdock.formats.edi.interchange import X12
from crossdock.jobs import interchanges
from crossdock.model.edi_answer import APERAK, CONTRL, F824, RECEIPT, TA1, EdiAnswer
from crossdock.model.interchange import InterchangeRecord
from crossdock.reports.edi import application, contrl, functional
from crossdock.reports.edi.edifact import EdifactWriter
from crossdock.reports.edi.interchange_answer import technical
from crossdock.reports.edi.verdicts import verdicts_of
from crossdock.reports.edi.x12 import X12Writer

_UNSAFE = re.compile(r"[^A-Za-z0-9_-]")


def rendered(answer: EdiAnswer, database: Database) -> tuple[str, bytes]:
    """The name of an acknowledgement's file, and its content; both the same at every attempt."""
    record = interchanges.interchange_at(database, answer.job, answer.place)
    ours = _UNSAFE.sub("_", record.interchange.receiver.id)
    kind = CONTRL if answer.kind == RECEIPT else answer.kind
    write = _in_x12 if record.interchange.standard == X12 else _in_edifact
    return f"{ours}-{answer.control}.{kind.lower()}.edi", write(record, answer, database)


def _in_x12(record: InterchangeRecord, answer: EdiAnswer, database: Database) -> bytes:
    writer = X12Writer(record.interchange, record.terms, answer)
    if answer.kind == TA1:
        return writer.interchange(beside=[technical(record)])
    if answer.kind == F824:
        return writer.interchange(application.groups(record, database, writer, answer.made_at))
    return writer.interchange(functional.groups(verdicts_of(record, database), answer.kind, writer))


def _in_edifact(record: InterchangeRecord, answer: EdiAnswer, database: Database) -> bytes:
    writer = EdifactWriter(record.interchange, record.terms, answer)
    if answer.kind == APERAK:
        return writer.interchange(application.messages(record, database, answer.made_at))
    if answer.kind == RECEIPT:
        segments = contrl.receipt(record)
    elif record.refused:
        segments = contrl.refusal(record)
    else:
        segments = contrl.answer(record, verdicts_of(record, database))
    return writer.interchange([(contrl.NEWER if writer.is_fourth else contrl.OLDER, segments)])
