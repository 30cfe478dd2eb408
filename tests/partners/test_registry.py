"""A mistake in a TOML is named with its file, its line and the nearest valid key."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from crossdock import bundled
from crossdock.errors import Misused
from crossdock.failures.refusals import Refused
from crossdock.partners import registry
from crossdock.partners.asked import Asked
from crossdock.partners.feed import Feed
from crossdock.partners.registry import Misconfigured
from crossdock.settings import Settings
from tests.rights import rights_bite
from tests.warehouse import PARTNER

FEED = '[[feed]]\ndocument = "sales_order"\nfiles = "*.csv"\n'
TOP = 'id = "acme"\nzone = "UTC"\nbusiness_units = ["BU1"]\n'


def load(tmp_path: Path, text: str) -> registry.Partners:
    (tmp_path / "acme.toml").write_text(text, encoding="utf-8")
    return registry.load(tmp_path, "UTC")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (TOP + 'zome = "UTC"\n', "acme.toml:4: there is no key 'zome', did you mean 'zone'?"),
        (TOP + FEED + 'holt = "line"\n', "acme.toml:7: there is no key 'holt', did you mean 'hold'?"),
        (TOP + FEED + "options = { delimeter = ';' }\n", "acme.toml:7: there is no key 'delimeter', did you mean 'delimiter'?"),
        (TOP + FEED + 'hold = "lines"\n', "acme.toml:7: hold: input should be 'document', 'line' or 'file'"),
        (TOP + FEED + '[feed.columns]\n"Nr" = "customerOrderNo"\n', "acme.toml:8: sales_order has no field 'customerOrderNo', did you mean 'customerOrderNumber'?"),
        (TOP + FEED + 'pad = { customerNumbr = 10 }\n', "acme.toml:7: sales_order has no field 'customerNumbr', did you mean 'customerNumber'?"),
        (TOP + FEED.replace("sales_order", "sales_orders"), "acme.toml:5: there is no document 'sales_orders', did you mean 'sales_order'?"),
        (TOP + FEED + 'version = ["dropp"]\n', "acme.toml:7: sales_order has no field 'dropp', did you mean 'orderDropDate'?"),
        (TOP + FEED + 'api = true\nversion = ["drop"]\n', "acme.toml:8: version = \"drop\" needs names, and the bodies of requests (api = true) have none"),
        (TOP + FEED.replace("sales_order", "building"), "acme.toml:5: building is everybody's: only a partner with master = true may write it"),
        (TOP + FEED + 'answer = ["envelope"]\n', "acme.toml:7: answer 'envelope' is not possible; here are: file, post"),
        (TOP + FEED + 'answer = ["post"]\n', "acme.toml:7: answer 'post' needs a [post] with the partner's url"),
        (TOP + FEED + 'answer = ["mail"]\n', "acme.toml:7: answer 'mail' is not possible; here are: file, post"),
        (TOP + FEED + 'sets = ["940"]\nanswer = ["997"]\n', "acme.toml:8: answer '997' is not possible; here are: 824, 824:all, file, post; acknowledgements of whole interchanges are asked for under [edi] (docs/edi_answers.md)"),
        (TOP + FEED + 'done_file = "x/{name}"\n', "acme.toml:7: done_file: this is not how it is written; docs/feeds.md says how"),
        (TOP + 'pick_up = "daily"\n', "acme.toml:4: pick_up = 'daily': write \"at once\", \"nightly\" or a time as cron, \"30 2 * * *\""),
        (TOP + 'pick_up = "30 25 * * *"\n', "acme.toml:4: pick_up = '30 25 * * *': write \"at once\", \"nightly\" or a time as cron, \"30 2 * * *\""),
        (TOP + FEED + '[post]\nurl = "https://me:pw@x/y"\n', "acme.toml:8: url: this is not how it is written; docs/feeds.md says how"),
        (TOP + FEED + '[post]\nurl = "https://x/y"\nsecret = "hunter2"\n', "acme.toml:9: secret: this is not how it is written; docs/feeds.md says how"),
        (TOP + FEED + '[post]\nurl = "https://x/y"\nauth = "bearer"\n', "acme.toml:9: auth = 'bearer' needs a secret, such as secret = \"env:ACME_TOKEN\""),
        (TOP + FEED + '[post]\nurl = "https://x/y"\ntoken = "x"\n', "acme.toml:9: there is no key 'token', there are: auth, progress, secret, url, user"),
        (TOP + FEED + 'parenthesis = true\n', "acme.toml:7: there is no key 'parenthesis', did you mean 'parentheses'?"),
        (TOP + FEED + 'percent = "share"\n', "acme.toml:7: percent: input should be 'fail', 'hundredths' or 'number'"),
        (TOP + FEED + 'grouping = "indian"\n', "acme.toml:7: grouping = 'indian' needs the mark that groups, such as thousands = \",\""),
        (TOP + FEED + 'dates = ["%m/%d/%Y", "%d/%m/%Y"]\n', "acme.toml:7: '%m/%d/%Y' and '%d/%m/%Y' read 03/02/2011 as two days: keep the one that this feed means, or write a feed for each"),
        (TOP + FEED + 'dates = ["%Y-%d-%m"]\n', "acme.toml:7: ISO, which is always taken, and '%Y-%d-%m' read 2011-03-02 as two days: keep the one that this feed means, or write a feed for each"),
        (TOP + FEED + 'dates = ["epochms"]\n', "acme.toml:7: 'epochms' needs a day, a month and a year, such as %d.%m.%Y; or a name, did you mean 'epoch_ms'?"),
        (TOP + FEED + 'dates = ["%d.%m.%Y %Q"]\n', "acme.toml:7: '%d.%m.%Y %Q': %Q is not possible; use %d %m %Y %y %H %I %M %S %p %f %b %B %a %A %z"),
        (TOP + 'mode = "test"\n', "acme.toml:4: mode = 'test' is not possible yet"),
        (TOP + FEED + 'severity = { torn_row = "warning" }\n', "acme.toml:7: torn_row can't be lowered: a wrong value could be stored"),
        (TOP + FEED + 'severity = { torn = "error" }\n', "acme.toml:7: there is no code 'torn', did you mean 'torn_row'?"),
        (TOP + FEED + 'references = { skus = "off" }\n', "acme.toml:7: sales_order refers to no list 'skus', did you mean 'sku'?"),
        (TOP.replace("UTC", "Europe/Berlim"), "acme.toml:2: 'Europe/Berlim' is not a time zone"),
        (TOP.replace('zone = "UTC"\n', ""), 'acme.toml: zone is missing: timestamps without an offset need one, such as "Europe/Berlin"'),
        (TOP + FEED.replace("sales_order", "inventory") + 'cancel = { State = "void" }\n', "acme.toml:7: inventory has no action cancel"),
        (TOP + FEED + 'implied_decimals = { skuId = 2 }\n', "acme.toml:7: skuId is no number"),
        (TOP + FEED + 'implied_decimals = { unitPrize = 2 }\n', "acme.toml:7: sales_order has no field 'unitPrize', did you mean 'unitPrice'?"),
        (TOP + FEED + 'overpunch = ["quantity"]\n[feed.multiply]\nquantity = ["A", "B"]\n', "acme.toml:7: quantity is a product, whose factors are written with a decimal mark"),
        (TOP + FEED + '[feed.factors.Sign]\n"-" = "-1"\n', "acme.toml:7: no entry of multiply has the column 'Sign'"),
        (TOP + FEED + 'multiply = { quantity = ["A", "B"] }\n[feed.factors.B]\n"-" = "minus"\n', "acme.toml:8: 'minus' is not a number; write it like -1"),
        ("id = \n", "acme.toml: Invalid value (at line 1, column 6)"),
        (TOP + FEED + 'constants = { businessUnitId = "BU7" }\n', "acme.toml:7: 'BU7' is not among business_units"),
    ],
)  # fmt: skip
def test_mistakes_are_named(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(Misconfigured) as error:
        load(tmp_path, text)
    assert str(error.value) == f"{tmp_path}/{sentence}"


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured) as error:
        load(tmp_path, TOP + FEED + 'holt = "line"\n' + FEED + 'sent = "whole"\n')
    assert [line.split(": ")[0].rsplit(":", 1)[1] for line in str(error.value).splitlines()] == ["7", "11"]


def test_exactly_one_feed_claims_a_file(tmp_path: Path) -> None:
    known = load(tmp_path, TOP + FEED)
    assert known.claim("Orders.CSV").name == "acme/sales_order"
    with pytest.raises(Refused, match=r"no feed claims a file named orders\.txt: acme/sales_order claims"):
        known.claim("orders.txt")
    (tmp_path / "beta.toml").write_text(TOP.replace("acme", "beta") + FEED)
    both = registry.load(tmp_path, "UTC")
    with pytest.raises(Refused, match=r"acme/sales_order claims \*\.csv; beta/sales_order claims \*\.csv"):
        both.claim("orders.csv")
    assert both.claim("orders.csv", "beta").partner == "beta"


def test_what_no_feed_claims_is_answered_with_what_to_do(tmp_path: Path) -> None:
    known = load(tmp_path, TOP + FEED)
    with pytest.raises(Refused, match="send it under such a name, or add its name to the `files` of its feed"):
        known.claim("orders.txt")


def test_of_many_feeds_those_are_named_whose_names_are_like_the_files(tmp_path: Path) -> None:
    for number in range(40):
        feed = FEED.replace("*.csv", f"site{number}_*.csv")
        (tmp_path / f"p{number}.toml").write_text(TOP.replace("acme", f"p{number}") + feed)
    with pytest.raises(Refused) as refused:
        registry.load(tmp_path, "UTC").claim("site37-orders.csv")
    assert "named site37-orders.csv: p37/sales_order claims site37_*.csv; " in refused.value.sentence
    assert "; and 28 more feeds ('crossdock feeds' lists all); send it" in refused.value.sentence


def test_a_partner_whose_feed_is_gone_is_not_shown_the_feeds_of_others(tmp_path: Path) -> None:
    """A fix-workbook of a feed that was removed was answered with the names of everybody's files."""
    (tmp_path / "beta.toml").write_text(TOP.replace("acme", "beta") + FEED)
    with pytest.raises(Refused) as refused:
        load(tmp_path, TOP + FEED).named("acme/asn")
    assert refused.value.sentence == "there is no feed acme/asn: acme/sales_order claims *.csv"


def test_the_digest_changes_with_whatever_decides_what_a_file_means(tmp_path: Path) -> None:
    def digest(keys: str = "", top: str = "") -> str:
        return next(load(tmp_path, PARTNER.format(name="acme", top=top, keys=keys)).feeds()).digest

    assert digest() == digest()
    assert (
        len({digest(), digest('hold = "line"'), digest("pad = { customerNumber = 9 }"), digest(top="shared = true")})
        == 4
    )


def test_the_example_of_the_contract_is_understood(tmp_path: Path) -> None:
    """feed_example.toml pins every key (copied from the contract; tests don't reach outside the repository)."""
    text = (Path(__file__).parents[1] / "feed_example.toml").read_text(encoding="utf-8")
    known = load(tmp_path, text)
    assert known.claim("auftraege_1.csv").keys.version == ("salesChannelOrderInfo.lastUpdateDate", "drop")
    assert known.claim("auftraege_1.csv").keys.pad == {"customerNumber": 10}


def test_the_demonstration_partners_are_there() -> None:
    known = registry.load(bundled.folder("partners"), "UTC")
    assert sorted(known.by_id) == ["house", "nordhandel", "online_retail"]


def test_a_folder_that_can_not_be_read_is_named_and_not_taken_for_an_empty_one(tmp_path: Path) -> None:
    """The demonstration's partners stood in for those in it."""
    folder = tmp_path / "partners"
    folder.mkdir(0o000)
    with rights_bite():
        assert Settings(home=tmp_path).partners_folder == folder
        with pytest.raises(Misconfigured, match="the folder of partners can't be read: Permission denied"):
            registry.load_each(folder, "UTC")


@pytest.mark.parametrize("content", [b'zone = "UTC', b"\xff\xfe", b"zone = 1 2"])
def test_settings_that_are_no_toml_are_named_with_their_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    path = tmp_path / "crossdock.toml"
    path.write_bytes(content)
    monkeypatch.setenv("CROSSDOCK_CONFIG", str(path))
    with pytest.raises(Misused, match=re.escape(f"{path}: ")):
        Settings()


def test_the_feed_of_a_request_is_there_when_another_thread_forgets_them(monkeypatch: pytest.MonkeyPatch) -> None:
    partners = registry.load(bundled.folder("partners"), "UTC")
    request = Asked("house/sales_order", {"businessUnitId": "BU1"})

    class Forgetful(dict[str, Feed]):
        """As if another thread had forgotten them behind this one's question."""

        def __contains__(self, text: object) -> bool:
            there = super().__contains__(text)
            self.clear()
            return there

    partners.of_request(request)
    monkeypatch.setitem(vars(partners), "_of_requests", Forgetful(partners._of_requests))
    assert partners.of_request(request).document.name == "sales_order"
