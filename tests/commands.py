"""The command line as a person or a script calls it: each command a process with its own environment and folder.

Most of what a command costs are its imports. They are made once for each process of the run, by the standard library's
``forkserver``: it has imported everything and forks for each command. Tests of signals, terminals and of commands side
by side start ``python -m crossdock`` itself.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.patience import PATIENCE

_SERVER = multiprocessing.get_context("forkserver")
_SERVER.set_forkserver_preload(["pytest", "tests.preloaded"])


def crossdock(*words: str, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run ``crossdock`` with these words; ``environment`` is added to what the test has."""
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder, "out"), Path(folder, "err")
        request = (words, str(cwd or Path.cwd()), {**os.environ, **environment}, out, err)
        process = _SERVER.Process(target=_command, args=request)
        process.start()
        process.join(PATIENCE)
        code = process.exitcode
        if code is None:
            process.kill()
            raise AssertionError(f"crossdock {' '.join(words)}: not within {PATIENCE:.0f} s")
        process.close()
        return subprocess.CompletedProcess(words, code, _read(out), _read(err))


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _command(words: tuple[str, ...], cwd: str, environment: dict[str, str], out: Path, err: Path) -> None:
    """The process of one command: everything that a new one would have is its own."""
    for path, number, name in ((out, 1, "stdout"), (err, 2, "stderr")):
        file = os.open(path, os.O_WRONLY | os.O_CREAT)
        os.dup2(file, number)
        os.close(file)
        setattr(sys, name, os.fdopen(number, "w", encoding="utf-8", closefd=False))
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["crossdock", *words]
    from crossdock.cli import main

    main()
