"""Any request that the OpenAPI allows, and many that it does not: no answer is a fault of ours."""

from __future__ import annotations

import subprocess
import sys

import pytest

from crossdock.api.door.state import Options
from crossdock.registers import keys
from tests.api.conftest import Api, serving
from tests.warehouse import Warehouse

EXAMPLES = "8"
"""Requests of each endpoint that are made by chance, besides those of the edges."""


@pytest.mark.slow
@pytest.mark.both
@pytest.mark.parametrize(
    "part", ["^/business_units/", "^/API/", "^/(?!business_units/|API/)"], ids=["units", "erp", "rest"]
)
def test_no_request_is_a_fault_of_ours(warehouse: Warehouse, part: str) -> None:
    warehouse.partner("acme", top="master = true")
    with serving(warehouse, Options()) as url:
        api = Api(warehouse, url)
        keys.add(warehouse.database, "", keys.OPERATOR)
        command = [sys.executable, "-c", "from schemathesis.cli import schemathesis; schemathesis()", "run",
                   f"{url}/openapi.json", "-H", f"Authorization: Bearer {api.secret}", "--include-path-regex", part,
                   "--checks", "not_a_server_error", "--max-examples", EXAMPLES, "--phases", "examples,coverage,fuzzing",
                   "--request-timeout", "60", "--generation-database", "none", "--seed", "1", "--workers", "2"]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-6_000:] + done.stderr[-2_000:]
