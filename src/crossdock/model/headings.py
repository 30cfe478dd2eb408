"""The heading under which a field was sent."""

from __future__ import annotations

from collections.abc import Mapping

from crossdock.schema.document import Document


def theirs_of(field: str, columns: Mapping[str, str], document: Document | None) -> str | None:
    """The heading as sent under which a field stands: its own, or that of the name it may be written as."""
    heading = columns.get(field)
    return heading or (columns.get(document.stands_for.get(field, "")) if document else None)
