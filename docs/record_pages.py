"""The pictures of Prefect's pages: ``python -m docs.record_pages`` takes them again.

A home in a temporary folder gets samples of three partners; a real server, worker and watcher import them; the night is
made by hand. Chromium (``CHROMIUM``, else the one on the path) shows the pages.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Page, sync_playwright

from crossdock.flows.programs.server import ended, free_port

ROOT = Path(__file__).parents[1]
PICTURES = Path(__file__).parent / "pictures"
PATIENCE = 300
SAMPLES = {
    "house": ("data/samples/sales_orders_clean.csv", "data/samples/sales_orders_mistakes.csv"),
    "nordhandel": (
        "tests/feeds/nordhandel_sales_order/auftraege_gut.csv",
        "tests/feeds/nordhandel_sales_order/auftraege_schlecht.csv",
    ),
    "online_retail": ("tests/feeds/online_retail_sales_order/online_retail_2010-12-01_part.csv",),
}


def main() -> None:
    """Import the samples, make the night, take the pictures."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        environment = os.environ | {"CROSSDOCK_HOME": folder, "CROSSDOCK_SETTLE_SECONDS": "0", "NO_COLOR": "1"}
        command = [sys.executable, "-m", "crossdock", "prefect", "--port", str(port)]
        with ended(subprocess.Popen(command, env=environment, cwd=ROOT, start_new_session=True)):  # noqa: S603
            api = httpx.Client(base_url=f"http://127.0.0.1:{port}/api", timeout=30)
            _until(lambda: _deployment(api, "import-inbox/drop-folder"))
            for partner, files in SAMPLES.items():
                (Path(folder) / "inbox" / partner).mkdir(parents=True, exist_ok=True)
                for file in files:
                    shutil.copy(ROOT / file, Path(folder) / "inbox" / partner)
            run = _until(lambda: _run(api, "Partly failed"))
            night = _run_of(api, "nightly/nightly", {"schedule": "nightly"})
            artifact = api.post(
                "/artifacts/filter",
                json={"artifacts": {"key": {"any_": ["night"]}, "flow_run_id": {"any_": [night]}}},
            ).json()[0]["id"]
            by_hand = _deployment(api, "import-drop/by-hand")
            pages = {
                "prefect_runs": ("/runs", 1280, 1160),
                "prefect_run": (f"/runs/flow-run/{run}?tab=Task%20Runs", 1280, 900),
                "prefect_night": (f"/artifacts/artifact/{artifact}", 1560, 760),
                "prefect_form": (f"/deployments/deployment/{by_hand}/run", 1280, 900),
            }
            _take(f"http://127.0.0.1:{port}", pages)


def _take(url: str, pages: dict[str, tuple[str, int, int]]) -> None:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=os.environ.get("CHROMIUM") or shutil.which("chromium"), args=["--no-sandbox"]
        )
        for name, (path, width, height) in pages.items():
            page: Page = browser.new_page(viewport={"width": width, "height": height}, color_scheme="dark")
            page.goto(url + path)
            page.wait_for_load_state("networkidle")
            page.wait_for_timeout(3_000)  # it draws its charts
            page.screenshot(path=PICTURES / f"{name}.png")
        browser.close()


def _until(probe: Callable[[], Any]) -> Any:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            answer = probe()
        except httpx.HTTPError:
            answer = None
        if answer:
            return answer
        time.sleep(1)
    raise TimeoutError(str(probe))


def _deployment(api: httpx.Client, name: str) -> str | None:
    answer = api.get(f"/deployments/name/{name}")
    return str(answer.json()["id"]) if answer.status_code == httpx.codes.OK else None


def _run(api: httpx.Client, state: str) -> str | None:
    """The run of the drop folder that ended in a state and waits for nothing."""
    runs = api.post("/flow_runs/filter", json={"limit": 50}).json()
    return next((each["id"] for each in runs if each["state"]["name"] == state), None)


def _run_of(api: httpx.Client, name: str, parameters: dict[str, str]) -> str:
    """Run a deployment to its end."""
    body = {"parameters": parameters, "state": {"type": "SCHEDULED"}}
    run = api.post(f"/deployments/{_deployment(api, name)}/create_flow_run", json=body).json()["id"]
    _until(lambda: api.get(f"/flow_runs/{run}").json()["state"]["type"] in ("COMPLETED", "FAILED"))
    return str(run)


if __name__ == "__main__":
    main()
