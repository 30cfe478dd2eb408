"""The rooms and who may enter them: imports are read, not trusted (docs/design)."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

from crossdock.documents import DOCUMENTS

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
    "assign": {"recall", "refer"},  # what the customer says
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
    "python_calamine": {"formats/confined.py"},
    "pydantic_settings": {"settings.py"},
    "httpx": {"post.py"},
    "pythonjsonlogger": {"logs.py"},
    "watchfiles": set(),
}
INWARD = {
    "failures": {"documents", "feeds", "partners", "model", "database"},
    "documents": {"formats", "feeds", "partners", "model", "database"},
    "formats": {"feeds", "partners", "model", "database"},
    "feeds": {"partners", "model", "database"},
    "partners": {"model", "database"},
    "model": {"database", "pipeline"},
    "recognise": {"database", "filing", "pickup", "pipeline", "inbox"},
}
"""The nouns, and what each must not know."""


@cache
def trees() -> dict[str, ast.Module]:
    """Each file of the package, parsed."""
    paths = sorted(SOURCE.rglob("*.py"))
    return {path.relative_to(SOURCE).as_posix(): ast.parse(path.read_text(encoding="utf-8")) for path in paths}


@cache
def imports() -> dict[str, set[str]]:
    """Each file of the package, and the modules and names that it imports."""
    return {name: _imported(tree) for name, tree in trees().items()}


def _imported(tree: ast.AST) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
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


def test_a_drop_is_made_in_one_place() -> None:
    makers = {
        name
        for name, tree in trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "Drop"
    }
    assert makers == {"recognise.py"}


def test_the_library_and_the_command_line_import_no_prefect() -> None:
    import subprocess
    import sys

    code = "import sys, crossdock.cli, crossdock.pipeline.import_drop, crossdock.workers.work; sys.exit('prefect' in sys.modules)"
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
        name, tree = path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8"))
        used = _imported(tree)
        inside = path.parent == SOURCE / "database"
        reads = any(isinstance(node, ast.Attribute) and node.attr == "loads" for node in ast.walk(tree))
        if used & {"sqlalchemy.Row", "sqlalchemy.RowMapping", "sqlalchemy.engine.Row"} and not inside:
            wrong.append(f"{name} imports rows")
        if inside or any(each.startswith(("crossdock.database", "crossdock.model.job")) for each in used):
            if reads and path != SOURCE / "database" / "records.py":
                wrong.append(f"{name} reads JSON")
            wrong += [f"{name}: {each}" for each in _takes_a_row(tree)] if not inside else []
    assert not wrong


ONE_BY_ONE = ("iloc", "iat", "iterrows")
STEPS = VERBS - {"recognise", "load"} | {"rows", "books", "trail", "way"}


def test_each_step_has_a_test_of_small_tables() -> None:
    """``meant`` is tested by those who ask it: ``against`` and ``settle``."""
    tested = {path.stem.removeprefix("test_") for path in (ROOT / "tests").glob("test_*.py")}
    assert STEPS - tested == {"meant"}


def test_no_row_is_named_one_by_one_on_a_batchs_path() -> None:
    """No row of a frame is taken in a loop of a step: what must name rows does it for all of them at once."""
    offenders = []
    for name, tree in trees().items():
        if name.removesuffix(".py") not in STEPS and not name.startswith("documents/"):
            continue
        for loop in ast.walk(tree):
            if not isinstance(loop, ast.For | ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp):
                continue
            inside = getattr(loop, "body", None) or [getattr(loop, "elt", None) or getattr(loop, "value", loop)]
            nodes = [node for part in inside for node in ast.walk(part) if isinstance(node, ast.Attribute)]
            offenders += [f"{name}:{node.lineno}: .{node.attr}" for node in nodes if node.attr in ONE_BY_ONE]
    assert not offenders, "\n".join(offenders)


VOCABULARY = {"businessUnitId", "jobId"}
"""Fields that every document has, and the one that a fix-workbook adds."""


def test_no_step_names_a_document_or_its_fields() -> None:
    """A step asks a document for what it declares (``documents.roles``), so that a new document is one file."""
    own = {field.name for each in DOCUMENTS.values() for level in each.levels for field in level.fields}
    camel = {name for name in own if re.search("[a-z][A-Z]", name)} - VOCABULARY
    offenders = []
    for name, tree in trees().items():
        if name.removesuffix(".py") not in STEPS:
            continue
        for node in ast.walk(tree):
            module = node.module or "" if isinstance(node, ast.ImportFrom) else ""
            if module.removeprefix("crossdock.documents.") in DOCUMENTS:
                offenders.append(f"{name}:{node.lineno}: imports {module}")
            if isinstance(node, ast.Subscript | ast.Compare | ast.Call):
                said = [each for each in ast.walk(node) if isinstance(each, ast.Constant) and each.value in camel]
                offenders += [f"{name}:{each.lineno}: {each.value!r}" for each in said]
            if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "DOCUMENTS":
                offenders += [f"{name}:{node.lineno}"] if isinstance(node.slice, ast.Constant) else []
            if isinstance(node, ast.Compare) and ast.unparse(node.left).endswith((".name", ".document", ".format")):
                told = [each for each in node.comparators if isinstance(each, ast.Constant)]
                offenders += [f"{name}:{node.lineno}: {each.value!r}" for each in told]
    assert not offenders, "\n".join(offenders)
