"""boot-server-unreachable: nobody listens, no router, no route; and what a probe asked for in vain."""

import msgspec
import pytest

from boot_hosts import LOADER, known, names, served, web01
from builders import finding, link, network, probed, with_probes
from pxedoctor.checks.fetch import boot_server_unreachable as check
from pxedoctor.findings.outcome import Broken, Fine, NotApplicable, Outcome, Unknown
from pxedoctor.model.fact import Missing
from pxedoctor.model.libvirt import Network, Subnet
from pxedoctor.model.observation import Probed, SeenArp, SeenFetch
from pxedoctor.model.process import Socket
from pxedoctor.model.route import Route
from pxedoctor.model.target import Facts
from pxedoctor.plans.plan import NoPlan

OUTSIDE, OWN, BESIDE = "203.0.113.9", "192.168.122.1", "192.168.122.9"
TFTP = Socket(kind="udp", port=69, address="192.168.122.1")
WEB = Socket(kind="tcp6", port=80, address="::")
DEFAULT = Route(family="inet", destination="default", device="eth0", gateway="10.0.0.1")


def host(one: Network, *sockets: Socket, routes: tuple[Route, ...] = (DEFAULT,), boot: str = "network") -> Facts:
    facts = known(one, served("boot.0", LOADER), boot=tuple(boot.split(",")))
    return msgspec.structs.replace(
        facts, host=msgspec.structs.replace(facts.host, sockets=sockets, routes=routes, links=())
    )


def outcome(facts: Facts) -> Outcome:
    return check.check(facts, web01())


def test_nobody_here_serves_files() -> None:
    found = outcome(host(names(root="")))
    assert isinstance(found, Broken)
    assert (found.certainty, found.severity) == ("proven", "broken")
    assert "no socket on port 69" in found.headline
    assert isinstance(outcome(host(names(root=""), TFTP)), Fine)


def test_nobody_here_serves_http() -> None:
    url = names(f"http://{OWN}/boot.ipxe")
    assert isinstance(outcome(host(url, TFTP)), Broken)
    assert isinstance(outcome(host(url, WEB)), Fine)
    assert isinstance(outcome(host(names(f"http://{OWN}:8080/boot.ipxe"), WEB)), Broken)


SIX = Subnet(family="ipv6", address="fd00::1", prefix=64, ranges=(("fd00::10", "fd00::ff"),))
TFTP6 = Socket(kind="udp6", port=69, address="fd00::1")


def alone(*options: str, sockets: tuple[Socket, ...] = ()) -> Facts:
    """A network that serves IPv6 alone, and nobody else on its bridge."""
    facts = host(network(subnets=(SIX,), server_options=options), *sockets)
    links = (link("virbr0", kind="bridge"), link("vnet0", master="virbr0"))
    return msgspec.structs.replace(facts, host=msgspec.structs.replace(facts.host, links=links))


@pytest.mark.parametrize(
    ("url", "sockets", "serves"),
    [
        ("tftp://[fd00::1]/boot.efi", (TFTP,), "TFTP"),
        ("tftp://[fd00::1]/boot.efi", (TFTP6,), ""),
        ("http://[fd00::1]:8080/boot.efi", (WEB,), "HTTP"),
        ("http://[fd00::1]/boot.efi", (WEB,), ""),
    ],
)
def test_nobody_here_serves_files_over_ipv6(url: str, sockets: tuple[Socket, ...], serves: str) -> None:
    found = outcome(alone(f"dhcp-option=option6:bootfile-url,{url}", sockets=sockets))
    assert isinstance(found, Broken if serves else Fine)
    if isinstance(found, Broken):
        assert found.headline.endswith(f"is this host, and nobody here serves {serves} over IPv6.")
        assert (found.evidence[0].value, found.severity) == (url, "broken")


def test_where_ipv6_alone_names_no_file_there_is_no_server_to_reach() -> None:
    assert isinstance(outcome(alone()), NotApplicable)


def test_an_isolated_network_tells_no_router() -> None:
    found = outcome(host(names(server=OUTSIDE, forward="")))
    assert isinstance(found, Broken)
    assert "no router" in found.headline
    assert isinstance(outcome(host(names(server=OUTSIDE))), Fine)
    assert isinstance(outcome(host(names(server=BESIDE, forward=""))), Fine)


def test_an_empty_router_option_is_no_router_and_another_is_a_strangers() -> None:
    assert isinstance(outcome(host(names(server=OUTSIDE, server_options=("dhcp-option=3",)))), Broken)
    other = names(server=OUTSIDE, forward="", server_options=("dhcp-option=option:router,192.168.122.7",))
    assert isinstance(outcome(host(other)), Fine)


@pytest.mark.parametrize(
    "routes",
    [
        (),
        (Route(family="inet", destination="10.0.0.0/8", device="eth0"),),
        (DEFAULT, Route(family="inet", destination="203.0.113.0/24", kind="unreachable")),
        (Route(family="inet6", destination="default", device="eth0"),),
    ],
    ids=["none at all", "only elsewhere", "one that refuses", "the other protocol's default"],
)
def test_no_route(routes: tuple[Route, ...]) -> None:
    assert isinstance(outcome(host(names(server=OUTSIDE), routes=routes)), Broken)


def test_a_route_of_any_table_counts() -> None:
    routes = (Route(family="inet", destination="default", device="eth0", table="100"),)
    assert isinstance(outcome(host(names(server=OUTSIDE), routes=routes)), Fine)


def test_what_is_not_known() -> None:
    facts = host(names(root=""))
    closed = Missing("forbidden", "/proc/net/udp may not be read", "run it as root")
    blind = msgspec.structs.replace(facts, host=msgspec.structs.replace(facts.host, sockets=closed))
    found = outcome(blind)
    assert isinstance(found, Unknown)
    assert not found.on_road


@pytest.mark.parametrize("file", ["", "http://boot.example/boot.ipxe"], ids=["no file", "a name"])
def test_no_address_to_judge(file: str) -> None:
    assert isinstance(outcome(host(names(file))), NotApplicable)


def test_who_does_not_boot_from_it() -> None:
    assert isinstance(outcome(host(names(root=""), boot="hd")), NotApplicable)
    found = outcome(host(names(root=""), boot="hd,network"))
    assert isinstance(found, Broken)
    assert found.severity == "risk"


def arp(asked: str, mac: str = "") -> Probed:
    return probed(fetch=True, arps=(SeenArp(at=1.0, asked=asked, address=BESIDE, mac=mac),))  # type: ignore[arg-type]


def test_a_probe_asked_for_the_address_in_vain() -> None:
    facts = host(names(server=BESIDE))
    for asked in ("boot-server", "gateway"):
        found = outcome(with_probes(facts, arp(asked)))
        assert isinstance(found, Broken)
        assert (found.certainty, found.evidence[0].value) == ("proven", BESIDE)
    assert isinstance(outcome(with_probes(facts, arp("offered"))), Fine)
    assert isinstance(outcome(with_probes(facts, arp("boot-server", "52:54:00:00:00:09"))), Fine)


def fetched(**changes: object) -> Probed:
    url = f"tftp://{OUTSIDE}/boot.0"
    values: dict[str, object] = {"at": 1.0, "seconds": 15.0, "url": url, "outcome": "silent", "why": "no answer"}
    return probed(fetch=True, fetches=(SeenFetch(**(values | changes)),))  # type: ignore[arg-type]


def test_a_request_without_an_answer_is_likely() -> None:
    found = outcome(with_probes(host(names(server=BESIDE)), fetched()))
    assert isinstance(found, Broken)
    assert found.certainty == "likely"


@pytest.mark.parametrize(
    "changes",
    [
        {"outcome": "fetched", "received": 4096},
        {"outcome": "refused", "status": 1},
        {"received": 512},
        {"block_size": 1432},
    ],
    ids=["it came", "it was refused", "some of it came", "the server agreed to a block size"],
)
def test_a_server_that_answers_is_there(changes: dict[str, object]) -> None:
    assert isinstance(outcome(with_probes(host(names(server=BESIDE)), fetched(**changes))), Fine)


def test_there_is_no_plan() -> None:
    facts = host(names(root=""))
    assert isinstance(check.plan(finding(check, outcome(facts)), facts), NoPlan)
