"""docs/api.md is true: what it types is typed, with a real curl at a real server."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.api.test_processes import server
from tests.test_docs import ROOT, as_shown
from tests.warehouse import Warehouse

BLOCK = re.compile(r"^```console http\n(.*?)^```", re.MULTILINE | re.DOTALL)


def test_the_page_is_typed_in_order(warehouse: Warehouse, tmp_path: Path) -> None:
    (warehouse.home / "partners" / "acme.toml").unlink()
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    typed = [each for block in BLOCK.findall(page) for each in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]]
    assert len(typed) == 7
    (tmp_path / "crossdock").write_text(f'#!/bin/sh\nexec {sys.executable} -m crossdock "$@"\n')
    (tmp_path / "crossdock").chmod(0o755)
    environment = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    with server(warehouse) as (url, _):
        for each in typed:
            command, _, shown = each.partition("\n")
            command = command.replace("http://127.0.0.1:8080", url)
            done = subprocess.run(["bash", "-c", command], env=environment, capture_output=True, text=True, check=True)
            output = done.stdout.replace("\r", "")
            assert as_shown(shown.rstrip("\n"), output.rstrip("\n")), (command, output, done.stderr)
            if command.startswith("crossdock keys add"):
                environment["KEY"] = output.strip()
