"""What counts against the lines of stored documents: lines that refer to them, straight or by a document between.

A receipt of an ASN counts on the ASN's line and, because that line names a line of a purchase order, on this one, too:
``Against.passes``. It is counted there once, from the receipt's own line, so sums stay exact.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from crossdock.documents import DOCUMENTS
from crossdock.frames.columns import keys_of, plain
from crossdock.model.decision import ComparedWith
from crossdock.model.stored import Stored
from crossdock.pipeline.lookup.target_lines import LINE, QUANTITY, SKU, UNIT, TargetLines, goods, has, stored_documents
from crossdock.schema.document import Document
from crossdock.schema.relations import CANCELLED, Against

OWN = ["unit_id", "number"]
"""The columns that name a document, beside its further keys."""
CONFIRMED = ["document", "own", "place", SKU, QUANTITY, UNIT, "final", "ended"]


def movers(target: Document) -> Iterator[tuple[Document, Against]]:
    """The document types whose lines ship or receive the target, with their relation to it."""
    for document in DOCUMENTS.values():
        for relation in document.against:
            if relation.moves and relation.document == target.name:
                yield document, relation


def between(target: Document) -> Iterator[tuple[Document, Against]]:
    """The document types that pass on to the target what is shipped or received of their lines."""
    for document in DOCUMENTS.values():
        for relation in document.against:
            if relation.passes and relation.document == target.name:
                yield document, relation


def confirmed(target: Document, units: list[str], stored: Stored) -> bool:
    """Whether any document is stored that ships or receives the target, straight or by one between."""
    moved = any(stored.loaded(document.name, unit) for document, _ in movers(target) for unit in units)
    return moved or any(confirmed(document, units, stored) for document, _ in between(target))


def confirming(target: Document, targets: pd.DataFrame, meant: TargetLines, stored: Stored) -> pd.DataFrame:
    """The stored lines that ship or receive the lines of the ``targets`` (unit_id, number), straight or by a document
    between.

    Columns as ``standing`` returns them; ``final`` and ``ended`` are about the document that they name themselves.
    """
    units = sorted(set(targets["unit_id"]))
    rows = [
        standing(relation, document, targets, meant, stored)
        for document, relation in movers(target)
        if any(stored.loaded(document.name, unit) for unit in units)
    ]
    for document, relation in between(target):
        if confirmed(document, units, stored):
            rows.append(_by(document, standing(relation, document, targets, meant, stored), stored))
    return pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=CONFIRMED)


def _by(document: Document, between: pd.DataFrame, stored: Stored) -> pd.DataFrame:
    """What confirms the lines of a document that stands between, each with the place of the line that these name.

    ``between``: its lines, as ``standing`` returns them.
    """
    number = document.header.field(document.number).column
    between = between.assign(number=between[number])
    wanted = between[["business_unit_id", number]].drop_duplicates(ignore_index=True)
    meant = TargetLines(stored_documents(document, wanted, stored), every=True)
    rows = confirming(document, between[OWN].drop_duplicates(ignore_index=True), meant, stored)
    at = meant.lines[[*meant.keys, LINE]].assign(of=np.arange(len(meant.lines)))
    named = between[[*meant.keys, "own", "place"]].rename(columns={"own": LINE})
    places = at.merge(named, on=[*meant.keys, LINE])[["of", "place"]]
    passed = rows.rename(columns={"place": "of"}).merge(places, on="of").drop(columns="of")
    return passed.assign(final=False, ended=False)


def passed_on(
    rows: pd.DataFrame, meant: TargetLines, further: Mapping[str, ComparedWith]
) -> Iterator[tuple[TargetLines, pd.DataFrame]]:
    """Rows that ship or receive lines of ``meant``, as rows of the lines that these pass them on to.

    ``rows``: unit_id, number, ``place`` in ``meant`` and others. ``further``: by type, the documents to which those of
    ``meant`` pass on. Yields the lines of these, and the rows that have a line there, with its document's number and
    its place.
    """
    for relation in meant.target.against:
        if relation.passes and relation.document in further:
            named = _named_lines(relation, meant)
            of_row = named.take(rows["place"].to_numpy(dtype=np.int64))
            known = of_row["number"].notna().to_numpy()
            lines = TargetLines(further[relation.document])
            place = np.full(len(rows), -1, dtype=np.int64)
            if known.any():
                place[known] = lines.find(of_row[known])[0]
            passed = rows.assign(number=of_row["number"].to_numpy(dtype=object), place=place)
            yield lines, passed[place >= 0]


def passed_documents(meant: TargetLines) -> list[tuple[str, pd.DataFrame]]:
    """The documents to which stored ones pass on what is shipped or received of them: type, and a frame with the
    columns business_unit_id and number.
    """
    passed = []
    for relation in meant.target.against:
        if relation.passes:
            named = _named_lines(relation, meant)[OWN].dropna().astype(object).drop_duplicates(ignore_index=True)
            passed.append((relation.document, named.set_axis(["business_unit_id", "number"], axis=1)))
    return [(name, documents) for name, documents in passed if len(documents)]


def _named_lines(relation: Against, meant: TargetLines) -> pd.DataFrame:
    """The line of another document that each of the lines names: unit_id, number, line, sku."""
    level, lines = meant.level, meant.lines
    named_line = lines[level.field(relation.line).column] if relation.line else None
    number = lines[level.field(relation.number).column]
    return pd.DataFrame({"unit_id": lines["unit_id"], "number": number, LINE: named_line, SKU: lines[SKU]})


def standing(
    relation: Against, document: Document, targets: pd.DataFrame, meant: TargetLines, stored: Stored
) -> pd.DataFrame:
    """The stored lines, without cancelled ones, that count against the ``targets`` (unit_id, number).

    Columns: the type of their ``document`` and its key, ``own`` (their number), ``place`` of the target, ``sku``,
    ``quantity``, ``unit``, ``final`` (nothing more comes of the target), ``ended`` (nothing more comes of its line).
    Raises ``TypeError`` where the document has no lines.
    """
    level = document.lines
    if level is None:
        raise TypeError(f"{document.name} has no lines to count")
    keys = [document.header.field(name).column for name in document.key]
    own = level.field(level.key[-1]).column
    stands_on = document.level_of(relation.number)
    column = stands_on.field(relation.number).column
    final = document.header.field(relation.final).column if relation.final else None
    sought = targets.set_axis(["business_unit_id", column], axis=1)
    own_goods = {name: column for column, name in goods(level).items()}
    wanted = {**own_goods, QUANTITY: level.field(relation.counts).column, "own": own}
    if relation.line and has(level, relation.line):
        wanted[LINE] = level.field(relation.line).column
    if relation.where:
        wanted["where"] = level.field(relation.where[0]).column
    if relation.ends:
        wanted["ends"] = level.field(relation.ends[0]).column
    columns = list(dict.fromkeys([*wanted.values(), "state"]))
    if stands_on is document.header:
        others = [name for name in [*keys, *([final] if final else [])] if name not in sought]
        heads = plain(stored.existing(document.header, keys_of(sought), others))
        rows = plain(stored.existing(level, keys_of(heads[keys].drop_duplicates()), columns))
        rows = rows.merge(heads, on=keys)
    else:
        others = [name for name in [*keys, *columns] if name not in sought]
        rows = plain(stored.existing(level, keys_of(sought), others))
    rows = rows[rows["state"] != CANCELLED]
    if relation.where:
        rows = rows[rows[wanted["where"]] == relation.where[1]]
    counting = rows[keys].assign(
        document=document.name,
        unit_id=rows["business_unit_id"],
        number=rows[column],
        final=rows[final].eq(True) if final else False,
        ended=rows[wanted["ends"]].eq(relation.ends[1]) if relation.ends else False,
        **{name: rows[wanted[name]] if name in wanted else None for name in (LINE, SKU, QUANTITY, UNIT, "own")},
    )
    counting["place"] = meant.find(counting, counts=True)[0]
    return counting[counting["place"] >= 0]
