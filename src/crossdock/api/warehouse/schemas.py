"""The OpenAPI of the documents: schemas, limits and examples, from their declarations."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from crossdock.documents import DOCUMENTS, Document
from crossdock.schema.descriptions import explained
from crossdock.schema.document import Field, Kind, Level

Schema = dict[str, Any]
Answers = dict[int | str, Schema]
"""Answers by status."""
NUMBER: Schema = {"type": ["number", "string"]}
"""A number; as a text where a float would not be exact."""
KINDS: dict[Kind, Schema] = {
    Kind.QUANTITY: NUMBER,
    Kind.MONEY: NUMBER,
    Kind.WHOLE: {"type": ["integer", "string"]},
    Kind.FLAG: {"type": "boolean"},
    Kind.DATE: {"type": "string", "format": "date"},
    Kind.TIMESTAMP: {"type": "string", "format": "date-time"},
    Kind.OBJECT: {"type": "object"},
}
"""The schema of a value by its kind; the others are texts."""
PROBLEM: Schema = {
    "type": "object",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "jobId": {"type": "string"},
    },
}
"""Problem details (RFC 9457)."""
WARNINGS: Schema = {
    "type": "array",
    "items": {"type": "string"},
    "description": "What was taken and is worth knowing, such as a member that is no field.",
}
PAGING: Schema = {
    "type": "object",
    "properties": {
        "limit": {"type": "integer"},
        "offset": {"type": "integer"},
        "total": {"type": "integer"},
        "next": {"type": ["string", "null"]},
    },
}


def _of_field(document: Document, field: Field) -> Schema:
    schema = dict(KINDS.get(field.kind, {"type": "string"}))
    schema["description"] = explained(document, field)
    if field.most and schema["type"] == "string":
        schema["maxLength"] = field.most
    if field.values:
        schema["enum"] = list(field.values)
    if field.default is not None:
        schema["default"] = field.default
    return schema


def _of_level(document: Document, level: Level) -> Schema:
    """The schema of one level's object, with the levels below it."""
    properties: dict[str, Any] = {}
    for field in level.fields:
        *path, last = field.name.split(".")
        inside = properties
        for part in path:
            inside = inside.setdefault(part, {"type": "object", "properties": {}})["properties"]
        inside[last] = _of_field(document, field)
    for child in document.children(level):
        properties[child.array] = {"type": "array", "items": _of_level(document, child)}
    return {"type": "object", "properties": properties}


@cache
def example(document: Document) -> Schema:
    """The document's example, nested as the API nests it."""
    return _example(document, document.header)


def _example(document: Document, level: Level) -> Schema:
    nested: Schema = {}
    for name, field in document.of(level).items():
        if name in document.example:
            *path, last = field.name.split(".")
            inside = nested
            for part in path:
                inside = inside.setdefault(part, {})
            inside[last] = _value(field, document.example[name])
    for child in document.children(level):
        below = _example(document, child)
        if below:
            nested[child.array] = [below]
    return nested


def _value(field: Field, text: str) -> Any:
    return text.lower() in ("true", "y", "1") if field.kind is Kind.FLAG else text


def acknowledgement(document: Document) -> Schema:
    """The schema of a job's acknowledgement (contract A9)."""
    names = document.report
    text = {"type": "string"}
    line = {"type": "object", "properties": {names.line or "line": text, "message": text}}
    failed = {names.document: text, "message": text, "lines": {"type": "array", "items": line}}
    whole = {"type": "integer"}
    data = {
        "jobId": {"type": "string", "maxLength": 20},
        "status": {"type": "string"},
        names.documents: {"type": "array", "items": {"type": "object", "properties": failed}},
        "progress": {"type": "object", "properties": {"processed": whole, "total": whole}},
    }
    return {"type": "object", "properties": {"data": {"type": "object", "properties": data}, "warnings": WARNINGS}}


def components() -> dict[str, Schema]:
    """The schemas of all documents, their acknowledgements, problems."""
    schemas = {name: _of_level(document, document.header) for name, document in DOCUMENTS.items()}
    acks = {f"{name}_acknowledgement": acknowledgement(document) for name, document in DOCUMENTS.items()}
    return schemas | acks | {"problem": PROBLEM, "paging": PAGING}


def reference(name: str) -> Schema:
    """A reference to one of the components."""
    return {"$ref": f"#/components/schemas/{name}"}


def body(document: Document, *, many: bool = False) -> Schema:
    """The body of a request with a document, or with many."""
    one = reference(document.name)
    shown = [example(document)] if many else example(document)
    return json_body(enveloped({"type": "array", "items": one} if many else one), {"data": shown})


def answer(description: str, schema: Schema) -> Schema:
    """An answer of JSON."""
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def of_document(document: Document) -> Schema:
    """The answer with a stored document."""
    return {"type": "object", "properties": {"data": reference(document.name), "warnings": WARNINGS}}


def of_list(document: Document) -> Schema:
    """The answer with a page of documents."""
    rows = {"type": "array", "items": reference(document.name)}
    return {"type": "object", "properties": {"data": rows, "paging": reference("paging")}}


def problems(*statuses: int) -> Answers:
    """The answers with problem details."""
    content = {"application/problem+json": {"schema": reference("problem")}}
    return {str(status): {"description": "a problem", "content": content} for status in statuses}


def parameters(names: Mapping[str, Schema], place: str = "query") -> list[Schema]:
    """Parameters of the query, or of the headers, none required."""
    return [{"name": name, "in": place, "required": False, "schema": schema} for name, schema in names.items()]


def headers(*names: str) -> list[Schema]:
    """Those of ``HEADERS``."""
    return parameters({name: {"type": "string", "description": HEADERS[name]} for name in names}, "header")


def json_body(schema: Schema, example: object) -> Schema:
    """The body of a request, of JSON."""
    return {"required": True, "content": {"application/json": {"schema": schema, "example": example}}}


def enveloped(data: Schema) -> Schema:
    """The schema of what is sent, in its envelope."""
    return {"type": "object", "required": ["data"], "properties": {"data": data}}


SEEN = problems(401, 404, 429)
WRITTEN = problems(400, 401, 403, 413, 415, 429, 503)
LISTED: dict[str, Schema] = {
    "limit": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100},
    "offset": {"type": "integer", "minimum": 0, "default": 0},
    "sortField": {"type": "string", "description": "a field of the header, or `change`"},
    "sortDirection": {"type": "string", "enum": ["ASC", "DESC"], "default": "ASC"},
    "since": {"type": "integer", "minimum": 0, "description": "only what changed after this change number"},
    "after": {"type": "string", "description": "of `paging.next`: the page begins behind this place"},
}
"""The parameters of a list, besides filters: any field of the header by its name."""


PAGED = {name: LISTED[name] for name in ("limit", "offset")}
"""The parameters of a job's answer."""
ONCE, MATCH, NONE_MATCH, PREFER = "Idempotency-Key", "If-Match", "If-None-Match", "Prefer"
HEADERS = {
    ONCE: "A name of this request: the same request with it gets the first answer again, for seven days.",
    MATCH: "The ETag that the document must have; 412 if it has another one.",
    NONE_MATCH: "The ETag that the document must not have; * where it must not be stored. GET: 304 if it has it.",
    PREFER: "wait=10: the answer comes when the job has ended, or after ten seconds (at most 30).",
}
"""Headers that a request may have."""


def operation(document: Document, name: str) -> tuple[Answers, Schema]:
    """The answers of an operation, and what else the OpenAPI says of it."""
    stored, ack = of_document(document), reference(f"{document.name}_acknowledgement")
    failed: Answers = {str(status): answer("why the document is not taken", ack) for status in (409, 422)}
    written: Answers = {"200": answer("updated, or as it was", stored), **WRITTEN, **failed}
    moved = problems(404, 412)
    match name:
        case "list":
            filters = {field.name: {"type": "string"} for field in document.header.fields if field.stored}
            own = LISTED | {each: filters[each] for each in filters if each not in LISTED}
            page: Answers = {"200": answer("a page", of_list(document)), **problems(400), **SEEN}
            return page, {"parameters": parameters(own)}
        case "create":
            described = {"requestBody": body(document), "parameters": headers(ONCE, MATCH, NONE_MATCH)}
            return {"201": answer("created", stored), **written, **problems(412)}, described
        case "bulk":
            accepted: Answers = {"202": answer("booked as a job", ack), **WRITTEN, **problems(409, 422)}
            return accepted, {"requestBody": body(document, many=True), "parameters": headers(ONCE, PREFER)}
        case "status":
            return {"200": answer("how far it is", ack), **problems(400), **SEEN}, {"parameters": parameters(PAGED)}
        case "show":
            not_modified: Answers = {"304": {"description": "just as the client has it"}}
            return {"200": answer("the document", stored), **not_modified, **problems(409), **SEEN}, {
                "parameters": headers(NONE_MATCH)
            }
        case "cancel":
            return {**written, **moved}, {"parameters": headers(ONCE, MATCH, NONE_MATCH)}
        case _:
            created: Answers = {"201": answer("created", stored)} if name == "replace" else {}
            described = {"requestBody": body(document), "parameters": headers(ONCE, MATCH, NONE_MATCH)}
            return {**created, **written, **moved}, described
