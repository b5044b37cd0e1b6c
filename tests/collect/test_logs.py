"""Which lines of which logs are kept, and what is said where none could be read."""

import pytest

from pxedoctor.access.answer import Absent, Answer, Failed, Forbidden, Text, run_question
from pxedoctor.access.notebook import Notebook
from pxedoctor.access.replay import Replay
from pxedoctor.collect import logs
from pxedoctor.collect.ask import logs as ask
from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.parts import NETWORK, define_network, network_xml, start_libvirt
from pxedoctor.lab.parts_journald import start_journald
from pxedoctor.model.fact import Missing
from pxedoctor.model.log import LogLine

JOURNAL = run_question(ask.JOURNAL)
SYSLOG = run_question(ask.tail("/var/log/syslog"))
LIBVIRTD = run_question(ask.tail("/var/log/libvirt/libvirtd.log"))

KEPT = (
    "Jan  9 10:00:00 host kernel: [12.3] virbr0: port 1(vnet0) entered listening state",
    "Jan  9 10:00:00 host kernel: br0: received packet on eno1 with own address as source address (addr:52:54)",
    "Jan  9 10:00:00 host kernel: nf_conntrack: nf_conntrack: table full, dropping packet",
    "Jan  9 10:00:00 host kernel: neighbour: arp_cache: neighbor table overflow!",
    "Jan  9 10:00:00 host dnsmasq-dhcp[812]: DHCPDISCOVER(virbr0) 52:54:00:0d:0d:01",
    "Jan  9 10:00:00 host dnsmasq-dhcp[812]: DHCPDISCOVER(virbr0) 52:54:00:0d:0d:01 no address available",
    "Jan  9 10:00:00 host dnsmasq[812]: failed to create listening socket for 192.168.122.1: Address already in use",
    "Jan  9 10:00:00 host libvirtd[812]: Could not add rule to fixup DHCP response checksums on network 'default'.",
    "Jan  9 10:00:00 host libvirtd[812]: internal error: Failed to apply firewall rules /usr/sbin/iptables -w",
    "2026-01-09 10:00:00.123+0000: 812: error : virNetSocketReadWire:1805 : End of file while reading data",
    "Jan  9 10:00:00 host firewalld[812]: ERROR: NAME_CONFLICT: new_policy_object(): 'libvirt-routed-out'",
    'Jan  9 10:00:00 host kernel: audit: type=1400 apparmor="DENIED" operation="open" profile="dnsmasq" name="/srv/x"',
    "Jan  9 10:00:00 host dhcpd[812]: DHCPNAK on 192.168.160.40 to 52:54:00:0d:0d:01 via br0",
    "Jan  9 10:00:00 host dhcpd: Can't bind to dhcp address: Address already in use",
    "Jan  9 10:00:00 host kea-dhcp4[8]: WARN  [kea-dhcp4.dhcpsrv.7] DHCPSRV_OPEN_SOCKET_FAIL failed to open socket",
)
OTHERS = (
    "Jan  9 10:00:00 host sshd[99]: Accepted password for root from 10.0.0.1",
    "Jan  9 10:00:00 host sudo: alice : COMMAND=/usr/bin/mysql -psecret",
    "Jan  9 10:00:00 host kernel: usb 1-1: new high-speed USB device",
    "",
)


def collected(answers: dict[str, Answer]) -> tuple[LogLine, ...] | Missing:
    notebook = Notebook(Replay(answers))
    ask.ask(notebook)
    return logs.parse(notebook.answers)


@pytest.mark.parametrize("line", KEPT)
def test_a_relevant_line_is_kept(line: str) -> None:
    assert ask.relevant(line) == line


@pytest.mark.parametrize("line", OTHERS)
def test_any_other_line_never_leaves_the_host(line: str) -> None:
    notebook = Notebook(Replay({JOURNAL: Text(f"{line}\n{KEPT[0]}")}))
    ask.ask(notebook)
    assert notebook.answers[JOURNAL] == Text(KEPT[0])


def test_only_the_newest_are_kept() -> None:
    lines = [f"host dnsmasq-dhcp[1]: DHCPACK(virbr0) 192.168.122.{number}" for number in range(1500)]
    assert ask.relevant("\n".join(lines)).splitlines() == lines[-1000:]


def test_the_journal_spares_the_files() -> None:
    found = collected({JOURNAL: Text(KEPT[0]), "list /var/log": Text("syslog")})
    assert found == (LogLine(origin="journalctl --boot", text=KEPT[0]),)


def test_an_empty_journal_is_followed_by_the_files_that_are_there() -> None:
    found = collected(
        {
            JOURNAL: Text(""),
            "list /var/log": Text("apt\nsyslog"),
            SYSLOG: Text(f"{OTHERS[0]}\n{KEPT[7]}\n"),
            "list /var/log/libvirt": Text("libvirtd.log\nqemu"),
            LIBVIRTD: Text(KEPT[9]),
        }
    )
    assert found == (
        LogLine(origin="/var/log/syslog", text=KEPT[7]),
        LogLine(origin="/var/log/libvirt/libvirtd.log", text=KEPT[9]),
    )


def test_a_quiet_log_is_no_missing_one() -> None:
    assert collected({JOURNAL: Text("")}) == ()


@pytest.mark.parametrize(
    ("answer", "status"), [(Forbidden("may not be read by this user"), "forbidden"), (Failed("I/O error"), "failed")]
)
def test_an_empty_journal_beside_a_file_that_cannot_be_read_is_told(answer: Answer, status: str) -> None:
    """journalctl shows an ordinary user nothing and says nothing."""
    found = collected({JOURNAL: Text(""), "list /var/log": Text("syslog"), SYSLOG: answer})
    assert isinstance(found, Missing)
    assert found.status == status


def test_no_log_at_all() -> None:
    found = collected({JOURNAL: Absent("journalctl is not installed")})
    assert isinstance(found, Missing)
    assert found.status == "absent"


@pytest.mark.lab
def test_a_real_journal_shows_libvirts_own_words() -> None:
    """libvirt writes to journald itself, and names no identifier: `journalctl -t libvirtd` shows nothing of it."""
    with open_site() as site:
        start_journald(site)
        start_libvirt(site)
        define_network(site, network_xml(site))
        site.run("ip", "tuntap", "add", site.bridge, "mode", "tap")
        refused = site.ask("virsh", "net-start", NETWORK).stderr.splitlines()[-1].removeprefix("error: ")
        assert site.bridge in refused
        kept = ask.relevant(site.run(*ask.JOURNAL))
        assert refused in kept, (refused, kept, site.run("journalctl"))
