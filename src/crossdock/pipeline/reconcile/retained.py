"""What is kept of documents that are not taken whole: their records as they were sent.

The fix-workbook is made from it, so it is available as long as the job is stored, even if the file is gone.
"""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pyarrow as pa

from crossdock.model.batch import Assembled, Batch
from crossdock.model.decision import Decision


def retained_records(batch: Batch, assembled: Assembled, checked: Decision, headers: list[str]) -> pd.DataFrame:
    """The records of documents that are not taken whole: document, line, nested, cells (a JSON list by ``headers``)."""
    short = ~whole(checked)
    places = np.flatnonzero(short[assembled.records.document])
    first = checked.outcomes["line"].to_numpy()
    columns = [batch.raw[name].take(pa.array(places)).to_pylist() for name in headers if len(places)]
    rows = zip(*columns, strict=True) if columns else ([] for _ in places)
    return pd.DataFrame(
        {
            "document_line": first[assembled.records.document[places]],
            "line": assembled.records.lines[places],
            "nested": batch.nested[places].astype(bool),
            "cells": [json.dumps(cells, ensure_ascii=False) for cells in rows],
        }
    )


def whole(checked: Decision) -> np.ndarray:
    """For each document, whether it is taken with all of its lines."""
    return (checked.outcomes["taken"] & (checked.outcomes["failing_lines"] == 0)).to_numpy(dtype=bool)
