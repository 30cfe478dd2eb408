"""What real and wrong interchanges bring: each has one right outcome (contract edi.md §12), and never a traceback."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from crossdock.workers.by_path import import_file
from crossdock.workers.work import nobody
from tests.interchanges import OPTIONAL, interchange, message, order, partner_of
from tests.warehouse import Result, Warehouse

FIRST, SECOND = order("SO-1", "5 EA AB"), order("SO-2", "7 EA CD")
GOOD = interchange(FIRST, SECOND)


def imported(warehouse: Warehouse, content: bytes, **partner: Any) -> Result:
    warehouse.partner(whole=partner_of("940", **partner))
    warehouse.drop("x.edi", content)
    (report,) = warehouse.reports()
    return Result(report, warehouse.database, report.job)


def codes(result: Result) -> Counter[str]:
    return Counter(failure["code"] for failure in result.failures)


WRONG_ENVELOPES = (
    (GOOD.replace(b"IEA*1*000000001~\n", b""), "has no trailer"),
    (GOOD.replace(b"IEA*1*", b"IEA*2*"), "counts 2 groups or messages, and it has 1"),
    (GOOD.replace(b"IEA*1*000000001", b"IEA*1*000000002"), "the ends of two interchanges"),
    (GOOD.replace(b"GE*2*1~\n", b""), "the group 1 has no trailer"),
    (GOOD.replace(b"GE*2*1", b"GE*3*1"), "counts 3 sets, and it has 2"),
    (GOOD.replace(b"GE*2*1", b"GE*2*9"), "the ends of two groups"),
    (GOOD.replace(b"GE*2*1", b"XX*lost~\nGE*2*1"), "has text between its sets: 'XX*lost'"),
    (b"ISA*00*          *00*~", "it has fewer than 16 elements"),
    (GOOD.replace(b"*P*>~", b"*P**~"), "two of its separators are the same"),
    (GOOD.replace(b"*P*>~", b"*P*>a"), "its segment separator is 'a'"),
    (GOOD.replace(b"ZZ*THEM           *", b"ZZ*               *"), "no sender or no receiver"),
    (b"customerOrderNumber,skuId\nSO-1,AB\n", "doesn't begin with one"),
    (b"UNA:+.? 'nothing", "no UNB follows"),
    (message("ORDERS", "BGM+220+PO-1+9").replace(b"'", b""), "its segments end in line breaks"),
    (message("ORDERS", "BGM+220+PO-1+9").replace(b"'\n", b"\r\n"), "its segments end in line breaks"),
)


def test_an_envelope_that_is_wrong_refuses_everything(warehouse: Warehouse) -> None:
    warehouse.partner(whole=partner_of("940"))
    for place, (content, _) in enumerate(WRONG_ENVELOPES):
        warehouse.drop(f"{place:02}.edi", content)
    reports = sorted(warehouse.reports(), key=lambda report: report.name)
    sentences = [
        (report.verdict, sentence in (report.refused or ""))
        for report, (_, sentence) in zip(reports, WRONG_ENVELOPES, strict=True)
    ]
    assert sentences == [("REJECTED", True)] * len(WRONG_ENVELOPES), [report.refused for report in reports]
    assert warehouse.order_numbers() == []


def test_csv_for_a_feed_of_interchanges_and_the_other_way_round(warehouse: Warehouse) -> None:
    warehouse.partner()
    warehouse.drop("orders.csv", GOOD)
    (report,) = warehouse.reports()
    assert "no feed of acme takes the sets 940; it takes: none" in (report.refused or "")


def test_groups_and_bare_messages_may_not_be_mixed(warehouse: Warehouse) -> None:
    message = "UNH+1+ORDERS:D:96A:UN'BGM+220+1'DTM+137:20261125:102'UNS+S'UNT+5+1'"
    content = (
        f"UNB+UNOA:3+A:14+B:14+261125:0900+7'UNG+ORDERS+A+B+261125:0900+1+UN+D:96A'{message}UNE+1+1'{message}UNZ+1+7'"
    )
    warehouse.partner(whole=partner_of("ORDERS"))
    warehouse.drop("x.edi", content.encode())
    (report,) = warehouse.reports()
    assert "messages inside of groups and beside them" in (report.refused or "")


def test_a_group_of_somebody_else_and_a_file_of_nobody(warehouse: Warehouse) -> None:
    stranger = imported(warehouse, GOOD, edi='usage = "live"\ngroups = ["THEM:WAREHOUSE"]')
    assert "is from and to THEM:US" in (stranger.report.refused or "")
    warehouse.partner(whole=partner_of("940", edi='theirs = ["ZZ:OTHER"]'))
    nobodys = import_file(warehouse.site, warehouse.file(GOOD, "for_all.edi"), None, nobody)
    assert "no partner sends as ZZ:THEM to ZZ:US" in (nobodys.refused or "")
    warehouse.partner(whole=partner_of("940", edi='usage = "live"\ntheirs = ["ZZ:THEM"]'))
    theirs = import_file(warehouse.site, warehouse.file(GOOD, "for_us.edi"), None, nobody)
    assert (theirs.verdict, theirs.feed) == ("ACCEPTED", "acme/sales_order")


WRONG_SETS = (
    (b"SE*8*0001", b"SE*9*0001", "set_count", ["SO-2"]),
    (b"SE*8*0001", b"SE*8*0003", "set_number", ["SO-2"]),
    (b"SE*8*0001~\n", b"", "set_cut", ["SO-2"]),
    (b"ST*940*0002", b"ST*940*0001", "set_number_twice", ["SO-1"]),
    (b"W05*N*SO-1~\n", b"W05*N*SO-1~\nZZZ*X~\n", "unknown_segment", ["SO-1", "SO-2"]),
    (b"W05*N*SO-1~\n", b"W05*N*SO-1~\nPO1*1~\n", "unknown_segment", ["SO-1", "SO-2"]),
    (b"W05*N*SO-1~\n", b"N9*BM*77~\nW05*N*SO-1~\n", "misplaced_segment", ["SO-1", "SO-2"]),
    (b"W05*N*SO-1~\n", b"W05*N*SO-1~\nW05*N*SO-1~\n", "too_many_of", ["SO-1", "SO-2"]),
    (b"W05*N*SO-1~\n", b"W05*N*SO-1**********9~\n", "excess_elements", ["SO-1", "SO-2"]),
    (b"W05*N*SO-1~\n", b"W05*N*SO-1~\nN9*BM*" + b"7" * 31 + b"~\n", "element_size", ["SO-1", "SO-2"]),
    (b"W05*N*SO-1~\n", b"W05*N*SO-1~\nN9**7~\n", "element_missing", ["SO-2"]),
    (b"W05*N*SO-1~\n", b"W05*N*SO-1~\nN9*BM*7**2026112x~\n", "bad_element", ["SO-2"]),
    (b"W01*5*EA*", b"W01*5*EA>1*", "stray_separator", ["SO-1", "SO-2"]),
    (b"ST*940*0001~\nW05*N*SO-1~\n", b"st*940*0001~\nw05*N*SO-1~\nW6*1~\n", "segments_unused", ["SO-1", "SO-2"]),
)


def wrong_set(place: int, old: bytes, new: bytes) -> bytes:
    """Two orders of their own numbers, the first of which, or its neighbour, is wrong."""
    content = GOOD.replace(old, new, 1)
    added = new.count(b"~\n") - old.count(b"~\n")
    content = content.replace(b"SE*8*0001", b"SE*%d*0001" % (8 + max(added, 0))) if added > 0 else content
    numbered = content.replace(b"SO-1", b"SO-%d-1" % place).replace(b"SO-2", b"SO-%d-2" % place)
    return numbered.replace(b"*000000001", b"*%09d" % (place + 1))


def test_one_set_is_wrong_and_the_other_is_in(warehouse: Warehouse) -> None:
    warehouse.partner(whole=partner_of("940"))
    for place, (old, new, _, _) in enumerate(WRONG_SETS):
        warehouse.drop(f"{place:02}.edi", wrong_set(place, old, new))
    reports = sorted(warehouse.reports(), key=lambda report: report.name)
    for place, (report, (_, _, code, taken)) in enumerate(zip(reports, WRONG_SETS, strict=True)):
        brought = {code for (code,) in warehouse.rows(f"SELECT code FROM job_failures WHERE job_id = '{report.job}'")}
        assert code in brought, (place, brought)
        mine = [number for number in warehouse.order_numbers() if number.startswith(f"SO-{place}-")]
        assert mine == [f"SO-{place}-{each[-1]}" for each in taken], (place, code)


def test_a_mandatory_segment_is_missing(warehouse: Warehouse) -> None:
    body = ("REF*DP*1", "PO1*1*5*EA*1**VN*AB")
    warehouse.partner(whole=partner_of("850"))
    warehouse.drop("x.edi", interchange(body, type_="850", group="PO"))
    (report,) = warehouse.reports()
    codes = warehouse.rows("SELECT code FROM job_failures WHERE severity = 'error'")
    assert ("segment_missing",) in codes
    assert report.verdict == "REJECTED"


def test_an_hl_that_names_no_level_above(warehouse: Warehouse) -> None:
    body = ("BSN*00*A-1*20261125*0900", "HL*1**S", "N1*VN*V*92*7", "HL*2*9*I", "LIN*1*BP*AB", "SN1**5*EA")
    warehouse.partner(whole=partner_of("856", document="asn", keys=""))
    warehouse.drop("x.edi", interchange(body, type_="856", group="SH"))
    (report,) = warehouse.reports()
    assert ("bad_parent",) in warehouse.rows("SELECT code FROM job_failures WHERE severity = 'error'")
    assert report.verdict == "REJECTED"


def test_an_unknown_set_in_a_group_fails_alone(warehouse: Warehouse) -> None:
    content = GOOD.replace(b"ST*940*0002", b"ST*810*0002")
    result = imported(warehouse, content)
    assert codes(result)["unknown_set"] == 1
    assert warehouse.order_numbers() == ["SO-1"]


def test_a_released_terminator_is_text_and_without_release_it_is_none(warehouse: Warehouse) -> None:
    """Without a release character the segment ends at the apostrophe, and its message's count is wrong."""
    body = "UNH+1+ORDERS:D:96A:UN'BGM+220+1'DTM+137:20261125:102'NAD+BY+7::92++O?'NEIL'LIN+1++AB:SA'QTY+21:5'UNS+S'UNT+8+1'"
    content = f"UNB+UNOA:3+A:14+B:14+261125:0900+7'{body}UNZ+1+7'"
    warehouse.partner(whole=partner_of("ORDERS"))
    warehouse.drop("1.edi", content.encode())
    (taken,) = warehouse.reports()
    assert taken.verdict == "ACCEPTED"
    warehouse.drop("2.edi", f"UNA:+.  '{content.replace('+7', '+8')}".encode())
    (refused,) = warehouse.reports()
    assert refused.verdict == "REJECTED"


SPELLINGS = (
    b"\xef\xbb\xbf" + GOOD,
    GOOD.replace(b"~\n", b"~\r\n"),
    GOOD + b"\x00" * 100,
    GOOD.replace(b"~\n", b"~"),
    GOOD.replace(b"~\n", b"\n"),
    GOOD.replace(b"~\n", b"\r\n"),
    GOOD.replace(b"*", b"|"),
    GOOD.replace(b"~\n", "…".encode()),
    GOOD.replace(b"~\n", b"\x85"),
    GOOD.replace(b"N1*ST*Ada", b"N1*ST*ISAAC"),
    b"\n".join(GOOD.replace(b"~\n", b"~")[at : at + 80] for at in range(0, len(GOOD), 80)),
)


def test_the_same_orders_however_their_segments_end(warehouse: Warehouse) -> None:
    """A BOM, line breaks of all kinds, NULs behind the end, other separators, lines of 80 characters."""
    warehouse.partner(whole=partner_of("940", edi='usage = "live"\nduplicates = "off"'))
    for place, content in enumerate(SPELLINGS):
        warehouse.drop(f"{place:02}.edi", content)
    assert [report.verdict for report in warehouse.reports()] == ["ACCEPTED"] * len(SPELLINGS)
    assert warehouse.order_numbers() == ["SO-1", "SO-2"]


def test_a_partner_maps_a_reference_and_a_segment_of_its_own(warehouse: Warehouse) -> None:
    keys = f'{OPTIONAL}\n[feed.columns]\n"N9*DP" = "header.notes"\n"ZA02" = "line.giftMessage"\n"W0107" = "skuId"'
    body = ("W05*N*SO-1", "N9*DP*038", "LX*1", "W01*5*EA**VN*XX*BP*AB", "ZA*1*with love")
    warehouse.partner(whole=partner_of("940", keys=keys))
    warehouse.drop("x.edi", interchange(body))
    (report,) = warehouse.reports()
    assert report.verdict == "ACCEPTED"
    assert warehouse.rows("SELECT notes FROM sales_orders") == [("038",)]
    assert warehouse.rows("SELECT sku_id, gift_message FROM sales_order_lines") == [("AB", "with love")]


def test_a_line_for_several_places_is_no_line_of_one_order(warehouse: Warehouse) -> None:
    """One address can't be right for it, so the order is held, and its neighbour is in."""
    header = ("N1*ST*Here*92*1", "PO1*1*5*EA*1**VN*AB")
    split = ("BEG*00*SA*SO-1**20261125", *header, "SDQ*EA*92*1*3*2*2")
    elsewhere = ("BEG*00*SA*SO-2**20261125", *header, "N1*ST*There*92*2")
    here = ("BEG*00*SA*SO-3**20261125", *header, "N1*ST*Here*92*1")
    warehouse.partner(whole=partner_of("850"))
    warehouse.drop("x.edi", interchange(split, elsewhere, here, type_="850", group="PO"))
    (report,) = warehouse.reports()
    assert (report.verdict, warehouse.order_numbers()) == ("PARTIAL", ["SO-3"])
    assert warehouse.rows("SELECT field, code FROM job_failures WHERE severity = 'error'") == [
        ("quantity", "split_destinations"),
        ("quantity", "split_destinations"),
    ]


@pytest.mark.parametrize(
    ("second", "warned"),
    [
        (("N1*ST*Bob",), ["N1*ST", "Ada Lovelace 12 Market Street Leeds LS1 4DY GB", "Bob"]),
        (("N1*ST*Ada Lovelace", "N3*12 Market Street", "N4*Leeds**LS1 4DY*GB"), []),
        (("N1*ZZ*Ada", "N1*ZZ*Bob"), []),
    ],
)
def test_of_two_parties_of_one_role_the_first_counts(
    warehouse: Warehouse, second: tuple[str, ...], warned: list[str]
) -> None:
    """Also where sets before it had two alike, so that it isn't read by their shape; of a role that nobody reads nothing is said."""
    alike = order("S", "5 EA A")
    same = [(f"W05*N*S{each}", *alike[1:4], *alike[1:4], *alike[4:]) for each in range(1, 5)]
    odd = ("W05*N*S9", *alike[1:4], *second, *alike[4:])
    warehouse.partner(whole=partner_of("940"))
    warehouse.drop("x.edi", interchange(*same, odd))
    (report,) = warehouse.reports()
    assert report.verdict == "ACCEPTED", Result(report, warehouse.database, report.job).text
    details = warehouse.rows("SELECT detail FROM job_failures WHERE code = 'party_twice'")
    assert [json.loads(each) for (each,) in details] == (
        [{"element": warned[0], "sent": warned[1], "other": warned[2]}] if warned else []
    )
    assert warehouse.rows("SELECT DISTINCT ship_to_name FROM sales_orders") == [("Ada Lovelace",)]
