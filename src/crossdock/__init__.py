"""crossdock: trading partners' files into the database, and an answer for every line that could not go in.

What stands in ``__all__`` is the library's face (docs/library.md); every other module is private by convention. The
names are imported when they are first used, so that ``crossdock --help`` stays quick.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crossdock.library import Job, check_file, find_job, import_file, list_feeds, open_site, recent_jobs
    from crossdock.model.report import Report
    from crossdock.site import Site

os.environ.setdefault("MIMALLOC_PURGE_DELAY", "50")  # Arrow's allocator keeps 40 MB less; it reads this when it loads

__version__ = "0.1.0"
__all__ = [
    "Job",
    "Report",
    "Site",
    "__version__",
    "check_file",
    "find_job",
    "import_file",
    "list_feeds",
    "open_site",
    "recent_jobs",
]


def __getattr__(name: str) -> Any:
    """Import a public name where it lives."""
    if name not in __all__:
        raise AttributeError(f"module 'crossdock' has no attribute {name!r}")
    import importlib  # only now is it needed

    return getattr(importlib.import_module("crossdock.library"), name)
