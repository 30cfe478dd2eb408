"""Which jobs have written what is stored of a batch, and which of them came after the job that brings it.

A request that was interrupted is continued when its sender may have sent it again, and others since; a file that was
set aside, when its partner's next ones are in: what a later job has stored is newer than what it brings.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from crossdock.frames.columns import length
from crossdock.model.stored import Stored
from crossdock.pipeline.lookup.stored_side import StoredSide


def writers(stored_side: StoredSide) -> pd.DataFrame:
    """Which jobs have written the stored rows of which documents: ``document``, ``job``."""
    header = stored_side.levels["header"]
    documents = np.flatnonzero(header.both)
    owners, jobs = [documents], [header.stored_values("job").take(pa.array(documents)).to_pylist()]
    for title, match in stored_side.levels.items():
        if title != "header":
            owners.append(match.stored.document)
            jobs.append(match.stored.values("job").tolist())
    return pd.DataFrame({"document": np.concatenate(owners), "job": np.concatenate(jobs)}).drop_duplicates()


def later_ones(stored_side: StoredSide, stored: Stored, job: str) -> np.ndarray:
    """For each document whose content differs, a job that came after ``job`` and has stored it, or None."""
    later = np.full(len(stored_side.exists), None, dtype=object)
    if not length(stored_side.header):
        return later
    by = writers(stored_side)
    came = stored.foreign_jobs(job, sorted(by["job"].unique()))
    for place, other in by.itertuples(index=False):
        if came.get(other, False):
            later[place] = other
    return later
