"""UDP sockets on the ports of a boot, and packet sockets, as the kernel prints them."""

from pxedoctor.access.answer import Absent, Answer, Answers, Text
from pxedoctor.access.notebook import Notebook
from pxedoctor.access.replay import Replay
from pxedoctor.collect import sockets
from pxedoctor.collect.ask import sockets as ask_sockets
from pxedoctor.model.fact import Missing
from pxedoctor.model.process import Socket

# Linux 6.18: libvirt's dnsmasq on 192.168.150.1, and a stranger's socket on port 33333 that talks to 203.0.113.7.
UDP = """\
   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
 3705: 0196A8C0:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 161833 2 00000000a8322c32 0
 3719: 00000000:0043 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 161830 2 000000004b06de9b 0
  100: 0100007F:8235 077100CB:01BB 01 00000000:00000000 00:00000000 00000000  1000        0 170000 2 000000004b06de9c 0
"""
UDP6 = (
    "  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when"
    " retrnsmt   uid  timeout inode ref pointer drops\n"
    "  547: 000080FE00000000FF005450FE0D0D0D:0223 00000000000000000000000000000000:0000 07 00000000:00000000"
    " 00:00000000 00000000     0        0 99 2 0000000000000000 0\n"
)
# A web server on every address, ssh on one, and a connection to a stranger.
TCP = """\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 171000 1 0 100 0 0 10 0
   1: 0196A8C0:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 171001 1 0 100 0 0 10 0
   2: 0196A8C0:8236 077100CB:01BB 01 00000000:00000000 00:00000000 00000000  1000        0 171002 1 0 20 4 30 10 -1
"""
PACKET = """\
sk               RefCnt Type Proto  Iface R Rmem   User   Inode
00000000c0ffee00 3      3    0003   7     1 0      0      4242
00000000c0ffee01 3      2    888e   0     1 0      0      4243
"""
TEXTS: dict[str, Answer] = {
    "read /proc/sys/kernel/osrelease": Text("6.18.44\n"),
    "read /proc/net/udp": Text(UDP),
    "read /proc/net/udp6": Text(UDP6),
    "read /proc/net/tcp": Text(TCP),
    "read /proc/net/tcp6": Text(""),
    "read /proc/net/packet": Text(PACKET),
}


def collected(answers: Answers) -> tuple[tuple[Socket, ...] | Missing, Answers]:
    notebook = Notebook(Replay(answers))
    ask_sockets.ask(notebook)
    return sockets.parse(notebook.answers), notebook.answers


def test_who_listens_on_the_ports_of_a_boot() -> None:
    found, _ = collected(TEXTS)
    assert found == (
        Socket(kind="udp", port=53, address="192.168.150.1", inode=161833),
        Socket(kind="udp", port=67, address="0.0.0.0", inode=161830),
        Socket(kind="udp6", port=547, address="fe80::5054:ff:d0d:dfe", inode=99),
        Socket(kind="tcp", port=80, address="0.0.0.0", inode=171000),
        Socket(kind="tcp", port=22, address="192.168.150.1", inode=171001),
        Socket(kind="packet", port=0, interface=7, protocol=3, inode=4242),
        Socket(kind="packet", port=0, interface=0, protocol=0x888E, inode=4243),
    )


def test_nobody_elses_conversations_are_kept() -> None:
    _, kept = collected(TEXTS)
    assert "077100CB" not in repr(kept)


def test_a_machine_that_writes_the_most_significant_byte_first() -> None:
    texts = TEXTS | {
        "read /proc/sys/kernel/osrelease": Text("5.14.0-503.el9.s390x\n"),
        "read /proc/net/udp": Text(UDP.replace("0196A8C0", "C0A89601")),
        "read /proc/net/udp6": Text(""),
        "read /proc/net/packet": Text(""),
    }
    found, _ = collected(texts)
    assert not isinstance(found, Missing)
    assert found[0].address == "192.168.150.1"


def test_a_kernel_without_ipv6_and_packet_sockets() -> None:
    gone = Absent("does not exist")
    found, _ = collected(TEXTS | {"read /proc/net/udp6": gone, "read /proc/net/packet": gone})
    assert not isinstance(found, Missing)
    assert [socket.port for socket in found] == [53, 67, 80, 22]


def test_without_procfs() -> None:
    found, _ = collected(TEXTS | {"read /proc/net/udp": Absent("/proc/net/udp does not exist")})
    assert found == Missing("absent", "/proc/net/udp does not exist", "mount procfs at /proc")


def test_garbled_lines_are_no_sockets() -> None:
    garbled = "heading\n 1: XX:0043 0 7\n 2: ZZ\n\n 3: 0196A8C0:0043 00000000:0000 07 0 0 0 0 0 x 2\n"
    strange = {"read /proc/net/udp": garbled, "read /proc/net/tcp": garbled, "read /proc/net/packet": "h\nx y\n"}
    found, _ = collected(TEXTS | {question: Text(text) for question, text in strange.items()})
    assert not isinstance(found, Missing)
    assert [socket.kind for socket in found] == ["udp6"]
