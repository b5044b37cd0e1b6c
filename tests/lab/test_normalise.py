"""What two pictures of one site may differ in, and what they may not."""

from pathlib import Path

import pytest

from pxedoctor.access.answer import Absent, Answer, Text
from pxedoctor.lab.normalise import differences, fingerprint, normalise

PS = "run ps -A -o pid=,ppid=,stat=,comm="
UDP_LINE = " 3719: 00000000:0043 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 161830 2 0 0"
LIBVIRT_RULE = "<args>\n<item>guest_input</item>\n<item>handle</item>\n<item>{}</item>\n</args>"
CSUM = "act_csum 16384 1 - Live 0xffffffffc07bb000\n"
TUN = "tun 69632 3 vhost_net, Live 0xffffffffc0712000\n"
PACKET_LINE = "00000000c0ffee00 3      3    0003   7     1 0      0      4242"


def differ(before: dict[str, Answer], after: dict[str, Answer]) -> list[str]:
    return differences(normalise(before), normalise(after))


@pytest.mark.parametrize(
    ("question", "before", "after"),
    [
        (PS, "  97  1 S  dnsmasq\n 10 1 Sl libvirtd\n", " 10 1 Rl libvirtd\n 165  1 D  dnsmasq\n"),
        ("read /run/libvirt/network/lab.pid", "97\n", "165\n"),
        ("read /sys/class/net/br0/ifindex", "4\n", "9\n"),
        ("read /proc/net/udp", f"sl\n{UDP_LINE}\n", f"sl\n{UDP_LINE.replace('161830', '7')}\n"),
        ("read /proc/net/packet", f"sk\n{PACKET_LINE}\n", f"sk\n{PACKET_LINE.replace('4242', '1')}\n"),
        ("read /proc/net/snmp", "Udp: 1", "Udp: 2"),
        ("read /proc/net/stat/arp_cache", "00000000 00000002", "00000000 00000403"),
        ("read /proc/sys/net/netfilter/nf_conntrack_count", "1", "2"),
        ("read /proc/modules", f"{CSUM}{TUN}", f"{TUN.replace(' 3 v', ' 2 v')}{CSUM.replace('c07', 'c0a')}"),
        ("run ip -j neigh show", "[]", '[{"dst":"192.0.2.1"}]'),
        (
            "run nft -a list ruleset",
            "counter packets 0 bytes 0 drop # handle 4",
            "counter packets 4 bytes 99 drop # handle 7",
        ),
        ("read /run/libvirt/network/lab.xml", LIBVIRT_RULE.format(11), LIBVIRT_RULE.format(35)),
        (
            "run tc -j qdisc show",
            '[{"kind":"htb","options":{"r2q":10,"direct_packets_stat":2}}]',
            '[{"kind":"htb","options":{"r2q":10,"direct_packets_stat":0}}]',
        ),
        ("run ip -j -4 route show table all", '[{"flags":["linkdown"]}]', '[{"flags":[]}]'),
    ],
)
def test_what_moves_by_itself(question: str, before: str, after: str) -> None:
    assert differ({question: Text(before)}, {question: Text(after)}) == []


@pytest.mark.parametrize(
    ("question", "before", "after"),
    [
        (PS, "97 1 S dnsmasq\n", ""),
        (PS, "97 1 S dnsmasq\n", "97 1 Z dnsmasq\n"),
        ("read /proc/net/udp", f"sl\n{UDP_LINE}\n", "sl\n"),
        ("read /proc/net/udp", f"sl\n{UDP_LINE}\n", f"sl\n{UDP_LINE.replace('00000000:0043', '0196A8C0:0043')}\n"),
        (
            "read /run/libvirt/network/lab.xml",
            LIBVIRT_RULE.format(11),
            LIBVIRT_RULE.format(11).replace("guest_input", "guest_output"),
        ),
        ("read /proc/sys/net/ipv4/ip_forward", "0", "1"),
        ("read /proc/modules", f"{CSUM}{TUN}", TUN),
        ("run ip -j -4 route show table all", '[{"dst":"default"}]', "[]"),
    ],
)
def test_what_somebody_changed(question: str, before: str, after: str) -> None:
    assert differ({question: Text(before)}, {question: Text(after)})


def test_processes_are_compared_as_a_set_whatever_their_pids() -> None:
    before: dict[str, Answer] = {
        "read /proc/97/stat": Text("97 (dnsmasq) S 1 97"),
        "read /proc/97/cmdline": Text("dnsmasq\0--x"),
        "read /proc/10/cmdline": Text("libvirtd\0-d"),
    }
    after: dict[str, Answer] = {
        "read /proc/230/cmdline": Text("libvirtd\0-d"),
        "read /proc/165/cmdline": Text("dnsmasq\0--x"),
        "read /proc/165/stat": Text("165 (dnsmasq) R 1 165"),
    }
    assert differ(before, after) == []


def test_a_process_that_died_is_told() -> None:
    alive: dict[str, Answer] = {"read /proc/97/stat": Text("97 (dnsmasq) S 1 97")}
    dead: dict[str, Answer] = {"read /proc/97/stat": Absent("/proc/97/stat does not exist")}
    zombie: dict[str, Answer] = {"read /proc/97/stat": Text("97 (dnsmasq) Z 1 97")}
    assert differ(alive, dead)
    assert differ(alive, zombie)


def test_a_file_is_compared_by_itself_and_below_a_folder(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "one").write_text("1")
    (tmp_path / "alone").write_text("2")
    before = fingerprint(tmp_path, ("/d", "/alone", "/gone"))
    assert set(before) == {"/d/one", "/alone"}
    (tmp_path / "alone").write_text("3")
    assert fingerprint(tmp_path, ("/alone",)) != {"/alone": before["/alone"]}
