"""Ports of HTTP in the settings of this host's own servers: of any client's boot file."""

from builders import host, network
from pxedoctor.model.process import Process
from pxedoctor.road.http_named import http_named


def process(name: str, *lines: str) -> Process:
    return Process(pid=7, parent=1, state="S", name=name, command=name, settings=lines)


def test_each_that_a_network_on_the_bridge_names() -> None:
    lines = ("dhcp-boot=tag:efi,http://10.0.0.1:8081/x.efi", "dhcp-option=67,https://boot.lab/x")
    one = network(server_options=lines)
    assert http_named(host(networks=(one,)), "virbr0") == (8081, 443)
    assert http_named(host(networks=(one,)), "br0") == (), "another network's"
    assert http_named(host(networks=(network(),)), "virbr0") == ()


def test_each_that_a_dnsmasq_of_its_own_names() -> None:
    lines = ("dhcp-boot=http://10.0.0.1:8082/x",)
    assert http_named(host(processes=(process("dnsmasq", *lines),)), "br0") == (8082,)
    assert http_named(host(processes=(process("other", *lines),)), "br0") == ()
