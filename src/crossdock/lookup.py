"""Is a document in a file that nobody has imported yet? For the one who looks for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from crossdock import batches, receive
from crossdock.failures import Refused
from crossdock.model import Drop
from crossdock.partners import Partners
from crossdock.pickup import folders, recognised

_CHUNK = 8 << 20


def waiting_files(partners: Partners, home: Path, number: str) -> Iterator[tuple[Path, str]]:
    """The files in the drop folders, or taken and not done, that hold a document of that number; each with its feed."""
    paths = [(path, partner) for folder, partner in folders(partners, home) for path, _ in receive.regular(folder)]
    paths += [(path, path.parent.name) for path in receive.left_behind(home / "work")]
    for path, partner in paths:
        try:
            feed, stamp = recognised(partners, path, None, partner)
            identity = receive.identify(path)
            drop = Drop(path, path.name, feed, identity.digest, identity.size, identity.received, stamp)
            plan = batches.plan(drop)
        except (Refused, OSError):
            if speaks_of(path, number):
                yield path, f"{partner}/"
            continue
        try:
            if any((batch.key[feed.document.number] == number).any() for batch in plan.batches(0)):
                yield path, feed.name
        finally:
            plan.close()


def speaks_of(path: Path, number: str) -> bool:
    """Whether the text of a file holds the number, whatever format it is in."""
    sought, rest = number.encode(), b""
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                if sought in rest + chunk:
                    return True
                rest = chunk[-len(sought) :]
    except OSError:
        return False
    return False
