"""A fault is put in, the guest asks while `pxedoctor trace` watches, and the cause is proven by the packet's own end.

Each row is one of docs/trace.md's: what `diagnose` alone says of the same host, and where the packet was seen to end.
Where the facts alone prove a cause, the trace adds its witness; where they say less, it is the trace that proves it.
"""

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from one_tracefs import shared_tracefs
from pxedoctor.lab.case import Case
from pxedoctor.lab.catalogue import faults
from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.parts import GUEST, NETWORK, cold_start, libvirt_site, virsh
from pxedoctor.lab.parts_switch import speak_stp
from pxedoctor.lab.qemu_guest import listen, spoken
from pxedoctor.lab.running_guest import speak_through, start_mute, tap
from pxedoctor.lab.site import Site
from pxedoctor.lab.tracing import mount_tracefs, watching

pytestmark = pytest.mark.lab

PAGE = Path(__file__).parents[2] / "docs" / "trace.md"
CASES: dict[str, Case] = {case.name: case for case in faults()}
NOTHING = "nothing"
BRIEF = "udhcpc-brief"


class Story(NamedTuple):
    """`alone`: how sure `diagnose` is without a trace. `died`: which packet was seen to end, and where.

    `words`: to both verbs, behind the guest's name.
    """

    cause: str
    alone: str
    died: tuple[str, str]
    build: Callable[[Site], object]
    break_: Callable[[Site], object]
    ask: Callable[[Site], object] = lambda site: cold_start(site, client=BRIEF)
    words: tuple[str, ...] = ()


def of(case: str, alone: str, *died: str) -> Story:
    """A light fault of the lab's; its guest asks twice."""
    found = CASES[case]
    cause = getattr(found.expect, "cause", "")
    return Story(cause, alone, (died[0], died[1]), found.build, found.inject)


def mute_site(site: Site) -> None:
    """The guest runs, and a client speaks through its tap."""
    libvirt_site(site)
    start_mute(site)


def through_its_tap(site: Site) -> None:
    speak_through(site, BRIEF)


def bridge_made_anew(site: Site) -> None:
    virsh(site, f"net-destroy {NETWORK}", f"net-start {NETWORK}")


def longest_delay(site: Site) -> None:
    """As the lab's case, and longer than a busy machine needs from the link's coming to the guest's last question."""
    speak_stp(site, delay=30)


def until_it_gives_up(site: Site) -> None:
    """Its first question may be lost on this host, while the link is gone."""
    cold_start(site)


def disabled_by_hand(site: Site) -> None:
    site.run("bridge", "link", "set", "dev", tap(site), "state", "0")


def plugged_in_elsewhere(site: Site) -> None:
    other = site.device("ot")
    site.run("ip", "link", "add", other, "type", "bridge")
    site.run("ip", "link", "set", "dev", other, "up")
    site.run("ip", "link", "set", "dev", tap(site), "master", other)


def started_paused(site: Site) -> None:
    site.run("virsh", "start", "--paused", GUEST)


def reset(site: Site) -> None:
    site.run("virsh", "reset", GUEST)
    time.sleep(1)


def running(case: str) -> Callable[[Site], None]:
    """The guest has been started with this case's fault, and its firmware has said its last word."""

    def start(site: Site) -> None:
        CASES[case].inject(site)
        site.run("virsh", "start", GUEST)
        listen(site)

    return start


def reset_and_listen(site: Site) -> None:
    before = spoken(site)
    site.run("virsh", "reset", GUEST)
    listen(site, since=before)


NWFILTER = CASES["nwfilter-drops-dhcp"]
STORIES: dict[str, Story] = {
    "host-firewall-drops-dhcp": of("host-firewall-drops-dhcp", "proven", "DISCOVER", "input"),
    "bridged-frames-hit-forward": of("bridged-frames-hit-forward", "proven", "DISCOVER", "forward"),
    "rpfilter-drops-replies": of("rpfilter-drops-replies", "proven", "OFFER", "prerouting"),
    "nwfilter-drops-dhcp": Story(
        "nwfilter-drops-dhcp",
        "proven",
        ("DISCOVER", "bridge-prerouting"),
        NWFILTER.build,
        NWFILTER.inject,
        through_its_tap,
    ),
    "dhcp-reply-dropped": of("dhcp-reply-dropped", "proven", "BOOTREPLY", "output"),
    "bridge-forward-delay": of("bridge-forward-delay", "proven", "DISCOVER", "port"),
    "tap-without-bridge": Story(
        "tap-without-bridge", "proven", ("DISCOVER", "tap"), mute_site, bridge_made_anew, through_its_tap
    ),
    "tap-without-bridge, in another": Story(
        "tap-without-bridge", "likely", ("DISCOVER", "tap"), mute_site, plugged_in_elsewhere, through_its_tap
    ),
    "port-not-forwarding, the guest's": Story(
        "port-not-forwarding", "proven", ("DISCOVER", "port"), mute_site, disabled_by_hand, through_its_tap
    ),
    "port-not-forwarding, the uplink's": of("port-not-forwarding-uplink-disabled", "proven", "DISCOVER", "exit"),
    "uplink-drops-unknown-macs": of("uplink-drops-unknown-macs", NOTHING, "DISCOVER", "uplink"),
    "uplink-switch-stp": of("uplink-switch-stp", NOTHING, "DISCOVER", "uplink")._replace(
        break_=longest_delay, ask=until_it_gives_up
    ),
    "guest-crashed-or-paused": Story(
        "guest-crashed-or-paused", "proven", ("DISCOVER", "nic"), libvirt_site, started_paused, reset
    ),
    "nic-model-without-driver": Story(
        "nic-model-without-driver",
        "proven",
        ("DISCOVER", "nic"),
        CASES["nic-model-without-driver"].build,
        running("nic-model-without-driver"),
        reset_and_listen,
    ),
    "netboot-not-in-boot-order": Story(
        "netboot-not-in-boot-order",
        "proven",
        ("DISCOVER", "nic"),
        CASES["netboot-not-in-boot-order"].build,
        running("netboot-not-in-boot-order"),
        reset_and_listen,
        CASES["netboot-not-in-boot-order"].words,
    ),
}


# `make test` has those that the trace itself proves, and of those that the facts prove alone a port, an exit, a rule
# and a guest that says nothing. `make long` has the others.
LONG = (
    "dhcp-reply-dropped",
    "host-firewall-drops-dhcp",
    "rpfilter-drops-replies",
    "nwfilter-drops-dhcp",
    "tap-without-bridge",
    "port-not-forwarding, the guest's",
    "nic-model-without-driver",
    "netboot-not-in-boot-order",
)


@pytest.fixture
def site() -> Iterator[Site]:
    with shared_tracefs(), open_site() as site:
        mount_tracefs(site)
        yield site


def finding_of(document: dict[str, Any], cause: str) -> dict[str, Any]:
    found: dict[str, Any] = next((entry for entry in document["findings"] if entry["name"] == cause), {})
    return found


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=(pytest.mark.long,) if name in LONG else ()) for name in STORIES]
)
def test_the_packets_end_proves_the_cause(site: Site, name: str) -> None:
    story = STORIES[name]
    story.build(site)
    story.break_(site)
    alone = finding_of(site.doctor("diagnose", GUEST, *story.words).document, story.cause)
    with watching(site, GUEST, *story.words) as found:
        story.ask(site)

    died = found.died
    assert (died.get("kind"), died.get("hop"), died.get("certain")) == (*story.died, True), found.document
    assert found.exit_code == 1
    proven = finding_of(found.document, story.cause)
    assert (proven.get("severity"), proven.get("certainty")) == ("broken", "proven"), found.document["findings"]
    witness = proven["evidence"][-1]
    assert witness["origin"].startswith("a trace ("), proven
    assert died["words"] in witness["text"]
    # Without what the trace saw the same host tells less, or the same without a witness.
    assert (alone.get("certainty", NOTHING) if alone.get("severity") == "broken" else NOTHING) == story.alone, alone
    assert not [entry for entry in alone.get("evidence", ()) if entry["origin"].startswith("a trace (")]


def test_that_a_healthy_guest_does_not_ask_is_no_fault(site: Site) -> None:
    """It is to boot from its disk alone, and nobody says that it shall do otherwise, as with --client above."""
    case = "netboot-not-in-boot-order"
    CASES[case].build(site)
    running(case)(site)
    told = site.doctor("trace", GUEST, "--seconds", "2")
    assert not [entry for entry in told.document["findings"] if entry["severity"] == "broken"], told.document
    assert (told.exit_code, told.document["verdict"]) == (3, "unknown"), told.document
    died = told.document["died"]
    assert (died["hop"], died["kind"], died["certain"]) == ("nic", "DISCOVER", False)
    assert died["words"].startswith("no DISCOVER left the guest in 2 s")
    assert "start or reset the guest while it is watched, or have its client ask" in died["words"]


def test_the_page_has_these_rows() -> None:
    """A row of docs/trace.md's: cause, what diagnose alone says, packet, place."""
    rows = re.findall(r"^\| ([a-z-]+(?:, [a-z' ]+)?) \| (\w+) \| ([A-Z]+) at ([a-z-]+) \|", PAGE.read_text(), re.M)
    assert rows == [(name, story.alone, *story.died) for name, story in STORIES.items()]
