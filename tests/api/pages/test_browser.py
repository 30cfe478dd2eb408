"""In a real browser: a file is dropped, its progress is seen, what is wrong is read, corrected and closed; and what axe says.

Debian's Chromium is driven by Playwright. A machine that has none skips these, and only these.
"""

from __future__ import annotations

import base64
import io
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest

from tests.api.pages.conftest import Site
from tests.patience import PATIENCE
from tests.warehouse import HEADER, csv

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
if CHROMIUM is None:
    pytest.skip("no Chromium is installed here: apt-get install chromium, or set CHROMIUM", allow_module_level=True)
playwright = pytest.importorskip("playwright.sync_api", reason="pip install playwright")

ORDERS = csv("SO-1,1,AB,5", "SO-2,1,AB,5x", "SO-3,1,<script>document.x=1</script>,0")
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
BETWEEN = {"width": 853, "height": 600}
"""A laptop's screen at 150 %."""
GRAVE = ("serious", "critical")
"""What axe finds that is not let pass."""


@pytest.fixture
def page(site: Site) -> Iterator[playwright.Page]:
    """A page of a browser; an error of a script, or something that the policy kept out, fails the test."""
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport=WIDE, base_url=site.url)
        page.set_default_timeout(PATIENCE * 1000)
        playwright.expect.set_options(timeout=PATIENCE * 1000)
        wrong: list[str] = []
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda message: wrong.append(message.text) if "Content Security" in message.text else None)
        yield page
        browser.close()
        assert not wrong


def _sign_in(page: playwright.Page, secret: str) -> None:
    page.goto("/ui")
    page.get_by_label("Key").fill(secret)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/ui/upload")


def _drop(page: playwright.Page, name: str, content: bytes) -> None:
    """Drop a file as a person does: the browser gets the same events."""
    carried = page.evaluate_handle(
        """([name, content]) => {
            const carried = new DataTransfer();
            carried.items.add(new File([Uint8Array.from(atob(content), (each) => each.charCodeAt(0))], name));
            return carried;
        }""",
        [name, base64.b64encode(content).decode()],
    )
    for event in ("dragenter", "dragover", "drop"):
        page.dispatch_event("[data-zone]", event, {"dataTransfer": carried})


def test_drop_a_file_read_what_is_wrong_fix_it_see_it_closed(site: Site, page: playwright.Page) -> None:
    _sign_in(page, site.key())
    _drop(page, "orders_7.csv", ORDERS.encode())
    playwright.expect(page.get_by_text("Recognised by its name")).to_be_visible()
    assert page.get_by_label("Feed").input_value() == "acme/sales_order"
    page.get_by_role("button", name="Import").click()
    playwright.expect(page.get_by_text("Partly failed")).to_be_visible()
    job = page.url
    page.get_by_label("Number or value").fill("SO-2")
    page.get_by_role("button", name="Filter").click()
    playwright.expect(page.get_by_role("table").get_by_role("row")).to_have_count(2)
    page.get_by_role("link", name="Show all").click()
    assert page.evaluate("document.x") is None

    with page.expect_download() as saving:
        page.get_by_role("link", name="Fix-workbook").click()
    content = Path(saving.value.path()).read_bytes()
    book = openpyxl.load_workbook(io.BytesIO(content))
    for sheet in book:
        for cell in (each for row in sheet.iter_rows() for each in row if each.value in ("5x", "0")):
            cell.value = "5"
    corrected = io.BytesIO()
    book.save(corrected)
    page.get_by_role("link", name="Upload").click()
    _drop(page, saving.value.suggested_filename, corrected.getvalue())
    page.get_by_role("button", name="Check").click()
    playwright.expect(page.get_by_text("All of it would go in")).to_be_visible()
    page.get_by_role("button", name="Import it").click()
    playwright.expect(page.get_by_text("Accepted")).to_be_visible()
    page.goto(job)
    playwright.expect(page.get_by_text("Closed: 2 of 2 documents are in since")).to_be_visible()
    assert site.warehouse.order_numbers() == ["SO-1", "SO-2", "SO-3"]


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_a_long_name_of_a_column_is_broken_between_its_words(
    site: Site, page: playwright.Page, viewport: dict[str, int]
) -> None:
    header = f"{HEADER},salesChannelOrderInfo.earliestDeliveryDate,customerDates.cancelIfNotDeliveredBy"
    job, _ = site.person().imported("orders_7.csv", csv("SO-1,1,AB,5,x,y", header=header))
    _sign_in(page, site.key())
    page.set_viewport_size(viewport)
    page.goto(job)
    lines = page.evaluate(
        """() => [...document.querySelectorAll("td.name")].map((cell) => {
            const [range, shown] = [document.createRange(), {}];
            for (const node of cell.childNodes) {
                for (let at = 0; node.data && at < node.data.length; at += 1) {
                    range.setStart(node, at);
                    range.setEnd(node, at + 1);
                    const top = Math.round(range.getBoundingClientRect().top);
                    shown[top] = (shown[top] || "") + node.data[at];
                }
            }
            return Object.values(shown);
        })"""
    )
    assert sorted("".join(each) for each in lines) == sorted(header.split(",")[4:])
    assert any(len(each) > 1 for each in lines)
    assert all(each[at + 1][0].isupper() or each[at][-1] == "." for each in lines for at in range(len(each) - 1))


def test_by_the_keyboard_and_without_scripts(site: Site, page: playwright.Page) -> None:
    plain = page.context.browser.new_context(java_script_enabled=False, viewport=NARROW, base_url=site.url)
    ann = plain.new_page()
    ann.goto("/ui")
    playwright.expect(ann.locator("#key")).to_be_focused()
    ann.keyboard.type(site.key())
    ann.keyboard.press("Enter")
    ann.wait_for_url(f"{site.url}/ui/upload")  # the address of the sign-in page ends in this one's path
    file = {"name": "orders_7.csv", "mimeType": "text/csv", "buffer": ORDERS.encode()}
    ann.get_by_label("Choose a file").set_input_files([file])
    ann.get_by_role("button", name="Import").press("Enter")
    playwright.expect(ann.get_by_text("Partly failed")).to_be_visible(
        timeout=PATIENCE * 1000
    )  # the page loads itself anew


def test_who_has_signed_out_elsewhere_is_told_when_a_file_is_chosen(site: Site, page: playwright.Page) -> None:
    """And not behind the last byte of it."""
    _sign_in(page, site.key())
    page.context.clear_cookies()
    _drop(page, "orders_7.csv", ORDERS.encode())
    page.wait_for_url("**/ui/sign-in?back=/ui/upload")


def test_of_several_files_that_are_dropped_none_is_taken_for_all(site: Site, page: playwright.Page) -> None:
    """The first was sent, and nobody said that the others were not."""
    _sign_in(page, site.key())
    carried = page.evaluate_handle(
        """() => {
            const carried = new DataTransfer();
            for (const name of ["orders_1.csv", "orders_2.csv"]) carried.items.add(new File(["x"], name));
            return carried;
        }"""
    )
    page.dispatch_event("[data-zone]", "drop", {"dataTransfer": carried})
    playwright.expect(page.get_by_text("2 files were dropped, and none is chosen")).to_be_visible()
    page.get_by_role("button", name="Import").click()
    assert page.get_by_label("Choose a file").input_value() == ""
    _drop(page, "orders_7.csv", ORDERS.encode())
    playwright.expect(page.get_by_text("2 files were dropped")).to_be_hidden()
    page.get_by_role("button", name="Import").click()
    playwright.expect(page.get_by_text("Partly failed")).to_be_visible()
    assert len(site.warehouse.jobs()) == 1


def test_a_file_that_has_changed_or_is_too_large_is_chosen_again(
    site: Site, page: playwright.Page, tmp_path: Path
) -> None:
    """The page said that the connection broke and to send it again, which never helped: the browser refuses to."""
    _sign_in(page, site.key())
    file, choose = tmp_path / "orders_7.csv", page.get_by_label("Choose a file")
    with file.open("wb") as large:
        large.truncate((1 << 30) + 1)
    choose.set_input_files(file)
    playwright.expect(page.get_by_text("orders_7.csv is too large: a file may have at most 1 GiB.")).to_be_visible()
    file.write_text(csv("SO-1,1,AB,5"))
    choose.set_input_files(file)
    file.write_text(ORDERS)
    os.utime(file, (1, 1))
    page.get_by_role("button", name="Import").click()
    playwright.expect(page.get_by_text("The file has changed since it was chosen")).to_be_visible()
    assert (choose.input_value(), site.warehouse.jobs()) == ("", [])
    choose.set_input_files(file)
    page.get_by_role("button", name="Import").click()
    playwright.expect(page.get_by_text("Partly failed")).to_be_visible()
    page.go_back()
    choose.set_input_files(file)
    page.get_by_role("button", name="Import").click()
    page.wait_for_url("**/ui/jobs/*")
    assert len(site.warehouse.jobs()) == 2


@pytest.mark.slow
def test_axe_finds_nothing_grave_and_nothing_is_wider_than_the_screen(site: Site, page: playwright.Page) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    ann, olga = site.person(), site.operator(name="Olga")
    job, _ = ann.imported("orders_7.csv", ORDERS)
    check = ann.send("orders_8.csv", ORDERS, "check")
    ann.ended(check)
    number = job.rpartition("/")[2]
    page.goto("/ui/sign-in")
    findings = _grave(axe, page)
    page.context.add_cookies([{**_cookie(olga.client.cookies["crossdock_session"]), "url": f"{site.url}/ui"}])
    for path in (
        *(
            "/ui/upload",
            "/ui/jobs",
            "/ui/jobs?words=nothing",
            job,
            check.url.path,
            "/ui/status",
            "/ui/open",
            "/ui/partners",
        ),
        *(f"/ui/open/dismiss?job={number}&number=SO-2", "/ui/documents/sales_order", "/ui/jobs/none"),
    ):
        page.goto(path)
        findings += _grave(axe, page)
        for size in (NARROW, BETWEEN, WIDE):
            page.set_viewport_size(size)
            assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], (path, size)
    assert not findings


def _cookie(value: str) -> dict[str, str]:
    return {"name": "crossdock_session", "value": value}


def _grave(axe: object, page: playwright.Page) -> list[str]:
    violations = axe.run(page).response["violations"]  # type: ignore[attr-defined]
    return [f"{page.url}: {each['id']}: {each['nodes'][0]['html']}" for each in violations if each["impact"] in GRAVE]
