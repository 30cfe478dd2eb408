"""A document type in words: what ``describe``, the templates and the pages say of its fields and rules."""

from __future__ import annotations

import re
from typing import Any

from crossdock.schema.document import Document, Field


def described(document: Document) -> dict[str, Any]:
    """A document type as JSON."""
    return {
        "document": document.name,
        "title": document.title,
        "levels": [
            {
                "level": level.title,
                "table": level.table,
                "key": list(level.key),
                "array": level.array or None,
                "fields": [
                    {
                        "name": name,
                        "column": field.column if field.stored else None,
                        "type": kind(field),
                        "required": field.required,
                        "rule": rule(field),
                        "title": field.title or None,
                    }
                    for name, field in document.of(level).items()
                ],
            }
            for level in document.levels
        ],
    }


def kind(field: Field) -> str:
    """A field's type as the contract writes it."""
    warn = ", warn" if field.keep_longer else ""
    sized = f"({field.length}{warn})" if field.length else ""
    return f"{field.kind.value}{sized}"


def rule(field: Field) -> str:
    """A field's limits in words."""
    said = []
    if field.above is not None:
        said.append(f"more than {field.above}")
    if field.least is not None:
        said.append("not negative")
    if field.values:
        said.append("one of " + ", ".join(field.values))
    if field.codes:
        digits = {"gtin": "a GTIN with its check digit", "gln": "13 digits are a GLN"}
        said.append(digits.get(field.codes, f"a known {field.codes}"))
    if field.refers:
        said.append(f"refers to {field.refers}")
    if field.default:
        said.append(f"default {field.default}")
    if not field.stored:
        said.append("not stored")
    return "; ".join(said)


def rules_of(document: Document, name: str) -> list[str]:
    """The rules that speak of a field, by its qualified name."""
    return [each for each in rules(document) if re.search(rf"(?<![\w.]){re.escape(name)}(?![\w.]\w)", each)]


def rules(document: Document) -> list[str]:
    """The rules across cells and rows, and against other documents, a sentence each."""
    told = [(each.__doc__ or each.__qualname__).strip().splitlines()[0] for each in document.rules]
    for way in document.against:
        about = f", where {way.where[0]} is {way.where[1]}" if way.where else ""
        line = f" and {way.line}, else the item" if way.line else ""
        total = "was shipped" if way.shipped else "it orders, or announces"
        told.append(
            f"{way.counts}: all lines together not more than {total} on the {way.document} of {way.number}{line}{about}"
        )
        told += [f"the {way.document} of {way.number} is moved by it"] if way.moves else []
    told += [f"{each.field}: a warning where another document has it, too" for each in document.unique]
    if document.moved:
        told.append(
            f"what is {document.moved.done.lower()} can't be changed: lines may be added, and raised while open"
        )
    return told
