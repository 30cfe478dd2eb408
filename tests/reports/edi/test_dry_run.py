"""The dry run of an interchange: the answers that an import would send, with the number 0."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest

from crossdock.delivery import answer_files, standard_answers
from crossdock.model.job import JobRecord
from crossdock.reports.edi.rendering import rendered
from crossdock.workers.by_path import check_file
from tests.interchanges import OPTIONAL, interchange, order, partner_of, sample
from tests.reports.edi.answered import masked
from tests.reports.edi.test_edifact_answers import LINE, PARTY, messages
from tests.reports.edi.test_order_answers import purchase, purchases, toml
from tests.warehouse import Warehouse

JOB = re.compile(r"(?i)(?:dry-run|\b\d{6}-\w{10})(?:-[0-9A-Z]{2}\b)*|(?<=DTM.137:)\d{12}")
ANSWERED = 'usage = "live"\ntechnical = "always"\nfunctional = "CONTRL"'


def plain(content: bytes) -> str:
    """An answer without its moments and the ids of our jobs."""
    return JOB.sub("JOB", masked(content.decode()))


def foretold(warehouse: Warehouse, path: Path) -> list[tuple[str, str]]:
    """The name and the text of each answer that a dry run tells of."""
    url = warehouse.database.url.render_as_string(hide_password=False)
    with check_file(warehouse.site.partners, url, path, None, partner="acme") as dry:
        assert all(report.books.balanced for report in dry.reports)
        answers = standard_answers.of_books(dry.books)
        numbers = [each.answer.outbox for each in answers]
        texts = [standard_answers.written(warehouse.home, dry.books, each, dry.stored) for each in numbers]
        return [(each.name, plain(b"".join(each.pieces))) for each in texts]


def issued(warehouse: Warehouse) -> list[tuple[str, str]]:
    """The answers in the outbox, as if they had the number 0."""
    answers = {each.answer.outbox: each.answer
               for job in warehouse.jobs() for each in standard_answers.of_job(warehouse.database, job.job_id)}  # fmt: skip

    def file_of(job: JobRecord) -> Path:
        path = answer_files.file_of(warehouse.home, job)
        assert path is not None
        return path

    unnumbered = (replace(answers[each], control=0, group=0) for each in sorted(answers))
    texts = [rendered(each, warehouse.database, file_of) for each in unnumbered]
    return [(each.name, plain(b"".join(each.pieces))) for each in texts]


def zipped(content: bytes) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("orders.edi", content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "of_partner", "kinds"),
    [
        (sample("x12_940_two_groups"), partner_of("940", edi=ANSWERED), ["ta1", "997"]),
        (purchases(purchase("PO-1", "5 EA AB"), purchase("PO-2", "0 EA AB")), toml('["855", "824"]'), ["824", "855"]),
        (zipped(purchases(purchase("PO-1", "5 EA AB"))), toml('["855"]'), ["855"]),
        (
            messages(f"{PARTY} {LINE}", f"{PARTY} LIN+1++4006381333931:EN QTY+21:0:PCE"),
            partner_of("ORDERS", edi=ANSWERED, keys=f'{OPTIONAL}\nanswer = ["ORDRSP"]'), ["contrl", "contrl", "ordrsp"],
        ),
        (sample("edifact_orders_no_unz"), partner_of("ORDERS", edi=ANSWERED), ["contrl"]),
    ],
)  # fmt: skip
def test_it_tells_the_answers_of_the_import(
    warehouse: Warehouse, tmp_path: Path, content: bytes, of_partner: str, kinds: list[str]
) -> None:
    warehouse.partner(whole=of_partner)
    name = "orders.zip" if content.startswith(b"PK") else "orders.edi"
    (tmp_path / name).write_bytes(content)
    expected = foretold(warehouse, tmp_path / name)
    assert [each.split(".")[-2] for each, _ in expected] == kinds
    assert all("-0." in each for each, _ in expected)
    assert warehouse.jobs() == []
    warehouse.drop(name, content)
    warehouse.work()
    assert expected == issued(warehouse)


def test_a_number_that_came_before_is_told(warehouse: Warehouse, tmp_path: Path) -> None:
    warehouse.partner(whole=partner_of("940"))
    warehouse.drop("first.edi", interchange(order("SO-1", "5 EA AB"), number=7))
    warehouse.work()
    (tmp_path / "second.edi").write_bytes(interchange(order("SO-2", "5 EA AB"), number=7))
    ((name, text),) = foretold(warehouse, tmp_path / "second.edi")
    assert (name, "TA1*000000007*261125*0900*R*025~" in text) == ("US-THEM-0.ta1.edi", True)


@pytest.mark.both(slow=True)
def test_an_order_that_was_answered_before_is_answered_again(warehouse: Warehouse, tmp_path: Path) -> None:
    """BAK01 is 00 of an order that nobody has answered yet, 05 of one that was, as an import would have it."""
    warehouse.partner(whole=toml('["855"]'))
    warehouse.drop("first.edi", purchases(purchase("PO-1", "5 EA AB")))
    warehouse.work()
    path = tmp_path / "second.edi"
    path.write_bytes(purchases(purchase("PO-1", "6 EA AB"), purchase("PO-2", "5 EA AB"), number=2))
    ((name, text),) = foretold(warehouse, path)
    assert re.findall(r"(?m)^BAK\*(..)\*..\*(PO-\d)", text) == [("05", "PO-1"), ("00", "PO-2")]
    warehouse.drop("second.edi", path.read_bytes())
    warehouse.work()
    assert issued(warehouse)[-1] == (name, text)
