"""The parts of the pages that the code itself tells: ``make docs`` writes them anew, a test keeps them true.

A page marks each with ``<!-- begin NAME -->`` and ``<!-- end NAME -->``; what stands between is replaced.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from crossdock.api.server import add_endpoints
from crossdock.documents import DOCUMENTS
from crossdock.failures.catalogue import CODES, HOLDS
from crossdock.failures.refusals import REFUSALS
from crossdock.formats import FORMATS
from crossdock.formats.guides.described import described
from crossdock.formats.guides.guide import guides
from crossdock.partners.edi_keys import EdiKeys
from crossdock.partners.feed_config import Keys
from crossdock.partners.partner_config import PartnerKeys, Post
from crossdock.schema import meanings
from crossdock.schema.descriptions import explained, kind, rules
from crossdock.schema.document import Document, Level, Names
from crossdock.settings import Settings

FOLDER = Path(__file__).parent
COMPARED = FOLDER.parent / "tests" / "formats" / "guides" / "sets"
"""Documents as CSV, each with the same ones as an interchange."""


def _table(headings: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    heads = list(headings)
    lines = [heads, ["---"] * len(heads), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _choices(annotation: Any) -> list[str]:
    """The values that a key may have, where they are few."""
    if get_origin(annotation) is Literal:
        return [f"`{value}`" for value in get_args(annotation) if value]
    if get_origin(annotation) is dict:
        return _choices(get_args(annotation)[1])
    return [choice for part in get_args(annotation) for choice in _choices(part) if get_origin(part) is Literal]


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    default = field.default
    if default is None or default == "" or default == () or default == {} or field.default_factory is not None:
        return ""
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    if isinstance(default, BaseModel):
        return ""
    return f"`{', '.join(default) if isinstance(default, tuple) else default}`"


def _keys(model: type[BaseModel]) -> str:
    rows = (_key(name, field) for name, field in model.model_fields.items())
    return _table(("key", "meaning", "default"), rows)


def _key(name: str, field: FieldInfo, of: str = "") -> tuple[str, str, str]:
    choices = ", ".join(_choices(field.annotation))
    meaning = f"{of}{field.description}"
    return f"`{name}`", f"{choices}: {meaning}" if choices else meaning, _default(field)


def _option_keys() -> str:
    """The options of every format, each with the names of the formats that understand it."""
    fields: dict[str, FieldInfo] = {}
    formats: dict[str, list[str]] = {}
    for each in FORMATS.values():
        for name, field in each.options.model_fields.items():
            fields.setdefault(name, field)
            formats.setdefault(name, []).append(each.name)
    rows = (_key(name, field, f"{', '.join(formats[name])}: ") for name, field in fields.items())
    return _table(("key", "meaning", "default"), rows)


def _settings() -> str:
    rows = (
        (f"`CROSSDOCK_{name.upper()}`", f"`{name}`", str(field.description), _default(field))
        for name, field in Settings.model_fields.items()
    )
    return _table(("environment", "`crossdock.toml`", "meaning", "default"), rows)


def _codes() -> str:
    rows = (
        (f"`{code.name}`", code.severity + (", fixed" if code.fixed else ""), code.sentence, code.hint)
        for code in CODES.values()
    )
    return _table(("code", "severity", "sentence", "what would be right"), rows)


def _sentences(sentences: dict[str, str]) -> str:
    return _table(("code", "sentence"), ((f"`{name}`", wording) for name, wording in sentences.items()))


def _documents() -> str:
    return "\n".join(part for document in DOCUMENTS.values() for part in _document(document)).strip()


def _document(document: Document) -> Iterator[str]:
    """The section of a document type: what it is, a table per level, its rules."""
    yield f"## {document.title} (`{document.name}`)\n"
    yield f"{document.about} {_identified(document)} {_answered(document.report)}\n"
    for level in document.levels:
        nested = f"; in JSON the array `{level.array}`" if level.array else ""
        yield f"**{level.title}** (stored in `{level.table}`{nested})\n"
        yield _table(("field", "type", "", "what it means", "source"), _fields(document, level)) + "\n"
    sentences = rules(document)
    if sentences:
        yield "What must also hold:\n"
        yield "\n".join(f"- {each}" for each in sentences) + "\n"


def _fields(document: Document, level: Level) -> Iterator[tuple[str, ...]]:
    """A row per field; one for all parts of an address."""
    fields = document.of(level).items()
    for whole, group in groupby(fields, key=lambda each: meanings.address(each[1].name)):
        parts = list(group)
        if whole:
            about = meanings.meaning(document.name, whole)
            yield f"`{whole}.…`", "[address](#an-address)", "", f"{about.sentence}.", about.source
            continue
        for name, field in parts:
            source = meanings.meaning(document.name, field.name).source
            yield f"`{name}`", kind(field), "required" if field.required else "", explained(document, field), source


def _address() -> str:
    """The parts of an address, from the sales order's."""
    sales_order = DOCUMENTS["sales_order"]
    parts = {name: field for name, field in sales_order.of(sales_order.header).items() if name.startswith("shipTo.")}
    rows = (
        (f"`{name.partition('.')[2]}`", kind(field), sentence[0].upper() + sentence[1:])
        for name, field in parts.items()
        for sentence in [explained(sales_order, field).partition(": ")[2]]
    )
    return _table(("part", "type", "what it means"), rows)


def _identified(document: Document) -> str:
    *others, last = (f"`{name}`" for name in document.key)
    return f"{', '.join(others)} and {last} together name one." if others else f"{last} names one."


def _answered(names: Names) -> str:
    line = f", each faulty line by its `{names.line}`" if names.line else ""
    return f"The answer lists those that are not taken as `{names.documents}`, each by its `{names.document}`{line}."


def _guides() -> str:
    """Each guide with a table for each document: which field comes from where."""
    parts = []
    for guide in guides().values():
        kind = "X12" if guide.standard == "x12" else "EDIFACT"
        parts.append(f"### {kind} {guide.type}: {guide.title.lower()} (`{guide.name}`)\n")
        for document in guide.mappings:
            need = " The feed must name it in `sets`." if guide.named else ""
            parts.append(f"Becomes `{document}`.{need}\n")
            rows = ((f"`{field}`", where, how) for field, where, how in described(guide, document))
            parts.append(_table(("field", "comes from, the first that is there", "how"), rows) + "\n")
    return "\n".join(parts).strip()


def _sets() -> str:
    """Each guide: what its sets become, how they are answered, and by which files its rows are tried."""
    rows = []
    for guide in guides().values():
        technical, advice = ("997, 999", "824") if guide.standard == "x12" else ("CONTRL", "APERAK")
        compared = COMPARED / f"{guide.name}.csv"
        rows.append(
            (
                guide.type,
                ", ".join(f"`{each}`" for each in guide.mappings),
                ", ".join([technical, advice, *([guide.answer] if guide.answer else [])]),
                f"`{compared.relative_to(FOLDER.parent)}`" if compared.is_file() else "",
            )
        )
    return _table(("set", "becomes", "answered by", "same rows as"), rows)


def _endpoints() -> str:
    """The endpoints of the APIs, from the OpenAPI."""
    app = FastAPI()
    add_endpoints(app)
    rows = [
        (operation["summary"], f"`{method.upper()} {path}`")
        for path, operations in get_openapi(title="", version="", routes=app.routes)["paths"].items()
        for method, operation in operations.items()
    ]
    return _table(("what", "endpoint"), rows)


PARTS: dict[str, Callable[[], str]] = {
    "partner keys": lambda: _keys(PartnerKeys),
    "feed keys": lambda: _keys(Keys),
    "option keys": _option_keys,
    "post keys": lambda: _keys(Post),
    "edi keys": lambda: _keys(EdiKeys),
    "guides": _guides,
    "sets": _sets,
    "settings": _settings,
    "codes": _codes,
    "refusals": lambda: _sentences(REFUSALS),
    "holds": lambda: _sentences(HOLDS),
    "address": _address,
    "documents": _documents,
    "endpoints": _endpoints,
}


def written(page: str) -> str:
    """A page with its generated parts as the code tells them now."""

    def part(match: re.Match[str]) -> str:
        return f"<!-- begin {match[1]} -->\n{PARTS[match[1]]()}\n<!-- end {match[1]} -->"

    return re.sub(r"<!-- begin ([\w ]+) -->.*?<!-- end \1 -->", part, page, flags=re.DOTALL)


def main() -> None:
    """Write the pages anew."""
    for path in sorted(FOLDER.glob("*.md")):
        path.write_text(written(path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
