"""Where a document of a job stands, and why it is not in, in words: for the commands and the pages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from crossdock.database import Database
from crossdock.documents import DOCUMENTS
from crossdock.frames.columns import KEY_SEPARATOR
from crossdock.jobs import open_documents
from crossdock.model.job import STALE, DocumentOfJob, FailureRecord
from crossdock.reports.wording import wording_of
from crossdock.schema.codes import SPLIT


def with_reasons(
    database: Database | None, documents: Iterable[DocumentOfJob]
) -> Iterator[tuple[DocumentOfJob, list[str]]]:
    """Each document with why it is not in: what is wrong with it, or what holds it; nothing without a database."""
    if database is not None:
        for document, failures in open_documents.with_failures(database, documents):
            yield document, _reasons(document, failures)


def state(document: DocumentOfJob) -> str:
    """Where a document of a job stands: on hold, its drop rejected, imported, or how its wait ended."""
    if document.ended:
        return document.ended
    if document.taken:
        stored = "imported without some lines" if document.failing_lines else "imported"
        return "stale" if document.hold_code == STALE else stored
    return "on hold" if document.line else "rejected"


def number(document: DocumentOfJob) -> str:
    """The number of a document as its partner calls it; with its part, where the feed splits the order: several
    documents have that number. In words where it has none.
    """
    if not document.number:
        return "(no number)" if document.line else "(the whole file)"
    if document.feed is None or not document.feed.feed.split_by:
        return document.number
    _, _, part = (
        key(document.document, document.key)
        .get(DOCUMENTS[document.document].number, "")
        .partition(document.number + SPLIT)
    )
    return f"{document.number} ({part})" if part else document.number


def whole_key(document: DocumentOfJob) -> str:
    """The parts of its key, which tell it from others of its number."""
    return " ".join(key(document.document, document.key).values())


def key(document: str, text: str) -> dict[str, str]:
    """The filled parts of a document's key by our names, which tell it from others of its number; the number with the
    prefix and the part that the feed makes of it. ``text``: as jobs store it.
    """
    names = DOCUMENTS[document].key if document in DOCUMENTS else ()
    return {name: part for name, part in zip(names, text.split(KEY_SEPARATOR), strict=False) if part}


def _reasons(document: DocumentOfJob, failures: list[FailureRecord]) -> list[str]:
    if document.refused:
        return [document.refused]
    if document.hold_code == STALE:
        return ["it is older than what was stored"]
    wording = wording_of(document)
    sentences = [wording.explained(failure) for failure in failures]
    return [*dict.fromkeys(sentences), *([wording.held(document)] if document.hold_code else [])]
