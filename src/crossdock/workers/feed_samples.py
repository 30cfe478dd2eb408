"""A partner's samples: files in a folder beside its TOML, each with what crossdock answers and stores of it (golden).

A change of the TOML is reviewed with what it changes: run the samples, read the differences, write the answers anew.
Each sample is imported by itself into an empty database that is deleted at the end.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from difflib import unified_diff
from pathlib import Path
from typing import Any

from crossdock.database import Database, connect, in_file, read_documents
from crossdock.failures.refusals import Refused
from crossdock.intake import files
from crossdock.intake.recognise import open_drop
from crossdock.jobs import queries
from crossdock.model.drop import Drop
from crossdock.partners.registry import Partners
from crossdock.pipeline.import_drop import import_drop
from crossdock.pipeline.run import Terms
from crossdock.reports import detailed
from crossdock.scratch import scratch_folder

GOLDEN = ".golden"
"""What the name of a sample's answer ends with."""
PASSING = ("jobId", "crossdockJobId", "receivedAt", "startedAt", "finishedAt", "digest")
"""Members of a report that are others in each import."""


@dataclass(frozen=True)
class Sample:
    """A sample: what is stored and answered now (``actual``), and what its golden file says (``expected``), as JSON
    text; ``expected`` is '' where there is none.
    """

    path: Path
    actual: str
    expected: str

    @property
    def golden(self) -> Path:
        """Its golden file."""
        return self.path.with_name(self.path.name + GOLDEN)

    @property
    def differences(self) -> list[str]:
        """The lines of its golden file that differ, ``-`` before and ``+`` now; none if all is as it was."""
        before, now = self.expected.splitlines(), self.actual.splitlines()
        return list(unified_diff(before, now, "before", "now", lineterm="", n=2))

    def write(self) -> None:
        """Write its golden file anew."""
        self.golden.write_text(self.actual, encoding="utf-8")


@contextmanager
def empty_database() -> Iterator[Path]:
    """An empty database as a file, for ``imported``; it is deleted at the end."""
    with scratch_folder() as folder:
        empty = folder / "empty.db"
        connect(in_file(empty).render_as_string()).close()
        yield empty


def samples(folder: Path, partners: Partners, today: date) -> Iterator[Sample]:
    """The samples of all partners, each imported: the files in ``folder/<partner>``, in the order of their names.

    ``today``: the day that a new sample is read on; others keep theirs.
    """
    with empty_database() as empty:
        for partner in sorted(partners.by_id):
            for path in sorted((folder / partner).glob("*")):
                if path.is_file() and not path.name.endswith(GOLDEN):
                    yield _sample(path, partner, partners, today, empty)


def _sample(path: Path, partner: str, partners: Partners, today: date, empty: Path) -> Sample:
    golden = path.with_name(path.name + GOLDEN)
    expected = golden.read_text(encoding="utf-8") if golden.exists() else ""
    day = date.fromisoformat(json.loads(expected)["today"]) if expected else today
    try:
        drop = open_drop(path, partners, partner=partner, identity=files.identify(path))
        answer = imported(drop, day, empty) if isinstance(drop, Drop) else {"refused": "an archive is no sample"}
    except Refused as refused:
        answer = {"refused": refused.sentence}
    text = json.dumps({"today": day.isoformat()} | answer, ensure_ascii=False, indent=1)
    return Sample(path, text + "\n", expected)


def imported(drop: Drop, today: date, empty: Path) -> dict[str, Any]:
    """What comes of a drop in an empty database: its ``report`` (docs/reports.md) and the ``documents`` that it stores,
    without what is new in each import.

    ``empty``: as ``empty_database`` yields it; it is copied.
    """
    copy = empty.with_name("sample.db")
    shutil.copy(empty, copy)
    with closing(Database(in_file(copy))) as database:
        job = import_drop(drop, database, inputs=Terms(today)).job
        report = json.loads("".join(detailed.detailed(queries.one(database, job), database)))["data"]
        lasting = {name: value for name, value in report.items() if name not in PASSING}
        text = json.dumps({"report": lasting, "documents": list(_documents(drop, database))}, ensure_ascii=False)
    outcome: dict[str, Any] = json.loads(text.replace(job, "JOB"))
    return outcome


def _documents(drop: Drop, database: Database) -> Iterator[dict[str, Any]]:
    document = drop.feed.document
    listed = read_documents.listed(database, document, ())
    numbers = {str(read_documents.member(each, document.number)) for each in listed}
    for number in sorted(numbers):
        for shown in read_documents.find_all(database, document, number):
            yield read_documents.whole(database, shown)
