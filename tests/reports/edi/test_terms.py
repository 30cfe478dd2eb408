"""How a partner wants its acknowledgements: ``[edi]``."""

from __future__ import annotations

import re

from crossdock.delivery import courier
from crossdock.delivery.http import Wire
from tests.interchanges import OPTIONAL, interchange, order, partner_of
from tests.partner import serving
from tests.reports.edi.answered import answered, outbox
from tests.reports.edi.foreign import own_reader_finds, pydifact_finds, pyx12_finds
from tests.reports.edi.test_edifact_answers import PARTY, messages
from tests.warehouse import Warehouse

LINES = re.compile(r"(?m)^(?:TA1|[AI]K[1-59]).*(?=~$)")
NO_QUANTITY = interchange(order("SO-1", "0 EA AB"), order("SO-2", "5 EA AB"))


def toml(edi: str) -> str:
    """A partner with those keys of ``[edi]``."""
    return partner_of("940", edi=f'usage = "live"\n{edi}')


def test_what_we_refuse_rejects_only_where_everything_does(warehouse: Warehouse) -> None:
    (text,) = answered(warehouse, NO_QUANTITY, toml("")).values()
    assert [line for line in LINES.findall(text) if line[:3] != "AK2"] == ["AK1*OW*1", "AK5*A", "AK5*A", "AK9*A*2*2*2"]
    again = NO_QUANTITY.replace(b"*000000001*", b"*000000002*").replace(b"IEA*1*000000001", b"IEA*1*000000002")
    text = answered(warehouse, again, toml('reject = "everything"'), "2.edi")["US-THEM-2.997.edi"]
    assert LINES.findall(text)[1:] == [
        "AK2*940*0001", "AK3*W01*7**8", "AK4*1*330*7*0", "AK5*R*5", "AK2*940*0002", "AK5*A", "AK9*P*2*2*1"]  # fmt: skip


def test_a_999_is_a_997_by_other_names(warehouse: Warehouse) -> None:
    content = interchange(order("SO-1", "x EA AB"), order("SO-2", "5 EA AB"), version="005010")
    text = answered(warehouse, content, toml('functional = "999"'))["US-THEM-1.999.edi"]
    assert "GS*FA*US*THEM*20261128*1200*1*X*005010X231A1~\nST*999*0001*005010X231A1~" in text
    assert LINES.findall(text) == [
        "AK1*OW*1*005010", "AK2*940*0001", "IK3*W01*7**8", "IK4*1*330*6*x", "IK5*R*5", "AK2*940*0002", "IK5*A",
        "AK9*P*2*2*1"]  # fmt: skip
    assert pyx12_finds(text.replace("00401", "00501").replace("*U*", "*^*")) == []


def test_a_999_tells_our_rules_from_the_standards(warehouse: Warehouse) -> None:
    """What only our rules forbid has the words of a guide; an element that another one needs names its trigger."""
    sets = [order("SO-1", "0 EA AB"), order("SO-2", "5 EA AB"), order("SO-3", "5 EA AB")]
    sets[1] = (*sets[1][:1], "N1*ST*Ada Lovelace*92", *sets[1][2:])
    sets[2] = (*sets[2][:4], "LX*1")
    keys = toml('functional = "999"\nreject = "everything"')
    text = answered(warehouse, interchange(*sets, version="005010"), keys)["US-THEM-1.999.edi"]
    lines = re.findall(r"(?m)^(?:IK[1-59]|CTX).*(?=~$)", text)
    assert lines == [
        "IK3*W01*7**8", "IK4*1*330*I12*0", "IK5*R*I5",
        "IK3*N1*3**8", "IK4*4*67*2", "CTX*SITUATIONAL TRIGGER*N1*3", "IK5*R*5",
        "IK3*W01*7**I8", "IK5*R*I5"]  # fmt: skip
    assert pyx12_finds(text.replace("00401", "00501").replace("*U*", "*^*")) == []


def test_separators_and_characters_are_the_partners(warehouse: Warehouse) -> None:
    """A value that holds one of our separators, or a character that our answers may not hold, isn't repeated."""
    content = interchange(order("SO-1", "5|1 EA AB"), order("SO-2", "5ü EA AB"), order("SO-3", "5x EA AB"))
    text = answered(warehouse, content, toml('separators = "|>^~"\ncharacters = "basic"'))["US-THEM-1.997.edi"]
    assert re.findall(r"(?m)^AK4.*$", text) == ["AK4|1|330|6~", "AK4|1|330|6~", "AK4|1|330|6~"]
    assert re.fullmatch(r"ISA\|00\|.*\|0\|P\|>~", text.splitlines()[0])


def test_tests_are_answered_and_information_is_not(warehouse: Warehouse) -> None:
    tested = answered(warehouse, interchange(order("SO-1", "5 EA AB"), usage="T"), partner_of("940", edi=""))
    assert tested["US-THEM-1.997.edi"].splitlines()[0].endswith("*0*T*>~")
    assert "AK5*A~" in tested["US-THEM-1.997.edi"]
    informed = interchange(order("SO-1", "5 EA AB"), usage="I", number=2)
    assert answered(warehouse, informed, partner_of("940", edi=""), "2.edi") == tested
    assert (
        answered(warehouse, interchange(order("SO-3", "5 EA AB"), number=3), toml('functional = "none"'), "3.edi")
        == tested
    )


def test_an_824_says_what_is_not_taken_and_why(warehouse: Warehouse) -> None:
    content = interchange(order("SO-1", "5 EA AB"), order("SO-2", "0 EA AB", "5x EA CD"), number=7)
    keys = f'{OPTIONAL}\nanswer = ["824"]'
    answers = answered(warehouse, content, partner_of("940", keys=keys))
    assert list(answers) == ["US-THEM-1.997.edi", "US-THEM-2.824.edi"]
    text = answers["US-THEM-2.824.edi"]
    assert "GS*AG*US*THEM*20261128*1200*2*X*004010~\nST*824*0001~\nBGN*11*" in text
    assert text.splitlines()[4:9] == [
        "OTI*TR*PO*SO-2***20261125*0900*7*0002*940*004010~",
        "REF*LI*1~",
        "REF*LI*2~",
        "TED*IQT*line 1: W0101 '0' must be more than 0*W01*7*1*330*0~",
        "TED*848*line 2: W0101 '5x' is not a number (write it like 1234.56)*W01*9*1*330*5x~",
    ]
    assert own_reader_finds(warehouse.home / "outbox" / "acme" / "US-THEM-2.824.edi") == []


def test_a_group_that_a_rule_refuses_is_one_in_the_824(warehouse: Warehouse) -> None:
    """The standard has nothing against it, so the 997 accepts; who refuses it, and why, is in the 824."""
    content = interchange(order("SO-1", "5 EA AB"), order("SO-2", "0 EA AB"), number=7)
    keys = f'{OPTIONAL}\nanswer = ["824"]\nrefuse_above = "10 %"'
    answers = answered(warehouse, content, partner_of("940", keys=keys))
    assert "AK9*A*2*2*2~" in answers["US-THEM-1.997.edi"]
    assert answers["US-THEM-2.824.edi"].splitlines()[4:7] == [
        "OTI*GR*OQ*7***20261125*0900*7***004010~",
        "TED*024*1 of 2 documents fail, more than the 10 % that the feed a...~",
        "NTE**1 of 2 documents fail, more than the 10 % that the feed allows~",
    ]


def test_an_aperak_says_it_of_each_message(warehouse: Warehouse) -> None:
    content = messages(f"{PARTY} LIN+1++4006381333931:EN QTY+21:0:PCE LIN+2++4006381333931:EN QTY+21:5:PCE")
    keys = f'{OPTIONAL}\nanswer = ["APERAK"]'
    answers = answered(warehouse, content, partner_of("ORDERS", keys=keys))
    (text,) = [each for name, each in answers.items() if name.endswith("-1.aperak.edi")]
    assert text.splitlines()[4:-2] == [
        "RFF+ACW:PO-1'",
        "NAD+MS+4000001000005::9'",
        "NAD+MR+5400110000009::9'",
        "ERC+QTY::ZZZ'",
        "FTX+AAO+++QTY*21 ?'0?' must be more than 0'",
        "RFF+LI:1'",
    ]
    assert re.search(r"(?m)^UNH\+1\+APERAK:D:96A:UN'\nBGM\+\+\w{6}-\w{10}-1\+27'\nDTM\+137:\d{12}:203'$", text)
    assert pydifact_finds(text) == []


def test_an_aperak_says_it_of_each_message_of_a_group_that_is_refused(warehouse: Warehouse) -> None:
    """Its trailer has another number; an answer without any message was sent."""
    content = (
        b"UNB+UNOC:3+THEM+US+261125:0900+1'UNG+ORDERS+THEM+US+261125:0900+1+UN+D:96A'UNH+7+ORDERS:D:96A:UN'"
        b"BGM+220+PO-1+9'DTM+137:20261120:102'NAD+ST+S1'LIN+1++4006381333931:EN'QTY+21:5'UNS+S'UNT+8+7'UNE+1+5'UNZ+1+1'"
    )
    answers = answered(warehouse, content, partner_of("ORDERS", keys=f'{OPTIONAL}\nanswer = ["APERAK"]'))
    (text,) = [each for name, each in answers.items() if name.endswith(".aperak.edi")]
    assert re.search(r"(?m)^UNH\+1\+APERAK:D:96A:UN'\nBGM\+\+\w{6}-\w{10}-7\+27'$", text)
    assert "RFF+ACW:7'\nNAD+MS+US'\nNAD+MR+THEM'\nERC+OTHER::ZZZ'\nFTX+AAO+++" in text
    assert pydifact_finds(text) == []


def test_acknowledgements_are_posted_where_answers_are(warehouse: Warehouse) -> None:
    with serving() as them:
        keys = f'{OPTIONAL}\nanswer = ["post"]'
        warehouse.partner(whole=partner_of("940", keys=keys) + f'[post]\nurl = "{them.url}"\n')
        warehouse.drop("x.edi", interchange(order("SO-1", "5 EA AB")))
        warehouse.work()
        courier.deliver(warehouse.site, Wire(("127.0.0.1",)))
        posted = {headers["Content-Type"]: body for headers, body in them.got}
    assert set(posted) == {"application/json", "application/EDI-X12"}
    assert b"AK5*A~" in posted["application/EDI-X12"]
    assert outbox(warehouse) == {}


TWO_FEEDS = """
[[feed]]
document = "asn"
files = "*"
sets = ["856"]
constants = { businessUnitId = "BU1" }
answer = ["file"]
"""


def test_each_feed_says_how_its_acknowledgements_go(warehouse: Warehouse) -> None:
    notice = ("BSN*00*SH-1*20261125*0900", "HL*1**S", "DTM*011*20261125", "N1*ST**92*W1", "N1*VN**92*V1", "HL*2*1*O",
              "PRF*PO-1", "HL*3*2*I", "LIN*1*BP*AB", "SN1**5*EA", "CTT*3")  # fmt: skip
    with serving() as them:
        toml = partner_of("940", keys=f'{OPTIONAL}\nanswer = ["post"]')
        warehouse.partner(whole=f'{toml}{TWO_FEEDS}[post]\nurl = "{them.url}"\n')
        warehouse.drop("orders.edi", interchange(order("SO-1", "5 EA AB")))
        warehouse.drop("notices.edi", interchange(notice, number=2, type_="856", group="SH"))
        warehouse.work()
        courier.deliver(warehouse.site, Wire(("127.0.0.1",)))
        posted = [body for headers, body in them.got if headers["Content-Type"] == "application/EDI-X12"]
    assert [re.findall(rb"AK2\*(\d+)", each) for each in posted] == [[b"940"]]
    assert [re.findall(r"AK2\*(\d+)", each) for each in outbox(warehouse).values()] == [["856"]]
