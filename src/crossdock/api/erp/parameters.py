"""The parameters of a call: a query string, which the seed separates by ``?`` as well as ``&``, and a JSON object.

Names are read without regard to case. A ``?`` separates where a name and ``=`` follow; elsewhere it is text. Numbers of
JSON are kept as they are written. JSON is strict: the seed's single quotes are no JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from urllib.parse import unquote_plus

from crossdock.schema.names import is_text

Value = str | bool
SEPARATOR = re.compile(r"&|\?(?=[A-Za-z_][A-Za-z_0-9]*=)")


class BadParameters(Exception):
    """The parameters can't be read; the text is a sentence for the envelope."""


class UnknownParameter(Exception):
    """A name that the call doesn't have."""


class _Object(list[tuple[str, object]]):
    """The members of a JSON object, as they stand there."""


def read_parameters(query: bytes, body: bytes, known: Mapping[str, str]) -> dict[str, Value]:
    """The values of a call by the document's names.

    ``known``: each name in lower case → the document's name. A JSON null is a parameter that isn't there. Raises
    ``UnknownParameter`` for a name that isn't known, ``BadParameters`` where the rest can't be read.
    """
    values: dict[str, Value] = {}
    for name, value in [*_of_query(query), *_of_body(body)]:
        ours = known.get(name.strip().lower())
        if ours is None:
            raise UnknownParameter(name)
        if ours in values:
            raise BadParameters(f"Parameter {name} is there twice.")
        if isinstance(value, str) and not is_text(value):
            raise BadParameters(f"Parameter {name} has a character that is no text.")
        values[ours] = value
    return values


def _of_query(query: bytes) -> Iterator[tuple[str, Value]]:
    for part in SEPARATOR.split(query.decode("latin-1").lstrip("?")):
        name, equals, value = part.partition("=")
        if not equals and part:
            raise BadParameters(f"Parameter {part[:100]} has no value: write name=value.")
        if part:
            yield _decoded(name), _decoded(value)


def _decoded(text: str) -> str:
    try:
        return unquote_plus(text.encode("latin-1").decode("utf-8"), errors="strict")
    except UnicodeDecodeError:
        raise BadParameters("The query string is not UTF-8.") from None


def _of_body(body: bytes) -> Iterator[tuple[str, Value]]:
    if not body.strip():
        return
    try:
        content = json.loads(body, object_pairs_hook=_Object, parse_float=str, parse_int=str, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise BadParameters(f"The parameters are no JSON object: {_first_line(error)}.") from None
    if not isinstance(content, _Object):
        raise BadParameters("The parameters are no JSON object.")
    for name, value in content:
        if isinstance(value, str | bool):
            yield name, value
        elif value is not None:
            raise BadParameters(f"Parameter {name} must be a text, a number, true or false.")


def _no_number(constant: str) -> None:
    raise ValueError(f"{constant} is no number")


def _first_line(error: Exception) -> str:
    return "it is nested too deep" if isinstance(error, RecursionError) else str(error).partition("\n")[0]
