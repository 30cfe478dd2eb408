"""Every operation of the warehouse API's table, and a body for each document."""

from __future__ import annotations

import copy
from typing import Any

from crossdock.api.warehouse import schemas
from crossdock.api.warehouse.resources import RESOURCES, Resource

BY_PATH = {each.path: each for each in RESOURCES}


def body(resource: Resource, number: str | None = None, **more: Any) -> dict[str, Any]:
    """The example of a document, with another number."""
    data = copy.deepcopy(schemas.example(resource.document))
    data.pop("businessUnitId", None)
    return {"data": data | ({resource.number: number} if number else {}) | more}


def base(resource: Resource, unit: str = "BU1") -> str:
    return resource.prefix.format(bu=unit)
