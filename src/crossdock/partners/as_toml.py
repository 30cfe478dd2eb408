"""Names and texts as a TOML writes them."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence


def text(value: str) -> str:
    """A text in quotation marks.

    >>> print(text('12" pipe'))
    "12\\" pipe"
    """
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def key(name: str) -> str:
    """A key: bare where TOML allows it, else as a text.

    >>> key("Order-No"), key("shipTo.name")
    ('Order-No', '"shipTo.name"')
    """
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else text(name)


def value(one: str | bool | Sequence[str]) -> str:
    """A text, yes or no, or a list of texts.

    >>> value("a"), value(True), value(["a", "b"])
    ('"a"', 'true', '["a", "b"]')
    """
    if isinstance(one, bool):
        return str(one).lower()
    return text(one) if isinstance(one, str) else f"[{', '.join(map(text, one))}]"
