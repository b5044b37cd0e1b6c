"""The page in a real browser that has no network: it opens, folds and zooms, complains of nothing, and can be read.

Wide and on a phone, light and dark, with one guest and with thirty. axe-core judges whether a screen reader, a keyboard
and weak eyes get by with it.
"""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from browser import HEIGHT, chromium, complaints, look, on_paper
from builders import bridge, facts, offer, port, probed, sent
from pxedoctor.model.observation import ProbeOutcome, SeenState
from pxedoctor.model.target import Facts
from pxedoctor.report.html.page import diagnosis_page, trace_page
from pxedoctor.verdict.report import Report, Verdict
from report_builders import (
    broken_report,
    checksum_risk,
    dying_road,
    guest,
    report,
    slow_bridge,
    slow_host,
    unknown_road,
)
from trace_values import TRACE

pytestmark = pytest.mark.lab

AXE = Path(__file__).parent / "axe" / "axe.min.js"
LOOKS = ((1100, "light"), (390, "dark"), (1100, "dark"), (390, "light"))
# A4 between Chromium's own margins, at 96 dots an inch.
PAPER = 718
COLOURS = ("background-color", "color")
# What is wider than the paper, or than the box that would scroll on a screen.
CUT = """
    const wide = [...document.querySelectorAll('svg, pre, table, .scroll')].filter(one => one.checkVisibility())
        .filter(one => one.getBoundingClientRect().right > document.documentElement.clientWidth + 1
            || (one.matches('.scroll, pre') && one.scrollWidth > one.clientWidth + 1));
    return wide.map(one => one.outerHTML.slice(0, 120));
"""
HOSTILE = "<script>console.error('run')</script><img src=x onerror=console.error('run')>\x1b[2J"


def thirty() -> tuple[Report, Facts]:
    """Thirty guests on one bridge, three of them broken; one was asked for with packets."""
    guests = [guest(f"node{at:02}", f"52:54:00:0d:0e:{at:02x}", tap=f"vnet{at}", running=True) for at in range(30)]
    ill = guests[11:14]
    slow = slow_host()
    told = report(
        *((one, Verdict.BROKEN if one in ill else Verdict.HEALTHY) for one in guests),
        findings=(slow_bridge(slow, *ill), checksum_risk("br0", guests[0])),
        roads=tuple(dying_road(one) for one in ill),
    )
    states = (SeenState(0.0, "listening"), SeenState(15.0, "learning"), SeenState(30.0, "forwarding"))
    asked = (*sent(3.0, 4.0, 6.0, 10.0, state="listening"), *sent(30.1))
    seen = probed(target=ill[0].id, outcome=ProbeOutcome.SILENT, states=states, sent=asked, offers=(offer(30.2),))
    host = facts(bridges=(bridge(ports=tuple(port(f"vnet{at}") for at in range(30))),))
    return msgspec.structs.replace(told, probes=(seen,)), host


def healthy() -> tuple[Report, Facts]:
    web = guest(tap="vnet3", running=True)
    return report((web, Verdict.HEALTHY), findings=(checksum_risk("br0", web),)), slow_host()


def doubtful() -> tuple[Report, Facts]:
    web = guest(HOSTILE, tap="vnet3", running=True)
    return report((web, Verdict.UNKNOWN), roads=(unknown_road(web),)), slow_host()


MADE = {"broken": (broken_report(), slow_host()), "thirty": thirty(), "healthy": healthy(), "doubtful": doubtful()}

NAMES = (*MADE, "trace")


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    for name, (told, known) in MADE.items():
        page = diagnosis_page(told, known, {"read /etc/hosts": "127.0.0.1 localhost\n", "run <b>": HOSTILE})
        (folder / f"{name}.html").write_text(page, encoding="utf-8")
    (folder / "trace.html").write_text(trace_page(TRACE), encoding="utf-8")
    return {name: folder / f"{name}.html" for name in NAMES}


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    with chromium(tmp_path_factory.mktemp("home")) as driver:
        driver.set_script_timeout(60)
        yield driver


@pytest.mark.parametrize("name", NAMES)
def test_it_fits_and_complains_of_nothing(browser: Chrome, pages: dict[str, Path], name: str) -> None:
    for width, scheme in LOOKS if name == "thirty" else LOOKS[:2]:
        look(browser, pages[name], width, scheme)
        assert complaints(browser) == []
        assert browser.execute_script("return document.documentElement.scrollWidth") <= width
        drawn = [one for one in browser.find_elements(By.CSS_SELECTOR, "svg") if one.is_displayed()]
        assert drawn, "one of the two drawings is shown"


@pytest.mark.parametrize("name", ["broken", "thirty"])
def test_the_break_is_seen_without_scrolling(browser: Chrome, pages: dict[str, Path], name: str) -> None:
    for width, scheme in LOOKS[:2]:
        look(browser, pages[name], width, scheme)
        place = browser.find_element(By.CSS_SELECTOR, ".stop.bad")
        assert "DIES HERE" in place.text.upper()
        assert place.rect["y"] + place.rect["height"] < HEIGHT


@pytest.mark.parametrize("name", ["broken", "thirty"])
def test_no_number_of_a_break_covers_a_word(browser: Chrome, pages: dict[str, Path], name: str) -> None:
    covered = """
        const drawing = [...document.querySelectorAll('.zoomable svg')].find(svg => svg.checkVisibility());
        const boxes = [...drawing.querySelectorAll('text')].map(text => [text, text.getBoundingClientRect()]);
        const numbers = boxes.filter(([text]) => text.classList.contains('number'));
        const over = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom - 3 && b.top < a.bottom - 3;
        return [numbers.length, numbers.flatMap(([number, box]) => boxes
            .filter(([text, other]) => text !== number && over(box, other))
            .map(([text]) => number.textContent + ' over ' + text.textContent))];
    """
    for width, scheme in LOOKS[:2]:
        look(browser, pages[name], width, scheme)
        numbers, over = browser.execute_script(covered)
        assert numbers > 0
        assert over == []


def test_dark_is_dark(browser: Chrome, pages: dict[str, Path]) -> None:
    grounds = []
    for scheme in ("light", "dark"):
        look(browser, pages["broken"], 1100, scheme)
        grounds.append(browser.find_element(By.TAG_NAME, "body").value_of_css_property("background-color"))
    assert grounds == ["rgba(255, 255, 255, 1)", "rgba(20, 23, 27, 1)"]


def test_it_folds(browser: Chrome, pages: dict[str, Path]) -> None:
    look(browser, pages["thirty"], 1100, "light")
    folded = browser.find_elements(By.TAG_NAME, "details")
    for button, wanted in (("unfold all", True), ("fold all", False)):
        browser.find_element(By.XPATH, f"//button[text()='{button}']").send_keys(Keys.ENTER)
        assert {bool(one.get_property("open")) for one in folded} == {wanted}
    folded[0].find_element(By.TAG_NAME, "summary").send_keys(Keys.ENTER)
    assert folded[0].get_property("open")
    assert complaints(browser) == []


def test_it_zooms_and_the_page_does_not_move(browser: Chrome, pages: dict[str, Path]) -> None:
    for width in (1100, 390):
        look(browser, pages["thirty"], width, "light")
        box = browser.find_element(By.CSS_SELECTOR, ".zoomable")
        drawing = next(one for one in box.find_elements(By.TAG_NAME, "svg") if one.is_displayed())
        before = drawing.rect["width"]
        larger = box.find_element(By.CSS_SELECTOR, "button[data-zoom='+']")
        for _ in range(3):
            larger.send_keys(Keys.ENTER)
        assert drawing.rect["width"] > before * 1.5
        assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    assert complaints(browser) == []


@pytest.mark.parametrize("name", ["thirty", "trace"])
def test_on_paper_nothing_is_cut_off_and_nothing_is_dark(browser: Chrome, pages: dict[str, Path], name: str) -> None:
    """As a reader left it: on a dark desktop, zoomed and unfolded."""
    look(browser, pages[name], 1100, "dark")
    browser.find_element(By.XPATH, "//button[text()='unfold all']").send_keys(Keys.ENTER)
    for larger in browser.find_elements(By.CSS_SELECTOR, "button[data-zoom='+']"):
        larger.send_keys(Keys.ENTER)
    with on_paper(browser, PAPER):
        cut = browser.execute_script(CUT)
        colours = [browser.find_element(By.TAG_NAME, "body").value_of_css_property(of) for of in COLOURS]
        buttons = [one.is_displayed() for one in browser.find_elements(By.TAG_NAME, "button")]
    assert cut == []
    assert colours == ["rgba(255, 255, 255, 1)", "rgba(0, 0, 0, 1)"]
    assert not any(buttons)
    printed = base64.b64decode(browser.execute_cdp_cmd("Page.printToPDF", {"printBackground": False})["data"])
    assert printed.startswith(b"%PDF")
    assert complaints(browser) == []


def test_without_its_script_it_says_the_same(browser: Chrome, pages: dict[str, Path]) -> None:
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        look(browser, pages["broken"], 1100, "light")
        assert not browser.find_element(By.CSS_SELECTOR, ".folds").is_displayed()
        assert "bridge-forward-delay" in browser.find_element(By.TAG_NAME, "body").text
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


@pytest.mark.parametrize("name", NAMES)
def test_a_screen_reader_and_weak_eyes_get_by(browser: Chrome, pages: dict[str, Path], name: str) -> None:
    for width, scheme in LOOKS[:2]:
        look(browser, pages[name], width, scheme)
        browser.execute_script("for (const one of document.querySelectorAll('details')) one.open = true")
        assert serious(browser) == []


def serious(browser: Chrome) -> list[Any]:
    """What axe-core finds serious or critical: the rule, and the element."""
    browser.execute_script(AXE.read_text(encoding="utf-8"))
    told = browser.execute_async_script("axe.run().then(arguments[arguments.length - 1])")
    assert told["passes"], "it judged something"
    return [
        (found["id"], node["html"][:120], node["failureSummary"][:200])
        for found in told["violations"]
        if found["impact"] in {"serious", "critical"}
        for node in found["nodes"][:3]
    ]
