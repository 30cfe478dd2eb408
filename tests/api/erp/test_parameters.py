"""What the parameters of a call are: by ``?`` and ``&``, as JSON, in any case; and what is none."""

from __future__ import annotations

import pytest

from crossdock.api.erp.calls import CONTROLLERS, HEADER_PARAMETERS, ITEM_PARAMETERS
from crossdock.api.erp.parameters import BadParameters, UnknownParameter, read_parameters


@pytest.mark.parametrize(
    ("query", "values"),
    [
        (b"", {}),
        (b"SoNo=1?custNo=2", {"soNo": "1", "custNo": "2"}),
        (b"?SONO=1&CUSTNO=2", {"soNo": "1", "custNo": "2"}),
        (b"sono=1?fob=ORIGIN-SHIP&&ShipVia=UPS-GRND+TRACK", {"soNo": "1", "FOB": "ORIGIN-SHIP", "ShipVia": "UPS-GRND TRACK"}),
        (b"SoNo=&custNo=%38", {"soNo": "", "custNo": "8"}),
        (b"SONote=Really?&PoNo=a=b", {"SONote": "Really?", "PoNo": "a=b"}),
        (b"SONote=why?not? 7=8", {"SONote": "why?not? 7=8"}),
        (b"SONote=a%3FcustNo=8%26x%2B", {"SONote": "a?custNo=8&x+"}),
        (b"SONote=K%C3%A4se", {"SONote": "Käse"}),
        (b"SOAPPRVINT=AL&BILLACOUNT=7", {"SOAPPRVINIT": "AL", "BILLACCOUNT": "7"}),
    ],
)  # fmt: skip
def test_a_query_string(query: bytes, values: dict[str, str]) -> None:
    assert read_parameters(query, b"", HEADER_PARAMETERS) == values


@pytest.mark.parametrize(
    ("body", "values"),
    [
        (b" \n", {}),
        (b"{}", {}),
        (b'{"SoNo": "1", "CUSTNO": "2", "FOB": null}', {"soNo": "1", "custNo": "2"}),
        (b'\xef\xbb\xbf{"SOAMTDSCT": 0.10000000000000000001, "POAck": true, "custNo": 8}',
         {"SOAMTDSCT": "0.10000000000000000001", "POAck": True, "custNo": "8"}),
        ('{"SONote": "Käse"}'.encode("utf-16"), {"SONote": "Käse"}),
    ],
)  # fmt: skip
def test_a_json_object(body: bytes, values: dict[str, object]) -> None:
    assert read_parameters(b"", body, HEADER_PARAMETERS) == values


def test_query_string_and_object_together() -> None:
    assert read_parameters(b"SoNo=1", b'{"custNo": "2"}', HEADER_PARAMETERS) == {"soNo": "1", "custNo": "2"}


@pytest.mark.parametrize(
    ("query", "body", "sentence"),
    [
        (b"SoNo=1&sono=2", b"", "Parameter sono is there twice."),
        (b"SoNo=1", b'{"SONO": "1"}', "Parameter SONO is there twice."),
        (b"", b'{"SoNo": "1", "sono": "1"}', "Parameter sono is there twice."),
        (b"SoNo", b"", "Parameter SoNo has no value: write name=value."),
        (b"SoNo=%FF", b"", "The query string is not UTF-8."),
        (b"SoNo=%00", b"", "Parameter SoNo has a character that is no text."),
        (b"", b'{"SoNo": "\\ud83d"}', "Parameter SoNo has a character that is no text."),
        (b"", b"{'SoNo':'SONO','custNo':'CUSTNO'}", "The parameters are no JSON object: Expecting property name"),
        (b"", b'["SoNo"]', "The parameters are no JSON object."),
        (b"", b'"SoNo=1"', "The parameters are no JSON object."),
        (b"", b'{"SoNo": ["1"]}', "Parameter SoNo must be a text, a number, true or false."),
        (b"", b'{"SoNo": {}}', "Parameter SoNo must be a text, a number, true or false."),
        (b"", b'{"SOAMTDSCT": NaN}', "The parameters are no JSON object: NaN is no number."),
        (b"", b'{"SoNo": ' + b"[" * 100_000, "The parameters are no JSON object: it is nested too deep."),
        (b"", b"\xff{", "The parameters are no JSON object: "),
    ],
)
def test_what_can_not_be_read(query: bytes, body: bytes, sentence: str) -> None:
    with pytest.raises(BadParameters) as error:
        read_parameters(query, body, HEADER_PARAMETERS)
    assert str(error.value).startswith(sentence)


@pytest.mark.parametrize("query", [b"custNumber=8", b"SoNo=1?action=cancel", b"businessUnitId=BU2", b"placeholder=x"])
def test_a_name_that_the_call_does_not_have(query: bytes) -> None:
    with pytest.raises(UnknownParameter):
        read_parameters(query, b"", HEADER_PARAMETERS)


def test_the_parameters_of_the_pages_are_all_there() -> None:
    order = """SoNo custNo blinkAdd slinkAdd orderDate POAck PoNo SONote FOB ShipVia shipCharge SoFoot DELIV_TIME Buyer
        ATTENTION SOAMTDSCT SOAPPROVAL SOAPPRVINIT SOAPPRVDT ACKPO_DOC TERMS BILLACCOUNT"""
    item = """SoNo line_no part_num part_no revision uniq_key uOfMeas U_of_Meas eachQty ord_qty soDet_Desc trans_days
        TRANSFER_DAYS fstduedt deliv_time deliFreq note status w_key UNIQUELN uniqueLnNo uniqlnno IsMisc"""
    assert {each.lower() for each in order.split()} <= set(HEADER_PARAMETERS)
    assert {each.lower() for each in item.split()} <= set(ITEM_PARAMETERS)
    assert list(CONTROLLERS["so"]) == ["add", "edit", "get", "itemadd", "itemedit", "itemget", "itemdelete"]
