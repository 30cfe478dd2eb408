"""Values that must be in a list: whether a loaded list knows them (contract A7).

A list that nobody loaded isn't asked. What is looked up is looked up once per batch, inside the document's business
unit only, and nearest known values are suggested from there only.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from crossdock.documents import CUSTOMERS, DOCUMENTS
from crossdock.failures.failures import Failures
from crossdock.frames.columns import given
from crossdock.model.batch import Assembled
from crossdock.model.stored import Stored
from crossdock.partners.feed import Feed
from crossdock.pipeline.lookup.listed import listed_customers
from crossdock.schema import codes
from crossdock.schema.document import Field
from crossdock.schema.roles import Role


def check_references(assembled: Assembled, feed: Feed, stored: Stored) -> tuple[Failures, np.ndarray]:
    """Values that no loaded list knows; and which documents have a customer that one knows (A7)."""
    found = []
    known_customer = np.zeros(assembled.size, dtype=bool)
    for frame, name, field, unit, here in _asked(assembled, feed):
        listed = str(field.refers)
        if not field.must and not stored.loaded(listed, unit):
            continue
        values = frame[name].to_numpy(dtype=object, na_value=None)
        active = stored.known(listed, unit, sorted(set(values[here])))
        unknown = here & ~np.isin(values, list(active))
        resting = [value for value, alive in active.items() if not alive and DOCUMENTS[listed].is_list]
        idle = here & np.isin(values, resting)
        found += _unlisted(frame, name, listed, values, unknown, idle, stored, unit, feed)
        if field.role is Role.CUSTOMER and len(frame) == assembled.size:
            known_customer |= here & ~unknown
    return Failures.merge(*found), known_customer


def check_contacts(assembled: Assembled, feed: Feed, stored: Stored) -> Failures:
    """Persons that are no contacts of the customer, where the customer has any (contract B, ERP)."""
    header, name = assembled.header, feed.document.playing(Role.CONTACT, feed.document.header)
    known = CUSTOMERS.header.role(Role.CONTACT)
    if known is None or name not in header:
        return Failures.none()
    told = listed_customers(assembled, feed.document, [known], stored)[known.column].tolist()
    said = header[name].to_numpy(dtype=object, na_value=None)
    lines, details = [], []
    for line, person, all_of in zip(header.index, said, told, strict=True):
        names = [each.strip() for each in all_of.split(";")] if isinstance(all_of, str) else []
        if person and names and person.casefold() not in [each.casefold() for each in names]:
            lines.append(line)
            details.append({"known": ", ".join(names)})
    return feed.failures(lines, name, "unknown_contact", details)


def _asked(assembled: Assembled, feed: Feed) -> Iterator[tuple[pd.DataFrame, str, Field, str, np.ndarray]]:
    """Every column that refers to a list, by business unit: the frame, the column, its field, the unit, its rows."""
    document = feed.document
    header = assembled.header
    units = np.full(len(header), "", dtype=object)
    if "businessUnitId" in header:
        units = header["businessUnitId"].to_numpy(dtype=object, na_value=None)
    for level in document.levels:
        frame = assembled.rows[level.title].cells
        owner = units[assembled.rows[level.title].document]
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
