"""firewalld-zone-lost: which zone decides about the guests' DHCP, and who puts the bridge back where."""

import msgspec
import pytest

from boots import ON_BR0, on_own_bridge
from builders import facts, finding, network, target
from pxedoctor.checks.filter import firewalld_zone_lost as check
from pxedoctor.findings.outcome import Broken, Fine, Hop, NotApplicable, Unknown
from pxedoctor.model.fact import Missing, MissingFactError
from pxedoctor.model.firewalld import Firewalld, Policy, Service, Zone
from pxedoctor.model.libvirt import Subnet
from pxedoctor.model.process import Process
from pxedoctor.model.target import Facts
from pxedoctor.plans.firewall import AddService, SetZone
from pxedoctor.plans.plan import NoPlan, Plan, simulate
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.step import Inverse, Nothing
from rulesets import filter_table, saved

BR = "virbr0"
PORTS = (
    ("dhcp", ("67", "udp")),
    ("tftp", ("69", "udp")),
    ("dns", ("53", "udp")),
    ("dhcpv6-client", ("546", "udp")),
    ("mdns", ("5353", "udp")),
    ("ssh", ("22", "tcp")),
)
SERVICES = tuple(Service(name=name, origin=f"{name}.xml", ports=(port,)) for name, port in PORTS)
PACKAGED = "/usr/lib/firewalld/zones"
FILE = "<zone>\n</zone>\n"
TO_HOST = Policy(
    name="libvirt-to-host",
    target="REJECT",
    ingress=("libvirt-routed",),
    egress=("HOST",),
    services=("dhcp", "ssh", "tftp"),
)
ROUTED_OUT = Policy(name="libvirt-routed-out", target="ACCEPT", ingress=("libvirt-routed",), egress=("ANY",))
REJECT = ('rule priority="32767" reject',)


def zone(name: str, *interfaces: str, **changes: object) -> Zone:
    values: dict[str, object] = {"name": name, "interfaces": interfaces}
    return Zone(**(values | changes))  # type: ignore[arg-type]


def public(*interfaces: str, **changes: object) -> Zone:
    values: dict[str, object] = {
        "services": ("ssh", "dhcpv6-client"),
        "stored_services": ("ssh", "dhcpv6-client"),
        "stored_in": f"{PACKAGED}/public.xml",
        "stored_text": FILE,
    }
    return zone("public", *interfaces, **(values | changes))


def libvirt(*interfaces: str, **changes: object) -> Zone:
    services = ("dhcp", "dns", "ssh", "tftp")
    values: dict[str, object] = {
        "target": "ACCEPT",
        "services": services,
        "rich_rules": REJECT,
        "stored_services": services,
        "stored_in": f"{PACKAGED}/libvirt.xml",
        "stored_text": FILE,
    }
    return zone("libvirt", *interfaces, **(values | changes))


def routed(*interfaces: str) -> Zone:
    return zone("libvirt-routed", *interfaces)


def firewalld(*zones: Zone, **changes: object) -> Firewalld:
    values: dict[str, object] = {
        "running": True,
        "state": "RUNNING",
        "default_zone": "public",
        "zones": zones,
        "zone_names": tuple(entry.name for entry in zones),
        "policies": (TO_HOST, ROUTED_OUT),
        "services": SERVICES,
        "flush_all_on_reload": True,
        "backend": "nftables",
    }
    return Firewalld(**(values | changes))  # type: ignore[arg-type]


def on(*zones: Zone, **changes: object) -> Facts:
    """A host with the default nat network and these zones."""
    net = changes.pop("network", None) or network()
    return facts(networks=(net,), firewalld=firewalld(*zones, **changes))


HERE = target(bridge=BR, network="default")


def broken(where: Facts) -> Broken:
    outcome = check.check(where, HERE)
    assert isinstance(outcome, Broken), outcome
    return outcome


def plan(where: Facts) -> Plan | NoPlan:
    return check.plan(finding(check, check.check(where, HERE)), where)


def words(where: Facts) -> list[str]:
    found = plan(where)
    assert isinstance(found, Plan), found
    return [" ".join(step.argv()) for step in found.steps]


def tftp_network(**changes: object) -> object:
    subnet = Subnet(
        family="ipv4",
        address="192.168.122.1",
        prefix=24,
        ranges=(("192.168.122.2", "192.168.122.9"),),
        tftp_root="/srv",
    )
    return network(subnets=(subnet,), **changes)


LOST = on(public(), libvirt(), routed())


def test_an_unbound_bridge_falls_into_a_default_zone_that_refuses() -> None:
    outcome = broken(LOST)
    assert outcome.headline == "virbr0 is in no zone of firewalld: the default zone public decides, and refuses DHCP."
    assert (outcome.severity, outcome.hop, outcome.subject, outcome.scope) == ("broken", Hop.INPUT, BR, "network")
    said = {entry.origin: entry for entry in outcome.evidence}
    assert said["firewall-cmd --get-zone-of-interface=virbr0"].value == "no zone"
    assert said["firewall-cmd --get-default-zone"].value == "public"
    assert said["/etc/firewalld/firewalld.conf FlushAllOnReload"].value == "yes"
    assert "does not help" in said["/etc/firewalld/firewalld.conf FirewallBackend"].text
    assert said["/run/libvirt/network/default.xml"].value == "192.168.122.2 - 192.168.122.254"


def test_a_zone_that_refuses() -> None:
    outcome = broken(on(public(), libvirt(), zone("drop", BR, target="DROP")))
    assert outcome.headline == "firewalld has virbr0 in zone drop, where DHCP to this host is refused."


@pytest.mark.parametrize(
    "where",
    [
        pytest.param(on(public(), libvirt(BR)), id="libvirt's zone"),
        pytest.param(on(public(), libvirt(), zone("mine", BR, services=("dhcp",))), id="an administrator's zone"),
        pytest.param(on(public(services=("dhcp",)), libvirt()), id="no zone, and the default one lets DHCP in"),
        pytest.param(
            on(public(), libvirt(), routed(BR), network=network(forward="route")),
            id="a routed network: the policy lets DHCP in, not the zone",
        ),
    ],
)
def test_fine(where: Facts) -> None:
    assert isinstance(check.check(where, HERE), Fine)


@pytest.mark.parametrize(
    "where",
    [
        pytest.param(facts(networks=(network(),), firewalld=Firewalld(running=False)), id="firewalld does not run"),
        pytest.param(on(public(), libvirt(), network=network(active=False)), id="the network is not active"),
        pytest.param(on(public(), libvirt(), network=network(subnets=())), id="nobody serves DHCP"),
        pytest.param(on(public(), libvirt(), network=network(forward="bridge")), id="somebody else's bridge"),
    ],
)
def test_not_applicable(where: Facts) -> None:
    assert isinstance(check.check(where, HERE), NotApplicable)


def test_a_target_without_a_bridge_is_not_applicable() -> None:
    assert isinstance(check.check(LOST, target(bridge=None)), NotApplicable)


def test_missing_facts_are_told() -> None:
    unknown = Missing("forbidden", "not for you", "run it as root")
    with pytest.raises(MissingFactError):
        check.check(facts(networks=(network(),), firewalld=unknown), HERE)
    with pytest.raises(MissingFactError):
        check.check(facts(networks=unknown, firewalld=firewalld(public())), HERE)


def test_a_host_without_libvirts_networks_may_serve_a_bridge_all_the_same() -> None:
    where = served(DNSMASQ, public())
    absent = Missing("absent", "libvirt's network driver is not configured here")
    without = Facts(host=msgspec.structs.replace(where.host, networks=absent))
    assert isinstance(check.check(without, AT_BR0), Broken)


def test_what_the_zones_do_not_settle_is_unknown() -> None:
    doubt = ('rule source ipset="guests" service name="dhcp" accept',)
    outcome = check.check(on(public(rich_rules=doubt), libvirt()), HERE)
    assert isinstance(outcome, Unknown)
    assert outcome.on_road


def test_tftp_counts_where_the_network_has_a_tftp_root() -> None:
    without = libvirt(BR, services=("dhcp",))
    assert isinstance(check.check(on(public(), without), HERE), Fine)
    outcome = broken(on(public(), without, network=tftp_network()))
    assert "TFTP" in outcome.headline
    assert outcome.severity == "broken"


@pytest.mark.parametrize(("name", "severity"), [("ipxe", "broken"), ("dhclient", "risk"), (None, "broken")])
def test_a_lost_tftp_is_an_operating_systems_risk_only(name: str | None, severity: str) -> None:
    where = on(public(), libvirt(BR, services=("dhcp",)), network=tftp_network())
    outcome = check.check(where, target(name, bridge=BR))
    assert isinstance(outcome, Broken)
    assert outcome.severity == severity


def test_with_the_iptables_backend_it_is_broken_where_its_rules_end_the_discover() -> None:
    public_zone = Zone(name="public", interfaces=("br0",))
    firewalld = Firewalld(
        running=True, default_zone="public", zones=(public_zone,), zone_names=("public",), backend="iptables"
    )
    chains = ("INPUT_direct", "INPUT_ZONES")
    ends = "-A INPUT -j INPUT_direct\n-A INPUT -j REJECT --reject-with icmp-host-prohibited"
    opens = "-A INPUT -i br0 -p udp -m udp --dport 67 -j ACCEPT"

    shut = check.check(on_own_bridge(saved(filter_table(ends, chains=chains)), firewalld=firewalld), ON_BR0)
    above = check.check(
        on_own_bridge(saved(filter_table(f"{opens}\n{ends}", chains=chains)), firewalld=firewalld), ON_BR0
    )

    assert isinstance(shut, Broken)
    assert isinstance(above, Broken)
    assert (shut.severity, above.severity) == ("broken", "risk")


def test_with_the_iptables_backend_it_is_a_risk() -> None:
    outcome = broken(on(public(), libvirt(), backend="iptables"))
    assert outcome.severity == "risk"
    assert "still pass" in outcome.evidence[-1].text


@pytest.mark.parametrize(
    ("where", "command"),
    [
        pytest.param(LOST, "firewall-cmd --zone=libvirt --change-interface=virbr0", id="libvirt's zone"),
        pytest.param(
            on(public(), libvirt(), routed(), network=network(forward="route")),
            "firewall-cmd --zone=libvirt-routed --change-interface=virbr0",
            id="a routed network",
        ),
        pytest.param(
            on(public(), libvirt(), routed(), network=network(forward="route"), policies=(TO_HOST,)),
            "firewall-cmd --zone=libvirt --change-interface=virbr0",
            id="a routed network of a libvirt before 8.10",
        ),
        pytest.param(
            on(public(), libvirt(), zone("lab", services=("dhcp", "ssh")), network=network(zone="lab")),
            "firewall-cmd --zone=lab --change-interface=virbr0",
            id="the network names its zone",
        ),
    ],
)
def test_the_bridge_goes_where_libvirt_would_put_it(where: Facts, command: str) -> None:
    found = plan(where)
    assert isinstance(found, Plan)
    assert [" ".join(step.argv()) for step in found.steps] == [command]
    assert found.safety is Safety.SAFE
    after, assumed = simulate(found, where.host)
    assert not assumed
    assert isinstance(check.check(Facts(host=after), HERE), Fine)


def test_never_trusted_and_never_without_firewalld() -> None:
    found = plan(LOST)
    assert isinstance(found, Plan)
    assert [(old.command, old.safety) for old in found.shown] == [
        ("systemctl disable --now firewalld; systemctl restart libvirtd", Safety.SHOW_ONLY),
        ("firewall-cmd --zone=trusted --change-interface=virbr0", Safety.SHOW_ONLY),
    ]
    assert all("opens every port" in old.may_lose for old in found.shown)


def test_the_undo_puts_the_bridge_back_where_it_was() -> None:
    found = plan(LOST)
    assert isinstance(found, Plan)
    undo = found.steps[0].undo(LOST.host)
    assert isinstance(undo, Inverse)
    assert undo.argv == ("firewall-cmd", "--zone=libvirt", "--remove-interface=virbr0")
    where = on(public(), libvirt(), zone("drop", BR, target="DROP"))
    undo = SetZone(interface=BR, zone="libvirt").undo(where.host)
    assert isinstance(undo, Inverse)
    assert undo.argv == ("firewall-cmd", "--zone=drop", "--change-interface=virbr0")


def test_what_guests_would_lose_makes_it_risky() -> None:
    found = plan(on(public(services=("ssh", "mdns"), ports=(("80", "tcp"),)), libvirt()))
    assert isinstance(found, Plan)
    assert found.safety is Safety.RISKY
    assert "80/tcp, mdns" in found.may_lose


def test_a_service_that_the_zone_lost_at_run_time_is_let_in_again() -> None:
    where = on(public(), libvirt(BR, services=("dns", "ssh")))
    assert words(where) == ["firewall-cmd --zone=libvirt --add-service=dhcp"]


def test_both_services_where_both_are_lost() -> None:
    where = on(public(), libvirt(BR, services=()), network=tftp_network())
    assert words(where) == [
        "firewall-cmd --zone=libvirt --add-service=dhcp",
        "firewall-cmd --zone=libvirt --add-service=tftp",
    ]


def test_an_administrators_copy_is_named_and_left_alone() -> None:
    own = libvirt(BR, services=("ssh",), stored_services=("ssh",), stored_in="/etc/firewalld/zones/libvirt.xml")
    where = on(public(), own)
    evidence = next(entry for entry in broken(where).evidence if entry.origin == "/etc/firewalld/zones/libvirt.xml")
    assert evidence.value == "services: ssh"
    found = plan(where)
    assert isinstance(found, Plan)
    assert words(where) == ["firewall-cmd --zone=libvirt --add-service=dhcp"]
    assert found.safety is Safety.SAFE
    assert "<service name='dhcp'/> in /etc/firewalld/zones/libvirt.xml" in found.other_ways[0]


def test_a_lost_bridge_and_a_lost_service_are_two_steps() -> None:
    assert words(on(public(), libvirt(services=("ssh",)))) == [
        "firewall-cmd --zone=libvirt --change-interface=virbr0",
        "firewall-cmd --zone=libvirt --add-service=dhcp",
    ]


@pytest.mark.parametrize(
    "where",
    [
        pytest.param(on(public(), routed()), id="libvirt's zone is not there"),
        pytest.param(
            on(public(), libvirt(BR, rich_rules=('rule service name="dhcp" drop', *REJECT))), id="somebody's rich rule"
        ),
        pytest.param(
            on(
                public(),
                libvirt(),
                routed(BR),
                network=network(forward="route"),
                policies=(Policy(name="p", target="DROP", ingress=("ANY",), egress=("HOST",)), ROUTED_OUT),
            ),
            id="somebody's policy",
        ),
    ],
)
def test_no_plan(where: Facts) -> None:
    found = plan(where)
    assert isinstance(found, NoPlan)
    assert found.instead


DNSMASQ = "dnsmasq --interface=br0 --dhcp-range=10.0.0.10,10.0.0.99"
AT_BR0 = target(bridge="br0")


def served(command: str, *zones: Zone, state: str = "S", name: str = "dnsmasq") -> Facts:
    """A host bridge, no libvirt network, and one DHCP server."""
    process = Process(pid=7, parent=1, state=state, name=name, command=command)
    return facts(processes=(process,), firewalld=firewalld(*zones))


@pytest.mark.parametrize(
    "command",
    [
        DNSMASQ,
        "dnsmasq -i br0 -F 10.0.0.10,10.0.0.99",
        "dnsmasq --interface=lo,br0 --dhcp-range=10.0.0.10,10.0.0.99",
        "dnsmasq --enable-tftp --dhcp-range=10.0.0.10,10.0.0.99 --interface br0",
    ],
)
def test_a_host_bridge_served_by_a_dnsmasq_that_names_it(command: str) -> None:
    outcome = check.check(served(command, public()), AT_BR0)
    assert isinstance(outcome, Broken)
    assert outcome.scope == "bridge"
    assert outcome.evidence[0].origin == "/proc/7/cmdline"


@pytest.mark.parametrize(
    "where",
    [
        pytest.param(served("dnsmasq --interface=br00 --dhcp-range=1,2", public()), id="another bridge"),
        pytest.param(served("dnsmasq --interface=br0", public()), id="DNS only"),
        pytest.param(served("dnsmasq --dhcp-range=1,2", public()), id="which bridge is not said"),
        pytest.param(served(DNSMASQ, public(), state="Z"), id="a zombie"),
        pytest.param(served(DNSMASQ, public(), name="dhcpd"), id="a raw-socket server hears all the same"),
        pytest.param(facts(firewalld=firewalld(public())), id="processes not known"),
    ],
)
def test_a_host_bridge_nobody_is_known_to_serve(where: Facts) -> None:
    assert isinstance(check.check(where, AT_BR0), NotApplicable)


def _host_bridge_plan(*zones: Zone) -> Plan:
    where = served(DNSMASQ, *zones)
    found = check.plan(finding(check, check.check(where, AT_BR0)), where)
    assert isinstance(found, Plan), found
    return found


def test_a_host_bridge_keeps_its_zone_and_gets_the_service_now_and_for_good() -> None:
    mine = zone("mine", "br0", stored_services=(), stored_in=f"{PACKAGED}/mine.xml", stored_text=FILE)
    found = _host_bridge_plan(public(), mine)
    assert [" ".join(step.argv()) for step in found.steps] == [
        "firewall-cmd --zone=mine --add-service=dhcp",
        "vi /etc/firewalld/zones/mine.xml",
    ]
    assert found.safety is Safety.SAFE
    undo = found.steps[1].undo(served(DNSMASQ, public(), mine).host)
    assert isinstance(undo, Inverse)
    assert undo.argv == ("rm", "/etc/firewalld/zones/mine.xml")


@pytest.mark.parametrize(
    ("zones", "named"),
    [
        pytest.param((public(), zone("mine", "br0", "eno1")), "eno1", id="another interface"),
        pytest.param((public("br0"),), "every interface without a zone of its own", id="the default zone"),
    ],
)
def test_whoever_else_is_in_the_zone_makes_it_risky(zones: tuple[Zone, ...], named: str) -> None:
    found = _host_bridge_plan(*zones)
    assert found.safety is Safety.RISKY
    assert named in found.may_lose


def test_nothing_is_stored_where_a_person_wrote_the_file_or_nobody_could_read_it() -> None:
    for zone_file in ({"stored_services": (), "stored_in": "/etc/firewalld/zones/mine.xml"}, {}):
        found = _host_bridge_plan(public(), zone("mine", "br0", **zone_file))
        assert [" ".join(step.argv()) for step in found.steps] == ["firewall-cmd --zone=mine --add-service=dhcp"]


def test_an_open_network_is_treated_as_a_host_bridge() -> None:
    where = on(public(), libvirt(), network=network(forward="open"))
    assert words(where) == [
        "firewall-cmd --zone=public --add-service=dhcp",
        "vi /etc/firewalld/zones/public.xml",
    ]


def test_the_undo_of_a_service_takes_nothing_away_that_was_there() -> None:
    where = on(public(), libvirt(BR), zone("dark"))
    assert isinstance(AddService(zone="libvirt", service="dhcp").undo(where.host), Nothing)
    assert isinstance(AddService(zone="nowhere", service="dhcp").undo(where.host), Nothing)
    assert isinstance(AddService(zone="dark", service="dhcp").undo(where.host), Inverse)
