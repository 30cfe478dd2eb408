"""What a job keeps as JSON: plans and feeds are read as they were written, those of other versions, too."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crossdock import bundled
from crossdock.model.job import PlanRecord
from crossdock.partners import registry
from crossdock.partners.feed import Feed
from crossdock.partners.feed_config import PICK_UP, FeedSnapshot
from crossdock.pipeline.staging.plan import make_plan
from tests.warehouse import csv, drop_of, feed

SHIPPED = {each.name: each for each in registry.load(bundled.folder("partners"), "UTC").feeds()}


@pytest.mark.parametrize("name", SHIPPED)
def test_a_feed_is_kept_whole_and_read_as_it_was_written(name: str) -> None:
    of = SHIPPED[name]
    snapshot = FeedSnapshot.model_validate_json(of.text)
    assert snapshot.text == of.text
    assert (snapshot.partner, snapshot.business_units) == (of.partner, of.business_units)
    assert (snapshot.answer, snapshot.hold) == (of.keys.answer, of.keys.hold)
    assert (snapshot.columns, snapshot.constants) == (of.keys.columns, of.keys.constants)


@pytest.mark.parametrize("name", SHIPPED)
def test_unfinished_jobs_of_the_last_version_go_on(name: str) -> None:
    """The text, and with it the digest, is the one that version 0004 wrote."""
    of = SHIPPED[name]
    assert of.text == written_by_0004(of)


def written_by_0004(of: Feed) -> str:
    keys = {
        "partner": of.partner,
        "zone": of.zone.key,
        "business_units": of.business_units,
        "shared": of.shared,
        "version": of.document.version,
        "feed": of.keys.model_dump(exclude=PICK_UP),
    }
    return json.dumps(keys, ensure_ascii=False, sort_keys=True)


def test_a_feed_of_another_version_is_read_as_far_as_it_is_known() -> None:
    old = {"partner": "acme", "colour": "red", "feed": {"hold": "batch", "pick_up": 3, "columns": {"No": "lineNumber"}}}
    snapshot = FeedSnapshot.model_validate_json(json.dumps(old))
    assert (snapshot.partner, snapshot.business_units, snapshot.version) == ("acme", (), 1)
    assert (snapshot.hold, snapshot.answer, snapshot.constants) == ("batch", ("file",), {})
    assert snapshot.columns == {"No": "lineNumber"}
    assert FeedSnapshot.model_validate_json("{}").hold == "document"


def test_what_was_changed_in_a_feed_changes_its_text(tmp_path: Path) -> None:
    texts = [feed(tmp_path, keys).text for keys in ("", 'hold = "line"', 'columns = { "No" = "customerLineNumber" }')]
    assert len(set(texts)) == 3
    assert feed(tmp_path, 'folder = "elsewhere"').text == texts[0], "where a file is says nothing of what it means"


def test_a_plan_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "ordérs.csv"
    path.write_text(csv("SO-1,1,AB,5,ü", header="Bestellung,customerLineNumber,skuId,quantity,Größe"))
    plan = make_plan(drop_of(path, feed(tmp_path, 'columns = { "Bestellung" = "customerOrderNumber" }')))
    record = plan.describe()
    plan.close()
    assert PlanRecord.model_validate_json(record.text) == record
    assert PlanRecord.model_validate_json(record.text).text == record.text
    assert "Größe" in record.text
    assert record.written == {"format": "delimited", "encoding": "utf-8", "delimiter": ","}
    assert record.columns["customerOrderNumber"] == "Bestellung"
    assert record.headers == ("Bestellung", "customerLineNumber", "skuId", "quantity", "Größe")
    assert (record.batches, record.blank, record.ignored, record.plain_numbers) == (1, 0, 0, False)


def test_the_text_of_a_plan_is_the_one_that_unfinished_jobs_of_the_last_version_have() -> None:
    record = PlanRecord(
        written={"format": "json", "prefix": ""}, columns={"a": "A"}, headers=("A",), batches=1, plain=True
    )
    assert record.text == (
        '{"written": {"format": "json", "prefix": ""}, "columns": {"a": "A"}, "headers": ["A"], "batches": 1, '
        '"blank": 0, "ignored": 0, "plain": true}'
    )


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("{}", False),
        ('{"written": {"format": "delimited"}, "headers": ["a"], "batches": 2}', False),
        ('{"written": {"format": "json", "prefix": ""}, "columns": {}}', True),
        ('{"written": {"format": "json", "prefix": ""}, "plain": false, "of a later version": [1]}', False),
    ],
    ids=["a job that has not begun", "before plans said how numbers are written", "JSON of that time", "a later one"],
)
def test_a_plan_of_another_version_is_read_as_far_as_it_is_known(text: str, *, plain: bool) -> None:
    assert PlanRecord.model_validate_json(text).plain_numbers is plain


def test_prefect_may_take_records_apart() -> None:
    """It looks into the arguments of tasks, and for that makes a dict of each model: none may have a member ``keys``."""
    assert dict(FeedSnapshot(partner="acme"))["partner"] == "acme"
    assert dict(PlanRecord(headers=("A",)))["headers"] == ("A",)
