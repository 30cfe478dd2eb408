"""A client that a well-known generator makes of our OpenAPI sends each document."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from crossdock.api.warehouse.resources import BULK, BUSINESS_UNITS, CREATE, RESOURCES, Resource
from tests.api.conftest import Api, serving
from tests.api.documents import body
from tests.warehouse import Warehouse

GENERATOR = "openapi-python-client==0.29.1"
"""In an environment of its own: it wants an older typer than ours."""


@pytest.mark.slow
def test_a_client_generated_from_the_openapi_sends_each_document(warehouse: Warehouse, tmp_path: Path) -> None:
    warehouse.partner("acme", top="master = true")
    bin_folder = tmp_path / "venv" / "bin"
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    subprocess.run([bin_folder / "pip", "install", "--quiet", GENERATOR], check=True)
    with serving(warehouse) as url:
        api = Api(warehouse, url)
        described = tmp_path / "openapi.json"
        described.write_bytes(api.client.get("/openapi.json").content)
        generate = [bin_folder / "openapi-python-client", "generate", "--path", described, "--meta", "none",
                    "--output-path", tmp_path / "ours", "--fail-on-warning"]  # fmt: skip
        own = os.environ | {"PATH": f"{bin_folder}:{os.environ['PATH']}", "PYTHONPATH": str(tmp_path)}
        generation = subprocess.run(generate, capture_output=True, text=True, check=False, env=own)
        assert generation.returncode == 0, generation.stdout + generation.stderr
        sent = [each for resource in sorted(RESOURCES, key=_leaning) for each in _requests(resource)]
        sent.append(_request(BUSINESS_UNITS, CREATE, body(BUSINESS_UNITS, "BU7"), []))
        script = Path(__file__).with_name("generated_client.py")
        command = [bin_folder / "python", script, api.url, api.secret]
        done = subprocess.run(command, input=json.dumps(sent), capture_output=True, text=True, check=False, env=own)
        assert done.returncode == 0, done.stderr
        answers = [json.loads(line) for line in done.stdout.splitlines()]
        assert len(answers) == len(sent) > len(RESOURCES)
        for each in answers:
            assert (each["status"], each["whole"]) == (202 if each["operation"].startswith(BULK) else 201, True), each
            assert each["parsed"] != "NoneType", each


def _leaning(resource: Resource) -> bool:
    """What is confirmed comes after what confirms nothing."""
    return bool(resource.document.against)


def _requests(resource: Resource) -> list[dict[str, Any]]:
    """One document alone, and one in bulk, as far as it has these."""
    single = body(resource)
    requests = [_request(resource, CREATE, single, ["BU1"])] if CREATE in resource.titles else []
    if BULK in resource.titles:
        requests.append(_request(resource, BULK, {"data": [single["data"]]}, ["BU1"]))
    return requests


def _request(resource: Resource, operation: str, document: dict[str, Any], path: list[str]) -> dict[str, Any]:
    return {"operation": f"{operation}_{resource.path}", "body": document, "path": path}
