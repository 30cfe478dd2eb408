"""The pages are true: their commands are run, and everything there is to know is in them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from crossdock.failures import CODES, HOLDS, REFUSALS
from crossdock.feeds import Keys, Options
from crossdock.formats import FORMATS
from crossdock.settings import Settings

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```console([^\n]*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
JOB = re.compile(r"\b\d{6}-[0-9A-HJKMNP-TV-Z]{10}\b")


def commands(page: Path) -> list[tuple[str, str]]:
    """The commands of a page that are run, each with the output it shows."""
    found = []
    for marks, block in BLOCK.findall(page.read_text(encoding="utf-8")):
        if "no-run" not in marks:
            parts = re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]
            found += [(part.partition("\n")[0], part.partition("\n")[2]) for part in parts]
    return found


@pytest.mark.parametrize("page", [page for page in PAGES if commands(page)], ids=lambda page: page.name)
def test_the_commands_of_a_page_print_what_it_shows(page: Path, tmp_path: Path) -> None:
    """`…` stands for anything, JOB for a job's id."""
    environment = {**os.environ, "CROSSDOCK_HOME": str(tmp_path / "home")}
    for command, shown in commands(page):
        words = command.split()
        if words[0] == "export":
            environment.update([words[1].split("=", 1)])
            continue
        assert words[0] == "crossdock"
        done = subprocess.run(
            [sys.executable, "-m", *words], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )
        pattern = ".*".join(re.escape(part) for part in shown.split("…"))
        assert re.fullmatch(pattern, JOB.sub("JOB", done.stdout), re.DOTALL), (command, done.stdout, done.stderr)


def test_the_python_of_the_pages_runs(tmp_path: Path) -> None:
    page = (ROOT / "docs/getting_started.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    here = code.replace("sqlite:///orders.db", f"sqlite:///{tmp_path / 'orders.db'}")
    done = subprocess.run([sys.executable, "-c", here], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "ACCEPTED" in done.stdout


def test_the_readmes_partner_is_the_one_it_uses() -> None:
    assert (ROOT / "docs/acme/partners/acme.toml").read_text() in (ROOT / "README.md").read_text()
    assert (ROOT / "docs/acme/acme_orders.csv").read_text() in (ROOT / "README.md").read_text()


@pytest.mark.parametrize("name", sorted([*CODES, *REFUSALS, *HOLDS]))
def test_every_code_is_documented_and_sampled(name: str) -> None:
    page = (ROOT / "docs/reports.md").read_text(encoding="utf-8")
    samples = [
        path.read_text(encoding="utf-8")
        for path in Path(__file__).parent.rglob("*")
        if path.suffix in (".py", ".golden") and path.name != "test_docs.py"
    ]
    sentences = {**REFUSALS, **HOLDS, **{code.name: code.sentence for code in CODES.values()}}
    assert f"| `{name}` |" in page
    assert f"| {sentences[name]} |" in page, "the page says it as the catalogue does"
    telling = max(re.split(r"[{}]", re.sub(r"{\w+}", "{}", sentences[name])), key=len).strip(" :,;")
    assert any(f'"{name}"' in text or telling in text for text in samples), f"{name} is never met in a test"


def test_every_key_setting_format_and_command_is_documented() -> None:
    feeds, running, readme = ((ROOT / page).read_text() for page in ("docs/feeds.md", "docs/running.md", "README.md"))
    for key in [*Keys.model_fields, *Options.model_fields]:
        assert f"`{key}" in feeds, key
    for name in Settings.model_fields:
        assert f"`CROSSDOCK_{name.upper()}`" in running, name
    for name in FORMATS:
        assert f"`{name}`" in feeds, name
    told = subprocess.run([sys.executable, "-m", "crossdock", "--help"], capture_output=True, text=True, check=True)
    for command in re.findall(r"^  (\w+)  ", told.stdout.partition("Commands:")[2], re.MULTILINE):
        assert f"`crossdock {command}" in readme, command
