"""What a new dialect needs: every member of the protocol, alike on both databases; nothing else names a database."""

from __future__ import annotations

import ast
import inspect
import re
import socket
import struct
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from threading import Thread
from time import sleep
from typing import Any

import pyarrow as pa
import pytest
from sqlalchemy import select, text
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import CacheStats
from sqlalchemy.exc import IntegrityError

import crossdock
from crossdock.database import DIALECTS, Database, connect, in_file, parsed, postgres, sqlite
from crossdock.database.dialect import Dialect
from crossdock.database.tables import COUNTERS, LEVELS, arrow
from crossdock.documents import DOCUMENTS
from crossdock.errors import Misused, Outage
from crossdock.frames.columns import MOMENT, Cells
from crossdock.jobs import arrivals, leases
from crossdock.model.decision import Write
from tests.warehouse import Warehouse

MEMBERS = sorted({*Dialect.__annotations__, *(name for name in vars(Dialect) if not name.startswith("_"))})
SOURCE = Path(crossdock.__file__).parent
NAMED = {
    "database/__init__.py": "the registry",
    "database/tables.py": "SQLAlchemy asks types with its own dialect; an option of tables that only SQLite reads; the "
    "rows of an index, which each database reads under its own name",
    "database/migrations/versions/v0001_first_tables.py": "the same option of tables",
    "database/migrations/versions/v0003_every_document.py": "the same option of tables",
    "database/migrations/versions/v0010_several_pallets_and_bins.py": "the same option of tables",
    "database/migrations/versions/v0015_what_carriers_charge.py": "the same option of tables",
    "database/migrations/versions/v0025_jobs_in_turn.py": "the rows of an index",
    "database/migrations/versions/v0030_texts_by_their_bytes.py": "only PostgreSQL compares as a language does",
    "settings.py": "the default, read before SQLAlchemy is; what may be written there",
    "formats/sniff.py": "what somebody may drop",
}
"""Modules that name a database and are none, each with its reason."""


def test_what_a_new_dialect_needs() -> None:
    """This list is the whole of it; beside the file, its name in `DIALECTS` and, without exact types, in `TEXT_ONLY`."""
    assert MEMBERS == [
        "append", "clock", "engine", "example", "exists", "gate", "keep", "lock", "lookup", "name", "name_session", "passing",
        "prepare", "schemes", "stage", "take_over", "turn", "unhurried", "unkept", "upgrades_itself",
    ]  # fmt: skip


@pytest.mark.parametrize("name", sorted(DIALECTS))
@pytest.mark.parametrize("member", MEMBERS)
def test_each_dialect_has_it_with_the_same_signature(name: str, member: str) -> None:
    wanted, method = getattr(Dialect, member, None), getattr(type(DIALECTS[name]), member)
    if callable(wanted):
        assert method is not wanted, "not the protocol's own"
        assert inspect.signature(method) == inspect.signature(wanted)
        assert inspect.getdoc(wanted)
    else:
        assert method is not None


@pytest.mark.parametrize("name", sorted(DIALECTS))
def test_its_example_is_a_url_of_it(name: str) -> None:
    dialect = DIALECTS[name]
    assert dialect.name == name == parsed(dialect.example).drivername
    assert {parsed(f"{scheme}+driver://x/y").drivername for scheme in dialect.schemes} == {name}


def test_a_database_that_is_not_known_names_those_that_are() -> None:
    known = "use sqlite:///file.db or postgresql://user@host/name"
    with pytest.raises(Misused, match=f"mysql databases are not known; {known}"):
        Database(make_url("mysql://x/y"))


def mentions(path: Path) -> list[int]:
    """The lines on which a module names a database: in a literal that is no docstring, a name, a keyword, an import."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    lines = []
    for node in ast.walk(tree):
        words = [getattr(node, name, None) for name in ("id", "attr", "arg", "module", "name")]
        if isinstance(node, ast.Constant) and id(node) not in prose:
            words.append(node.value)
        if any(isinstance(word, str) and re.search("sqlite|postgres", word, re.IGNORECASE) for word in words):
            lines.append(getattr(node, "lineno", 0))
    return sorted(set(lines))


def test_nothing_else_names_a_database() -> None:
    own = {f"database/{Path(inspect.getfile(type(each))).name}" for each in DIALECTS.values()}
    mentioned = {}
    for path in sorted(SOURCE.rglob("*.py")):
        name = path.relative_to(SOURCE).as_posix()
        if name not in own and (lines := mentions(path)):
            mentioned[name] = lines
    assert set(mentioned) == set(NAMED), mentioned


INVENTORY = LEVELS[DOCUMENTS["inventory"].header.table]
LEVEL = DOCUMENTS["inventory"].header
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
KEY = {"business_unit_id": "BU1", "building_id": "B1", "sku_id": "Käse", "lot_number": "", "quantity_measure": "EA",
       "pallet_id": "", "location_id": ""}  # fmt: skip
REST = {"state": "open", "partner": "acme", "shared": False, "key_fold": "x", "revision": 1, "change": 0, "job": "J",
        "line": 1}  # fmt: skip


def stock(*cells: dict[str, Any]) -> pa.Table:
    """Rows of stock: a key of text and a moment; exact numbers, truth, whole numbers, blanks."""
    filled = [KEY | {"as_of": NOON} | REST | each for each in cells]
    return pa.table({each.name: pa.array([row.get(each.name) for row in filled], arrow(each)) for each in INVENTORY.c})


def keys(*moments: str) -> Cells:
    whole = [KEY | {"as_of": each} for each in moments]
    return {name: pa.array([row[name] for row in whole], pa.string()) for name in (*KEY, "as_of")}


def looked_up(warehouse: Warehouse, *names: str) -> list[list[Any]]:
    """Columns of all stock that is there, as Arrow gives them."""
    dialect = warehouse.database.dialect
    with warehouse.database.reading() as connection:
        table = keys("2026-11-25T12:00:00.000000Z", "2026-11-25T13:00:00.000000Z", "2026-11-25T14:00:00.000000Z")
        places, columns = dialect.lookup(connection, INVENTORY, table, ["as_of", *names])
    assert {name: column.type for name, column in columns.items()} == {
        name: arrow(INVENTORY.c[name]) for name in columns
    }
    typed = [column.to_pylist() for column in columns.values()]
    assert [table["as_of"][place].as_py() for place in places] == [moment.strftime(MOMENT) for moment in typed[0]]
    return sorted(map(list, zip(*typed, strict=True)))


NAMES = ("sku_id", "on_hand", "available", "shared", "revision")
LATER = NOON + timedelta(hours=1)
ONE = [NOON, "Käse", Decimal("120.500000"), None, False, 1]
OTHER = [LATER, "Käse", Decimal("-0.000001"), Decimal("3.000000"), True, 2]
BOTH = stock(
    {"on_hand": Decimal("120.5")},
    {"as_of": LATER, "on_hand": Decimal("-0.000001"), "available": Decimal(3), "shared": True, "revision": 2},
)


@pytest.fixture(params=[postgres.FEW, 0], ids=["few", "many"])
def few(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Up to how many keys PostgreSQL looks up, and rows it updates, by a statement; more by COPY."""
    monkeypatch.setattr(postgres, "FEW", request.param)


@pytest.mark.both
@pytest.mark.usefixtures("few")
def test_what_is_appended_is_looked_up_as_it_was(warehouse: Warehouse) -> None:
    with warehouse.database.writing() as connection:
        warehouse.database.dialect.append(connection, INVENTORY, BOTH)
        warehouse.database.dialect.append(connection, INVENTORY, BOTH.slice(0, 0))
    assert looked_up(warehouse, *NAMES) == [ONE, OTHER]


@pytest.mark.both
@pytest.mark.usefixtures("few")
def test_each_row_knows_which_key_it_was_asked_by(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many keys are asked for at a time."""
    monkeypatch.setattr(sqlite, "KEYS", 2)
    later = [NOON + timedelta(hours=hour) for hour in range(5)]
    with warehouse.database.writing() as connection:
        warehouse.database.dialect.append(
            connection, INVENTORY, stock(*({"as_of": at, "line": place} for place, at in enumerate(later)))
        )
    table = keys(*(at.strftime(MOMENT) for at in [NOON - timedelta(hours=1), *reversed(later)]))
    with warehouse.database.reading() as connection:
        places, columns = warehouse.database.dialect.lookup(connection, INVENTORY, table, ["line"])
    assert sorted(zip(places, columns["line"].to_pylist(), strict=True)) == [(1, 4), (2, 3), (3, 2), (4, 1), (5, 0)]


TEXTS = [
    '"',
    "\\",
    "\\.",
    "\\N",
    "a\nb\tc",
    "\r\n",
    " x, y ",
    "\x01\x1f\x7f",
    "\u2028 \U0001f44d",
    "[1, null]",
    "null",
    "",
    "1e5",
    "%s",
]


@pytest.mark.both
@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("value", TEXTS)
def test_a_text_comes_as_it_is_stored_whatever_it_says(warehouse: Warehouse, value: str) -> None:
    with warehouse.database.writing() as connection:
        warehouse.database.dialect.append(connection, INVENTORY, stock({"key_fold": value}))
    assert [row[1] for row in looked_up(warehouse, "key_fold")] == [value]


@pytest.mark.both
@pytest.mark.usefixtures("few")
def test_every_kind_of_cell_is_updated_to_what_it_is(warehouse: Warehouse) -> None:
    """Row by row, null or not: the texts as they are, numbers to the last digit, a moment as the key, a truth."""
    dialect, nothing = warehouse.database.dialect, BOTH.slice(0, 0)
    places = [NOON + timedelta(minutes=minute) for minute in range(len(TEXTS))]
    changed = [
        {"as_of": at, "key_fold": value, "on_hand": Decimal(place) / 1_000_000, "shared": place % 2 == 0}
        | ({"available": Decimal("-123456789.000001")} if place % 3 else {})
        for place, (at, value) in enumerate(zip(places, TEXTS, strict=True))
    ]
    with warehouse.database.writing() as connection:
        dialect.append(connection, INVENTORY, stock(*({"as_of": at, "available": Decimal(1)} for at in places)))
        dialect.stage(connection, (Write(LEVEL, nothing, stock(*changed)),)).merge(connection)
    names = ["key_fold", "on_hand", "available", "shared"]
    table = keys(*(at.strftime(MOMENT) for at in places))
    with warehouse.database.reading() as connection:
        asked_by, columns = dialect.lookup(connection, INVENTORY, table, names)
    rows = dict(zip(asked_by.tolist(), zip(*(columns[name].to_pylist() for name in names), strict=True), strict=True))
    assert [rows[place] for place in range(len(TEXTS))] == [tuple(map(each.get, names)) for each in changed]


@pytest.mark.both
@pytest.mark.usefixtures("few")
def test_what_is_staged_is_inserted_and_updated_by_the_merge(warehouse: Warehouse) -> None:
    dialect, nothing = warehouse.database.dialect, BOTH.slice(0, 0)
    with warehouse.database.writing() as connection:
        dialect.stage(connection, (Write(LEVEL, BOTH.slice(0, 1), nothing),)).merge(connection)
    with warehouse.database.writing() as connection:
        staged = dialect.stage(connection, (Write(LEVEL, BOTH.slice(1, 1), stock({"revision": 7})),))
        staged.merge(connection)
    assert looked_up(warehouse, *NAMES) == [[NOON, "Käse", None, None, False, 7], OTHER]


@pytest.mark.both
def test_what_is_there_already_is_an_integrity_error(warehouse: Warehouse) -> None:
    dialect, nothing = warehouse.database.dialect, BOTH.slice(0, 0)
    with warehouse.database.writing() as connection:
        dialect.append(connection, INVENTORY, BOTH)
    with pytest.raises(IntegrityError), warehouse.database.writing() as connection:
        dialect.append(connection, INVENTORY, BOTH.slice(0, 1))
    with pytest.raises(IntegrityError), warehouse.database.writing() as connection:
        dialect.stage(connection, (Write(LEVEL, BOTH.slice(0, 1), nothing),)).merge(connection)


def test_a_server_that_goes_away_while_rows_are_streamed_is_an_outage(postgres_url: str) -> None:
    database = connect(postgres_url)

    def streamed() -> None:
        with database.writing() as connection:
            session = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
            with database.writing() as another:
                another.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": session})
            database.dialect.append(connection, INVENTORY, BOTH)

    with pytest.raises(Outage, match="the database does not answer"):
        streamed()
    database.close()


def test_a_session_that_is_silent_while_rows_are_copied_is_ended_by_a_successor(postgres_url: str) -> None:
    database = connect(postgres_url)
    nothing = BOTH.slice(0, 0)

    def silent() -> None:
        with database.writing() as connection:
            dialect = database.dialect
            dialect.name_session(connection, "J", "T")
            cursor = connection.connection.cursor()
            with cursor.copy(f"COPY inventory ({', '.join(BOTH.column_names)}) FROM STDIN (FORMAT csv)") as copy:
                copy.write(b"BU1")  # and no more comes
                with database.writing() as successor:
                    dialect.take_over(successor, "J", "T")
                    dialect.stage(successor, (Write(LEVEL, BOTH, nothing),)).merge(successor)

    with pytest.raises(Outage):
        silent()
    with database.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM inventory")).scalar() == BOTH.num_rows
    database.close()


@pytest.mark.both
def test_what_is_locked_tells_its_revision(warehouse: Warehouse) -> None:
    with warehouse.database.writing() as connection:
        warehouse.database.dialect.append(connection, INVENTORY, BOTH)
    with warehouse.database.writing() as connection:
        revisions = warehouse.database.dialect.lock(
            connection, INVENTORY, keys("2026-11-25T13:00:00.000000Z", "2026-11-26T00:00:00.000000Z")
        )
    assert [(row[2], row[-1]) for row in revisions] == [("Käse", 2)]


@pytest.mark.both
def test_the_clock_is_utc_and_goes_on_within_a_transaction(warehouse: Warehouse) -> None:
    with warehouse.database.writing() as connection:
        first, second = (warehouse.database.dialect.clock(connection) for _ in range(2))
    assert first.utcoffset() == timedelta(0)
    assert first < second < first + timedelta(minutes=1)


@pytest.mark.both
def test_whoever_waits_for_nobody_goes_on(warehouse: Warehouse) -> None:
    """Turns, gates and sessions' names hold up nothing where nobody else is."""
    dialect = warehouse.database.dialect
    for _ in range(2):
        with warehouse.database.writing() as connection:
            dialect.name_session(connection, "J", "T")
            dialect.take_over(connection, "J", "T")  # never itself
            dialect.turn(connection, "jobs")
            dialect.gate(connection, ["sales_order"], ["asn"])
            dialect.gate(connection, [], [])


def test_a_database_in_a_file_is_one_by_itself(tmp_path: Path) -> None:
    url = in_file(tmp_path / "new" / "books.db").render_as_string()
    database = connect(url)
    assert database.dialect.upgrades_itself
    assert (tmp_path / "new" / "books.db").exists()
    database.close()


def test_a_statement_is_compiled_for_one_file_and_serves_every_other(tmp_path: Path) -> None:
    hits = []
    for name in ("books.db", "dry_run.db"):
        database = connect(str(in_file(tmp_path / name)))
        with database.reading() as connection:
            hits.append(
                connection.execute(select(LEVELS["sales_orders"].c.job_id.label("only_here"))).context.cache_hit
            )
        database.close()
    assert hits == [CacheStats.CACHE_MISS, CacheStats.CACHE_HIT]


@pytest.mark.parametrize("damage", [b"no database at all. " * 10, b"SQLite format 3\x00" + b"\xff" * 8_000])
def test_a_damaged_file_is_an_outage_and_no_fault_of_ours(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "a.db"
    path.write_bytes(damage)
    with pytest.raises(Outage, match=r"file is not a database|malformed"):
        connect(in_file(path).render_as_string())


def test_a_page_that_is_damaged_later_is_an_outage_too(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    database = connect(in_file(path).render_as_string())
    database.close()
    with path.open("r+b") as file:
        file.seek(4_096)
        file.write(b"\xff" * (path.stat().st_size - 4_096))
    with pytest.raises(Outage, match="the database did not continue: database disk image is malformed"):
        arrivals.waiting(database)


def test_a_server_that_takes_no_writes_is_an_outage(postgres_url: str) -> None:
    """A standby after a failover, or one whose administrator has turned it read-only."""
    database = connect(f"{postgres_url}&options=-c%20default_transaction_read_only%3Don")
    with pytest.raises(Outage, match="cannot execute DELETE in a read-only transaction"):
        leases.enter(database, "host:1", "inbox", "")
    database.close()


def test_rights_that_are_lost_are_an_outage(postgres_url: str) -> None:
    database = connect(postgres_url)
    with database.writing() as connection:
        role = f"r{database.url.database}"
        connection.execute(text(f"CREATE ROLE {role}"))
        connection.execute(text(f"SET LOCAL ROLE {role}"))
        with pytest.raises(Outage, match="permission denied for table jobs"), database._outages():
            connection.execute(text("SELECT * FROM jobs"))
        connection.rollback()
    database.close()


def test_what_the_url_says_of_a_session_is_kept_beside_our_own(postgres_url: str) -> None:
    """A schema of its own, and a patience of its own."""
    database = Database(parsed(f"{postgres_url}&options=-csearch_path%3Dhouse_2&keepalives_idle=7"))
    with database.writing() as connection:
        connection.execute(text("CREATE SCHEMA house_2"))
    database.upgrade()
    with database.reading() as connection:
        tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'house_2' AND tablename = 'jobs'"
        assert connection.execute(text(tables)).scalar() == 1
        assert connection.execute(text("SHOW lock_timeout")).scalar() == "30s"
        driver: Any = connection.connection.dbapi_connection
        sent = driver.info.get_parameters()
    assert (sent["keepalives_idle"], sent["keepalives_interval"], sent["tcp_user_timeout"]) == ("7", "10", "60000")
    database.close()


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "UTC"])
def test_a_pooler_that_ignores_what_a_session_asks_for_is_named(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    """Moments would be read as those of another zone; on a server of UTC no timeout would be kept."""
    own = f"{postgres_url}&options=-cTimeZone%3D{zone.replace('/', '%2F')}"
    connect(own).close()
    monkeypatch.setattr(postgres, "ALWAYS", "")
    with pytest.raises(Outage, match="the session's options are ignored: is a pooler such as pgbouncer between"):
        connect(own)


def test_a_pooler_that_refuses_what_a_session_asks_for_is_named() -> None:
    """As pgbouncer 1.18 does it, byte for byte: no to TLS, then an error in answer to the startup message."""
    fields = b"SFATAL\x00C08P01\x00Munsupported startup parameter: options\x00\x00"
    with socket.create_server(("127.0.0.1", 0)) as pooler:

        def refuse() -> None:
            with pooler.accept()[0] as client:
                client.recv(8)
                client.sendall(b"N")
                client.recv(4096)
                client.sendall(b"E" + struct.pack("!i", len(fields) + 4) + fields)

        server = Thread(target=refuse)
        server.start()
        with pytest.raises(Outage, match="the session's options are refused: is a pooler such as pgbouncer between"):
            connect(f"postgresql://crossdock@127.0.0.1:{pooler.getsockname()[1]}/crossdock?gssencmode=disable")
        server.join()


@pytest.mark.both
def test_whoever_reads_rows_may_pause(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list in a pager, a download over a slow line: they ended amid the rows once the reader paused for a minute."""
    monkeypatch.setitem(postgres.TIMEOUTS_MS, "idle_in_transaction_session_timeout", 100)
    database = Database(warehouse.database.url)
    rows = []
    for row in database.streamed(select(COUNTERS.c.name).union_all(*[select(COUNTERS.c.name)] * 2), 1):
        sleep(0.2)
        rows.append(row)
    assert len(rows) == 3
    database.close()


def test_when_every_connection_is_in_use_that_is_an_outage(warehouse: Warehouse) -> None:
    database = Database(warehouse.database.url)
    pool: Any = database.engine.pool
    pool._timeout = 0.01
    with ExitStack() as users:
        for _ in range(pool.size() + pool._max_overflow):
            users.enter_context(database.reading())
        with pytest.raises(Outage, match="every connection to the database is in use"):
            users.enter_context(database.reading())
    database.close()
