"""An acknowledgement of the outbox → the name, the bytes and the media type of its file.

The bytes come in pieces as they are asked for: an answer to hundreds of thousands of orders is never in memory as a
whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from crossdock.database import Database
from crossdock.formats.edi.interchange import EDIFACT, X12, Interchange
from crossdock.jobs import interchanges
from crossdock.model.edi_answer import APERAK, CONTRL, F824, F855, F865, ORDRSP, RECEIPT, TA1, EdiAnswer
from crossdock.model.interchange import InterchangeRecord
from crossdock.reports.edi import (
    advice,
    application_error,
    contrl,
    functional,
    order_acknowledgement,
    order_response,
)
from crossdock.reports.edi.answered_orders import FileOf
from crossdock.reports.edi.interchange_answer import technical
from crossdock.reports.edi.verdicts import verdicts_of
from crossdock.reports.edi.writing.edifact import EdifactWriter, Segment
from crossdock.reports.edi.writing.x12 import X12Writer

MEDIA_TYPES = {X12: "application/EDI-X12", EDIFACT: "application/EDIFACT"}
"""RFC 1767."""
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]")


@dataclass(frozen=True)
class Rendered:
    """An acknowledgement as it is sent; ``name``: of its file; ``kind``: its media type.

    ``pieces``: its bytes, made as they are asked for, once. Asking raises what ``file_of`` does.
    """

    name: str
    pieces: Iterator[bytes]
    kind: str


def file_name(interchange: Interchange, answer: EdiAnswer) -> str:
    """``US-THEM-7.997.edi``: our id and theirs, the number of our interchange between these, the kind."""
    ours, theirs = (_UNSAFE.sub("_", each.id) for each in (interchange.receiver, interchange.sender))
    kind = CONTRL if answer.kind == RECEIPT else answer.kind
    return f"{ours}-{theirs}-{answer.control}.{kind.lower()}.edi"


def rendered(answer: EdiAnswer, database: Database, file_of: FileOf, stored: Database | None = None) -> Rendered:
    """An acknowledgement, the same at every attempt.

    ``stored``: of a dry run, whose books ``database`` is, the database with the answers that were sent.
    """
    record = interchanges.interchange_at(database, answer.job, answer.place)
    standard = record.interchange.standard
    if standard == X12:
        pieces = _in_x12(record, answer, database, file_of, stored)
    else:
        pieces = _in_edifact(record, answer, database, file_of)
    return Rendered(file_name(record.interchange, answer), pieces, MEDIA_TYPES[standard])


def _in_x12(
    record: InterchangeRecord, answer: EdiAnswer, database: Database, file_of: FileOf, stored: Database | None
) -> Iterator[bytes]:
    writer = X12Writer(record.interchange, record.terms, answer)
    if answer.kind == TA1:
        return writer.interchange(beside=[technical(record)])
    if answer.kind == F824:
        return writer.interchange(advice.groups(record, answer, database, writer))
    if answer.kind in (F855, F865):
        return writer.interchange(order_acknowledgement.groups(record, answer, database, file_of, stored, writer))
    return writer.interchange(functional.groups(verdicts_of(record, database, file_of), answer.kind, writer))


def _in_edifact(record: InterchangeRecord, answer: EdiAnswer, database: Database, file_of: FileOf) -> Iterator[bytes]:
    writer = EdifactWriter(record.interchange, record.terms, answer)
    if answer.kind == APERAK:
        return writer.interchange(application_error.messages(record, answer, database))
    if answer.kind == ORDRSP:
        return writer.interchange(order_response.messages(record, answer, database, file_of))
    if answer.kind == RECEIPT:
        segments: Iterable[Segment] = contrl.receipt(record)
    elif record.refused:
        segments = contrl.refusal(record)
    else:
        segments = contrl.answer(record, verdicts_of(record, database, file_of))
    return writer.interchange([(contrl.NEWER if writer.is_fourth else contrl.OLDER, segments)])
