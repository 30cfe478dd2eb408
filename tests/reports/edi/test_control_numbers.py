"""Our control numbers: one for each answer, gapless, the same when it is written again."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from crossdock.database import control_numbers
from crossdock.database.tables import EDI_NUMBERS
from crossdock.delivery import courier
from crossdock.delivery.http import Wire
from crossdock.jobs import answer_queue, edi_answers
from tests.commands import crossdock
from tests.interchanges import interchange, order, partner_of
from tests.reports.edi.answered import answered, outbox
from tests.warehouse import Warehouse

ALWAYS = 'usage = "live"\ntechnical = "always"'


@pytest.mark.both
def test_they_count_up_and_stay_with_their_answer(warehouse: Warehouse) -> None:
    """Two answers of a job have two numbers; an answer that is delivered again has its own, byte for byte."""
    toml = partner_of("940", edi=ALWAYS)
    answered(warehouse, interchange(order("SO-1", "5 EA AB")), toml, "1.edi")
    first = outbox(warehouse)
    assert list(first) == ["US-THEM-1.ta1.edi", "US-THEM-2.997.edi"]
    for path in (warehouse.home / "outbox" / "acme").glob("*.edi"):
        path.unlink()
    with warehouse.database.writing() as connection:
        connection.execute(update(answer_queue.OUTBOX).values(ended=None, ended_at=None))
    courier.deliver(warehouse.site, Wire())
    assert outbox(warehouse) == first
    second = answered(warehouse, interchange(order("SO-2", "5 EA AB"), number=2), toml, "2.edi")
    assert list(second) == ["US-THEM-1.ta1.edi", "US-THEM-2.997.edi", "US-THEM-3.ta1.edi", "US-THEM-4.997.edi"]
    assert "GS*FA*US*THEM*20261128*1200*2*X*004010~" in second["US-THEM-4.997.edi"]


@pytest.mark.both
def test_each_pair_of_ids_has_its_own_and_one_that_is_rolled_back_is_drawn_again(warehouse: Warehouse) -> None:
    def drawn(receiver: str, many: int = 1) -> int:
        with warehouse.database.writing() as connection:
            kind = control_numbers.GROUP
            return control_numbers.draw(connection, "acme", "x12", "ZZ:US", receiver, kind, many)

    assert [drawn("ZZ:THEM"), drawn("ZZ:THEM", 2), drawn("ZZ:THEM"), drawn("ZZ:THOSE")] == [1, 2, 4, 1]
    with pytest.raises(KeyError):
        _draw_and_fail(warehouse)
    assert drawn("ZZ:THEM") == 5
    with warehouse.database.writing() as connection:
        connection.execute(update(EDI_NUMBERS).values(last=control_numbers.LAST - 1))
    assert [drawn("ZZ:THEM"), drawn("ZZ:THEM")] == [control_numbers.LAST, 1]


@pytest.mark.both
def test_an_older_database_that_is_put_back_gives_no_number_again(warehouse: Warehouse) -> None:
    toml = partner_of("940", edi=ALWAYS)
    answered(warehouse, interchange(order("SO-1", "5 EA AB")), toml, "1.edi")
    raised = edi_answers.leave_out_numbers(warehouse.database, 1_000)
    assert [(each.kind, each.last) for each in raised] == [("group", 1_001), ("interchange", 1_002)]
    second = answered(warehouse, interchange(order("SO-2", "5 EA AB"), number=2), toml, "2.edi")
    assert {"US-THEM-1003.ta1.edi", "US-THEM-1004.997.edi"} <= set(second)
    assert "GS*FA*US*THEM*20261128*1200*1002*X*004010~" in second["US-THEM-1004.997.edi"]
    with warehouse.database.writing() as connection:
        connection.execute(update(EDI_NUMBERS).values(last=control_numbers.LAST - 1))
    assert {each.last for each in edi_answers.leave_out_numbers(warehouse.database, 5)} == {4}


def test_a_command_leaves_numbers_out(warehouse: Warehouse) -> None:
    url = warehouse.database.url.render_as_string(hide_password=False)
    for expected in (
        "no interchange was answered yet",
        "acme, x12, interchanges from ZZ:US to ZZ:THEM: the next is 52",
    ):
        ended = crossdock("database", "restored", "--numbers", "50", CROSSDOCK_DATABASE_URL=url)
        assert expected in ended.stdout, ended.stderr
        if "no interchange" in expected:
            answered(warehouse, interchange(order("SO-1", "5 EA AB")), partner_of("940", edi='usage = "live"'), "1.edi")


def _draw_and_fail(warehouse: Warehouse) -> None:
    with warehouse.database.writing() as connection:
        control_numbers.draw(connection, "acme", "x12", "ZZ:US", "ZZ:THEM", control_numbers.GROUP)
        raise KeyError


def test_answers_to_two_ids_of_a_partner_are_files_beside_each_other(warehouse: Warehouse) -> None:
    """Each pair of ids counts from 1: the second answer replaced the first."""
    warehouse.partner(whole=partner_of("940", edi='usage = "live"\ntheirs = ["ZZ:AAA", "ZZ:BBB"]'))
    for identity in ("AAA", "BBB"):
        content = interchange(order(f"SO-{identity}", "5 EA AB"), sender=f"ZZ:{identity}")
        warehouse.drop(f"{identity}.edi", content)
    warehouse.work()
    assert sorted(outbox(warehouse)) == ["US-AAA-1.997.edi", "US-BBB-1.997.edi"]
