"""Keys in the form in which similar keys are equal."""

from __future__ import annotations

import pandas as pd

from crossdock.frames.columns import KEY_SEPARATOR
from crossdock.schema.document import Document


def folded(key: pd.DataFrame, document: Document) -> pd.Series:
    """Document keys (one row per document) without case, blanks and leading zeros: similar keys are equal then.

    Zeros that count (``Field.zeros_count``) stay.
    """
    names = [name for name in document.key if name != "businessUnitId"] or [document.number]
    texts = {name: key[name].fillna("").str.lower().str.replace(" ", "") for name in names}
    parts = [text if document.header.field(name).zeros_count else text.str.lstrip("0") for name, text in texts.items()]
    joined = parts[0].astype(object)
    for part in parts[1:]:
        joined = joined + KEY_SEPARATOR + part.astype(object)
    return joined
