"""Files and streams that are handed in, and what is beside them: a job like any other, whoever asks."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from crossdock.errors import Misused
from crossdock.intake.search import waiting_files
from crossdock.jobs import leases
from crossdock.workers.by_path import check_file, import_file
from crossdock.workers.submit import submit
from crossdock.workers.work import nobody
from crossdock.workers.worker import Worker
from tests.warehouse import Warehouse, csv

GOOD = csv("SO-1,1,AB,5")
MANIFEST = 'manifest = "{name}.manifest"'


def left_in_work(warehouse: Warehouse) -> list[str]:
    work = warehouse.home / "work"
    return [str(path.relative_to(work)) for path in sorted(work.rglob("*"))] if work.exists() else []


# ---- handed in


@pytest.mark.both
@pytest.mark.parametrize("streamed", [False, True])
def test_what_is_handed_in_is_a_job_for_whoever_comes(warehouse: Warehouse, tmp_path: Path, streamed: bool) -> None:
    path = tmp_path / "upload"
    path.write_text(GOOD)
    source: Any = io.BytesIO(GOOD.encode()) if streamed else path
    job = submit(warehouse.site, source, "orders_1.csv", partner="acme", origin="https://example.com/upload")
    (row,) = warehouse.jobs()
    assert (row.job_id, row.partner, row.document, row.origin) == (
        job, "acme", "sales_order", "https://example.com/upload",
    )  # fmt: skip
    assert left_in_work(warehouse) == [job, f"{job}/acme", f"{job}/acme/orders_1.csv"]
    assert [(each.job, each.how) for each in warehouse.work()] == [(job, "done")]
    assert warehouse.order_numbers() == ["SO-1"]
    assert left_in_work(warehouse) == []
    assert path.exists()


def test_a_named_feed_reads_it_and_what_nobody_claims_is_answered(warehouse: Warehouse) -> None:
    submit(warehouse.site, io.BytesIO(GOOD.encode()), "whatever", feed="acme/sales_order")
    submit(warehouse.site, io.BytesIO(b"x"), "whatever")
    submit(warehouse.site, io.BytesIO(b""), "orders_empty.csv", partner="acme")
    assert sorted((each.refused or "").partition(":")[0] for each in warehouse.reports()) == [
        "", "no feed claims a file named whatever", "the file is empty",
    ]  # fmt: skip
    assert warehouse.order_numbers() == ["SO-1"]


@pytest.mark.parametrize("name", ["", ".", "..", "../orders.csv", "/etc/orders.csv", "a\x00"])
def test_a_name_that_leads_elsewhere_is_none(warehouse: Warehouse, name: str) -> None:
    with pytest.raises(Misused, match="is not the name of a file"):
        submit(warehouse.site, io.BytesIO(b"x"), name)
    with pytest.raises(Misused, match=r"there is no partner .* there are: acme"):
        submit(warehouse.site, io.BytesIO(b"x"), "orders.csv", partner="../acme")
    assert left_in_work(warehouse) == []


def test_a_stream_that_breaks_off_leaves_nothing(warehouse: Warehouse) -> None:
    class Broken(io.RawIOBase):
        def readable(self) -> bool:
            return True

        def read(self, _: int = -1) -> bytes:
            raise RuntimeError("the client is gone")

    with pytest.raises(RuntimeError):
        submit(warehouse.site, Broken(), "orders_1.csv")  # type: ignore[arg-type]  # as a framework's stream is
    assert (warehouse.jobs(), left_in_work(warehouse)) == ([], [])


@pytest.mark.both
@pytest.mark.parametrize("lost", [False, True])
def test_the_same_bytes_go_on_with_their_unfinished_job(warehouse: Warehouse, lost: bool) -> None:
    """If its file has been lost meanwhile, it has it again."""
    first = submit(warehouse.site, io.BytesIO(GOOD.encode()), "orders_1.csv")
    if lost:
        (warehouse.home / warehouse.jobs()[0].path).unlink()
    assert submit(warehouse.site, io.BytesIO(GOOD.encode()), "orders_again.csv") == first
    assert left_in_work(warehouse) == [first, f"{first}/acme", f"{first}/acme/orders_1.csv"]
    assert [each.job for each in warehouse.work()] == [first]
    assert submit(warehouse.site, io.BytesIO(GOOD.encode()), "orders_1.csv") != first, "it is done"


def test_what_was_set_aside_stays_so_until_a_person_resumes_it(warehouse: Warehouse) -> None:
    job = submit(warehouse.site, io.BytesIO(GOOD.encode()), "orders_1.csv")
    site = warehouse.site
    with Worker(warehouse.database, "test") as worker:
        taken = leases.take(warehouse.database, worker.id, site.limits)
        assert taken is not None
        leases.park(warehouse.database, taken.lease, "cancelled")
    assert submit(site, io.BytesIO(GOOD.encode()), "orders_1.csv") == job
    assert warehouse.work() == []
    assert leases.resume(warehouse.database, job)
    assert [each.job for each in warehouse.work()] == [job]


# ---- what is beside it


def promised(warehouse: Warehouse, folder: Path, size: int) -> Path:
    warehouse.partner("acme", keys=MANIFEST)
    path = folder / "orders_1.csv"
    path.write_text(GOOD)
    (folder / "orders_1.csv.manifest").write_text(f'{{"size": {size}}}')
    return path


def test_a_manifest_is_kept_by_hand_too_and_filed_beside_the_file(warehouse: Warehouse, tmp_path: Path) -> None:
    path = promised(warehouse, tmp_path, len(GOOD))
    assert import_file(warehouse.site, path, None, nobody).refused is None
    assert {each.name for each in warehouse.home.glob("archive/*/*/orders_1.csv*")} >= {
        path.name,
        f"{path.name}.manifest",
    }
    assert sorted(each.name for each in tmp_path.glob("orders_1*")) == [path.name, f"{path.name}.manifest"]
    assert left_in_work(warehouse) == []


def test_a_file_that_is_not_as_promised_is_refused_by_every_door_as_its_feeds(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    path = promised(warehouse, tmp_path, 7)
    sentence = f"the manifest promises 7 bytes, and the file has {len(GOOD)}: it is not whole"
    with check_file(warehouse.site.partners, None, path, None) as dry:
        (checked,) = dry.reports
    assert (checked.feed, checked.refused) == ("acme/sales_order", sentence)
    by_hand = import_file(warehouse.site, path, None, nobody)
    assert (by_hand.feed, by_hand.refused) == ("acme/sales_order", sentence)
    submit(warehouse.site, path, path.name)
    (handed_in,) = warehouse.reports()
    assert (handed_in.feed, handed_in.refused) == ("acme/sales_order", sentence)
    waiting = warehouse.drop("orders_1.csv", GOOD)
    warehouse.drop("orders_1.csv.manifest", b'{"size": 7}')
    assert list(waiting_files(warehouse.site.partners, warehouse.home, "SO-1")) == [(waiting, "acme/")], (
        "it will be no drop"
    )
    (picked_up,) = warehouse.reports()
    assert (picked_up.feed, picked_up.refused) == ("acme/sales_order", sentence)


def test_a_link_means_its_file_at_either_door(warehouse: Warehouse, tmp_path: Path) -> None:
    path = tmp_path / "orders_1.csv"
    path.write_text(GOOD)
    link = tmp_path / "latest.csv"
    link.symlink_to(path)
    with check_file(warehouse.site.partners, None, link, None) as dry:
        assert [(each.name, each.refused) for each in dry.reports] == [("orders_1.csv", None)]
    assert import_file(warehouse.site, link, None, nobody).name == "orders_1.csv"
    for none in (tmp_path, tmp_path / "none.csv"):
        with pytest.raises(FileNotFoundError):
            import_file(warehouse.site, none, None, nobody)
        with pytest.raises(FileNotFoundError), check_file(warehouse.site.partners, None, none, None):
            pass
