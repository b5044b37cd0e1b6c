"""How the keeper's bench overrides a firewall: seven kinds on four hosts, each by a script that is gone at once."""

from collections.abc import Callable

import msgspec

from pxedoctor.lab import parts_firewalld, parts_ufw
from pxedoctor.lab.parts import libvirt_site, restart_libvirt
from pxedoctor.lab.parts_bridge import bridge_netfilter_on, lan_site, served_bridge_site
from pxedoctor.lab.parts_nftables import write_conf
from pxedoctor.lab.site import Site

_OPEN_LO = (
    "iptables -P INPUT DROP; iptables -A INPUT -i lo -j ACCEPT;iptables -A INPUT -m state --state ESTABLISHED -j ACCEPT"
)
_DROP = "INPUT -p udp --dport 67 -j DROP"
_NO_DROP = (
    f"while iptables -D {_DROP}; do :; done 2>/dev/null;"
    "iptables -D INPUT -i {bridge} -p udp -m udp --dport 67 -j ACCEPT 2>/dev/null; :"
)
_BOUND_AGAIN = (
    "firewall-cmd --zone=internal --change-interface={bridge}; firewall-cmd --zone=internal --add-service=dhcp"
)
_DOCKER_CHAINS = r"""iptables-restore --noflush <<END
*filter
:DOCKER - [0:0]
:DOCKER-ISOLATION-STAGE-1 - [0:0]
:DOCKER-USER - [0:0]
:FORWARD DROP [0:0]
-I FORWARD -o docker0 -j DOCKER
-I FORWARD -j DOCKER-ISOLATION-STAGE-1
-I FORWARD -j DOCKER-USER
-A DOCKER-ISOLATION-STAGE-1 -j RETURN
-A DOCKER-USER -j RETURN
COMMIT
END"""
_NO_DOCKER_CHAINS = (
    "iptables -P FORWARD ACCEPT; iptables -F FORWARD;"
    "for c in DOCKER DOCKER-ISOLATION-STAGE-1 DOCKER-USER; do iptables -F $c; iptables -X $c; done"
)


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """`script`: what overrides, {bridge} is the bridge. `writers`: what the kernel may call who wrote.

    `caller`: what has to be told as its caller, "" for the script's own name. `restarts`: libvirtd, to heal it.
    """

    name: str
    script: str
    writers: tuple[str, ...]
    rounds: int
    heal: Callable[[Site], object]
    caller: str = ""
    restarts: bool = False
    by_daemon: bool = False


class Host(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    build: Callable[[Site], object]
    kinds: tuple[Kind, ...]


def _shell(words: str) -> Callable[[Site], object]:
    return lambda site: site.run("sh", "-c", words.replace("{bridge}", site.bridge))


def _guarded_libvirt(site: Site) -> None:
    """libvirt's network on a host that lets nothing in but what was asked for."""
    libvirt_site(site)
    site.run("sh", "-ec", _OPEN_LO)
    write_conf(site)


def _after_flush(site: Site) -> None:
    """The rules of nftables.conf, and the keeper's opening among them, are taken away again."""
    write_conf(site)
    site.run("sh", "-c", "nft delete table inet filter 2>/dev/null; :")
    restart_libvirt(site)
    site.run("sh", "-ec", _OPEN_LO)


def _ufw(site: Site) -> None:
    served_bridge_site(site)
    parts_ufw.allow_dhcp(site)
    parts_ufw.enable(site)
    site.run("cp", "/etc/ufw/user.rules", "/etc/ufw/user.rules.open")


def _ufw_again(site: Site) -> None:
    site.run("sh", "-ec", "cp /etc/ufw/user.rules.open /etc/ufw/user.rules; ufw reload")


def _firewalld(site: Site) -> None:
    parts_firewalld.served_bridge_site(site)


def _docker_host(site: Site) -> None:
    lan_site(site)
    bridge_netfilter_on(site)
    site.run("iptables", "-S")


HOSTS = (
    Host(
        name="libvirt's network behind INPUT's policy DROP",
        build=_guarded_libvirt,
        kinds=(
            Kind(
                name="a DROP on top, iptables-nft",
                script=f"iptables -I {_DROP}",
                writers=("iptables",),
                rounds=40,
                heal=_shell(_NO_DROP),
            ),
            Kind(
                name="a DROP on top, iptables-legacy",
                script=f"iptables-legacy -I {_DROP}",
                writers=("iptables-legacy",),
                rounds=30,
                heal=_shell("iptables-legacy -F INPUT"),
            ),
            Kind(
                name="iptables -F",
                script="iptables -F",
                writers=("iptables",),
                rounds=30,
                heal=_shell(_OPEN_LO),
                restarts=True,
            ),
            Kind(
                name="nft flush ruleset, and a default drop",
                script="nft -f /etc/nftables.conf",
                writers=("nft",),
                rounds=20,
                heal=_after_flush,
            ),
        ),
    ),
    Host(
        name="ufw before the host's own dnsmasq",
        build=_ufw,
        kinds=(
            Kind(
                name="ufw reload",
                script="sed -i '/67/d' /etc/ufw/user.rules; ufw reload",
                writers=("iptables-restor", "iptables", "ip6tables-resto", "ip6tables"),
                rounds=20,
                heal=_ufw_again,
                caller="ufw",
            ),
        ),
    ),
    Host(
        name="firewalld, the bridge bound at run time",
        build=_firewalld,
        kinds=(
            Kind(
                name="firewalld reload, the zone lost",
                script="rm -f /etc/firewalld/zones/*.xml; firewall-cmd --reload",
                writers=("firewalld",),
                rounds=20,
                heal=_shell(_BOUND_AGAIN),
                caller="firewalld",
                by_daemon=True,
            ),
        ),
    ),
    Host(
        name="bridged guests, br_netfilter on",
        build=_docker_host,
        kinds=(
            Kind(
                name="docker-like chains, FORWARD's policy DROP",
                script=_DOCKER_CHAINS,
                writers=("iptables-restor",),
                rounds=40,
                heal=_shell(_NO_DOCKER_CHAINS),
            ),
        ),
    ),
)
