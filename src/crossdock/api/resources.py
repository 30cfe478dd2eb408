"""The warehouse API's documents: which path each has, and what can be done there. Endpoints are made of this table."""

from __future__ import annotations

from dataclasses import dataclass

from crossdock.documents import DOCUMENTS, Document


@dataclass(frozen=True)
class Resource:
    """A document type under a path of its business unit: ``/business_units/{bu}/{path}/{number}``."""

    document: Document
    path: str

    @property
    def number(self) -> str:
        """The field that a path names a document by."""
        return self.document.number


RESOURCES = (Resource(DOCUMENTS["sales_order"], "sales_orders"),)
