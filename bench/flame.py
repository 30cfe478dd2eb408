"""The flame graph of an import, as docs/speed.md has it: which functions the samples of py-spy are in.

Each box is a function, as wide as the share of the samples in which it runs; what it calls stands below it. The threads
stand side by side: the one that checks and the one that writes. Imports of modules and boxes of less than half a
percent are left out.

    py-spy record --function -r 250 -f raw -o stacks.txt -- python …
    python -m bench.flame stacks.txt picture.svg
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

WIDTH, HEIGHT, LETTER = 1200, 17, 6.2
SMALLEST = 0.005
THREADS = ("import_drop", "decide_batch")
"""The functions at which the two threads begin, for us."""
COLOURS = {
    "crossdock": "#f2b46d",
    "pyarrow": "#9cc3e6",
    "pandas": "#a8d5a2",
    "sqlalchemy": "#d9b3e0",
    "psycopg": "#d9b3e0",
}
OTHER = "#dddddd"


@dataclass
class Box:
    """A function below others. ``samples``: in which it runs; ``calls``: the functions that it calls."""

    samples: int = 0
    calls: dict[str, Box] = field(default_factory=dict)


def read(stacks: Path) -> Box:
    """The samples of a file of folded stacks, from the beginning of each thread."""
    root = Box()
    for line in stacks.read_text(encoding="utf-8").splitlines():
        text, _, count = line.rpartition(" ")
        frames = text.split(";")
        at = next((place for place, name in enumerate(frames) if name.startswith(THREADS)), None)
        if at is None or any("importlib" in name for name in frames):
            continue
        box = root
        box.samples += int(count)
        for name in frames[at:]:
            box = box.calls.setdefault(name, Box())
            box.samples += int(count)
    return root


def drawn(box: Box, left: float, depth: int, whole: int) -> Iterator[tuple[str, float, float, int]]:
    """Each box large enough: its name, its left edge and width as shares of the picture, its depth."""
    for name, each in sorted(box.calls.items()):
        width = each.samples / whole
        if width >= SMALLEST:
            yield name, left, width, depth
            yield from drawn(each, left, depth + 1, whole)
        left += width


def picture(root: Box) -> str:
    """The SVG."""
    boxes = list(drawn(root, 0.0, 0, root.samples))
    deepest = max(depth for *_, depth in boxes) + 1
    size = f'viewBox="0 0 {WIDTH} {deepest * HEIGHT}" font-family="monospace" font-size="10"'
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" {size}>']
    for name, left, width, depth in boxes:
        function, _, file = name.rstrip(")").partition(" (")
        colour = next((colour for package, colour in COLOURS.items() if file.startswith(package)), OTHER)
        x, y, wide = left * WIDTH, depth * HEIGHT, width * WIDTH
        shown = function[: int((wide - 4) / LETTER)] if wide > 30 else ""
        parts.append(
            f'<g><title>{escape(name)}: {width:.1%}</title><rect x="{x:.1f}" y="{y}" width="{wide:.1f}" '
            f'height="{HEIGHT - 1}" fill="{colour}"/><text x="{x + 2:.1f}" y="{y + 12}">{escape(shown)}</text></g>'
        )
    return "\n".join([*parts, "</svg>", ""])


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(picture(read(Path(sys.argv[1]))), encoding="utf-8")
