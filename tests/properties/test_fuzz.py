"""Any sample, damaged in any way, is imported or refused, and every report of it is written.

Chance damages the samples of all feeds and formats; the members of a zip are damaged unpacked, too. The slow suite
takes ten minutes of it, ``pytest -m slow tests/test_fuzz.py --fuzz 3600`` an hour. What fails is kept, and named.
"""

from __future__ import annotations

import io
import random
import time
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from crossdock.failures.refusals import Refused
from crossdock.intake import archives
from crossdock.intake.recognise import open_drop
from crossdock.model.drop import Drop
from crossdock.partners.feed import Feed
from crossdock.reports import failure_list
from tests.samples import INPUTS, feed_of, known
from tests.warehouse import Warehouse, house

FORMATS = sorted((Path(__file__).parents[1] / "formats" / "excel" / "samples").iterdir())
HARD = [
    *(
        b"\x00",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"\xc3",
        b"\xed\xa0\x80",
        b"\r",
        b"\n",
        b"\t",
        b'"',
        b"'",
        b",",
        b";",
        b"|",
    ),
    *(b"{", b"}", b"[", b"]", b":", b"<", b"&#x0;", b"\\ud800", b"null", b"NaN", b"1e999", b"-", b"\xe2\x80\x8b"),
    *(b"9" * 400, b"[" * 5_000, b"\x1a", b"sep=;\n", b"PK\x03\x04"),
]
"""Pieces that mean something to one reader or another."""
LARGEST = 200_000
"""Bytes of a damaged file."""


def _flipped(content: bytearray, chance: random.Random) -> None:
    for _ in range(chance.randint(1, 8)):
        content[chance.randrange(len(content))] = chance.randrange(256)


def _cut(content: bytearray, chance: random.Random) -> None:
    del content[chance.randrange(len(content)) :]


def _left_out(content: bytearray, chance: random.Random) -> None:
    start = chance.randrange(len(content))
    del content[start : start + chance.randint(1, 200)]


def _put_in(content: bytearray, chance: random.Random) -> None:
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(content))
        content[place:place] = chance.choice(HARD)


def _repeated(content: bytearray, chance: random.Random) -> None:
    start, place = chance.randrange(len(content)), chance.randrange(len(content))
    content[place:place] = content[start : start + chance.randint(1, 2_000)]


DAMAGES: list[Callable[[bytearray, random.Random], None]] = [_flipped, _cut, _left_out, _put_in, _repeated]


def damaged(content: bytes, chance: random.Random) -> bytes:
    """The content with one to three damages; of a zip, half of the time, those of one member."""
    if zipfile.is_zipfile(io.BytesIO(content)) and chance.random() < 0.5:
        return _with_damaged_member(content, chance)
    altered = bytearray(content)
    for _ in range(chance.randint(1, 3)):
        if altered:
            chance.choice(DAMAGES)(altered, chance)
    return bytes(altered[:LARGEST])


def _with_damaged_member(content: bytes, chance: random.Random) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as after:
        names = before.namelist()
        chosen = chance.choice(names)
        for name in names:
            member = before.read(name)
            after.writestr(name, damaged(member, chance) if name == chosen and member else member)
    return written.getvalue()


def answered(warehouse: Warehouse, path: Path, of: Feed) -> None:
    """Import a file and write every report of it."""
    try:
        drop = open_drop(path, known(), feed=of.name)
    except Refused:
        return
    if not isinstance(drop, Drop):  # an archive is taken apart, and its members are drops
        with suppress(Refused):
            list(archives.members(path, warehouse.home / "unpacked"))
        return
    result = warehouse.run(path, of, name=path.name)
    assert result.report.verdict is not None
    assert result.acks
    assert result.text
    assert list(failure_list.failure_list(result.row, warehouse.database))
    if result.report.refused is None:
        assert isinstance(result.failures, list)
        again = warehouse.home / "fix.xlsx"
        if warehouse.has_fix(result):
            assert warehouse.run(again, of, name="fix.xlsx").report.verdict is not None


@pytest.mark.slow
def test_any_damaged_sample_is_imported_or_refused(
    warehouse: Warehouse, pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory
) -> None:
    seed = random.SystemRandom().randrange(1 << 32)
    chance = random.Random(seed)  # damage, not a secret
    kept = tmp_path_factory.mktemp("fuzz")
    until = time.monotonic() + float(pytestconfig.getoption("--fuzz"))
    seeds = [(path, feed_of(path)) for path in INPUTS] + [(path, house("sales_order")) for path in FORMATS]
    number = 0
    while time.monotonic() < until:
        sample, of = chance.choice(seeds)
        number += 1
        path = kept / f"{number}{sample.suffix}"
        path.write_bytes(damaged(sample.read_bytes(), chance))
        try:
            answered(warehouse, path, of)
        except BaseException as error:
            error.add_note(f"seed {seed}, file {number}: {path}, of {sample.name}, feed {of.name}")
            raise
        path.unlink()
    assert number, "no file was tried"
