"""The wheel in an empty environment: built, installed with what the lock pins, used in a folder that is no checkout.

``wheel.py prepare FOLDER`` makes the environment, of what the lock pins; it needs Python only, so it runs while ``make
setup`` makes the checkout's own. ``wheel.py use FOLDER`` does the rest, with what ``make setup`` has made. Both say how
long each step takes.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import venv
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "docs" / "acme" / "acme_orders.csv"
PARTNERS = ROOT / "docs" / "acme" / "partners"
PATIENCE = 300.0
"""Seconds after which nothing more is waited for."""
PARTLY_FAILED, MISUSED = 3, 2
"""How crossdock ends: documents were on hold; wrong usage."""
SERVED = {
    "/healthz": "ok",
    "/openapi.json": '"openapi"',
    "/docs": "swagger-ui",
    "/ui/sign-in": "<form",
    "/ui/static/pages.css": "{",
    "/ui/static/pages.js": "{",
}
"""What ``crossdock serve`` answers without a key, and a part of each."""
NO_PREFECT = 'crossdock: Prefect is not installed: pip install "crossdock[flows]"\n'


def prepare(here: Path) -> None:
    """The environment, with what the lock pins. Its commands compile what they use of it."""
    with _step("prepare"):
        venv.create(here / "env", with_pip=True)
        lock: list[str | Path] = ["--no-compile", "--no-deps", "--require-hashes", "-r", ROOT / "requirements.lock"]
        subprocess.run([*_pip(here), "install", *lock], check=True)


def use(here: Path) -> None:
    """Build, install, use."""
    with _step("build"):
        wheel = _built(here / "dist")
        _holds(wheel)
    with _step("install"):
        subprocess.run([*_pip(here), "install", "--no-deps", wheel], check=True)
        subprocess.run([*_pip(here), "check"], check=True)
    used = Used(here / "env" / "bin", here / "elsewhere")
    with _step("import crossdock"):
        used.is_the_wheel()
    with _step("crossdock feeds"):
        _see("acme/sales_order" in used.crossdock("feeds").stdout, "feeds names acme's")
    with _step("crossdock import"):
        output = used.crossdock("import", str(SAMPLE), code=PARTLY_FAILED).stdout
        _see("1 inserted, 1 on hold" in output, output)
    with _step("crossdock serve"):
        used.answers_over_http()
    with _step("crossdock prefect"):
        used.imports_what_is_dropped()
    with _step("without Prefect"):
        used.python("-m", "pip", "uninstall", "--quiet", "--yes", "prefect")
        _see(used.crossdock("prefect", code=MISUSED).stderr == NO_PREFECT, "it says what to install")
        used.crossdock("feeds")


class Used:
    """What is installed, used as somebody does who has no checkout."""

    def __init__(self, bin_: Path, folder: Path) -> None:
        self.bin, self.folder, self.home = bin_, folder, folder / "home"
        folder.mkdir()
        (folder / "crossdock.toml").write_text(f'home = "home"\npartners = "{PARTNERS}"\nsettle_seconds = 0\n')
        self.environment = {"PATH": os.defpath, "HOME": str(folder), "LANG": "C.UTF-8"}

    def python(self, *words: str) -> str:
        """What the environment's Python prints."""
        return self._run("python", *words, code=0).stdout

    def crossdock(self, *words: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        """A command that ends, as it must."""
        return self._run("crossdock", *words, code=code)

    def _run(self, program: str, *words: str, code: int) -> subprocess.CompletedProcess[str]:
        command: list[str | Path] = [self.bin / program, *words]
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False
        )
        _see(done.returncode == code, f"{program} {' '.join(words)}: {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def is_the_wheel(self) -> None:
        """The package comes from the environment, and brings no Prefect along."""
        code = "import sys, crossdock, crossdock.library; print(crossdock.__file__, 'prefect' in sys.modules)"
        file, prefect = self.python("-c", code).split()
        _see(Path(file).is_relative_to(self.bin.parent), file)
        _see(prefect == "False", "the library imports Prefect")

    def answers_over_http(self) -> None:
        """The pages' templates, style and script, and what the API's documentation loads, are installed too."""
        port = _free_port()
        with self._running("serve", "--port", str(port), ends=-signal.SIGTERM) as running:
            root = f"http://127.0.0.1:{port}"
            _until(lambda: running.poll() is not None or _text_at(f"{root}/healthz"))
            for path, part in SERVED.items():
                _see(part in _text_at(root + path), f"{path} has {part}")

    def imports_what_is_dropped(self) -> None:
        """A server, a worker, a watcher: a file that is dropped is imported by a run, and all of it ends when told."""
        port = _free_port()
        with self._running("prefect", "--port", str(port), "--pages-port", str(_free_port())) as running:
            inbox = self.home / "inbox" / "acme"
            _until(lambda: running.poll() is not None or inbox.is_dir())
            shutil.copyfile(SAMPLE, inbox / "acme_dropped.csv")
            api = f"http://127.0.0.1:{port}/api"
            ended = _until(lambda: running.poll() is not None or _run_of(api, "acme_dropped.csv"))
            _see(isinstance(ended, dict), (self.folder / "prefect.log").read_text())
            _see(ended["state_name"] == "Partly failed", str(ended))
            _see("acme_dropped.csv" in self.crossdock("jobs").stdout, "the job is in the database of the settings")

    @contextmanager
    def _running(self, name: str, *words: str, ends: int = 0) -> Iterator[subprocess.Popen[bytes]]:
        """A command that runs until it is told to end, and then ends with that code."""
        with (self.folder / f"{name}.log").open("wb") as log:
            command: list[str | Path] = [self.bin / "crossdock", name, *words]
            running = subprocess.Popen(command, cwd=self.folder, env=self.environment, stdout=log, stderr=log)
        try:
            yield running
        finally:
            running.send_signal(signal.SIGTERM)
            code = running.wait(PATIENCE)
        _see(code == ends, f"crossdock {name} ended with {code}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _text_at(address: str | urllib.request.Request) -> str:
    """What is there, as text; '' where nobody listens yet, or a server that is busy does not answer in time."""
    try:
        with urllib.request.urlopen(address, timeout=30) as answer:
            text: str = answer.read().decode()
            return text
    except urllib.error.HTTPError:
        raise
    except (urllib.error.URLError, TimeoutError):
        return ""


def _run_of(api: str, name: str) -> dict[str, Any] | None:
    """The run that has imported a file."""
    request = urllib.request.Request(f"{api}/flow_runs/filter", b"{}", {"Content-Type": "application/json"})
    runs: list[dict[str, Any]] = json.loads(_text_at(request) or "[]")
    return next((each for each in runs if name in ((each["state"] or {}).get("message") or "")), None)


def _built(folder: Path) -> Path:
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    (wheel,) = folder.glob("*.whl")
    return wheel


def _holds(wheel: Path) -> None:
    """The types' marker, the flows and the partners are in it, and no package but crossdock."""
    names = zipfile.ZipFile(wheel).namelist()
    for name in ("py.typed", "flows/import_inbox.py", "flows/programs/here.py", "_shipped/partners/house.toml"):
        _see(f"crossdock/{name}" in names, f"{name} is in the wheel")
    tops = {name.split("/")[0] for name in names}
    _see(len(tops) == 2 and "crossdock" in tops, f"in the wheel: {tops}")  # and its metadata


def _pip(here: Path) -> list[str | Path]:
    return [here / "env" / "bin" / "python", "-m", "pip", "--quiet"]


def _see(true: bool, what: str) -> None:
    if not true:
        raise SystemExit(f"the wheel: {what}")


def _until(probe: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        answer = probe()
        if answer:
            return answer
        time.sleep(0.3)
    raise SystemExit(f"the wheel: nothing within {PATIENCE:.0f} s")


@contextmanager
def _step(name: str) -> Iterator[None]:
    begun = time.monotonic()
    yield
    sys.stdout.write(f"{name:20} {time.monotonic() - begun:6.1f} s\n")
    sys.stdout.flush()


if __name__ == "__main__":
    {"prepare": prepare, "use": use}[sys.argv[1]](Path(sys.argv[2]))
