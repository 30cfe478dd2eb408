"""The pictures of the pages that the program itself makes: ``python -m docs.record`` draws them again.

Each command really runs, in a temporary folder; its output is shown as it is, only its pace is slower than it was. The
fix-workbook is drawn from the cells of the real file: texts, colours, widths, notes, hidden columns.
"""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import sys
import tempfile
import termios
from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from rich.text import Text

FOLDER = Path(__file__).parent
PICTURES = FOLDER / "pictures"
COLUMNS, ROWS = 100, 30
"""The size of the terminal that is shown."""
WIDE, HIGH, SIZE = 8.4, 18.0, 14
"""Of one character: how wide, how high, and the size of its font, in pixels."""
PACE = 0.25
"""Seconds for which a line is the last one."""
CHARACTER = 7.9
"""Of one character of a spreadsheet's column: how wide, in pixels."""
MONO = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"
SANS = "Calibri, Carlito, 'Helvetica Neue', Arial, 'Liberation Sans', 'Segoe UI', 'DejaVu Sans', sans-serif"


def main() -> None:
    """Run the commands and draw what they show."""
    with tempfile.TemporaryDirectory() as place:
        here = Path(place)
        for name in ("data", "docs"):
            (here / name).mkdir()
        (here / "data/samples").symlink_to(FOLDER.parent / "data/samples")
        (here / "docs/acme").symlink_to(FOLDER / "acme")
        file = "import data/samples/sales_orders_mistakes.csv"
        words = [file, f"{file} --quiet"]
        shown = [(f"crossdock {each}", _terminal(each, here)) for each in words]
        (PICTURES / "import.svg").write_text(_recording(shown), encoding="utf-8")
        _terminal("import docs/acme/acme_orders.csv", here, CROSSDOCK_PARTNERS="docs/acme/partners")
        (workbook,) = (here / "data/home/outbox/acme").glob("*.fix.xlsx")
        sheets = load_workbook(workbook).worksheets
        for sheet, name, note in ((sheets[0], "fix_page", ""), (sheets[1], "fix_lines", "F3")):
            (PICTURES / f"{name}.svg").write_text(_sheet(sheets, sheet, note), encoding="utf-8")


def _terminal(words: str, here: Path, **environment: str) -> list[str]:
    """What a command prints on a terminal of that size, line by line, with paths from the folder."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    settings = {**os.environ, "CROSSDOCK_HOME": str(here / "data/home"), "NO_COLOR": "1", **environment}
    command = [sys.executable, "-m", "crossdock", *words.split()]
    quiet = subprocess.DEVNULL  # there the progress bar is shown
    with subprocess.Popen(command, cwd=here, env=settings, stdout=theirs, stderr=quiet) as process:  # noqa: S603
        os.close(theirs)
        received = b""
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:  # Linux: the other end is closed
                break
            if not part:
                break
            received += part
    os.close(ours)
    if process.returncode not in (0, 3):
        raise SystemExit(f"crossdock {words} ended with {process.returncode}")
    lines = [Text.from_ansi(line).plain.rstrip() for line in received.decode().replace(f"{here}/", "").splitlines()]
    return [line[at : at + COLUMNS] for line in lines for at in range(0, max(len(line), 1), COLUMNS)]


# The terminal


def _recording(shown: Iterable[tuple[str, list[str]]]) -> str:
    """A terminal that types each command, shows its output, waits where there is something to read, and begins again.

    One cover hides what isn't printed yet and one scroll moves the lines up: both jump from step to step, by CSS, so
    that it moves in an ``<img>`` as well. Where nothing moves (a print, reduced motion) the first lines are shown.
    """
    lines: list[str] = []
    steps: list[tuple[float, int, int]] = [(0.0, 0, 0)]  # when, how many lines are there, how many have gone up
    typed: list[tuple[int, float, int]] = []  # of which line, when it begins, how many characters
    now = 0.6
    for command, output in shown:
        lines.append(command)
        steps.append((now, len(lines), max(0, len(lines) - ROWS)))
        typed.append((len(lines) - 1, now, len(command)))
        now += len(command) * 0.03 + 0.5
        start = len(lines)
        lines += output
        first = min(start + ROWS - 4, len(lines))
        steps.append((now, first, max(0, first - ROWS)))
        now += 4.0 if first < len(lines) else 0.0
        for count in range(first + 1, len(lines) + 1):
            steps.append((now, count, max(0, count - ROWS)))
            now += PACE
        now += 3.0
    width, height = COLUMNS * WIDE + 40, ROWS * HIGH + 64
    prompts = {line for line, _, _ in typed}
    body = "\n".join(_text(number, line, prompt=number in prompts) for number, line in enumerate(lines))
    covers = "\n".join(_typing(index, *each, of=now) for index, each in enumerate(typed))
    animated = "\n".join(
        [
            _keyframes("cover", [(at, f"translateY({count * HIGH:g}px)") for at, count, _ in steps], now),
            _keyframes("scroll", [(at, f"translateY({-gone * HIGH:g}px)") for at, _, gone in steps], now),
        ]
    )
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}">
<title>crossdock imports a file with mistakes and names each of them</title>
<style>
text {{ font: {SIZE}px {MONO}; fill: #d5dbe1; white-space: pre; }}
.prompt {{ fill: #7bd88f; }} .typed {{ fill: #ffffff; font-weight: bold; }}
.cover, .typing {{ fill: #1b2129; opacity: 0; }}
@media (prefers-reduced-motion: no-preference) {{
.cover, .typing {{ opacity: 1; }}
.cover {{ animation: cover {now:.2f}s step-end infinite; }}
.scroll {{ animation: scroll {now:.2f}s step-end infinite; }}
{animated}
{covers}
}}
</style>
<rect width="{width:g}" height="{height:g}" rx="10" fill="#1b2129"/>
<g fill="#ff5f57"><circle cx="22" cy="20" r="6"/></g><circle cx="42" cy="20" r="6" fill="#febc2e"/>
<circle cx="62" cy="20" r="6" fill="#28c840"/>
<svg x="20" y="44" width="{COLUMNS * WIDE:g}" height="{ROWS * HIGH:g}"><g class="scroll">
{body}
{"".join(_mask(index, *each) for index, each in enumerate(typed))}
<rect class="cover" width="{COLUMNS * WIDE:g}" height="{len(lines) * HIGH:g}"/>
</g></svg>
</svg>
"""


def _text(number: int, line: str, *, prompt: bool) -> str:
    """A line of the terminal, as wide as its characters are, whatever the font is."""
    y, shift = number * HIGH + HIGH * 0.75, 0.0
    before = ""
    if prompt:
        shift = 2 * WIDE
        before = f'<text class="prompt" y="{y:g}">$</text>'
    if not line:
        return before
    kind = ' class="typed"' if prompt else ""
    inner = line.lstrip(" ")
    x, fixed = shift + (len(line) - len(inner)) * WIDE, escape(inner).replace(" ", "\N{NO-BREAK SPACE}")
    return f'{before}<text{kind} x="{x:g}" y="{y:g}" textLength="{len(inner) * WIDE:g}">{fixed}</text>'


def _mask(index: int, line: int, _: float, count: int) -> str:
    """What covers the characters of a command that aren't typed yet."""
    place = f'x="{2 * WIDE:g}" y="{line * HIGH:g}" width="{count * WIDE:g}" height="{HIGH:g}"'
    return f'<rect class="typing t{index}" {place}/>'


def _typing(index: int, _line: int, begins: float, count: int, *, of: float) -> str:
    moves = [(0.0, "translate(0, 0)")]
    moves += [(begins + 0.03 * at, f"translate({at * WIDE:g}px, 0)") for at in range(1, count + 1)]
    return f".t{index} {{ animation: t{index} {of:.2f}s step-end infinite; }}\n" + _keyframes(f"t{index}", moves, of)


def _keyframes(name: str, moves: Iterable[tuple[float, str]], of: float) -> str:
    inner = " ".join(f"{at / of * 100:.3f}% {{ transform: {move}; }}" for at, move in moves)
    return f"@keyframes {name} {{ {inner} }}"


# The workbook


def _sheet(sheets: list[Any], sheet: Any, note: str) -> str:
    """A sheet as a spreadsheet shows it, with one of its notes open."""
    letters = [get_column_letter(at) for at in range(1, sheet.max_column + 1)]
    widths = {each: sheet.column_dimensions[each].width * CHARACTER for each in letters}
    shown = [each for each in letters if not sheet.column_dimensions[each].hidden]
    heights = {row: (sheet.row_dimensions[row].height or 16) * 1.34 for row in range(1, sheet.max_row + 4)}
    margin, top = 34.0, 24.0
    left: dict[str, float] = {}
    above: dict[int, float] = {}
    x, y = margin, top
    for each in shown:
        left[each] = x
        x += widths[each]
    for row, high in heights.items():
        above[row] = y
        y += high
    width, height = x + 1, y + 30
    parts = [f'<rect width="{width:g}" height="{height:g}" fill="#ffffff"/>']
    grid = sheet.sheet_view.showGridLines is not False
    parts += [_heading(left[each], 0, widths[each], top, each) for each in shown]
    parts += [_heading(0, above[row], margin, high, str(row)) for row, high in heights.items()]
    boxes = {
        sheet[f"{each}{row}"]: (left[each], above[row], widths[each], high)
        for row, high in heights.items()
        for each in shown
    }
    parts += [_back(cell, box, grid=grid) for cell, box in boxes.items()]
    parts += [_front(cell, box) for cell, box in boxes.items()]
    if sheet.auto_filter.ref:
        parts += [_arrow(left[each] + widths[each] - 20, above[1] + heights[1] - 20) for each in shown]
    if sheet.freeze_panes:
        frozen = sheet[sheet.freeze_panes]
        at, under = left[frozen.column_letter], above[frozen.row]
        parts.append(f'<path d="M{at:g} 0V{y:g}M0 {under:g}H{x:g}" stroke="#8a949e" fill="none"/>')
    tabs = [each for each in sheets if each.sheet_state == "visible"]
    parts.append(_tabs([each.title for each in tabs], tabs.index(sheet), y, width))
    if note:
        cell = sheet[note]
        parts.append(_note(cell.comment.text, left[cell.column_letter] + widths[cell.column_letter], above[cell.row]))
    inner = "\n".join(part for part in parts if part)
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}">
<title>{escape(f"The sheet {sheet.title} of a fix-workbook")}</title>
<style>text {{ font-family: {SANS}; }}</style>
{inner}
</svg>
"""


def _heading(x: float, y: float, wide: float, high: float, name: str) -> str:
    return (
        f'<rect x="{x:g}" y="{y:g}" width="{wide:g}" height="{high:g}" fill="#eef0f2" stroke="#cfd4d9"/>'
        f'<text x="{x + wide / 2:g}" y="{y + high / 2 + 4:g}" font-size="12" fill="#5f6b73" text-anchor="middle">'
        f"{name}</text>"
    )


def _back(cell: Any, box: tuple[float, float, float, float], *, grid: bool) -> str:
    x, y, wide, high = box
    back = f"#{cell.fill.fgColor.rgb[-6:]}" if cell.fill.fill_type else "#ffffff"
    line = ' stroke="#d9dde1"' if grid else ""
    return f'<rect x="{x:g}" y="{y:g}" width="{wide:g}" height="{high:g}" fill="{back}"{line}/>'


def _front(cell: Any, box: tuple[float, float, float, float]) -> str:
    """The text of a cell (on several lines where it wraps) and the mark of its note."""
    x, y, wide, high = box
    svg = ""
    if cell.value is not None:
        size = cell.font.sz * 1.2
        known = cell.font.color is not None and isinstance(cell.font.color.rgb, str)
        colour = f"#{cell.font.color.rgb[-6:]}" if known else "#000000"
        room = (wide + _merged_width(cell)) / CHARACTER * 11 / cell.font.sz
        lines = _wrapped(str(cell.value), room) if cell.alignment.wrap_text else [str(cell.value)]
        first = y + (high - len(lines) * size * 1.25) / 2 + size
        bold = ' font-weight="bold"' if cell.font.b else ""
        for at, line in enumerate(lines):
            svg += (
                f'<text x="{x + 4:g}" y="{first + at * size * 1.25:.1f}" font-size="{size:g}" fill="{colour}"{bold}>'
                f"{escape(line)}</text>"
            )
    if cell.comment:
        svg += f'<path d="M{x + wide - 8:g} {y:g}h8v8z" fill="#d40000"/>'
    return svg


def _merged_width(cell: Any) -> float:
    """How much wider a cell is by the cells that are merged into it, in pixels."""
    for area in cell.parent.merged_cells.ranges:
        if area.min_row == cell.row and area.min_col == cell.column:
            letters = [get_column_letter(at) for at in range(area.min_col + 1, area.max_col + 1)]
            return float(sum(cell.parent.column_dimensions[each].width * CHARACTER for each in letters))
    return 0.0


def _wrapped(text: str, room: float) -> list[str]:
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + len(word) + 1 > room:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def _arrow(x: float, y: float) -> str:
    return (
        f'<rect x="{x:g}" y="{y:g}" width="16" height="16" rx="2" fill="#f4f6f8" stroke="#9aa4ad"/>'
        f'<path d="M{x + 4:g} {y + 6:g}h8l-4 5z" fill="#3c4650"/>'
    )


def _tabs(names: list[str], active: int, y: float, width: float) -> str:
    svg, x = f'<rect x="0" y="{y:g}" width="{width:g}" height="30" fill="#eef0f2"/>', 40.0
    for at, name in enumerate(names):
        wide = len(name) * 7.5 + 28
        if at == active:
            svg += f'<rect x="{x:g}" y="{y:g}" width="{wide:g}" height="27" fill="#ffffff"/>'
            svg += f'<rect x="{x:g}" y="{y + 25:g}" width="{wide:g}" height="3" fill="#1f7246"/>'
        weight = ' font-weight="bold"' if at == active else ""
        svg += f'<text x="{x + 14:g}" y="{y + 18:g}" font-size="13" fill="#1f2a33"{weight}>{escape(name)}</text>'
        x += wide
    return svg


def _note(text: str, x: float, y: float) -> str:
    """A note, open beside its cell."""
    lines = _wrapped(text, 38)
    wide, high = 38 * 7.0 + 16, len(lines) * 17 + 14
    svg = f'<path d="M{x:g} {y:g}L{x + 24:g} {y + 30:g}" stroke="#8a8450"/>'
    svg += f'<rect x="{x + 24:g}" y="{y + 22:g}" width="{wide:g}" height="{high:g}" fill="#ffffe1" stroke="#8a8450"/>'
    for at, line in enumerate(lines):
        svg += f'<text x="{x + 32:g}" y="{y + 40 + at * 17:g}" font-size="13">{escape(line)}</text>'
    return svg


if __name__ == "__main__":
    main()
