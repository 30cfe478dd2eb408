"""The OpenAPI of the whole app: what FastAPI knows of the endpoints, the documents' schemas, how to sign in."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from crossdock.api.warehouse import schemas

SECURITY = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
}
FRAMEWORKS = "HTTPValidationError"
OPEN = ("/healthz", "/readyz")
"""Paths that need no key."""


def describe(app: FastAPI) -> None:
    """Let an app describe itself so, once."""

    def whole() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _described(app)
        return app.openapi_schema

    app.openapi = whole  # type: ignore[method-assign]


def _described(app: FastAPI) -> dict[str, Any]:
    described = get_openapi(title=app.title, version=app.version, routes=app.routes, description=app.description)
    components = described.setdefault("components", {})
    components["schemas"] = schemas.components()
    components["securitySchemes"] = SECURITY
    described["security"] = [{name: []} for name in SECURITY]
    for path, operations in described["paths"].items():
        for operation in operations.values():
            if path in OPEN:
                operation["security"] = []
            _corrected(operation)
    return described


def _corrected(operation: dict[str, Any]) -> None:
    """The framework's own answer to a wrong parameter is none of ours; what needs a key may be refused."""
    responses = operation["responses"]
    if FRAMEWORKS in str(responses.get("422")):
        del responses["422"]
    if operation.get("security") != []:
        for status, refused in schemas.SEEN.items():
            responses.setdefault(status, refused)
