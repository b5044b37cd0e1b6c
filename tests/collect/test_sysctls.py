"""Kernel settings, each a file below /proc/sys."""

from pxedoctor.access.answer import Absent, Answer, Answers, Forbidden, Text
from pxedoctor.access.notebook import Notebook
from pxedoctor.access.replay import Replay
from pxedoctor.collect import sysctls
from pxedoctor.collect.ask import sysctls as ask_sysctls
from pxedoctor.model.fact import Missing

TEXTS: dict[str, Answer] = {
    "list /proc/sys/net": Text("bridge\ncore\nipv4\nipv6"),
    "list /sys/class/net": Text("eno1.10\nlo\nvirbr0\nvnet3"),
    "list /sys/class/net/eno1.10": Text("address\nifindex"),
    "list /sys/class/net/lo": Text("address"),
    "list /sys/class/net/virbr0": Text("bridge"),
    "list /sys/class/net/vnet3": Text("brport\ntun_flags"),
    "read /proc/sys/net/bridge/bridge-nf-call-iptables": Text("1\n"),
    "read /proc/sys/net/ipv4/ip_forward": Text("0\n"),
    "read /proc/sys/net/ipv4/conf/eno1.10/rp_filter": Text("2\n"),
    "read /proc/sys/net/ipv4/conf/vnet3/rp_filter": Text("2\n"),
    "read /proc/sys/net/ipv6/conf/all/forwarding": Absent("/proc/sys/net/ipv6/conf/all/forwarding does not exist"),
    "read /proc/sys/net/ipv6/conf/virbr0/accept_ra": Forbidden("not for us"),
}


def collected(answers: Answers) -> tuple[dict[str, str] | Missing, Answers]:
    notebook = Notebook(Replay(answers))
    ask_sysctls.ask(notebook)
    return sysctls.parse(notebook.answers), notebook.answers


def test_what_is_set() -> None:
    """A device's name may hold a dot; a setting that is not there, or not for us, is no key."""
    found, _ = collected(TEXTS)
    assert found == {
        "net/bridge/bridge-nf-call-iptables": "1",
        "net/ipv4/ip_forward": "0",
        "net/ipv4/conf/eno1.10/rp_filter": "2",
    }


def test_taps_are_not_asked_for() -> None:
    _, kept = collected(TEXTS)
    assert not [question for question in kept if "/conf/vnet3/" in question]


def test_without_procfs() -> None:
    found, _ = collected(TEXTS | {"list /proc/sys/net": Absent("/proc/sys/net does not exist")})
    assert found == Missing("absent", "/proc/sys/net does not exist", "mount procfs at /proc")
