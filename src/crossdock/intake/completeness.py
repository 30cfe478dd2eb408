"""Is a waiting file complete? Its feed decides: it has not changed for a while, or a file beside it says so.

A done-file only has to exist. A manifest describes the file (name, size, sha256, count of records). While the file has
another size it is waited for; a steady file that doesn't match its manifest is refused, by name.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from crossdock.failures.refusals import Refused
from crossdock.intake.files import Identity
from crossdock.partners.feed import Feed

LISTED_SECONDS = 5.0
"""How old the listing of a folder may be, where the folder itself doesn't say that it has changed."""
LARGEST = 1 << 20
"""The largest manifest in bytes; the rest is not read."""


@dataclass(frozen=True)
class Promise:
    """What a manifest says of a file: ``size`` in bytes, ``count`` of records; None where it says nothing."""

    size: int | None = None
    sha256: str | None = None
    count: int | None = None


@dataclass(frozen=True)
class Wait:
    """What a file waits for: ``seconds`` without a change, 0 where it is complete; or for the file ``beside`` it."""

    seconds: float
    beside: str = ""


def name_beside(pattern: str, path: Path) -> str:
    """The name of the file beside another that a feed's pattern (``{name}``, ``{stem}``) means."""
    return pattern.replace("{name}", path.name).replace("{stem}", path.stem)


def beside(pattern: str, path: Path) -> Path | None:
    """The file beside another that a feed's pattern means, whatever the case of its name; None if there is none."""
    named = path.with_name(name_beside(pattern, path))
    if named.is_file():
        return named
    try:
        changed = path.parent.stat().st_mtime_ns
    except OSError:
        return None
    other = _by_name(path.parent, changed, int(time.monotonic() / LISTED_SECONDS)).get(named.name.casefold())
    return other if other is not None and other.is_file() else None


@lru_cache(maxsize=64)
def _by_name(folder: Path, _changed: int, _moment: int) -> dict[str, Path]:
    """The entries of a folder by their name in lower case; one listing serves all files that wait in it."""
    try:
        return {entry.name.casefold(): folder / entry.name for entry in os.scandir(folder)}
    except OSError:
        return {}


def is_companion(pattern: str, name: str) -> bool:
    """Whether a file's name matches a pattern (``{name}``, ``{stem}``), whatever its case."""
    parts = re.split(r"\{(?:name|stem)\}", pattern)
    return re.fullmatch(".+".join(re.escape(part) for part in parts), name, re.DOTALL | re.IGNORECASE) is not None


def patterns(feed: Feed | None) -> list[str]:
    """The patterns of a feed's done-files and manifests."""
    return [each for each in (feed.keys.done_file, feed.keys.manifest) if each] if feed else []


def companions(feed: Feed | None, path: Path) -> list[Path]:
    """The existing done-file and manifest of a file."""
    return [each for each in (beside(pattern, path) for pattern in patterns(feed)) if each is not None]


def wait(path: Path, feed: Feed | None, size: int, steady: float, settle: float) -> Wait:
    """What a file waits for.

    ``size``: bytes now. ``steady``: seconds without a change. ``settle``: seconds that are required, unless the feed
    has its own. Raises ``OSError`` where its manifest can't be read.
    """
    keys = feed.keys if feed else None
    settle = keys.settle if keys and keys.settle is not None else settle
    left = max(0.0, settle - steady)
    if keys and keys.done_file and beside(keys.done_file, path) is None:
        return Wait(left, name_beside(keys.done_file, path))
    if keys and keys.manifest:
        manifest = beside(keys.manifest, path)
        if manifest is None:
            return Wait(left, name_beside(keys.manifest, path))
        try:
            promised = promise(manifest, path.name)
        except Refused:
            return Wait(left)  # it may still be written
        return Wait(0.0 if promised.size == size else left)
    return Wait(0.0 if keys and keys.done_file else left)


def promise(manifest: Path, name: str) -> Promise:
    """What a manifest says of the file ``name``. Raises ``Refused`` where it is no manifest, or lacks the file,
    ``OSError`` where it can't be read.
    """
    with manifest.open("rb") as file:
        content = file.read(LARGEST)
    try:
        text = content.decode("utf-8-sig")
        entries = _json(text) if text.lstrip()[:1] in ("{", "[") else list(csv.DictReader(io.StringIO(text)))
    except (ValueError, csv.Error, RecursionError) as error:
        raise Refused("bad_manifest", name=manifest.name, reason=str(error)) from None
    by_key = [{str(key).strip().casefold(): value for key, value in each.items()} for each in entries]
    mine = [each for each in by_key if each.get("name") == name] or [each for each in by_key if "name" not in each]
    if len(mine) != 1:
        raise Refused("bad_manifest", name=manifest.name, reason=f"it says nothing of {name}")
    try:
        size, count = (
            int(mine[0][each]) if mine[0].get(each) not in (None, "") else None for each in ("size", "count")
        )
    except (TypeError, ValueError, OverflowError):
        raise Refused("bad_manifest", name=manifest.name, reason="size and count must be whole numbers") from None
    digest = str(mine[0].get("sha256") or "").strip().lower()
    return Promise(size, digest or None, count)


def _json(text: str) -> list[dict[str, Any]]:
    entries = json.loads(text)
    if isinstance(entries, dict):
        entries = entries.get("files", [entries])
    if not isinstance(entries, list) or not all(isinstance(each, dict) for each in entries):
        raise ValueError("it is no object, and no list of objects")
    return entries


def check_promise(promised: Promise, identity: Identity) -> None:
    """Raise ``Refused`` where a file doesn't match its manifest in size or digest; its records are counted later."""
    if promised.size is not None and promised.size != identity.size:
        raise Refused("manifest_size", promised=f"{promised.size:,}", found=f"{identity.size:,}")
    if promised.sha256 is not None and promised.sha256 != identity.digest:
        raise Refused("manifest_digest", promised=promised.sha256, found=identity.digest)
