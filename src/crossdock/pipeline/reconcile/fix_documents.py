"""A fix-workbook's documents: what they were, and whether others have come in under their numbers meanwhile.

A fix-workbook is as old as the file it comes from. Of that file's own failing documents it may write what no later
import has changed, and what it or its like brought in. A number of another stored order is not its own, however it came
there: written over it, it would cancel lines that nobody meant.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from crossdock.frames.columns import unit_of
from crossdock.model.batch import Batch, Gathered
from crossdock.model.decision import Checked
from crossdock.model.stored import Stored
from crossdock.partners.feed import Feed
from crossdock.pipeline.lookup.stored_side import Recalled
from crossdock.pipeline.reconcile.retained import whole


def overtaken(gathered: Gathered, recalled: Recalled, stored: Stored, feed: Feed, job: str | None) -> np.ndarray:
    """By document, the job that has stored a document of its number behind the fix-workbook's back, or None.

    ``job``: the one whose fix-workbook the drop is, None for every other drop.
    """
    found = np.full(gathered.size, None, dtype=object)
    if job is None or recalled.header.empty:
        return found
    by = _jobs(recalled)
    foreign = stored.foreign_jobs(job, sorted(by["job"].unique()))
    units = unit_of(gathered.key)
    numbers = gathered.key[feed.document.number].to_numpy(dtype=object)
    own = stored.short(job, [numbers[place] for place in by["document"].unique().tolist()])
    for place, of_job in by[by["job"].isin(list(foreign))].itertuples(index=False):
        mine = (units[place], numbers[place]) in own
        if foreign[of_job] or not mine:
            found[place] = of_job
    return found


def _jobs(recalled: Recalled) -> pd.DataFrame:
    """Which jobs have written the stored rows of which documents."""
    header = recalled.levels["header"]
    documents = np.flatnonzero(header.both)
    owners, jobs = [documents], [header.stored_values("job").take(pa.array(documents)).to_pylist()]
    for title, match in recalled.levels.items():
        if title != "header":
            owners.append(match.stored.document)
            jobs.append(match.stored.cells["job"].tolist())
    return pd.DataFrame({"document": np.concatenate(owners), "job": np.concatenate(jobs)}).drop_duplicates()


def mended(batch: Batch, gathered: Gathered, checked: Checked) -> pd.DataFrame:
    """Which documents of the mended job became which of this one: origin, document, taken."""
    first = checked.outcomes["line"].to_numpy()
    pairs = pd.DataFrame(
        {
            "origin": batch.origin,
            "document": first[gathered.records.document],
            "taken": whole(checked)[gathered.records.document],
        }
    )
    return pairs[pairs["origin"] > 0].drop_duplicates()
