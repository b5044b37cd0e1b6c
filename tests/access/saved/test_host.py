"""A host that somebody saved: what its texts answer, in which form, and what stays unknown."""

import pytest

from pxedoctor.access.answer import Absent, Answer, Failed, Text
from pxedoctor.access.saved.archive import Archive
from pxedoctor.access.saved.host import SavedHost, saved_name
from pxedoctor.access.saved.tree import File, Link, Node
from pxedoctor.collect.ask.firewalld import CMD_DEFAULT_ZONE, OWNED_BY_DBUS_SEND
from pxedoctor.collect.ask.links import LINKS
from pxedoctor.collect.ask.logs import JOURNAL, tail
from pxedoctor.collect.ask.processes import PS
from pxedoctor.collect.ask.traffic_control import QDISCS
from saved_texts import DEVICES, WITH_NAMES, WITH_STATE

PS_STATE = "ps_alxwww"
PS_NAMES = "ps_axo_pid_ppid_user_group_lwp_nlwp_start_time_comm_cgroup"


def host(**files: str | Node) -> SavedHost:
    """Files by path, `__` for a slash."""
    nodes: dict[tuple[str, ...], Node] = {}
    for name, content in files.items():
        nodes[tuple(name.split("__"))] = File(content.encode()) if isinstance(content, str) else content
    return SavedHost(Archive(nodes, newest=0), "the sosreport")


def sos(**commands: str) -> SavedHost:
    return host(**{f"sos_commands__networking__{name}": text for name, text in commands.items()})


@pytest.mark.parametrize(
    ("argv", "name"),
    [
        (("ethtool", "-k", "vnet0"), "ethtool_-k_vnet0"),
        (("/usr/sbin/ip", "-d", "address"), "ip_-d_address"),
        (("ls", "-lR", "/var/lib/libvirt/qemu"), "ls_-lR_.var.lib.libvirt.qemu"),
        (("ps", "axo", "wchan:20,cmd"), "ps_axo_wchan_20_cmd"),
        (("nft", "-a", "list", "ruleset"), "nft_-a_list_ruleset"),
    ],
)
def test_names_as_sos_gives_them(argv: tuple[str, ...], name: str) -> None:
    assert saved_name(argv) == name


def test_a_command_that_was_saved() -> None:
    assert sos(**{"ethtool_-k_vnet0": "on"}).run(("ethtool", "-k", "vnet0")) == Text("on")


def test_a_folder_of_texts_without_any_plugin() -> None:
    assert host(**{"iptables-save": "*filter"}).run(("iptables-save",)) == Text("*filter")


def test_what_was_not_saved_is_unknown() -> None:
    saved = sos()
    for answer in (
        saved.run(("nft", "-a", "list", "chains")),
        saved.read("/etc/nftables.conf"),
        saved.list("/etc/libvirt/qemu"),
        saved.readlink("/proc/1/ns/net"),
        saved.dump("nf_tables tables"),
        saved.run(LINKS),
        saved.run(PS),
        saved.run(JOURNAL),
        saved.run(QDISCS),
    ):
        assert isinstance(answer, Failed)
        assert "the sosreport holds no" in answer.why


def test_absent_is_only_what_sos_would_have_copied() -> None:
    saved = host(**{"run__libvirt__network__lab.pid": "97", "sos_commands__libvirt__ls": "", "proc__net__udp": ""})
    assert isinstance(saved.read("/run/libvirt/network/lab.xml"), Absent)
    assert isinstance(saved.list("/run/libvirt/qemu"), Absent)
    assert isinstance(saved.list("/etc/libvirt/qemu/networks"), Absent)
    assert isinstance(saved.read("/proc/net/netfilter/nfnetlink_queue"), Absent)
    assert isinstance(saved.read("/etc/libvirt/network.conf"), Failed)
    assert isinstance(saved.read("/run/libvirtd.pid"), Failed)


def test_files_links_and_folders() -> None:
    saved = host(proc__7__net__udp="x\xff", proc__self=Link("7"), proc__net=Link("self/net"))
    assert saved.read("/proc/net/udp") == Text("x\xff")
    assert saved.list("/proc/net") == Text("udp")
    assert saved.readlink("/proc/self") == Text("7")
    assert host(a=File(b"\xff")).read("/a") == Text("\\xff")
    assert host(a=File(None, "too large")).read("/a") == Failed("too large")


def test_devices_from_the_text_of_ip() -> None:
    saved = sos(**{"ip_-d_address": DEVICES})
    links = saved.run(LINKS)
    assert isinstance(links, Text)
    assert '"ifname": "vnet0"' in links.text
    assert saved.list("/sys/class/net") == Text("br0\nup0\nvnet0")
    assert saved.read("/sys/class/net/br0/bridge/forward_delay") == Text("1500")
    assert isinstance(saved.read("/sys/class/net/br0/bridge/group_addr"), Failed)


def test_processes_from_the_texts_of_ps() -> None:
    saved = sos(**{PS_STATE: WITH_STATE, PS_NAMES: WITH_NAMES})
    listing = saved.run(PS)
    assert isinstance(listing, Text)
    assert "10 1 Sl libvirtd" in listing.text
    assert saved.read("/proc/10/stat") == Text("10 (libvirtd) S 1 0 0 0")
    assert saved.read("/proc/10/cmdline") == Text("libvirtd -d")
    assert saved.read("/run/libvirtd.pid") == Text("10")
    assert isinstance(saved.read("/run/virtqemud.pid"), Failed)
    assert saved.list("/run/dbus") == Text("")


@pytest.mark.parametrize(("name", "runs"), [("firewalld", "true"), ("libvirtd", "false")])
def test_whether_firewalld_runs(name: str, runs: str) -> None:
    names = WITH_NAMES.replace("libvirtd ", f"{name} ").replace("systemd ", "dbus-daemon ")
    saved = sos(**{PS_STATE: WITH_STATE, PS_NAMES: names})
    assert saved.list("/run/dbus") == Text("system_bus_socket")
    answer = saved.run(OWNED_BY_DBUS_SEND)
    assert isinstance(answer, Text)
    assert f"boolean {runs}" in answer.text


def test_firewalld_default_zone_from_its_configuration() -> None:
    saved = host(**{"etc__firewalld__firewalld.conf": "# x\nDefaultZone=public\n"})
    assert saved.run(CMD_DEFAULT_ZONE) == Text("public")
    assert isinstance(sos().run(CMD_DEFAULT_ZONE), Failed)


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/proc/sys/net/ipv4/ip_forward", Text("1")),
        ("/proc/sys/net/ipv4/conf/eth0.7/forwarding", Text("0")),
        ("/proc/sys/kernel/hostname", Text("server")),
        ("/proc/sys/kernel/osrelease", Text("6.1.0-28-amd64")),
    ],
)
def test_kernel_settings(path: str, answer: Answer) -> None:
    saved = sos(
        **{
            "sysctl_-a": "net.ipv4.ip_forward = 1\nnet.ipv4.conf.eth0/7.forwarding = 0\n",
            "uname_-a": "Linux server 6.1.0-28-amd64 #1 SMP x86_64 GNU/Linux\n",
        }
    )
    assert saved.read(path) == answer
    assert saved.list("/proc/sys/net") == Text("ipv4")


def test_modules() -> None:
    saved = sos(lsmod="Module                  Size  Used by\nbridge 1 2 br_netfilter\nstp 1 0\n")
    assert saved.read("/proc/modules") == Text("bridge 1 2 - Live 0x0\nstp 1 0 - Live 0x0\n")
    assert isinstance(sos().read("/proc/modules"), Failed)


def test_logs() -> None:
    assert sos(**{"journalctl_--no-pager_--boot": "a line"}).run(JOURNAL) == Text("a line")
    saved = host(var__log__syslog="".join(f"line {number}\n" for number in range(30_000)))
    answer = saved.run(tail("/var/log/syslog"))
    assert isinstance(answer, Text)
    assert answer.text.splitlines()[0] == "line 10000"
    assert isinstance(saved.run(tail("/var/log/messages")), Failed)


QDISC_TEXT = """\
qdisc htb 1: dev br0 root refcnt 2 r2q 10
 Sent 0 bytes 0 pkt (dropped 0, overlimits 0 requeues 0)
qdisc clsact ffff: dev vnet0 parent ffff:fff1
"""


def test_queueing_disciplines() -> None:
    saved = sos(**{"tc_-s_qdisc_show": QDISC_TEXT})
    assert saved.run(QDISCS) == Text(
        '[{"kind": "htb", "handle": "1:", "dev": "br0", "root": true},'
        ' {"kind": "clsact", "handle": "ffff:", "dev": "vnet0"}]'
    )
