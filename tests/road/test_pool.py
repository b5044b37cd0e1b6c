"""How many addresses are left: of libvirt's networks and of a dnsmasq of the host's own."""

import pytest

from builders import host, link, network
from pxedoctor.model.fact import Missing
from pxedoctor.model.lease import Lease, Leases, LeaseStore
from pxedoctor.model.libvirt import Network, Reservation, Subnet
from pxedoctor.model.link import Address
from pxedoctor.model.process import Process
from pxedoctor.road.pool import Pool, pool_of_network, pool_of_process

NOW = 1_000
BR0 = link("br0", kind="bridge", addresses=(Address(family="inet", address="10.0.0.1", prefix=24),))


def lease(address: str, expires: int | None = NOW + 60, mac: str = "52:54:00:00:00:01") -> Lease:
    return Lease(address=address, mac=mac, expires=expires)


def subnet(*ranges: tuple[str, str], reserved: tuple[str, ...] = (), address: str = "192.168.122.1") -> Network:
    hosts = tuple(Reservation(mac="52:54:00:00:00:09", address=entry) for entry in reserved)
    own = Subnet(family="ipv4", address=address, prefix=16, ranges=ranges, hosts=len(hosts), reserved=hosts)
    return network(subnets=(own,))


def pool(one: Network, *leases: Lease, now: int | None = NOW) -> Pool:
    stores = (LeaseStore(origin="f", leases=leases, bridge="virbr0"),) if leases else ()
    found = pool_of_network(host(leases=Leases(now=now, stores=stores)), one)
    assert isinstance(found, Pool), found
    return found


def test_what_is_not_given_away_is_left() -> None:
    found = pool(subnet(("192.168.122.10", "192.168.122.19")), lease("192.168.122.10"))
    assert (found.size, found.free, found.limit, found.at_limit) == (10, 9, 10, False)


@pytest.mark.parametrize(
    ("one", "free"),
    [
        pytest.param(subnet(("192.168.122.10", "192.168.122.19"), reserved=("192.168.122.12",)), 9, id="reserved"),
        pytest.param(subnet(("192.168.122.10", "192.168.122.19"), reserved=("192.168.122.5",)), 10, id="outside"),
        pytest.param(subnet(("192.168.122.1", "192.168.122.10")), 9, id="its own address"),
        pytest.param(subnet(("192.168.122.250", "192.168.123.4")), 9, id="class C: not .255 and .0"),
        pytest.param(subnet(("10.0.0.250", "10.0.1.4"), address="10.0.0.1"), 11, id="class A: both"),
        pytest.param(subnet(("10.0.0.0", "10.255.255.255"), address="10.0.0.1"), (1 << 24) - 1, id="a large one"),
        pytest.param(subnet(("192.168.122.10", "192.168.122.11"), ("192.168.122.20", "192.168.122.21")), 4, id="two"),
    ],
)
def test_what_is_never_handed_out(one: Network, free: int) -> None:
    assert pool(one).free == free


def test_an_expired_lease_is_none() -> None:
    one = subnet(("192.168.122.10", "192.168.122.11"))
    found = pool(one, lease("192.168.122.10", NOW), lease("192.168.122.11", None))
    assert [entry.address for entry in found.given] == ["192.168.122.11"]


def test_a_reserved_lease_counts_for_the_limit() -> None:
    one = subnet(("192.168.122.10", "192.168.122.11"), reserved=("192.168.122.5",))
    found = pool(one, lease("192.168.122.5"), lease("192.168.122.10"))
    assert (found.free, found.at_limit) == (1, True)


def test_without_the_clock_nobody_knows_what_has_expired() -> None:
    one = subnet(("192.168.122.10", "192.168.122.11"))
    stores = (LeaseStore(origin="f", leases=(lease("192.168.122.10"),), bridge="virbr0"),)
    assert isinstance(pool_of_network(host(leases=Leases(now=None, stores=stores)), one), Missing)
    assert pool(one, lease("192.168.122.10", None), now=None).free == 1


def test_a_network_without_a_range_has_no_pool() -> None:
    assert pool_of_network(host(leases=Leases(now=NOW)), subnet(reserved=("192.168.122.5",))) is None
    assert pool_of_network(host(leases=Leases(now=NOW)), subnet(("x", "y"))) is None


def test_a_dnsmasq_of_the_hosts_own() -> None:
    """Only the range of this device counts, and its limit is dnsmasq's 1000 unless it says another."""
    words = (
        "--dhcp-range=10.0.0.10,10.0.0.12,1h --dhcp-range=10.9.0.1,10.9.0.200 --dhcp-host=52:54:00:00:00:09,10.0.0.11"
    )
    process = Process(pid=9, parent=1, state="S", name="dnsmasq", command=f"dnsmasq {words}")
    stores = (LeaseStore(origin="f", leases=(lease("10.0.0.10"),), pid=9),)
    here = host(leases=Leases(now=NOW, stores=stores))
    found = pool_of_process(here, process, BR0)
    assert isinstance(found, Pool)
    assert (found.size, found.free, found.limit) == (3, 1, 1000)
    assert found.reserves_for("52:54:00:00:00:09")
    assert found.lease_of("52:54:00:00:00:01") == lease("10.0.0.10")


@pytest.mark.parametrize(
    "words",
    ["--dhcp-range=10.0.0.0,static", "--dhcp-range=tag:known,10.0.0.10,10.0.0.12", "--dhcp-range=10.9.0.1,10.9.0.2"],
)
def test_ranges_that_are_for_some_or_for_others(words: str) -> None:
    process = Process(pid=9, parent=1, state="S", name="dnsmasq", command=f"dnsmasq {words}")
    assert pool_of_process(host(leases=Leases(now=NOW)), process, BR0) is None


def test_a_lease_file_that_is_not_known() -> None:
    process = Process(pid=9, parent=1, state="S", name="dnsmasq", command="dnsmasq --dhcp-range=10.0.0.10,10.0.0.12")
    assert isinstance(pool_of_process(host(leases=Leases(now=NOW)), process, BR0), Missing)
