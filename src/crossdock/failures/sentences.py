"""What is wrong and what would be right, in the partner's own words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from crossdock.failures import glyphs
from crossdock.failures.catalogue import CODES, OF_OBJECTS, SPELLING_CODES

VALUE_SHOWN = 100
"""How many characters of a value a sentence shows; the reports have the rest."""

_ONE_ROW = re.compile(r"^1 rows( at the end | below a blank number | )(were|are|look|end|stand)\b")
_OF_ONE = {"were": "was", "are": "is", "look": "looks", "end": "ends", "stand": "stands"}
"""The verbs of sentences that begin with a number of rows, for one row."""


def plain_number(value: Decimal) -> str:
    """A number as a sentence shows it: without an exponent, and without zeros at its end."""
    return format(value.normalize(), "f")


def quoted(value: str | None) -> str:
    """A value as a sentence shows it: in quotes, cut to ``VALUE_SHOWN`` characters; None is ``(blank)``."""
    if value is None:
        return "(blank)"
    shown = value if len(value) <= VALUE_SHOWN else value[: VALUE_SHOWN - 1] + "…"
    return f"'{on_one_line(shown)}'"


def on_one_line(text: str) -> str:
    """A text whose line breaks and other control characters are written as Python writes them: a name may have any."""
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)


def sentence(code: str, column: str, value: str | None, detail: Mapping[str, Any], *, objects: bool = False) -> str:
    """What is wrong, in the partner's own words.

    ``column``: the partner's heading; ``value``: as sent; ``detail``: what the template needs besides; ``objects``: the
    file is one of objects, which have members.
    """
    template = _template(code, CODES[code].sentence, objects=objects)
    return _of_one_row(template.format_map({"column": column, **_shown(code, value, detail)}))


def of_file(code: str, value: str | None, detail: Mapping[str, Any], *, objects: bool = False) -> str:
    """The sentence with which a file is refused because a feed makes the code an error."""
    template = _template(code, CODES[code].refusal or CODES[code].sentence, objects=objects)
    return _of_one_row(template.format_map(_shown(code, value, detail)))


def _template(code: str, usual: str, *, objects: bool) -> str:
    return OF_OBJECTS.get(code, usual) if objects else usual


def _of_one_row(text: str) -> str:
    """A sentence about a number of rows, right for one row too.

    >>> _of_one_row("1 rows were left out"), _of_one_row("21 rows were left out")
    ('1 row was left out', '21 rows were left out')
    >>> _of_one_row("1 rows at the end were left out, and these were not read")
    '1 row at the end was left out, and these were not read'
    """
    return _ONE_ROW.sub(lambda match: f"1 row{match[1]}{_OF_ONE[match[2]]}", text)


def _shown(code: str, value: str | None, detail: Mapping[str, Any]) -> dict[str, Any]:
    """The value and the details as a sentence shows them; texts that may look right name their deceptive characters."""
    shown: dict[str, Any] = {"value": quoted(value), **detail}
    if code in SPELLING_CODES:
        texts = {"value": value, "other": detail.get("other")}
        shown |= {name: f"{shown[name]}{glyphs.named(text)}" for name, text in texts.items() if isinstance(text, str)}
    return shown


def hint(code: str, column: str, value: str | None, detail: Mapping[str, Any]) -> str:
    """What would be right; '' if a detail that the hint needs is missing."""
    try:
        return CODES[code].hint.format_map({"column": column, "value": quoted(value), **detail})
    except KeyError:  # a suggestion that nobody could make
        return ""
