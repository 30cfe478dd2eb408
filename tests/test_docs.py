"""The pages are true: their commands are run, and everything there is to know is in them."""

from __future__ import annotations

import dataclasses
import importlib
import os
import re
import shlex
import subprocess
import sys
import tomllib
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

import pyarrow as pa
import pytest

import crossdock as crossdock_package
from crossdock.formats import FORMATS, fix_stamp
from crossdock.library import FAILURE_COLUMNS
from crossdock.model.status import Verdict
from crossdock.partners import registry
from crossdock.pipeline.normalize.parse import column
from crossdock.pipeline.normalize.translate import clean
from docs import generate
from tests.commands import crossdock
from tests.warehouse import Warehouse, feed, partner
from tests.workbooks import book

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```console([^\n]*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
PYTHON = re.compile(r"^```python\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?", re.MULTILINE | re.DOTALL)
EXAMPLES = re.compile(
    r"^```csv (\S+)\n(.*?)^```\n\n```toml\n(.*?)^```\n\n```text\n(.*?)^```\n", re.MULTILINE | re.DOTALL
)
EXAMPLE = """document = "sales_order"
constants = { businessUnitId = "BU1", currency = "EUR" }
optional = ["shipTo.name", "shipTo.address1", "shipTo.city", "shipTo.country"]
"""
"""What a sales order of an example has besides the keys that are shown."""
TOML = re.compile(r"^```toml\n(.*?)^```", re.MULTILINE | re.DOTALL)
ANY = '[[feed]]\nfiles = "*"\n'
SVG = "{http://www.w3.org/2000/svg}"
CUT = "-- the next block --"
FEED = '[[feed]]\ndocument = "sales_order"\nfiles = "*"\n'
JOB = re.compile(r"\b\d{6}-[0-9A-HJKMNP-TV-Z]{10}\b")


def commands(page: Path) -> list[tuple[str, str]]:
    """The commands of a page that are run, each with the output it shows."""
    blocks = []
    for marks, block in BLOCK.findall(page.read_text(encoding="utf-8")):
        if not marks:
            parts = re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]
            blocks += [(part.partition("\n")[0], part.partition("\n")[2]) for part in parts]
    return blocks


def snippets(page: Path) -> list[tuple[str, str]]:
    """The Python of a page, each block with the output that the page shows behind it."""
    return PYTHON.findall(page.read_text(encoding="utf-8"))


class Example(NamedTuple):
    """A file, the keys of a feed that read it, and a table of what is stored of it."""

    name: str
    file: str
    toml: str
    stored: str


def examples() -> list[Example]:
    """The examples of all pages that show a file, keys and what is stored."""
    return [Example(*each) for page in PAGES for each in EXAMPLES.findall(page.read_text(encoding="utf-8"))]


def tomls() -> list[str]:
    """The TOML of all pages: whole partners, or keys of one, or of a feed."""
    return [each for page in PAGES for each in TOML.findall(page.read_text(encoding="utf-8"))]


def as_text(value: Any) -> str:
    """A stored value as a page shows it: a number without zeros at its end."""
    text = str(value)
    return f"{Decimal(text).normalize():f}" if re.fullmatch(r"-?\d+\.\d+", text) else text


def as_shown(shown: str, output: str) -> bool:
    """Whether an output is what a page shows: ``…`` stands for anything, JOB for a job's id."""
    pattern = ".*".join(re.escape(part) for part in shown.split("…"))
    return re.fullmatch(pattern, JOB.sub("JOB", output), re.DOTALL) is not None


@pytest.mark.parametrize("page", [page for page in PAGES if commands(page)], ids=lambda page: page.name)
def test_the_commands_of_a_page_print_what_it_shows(page: Path, tmp_path: Path) -> None:
    environment = {"CROSSDOCK_HOME": str(tmp_path / "home")}
    here = tmp_path / "checkout"
    here.mkdir()
    for name in ("data", "docs"):
        (here / name).symlink_to(ROOT / name)
    for command, shown in commands(page):
        words = shlex.split(command)
        if words[0] == "export":
            environment.update([words[1].split("=", 1)])
            continue
        assert words[0] == "crossdock"
        done = crossdock(*words[1:], cwd=here, **environment)
        assert as_shown(shown, done.stdout), (command, done.stdout, done.stderr)


def with_a_feed(block: str) -> str:
    """Keys of a partner, or of a feed, with the feed that they need."""
    if "[[feed]]" in block:
        return block
    if block.startswith("["):
        return block + FEED + ('sets = ["940"]\n' if block.startswith("[edi]") else "")
    return ("[[feed]]\n" if "files = " in block else ANY) + block


@pytest.mark.parametrize("block", dict.fromkeys(tomls()))
def test_the_toml_of_a_page_has_no_mistake(tmp_path: Path, block: str) -> None:
    if re.search("^id = ", block, re.MULTILINE):
        partner(tmp_path, whole=block)
    elif "document = " in block or block.startswith(("[post]", "[edi]")):
        partner(tmp_path, whole=f'id = "acme"\nzone = "Europe/Berlin"\nbusiness_units = ["BU1"]\n{with_a_feed(block)}')
    else:
        partner(tmp_path, keys=block)
    (tmp_path / "partners" / "acme_items.csv").write_text("theirs,ours,valid_from\n")
    assert registry.load_each(tmp_path / "partners", "UTC").mistakes == []


@pytest.mark.parametrize("example", examples(), ids=lambda example: " ".join(tomllib.loads(example.toml)))
def test_an_example_of_a_feed_stores_what_the_page_shows(warehouse: Warehouse, example: Example) -> None:
    keys = tomllib.loads(example.toml)
    base = "" if "document" in keys else EXAMPLE
    head = 'id = "acme"\nzone = "Europe/Berlin"\nbusiness_units = ["BU1"]\n[[feed]]\nfiles = "*"\n'
    of = warehouse.feed(whole=f"{head}{base}{example.toml}")
    result = warehouse.run(example.file, of, name=example.name)
    assert not result.errors
    fields, *shown = (line.split("  ") for line in example.stored.splitlines())
    names = [each.strip() for each in fields if each.strip()]
    columns = [f"{of.document.fields[name][0].table}.{of.document.fields[name][1].column}" for name in names]
    header, *inner = of.document.levels[:2]
    key = ", ".join(header.field(name).column for name in header.key)
    joined = "".join(f" JOIN {level.table} USING ({key})" for level in inner)
    query = f"SELECT {', '.join(columns)} FROM {header.table}{joined} ORDER BY {', '.join(columns)}"
    stored = warehouse.rows(query)
    assert [[as_text(each) for each in row] for row in stored] == [
        [each.strip() for each in row if each] for row in shown
    ]


@pytest.mark.parametrize("page", [page for page in PAGES if snippets(page)], ids=lambda page: page.name)
def test_the_python_of_a_page_prints_what_it_shows(page: Path, tmp_path: Path) -> None:
    """The blocks of a page are one session, in a folder of its own; the ``text`` behind a block is what it prints."""
    for name in ("data", "docs"):
        (tmp_path / name).symlink_to(ROOT / name)
    blocks = snippets(page)
    code = f"\nprint({CUT!r}, flush=True)\n".join(block for block, _ in blocks)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CROSSDOCK_")}
    environment |= {"CROSSDOCK_HOME": str(tmp_path / "home"), "PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    printed = done.stdout.split(f"{CUT}\n")
    for (block, shown), output in zip(blocks, printed, strict=True):
        assert as_shown(shown, output), (block, output)


def test_the_readmes_partner_is_the_one_it_uses() -> None:
    assert (ROOT / "docs/acme/partners/acme.toml").read_text() in (ROOT / "README.md").read_text()
    assert (ROOT / "docs/acme/acme_orders.csv").read_text() in (ROOT / "README.md").read_text()


def spellings() -> list[tuple[str, str, str]]:
    """What docs/feeds.md says of how values are written: the feed's keys, the text, what it is."""
    section = (ROOT / "docs/feeds.md").read_text(encoding="utf-8").partition("## Notations")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (?:`(.*)` )?\| `(.+?)`.* \| (.+) \|$", section, re.MULTILINE)
    return [(keys.replace("`<br>`", "\n"), written, meant) for keys, written, meant in rows]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_the_code_tells_is_on_the_page(page: Path) -> None:
    """``make docs`` writes it."""
    text = page.read_text(encoding="utf-8")
    assert generate.written(text) == text


def test_every_part_that_the_code_tells_is_on_a_page() -> None:
    pages = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    for part in generate.PARTS:
        assert pages.count(f"<!-- begin {part} -->") == pages.count(f"<!-- end {part} -->") == 1, part


@pytest.mark.parametrize(("keys", "written", "meant"), spellings())
def test_a_value_is_read_as_the_page_says(tmp_path: Path, keys: str, written: str, meant: str) -> None:
    of = feed(tmp_path, whole=f'id = "acme"\nzone = "Europe/Berlin"\nbusiness_units = ["BU1"]\n{FEED}{keys}\n')
    timed = "dates" in keys or meant == "nothing" or re.match(r"`\d{4}-", meant) is not None
    field = of.document.fields["orderCreatedDate" if timed else "unitPrice"][1]
    cells, wrong = clean(pa.array([written]), field, of, (), plain_numbers=False)
    typed, unparsed = column(cells, field, of.zone)
    assert bool(wrong or unparsed) == meant.startswith("a failure")
    value = typed[0].as_py()
    if value is None:
        assert wrong or meant == "nothing"
    elif timed:
        moment = datetime.fromisoformat(meant.strip("`"))
        assert value == (moment if moment.tzinfo else moment.replace(tzinfo=of.zone))
    else:
        assert value == Decimal(meant.strip("`"))


SHAPED = re.compile(r"^```(csv|text|json)\n(.*?)^```\n\n```toml\n(.*?)^```", re.MULTILINE | re.DOTALL)


def shapes() -> list[tuple[str, str, str]]:
    """The examples of docs/feeds.md for shapes of files: what kind, the file, what its feed says."""
    section = (
        (ROOT / "docs/feeds.md").read_text(encoding="utf-8").partition("## Shapes of files")[2].partition("\n## ")[0]
    )
    columns = re.search(r"^```toml\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
    assert columns is not None
    return [
        (kind, content, keys if "[feed.columns]" in keys else f"{keys}\n{columns[1]}")
        for kind, content, keys in SHAPED.findall(section)
    ]


@pytest.mark.parametrize(("kind", "content", "keys"), shapes())
def test_a_shape_of_a_file_is_read_as_the_page_says(warehouse: Warehouse, kind: str, content: str, keys: str) -> None:
    """A real import; in every example it is the same order, and nothing is wrong with it."""
    constants = 'constants = { businessUnitId = "BU1", "shipTo.locationId" = "S1" }'
    of = warehouse.feed(whole=f'id = "acme"\nzone = "UTC"\nbusiness_units = ["BU1"]\n{FEED}{constants}\n{keys}')
    result = warehouse.run(content, of, name=f"orders.{kind}")
    assert result.report.verdict is Verdict.ACCEPTED, result.text
    stored = [(number.lstrip("0"), *line) for number, line in warehouse.lines().items()]
    assert stored == [("1", "00815", 5.0, "OPEN"), ("2", "00816", 7.0, "OPEN")]


def test_the_workbook_of_the_german_partner_is_imported(warehouse: Warehouse) -> None:
    page = (ROOT / "docs/feeds.md").read_text(encoding="utf-8")
    toml = next(
        block
        for block in re.findall(r"^```toml\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
        if 'id = "mueller"' in block
    )
    (warehouse.home / "partners" / "mueller.toml").write_text(toml, encoding="utf-8")
    headings = ("Auftrags-Nr.", "Pos.", "Artikel", "Menge", "Einheit", "Empfänger", "Straße", "PLZ", "Ort", "Land")
    cologne = ("Dom-Apotheke", "Domplatz 1", "01067", "Köln", "DE")
    sent = book(
        ("Müller GmbH",),
        (),
        headings,
        ("4711", "1", "00712-BLAU", "1.200,5", "kg", *cologne),
        ("4711", "2", "00712-ROT", 12, "Stück", *cologne),
        ("4712", "1", "00712-ROT", 3, "Stück", "Café Müller", "Rue 2", "67000", "Straßburg", "FR"),
        ("Summe", None, None, "1.215,5"),
        title="Bestellungen KW 48",
    )
    feed = registry.load(warehouse.home / "partners", "UTC").named("mueller/sales_order")
    result = warehouse.run(sent, feed, name="Bestellung_48.xlsx")
    assert (result.errors, result.warnings) == ([], ["total_rows"])
    assert warehouse.lines("4711") == {"1": ("00712-BLAU", 1200.5, "OPEN"), "2": ("00712-ROT", 12, "OPEN")}
    assert warehouse.lines("4712") == {"1": ("00712-ROT", 3, "OPEN")}
    assert warehouse.rows("SELECT DISTINCT quantity_measure FROM sales_order_lines ORDER BY 1") == [("EA",), ("KG",)]


def test_every_shape_has_an_example() -> None:
    assert len(shapes()) >= 12


def test_links_and_pictures_lead_somewhere() -> None:
    for page in [*PAGES, ROOT / "bench" / "README.md"]:
        for target in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")):
            if target.startswith("https://"):
                continue
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def drawing(picture: Path) -> ElementTree.Element:
    return ElementTree.parse(picture).getroot()  # noqa: S314  # we drew it


def test_every_picture_is_on_a_page_and_can_be_shown() -> None:
    pages = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    for picture in (ROOT / "docs/pictures").iterdir():
        assert f"pictures/{picture.name})" in pages, picture.name
        if picture.suffix == ".svg":
            assert drawing(picture).tag == f"{SVG}svg"


def test_the_recording_shows_what_the_command_prints(tmp_path: Path) -> None:
    """What is wrong, that is: the rest has a job's id, the day, and warnings that depend on it."""
    drawn = drawing(ROOT / "docs/pictures/import.svg").iter(f"{SVG}text")
    recorded = " ".join(text.text or "" for text in drawn).split()
    drop = ROOT / "data/samples/sales_orders_mistakes.csv"
    printed = crossdock("import", str(drop), CROSSDOCK_HOME=str(tmp_path / "home")).stdout.split()

    def wrong(words: list[str]) -> list[str]:
        return words[words.index("wrong") : words.index("knowing")]

    assert wrong(recorded) == wrong(printed), "draw it again: python -m docs.record"


def test_every_format_and_command_is_documented() -> None:
    feeds, readme = (ROOT / "docs/feeds.md").read_text(), (ROOT / "README.md").read_text()
    for name in FORMATS:
        assert f"`{name}`" in feeds, name
    help_text = subprocess.run(
        [sys.executable, "-m", "crossdock", "--help"], capture_output=True, text=True, check=True
    )
    commands = re.findall(r"^  (\w+)  ", help_text.stdout.partition("Commands:")[2], re.MULTILINE)
    assert len(commands) > 8
    for command in commands:
        assert f"`crossdock {command}" in readme, command


def test_every_public_name_is_on_its_page() -> None:
    page = (ROOT / "docs/library.md").read_text(encoding="utf-8")
    for name in set(crossdock_package.__all__) - {"__version__"}:
        assert re.search(rf"\*\*`{name}\b", page), name
    members = {name for each in (crossdock_package.Job, crossdock_package.Report) for name in vars(each)}
    fields = {
        field.name for each in (crossdock_package.Job, crossdock_package.Report) for field in dataclasses.fields(each)
    }
    for name in {name for name in members | fields if not name.startswith("_")} - {"record", "database", "said"}:
        assert re.search(rf"`{name}[`(]", page), name
    for name in FAILURE_COLUMNS:
        assert f"\n| `{name}` |" in page, name


def test_the_names_of_the_glossary_exist() -> None:
    glossary = (ROOT / "docs" / "design.md").read_text(encoding="utf-8").split("## Glossary")[1].split("\nOutside")[0]
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in glossary.splitlines() if line.startswith("|")
    ]
    words = [row[0] for row in rows[2:]]
    assert len(words) == len(set(words)) > 20
    for name in (row[3].split("`")[1] for row in rows[2:] if row[3]):
        module, _, thing = name.rpartition(".")
        assert hasattr(importlib.import_module(f"crossdock.{module}"), thing), name


def test_a_word_that_another_has_replaced_is_used_nowhere() -> None:
    """What a job does to another's documents is to fix them; migrations and old workbooks have the names of their time."""
    replaced = re.compile(r"(?<![a-z])mend(s|ed|ing|er)?(?![a-z])", re.IGNORECASE)
    folders = [ROOT / "src", ROOT / "docs", ROOT / "flows"]
    files = [path for each in folders for path in each.rglob("*") if path.suffix in (".py", ".md", ".html", ".csv")]
    texts = {path: path.read_text("utf-8") for path in files if "migrations" not in path.parts}
    wrong = [path for path, text in texts.items() if replaced.search(text.replace(fix_stamp.NAMES[1], ""))]
    assert wrong == []
