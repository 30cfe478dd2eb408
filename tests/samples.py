"""The samples of every feed, and what a sample needs to be there before it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from _pytest.mark import ParameterSet

from crossdock import bundled
from crossdock.database import connect
from crossdock.partners import registry
from crossdock.partners.feed import Feed
from tests.warehouse import Warehouse

FOLDER = Path(__file__).parent / "feeds"
ASIDE = {".md", ".golden"}
INPUTS = sorted(
    path
    for path in FOLDER.rglob("*")
    if path.is_file() and path.suffix not in ASIDE and path.parent.name != "before"
)  # fmt: skip
NAMES = [f"{path.parent.name}/{path.name}" for path in INPUTS]


def thinned(*several: Any, every: int = 3) -> list[ParameterSet]:
    """The parameters of a test: one in ``every`` in the ordinary suite, the others in the slow rest."""
    return [
        pytest.param(*(each if isinstance(each, tuple) else (each,)), marks=[pytest.mark.slow] if place % every else [])
        for place, each in enumerate(several)
    ]


@cache
def known() -> registry.Partners:
    """The shipped partners, whose samples these are."""
    return registry.load(bundled.folder("partners"), "UTC")


def feed_of(path: Path) -> Feed:
    """The feed that a sample is of: its folder is called ``partner_document``."""
    names = {f"{feed.partner}_{feed.document.name}": feed.name for feed in known().feeds()}
    return known().named(names[path.parent.name], path.name)


def waiting(folder: Path) -> list[Path]:
    """What the samples of a folder need to be there, in the order in which the inbox takes it."""
    files = (folder / "before").glob("*")
    return sorted(files, key=lambda path: (known().claim(path.name, "house").document.stage, path.name))


def stock(url: str, folder: Path) -> None:
    """Import what the samples of a folder need into an empty database."""
    database = connect(url)
    for path in waiting(folder):
        Warehouse(database, folder).run(path, known().claim(path.name, "house"))
    database.close()
