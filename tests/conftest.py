"""Real parts: a real SQLite file, a real PostgreSQL from its wheel, one server for the whole run.

The processes of a run (pytest, and its workers where there are some) share a folder: what one of them has made there,
the server or a database to copy from, is there for all. The process that began the run cleans up when all have ended.
"""

from __future__ import annotations

import gc
import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import coverage
import pytest
from hypothesis import settings

from crossdock.database import connect
from crossdock.failures.refusals import Refused
from tests import postgres as servers
from tests import sampled, samples
from tests.postgres import UPGRADED, Postgres, locked
from tests.warehouse import Warehouse

SHARED = pytest.StashKey[Path]()
"""The folder that the processes of this run share."""
UNSAMPLED = pytest.StashKey[list[str]]()
"""The codes that nothing brought."""
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # each process that a test starts would compile all modules anew
os.environ["PREFECT_SERVER_ALLOW_EPHEMERAL_MODE"] = "false"  # a test starts its server, or does without
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # under nohup, what ends with its terminal was waited for without an end
settings.register_profile("quick", max_examples=5, deadline=None)
settings.register_profile("thorough", max_examples=100, deadline=None)
settings.load_profile("quick")


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing of the machine's own settings reaches a test."""
    for name in [name for name in os.environ if name.startswith("CROSSDOCK_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("CROSSDOCK_HOME", str(tmp_path / "home"))


def pytest_configure(config: pytest.Config) -> None:
    """The process that begins the run makes the folder that all share."""
    shared = getattr(config, "workerinput", {}).get("shared")
    config.stash[SHARED] = Path(shared or tempfile.mkdtemp(prefix="crossdock-tests-"))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Each worker of pytest-xdist is told the folder."""
    node.workerinput["shared"] = str(node.config.stash[SHARED])


def pytest_collection_finish() -> None:
    """What is there when all tests are collected stays to the end: Python need not look through it again and again."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """The whole suite is red where a code was brought by no result."""
    if exitstatus == pytest.ExitCode.OK and _whole(session.config):
        session.config.stash[UNSAMPLED] = sampled.missing(session.config.stash[SHARED])
        if session.config.stash[UNSAMPLED]:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _whole(config: pytest.Config) -> bool:
    """Whether this process began the run, and nothing was chosen or left out but the slow tests."""
    chosen = ("keyword", "deselect", "ignore_glob", "lf", "collectonly", "stepwise")
    return (
        not hasattr(config, "workerinput")
        and config.args_source is pytest.Config.ArgsSource.TESTPATHS
        and config.option.markexpr in ("", "not slow")
        and len(config.option.ignore) == 2  # pyproject.toml's
        and not any(getattr(config.option, name, None) for name in chosen)
    )


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Name the codes that were brought by no result."""
    unsampled = config.stash.get(UNSAMPLED, None)
    if unsampled:
        terminalreporter.section("codes without a sample", red=True)
        terminalreporter.line(f"no import of any test brings {', '.join(unsampled)}: add the smallest drop that does")


def pytest_unconfigure(config: pytest.Config) -> None:
    """However the workers ended: the server stops with the run, and its files go."""
    if not hasattr(config, "workerinput"):
        servers.stop(config.stash[SHARED])
        shutil.rmtree(config.stash[SHARED])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """What says again with more input what others have said runs without the tracer, which costs half as much again."""
    measuring = coverage.Coverage.current()
    if measuring is None or not _unmeasured(item):
        return (yield)
    measuring.stop()
    try:
        return (yield)
    finally:
        measuring.start()


def _unmeasured(item: pytest.Item) -> bool:
    """Marked so; made by chance, because another run has other examples; or a sample on the second database."""
    again = item.get_closest_marker("stocked") and "[postgresql" in item.name
    return bool(again or item.get_closest_marker("unmeasured") or item.get_closest_marker("hypothesis"))


@pytest.fixture(scope="session")
def shared(pytestconfig: pytest.Config) -> Path:
    """The folder that the processes of this run share."""
    return pytestconfig.stash[SHARED]


@pytest.fixture(autouse=True)
def _codes_are_noted(request: pytest.FixtureRequest, tmp_path: Path, shared: Path) -> Iterator[None]:
    """Every code that a test's imports bring is noted."""
    yield
    path = tmp_path / "home" / "crossdock.db"
    if path.exists() and not chance(request):
        sampled.note(sampled.brought(path), shared)


def chance(request: pytest.FixtureRequest) -> bool:
    """Whether chance makes the examples of a test."""
    return request.node.get_closest_marker("hypothesis") is not None


@pytest.fixture
def refused(shared: Path) -> Callable[[str], AbstractContextManager[None]]:
    """What the library answers with, where no import has begun: ``Refused`` with this code."""

    @contextmanager
    def raised(code: str) -> Iterator[None]:
        with pytest.raises(Refused) as error:
            yield
        assert error.value.code == code
        sampled.note({code}, shared)

    return raised


@pytest.fixture(scope="session")
def postgres(shared: Path) -> Postgres:
    """The run's PostgreSQL."""
    return servers.started(shared)


@pytest.fixture
def postgres_url(request: pytest.FixtureRequest, postgres: Postgres, shared: Path) -> Iterator[str]:
    """An upgraded database, empty or stocked."""
    name = postgres.create(_postgres_template(postgres, shared, _stocked(request)))
    yield postgres.url(name)
    if not chance(request):
        sampled.note(sampled.brought(postgres.url(name)), shared)
    postgres.drop(name)


def _stocked(request: pytest.FixtureRequest) -> Path | None:
    """The folder of the sample (``path``) of a test that is marked ``stocked``."""
    marked = request.node.get_closest_marker("stocked")
    return request.node.callspec.params["path"].parent if marked else None


def _postgres_template(postgres: Postgres, shared: Path, folder: Path | None) -> str:
    """The database to copy: empty, or with what the samples of a folder need to be there."""
    if folder is None or not samples.waiting(folder):
        return UPGRADED
    ready = shared / f"{folder.name}.ready"
    with locked(shared / f"{folder.name}.postgres.lock"):
        if not ready.exists():
            ready.write_text(postgres.create(UPGRADED))
            samples.stock(postgres.url(ready.read_text()), folder)
    return ready.read_text()


@pytest.fixture(scope="session")
def sqlite_template(shared: Path) -> Callable[[Path | None], Path]:
    """The database to copy: upgraded and empty, or with what the samples of a folder need to be there."""

    def copy_of(folder: Path | None) -> Path:
        path = shared / (f"{folder.name}.db" if folder and samples.waiting(folder) else "upgraded.db")
        with locked(path.with_suffix(".lock")):
            if not path.exists():
                half = path.with_suffix(".half")
                if folder and path.stem == folder.name:
                    shutil.copy(copy_of(None), half)
                    samples.stock(f"sqlite:///{half}", folder)
                else:
                    connect(f"sqlite:///{half}").close()
                half.rename(path)
        return path

    return copy_of


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A database is SQLite, and PostgreSQL as well where a test is marked ``both``; in the slow rest: ``both(slow=True)``."""
    if "database_url" in metafunc.fixturenames:
        both = metafunc.definition.get_closest_marker("both")
        postgresql = pytest.param("postgresql", marks=pytest.mark.slow if both and both.kwargs.get("slow") else ())
        metafunc.parametrize("database_url", ["sqlite", postgresql] if both else ["sqlite"], indirect=True)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The home folder, of commands as well."""
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture
def database_url(request: pytest.FixtureRequest, home: Path) -> str:
    """An upgraded database, empty or stocked: SQLite's is where commands look for it."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template")(_stocked(request)), home / "crossdock.db")
        return f"sqlite:///{home / 'crossdock.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def warehouse(database_url: str, home: Path) -> Iterator[Warehouse]:
    """A home folder with the partner acme, and its database."""
    database = connect(database_url)
    harness = Warehouse(database, home)
    harness.partner()
    yield harness
    database.close()


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: some tests do nothing but wait for a server."""
    return (os.cpu_count() or 1) + 1


def pytest_addoption(parser: pytest.Parser) -> None:
    """The switch that regenerates golden files."""
    parser.addoption("--golden", action="store_true", help="write the golden files of tests/feeds anew")
    parser.addoption("--fuzz", default=600, help="seconds that test_fuzz damages samples")
