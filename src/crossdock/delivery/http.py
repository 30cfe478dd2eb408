"""An answer by HTTP: POST to the partner's own address, and its reply in a sentence.

Only to hosts that the settings allow, over TLS (plain HTTP to this machine only); redirects are followed on the same
host only; secrets come from the environment or from the caller. Sent at least once: each body has the same
``Idempotency-Key`` at every attempt (IETF draft-ietf-httpapi-idempotency-key-header), and a signed one follows Standard
Webhooks (standardwebhooks.com): ``webhook-id``, ``webhook-timestamp``, ``webhook-signature``.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from fnmatch import fnmatchcase
from io import SEEK_END, BytesIO
from typing import IO, TYPE_CHECKING

from crossdock import __version__
from crossdock.partners.partner_config import Post
from crossdock.scratch import PIECE

if TYPE_CHECKING:
    import httpx

JSON = "application/json"
SECONDS, CONNECT_SECONDS = 30.0, 10.0
TOTAL_SECONDS = 60.0
"""An attempt that takes longer in total has failed."""
LOCAL = ("localhost", "127.0.0.1", "::1")
REFUSED = (400, 410, 413, 415, 422)
"""The partner has read this answer and refuses it; the next one may succeed. After other errors it is tried again."""
AWAY = frozenset((429, 502, 503, 504))
"""Answers of a server that is too busy, or of one before it that can't reach it."""
REDIRECTS = (307, 308)
MAX_REDIRECTS = 3
_SHOWN = 200


class NotSent(Exception):
    """Why an answer could not be delivered; ``final``: another attempt would end in the same way; ``heard``: the
    partner's server itself has replied, and asks for no time; ``seconds``: how long it asks to wait.
    """

    def __init__(self, sentence: str, *, final: bool = False, heard: bool = False, seconds: float = 0.0) -> None:
        super().__init__(sentence)
        self.final = final
        self.heard = heard
        self.seconds = seconds


def of_environment(secret: str) -> str:
    """A secret (``env:NAME``) from the environment. Raises ``NotSent`` where it has none."""
    kind, _, name = secret.partition(":")
    if kind != "env":
        raise NotSent(f"the secret {secret} is a block of Prefect, which only a worker of Prefect can read")
    value = os.environ.get(name)
    if not value:
        raise NotSent(f"the environment has no {name}, the secret of the partner's [post]")
    return value


@dataclass(frozen=True)
class Wire:
    """What may be sent where. ``hosts``: the allowed ones (globs, optionally with a port). ``ca``: a file of CAs.

    ``secret``: name of a secret → its value.
    """

    hosts: Sequence[str] = ()
    ca: str | None = None
    secret: Callable[[str], str] = of_environment

    def send(self, to: Post, body: bytes | IO[bytes], key: str, kind: str = JSON) -> str:
        """Post a body, from its beginning; returns the partner's reply as a sentence. ``key``: the idempotency key;
        ``kind``: media type.

        Raises ``NotSent`` where the host isn't allowed, the post fails or takes longer than ``TOTAL_SECONDS``, or the
        status isn't 2xx.
        """
        import asyncio  # these take a fifth of a second, and most partners are answered by a file

        import httpx

        url = httpx.URL(to.url)
        self._allowed(url)
        whole = BytesIO(body) if isinstance(body, bytes) else body
        headers = {"Content-Type": kind, "Idempotency-Key": f'"{key}"', "User-Agent": f"crossdock/{__version__}",
                   "Content-Length": str(whole.seek(0, SEEK_END))}  # fmt: skip
        try:
            headers |= self._credentials(to, whole, key)
            return asyncio.run(asyncio.wait_for(self._sent(url, whole, headers), TOTAL_SECONDS))
        except httpx.HTTPError as error:
            raise NotSent(f"{type(error).__name__}: {error}" if str(error) else type(error).__name__) from error
        except TimeoutError:
            raise NotSent(f"it took longer than {TOTAL_SECONDS:.0f} s") from None
        except (ValueError, OSError) as error:  # a secret that can't be in a header, an invalid file of certificates
            raise NotSent(f"it can't be sent: {type(error).__name__}") from error

    async def _sent(self, url: httpx.URL, body: IO[bytes], headers: dict[str, str]) -> str:
        import ssl

        import httpx

        plain = url.scheme == "http"  # to read whom to trust takes longer than a post to this machine
        verify = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if plain else ssl.create_default_context()
        if self.ca:
            verify.load_verify_locations(self.ca)
        timeout = httpx.Timeout(SECONDS, connect=CONNECT_SECONDS)
        async with httpx.AsyncClient(timeout=timeout, verify=verify, trust_env=False) as client:
            for _ in range(MAX_REDIRECTS + 1):
                status, reply, replied = await _posted(client, url, body, headers)
                if status not in REDIRECTS:
                    return _judged(status, reply, replied)
                target = url.join(replied.get("location", ""))
                if (target.scheme, target.host, target.port) != (url.scheme, url.host, url.port):
                    raise NotSent(f"it redirects to {target.scheme}://{target.host}, which is not followed")
                url = target
        raise NotSent(f"it redirects more than {MAX_REDIRECTS} times")

    def _allowed(self, url: httpx.URL) -> None:
        place = f"{url.host}:{url.port or (443 if url.scheme == 'https' else 80)}"
        if not any(fnmatchcase(url.host, each) or fnmatchcase(place, each) for each in self.hosts):
            raise NotSent(f"{url.host} is not among the hosts that settings allow (post_hosts)")
        if url.scheme != "https" and url.host not in LOCAL:
            raise NotSent(f"{url} is not https")

    def _credentials(self, to: Post, body: IO[bytes], key: str) -> dict[str, str]:
        if to.auth == "none" or to.secret is None:
            return {}
        secret = self.secret(to.secret)
        if to.auth == "bearer":
            return {"Authorization": f"Bearer {secret}"}
        if to.auth == "basic":
            token = base64.b64encode(f"{to.user}:{secret}".encode()).decode()
            return {"Authorization": f"Basic {token}"}
        return signed(secret, body, key, int(time.time()))


def signed(secret: str, body: IO[bytes], key: str, now: int) -> dict[str, str]:
    """The headers of a signed body (Standard Webhooks §Signature scheme): v1, HMAC-SHA256 of ``id.timestamp.body``."""
    coded = secret.removeprefix("whsec_")
    material = base64.b64decode(coded) if coded != secret else secret.encode()
    mac = hmac.new(material, f"{key}.{now}.".encode(), hashlib.sha256)
    body.seek(0)
    while piece := body.read(PIECE):
        mac.update(piece)
    return {
        "webhook-id": key,
        "webhook-timestamp": str(now),
        "webhook-signature": f"v1,{base64.b64encode(mac.digest()).decode()}",
    }


async def _posted(
    client: httpx.AsyncClient, url: httpx.URL, body: IO[bytes], headers: dict[str, str]
) -> tuple[int, str, httpx.Headers]:
    """The status, the beginning of the reply, and its headers. The reply is never read completely."""
    async with client.stream("POST", url, content=_pieces(body), headers=headers) as answer:
        beginning = b""
        async for chunk in answer.aiter_bytes(1024):
            beginning += chunk
            if len(beginning) >= _SHOWN:
                break
        text = beginning[:_SHOWN].decode("utf-8", errors="replace").strip().replace("\n", " ")
        return answer.status_code, text, answer.headers


async def _pieces(body: IO[bytes]) -> AsyncIterator[bytes]:
    body.seek(0)
    while piece := body.read(PIECE):
        yield piece


def _judged(status: int, reply: str, headers: httpx.Headers) -> str:
    import httpx

    sentence = f"{status} {httpx.codes.get_reason_phrase(status)}".strip() + (f": {reply}" if reply else "")
    if 200 <= status < 300:
        return sentence
    if 300 <= status < 400:
        raise NotSent(f"{sentence}: it redirects to {headers.get('location') or 'nowhere'}, which is not followed")
    seconds = _seconds_of(headers.get("retry-after", ""), time.time())
    raise NotSent(sentence, final=status in REFUSED, heard=not seconds and status not in AWAY, seconds=seconds)


def _seconds_of(retry_after: str, now: float) -> float:
    """How long a partner asks to wait: seconds, or until a date (RFC 9110 §10.2.3); 0 where it is neither.

    >>> _seconds_of("120", 0), _seconds_of("Thu, 01 Jan 1970 00:01:00 GMT", 0), _seconds_of("soon", 0)
    (120.0, 60.0, 0.0)
    """
    if retry_after.isdecimal():
        return float(retry_after)
    try:
        return max(0.0, parsedate_to_datetime(retry_after).timestamp() - now)
    except (ValueError, OverflowError):
        return 0.0
