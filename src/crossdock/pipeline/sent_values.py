"""The value that was sent, for each failure; for a header, the value in its document's rows; of a conflict, both."""

from __future__ import annotations

import json
from collections.abc import Mapping

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crossdock.frames.rows import Records
from crossdock.model.batch import Batch
from crossdock.model.headings import theirs_of
from crossdock.partners.feed import Feed

CONFLICTS = ("header_conflict", "line_conflict")
"""Failures of two values that differ."""


def with_values(
    failures: pd.DataFrame, batch: Batch, records: Records, columns: Mapping[str, str], feed: Feed
) -> pd.DataFrame:
    """Failures with the column ``value``: their cell as it was sent, None where it was blank; ``detail`` of a conflict
    has the other value as it was sent.

    ``columns``: ours → theirs. A header's value may be on a later row of the document than the failure's line: it is
    the first that isn't blank. A column that the file lacks may have the feed's constant.
    """
    if failures.empty:
        return failures
    values = np.full(len(failures), None, dtype=object)
    lines, fields = failures["line"].to_numpy(dtype=np.int64), failures["field"].to_numpy(dtype=object)
    present = (failures["code"] != "missing").to_numpy(dtype=bool)
    conflicting = failures["code"].isin(CONFLICTS).to_numpy(dtype=bool)
    details = failures["detail"].to_numpy(dtype=object).copy()
    for field in sorted(set(fields[present])):
        rows = present & (fields == field)
        theirs = theirs_of(field, columns, feed.document)
        if theirs is None or theirs not in batch.raw:
            values[rows] = feed.keys.constants.get(field)
            continue
        written = _sent(batch.raw[theirs])
        conflicts = np.flatnonzero(rows & conflicting)
        details[conflicts] = _others_as_written(details[conflicts], written, records)
        sent = written[records.places(lines[rows])]
        above = _of_document(field, columns, feed)
        if above is not None and above in batch.raw:
            of_document = _first_of_each(_sent(batch.raw[above]), records)
            sent = np.where(pd.isna(sent), of_document[records.documents_of(lines[rows])], sent)
        values[rows] = sent
    return failures.assign(value=values, detail=details)


def _others_as_written(details: np.ndarray, written: np.ndarray, records: Records) -> np.ndarray:
    """The details of conflicts, each with the other value as it was sent, like the value itself."""
    read = [json.loads(each) for each in details]
    others = written[records.places(np.array([each["line"] for each in read], dtype=np.int64))]
    both = zip(read, others, strict=True)
    texts = [
        json.dumps(each | ({} if other is None else {"other": repr(other)}), ensure_ascii=False) for each, other in both
    ]
    return np.array(texts, dtype=object)


def _sent(values: pa.Array) -> np.ndarray:
    """A column as it was sent, None where it was blank."""
    blank = pc.equal(pc.utf8_trim_whitespace(values), "")
    return pc.if_else(blank, pa.scalar(None, pa.string()), values).to_numpy(zero_copy_only=False)


def _first_of_each(values: np.ndarray, records: Records) -> np.ndarray:
    """The first value of each document's records that isn't None."""
    first = np.full(records.documents, None, dtype=object)
    filled = np.flatnonzero(pd.notna(values))
    first[records.document[filled[::-1]]] = values[filled[::-1]]
    return first


def _of_document(field: str, columns: Mapping[str, str], feed: Feed) -> str | None:
    """The heading of a value that a document has once: a header's own, or one that its lines take from the header."""
    document = feed.document
    if field in document.fields and document.fields[field][0] is document.header:
        return theirs_of(field, columns, document)
    return columns.get(document.stands_for.get(field, ""))
