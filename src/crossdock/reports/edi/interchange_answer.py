"""TA1: what becomes of an interchange as a whole (contract edi.md §10)."""

from __future__ import annotations

from crossdock.model.interchange import InterchangeRecord
from crossdock.reports.edi.writing.codes import coded
from crossdock.reports.edi.writing.x12 import Segment

NOTHING, CONTENT = "000", "024"
"""Nothing is wrong; the content is (005010, I18)."""


def technical(record: InterchangeRecord) -> Segment:
    """``TA1``: number, date and time of the interchange, its verdict, and the worst that is wrong with it."""
    interchange = record.interchange
    return ("TA1", interchange.number, interchange.date, interchange.time, record.verdict, _note(record))


def _note(record: InterchangeRecord) -> str:
    if record.refused:
        return coded(record.refused, "interchange")["interchange"] or CONTENT
    twice = ["interchange_twice"] if record.twice is not None else []
    cases = [(each.code, str(each.element) if each.code == "envelope_code" else each.why)
             for each in record.interchange.faults]  # fmt: skip
    notes = [coded(code, why)["interchange"] for code, why in [*((code, "") for code in twice), *cases]]
    return next(filter(None, notes), NOTHING)
