"""Every field of every document, wrong in every way, against a full database: a failure or a value, never an outage."""

from __future__ import annotations

import csv
import io
from hashlib import sha256

import pytest

from crossdock.documents import DOCUMENTS
from crossdock.model.status import Verdict
from crossdock.schema.document import Document
from tests.samples import thinned
from tests.warehouse import Warehouse, house

PARTS = 16
"""The documents are tried in so many parts."""
LONG = "".join(sha256(bytes([number])).hexdigest() for number in range(200))
"""Nothing shortens it: more than an index of PostgreSQL holds."""
WRONG = (
    *(LONG, "x" * 300, "123456789012345", "9" * 40, "-1", "0", "-0.0000001", "1e400", "NaN", "null", "Infinity"),
    *("2026-02-30", "00.00.0000", "9999-12-31", "0001-01-01", "2026-11-25T24:00", "maybe"),
    *("\x00", "a\x00b", "\x1f", "\u2028", "\ufeff", "\u00a0", "e\u0301", "\u0663", "\u00bd", "\U0001f600"),
    *("'; DROP TABLE jobs --", '"', "\\", "%", "{", "[]", "\n", "a\tb"),
)
"""Too long, too large, no number, no day, no text, not what it looks like, and what means something to a parser."""


def wrong_in_one_field(document: Document) -> str:
    """A record per field and wrong value, each a document of its own where the field is no part of its number."""
    names = list(document.fields)
    written = io.StringIO()
    sheet = csv.writer(written)
    sheet.writerow(names)
    for number, (name, value) in enumerate((name, value) for name in names for value in WRONG):
        record = {**document.example, document.number: f"W{number}", name: value}
        sheet.writerow([record.get(each, "") for each in names])
    return written.getvalue()


def right(document: Document) -> str:
    """The example of a document, under our own names."""
    written = io.StringIO()
    csv.writer(written).writerows([document.example.keys(), document.example.values()])
    return written.getvalue()


@pytest.mark.both(slow=True)
@pytest.mark.parametrize("first", thinned(*range(PARTS), every=PARTS))
def test_a_wrong_value_is_a_failure_never_an_outage(warehouse: Warehouse, first: int) -> None:
    for each in DOCUMENTS.values():  # lists first: what is loaded is asked for
        assert warehouse.run(right(each), house(each.name), name=f"{each.name}.csv").report.verdict is Verdict.ACCEPTED
    for document in list(DOCUMENTS.values())[first::PARTS]:
        result = warehouse.run(wrong_in_one_field(document), house(document.name), name="wrong.csv")
        progress = result.report.progress
        assert result.report.verdict is Verdict.PARTIAL, document.name
        assert progress.processed == progress.total == len(document.fields) * len(WRONG)
        assert result.acks
        assert result.text
        assert result.failures
        assert warehouse.fix(result)
