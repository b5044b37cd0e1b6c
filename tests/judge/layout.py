"""The court's network: a bridge that is the host's device, and three guests' ports on it."""

from typing import Literal

import msgspec

from judge.frames import Shape

BRIDGE_MAC = "02:aa:00:00:00:01"
GUESTS = {"a": "52:54:00:0d:0d:01", "b": "52:54:00:0d:0d:02", "c": "52:54:00:0d:0d:03"}
HOST4, HOST6 = "192.168.77.1", "fd00:77::1"
GUEST4 = {"a": "192.168.77.10", "b": "192.168.77.11", "c": "192.168.77.12"}
GUEST6 = {"a": "fd00:77::10", "b": "fd00:77::11", "c": "fd00:77::12"}

Connection = Literal["", "asked", "answered", "reply"]


class Layout(msgspec.Struct, frozen=True):
    """Names of the devices: the bridge, and each guest's port. `indexes` are theirs, where they are known."""

    bridge: str
    ports: dict[str, str]
    indexes: dict[str, int] = {}


class Switches(msgspec.Struct, frozen=True):
    """Whether br_netfilter shows bridged frames to the IP hooks."""

    ip: bool = False
    ip6: bool = False


class Sent(msgspec.Struct, frozen=True):
    """One packet: from a guest's port, or ("") from the host itself.

    `connection`: what conntrack knows of it before: nothing, a packet of its way, an answer too; "reply": it is one.
    """

    shape: Shape
    port: str
    connection: Connection = ""
    ct_mark: int = 0
