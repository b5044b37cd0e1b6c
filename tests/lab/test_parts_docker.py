"""A real dockerd: on a host of bridged guests FORWARD becomes DROP, and with br_netfilter their DHCP dies of it."""

import pytest

from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.normalise import differences
from pxedoctor.lab.parts import libvirt_site
from pxedoctor.lab.parts_bridge import attempt, bridge_netfilter_on, lan_site
from pxedoctor.lab.parts_docker import start_docker, stop_docker, unmake_docker
from pxedoctor.lab.parts_nftables import keep_rules
from pxedoctor.lab.runner import take

pytestmark = pytest.mark.lab


def test_on_a_host_of_bridged_guests() -> None:
    with open_site() as site:
        lan_site(site)
        keep_rules(site)
        picture = take(site)
        start_docker(site)
        policy = site.run("iptables", "-S", "FORWARD").splitlines()[0]
        started = attempt(site)
        bridge_netfilter_on(site)
        with_br_netfilter = attempt(site)
        stop_docker(site)
        docker_is_gone = attempt(site)
        unmake_docker(site)
        unmade = attempt(site)
        left = differences(picture, take(site))

    assert policy == "-P FORWARD DROP"
    assert (started.ok, with_br_netfilter.ok, docker_is_gone.ok, unmade.ok) == (True, False, False, True)
    assert not left, "\n".join(left)


def test_without_traffic_between_containers_it_turns_bridge_nf_call_on_itself() -> None:
    with open_site() as site:
        lan_site(site)
        start_docker(site, "--icc=false")
        switch = site.run("sysctl", "-n", "net.bridge.bridge-nf-call-iptables")
        tried = attempt(site)

    assert (switch.strip(), tried.ok) == ("1", False)


def test_beside_a_network_of_libvirt_which_forwards_already() -> None:
    with open_site() as site:
        libvirt_site(site)
        start_docker(site)
        policy = site.run("iptables", "-S", "FORWARD").splitlines()[0]
        tried = attempt(site)

    assert (policy, tried.ok) == ("-P FORWARD ACCEPT", True)
