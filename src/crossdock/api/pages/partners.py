"""Partners: their feeds, the templates to fill in, and a page for each type of document with its fields."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from crossdock.api.door.problems import not_there
from crossdock.api.door.state import state_of
from crossdock.api.pages.rendering import render, scratch, sent_once
from crossdock.api.pages.viewers import Signed
from crossdock.documents import DOCUMENTS
from crossdock.formats import WORKBOOK
from crossdock.reports.excel.template import ending_of, write_template, write_template_of
from crossdock.schema import descriptions


def router() -> APIRouter:
    """The pages of partners and documents."""
    routes = APIRouter(include_in_schema=False)
    routes.add_api_route("/partners", _partners, methods=["GET"], name="partners")
    routes.add_api_route("/partners/{partner}/{document}/template", _template_of_feed, methods=["GET"], name="of_feed")
    routes.add_api_route("/documents/{document}", _document, methods=["GET"], name="document")
    routes.add_api_route("/documents/{document}/template", _template, methods=["GET"], name="template")
    return routes


def _partners(request: Request, viewer: Signed) -> Response:
    site = state_of(request).site
    shown = [
        (partner, [(feed, feed.show(), ending_of(feed)) for feed in partner.feeds])
        for partner in viewer.partners(site)
    ]  # fmt: skip
    broken = site.partners.broken if viewer.operator else {}
    return render(request, "partners.html", partners=shown, documents=DOCUMENTS, broken=broken)


def _document(request: Request, viewer: Signed, document: str) -> Response:
    if document not in DOCUMENTS:
        raise not_there()
    document_type = DOCUMENTS[document]
    own = [each for each in viewer.feeds(state_of(request).site) if each.document is document_type and ending_of(each)]
    return render(
        request,
        "document.html",
        document=document_type,
        described=descriptions.described(document_type),
        rules=descriptions.rules(document_type),
        feeds=own,
        documents=DOCUMENTS,
    )


def _template(viewer: Signed, document: str) -> Response:
    """The template of a document type, in our own names."""
    if document not in DOCUMENTS:
        raise not_there()
    path = scratch(f"{document}{WORKBOOK}")
    write_template(DOCUMENTS[document], path)
    return sent_once(path)


def _template_of_feed(request: Request, viewer: Signed, partner: str, document: str) -> Response:
    """The template of a feed, in its own headings and words."""
    feeds = [each for each in viewer.feeds(state_of(request).site) if each.name == f"{partner}/{document}"]
    feed = next((each for each in feeds if ending_of(each) == WORKBOOK), next(iter(feeds), None))
    if feed is None or not ending_of(feed):
        raise not_there()
    path = scratch(f"{partner}_{document}{ending_of(feed)}")
    write_template_of(feed, path)
    return sent_once(path)
