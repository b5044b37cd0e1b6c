"""The states of a bridge's ports while a trace runs, from sysfs: it wakes nothing and costs little."""

import os
from collections.abc import Sequence
from pathlib import Path

from pxedoctor.model.traced import PortMoment
from pxedoctor.trace.began import Began

_NET = "/sys/class/net"
# net/bridge/br_private.h.
_WORDS = {"0": "disabled", "1": "listening", "2": "learning", "3": "forwarding", "4": "blocking"}
_MOST = 1000


def ports_of(bridge: str) -> tuple[str, ...]:
    """The names of its ports, () where there is no such bridge."""
    try:
        return tuple(sorted(os.listdir(f"{_NET}/{bridge}/brif")))
    except OSError:
        return ()


def is_bridge(name: str) -> bool:
    return "/" not in name and name not in {"", ".", ".."} and os.path.isdir(f"{_NET}/{name}/bridge")


def is_port_of(bridge: str, name: str) -> bool:
    return bool(name) and "/" not in name and os.path.isdir(f"{_NET}/{bridge}/brif/{name}")


def is_tap(name: str) -> bool:
    return os.path.exists(f"{_NET}/{name}/tun_flags")


class PortStates:
    """`look` tells what is new since the last look."""

    def __init__(self, began: Began) -> None:
        self._began = began
        self._known: dict[str, str] = {}
        self._told = 0

    def look(self, ports: Sequence[str]) -> list[PortMoment]:
        found: list[PortMoment] = []
        for port in ports:
            state = _state(port)
            if state != self._known.get(port, "") and self._told < _MOST:
                self._known[port] = state
                self._told += 1
                found.append(PortMoment(at=self._began.now(), device=port, state=state or "gone"))
        return found


def _state(port: str) -> str:
    try:
        text = Path(_NET, port, "brport", "state").read_text(encoding="ascii").strip()
    except OSError:
        return ""
    return _WORDS.get(text, "unknown")
