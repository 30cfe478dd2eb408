"""A partner's HTTP server, a real one: it takes answers, or fails, hangs, redirects, as a test tells it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Partner:
    """A partner's server: what it got, and what it answers (a status, or a function of the request)."""

    server: ThreadingHTTPServer
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answer: Any = 204
    location: str = ""
    retry_after: str = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/salesOrderAck"

    @property
    def jobs(self) -> list[str]:
        return [json.loads(body)["data"]["jobId"] for _, body in self.got]


@contextmanager
def serving() -> Iterator[Partner]:
    """A server that runs as long as the context does."""
    server: Partner

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # the library's name
            self.body = body = self.rfile.read(int(self.headers["Content-Length"]))
            answer = server.answer(self) if callable(server.answer) else server.answer
            if answer is None:
                return
            if 200 <= answer < 300:
                server.got.append((dict(self.headers), body))
            self.send_response(answer)
            if server.location:
                self.send_header("Location", server.location)
            if server.retry_after:
                self.send_header("Retry-After", server.retry_after)
            reply = b"" if answer == 204 else b"so it is"
            self.send_header("Content-Length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply)

        def log_message(self, *_: Any) -> None:
            pass

    server = Partner(ThreadingHTTPServer(("127.0.0.1", 0), Handler))
    server.server.daemon_threads = True
    threading.Thread(target=server.server.serve_forever, daemon=True).start()
    yield server
    server.server.shutdown()
    server.server.server_close()
