"""Answers that no document is needed for: routing failures (shape B), a wrong key (shape C), sessions, bytes."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from typing import Any

from crossdock.reports.erp_envelope import FAILED, envelope

SESSION_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
SESSION_LENGTH = 24
"""As in the seed's Get."""
INVALID_KEY = "Invalid API Key."


def as_bytes(answer: Mapping[str, Any]) -> bytes:
    """An answer as the ERP's serialiser writes it: compact, UTF-8, the keys in their order."""
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def new_session() -> str:
    """The id of a session: 24 lower-case letters and digits. There is no session; readers of the ERP expect one."""
    return "".join(secrets.choice(SESSION_LETTERS) for _ in range(SESSION_LENGTH))


def invalid_key() -> dict[str, Any]:
    """Shape C."""
    return envelope(FAILED, INVALID_KEY, valid_user=False)


def no_controller(uri: str, controller: str) -> dict[str, Any]:
    """Shape B: there is no such controller."""
    return _not_routed(uri, f"No type was found that matches the controller named '{controller}'.")


def no_action(uri: str, controller: str, action: str) -> dict[str, Any]:
    """Shape B: the controller has no such action."""
    return _not_routed(uri, f"No action was found on the controller '{controller}' that matches the name '{action}'.")


def no_match(uri: str, controller: str) -> dict[str, Any]:
    """Shape B: the action has no such parameter, or the path has parts too many."""
    return _not_routed(uri, f"No action was found on the controller '{controller}' that matches the request.")


def _not_routed(uri: str, detail: str) -> dict[str, Any]:
    message = f"No HTTP resource was found that matches the request URI '{uri}'."
    return {"$id": "1", "Message": message, "MessageDetail": detail}
