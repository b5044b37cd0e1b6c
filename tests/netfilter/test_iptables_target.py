"""What iptables' targets do, each as the programs print it."""

import pytest

from pxedoctor.netfilter.field import Field
from pxedoctor.netfilter.iptables_rule import IptablesReader
from pxedoctor.netfilter.syntax import (
    Action,
    End,
    Ends,
    Fill,
    GoesOn,
    NoTrack,
    Queue,
    Rewrite,
    Strange,
    WriteMark,
)

_ALL = 0xFFFFFFFF


def does(words: str, chain: str = "INPUT") -> tuple[object, ...]:
    return IptablesReader("ip", frozenset())(chain, 1, f"-A {chain} -j {words}").parts


@pytest.mark.parametrize(
    ("words", "action"),
    [
        ("ACCEPT", End(Ends.ACCEPT)),
        ("DROP", End(Ends.DROP)),
        ("RETURN", End(Ends.RETURN)),
        ("REJECT", End(Ends.REJECT)),
        ("REJECT --reject-with icmp-port-unreachable", End(Ends.REJECT)),
        ("QUEUE", Queue(False, "-j QUEUE", (0, 0))),
        ("NFQUEUE --queue-num 7", Queue(False, "-j NFQUEUE --queue-num 7", (7, 7))),
        (
            "NFQUEUE --queue-balance 1:2 --queue-bypass",
            Queue(True, "-j NFQUEUE --queue-balance 1:2 --queue-bypass", (1, 2)),
        ),
        ("NFQUEUE --queue-num x", Queue(False, "-j NFQUEUE --queue-num x")),
        ("NFQUEUE --queue-of-another-kind 3", Queue(False, "-j NFQUEUE --queue-of-another-kind 3")),
        ("MARK --set-xmark 0x1/0xffffffff", WriteMark(Field.MARK, 0, 1)),
        ("MARK --set-xmark 0x1/0xff", WriteMark(Field.MARK, _ALL ^ 0xFF, 1)),
        ("MARK --set-mark 0x100/0xff", WriteMark(Field.MARK, _ALL ^ 0x1FF, 0x100)),
        ("MARK --and-mark 0x1", WriteMark(Field.MARK, 1, 0)),
        ("MARK --or-mark 0x1", WriteMark(Field.MARK, _ALL ^ 1, 1)),
        ("MARK --xor-mark 0x1", WriteMark(Field.MARK, _ALL, 1)),
        ("MARK --foo", WriteMark(Field.MARK, known=False)),
        ("NOTRACK", NoTrack()),
        ("CT --notrack", NoTrack()),
        ("CT --helper tftp", GoesOn("-j CT --helper tftp")),
        ("SNAT --to-source 1.1.1.1", Rewrite("source", "-j SNAT --to-source 1.1.1.1")),
        ("MASQUERADE", Rewrite("source", "-j MASQUERADE")),
        ("DNAT --to-destination 1.1.1.1:69", Rewrite("destination", "-j DNAT --to-destination 1.1.1.1:69")),
        ("REDIRECT --to-ports 69", Rewrite("destination", "-j REDIRECT --to-ports 69")),
        ("CHECKSUM --checksum-fill", Fill()),
        ('LOG --log-prefix "a b"', GoesOn('-j LOG --log-prefix "a b"')),
        ("TCPMSS --clamp-mss-to-pmtu", GoesOn("-j TCPMSS --clamp-mss-to-pmtu")),
        ("SET --add-set foo src", GoesOn("-j SET --add-set foo src")),
        ("TRACE", GoesOn("-j TRACE")),
        ("TPROXY --on-port 1 --on-ip 0.0.0.0", Strange("-j TPROXY --on-port 1 --on-ip 0.0.0.0")),
        ("SYNPROXY", Strange("-j SYNPROXY")),
        ("ACCEPT --softly", Strange("-j ACCEPT --softly")),
        ("CHECKSUM", Strange("-j CHECKSUM")),
    ],
)
def test_targets(words: str, action: Action) -> None:
    assert does(words) == (action,)


@pytest.mark.parametrize(
    ("words", "write"),
    [
        ("--set-xmark 0x10/0xff", WriteMark(Field.CT_MARK, _ALL ^ 0xFF, 0x10)),
        ("--save-mark --nfmask 0xffffffff --ctmask 0xffffffff", WriteMark(Field.CT_MARK, copied_from=Field.MARK)),
        ("--save-mark", WriteMark(Field.CT_MARK, copied_from=Field.MARK)),
        ("--restore-mark --nfmask 0xffffffff --ctmask 0xffffffff", WriteMark(Field.MARK, copied_from=Field.CT_MARK)),
        ("--restore-mark --nfmask 0xff --ctmask 0xff", WriteMark(Field.MARK, _ALL ^ 0xFF, copied_from=Field.CT_MARK)),
        ("--save-mark --mask 0xff", WriteMark(Field.CT_MARK, _ALL ^ 0xFF, copied_from=Field.MARK)),
    ],
)
def test_connmark(words: str, write: WriteMark) -> None:
    assert does(f"CONNMARK {words}") == (write,)


@pytest.mark.parametrize(
    "words",
    [
        "--set-xmark 0x1/0xffffffff --left-shift-mark 2",
        "--restore-mark --nfmask 0xff --ctmask 0xf",
        "--save-mark --nfmask 0xff",
        "--save-mark --mask",
        "--foo",
    ],
)
def test_connmark_that_is_not_modelled_leaves_no_mark_known(words: str) -> None:
    written = does(f"CONNMARK {words}")
    assert written == (WriteMark(Field.CT_MARK, known=False), WriteMark(Field.MARK, known=False))


def test_a_mark_from_elsewhere_is_not_known() -> None:
    assert WriteMark(Field.MARK, known=False) in does("HMARK --hmark-rnd 0x1 --hmark-mod 1")
    assert WriteMark(Field.MARK, known=False) in does("SET --map-set foo src --map-mark")


def test_netmap_rewrites_what_its_hook_says() -> None:
    words = "NETMAP --to 10.0.0.0/24"
    assert does(words, "PREROUTING") == (Rewrite("destination", f"-j {words}"),)
    assert does(words, "POSTROUTING") == (Rewrite("source", f"-j {words}"),)
    assert does(words, "mine") == (Strange(f"-j {words}"),)
