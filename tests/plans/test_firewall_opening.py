"""What a boot needs, as one rule in each language; the rules of one opening mean the same in all of them."""

import subprocess

import pytest

from pxedoctor.plans.firewall_opening import Opening


@pytest.mark.parametrize(
    ("wants", "iptables", "nft"),
    [
        (
            Opening(interface="virbr0", service="dhcp"),
            ["-i virbr0 -p udp -m udp --dport 67"],
            ['iifname "virbr0" udp dport 67'],
        ),
        (
            Opening(interface="virbr0", service="dhcp", direction="out"),
            ["-o virbr0 -p udp -m udp --sport 67 --dport 68"],
            ['oifname "virbr0" udp sport 67 udp dport 68'],
        ),
        (
            Opening(interface="br0", service="dhcpv6"),
            ["-i br0 -p udp -m udp --dport 547"],
            ['iifname "br0" udp dport 547'],
        ),
        (
            Opening(interface="br0", service="http", direction="out"),
            ["-o br0 -p tcp -m tcp --sport 80"],
            ['oifname "br0" tcp sport 80'],
        ),
        (
            Opening(interface="br0", service="dhcp", direction="bridged"),
            ["-i br0 -o br0 -m physdev --physdev-is-bridged"],
            ['iifname "br0" oifname "br0"'],
        ),
        (
            Opening(interface="br0", service="tftp", direction="routed"),
            ["-i br0 -p udp -m udp --dport 69", "-o br0 -m conntrack --ctstate RELATED,ESTABLISHED"],
            ['iifname "br0" udp dport 69', 'oifname "br0" ct state established,related'],
        ),
    ],
)
def test_an_opening_as_rules(wants: Opening, iptables: list[str], nft: list[str]) -> None:
    assert [" ".join(rule.iptables()) for rule in wants.rules] == iptables
    assert [" ".join(rule.nft()) for rule in wants.rules] == nft


@pytest.mark.parametrize("name", ["virbr0", "br-lan", "eno1.10", "br0:1", "b"])
def test_a_plain_device(name: str) -> None:
    assert Opening(interface=name, service="dhcp").has_plain_device


@pytest.mark.parametrize("name", ["vnet+", "vnet*", "-i", "", "a b", 'x"', "$(id)", "br0;", "a" * 16, "br0\n"])
def test_a_name_that_would_mean_something_else(name: str) -> None:
    assert not Opening(interface=name, service="dhcp").has_plain_device


def test_it_is_said_in_words() -> None:
    assert str(Opening(interface="virbr0", service="dhcp")) == "DHCP (UDP port 67) from virbr0 to this host"
    assert (
        str(Opening(interface="br0", service="http", direction="out"))
        == "this host's answers of HTTP (TCP port 80) to br0"
    )


@pytest.mark.lab
@pytest.mark.parametrize("direction", ["in", "out", "bridged", "routed"])
@pytest.mark.parametrize("service", ["dhcp", "dhcpv6", "dns", "tftp", "http", "https"])
def test_the_programs_list_the_rule_as_it_was_written(service: str, direction: str) -> None:
    """Real iptables and nft, in a network namespace of their own."""
    wants = Opening(interface="virbr0", service=service, direction=direction)  # type: ignore[arg-type]
    for rule in wants.rules:
        words = " ".join(rule.iptables())
        listed = _in_namespace(f"iptables -A FORWARD {words} -j ACCEPT && iptables-save -t filter")
        assert f"-A FORWARD {words} -j ACCEPT" in listed.replace("physdev  ", "physdev ")
        native = f"{' '.join(rule.nft())} accept"
        listed = _in_namespace(
            f"nft add table inet t; nft add chain inet t c; nft add rule inet t c '{native}'; nft list table inet t"
        )
        assert native in listed


def _in_namespace(script: str) -> str:
    done = subprocess.run(
        ["unshare", "-n", "sh", "-ec", script], check=True, capture_output=True, text=True, timeout=30
    )
    return done.stdout
