"""Is a waiting file complete? As its feed says: it has not changed for a while, or what lies beside it says so.

A done-file only has to be there. A manifest says what the file must be (name, size, sha256, count of records); while
the file is still shorter it is waited for, and a file that is steady and not as the manifest says is refused, by name.
"""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crossdock.failures.refusals import Refused
from crossdock.intake.files import Identity
from crossdock.partners.feed import Feed

LARGEST = 1 << 20
"""Bytes of a manifest."""


@dataclass(frozen=True)
class Promise:
    """What a manifest says of a file; None where it doesn't."""

    size: int | None = None
    sha256: str | None = None
    count: int | None = None


def beside(pattern: str, path: Path) -> Path:
    """The file that a feed's pattern means beside another."""
    return path.with_name(pattern.replace("{name}", path.name).replace("{stem}", path.stem))


def is_companion(pattern: str, name: str) -> bool:
    """Whether a name is one that a pattern makes."""
    parts = re.split(r"\{(?:name|stem)\}", pattern)
    return re.fullmatch(".+".join(re.escape(part) for part in parts), name, re.DOTALL) is not None


def companions(feed: Feed | None, path: Path) -> list[Path]:
    """The files beside a file that go with it."""
    patterns = [each for each in (feed.keys.done_file, feed.keys.manifest) if each] if feed else []
    return [found for found in (beside(each, path) for each in patterns) if found.is_file()]


def seconds_left(path: Path, feed: Feed | None, size: int, steady: float, settle: float) -> float | None:
    """How long a file is still to be waited for; 0 where it is complete, None where that is not for us to say."""
    keys = feed.keys if feed else None
    settle = keys.settle if keys and keys.settle is not None else settle
    left = max(0.0, settle - steady)
    if keys and keys.done_file and not beside(keys.done_file, path).is_file():
        return None
    if keys and keys.manifest:
        manifest = beside(keys.manifest, path)
        if not manifest.is_file():
            return None
        try:
            said = promise(manifest, path.name)
        except Refused:
            return left  # it may still be written
        return 0.0 if said.size == size else left
    return 0.0 if keys and keys.done_file else left


def promise(manifest: Path, name: str) -> Promise:
    """What a manifest says of the file of that name. Refused where it can't be read, or doesn't name the file."""
    try:
        with manifest.open("rb") as file:
            text = file.read(LARGEST).decode("utf-8-sig")
        entries = _json(text) if text.lstrip()[:1] in ("{", "[") else list(csv.DictReader(io.StringIO(text)))
    except (OSError, ValueError, csv.Error, RecursionError) as error:
        raise Refused("bad_manifest", name=manifest.name, reason=str(error)) from None
    told = [{str(key).strip().casefold(): value for key, value in each.items()} for each in entries]
    mine = [each for each in told if each.get("name") == name] or [each for each in told if "name" not in each]
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
    told = json.loads(text)
    if isinstance(told, dict):
        told = told.get("files", [told])
    if not isinstance(told, list) or not all(isinstance(each, dict) for each in told):
        raise ValueError("it is no object, and no list of objects")
    return told


def check_promise(said: Promise, found: Identity) -> None:
    """Refused where a file is not as its manifest says; how many records it has is seen when it is read."""
    if said.size is not None and said.size != found.size:
        raise Refused("manifest_size", promised=f"{said.size:,}", found=f"{found.size:,}")
    if said.sha256 is not None and said.sha256 != found.digest:
        raise Refused("manifest_digest", promised=said.sha256, found=found.digest)
