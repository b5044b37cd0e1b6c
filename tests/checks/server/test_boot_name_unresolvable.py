"""boot-name-unresolvable: a URL with a name in it, and whether anybody tells of a DNS server."""

import msgspec
import pytest

from boot_hosts import known, names, web01
from builders import facts, finding, offer, probed, target, with_probes
from pxedoctor.checks.server import boot_name_unresolvable as check
from pxedoctor.findings.outcome import Broken, Fine, NotApplicable, Outcome
from pxedoctor.model.libvirt import Network
from pxedoctor.model.observation import Probed
from pxedoctor.plans.plan import NoPlan

URL = "http://deploy.example/ipxe.efi"
DNS = (6, b"\xc0\xa8\x7a\x01")


def network(file: str = URL, *options: str, dns: bool = False) -> Network:
    return names(file, root="", dns=dns, server_options=options)


def outcome(one: Network, client: str | None = "ipxe", **guest: object) -> Outcome:
    return check.check(known(one, **guest), web01(client))


@pytest.mark.parametrize("client", ["ipxe", "ovmf-http"])
@pytest.mark.parametrize("options", [(), ("dhcp-option=6",), ("dhcp-option=tag:other,6,192.0.2.53",)])
def test_nobody_tells_of_a_dns_server(client: str, options: tuple[str, ...]) -> None:
    found = outcome(network(URL, *options), client)
    assert isinstance(found, Broken)
    assert (found.severity, found.certainty, found.subject) == ("broken", "proven", "default")
    assert "deploy.example" in found.headline


def test_dns_that_is_told_to_keep_silent() -> None:
    """An empty option 6 takes away what dnsmasq would tell of itself (dnsmasq(8))."""
    assert isinstance(outcome(network(URL, "dhcp-option=option:dns-server", dns=True)), Broken)


@pytest.mark.parametrize(
    ("options", "dns"),
    [((), True), (("dhcp-option=6,192.0.2.53",), False), (("dhcp-option-force=option:dns-server,192.0.2.53",), False)],
    ids=["the network's own", "another, by its number", "another, by its name"],
)
def test_somebody_tells_of_a_dns_server(options: tuple[str, ...], dns: bool) -> None:
    assert isinstance(outcome(network(URL, *options, dns=dns)), Fine)


@pytest.mark.parametrize("file", ["http://192.0.2.7/x", "http://[2001:db8::7]/x", "pxelinux.0", "http://[/x", ""])
def test_what_has_no_name_in_it(file: str) -> None:
    assert isinstance(outcome(network(file)), NotApplicable)


def test_after_another_device_it_is_a_risk() -> None:
    found = outcome(network(), boot=("hd", "network"))
    assert isinstance(found, Broken)
    assert found.severity == "risk"


def test_a_tag_that_nobody_here_knows_is_set() -> None:
    asked = network(URL, "dhcp-match=set:odd,option:user-class,odd", "dhcp-option=tag:odd,6,192.0.2.53")
    assert not isinstance(outcome(asked), Fine)


def test_it_is_not_asked() -> None:
    assert isinstance(outcome(network(), boot=("hd",)), NotApplicable)
    assert isinstance(outcome(network(), None), NotApplicable)
    assert isinstance(check.check(facts(), target(bridge="br9", guest=None)), NotApplicable)


def seen(*options: tuple[int, bytes], file: str = URL) -> Probed:
    return probed(profile="ipxe", offers=(offer(file=file, options=options),))


def test_a_probe_reads_it_in_the_offer() -> None:
    """Whatever the settings were understood to say."""
    found = check.check(with_probes(known(network(dns=True)), seen()), web01())
    assert isinstance(found, Broken)
    assert "probe" in found.evidence[0].origin
    assert isinstance(check.check(with_probes(known(network()), seen(DNS)), web01()), Fine)


def test_a_probe_that_was_named_no_url() -> None:
    known_host = known(network("pxelinux.0"))
    assert isinstance(check.check(with_probes(known_host, seen(file="pxelinux.0")), web01()), NotApplicable)


def test_a_server_whose_settings_are_closed_to_us() -> None:
    host = known(network())
    closed = msgspec.structs.replace(host.host, networks=())
    assert not isinstance(check.check(msgspec.structs.replace(host, host=closed), web01()), Broken | Fine)


def test_there_is_no_plan() -> None:
    planned = check.plan(finding(check, outcome(network())), facts())
    assert isinstance(planned, NoPlan)
    assert "address" in planned.instead[0]
