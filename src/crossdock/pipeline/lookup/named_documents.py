"""The stored documents that the lines of a batch ship, receive, announce or send back (contract A6, B).

They are read once per batch: the check compares the lines with them, and the writing transaction, which makes sure that
they still are at these revisions (``Decision.leaned``), moves them as they were read. So two confirmations of one order
can't both pass.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crossdock.documents import DOCUMENTS
from crossdock.frames.columns import NO_TABLE, Cells, array, distinct, filled, keys_of, length, rows_at, unit_of
from crossdock.model.batch import Assembled
from crossdock.model.decision import ComparedWith, Outcomes
from crossdock.model.stored import Stored
from crossdock.partners.feed import Feed
from crossdock.pipeline.lookup.confirmations import passed_documents
from crossdock.pipeline.lookup.stored_side import StoredSide
from crossdock.pipeline.lookup.target_lines import (
    LINE,
    QUANTITY,
    SKU,
    UNIT,
    TargetLines,
    of_numbers,
    stored_documents,
)
from crossdock.schema.document import Document, Level
from crossdock.schema.relations import Against
from crossdock.schema.roles import Role


@dataclass(frozen=True)
class NamedDocuments:
    """The documents of one type that lines of a batch name.

    ``rows``: these lines, indexed by line: their ``document``, the target that they name (unit_id, number), their
    ``line``, ``sku``, ``quantity``, ``unit`` and ``own`` number. ``documents``: those that are stored. ``further``: by
    type, the stored documents to which these pass on what is shipped or received of them.
    """

    relation: Against
    rows: pd.DataFrame
    documents: ComparedWith
    further: Mapping[str, ComparedWith]


def named_documents(assembled: Assembled, feed: Feed, stored: Stored) -> tuple[NamedDocuments, ...]:
    """The stored documents that a batch is compared with, by relation; none of a relation that no line has."""
    named = []
    for relation in feed.document.against:
        rows = _lines(relation, assembled, feed.document)
        if len(rows):
            target = DOCUMENTS[relation.document]
            agreeing = [target.header.field(theirs).column for _, theirs in relation.agrees]
            wanted = rows[["unit_id", "number"]].set_axis(["business_unit_id", "number"], axis=1)
            meant = stored_documents(target, of_numbers(target, wanted), stored, agreeing)
            further = passed_documents(TargetLines(meant, every=True)) if relation.moves else []
            passed = {
                name: stored_documents(DOCUMENTS[name], of_numbers(DOCUMENTS[name], keys), stored)
                for name, keys in further
            }
            named.append(NamedDocuments(relation, rows, meant, passed))
    return tuple(named)


def moved_ones(named: tuple[NamedDocuments, ...]) -> tuple[ComparedWith, ...]:
    """The stored documents whose state the batch changes, at their revisions."""
    moved = (each for each in named if each.relation.moves)
    return tuple(some for each in moved for some in (each.documents, *each.further.values()))


def moving(
    named: tuple[NamedDocuments, ...], assembled: Assembled, stored_side: StoredSide, outcomes: Outcomes, feed: Feed
) -> tuple[tuple[str, Cells], ...]:
    """Per document type, the documents (business_unit_id, number) whose shipped or received quantities may change.

    ``outcomes``: the batch's (``Decision.outcomes``).
    """
    document = feed.document
    taken = outcomes.taken
    by_type = []
    if document.moved is not None:
        own = {"business_unit_id": unit_of(assembled.key), "number": filled(assembled.key, document.number)}
        by_type.append((document.name, {name: array(each[taken]) for name, each in own.items()}))
    now = {each.relation: each.rows for each in named}
    for relation in document.against:
        if relation.moves:
            parts = [_before(relation, stored_side, document)]
            if relation in now:
                rows = now[relation]
                of_taken = rows[taken[rows["document"].to_numpy(dtype=np.int64)]]
                parts.insert(0, of_taken[["unit_id", "number"]].set_axis(["business_unit_id", "number"], axis=1))
            by_type.append((relation.document, keys_of(pd.concat(parts))))
    return tuple((name, rows_at(keys, distinct(keys))) for name, keys in by_type if length(keys))


def _before(relation: Against, stored_side: StoredSide, document: Document) -> pd.DataFrame:
    """The documents that the stored form of the batch's documents refers to."""
    level = document.lines
    stands_on = document.level_of(relation.number)
    stored, field = stored_side.levels[stands_on.title].stored, stands_on.field(relation.number)
    if not len(stored):
        return pd.DataFrame(columns=["business_unit_id", "number"])
    named = pd.DataFrame({"business_unit_id": stored.values("business_unit_id"), "number": stored.values(field.column)})
    if relation.where is not None and level is not None:
        named = named[stored.values(level.field(relation.where[0]).column) == relation.where[1]]
    return named.dropna()


def _lines(relation: Against, assembled: Assembled, document: Document) -> pd.DataFrame:
    """The lines that count, as ``NamedDocuments.rows`` has them."""
    level = document.lines
    if level is None:
        return NO_TABLE
    lines = assembled.rows[level.title]
    units, numbers = (_values(name, assembled, document, level) for name in ("businessUnitId", relation.number))
    live = (~assembled.cancels)[lines.document] & ~assembled.cancels_rows(level.title)
    live &= pd.notna(numbers) & pd.notna(units)
    if relation.where is not None:
        live &= _values(relation.where[0], assembled, document, level) == relation.where[1]
    if not live.any():
        return NO_TABLE
    item, unit = (field.name if field else "" for field in (level.role(Role.ITEM), level.role(Role.MEASURE)))
    names = {LINE: relation.line or "", SKU: item, QUANTITY: relation.counts, UNIT: unit}
    columns = {"document": lines.document, "unit_id": units, "number": numbers}
    columns |= {column: _values(name, assembled, document, level) for column, name in names.items()}
    columns["own"] = lines.values(document.numbering)
    return pd.DataFrame({column: values[live] for column, values in columns.items()}, index=lines.lines[live])


def _values(name: str, assembled: Assembled, document: Document, level: Level) -> np.ndarray:
    """What each line says in a field of its own, or else in one of its header; None where there is no such field."""
    lines = assembled.rows[level.title]
    qualified = document.spelled(name, level)
    if qualified in lines.cells:
        return lines.values(qualified)
    return assembled.header.values(document.spelled(name, document.header))[lines.document]
