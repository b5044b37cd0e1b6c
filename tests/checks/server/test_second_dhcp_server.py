"""second-dhcp-server: what a probe's offers tell of how many servers there are, and whether it matters."""

import msgspec
import pytest

from builders import domain, facts, finding, link, nic, offer, probed, target, with_probes
from pxedoctor.checks.server import second_dhcp_server as check
from pxedoctor.findings.outcome import Broken, Fine, NotApplicable, Outcome
from pxedoctor.model.observation import SeenOffer, SeenSwitch
from pxedoctor.plans.plan import NoPlan

MASK = (1, b"\xff\xff\xff\x00")
ROUTER = (3, b"\xc0\xa8\x7a\x01")
OURS = offer(at=1.0, mac="52:54:00:00:00:fe", options=(MASK, ROUTER))
replace = msgspec.structs.replace
THEIRS = replace(OURS, at=0.1, server="192.168.122.2", mac="52:54:00:00:00:99", address="192.168.122.200")


def outcome(*offers: SeenOffer, client: str = "ipxe") -> Outcome:
    return check.check(with_probes(facts(), probed(offers=offers)), target(client))


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(replace(THEIRS, address="10.66.0.10"), id="another network"),
        pytest.param(replace(THEIRS, options=(MASK, (3, b"\xc0\xa8\x7a\x02"))), id="another router"),
        pytest.param(replace(THEIRS, options=(MASK,)), id="no router"),
        pytest.param(replace(THEIRS, file=""), id="no boot file"),
        pytest.param(replace(THEIRS, next_server="192.168.122.9"), id="another boot server"),
    ],
)
def test_two_servers_that_offer_different_things(other: SeenOffer) -> None:
    found = outcome(other, OURS)
    assert isinstance(found, Broken)
    assert (found.severity, found.certainty, found.subject, found.scope) == ("broken", "proven", "br0", "bridge")
    assert len(found.evidence) == 2


def test_two_that_offer_the_same_are_a_risk() -> None:
    found = outcome(THEIRS, OURS)
    assert isinstance(found, Broken)
    assert found.severity == "risk"


def test_an_operating_system_needs_no_boot_file() -> None:
    found = outcome(replace(THEIRS, file=""), OURS, client="dhclient")
    assert isinstance(found, Broken)
    assert found.severity == "risk"


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(replace(THEIRS, proxy=True, address=""), id="a proxy"),
        pytest.param(replace(THEIRS, mac=OURS.mac), id="one machine with two addresses, or a relay"),
        pytest.param(replace(THEIRS, server=OURS.server), id="one address on two machines"),
        pytest.param(replace(THEIRS, address="fd00::10"), id="DHCPv6"),
        pytest.param(replace(THEIRS, address="0.0.0.0"), id="no address"),
    ],
)
def test_one_server(other: SeenOffer) -> None:
    assert isinstance(outcome(other, OURS), Fine)


def test_without_a_probe_or_an_offer_nothing_is_said() -> None:
    assert isinstance(check.check(facts(), target()), NotApplicable)
    assert isinstance(outcome(), NotApplicable)


def test_who_it_is() -> None:
    """The host by its devices' MACs, a guest by its definition, anybody else by his MAC and the switch before him."""
    stranger = replace(THEIRS, server="10.66.0.1", mac="00:1b:21:00:00:01", address="10.66.0.10")
    guest = replace(THEIRS, address="10.77.0.10")
    switch = SeenSwitch(at=0.5, by="lldp", mac="00:1b:00:00:00:02", name="sw-rack7", detail="port 12")
    known = facts(links=(link("br0", mac=OURS.mac),), domains=(domain(nic(mac=guest.mac), name="pfsense"),))
    here = with_probes(known, probed(offers=(OURS, guest, stranger), switches=(switch,)))
    found = check.check(here, target())
    assert isinstance(found, Broken)
    told = [evidence.text for evidence in found.evidence]
    assert "by 192.168.122.1: this host" in told[0]
    assert "the guest pfsense" in told[1]
    assert "10.66.0.1: 00:1b:21:00:00:01" in told[2]
    assert "sw-rack7" in told[3]
    planned = check.plan(finding(check, found), here)
    assert isinstance(planned, NoPlan)
    assert "virsh domif-setlink pfsense 52:54:00:00:00:99 down" in planned.instead[0]
    assert "00:1b:21:00:00:01" in planned.instead[1]


def test_options_that_are_too_short_are_no_answer() -> None:
    found = outcome(replace(THEIRS, options=((1, b"\xff"), (3, b"")), address="10.0.0.9"), OURS)
    assert isinstance(found, Broken)
    assert "no router" in found.evidence[0].value
