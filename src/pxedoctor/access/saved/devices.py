"""Network devices from the texts `ip -d address` and `ip -s -d link`, told again as `ip -j` and sysfs tell them.

iproute2 prints the same netlink attributes in all three forms, with two differences: bridge ids have their zeros left
out (`8000.2:42:0:0:0:1`), and before 6.5 `designated_root` is the bridge's own id also where another one is the root.
"""

import json
import re
from itertools import pairwise

import msgspec

from pxedoctor.access.answer import Absent, Answer, Text

_FIRST = r"^(\d{1,9}): ([^:\s@]+)(?:@(\S+))?: <([^>]*)> mtu (\d{1,9})(.*)$"
_LINK = r"^    link/(\S+) (?:([0-9a-f:.]{1,100}) )?"
# A namespace that has a name is told by it, and not by its number (link-netns NAME).
_PEER_NAMESPACE = r" link-netns(?:id (\d{1,9})| \S)"
_NOT_ASSIGNED = -1
_MASTER = r" master (\S+)"
_INET = r"^    (inet6?) ([0-9a-fA-F.:]{1,50})(?: peer [0-9a-fA-F.:]{1,50})?/(\d{1,3}) "
_ID = r"([0-9a-f]{4})\.([0-9a-f:]{11,17})"
_COUNTS = r"\s*\d+( +\d+){3}"
# Words that begin a line of details and are no kind of device.
_NO_KIND = frozenset({"altname", "alias", "RX:", "TX:", "RX", "TX", "inet", "inet6", "valid_lft", "vf"})
_STATES = {"disabled": 0, "listening": 1, "learning": 2, "forwarding": 3, "blocking": 4}
# sysfs' name -> the word before the value in the text.
_BRIDGE_NUMBERS = {
    "stp_state": "stp_state",
    "forward_delay": "forward_delay",
    "hello_time": "hello_time",
    "max_age": "max_age",
    "root_port": "root_port",
    "nf_call_iptables": "nf_call_iptables",
    "nf_call_ip6tables": "nf_call_ip6tables",
    "nf_call_arptables": "nf_call_arptables",
    "multicast_snooping": "mcast_snooping",
    "vlan_filtering": "vlan_filtering",
}
_PORT_SWITCHES = {
    "isolated": "isolated",
    "unicast_flood": "flood",
    "multicast_flood": "mcast_flood",
    "broadcast_flood": "bcast_flood",
    "learning": "learning",
}
_SWITCHED = {"on": "1", "off": "0"}
NET = "/sys/class/net"


class Device(msgspec.Struct, kw_only=True):
    """One device while its lines are read. `details` are the words of its bridge and bridge_slave lines."""

    index: int
    name: str
    flags: list[str]
    mtu: int
    master: str = ""
    kind: str = ""
    mac: str = ""
    peer_namespace: int | None = None
    addresses: list[dict[str, object]] = []
    bridge: dict[str, str] = {}
    port: dict[str, str] = {}
    received: list[int] = []
    sent: list[int] = []


def read_devices(text: str) -> dict[str, Device]:
    """By name, in the order of the text."""
    found: dict[str, Device] = {}
    device: Device | None = None
    counting = ""
    for line in text.splitlines():
        first = re.match(_FIRST, line)
        if first is not None:
            device = _begun(first)
            found[device.name] = device
        elif device is not None:
            words = line.split()
            if counting and re.match(_COUNTS, line):
                (device.received if counting == "RX:" else device.sent)[:] = [int(word[:18]) for word in words[:4]]
            counting = words[0] if words[:1] in (["RX:"], ["TX:"]) else ""
            _take(device, line, words)
    return found


def _begun(first: re.Match[str]) -> Device:
    master = re.search(_MASTER, first[6])
    return Device(
        index=int(first[1]),
        name=first[2],
        flags=first[4].split(","),
        mtu=int(first[5]),
        master=master[1] if master else "",
    )


def _take(device: Device, line: str, words: list[str]) -> None:
    link, inet = re.match(_LINK, line), re.match(_INET, line)
    if link is not None:
        device.mac = link[2] or ""
        peer = re.search(_PEER_NAMESPACE, line)
        device.peer_namespace = int(peer[1] or _NOT_ASSIGNED) if peer else None
    elif inet is not None:
        device.addresses.append({"family": inet[1], "local": inet[2], "prefixlen": int(inet[3])})
    elif line.startswith("    ") and words and words[0] not in _NO_KIND and not line.startswith("     "):
        if words[0] == "bridge_slave":
            device.port = _pairs(words[1:])
        elif not device.kind:
            device.kind = words[0]
            device.bridge = _pairs(words[1:]) if words[0] == "bridge" else {}


def _pairs(words: list[str]) -> dict[str, str]:
    """Each word with the one after it: what stands at odd places is asked for by nobody."""
    found: dict[str, str] = {}
    for word, value in pairwise(words):
        found.setdefault(word, value)
    return found


def as_json(devices: dict[str, Device]) -> str:
    """As `ip -j -d -s -s address show` prints them, with the keys that are asked for."""
    return json.dumps([_record(device) for device in devices.values()])


def _record(device: Device) -> dict[str, object]:
    record: dict[str, object] = {
        "ifindex": device.index,
        "ifname": device.name,
        "flags": device.flags,
        "mtu": device.mtu,
        "address": device.mac,
        "addr_info": device.addresses,
    }
    if device.master:
        record["master"] = device.master
    if device.kind:
        record["linkinfo"] = {"info_kind": device.kind}
    if device.peer_namespace is not None:
        record["link_netnsid"] = device.peer_namespace
    names = ("bytes", "packets", "errors", "dropped")
    counts = {"rx": device.received, "tx": device.sent}
    record["stats64"] = {way: dict(zip(names, numbers, strict=False)) for way, numbers in counts.items()}
    return record


def listed(devices: dict[str, Device], folder: str) -> Answer | None:
    """The names in a folder below /sys/class/net, as far as anything is known of it; None where nothing is."""
    if folder == NET:
        return Text("\n".join(sorted(devices)))
    name, _, below = folder.removeprefix(f"{NET}/").partition("/")
    device = devices.get(name)
    if device is None or not folder.startswith(f"{NET}/"):
        return None
    folders = {
        "": {"tun_flags": device.kind == "tun", "bridge": bool(device.bridge), "brif": bool(device.bridge)}
        | {"brport": bool(device.port)},
        "bridge": dict.fromkeys((*_BRIDGE_NUMBERS, "bridge_id", "root_id"), bool(device.bridge)),
        "brif": {port.name: True for port in devices.values() if port.master == name and device.bridge},
    }
    if below not in folders:
        return None
    if below and not device.bridge:
        return Absent(f"{name} is no bridge")
    return Text("\n".join(sorted(entry for entry, there in folders[below].items() if there)))


def value_at(devices: dict[str, Device], path: str) -> str | None:
    """The content of a file below /sys/class/net; None where the texts do not tell."""
    parts = path.removeprefix(f"{NET}/").split("/")
    device = devices.get(parts[0])
    if device is None or len(parts) != 3:
        return None
    match parts[1], parts[2]:
        case "bridge", "bridge_id":
            return _sysfs_id(device.bridge.get("bridge_id", ""))
        case "bridge", "root_id":
            return _root(device.bridge)
        case "bridge", name if name in _BRIDGE_NUMBERS:
            return _digits(device.bridge.get(_BRIDGE_NUMBERS[name], ""))
        case "brport", "state":
            state = _STATES.get(device.port.get("state", ""))
            return None if state is None else str(state)
        case "brport", "port_no":
            return device.port.get("port_no")
        case "brport", name if name in _PORT_SWITCHES:
            return _SWITCHED.get(device.port.get(_PORT_SWITCHES[name], ""))
        case _:
            return None


def _root(bridge: dict[str, str]) -> str | None:
    root, own = bridge.get("designated_root", ""), bridge.get("bridge_id", "")
    # A bridge with a root port is not the root: its own id here is what an old iproute2 prints for any root.
    return "" if root == own and bridge.get("root_port") != "0" else _sysfs_id(root)


def _sysfs_id(text: str) -> str | None:
    """8000.2:42:af:bd:fb:4 -> 8000.0242afbdfb04"""
    found = re.fullmatch(_ID, text)
    if found is None:
        return None
    return f"{found[1]}.{''.join(part.rjust(2, '0') for part in found[2].split(':'))}"


def _digits(text: str) -> str | None:
    return text if text.isascii() and text.isdigit() else None
