"""Where the files that come with crossdock lie: inside the installed package, or in ``data/`` of a checkout."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent
_INSTALLED = _PACKAGE / "_shipped"
CHECKOUT = _PACKAGE.parents[1]
"""The root of the checkout, where this is one."""


def folder(name: str) -> Path:
    """The folder ``partners``, ``reference``, ``examples`` or ``guides``."""
    return _INSTALLED / name if _INSTALLED.is_dir() else CHECKOUT / "data" / name
