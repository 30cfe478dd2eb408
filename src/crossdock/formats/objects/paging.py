"""What says that there is more than a file brings: signs of an API's pages, beside its documents or an order's lines,
and the errors of an answer that is there in part.

A program that saves one answer of an API saves its first page. Its documents are whole, so they are taken, and the file
has a warning; an order of whose lines only the first page is there would be silently shorter, so it fails.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crossdock.formats.objects.stream import whole
from crossdock.schema.names import fold

_NEXT = frozenset(
    ("next", "nextlink", "@odatanextlink", "odatanextlink", "nextpage", "nextpageurl", "nexturl", "nexthref")
) | frozenset(("nextpagetoken", "nexttoken", "nextcursor", "nextrecordsurl", "continuationtoken"))
"""Members that lead to the next page, where they have a value."""
_MORE = frozenset(("hasmore", "hasnext", "hasnextpage", "hasmoreresults", "moreresults", "istruncated"))
"""Members that are true where there is a next page."""
_LAST = frozenset(("done", "last", "islast", "islastpage"))
"""Members that are false where there is one."""
_PAGE = frozenset(("page", "currentpage", "pagenumber", "pageno"))
_PAGES = frozenset(("pages", "lastpage", "totalpages", "pagecount", "numpages"))
_TOTAL = frozenset(
    ("@odatacount", "odatacount", "totalcount", "totalresults", "totalelements", "totalrecords", "totalitems")
) | frozenset(("recordstotal", "numfound", "totalsize"))
"""How many documents there are on all pages."""
_OF_PAGES = frozenset(("limit", "perpage", "pagesize", "offset", "skip", "startat"))
"""Members beside which ``total`` is a number of documents, and no amount."""
_BEFORE = frozenset(("offset", "skip", "startat"))
"""How many documents are on earlier pages."""
_HOLDERS = frozenset(("meta", "metadata", "pagination", "paging", "links", "pageinfo", "page", "cursors"))
"""Objects in which an answer says these things, beside its documents."""
_ODATA = "@odata.nextLink"
"""What OData writes behind the name of a list in an object, of which more is elsewhere."""
_SHOWN = 60
"""How much of a value is shown."""
LONGEST = 200
"""How much of an error is shown."""
_OF_ANSWERS = frozenset(("data", "errors", "extensions"))
"""What an answer of GraphQL has."""


@dataclass(frozen=True)
class Sign:
    """What says that there is more, as it is written (``shown``); ``least``: only where fewer documents are read."""

    shown: str
    least: int | None = None


def of_file(beside: Mapping[str, Any]) -> Sign | None:
    """The sign of more documents among the members that stand beside them; None if there is none.

    >>> of_file({"meta": {"page": {"current_page": "1", "last_page": "13"}}})
    Sign(shown='current_page 1, last_page 13', least=None)
    >>> of_file({"total_count": "250"}), of_file({"next": None, "total": "9.50"})
    (Sign(shown='total_count 250', least=250), None)
    """
    objects = list(_objects(beside))
    shown = _next_page(objects)
    return Sign(shown) if shown else _total(objects)


def errors_in(beside: Mapping[str, Any]) -> str | None:
    """What the first error says among the members that stand beside the documents, as GraphQL writes them; None if
    there is none. What an error leaves out is null, or is not there.

    >>> errors_in({"errors": [{"message": "Access denied", "path": ["orders", 0]}]}), errors_in({"errors": []})
    ('Access denied', None)
    """
    errors = beside.get("errors")
    if not isinstance(errors, list) or not errors or not all(isinstance(each, dict) for each in errors):
        return None
    messages = [each.get("message") for each in errors]
    return messages[0][:LONGEST] if all(isinstance(each, str) for each in messages) else None


def is_error(value: Mapping[str, Any]) -> bool:
    """Whether an object is an answer that brings nothing but errors."""
    return value.keys() <= _OF_ANSWERS and not value.get("data") and errors_in(value) is not None


def of_lines(value: Mapping[str, Any], names: Sequence[str]) -> str | None:
    """What says in an object that its array of lines, to which ``names`` lead, is not whole; None if nothing does.

    >>> of_lines({"lines": {"data": [], "has_more": True}}, ["lines", "data"]), of_lines({"lines": []}, ["lines"])
    ('has_more true', None)
    """
    beside: Any = value
    for name in names[:-1]:
        beside = beside.get(name) if isinstance(beside, Mapping) else None
    if not isinstance(beside, Mapping):
        return None
    link = beside.get(f"{names[-1]}{_ODATA}")
    if link:
        return _written(f"{names[-1]}{_ODATA}", link)
    return _next_page(list(_objects(beside))) if len(names) > 1 else None


def says(value: Mapping[str, Any], names: Sequence[str]) -> bool:
    """Whether an object has a member of which ``of_lines`` asks more than its name."""
    return len(names) > 1 or f"{names[-1]}{_ODATA}" in value


def _objects(beside: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The members, and those of the objects among them that tell of pages."""
    inside = [
        each for name, value in beside.items() if isinstance(value, Mapping) and fold(name) in _HOLDERS
        for each in _objects(value)
    ]  # fmt: skip
    return [beside, *inside]


def _next_page(objects: Sequence[Mapping[str, Any]]) -> str | None:
    """The member that says that there is another page; where one says that there is none, it counts."""
    links: list[str] = []
    for each in objects:
        by_name = {fold(name): (name, value) for name, value in each.items()}
        for folded, (name, value) in by_name.items():
            if folded in _MORE | _LAST and isinstance(value, bool):
                return _written(name, value) if value is (folded in _MORE) else None
            if folded in _NEXT and value not in (None, "", "0", False) and value != [] and value != {}:
                links.append(_written(name, value))
        pages = [by_name[folded] for folded in by_name if folded in _PAGES and _number(by_name[folded][1])]
        here = [by_name[folded] for folded in by_name if folded in _PAGE and _number(by_name[folded][1])]
        if here and pages and (_number(here[0][1]) or 0) < (_number(pages[0][1]) or 0):
            links.append(f"{_written(*here[0])}, {_written(*pages[0])}")
    return links[0] if links else None


def _total(objects: Sequence[Mapping[str, Any]]) -> Sign | None:
    """The number of all documents, without those of earlier pages."""
    for each in objects:
        numbers = {fold(name): (name, _number(value)) for name, value in each.items()}
        known = {*_TOTAL, "total"} if _OF_PAGES & numbers.keys() else _TOTAL
        before = max((numbers[folded][1] or 0 for folded in _BEFORE & numbers.keys()), default=0)
        for folded, (name, count) in numbers.items():
            if folded in known and count:
                return Sign(f"{name} {count}", count - before)
    return None


def _number(value: Any) -> int | None:
    """A whole number, as JSON's reader or a program writes it; None of all else."""
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10 else None


def _written(name: str, value: Any) -> str:
    text = str(value).lower() if isinstance(value, bool) else whole(value) if isinstance(value, str) else "…"
    return f"{name} {text if len(text) <= _SHOWN else f'{text[:_SHOWN]}…'}"
