"""What a command costs before it does anything: CPU of whole processes, beside ``python -c "import pandas"``.

A file of ten lines is imported into a database that exists; each command runs five times, and the least counts.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.orders import write

ROUNDS = 5


def seconds(words: list[str], environment: dict[str, str]) -> float:
    """User and system seconds of a command."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *words], env=environment, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory(prefix="crossdock-bench-") as name:
        path = Path(name) / "sales_orders.csv"
        write(path, 10, wrong=0)
        environment = os.environ | {"CROSSDOCK_HOME": name}
        crossdock = ["-m", "crossdock"]
        commands = {
            "python -c 'import pandas'": ["-c", "import pandas"],
            "crossdock --help": [*crossdock, "--help"],
            "crossdock check, 10 lines": [*crossdock, "check", str(path)],
            "crossdock import, 10 lines": [*crossdock, "import", str(path)],
        }
        seconds(commands["crossdock import, 10 lines"], environment)  # makes the database
        taken: dict[str, list[float]] = {what: [] for what in commands}
        for _ in range(ROUNDS):
            for what, words in commands.items():
                taken[what].append(seconds(words, environment))
    least = {what: min(each) for what, each in taken.items()}
    floor = least["python -c 'import pandas'"]
    print("| command | CPU s | ÷ pandas |\n|---|---|---|")
    for what, used in least.items():
        print(f"| {what} | {used:.2f} | {used / floor:.2f} |")


if __name__ == "__main__":
    main()
