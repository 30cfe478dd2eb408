"""Document keys as they are stored, and in the form in which similar keys are equal."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from crossdock.frames.columns import Cells, array, joined, length, or_else, unit_of
from crossdock.schema.document import Document


def stored_keys(key: Cells, document: Document) -> dict[str, pa.Array]:
    """Document keys (one row per document) as SQL columns, '' for a null."""
    return {document.header.field(name).column: or_else(key[name], "") for name in document.key}


def folds(key: Cells, document: Document) -> dict[str, pa.Array]:
    """What is alike in similar document keys: ``key_fold``, and ``unit``, '' where units own no such document."""
    unit = array(unit_of(key)) if document.owned else pa.repeat("", length(key))
    return {"unit": unit, "key_fold": folded(key, document)}


def folded(key: Cells, document: Document) -> pa.Array:
    """Document keys (one row per document) without case, blanks and leading zeros: similar keys are equal then.

    Zeros that count (``Field.zeros_count``) stay.
    """
    names = [name for name in document.key if name != "businessUnitId"] or [document.number]
    return joined(_folded(key[name], zeros=document.header.field(name).zeros_count) for name in names)


def _folded(part: pa.Array, *, zeros: bool) -> pa.Array:
    text = pc.replace_substring(pc.utf8_lower(or_else(part, "")), " ", "")
    return text if zeros else pc.utf8_ltrim(text, "0")
