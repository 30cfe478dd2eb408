"""Real parts: a real SQLite file, a real PostgreSQL from its wheel, one server for the whole run.

The processes of a run (pytest, and its workers where there are some) share a folder: what one of them has made there,
the server or a database to copy from, is there for all. The process that began the run cleans up when all have ended.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from crossdock.database import connect
from tests import postgres as servers
from tests.postgres import UPGRADED, Postgres, locked
from tests.warehouse import Warehouse

SHARED = pytest.StashKey[Path]()
"""The folder that the processes of this run share."""
os.environ["PREFECT_SERVER_ALLOW_EPHEMERAL_MODE"] = "false"  # a test starts its server, or does without
settings.register_profile("quick", max_examples=12, deadline=None)
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
    given = getattr(config, "workerinput", {}).get("shared")
    config.stash[SHARED] = Path(given or tempfile.mkdtemp(prefix="crossdock-tests-"))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Each worker of pytest-xdist is told the folder."""
    node.workerinput["shared"] = str(node.config.stash[SHARED])


def pytest_unconfigure(config: pytest.Config) -> None:
    """However the workers ended: the server stops with the run, and its files go."""
    if not hasattr(config, "workerinput"):
        servers.stop(config.stash[SHARED])
        shutil.rmtree(config.stash[SHARED])


@pytest.fixture(scope="session")
def shared(pytestconfig: pytest.Config) -> Path:
    """The folder that the processes of this run share."""
    return pytestconfig.stash[SHARED]


@pytest.fixture(scope="session")
def postgres(shared: Path) -> Postgres:
    """The run's PostgreSQL."""
    return servers.started(shared)


@pytest.fixture
def postgres_url(postgres: Postgres) -> Iterator[str]:
    """An empty database, upgraded."""
    name = postgres.create(UPGRADED)
    yield postgres.url(name)
    postgres.drop(name)


@pytest.fixture(scope="session")
def sqlite_template(shared: Path) -> Path:
    """A database that is upgraded and empty, for others to be copied from."""
    path = shared / "upgraded.db"
    with locked(shared / "sqlite.lock"):
        if not path.exists():
            connect(f"sqlite:///{path}").close()
    return path


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A database is SQLite, and PostgreSQL as well where a test is marked ``both``."""
    if "database_url" in metafunc.fixturenames:
        both = any(metafunc.definition.iter_markers("both"))
        metafunc.parametrize("database_url", ["sqlite", "postgresql"] if both else ["sqlite"], indirect=True)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The home folder, of commands as well."""
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture
def database_url(request: pytest.FixtureRequest, home: Path) -> str:
    """An upgraded and empty database: SQLite's lies where commands look for it."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), home / "crossdock.db")
        return f"sqlite:///{home / 'crossdock.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def warehouse(database_url: str, home: Path) -> Iterator[Warehouse]:
    """A home folder with the partner acme, and its database."""
    database = connect(database_url)
    made = Warehouse(database, home)
    made.partner()
    yield made
    database.close()


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: some tests do nothing but wait for a server."""
    return (os.cpu_count() or 1) + 1


def pytest_addoption(parser: pytest.Parser) -> None:
    """The switch that regenerates golden files."""
    parser.addoption("--golden", action="store_true", help="write the golden files of tests/feeds anew")
