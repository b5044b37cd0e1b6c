"""A text under other names says the same of nobody."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import MAC, domain, facts, link, network
from pxedoctor.report.anonymous.of_host import anonymous_of
from pxedoctor.report.anonymous.text import Anonymous

GUEST, BRIDGE = "payroll-db", "acme0"


def anonymous(**host: object) -> Anonymous:
    values: dict[str, object] = {
        "domains": (domain(name=GUEST),),
        "networks": (network("acme-lab", bridge=BRIDGE),),
        "links": (link(BRIDGE, mac=MAC), link("vnet3", mac="fe:54:00:0d:0d:01")),
    }
    return anonymous_of(facts(**(values | host)).host, {}, b"key")


TOLD = anonymous()


@pytest.mark.parametrize(
    "text",
    [
        f"<name>{GUEST}</name>",
        f"read /etc/libvirt/qemu/{GUEST}.xml",
        f"/sys/fs/cgroup/machine.slice/machine-qemu\\x2d1\\x2d{GUEST.replace('-', chr(92) + 'x2d')}.scope",
        f'-A INPUT -i {BRIDGE} -p udp -m comment --comment "for {GUEST}" -j ACCEPT',
        f"{GUEST}-eth0: mtu 1500",
        f"ether saddr {MAC} drop",
        f"01-{MAC.replace(':', '-')}",
        f"client id 01:{MAC}",
        "8000.5254000d0d01",
        "enx5254000d0d01: up",
        "fe80::5054:ff:fe0d:d01/64",
        "10.77.3.4 dev x",
        "2001:db8:77:1::5",
        "::ffff:10.77.3.4",
        "[2001:db8:77::1]:80",
        "uuid='c0ffee00-dead-4bad-8bad-000000000001'",
        "/home/eve/images/x.qcow2",
        "  1: 04034D0A:0035 00000000:0000 07",
    ],
)
def test_what_names_somebody_is_gone(text: str) -> None:
    told = TOLD.text(text)
    for name in (GUEST, BRIDGE, MAC, "0d:0d:01", "0d-0d-01", "0d0d01", "fe0d:d01", "10.77.3.4", "a4d:304", "db8:77"):
        assert name not in told.lower()
    for name in ("c0ffee00", "eve", "04034D0A", "payroll\\x2ddb"):
        assert name not in told
    assert told == TOLD.text(text), "the same text has the same pseudonyms"


@pytest.mark.parametrize(
    "text",
    [
        "at 12:34:56 the port forwards",
        "qemu 7.2.19, dnsmasq 2.90, kernel 6.18.44",
        "255.255.255.0 0.0.0.0 127.0.0.1 ::1 fe80::/10",
        "vnet3 virbr0 eth0 default",
        "payroll-dbx is another guest",
        "std::string 1:2:3",
        "999.1.2.3",
        "tx 000000000000 packets",
    ],
)
def test_what_names_nobody_stays(text: str) -> None:
    assert TOLD.text(text) == text


def test_a_network_keeps_the_zeros_of_its_length() -> None:
    told = TOLD.text("10.77.0.0/16 10.77.3.4 2001:db8:77::/48")
    net, address, six = told.split()
    assert net.endswith(".0.0/16")
    assert address.startswith(net.partition(".0.0/16")[0] + ".")
    assert six.endswith("::/48")


def test_a_name_that_is_a_word_of_the_texts_is_replaced_where_it_is_a_name() -> None:
    told = anonymous(domains=(domain(name="network"),))
    xml = "<domain><name>network</name><interface type='network'><source network='network'/></interface></domain>"
    read = told.text(xml)
    assert "<name>network</name>" not in read
    assert "type='network'" in read
    assert told.text("read /etc/libvirt/qemu/network.xml") == f"read /etc/libvirt/qemu/{told.name('network')}.xml"
    assert told.name("network").startswith("guest-")


def test_what_people_write_about_a_guest_is_left_out() -> None:
    xml = (
        "<title>Payroll of ACME</title><description>ask Eve</description><metadata><nova:user>eve</nova:user>"
        '<libosinfo:libosinfo xmlns:libosinfo="x"><libosinfo:os id="y"/></libosinfo:libosinfo></metadata>'
    )
    told = TOLD.text(xml)
    assert not re.search("ACME|Eve|eve", told)
    assert '<libosinfo:os id="y"/>' in told


@given(st.text(st.characters(codec="utf-8"), min_size=3, max_size=20), st.text(max_size=10), st.text(max_size=10))
def test_no_name_survives_in_any_spelling(name: str, before: str, after: str) -> None:
    made = anonymous(domains=(domain(name=name),), links=(), networks=())
    if not next(named.everywhere for named in made.names if named.name == name):
        return
    for spelt in (name, json.dumps(name)[1:-1]):
        # A name inside of a longer word is another name.
        text = made.text(f"{before} {spelt} {after}")
        longer = re.sub(r"(?s)[^\s]*[A-Za-z0-9]" + re.escape(spelt) + "|" + re.escape(spelt) + r"[A-Za-z0-9]", "", text)
        assert spelt not in longer or spelt in made.name(name) or spelt in f"{before} {after}"


@given(st.integers(0, (1 << 48) - 1))
def test_no_mac_survives_in_any_form(value: int) -> None:
    digits = f"{value:012x}"
    mac = ":".join(digits[at : at + 2] for at in range(0, 12, 2))
    if int(digits[:2], 16) & 1 or value == 0:
        return
    made = anonymous(links=(link("eth0", mac=mac),))
    for text in (mac, mac.upper(), mac.replace(":", "-"), digits, f"01:{mac}", f"8000.{digits}"):
        # The first three bytes stay, and may be the last three of the old one, with a zero between them.
        assert not made.text(f"x {text} y").lower().endswith(f"{text.lower()[-8:]} y")
