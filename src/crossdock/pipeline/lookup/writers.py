"""Which jobs have written what is stored of a batch, and which of them are newer than the job that brings it.

A file waits for its turn, is interrupted, or set aside; meanwhile a request comes, or somebody imports another one at
once: what a newer job has stored, an older one takes back nothing of.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

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


def later_ones(stored_side: StoredSide, stored: Stored, job: str, fixes: str | None) -> np.ndarray:
    """For each document whose content differs, a newer job than ``job`` that has stored it (``model.job.Age``), or
    None. Nothing is newer than a job that is not booked: a dry run's.

    ``fixes``: the job whose fix-workbook the drop is, or None; that is compared with other files by ``overtaken``, so
    here only with later fix-workbooks of its own.
    """
    later = np.full(len(stored_side.exists), None, dtype=object)
    stored_by = [match.stored.cells["job"] for match in stored_side.levels.values()]
    others = {each for jobs in stored_by for each in pc.unique(jobs).to_pylist()}
    newer = stored.newer_jobs(job, sorted(others - {job}))
    if newer and fixes is not None:
        newer -= stored.foreign_jobs(fixes, sorted(newer)).keys()
    if newer:
        by = writers(stored_side)
        for place, other in by[by["job"].isin(newer)].itertuples(index=False):
            later[place] = other
    return later
