"""The document types crossdock knows, by name. A new one is a file here and an entry in ``DOCUMENTS``."""

from crossdock.documents.document import Document
from crossdock.documents.sales_order import SALES_ORDER

DOCUMENTS: dict[str, Document] = {document.name: document for document in (SALES_ORDER,)}
"""Document types by name."""

__all__ = ["DOCUMENTS", "Document"]
