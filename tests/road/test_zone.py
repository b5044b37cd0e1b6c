"""What firewalld's zones, policies and rich rules do with a DISCOVER and with a TFTP request."""

import pytest

from builders import domain, host, link, nic
from pxedoctor.model.fact import Missing
from pxedoctor.model.firewalld import Firewalld, Policy, Service, Zone
from pxedoctor.model.host import Host
from pxedoctor.model.link import Address
from pxedoctor.road.hop import Fate
from pxedoctor.road.zone import ZoneFate, in_zone

BRIDGE = "virbr0"
LINK = link(BRIDGE, kind="bridge", addresses=(Address(family="inet", address="192.168.122.1", prefix=24),))
PUBLIC = Zone(name="public", services=("ssh", "dhcpv6-client"))
LIBVIRT = Zone(
    name="libvirt",
    target="ACCEPT",
    services=("dhcp", "dns", "tftp"),
    rich_rules=('rule priority="32767" reject',),
)
SSH = Service(name="ssh", origin="o", ports=(("22", "tcp"),))
CLIENT = Service(name="dhcpv6-client", origin="o", ports=(("546", "udp"),))
DNS = Service(name="dns", origin="o", ports=(("53", "udp"),))


def with_zones(*zones: Zone, **changes: object) -> Host:
    values: dict[str, object] = {
        "running": True,
        "state": "RUNNING",
        "default_zone": "public",
        "zones": zones,
        "zone_names": tuple(zone.name for zone in zones),
        "services": (SSH, CLIENT, DNS),
        "backend": "nftables",
    }
    return host(firewalld=Firewalld(**(values | changes)), links=(LINK,))  # type: ignore[arg-type]


def bound(**changes: object) -> Host:
    """The bridge in a zone `mine`, made as said, beside an untouched public."""
    return with_zones(PUBLIC, Zone(name="mine", interfaces=(BRIDGE,), **changes))  # type: ignore[arg-type]


def ruled(where: Host, service: str = "dhcp") -> ZoneFate:
    assert isinstance(where.firewalld, Firewalld)
    return in_zone(where, where.firewalld, BRIDGE, service)


def fate(where: Host, service: str = "dhcp") -> Fate:
    return ruled(where, service).fate


def test_libvirts_own_zone() -> None:
    where = with_zones(PUBLIC, Zone(**{**_fields(LIBVIRT), "interfaces": (BRIDGE,)}))
    found = ruled(where)
    assert (found.fate, found.why) == (Fate.PASS, "virbr0 is in zone libvirt: zone libvirt lets service dhcp in")
    assert fate(where, "tftp") is Fate.PASS


def _fields(zone: Zone) -> dict[str, object]:
    return {name: getattr(zone, name) for name in zone.__struct_fields__}


def test_without_a_zone_the_default_decides() -> None:
    found = ruled(with_zones(PUBLIC, LIBVIRT))
    assert found.fate is Fate.DROP
    assert "no zone, so the default zone public decides" in found.why


def test_a_default_zone_that_could_not_be_read_is_unknown() -> None:
    assert fate(with_zones(LIBVIRT)) is Fate.UNKNOWN


def test_a_firewalld_that_calls_itself_failed_is_unknown() -> None:
    assert fate(with_zones(PUBLIC, state="FAILED")) is Fate.UNKNOWN


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("default", Fate.DROP),
        ("%%REJECT%%", Fate.DROP),
        ("DROP", Fate.DROP),
        ("ACCEPT", Fate.PASS),
    ],
)
def test_the_target_decides_last(target: str, expected: Fate) -> None:
    assert fate(bound(target=target)) is expected
    assert fate(bound(target=target, services=("dhcp",))) is Fate.PASS


@pytest.mark.parametrize(
    ("zone", "dhcp", "tftp"),
    [
        pytest.param({"services": ("dhcp",)}, Fate.PASS, Fate.DROP, id="only the service itself"),
        pytest.param({"ports": (("67", "udp"),)}, Fate.PASS, Fate.DROP, id="its port"),
        pytest.param({"ports": (("67", "tcp"),)}, Fate.DROP, Fate.DROP, id="its port of tcp"),
        pytest.param({"ports": (("60-69", "udp"),)}, Fate.PASS, Fate.PASS, id="a range to the last port"),
        pytest.param({"ports": (("68-80", "udp"),)}, Fate.DROP, Fate.PASS, id="a range beside it"),
        pytest.param({"protocols": ("udp",)}, Fate.PASS, Fate.PASS, id="all of udp"),
        pytest.param({"protocols": ("icmp",)}, Fate.DROP, Fate.DROP, id="another protocol"),
        pytest.param({"source_ports": (("68", "udp"),)}, Fate.PASS, Fate.UNKNOWN, id="a DHCP client's source port"),
        pytest.param({"services": ("mystery",)}, Fate.UNKNOWN, Fate.UNKNOWN, id="a service nobody could read"),
        pytest.param({"forward_ports": (("67", "udp"),)}, Fate.UNKNOWN, Fate.DROP, id="forwarded elsewhere"),
        pytest.param({"ports": (("bootps", "udp"),)}, Fate.UNKNOWN, Fate.UNKNOWN, id="a port that is no number"),
    ],
)
def test_openings(zone: dict[str, object], dhcp: Fate, tftp: Fate) -> None:
    where = bound(**zone)
    assert (fate(where), fate(where, "tftp")) == (dhcp, tftp)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ('rule service name="dhcp" accept', Fate.PASS),
        ('rule priority="-5" service name="dhcp" accept', Fate.PASS),
        ('rule priority="5" port port="67" protocol="udp" accept', Fate.PASS),
        ('rule protocol value="udp" accept', Fate.PASS),
        ('rule source-port port="68" protocol="udp" accept', Fate.PASS),
        ('rule family="ipv4" source address="0.0.0.0" service name="dhcp" accept', Fate.PASS),
        ('rule family="ipv4" source NOT address="10.0.0.0/8" service name="dhcp" accept', Fate.PASS),
        ('rule family="ipv4" source address="10.0.0.0/8" service name="dhcp" accept', Fate.DROP),
        ('rule family="ipv4" destination address="255.255.255.255" service name="dhcp" accept', Fate.PASS),
        ('rule family="ipv4" destination address="10.0.0.1" service name="dhcp" accept', Fate.DROP),
        ('rule family="ipv6" service name="dhcp" accept', Fate.DROP),
        ('rule service name="dns" accept', Fate.DROP),
        ('rule service name="mystery" accept', Fate.UNKNOWN),
        ('rule icmp-type name="echo-request" accept', Fate.DROP),
        ('rule service name="dhcp" mark set="1"', Fate.DROP),
        ('rule service name="dhcp" log prefix="x = accept" limit value="3/m" accept', Fate.PASS),
        ('rule service name="dhcp" accept limit value="1/s"', Fate.UNKNOWN),
        ('rule source ipset="guests" service name="dhcp" accept', Fate.UNKNOWN),
        ('rule novelty name="x" accept', Fate.UNKNOWN),
        ('rule service name="dhcp accept', Fate.UNKNOWN),
        ('role service name="dhcp" accept', Fate.UNKNOWN),
    ],
)
def test_rich_rules_of_a_zone_that_opens_nothing(rule: str, expected: Fate) -> None:
    assert fate(bound(rich_rules=(rule,))) is expected


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        pytest.param('rule priority="-1" service name="dhcp" drop', Fate.DROP, id="before the openings"),
        pytest.param('rule service name="dhcp" reject', Fate.DROP, id="denying rules come first"),
        pytest.param('rule priority="1" service name="dhcp" drop', Fate.PASS, id="after the openings"),
        pytest.param('rule priority="-1" source mac="52:54:00:0d:0d:01" drop', Fate.UNKNOWN, id="a guest's MAC"),
        pytest.param('rule priority="-1" source mac="52:54:00:99:99:99" drop', Fate.PASS, id="nobody's MAC"),
        pytest.param('rule priority="-1" source ipset="x" accept', Fate.PASS, id="in doubt, and all the same"),
    ],
)
def test_rich_rules_of_a_zone_that_lets_dhcp_in(rule: str, expected: Fate) -> None:
    where = bound(services=("dhcp",), rich_rules=(rule,))
    where = Host(**{**{name: getattr(where, name) for name in where.__struct_fields__}, "domains": (domain(nic()),)})
    assert fate(where) is expected


def test_rules_of_one_priority_have_no_order() -> None:
    rules = ('rule priority="-1" service name="dhcp" accept', 'rule priority="-1" protocol value="udp" drop')
    assert fate(bound(rich_rules=rules)) is Fate.UNKNOWN
    apart = (rules[0], rules[1].replace("-1", "-2"))
    assert fate(bound(rich_rules=apart)) is Fate.DROP
    assert fate(bound(rich_rules=(rules[0].replace("-1", "-2"), rules[1]))) is Fate.PASS


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"priority": -1}, Fate.PASS, id="before the zone"),
        pytest.param({"priority": 1}, Fate.PASS, id="after a zone that decides nothing"),
        pytest.param({"egress": ("public",)}, Fate.DROP, id="not towards this host"),
        pytest.param({"ingress": ("public",)}, Fate.DROP, id="from another zone"),
        pytest.param({"ingress": ("ANY",)}, Fate.PASS, id="from anywhere"),
        pytest.param({"services": (), "target": "ACCEPT"}, Fate.PASS, id="by its target"),
    ],
)
def test_policies(changes: dict[str, object], expected: Fate) -> None:
    values: dict[str, object] = {
        "name": "p",
        "target": "CONTINUE",
        "ingress": ("mine",),
        "egress": ("HOST",),
        "services": ("dhcp",),
    }
    policy = Policy(**(values | changes))  # type: ignore[arg-type]
    where = with_zones(PUBLIC, Zone(name="mine", interfaces=(BRIDGE,)), policies=(policy,))
    assert fate(where) is expected


@pytest.mark.parametrize(("priority", "expected"), [(-1, Fate.DROP), (1, Fate.PASS)])
def test_a_refusing_policy_goes_before_or_after_the_zones_openings(priority: int, expected: Fate) -> None:
    policy = Policy(name="p", target="REJECT", ingress=("mine",), egress=("HOST",), priority=priority)
    zone = Zone(name="mine", interfaces=(BRIDGE,), services=("dhcp",))
    found = in_zone(host(), Firewalld(running=True, zones=(zone,), policies=(policy,)), BRIDGE, "dhcp")
    assert found.fate is expected
    assert found.decided_by == ("p" if expected is Fate.DROP else "mine")


def test_whether_a_policy_of_the_default_zone_reaches_an_unbound_bridge_is_not_known() -> None:
    policy = Policy(name="p", target="CONTINUE", ingress=("public",), egress=("HOST",), services=("dhcp",))
    assert fate(with_zones(PUBLIC, policies=(policy,))) is Fate.UNKNOWN


@pytest.mark.parametrize(
    ("source", "dhcp", "tftp"),
    [
        pytest.param("0.0.0.0/0", Fate.DROP, Fate.DROP, id="everybody: sources go before interfaces"),
        pytest.param("192.168.122.0/24", Fate.PASS, Fate.DROP, id="the guests, once they have an address"),
        pytest.param("192.168.122.128/25", Fate.PASS, Fate.UNKNOWN, id="half of the guests"),
        pytest.param("10.0.0.0/8", Fate.PASS, Fate.PASS, id="somebody else"),
        pytest.param("fd00::/8", Fate.PASS, Fate.PASS, id="IPv6"),
        pytest.param("52:54:00:0d:0d:01", Fate.UNKNOWN, Fate.UNKNOWN, id="a MAC, and the guests' are not known"),
        pytest.param("ipset:them", Fate.UNKNOWN, Fate.UNKNOWN, id="a set"),
    ],
)
def test_zones_with_sources(source: str, dhcp: Fate, tftp: Fate) -> None:
    claiming = Zone(name="claims", sources=(source,))
    mine = Zone(name="mine", interfaces=(BRIDGE,), services=("dhcp", "tftp"))
    where = with_zones(PUBLIC, claiming, mine)
    where = Host(
        **{
            **{name: getattr(where, name) for name in where.__struct_fields__},
            "domains": Missing("forbidden", "not for you"),
        }
    )
    assert (fate(where), fate(where, "tftp")) == (dhcp, tftp)


def test_priorities_of_zones_put_sources_in_doubt() -> None:
    claiming = Zone(name="claims", sources=("0.0.0.0/0",), ingress_priority=10)
    mine = Zone(name="mine", interfaces=(BRIDGE,), services=("dhcp",))
    assert fate(with_zones(PUBLIC, claiming, mine)) is Fate.UNKNOWN


def test_interfaces_by_pattern() -> None:
    assert fate(with_zones(PUBLIC, Zone(name="mine", interfaces=("virbr+",), services=("dhcp",)))) is Fate.PASS
    assert fate(with_zones(PUBLIC, Zone(name="mine", interfaces=("vnet+",), services=("dhcp",)))) is Fate.DROP


@pytest.mark.parametrize(
    ("proxy", "expected"),
    [
        pytest.param({"includes": ("dhcp",)}, Fate.PASS, id="includes dhcp"),
        pytest.param({"includes": ("inner",)}, Fate.PASS, id="includes what includes dhcp"),
        pytest.param({"includes": ("proxy", "dns")}, Fate.DROP, id="includes itself and another"),
        pytest.param({"ports": (("67", "udp"),)}, Fate.PASS, id="has the port"),
        pytest.param({"ports": (("67", "udp"),), "destinations": ("fe80::/64",)}, Fate.DROP, id="for IPv6 only"),
        pytest.param({"protocols": ("udp",)}, Fate.PASS, id="has the protocol"),
    ],
)
def test_services_that_are_not_called_dhcp(proxy: dict[str, object], expected: Fate) -> None:
    """foreman-proxy, for one, includes dhcp and tftp."""
    service = Service(name="proxy", origin="o", **proxy)  # type: ignore[arg-type]
    inner = Service(name="inner", origin="o", includes=("dhcp",))
    where = with_zones(
        PUBLIC, Zone(name="mine", interfaces=(BRIDGE,), services=("proxy",)), services=(service, inner, DNS)
    )
    assert fate(where) is expected


def test_an_administrators_dhcp_without_its_port_opens_nothing() -> None:
    other = Service(name="dhcp", origin="/etc/firewalld/services/dhcp.xml", ports=(("1067", "udp"),))
    zone = Zone(name="mine", interfaces=(BRIDGE,), services=("dhcp",))
    assert fate(with_zones(PUBLIC, zone, services=(other,))) is Fate.DROP
