"""Keys in the form in which similar keys are equal."""

from __future__ import annotations

import pandas as pd

from crossdock.frames.columns import KEY_SEPARATOR
from crossdock.schema.document import Document


def folded(key: pd.DataFrame, document: Document) -> pd.Series:
    """Document keys (one row per document) without case, blanks and leading zeros: similar keys are equal then."""
    names = [name for name in document.key if name != "businessUnitId"] or [document.number]
    parts = [key[name].fillna("").str.lower().str.replace(" ", "").str.lstrip("0") for name in names]
    joined = parts[0].astype(object)
    for part in parts[1:]:
        joined = joined + KEY_SEPARATOR + part.astype(object)
    return joined
