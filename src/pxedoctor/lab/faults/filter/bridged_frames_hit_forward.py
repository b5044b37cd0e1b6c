"""Cases of bridged-frames-hit-forward. The server is in the LAN, and this host only bridges."""

from pxedoctor.lab import parts_ufw
from pxedoctor.lab.case import Attempt, Breaks, Case, Passes
from pxedoctor.lab.parts import cold_start, libvirt_site
from pxedoctor.lab.parts_bridge import bridge_netfilter_off, bridge_netfilter_on, lan_site
from pxedoctor.lab.parts_docker import start_docker, unmake_docker
from pxedoctor.lab.parts_docker_service import docker_is_a_service, start_service
from pxedoctor.lab.parts_firewalld import start_firewalld
from pxedoctor.lab.parts_nftables import keep_rules
from pxedoctor.lab.parts_podman import run_container
from pxedoctor.lab.site import Site

_NAME = "bridged-frames-hit-forward"


def _attempt(site: Site) -> Attempt:
    return cold_start(site)


def _lan_before_docker(site: Site) -> None:
    lan_site(site)
    keep_rules(site)


def _docker_without_icc(site: Site) -> None:
    start_docker(site, "--icc=false")


def _docker_and_module(site: Site) -> None:
    start_docker(site)
    bridge_netfilter_on(site)


def _lan_before_docker_service(site: Site) -> None:
    _lan_before_docker(site)
    docker_is_a_service(site)


def _docker_service_and_module(site: Site) -> None:
    start_service(site)
    bridge_netfilter_on(site)


def _docker_user_accepts(site: Site) -> None:
    _docker_and_module(site)
    both = ("-i", site.bridge, "-o", site.bridge)
    site.run("iptables", "-I", "DOCKER-USER", *both, "-j", "ACCEPT")


def _lan_with_ufw_off(site: Site) -> None:
    lan_site(site)
    parts_ufw.was_here(site)
    bridge_netfilter_on(site)


def _lan_with_firewalld(site: Site) -> None:
    lan_site(site)
    start_firewalld(site)


def _podman_and_module(site: Site) -> None:
    run_container(site)
    bridge_netfilter_on(site)


CASES: tuple[Case, ...] = (
    Case(
        name=_NAME,
        expect=Breaks(_NAME),
        story="dockerd starts with --icc=false: FORWARD is DROP, and it turns bridge-nf-call-iptables on (NF06).",
        build=_lan_before_docker,
        inject=_docker_without_icc,
        heal=unmake_docker,
        attempt=_attempt,
        allow_risky=True,
    ),
    Case(
        name="bridged-frames-hit-forward-docker",
        expect=Breaks(_NAME),
        story="dockerd starts as packaged, and with it comes the module br_netfilter (corpus NF06; moby#31245).",
        build=_lan_before_docker_service,
        inject=_docker_service_and_module,
        heal=unmake_docker,
        attempt=_attempt,
        allow_risky=True,
    ),
    Case(
        name="bridged-frames-hit-forward-ufw",
        expect=Breaks(_NAME),
        story="br_netfilter was loaded before, and `ufw enable` sets FORWARD to DROP (corpus NF07).",
        build=_lan_with_ufw_off,
        inject=parts_ufw.enable,
        heal=parts_ufw.disable,
        attempt=_attempt,
        allow_risky=True,
    ),
    Case(
        name="bridged-frames-hit-forward-firewalld",
        expect=Breaks(_NAME),
        story="br_netfilter is loaded, and firewalld's default zone lets nothing through FORWARD (corpus NF08).",
        build=_lan_with_firewalld,
        inject=bridge_netfilter_on,
        heal=bridge_netfilter_off,
        attempt=_attempt,
        allow_risky=True,
    ),
    Case(
        name="bridged-frames-docker-alone",
        expect=Passes(),
        story="dockerd starts and FORWARD is DROP; br_netfilter is not there, and bridged frames do not care.",
        build=lan_site,
        inject=start_docker,
        attempt=_attempt,
    ),
    Case(
        name="bridged-frames-docker-user",
        expect=Passes(),
        story="dockerd with br_netfilter, and an accept in DOCKER-USER for what the bridge carries.",
        build=lan_site,
        inject=_docker_user_accepts,
        attempt=_attempt,
    ),
    Case(
        name="bridged-frames-podman",
        expect=Passes(),
        story="A container of podman with br_netfilter: netavark leaves FORWARD's policy at ACCEPT.",
        build=lan_site,
        inject=_podman_and_module,
        attempt=_attempt,
    ),
    Case(
        name="bridged-frames-server-here",
        expect=Passes(),
        story="dockerd with br_netfilter beside a network of libvirt: its DHCP is not forwarded at all.",
        build=libvirt_site,
        inject=_docker_without_icc,
        attempt=_attempt,
    ),
)
