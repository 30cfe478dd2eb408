"""How fast interchanges are cut into segments and read.

Both standards are cut into segments, then only their envelopes are looked at, then records are made of them. Seconds
are CPU seconds of one process, so that other work on the machine doesn't count.

    python -m bench.edi [--orders 20000]
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from crossdock.formats.edi.envelope import forget, interchanges
from crossdock.formats.edi.reader import Reader
from crossdock.formats.edi.syntax import segments
from crossdock.formats.format import Clues

LINES = 3
"""Lines of an order."""


def x12(orders: int) -> Iterator[str]:
    """An interchange of 940s."""
    yield "ISA*00*          *00*          *ZZ*THEM           *ZZ*US             *261125*0900*U*00401*000000001*0*P*>~"
    yield "GS*OW*THEM*US*20261125*0900*1*X*004010~"
    for number in range(1, orders + 1):
        body = [f"ST*940*{number:09}", f"W05*N*SO-{number}*PO-{number}", "N1*ST*Ada Lovelace", "N3*12 Market Street",
                "N4*Leeds*LS*LS1 4DY*GB", "G62*10*20261201", "W66*PP*M********UPSN"]  # fmt: skip
        for line in range(1, LINES + 1):
            body += [f"LX*{line}", f"W01*{line + number % 7}*CA**VN*AB-{line}"]
        yield "~\n".join([*body, f"SE*{len(body) + 1}*{number:09}"]) + "~"
    yield f"GE*{orders}*1~"
    yield "IEA*1*000000001~"


def edifact(orders: int) -> Iterator[str]:
    """An interchange of ORDERS, with a released character in each line."""
    yield "UNB+UNOC:3+5400110000009:14+4012345000009:14+261125:0900+1'"
    for number in range(1, orders + 1):
        body = [f"UNH+{number}+ORDERS:D:96A:UN:EAN008", f"BGM+220+SO-{number}+9", "DTM+137:20261125:102"]
        for line in range(1, LINES + 1):
            body += [f"LIN+{line}++4006381333931:EN", f"PIA+1+AB-{line}:SA", "QTY+21:5", f"FTX+AAI+++O?'NEIL {line}"]
        yield "'\n".join([*body, "UNS+S", f"UNT+{len(body) + 2}+{number}"]) + "'"
    yield f"UNZ+{orders}+1'"


def measured(step: Callable[[], int]) -> tuple[float, int]:
    """CPU seconds of a step, and what it counts."""
    before = time.process_time()
    count = step()
    return time.process_time() - before, count


def main() -> None:
    """Print a row for each step."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--orders", type=int, default=20_000)
    orders = parser.parse_args().orders
    with tempfile.TemporaryDirectory() as folder:
        for name, lines in (("x12", x12(orders)), ("edifact", edifact(orders))):
            path = Path(folder, name)
            path.write_text("\n".join(lines) + "\n", encoding="utf-8")
            _rows(path, name)


def _rows(path: Path, name: str) -> None:
    megabytes = path.stat().st_size / 1e6
    sets = ("940",) if name == "x12" else ("ORDERS",)
    ((opening, _),) = list(interchanges(path))

    def cut() -> int:
        tokens = segments(path, opening.behind, opening.syntax)
        return sum(len(opening.syntax.elements(text)) > 0 for _, text in tokens)

    def enveloped() -> int:
        return sum(len(group.sets) for _, whole in interchanges(path) for group in whole.groups)

    def read() -> int:
        return sum(
            len(block.lines) for block in Reader(path, name, Clues({}, document="sales_order", sets=sets)).blocks()
        )

    forget()  # what was looked at just now
    for what, step in (("segments", cut), ("envelopes", enveloped), ("records", read)):
        seconds, count = measured(step)
        print(f"{name:8} {what:10} {megabytes:6.1f} MB {count:9,} {seconds:6.2f} s {megabytes / seconds:6.1f} MB/s")


if __name__ == "__main__":
    main()
