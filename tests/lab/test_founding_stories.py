"""The founding page's stories to their end, with a real guest: QEMU, SeaBIOS and iPXE.

Broken; repaired while another guest keeps pinging; rebooted, still well; undone, broken again. A reboot in the lab's
sense: every process ends, every bridge and rule is gone, and what starts then starts from its files (lab/reboot.py).
The other guest pings a machine beyond the host 100 times a second: through its port, the bridge, the host's rules.
"""

from collections.abc import Callable, Iterator

import pytest

from pxedoctor.lab.case import Case
from pxedoctor.lab.catalogue import cases
from pxedoctor.lab.checksum_guests import configure_dhclient, dhclient_without_mark
from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.normalise import differences, fingerprint
from pxedoctor.lab.parts import bridge_interface, restart_network
from pxedoctor.lab.parts_ifupdown import ifupdown_site
from pxedoctor.lab.parts_nftables import restart_nftables, write_conf
from pxedoctor.lab.pinger import Pinging, Pings
from pxedoctor.lab.qemu_guest import ROUTER, boot, boot_network_xml, define_firmware_guest, firmware_site
from pxedoctor.lab.reboot import power_off, start_libvirt_again
from pxedoctor.lab.running_neighbour import neighbour
from pxedoctor.lab.site import Site

pytestmark = [pytest.mark.lab, pytest.mark.firmware, pytest.mark.long]

BEYOND = "198.51.100.2"
FILES = ("/etc/libvirt/qemu/networks", "/etc/nftables.conf", "/etc/iptables", "/etc/network", "/etc/udev/rules.d")
RULES = "/etc/iptables/rules.v4"
# As iptables-persistent saves a host that has nothing to say yet.
NO_RULES = """\
*mangle
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
COMMIT
"""
# A restart of libvirtd writes the rules of its networks anew; what that costs a guest's flow is published, not zero.
MOST_SILENCE_MS = 2_000

Say = Callable[[str, object], None]


@pytest.fixture
def site() -> Iterator[Site]:
    with open_site() as opened:
        beyond(opened)
        yield opened


def beyond(site: Site) -> None:
    """A machine beyond the host, which finds back to the guests of its networks whether or not the host hides them."""
    wire = site.device("bw")
    site.run("ip", "netns", "add", "beyond")
    site.run("ip", "link", "add", wire, "type", "veth", "peer", "name", "eth0", "netns", "beyond")
    site.run("ip", "address", "add", "198.51.100.1/24", "dev", wire)
    site.run("ip", "link", "set", "dev", wire, "up")
    site.run("ip", "-n", "beyond", "address", "add", f"{BEYOND}/24", "dev", "eth0")
    site.run("ip", "-n", "beyond", "link", "set", "dev", "eth0", "up")
    site.run("ip", "-n", "beyond", "route", "add", "default", "via", "198.51.100.1")


def other_guest(site: Site) -> Pinging:
    return neighbour(site, "192.168.150.200/24", "192.168.150.1", BEYOND)


def repair(site: Site, cause: str, *words: str) -> None:
    told = site.doctor("fix", "--only", cause, "--apply", "--yes", *words)
    assert told.document["outcome"] == "verified", told.document


def undo(site: Site) -> list[str]:
    told = site.doctor("undo")
    return [step["state"] for plan in told.document["plans"] for step in plan["steps"]]


def configured(site: Site) -> dict[str, str]:
    return fingerprint(site.path(""), FILES)


def told(say: Say, story: str, pings: Pings) -> None:
    say("words", f"{story}: {pings}, while it was repaired")


def case(name: str) -> Case:
    return next(entry for entry in cases() if entry.name == name)


def test_the_bridge_that_waits_longer_than_the_guest(site: Site, record_property: Say) -> None:
    """<bridge stp='on' delay='15'/>: the live delay and the definition, and no ping is lost."""
    cause = "bridge-forward-delay"
    firmware_site(site)
    restart_network(site, boot_network_xml(site, delay=15, extra=ROUTER))
    before = configured(site)
    pinging = other_guest(site)
    assert not boot(site).ok

    pinging.begun()
    repair(site, cause)
    pings = pinging.end()
    assert boot(site).ok
    told(record_property, cause, pings)
    assert (pings.sent > 100, pings.lost) == (True, 0)

    power_off(site)
    start_libvirt_again(site)
    assert boot(site).ok
    assert cause not in site.doctor("diagnose").names()

    assert undo(site) == ["undone", "undone"]
    assert not differences(before, configured(site))
    assert not boot(site).ok


def test_the_rules_that_somebody_flushed(site: Site, record_property: Say) -> None:
    """`iptables -F` after libvirt came: a restart of libvirtd, which has no way back; the script breaks it again."""
    cause = "libvirt-rules-missing"
    script = case("libvirt-rules-missing-with-real-firmware").inject
    firmware_site(site)
    script(site)
    pinging = other_guest(site).begun()
    assert not boot(site).ok

    repair(site, cause)
    pings = pinging.end()
    assert boot(site).ok
    told(record_property, cause, pings)
    assert pings.silence_ms <= MOST_SILENCE_MS

    power_off(site)
    script(site)
    start_libvirt_again(site)
    assert boot(site).ok
    assert cause not in site.doctor("diagnose").names()

    assert undo(site) == ["done"], "a restart brings rules with it: there is nothing to take back"
    assert boot(site).ok
    script(site)
    assert not boot(site).ok


def test_the_firewall_that_came_after_libvirt(site: Site, record_property: Say) -> None:
    """nftables.service drops what libvirt's table accepts: one accept, live and in its file, and no ping is lost."""
    cause = "host-firewall-drops-dhcp"
    firmware_site(site)
    write_conf(site, flush=False, table="host", more=f'iifname "{site.bridge}" udp dport {{ 53, 69 }} accept')
    restart_nftables(site)
    before = configured(site)
    pinging = other_guest(site).begun()
    assert not boot(site).ok

    repair(site, cause)
    pings = pinging.end()
    assert boot(site).ok
    told(record_property, cause, pings)
    assert (pings.sent > 100, pings.lost) == (True, 0)

    power_off(site)
    restart_nftables(site)
    start_libvirt_again(site)
    assert boot(site).ok
    assert cause not in site.doctor("diagnose").names()

    assert set(undo(site)) == {"undone"}
    assert not differences(before, configured(site))
    assert not boot(site).ok


def start_server(site: Site) -> None:
    """In place of what runs: whom it serves is seen on its command line alone."""
    site.ask("sh", "-c", "kill $(cat /run/bridge-dnsmasq.pid) && sleep 0.3")
    site.run("dnsmasq", "--conf-file=/etc/bridge-dnsmasq.conf", f"--interface={site.bridge}")


def start_host_again(site: Site) -> None:
    """A host with a bridge of its own: the rules that iptables-persistent keeps, the bridge, its DHCP server."""
    site.run("iptables-restore", RULES)
    site.run("mkdir", "-p", "/run/network")
    site.run("ifup", site.bridge)
    start_server(site)


def test_the_answer_that_is_thrown_away(site: Site, record_property: Say) -> None:
    """Nobody fills the sum of DHCP's answers: an old dhclient refuses them, and a PXE ROM never met such a one.

    A real QEMU gives its guest none either where the kernel has no vhost-net, as here: it fills them itself. So the
    client that refuses is dhclient on a tap whose driver takes open sums (vhost-net itself: tests/machine).
    """
    cause, client = "dhcp-reply-checksum-unfilled", ("--client", "dhclient-old")
    ifupdown_site(site)
    start_server(site)
    define_firmware_guest(site, bridge_interface(site.bridge))
    configure_dhclient(site)
    site.write(RULES, NO_RULES)
    site.run("iptables-restore", RULES)
    before = configured(site)
    pinging = neighbour(site, "192.168.151.200/24", "192.168.151.1", "192.168.151.1").begun()
    assert "net0: 192.168.151.5" in boot(site).said
    assert not dhclient_without_mark(site).ok

    repair(site, cause, *client, "--allow-risky")
    assert dhclient_without_mark(site).ok
    pings = pinging.end()
    told(record_property, cause, pings)
    assert (pings.sent > 100, pings.lost) == (True, 0)

    power_off(site)
    start_host_again(site)
    assert dhclient_without_mark(site).ok
    assert cause not in site.doctor("diagnose", *client).names()

    assert undo(site) == ["undone", "undone"]
    assert not differences(before, configured(site))
    assert not dhclient_without_mark(site).ok
