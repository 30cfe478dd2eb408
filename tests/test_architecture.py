"""The rooms and who may enter them: imports are read, not trusted (docs/design)."""

from __future__ import annotations

import ast
import os
import re
from collections import Counter
from collections.abc import Iterable
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path
from types import CodeType

from crossdock.documents import DOCUMENTS

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "crossdock"
ORDER = (
    *(
        "__main__",
        "__init__",
        "cli",
        "api",
        "flows.programs",
        "flows",
        "library",
        "app",
        "workers",
        "delivery",
        "reports.excel",
        "reports.edi",
        "reports.edi.writing",
        "reports",
        "intake",
    ),
    *(
        "pipeline",
        "pipeline.reconcile",
        "pipeline.validate",
        "pipeline.staging",
        "pipeline.lookup",
        "pipeline.normalize",
    ),
    *(
        "site",
        "jobs",
        "registers",
        "database",
        "quotes",
        "model",
        "settings",
        "exits",
        "learn.derived",
        "learn",
        "learn.headless",
        "partners",
        "documents",
        "documents.lists",
    ),
    *("formats", "frames", "schema", "failures", "errors", "logs", "times", "bundled", "scratch"),
)
"""The packages and the modules beside them, outermost first: a file imports only from its own and from those behind it."""
SIDE_BY_SIDE = {("pipeline.reconcile", "pipeline.validate"), ("pipeline.validate", "pipeline.staging")}
"""Wings of the pipeline that meet only in ``pipeline.batch``."""
STEPS = ("pipeline/staging/", "pipeline/normalize/", "pipeline/lookup/", "pipeline/validate/", "pipeline/reconcile/")
OWNERS = {
    "pandera": {"pipeline/validate/"},
    "sqlalchemy": {
        "database/",
        "jobs/",
        "registers/",
        "pipeline/load.py",
        "pipeline/import_drop.py",
        "pipeline/dry_run.py",
        "pipeline/run.py",
    },
    "psycopg": {"database/"},
    "alembic": {"database/"},
    "typer": {"cli/"},
    "fastapi": {"api/"},
    "starlette": {"api/"},
    "uvicorn": {"api/"},
    "prometheus_client": {"api/"},
    "jinja2": {"api/pages/"},
    "python_multipart": {"api/pages/"},
    "cryptography": {"registers/sealed.py"},
    "prefect": {"flows/"},
    "prefect_dask": {"flows/shares.py"},
    "cloudpickle": {"pipeline/shares.py"},
    "openpyxl": {"reports/excel/"},
    "python_calamine": {"formats/excel/confined.py"},
    "pydantic_settings": {"settings.py"},
    "httpx": {"delivery/http.py", "flows/"},
    "pythonjsonlogger": {"logs.py"},
    "psutil": {"flows/programs/work.py"},
    "watchfiles": {"flows/programs/watch.py"},
}


@cache
def trees() -> dict[str, ast.Module]:
    """Each file of the package, parsed."""
    paths = sorted(SOURCE.rglob("*.py"))
    return {path.relative_to(SOURCE).as_posix(): ast.parse(path.read_text(encoding="utf-8")) for path in paths}


@cache
def nodes() -> dict[str, list[ast.AST]]:
    """Each file of the package, and every node of it: a walk takes longer than what a rule asks of the nodes."""
    return {name: list(ast.walk(tree)) for name, tree in trees().items()}


@cache
def imports() -> dict[str, set[str]]:
    """Each file of the package, and the modules and names that it imports when it runs, not only for types."""
    return {name: _imported(ast.walk(_at_run_time(tree))) for name, tree in trees().items()}


def _at_run_time(tree: ast.Module) -> ast.Module:
    return ast.Module([node for node in tree.body if not _for_types_only(node)], [])


def _for_types_only(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def _imported(of_file: Iterable[ast.AST]) -> set[str]:
    names: set[str] = set()
    for node in of_file:
        if isinstance(node, ast.Import):
            names |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names |= {f"{node.module}.{each.name}" for each in node.names}
    return names


def room(module: str) -> str:
    """The package of ``ORDER``, or the module beside them, that a module is in: the longest that fits."""
    parts = module.split(".")[1:] or ["__init__"]
    fitting = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((name for name in fitting if name in ORDER), parts[0])


def module_of(name: str) -> str:
    """The module that a file is: ``cli/held.py`` is ``crossdock.cli.held``."""
    return ".".join(["crossdock", *name.removesuffix(".py").removesuffix("__init__").strip("/").split("/")]).rstrip(".")


@cache
def files_imported() -> dict[str, set[str]]:
    """Each module of the package, and the modules of the package that it imports."""
    known = {module_of(name) for name in imports()}
    return {module_of(name): {each for each in names if each in known} for name, names in imports().items()}


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
        if "crossdock.settings" in names and not name.startswith(("cli/", "flows/", "app.py"))
    ]
    assert not offenders, "\n".join(offenders)


def test_imports_point_inward() -> None:
    """One ordered list, and no wing of the pipeline knows the one beside it."""
    offenders = []
    for module, others in files_imported().items():
        here = room(module)
        for other in sorted(others):
            there = room(other)
            behind = ORDER.index(here) <= ORDER.index(there)
            if not behind and not there.startswith("__init__"):
                offenders.append(f"{module} imports {other}")
            if (here, there) in SIDE_BY_SIDE:
                offenders.append(f"{module} imports {other}, which stands beside it")
    assert not offenders, "\n".join(offenders)


def test_only_the_rooms_of_interchanges_know_the_standards() -> None:
    of_one = ("interchange.X12", "interchange.EDIFACT", "x12_envelope", "edifact_envelope")
    names = {f"crossdock.formats.edi.{each}" for each in of_one}
    offenders = [
        f"{name} imports {each}"
        for name, imported in imports().items()
        for each in sorted(names & imported)
        if not name.startswith(("formats/", "reports/edi/"))
    ]
    assert not offenders, "\n".join(offenders)


def test_every_file_has_its_room() -> None:
    assert {room(module_of(name)) for name in trees()} == set(ORDER)


def test_no_file_imports_itself_by_a_detour() -> None:
    graph = {module: {each for each in others if each != module} for module, others in files_imported().items()}
    packages = {module_of(name) for name in trees() if name.endswith("__init__.py")}
    graph = {module: others - packages for module, others in graph.items() if module not in packages}
    list(TopologicalSorter(graph).static_order())  # raises CycleError


def test_a_package_is_small_and_says_what_it_is_for() -> None:
    wrong = []
    for name, tree in trees().items():
        if not name.endswith("__init__.py") or name.startswith("database/migrations"):
            continue
        folder = SOURCE / name.removesuffix("__init__.py")
        modules = [path for path in folder.glob("*.py") if path.name != "__init__.py"]
        if not 4 <= len(modules) <= 12:
            wrong.append(f"{name}: {len(modules)} modules")
        if len((ast.get_docstring(tree) or "").split(".")) < 3:
            wrong.append(f"{name}: what comes in, what goes out, what may be imported?")
    assert not wrong, "\n".join(wrong)


def test_only_what_others_use_is_public() -> None:
    """A function that only its own module calls has an underscore."""
    texts = {
        path: path.read_text(encoding="utf-8")
        for top in ("src", "flows", "tests", "bench", "docs")
        for path in (ROOT / top).rglob("*.py")
    }
    words = {path: set(re.findall(r"\w+", text)) for path, text in texts.items()}
    times = Counter(word for each in words.values() for word in each)
    offenders = [
        f"{name}: {node.name}"
        for name, tree in trees().items()
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and times[node.name] == 1
    ]
    assert not offenders, "\n".join(offenders)


def test_a_drop_is_made_in_one_place() -> None:
    makers = {
        name
        for name, of_file in nodes().items()
        for node in of_file
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "Drop"
    }
    assert makers == {"intake/recognise.py"}


def test_the_library_and_the_command_line_import_no_prefect() -> None:
    """Before a command of ``crossdock prefect`` is called; its help is none."""
    import subprocess
    import sys

    code = """
import sys, crossdock.library, crossdock.workers.work
from crossdock.cli import app
for words in (["feeds"], ["prefect", "--help"], ["prefect", "work", "--help"]):
    app(words, standalone_mode=False)
sys.exit('prefect' in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", code], stdout=subprocess.DEVNULL, check=False).returncode == 0


def test_help_is_quick_because_it_imports_little() -> None:
    import subprocess
    import sys

    code = (
        "import sys, crossdock.cli; sys.exit(bool({'pandas', 'sqlalchemy', 'pyarrow', 'openpyxl'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


NOT_FOR_A_RIGHT_FILE = (
    *("pandera", "rapidfuzz"),  # wrong values, and what they may mean
    *("psycopg", "alembic", "sqlalchemy.dialects.postgresql"),  # another database; an old one
    *("openpyxl", "crossdock.reports.excel", "crossdock.formats.excel.workbook", "crossdock.formats.xlsx.inspection"),
    *(
        "crossdock.formats.edi.reader",
        "crossdock.formats.edi.sets",
        "crossdock.formats.shapes",
        "crossdock.reports.edi",
    ),
    *("crossdock.learn.columns", "crossdock.learn.suggestions", "crossdock.learn.headless"),
    *("httpx", "http", "urllib.request"),  # answers by POST
    *("prefect", "rich", "IPython", "pytest"),
)
"""What an import of a right CSV into SQLite, and its check, must not load: modules with those below them."""


def test_an_import_of_a_right_file_loads_only_what_it_needs(tmp_path: Path) -> None:
    """What takes time, and is for failing cells, other databases and formats, posts, upgrades."""
    import subprocess
    import sys

    path = tmp_path / "sales_order.csv"
    path.write_text("customerOrderNumber,customerLineNumber,skuId,quantity,shipTo.locationId\nSO-1,1,A,2,S1\n")
    code = """
import sys
from crossdock.cli import app
for words in (["import", sys.argv[1]], ["check", sys.argv[1]]):
    assert app(words, standalone_mode=False) == 0
print(sorted(sys.modules), file=sys.stderr)
"""
    environment = os.environ | {"CROSSDOCK_HOME": str(tmp_path)}
    first = [sys.executable, "-m", "crossdock", "import", str(path)]  # it makes the database: with Alembic
    subprocess.run(first, env=environment, check=True, capture_output=True)
    command = [sys.executable, "-c", code, str(path)]
    ended = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    loaded = set(ast.literal_eval(ended.stderr.splitlines()[-1]))
    assert "pandas" in loaded
    below = tuple(f"{each}." for each in NOT_FOR_A_RIGHT_FILE)
    assert [each for each in sorted(loaded) if each in NOT_FOR_A_RIGHT_FILE or each.startswith(below)] == []


def _takes_a_row(of_file: list[ast.AST]) -> list[str]:
    """Parameters and results of a module's functions that may be rows: ``Any``, or a collection of it.

    A ``sheet`` is openpyxl's, a ``value`` is a cell's; a mapping by name is a JSON object.
    """
    rows = []
    for node in of_file:
        if isinstance(node, ast.FunctionDef):
            arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            named = [(each.arg, each.annotation) for each in arguments if each.arg not in ("sheet", "value")]
            for name, annotation in named:
                if annotation is not None and re.search(r"(^|\[)(Any\b|Row(Mapping)?\b)", ast.unparse(annotation)):
                    rows.append(f"{node.name}({name}: {ast.unparse(annotation)})")
    return rows


def test_nobody_outside_the_database_sees_a_row_or_the_json_of_a_column() -> None:
    """Who asks the database, or speaks of a job, gets records; rows and their JSON are read in one place.

    SQLite's answers to the one question about documents come as JSON, and the library and the samples of feeds read our
    own reports as objects: none is a column's. What goes to the process of a share is pickled.
    """
    readers = ("database/records.py", "database/sqlite.py", "library.py", "workers/feed_samples.py")
    flows = {path.relative_to(ROOT).as_posix(): path for path in (ROOT / "flows").glob("*.py")}
    of_flows = {name: list(ast.walk(ast.parse(path.read_text(encoding="utf-8")))) for name, path in flows.items()}
    wrong = []
    for name, of_file in (nodes() | of_flows).items():
        used = _imported(of_file)
        inside = name.startswith(("database/", "jobs/", "registers/")) and "/migrations/" not in name
        reads = any(
            isinstance(node, ast.Attribute) and node.attr == "loads" and ast.unparse(node.value) != "pickle"
            for node in of_file
        )
        if used & {"sqlalchemy.Row", "sqlalchemy.RowMapping", "sqlalchemy.engine.Row"} and not inside:
            wrong.append(f"{name} imports rows")
        if inside or any(each.startswith(("crossdock.database", "crossdock.model.job")) for each in used):
            if reads and name not in readers:
                wrong.append(f"{name} reads JSON")
            wrong += [f"{name}: {each}" for each in _takes_a_row(of_file)] if not inside else []
    assert not wrong


ONE_BY_ONE = ("iloc", "iat", "iterrows")


def steps() -> dict[str, ast.Module]:
    """The files of the wings that a batch goes through."""
    ends = ("pipeline/batch.py", "pipeline/sent_values.py", "pipeline/fulfilment.py", "frames/rows.py")
    return {name: tree for name, tree in trees().items() if name.startswith(STEPS) or name in ends}


HELPERS = {"target_lines", "listed", "keys", "cells", "row_writes", "sent_values"}
"""Parts of steps, tested through them."""


def test_each_step_has_a_test_of_small_tables() -> None:
    """At the mirrored path: ``pipeline/lookup/items.py`` and ``tests/pipeline/lookup/test_items.py``."""
    tested = {
        path.relative_to(ROOT / "tests").as_posix().replace("test_", "") for path in (ROOT / "tests").rglob("test_*.py")
    }
    untested = {name for name in steps() if not name.endswith("__init__.py")} - tested
    assert {Path(name).stem for name in untested} == HELPERS


def test_no_row_is_named_one_by_one_on_a_batchs_path() -> None:
    """No row of a frame is taken in a loop of a step: what must name rows does it for all of them at once."""
    offenders = []
    for name, tree in trees().items():
        if name not in steps() and not name.startswith(("documents/", "schema/")):
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
    """A step asks a document for what it declares (``schema.roles``), so that a new document is one file."""
    own = {field.name for each in DOCUMENTS.values() for level in each.levels for field in level.fields}
    camel = {name for name in own if re.search("[a-z][A-Z]", name)} - VOCABULARY
    offenders = []
    for name, tree in steps().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").rpartition(".")[2] in DOCUMENTS:
                offenders.append(f"{name}:{node.lineno}: imports {node.module}")
            if isinstance(node, ast.Subscript | ast.Compare | ast.Call):
                fields = [each for each in ast.walk(node) if isinstance(each, ast.Constant) and each.value in camel]
                offenders += [f"{name}:{each.lineno}: {each.value!r}" for each in fields]
            if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "DOCUMENTS":
                offenders += [f"{name}:{node.lineno}"] if isinstance(node.slice, ast.Constant) else []
            if isinstance(node, ast.Compare) and ast.unparse(node.left).endswith((".name", ".document", ".format")):
                names = [each for each in node.comparators if isinstance(each, ast.Constant)]
                offenders += [f"{name}:{node.lineno}: {each.value!r}" for each in names]
    assert not offenders, "\n".join(offenders)


VAGUE = {"found", "told", "said", "made", "given", "asked", "way"}
"""Words that say what happened to a value, and not what it is."""


def _names_of(tree: ast.Module) -> list[tuple[int, str]]:
    """Line and name of each function, parameter and variable; the fields of classes are left out."""
    classes = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    statements = [each for node in classes for each in node.body if isinstance(each, ast.Assign | ast.AnnAssign)]
    targets = [each.targets if isinstance(each, ast.Assign) else [each.target] for each in statements]
    fields = {id(node) for each in targets for target in each for node in ast.walk(target)}
    names: list[tuple[int, str]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            names.append((node.lineno, node.name))
        elif isinstance(node, ast.arg):
            names.append((node.lineno, node.arg))
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and id(node) not in fields:
            names.append((node.lineno, node.id))
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
            names.append((node.lineno, node.name))
    return names


def _words_of(code: CodeType) -> set[str]:
    """Every name of a compiled module and of what is in it: those of ``_names_of``, and the attributes that it uses."""
    inner = (each for each in code.co_consts if isinstance(each, CodeType))
    return {code.co_name, *code.co_names, *code.co_varnames, *code.co_cellvars}.union(*map(_words_of, inner))


def test_locals_are_named_for_what_they_hold() -> None:
    """In the package, in its tests, and beside them. Most files have no such word, so their nodes aren't looked at."""
    folders = ("src", "tests", "bench", "docs", "flows", ".ci")
    paths = [path for folder in folders for path in (ROOT / folder).rglob("*.py") if path.parent.name != "versions"]
    texts = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in paths}
    offenders = [
        f"{name}:{line}: {word}"
        for name, text in texts.items()
        if any(word.lstrip("_") in VAGUE for word in _words_of(compile(text, name, "exec", dont_inherit=True)))
        for line, word in _names_of(ast.parse(text))
        if word.lstrip("_") in VAGUE
    ]
    assert not offenders, "\n".join(offenders)


def _used_elsewhere() -> set[tuple[str, str]]:
    """Module and name of each function that a file of another package uses."""
    modules, used = set(files_imported()), set()
    for name, of_file in nodes().items():
        here, bound = room(module_of(name)), {}
        for node in of_file:
            if isinstance(node, ast.ImportFrom) and node.module:
                for each in node.names:
                    bound[each.asname or each.name] = f"{node.module}.{each.name}"
                    used.add((node.module, each.name) if room(node.module) != here else ("", ""))
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                module = bound.get(node.value.id, "")
                used.add((module, node.attr) if module in modules and room(module) != here else ("", ""))
    return used


def _raised(function: ast.FunctionDef) -> set[str]:
    """The names of the exceptions that a function itself raises."""
    errors = (node.exc for node in ast.walk(function) if isinstance(node, ast.Raise) and node.exc is not None)
    called = (each.func if isinstance(each, ast.Call) else each for each in errors)
    return {getattr(each, "id", getattr(each, "attr", "")) for each in called} - {"AssertionError", ""}


SHAPE = re.compile(r"``|\b(bool|int64|column|mask|place|per|each|frame|text|dtype)")


def test_what_another_package_calls_says_what_it_returns_and_raises() -> None:
    """Of frames and arrays the columns or dtype; of errors, each that the function itself raises."""
    offenders, used = [], _used_elsewhere()
    for name, tree in trees().items():
        for node in tree.body:
            if not isinstance(node, ast.FunctionDef) or (module_of(name), node.name) not in used:
                continue
            text, returns = ast.get_docstring(node) or "", ast.unparse(node.returns) if node.returns else ""
            if re.search(r"DataFrame|ndarray", returns) and not SHAPE.search(text):
                offenders.append(f"{name}: {node.name} returns {returns}")
            offenders += [f"{name}: {node.name} raises {each}" for each in _raised(node) if each not in text]
    assert not offenders, "\n".join(offenders)
