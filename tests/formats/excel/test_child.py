"""Workbooks are opened in a child: what a file does to it, it does to itself, and the next file is read as ever."""

from __future__ import annotations

import contextlib
import io
import os
import random
import signal
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from crossdock import formats
from crossdock.failures.refusals import Refused
from crossdock.formats.excel import child
from crossdock.formats.format import Clues
from crossdock.schema.document import Kind
from tests.patience import until
from tests.warehouse import Warehouse
from tests.workbooks import book, header, raw, sheet, text, zipped

SAMPLES = Path(__file__).parent / "samples"
GOOD = book(["a", "b"], [1, 2])
KNOWN = {"a": Kind.TEXT, "customerordernumber": Kind.ID}
linux = pytest.mark.skipif(sys.platform != "linux", reason="other systems keep no limit of memory")


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    """No child of an earlier test, with other limits."""
    child.end_idle()
    yield
    child.end_idle()


def read(path: Path, content: bytes) -> list[list[object]]:
    """The rows of a file as every door reads them."""
    path.write_bytes(content)
    reader = formats.reader(path, None, formats.options()(), Clues(KNOWN))
    return [list(row.values()) for block in reader.blocks() for row in block.cells.to_pylist()]


def refused(path: Path, content: bytes) -> str:
    with pytest.raises(Refused) as caught:
        read(path, content)
    return caught.value.sentence


def promising(count: int) -> bytes:
    """A workbook that says of itself how many texts it has."""
    content = raw(sheet(header("a", "b")), shared=["x"])
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    shared = members["xl/sharedStrings.xml"].replace(b"<sst ", b'<sst uniqueCount="%d" ' % count)
    return zipped({**members, "xl/sharedStrings.xml": shared})


def test_one_child_reads_many_files(tmp_path: Path) -> None:
    pids = set()
    for number in range(5):
        (tmp_path / "a.xlsx").write_bytes(GOOD)
        workbook = child.Workbook(tmp_path / "a.xlsx", number)
        pids.add(workbook.child.pid)
        workbook.close()
    assert len(pids) == 1


@pytest.mark.parametrize("killed", [False, True])
def test_a_sheet_that_has_begun_is_taken_when_it_is_asked_for_and_is_no_answer_to_anything_else(
    tmp_path: Path, killed: bool
) -> None:
    for name, rows in (("one", (["a"], [1])), ("two", (["b"], [2]))):
        (tmp_path / f"{name}.xlsx").write_bytes(book(*rows))
    one = child.Workbook(tmp_path / "one.xlsx", 1)
    (name,) = (each.name for each in one.sheets)
    one.begin(name)
    if killed:
        os.kill(one.child.pid, signal.SIGKILL)
    assert list(one.cells(name).rows(0)) == [["a"], [1]]
    one.begin("elsewhere")
    assert list(one.cells(name).rows(0)) == [["a"], [1]]
    one.begin(name)
    one.close()
    two = child.Workbook(tmp_path / "two.xlsx", 1)
    assert list(two.cells(name).rows(0)) == [["b"], [2]]
    two.close()


def test_a_child_is_not_kept_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "FILES", 2)
    (tmp_path / "a.xlsx").write_bytes(GOOD)
    pids = []
    for _ in range(4):
        workbook = child.Workbook(tmp_path / "a.xlsx", 0)
        pids.append(workbook.child.pid)
        workbook.close()
    assert pids[0] == pids[1] != pids[2] == pids[3]


@linux
@pytest.mark.parametrize("count", [400_000_000, 2**32 - 1, 2**64 - 1])
def test_a_file_that_takes_all_memory_is_refused_alone(tmp_path: Path, count: int) -> None:
    refusal = refused(tmp_path / "a.xlsx", promising(count))
    assert refusal.startswith("reading the workbook takes more than the 1,0")
    assert "bytes of memory that it may" in refusal
    assert read(tmp_path / "b.xlsx", GOOD) == [["1", "2"]]


@linux
def test_a_night_goes_on_beside_files_that_break_their_reader(warehouse: Warehouse) -> None:
    """A reader that panics, one that takes all memory; what stands behind them in the folder is imported."""
    warehouse.partner()
    warehouse.drop("orders_1.xls", (SAMPLES / "orders.xls").read_bytes()[:-2_000])
    warehouse.drop("orders_2.xlsx", promising(2**32 - 1))
    warehouse.drop("orders_3.csv")
    assert [each.refused is not None for each in warehouse.reports()] == [True, True, False]
    assert warehouse.order_numbers() == ["orders_3"]


@linux
@pytest.mark.parametrize("rows", [2**64 - 1, 2**32, 30_000_000, 1_000_000])
def test_an_ods_of_rows_without_number_is_refused(tmp_path: Path, rows: int) -> None:
    """Each is written once, and said to be there so many times; a count that overflows must not lose the others."""
    cell = '<table:table-cell table:number-columns-repeated="100" office:value-type="float" office:value="1"/>'
    with zipfile.ZipFile(SAMPLES / "orders.ods") as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    row = f'</table:table-row><table:table-row table:number-rows-repeated="{rows}">{cell}</table:table-row>'
    members["content.xml"] = members["content.xml"].replace(b"</table:table-row>", row.encode(), 1)
    refusal = refused(tmp_path / "a.ods", zipped({**members}))
    assert "takes more than the" in refusal or "cells between its first and its last" in refusal


def test_a_file_that_takes_too_long_is_refused_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as hurried:
        hurried.setattr(child, "PATIENCE", 0)
        assert "takes more than the 20 seconds" in refused(tmp_path / "a.xlsx", GOOD)
    assert read(tmp_path / "b.xlsx", GOOD) == [["1", "2"]]


@linux
def test_seconds_are_those_of_the_processor(tmp_path: Path) -> None:
    """The limit is the system's: it holds where the child has no time for anything else."""
    rows = "".join(f'<row r="{n}">{text("x" * 50) * 8}</row>' for n in range(1, 100_000))
    (tmp_path / "a.xlsx").write_bytes(raw(sheet(rows)))
    process = child.Child()
    process.seconds = 3_000
    process.ask("open", str(tmp_path / "a.xlsx"), 1 << 31, 0)

    def read_on() -> None:  # a second is what the child has; each answer takes a part of it
        for again in range(1_000):
            process.ask("sheet", "Orders")
            process.ask("rows", "Orders", again)

    with pytest.raises(Refused, match="3,000 seconds"):
        read_on()


def test_what_a_sheet_gives_is_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = book(["a", "b"], *([str(number), "x"] for number in range(40_000)))
    with monkeypatch.context() as narrow:
        narrow.setattr(child, "MAX_BYTES", 100_000)
        assert "100,000 bytes of text" in refused(tmp_path / "a.xlsx", content)
    with monkeypatch.context() as narrow:
        narrow.setattr(child, "MAX_PIECE", 100_000)
        assert "100,000 bytes of text at a time" in refused(tmp_path / "a.xlsx", content)
    assert len(read(tmp_path / "a.xlsx", content)) == 40_000


def test_a_damaged_file_is_refused_or_read_and_nothing_else(tmp_path: Path) -> None:
    """Of each kind a sample, cut off or with bytes changed: a panic of the library is no exception of ours."""
    chance = random.Random(12)
    samples = {"xls": (SAMPLES / "orders.xls").read_bytes(), "ods": (SAMPLES / "orders.ods").read_bytes(), "xlsx": GOOD}
    for kind, whole in samples.items():
        for _ in range(40):
            damaged = bytearray(whole[: chance.randrange(len(whole))] if chance.random() < 0.4 else whole)
            for _ in range(chance.choice((1, 3, 30))):
                damaged[chance.randrange(len(damaged))] = chance.choice((0, 255, chance.randrange(256)))
            path = tmp_path / f"a.{kind}"
            path.write_bytes(damaged)
            formats.stamped(path)
            with contextlib.suppress(Refused):
                read(path, bytes(damaged))
    assert read(tmp_path / "b.xlsx", GOOD) == [["1", "2"]]


@pytest.mark.parametrize("at", ["idle", "open"])
def test_a_child_that_was_killed_is_started_anew(tmp_path: Path, at: str) -> None:
    (tmp_path / "a.xlsx").write_bytes(GOOD)
    workbook = child.Workbook(tmp_path / "a.xlsx", 0)
    pid = workbook.child.pid
    if at == "idle":
        workbook.close()
    os.kill(pid, signal.SIGKILL)
    if at == "open":
        assert workbook.cells("Orders").head == [["a", "b"], [1.0, 2.0]]
        assert workbook.child.pid != pid
    else:
        until(lambda: not workbook.child.alive)
    assert read(tmp_path / "b.xlsx", GOOD) == [["1", "2"]]


@pytest.mark.slow
def test_a_child_that_is_killed_while_it_reads_is_followed_by_another_that_reads_on(tmp_path: Path) -> None:
    """As the system does when memory is short, which says nothing of this file."""
    (tmp_path / "a.xlsx").write_bytes(book(["a", "b"], *([number, "x"] for number in range(40_000))))
    workbook = child.Workbook(tmp_path / "a.xlsx", 1 << 20)
    rows = workbook.cells("Orders").rows(0)
    first_rows = [next(rows) for _ in range(100)]
    os.kill(workbook.child.pid, signal.SIGKILL)
    assert [*first_rows, *rows] == [["a", "b"], *([float(number), "x"] for number in range(40_000))]


def test_a_file_whose_child_is_killed_twice_is_refused_alone(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(GOOD)
    workbook = child.Workbook(tmp_path / "a.xlsx", 0)
    os.kill(workbook.child.pid, signal.SIGKILL)
    workbook.cells("Orders")
    os.kill(workbook.child.pid, signal.SIGKILL)
    with pytest.raises(Refused, match="takes more than the memory that it may"):
        workbook.cells("Orders")
    assert read(tmp_path / "b.xlsx", GOOD) == [["1", "2"]]


@pytest.mark.parametrize("times", [1, 2])
def test_a_child_that_is_killed_as_it_opens_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    begin, killed = child.Child.begin, []

    def struck(self: child.Child, path: Path, weight: int) -> list[tuple[str, bool, bool]]:
        if len(killed) < times:
            killed.append(self.pid)
            os.kill(self.pid, signal.SIGKILL)
        return begin(self, path, weight)

    monkeypatch.setattr(child.Child, "begin", struck)
    if times == 1:
        assert read(tmp_path / "a.xlsx", GOOD) == [["1", "2"]]
    else:
        assert "takes more than the memory" in refused(tmp_path / "a.xlsx", GOOD)
    assert len({*killed}) == times
    assert read(tmp_path / "b.xlsx", GOOD) == [["1", "2"]]


def test_signals_for_the_parent_are_not_the_childs(tmp_path: Path) -> None:
    """Whoever stops a worker signals all of its processes: the file that is being read is not to blame."""
    (tmp_path / "a.xlsx").write_bytes(GOOD)
    workbook = child.Workbook(tmp_path / "a.xlsx", 0)
    for each in (signal.SIGINT, signal.SIGTERM):
        os.kill(workbook.child.pid, each)
    assert list(workbook.cells("Orders").rows(0)) == [["a", "b"], [1.0, 2.0]]


def test_threads_have_a_child_each(tmp_path: Path) -> None:
    sheets: list[list[list[object]]] = []
    content = book(["a", "b"], *([number, "x"] for number in range(2_000)))

    def work(number: int) -> None:
        sheets.extend(read(tmp_path / f"{number}-{again}.xlsx", content) for again in range(3))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(sheets) == 12
    assert all(each == sheets[0] for each in sheets)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing is forked here")
def test_who_was_forked_starts_a_child_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(GOOD)
    mine = child.Workbook(tmp_path / "a.xlsx", 0)
    forked = os.fork()
    if forked == 0:
        other = child.Workbook(tmp_path / "a.xlsx", 0)
        os._exit(0 if other.child.pid != mine.child.pid and other.cells("Orders").head else 1)
    assert os.waitpid(forked, 0)[1] == 0
    assert mine.cells("Orders").head == [["a", "b"], [1.0, 2.0]]


@pytest.mark.slow
@pytest.mark.parametrize("busy", [False, True])
def test_no_child_outlives_its_parent(tmp_path: Path, busy: bool) -> None:
    """Killed while the child is idle, and while it reads."""
    rows = "".join(f'<row r="{n}">{text("x" * 50)}{text("y")}</row>' for n in range(2, 150_000 if busy else 3))
    (tmp_path / "a.xlsx").write_bytes(raw(sheet(header("a", "b") + rows)))
    code = (
        "import sys, pathlib; from crossdock.formats.excel import child\n"
        "workbook = child.Workbook(pathlib.Path(sys.argv[1]), 1 << 30); print(workbook.child.pid, flush=True)\n"
        + ("workbook.child.tell('sheet', 'Orders')\n" if busy else "")
        + "print('asked', flush=True); sys.stdin.read()"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "a.xlsx")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    assert parent.stdout.readline() == "asked\n"
    assert _runs(pid)
    parent.kill()
    parent.communicate()
    until(lambda: not _runs(pid))


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"


def test_only_plain_values_are_taken_from_a_child() -> None:
    import pickle

    with pytest.raises(pickle.UnpicklingError):
        child.Plain(io.BytesIO(pickle.dumps(Path("x")))).load()
