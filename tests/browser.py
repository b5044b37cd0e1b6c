"""A real Chromium without any network: in a network namespace and a home of its own, driven over a pipe."""

import base64
import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

# Root has no sandbox of Chromium's own (it needs a user namespace of another user); the namespace holds it.
_WORDS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
)
HEIGHT = 900


@contextlib.contextmanager
def chromium(home: Path) -> Iterator[webdriver.Chrome]:
    """One browser for many pages: starting it is most of what a test costs."""
    program = home / "chromium"
    program.write_text('#!/bin/sh\nexec unshare --net /usr/bin/chromium "$@"\n')
    program.chmod(0o755)
    options = webdriver.ChromeOptions()
    options.binary_location = str(program)
    for word in (*_WORDS, f"--user-data-dir={home / 'profile'}"):
        options.add_argument(word)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    service = Service("/usr/bin/chromedriver", env=os.environ | {"HOME": str(home)})
    driver = webdriver.Chrome(options=options, service=service)
    try:
        # The first tab's own page complains of the network that is not there.
        driver.get("about:blank")
        driver.get_log("browser")
        yield driver
    finally:
        driver.quit()


def look(driver: webdriver.Chrome, page: Path, width: int, scheme: str) -> None:
    """Opens the file as a person would, on a screen of this width, in a light or a dark desktop."""
    feature = {"name": "prefers-color-scheme", "value": scheme}
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
    size = {"width": width, "height": HEIGHT, "deviceScaleFactor": 1, "mobile": width < 640}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    driver.get(page.as_uri())


@contextlib.contextmanager
def on_paper(driver: webdriver.Chrome, width: int) -> Iterator[None]:
    """The page that is open, as it would be printed on paper of this width."""
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    size = {"width": width, "height": HEIGHT, "deviceScaleFactor": 1, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        yield
    finally:
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def complaints(driver: webdriver.Chrome) -> list[str]:
    """What the browser's console says since it was asked last."""
    return [str(entry["message"]) for entry in driver.get_log("browser")]


def screenshot(driver: webdriver.Chrome, path: Path, width: int, height: int) -> None:
    clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
    shot = driver.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True, "clip": clip})
    path.write_bytes(base64.b64decode(shot["data"]))
