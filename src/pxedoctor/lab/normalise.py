"""The one documented list of what moves by itself, taken out before two snapshots of a site are compared.

Out: rule handles, also those that libvirt notes, and counters, ifindexes, pids, timers, leases, log lines, packet
counters, lifetimes of addresses and routes, carrier and the IPv6 link-local address and routes that come with it,
neighbours (guests are learned and forgotten), the number of tracked connections, BPDU counters, a bridge's ageing time,
which is short while its spanning tree changes, and the order of devices, which is that of their ifindexes. Of
processes, the name and whether it lives is left; of sockets, where they listen; of the kernel's modules, the name. In:
everything else; files are compared to the byte (`fingerprint`).
"""

import difflib
import hashlib
import json
import re
from pathlib import Path

from pxedoctor.access.answer import Answer, Text

# Questions whose answers are times, counters or logs through and through.
_MOVING = (
    "run journalctl",
    "run tail",
    "list /var/log",
    "read /var/log/",
    "read /proc/net/snmp",
    "read /proc/net/netstat",
    "read /proc/net/stat/",
    "read /proc/sys/net/netfilter/nf_conntrack_count",
    "run ip -j neigh",
    "run date",
    # Leases.
    "list /var/lib/libvirt/dnsmasq",
    "read /var/lib/libvirt/dnsmasq/",
    "read /var/lib/misc/",
)
# The kernel shortens `ageing_time` for as long as a topology changes (br_stp.c __br_set_topology_change).
_MOVING_KEYS = frozenset(
    {
        "stats64", "stats", "ifindex", "link_index", "handle", "valid_life_time", "preferred_life_time", "expires",
        "qdisc", "packets", "bytes", "tentative", "dadfailed", "operstate", "gc_timer", "hello_timer", "tcn_timer",
        "topology_change_timer", "fdb_n_learned", "topology_change", "promiscuity", "allmulti", "tso_max_size",
        "gso_max_size", "hold_timer", "message_age_timer", "forward_delay_timer", "rx_bpdu", "tx_bpdu", "rx_tcn",
        "tx_tcn", "transition_blk", "transition_fwd", "config_pending", "topology_change_ack",
        "topology_change_detected", "ageing_time", "direct_packets_stat",
    }
)  # fmt: skip
# Listings device by device: a device that was made anew moves to the end.
_BY_DEVICE = ("run ip -j", "run tc -j qdisc")
_COUNTERS = re.compile(r"\[\d+:\d+\]")
_NFT_COUNTER = re.compile(r"\bcounter packets \d+ bytes \d+")
_SAVE_COMMENT = re.compile(r"^# (Generated|Completed).*$", re.MULTILINE)
_HANDLE = re.compile(r"# handle \d+|'handle': \d+")
# The status of a network has the words with which its nftables backend will remove each rule.
_NOTED_HANDLE = re.compile(r"(<item>handle</item>\s*<item>)\d+(?=</item>)")
_PROCESS = re.compile(r"/proc/\d+/")


def normalise(answers: dict[str, Answer]) -> dict[str, str]:
    """Question to comparable text. What was asked of several processes is one entry, in alphabetical order."""
    texts: dict[str, list[str]] = {}
    for question, answer in answers.items():
        if not question.startswith(_MOVING):
            texts.setdefault(_PROCESS.sub("/proc/PID/", question), []).append(_text(question, answer))
    return {question: "\n".join(sorted(texts[question])) for question in sorted(texts)}


def _text(question: str, answer: Answer) -> str:
    if not isinstance(answer, Text):
        return _PROCESS.sub("/proc/PID/", repr(answer))
    if question.endswith(".pid"):
        return "PID"
    if question.endswith("/ifindex"):
        return "IFINDEX"
    if question.endswith("/stat"):
        return _name_and_state(answer.text)
    if question == "dump ethtool features":
        return "\n".join(sorted(answer.text.splitlines()))
    if question.startswith("run ps "):
        return "\n".join(sorted(_without_pids(line) for line in answer.text.splitlines()))
    if question == "read /proc/modules":
        # The newest comes first, each with its users and its place in memory (kernel/module/procfs.c m_show).
        return "\n".join(sorted(line.partition(" ")[0] for line in answer.text.splitlines()))
    if question.startswith(("read /proc/net/udp", "read /proc/net/tcp", "read /proc/net/packet")):
        return "\n".join(sorted(_without_inode(question, line) for line in answer.text.splitlines()[1:]))
    try:
        value = _without_moving(json.loads(answer.text))
        return json.dumps(_by_name(value) if question.startswith(_BY_DEVICE) else value, sort_keys=True, indent=1)
    except (ValueError, RecursionError):
        pass
    text = _NFT_COUNTER.sub("counter packets n bytes n", _COUNTERS.sub("[n:n]", answer.text))
    text = _SAVE_COMMENT.sub("", text)
    return _NOTED_HANDLE.sub(r"\1N", _HANDLE.sub("# handle N", text))


def _name_and_state(stat: str) -> str:
    name, _, rest = stat.partition("(")[2].rpartition(")")
    return f"{name} {_alive_or_zombie(rest)}"


def _without_pids(line: str) -> str:
    return " ".join((_alive_or_zombie(line.split()[2]), *line.split()[3:]))


def _alive_or_zombie(state: str) -> str:
    """Whether it sleeps or runs at the moment changes by itself."""
    return "zombie" if state.strip().startswith("Z") else "alive"


def _without_inode(question: str, line: str) -> str:
    """The local address of a UDP socket, the protocol of a packet socket."""
    words = line.split()
    column = 3 if question == "read /proc/net/packet" else 1
    return words[column] if len(words) > column else line


def _without_moving(value: object) -> object:
    if isinstance(value, dict):
        return {key: _without_moving(entry) for key, entry in value.items() if key not in _MOVING_KEYS}
    if isinstance(value, list):
        # A bridge has carrier while one of its ports forwards: it comes and goes with every guest.
        return [_without_moving(entry) for entry in value if not _comes_with_carrier(entry)]
    return value


def _by_name(value: object) -> object:
    return sorted(value, key=lambda entry: json.dumps(entry, sort_keys=True)) if isinstance(value, list) else value


def _comes_with_carrier(entry: object) -> bool:
    """Carrier itself; an IPv6 link-local address, which a link gets with its first carrier (addrconf.c); its routes."""
    if isinstance(entry, dict):
        to = str(entry.get("dst", ""))
        local = entry.get("table") == "local" and to.startswith(("fe80:", "ff00:"))
        return local or (entry.get("family") == "inet6" and entry.get("scope") == "link")
    return entry in ("NO-CARRIER", "LOWER_UP", "linkdown", "dead")


def fingerprint(root: Path, folders: tuple[str, ...]) -> dict[str, str]:
    """Path to the hash of each file that is one of these, or below one, links as their targets."""
    prints: dict[str, str] = {}
    for folder in folders:
        top = Path(f"{root}{folder}")
        for path in (top, *sorted(top.rglob("*"))):
            name = str(path).removeprefix(str(root))
            if path.is_symlink():
                prints[name] = f"-> {path.readlink()}"
            elif path.is_file():
                prints[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return prints


def differences(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """The lines that differ, each with the question it answers; empty where both pictures are equal."""
    words: list[str] = []
    for key in sorted({*before, *after}):
        was, now = before.get(key, "(nothing)"), after.get(key, "(nothing)")
        if was != now:
            lines = difflib.unified_diff(was.splitlines(), now.splitlines(), lineterm="", n=2)
            words.append("\n".join([key, *list(lines)[2:]]))
    return words
