"""What no format reads, by its content: each is refused with what it is, whatever its name says."""

from __future__ import annotations

import bz2
import io
import lzma
import random
import tarfile
from pathlib import Path

import pytest

from crossdock import formats
from crossdock.failures.refusals import Refused
from crossdock.formats.format import Clues
from tests.warehouse import Warehouse, csv

CHANCE = random.Random(7).randbytes(3_000)
"""Bytes of no kind, as those that are encrypted are."""
TEXT = csv("SO-1,1,AB,5").encode()


def tar(content: bytes) -> bytes:
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w") as archive:
        member = tarfile.TarInfo("orders.csv")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return written.getvalue()


def page(inside: bytes) -> bytes:
    return b"<!-- proxy -->\n<HTML><head>" + inside + b"</head></HTML>"


MAIL = b"From: Ann <ann@acme.example>\r\nTo: orders@wms.example\r\nMIME-Version: 1.0\r\n\r\n" + TEXT
OUTLOOK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "__properties_version1.0".encode("utf-16-le")
DBASE = b"\x03\x7e\x0b\x1e\x05\0\0\0\xa1\0\x26\0" + b"\0" * 20 + b"ORDERNO\0\0\0\0C" + b"\0" * 20 + b"\rSO-1 \x1a"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (CHANCE, "no text"),
        (CHANCE[:200], "no text"),
        (b"\x85\x01\x0c\x03" + CHANCE, "may be damaged, or encrypted"),
        (b"\0" * 5_000, "nothing but NULs"),
        (b"\r\n%PDF-1.7\n" + CHANCE, "a PDF"),
        (b"GIF89a" + CHANCE, "a picture"),
        (b"\0\0\0\x18ftypheic" + CHANCE, "a picture"),
        (bz2.compress(TEXT), "pack it as zip or gzip"),
        (lzma.compress(TEXT), "pack it as zip or gzip"),
        (tar(TEXT), "pack it as zip or gzip"),
        (b"-----BEGIN PGP MESSAGE-----\n\nhQEMA\n-----END PGP MESSAGE-----\n", "encrypted with PGP"),
        (b"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n" + TEXT, "or signed"),
        (MAIL, "an e-mail: send the file that is attached"),
        (OUTLOOK, "an e-mail of Outlook"),
        (b"{\\rtf1\\ansi SO-1}", "RTF"),
        (DBASE, "a dBase file"),
        (page(b"<title>502 Bad Gateway</title>"), "a web page ('502 Bad Gateway')"),
        (b"<h1>403 Forbidden</h1>\n", "a web page ('403 Forbidden')"),
        (b"<Error><Code>AccessDenied</Code></Error>", "XML"),
    ],
)
def test_what_no_format_reads_is_named(tmp_path: Path, content: bytes, kind: str) -> None:
    path = tmp_path / "orders.xlsx"
    path.write_bytes(content)
    with pytest.raises(Refused) as refused:
        formats.reader(path, None, formats.options()(), Clues({}))
    assert kind in str(refused.value)


@pytest.mark.parametrize("named", ['headings = ["customerOrderNumber", "skuId"]', 'columns_at = { skuId = "1-9" }'])
def test_it_is_no_record_of_a_feed_that_names_its_columns(warehouse: Warehouse, named: str) -> None:
    fixed = 'format = "fixed"\n' if "columns_at" in named else ""
    feed = warehouse.feed(f"{fixed}options = {{ {named} }}")
    assert "no text, and of no kind that is known" in warehouse.run(CHANCE, feed).text


@pytest.mark.parametrize(
    "content",
    [
        TEXT.replace(b"AB", b"A\0B"),
        TEXT.replace(b"AB", "Имя".encode()),
        "\ufeff".encode("utf-16-le") + TEXT.decode().replace("AB", "ИМЯ").encode("utf-16-le"),
        TEXT.decode().encode("utf-16-be"),
        TEXT.replace(b"SO-1", b"<SO-1>"),
        b"From: Ann\nTo: us\nDate: today\n" + TEXT,
        TEXT.replace(b"AB", b"\x01\x02"),
    ],
)
def test_a_text_is_one_whatever_is_odd_in_it(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes(content)
    with pytest.raises(Refused, match="no column of the file is known"):  # this test knows none
        formats.reader(path, None, formats.options()(), Clues({}))
