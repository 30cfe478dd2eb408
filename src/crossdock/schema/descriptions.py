"""A document type in words: its fields and rules as ``describe``, the templates and the pages show them."""

from __future__ import annotations

import re
from typing import Any

from crossdock.schema.document import Document, Field
from crossdock.schema.meanings import meaning


def described(document: Document) -> dict[str, Any]:
    """A document type as JSON values: its levels, and each field with its type, rule, column and meaning."""
    return {
        "document": document.name,
        "title": document.title,
        "about": document.about,
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
                        "meaning": meaning(document.name, field.name).sentence,
                        "source": meaning(document.name, field.name).source,
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
    limits = []
    if field.above is not None:
        limits.append(f"more than {field.above}")
    if field.least is not None:
        limits.append("not negative")
    if field.values:
        limits.append("one of " + ", ".join(field.values))
    if field.codes:
        digits = {"gtin": "a GTIN with its check digit", "gln": "13 digits are a GLN"}
        limits.append(digits.get(field.codes, f"a known {field.codes}"))
    if field.refers:
        limits.append(f"refers to {field.refers}")
    if field.default:
        limits.append(f"default {field.default}")
    if not field.stored:
        limits.append("not stored")
    return "; ".join(limits)


def explained(document: Document, field: Field) -> str:
    """What a field means and its limits, in words."""
    limits = rule(field)
    sentence = meaning(document.name, field.name).sentence
    return f"{sentence} {limits[0].upper()}{limits[1:]}." if limits else sentence


def rules_of(document: Document, name: str) -> list[str]:
    """The rules that mention a field, by its qualified name."""
    return [each for each in rules(document) if re.search(rf"(?<![\w.]){re.escape(name)}(?![\w.]\w)", each)]


def rules(document: Document) -> list[str]:
    """The rules across cells and rows, and those about other documents, one sentence per rule."""
    sentences = [(each.__doc__ or each.__qualname__).strip().splitlines()[0] for each in document.rules]
    for other in document.against:
        about = f", where {other.where[0]} is {other.where[1]}" if other.where else ""
        line = f" and {other.line}, else the item" if other.line else ""
        total = "was shipped" if other.shipped else "it orders, or announces"
        sentences.append(
            f"{other.counts}: all lines together not more than {total} on the {other.document} of {other.number}"
            f"{line}{about}"
        )
        sentences += [f"the {other.document} of {other.number} is moved by it"] if other.moves else []
        passed = f"what is received of a line counts on the {other.document} line that it names, too"
        sentences += [passed] if other.passes else []
    sentences += [f"{each.field}: a warning where another document has it, too" for each in document.unique]
    if document.moved:
        done = document.moved.done.lower()
        sentences.append(
            f"what is {done} can't be changed: lines may be added, raised while open, and set to what is {done}"
        )
    return sentences
