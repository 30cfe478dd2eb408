"""Pages of templates: every value is escaped, and no page runs a script or takes a style that is not ours."""

from __future__ import annotations

import re
import shutil
from datetime import datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from fastapi import Request
from fastapi.responses import FileResponse, HTMLResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.background import BackgroundTask

from crossdock import __version__, times
from crossdock.api.door.answers import at
from crossdock.api.door.state import state_of
from crossdock.formats import WORKBOOK
from crossdock.scratch import new_scratch_folder

STATIC = "static"
WORKBOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""What every page says to the browser; pages are their viewer's own, so nothing keeps them."""
_SEAMS = re.compile(r"(?<=[^\W\d_][._/\-\]:])(?=\w)|(?<=[a-zß-ÿ])(?=[A-Z])")
"""Where a name of several words may be broken: behind a mark between them, before a capital."""
_JOB = re.compile(r"(?<![\w./-])(\d{6}-[0-9A-Z]{10})(?![\w./-])")
"""The id of a job where it stands as a word, and not in the path of a file."""


def render(
    request: Request, template: str, *, status: int = 200, headers: dict[str, str] | None = None, **values: object
) -> Response:
    """A page; its template knows besides ``values`` who looks (``viewer``, None if nobody is signed in)."""
    shared = {
        "base": at(request, ""),
        "path": request.url.path,
        "viewer": getattr(request.state, "viewer", None),
        "zone": state_of(request).site.zone,
        "version": __version__,
    }
    text = _environment().get_template(template).render(shared | values)
    return HTMLResponse(text, status, HEADERS | (headers or {}))


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "grouped": _grouped,
        "dated": _dated,
        "size": _size,
        "several": _several,
        "in_parts": _in_parts,
        "with_jobs": _with_jobs,
    }
    return environment


def _grouped(number: int) -> str:
    return f"{number:,}"


def _dated(moment: datetime | None, zone: ZoneInfo) -> str:
    return times.dated(moment, zone) if moment else ""


def _several(number: int, one: str, many: str = "") -> str:
    """A count with its noun.

    >>> _several(1, "document"), _several(1200, "document"), _several(2, "box", "boxes")
    ('1 document', '1,200 documents', '2 boxes')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _in_parts(text: str) -> Markup:
    """A text with names, such as those of columns, that a narrow place breaks between their words and not within one.

    >>> _in_parts("customerDates.cancelAfter"), _in_parts("<b>")
    (Markup('customer<wbr>Dates.<wbr>cancel<wbr>After'), Markup('&lt;b&gt;'))
    """
    return Markup("<wbr>").join(_SEAMS.split(text))


def _with_jobs(text: str, base: str) -> Markup:
    """A sentence in which each job's id leads to its page.

    >>> _with_jobs("261130-AB12CD34EF  <b>", "/ui")
    Markup('<a href="/ui/jobs/261130-AB12CD34EF">261130-AB12CD34EF</a>  &lt;b&gt;')
    """
    parts = _JOB.split(text)
    link = Markup('<a href="{}/jobs/{}">{}</a>')
    return Markup("").join(link.format(base, each, each) if n % 2 else _in_parts(each) for n, each in enumerate(parts))


def _size(size: int) -> str:
    """Bytes as people write them.

    >>> _size(900), _size(15_000), _size(230_000_000)
    ('900 B', '15 kB', '230 MB')
    """
    for unit, bytes_ in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if size >= bytes_:
            return f"{size / bytes_:.3g} {unit}"
    return f"{size} B"


def scratch(name: str) -> Path:
    """The path of a new file, alone in a folder of its own: what is written there is sent by ``sent_once``."""
    return new_scratch_folder() / name


def sent_once(path: Path) -> Response:
    """A file on a path of ``scratch``; it is removed when it is sent."""
    kind = WORKBOOK_TYPE if path.suffix == WORKBOOK else None  # not every machine knows the type of a workbook
    cleaned = BackgroundTask(shutil.rmtree, path.parent, ignore_errors=True)
    return FileResponse(path, media_type=kind, filename=path.name, headers=HEADERS, background=cleaned)
