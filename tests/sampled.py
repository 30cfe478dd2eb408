"""The codes that results brought in this run: of failures, of refusals, of holds.

A code that no import of any test brings is a sentence that nobody has seen. Each database that a test leaves behind is
asked; each process of the run notes in a file of its own what is new to it, and the process that began the run adds up.
Examples that chance has made don't count: another run has others.
"""

from __future__ import annotations

import os
import re
import sqlite3
from functools import cache
from pathlib import Path
from typing import Any

import psycopg

from crossdock.failures.catalogue import CODES, HOLDS
from crossdock.failures.refusals import OF_OBJECTS, REFUSALS

PREFIX = "codes."


def note(codes: set[str], shared: Path) -> None:
    """Note codes in the folder that the processes of the run share."""
    path = shared / f"{PREFIX}{os.getpid()}"
    new = codes - (noted(path) if path.exists() else set())
    if new:
        with path.open("a") as file:
            file.writelines(f"{code}\n" for code in sorted(new))


def noted(path: Path) -> set[str]:
    return set(path.read_text().split())


def brought(database: str | Path) -> set[str]:
    """The codes of everything that was imported into a database: a URL of PostgreSQL, or SQLite's file."""
    connection: Any = sqlite3.connect(database) if isinstance(database, Path) else psycopg.connect(database)

    def distinct(column: str, table: str) -> set[str]:
        return {value for (value,) in connection.execute(f"SELECT DISTINCT {column} FROM {table}") if value}

    try:
        holds = distinct("hold_code", "job_outcomes") & set(HOLDS)
        return distinct("code", "job_failures") | holds | set(map(refusal, distinct("refused", "jobs")))
    finally:
        connection.close()


def refusal(sentence: str) -> str:
    """The code of a refusal, by its sentence: nothing else of it is kept."""
    fitting = [(len(pattern.pattern), code) for code, pattern in patterns() if pattern.fullmatch(sentence)]
    return max(fitting)[1]


@cache
def patterns() -> list[tuple[str, re.Pattern[str]]]:
    """Each code of a refusal, and what its sentences look like."""
    parts = [(code, re.split(r"{\w+}", text)) for code, text in (*REFUSALS.items(), *OF_OBJECTS.items())]
    return [(code, re.compile(".*".join(map(re.escape, each)), re.DOTALL)) for code, each in parts]


def missing(shared: Path) -> list[str]:
    """The codes that nothing brought."""
    codes = set().union(*map(noted, shared.glob(f"{PREFIX}*")))
    return sorted({*CODES, *REFUSALS, *HOLDS} - codes)
