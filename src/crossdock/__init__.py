"""crossdock: trading partners' files into the database, and an answer for every line that could not go in.

The public names are imported when they are first used, so that ``crossdock --help`` stays quick.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crossdock.intake.recognise import open_drop
    from crossdock.model.report import Report
    from crossdock.pipeline.import_drop import import_drop

__version__ = "0.1.0"
__all__ = ["Report", "__version__", "import_drop", "open_drop"]

_HOMES = {
    "Report": "crossdock.model.batch",
    "import_drop": "crossdock.pipeline.import_drop",
    "open_drop": "crossdock.intake.recognise",
}


def __getattr__(name: str) -> Any:
    """Import a public name where it lives."""
    if name not in _HOMES:
        raise AttributeError(f"module 'crossdock' has no attribute {name!r}")
    import importlib  # only now is it needed

    return getattr(importlib.import_module(_HOMES[name]), name)
