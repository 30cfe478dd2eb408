"""The reports of a job as files: their names, where they are filed, what the partner gets."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, TextIO
from zoneinfo import ZoneInfo

from crossdock.database import Database
from crossdock.intake import files
from crossdock.intake.files import complete_at_end, write_atomically
from crossdock.model.job import FiledJob, JobRecord
from crossdock.model.status import Verdict
from crossdock.reports import acknowledgement, erp_envelope, text
from crossdock.reports.detailed import DetailedReport
from crossdock.reports.document_report import DocumentReport, pieces, reported
from crossdock.reports.failure_list import FailureList
from crossdock.reports.kinds import Kinds
from crossdock.site import Site

if TYPE_CHECKING:
    from crossdock.reports.edi.rendering import Rendered

OPEN_AT_ONCE = 100
"""How many reports are written in one pass: a drop may be for more business units than a process may open files."""
LONGEST_NAME = 150
"""How many bytes of a drop's name the names of its reports have."""


def answer(site: Site, job: JobRecord) -> Path:
    """Write a job's answers into its partner's outbox, each file complete when it appears; returns that folder."""
    folder, filed = _outbox(site, job.partner), site.home.joinpath(*_place(job))  # which may be out of reach now
    own = [(name, pieces(report, job, site.database)) for name, report in answers(job, site.database)]
    for name, text_of in (*own, *envelopes(job, site.database)):
        _as_filed(filed / name, folder / name, partial(_written, text_of))
    if job.verdict != Verdict.ACCEPTED:
        name = f"{base(job)}.fix.xlsx"
        _as_filed(filed / name, folder / name, lambda path: write_fix_workbook(job, site.database, path, site.zone))
    return folder


def _as_filed(filed: Path, path: Path, write: Callable[[Path], bool]) -> None:
    """Copy a report that is filed beside its drop; one that isn't is written."""
    write_atomically(
        path, lambda unfinished: bool(shutil.copyfile(filed, unfinished)) if files.there(filed) else write(unfinished)
    )


def acknowledge(site: Site, partner: str, answer: Rendered) -> Path:
    """Write a standard acknowledgement into its partner's outbox, complete when it appears; returns its path. Raises
    as ``Rendered.pieces``.
    """
    path = _outbox(site, partner) / answer.name
    write_atomically(path, partial(_written_bytes, answer.pieces))
    return path


def _outbox(site: Site, partner: str) -> Path:
    """The folder of a partner's answers, created if needed."""
    own = site.partners.by_id.get(partner)
    folder = site.home / (own.outbox if own and own.outbox else Path("outbox") / partner)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def shelf(home: Path, job: JobRecord) -> Path:
    """The folder in which a job's drop and reports are filed, created if needed."""
    return files.folder_for(home, *_place(job))


def _place(job: JobRecord | FiledJob) -> tuple[str, str, str]:
    """The folder of a job below the home folder: what became of it, its day, its id."""
    name = "rejected" if job.verdict == Verdict.REJECTED else "archive"
    return name, job.received_at.astimezone(UTC).strftime("%Y-%m-%d"), job.job_id


def archived(home: Path, job: JobRecord | FiledJob) -> Path | None:
    """The file of a job in the archive; None where it is not there."""
    path = home.joinpath(*_place(job), job.name)
    return path if path.is_file() else None


def file_of(home: Path, job: JobRecord) -> Path | None:
    """The file of a job as it was brought: in the archive, or still in the work folder; None where it is neither."""
    working = home / job.path if job.path else None
    return archived(home, job) or (working if working is not None and working.is_file() else None)


def shelf_of(home: Path, job: str) -> Path | None:
    """The folder in which a job was filed; None where there is none."""
    folders = [*home.glob(f"archive/*/{job}"), *home.glob(f"rejected/*/{job}")]
    return folders[0] if folders else None


def filed_text(home: Path, job: JobRecord) -> list[str] | None:
    """The lines of the report in words that is filed beside a job's drop; None where it is not there."""
    path = home.joinpath(*_place(job), f"{base(job)}.report.txt")
    return path.read_text(encoding="utf-8").removesuffix("\n").split("\n") if path.is_file() else None


def write_fix_workbook(
    job: JobRecord, database: Database, path: Path, zone: ZoneInfo, kinds: Kinds | None = None
) -> bool:
    """Write the fix-workbook of a job to ``path``; false where there is nothing to correct. ``zone``: of its times;
    ``kinds``: of the job's failures, if they are read.
    """
    from crossdock.reports.excel import fix_workbook  # its import takes a third of a second

    return fix_workbook.write_fix_workbook(job, database, path, f"{base(job)}.failures.csv", zone, kinds)


def workbooks(home: Path, jobs: Iterable[JobRecord]) -> dict[str, str]:
    """Job → its fix-workbook in the archive, below the home folder; of those that have one."""
    paths: dict[str, str] = {}
    for job in jobs:
        path = Path(*_place(job), f"{base(job)}.fix.xlsx")
        if (home / path).exists():
            paths[job.job_id] = str(path)
    return paths


def base(job: JobRecord) -> str:
    """The beginning of the names of a job's reports: its drop's name and its id."""
    name = job.name
    if job.fixes:  # not a.csv.JOB1.fix.xlsx.JOB2.fix.xlsx
        name = name.removesuffix(f".{job.fixes}.fix.xlsx")
    cut = name.encode()[:LONGEST_NAME].decode(errors="ignore")
    return f"{cut}.{job.job_id}"


def answers(job: JobRecord, database: Database) -> Iterator[tuple[str, DocumentReport]]:
    """The acknowledgements of a job, each with the name of its file: one, or one per business unit."""
    for answer in acknowledgement.answers(job, database):
        name = f"{base(job)}.{_safe(answer.unit)}.ack.json" if answer.unit else f"{base(job)}.ack.json"
        yield name, acknowledgement.Acknowledgement(job, answer)


def envelopes(job: JobRecord, database: Database) -> Iterator[tuple[str, Iterable[str]]]:
    """The answers in the ERP's shape, one envelope per document, each on its own line, where the feed wants them."""
    if erp_envelope.wants_envelopes(job):
        yield f"{base(job)}.envelopes.jsonl", erp_envelope.answers(job, database)


def write_reports(site: Site, job: JobRecord, folder: Path) -> None:
    """Write what is filed beside a drop into a folder: the acknowledgements, the detailed report, the text; the list of
    failures and a fix-workbook where something is not accepted. Each is complete when it appears.
    """
    by_document = dict(answers(job, site.database))
    by_document[f"{base(job)}.report.json"] = DetailedReport(job, site.database)
    if job.verdict != Verdict.ACCEPTED:
        by_document[f"{base(job)}.failures.csv"] = FailureList(job, site.database)
    reports = iter(by_document.items())
    while some := [(folder / name, report) for name, report in islice(reports, OPEN_AT_ONCE)]:
        _write_together(some, job, site.database)
    kinds = Kinds(job, site.database)
    lines = (f"{line}\n" for line in text.text(job, site.database, kinds))
    write_atomically(folder / f"{base(job)}.report.txt", partial(_written, lines))
    if job.verdict != Verdict.ACCEPTED:
        workbook = folder / f"{base(job)}.fix.xlsx"
        write_atomically(workbook, lambda path: write_fix_workbook(job, site.database, path, site.zone, kinds))


def _write_together(reports: Sequence[tuple[Path, DocumentReport]], job: JobRecord, database: Database) -> None:
    """Write reports in one pass over the job's failures."""
    with ExitStack() as stack:
        files = [(stack.enter_context(_text_file(path)), report) for path, report in reports]
        for file, report in files:
            file.writelines(report.head())
        for verdict in reported(job, database):
            for file, report in files:
                file.write(report.document(verdict))
        for file, report in files:
            file.writelines(report.end())


@contextmanager
def _text_file(path: Path) -> Iterator[TextIO]:
    with complete_at_end(path) as half, half.open("w", encoding="utf-8", newline="") as file:
        yield file


def _safe(name: str) -> str:
    return "".join(letter if letter.isalnum() or letter in "-_" else "_" for letter in name)


def _written(text_of: Iterable[str], unfinished: Path) -> bool:
    return _written_bytes((each.encode() for each in text_of), unfinished)


def _written_bytes(bytes_of: Iterable[bytes], unfinished: Path) -> bool:
    with unfinished.open("wb") as file:
        file.writelines(bytes_of)
    return True
