"""What is odd about an interchange and forgiven is said once, beside what became of it (contract edi.md §2–§4)."""

from __future__ import annotations

import pytest

from crossdock.jobs import queries
from crossdock.reports.wording import wording_of
from tests.interchanges import OPTIONAL, interchange, message, order, partner_of
from tests.reports.edi.test_edifact_answers import LINE, PARTY, messages
from tests.warehouse import Result, Warehouse

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
        (WHOLE.replace(b"*0*P*>", b"*9*P*>"), ["ISA14 '9' is nothing that the standard allows there"]),
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


BARE = ("BGM+220+SO-1+9", "DTM+137:20261101:102", "NAD+BY+B1::92", "NAD+DP+S1::92++Store", "CUX+2:EUR:9")
GOODS = ("LIN+1++AB:SA", "QTY+21:5:PCE", "LIN+2++CD:SA", "QTY+21:5:PCE")
WITHOUT = {
    "plain": ((), "ACCEPTED", None),
    "count": (("CNT+2:2",), "ACCEPTED", None),
    "amount of the line": (("MOA+203:25", "CNT+2:2"), "ACCEPTED", 25),
    "perhaps the order's amount": (("MOA+86:50", "CNT+2:2"), "REJECTED", None),
    "both": (("MOA+203:25", "MOA+86:50"), "REJECTED", None),
}
"""By what stands behind the last line: that, what becomes of the message, the amount of its last line."""


@pytest.mark.parametrize("name", WITHOUT)
def test_lines_and_sums_that_nothing_separates_are_told_apart_or_refused(warehouse: Warehouse, name: str) -> None:
    behind, verdict, amount = WITHOUT[name]
    warehouse.partner(whole=partner_of("ORDERS", keys=OPTIONAL))
    warehouse.drop("x.edi", message("ORDERS", *BARE, *GOODS, *behind))
    (report,) = warehouse.reports()
    assert report.verdict == verdict
    missing = "separator_missing" if verdict == "ACCEPTED" else "segment_missing"
    codes = [code for (code,) in warehouse.rows("SELECT code FROM job_failures WHERE code LIKE '%missing'")]
    assert codes == [missing]
    amounts = warehouse.rows("SELECT CAST(amount AS INTEGER) FROM sales_order_lines ORDER BY customer_line_number")
    assert amounts == ([(None,), (amount,)] if verdict == "ACCEPTED" else [])


@pytest.mark.parametrize("other", ["SO-2", "SO-1"])
@pytest.mark.parametrize("duplicates", ["refuse", "warn", "off"])
def test_two_interchanges_of_one_number_in_a_file_are_not_both_taken(
    warehouse: Warehouse, duplicates: str, other: str
) -> None:
    """The second is refused, unless it is the same again; its answer says so."""
    warehouse.partner(whole=partner_of("940", edi=f'usage = "live"\nduplicates = "{duplicates}"\ntechnical = "errors"'))
    both = interchange(order("SO-1", "5 EA AB")) + b"\n\n" + interchange(order(other, "5 EA AB"))
    warehouse.drop("1.edi", both)
    warehouse.work()
    is_refused = duplicates == "refuse" and other == "SO-2"
    assert warehouse.order_numbers() == (["SO-1"] if is_refused else sorted({"SO-1", other}))
    refused = warehouse.rows("SELECT place FROM interchanges WHERE refused = 'interchange_twice'")
    assert refused == [(2,)] * is_refused


def test_one_break_in_a_text_is_no_wrapped_line(warehouse: Warehouse) -> None:
    """Neither where the file has no other break, nor where its other ones are of another kind."""
    warehouse.partner(whole=partner_of("940"))
    for number, breaks in ((1, b""), (2, b"\n")):
        segments = (*order(f"SO-{number}")[:2], "N3*12 Market\r\nStreet", *order("", "5 EA AB")[3:])
        warehouse.drop(f"{number}.edi", interchange(segments, number=number).replace(b"~\n", b"~" + breaks))
    assert [report.verdict for report in warehouse.reports()] == ["REJECTED", "REJECTED"]
    assert warehouse.rows("SELECT code FROM job_failures WHERE code = 'wrapped_lines'") == []


@pytest.mark.parametrize(
    ("code", "called"), [("utf-16", "UTF-16"), ("utf-16-be", "UTF-16"), ("cp037", "EBCDIC"), ("ascii", "")]
)
def test_an_interchange_in_another_code_is_called_that(warehouse: Warehouse, code: str, called: str) -> None:
    """A mainframe's file that was sent as it lies there was said to be text."""
    warehouse.partner(whole=partner_of("940"))
    warehouse.drop("1.edi", WHOLE.decode().encode(code))
    (report,) = warehouse.reports()
    assert f"it is text in {called}; send" in str(report.refused) if called else report.refused is None


def test_a_number_that_comes_again_is_named_where_it_is_taken(warehouse: Warehouse) -> None:
    warehouse.partner(whole=partner_of("940", edi='usage = "live"\nduplicates = "warn"'))
    warehouse.drop("1.edi", interchange(order("SO-1", "5 EA AB")))
    (first,) = warehouse.reports()
    warehouse.drop("2.edi", interchange(order("SO-2", "5 EA AB")))
    (second,) = warehouse.reports()
    sentence = f"interchange 000000001 is another one than the first of this number ({first.job})"
    texts = [" ".join(Result(each, warehouse.database, each.job).text.split()) for each in (first, second)]
    assert [sentence in text for text in texts] == [False, True]
