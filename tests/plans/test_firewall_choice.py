"""The repair speaks the owner's language, is made where it decides, and is none where no accept would hold."""

import pytest

from builders import host, network
from pxedoctor.model.firewall_files import FirewallFile
from pxedoctor.model.firewalld import Firewalld, Zone
from pxedoctor.model.host import Host
from pxedoctor.netfilter.owner import Ownership, ownership
from pxedoctor.netfilter.owner_names import Owner
from pxedoctor.netfilter.syntax import Table
from pxedoctor.plans.firewall_choice import opening, openings
from pxedoctor.plans.firewall_obstacle import Obstacle
from pxedoctor.plans.firewall_opening import Opening
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.plans.safety import Safety
from ruletexts import ebtables_table, nft_table, real, rule_of, saved_table

DHCP = Opening(interface="virbr0", service="dhcp")
BRIDGED = Opening(interface="br0", service="dhcp", direction="bridged")
UFW = saved_table(real("ufw.save"))
DOCKER = saved_table(real("docker.save"))
PLAIN = saved_table("*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n-A INPUT -p udp -j DROP\nCOMMIT\n")
NATIVE = nft_table("inet", "filter", input=("udp dport 67 drop",))


def obstacle(
    table: Table, base: str, owner: Owner, chain: str = "", text: str | None = None, **place: object
) -> Obstacle:
    chain = chain or base
    rule = rule_of(table, chain, text) if text else None
    owned = Ownership(owner=owner, why="so it is", **place)  # type: ignore[arg-type]
    return Obstacle(table=table, base=base, chain=chain, rule=rule, owned=owned)


def commands(plan: Plan | NoPlan) -> list[str]:
    assert isinstance(plan, Plan), plan
    return [" ".join(step.argv()) for step in plan.steps]


def why_not(plan: Plan | NoPlan) -> str:
    assert isinstance(plan, NoPlan), plan
    assert plan.instead
    return plan.because


def test_ufw_is_told_in_its_own_words() -> None:
    plan = opening(host(), obstacle(UFW, "INPUT", Owner.UFW), DHCP)
    assert commands(plan) == ["ufw allow in on virbr0 to any port 67 proto udp"]
    assert isinstance(plan, Plan)
    assert plan.safety is Safety.SAFE
    assert [old.command for old in plan.shown] == ["ufw allow in on virbr0"]


def test_all_three_services_in_one_plan() -> None:
    wanted = [Opening(interface="virbr0", service=service) for service in ("dhcp", "dns", "tftp")]
    plan = openings(host(), obstacle(UFW, "INPUT", Owner.UFW), wanted)
    assert [command.split()[8] for command in commands(plan)] == ["67", "53", "69"]


def test_one_service_without_a_plan_is_a_plan_for_none() -> None:
    wanted = [DHCP, Opening(interface="virbr0", service="tftp", direction="out")]
    assert "port chosen at random" in why_not(openings(host(), obstacle(PLAIN, "INPUT", Owner.UNKNOWN), wanted))
    assert isinstance(openings(host(), obstacle(PLAIN, "INPUT", Owner.UNKNOWN), []), NoPlan)


def test_a_person_told_ufw_to_refuse() -> None:
    table = saved_table(
        real("ufw.save").replace("COMMIT", "-A ufw-user-input -p udp -m udp --dport 67 -j DROP\nCOMMIT")
    )
    rule = "-A ufw-user-input -p udp -m udp --dport 67 -j DROP"
    found = obstacle(table, "INPUT", Owner.UFW, "ufw-user-input", rule, file="/etc/ufw/user.rules", line=22)
    assert "(/etc/ufw/user.rules, line 22)" in why_not(opening(host(), found, DHCP))


def test_ufw_allow_comes_too_late_for_before_rules() -> None:
    rule = "-A ufw-before-input -m conntrack --ctstate INVALID -j DROP"
    plan = opening(host(), obstacle(UFW, "INPUT", Owner.UFW, "ufw-before-input", rule), DHCP)
    assert "before it asks what `ufw allow` writes" in why_not(plan)


def test_ufw_allows_it_in_its_file_and_not_in_the_kernel() -> None:
    at = host(firewall_files=(FirewallFile(path="/etc/ufw/user.rules", text=real("user.rules")),))
    plan = opening(at, obstacle(UFW, "INPUT", Owner.UFW), DHCP)
    assert "line 20" in why_not(plan)
    assert isinstance(plan, NoPlan)
    assert plan.instead == ("ufw reload",)


def test_dockers_forward_drop_is_passed_in_docker_user() -> None:
    plan = opening(host(), obstacle(DOCKER, "FORWARD", Owner.DOCKER), BRIDGED)
    assert commands(plan) == ["iptables -w -I DOCKER-USER -i br0 -o br0 -m physdev --physdev-is-bridged -j ACCEPT"]
    assert isinstance(plan, Plan)
    assert plan.safety is Safety.RISKY
    assert plan.may_lose
    assert any("bridge-nf-call-iptables=0" in way for way in plan.other_ways)


def test_routed_traffic_through_docker_and_its_replies() -> None:
    wants = Opening(interface="virbr0", service="tftp", direction="routed")
    assert commands(opening(host(), obstacle(DOCKER, "FORWARD", Owner.DOCKER), wants)) == [
        "iptables -w -I DOCKER-USER -i virbr0 -p udp -m udp --dport 69 -j ACCEPT",
        "iptables -w -I DOCKER-USER -o virbr0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
    ]


def test_old_docker_has_no_such_chain() -> None:
    plan = opening(host(), obstacle(PLAIN, "FORWARD", Owner.DOCKER), BRIDGED)
    assert commands(plan)[0].startswith("iptables -w -I FORWARD ")


def test_dockers_nftables_backend_has_no_such_chain_and_no_accept_elsewhere_helps() -> None:
    table = nft_table("ip", "docker-bridges", forward=("drop",))
    assert "overrides nothing" in why_not(opening(host(), obstacle(table, "forward", Owner.DOCKER), BRIDGED))


def test_nftables_service_gets_a_rule_in_its_own_chain() -> None:
    found = obstacle(NATIVE, "input", Owner.NFTABLES_SERVICE, file="/etc/nftables.conf", line=7)
    plan = opening(host(), found, DHCP)
    assert commands(plan) == [
        'nft insert rule inet filter input iifname "virbr0" udp dport 67 accept comment "pxedoctor: dhcp in virbr0"'
    ]
    assert isinstance(plan, Plan)
    assert plan.safety is Safety.SAFE
    assert plan.other_ways == (
        'For good: `iifname "virbr0" udp dport 67 accept` in /etc/nftables.conf, before what refuses it '
        "(/etc/nftables.conf, line 7, is what refuses it now).",
    )


@pytest.mark.parametrize(
    ("origin", "variant", "family", "program"),
    [
        ("iptables-nft-save", "nft", "ip", "iptables-nft"),
        ("iptables-save -t filter", "legacy", "ip", "iptables"),
        ("iptables-legacy-save -t filter", "legacy", "ip", "iptables-legacy"),
        ("ip6tables-nft-save", "nft", "ip6", "ip6tables-nft"),
        ("sos_commands/firewall_tables/iptables_-t_filter_-nvL", "legacy", "ip", "iptables-legacy"),
        ("sos_commands/firewall_tables/ip6tables-save", "nft", "ip6", "ip6tables"),
    ],
)
def test_the_program_that_has_the_table_changes_it(origin: str, variant: str, family: str, program: str) -> None:
    table = Table(
        family=family,
        name="filter",
        origin=origin,
        dialect="iptables",
        variant=variant,  # type: ignore[arg-type]
        chains=PLAIN.chains,
    )
    plan = opening(host(), obstacle(table, "INPUT", Owner.UNKNOWN), DHCP)
    assert commands(plan) == [f"{program} -w -I INPUT -i virbr0 -p udp -m udp --dport 67 -j ACCEPT"]


@pytest.mark.parametrize(
    ("owner", "place", "words"),
    [
        (Owner.UNKNOWN, {}, "wherever this host keeps its rules"),
        (Owner.IPTABLES_PERSISTENT, {"file": "/etc/iptables/rules.v4", "line": 3}, "in /etc/iptables/rules.v4, before"),
        (Owner.IPTABLES_SERVICE, {}, "in the file that the service loads"),
        (Owner.SCRIPT, {"file": "/etc/rc.local", "line": 5}, "in /etc/rc.local, after line 5"),
        (Owner.NIXOS, {}, 'networking.firewall.interfaces."virbr0".allowedUDPPorts = [ 67 ];'),
        (Owner.SHOREWALL, {}, "the option dhcp of virbr0"),
        (Owner.OPENWRT, {}, "/etc/config/firewall"),
    ],
)
def test_how_it_is_made_for_good(owner: Owner, place: dict[str, object], words: str) -> None:
    plan = opening(host(), obstacle(PLAIN, "INPUT", owner, **place), DHCP)
    assert isinstance(plan, Plan)
    assert words in plan.other_ways[0]


@pytest.mark.parametrize(
    ("owner", "words"),
    [
        (Owner.NWFILTER, "allow-dhcp"),
        (Owner.PROXMOX, "DHCPfwd(ACCEPT) -i virbr0"),
        (Owner.KUBE_PROXY, "kubelet"),
        (Owner.CALICO, "udp:67"),
        (Owner.CILIUM, "67/UDP"),
        (Owner.FAIL2BAN, "unbanip"),
        (Owner.CROWDSEC, "cscli"),
        (Owner.LXD, "lxc network set virbr0"),
        (Owner.INCUS, "incus network set virbr0"),
        (Owner.LIBVIRT, "forward mode"),
        (Owner.NEUTRON, "--dst-port 67"),
        (Owner.TAILSCALE, "range"),
        (Owner.NETWORK_MANAGER, "shared"),
        (Owner.PODMAN, "podman network"),
        (Owner.CNI, "CNI-ADMIN"),
    ],
)
def test_who_writes_its_rules_anew_is_not_written_over(owner: Owner, words: str) -> None:
    plan = opening(host(), obstacle(PLAIN, "INPUT", owner), DHCP)
    assert isinstance(plan, NoPlan)
    assert words in " ".join(plan.instead)


def test_never_a_native_rule_in_a_table_of_iptables() -> None:
    """nft lists a table that iptables refuses to list, because somebody's native rule is in it."""
    mixed = nft_table("ip", "filter", INPUT=("udp dport 67 drop",))
    plan = opening(host(), obstacle(mixed, "INPUT", Owner.UNKNOWN, text="udp dport 67 drop"), DHCP)
    assert "iptables', which did not list it" in why_not(plan)


def test_below_ip_the_rule_is_shown() -> None:
    table = ebtables_table(real("nwfilter.save"), "nat")
    plan = opening(host(), obstacle(table, "PREROUTING", Owner.UNKNOWN), DHCP)
    assert "below IP" in why_not(plan)


@pytest.mark.parametrize("name", ["vnet+", "$(id)", 'a"b'])
def test_a_name_that_would_open_more_is_refused(name: str) -> None:
    plan = opening(host(), obstacle(PLAIN, "INPUT", Owner.UNKNOWN), Opening(interface=name, service="dhcp"))
    assert isinstance(plan, NoPlan)


def test_a_chain_whose_name_nft_cannot_take() -> None:
    table = nft_table("inet", "filter", **{"in; flush ruleset": ("drop",)})
    plan = opening(host(), obstacle(table, "in; flush ruleset", Owner.UNKNOWN), DHCP)
    assert isinstance(plan, NoPlan)
    assert "cannot name" in plan.because


def firewalld(*zones: Zone, **changes: object) -> Host:
    values = {"running": True, "default_zone": "public", "zone_names": tuple(z.name for z in zones), "zones": zones}
    return host(networks=(network(),), firewalld=Firewalld(**(values | changes)))  # type: ignore[arg-type]


FIREWALLD = nft_table("inet", "firewalld", filter_INPUT=("reject with icmpx admin-prohibited",))


def in_zone(at: Host, wants: Opening = DHCP) -> Plan | NoPlan:
    return opening(at, obstacle(FIREWALLD, "filter_INPUT", Owner.FIREWALLD), wants)


def test_libvirts_bridge_goes_into_libvirts_zone() -> None:
    plan = in_zone(firewalld(Zone(name="public"), Zone(name="libvirt")))
    assert commands(plan) == ["firewall-cmd --zone=libvirt --change-interface=virbr0"]


def test_a_zone_of_its_own_gets_the_service_now_and_for_good() -> None:
    file = {
        "stored_services": (),
        "stored_in": "/usr/lib/firewalld/zones/guests.xml",
        "stored_text": "<zone>\n</zone>\n",
    }
    at = firewalld(Zone(name="public"), Zone(name="guests", interfaces=("virbr0",), **file))  # type: ignore[arg-type]
    plan = in_zone(at)
    assert commands(plan) == ["firewall-cmd --zone=guests --add-service=dhcp", "vi /etc/firewalld/zones/guests.xml"]
    assert isinstance(plan, Plan)
    assert plan.safety is Safety.SAFE


def test_a_zone_of_others_too_is_risky() -> None:
    at = firewalld(Zone(name="public", stored_services=()))
    plan = in_zone(at, Opening(interface="br0", service="http"))
    assert isinstance(plan, Plan)
    assert plan.safety is Safety.RISKY
    assert "every interface without a zone" in plan.may_lose


def test_a_persons_file_of_a_zone_is_left_alone() -> None:
    zone = Zone(name="g", interfaces=("virbr0",), stored_services=(), stored_in="/etc/firewalld/zones/g.xml")
    plan = in_zone(firewalld(Zone(name="public"), zone))
    assert commands(plan) == ["firewall-cmd --zone=g --add-service=dhcp"]
    assert isinstance(plan, Plan)
    assert "<service name='dhcp'/> in /etc/firewalld/zones/g.xml" in plan.other_ways[0]


def test_what_firewalld_cannot_be_told_so() -> None:
    assert "another rule of the zone" in why_not(
        in_zone(firewalld(Zone(name="g", interfaces=("virbr0",), services=("dhcp",))))
    )
    assert "policies" in why_not(in_zone(firewalld(Zone(name="public")), BRIDGED))
    assert "could not be asked" in why_not(in_zone(host()))
    assert "could not be read" in why_not(in_zone(firewalld()))


def test_from_the_rules_of_a_real_ufw_to_its_repair() -> None:
    """The whole way: the listing and the files say whose it is, and the repair is in its words."""
    files = (FirewallFile(path="/etc/default/ufw", text=real("etc-default-ufw")),)
    at = host(firewall_files=files)
    owned = ownership(at, UFW, "INPUT", None)
    plan = opening(at, Obstacle(table=UFW, base="INPUT", chain="INPUT", rule=None, owned=owned), DHCP)
    assert commands(plan) == ["ufw allow in on virbr0 to any port 67 proto udp"]
