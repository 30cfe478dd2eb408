"""Small tables for the tests of the steps: what was sent, what is stored, without a file and without a database.

``sent`` takes the rows of a little CSV file and goes with them as far as a test asks: ``translated``, ``assembled``,
``typed``, ``stored_side``, ``found``, ``decided``; each is what that step gives, made once. ``Shelf`` answers what a check
asks of a database, from rows that the test gives. ``brief`` shows failures as a test reads them.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa

from crossdock.database.lookups import EmptyStore, StoredWithPending
from crossdock.database.tables import LEVELS, arrow
from crossdock.documents import DOCUMENTS
from crossdock.failures.failures import Failures
from crossdock.frames.columns import Cells
from crossdock.model.batch import Assembled, Batch
from crossdock.model.decision import Decision, Write
from crossdock.partners.feed import Feed
from crossdock.partners.feed_config import Keys
from crossdock.pipeline.lookup.named_documents import NamedDocuments, named_documents
from crossdock.pipeline.lookup.stored_side import StoredSide, fetch_stored_side, fill_from_stored
from crossdock.pipeline.lookup.versions import versions
from crossdock.pipeline.normalize.assemble import assemble
from crossdock.pipeline.normalize.content_hash import content_hashes
from crossdock.pipeline.normalize.parse import parse
from crossdock.pipeline.normalize.translate import defaults_of, translate
from crossdock.pipeline.reconcile.differences import Differences, differences
from crossdock.pipeline.reconcile.disposition import decide
from crossdock.pipeline.validate.run import validate
from crossdock.schema.document import Document, Level
from tests.warehouse import HEADER, TODAY

SHIPMENT = "shipmentId,customerOrderNumber,shipDate,lineNumber,customerLineNumber,skuId,quantityShipped"
"""The headings of a ship confirmation."""
STORED = {"business_unit_id": "BU1", "state": "OPEN", "job": "J0", "line": "2"}
"""What a stored row has where the test doesn't say."""
STORED_HEADER = {"partner": "acme", "shared": "false", "revision": "1", "change": "1"}
"""The same of the row of a document."""


def feed(document: str = "sales_order", **keys: Any) -> Feed:
    """A feed of the partner acme, in Berlin, for BU1 and BU2; its keys use our qualified names."""
    toml = {"document": document, "files": "*", "constants": {"businessUnitId": "BU1"}} | keys
    return Feed(
        "acme", ZoneInfo("Europe/Berlin"), ("BU1", "BU2"), False, DOCUMENTS[document], Keys.model_validate(toml)
    )


def cells(*rows: str, header: str) -> dict[str, list[str | None]]:
    """The columns of a little CSV file, None where a cell is blank."""
    names, *read = csv.reader([header, *rows], quotechar="'")
    assert all(len(row) == len(names) for row in read), "a row has too many cells, or too few"
    return {name: [row[place] or None for row in read] for place, name in enumerate(names)}


def texts(columns: Mapping[str, list[str | None]]) -> dict[str, pa.Array]:
    """Columns of text."""
    return {name: pa.array(values, pa.string()) for name, values in columns.items()}


def plain(rows: Cells | pd.DataFrame, *names: str) -> list[tuple[Any, ...]]:
    """The rows of a table, or of some of its columns, as Python's own values."""
    columns = [
        rows[name].astype(object).where(rows[name].notna(), None)
        if isinstance(rows, pd.DataFrame)
        else rows[name].to_pylist()
        for name in names or rows
    ]
    return list(zip(*columns, strict=True))


def brief(failures: Failures) -> list[tuple[int, str, str]]:
    """(line, field, code) of each."""
    rows = failures.rows
    return list(zip(rows["line"].tolist(), rows["field"].tolist(), rows["code"].tolist(), strict=True))


def details(failures: Failures) -> list[Any]:
    """What the sentences need besides column and value, of each."""
    return [json.loads(each) if each else None for each in failures.rows["detail"]]


class Shelf(StoredWithPending):
    """A store of which the test gives the rows: by SQL table the rows of a little CSV file under SQL's columns.

    ``later``: of jobs, whether they came behind the file that a fix-workbook fixes; ``lacking``: business unit and
    number of the documents that this file did not bring in whole. ``names``: of jobs, that of their file.
    """

    def __init__(
        self,
        later: Mapping[str, bool] | None = None,
        lacking: set[tuple[str, str]] | None = None,
        names: Mapping[str, str] | None = None,
        **tables: list[str],
    ) -> None:
        super().__init__(EmptyStore())
        self._names = dict(names or {})
        self._later, self._lacking = dict(later or {}), lacking or set()
        self._tables: dict[str, pa.Table] = {}
        for document in DOCUMENTS.values():
            for level in document.levels:
                if level.table in tables:
                    header, *rows = tables[level.table]
                    self._put(document, level, cells(*rows, header=header))

    def _put(self, document: Document, level: Level, columns: dict[str, list[str | None]]) -> None:
        table, size = LEVELS[level.table], len(next(iter(columns.values())))
        known = STORED | (STORED_HEADER if level is document.header else {})
        every = {name: [value] * size for name, value in known.items() if name in table.c} | columns
        for each in table.primary_key:  # a blank part of a key is stored as text
            every[each.name] = [value or "" for value in every[each.name]]
        arrow_table = pa.table(
            {name: pa.array(values, pa.string()).cast(arrow(table.c[name])) for name, values in every.items()}
        )
        self._tables[level.table] = arrow_table
        self.foresee((Write(level, arrow_table, pa.table({})),))

    def _column(self, name: str, column: str, unit: str) -> list[Any]:
        """The values of a column of a document's rows in a business unit."""
        rows = self._tables.get(DOCUMENTS[name].header.table)
        if rows is None:
            return []
        units = rows.column("business_unit_id") if "business_unit_id" in rows.column_names else [unit] * len(rows)
        return [value for value, of in zip(rows.column(column).to_pylist(), map(str, units), strict=True) if of == unit]

    def loaded(self, name: str, business_unit: str) -> bool:
        return bool(self._column(name, "state", business_unit))

    def suggestions(self, name: str, business_unit: str) -> list[str]:
        document = DOCUMENTS[name]
        return sorted(self._column(name, document.header.field(document.number).column, business_unit))

    def units(self) -> dict[str, int]:
        rows = self._tables.get("units")
        return {row["code"]: row["decimals"] for row in rows.to_pylist()} if rows else {}

    def highest(self, document: Document, business_unit: str) -> int:
        numbers = self._column(document.name, document.header.field(document.number).column, business_unit)
        return max(map(int, numbers), default=0)

    def held(self, document: Document, partner: str, keys: list[str]) -> set[str]:
        return set()

    def newer_jobs(self, job: str, others: list[str]) -> set[str]:
        return {each for each in others if self._later.get(each, False)}

    def foreign_jobs(self, job: str, others: list[str]) -> dict[str, bool]:
        return {each: self._later[each] for each in others if each in self._later}

    def newer_copies(self, document: Document, partner: str, job: str, fixes: str, keys: list[str]) -> dict[str, str]:
        return {}

    def names(self, jobs: list[str]) -> dict[str, str]:
        return {each: self._names[each] for each in jobs if each in self._names}

    def short(self, job: str, numbers: list[str]) -> set[tuple[str, str]]:
        return {each for each in self._lacking if each[1] in numbers}


def notice(*packages: str, lines: tuple[str, ...] = ("1",)) -> Shelf:
    """A stored ASN, A1 of the vendor V1, of one AB a line; its packages: line, carton, lot."""
    return Shelf(
        asns=["vendor_number,asn_number", "V1,A1"],
        asn_lines=["vendor_number,asn_number,line_number,sku_id,quantity", *(f"V1,A1,{line},AB,1" for line in lines)],
        asn_packages=[
            "vendor_number,asn_number,line_number,carton_id,lot_number,serial_number,pallet_id",
            *(f"V1,A1,{package},," for package in packages),
        ],
    )


@dataclass(frozen=True)
class Sent:
    """The rows of a little table, and what the steps make of them: each with what is wrong so far."""

    of: Feed
    batch: Batch
    columns: dict[str, str]
    stored: Shelf = field(default_factory=Shelf)
    objects: bool = False
    sequence: str = ""
    today: date = TODAY

    @cached_property
    def translated(self) -> tuple[Cells, Failures]:
        return translate(self.batch, self.columns, self.of, plain_numbers=False)

    @cached_property
    def assembled(self) -> tuple[Assembled, Failures]:
        return assemble(
            self.batch, self.translated[0], self.of, self.columns, defaults_of(self.of), objects=self.objects
        )

    @cached_property
    def typed(self) -> tuple[Assembled, Failures]:
        parsed, failures = parse(self.assembled[0], self.of)
        return replace(parsed, version=versions(parsed, self.of, self.sequence)), failures

    @cached_property
    def contents(self) -> list[str]:
        return content_hashes(self.typed[0], self.of)

    @cached_property
    def stored_side(self) -> tuple[Assembled, StoredSide]:
        """Beside what is stored, and filled in from it."""
        numbered, stored_side = fetch_stored_side(self.typed[0], self.contents, self.stored, self.of)
        keeps = stored_side.exists & ~self.of.clears(numbered.extents) & ~numbered.acts("replace")
        return fill_from_stored(numbered, stored_side, self.of, keeps)

    @cached_property
    def named(self) -> tuple[NamedDocuments, ...]:
        """The stored documents that the lines name."""
        return named_documents(self.stored_side[0], self.of, self.stored)

    @cached_property
    def before(self) -> Failures:
        """What the steps before the check have found."""
        return Failures.merge(self.translated[1], self.assembled[1], self.typed[1])

    @cached_property
    def failures(self) -> Failures:
        """What the check finds, with that."""
        return validate(*self.stored_side, self.contents, self.named, self.of, self.stored, self.today, self.before)

    @cached_property
    def differing(self) -> Differences:
        return differences(*self.stored_side, self.of)

    @cached_property
    def nobody(self) -> np.ndarray:
        """By document: nothing was stored behind a fix-workbook's back."""
        return np.full(self.stored_side[0].size, None, dtype=object)

    @cached_property
    def decided(self) -> Decision:
        return self.decide()

    def decide(self, *, withheld: bool = False) -> Decision:
        """The verdict; ``withheld``: on a file that is held whole."""
        assembled, stored_side = self.stored_side
        return decide(self.batch, assembled, stored_side, self.contents, self.failures, self.of, "J1", self.nobody,
                      withheld=withheld)  # fmt: skip


def sent(
    *rows: str,
    header: str = HEADER,
    of: Feed | None = None,
    stored: Shelf | None = None,
    faults: Mapping[int, tuple[str, Mapping[str, Any]]] | None = None,
    spoiled: Mapping[int, Mapping[str, Any]] | None = None,
    holds: Mapping[str, tuple[str, int]] | None = None,
    groups: list[int] | None = None,
    origins: list[int] | None = None,
    nested: bool = False,
    sequence: str = "",
) -> Sent:
    """Rows under headings, in file order from line 2 on, those of one key one document.

    ``faults``: line → code and details of what is wrong with a record; ``spoiled``: line → heading → code and details
    of a cell; ``holds``: number → why a document is held, the line to blame. ``groups``: which records are one document
    where the key doesn't tell; ``origins``: of which document of an earlier job. ``nested``: they come from objects.
    """
    reads, size = of or feed(), len(rows)
    lines = list(range(2, size + 2))
    by_heading = cells(*rows, header=header)
    columns = reads.columns(list(by_heading))
    parts = reads.key(pa.table({name: pa.array(values, pa.string()) for name, values in by_heading.items()}), columns)
    key = {name: part.to_pylist() for name, part in zip(reads.document.key, parts, strict=True)}
    number = key[reads.document.number]
    blank = [-place if each is None else 0 for place, each in enumerate(number, 1)]  # each is a document of its own
    named = list(zip(*key.values(), blank, strict=True))
    own = np.array(groups or [named.index(each) + 1 for each in named], dtype=np.uint64)
    wrong = [(faults or {}).get(line) for line in lines]
    cell_faults = [(spoiled or {}).get(line) for line in lines]
    batch = Batch(
        number=0,
        lines=np.array(lines, dtype=np.int64),
        raw=texts(by_heading),
        key=texts(key),
        group=own,
        record=np.arange(size),
        nested=np.full(size, nested),
        fault=np.array([each and each[0] for each in wrong], dtype=object),
        detail=np.array([each and json.dumps(each[1]) for each in wrong], dtype=object),
        spoiled=np.array([each and json.dumps(each) for each in cell_faults], dtype=object),
        origin=np.array(origins or [0] * size, dtype=np.int64),
        holds={int(own[number.index(each)]): why for each, why in (holds or {}).items()},
    )
    return Sent(reads, batch, columns, stored or Shelf(), objects=nested, sequence=sequence)
