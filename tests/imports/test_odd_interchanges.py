"""What is odd about an interchange and forgiven is said once, beside what became of it (contract edi.md §2–§4)."""

from __future__ import annotations

import pytest

from crossdock.jobs import queries
from crossdock.reports.wording import wording_of
from tests.interchanges import OPTIONAL, interchange, order, partner_of
from tests.reports.edi.test_edifact_answers import LINE, PARTY, messages
from tests.warehouse import Warehouse

WHOLE = interchange(order("SO-1", "5 EA AB"))
MESSAGE = messages(f"{PARTY} {LINE}")


def wrapped(content: bytes) -> bytes:
    """As a program writes it that cuts its lines at 80 characters."""
    text = content.replace(b"\n", b"")
    return b"\n".join(text[start : start + 80] for start in range(0, len(text), 80))


def with_separators(content: bytes) -> bytes:
    """As with a component separator of its own."""
    return b"UNA|+.? '" + content.replace(b":", b"|")


@pytest.mark.parametrize(
    ("content", "sentences"),
    [
        (WHOLE, []),
        (MESSAGE, []),
        (with_separators(MESSAGE), []),
        (WHOLE.replace(b"ZZ*US  ", b"ZZ*US"), ["the ISA has 104 characters, and the standard wants 106"]),
        (WHOLE.replace(b"*0*P*>", b"*9*P*>"), ["ISA14 '9' is not a code that the standard knows there"]),
        (interchange(order("SO-1", "5 EA AB"), group="PO"), ["GS01 'PO' is not the code of these sets; what ST says counts"]),
        (WHOLE.replace(b"LX*1", b"lx*1"), ["segments have names in small letters, such as lx; they are read as capital ones"]),
        (interchange(order("SO-1", "5 EA AB"), version="004030VICS"),
         ["the release is read as the nearest one that we know: 004030VICS as 004010"]),
        (MESSAGE.replace(b"D:96A", b"D:98B"), ["the release is read as the nearest one that we know: D:98B as D:96A"]),
        (wrapped(WHOLE), ["the lines are cut after 80 characters each; they were joined again"]),
        (messages(f"{PARTY} FTX+AAI+++Käse {LINE}").decode("latin-1").encode(),
         ["the text is not in the character set that UNB declares: UNOC, read as utf-8"]),
        (WHOLE + b"HELLO~\n", ["text outside of the interchange was left out: HELLO"]),
        (WHOLE.replace(b"IEA*1*000000001", b"IEA*1*000000002").replace(b"GE*1*", b"GE*3*"),
         ["a trailer differs from what it ends, and is forgiven: GE01 '3' of the group 1",
          "a trailer differs from what it ends, and is forgiven: IEA02 '000000002' of the interchange 000000001"]),
    ],
)  # fmt: skip
def test_it_is_said_once(warehouse: Warehouse, content: bytes, sentences: list[str]) -> None:
    types = ("ORDERS",) if content.startswith(b"UN") else ("940",)
    warehouse.partner(whole=partner_of(*types, edi='usage = "live"\ntrailers = "warn"', keys=OPTIONAL))
    warehouse.drop("x.edi", content)
    (report,) = warehouse.reports()
    assert (report.verdict, report.books.loaded) == ("ACCEPTED", 1), report.refused
    wording = wording_of(warehouse.row(report.job))
    warnings = [each for each in queries.warnings(warehouse.database, report.job) if each.scope == "file"]
    noted = [
        wording.sentence(each) for each in warnings if each.code not in ("segments_unused", "numbered_by_position")
    ]
    assert sorted(noted) == sentences


def test_a_forgiven_count_of_groups_is_said_of_the_file(warehouse: Warehouse) -> None:
    text = WHOLE.decode()
    group = text[text.index("GS*") : text.index("IEA*")]
    second = group.replace("SO-1", "SO-2").replace("*1*X*", "*2*X*").replace("GE*1*1", "GE*1*2")
    whole = text.replace("IEA*1*", f"{second}IEA*5*")
    warehouse.partner(whole=partner_of("940", edi='usage = "live"\ntrailers = "warn"'))
    warehouse.drop("x.edi", whole.encode())
    file, *_ = warehouse.reports()
    assert file.said == "taken apart: 2 parts; IEA01 '5' of the interchange 000000001 is forgiven"
    assert warehouse.order_numbers() == ["SO-1", "SO-2"]
