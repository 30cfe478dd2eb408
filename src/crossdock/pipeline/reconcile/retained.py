"""What is kept of documents that are not taken whole: their records as they were sent.

The fix-workbook is made from it, so it is available as long as the job is stored, even if the file is gone.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crossdock.frames.columns import AT_ONCE, Cells, json_texts
from crossdock.model.batch import Assembled, Batch
from crossdock.model.decision import Decision


def retained_records(batch: Batch, assembled: Assembled, checked: Decision, headers: list[str]) -> Cells:
    """The records of documents that are not taken whole: document, line, nested, cells (a JSON list by ``headers``)."""
    places = np.flatnonzero(~checked.outcomes.whole[assembled.records.document])
    return {
        "document_line": pa.array(checked.outcomes.line[assembled.records.document[places]]),
        "line": pa.array(assembled.records.lines[places]),
        "nested": pa.array(batch.nested[places].astype(bool)),
        "cells": pa.chunked_array(list(_cells(batch, headers, places)), pa.string()).combine_chunks(),
    }


def _cells(batch: Batch, headers: list[str], places: np.ndarray) -> Iterator[pa.Array]:
    """The cells of the records at those places, some at a time: each is many texts."""
    for start in range(0, len(places), AT_ONCE):
        some = pa.array(places[start : start + AT_ONCE])
        columns = [json_texts(batch.raw[name].take(some)) for name in headers]
        cells = pc.binary_join_element_wise(*columns, ", ") if columns else pa.repeat("", len(some))
        yield pc.binary_join_element_wise("[", cells, "]", "")
