"""relay-missing: a network that hands out nothing, and who on this host was set up to have it served from elsewhere."""

import pytest

from builders import bridge, facts, finding, link, network, target
from pxedoctor.checks.server import dhcp_not_configured
from pxedoctor.checks.server import relay_missing as check
from pxedoctor.findings.outcome import Broken, Fine, NotApplicable, Outcome
from pxedoctor.model.libvirt import Network, Subnet
from pxedoctor.model.link import Address
from pxedoctor.model.process import Process, Socket
from pxedoctor.model.target import Target
from pxedoctor.plans.plan import NoPlan

PLAIN = Subnet(family="ipv4", address="192.168.150.1", prefix=24)
ROUTED = network("lab", forward="route", bridge="virbr5", subnets=(PLAIN,))
GUEST = target(bridge="virbr5", network="lab")


def program(command: str, **changes: object) -> Process:
    name = command.split(maxsplit=1)[0].rpartition("/")[2]
    values = {"pid": 9, "parent": 1, "state": "S", "name": name, "command": command}
    return Process(**(values | changes))  # type: ignore[arg-type]


FOR_OTHERS = program("/usr/sbin/dhcrelay -i virbr9 -i eno1 203.0.113.9")
DNSMASQ_FOR_OTHERS = program("dnsmasq --port=0 --interface=virbr9 --dhcp-relay=192.168.159.1,203.0.113.9")
SERVES_ELSEWHERE = program("dnsmasq --interface=eno1 --dhcp-range=192.168.150.10,192.168.150.99")
OWN = program("dnsmasq --port=0 --dhcp-relay=192.168.150.1,203.0.113.9")


# Where a relay listens on the bridge (its index is 7), the kernel shows its packet socket (/proc/net/packet).
ON_THE_BRIDGE = Socket(kind="packet", port=0, interface=7, protocol=0x0800)


def outcome(
    *processes: Process, one: Network = ROUTED, asked: Target = GUEST, sockets: tuple[Socket, ...] = ()
) -> Outcome:
    own = Address(family="inet", address="192.168.150.1", prefix=24)
    return check.check(
        facts(
            networks=(one,),
            processes=processes,
            sockets=sockets,
            bridges=(bridge("virbr5"),),
            links=(link("virbr5", kind="bridge", addresses=(own,)),),
        ),
        asked,
    )


@pytest.mark.parametrize("sign", [FOR_OTHERS, DNSMASQ_FOR_OTHERS, SERVES_ELSEWHERE], ids=lambda one: one.command)
def test_its_server_is_elsewhere_and_nobody_hands_on(sign: Process) -> None:
    found = outcome(sign)
    assert isinstance(found, Broken)
    assert (found.severity, found.certainty, found.subject) == ("broken", "likely", "lab")
    assert found.evidence[1].value == sign.command


def test_where_nobody_is_known_to_ask_it_is_a_risk() -> None:
    found = outcome(FOR_OTHERS, asked=target(None, bridge="virbr5", network="lab"))
    assert isinstance(found, Broken)
    assert found.severity == "risk"


def test_a_relay_on_the_bridge() -> None:
    assert isinstance(outcome(OWN), Fine)
    assert isinstance(outcome(program("/usr/sbin/dhcrelay -i virbr5 203.0.113.9"), sockets=(ON_THE_BRIDGE,)), Fine)


@pytest.mark.parametrize(
    "processes",
    [
        (),
        (program("dnsmasq --interface=eno1 --dhcp-range=10.0.0.10,10.0.0.99"),),
        (program(FOR_OTHERS.command, state="Z"),),
        (program(FOR_OTHERS.command, elsewhere=True),),
    ],
    ids=["nobody", "a range of another network", "a relay that is dead", "a container's relay"],
)
def test_without_a_sign_another_cause_speaks(processes: tuple[Process, ...]) -> None:
    assert isinstance(outcome(*processes), NotApplicable)


@pytest.mark.parametrize(
    "one",
    [
        network("lab", bridge="virbr5"),
        network("lab", bridge="virbr5", subnets=(PLAIN,), active=False),
        network("lab", forward="bridge", bridge="virbr5", subnets=()),
    ],
    ids=["it serves itself", "it is not active", "a bridge of the host's"],
)
def test_it_is_not_asked(one: Network) -> None:
    assert isinstance(outcome(FOR_OTHERS, one=one), NotApplicable)


def test_it_comes_before_what_it_explains() -> None:
    assert check.META.explains == (dhcp_not_configured.META.name,)


def test_there_is_no_plan() -> None:
    planned = check.plan(finding(check, outcome(FOR_OTHERS)), facts(networks=(ROUTED,)))
    assert isinstance(planned, NoPlan)
    assert planned.instead == (
        "dhcrelay: -i virbr5 besides its other devices",
        "dnsmasq: dhcp-relay=192.168.150.1,SERVER besides its others",
    )
