"""Does a repair cross the way by which the person is connected? Then it is taken back unless he says that he still is.

1. The client's address is sshd's word (SSH_CONNECTION), from this process or an ancestor: sudo(8) takes it away.
2. The kernel says through which device answers go there; what that device rests on, or belongs to, is the way too.
3. A step crosses it that names such a device, that changes a firewall, or that restarts what owns networks.
"""

import json
import os
import re
from pathlib import Path

from pxedoctor.apply.error import NotGrantedError
from pxedoctor.apply.run import run

# Programs that may shut an ssh connection out whatever device it comes through.
_FIREWALLS = frozenset({"iptables", "ip6tables", "nft", "firewall-cmd", "ufw", "sysctl", "ebtables", "arptables"})
# Services whose restart takes devices or rules away for a while, or for good.
_NETWORKING = frozenset(
    {"firewalld", "networking", "network", "NetworkManager", "nftables", "systemd-networkd", "ufw", "wicked"}
)
_MOST_ANCESTORS = 40
_MOST_LAYERS = 8
_DEVICES = Path("/sys/class/net")


def crosses_own_session(commands: tuple[tuple[str, ...], ...]) -> bool:
    """Whether one of the commands touches the way to the person; False where nobody is connected by ssh."""
    peer = _ssh_client()
    return bool(peer) and any(crosses(argv, way_to(peer)) for argv in commands)


def crosses(argv: tuple[str, ...], way: frozenset[str]) -> bool:
    """Pure. `way`: the devices towards the person."""
    # What a shell is given is words, too.
    words = {word for text in argv for word in re.findall(r"[\w.@-]+", text)}
    firewall = bool(words & _FIREWALLS) if argv[0] == "sh" else argv[0].rpartition("/")[2] in _FIREWALLS
    return firewall or bool(words & way) or (argv[0] == "systemctl" and bool(words & _NETWORKING))


def _ssh_client() -> str:
    """The address at the other end of ssh."""
    pid = os.getpid()
    for _ in range(_MOST_ANCESTORS):
        try:
            words = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
            stat = Path(f"/proc/{pid}/stat").read_text(errors="backslashreplace")
        except OSError:
            return ""
        for word in words:
            if word.startswith(b"SSH_CONNECTION="):
                return word.decode(errors="replace").partition("=")[2].partition(" ")[0]
        pid = int(stat.rpartition(")")[2].split()[1])
        if pid == 0:
            return ""
    return ""


def way_to(peer: str) -> frozenset[str]:
    """The device towards an address, with what it rests on and the bridge or bond that it belongs to."""
    first = _device_towards(peer)
    found, fresh = {first} - {""}, [first] if first else []
    for _ in range(_MOST_LAYERS):
        fresh = [name for device in fresh for name in _beside(device) if name not in found]
        found.update(fresh)
    return frozenset(found)


def _beside(device: str) -> list[str]:
    """A bridge's ports, a VLAN's device, a bond's members; no guest's tap, through which nobody comes but the guest."""
    try:
        names = os.listdir(_DEVICES / device)
    except OSError:
        return []
    lower = [name.removeprefix("lower_") for name in names if name.startswith("lower_")]
    master = [os.path.basename(os.path.realpath(_DEVICES / device / "master"))] if "master" in names else []
    return [name for name in (*lower, *master) if not (_DEVICES / name / "tun_flags").exists()]


def _device_towards(peer: str) -> str:
    """A link-local address names its device itself: fe80::1%eth0."""
    address, _, device = peer.partition("%")
    if device or not re.fullmatch(r"[0-9a-fA-F.:]+", address):
        return device
    try:
        routes = json.loads(run(("ip", "-j", "route", "get", address)))
        return str(routes[0]["dev"])
    except (NotGrantedError, ValueError, LookupError, TypeError):
        return ""
