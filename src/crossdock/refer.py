"""Values that must be in a list: whether a loaded list knows them, and what the items of the lines are (contract A7).

A list that nobody loaded isn't asked. What is looked up is looked up once a batch, inside the document's business unit
only, and nearest known values are suggested from there only.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from crossdock.columns import given, plain
from crossdock.documents import DOCUMENTS, codes
from crossdock.documents.customer import PARTY
from crossdock.documents.document import Document, Field
from crossdock.failures import Failures
from crossdock.feeds import Feed
from crossdock.model import Gathered, Stored


def refer(gathered: Gathered, feed: Feed, stored: Stored) -> tuple[Failures, np.ndarray]:
    """Values that no loaded list knows; and which documents have a customer that one knows (A7)."""
    found = []
    known_customer = np.zeros(gathered.size, dtype=bool)
    for frame, name, field, unit, here in _asked(gathered, feed):
        listed = str(field.refers)
        if not field.must and not stored.loaded(listed, unit):
            continue
        values = frame[name].to_numpy(dtype=object, na_value=None)
        active = stored.known(listed, unit, sorted(set(values[here])))
        unknown = here & ~np.isin(values, list(active))
        resting = [value for value, alive in active.items() if not alive and DOCUMENTS[listed].is_list]
        idle = here & np.isin(values, resting)
        found += _unlisted(frame, name, listed, values, unknown, idle, stored, unit, feed)
        if listed == "customer" and len(frame) == gathered.size:
            known_customer |= here & ~unknown
    return Failures.merge(*found), known_customer


def contacts(gathered: Gathered, feed: Feed, stored: Stored) -> Failures:
    """Persons that are no contacts of the customer, where the customer has any (contract B, ERP)."""
    header, name = gathered.header, feed.document.contact
    if not name or name not in header or PARTY not in header:
        return Failures.none()
    level = DOCUMENTS["customer"].header
    asked = pd.DataFrame(
        {
            "business_unit_id": header["businessUnitId"].to_numpy(dtype=object, na_value=""),
            "customer_number": header[PARTY].to_numpy(dtype=object, na_value=""),
        }
    )
    known = plain(stored.existing(level, asked.drop_duplicates(ignore_index=True), ["contacts"]))
    told = asked.merge(known, on=list(asked), how="left")["contacts"].tolist() if len(known) else [None] * len(asked)
    said = header[name].to_numpy(dtype=object, na_value=None)
    lines, details = [], []
    for line, person, all_of in zip(header.index, said, told, strict=True):
        names = [each.strip() for each in all_of.split(";")] if isinstance(all_of, str) else []
        if person and names and person.casefold() not in [each.casefold() for each in names]:
            lines.append(line)
            details.append({"known": ", ".join(names)})
    return feed.failures(lines, name, "unknown_contact", details)


def _asked(gathered: Gathered, feed: Feed) -> Iterator[tuple[pd.DataFrame, str, Field, str, np.ndarray]]:
    """Every column that refers to a list, by business unit: the frame, the column, its field, the unit, its rows."""
    document = feed.document
    header = gathered.header
    units = np.full(len(header), "", dtype=object)
    if "businessUnitId" in header:
        units = header["businessUnitId"].to_numpy(dtype=object, na_value=None)
    for level in document.levels:
        frame = gathered.rows[level.title].cells
        owner = units[gathered.rows[level.title].document]
        for name, field in document.of(level).items():
            if field.refers is None or name not in frame:
                continue
            if not field.must and feed.keys.references.get(field.refers) == "off":
                continue
            present = given(frame, name)
            for unit in sorted({each for each in owner[present] if isinstance(each, str)}):
                yield frame, name, field, unit, (owner == unit) & present


def _unlisted(
    frame: pd.DataFrame,
    name: str,
    listed: str,
    values: np.ndarray,
    unknown: np.ndarray,
    idle: np.ndarray,
    stored: Stored,
    unit: str,
    feed: Feed,
) -> list[Failures]:
    words = DOCUMENTS[listed].called
    near = stored.suggestions(listed, unit) if unknown.any() and DOCUMENTS[listed].is_list else []
    hints = {value: suggested({"list": words}, value, near) for value in set(values[unknown])}
    return [
        feed.failures(frame.index[unknown], name, "unknown_reference", (hints[value] for value in values[unknown])),
        feed.failures(frame.index[idle], name, "inactive_reference", {"list": words}),
    ]


def suggested(detail: dict[str, object], value: str, known: list[str]) -> dict[str, object]:
    """Details of a failure with the known value that was probably meant."""
    near = codes.nearest(value, known)
    return detail | ({"suggestion": near} if near else {})


def items(gathered: Gathered, feed: Feed, stored: Stored) -> pd.DataFrame:
    """What the SKUs of the lines say of themselves, a row a line: ``known``, ``lot``, ``serial`` (bool)."""
    level = feed.document.lines
    lines = gathered.rows[level.title].cells if level else pd.DataFrame()
    nothing = pd.DataFrame({name: np.zeros(len(lines), dtype=bool) for name in ("known", "lot", "serial")})
    if level is None or "skuId" not in lines:
        return nothing
    sku: Document = DOCUMENTS["sku"]
    header = gathered.header
    units = header["businessUnitId"].to_numpy(dtype=object, na_value="")[gathered.rows[level.title].document]
    asked = pd.DataFrame({"business_unit_id": units, "sku_id": lines["skuId"].to_numpy(dtype=object, na_value="")})
    columns = ["is_lot_controlled", "is_serial_controlled"]
    found = plain(stored.existing(sku.header, asked.drop_duplicates(ignore_index=True), columns))
    if found.empty:
        return nothing
    merged = asked.merge(found.assign(known=True), on=list(asked), how="left")
    made = {"known": "known", "lot": columns[0], "serial": columns[1]}
    return pd.DataFrame({name: merged[column].eq(True).to_numpy(dtype=bool) for name, column in made.items()})
