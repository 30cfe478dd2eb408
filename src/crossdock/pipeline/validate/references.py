"""Values that must be in a list: whether a loaded list has them (contract A7).

A list that nobody loaded isn't queried, unless it must have the values. A value is looked up once per batch, inside the
document's business unit only, and the nearest values are suggested from there only.
"""

from __future__ import annotations

from collections.abc import Container, Iterator

import numpy as np

from crossdock.documents import CUSTOMERS, DOCUMENTS
from crossdock.failures.failures import Failures
from crossdock.frames.rows import LevelRows
from crossdock.model.batch import Assembled
from crossdock.model.stored import Stored
from crossdock.partners.feed import Feed
from crossdock.pipeline.lookup.listed import listed_customers
from crossdock.schema import codes
from crossdock.schema.document import Field
from crossdock.schema.roles import Role


def check_references(assembled: Assembled, feed: Feed, stored: Stored) -> tuple[Failures, np.ndarray]:
    """The failures of values that no loaded list has; and which documents have a customer of a list (bool; A7).

    A list of which nothing is loaded is not asked, unless the feed says that it must have the values.
    """
    failures = []
    known_customer = np.zeros(assembled.size, dtype=bool)
    for rows, name, field, unit, here in _referring_columns(assembled, feed):
        listed = str(field.refers)
        strict = field.must or feed.keys.references.get(listed) == "fail"
        if not strict and not stored.loaded(listed, unit):
            continue
        values = rows.values(name)
        active = stored.known(listed, unit, sorted(set(values[here])))
        unknown = here & ~_among(values, active)
        resting = {value for value, alive in active.items() if not alive and DOCUMENTS[listed].is_list}
        idle = here & _among(values, resting)
        failures += _unlisted(rows, name, listed, values, unknown, idle, stored, unit, feed)
        if field.role is Role.CUSTOMER and len(rows) == assembled.size:
            known_customer |= here & ~unknown
    return Failures.merge(*failures), known_customer


def _among(values: np.ndarray, some: Container[object]) -> np.ndarray:
    """Which values are among some, bool; NumPy would sort them, which takes ten times as long for text."""
    return np.fromiter((value in some for value in values.tolist()), bool, len(values))


def check_contacts(assembled: Assembled, feed: Feed, stored: Stored) -> Failures:
    """The failures of persons that are not contacts of the customer, where it has contacts (contract B, ERP)."""
    header, name = assembled.header, feed.document.playing(Role.CONTACT, feed.document.header)
    contact_field = CUSTOMERS.header.role(Role.CONTACT)
    if contact_field is None or name not in header.cells:
        return Failures.none()
    contacts = listed_customers(assembled, feed.document, [contact_field], stored)[contact_field.column].tolist()
    persons = header.values(name)
    lines, details = [], []
    for line, person, all_of in zip(header.lines, persons, contacts, strict=True):
        names = [each.strip() for each in all_of.split(";")] if isinstance(all_of, str) else []
        if person and names and person.casefold() not in [each.casefold() for each in names]:
            lines.append(line)
            details.append({"known": ", ".join(names)})
    return feed.failures(lines, name, "unknown_contact", details)


def _referring_columns(assembled: Assembled, feed: Feed) -> Iterator[tuple[LevelRows, str, Field, str, np.ndarray]]:
    """Every column that refers to a list, by business unit: the rows, the column, its field, the unit, its rows."""
    document = feed.document
    for level in document.levels:
        rows = assembled.rows[level.title]
        for name, field in document.of(level).items():
            if field.refers is None or name not in rows.cells:
                continue
            if not field.must and feed.keys.references.get(field.refers) == "off":
                continue
            for unit, here in assembled.by_unit(rows, rows.has(name)):
                yield rows, name, field, unit, here


def _unlisted(
    rows: LevelRows,
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
    hints = {value: suggested({"list": words, "meant": value}, value, near) for value in set(values[unknown])}
    return [
        feed.failures(rows.lines[unknown], name, "unknown_reference", (hints[value] for value in values[unknown])),
        feed.failures(rows.lines[idle], name, "inactive_reference", {"list": words}),
    ]


def suggested(detail: dict[str, object], value: str, candidates: list[str]) -> dict[str, object]:
    """Details of a failure with the candidate that was probably meant."""
    near = codes.nearest(value, candidates)
    return detail | ({"suggestion": near} if near else {})
