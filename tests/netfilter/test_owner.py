"""Whose rule it is, told of listings and files as the programs themselves wrote them (Debian 12)."""

from pathlib import Path

import pytest

from builders import host, network
from pxedoctor.model.fact import Missing
from pxedoctor.model.firewall_files import FirewallFile
from pxedoctor.model.process import Process
from pxedoctor.netfilter.owner import Ownership, owner_of, ownership
from pxedoctor.netfilter.owner_names import Owner
from pxedoctor.netfilter.syntax import Table
from ruletexts import ebtables_table, nft_table, real, rule_of, saved_table

UFW_FILES = (
    FirewallFile(path="/etc/default/ufw", text=real("etc-default-ufw")),
    FirewallFile(path="/etc/ufw/before.rules", text=real("before.rules")),
    FirewallFile(path="/etc/ufw/user.rules", text=real("user.rules")),
)
NFTABLES_CONF = """\
#!/usr/sbin/nft -f
flush ruleset

define guests = virbr0

table inet filter {
	chain input {
		type filter hook input priority 0; policy drop;
		ct state { established, related } accept
		iifname $guests udp dport { bootps, tftp } counter reject
	}
}
"""


def told(table: Table, chain: str, text: str | None, *files: FirewallFile, **facts: object) -> Ownership:
    rule = None if text is None else rule_of(table, chain, text)
    return ownership(host(**({"firewall_files": files} | facts)), table, chain, rule)


def running(*names: str) -> tuple[Process, ...]:
    return tuple(Process(pid=pid, parent=1, state="S", name=name, command="") for pid, name in enumerate(names, 10))


@pytest.mark.parametrize(
    ("table", "chain", "owner"),
    [
        ("filter", "LIBVIRT_INP", "libvirt"),
        ("libvirt_network", "guest_input", "libvirt"),
        ("libvirt_nwfilter_inet", "vnet0-out", "libvirt nwfilter"),
        ("nat", "libvirt-I-vnet0", "libvirt nwfilter"),
        ("firewalld", "filter_INPUT", "firewalld"),
        ("filter", "INPUT_ZONES", "firewalld"),
        ("filter", "ufw-before-input", "ufw"),
        ("filter", "ufw6-user-input", "ufw"),
        ("filter", "DOCKER-USER", "Docker"),
        ("docker-bridges", "filter-FORWARD", "Docker"),
        ("filter", "NETAVARK_FORWARD", "podman"),
        ("netavark", "INPUT", "podman"),
        ("filter", "CNI-FORWARD", "CNI plugins"),
        ("filter", "KUBE-FORWARD", "kube-proxy"),
        ("kube-proxy", "filter-forward", "kube-proxy"),
        ("filter", "cali-FORWARD", "Calico"),
        ("calico", "filter-cali-FORWARD", "Calico"),
        ("filter", "CILIUM_FORWARD", "Cilium"),
        ("lxd", "in.lxdbr0", "LXD"),
        ("incus", "fwd.incusbr0", "Incus"),
        ("filter", "PVEFW-INPUT", "Proxmox firewall"),
        ("filter", "tap100i0-IN", "Proxmox firewall"),
        ("filter", "GROUP-web-IN", "Proxmox firewall"),
        ("filter", "f2b-sshd", "fail2ban"),
        ("f2b-table", "f2b-chain", "fail2ban"),
        ("nixos-fw", "input", "NixOS firewall"),
        ("filter", "nixos-fw-log-refuse", "NixOS firewall"),
        ("filter", "ts-input", "Tailscale"),
        ("filter", "nm-sh-fw-wlan0", "NetworkManager"),
        ("io.systemd.nat", "postrouting", "systemd-networkd"),
        ("filter", "INPUT", ""),
        ("filter", "IN_public", ""),
        ("incus_masq", "postrouting", ""),
    ],
)
def test_a_name_alone(table: str, chain: str, owner: str) -> None:
    assert owner_of(table, chain) == owner


def test_ufw_drops_by_policy_because_its_defaults_say_so() -> None:
    found = told(saved_table(real("ufw.save")), "INPUT", None, *UFW_FILES)
    assert (found.owner, found.file, found.line) == (Owner.UFW, "/etc/default/ufw", 11)
    assert 'line 11, says DEFAULT_INPUT_POLICY="DROP"' in found.why


def test_the_policy_of_reject_is_drop_too() -> None:
    files = (FirewallFile(path="/etc/default/ufw", text='DEFAULT_INPUT_POLICY="REJECT"\n'),)
    assert told(saved_table(real("ufw.save")), "INPUT", None, *files).owner is Owner.UFW


def test_a_policy_that_ufw_would_not_set_is_somebody_elses() -> None:
    files = (FirewallFile(path="/etc/default/ufw", text='DEFAULT_INPUT_POLICY="ACCEPT"\n'),)
    assert told(saved_table(real("ufw.save")), "INPUT", None, *files).owner is Owner.UNKNOWN


def test_ufws_defaults_may_be_closed_to_a_plain_user() -> None:
    files = (FirewallFile(path="/etc/default/ufw", closed="may not be read by this user"),)
    found = told(saved_table(real("ufw.save")), "INPUT", None, *files)
    assert (found.owner, found.file) == (Owner.UFW, "")
    assert "could not be read" in found.why


def test_a_rule_of_ufws_is_found_in_its_file_however_it_is_written_there() -> None:
    """before.rules has `-d 239.255.255.250 --dport 1900`, the kernel `-d 239.255.255.250/32 -p udp -m udp ...`."""
    text = "-A ufw-before-input -d 239.255.255.250/32 -p udp -m udp --dport 1900 -j ACCEPT"
    found = told(saved_table(real("ufw.save")), "ufw-before-input", text, *UFW_FILES)
    assert (found.owner, found.file) == (Owner.UFW, "/etc/ufw/before.rules")
    assert real("before.rules").splitlines()[found.line - 1].endswith("--dport 1900 -j ACCEPT")


def test_what_a_person_allowed_stands_in_user_rules() -> None:
    text = "-A ufw-user-input -i virbr0 -p udp -m udp --dport 67 -j ACCEPT"
    found = told(saved_table(real("ufw.save")), "ufw-user-input", text, *UFW_FILES)
    assert found.file == "/etc/ufw/user.rules"
    assert real("user.rules").splitlines()[found.line - 1] == "-A ufw-user-input -i virbr0 -p udp --dport 67 -j ACCEPT"


def test_a_jump_belongs_to_the_chain_it_leads_to() -> None:
    found = told(saved_table(real("ufw.save")), "INPUT", "-A INPUT -j ufw-before-input")
    assert found.owner is Owner.UFW


def test_the_tables_of_iptables_as_nft_lists_them() -> None:
    """All that a sosreport holds: without the words of iptables, the company tells the same."""
    ufw = nft_table(
        "ip", "filter", INPUT=("counter packets 0 bytes 0 jump ufw-before-input",), **{"ufw-before-input": ()}
    )
    assert told(ufw, "INPUT", None, *UFW_FILES).line == 11
    docker = nft_table("ip", "filter", FORWARD=("counter packets 0 bytes 0 jump DOCKER-USER",), **{"DOCKER-USER": ()})
    assert told(docker, "FORWARD", None, processes=running("dockerd")).owner is Owner.DOCKER
    saved = FirewallFile(path="/etc/iptables/rules.v4", text="*filter\n:INPUT DROP [0:0]\nCOMMIT\n")
    assert told(nft_table("ip", "filter", INPUT=()), "INPUT", None, saved).owner is Owner.IPTABLES_PERSISTENT


def test_docker_closed_forward() -> None:
    docker = saved_table(real("docker.save"))
    found = told(docker, "FORWARD", None, processes=running("dockerd"))
    assert (found.owner, found.running) == (Owner.DOCKER, True)
    left_behind = told(docker, "FORWARD", None, processes=running("dnsmasq"))
    assert (left_behind.owner, left_behind.running) == (Owner.DOCKER, False)


def test_docker_sets_no_policy_but_forwards() -> None:
    docker = saved_table(real("docker.save").replace(":INPUT ACCEPT", ":INPUT DROP"))
    assert told(docker, "INPUT", None, processes=running("dockerd")).owner is Owner.UNKNOWN


def test_without_dockerd_a_policy_that_stands_in_a_file_is_the_files() -> None:
    saved = FirewallFile(path="/etc/iptables/rules.v4", text=real("docker.save"))
    found = told(saved_table(real("docker.save")), "FORWARD", None, saved, processes=())
    assert (found.owner, found.file, found.line) == (Owner.IPTABLES_PERSISTENT, "/etc/iptables/rules.v4", 3)


def test_a_device_of_dockers_names_it() -> None:
    found = told(saved_table(real("docker.save")), "FORWARD", "-A FORWARD -i docker0 -o docker0 -j ACCEPT")
    assert found.owner is Owner.DOCKER
    assert "docker0" in found.why


def test_shorewall_marks_its_table_and_everything_in_it_is_its_own() -> None:
    table = saved_table(real("shorewall.save"))
    assert told(table, "INPUT", None).owner is Owner.SHOREWALL
    assert told(table, "net-fw", "-A net-fw -j DROP").owner is Owner.SHOREWALL


@pytest.mark.parametrize(
    ("chain", "text"),
    [
        ("INPUT", "-A INPUT -j REJECT --reject-with icmp-host-prohibited"),
        ("INPUT", "-A INPUT -m conntrack --ctstate INVALID -j DROP"),
        ("IN_public", "-A IN_public -j REJECT --reject-with icmp-port-unreachable"),
    ],
)
def test_firewalld_with_the_iptables_backend(chain: str, text: str) -> None:
    assert told(saved_table(real("firewalld-iptables.save")), chain, text).owner is Owner.FIREWALLD


def test_the_same_end_of_input_without_firewalld_is_nobodys() -> None:
    """RHEL's iptables.service ends INPUT with the very same rule."""
    text = "*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -j REJECT --reject-with icmp-host-prohibited\nCOMMIT\n"
    table = saved_table(text)
    rule = "-A INPUT -j REJECT --reject-with icmp-host-prohibited"
    assert told(table, "INPUT", rule).owner is Owner.UNKNOWN
    file = FirewallFile(path="/etc/sysconfig/iptables", text=text)
    found = told(table, "INPUT", rule, file)
    assert (found.owner, found.line) == (Owner.IPTABLES_SERVICE, 3)


def test_fail2ban_in_both_worlds() -> None:
    table = saved_table(real("fail2ban.save"))
    text = "-A f2b-sshd -s 192.0.2.1/32 -j REJECT --reject-with icmp-port-unreachable"
    assert told(table, "f2b-sshd", text, processes=running("fail2ban-server")).running is True
    assert told(nft_table("inet", "f2b-table", chain=("drop",)), "chain", "drop").owner is Owner.FAIL2BAN


def test_nwfilter_of_one_guest() -> None:
    table = nft_table("bridge", "nat", **{"libvirt-I-vnet0": ("drop",), "I-vnet0-arp": ("accept", "drop")})
    assert told(table, "libvirt-I-vnet0", "drop").owner is Owner.NWFILTER
    assert told(table, "I-vnet0-arp", "drop").owner is Owner.NWFILTER
    saved = ebtables_table(real("nwfilter.save"), "nat")
    assert told(saved, "libvirt-I-vnet0", "-A libvirt-I-vnet0 -j DROP").owner is Owner.NWFILTER


def test_short_names_are_nwfilters_only_beside_its_own() -> None:
    alone = "*filter\n:INPUT ACCEPT [0:0]\n:HI-lan - [0:0]\n-A HI-lan -j DROP\nCOMMIT\n"
    assert told(saved_table(alone), "HI-lan", "-A HI-lan -j DROP").owner is Owner.UNKNOWN
    beside = alone.replace(":HI-lan", ":libvirt-host-in - [0:0]\n:HI-lan")
    assert told(saved_table(beside), "HI-lan", "-A HI-lan -j DROP").owner is Owner.NWFILTER


def test_old_libvirt_wrote_its_reject_into_forward_itself() -> None:
    rule = "-A FORWARD -o virbr0 -j REJECT --reject-with icmp-port-unreachable"
    table = saved_table(f"*filter\n:FORWARD ACCEPT [0:0]\n{rule}\nCOMMIT\n")
    assert told(table, "FORWARD", rule, networks=(network(),)).owner is Owner.LIBVIRT
    assert told(table, "FORWARD", rule, networks=()).owner is Owner.UNKNOWN


@pytest.mark.parametrize(
    ("comment", "owner"),
    [
        ('"generated for LXD network lxdbr0"', Owner.LXD),
        ('"generated for Multipass network mpqemubr0"', Owner.MULTIPASS),
        ('"cali:wUHhoiAYhphO9Mso"', Owner.CALICO),
        ('"cilium-feeder: CILIUM_INPUT"', Owner.CILIUM),
        ('"wg-quick(8) rule for wg0"', Owner.WG_QUICK),
        ('"flanneld forward"', Owner.FLANNEL),
        ("!fw3", Owner.OPENWRT),
        ("pxedoctor-1a2b", Owner.PXEDOCTOR),
        ("mine", Owner.UNKNOWN),
    ],
)
def test_a_comment(comment: str, owner: Owner) -> None:
    rule = f"-A INPUT -m comment --comment {comment} -j DROP"
    table = saved_table(f"*filter\n:INPUT ACCEPT [0:0]\n{rule}\nCOMMIT\n")
    assert told(table, "INPUT", rule).owner is owner


def test_a_comment_in_somebodys_chain_is_only_a_comment() -> None:
    rule = '-A ufw-user-input -m comment --comment "cali:not" -j DROP'
    table = saved_table(f"*filter\n:ufw-user-input - [0:0]\n{rule}\nCOMMIT\n")
    assert told(table, "ufw-user-input", rule).owner is Owner.UFW


CORPUS = (Path(__file__).parent / "data/save/corpus.save").read_text(encoding="utf-8")
DROPPED_BY = {
    "cali-PREROUTING": Owner.CALICO,
    "cali-fw-cali1f3": Owner.CALICO,
    "DENYIN": Owner.CSF,
    "FI-vnet0": Owner.NWFILTER,
    "FO-vnet0": Owner.NWFILTER,
    "HJ-vnet0": Owner.NWFILTER,
    "KUBE-FIREWALL": Owner.KUBE_PROXY,
    "KUBE-FORWARD": Owner.KUBE_PROXY,
    "PVEFW-Drop": Owner.PROXMOX,
    "PVEFW-FORWARD": Owner.PROXMOX,
    "PVEFW-FWBR-IN": Owner.PROXMOX,
    "PVEFW-reject": Owner.PROXMOX,
    "f2b-sshd": Owner.FAIL2BAN,
    "neutron-linuxbri-sg-fallback": Owner.NEUTRON,
    "ts-input": Owner.TAILSCALE,
    "ufw-user-input": Owner.UFW,
    "PREROUTING": Owner.WG_QUICK,
    "INPUT": Owner.UNKNOWN,
}


@pytest.mark.parametrize("name", ["raw", "mangle", "nat", "filter"])
def test_a_host_with_everything(name: str) -> None:
    """Every dropping rule of a corpus of real rules; the one of INPUT is a person's own block list."""
    table = saved_table(CORPUS, name)
    dropping = [
        (chain.name, rule)
        for chain in table.chains.values()
        for rule in chain.rules
        if rule.text.endswith(" -j DROP") or " -j REJECT" in rule.text
    ]
    found = {chain: ownership(host(firewall_files=()), table, chain, rule).owner for chain, rule in dropping}
    assert found == {chain: DROPPED_BY[chain] for chain, _ in dropping}


def test_a_rule_of_nftables_service_with_its_line() -> None:
    text = 'iifname "virbr0" udp dport { 67, 69 } counter packets 9 bytes 2952 reject'
    table = nft_table("inet", "filter", input=(text,))
    found = told(table, "input", text, FirewallFile(path="/etc/nftables.conf", text=NFTABLES_CONF))
    assert (found.owner, found.file, found.line) == (Owner.NFTABLES_SERVICE, "/etc/nftables.conf", 10)


def test_its_policy_with_its_line() -> None:
    table = nft_table("inet", "filter", input=())
    found = told(table, "input", None, FirewallFile(path="/etc/nftables.conf", text=NFTABLES_CONF))
    assert (found.owner, found.line) == (Owner.NFTABLES_SERVICE, 8)


def test_a_rule_that_was_added_later_to_a_chain_of_a_file() -> None:
    table = nft_table("inet", "filter", input=("udp dport 67 drop",))
    found = told(table, "input", "udp dport 67 drop", FirewallFile(path="/etc/nftables.conf", text=NFTABLES_CONF))
    assert (found.owner, found.line) == (Owner.NFTABLES_SERVICE, 7)
    assert "was not found in it" in found.why


def test_another_table_of_the_same_chain_is_not_the_files() -> None:
    table = nft_table("ip", "filter", input=("udp dport 67 drop",))
    file = FirewallFile(path="/etc/nftables.conf", text=NFTABLES_CONF)
    assert told(table, "input", "udp dport 67 drop", file).owner is Owner.UNKNOWN


def test_a_script_that_somebody_wrote() -> None:
    rule = "-A INPUT -p udp -m udp --dport 67 -j DROP"
    table = saved_table(f"*filter\n:INPUT ACCEPT [0:0]\n{rule}\nCOMMIT\n")
    script = FirewallFile(
        path="/etc/network/if-up.d/closed", text="\n\n/sbin/iptables -I INPUT 1 -p udp --dport bootps -j DROP\n"
    )
    found = told(table, "INPUT", rule, script)
    assert (found.owner, found.file, found.line) == (Owner.SCRIPT, "/etc/network/if-up.d/closed", 3)


def test_a_rule_in_two_files_names_both() -> None:
    rule = "-A INPUT -p udp -m udp --dport 67 -j DROP"
    text = f"*filter\n:INPUT ACCEPT [0:0]\n{rule}\nCOMMIT\n"
    files = (
        FirewallFile(path="/etc/iptables/rules.v4", text=text),
        FirewallFile(path="/etc/rc.local", text="iptables -A INPUT -p udp --dport 67 -j DROP\n"),
    )
    assert "and in /etc/rc.local" in told(saved_table(text), "INPUT", rule, *files).why


def test_nobody_knows_and_what_was_looked_at() -> None:
    rule = "-A INPUT -p udp -m udp --dport 67 -j DROP"
    table = saved_table(f"*filter\n:INPUT ACCEPT [0:0]\n{rule}\nCOMMIT\n")
    closed = FirewallFile(path="/etc/iptables/rules.v4", closed="may not be read")
    found = told(table, "INPUT", rule, FirewallFile(path="/etc/rc.local", text="true\n"), closed)
    assert (found.owner, found.file) == (Owner.UNKNOWN, "")
    assert "in none of the 1 configuration files read; /etc/iptables/rules.v4 could not be read" in found.why
    unread = ownership(host(firewall_files=Missing("failed", "disk on fire")), table, "INPUT", None)
    assert "disk on fire" in unread.why
