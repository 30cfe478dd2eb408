"""855 and ORDRSP: what becomes of each order, line by line; again after a fix-workbook, a replay, a dismissal."""

from __future__ import annotations

import io
import re
from pathlib import Path
from tempfile import TemporaryDirectory

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.database import connect
from crossdock.delivery import answer_files, courier, standard_answers
from crossdock.delivery.http import Wire
from crossdock.jobs import open_documents, queries
from crossdock.workers.by_path import replay
from tests.commands import crossdock
from tests.interchanges import OPTIONAL, interchange, partner_of, sample
from tests.reports.edi.answered import answered, golden, outbox
from tests.reports.edi.foreign import mock_edi_finds, own_reader_finds, pydifact_finds, pyx12_reads
from tests.reports.edi.test_edifact_answers import PARTY, messages
from tests.warehouse import Warehouse

BODY = re.compile(r"(?m)^(?:BAK|BCA|N9|MSG|N1|N2|N3|N4|PO1|POC|ACK|CTT)\b.*(?=~$)")
RESPONSE = re.compile(r"(?m)^(?:BGM|RFF|NAD|LIN|PIA|QTY|FTX|UNS|CNT)\b.*(?='$)")


def purchase(
    number: str, *lines: str, purpose: str = "00", release: str = "", asks: str = "", day: str = "20261120"
) -> tuple[str, ...]:
    """The segments of an 850, each line as ``quantity unit item``."""
    ends = f"****{asks}".rstrip("*") if asks else ""
    body = [f"BEG*{purpose}*SA*{number}*{release}*{day}{ends and '**' + asks}", "N1*ST*Ada Lovelace*92*0007", "N3*1 A St",
            "N4*Leeds**LS1 4DY*GB"]  # fmt: skip
    for place, line in enumerate(lines, 1):
        quantity, unit, item = line.split(" ")
        body.append(f"PO1*{place}*{quantity}*{unit}*1.5**VN*{item}")
    return (*body, f"CTT*{len(lines)}")


LACKED = ("is not a code", "N9 is not a segment", "MSG is not a segment", "MTX is not a segment", "one or more segments in error",
          "is mandatory and empty")  # fmt: skip
"""What mock-edi's dictionary has against an 855 or ORDRSP because it has only some codes, no texts, and wants more."""


def beyond_codes(findings: list[str]) -> list[str]:
    """Findings that say more than what the dictionary lacks."""
    parts = [part for each in findings for part in each.split("; ")]
    return [each for each in parts if not any(lacked in each for lacked in LACKED)]


def purchases(*orders: tuple[str, ...], number: int = 1) -> bytes:
    """An interchange of 850s."""
    return interchange(*orders, number=number, type_="850", group="PO")


def toml(answer: str = '["855"]', keys: str = "") -> str:
    """A partner whose orders are answered so."""
    return partner_of("850", edi='usage = "live"\nfunctional = "none"', keys=f"{OPTIONAL}\nanswer = {answer}\n{keys}")


def bodies(text: str) -> list[list[str]]:
    """The segments of each 855 of an interchange."""
    return [BODY.findall(each) for each in re.split(r"(?m)^ST\*8[56]5.*$", text)[1:]]


@pytest.mark.both(slow=True)
def test_the_orders_of_a_retailer_are_acknowledged(warehouse: Warehouse) -> None:
    """A real 850 of six lines; others read the 855 without a finding."""
    content = sample("x12_850_vics")
    (name,) = answered(warehouse, content, toml())
    text = outbox(warehouse)[name]
    assert name == "999999999-4405197800-1.855.edi"
    assert text == golden("vics_855")
    assert own_reader_finds(warehouse.home / "outbox" / "acme" / name) == []
    assert beyond_codes(mock_edi_finds(text)) == []


@pytest.mark.both(slow=True)
def test_each_line_says_whether_it_is_taken(warehouse: Warehouse) -> None:
    content = purchases(
        purchase("PO-1", "5 EA AB"), purchase("PO-2", "0 EA AB", "5x EA CD", "7 EA EF"), purchase("PO-3", "5 EA AB")
    )
    (text,) = answered(warehouse, content, toml()).values()
    good, bad, other = bodies(text)
    ship_to = ["N1*ST*Ada Lovelace*92*0007", "N3*1 A St", "N4*Leeds**LS1 4DY*GB"]
    today = good[0][-8:]
    assert good == [f"BAK*00*AD*PO-1*20261120*****{today}", *ship_to, "PO1*1*5*EA*1.5**VN*AB", "ACK*IA*5*EA", "CTT*1"]
    assert bad == [
        f"BAK*00*RD*PO-2*20261120*****{today}", *ship_to,
        "PO1*1*0*EA*1.5**VN*AB", "ACK*IR*0*EA", "N9*L1*too_small", "MSG*PO102 '0' must be more than 0",
        "PO1*2***1.5**VN*CD", "ACK*IR", "N9*L1*not_a_number", "MSG*PO102 '5x' is not a number (write it like 1234.56)",
        "PO1*3*7*EA*1.5**VN*EF", "ACK*IR*7*EA", "N9*L1*not_taken", "MSG*not taken with the order",
        "CTT*3"]  # fmt: skip
    assert other[0] == f"BAK*00*AD*PO-3*20261120*****{today}"
    assert beyond_codes(mock_edi_finds(text)) == []


@pytest.mark.both(slow=True)
def test_an_order_taken_without_a_line_is_changed(warehouse: Warehouse) -> None:
    (text,) = answered(
        warehouse, purchases(purchase("PO-1", "5 EA AB", "0 EA CD")), toml(keys='hold = "line"')
    ).values()
    ((head, *body),) = bodies(text)
    assert head.startswith("BAK*00*AC*PO-1*")
    assert [each for each in body if each.startswith("ACK")] == ["ACK*IA*5*EA", "ACK*IR*0*EA"]


@pytest.mark.both(slow=True)
def test_in_short_a_whole_order_has_no_lines(warehouse: Warehouse) -> None:
    content = purchases(purchase("PO-1", "5 EA AB"), purchase("PO-2", "0 EA AB"))
    (text,) = answered(warehouse, content, toml('["855:short"]')).values()
    short, full = bodies(text)
    assert (short[0][:12], full[0][:12]) == ("BAK*00*AT*PO", "BAK*00*RD*PO")
    assert not any(each.startswith(("PO1", "CTT")) for each in short)
    assert full[-1] == "CTT*1"


@pytest.mark.both(slow=True)
def test_who_wants_no_answer_has_none(warehouse: Warehouse) -> None:
    """BEG07 NA; a set that is no order, because its count is wrong, isn't answered either, nor one without a number."""
    content = purchases(
        purchase("PO-1", "5 EA AB", asks="NA"), purchase("PO-2", "5 EA AB"), purchase("", "5 EA AB")
    ).replace(b"SE*8*0002", b"SE*9*0002")
    assert answered(warehouse, content, toml()) == {}
    again = purchases(purchase("PO-1", "5 EA AB", asks="NA"), purchase("PO-4", "5 EA AB"), number=2)
    (text,) = answered(warehouse, again, toml(), "2.edi").values()
    assert [each[0][:14] for each in bodies(text)] == ["BAK*00*AD*PO-4"]


@pytest.mark.both
def test_every_later_answer_to_an_order_says_so(warehouse: Warehouse) -> None:
    """Whether the order came again in another interchange, changed, or was rejected before; a release is part of it."""
    first = purchases(
        purchase("PO-1", "5 EA AB"), purchase("PO-2", "0 EA AB"), purchase("PO-3", "1 EA AB", release="7")
    )
    answered(warehouse, first, toml())
    content = purchases(
        purchase("PO-1", "6 EA AB"), purchase("PO-2", "5 EA AB"), purchase("PO-3", "1 EA AB", release="8"), number=2
    )
    text = answered(warehouse, content, toml(), "2.edi")["US-THEM-2.855.edi"]
    heads = [each[0].split("*")[1:6] for each in bodies(text)]
    assert [each[:3] for each in heads] == [["05", "AD", "PO-1"], ["05", "AD", "PO-2"], ["00", "AD", "PO-3"]]


@pytest.mark.both(slow=True)
def test_others_read_an_application_advice_without_a_finding(warehouse: Warehouse) -> None:
    """pyx12 has no map of an 824: its reader says whether segments, envelopes, counts and numbers are right."""
    content = purchases(purchase("PO-1", "5 EA AB"), purchase("PO-2", "0 EA AB", "5x EA CD"))
    (advice,) = answered(warehouse, content, toml('["824"]', 'hold = "line"')).values()
    assert "ST*824*" in advice
    assert "TED*" in advice
    assert pyx12_reads(advice) == []
    torn = re.sub(r"SE\*(\d+)", lambda match: f"SE*{int(match[1]) + 1}", advice)
    assert pyx12_reads(torn) != []


@pytest.mark.both(slow=True)
def test_lines_that_a_buyer_cancels_are_deleted(warehouse: Warehouse) -> None:
    answered(warehouse, purchases(purchase("PO-1", "5 EA AB")), toml())
    cancel = purchases(purchase("PO-1", "5 EA AB", purpose="01"), number=2)
    text = answered(warehouse, cancel, toml(), "2.edi")["US-THEM-2.855.edi"]
    ((head, *body),) = bodies(text)
    assert head.startswith("BAK*05*AD*PO-1*")
    assert [each for each in body if each.startswith("ACK")] == ["ACK*ID*5*EA"]


@pytest.mark.both(slow=True)
def test_a_fix_workbook_is_answered_again(warehouse: Warehouse) -> None:
    """The corrected order is answered alone, under a number of its own; one that is still wrong is rejected again."""
    content = purchases(purchase("PO-1", "0 EA AB"), purchase("PO-2", "0 EA AB", "3 EA CD"), purchase("PO-3", "1 EA A"))
    answered(warehouse, content, toml('["855", "824"]'))
    (job,) = (each.job_id for each in warehouse.jobs())
    path = warehouse.home / "fix.xlsx"
    answer_files.write_fix_workbook(queries.one(warehouse.database, job), warehouse.database, path, warehouse.site.zone)
    book = openpyxl.load_workbook(path)
    sheet = book["Lines to fix"]
    quantity = [cell.value for cell in sheet[1]].index("quantity") + 1
    assert [sheet.cell(row, quantity).value for row in (2, 3, 4)] == ["0", "0", "3"]
    sheet.cell(2, quantity).value = "5"
    changed = io.BytesIO()
    book.save(changed)
    before = set(outbox(warehouse))
    warehouse.drop("x.fix.xlsx", changed.getvalue())
    warehouse.work()
    courier.deliver(warehouse.site, Wire())
    after = {name: text for name, text in outbox(warehouse).items() if name not in before}
    (acknowledged,) = (text for name, text in after.items() if "855" in name)
    one, two = bodies(acknowledged)
    assert one[0].startswith("BAK*05*AD*PO-1*")
    assert [each for each in one if each.startswith(("PO1", "ACK"))] == ["PO1*1*0*EA*1.5**VN*AB", "ACK*IA*0*EA"]
    assert two[0].startswith("BAK*05*RD*PO-2*")
    assert [each for each in two if each.startswith(("ACK", "N9"))] == [
        "ACK*IR*0*EA", "N9*L1*too_small", "ACK*IR*3*EA", "N9*L1*not_taken"]  # fmt: skip
    (advice,) = (text for name, text in after.items() if "824" in name)
    assert re.findall(r"(?m)^OTI\*\w+\*PO\*[^*]*", advice) == ["OTI*TA*PO*PO-1", "OTI*TR*PO*PO-2"]


@pytest.mark.both(slow=True)
def test_a_replay_and_its_replay_are_answered_again(warehouse: Warehouse) -> None:
    keys = 'references = { sku = "fail" }'
    answered(warehouse, purchases(purchase("PO-1", "5 EA ZZ"), purchase("PO-2", "5 EA YY")), toml(keys=keys))
    for known in ("none", "ZZ", "YY"):
        if known != "none":
            warehouse.load("sku", f"{known},BU1,Y")
        list(replay(warehouse.site, list(open_documents.open_documents(warehouse.database))))
        warehouse.work()
    courier.deliver(warehouse.site, Wire())
    answers = list(outbox(warehouse).values())
    heads = [[each[0][:14] for each in bodies(text)] for text in answers]
    assert heads[0] == ["BAK*00*RD*PO-1", "BAK*00*RD*PO-2"]
    assert heads[1:] == [["BAK*05*RD*PO-1", "BAK*05*RD*PO-2"], ["BAK*05*AD*PO-1", "BAK*05*RD*PO-2"], ["BAK*05*AD*PO-2"]]


@pytest.mark.both(slow=True)
def test_a_dismissed_order_is_rejected_for_good(warehouse: Warehouse) -> None:
    answered(warehouse, purchases(purchase("PO-1", "0 EA AB"), purchase("PO-2", "0 EA AB")), toml())
    (job,) = (each.job_id for each in warehouse.jobs())
    assert open_documents.dismiss(warehouse.database, job, "PO-2", "sent by phone", "ada") == 1
    assert open_documents.dismiss(warehouse.database, job, "PO-2", "sent by phone", "ada") == 0
    courier.deliver(warehouse.site, Wire())
    first, last = outbox(warehouse).values()
    assert len(bodies(first)) == 2
    ((head, *body),) = bodies(last)
    assert head.startswith("BAK*05*RD*PO-2*")
    assert body[:2] == ["N9*L1*not_taken", "MSG*the order is closed and will not be taken"]
    assert "phone" not in last


def undelivered(warehouse: Warehouse) -> None:
    """As if no standard answer had been delivered."""
    with warehouse.database.writing() as connection:
        connection.exec_driver_sql("UPDATE outbox SET ended = NULL, ended_at = NULL WHERE channel = 'edi'")


@pytest.mark.both(slow=True)
def test_the_same_bytes_at_every_attempt(warehouse: Warehouse) -> None:
    """What comes between two attempts doesn't show: the order is changed, its wait is ended."""
    content = purchases(purchase("PO-1", "5 EA AB"), purchase("PO-2", "0 EA AB"))
    warehouse.partner(whole=toml())
    warehouse.drop("1.edi", content)
    warehouse.work()
    shelf = warehouse.home / "outbox" / "acme"
    courier.deliver(warehouse.site, Wire())
    first = (shelf / "US-THEM-1.855.edi").read_bytes()
    warehouse.drop("2.edi", purchases(purchase("PO-1", "9 EA AB"), purchase("PO-2", "5 EA AB"), number=2))
    warehouse.work()
    undelivered(warehouse)
    courier.deliver(warehouse.site, Wire())
    assert (shelf / "US-THEM-1.855.edi").read_bytes() == first


@pytest.mark.both(slow=True)
def test_an_answer_whose_file_is_gone_is_given_up(warehouse: Warehouse) -> None:
    warehouse.partner(whole=toml())
    warehouse.drop("1.edi", purchases(purchase("PO-1", "5 EA AB")))
    warehouse.work()
    (path,) = warehouse.home.glob("archive/*/*/1.edi")
    path.unlink()
    undelivered(warehouse)
    (sent,) = (each for each in courier.deliver(warehouse.site, Wire()) if each.channel == "edi")
    assert not sent.delivered
    assert "is not in the archive any more" in sent.said
    assert [each.name for each in (warehouse.home / "outbox" / "acme").iterdir() if "855" in each.name] == [
        "US-THEM-1.855.edi"
    ]  # no half one


def test_an_answer_that_is_gone_is_a_sentence_on_the_command_line(warehouse: Warehouse, tmp_path: Path) -> None:
    """And what is printed is the file of the outbox, byte for byte; nothing where one of several can't be made."""
    warehouse.partner(whole=partner_of("850", edi='usage = "live"', keys=f'{OPTIONAL}\nanswer = ["855"]'))
    warehouse.drop("1.edi", purchases(purchase("PO-1", "5 EA AB")))
    warehouse.work()
    courier.deliver(warehouse.site, Wire())
    (job,) = (each.job_id for each in warehouse.jobs())
    url = warehouse.database.url.render_as_string(hide_password=False)
    own = {
        "CROSSDOCK_HOME": str(warehouse.home),
        "CROSSDOCK_DATABASE_URL": url,
        "CROSSDOCK_PARTNERS": str(warehouse.home / "partners"),
    }
    files = sorted((warehouse.home / "outbox" / "acme").glob("*.edi"))
    printed = crossdock("report", job, "--format", "edi", **own)
    assert (printed.returncode, printed.stdout) == (0, "".join(each.read_text() for each in files))
    crossdock("report", job, "--format", "edi", "--output", str(tmp_path / "a.edi"), **own)
    assert (tmp_path / "a.edi").read_text() == printed.stdout
    (path,) = warehouse.home.glob("archive/*/*/1.edi")
    path.unlink()
    refused = crossdock("report", job, "--format", "edi", **own)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "can't be made again" in refused.stderr


PIECES = st.text(alphabet="AB1 *>^'+:?|é\x0b.", max_size=9)
LINES = st.lists(st.tuples(PIECES, PIECES, PIECES, PIECES), min_size=1, max_size=3)


@settings(max_examples=4)
@given(LINES, st.text(alphabet="AB1 é", max_size=22), st.booleans())
def test_whatever_lines_hold_an_855_is_whole(lines: list[tuple[str, ...]], number: str, newer: bool) -> None:
    """Each line is answered, in an interchange in which our own reader and mock-edi find nothing to say."""
    body = [f"BEG*00*SA*{number}**20261120", *(f"PO1*{'*'.join(each[:3])}***VN*{each[3]}" for each in lines)]
    content = interchange(tuple(body), type_="850", group="PO", version="005010" if newer else "004010")
    with TemporaryDirectory() as folder:
        warehouse = Warehouse(connect(f"sqlite:///{folder}/x.db"), Path(folder))
        answers = answered(warehouse, content, toml())
        for name, text in answers.items():
            assert own_reader_finds(warehouse.home / "outbox" / "acme" / name) == []
            ((_, *rest),) = bodies(text)
            assert sum(each.startswith("ACK") for each in rest) == len(lines)
            assert beyond_codes(mock_edi_finds(text)) == []
        assert bool(answers) == bool(number.strip())
        warehouse.database.close()


def test_the_command_line_and_the_page_show_them(warehouse: Warehouse) -> None:
    answered(warehouse, purchases(purchase("PO-1", "0 EA AB")), toml('["855", "824"]'))
    (job,) = (each.job_id for each in warehouse.jobs())
    issued = standard_answers.of_job(warehouse.database, job)
    assert [each.name for each in issued] == ["US-THEM-1.824.edi", "US-THEM-2.855.edi"]
    assert [each.state for each in issued] == ["delivered", "delivered"]
    written = standard_answers.written(warehouse.home, warehouse.database, issued[1].answer.outbox)
    assert b"".join(written.pieces) == (warehouse.home / "outbox" / "acme" / "US-THEM-2.855.edi").read_bytes()


def change(number: str, *lines: str, purpose: str = "04", sequence: int = 1) -> tuple[str, ...]:
    """The segments of an 860; each line as it stands behind ``POC*``."""
    return (f"BCH*{purpose}*SA*{number}**{sequence}*20261120*****20261125", *(f"POC*{each}" for each in lines))


@pytest.mark.both(slow=True)
def test_an_865_answers_each_change(warehouse: Warehouse) -> None:
    keys = f'{OPTIONAL}\nanswer = ["865"]'
    both = partner_of("850", "860", edi='usage = "live"\nfunctional = "none"', keys=keys)
    lines = ("5 EA AB", "6 EA CD", "7 EA EF")
    assert answered(warehouse, purchases(purchase("PO-1", *lines), purchase("PO-2", *lines)), both) == {}
    changes = (
        change("PO-1", "1*QI*8**EA*1.5**VN*AB", "2*DI*6**EA***VN*CD", "3*NC*7**EA***VN*EF"),
        change("PO-2", purpose="01"),
        change("PO-9", "1*QI*8**EA*1.5**VN*AB"),
    )
    content = interchange(*changes, number=2, type_="860", group="PC")
    (first,) = answered(warehouse, content, both, "changes_1.edi").values()
    later = change("PO-1", "1*QI*9**EA*1.5**VN*AB", "3*QI*0**EA*1.5**VN*EF", sequence=2)
    content = interchange(later, number=3, type_="860", group="PC")
    second = answered(warehouse, content, both, "changes_2.edi")["US-THEM-2.865.edi"]
    assert "GS*CA*" in first
    (taken, cancelled, unknown), (refused,) = bodies(first), bodies(second)
    today = taken[0].split("*")[10]
    assert taken == [
        f"BCA*00*AD*PO-1**1*20261120****{today}*20261125", "POC*1*QI*8**EA*1.5**VN*AB", "ACK*IA*8*EA",
        "POC*2*DI*6**EA***VN*CD", "ACK*ID*6*EA", "POC*3*NC*7**EA***VN*EF", "ACK*IA*7*EA", "CTT*3"]  # fmt: skip
    assert refused == [
        f"BCA*00*RD*PO-1**2*20261120****{today}*20261125", "POC*1*QI*9**EA*1.5**VN*AB", "ACK*IR*9*EA",
        "N9*L1*not_taken", "MSG*not taken with the order", "POC*3*QI*0**EA*1.5**VN*EF", "ACK*IR*0*EA",
        "N9*L1*too_small", "MSG*POC03 '0' must be more than 0", "CTT*2"]  # fmt: skip
    assert cancelled == [f"BCA*00*AD*PO-2**1*20261120****{today}*20261125", "CTT*0"]
    assert unknown[0].startswith("BCA*00*RD*PO-9")
    assert beyond_codes([*mock_edi_finds(first), *mock_edi_finds(second)]) == []


def responses(text: str) -> list[list[str]]:
    """The segments of each ORDRSP of an interchange."""
    return [RESPONSE.findall(each) for each in re.split(r"(?m)^UNH.*ORDRSP.*$", text)[1:]]


@pytest.mark.both(slow=True)
def test_an_ordrsp_answers_each_message(warehouse: Warehouse) -> None:
    item = "LIN+1++4006381333931:EN PIA+5+AB-1:SA QTY+21:5:PCE"
    content = messages(f"{PARTY} {item}", f"{PARTY} {item} LIN+2++4006381333931:EN QTY+21:0:PCE")
    keys = f'{OPTIONAL}\nanswer = ["ORDRSP"]'
    (text,) = answered(warehouse, content, partner_of("ORDERS", keys=keys)).values()
    good, bad = responses(text)
    parties = ["NAD+BY+5400110000009::9", "NAD+SU+4000001000005::9"]
    assert re.fullmatch(r"BGM\+231\+\w{6}-\w{10}-1\+29", good[0])
    assert good[1:] == [
        "RFF+ON:PO-1",
        *parties,
        "LIN+1+5+4006381333931:EN",
        "PIA+5+AB-1:SA",
        "QTY+21:5:PCE",
        "UNS+S",
        "CNT+2:1",
    ]
    assert bad[0].endswith("-2+27")
    assert bad[1:] == [
        "RFF+ON:PO-2", *parties, "LIN+1+7+4006381333931:EN", "PIA+5+AB-1:SA", "QTY+21:5:PCE",
        "FTX+AAO+++not taken with the order", "LIN+2+7+4006381333931:EN", "QTY+21:0:PCE",
        "FTX+AAO+++QTY*21 ?'0?' must be more than 0", "UNS+S", "CNT+2:2"]  # fmt: skip
    assert pydifact_finds(text) == []
    assert beyond_codes(mock_edi_finds(text)) == []


@pytest.mark.parametrize(
    ("sets", "answer"), [('"940"', "855"), ('"856"', "855"), ('"ORDERS"', "855"), ('"850"', "ORDRSP"), ('"860"', "855")]
)
def test_only_orders_can_be_answered_so(warehouse: Warehouse, sets: str, answer: str) -> None:
    document = "asn" if "856" in sets else "sales_order"
    whole = partner_of(sets.strip('"'), document=document, keys=f'answer = ["{answer}"]')
    warehouse.partner(whole=whole)
    (mistake,) = warehouse.site.partners.mistakes
    assert f"answer '{answer}' is not possible" in mistake
