"""``python -m docs.packages``: the packages and their imports as Graphviz DOT, for ``docs/pictures/packages.svg``.

An arrow that a longer way already shows is left out. Draw it with any Graphviz: ``dot -Tsvg``, or ``npx @viz-js/viz``.
"""

from __future__ import annotations

import sys
from collections import defaultdict

from tests.test_architecture import ORDER, files_imported, room

BASE = {"errors", "logs", "bundled", "exits", "settings", "__main__", "__init__"}
"""Modules at the rim, which would only fill the picture."""


def arrows() -> dict[str, set[str]]:
    """Each package, and those that its files import."""
    targets: dict[str, set[str]] = defaultdict(set)
    for module, imported in files_imported().items():
        targets[room(module)] |= {room(each) for each in imported} - {room(module)}
    return {name: {each for each in targets[name] if each not in BASE} for name in ORDER if name not in BASE}


def reduced(graph: dict[str, set[str]]) -> dict[str, set[str]]:
    """The arrows that no longer way shows."""

    def reached(name: str) -> set[str]:
        return set().union(*({each} | reached(each) for each in graph[name]))

    return {name: {each for each in targets if not any(each in reached(other) for other in targets if other != each)}
            for name, targets in graph.items()}  # fmt: skip


def main() -> None:
    """Print the drawing."""
    lines = [
        'digraph crossdock { rankdir=TB; node [shape=box, style="rounded,filled", fillcolor="#eef3f8", fontname=Arial]'
    ]
    for name, targets in reduced(arrows()).items():
        lines.append(f'"{name}"' + (' [fillcolor="#ffe9c7"]' if name.startswith("pipeline") else ""))
        lines += [f'"{name}" -> "{each}"' for each in sorted(targets)]
    sys.stdout.write("\n".join([*lines, "}"]) + "\n")


if __name__ == "__main__":
    main()
