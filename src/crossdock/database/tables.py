"""The tables: those of the documents, derived from their levels, and those of the jobs.

Money and quantities are exact on both databases: numeric on PostgreSQL, text of fixed scale on SQLite, whose own
numbers are floats. Timestamps are UTC. Lines have no foreign key to their header (it costs as much as the insert,
choices.md); they are written in one transaction with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Dialect,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    String,
    Table,
    Text,
    TypeDecorator,
    and_,
    false,
    func,
    literal,
    literal_column,
    or_,
    text,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine

from crossdock.documents import DOCUMENTS
from crossdock.model.report import BUCKETS, COUNTED
from crossdock.schema.document import Document, Field, Kind, Level

# SQLAlchemy calls these types with its own dialect, which has no link to ours and no trait for this: so its name
# decides here, and nowhere else. A new dialect without such types is added here; `Dialect.typed` reads its texts.
TEXT_ONLY = ("sqlite",)
"""Databases without exact decimals and moments: both are stored as texts of one shape."""


class Exact(TypeDecorator[Decimal]):
    """A decimal of fixed scale: numeric where there is such a type, else text."""

    impl = Numeric
    cache_ok = True

    def __init__(self, precision: int, scale: int) -> None:
        super().__init__(precision, scale)
        self.precision, self.scale = precision, scale

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Text where numbers are floats."""
        kind = Text() if dialect.name in TEXT_ONLY else Numeric(self.precision, self.scale)
        return dialect.type_descriptor(kind)

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        """A decimal as the database takes it."""
        return f"{value:.{self.scale}f}" if value is not None and dialect.name in TEXT_ONLY else value

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        """A decimal, from what the database returned."""
        return None if value is None else Decimal(value)


def as_text(moment: datetime) -> str:
    """A moment where there is no type for it: ISO text in UTC, which sorts as moments do."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class Moment(TypeDecorator[datetime]):
    """A point in time in UTC: timestamptz where there is such a type, else ISO text with Z."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Text where there is no such type."""
        return dialect.type_descriptor(Text() if dialect.name in TEXT_ONLY else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """A moment as the database takes it."""
        if value is None or dialect.name not in TEXT_ONLY:
            return value
        return as_text(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """A moment with its zone; text without one is UTC (a column of earlier versions has some)."""
        if not isinstance(value, str):
            return value
        moment = datetime.fromisoformat(value)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


NOW = func.clock_timestamp(type_=Moment())
"""The time of ``Dialect.clock`` within a statement, which then needs no other one before it."""


class Later(FunctionElement[datetime]):
    """So many seconds behind ``NOW``."""

    inherit_cache = True
    name = "later"
    type = Moment()

    def __init__(self, seconds: float) -> None:
        super().__init__(literal(seconds, Float()))


@compiles(Later)
def _later(element: Later, compiler: SQLCompiler, **how: Any) -> str:
    return f"{Later.name}({compiler.process(element.clauses, **how)})"


@compiles(Later, "postgresql")
def _later_there(element: Later, compiler: SQLCompiler, **how: Any) -> str:
    return f"({NOW.name}() + make_interval(secs => {compiler.process(element.clauses, **how)}))"


METADATA = MetaData()


def _type(field: Field) -> TypeEngine[Any]:
    match field.kind:
        case Kind.QUANTITY | Kind.MONEY:
            return Exact(field.arrow.precision, field.arrow.scale)
        case Kind.WHOLE:
            return BigInteger()
        case Kind.FLAG:
            return Boolean()
        case Kind.DATE:
            return Date()
        case Kind.TIMESTAMP:
            return Moment()
        case _:
            return Text() if field.keep_longer or field.length is None else String(field.length)


ARROW: tuple[tuple[type[TypeEngine[Any]] | type[TypeDecorator[Any]], pa.DataType], ...] = (
    (Moment, pa.timestamp("us", "UTC")),
    (Boolean, pa.bool_()),
    (Date, pa.date32()),
    (BigInteger, pa.int64()),
    (Integer, pa.int64()),
)


def arrow(column: Column[Any]) -> pa.DataType:
    """The Arrow type of a stored column."""
    if isinstance(column.type, Exact):
        return pa.decimal128(column.type.precision, column.type.scale)
    return next((kind for sql, kind in ARROW if isinstance(column.type, sql)), pa.string())


def as_stored(table: Table, columns: Mapping[str, Sequence[Any]]) -> pa.Table:
    """Columns of Python's own values as rows of a table, with its types; a missing value is null."""
    return pa.table({name: pa.array(cells, arrow(table.c[name]), from_pandas=True) for name, cells in columns.items()})


def _level(document: Document, level: Level) -> Table:
    outer = level is document.header
    key = [document.header.field(name) for name in document.key]
    key += [above.field(name) for above in document.chain(level) for name in above.key]
    names = {field.column for field in key}
    columns: list[Any] = [Column(field.column, _type(field), primary_key=True) for field in key]
    columns += [
        Column(field.column, _type(field)) for field in level.fields if field.stored and field.column not in names
    ]
    if level.numbered and document.moved:
        columns.append(Column(document.moved.column, Exact(18, 6)))
    columns += [Column("state", String(20), nullable=False)]
    extra: list[Any] = [
        _index(document, level, [field.column for field in fields]) for fields in _sought(document, level)
    ]
    if outer:
        columns += [
            Column("version", Text()),
            Column("partner", String(40), nullable=False),
            Column("shared", Boolean(), nullable=False),
            Column("content", String(32)),
            Column("changed_from", String(32)),
            Column("key_fold", Text(), nullable=False),
            Column("revision", BigInteger(), nullable=False),
            Column("change", BigInteger(), nullable=False, server_default=text("0")),
        ]
        unit = ["business_unit_id"] if document.owned else []
        extra += [Index(f"{level.table}_key_fold", "partner", "key_fold", *unit)]
        extra += [Index(f"{level.table}_change", "change")]
    columns += [Column("job", String(20), nullable=False), Column("line", BigInteger(), nullable=False)]
    return Table(level.table, METADATA, *columns, *extra, sqlite_with_rowid=False)


def _index(document: Document, level: Level, columns: list[str]) -> Index:
    """An index of columns within their business unit, which comes last: only the primary key begins with it.

    Of a table without statistics PostgreSQL takes any index that begins with the unit for as good as that.
    """
    unit = ["business_unit_id"] if "businessUnitId" in document.key else []
    return Index(f"{level.table}_{'_'.join(columns)}", *columns, *unit)


def _sought(document: Document, level: Level) -> Iterator[list[Field]]:
    """The fields of a level by which documents are searched, within their business unit if they have one."""
    names = {each.field for each in document.unique if each.level == level.title}
    names |= {each.field for each in document.finds if each.level == level.title and each.field not in document.key}
    names |= {
        relation.number for relation in document.against if any(field.name == relation.number for field in level.fields)
    }
    if level is document.header and document.key[1:2] not in ((), (document.number,)):
        names.add(document.number)
    for name in sorted(names):
        yield [level.field(name)]
    for together in document.sought if level is document.header else ():
        yield [level.field(name) for name in together]


LEVELS: dict[str, Table] = {
    level.table: _level(document, level) for document in DOCUMENTS.values() for level in document.levels
}
"""The tables of the documents' levels, by name.

``content``: the hash of a document as it came last; of one that came as changes, ``changed_from`` is that of the whole
one that they have changed."""

CHANGES = Table(
    "changes",
    METADATA,
    Column("change", BigInteger(), primary_key=True, autoincrement=False),
    Column("number", BigInteger(), nullable=False),
    Column("job_id", String(20), nullable=False),
    Column("at", Moment(), nullable=False),
    Index("changes_number", "number", unique=True),
)
"""Every transaction that changed documents: its id, as in their rows, and its number in the order of the commits."""
COUNTERS = Table(
    "counters", METADATA, Column("name", String(20), primary_key=True), Column("number", BigInteger(), nullable=False)
)
"""The last number: the transaction that takes the next one locks the row until it commits, so no reader skips one."""
COUNTER = "changes"
"""Its only row: the last number of ``CHANGES``."""
HISTORY = Table(
    "document_history",
    METADATA,
    Column("change", BigInteger(), nullable=False),
    Column("document", String(40), nullable=False),
    Column("key", Text(), nullable=False),
    Column("level", String(20), nullable=False),
    Column("row_key", Text(), nullable=False),
    Column("what", String(20), nullable=False),
    Column("before", Text(), nullable=False),
    Column("job_id", String(20), nullable=False),
    Column("line", BigInteger(), nullable=False),
    Index("document_history_key", "document", "key"),
)
"""What later imports changed in a stored row: the values before, as JSON; the job and line that changed it."""

_SUM = " + ".join(name if name != "read" else "read_" for name in BUCKETS[1:])
_COUNTS = [f"{level}_{name}" for level in ("documents", "lines") for name in COUNTED]

JOBS = Table(
    "jobs",
    METADATA,
    Column("job_id", String(20), primary_key=True),
    Column("name", Text(), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("size", BigInteger(), nullable=False),
    Column("partner", Text(), nullable=False, server_default=""),
    Column("document", Text(), nullable=False, server_default=""),
    Column("feed_digest", String(64), nullable=False, server_default=""),
    Column("feed_text", Text(), nullable=False, server_default=""),
    Column("plan", Text(), nullable=False, server_default="{}"),
    Column("status", String(24), nullable=False),
    Column("verdict", String(10)),
    Column("refused", Text()),
    Column("sender_job_id", Text()),
    Column("repeats", String(20)),
    Column("fixes", String(20)),
    Column("replays", Boolean(), nullable=False, server_default=false()),
    Column("sequence", BigInteger(), nullable=False),
    Column("withheld", Boolean(), nullable=False),
    Column("received_at", Moment(), nullable=False),
    Column("started_at", Moment()),
    Column("finished_at", Moment()),
    Column("answered_at", Moment()),
    Column("filed_at", Moment()),
    Column("path", Text(), nullable=False, server_default=""),
    Column("origin", Text(), nullable=False, server_default=""),
    Column("asked", Text(), nullable=False, server_default=""),
    Column("stage", Integer(), nullable=False, server_default="9"),
    Column("ranked", Text(), nullable=False, server_default=""),
    Column("earlier", String(20)),
    Column("parent", String(20)),
    Column("lease", String(40)),
    Column("worker", String(40)),
    Column("leased_at", Moment()),
    Column("leased_from", BigInteger(), nullable=False, server_default="0"),
    Column("progressed_at", Moment()),
    Column("attempts", Integer(), nullable=False, server_default="0"),
    Column("not_before", Moment()),
    Column("said", Text()),
    Column("parked", Text()),
    Column("outage", Text()),
    Column("outages", Integer(), nullable=False, server_default="0"),
    Column("alert", Text()),
    Column("rate", Float()),
    Column("estimated_end", Moment()),
    Column("processed", BigInteger(), nullable=False, server_default="0"),
    Column("total", BigInteger(), nullable=False, server_default="0"),
    Column("records", BigInteger(), nullable=False, server_default="0"),
    Column("failing", BigInteger(), nullable=False, server_default="0"),
    *(
        Column(name if name != "read" else "read_", BigInteger(), nullable=False, server_default="0")
        for name in BUCKETS
    ),
    *(Column(name, BigInteger(), nullable=False, server_default="0") for name in _COUNTS),
    CheckConstraint(f"read_ = {_SUM}", name="books_balance"),
    CheckConstraint(
        "status IN ('RECEIVED', 'IN_PROGRESS') OR (read_ = records AND processed = total)", name="closed_only_when_read"
    ),
    Index("jobs_digest", "digest"),
    Index("jobs_name", "partner", "name", "sequence"),
    Index("jobs_status", "status"),
    Index("jobs_finished", "finished_at"),
    Index("jobs_parent", "parent"),
    Index("jobs_worker", "worker"),
    Index("jobs_fixes", "fixes"),
    Index("jobs_partner", "partner", "leased_at"),
    Index("jobs_sequence", "sequence"),
    Index("jobs_of_partner", "partner", "sequence"),
    Index("jobs_received", "received_at"),
    Index("jobs_feed", "partner", "document", "sequence"),
)
"""``path``: where its file is, below the home folder, until it is filed; '' where no worker may continue it.
``origin``: where it was found. ``asked``: the feed that was named by hand. ``stage`` and ``ranked``: its class and the
sequence in its name. ``sender_job_id``: the sender's own jobs, as a JSON list. ``parent``: the job that it comes from
(an archive, a list that let it in). ``lease``: the token of the worker that may write; every commit checks it.
``worker``: that worker. ``progressed_at``: its last progress; ``attempts``: since then. ``parked``: why it waits for a
person. ``outage``: the last cause from outside that ended it; ``outages``: how often the same one did, in a row.
``rate``: documents per second."""
NOT_FILED = (JOBS.c.filed_at.is_(None), JOBS.c.path != literal_column("''"))
"""The conditions: a job whose file is not filed, and is where any worker finds it."""
_BEGINNINGS = [JOBS.c[name] for name in ("lease", "verdict", "started_at", "not_before", "parked")]
WAITING = and_(*NOT_FILED, *(column.is_(None) for column in _BEGINNINGS))
"""The condition: a job that nobody has begun. An index of some rows is used only where the query is written like it."""
BEGUN = and_(*NOT_FILED, or_(*(column.is_not(None) for column in _BEGINNINGS)))
"""The condition: a job that is begun, or was, and is not filed."""
_IN_TURN = [JOBS.c[name] for name in ("partner", "document", "stage", "ranked", "sequence", "job_id")]
# On PostgreSQL the migrations make them; to name it here would load SQLAlchemy's dialect of it at every start.
Index("jobs_waiting", *_IN_TURN, sqlite_where=WAITING)
Index("jobs_begun", JOBS.c.job_id, sqlite_where=BEGUN)
SHARES = Table(
    "job_shares",
    METADATA,
    Column("job_id", String(20), primary_key=True),
    Column("share", Integer(), primary_key=True),
    Column("next_batch", Integer(), nullable=False),
    Column("batches", Integer(), nullable=False),
    Column("token", String(40), nullable=False),
)
FAILURES = Table(
    "job_failures",
    METADATA,
    Column("job_id", String(20), nullable=False),
    Column("document_line", BigInteger(), nullable=False),
    Column("line", BigInteger(), nullable=False),
    Column("last_line", BigInteger(), nullable=False),
    Column("times", BigInteger(), nullable=False),
    Column("field", Text(), nullable=False),
    Column("code", Text(), nullable=False),
    Column("severity", String(8), nullable=False),
    Column("scope", String(8), nullable=False, server_default="document"),
    Column("value", Text()),
    Column("detail", Text()),
    Column("line_number", Text()),
    Column("number", Text(), nullable=False, server_default=""),
    Index("job_failures_line", "job_id", "line"),
    Index("job_failures_document", "job_id", "document_line"),
)
"""What is wrong, or worth knowing. ``line_number``: of the document's line; ``number``: of the document."""
OUTCOMES = Table(
    "job_outcomes",
    METADATA,
    Column("job_id", String(20), nullable=False),
    Column("line", BigInteger(), nullable=False),
    Column("partner", Text(), nullable=False, server_default=""),
    Column("document", Text(), nullable=False, server_default=""),
    Column("business_unit", Text(), nullable=False),
    Column("number", Text(), nullable=False),
    Column("key", Text(), nullable=False, server_default=""),
    Column("taken", Boolean(), nullable=False),
    Column("hold_code", Text(), nullable=False, server_default=""),
    Column("hold_line", BigInteger()),
    Column("lines", BigInteger(), nullable=False),
    Column("failing_lines", BigInteger(), nullable=False),
    Column("what", String(12), nullable=False, server_default=""),
    Column("ended", String(12)),
    Column("ended_by", Text()),
    Column("ended_at", Moment()),
    Column("why", Text()),
    Index("job_outcomes_line", "job_id", "line"),
    Index("job_outcomes_open", "ended", "partner", "document", "key"),
    Index("job_outcomes_number", "number"),
)
"""The documents that were not taken whole, and how that ended: ``replayed``, ``superseded``, ``dismissed``, not yet;
``checked`` and ``rehearsed``: nobody waited for them, and what is only checked is here taken, too.

``hold_code`` and ``hold_line``: why one without a failure of its own is held, and the line that causes it."""
UNITS = Table(
    "job_units",
    METADATA,
    Column("job_id", String(20), primary_key=True),
    Column("business_unit", String(255), primary_key=True),
    Column("processed", BigInteger(), nullable=False),
    Column("failing", BigInteger(), nullable=False),
    Column("shortened", BigInteger(), nullable=False),
)
RECORDS = Table(
    "job_records",
    METADATA,
    Column("job_id", String(20), nullable=False),
    Column("line", BigInteger(), nullable=False),
    Column("document_line", BigInteger(), nullable=False),
    Column("nested", Boolean(), nullable=False),
    Column("cells", Text(), nullable=False),
    Index("job_records_line", "job_id", "line"),
)
"""The records of documents that were not taken whole: their cells as sent, as a JSON list under the plan's headers."""
FIXES = Table(
    "job_fixes",
    METADATA,
    Column("job_id", String(20), nullable=False),
    Column("origin", BigInteger(), nullable=False),
    Column("document_line", BigInteger(), nullable=False),
    Column("taken", Boolean(), nullable=False),
    Index("job_fixes_origin", "job_id", "origin"),
)
"""Which document of the fixed job (the line of its first record) is which of this one, and whether it is stored."""
STORED = Table(
    "job_stored",
    METADATA,
    Column("job_id", String(20), nullable=False),
    Column("documents", LargeBinary(), nullable=False),
    Index("job_stored_job", "job_id"),
)
"""The documents of each batch that are stored: of each key a hash of eight bytes, one behind the other."""
SENT = Table(
    "job_sent",
    METADATA,
    Column("job_id", String(20), primary_key=True),
    Column("batch", Integer(), primary_key=True, autoincrement=False),
    Column("partner", Text(), nullable=False),
    Column("document", Text(), nullable=False),
    Column("context", String(32), nullable=False),
    Column("change", BigInteger(), nullable=False),
    Column("documents", LargeBinary(), nullable=False),
    Index("job_sent_context", "context", "batch"),
    Index("job_sent_feed", "partner", "document"),
)
"""What large batches remember of their documents, so that they are known when they come again (``model.resent``).
``context``: what decides besides the records what they mean; ``change``: the last one before they were checked."""
PARTS = (SHARES, FAILURES, OUTCOMES, UNITS, RECORDS, FIXES, STORED, SENT)
"""The tables whose rows of a job are deleted when it starts again."""

WORKERS = Table(
    "workers",
    METADATA,
    Column("worker", String(40), primary_key=True),
    Column("name", Text(), nullable=False),
    Column("kind", Text(), nullable=False),
    Column("run", Text(), nullable=False),
    Column("started_at", Moment(), nullable=False),
    Column("seen_at", Moment(), nullable=False),
)
"""The processes that import: their sign of life has a row of its own, which no batch's transaction locks."""
ARRIVALS = Table(
    "arrivals",
    METADATA,
    Column("path", Text(), primary_key=True),
    Column("partner", Text(), nullable=False),
    Column("size", BigInteger(), nullable=False),
    Column("mtime_ns", BigInteger(), nullable=False),
    Column("inode", Text(), nullable=False),
    Column("first_seen_at", Moment(), nullable=False),
    Column("steady_since", Moment(), nullable=False),
    Column("job_id", String(20)),
    Column("kind", String(10), nullable=False, server_default=""),
    Column("said", Text(), nullable=False, server_default=""),
    Column("until", Moment()),
)
"""The files in the drop folders at the last look, and folders that can't be looked into; ``job_id``: of a taken file
that can't be moved away; ``kind``, ``said``, ``until``: why it is not taken (``Reason``)."""
OUTBOX = Table(
    "outbox",
    METADATA,
    Column("number", BigInteger(), primary_key=True, autoincrement=False),
    Column("job_id", String(20), nullable=False),
    Column("partner", Text(), nullable=False),
    Column("channel", String(10), nullable=False),
    Column("queued_at", Moment(), nullable=False),
    Column("attempts", Integer(), nullable=False, server_default="0"),
    Column("refusals", Integer(), nullable=False, server_default="0"),
    Column("next_at", Moment(), nullable=False),
    Column("claimed_by", String(40)),
    Column("claimed_until", Moment()),
    Column("ended", String(12)),
    Column("ended_at", Moment()),
    Column("said", Text()),
    Index("outbox_open", "ended", "partner", "channel", "number"),
    Index("outbox_job", "job_id"),
)
"""The answers to deliver, one row per job and channel; ``ended``: ``delivered``, ``given up``, ``outdated``."""
INTERCHANGES = Table(
    "interchanges",
    METADATA,
    Column("job_id", String(20), primary_key=True),
    Column("place", Integer(), primary_key=True, autoincrement=False),
    Column("partner", Text(), nullable=False),
    Column("standard", String(10), nullable=False),
    Column("sender", Text(), nullable=False),
    Column("receiver", Text(), nullable=False),
    Column("control", Text(), nullable=False),
    Column("usage", String(1), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("booked_at", Moment(), nullable=False),
    Column("refused", Text(), nullable=False),
    Column("twice", String(20)),
    Column("body", Text(), nullable=False),
    Column("terms", Text(), nullable=False, server_default="{}"),
    Index("interchanges_key", "standard", "sender", "receiver", "control"),
    Index("interchanges_line", "standard", "sender", "receiver", "booked_at"),
    Index("interchanges_booked", "booked_at"),
)
"""The interchanges of a job's file, in their order. ``refused``: the code of the refusal that keeps all of it out, or
''. ``twice``: the job that had its number before, with other content. ``body``: ``Interchange`` without its groups;
``terms``: ``AnswerTerms``."""
INTERCHANGE_GROUPS = Table(
    "interchange_groups",
    METADATA,
    Column("job_id", String(20), primary_key=True),
    Column("place", Integer(), primary_key=True, autoincrement=False),
    Column("part", Integer(), primary_key=True, autoincrement=False),
    Column("part_job", String(20), nullable=False),
    Column("refused", Text(), nullable=False),
    Column("body", Text(), nullable=False),
    Index("interchange_groups_job", "part_job"),
)
"""Their parts: ``part_job``: the job that imports it, '' if none does. ``body``: ``GroupRecord`` without its sets."""
INTERCHANGE_SETS = Table(
    "interchange_sets",
    METADATA,
    Column("job_id", String(20), primary_key=True),
    Column("ordinal", BigInteger(), primary_key=True, autoincrement=False),
    Column("body", Text(), nullable=False),
)
"""The sets of a part, many to a row: ``ordinal``: of the first of them; ``body``: a list of ``SetRecord``."""
EDI_NUMBERS = Table(
    "edi_numbers",
    METADATA,
    Column("partner", Text(), primary_key=True),
    Column("standard", String(10), primary_key=True),
    Column("sender", Text(), primary_key=True),
    Column("receiver", Text(), primary_key=True),
    Column("kind", String(12), primary_key=True),
    Column("last", BigInteger(), nullable=False),
)
"""The last control number that we gave (``database.control_numbers``)."""
EDI_ANSWERS = Table(
    "edi_answers",
    METADATA,
    Column("outbox", BigInteger(), primary_key=True, autoincrement=False),
    Column("job_id", String(20), nullable=False),
    Column("place", Integer(), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("control", BigInteger(), nullable=False),
    Column("group_control", BigInteger(), nullable=False),
    Column("made_at", Moment(), nullable=False),
    Column("cause", String(20), nullable=False, server_default=""),
    Column("dismissed", Text(), nullable=False, server_default=""),
    Index("edi_answers_cause", "job_id", "place", "kind", "cause", "dismissed", unique=True),
    Index("edi_answers_control", "control"),
    Index("edi_answers_group", "group_control"),
)
"""The standard acknowledgements in the outbox: which interchange they answer, and their control numbers.

``cause``: the later job whose verdict it is, ``dismissed``: the number of its document that was dismissed; or ''."""
EDI_CONFIRMATIONS = Table(
    "edi_confirmations",
    METADATA,
    Column("job_id", String(20), primary_key=True),
    Column("place", Integer(), primary_key=True, autoincrement=False),
    Column("partner", Text(), nullable=False),
    Column("type", String(10), nullable=False),
    Column("level", String(12), nullable=False),
    Column("number", Text(), nullable=False),
    Column("verdict", Text(), nullable=False),
    Column("outbox", BigInteger()),
    Column("received_at", Moment(), nullable=False),
    Index("edi_confirmations_received", "received_at"),
)
"""What partners say of the interchanges that we have sent. ``type``: 997, CONTRL …; ``level``, ``number``: what it is
about; ``outbox``: the answer that has this number, if there is one."""
NIGHTS = Table(
    "nights",
    METADATA,
    Column("schedule", Text(), primary_key=True),
    Column("due_at", Moment(), primary_key=True),
    Column("begun_at", Moment(), nullable=False),
    Column("run", Text(), nullable=False),
)
"""The nightly imports that have begun, by the time they were due: a missed one is imported later, once."""

API_KEYS = Table(
    "api_keys",
    METADATA,
    Column("key_id", String(12), primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("partner", Text(), nullable=False),
    Column("kind", String(8), nullable=False),
    Column("units", Text(), nullable=False),
    Column("read_only", Boolean(), nullable=False),
    Column("name", Text(), nullable=False),
    Column("created_at", Moment(), nullable=False),
    Column("expires_at", Moment()),
    Column("revoked_at", Moment()),
    Column("used_at", Moment()),
    Index("api_keys_digest", "digest", unique=True),
)
"""Who may ask over HTTP. ``digest``: SHA-256 of the key, which itself is nowhere; ``kind``: ``api``, ``erp``,
``operator``; ``units``: the business units that it is for, as a JSON list, empty for all of its partner."""
IDEMPOTENCY = Table(
    "idempotency",
    METADATA,
    Column("partner", Text(), primary_key=True),
    Column("key", Text(), primary_key=True),
    Column("request", String(64), nullable=False),
    Column("begun_at", Moment(), nullable=False),
    Column("status", Integer()),
    Column("headers", Text(), nullable=False, server_default="{}"),
    Column("body", LargeBinary()),
    Column("worker", String(40)),
    Index("idempotency_begun", "begun_at"),
)
"""The first answer to each ``Idempotency-Key``; ``request``: SHA-256 of method, path and body; without a ``status`` the
request isn't answered yet: ``worker`` is at it."""
SEALED = Table(
    "sealed_secrets",
    METADATA,
    Column("business_unit", String(255), primary_key=True),
    Column("name", String(40), primary_key=True),
    Column("sealed", Text(), nullable=False),
    Column("last_four", String(4), nullable=False),
    Column("set_at", Moment(), nullable=False),
)
"""Secrets of business units, sealed with a key that is not in the database."""
RECEIVED_ACKS = Table(
    "received_acks",
    METADATA,
    Column("number", BigInteger(), primary_key=True, autoincrement=False),
    Column("partner", Text(), nullable=False),
    Column("job_id", Text(), nullable=False),
    Column("known", Boolean(), nullable=False),
    Column("status", Text(), nullable=False),
    Column("body", Text(), nullable=False),
    Column("received_at", Moment(), nullable=False),
    Index("received_acks_job", "partner", "job_id"),
)
"""Acknowledgements that a partner has sent us; ``known``: whether the job that it names was that partner's."""

WEB_SESSIONS = Table(
    "web_sessions",
    METADATA,
    Column("digest", String(64), primary_key=True),
    Column("key_id", String(12), nullable=False),
    Column("form_token", String(64), nullable=False),
    Column("ends_at", Moment(), nullable=False),
)
"""People who are signed in to the pages. ``digest``: SHA-256 of what their browser's cookie has; ``form_token``: what
their forms bear, so that no other site can send one for them."""
