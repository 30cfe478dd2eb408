"""``crossdock prefect`` where it can't be carried out; that it can is shown in tests/flows and by the wheel (.ci/wheel.py)."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from crossdock.app import read_settings
from crossdock.flows.programs.server import free_port
from crossdock.settings import Settings, as_environment
from tests.commands import crossdock
from tests.patience import PATIENCE, until

WITHOUT = "import sys; sys.modules['prefect'] = None; from crossdock.cli import main; main()"
"""As where the extra was not installed: the import system finds no Prefect."""


@pytest.mark.parametrize("words", [(), ("set-up",), ("work", "--limit", "2"), ("watch",)])
def test_without_the_extra_it_says_what_to_install(words: tuple[str, ...]) -> None:
    command = [sys.executable, "-c", WITHOUT, "prefect", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (
        2,
        'crossdock: Prefect is not installed: pip install "crossdock[flows]"\n',
    )


def test_a_port_on_which_something_answers_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = crossdock("prefect", "--port", str(port))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"crossdock: another server answers on port {port}: end it, or choose another port with --port (make: PORT=…)\n"
    )


@pytest.mark.parametrize("word", ["set-up", "work", "watch"])
def test_a_server_must_be_named(word: str, tmp_path: Path) -> None:
    done = crossdock("prefect", word, PREFECT_HOME=str(tmp_path))
    assert (done.returncode, done.stderr.split(",")[0]) == (2, "crossdock: which Prefect server? set PREFECT_API_URL")


@pytest.mark.slow
def test_a_server_that_is_away_is_an_outage_and_a_file_without_deployments_is_none(tmp_path: Path) -> None:
    variables = {"PREFECT_HOME": str(tmp_path), "PREFECT_API_URL": f"http://127.0.0.1:{free_port()}/api"}
    done = crossdock("prefect", "set-up", **variables)
    assert done.returncode == 1
    assert done.stderr.startswith(f"crossdock: the Prefect server at {variables['PREFECT_API_URL']}: ConnectError: ")
    own = tmp_path / "own.py"
    for sentence in ("is not there", "has no function 'deployments(settings, partners)'"):
        done = crossdock("prefect", "set-up", "--deployments", str(own), **variables)
        assert (done.returncode, done.stderr) == (2, f"crossdock: {own} {sentence}: nothing was deployed\n")
        own.write_text("")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "called"), [("prefect server start", "the Prefect server"), ("crossdock serve", "the pages")]
)
def test_where_one_of_them_ends_all_end_and_say_which(tmp_path: Path, words: str, called: str) -> None:
    """So whatever started them can start them again; half of them would wait for the other half for ever."""
    with _all_of_it(tmp_path) as (running, children):
        (one,) = [each for each in children if words in " ".join(each.cmdline())]
        one.kill()
        _, errors = running.communicate(timeout=2 * PATIENCE)
    assert running.returncode == 1, errors[-2_000:]
    assert f"crossdock: {called} has ended; see " in errors
    assert not _alive(children)


@pytest.mark.slow
def test_where_its_terminal_is_closed_all_end(tmp_path: Path) -> None:
    """The server would keep its port, and the next ``crossdock prefect`` could not start."""
    with _all_of_it(tmp_path) as (running, children):
        running.send_signal(signal.SIGHUP)
        _, errors = running.communicate(timeout=2 * PATIENCE)
    assert running.returncode == 0, errors[-2_000:]
    assert not _alive(children)


@pytest.mark.slow
def test_where_it_is_killed_all_end(tmp_path: Path) -> None:
    """They lived on, and the next ``crossdock prefect`` found another server on its port."""
    with _all_of_it(tmp_path) as (running, children):
        running.kill()
        running.communicate(timeout=2 * PATIENCE)
        until(lambda: not _alive(children))


@contextmanager
def _all_of_it(home: Path) -> Iterator[tuple[subprocess.Popen[str], list[psutil.Process]]]:
    """``crossdock prefect`` once it is up, and what it has started."""
    ports = ["--port", str(free_port()), "--pages-port", str(free_port())]
    command = [sys.executable, "-m", "crossdock", "prefect", *ports]
    environment = {**os.environ, "CROSSDOCK_HOME": str(home)}
    environment.pop("CROSSDOCK_DATABASE_URL", None)
    with subprocess.Popen(
        command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=home
    ) as running:
        assert running.stdout is not None
        assert any("Ctrl-C ends it all" in line for line in running.stdout)
        children = psutil.Process(running.pid).children()
        try:
            yield running, children
        finally:
            for each in _alive([psutil.Process(running.pid), *children] if running.poll() is None else children):
                each.kill()


def _alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    return [each for each in processes if each.is_running() and each.status() != psutil.STATUS_ZOMBIE]


def test_the_settings_mean_the_same_in_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run works in a folder of its own: what stands in a worker's ``crossdock.toml`` is told to it."""
    for folder in ("here", "there"):
        (tmp_path / folder).mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.delenv("CROSSDOCK_HOME")
    Path("crossdock.toml").write_text(
        'home = "mine"\ndatabase_url = "sqlite:///some.db"\npost_hosts = ["a.example"]\nsettle_seconds = 2.5\nzone = "Asia/Tokyo"\n'
    )
    monkeypatch.setenv("CROSSDOCK_CONFIG", "crossdock.toml")
    variables = as_environment(read_settings())
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path / "there")
    here = tmp_path / "here"
    assert read_settings() == Settings(
        home=here / "mine", database_url=f"sqlite:///{here / 'some.db'}", post_hosts=("a.example",), settle_seconds=2.5, zone="Asia/Tokyo"
    )  # fmt: skip
    url = "postgresql://me@db/x"
    assert as_environment(Settings(database_url=url))["CROSSDOCK_DATABASE_URL"] == url
