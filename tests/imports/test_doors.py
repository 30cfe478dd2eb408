"""Every door opens a file alike: what the dry run answers is what the import then answers, whatever the file comes in."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import re
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crossdock import bundled
from crossdock.database import Database, connect
from crossdock.delivery.answer_files import base, shelf
from crossdock.documents import DOCUMENTS
from crossdock.jobs import queries
from crossdock.model.job import JobRecord
from crossdock.model.report import Report
from crossdock.partners import registry
from crossdock.reports import acknowledgement
from crossdock.schema.document import Names
from crossdock.site import Site
from crossdock.workers.by_path import check_file, import_file
from crossdock.workers.work import nobody
from tests.samples import INPUTS, thinned
from tests.warehouse import Warehouse

ROOT = Path(__file__).parents[2]
SAMPLES = [*sorted(path for path in (ROOT / "data" / "samples").rglob("*") if path.is_file()), *INPUTS]
NAMES = [f"{path.parent.name}/{path.name}" for path in SAMPLES]
JOB = re.compile(r"\b\d{6}-[0-9A-HJKMNP-TV-Z]{10}(-[0-9A-Z]{2})?\b")

# ---- what a file comes in


def as_it_is(content: bytes, name: str) -> tuple[str, bytes]:
    return name, content


def zipped(content: bytes, name: str) -> tuple[str, bytes]:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"night/{name}", content)
        archive.writestr("notes.txt", "claimed by nobody")
    return "pack.zip", sink.getvalue()


def zipped_under_its_name(content: bytes, name: str) -> tuple[str, bytes]:
    return f"{name}.zip", zipped(content, name)[1]


def gzipped(content: bytes, name: str) -> tuple[str, bytes]:
    return f"{name}.gz", gzip.compress(content)


def cut_off(content: bytes, name: str) -> tuple[str, bytes]:
    return f"{name}.gz", gzip.compress(content)[:-6]


Wrapping = Callable[[bytes, str], tuple[str, bytes]]
WRAPPINGS: tuple[Wrapping, ...] = (as_it_is, zipped, zipped_under_its_name, gzipped, cut_off)

# ---- what a manifest beside it says


def promise(content: bytes, name: str, **wrong: object) -> str:
    right = {"name": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    return json.dumps(right | wrong)


MANIFESTS: dict[str, Callable[[bytes, str], str | None]] = {
    "none": lambda *_: None,
    "right": promise,
    "size": partial(promise, size=1),
    "digest": partial(promise, sha256="0" * 64),
    "count": partial(promise, count=1_000_000),
    "another's": lambda content, _: promise(content, "another.csv"),
    "unreadable": lambda *_: "[1,",
}

# ---- what is answered


@dataclass(frozen=True)
class Answer:
    """What is answered for a drop: exit code, sentence of refusal, acknowledgements (without jobs' ids)."""

    name: str
    exit_code: int
    refused: str | None
    acknowledgements: list[dict[str, Any]]


def answer(report: Report, database: Database) -> Answer:
    row = queries.find(database, report.job)
    bodies = [
        json.loads("".join(acknowledgement.body(row, each, database)))
        for each in acknowledgement.answers(row, database)
    ]
    for body in bodies:
        body["data"]["jobId"] = ""
    return Answer(report.name, report.exit_code, report.refused, json.loads(JOB.sub("JOB", json.dumps(bodies))))


def checked(site: Site, path: Path) -> list[Answer]:
    url = site.database.url.render_as_string(hide_password=False)
    with check_file(site.partners, url, path, None) as dry:
        return [answer(report, dry.books) for report in dry.reports]


def imported(site: Site, path: Path) -> list[Answer]:
    reports: list[Report] = []
    first = import_file(site, path, None, nobody, reports.append)
    return [answer(each, site.database) for each in (first, *(reports if first.said else []))]


# ---- where


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> registry.Partners:
    """The partners of the samples, whose files may have a manifest."""
    folder = tmp_path_factory.mktemp("partners")
    for path in bundled.folder("partners").glob("*.toml"):
        text = path.read_text(encoding="utf-8").replace("[[feed]]", '[[feed]]\nmanifest = "{name}.manifest"')
        (folder / path.name).write_text(text, encoding="utf-8")
    return registry.load(folder, "UTC")


@dataclass
class Homes:
    """Fresh homes in which a sample may be imported: what it needs to be there is there."""

    known: registry.Partners
    folder: Path
    template: Callable[[Path], Path]

    def fresh(self, sample: Path) -> Site:
        home = self.folder / "home"
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir()
        shutil.copy(self.template(sample.parent), home / "crossdock.db")
        return Site(connect(f"sqlite:///{home / 'crossdock.db'}"), self.known, home)


@pytest.fixture(scope="module")
def homes(
    known: registry.Partners, tmp_path_factory: pytest.TempPathFactory, sqlite_template: Callable[[Path | None], Path]
) -> Homes:
    return Homes(known, tmp_path_factory.mktemp("homes"), sqlite_template)


def lying(folder: Path) -> set[tuple[Path, int]]:
    return {(path, path.stat().st_mtime_ns) for path in folder.rglob("*")}


def put(folder: Path, sample: Path, wrapping: Wrapping, manifest: str) -> Path:
    """A sample as it comes: wrapped, with a manifest beside it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    name, content = wrapping(sample.read_bytes(), sample.name)
    path = folder / name
    path.write_bytes(content)
    text = MANIFESTS[manifest](content, name)
    if text is not None:
        (folder / f"{name}.manifest").write_text(text)
    return path


def agree(homes: Homes, sample: Path, wrapping: Wrapping, manifest: str) -> tuple[list[Answer], Site]:
    """The answers for a sample as it comes, the same at either door; nothing is created by the first."""
    site = homes.fresh(sample)
    try:
        path = put(homes.folder / "drop", sample, wrapping, manifest)
        before = lying(homes.folder)
        expected = checked(site, path)
        assert lying(homes.folder) == before
        assert imported(site, path) == expected
    finally:
        site.database.close()
    return expected, site


def failing(answer: Answer, names: Names) -> list[str]:
    """The numbers of the documents that failed."""
    return sorted(each[names.document] for ack in answer.acknowledgements for each in ack["data"][names.documents])


def last(site: Site) -> tuple[JobRecord, Path]:
    """The last job, and where its fix-workbook is if it has one."""
    (job,) = queries.recent(site.database, 1)
    return job, shelf(site.home, job) / f"{base(job)}.fix.xlsx"


@pytest.mark.unmeasured
@pytest.mark.parametrize("path", thinned(*SAMPLES, every=28), ids=NAMES)
def test_a_check_answers_what_an_import_then_answers(homes: Homes, path: Path) -> None:
    """A sample, then its fix-workbook, which nobody has corrected: it fails the same documents again, twice."""
    (first,), site = agree(homes, path, as_it_is, "none")
    job, fix = last(site)
    assert fix.exists() == (first.exit_code != 0 and first.refused is None)
    if fix.exists():
        names = DOCUMENTS[job.document].report
        stored = Warehouse(site.database, site.home).stored()
        (again,) = checked(site, fix)
        assert imported(site, fix) == [again]
        assert again.exit_code != 0
        assert failing(again, names) == failing(first, names)
        again_job, again_fix = last(site)
        assert again_job.fixes == job.job_id
        (twice,) = imported(site, again_fix)
        assert failing(twice, names) == failing(first, names)
        assert Warehouse(site.database, site.home).stored() == stored
    site.database.close()


UNREAD = "no column of the file is known"
"""How a file without headings is refused whose feed doesn't name its columns: its records can't be counted."""


def as_expected(answers: list[Answer], wrapping: Wrapping, manifest: str) -> None:
    """That a wrapping and a manifest really do what their names say."""
    first, *members = answers
    if wrapping is cut_off:
        assert (first.exit_code, "the archive can't be unpacked" in (first.refused or "")) == (4, True)
    elif wrapping is as_it_is:
        assert not members
        refused = first.refused or ""
        kept = manifest in ("none", "right") or (manifest == "count" and refused.startswith(UNREAD))
        assert kept == ("manifest" not in refused)
    else:
        assert (first.exit_code, first.refused) == (0, None)
        assert [each.name for each in members[1:]] == ([] if wrapping is gzipped else ["notes.txt"])


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(SAMPLES), st.sampled_from(WRAPPINGS), st.sampled_from(sorted(MANIFESTS)))
def test_whatever_a_sample_comes_in_and_whatever_a_manifest_says_of_it(
    homes: Homes, path: Path, wrapping: Wrapping, manifest: str
) -> None:
    answers, _ = agree(homes, path, wrapping, manifest)
    as_expected(answers, wrapping, manifest)


@pytest.mark.slow
@pytest.mark.parametrize("path", SAMPLES, ids=NAMES)
def test_every_sample_in_everything_with_every_manifest(homes: Homes, path: Path) -> None:
    every = [(as_it_is, manifest) for manifest in MANIFESTS] + [(wrapping, "right") for wrapping in WRAPPINGS]
    for wrapping, manifest in every:
        answers, _ = agree(homes, path, wrapping, manifest)
        as_expected(answers, wrapping, manifest)
