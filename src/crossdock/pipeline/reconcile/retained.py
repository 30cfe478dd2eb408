"""What is kept of documents that are not taken whole: their records as they were sent.

The fix-workbook is made from it, so it is available as long as the job is stored, even if the file is gone.
"""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa

from crossdock.frames.columns import Cells
from crossdock.model.batch import Assembled, Batch
from crossdock.model.decision import Decision


def retained_records(batch: Batch, assembled: Assembled, checked: Decision, headers: list[str]) -> Cells:
    """The records of documents that are not taken whole: document, line, nested, cells (a JSON list by ``headers``)."""
    places = np.flatnonzero(~checked.outcomes.whole[assembled.records.document])
    columns = [batch.raw[name].take(pa.array(places)).to_pylist() for name in headers if len(places)]
    rows = zip(*columns, strict=True) if columns else ([] for _ in places)
    return {
        "document_line": pa.array(checked.outcomes.line[assembled.records.document[places]]),
        "line": pa.array(assembled.records.lines[places]),
        "nested": pa.array(batch.nested[places].astype(bool)),
        "cells": pa.array([json.dumps(cells, ensure_ascii=False) for cells in rows], pa.string()),
    }
