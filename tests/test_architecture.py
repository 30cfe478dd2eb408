"""The rooms and who may enter them: imports are read, not trusted (docs/design)."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "crossdock"
VERBS = {
    *("receive", "keys", "batches", "translate", "gather", "parse", "content", "recall", "keep", "mend"),
    *("version", "assign", "resolve", "refer", "meant", "against", "alike", "identity", "check"),
    *("compare", "guard", "trail", "books", "decide", "load", "settle"),
}
FOLLOWS = {
    "keys": {"translate", "parse"},  # a key's times cross the border before the rest does
    "batches": {"keys", "version"},
    "meant": {"recall"},
    "against": {"meant", "recall"},
    "assign": {"recall"},
    "alike": {"recall"},
    "identity": {"recall"},
    "check": {"against", "alike", "identity", "recall", "refer"},
    "compare": {"identity", "recall"},
    "guard": {"compare", "identity", "recall"},
    "books": {"compare", "recall"},
    "trail": {"compare", "recall"},
    "decide": {"books", "compare", "guard", "identity", "recall", "trail"},
    "mend": {"keep", "recall"},
    "settle": {"meant", "recall"},
    "load": {"settle"},
}
"""Steps that build on the nouns or the helpers of an earlier one; none looks forward."""
OWNERS = {
    "pandera": {"documents/schema.py", "check.py"},
    "sqlalchemy": {"database/", "load.py", "pipeline.py"},
    "psycopg": {"database/"},
    "alembic": {"database/"},
    "typer": {"cli/"},
    "prefect": set(),
    "openpyxl": {"office/"},
    "python_calamine": {"formats/"},
    "pydantic_settings": {"settings.py"},
    "httpx": {"post.py"},
    "pythonjsonlogger": {"logs.py"},
    "watchfiles": set(),
}
INWARD = {
    "failures": {"documents", "feeds", "partners", "model", "database"},
    "documents": {"feeds", "partners", "model", "database"},
    "feeds": {"partners", "model", "database"},
    "partners": {"model", "database"},
    "model": {"database", "pipeline"},
}
"""The nouns, and what each must not know."""


@cache
def imports() -> dict[str, set[str]]:
    """Each file of the package, and the modules and names that it imports."""
    return {path.relative_to(SOURCE).as_posix(): _imported(path) for path in sorted(SOURCE.rglob("*.py"))}


def _imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names |= {f"{node.module}.{each.name}" for each in node.names}
    return names


def ours(name: str) -> set[str]:
    """The modules and packages of the top that a file imports."""
    return {each.split(".")[1] for each in imports()[name] if each.startswith("crossdock.")}


def test_each_library_lives_in_its_rooms_and_only_the_rim_reads_settings() -> None:
    offenders = [
        f"{name} imports {library}"
        for name, names in imports().items()
        for library, rooms in OWNERS.items()
        if library in {each.split(".")[0] for each in names} and not any(name.startswith(room) for room in rooms)
    ]
    offenders += [
        f"{name} reads settings"
        for name, names in imports().items()
        if "crossdock.settings" in names and not name.startswith("cli/")
    ]
    assert not offenders, "\n".join(offenders)


def test_steps_do_not_reach_across() -> None:
    rim = {"pipeline", "inbox", "cli", "report", "acknowledge", "office"}
    offenders = [
        f"{verb}.py imports {other}"
        for verb in sorted(VERBS)
        for other in sorted(ours(f"{verb}.py") & (VERBS - FOLLOWS.get(verb, set()) | rim))
    ]
    assert not offenders, "\n".join(offenders)


def test_imports_point_inward() -> None:
    offenders = [
        f"{name} imports {other}"
        for inner, outer in INWARD.items()
        for name in imports()
        if name == f"{inner}.py" or name.startswith(f"{inner}/")
        for other in sorted(ours(name) & outer)
    ]
    assert not offenders, "\n".join(offenders)


def test_the_library_and_the_command_line_import_no_prefect() -> None:
    import subprocess
    import sys

    code = "import sys, crossdock.cli, crossdock.pipeline, crossdock.inbox; sys.exit('prefect' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_help_is_quick_because_it_imports_little() -> None:
    import subprocess
    import sys

    code = (
        "import sys, crossdock.cli; sys.exit(bool({'pandas', 'sqlalchemy', 'pyarrow', 'openpyxl'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
