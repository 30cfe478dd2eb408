"""HTTP/1.1 for clients that offer another protocol beside it: the offer is not taken, and the request is served.

Java's HttpClient offers HTTP/2 with every request of ``http://`` (``Upgrade: h2c``). The parser that is fast takes a
request with an offer for one without a body; the one that is slow reads it as it is (RFC 9110 §7.8).
"""

from __future__ import annotations

import re

from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_OFFER = re.compile(rb"\r\nupgrade[ \t]*:", re.IGNORECASE)
_END = b"\r\n\r\n"


class Http1(HttpToolsProtocol):
    """A connection. One whose first request has an offer is left to the slow parser: its others have it, too."""

    _begun = False

    def data_received(self, data: bytes) -> None:
        """Read what has come."""
        if self._begun or not _OFFER.search(data.partition(_END)[0]):
            self._begun = True
            super().data_received(data)
            return
        other = H11Protocol(self.config, self.server_state, self.app_state)
        self.connections.discard(self)
        self.transport.set_protocol(other)
        other.connection_made(self.transport)
        other.data_received(data)
