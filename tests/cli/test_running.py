"""What runs, at a glance: status, jobs --follow, resume, deliver; logs for machines."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import update

from crossdock.database.tables import OUTBOX
from crossdock.flows.programs.server import ended
from crossdock.intake.drop_folders import scan
from crossdock.jobs import leases
from crossdock.scratch import LOCK
from tests.commands import crossdock
from tests.partner import serving
from tests.patience import PATIENCE, until
from tests.rights import ME, let_rights_bite
from tests.warehouse import SKU, Warehouse, csv

pytestmark = pytest.mark.slow

AGO = re.compile(r"just now|\d+ min ago")


CLEAN = Path(__file__).parents[2] / "data" / "samples" / "sales_orders_clean.csv"


def now(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return crossdock(*words, CROSSDOCK_SETTLE_SECONDS="0", **environment)


def test_status_tells_today_and_what_needs_somebody(warehouse: Warehouse) -> None:
    assert now("status").stdout == "nothing came yet\n"
    warehouse.drop("orders_1.csv", csv("SO-1,1,AB,5", "SO-2,1,AB,x"))
    warehouse.drop("orders_2.csv", "nonsense\n")
    now("inbox", "--quiet")
    warehouse.drop("orders_3.csv.part", "x")
    warehouse.partner("calm", top='mode = "paused"')
    warehouse.drop("orders_4.csv", partner="calm")
    now("inbox", "--quiet")
    done = now("status")
    assert done.returncode == 0
    heading, _, acme, *rest = done.stdout.splitlines()
    assert heading.split() == [
        "Partner", "Sent", "Imported", "On", "hold", "Drops", "Rejected", "Waiting", "Running", "Last", "drop"
    ]  # fmt: skip
    assert acme.split()[:9] == ["acme", "2", "1", "1", "2", "1", "0", "0", "orders_2.csv,"]
    assert AGO.fullmatch(" ".join(acme.split()[9:]))
    one, other = json.loads("[" + ",".join(now("jobs", "--json").stdout.splitlines()) + "]")
    (workbook,) = warehouse.home.glob("archive/*/*/*.fix.xlsx")
    assert rest[:4] == [
        "On hold (1), the newest first:",
        f"  {other['jobId']}  acme, orders_1.csv: SO-2; fix-workbook: {workbook.relative_to(warehouse.home)}",
        "Rejected, and not in since (1), the newest first:",
        f"  {one['jobId']}  acme, orders_2.csv: {one['refused']}",
    ]
    rest = rest[4:]
    where, _, since = rest[-1].partition(" since ")
    waits = f"  {warehouse.home}/inbox/calm/orders_4.csv waits for calm, which is paused,"
    assert (rest[:-1], where) == (["In the drop folders:"], waits)
    assert re.fullmatch(r"\d\d:\d\d \+00:00", since)
    assert acme == now("status", "--hours", "1").stdout.splitlines()[2]


def test_what_waits_is_named_with_its_reason_and_what_cannot_be_read_ends_with_1(warehouse: Warehouse) -> None:
    """``inbox`` and ``status`` say the same: the owner and the mode, the file that is waited for, since when."""
    warehouse.partner("acme", keys='done_file = "{name}.done"')
    warehouse.partner("calm", top='mode = "paused"')
    inbox = warehouse.home / "inbox"
    warehouse.drop("orders_7.csv")
    warehouse.drop("orders_8.csv.done", "")
    for name in ("sku_1.csv", "sku_2.csv"):
        warehouse.drop(name, csv("AB,Band,Band,Y,4006381333931", header=SKU))
    (inbox / "acme" / "sku_1.csv").chmod(0)
    waits = [
        f"{inbox}/acme/orders_7.csv waits for orders_7.csv.done since HH:MM +05:45",
        f"{inbox}/acme/orders_8.csv.done waits for its file since HH:MM +05:45",
    ]
    unreadable = f"{inbox}/acme/sku_1.csv can't be read: it belongs to {ME}, mode 000"

    def ruled(word: str, quiet: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
        settings = {"CROSSDOCK_SETTLE_SECONDS": "0", "CROSSDOCK_ZONE": "Asia/Kathmandu"}
        return subprocess.run([sys.executable, "-m", "crossdock", word, *quiet], capture_output=True, text=True,
                              check=False, env=os.environ | settings, preexec_fn=let_rights_bite)  # fmt: skip

    done = ruled("inbox", ("--quiet",))
    assert done.returncode == 1, done.stderr
    assert "sku_2.csv" in done.stdout
    lines = re.sub(r"\d\d:\d\d \+", "HH:MM +", done.stderr).splitlines()
    assert sorted(lines) == sorted([*waits, unreadable])
    done = ruled("status")
    lines = re.sub(r"\d\d:\d\d \+", "HH:MM +", done.stdout).splitlines()
    assert (done.returncode, sorted(lines[-5:])) == (
        1, sorted(["Can't be read, or not be taken:", f"  {unreadable}", "In the drop folders:", *(f"  {each}" for each in waits)])
    )  # fmt: skip
    (inbox / "acme" / "sku_1.csv").unlink()
    done = ruled("inbox")
    assert (done.returncode, done.stdout) == (0, f"nothing was taken from {inbox}\n")
    assert ruled("status").returncode == 0


@pytest.mark.slow
def test_inbox_waits_for_the_time_that_it_announces(warehouse: Warehouse) -> None:
    warehouse.drop("orders_1.csv")
    done = crossdock("inbox", CROSSDOCK_SETTLE_SECONDS="9")
    assert done.stderr == "1 not complete yet: 9 s to wait\n"
    assert "accepted  orders_1.csv" in done.stdout


def test_an_archive_says_what_was_in_it(warehouse: Warehouse, tmp_path: Path) -> None:
    path = tmp_path / "orders.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("orders_1.csv", csv("SO-1,1,AB,5"))
        archive.writestr("orders_2.csv", csv("SO-2,1,AB,x"))
    done = now("import", str(path), "--quiet")
    assert done.returncode == 4
    assert "accepted  orders.zip: unpacked: 2 files" in done.stdout
    done = now("import", str(path))
    assert [line.split(":")[1].split()[1:] for line in done.stdout.splitlines() if line.startswith("besides: ")] == [
        ["accepted", "orders_1.csv"],
        ["rejected", "orders_2.csv"],
    ]


@pytest.mark.slow
def test_a_check_of_an_archive_says_what_an_import_of_it_says(warehouse: Warehouse, tmp_path: Path) -> None:
    """In words, as JSON, in one line, by its exit code; what was unpacked to be checked is gone."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    path = tmp_path / "pack.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("orders_1.csv", csv("SO-1,1,AB,5", "SO-2,1,AB,x"))
        archive.writestr("nobodys.txt", "x")
    before = {each for each in tmp_path.rglob("*") if each.is_file()}
    outputs = {}
    for flag in ((), ("--json",), ("--quiet",)):
        done = now("check", str(path), *flag, TMPDIR=str(scratch))
        assert (done.returncode, done.stderr) == (4, "")
        outputs[flag] = done.stdout
    left = {each for each in tmp_path.rglob("*") if each.is_file()} - before
    assert {each.name for each in left} <= {LOCK}  # a forked process doesn't end like one of its own
    for flag, checked in outputs.items():
        done = now("import", str(path), *flag)
        shown = re.sub(r"\b\d{6}-[0-9A-Z]{10}(-\w\w)?( {2})?|^ {2}job .*\n", "", done.stdout, flags=re.MULTILINE)
        shown = re.sub(
            r"^ {2}reports: .*$", "  nothing was written: this is what an import would do", shown, flags=re.MULTILINE
        )
        assert done.returncode == 4
        assert shown == checked
    assert outputs[()].splitlines()[-2:] == [
        "besides: partly failed  orders_1.csv: documents 1 inserted, 1 on hold; lines 2 read = 1 loaded + 1 failed",
        "besides: rejected  nobodys.txt: no feed claims a file named nobodys.txt: acme/sales_order claims orders*; acme/sku claims sku*; send it under such a name, or add its name to the `files` of its feed",
    ]


@pytest.mark.slow
def test_an_import_of_several_files_goes_on_after_one_that_another_process_has(warehouse: Warehouse) -> None:
    documents = warehouse.wordy("orders_long.csv", 64)
    long, short = warehouse.home / "orders_long.csv", warehouse.home / "orders_short.csv"
    (warehouse.home / "inbox" / "acme" / "orders_long.csv").rename(long)
    short.write_text(csv("SHORT-1,1,AB,5"))
    command = [sys.executable, "-m", "crossdock", "import", "--quiet", "--feed", "acme/sales_order"]
    first = subprocess.Popen([*command, str(long), str(short)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             text=True, env={**os.environ}, start_new_session=True)  # fmt: skip
    with ended(first):
        while not any(job.worker for job in warehouse.jobs()):
            time.sleep(0.05)
        second = now("import", str(long), "--feed", "acme/sales_order", "--quiet")
        out, err = first.communicate(timeout=PATIENCE)
    assert second.returncode == 0, second.stderr
    assert f"documents {documents:,} inserted" in second.stdout
    assert first.returncode == 1
    assert f"{long}: job" in err
    assert "was taken over by another worker" in err
    assert "accepted  orders_short.csv: documents 1 inserted" in out


def test_an_import_that_is_interrupted_waits_until_it_is_resumed(warehouse: Warehouse) -> None:
    documents = warehouse.wordy("orders_long.csv", 48)
    path = warehouse.home / "orders_long.csv"
    (warehouse.home / "inbox" / "acme" / "orders_long.csv").rename(path)
    words = [sys.executable, "-m", "crossdock", "jobs", "--follow"]
    follow = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env={**os.environ}, start_new_session=True)
    command = [sys.executable, "-m", "crossdock", "import", str(path), "--feed", "acme/sales_order"]
    running = subprocess.Popen(command, env={**os.environ}, stderr=subprocess.PIPE, text=True, start_new_session=True)
    with ended(follow):
        assert follow.stdout is not None
        line = next(line for line in follow.stdout if "a second" in line)
    assert "a second, done about" in line
    assert "last sign of life" in line
    assert f"of {documents:,} documents" in line
    running.send_signal(signal.SIGINT)
    _, errors = running.communicate(timeout=PATIENCE)
    assert running.returncode == 130, errors
    (job,) = [json.loads(each) for each in now("jobs", "--json").stdout.splitlines()]
    assert (job["verdict"], job["parked"]) == (None, "stopped by hand")
    assert 0 < job["progress"]["processed"] < documents
    done = now("status")
    assert done.returncode == 1
    assert f"  {job['jobId']}  orders_long.csv: stopped by hand" in done.stdout
    done = now("inbox")
    assert (done.returncode, done.stdout[:22]) == (1, "nothing was taken from"), "a person lets it continue"
    assert f"  {job['jobId']}  orders_long.csv: stopped by hand" in done.stderr
    assert now("resume", job["jobId"]).stdout.startswith(f"{job['jobId']} continues with the next worker")
    done = now("inbox")
    assert f"{job['jobId']}  accepted  orders_long.csv: documents {documents:,} inserted, 0 on hold" in done.stdout
    for words, sentence in ((["resume", job["jobId"]], "was not set aside"), (["resume", "X"], "there is no job X")):
        done = now(*words)
        assert done.returncode == 2
        assert sentence in done.stderr


def test_answers_that_cannot_go_out_are_said_and_sent_later(warehouse: Warehouse) -> None:
    with serving() as partner:
        partner.answer = 500
        warehouse.partner(keys='answer = ["post"]', after=f'\n[post]\nurl = "{partner.url}"\n')
        warehouse.drop("orders_1.csv")
        hosts = {"CROSSDOCK_POST_HOSTS": '["127.0.0.1"]'}
        done = now("inbox", **hosts)
        assert done.returncode == 0
        assert "not answered yet: acme, job " in done.stderr
        assert "500 Internal Server Error: so it is; it is tried again" in done.stderr
        with warehouse.database.writing() as connection:  # the pause is one of seconds
            connection.execute(update(OUTBOX).values(next_at=datetime.now(UTC) + timedelta(minutes=30)))
        assert now("deliver", **hosts).stdout == "nothing is due; 1 wait for their next attempt\n"
        partner.answer = 204
        done = now("deliver", "--again", "--partner", "acme", **hosts)
        assert done.stdout.endswith("by post: 204 No Content\n")
        assert now("deliver", **hosts).stdout == "nothing is due\n"
        assert now("deliver", "--partner", "nobody").returncode == 2


def test_logs_are_json_with_the_job_on_request(warehouse: Warehouse) -> None:
    warehouse.drop("orders_1.csv")
    warehouse.drop("orders_2.csv", "nonsense\n")
    assert now("inbox").stderr == ""
    warehouse.drop("orders_3.csv")
    done = now("inbox", CROSSDOCK_LOG="json")
    entries = [json.loads(line) for line in done.stderr.splitlines()]
    (job,) = {each["jobId"] for each in entries}
    assert job in done.stdout
    assert next(each["message"] for each in entries) == "orders_3.csv: ACCEPTED"
    assert all(set(each) >= {"time", "level", "jobId", "message"} for each in entries)


def test_a_follower_of_one_job_ends_with_it(warehouse: Warehouse) -> None:
    warehouse.drop("orders_1.csv", csv("SO-1,1,AB,x"))
    now("inbox")
    (job,) = [json.loads(each)["jobId"] for each in now("jobs", "--json").stdout.splitlines()]
    done = now("jobs", job, "--follow")
    assert done.returncode == 4
    assert done.stdout.startswith(f"{job}  rejected  orders_1.csv")
    done = now("jobs", "X", "--follow")
    assert (done.returncode, "there is no job X" in done.stderr) == (2, True)


def test_times_are_shown_in_the_zone_of_the_settings_and_json_has_an_offset(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    zone = {"CROSSDOCK_ZONE": "Asia/Kolkata"}
    shown = r"\d{4}-\d\d-\d\d \d\d:\d\d \+05:30"
    for quantity in ("5", "6"):
        warehouse.drop(f"orders_{quantity}.csv", csv(f"SO-1,1,AB,{quantity}", "SO-2,1,AB,x"))
        now("inbox", **zone)
    assert len(re.findall(rf"^{shown} ", now("jobs", **zone).stdout, re.MULTILINE)) == 2
    assert re.search(
        rf"^  {shown}  changed ", now("show", "sales_order", "SO-1", "--history", **zone).stdout, re.MULTILINE
    )
    assert re.search(rf"acknowledgedAt: {shown}$", now("show", "sales_order", "SO-1", **zone).stdout, re.MULTILINE)
    newest, _ = [json.loads(each) for each in now("jobs", "--json", **zone).stdout.splitlines()]
    times = [datetime.fromisoformat(newest[name]) for name in ("receivedAt", "finishedAt")]
    assert all(each.tzinfo is not None for each in times)
    path = tmp_path / "fix.xlsx"
    now("report", newest["jobId"], "--format", "xlsx", "-o", str(path), **zone)
    workbooks = [path, *(warehouse.home / "outbox" / "acme").glob(f"*{newest['jobId']}.fix.xlsx")]
    assert len(workbooks) == 2
    for each in workbooks:
        cells = [cell for row in openpyxl.load_workbook(each).worksheets[0].iter_rows(values_only=True) for cell in row]
        assert re.fullmatch(shown, cells[cells.index("Received") + 1])


def test_the_line_of_an_answer_is_one_line_whatever_the_file_is_called(tmp_path: Path) -> None:
    path = tmp_path / "orders_1\nrejected  other.csv"
    path.write_text("nonsense\n", encoding="utf-8")
    lines = crossdock("import", str(path), "--quiet", CROSSDOCK_HOME=str(tmp_path / "home")).stdout.splitlines()
    assert len(lines) == 1
    assert "orders_1\\nrejected  other.csv: " in lines[0]


def test_the_inbox_is_imported_also_where_its_log_can_not_be_written(warehouse: Warehouse) -> None:
    """The disk of the log is full: only the first file was imported, every night."""
    for name in ("orders_1.csv", "orders_2.csv"):
        warehouse.drop(name)
    command = [sys.executable, "-m", "crossdock", "inbox"]
    environment = os.environ | {"CROSSDOCK_SETTLE_SECONDS": "0"}
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, env=environment, stdout=full, stderr=subprocess.PIPE, check=False, text=True)
    assert done.returncode == 1
    assert done.stderr == "crossdock: not all of the output could be written: No space left on device\n"
    assert [row.verdict for row in warehouse.jobs()] == ["ACCEPTED", "ACCEPTED"]


def test_inbox_names_the_jobs_that_it_leaves(warehouse: Warehouse) -> None:
    """A full disk was emptied, the inbox started again: "nothing waits", and it was green."""
    warehouse.drop("orders_1.csv")
    scan(warehouse.site)
    worker = leases.enter(warehouse.database, "elsewhere 1", "inbox", "")
    taken = leases.take(warehouse.database, worker, warehouse.site.limits)
    assert taken is not None
    leases.put_off(warehouse.database, taken.lease, "no space left", timedelta(minutes=5))
    done = now("inbox")
    assert (done.returncode, done.stdout) == (1, f"nothing was taken from {warehouse.home / 'inbox'}\n")
    heading, line = done.stderr.splitlines()
    assert heading == "Tried again soon; at once after 'crossdock resume JOB':"
    assert line.startswith(f"  {taken.lease.job}  orders_1.csv: no space left, at ")
    now("resume", taken.lease.job)
    done = now("inbox")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_file_is_imported_also_where_a_standard_stream_is_closed(warehouse: Warehouse, closed: str) -> None:
    """As some schedulers start a command: each ended in an error of ours, and the database's file had the number of the
    stream.
    """
    path = warehouse.drop("orders_1.csv")
    shell = f'exec "$0" -m crossdock import "$1" {closed}'
    done = subprocess.run(["sh", "-c", shell, sys.executable, str(path)], capture_output=True, check=False, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert [row.verdict for row in warehouse.jobs()] == ["ACCEPTED"]


def test_a_database_that_was_lost_is_said_before_it_is_filled_anew(tmp_path: Path) -> None:
    clean = ("import", "--feed", "house/sales_order", str(CLEAN))
    spoken = [now(*clean).stderr, now(*clean).stderr]
    (database,) = (tmp_path / "home").glob("*.db")
    database.rename(tmp_path / "elsewhere.db")
    spoken.append(now(*clean).stderr)
    assert ["the database has no job" in each for each in spoken] == [False, False, True]


def test_a_home_folder_that_is_not_the_databases_is_said(tmp_path: Path) -> None:
    """Its share is not mounted: the folder below is empty, and all would be filed into it."""
    clean = ("import", "--feed", "house/sales_order", str(CLEAN))
    own = {"CROSSDOCK_DATABASE_URL": f"sqlite:///{tmp_path / 'house.db'}"}
    spoken = [now(*clean, **own).stderr, now(*clean, **own).stderr]
    (tmp_path / "home").rename(tmp_path / "elsewhere")
    spoken += [now("inbox", **own).stderr, now(*clean, **own).stderr, now(*clean, **own).stderr]
    assert ["is its share mounted?" in each for each in spoken] == [False, False, True, True, False]


def test_an_inbox_whose_terminal_is_closed_leaves_no_worker(warehouse: Warehouse) -> None:
    """It died at once, and nobody could continue its job before its lease had ended."""
    warehouse.drop("orders_1.csv", csv("SO-1,1,AB,5"))
    words = [sys.executable, "-m", "crossdock", "inbox"]
    environment = {**os.environ, "CROSSDOCK_SETTLE_SECONDS": "3600"}
    with subprocess.Popen(words, env=environment, stderr=subprocess.PIPE, text=True) as waiting:
        assert waiting.stderr is not None
        assert "1 not complete yet" in waiting.stderr.readline()
        (worker,) = until(lambda: leases.workers(warehouse.database))
        waiting.send_signal(signal.SIGHUP)
        assert waiting.wait(PATIENCE) == 0
    assert (worker.kind, leases.workers(warehouse.database)) == ("inbox", [])
