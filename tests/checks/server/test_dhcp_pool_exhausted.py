"""dhcp-pool-exhausted: for whom no address is left, and where more could come from."""

import msgspec
import pytest

from builders import MAC, bridge, domain, facts, finding, link, network, port, probed, target, with_probes
from pxedoctor.checks.server import dhcp_pool_exhausted as check
from pxedoctor.findings.outcome import Broken, Fine, NotApplicable, Outcome, Unknown
from pxedoctor.model.fact import Missing
from pxedoctor.model.lease import Lease, Leases, LeaseStore
from pxedoctor.model.libvirt import Network, Reservation, Subnet
from pxedoctor.model.link import Address
from pxedoctor.model.log import LogLine
from pxedoctor.model.process import Process, Socket
from pxedoctor.model.target import Facts
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.plans.safety import Safety

NOW = 1_795_658_131
GUEST = target(bridge="virbr0", network="default")
NONE_LEFT = "dnsmasq-dhcp[9]: DHCPDISCOVER(virbr0) 52:54:00:0d:0d:01 no address available"


def small(prefix: int = 24, **changes: object) -> Network:
    values: dict[str, object] = {
        "family": "ipv4",
        "address": "192.168.122.1",
        "prefix": prefix,
        "ranges": (("192.168.122.2", "192.168.122.3"),),
    }
    return network(subnets=(Subnet(**(values | changes)),))  # type: ignore[arg-type]


def lease(last: int, expires: int | None = NOW + 600, mac: str = "") -> Lease:
    return Lease(address=f"192.168.122.{last}", mac=mac or f"52:54:00:00:00:{last:02x}", expires=expires)


FULL = (lease(2), lease(3))


def host(*leases: Lease, one: Network | None = None, now: int | None = NOW, said: tuple[str, ...] = ()) -> Facts:
    store = LeaseStore(origin="/var/lib/libvirt/dnsmasq/virbr0.status", leases=leases, bridge="virbr0")
    return facts(
        networks=(one or small(),),
        leases=Leases(now=now, stores=(store,)),
        domains=(domain(),),
        logs=tuple(LogLine(origin="journalctl --boot", text=text) for text in said),
    )


def outcome(*leases: Lease, one: Network | None = None) -> Outcome:
    return check.check(host(*leases, one=one), GUEST)


def test_all_addresses_are_given_away() -> None:
    found = check.check(host(*FULL, said=(NONE_LEFT,)), GUEST)
    assert isinstance(found, Broken)
    assert (found.subject, found.severity, found.certainty) == ("default", "broken", "proven")
    values = [evidence.value for evidence in found.evidence]
    assert values == ["2", "2026-11-26 02:05:31 UTC", "52:54:00:00:00:02, 52:54:00:00:00:03", NONE_LEFT]


@pytest.mark.parametrize(
    "leases",
    [
        pytest.param((lease(2),), id="one is left"),
        pytest.param((lease(2), lease(3, NOW - 1)), id="one has expired"),
        pytest.param((lease(2), lease(3, mac=MAC)), id="it has one of them"),
    ],
)
def test_there_is_one_for_this_guest(leases: tuple[Lease, ...]) -> None:
    assert isinstance(outcome(*leases), Fine)


def test_one_is_reserved_for_it() -> None:
    one = small(hosts=1, reserved=(Reservation(mac=MAC, address="192.168.122.3"),))
    assert isinstance(outcome(lease(2), one=one), Fine)


def test_even_a_reserved_one_is_refused_at_the_limit() -> None:
    """libvirt's dhcp-lease-max is the size of the range; seen with 9.0.0: OFFER, then DHCPNAK "no leases left"."""
    one = small(hosts=1, reserved=(Reservation(mac=MAC, address="192.168.122.9"),))
    found = outcome(*FULL, one=one)
    assert isinstance(found, Broken)
    assert "all 2 leases" in found.headline


def test_a_reservation_by_name_may_be_this_guests() -> None:
    one = small(hosts=1, reserved=(Reservation(name="web01", address="192.168.122.3"),))
    found = outcome(lease(2), one=one)
    assert isinstance(found, Broken)
    assert found.certainty == "likely"


def test_without_a_guest_it_is_a_risk() -> None:
    found = check.check(host(*FULL), target(mac=None, bridge="virbr0", network="default"))
    assert isinstance(found, Broken)
    assert found.severity == "risk"


def test_leases_that_never_end() -> None:
    found = outcome(lease(2, None), lease(3, None))
    assert isinstance(found, Broken)
    assert any("none of them ever expires" in evidence.text for evidence in found.evidence)


def test_the_widest_stretch_of_the_prefix_is_handed_out_too() -> None:
    here = host(*FULL, one=small(hosts=1, reserved=(Reservation(mac="52:54:00:00:00:09", address="192.168.122.50"),)))
    planned = check.plan(finding(check, check.check(here, GUEST)), here)
    assert isinstance(planned, Plan)
    assert planned.safety is Safety.RISKY
    assert "<range start='192.168.122.51' end='192.168.122.254'/>" in planned.steps[0].argv()


def test_a_prefix_without_room() -> None:
    here = host(*FULL, one=small(prefix=30))
    planned = check.plan(finding(check, check.check(here, GUEST)), here)
    assert isinstance(planned, NoPlan)
    assert "<lease expiry=" in planned.instead[0]


def test_without_the_clock_it_is_unknown() -> None:
    assert isinstance(check.check(host(*FULL, now=None), GUEST), Unknown)


def test_reservations_alone_are_no_pool() -> None:
    one = small(ranges=(), hosts=1, reserved=(Reservation(mac=MAC, address="192.168.122.9"),))
    assert isinstance(outcome(one=one), NotApplicable)


def on_br0(process: Process, leases: Leases, *said: str) -> Facts:
    """A bridge of the host's own with one server on it, which hears its frames."""
    br0 = link("br0", kind="bridge", addresses=(Address(family="inet", address="10.0.0.1", prefix=24),))
    sockets = (Socket(kind="packet", port=0, interface=br0.index, protocol=3),)
    return facts(
        networks=Missing("absent", "no libvirt"),
        links=(br0,),
        bridges=(bridge(),),
        processes=(process,),
        sockets=sockets,
        leases=leases,
        logs=tuple(LogLine(origin="journalctl --boot", text=text) for text in said),
    )


def test_a_dnsmasq_of_the_hosts_own() -> None:
    command = "dnsmasq --interface=br0 --dhcp-range=10.0.0.10,10.0.0.10"
    process = Process(pid=9, parent=1, state="S", name="dnsmasq", command=command)
    given = Lease(address="10.0.0.10", mac="52:54:00:00:00:01", expires=None)
    here = on_br0(process, Leases(now=NOW, stores=(LeaseStore(origin="f", leases=(given,), pid=9),)))
    found = check.check(here, target())
    assert isinstance(found, Broken)
    assert (found.subject, found.scope) == ("br0", "bridge")
    assert isinstance(check.plan(finding(check, found), here), NoPlan)


DHCPD = Process(pid=9, parent=1, state="S", name="dhcpd", command="dhcpd -4 br0")
FREE = f"dhcpd[9]: DHCPDISCOVER from {MAC} via br0: network 10.0.0.0/24: no free leases"
KEA = Process(pid=9, parent=1, state="S", name="kea-dhcp4", command="kea-dhcp4 -c /etc/kea/kea-dhcp4.conf")
KEA_FAIL = f"kea-dhcp4[9]: WARN ALLOC_ENGINE_V4_ALLOC_FAIL [hwtype=1 {MAC}], cid=[no info]: failed to allocate"


@pytest.mark.parametrize(("process", "said"), [(DHCPD, FREE), (KEA, KEA_FAIL)], ids=["ISC dhcpd", "Kea"])
def test_a_server_that_said_so_last(process: Process, said: str) -> None:
    found = check.check(on_br0(process, Leases(now=NOW), said), target())
    assert isinstance(found, Broken)
    assert found.certainty == "likely"
    assert said in [evidence.value for evidence in found.evidence]


@pytest.mark.parametrize(
    "said",
    [(), (FREE.replace(MAC, "52:54:00:00:00:02"),), (FREE, f"dhcpd[9]: DHCPACK on 10.0.0.9 to {MAC} via br0")],
    ids=["it said nothing", "of another guest", "it gave one since"],
)
def test_a_server_that_did_not(said: tuple[str, ...]) -> None:
    assert isinstance(check.check(on_br0(DHCPD, Leases(now=NOW), *said), target()), Fine)


def test_where_another_server_may_answer_it_is_a_risk() -> None:
    here = msgspec.structs.replace(host(*FULL).host, bridges=(bridge("virbr0", ports=(port("eno1"),)),))
    found = check.check(Facts(host=here), GUEST)
    assert isinstance(found, Broken)
    assert found.severity == "risk"


def test_a_probe_that_was_offered_an_address_outweighs_the_count() -> None:
    one = small(hosts=1, reserved=(Reservation(mac="52:54:00:00:00:09", address="192.168.122.3"),))
    assert isinstance(check.check(with_probes(host(lease(2), one=one), probed()), GUEST), Fine)
