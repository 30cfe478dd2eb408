"""Archives are taken apart, or refused in a sentence, whatever is wrong with them."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from crossdock.failures.refusals import Refused
from crossdock.intake import archives
from crossdock.intake.recognise import Archive, open_drop
from tests.samples import known
from tests.warehouse import csv
from tests.workbooks import book

CENTRAL_VERSION = 6
"""Where the version that is needed stands in an entry of a zip's directory (APPNOTE 4.3.12)."""


def zipped(name: str, content: bytes) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return sink.getvalue()


def versioned(content: bytes) -> bytes:
    """A zip that says that it needs a version that nobody knows (found by the fuzzer)."""
    damaged = bytearray(content)
    damaged[damaged.index(b"PK\x01\x02") + CENTRAL_VERSION] = 145
    return bytes(damaged)


PACK = zipped("orders.csv", csv("SO-1,1,AB,5").encode())
WORKBOOK = book(["customerOrderNumber", "skuId"], ["SO-1", "AB"])


@pytest.mark.parametrize("content", [versioned(PACK), versioned(WORKBOOK)])
def test_a_zip_of_an_unknown_version_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "pack.xlsx").write_bytes(content)
    assert not archives.is_archive(tmp_path / "pack.xlsx")
    with pytest.raises(Refused, match="can't be unpacked: it is packed in a way that crossdock does not know"):
        list(archives.members(tmp_path / "pack.xlsx", tmp_path))


@settings(suppress_health_check=list(HealthCheck), deadline=None, max_examples=6 * settings().max_examples)
@given(
    st.sampled_from([PACK, WORKBOOK]),
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), min_size=1, max_size=4),
    st.booleans(),
)
@example(PACK, [(len(PACK) - 1, 200)], True)  # hypothesis, no default
def test_whatever_is_damaged_it_is_taken_apart_or_refused(
    tmp_path: Path, content: bytes, changes: list[tuple[int, int]], from_behind: bool
) -> None:
    damaged = bytearray(content)
    for place, byte in changes:
        at = place % len(damaged)
        damaged[-1 - at if from_behind else at] = byte
    path = tmp_path / "house_sales_order.zip"
    path.write_bytes(bytes(damaged))
    try:
        if isinstance(open_drop(path, known(), feed="house/sales_order"), Archive):
            list(archives.members(path, tmp_path))
    except Refused:
        pass  # an answer; anything else would be an outage
