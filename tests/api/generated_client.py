"""Sends documents by a client that openapi-python-client has made of our OpenAPI; run where that client can be imported.

    python generated_client.py URL KEY < documents.json

The documents: ``operation`` (its id in the OpenAPI), ``body``, ``path`` (the arguments). Prints of each the status, and whether
the body that the client's types hold has every member that was given (a moment may be spelled in another way).
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path
from typing import get_type_hints


def main() -> None:
    """Send what comes in, one after the other."""
    address, secret = sys.argv[1:]
    places = {each.stem: each.parent.name for each in Path(import_module("ours").__path__[0]).glob("api/*/*.py")}
    client = import_module("ours.client").AuthenticatedClient(base_url=address, token=secret, timeout=60)
    for each in json.load(sys.stdin):
        send = import_module(f"ours.api.{places[each['operation']]}.{each['operation']}").sync_detailed
        body = get_type_hints(send)["body"].from_dict(each["body"])
        answer = send(*each["path"], client=client, body=body)
        answered = {"operation": each["operation"], "status": answer.status_code, "text": answer.content.decode()[:500]}
        sys.stdout.write(
            json.dumps(
                answered
                | {"whole": names(body.to_dict()) == names(each["body"]), "parsed": type(answer.parsed).__name__}
            )
            + "\n"
        )


def names(value: object) -> object:
    """The names of an object's members, and of those within it."""
    if isinstance(value, dict):
        return {name: names(each) for name, each in value.items()}
    return [names(each) for each in value] if isinstance(value, list) else None


if __name__ == "__main__":
    main()
