"""The page: word for word against golden/page-*.txt, and safe whatever a host, a guest or a network calls itself."""

import base64
import hashlib
import re
from html.parser import HTMLParser

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import probed, silent
from golden import same_as_golden
from pxedoctor import __version__
from pxedoctor.findings.outcome import Broken, Evidence, Hop
from pxedoctor.model.libvirt import Definition
from pxedoctor.model.source import Source
from pxedoctor.plans.plan import NoPlan
from pxedoctor.report.html.page import diagnosis_page, probes_page, trace_page
from pxedoctor.verdict.probe import NotProbed, Probes
from pxedoctor.verdict.report import NotKnown, Report, Verdict
from report_builders import (
    BR001,
    LAB,
    broken_report,
    checksum_risk,
    guest,
    report,
    rules_missing,
    slow_host,
    unknown_road,
)
from trace_values import TRACE

HOSTILE = "evil\x1b[2J\x9b31m\u202e\"'><script>alert(1)</script><img src=x onerror=alert(1)>\x00{{7*7}}{%x%}\nweb"
TEXTS = {
    "read /sys/class/net/br0/bridge/stp_state": "1\n",
    "run nft -a list ruleset": "table ip <b> {\n\t# \x1b[2J\n}\n",
}


class Reader(HTMLParser):
    """The elements and attributes of a page, as a browser would find them."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    return reader


def body(page: str) -> str:
    """Without the style and the script, which are files of their own, and without this release's number."""
    page = re.sub(r"<style>.*?</style>", "<style/>", page, flags=re.DOTALL)
    page = re.sub(r"<script>.*?</script>", "<script/>", page, flags=re.DOTALL)
    page = page.replace(f"Made by pxedoctor {__version__}.", "Made by pxedoctor.")
    return re.sub(r"sha256-[\w+/=]*", "sha256-", page)


def hostile_report(name: str) -> Report:
    web = guest(name, tap=name, running=True, bridge=name, network=name)
    broken = Broken(headline=name, subject=name, hop=Hop.INPUT, evidence=(Evidence(name, name, name),))
    found = rules_missing(NoPlan(name, (name,)), web)
    found = msgspec.structs.replace(found, finding=msgspec.structs.replace(found.finding, broken=broken))
    unknown = NotKnown(meta=BR001, targets=(web.id,), on_road=True, missing=name, would_help=name)
    made = report((web, Verdict.BROKEN), findings=(found, checksum_risk(name, web)), unknown=(unknown,))
    return msgspec.structs.replace(made, hostname=name, sources=(Source(name=name, status="failed", why=name),))


def test_a_broken_guest() -> None:
    same_as_golden("page-broken", body(diagnosis_page(broken_report(), slow_host(), TEXTS)))


def test_a_probe_beside_a_diagnosis() -> None:
    web = guest(tap="vnet3", running=True)
    seen = (silent(target=web.id), probed(target=web.id, whole=False))
    told = msgspec.structs.replace(report((web, Verdict.UNKNOWN), roads=(unknown_road(web),)), probes=seen)
    same_as_golden("page-probe", body(diagnosis_page(told, slow_host(), {})))


def test_probes_without_a_diagnosis() -> None:
    refused = NotProbed(target="bridge/br9", bridge="br9", message="needs root", would_help="sudo", forbidden=True)
    page = probes_page(Probes(seen=(probed(),), not_probed=(refused,)))
    assert "Not probed: bridge/br9" in page
    assert "OFFERED: by 192.168.122.1" in page
    assert "Could not tell" in page


def test_probes_with_a_diagnosis_have_all_of_it() -> None:
    told = broken_report()
    page = probes_page(Probes(seen=(silent(),), not_probed=(), facts=slow_host(), report=told, texts=TEXTS))
    assert "NO ANSWER" in page
    assert "Evidence: bridge-forward-delay" in page
    assert "run nft -a list ruleset" in page


def test_the_verdict_and_the_break_come_before_everything_else() -> None:
    page = diagnosis_page(broken_report(), slow_host(), TEXTS)
    main = page.index("<h1>")
    assert main < page.index("keeps a new port silent") < page.index("dies here") < page.index("<svg")


def test_a_healthy_host_is_calm() -> None:
    web = guest(tap="vnet3", running=True)
    page = diagnosis_page(report((web, Verdict.HEALTHY), findings=(checksum_risk("br0", web),)), slow_host(), {})
    assert "Nothing stands in the way of a boot" in page
    assert "1 thing may go wrong" in page
    assert "dies here" not in body(page)


def test_a_host_without_guests() -> None:
    page = diagnosis_page(report(), slow_host(), {})
    assert "<svg" not in page


@pytest.mark.parametrize("name", [HOSTILE, "</style><script>", "]]>", "&lt;", "\ud800"])
def test_a_hostile_name_ends_as_text(name: str) -> None:
    told = hostile_report(name)
    seen = (silent(target=told.targets[0].target.id, why=name, bridge=name, profile=name),)
    page = diagnosis_page(msgspec.structs.replace(told, probes=seen), slow_host(), {name: name})
    reader = read(page)
    assert reader.tags.count("script") == 1
    assert "img" not in reader.tags
    assert not [key for key, _ in reader.attributes if key.startswith("on") or key == "style"]
    page.encode()


def test_what_a_repair_makes_of_a_definition_is_shown_whatever_stands_in_it() -> None:
    """Line by line; a person may write anything into a <description>, and no XML rule stops `</code>` in a comment."""
    hostile = LAB.text.replace("<forward", "<!-- </code></pre><script>alert(1)</script>\u202e\u2028+ --><forward")
    where = slow_host(definition=Definition(LAB.path, hostile))
    page = diagnosis_page(broken_report(), where, {})
    assert "\n-  &lt;bridge name=&#39;br0&#39; stp=&#39;on&#39; delay=&#39;15&#39;/&gt;\n+  &lt;bridge" in page
    assert "&lt;/code&gt;&lt;/pre&gt;&lt;script&gt;alert(1)&lt;/script&gt;\\u202e\\u2028+ --&gt;" in page
    assert read(page).tags.count("script") == 1


@given(st.text(min_size=1, max_size=30))
@settings(deadline=None, max_examples=25)
def test_any_name_adds_no_element_and_no_control_byte(name: str) -> None:
    quiet = read(diagnosis_page(hostile_report("web"), slow_host(), {"web": "web"}))
    page = diagnosis_page(hostile_report(name), slow_host(), {name: name})
    reader = read(page)
    assert set(reader.tags) <= set(quiet.tags)
    assert {key for key, _ in reader.attributes} <= {key for key, _ in quiet.attributes}
    assert not [char for char in page if not char.isprintable() and char != "\n"]


def test_it_asks_no_network_for_anything_and_runs_nothing_but_its_own_script() -> None:
    page = diagnosis_page(broken_report(), slow_host(), TEXTS)
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy is not None
    told = policy.group(1).replace("&#39;", "'")
    for tag in ("style", "script"):
        text = re.search(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        assert text is not None
        digest = base64.b64encode(hashlib.sha256(text.group(1).encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in told
    assert told.startswith("default-src 'none'; ")
    assert not [value for key, value in read(page).attributes if key in {"src", "href", "action", "xlink:href"}]


def test_a_trace_alone_and_beside_a_diagnosis() -> None:
    same_as_golden("page-trace", body(trace_page(TRACE)))
    page = trace_page(msgspec.structs.replace(TRACE, facts=slow_host(), report=broken_report(), texts=TEXTS))
    assert "Seen: the DISCOVER, at br0, INPUT: a rule drops it" in page
    assert "Evidence: bridge-forward-delay" in page
    assert "run nft -a list ruleset" in page


def test_ids_are_told_once() -> None:
    seen = (silent(), probed())
    told = msgspec.structs.replace(broken_report(), probes=seen)
    page = diagnosis_page(told, slow_host(), TEXTS)
    ids = [value for key, value in read(page).attributes if key == "id"]
    assert len(ids) == len(set(ids))
