"""The command line as a person or a script uses it: real processes, real exit codes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from tests.commands import crossdock
from tests.patience import PATIENCE
from tests.samples import thinned
from tests.warehouse import HEADER, csv

GOOD = csv("SO-1,1,AB,5,S1", header=f"{HEADER},shipTo.locationId")
BAD = csv("SO-1,1,AB,5,S1", "SO-2,1,AB,x,S1", header=f"{HEADER},shipTo.locationId")
WORST = csv("SO-2,1,AB,x,S1", header=f"{HEADER},shipTo.locationId")
ACK = {
    "type": "object",
    "additionalProperties": False,
    "required": ["data"],
    "properties": {
        "data": {
            "type": "object",
            "additionalProperties": False,
            "required": ["jobId", "status", "failedOrders", "progress"],
            "properties": {
                "jobId": {"type": "string", "maxLength": 20},
                "status": {"enum": ["RECEIVED", "IN_PROGRESS", "COMPLETED", "COMPLETED_WITH_ERRORS", "FAILED"]},
                "failedOrders": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "additionalProperties": False,
                        "required": ["customerOrderNumber", "message", "lines"],
                        "properties": {
                            "customerOrderNumber": {"type": "string"},
                            "message": {"type": "string", "minLength": 1},
                            "lines": {
                                "type": "array",
                                "items": {
                                    "type": "object",
                                    "additionalProperties": False,
                                    "required": ["customerLineNumber", "message"],
                                    "properties": {
                                        "customerLineNumber": {"type": "string"},
                                        "message": {"type": "string", "minLength": 1},
                                    },
                                },
                            },
                        },
                    },
                },
                "progress": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["processed", "total"],
                    "properties": {"processed": {"type": "integer"}, "total": {"type": "integer"}},
                },
            },
        }
    },
}
"""The acknowledgement of the warehouse API (contract A9, wms.md §3.1)."""


@pytest.fixture
def drops(tmp_path: Path) -> Path:
    for name, content in (("good", GOOD), ("bad", BAD), ("worst", WORST), ("empty", "")):
        (tmp_path / f"orders_{name}.csv").write_text(content)
    return tmp_path


ORDERED = """
id = "acme"
zone = "UTC"
business_units = ["BU1"]
[[feed]]
document = "sales_order"
files = "so*"
constants = { businessUnitId = "BU1", "shipTo.locationId" = "S1" }
"""


@pytest.mark.parametrize("command", ["import", "check"])
@pytest.mark.parametrize(
    ("order", "named", "turns"),
    [('order = "name"', ["so_1", "so_10", "so_2"], ["so_1", "so_2", "so_10"]),
     ('order = "name"', ["so_10", "good", "so_2"], ["so_2", "good", "so_10"]),
     ('order = "%d%m%y"', ["so_010226", "so_none", "so_310126"], ["so_310126", "so_010226", "so_none"]),
     ('order = "arrival"', ["so_1", "so_10", "so_2"], ["so_1", "so_10", "so_2"]),
     ("", ["so_1", "so_10", "so_2"], ["so_1", "so_10", "so_2"])],
)  # fmt: skip
def test_files_named_together_come_in_the_order_that_their_feed_says(
    drops: Path, command: str, order: str, named: list[str], turns: list[str]
) -> None:
    (drops / "partners").mkdir()
    (drops / "partners" / "acme.toml").write_text(ORDERED + order, encoding="utf-8")
    for name in named:
        (drops / f"{name}.csv").write_text(csv(f"SO-1,1,AB,{len(name)}"))
    named_files = [f"{name}.csv" for name in named]
    ended = crossdock(command, *named_files, "--quiet", cwd=drops, CROSSDOCK_HOME=str(drops))
    assert list(dict.fromkeys(re.findall(r"(\w+)\.csv", ended.stdout))) == turns, ended.stderr


@pytest.mark.parametrize("command", ["import", "check"])
def test_a_fix_workbook_has_the_place_of_the_file_that_it_corrects(drops: Path, command: str) -> None:
    (drops / "partners").mkdir()
    (drops / "partners" / "acme.toml").write_text(ORDERED + 'order = "name"', encoding="utf-8")
    (drops / "so_1.csv").write_text(csv("SO-1,1,AB,5"))
    (drops / "so_2.csv").write_text(csv("SO-1,1,AB,x"))
    (drops / "so_10.csv").write_text(csv("SO-1,1,AB,7"))
    home = {"CROSSDOCK_HOME": str(drops)}
    job = crossdock("import", "so_2.csv", "--quiet", cwd=drops, **home).stdout.split()[0]
    fix = crossdock("report", job, "--format", "xlsx", "-o", "fix_99.xlsx", cwd=drops, **home)
    assert fix.returncode == 0, fix.stderr
    ended = crossdock(command, "fix_99.xlsx", "so_10.csv", "so_1.csv", "--quiet", cwd=drops, **home)
    turns = list(dict.fromkeys(re.findall(r"(\w+)\.(?:csv|xlsx)", ended.stdout)))
    assert turns == ["so_1", "fix_99", "so_10"], ended.stderr


@pytest.mark.parametrize(
    ("names", "code"),
    thinned(("good bad", 3), ("good", 0), ("bad", 3), ("bad worst good", 4), ("worst", 4), ("empty", 4)),
)
def test_the_exit_code_is_the_worst_verdict(drops: Path, names: str, code: int) -> None:
    paths = [str(drops / f"orders_{name}.csv") for name in names.split()]
    assert crossdock("import", *paths, "--quiet").returncode == code
    assert crossdock("check", *paths, "--quiet").returncode == code


def test_json_prints_one_acknowledgement_a_line_and_nothing_else(drops: Path) -> None:
    paths = [str(drops / f"orders_{name}.csv") for name in ("good", "bad", "empty")]
    for verb in ("check", "import"):
        done = crossdock(verb, *paths, "--json")
        answers = [json.loads(line) for line in done.stdout.splitlines()]
        assert len(answers) == 3
        for answer in answers:
            jsonschema.validate(answer, ACK)
        assert [bool(answer["data"]["jobId"]) for answer in answers] == [verb == "import"] * 3
        assert done.stderr == ""


def test_a_drop_for_two_business_units_is_answered_twice(drops: Path) -> None:
    path = drops / "orders_two.csv"
    path.write_text(
        csv("BU1,SO-1,1,AB,5,S1", "BU2,SO-1,1,AB,5,S1", header=f"businessUnitId,{HEADER},shipTo.locationId")
    )
    done = crossdock("import", str(path), "--json")
    assert len(done.stdout.splitlines()) == 2
    outbox = sorted((drops / "home" / "outbox" / "house").iterdir())
    assert [each.name.split(".")[-3:] for each in outbox] == [["BU1", "ack", "json"], ["BU2", "ack", "json"]]


def test_import_files_a_copy_with_its_reports_and_leaves_the_file(drops: Path) -> None:
    path = drops / "orders_bad.csv"
    before = path.stat()
    done = crossdock("import", str(path))
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    (job,) = [json.loads(line) for line in crossdock("jobs", "--json").stdout.splitlines()]
    (folder,) = (drops / "home" / "archive").glob(f"*/{job['jobId']}")
    assert {each.name.replace(job["jobId"], "JOB") for each in folder.iterdir()} == {
        "orders_bad.csv",
        "orders_bad.csv.JOB.ack.json",
        "orders_bad.csv.JOB.report.json",
        "orders_bad.csv.JOB.report.txt",
        "orders_bad.csv.JOB.failures.csv",
        "orders_bad.csv.JOB.fix.xlsx",
    }
    answer, fix = sorted((drops / "home" / "outbox" / "house").iterdir())
    assert answer.name == f"orders_bad.csv.{job['jobId']}.ack.json"
    assert fix.read_bytes() == (folder / f"orders_bad.csv.{job['jobId']}.fix.xlsx").read_bytes()
    jsonschema.validate(json.loads(answer.read_text()), ACK)
    assert crossdock("report", job["jobId"], "--format", "ack").stdout.strip() == answer.read_text()
    assert crossdock("report", job["jobId"], "--format", "text").stdout in done.stdout
    out = drops / "full.json"
    assert crossdock("report", job["jobId"], "--format", "json", "-o", str(out)).returncode == 0
    assert json.loads(out.read_text())["data"]["failures"][0]["code"] == "not_a_number"
    assert "read = " in crossdock("jobs", job["jobId"]).stdout


def test_what_is_rejected_is_filed_apart(drops: Path) -> None:
    crossdock("import", str(drops / "orders_worst.csv"), "--quiet")
    assert list((drops / "home" / "rejected").glob("*/*/orders_worst.csv"))


def test_a_check_creates_nothing(drops: Path) -> None:
    before = sorted(drops.iterdir())
    assert crossdock("check", str(drops / "orders_good.csv"), "--quiet").returncode == 0
    assert sorted(drops.iterdir()) == before
    assert crossdock("jobs").stdout == "nothing was imported yet\n"
    assert sorted(drops.iterdir()) == before


def test_what_lies_where_nobody_looks_is_named(drops: Path) -> None:
    """A folder inside a partner's, a file beside them; a folder of a partner that nobody knows."""
    inbox = drops / "home" / "inbox"
    for folder in ("house/sub", "nobody"):
        (inbox / folder).mkdir(parents=True)
    for name in ("house/sub/orders.csv", "loose.csv", "nobody/orders.csv"):
        (inbox / name).write_text("x")
    done = crossdock("inbox", CROSSDOCK_SETTLE_SECONDS="0")
    assert "house/sub is a folder inside a partner's: it is not imported" in done.stderr
    assert "loose.csv is in no partner's folder: it is not imported" in done.stderr
    assert "nobody/orders.csv can't be taken: there is no partner 'nobody'; there are: house, " in done.stderr
    assert (inbox / "nobody" / "orders.csv").exists()
    assert done.stderr.count("loose.csv") == 1
    status = crossdock("status").stdout
    assert "loose.csv is in no partner's folder: it is not imported, and lies there since" in status
    assert "house/sub is a folder inside a partner's: it is not imported, and lies there since" in status
    (inbox / "loose.csv").unlink()
    crossdock("inbox", CROSSDOCK_SETTLE_SECONDS="0")
    assert "loose.csv" not in crossdock("status").stdout


def test_reports_of_every_form_lie_where_they_are_asked_for(drops: Path) -> None:
    crossdock("import", str(drops / "orders_bad.csv"))
    (job,) = [json.loads(line) for line in crossdock("jobs", "--json").stdout.splitlines()]
    for form in ("csv", "xlsx"):
        target = drops / f"out.{form}"
        assert crossdock("report", job["jobId"], "--format", form, "-o", str(target)).returncode == 0
        assert target.read_bytes()[:2] in (b"PK", b"\xef\xbb")
        assert crossdock("report", job["jobId"], "--format", form, "-o", str(drops)).returncode == 2
    listed = (drops / "out.csv").read_text(encoding="utf-8-sig").splitlines()
    assert listed[0] == "fileLine,document,lineNumber,column,value,code,message,severity"
    good = crossdock("import", str(drops / "orders_good.csv"), "--json")
    number = json.loads(good.stdout)["data"]["jobId"]
    refused = crossdock("report", number, "--format", "xlsx", "-o", str(drops / "none.xlsx"))
    assert (refused.returncode, refused.stderr) == (
        2, f"crossdock: job {number} has no fix-workbook: every document is imported\n",
    )  # fmt: skip
    assert not list(drops.glob("*.part"))


def test_a_template_overwrites_nothing(drops: Path) -> None:
    path = drops / "sales_order.xlsx"
    assert crossdock("template", "sales_order", "-o", str(path)).returncode == 0
    again = crossdock("template", "sales_order", "-o", str(path))
    assert (again.returncode, "is there already" in again.stderr) == (2, True)
    assert crossdock("template", "sales_order", "-o", str(drops / "x.csv")).returncode == 2


def test_tables_are_a_row_a_line_where_there_is_no_terminal(drops: Path) -> None:
    crossdock("import", str(drops / "orders_good.csv"))
    name = "orders_with_a_name_that_is_longer_than_any_column_of_a_table_would_like_it_to_be.csv"
    (drops / name).write_bytes((drops / "orders_good.csv").read_bytes())
    crossdock("import", str(drops / name))
    assert name in crossdock("jobs").stdout


@pytest.mark.parametrize("width", thinned(80, 100))
def test_tables_fit_the_terminal(drops: Path, width: int) -> None:
    import fcntl
    import pty
    import struct
    import termios

    crossdock("import", str(drops / "orders_bad.csv"))
    for command in (["jobs"], ["feeds"], ["describe", "sales_order"]):
        outer, inner = pty.openpty()
        fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", 40, width, 0, 0))
        environment = {**os.environ, "TERM": "xterm", "COLUMNS": str(width)}
        process = subprocess.Popen([sys.executable, "-m", "crossdock", *command], stdout=inner, env=environment)
        os.close(inner)
        output = b""
        while True:
            try:
                piece = os.read(outer, 65_536)
            except OSError:
                break
            if not piece:
                break
            output += piece
        os.close(outer)
        assert process.wait() == 0
        plain = re.sub(r"\x1b\[[0-9;]*m", "", output.decode())
        assert "\x1b[1m" in output.decode()
        assert max(map(len, plain.splitlines())) <= width, command


def test_inbox_imports_what_waits_and_puts_it_away(drops: Path) -> None:
    inbox = drops / "home" / "inbox" / "house"
    inbox.mkdir(parents=True)
    for name, content in (
        ("orders_good.csv", GOOD),
        ("orders_bad.csv", BAD),
        ("orders.csv.part", GOOD),
        ("notes.txt", "x"),
    ):
        (inbox / name).write_text(content)
    done = crossdock("inbox", CROSSDOCK_SETTLE_SECONDS="0.1")
    assert done.returncode == 4, done.stderr
    assert [each.name for each in inbox.iterdir()] == ["orders.csv.part"]
    assert len(done.stdout.splitlines()) == 4
    assert done.stdout.splitlines()[-1].startswith("reports: ")
    assert "no feed claims a file named notes.txt" in done.stdout
    assert not [each for each in (drops / "home" / "work").iterdir() if each.is_dir()]
    assert crossdock("inbox", CROSSDOCK_SETTLE_SECONDS="0").stdout.startswith("nothing waits in")


def test_what_a_dead_worker_left_behind_is_taken_up_again(drops: Path) -> None:
    claimed = drops / "home" / "work" / "261122-DEAD000000" / "house"
    claimed.mkdir(parents=True)
    (claimed / "orders_good.csv").write_text(GOOD)
    done = crossdock("inbox", CROSSDOCK_SETTLE_SECONDS="0")
    assert "261122-DEAD000000  accepted" in done.stdout
    assert list((drops / "home" / "archive").glob("*/261122-DEAD000000/orders_good.csv"))


def test_two_workers_never_take_the_same_file(drops: Path) -> None:
    inbox = drops / "home" / "inbox" / "house"
    inbox.mkdir(parents=True)
    for number in range(12):
        (inbox / f"orders_{number}.csv").write_text(GOOD.replace("SO-1", f"SO-{number}"))
    command = [sys.executable, "-m", "crossdock", "inbox"]
    environment = {**os.environ, "CROSSDOCK_SETTLE_SECONDS": "0"}
    crossdock("jobs")
    crossdock("database", "upgrade", CROSSDOCK_DATABASE_URL=f"sqlite:///{drops / 'home' / 'crossdock.db'}")
    workers = [
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    outputs = [worker.communicate(timeout=PATIENCE) for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0], outputs
    jobs = [json.loads(line) for line in crossdock("jobs", "--json").stdout.splitlines()]
    assert sorted(job["name"] for job in jobs) == sorted(f"orders_{number}.csv" for number in range(12))
    assert {job["verdict"] for job in jobs} == {"ACCEPTED"}


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["import", "none.csv"], 2, "none.csv is not there"),
        (["import", "orders_good.csv", "--feed", "house/sale_order"], 2, "there is no feed 'house/sale_order'"),
        (["import", "orders_good.csv", "--database", "nonsense"], 2, "'nonsense' is not a database URL"),
        (["import", "orders_good.csv", "--database", "postgresql://nobody@127.0.0.1:1/x"], 1, "does not answer"),
        (["jobs", "X"], 2, "nothing was imported yet"),
        (["report", "X"], 2, "nothing was imported yet"),
        (["describe", "invoice"], 2, "there is no document 'invoice'; there are: business_unit, building,"),
        (["import"], 2, "missing argument"),
        (["frobnicate"], 2, "no such command"),
    ],
)
def test_wrong_use_ends_in_one_sentence(drops: Path, words: list[str], code: int, sentence: str) -> None:
    done = crossdock(*words, cwd=drops)
    assert (done.returncode, done.stdout) == (code, "")
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_settings_come_from_flags_then_environment_then_file(drops: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (drops / "crossdock.toml").write_text(f'home = "{drops / "from_file"}"\nzone = "Europe/Berlin"\n')
    monkeypatch.delenv("CROSSDOCK_HOME")

    def run(*words: str, **more: str) -> str:
        done = crossdock(*words, cwd=drops, **more)
        return done.stdout + done.stderr

    assert "Europe/Berlin" in run("feeds")
    assert "Asia/Tokyo" in run("feeds", CROSSDOCK_ZONE="Asia/Tokyo")
    assert "settings: zone" in run("feeds", CROSSDOCK_ZONE="Nowhere")
    run("import", "orders_good.csv", "--quiet")
    assert (drops / "from_file" / "crossdock.db").exists()
    run("import", "orders_good.csv", "--quiet", "--database", f"sqlite:///{drops / 'flag.db'}")
    assert (drops / "flag.db").exists()
    (drops / "crossdock.toml").write_text('hom = "x"\n')
    assert "settings: hom" in run("feeds")


def test_partners_are_read_from_the_folder_that_settings_name(drops: Path) -> None:
    own = drops / "home" / "partners"
    own.mkdir(parents=True)
    (own / "solo.toml").write_text(
        'id = "solo"\nzone = "UTC"\nbusiness_units = ["BU1"]\n[[feed]]\ndocument = "sales_order"\nfiles = "*.csv"\n'
    )
    assert [each["feed"] for each in json.loads(crossdock("feeds", "--json").stdout)] == ["solo/sales_order"]
    named = crossdock("feeds", CROSSDOCK_PARTNERS=str(drops / "nowhere"))
    assert (named.returncode, "there is no such folder of partners" in named.stderr) == (2, True)


def test_describe_tells_every_field() -> None:
    description = json.loads(crossdock("describe", "sales_order", "--json").stdout)
    names = {field["name"] for level in description["levels"] for field in level["fields"]}
    assert {"customerOrderNumber", "shipTo.city", "line.notes", "giftCardInfo.amount"} <= names
    text = crossdock("describe", "sales_order").stdout
    for name in names:
        assert name in text


def test_unused_objects_are_looked_for_once_a_command_has_started() -> None:
    """What is there by then is never looked through; a worker that stays must not keep what it no longer needs."""
    code = """
import gc, sys, weakref
from crossdock import cli
sys.argv = ["crossdock", "feeds"]
try:
    cli.main()
except SystemExit as ended:
    assert ended.code in (None, 0)
assert gc.get_threshold()[0] == cli.STARTED and gc.get_freeze_count() == 0
much = [[] for _ in range(cli.STARTED)]
assert gc.get_threshold()[0] == cli.OBJECTS and gc.get_freeze_count() > 0 and not gc.callbacks
class Unused: pass
unused = Unused()
unused.itself = unused
gone = weakref.ref(unused)
del unused
more = [[] for _ in range(2 * cli.OBJECTS)]
assert gone() is None
"""
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)


@pytest.mark.parametrize(
    ("words", "looked_at"), [(["feeds"], ["feeds"]), (["--help"], None), (["keys", "--help"], None)]
)
def test_only_the_command_that_is_named_is_looked_at(words: list[str], looked_at: list[str] | None) -> None:
    code = f"""
import sys
from crossdock import cli
every = [each.name for each in cli.app.registered_commands]
sys.argv = ["crossdock", *{words!r}]
try:
    cli.main()
except SystemExit as ended:
    assert ended.code in (None, 0)
assert [each.name for each in cli.app.registered_commands] == ({looked_at!r} or every)
"""
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)
