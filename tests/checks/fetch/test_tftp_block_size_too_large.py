"""tftp-block-size-too-large: blocks that were agreed to and never came, with nothing on this host to blame."""

import pytest

from builders import bridge, domain, facts, finding, link, nic, port, probed, target, with_probes
from pxedoctor.checks.fetch import tftp_block_size_too_large as check
from pxedoctor.findings.outcome import Broken, Fine, NotApplicable, Outcome
from pxedoctor.model.link import Link
from pxedoctor.model.observation import SeenFetch
from pxedoctor.model.target import Facts
from pxedoctor.plans.plan import NoPlan

BR0 = bridge("br0", ports=(port("eth0"),))
LINKS = (link("br0", kind="bridge"), link("eth0", kind="", master="br0"))
URL = "tftp://192.168.160.1/boot.0"


def host(links: tuple[Link, ...] = LINKS, boot: tuple[str, ...] = ("network",)) -> Facts:
    return facts(bridges=(BR0,), links=links, domains=(domain(nic(), boot=boot),), processes=())


def fetched(known: Facts, **changes: object) -> Outcome:
    values: dict[str, object] = {"at": 1.0, "seconds": 15.0, "url": URL, "outcome": "silent", "why": "no block"}
    values |= {"block_size": 1432, "size": 90000} | changes
    return check.check(
        with_probes(known, probed(fetch=True, fetches=(SeenFetch(**values),))),  # type: ignore[arg-type]
        target(),
    )


def test_the_agreement_came_and_no_block() -> None:
    found = fetched(host())
    assert isinstance(found, Broken)
    assert (found.subject, found.certainty, found.severity) == ("br0", "likely", "broken")
    assert "1432" in found.headline


def test_a_packet_of_ipv6_is_longer() -> None:
    """IPv6's header has 40 bytes: a block of 1432 makes a packet of 1484, which 1470 do not carry."""
    over_ipv6 = {"url": "tftp://[fd00:d0d::1]/boot.0"}
    found = fetched(host(), **over_ipv6)
    assert isinstance(found, Broken)
    assert "blocks of 1432 bytes" in found.headline
    small = (LINKS[0], link("eth0", kind="", master="br0", mtu=1470))
    assert isinstance(fetched(host(small)), Broken)
    assert isinstance(fetched(host(small), **over_ipv6), NotApplicable), "the host's own device is to blame"


def test_a_block_came() -> None:
    assert isinstance(fetched(host(), outcome="fetched", received=90000), Fine)


def test_a_device_of_this_host_is_the_narrow_place() -> None:
    small = (LINKS[0], link("eth0", kind="", master="br0", mtu=1400))
    assert isinstance(fetched(host(small)), NotApplicable)


@pytest.mark.parametrize(
    "changes",
    [
        {"block_size": 0},
        {"block_size": 512},
        {"size": 60},
        {"url": "http://192.168.160.1/boot.0", "block_size": 0, "status": 200},
    ],
    ids=["no agreement", "the smallest blocks", "a file smaller than a block", "HTTP has no blocks"],
)
def test_what_does_not_tell_of_a_size(changes: dict[str, object]) -> None:
    assert isinstance(fetched(host(), **changes), NotApplicable)


def test_without_a_probe_nobody_can_tell() -> None:
    assert isinstance(check.check(host(), target()), NotApplicable)


@pytest.mark.parametrize(("boot", "severity"), [(("hd", "network"), "risk"), (("network", "hd"), "broken")])
def test_a_disk_before_it(boot: tuple[str, ...], severity: str) -> None:
    found = fetched(host(boot=boot))
    assert isinstance(found, Broken)
    assert found.severity == severity


def test_not_from_the_network() -> None:
    assert isinstance(fetched(host(boot=("hd",))), NotApplicable)


def test_the_servers_own_words_are_the_advice() -> None:
    planned = check.plan(finding(check, fetched(host())), host())
    assert isinstance(planned, NoPlan)
    assert "tftp-mtu" in planned.instead[0]
