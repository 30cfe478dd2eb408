"""A person at the pages: signed in with a key, asked by httpx; the forms are those that the pages have."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any

import httpx
import pytest

from crossdock.registers import keys
from tests.api.conftest import NOBODY, serving
from tests.patience import PATIENCE
from tests.warehouse import Warehouse

TOKEN = re.compile(r'name="form_token" value="([^"]+)"')


@dataclass
class Person:
    """Somebody with a browser: its cookies are kept, redirects are followed."""

    client: httpx.Client

    def token(self, path: str = "/ui/upload") -> str:
        """What the forms of a page bear."""
        match = TOKEN.search(self.client.get(path).text)
        assert match, f"no form on {path}"
        return match[1]

    def sign_in(self, secret: str, back: str = "") -> httpx.Response:
        token = self.token("/ui/sign-in")
        return self.client.post("/ui/sign-in", data={"form_token": token, "key": secret, "back": back})

    def send(self, name: str, content: bytes | str, action: str = "import", feed: str = "") -> httpx.Response:
        fields = {"form_token": self.token(), "feed": feed, "action": action}
        body = content.encode() if isinstance(content, str) else content
        return self.client.post("/ui/upload", data=fields, files={"file": (name, body)})

    def ended(self, page: httpx.Response) -> str:
        """The page of a job, or of a check, once it has ended."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            assert page.status_code == 200, page.text
            if "data-progress" not in page.text:
                return page.text
            time.sleep(0.05)
            page = self.client.get(page.url)
        raise AssertionError(f"{page.url} does not end")

    def imported(self, name: str, content: bytes | str, feed: str = "") -> tuple[str, str]:
        """The path of the job of a file, and its page."""
        page = self.send(name, content, feed=feed)
        text = self.ended(page)
        return page.url.path, text


def words(page: str) -> str:
    """What a page says, without its tags."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.replace("<wbr>", ""))).split())


@dataclass
class Site:
    """A running server, and who comes to it."""

    warehouse: Warehouse
    url: str

    def key(self, partner: str = "acme", kind: str = keys.API, **more: Any) -> str:
        return keys.add(self.warehouse.database, partner, kind, **more)[1]

    def visitor(self) -> Person:
        return Person(httpx.Client(base_url=self.url, timeout=PATIENCE, follow_redirects=True, verify=NOBODY))

    def person(self, partner: str = "acme", **more: Any) -> Person:
        """A partner's person, signed in."""
        new = self.visitor()
        answer = new.sign_in(self.key(partner, **more))
        assert answer.url.path == "/ui/upload", answer.text
        return new

    def operator(self, **more: Any) -> Person:
        """One of our own."""
        return self.person("", kind=keys.OPERATOR, **more)


@pytest.fixture
def site(warehouse: Warehouse) -> Iterator[Site]:
    warehouse.partner("acme")
    warehouse.partner("beta")
    with serving(warehouse) as url:
        yield Site(warehouse, url)
