"""The form with a file: its parts as they stream in, the file to disk, and never in memory."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, BinaryIO

from anyio.to_thread import run_sync
from fastapi import Depends, Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from crossdock.api.door.bodies import in_time
from crossdock.api.door.problems import Problem
from crossdock.api.door.state import state_of
from crossdock.api.pages.viewers import TOKEN, Signed, Viewer, agrees
from crossdock.workers import checks

FILE_BYTES = 1 << 30
MOST = f"{FILE_BYTES >> 30} GiB"
"""The most bytes of a file (as of a bulk body, contracts/http.md §1)."""
FIELD_BYTES = 4 << 10
"""The most bytes of another field."""
FIELDS = 10
"""The most fields."""
NAME_BYTES = 180
"""The most bytes of a file's name that are kept."""
_ODD = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""What has no place in a name: control characters, and what turns the direction of writing."""


@dataclass
class Upload:
    """A file that was sent: where it is, under which name, and the other fields. ``size`` in bytes."""

    viewer: Viewer
    path: Path
    name: str = ""
    size: int = 0
    fields: dict[str, str] = field(default_factory=dict)


async def _upload(request: Request, viewer: Signed) -> AsyncIterator[Upload]:
    """The file of a form on disk. It is removed at the end, if the request has not moved it away.

    Raises ``Problem`` 400 where the form is none, 403 where its first field is not its viewer's token, 408, 413.
    """
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > FILE_BYTES + FIELDS * FIELD_BYTES:
        raise _too_large()
    upload = Upload(viewer, checks.new_path(state_of(request).site))
    try:
        await _receive(request, upload)
        yield upload
    finally:
        if upload.path.exists() or not any(upload.path.parent.iterdir()):
            checks.forget(upload.path)


Uploaded = Annotated[Upload, Depends(_upload)]
"""The file of a form, on disk."""


async def _receive(request: Request, upload: Upload) -> None:
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary")
    if kind != b"multipart/form-data" or not boundary:
        raise Problem(400, "This is not a form with a file.")
    with upload.path.open("wb") as file:
        parts = _Parts(request, upload, file)
        parser = MultipartParser(boundary, parts.callbacks)  # type: ignore[arg-type]  # a TypedDict of our methods
        try:
            async for piece in in_time(request.stream()):
                await run_sync(parser.write, piece)
            parser.finalize()
        except FormParserError:
            raise _torn() from None
        if not parts.complete:  # the parser takes an early end for an end
            raise _torn()
    agrees(request, upload.fields.get(TOKEN, ""), upload.viewer.form_token)


class _Parts:
    """What to do with the parts of a form, one after the other."""

    def __init__(self, request: Request, upload: Upload, file: BinaryIO) -> None:
        self._request, self._upload, self._file = request, upload, file
        self._disposition, self._header = b"", b""
        self._name, self._is_file, self._value = "", False, b""
        self.complete = False

    @property
    def callbacks(self) -> dict[str, object]:
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._header_field,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_headers_finished": self._headers_finished,
            "on_part_data": self._data,
            "on_part_end": self._end,
            "on_end": self._whole,
        }

    def _begin(self) -> None:
        self._disposition = self._header = self._value = b""

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end].lower()

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        if self._header == b"content-disposition":
            self._disposition += data[start:end]

    def _header_end(self) -> None:
        self._header = b""

    def _headers_finished(self) -> None:
        _, options = parse_options_header(self._disposition)
        self._name = options.get(b"name", b"").decode("utf-8", "replace")
        self._is_file = b"filename" in options
        if self._is_file:
            agrees(self._request, self._upload.fields.get(TOKEN, ""), self._upload.viewer.form_token)
            if self._upload.name or self._upload.size:
                raise Problem(400, "Send one file at a time.")
            self._upload.name = _safe_name(options[b"filename"].decode("utf-8", "replace"))

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._is_file:
            self._upload.size += end - start
            if self._upload.size > FILE_BYTES:
                raise _too_large()
            self._file.write(memoryview(data)[start:end])
        else:
            self._value += data[start:end]
            if len(self._value) > FIELD_BYTES:
                raise Problem(400, "A field of the form is too long.")

    def _end(self) -> None:
        if not self._is_file:
            self._upload.fields[self._name] = self._value.decode("utf-8", "replace")
            if len(self._upload.fields) > FIELDS:
                raise Problem(400, "The form has too many fields.")

    def _whole(self) -> None:
        self.complete = True


def _safe_name(sent: str) -> str:
    """The name of a sent file: the last part of a path, without control characters, short enough; '' if nothing is
    left. Browsers write a quotation mark and line breaks in it as %22, %0D, %0A, and a percent sign as it is (WHATWG,
    multipart/form-data).

    >>> [_safe_name(each) for each in ("C:\\\\me\\\\orders.csv", "../../etc/passwd", "..", "a\\x00b.csv")]
    ['orders.csv', 'passwd', '', 'ab.csv']
    >>> _safe_name("5%22 tubes, 100%25.csv")
    '5" tubes, 100%25.csv'
    """
    sent = sent.replace("%22", '"').replace("%0D", "").replace("%0A", "")
    name = _ODD.sub("", sent.replace("\\", "/").rpartition("/")[2]).strip()
    if name in ("", ".", ".."):
        return ""
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending) > 10:
        stem, dot, ending = name, "", ""
    room = NAME_BYTES - len((dot + ending).encode())
    return stem.encode()[:room].decode(errors="ignore") + dot + ending


def _torn() -> Problem:
    return Problem(400, "The form ended early, or is damaged: send it again.")


def _too_large() -> Problem:
    return Problem(413, f"A file may have at most {MOST}.", {"Connection": "close"})
