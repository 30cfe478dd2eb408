"""What every command pays for the partners' files: so many copies of a shipped one are read, in milliseconds of CPU.

python -m bench.partners [--partners 1 100 400]
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from crossdock import bundled

COPIED = "nordhandel"
READ = """
import sys, time
from pathlib import Path
from crossdock.partners import registry
before = time.process_time()
registry.load(Path(sys.argv[1]), "UTC")
print(1000 * (time.process_time() - before))
"""


def write(folder: Path, partners: int) -> None:
    """Write the files of so many partners, each with names of files of its own."""
    text = (bundled.folder("partners") / f"{COPIED}.toml").read_text(encoding="utf-8")
    for number in range(partners):
        own = re.sub(r"(?m)^(files = \")", rf"\g<1>p{number}_", text.replace(f'"{COPIED}"', f'"p{number}"'))
        (folder / f"p{number}.toml").write_text(own, encoding="utf-8")


def main() -> None:
    """Print the table; each line is measured in a process of its own, as a command reads them."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--partners", type=int, nargs="+", default=[1, 100, 400])
    print("| partners | read in ms | ms each |\n|---|---|---|")
    for partners in options.parse_args().partners:
        with tempfile.TemporaryDirectory() as folder:
            write(Path(folder), partners)
            command = [sys.executable, "-c", READ, folder]
            spent = float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        print(f"| {partners:,} | {spent:.0f} | {spent / partners:.1f} |", flush=True)


if __name__ == "__main__":
    main()
