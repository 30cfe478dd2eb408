"""How files are seen, moved and given back on any file system."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from crossdock.intake import files, listing
from crossdock.intake.search import speaks_of

MEMORY = Path("/dev/shm")  # noqa: S108  # a file system of its own wherever there is one


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Path]:
    """A folder on another file system, in memory."""
    if not os.access(MEMORY, os.W_OK) or MEMORY.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("this machine has one file system only")
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        yield Path(folder)


def written(path: Path, text: str = "new") -> Path:
    path.write_text(text)
    return path


def test_a_file_is_moved_in_the_place_of_another_also_to_another_file_system(tmp_path: Path, elsewhere: Path) -> None:
    for folder in (tmp_path / "archive", elsewhere):
        folder.mkdir(exist_ok=True)
        target = written(folder / "orders.csv", "old")
        path = written(tmp_path / "orders.csv")
        files.move(path, target)
        assert (target.read_text(), path.exists()) == ("new", False)
        assert [each.name for each in folder.iterdir()] == ["orders.csv"]


def test_a_file_is_given_back_to_where_nothing_is_also_on_another_file_system(tmp_path: Path, elsewhere: Path) -> None:
    (tmp_path / "inbox").mkdir()
    for folder in (tmp_path / "inbox", elsewhere):
        path, target = written(tmp_path / "orders.csv"), folder / "orders.csv"
        assert files.give_back(path, target)
        assert (target.read_text(), path.exists()) == ("new", False)
        again = written(tmp_path / "orders.csv", "newer")
        assert not files.give_back(again, target)
        assert (target.read_text(), again.read_text()) == ("new", "newer")


def test_a_file_on_another_file_system_is_claimed_and_stays_beside_itself_until_it_is_filed(
    tmp_path: Path, elsewhere: Path
) -> None:
    path = written(elsewhere / "orders.csv")
    assert files.claim(path, tmp_path / "orders.csv", "J1")
    assert (tmp_path / "orders.csv").read_text() == "new"
    assert [each.name for each in elsewhere.iterdir()] == [".crossdock-J1-orders.csv"]


def test_a_name_that_is_too_long_beside_itself_is_copied_from_another_file_system(
    tmp_path: Path, elsewhere: Path
) -> None:
    """A name of 240 letters can't begin with that of a job, too: its file waited for ever."""
    path = written(elsewhere / f"{'x' * 236}.csv")
    with pytest.raises(files.Unmovable):
        files.claim(path, tmp_path / path.name, "261130-0123456789")
    assert path.read_text() == "new"


def test_an_upload_that_broke_off_is_named_after_a_day(tmp_path: Path) -> None:
    partner = tmp_path / "acme"
    partner.mkdir()
    written(partner / "orders_2.csv.filepart")
    for name in ("orders_1.csv.filepart", "new_1.csv", ".orders_1.csv.swp", "orders_1.csv"):
        os.utime(written(partner / name), (0, 0))
    named = {path.name: why for path, why in listing.strays(tmp_path, ["new_*"])}
    assert named == dict.fromkeys(("new_1.csv", "orders_1.csv.filepart"), "is named as if it were still written")


def test_a_name_that_is_no_text_is_no_file_that_waits_and_is_named_as_a_stray(tmp_path: Path) -> None:
    partner = tmp_path / "acme"
    partner.mkdir()
    written(partner / os.fsdecode(b"orders_\xff.csv"))
    assert [why for _, why in listing.strays(tmp_path)] == ["has a name that is not UTF-8"]


def test_a_folder_that_is_not_there_has_nothing_in_it(tmp_path: Path) -> None:
    assert listing.subfolders(tmp_path / "nowhere") == []
    assert list(listing.strays(tmp_path / "nowhere")) == []


@pytest.mark.parametrize(("place", "speaks"), [(0, True), ((1 << 20) - 2, True), (None, False)])
def test_a_number_is_found_in_the_text_of_a_file_wherever_it_stands(
    tmp_path: Path, place: int | None, speaks: bool
) -> None:
    text = "x" * (1 << 21)
    content = text if place is None else f"{text[:place]}SO-4711{text[place:]}"
    assert speaks_of(written(tmp_path / "orders.csv", content), "SO-4711") == speaks


def test_a_file_that_is_gone_speaks_of_nothing(tmp_path: Path) -> None:
    assert not speaks_of(tmp_path / "orders.csv", "SO-4711")
