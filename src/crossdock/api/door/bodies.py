"""Bodies: streamed to disk within limits, and read as strict JSON where they are one document."""

from __future__ import annotations

import asyncio
import json
import re
import time
import zlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Annotated, Any, NoReturn

from fastapi import Depends, Request
from starlette.requests import ClientDisconnect

from crossdock.api.door.problems import Problem
from crossdock.api.door.state import state_of
from crossdock.formats.objects.stream import Number
from crossdock.schema.names import is_text
from crossdock.workers import requests

BULK_BYTES = 1 << 30
"""The most bytes of a bulk body, unpacked (contracts/http.md §1)."""
SINGLE_BYTES = 16 << 20
"""The most bytes of one document."""
RATIO = 200
"""How many bytes one byte of gzip may become, once ``UNSUSPICIOUS`` are unpacked."""
UNSUSPICIOUS = 1 << 20
PIECE = 1 << 20
IDLE_SECONDS = 30.0
"""How long a body may stop."""
SLOWEST = 1_000
"""Bytes a second that a body comes with, at least."""
GZIP = ("gzip", "x-gzip")
"""What the packing is called (RFC 9110 §8.4.1.3)."""
_OTHERS = (
    (re.compile(rb"\x1f\x8b"), "the body is gzip: say Content-Encoding: gzip"),
    (re.compile(rb"\xff\xfe|\xfe\xff|\x00|[^\x00]\x00"), "the body is UTF-16 or UTF-32: JSON is sent as UTF-8"),
)
"""How bodies begin that no JSON begins like, and what is wrong with them."""
JSON_TYPES = ("application/json", "text/json")


async def single(request: Request) -> AsyncIterator[Path]:
    """A dependency: the body on disk, of one document; it is removed if the request doesn't book it."""
    async for path in _on_disk(request, SINGLE_BYTES):
        yield path


async def bulk(request: Request) -> AsyncIterator[Path]:
    """A dependency: the body on disk, of many documents; it is removed if the request doesn't book it."""
    async for path in _on_disk(request, BULK_BYTES):
        yield path


OneBody = Annotated[Path, Depends(single)]
"""The body of a request, one document; it is on disk."""
ManyBodies = Annotated[Path, Depends(bulk)]
"""The body of a request, many documents; it is on disk."""


async def _on_disk(request: Request, most: int) -> AsyncIterator[Path]:
    path = requests.new_path(state_of(request).site)
    try:
        pieces = _unpacked(request, most)
        with path.open("wb") as file:
            async for piece in pieces:
                file.write(piece)
        yield path
    finally:
        requests.forget(path)


async def _unpacked(request: Request, most: int) -> AsyncIterator[bytes]:
    """The bytes of a body. Raises ``Problem`` 413 above the most, 415 if it is no JSON or packed in another way."""
    content = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content not in JSON_TYPES and not content.endswith("+json"):
        raise Problem(415, "send JSON, as Content-Type: application/json")
    packed = request.headers.get("content-encoding", "identity").strip().lower()
    if packed not in ("identity", *GZIP):
        raise Problem(415, f"Content-Encoding {packed!r} is not known: gzip or none", {"Accept-Encoding": "gzip"})
    length = request.headers.get("content-length", "0")
    if length.isdigit() and int(length) > most:
        raise _too_large(most)
    size = 0
    pieces = in_time(request.stream())
    async for piece in _gunzipped(pieces) if packed in GZIP else pieces:
        size += len(piece)
        if size > most:
            raise _too_large(most)
        yield piece


async def in_time(stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The pieces of a body. Raises ``Problem`` 408 if its sender stops, or is too slow, 400 if it is gone."""
    begun, size = time.monotonic(), 0
    try:
        while True:
            async with asyncio.timeout(IDLE_SECONDS):
                piece = await anext(stream, None)
            if piece is None:
                return
            size += len(piece)
            if time.monotonic() - begun > IDLE_SECONDS + size / SLOWEST:
                raise Problem(408, "the body comes too slowly", {"Connection": "close"})
            yield piece
    except TimeoutError:
        raise Problem(408, "the body does not come", {"Connection": "close"}) from None
    except ClientDisconnect:
        raise Problem(400, "the body ends early") from None


def _too_large(most: int) -> Problem:
    return Problem(413, f"a body may have at most {most:,} bytes here, unpacked", {"Connection": "close"})


async def _gunzipped(stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The unpacked pieces of a gzip stream. Raises ``Problem`` 400 if it is damaged, 413 if it is a bomb."""
    unpacking = zlib.decompressobj(wbits=31)
    read = unpacked = 0
    try:
        async for piece in stream:
            read += len(piece)
            packed = piece
            while packed:
                out = unpacking.decompress(packed, PIECE)
                packed = unpacking.unconsumed_tail
                unpacked += len(out)
                if unpacked > max(UNSUSPICIOUS, read * RATIO):
                    raise Problem(413, f"the body unpacks to more than {RATIO} times its size", {"Connection": "close"})
                if unpacking.unused_data:
                    raise Problem(400, "there is something behind the gzip stream")
                yield out
    except zlib.error as error:
        raise Problem(400, f"the body is not gzip: {error}") from None
    if not unpacking.eof:
        raise Problem(400, "the gzip stream ends early")


def document_in(path: Path) -> dict[str, Any]:
    """The one document of a body, ``{"data": {…}}``. Raises ``Problem`` 400 if it is none, in strict JSON."""
    body = parsed(path.read_bytes())
    if not isinstance(body, dict) or not isinstance(body.get("data"), dict):
        raise Problem(400, 'the body must be {"data": {…}}, one document; several go to …/bulk')
    data: dict[str, Any] = body["data"]
    return data


def values_in(path: Path) -> dict[str, Any]:
    """As ``document_in``, of an object that no import reads. Raises ``Problem`` 422 where it has a text that no
    database can hold.
    """
    data = document_in(path)
    if not all(is_text(each) for each in _texts(data)):
        raise Problem(422, "a text holds a character that no text may hold (U+0000, or half of one)")
    return data


def _texts(value: object) -> Iterator[str]:
    """Every text of a value of JSON, names too."""
    if isinstance(value, dict):
        value = [*value, *value.values()]
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)


def parsed(content: bytes) -> object:
    """The value of strict JSON, its numbers as text. Raises ``Problem`` 400 where it is none."""
    packed_or_wide = next((what for begin, what in _OTHERS if begin.match(content)), None)
    if packed_or_wide:
        raise Problem(400, packed_or_wide, line=1, column=1)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode()
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        wrong = f"the body is not UTF-8: byte {error.object[error.start]:02X}"
        advice = "JSON is sent as UTF-8, whatever charset is named"
        raise Problem(400, f"{wrong}; {advice}", line=line, column=column) from None
    try:
        return json.loads(text, object_pairs_hook=_once, parse_constant=_constant, parse_int=Number, parse_float=Number)
    except json.JSONDecodeError as error:
        raise Problem(400, f"not JSON: {error.msg}", line=error.lineno, column=error.colno) from None
    except RecursionError:
        raise Problem(400, "the JSON is nested too deeply") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise Problem(400, f"the member {twice[:80]!r} is there twice in one object")
    return members


def _constant(name: str) -> NoReturn:
    raise Problem(400, f"{name} is not JSON")
