"""What the flows show of an import while it runs and afterwards: a progress artifact, a summary, a state.

Prefect's artifact functions are typed as maybe-coroutines; in a synchronous flow they are not.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any, cast
from uuid import UUID

from prefect.artifacts import create_markdown_artifact, create_progress_artifact, update_progress_artifact
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from crossdock import report as full
from crossdock.database import Database, history
from crossdock.model import Progress, Report, Verdict

SECONDS_BETWEEN_UPDATES = 1.0
SUMMARY_LINES = 200
"""Lines of a summary; the full report is filed beside the drop."""


def key(name: str) -> str:
    """A name as an artifact's key: lower case, digits and dashes."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:100] or "drop"


def progress(name: str) -> Callable[[Progress], None]:
    """A progress artifact that follows an import, at most one update a second."""
    made = cast("UUID", create_progress_artifact(progress=0.0, key=f"progress-{key(name)}", description=name))
    last = 0.0

    def watch(at: Progress) -> None:
        nonlocal last
        done = at.processed >= at.total
        if done or time.monotonic() - last >= SECONDS_BETWEEN_UPDATES:
            last = time.monotonic()
            percent = 100.0 * at.processed / at.total if at.total else 100.0
            told = f"{name}: {at.processed:,} of {at.total:,} documents"
            update_progress_artifact(made, progress=percent, description=told)

    return watch


def summary(found: Report, database: Database) -> None:
    """A markdown artifact: the report for people, its failures grouped."""
    row = history.find(database, found.job)
    if row is None:
        return
    lines = list(_limited(full.text(row, database)))
    create_markdown_artifact(f"# {found.name}\n\n```\n" + "\n".join(lines) + "\n```\n", key=f"report-{key(found.name)}")


def _limited(lines: Any) -> Any:
    for number, line in enumerate(lines):
        if number == SUMMARY_LINES:
            yield "… the full report is filed beside the drop"
            return
        yield line


def state(reports: list[Report], said: str) -> State[Any]:
    """How a run ends (design §4): Completed, Completed as "Partly failed", or Failed where a drop was rejected."""
    verdicts = {report.verdict for report in reports}
    if Verdict.REJECTED in verdicts:
        return Failed(message=said)
    if Verdict.PARTIAL in verdicts:
        return Completed(name="Partly failed", message=said)
    return Completed(message=said)
