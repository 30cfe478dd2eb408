"""The folder for everybody's interchanges: each is whoever's its ids say, and what is nobody's is refused by name."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from crossdock.intake import drop_folders
from crossdock.jobs import booking
from crossdock.site import Site
from tests.interchanges import interchange, order, partner_of
from tests.warehouse import Warehouse, worked_off


def ids(theirs: str) -> str:
    return f'usage = "live"\ntheirs = ["{theirs}"]\nours = ["ZZ:US"]\ntechnical = "always"'


@pytest.fixture
def two_partners(warehouse: Warehouse) -> Warehouse:
    """Two partners who are known by their ids, whose feeds are alike."""
    for name, theirs in (("acme", "ZZ:ACME"), ("bolt", "*:BOLT")):
        warehouse.partner(name, whole=partner_of("940", edi=ids(theirs), name=name))
    drop_folders.scan(warehouse.site)
    return warehouse


def of(sender: str, number: str, control: int = 1) -> bytes:
    return interchange(order(number, "5 EA AB"), sender=sender, number=control)


def owners(warehouse: Warehouse) -> list[tuple[str, str, str | None]]:
    """Of each job whose it is, its file, why it is refused."""
    return [(each.partner, each.name, each.refused) for each in warehouse.jobs()]


def answers(warehouse: Warehouse) -> list[str]:
    return [each for each in warehouse.lying() if each.startswith("outbox") and each.endswith((".edi", ".ack.json"))]


def test_each_file_is_whoevers_its_ids_say(two_partners: Warehouse) -> None:
    two_partners.drop("one.edi", of("ZZ:ACME", "SO-1"), "_edi")
    two_partners.drop("two.edi", of("01:BOLT", "SO-2"), "_edi")
    two_partners.work()
    assert sorted(owners(two_partners)) == [("acme", "one.edi", None), ("bolt", "two.edi", None)]
    assert two_partners.order_numbers() == ["SO-1", "SO-2"]
    assert [each for each in answers(two_partners) if each.endswith(".edi")] == [
        f"outbox/{partner}/US-{partner.upper()}-{name}.edi"
        for partner in ("acme", "bolt")
        for name in ("1.ta1", "2.997")
    ]
    two_partners.drop("again.edi", of("ZZ:ACME", "SO-1"), "_edi")
    two_partners.work()
    assert two_partners.jobs()[-1].repeats == next(
        each.job_id for each in two_partners.jobs() if each.name == "one.edi"
    )


def test_a_file_of_several_partners_is_taken_apart(two_partners: Warehouse) -> None:
    content = of("ZZ:ACME", "SO-1") + of("01:BOLT", "SO-2") + of("ZZ:OTHER", "SO-3", 9) + of("ZZ:ACME", "SO-4", 2)
    two_partners.drop("mixed.edi", content, "_edi")
    whole, *members = (each.report for each in two_partners.work() if each.report)
    assert (whole.said, len(members)) == ("taken apart: 4 interchanges", 4)
    assert two_partners.order_numbers() == ["SO-1", "SO-2", "SO-4"]
    (stranger,) = (each for each in two_partners.jobs() if each.refused)
    assert (stranger.partner, stranger.name) == ("", "mixed.edi#000000009")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (
            of("ZZ:OTHER", "SO-1"),
            'write theirs = ["ZZ:OTHER"] and ours = ["ZZ:US"]',
        ),
        (
            b"orderNumber\nSO-1\n",
            "the file begins with neither ISA nor UNA nor UNB: put it into its partner's folder",
        ),
        (
            of("ZZ:BOTH", "SO-1"),
            "acme and cord send as ZZ:BOTH to ZZ:US: only one may have these in its theirs and ours",
        ),
    ],
)
def test_what_is_nobodys_is_refused_by_name(two_partners: Warehouse, content: bytes, sentence: str) -> None:
    for name in ("acme", "cord"):
        two_partners.partner(name, whole=partner_of("940", edi=ids("ZZ:BOTH"), name=name))
    two_partners.drop("orders.csv", content, "_edi")
    two_partners.work()
    ((whose, name, refused),) = owners(two_partners)
    assert (whose, name, sentence in (refused or "")) == ("", "orders.csv", True)
    assert answers(two_partners) == [], "nobody is known to whom it could be answered"


def test_a_claim_that_was_not_booked_is_booked_as_everybodys(two_partners: Warehouse) -> None:
    """A worker is killed between claiming and booking: the next one knows from which folder the file came."""
    job = booking.new_id(datetime.now(UTC))
    for name, content in (("one.edi", of("ZZ:ACME", "SO-1")), ("orders_1.csv", b"orderNumber\nSO-1\n")):
        folder = two_partners.home / "work" / (job[:-1] + str(len(name) % 10)) / "_edi"
        folder.mkdir(parents=True)
        (folder / name).write_bytes(content)
    two_partners.work()
    assert [(whose, refused is None) for whose, _, refused in sorted(owners(two_partners))] == [
        ("", False),
        ("acme", True),
    ]


def test_what_may_be_somebodys_whose_toml_has_a_mistake_waits(two_partners: Warehouse) -> None:
    two_partners.partner("cord", whole="id = 5")
    two_partners.drop("one.edi", of("ZZ:CORD", "SO-1"), "_edi")
    two_partners.drop("two.edi", of("ZZ:ACME", "SO-2"), "_edi")
    two_partners.work()
    assert two_partners.order_numbers() == ["SO-2"]
    two_partners.partner("cord", whole=partner_of("940", edi=ids("ZZ:CORD"), name="cord"))
    two_partners.work()
    assert two_partners.order_numbers() == ["SO-1", "SO-2"]


def test_the_folder_may_be_elsewhere(two_partners: Warehouse) -> None:
    site: Site = replace(two_partners.site, edi_folder=two_partners.home / "van")
    drop_folders.scan(site)
    (two_partners.home / "van" / "one.edi").write_bytes(of("ZZ:ACME", "SO-1"))
    worked_off(site)
    assert owners(two_partners) == [("acme", "one.edi", None)]
