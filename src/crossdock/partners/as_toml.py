"""Names and texts as a TOML writes them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence


def text(value: str) -> str:
    """A text in quotation marks; in single ones if it has backslashes, which these leave as they are.

    >>> print(text('12" pipe'), text("orders_(\\\\d+)"))
    "12\\" pipe" 'orders_(\\d+)'
    """
    if "\\" in value and "'" not in value and value.isprintable():
        return f"'{value}'"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def key(name: str) -> str:
    """A key: bare where TOML allows it, else as a text.

    >>> key("Order-No"), key("shipTo.name")
    ('Order-No', '"shipTo.name"')
    """
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else text(name)


def value(one: str | bool | int | Sequence[str | int]) -> str:
    """A text, yes or no, a whole number, or a list of these.

    >>> value("a"), value(True), value(["a", "b"]), value(3), value([1, 2])
    ('"a"', 'true', '["a", "b"]', '3', '[1, 2]')
    """
    if isinstance(one, bool | int):
        return str(one).lower()
    return text(one) if isinstance(one, str) else f"[{', '.join(map(value, one))}]"


def table(mapping: Mapping[str, str | int | Sequence[str]]) -> str:
    """A table in one line.

    >>> print(table({"header_row": 3, "delimiter": ";"}))
    { header_row = 3, delimiter = ";" }
    """
    return "{ " + ", ".join(f"{key(name)} = {value(each)}" for name, each in mapping.items()) + " }"
