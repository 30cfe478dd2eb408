"""The heading under which a field was sent."""

from __future__ import annotations

from collections.abc import Mapping

from crossdock.schema.document import Document


def theirs_of(field: str, columns: Mapping[str, str], document: Document | None) -> str | None:
    """The heading as sent of a field (qualified name): its own, or that of the name that may stand for it, or that of
    which it is the sum; else None.

    ``columns``: qualified name → heading as sent.
    """
    heading = columns.get(field)
    if heading or document is None:
        return heading
    return columns.get(document.stands_for.get(field, "")) or columns.get(document.summed.get(field, ""))
