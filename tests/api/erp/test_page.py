"""docs/erp_api.md is true: its requests are sent in order, and answered as it shows."""

from __future__ import annotations

import re
from pathlib import Path

import httpx

from crossdock.registers import keys
from tests.api.conftest import NOBODY, Api
from tests.patience import PATIENCE
from tests.warehouse import house

PAGE = Path(__file__).parents[3] / "docs" / "erp_api.md"
PAIR = re.compile(r"^```http\n(\S+) (\S+)\n(.*?)^```\n\n```json\n(.*?)\n```$", re.MULTILINE | re.DOTALL)


def test_the_requests_of_the_page_are_answered_as_it_shows(api: Api) -> None:
    api.warehouse.run("customerNumber,name,status\n0000000008,E,Active\n", house("customer"), name="customers.csv")
    key = api.key(kind=keys.ERP)
    pairs = PAIR.findall(PAGE.read_text(encoding="utf-8"))
    assert len(pairs) == 8
    for method, path, body, shown in pairs:
        answer = httpx.request(
            method, api.url + path.replace("KEY", key), content=body.strip(), timeout=PATIENCE, verify=NOBODY
        )
        pattern = ".*".join(re.escape(part) for part in shown.split("…"))
        assert re.fullmatch(pattern, answer.text), (path, answer.text)
