"""Values that must be in a list: whether a loaded list knows them, and what the items of the lines are (contract A7).

A list that nobody loaded isn't asked. What is looked up is looked up once a batch, inside the document's business unit
only, and nearest known values are suggested from there only.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from crossdock.columns import given, plain, unit_of
from crossdock.documents import CUSTOMERS, DOCUMENTS, ITEMS, codes
from crossdock.documents.document import Document, Field
from crossdock.documents.roles import Role
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
        if field.role is Role.CUSTOMER and len(frame) == gathered.size:
            known_customer |= here & ~unknown
    return Failures.merge(*found), known_customer


def contacts(gathered: Gathered, feed: Feed, stored: Stored) -> Failures:
    """Persons that are no contacts of the customer, where the customer has any (contract B, ERP)."""
    header, name = gathered.header, feed.document.playing(Role.CONTACT, feed.document.header)
    known = CUSTOMERS.header.role(Role.CONTACT)
    if known is None or name not in header:
        return Failures.none()
    told = customers(gathered, feed.document, [known], stored)[known.column].tolist()
    said = header[name].to_numpy(dtype=object, na_value=None)
    lines, details = [], []
    for line, person, all_of in zip(header.index, said, told, strict=True):
        names = [each.strip() for each in all_of.split(";")] if isinstance(all_of, str) else []
        if person and names and person.casefold() not in [each.casefold() for each in names]:
            lines.append(line)
            details.append({"known": ", ".join(names)})
    return feed.failures(lines, name, "unknown_contact", details)


def customers(gathered: Gathered, document: Document, fields: list[Field], stored: Stored) -> pd.DataFrame:
    """What the customers of the documents say of themselves, a row per document: those fields by column, or None."""
    header, name = gathered.header, document.playing(Role.CUSTOMER, document.header)
    values = header[name] if name in header else pd.Series("", index=header.index)
    return _told(CUSTOMERS, unit_of(header), values, fields, stored)


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
    """What the items of the lines say of themselves, a row per line: ``known``, ``lot``, ``serial`` (bool)."""
    level = feed.document.lines
    name = feed.document.playing(Role.ITEM, level)
    lines = gathered.rows[level.title].cells if level else pd.DataFrame()
    fields = {"lot": ITEMS.header.role(Role.LOT), "serial": ITEMS.header.role(Role.SERIAL)}
    if level is None or name not in lines:
        return pd.DataFrame({each: np.zeros(len(lines), dtype=bool) for each in ("known", *fields)})
    units = unit_of(gathered.header)[gathered.rows[level.title].document]
    told = _told(ITEMS, units, lines[name], [field for field in fields.values() if field], stored)
    made = {each: told[field.column].eq(True).to_numpy(dtype=bool) for each, field in fields.items() if field}
    return pd.DataFrame({"known": told["known"].to_numpy(dtype=bool), **made})


def _told(listed: Document, units: np.ndarray, values: pd.Series, fields: list[Field], stored: Stored) -> pd.DataFrame:
    """What a list says of values, a row each: ``known``, and those fields of its header by column, None if unknown."""
    number = listed.header.field(listed.number).column
    asked = pd.DataFrame({"business_unit_id": units, number: values.to_numpy(dtype=object, na_value="")})
    sought = asked[(asked[number] != "").to_numpy(dtype=bool)].drop_duplicates(ignore_index=True)
    if sought.empty or not fields:
        return pd.DataFrame(
            {"known": False, **{field.column: None for field in fields}}, index=asked.index, dtype=object
        )
    found = plain(stored.existing(listed.header, sought, [field.column for field in fields]))
    merged = asked.merge(found.assign(known=True), on=list(asked), how="left")
    return plain(merged.drop(columns=list(asked)).assign(known=merged["known"].eq(True)))
