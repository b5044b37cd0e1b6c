"""Whose the dropping rules are that real programs have just written: none is anybody else's, and none is nobody's."""

import sys
import time
from collections.abc import Callable, Iterator

import pytest

from pxedoctor.access.replay import Replay
from pxedoctor.access.snapshot import read
from pxedoctor.care.examine import silent
from pxedoctor.collect.gather import gather
from pxedoctor.collect.registry import COLLECTORS
from pxedoctor.lab import parts_docker, parts_firewalld, parts_nftables, parts_podman, parts_ufw
from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.parts import libvirt_site, network_xml, restart_network, start_libvirt
from pxedoctor.lab.site import Site, SiteError
from pxedoctor.model.host import Host
from pxedoctor.model.netfilter import Netfilter
from pxedoctor.netfilter.iptables import parse_iptables
from pxedoctor.netfilter.nft_text import parse_nft_text
from pxedoctor.netfilter.owner import Ownership, ownership
from pxedoctor.netfilter.owner_names import Owner
from pxedoctor.netfilter.syntax import End, Ends, Rule, Table

pytestmark = pytest.mark.lab

_BANS = """\
[DEFAULT]
backend = polling
[by-iptables]
enabled = true
filter = sshd
logpath = /var/log/bans
banaction = iptables-multiport
[by-nft]
enabled = true
filter = sshd
logpath = /var/log/bans
banaction = nftables-multiport
"""
_SECONDS = 20


@pytest.fixture
def site() -> Iterator[Site]:
    with open_site() as opened:
        yield opened


def facts_of(site: Site) -> Host:
    site.run(sys.executable, "-m", "pxedoctor", "snapshot", "-o", "/tmp/facts")
    answers = read(str(site.path("/tmp/facts"))).answers
    return gather(Replay(answers), frozenset(entry.name for entry in COLLECTORS), silent).host


def tables_of(host: Host) -> Iterator[Table]:
    assert isinstance(host.netfilter, Netfilter)
    assert not host.netfilter.unlisted
    for listing in host.netfilter.listings:
        if listing.dialect == "iptables-save":
            family = "ip6" if listing.family == "ip6" else "ip"
            yield from parse_iptables(listing.text, family, listing.origin, listing.variant)  # type: ignore[arg-type]
        elif listing.dialect == "nft-text":
            yield from parse_nft_text(listing.text, listing.origin)


def refuses(rule: Rule) -> bool:
    return any(isinstance(part, End) and part.verdict in {Ends.DROP, Ends.REJECT} for part in rule.parts)


def owned(host: Host) -> dict[str, Ownership]:
    """What refuses on this host, in words, and whose it is."""
    found: dict[str, Ownership] = {}
    for table in tables_of(host):
        for chain in table.chains.values():
            where = f"{table.family} {table.name} {chain.name}"
            if chain.policy == "drop":
                found[f"{where}: policy"] = ownership(host, table, chain.name, None)
            for rule in filter(refuses, chain.rules):
                found[f"{where}: {rule.text}"] = ownership(host, table, chain.name, rule)
    return found


def ufw(site: Site) -> None:
    parts_ufw.enable(site)


def podman(site: Site) -> None:
    """On a host that keeps a port closed: podman itself drops nothing on one network."""
    parts_podman.run_container(site)
    site.run("iptables", "-A", "NETAVARK_FORWARD", "-j", "DROP")


def firewalld_by_iptables(site: Site) -> None:
    parts_firewalld.start_firewalld(site, backend="iptables")


def libvirt(mode: str) -> Callable[[Site], None]:
    def build(site: Site) -> None:
        start_libvirt(site)
        restart_network(site, network_xml(site, stp="off", mode=mode))

    return build


def fail2ban(site: Site) -> None:
    site.write("/var/log/bans", "\n")
    site.write("/etc/fail2ban/jail.local", _BANS)
    site.run("sh", "-c", "rm -f /etc/fail2ban/jail.d/*; mkdir -p /run/fail2ban")
    site.run("fail2ban-server", "-b")
    deadline = time.monotonic() + _SECONDS
    while site.ask("fail2ban-client", "ping").returncode != 0:
        if time.monotonic() > deadline:
            raise SiteError(f"fail2ban did not answer within {_SECONDS} s")
        time.sleep(0.1)
    for jail in ("by-iptables", "by-nft"):
        site.run("fail2ban-client", "set", jail, "banip", "192.0.2.1")
    while "192.0.2.1" not in site.run("iptables-save") or "192.0.2.1" not in site.run("nft", "list", "ruleset"):
        if time.monotonic() > deadline:
            raise SiteError(f"fail2ban banned nobody within {_SECONDS} s")
        time.sleep(0.1)


def nftables_service(site: Site) -> None:
    parts_nftables.write_conf(site, more="udp dport { 67, 69 } counter reject\niifname virbr0 drop", forward="drop")
    parts_nftables.restart_nftables(site)


@pytest.mark.parametrize(
    ("build", "owner", "at_least"),
    [
        (ufw, Owner.UFW, 10),
        (parts_docker.start_docker, Owner.DOCKER, 2),
        (podman, Owner.PODMAN, 1),
        (parts_firewalld.start_firewalld, Owner.FIREWALLD, 3),
        (firewalld_by_iptables, Owner.FIREWALLD, 6),
        (libvirt("nat"), Owner.LIBVIRT, 2),
        (libvirt("route"), Owner.LIBVIRT, 2),
        (libvirt(""), Owner.LIBVIRT, 2),
        (fail2ban, Owner.FAIL2BAN, 2),
        (nftables_service, Owner.NFTABLES_SERVICE, 5),
    ],
    ids=[
        "ufw",
        "docker",
        "podman",
        "firewalld",
        "firewalld-iptables",
        "nat",
        "route",
        "isolated",
        "fail2ban",
        "nftables",
    ],
)
def test_one_program(site: Site, build: Callable[[Site], None], owner: Owner, at_least: int) -> None:
    build(site)
    found = owned(facts_of(site))
    assert len(found) >= at_least, found
    assert {words: entry.owner for words, entry in found.items() if entry.owner is not owner} == {}


def test_nftables_service_is_told_with_every_line(site: Site) -> None:
    nftables_service(site)
    lines = site.path("/etc/nftables.conf").read_text().splitlines()
    found = owned(facts_of(site))
    assert {entry.file for entry in found.values()} == {"/etc/nftables.conf"}
    for words, entry in found.items():
        line = lines[entry.line - 1]
        assert ("policy drop" in line) if words.endswith(": policy") else line.split()[-1] in words, (words, line)


def test_ufw_docker_and_libvirt_on_one_host(site: Site) -> None:
    """The host of most threads: each of the three keeps its own, and INPUT's policy is ufw's."""
    libvirt_site(site)
    parts_docker.start_docker(site)
    parts_ufw.enable(site)
    found = owned(facts_of(site))
    assert {entry.owner for entry in found.values()} == {Owner.UFW, Owner.DOCKER, Owner.LIBVIRT}
    assert found["ip filter INPUT: policy"].owner is Owner.UFW
    assert found["ip filter INPUT: policy"].file == "/etc/default/ufw"
