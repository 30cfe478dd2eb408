"""The rooms and who may enter them: imports are read, not trusted (docs/design)."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "crossdock"
VERBS = {
    *("recognise", "keys", "batches", "translate", "gather", "parse", "content", "recall", "keep", "mend"),
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


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found |= {f"{node.module}.{each.name}" for each in node.names}
    return found


FILES = sorted(path.relative_to(SOURCE).as_posix() for path in SOURCE.rglob("*.py"))


@pytest.mark.parametrize("name", FILES)
def test_each_library_lives_in_its_rooms(name: str) -> None:
    used = {each.split(".")[0] for each in imports(SOURCE / name)}
    for library, rooms in OWNERS.items():
        if library in used:
            assert any(name.startswith(room) for room in rooms), f"{name} imports {library}"


@pytest.mark.parametrize("name", FILES)
def test_only_the_rim_reads_settings(name: str) -> None:
    if not name.startswith("cli/"):
        assert "crossdock.settings" not in imports(SOURCE / name)


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_steps_do_not_reach_across(verb: str) -> None:
    used = {each.split(".")[1] for each in imports(SOURCE / f"{verb}.py") if each.startswith("crossdock.")}
    assert used & VERBS <= FOLLOWS.get(verb, set())
    assert not used & {"pipeline", "inbox", "cli", "report", "acknowledge", "office"}


@pytest.mark.parametrize(
    ("inner", "outer"),
    [
        ("failures", {"documents", "feeds", "partners", "model", "database"}),
        ("documents", {"formats", "feeds", "partners", "model", "database"}),
        ("formats", {"feeds", "partners", "model", "database"}),
        ("feeds", {"partners", "model", "database"}),
        ("partners", {"model", "database"}),
        ("model", {"database", "pipeline"}),
        ("recognise", {"database", "filing", "pickup", "pipeline", "inbox"}),
    ],
)
def test_imports_point_inward(inner: str, outer: set[str]) -> None:
    paths = [SOURCE / f"{inner}.py"] if (SOURCE / f"{inner}.py").exists() else sorted((SOURCE / inner).glob("*.py"))
    for path in paths:
        used = {each.split(".")[1] for each in imports(path) if each.startswith("crossdock.") and "." in each}
        assert not used & outer, path


def test_a_drop_is_made_in_one_place() -> None:
    makers = {
        name
        for name in FILES
        for node in ast.walk(ast.parse((SOURCE / name).read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "Drop"
    }
    assert makers == {"recognise.py"}


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


def _takes_a_row(tree: ast.AST) -> list[str]:
    """Parameters and results of a module's functions that may be rows: ``Any``, or a collection of it.

    A ``sheet`` is openpyxl's, a ``value`` is a cell's; a mapping by name is a JSON object.
    """
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            named = [(each.arg, each.annotation) for each in arguments if each.arg not in ("sheet", "value")]
            for name, annotation in named:
                if annotation is not None and re.search(r"(^|\[)(Any\b|Row(Mapping)?\b)", ast.unparse(annotation)):
                    found.append(f"{node.name}({name}: {ast.unparse(annotation)})")
    return found


def test_nobody_outside_the_database_sees_a_row_or_the_json_of_a_column() -> None:
    """Who asks the database, or speaks of a job, gets records; rows and their JSON are read in one place."""
    wrong = []
    for path in [*SOURCE.rglob("*.py"), *(ROOT / "flows").glob("*.py")]:
        name, used = path.relative_to(ROOT).as_posix(), imports(path)
        tree = ast.parse(path.read_text(encoding="utf-8"))
        inside = path.parent == SOURCE / "database"
        reads = any(isinstance(node, ast.Attribute) and node.attr == "loads" for node in ast.walk(tree))
        if used & {"sqlalchemy.Row", "sqlalchemy.RowMapping", "sqlalchemy.engine.Row"} and not inside:
            wrong.append(f"{name} imports rows")
        if inside or any(each.startswith(("crossdock.database", "crossdock.job")) for each in used):
            if reads and path != SOURCE / "database" / "records.py":
                wrong.append(f"{name} reads JSON")
            wrong += [f"{name}: {each}" for each in _takes_a_row(tree)] if not inside else []
    assert not wrong
