"""Killed in the middle, on both databases: nothing lost, nothing twice."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench.orders import write
from crossdock.database import connect, postgres
from crossdock.errors import Outage
from crossdock.flows.programs.server import ended
from crossdock.jobs import queries
from crossdock.model.report import Progress
from crossdock.pipeline.import_drop import import_drop
from crossdock.pipeline.run import Terms
from tests.patience import PATIENCE
from tests.warehouse import TODAY, Result, Warehouse, drop_of, feed

ROOT = Path(__file__).parents[2]
CHILD = """
import sys
from pathlib import Path
from tests.warehouse import TODAY, drop_of
from crossdock.partners import registry
from crossdock.database import connect
from crossdock.pipeline.import_drop import import_drop
from crossdock.pipeline.run import Terms
of = next(registry.load(Path(sys.argv[2]), "UTC").feeds())
def watch(at):
    print(at.processed, at.total, flush=True)
    sys.stdin.readline()  # continues when it is told to, or when nobody is there to tell it
import_drop(drop_of(Path(sys.argv[1]), of), connect(sys.argv[3]), watch=watch, inputs=Terms(TODAY, int(sys.argv[4])))
"""


FREEZE = """
from crossdock.pipeline import import_drop as pipeline
from crossdock.database import postgres
postgres.TIMEOUTS_MS = {timeouts}
real = pipeline.merge
def frozen(*given):
    real(*given)
    print("frozen", flush=True)
    sys.stdin.readline()
pipeline.merge = frozen
"""


def started(
    path: Path, folder: Path, url: str, batch_bytes: int, *, stepwise: bool = True, code: str = CHILD
) -> subprocess.Popen[str]:
    """An import in a process of its own; stepwise it waits after each batch until ``go_on`` lets it do the next."""
    command = [sys.executable, "-c", code, str(path), str(folder / "partners"), url, str(batch_bytes)]
    waits = subprocess.PIPE if stepwise else subprocess.DEVNULL
    return subprocess.Popen(command, stdin=waits, stdout=subprocess.PIPE, text=True, cwd=ROOT, start_new_session=True)


def go_on(child: subprocess.Popen[str]) -> None:
    assert child.stdin is not None
    child.stdin.write("\n")
    child.stdin.flush()


def lines_until(child: subprocess.Popen[str], enough: Callable[[str], bool]) -> None:
    """Read what it prints and let it continue, until it prints what is waited for."""
    assert child.stdout is not None
    for line in child.stdout:
        if enough(line):
            return
        go_on(child)
    raise AssertionError("it ended before")


def reached(documents: int) -> Callable[[str], bool]:
    return lambda line: int(line.split()[0]) >= documents


def killed(child: subprocess.Popen[str]) -> None:
    os.killpg(child.pid, signal.SIGKILL)
    child.communicate()


def killed_and_continued(url: str, folder: Path, lines: int, kills: int) -> None:
    path = folder / "orders.csv"
    documents = write(path, lines)
    feed(folder)
    batch_bytes = path.stat().st_size // 20
    chance = random.Random(7)
    for round_ in range(kills):
        child = started(path, folder, url, batch_bytes)
        lines_until(child, reached(1 + documents * (round_ + 1) // (kills + 2)))
        go_on(child)
        time.sleep(chance.random() * 0.05)  # anywhere in the next batch, or after it
        killed(child)
    database = connect(url)
    warehouse = Warehouse(database, folder)
    (before,) = queries.recent(database, 10)
    assert before.verdict is None
    assert 0 < before.processed < documents
    result = warehouse.run(path, feed(folder), batch_bytes=batch_bytes)
    assert result.job == before.job_id
    assert len(queries.recent(database, 10)) == 1
    assert result.report.documents.unchanged == 0
    assert result.report.progress.processed == documents
    books = result.report.books
    assert warehouse.rows("SELECT count(*) FROM sales_order_lines") == [(books.loaded,)]
    assert warehouse.rows(f"SELECT count(DISTINCT line) FROM sales_order_lines WHERE job = '{result.job}'") == [
        (books.loaded,)
    ]
    assert warehouse.rows("SELECT count(*) FROM job_failures WHERE severity = 'error'") == [(books.failed,)]
    again = warehouse.run(path, feed(folder))
    assert (again.report.books.loaded, again.report.books.unchanged) == (0, books.loaded)
    database.close()


@pytest.mark.both(slow=True)
def test_a_killed_import_goes_on_after_its_last_committed_batch(database_url: str, tmp_path: Path) -> None:
    killed_and_continued(database_url, tmp_path, 4_000, 1)


@pytest.mark.both
@pytest.mark.slow
def test_many_kills(database_url: str, tmp_path: Path) -> None:
    killed_and_continued(database_url, tmp_path, 100_000, 8)


@pytest.mark.both(slow=True)
def test_a_killed_import_starts_anew_where_its_feed_was_edited(database_url: str, tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    documents = write(path, 4_000)
    feed(tmp_path)
    child = started(path, tmp_path, database_url, path.stat().st_size // 20)
    lines_until(child, reached(documents // 4))
    killed(child)
    database = connect(database_url)
    warehouse = Warehouse(database, tmp_path)
    (before,) = queries.recent(database, 10)
    result = warehouse.run(path, feed(tmp_path, 'hold = "line"'))
    assert result.job == before.job_id
    assert result.report.documents.unchanged > 0
    assert result.report.progress.processed == documents
    database.close()


@pytest.mark.both
def test_a_worker_that_was_overtaken_cannot_commit(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """The token is another's when the fence is reached: the batch leaves nothing behind."""
    path = warehouse.home / "orders.csv"
    write(path, 300)
    real = warehouse.database.dialect.stage

    def overtaken(connection: Any, writes: object) -> object:
        staged = real(connection, writes)
        connection.exec_driver_sql("UPDATE job_shares SET token = 'another'")
        return staged

    with monkeypatch.context() as patch:
        patch.setattr(warehouse.database.dialect, "stage", overtaken)
        with pytest.raises(Outage, match="taken over"):
            warehouse.run(path)
    assert warehouse.stored() == ([], [])
    (row,) = queries.recent(warehouse.database, 5)
    assert (row.processed, row.verdict) == (0, None)


@pytest.mark.both
def test_a_second_import_of_the_same_file_takes_the_job_over(warehouse: Warehouse) -> None:
    """The first one's next batch finds another's token; the second finishes the job."""
    path = warehouse.home / "orders.csv"
    documents = write(path, 3_000)
    of = warehouse.feed()
    second: list[Result] = []

    def watch(at: Progress) -> None:
        if at.processed and not second:
            second.append(warehouse.run(path, of, batch_bytes=path.stat().st_size // 10))

    terms = Terms(TODAY, path.stat().st_size // 10)
    with pytest.raises(Outage, match="taken over"):
        import_drop(drop_of(path, of), warehouse.database, watch=watch, inputs=terms)
    assert second[0].report.progress.processed == documents
    assert len(queries.recent(warehouse.database, 5)) == 1
    assert warehouse.rows("SELECT count(*) FROM sales_order_lines") == [(second[0].report.books.loaded,)]


def test_a_frozen_worker_that_sits_on_locks_is_ended_by_its_successor(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Frozen behind the fence, inside its transaction: PostgreSQL's session goes, the successor is in at once.

    No timeout of the server helps it: whoever sits idle in a transaction may, and who waits for locks fails in the end.
    """
    timeouts = {"lock_timeout": int(PATIENCE * 1000), "idle_in_transaction_session_timeout": 0}
    monkeypatch.setattr(postgres, "TIMEOUTS_MS", timeouts)
    path = tmp_path / "orders.csv"
    documents = write(path, 3_000)
    of = feed(tmp_path)
    code = CHILD.replace("import_drop(drop_of", FREEZE.format(timeouts=timeouts) + "import_drop(drop_of")
    with ended(started(path, tmp_path, postgres_url, 1 << 15, code=code)) as child:
        lines_until(child, lambda line: line.startswith("frozen"))
        os.killpg(child.pid, signal.SIGSTOP)
        database = connect(postgres_url)
        result = Warehouse(database, tmp_path).run(path, of, batch_bytes=1 << 15)
        assert result.report.progress.processed == documents
        os.killpg(child.pid, signal.SIGCONT)
        child.communicate(timeout=PATIENCE)
        assert child.returncode != 0
    stored = Warehouse(database, tmp_path).rows("SELECT count(*) FROM sales_order_lines")
    assert stored == [(result.report.books.loaded,)]
    database.close()


PEAK = """
status = dict(each.split(":", 1) for each in open("/proc/self/status"))
print("peak", status["VmHWM"].split()[0])
"""
"""Prints the peak of a process in KB. What getrusage says begins with the peak of the process that has started it."""


@pytest.mark.slow
@pytest.mark.parametrize("scattered", [False, True])
def test_memory_stays_flat_as_files_grow(tmp_path: Path, scattered: bool) -> None:
    """The peak for 1,000,000 lines is at most 1.3 times that for 200,000, and under 600 MB."""
    peaks = {}
    feed(tmp_path)
    for lines in (200_000, 1_000_000):
        path = tmp_path / f"orders_{lines}.csv"
        call = f"from bench.orders import write; from pathlib import Path; write(Path({str(path)!r}), {lines}, scattered={scattered})"
        subprocess.run([sys.executable, "-c", call], check=True, cwd=ROOT)
        code = CHILD + PEAK
        url = f"sqlite:///{tmp_path / f'{lines}.db'}"
        command = [sys.executable, "-c", code, str(path), str(tmp_path / "partners"), url, str(16 << 20)]
        done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT, stdin=subprocess.DEVNULL)
        peaks[lines] = int(done.stdout.split()[-1]) // 1024
    assert peaks[1_000_000] <= 1.3 * peaks[200_000], peaks
    assert peaks[1_000_000] < 600, peaks
