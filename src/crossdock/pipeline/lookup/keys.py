"""Keys in the form in which similar keys are equal."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from crossdock.frames.columns import Cells, joined
from crossdock.schema.document import Document


def folded(key: Cells, document: Document) -> pa.Array:
    """Document keys (one row per document) without case, blanks and leading zeros: similar keys are equal then.

    Zeros that count (``Field.zeros_count``) stay.
    """
    names = [name for name in document.key if name != "businessUnitId"] or [document.number]
    return joined(_folded(key[name], zeros=document.header.field(name).zeros_count) for name in names)


def _folded(part: pa.Array, *, zeros: bool) -> pa.Array:
    text = pc.replace_substring(pc.utf8_lower(pc.fill_null(part, "")), " ", "")
    return text if zeros else pc.utf8_ltrim(text, "0")
