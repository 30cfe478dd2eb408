"""Keys in the form in which similar keys are equal."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crossdock.frames.columns import array, joined
from crossdock.schema.document import Document


def folded(key: pd.DataFrame, document: Document) -> pa.Array:
    """Document keys (one row per document) without case, blanks and leading zeros: similar keys are equal then."""
    names = [name for name in document.key if name != "businessUnitId"] or [document.number]
    lower = (pc.utf8_lower(pc.fill_null(array(key[name]), "")) for name in names)
    return joined(pc.utf8_ltrim(pc.replace_substring(part, " ", ""), "0") for part in lower)
