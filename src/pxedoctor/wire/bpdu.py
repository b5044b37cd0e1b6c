"""Bridge protocol data units of STP, RSTP and MSTP (IEEE 802.1D-2004 clause 9, IEEE 802.1Q-2018 clause 14).

They travel in an LLC frame (`llc.BRIDGE`) to 01:80:c2:00:00:00.
"""

import msgspec

from pxedoctor.wire.bounds import require_bits, require_size
from pxedoctor.wire.error import WireError
from pxedoctor.wire.mac import read_mac, require_mac, write_mac
from pxedoctor.wire.reader import Reader

GROUP = "01:80:c2:00:00:00"
STP, RSTP, MSTP = 0, 2, 3

_CONFIGURATION, _RAPID, _TOPOLOGY_CHANGE = 0x00, 0x02, 0x80
# Times are in 1/256 s (IEEE 802.1D-2004 clause 9.2.8).
_PER_SECOND = 256


class BridgeId(msgspec.Struct, frozen=True, kw_only=True):
    """`priority` with the system id extension in its lower 12 bits: the VLAN or the MST instance."""

    priority: int
    mac: str

    def __post_init__(self) -> None:
        require_bits("a bridge's priority", self.priority, 16)
        require_mac(self.mac)


class TopologyChange(msgspec.Struct, frozen=True):
    """A topology change notification: STP's word to the root that a port came or went. It says nothing else."""


class Bpdu(msgspec.Struct, frozen=True, kw_only=True):
    """A configuration BPDU (version 0) or a rapid one (2; 3 with `more`, MSTP's part, unread). Times in 1/256 s."""

    version: int
    flags: int
    root: BridgeId
    cost: int
    bridge: BridgeId
    port: int
    message_age: int
    max_age: int
    hello_time: int
    forward_delay: int
    more: bytes = b""

    def __post_init__(self) -> None:
        if self.version not in (STP, RSTP, MSTP):
            raise WireError(f"BPDU version {self.version} is none of {STP}, {RSTP}, {MSTP}")
        require_bits("BPDU flags", self.flags, 8)
        require_bits("a path cost", self.cost, 32)
        require_bits("a port identifier", self.port, 16)
        for name in ("message_age", "max_age", "hello_time", "forward_delay"):
            require_bits(f"BPDU {name.replace('_', ' ')}", getattr(self, name), 16)
        require_size("MSTP's part of a BPDU", self.more, 0xFFFF if self.version == MSTP else 0)

    @property
    def is_forwarding(self) -> bool:
        """Whether the sender's port forwards; only a rapid BPDU tells (IEEE 802.1D-2004 figure 9-4)."""
        return self.version != STP and bool(self.flags & 0x20)

    @property
    def is_learning(self) -> bool:
        return self.version != STP and bool(self.flags & 0x10)

    @property
    def tells_change(self) -> bool:
        """The topology change flag; both kinds have it (IEEE 802.1D-2004 clauses 9.3.1, 9.3.3)."""
        return bool(self.flags & 0x01)

    @property
    def forward_delay_seconds(self) -> float:
        return self.forward_delay / _PER_SECOND


def parse(content: bytes) -> Bpdu | TopologyChange:
    """`content` is an LLC payload; what follows the BPDU does not count (IEEE 802.1D-2004 clause 9.3.4).

    Raises WireError where it is cut or of no known kind.
    """
    reader = Reader(content, "a BPDU")
    protocol, version, kind = (reader.number(size, "header") for size in (2, 1, 1))
    if protocol != 0:
        raise WireError(f"protocol {protocol:#06x} is not the spanning tree protocol")
    if kind == _TOPOLOGY_CHANGE:
        return TopologyChange()
    # A newer version is read as the newest known one.
    known = min(version, MSTP) if version >= RSTP else STP
    if kind != (_CONFIGURATION if known == STP else _RAPID):
        raise WireError(f"BPDU type {kind:#04x} in version {version}")
    flags = reader.number(1, "flags")
    root, cost, bridge = _bridge(reader), reader.number(4, "path cost"), _bridge(reader)
    port = reader.number(2, "port")
    message_age, max_age, hello_time, forward_delay = (reader.number(2, "times") for _ in range(4))
    return Bpdu(
        version=known,
        flags=flags,
        root=root,
        cost=cost,
        bridge=bridge,
        port=port,
        message_age=message_age,
        max_age=max_age,
        hello_time=hello_time,
        forward_delay=forward_delay,
        more=_more(known, reader),
    )


def build(bpdu: Bpdu | TopologyChange) -> bytes:
    if isinstance(bpdu, TopologyChange):
        return bytes((0, 0, STP, _TOPOLOGY_CHANGE))
    kind = _CONFIGURATION if bpdu.version == STP else _RAPID
    content = bytes((0, 0, bpdu.version, kind, bpdu.flags)) + _packed(bpdu.root) + bpdu.cost.to_bytes(4)
    content += _packed(bpdu.bridge) + bpdu.port.to_bytes(2)
    for time in (bpdu.message_age, bpdu.max_age, bpdu.hello_time, bpdu.forward_delay):
        content += time.to_bytes(2)
    if bpdu.version == STP:
        return content
    # Version 1 said nothing: its length is zero.
    return content + b"\0" + (len(bpdu.more).to_bytes(2) + bpdu.more if bpdu.version == MSTP else b"")


def _bridge(reader: Reader) -> BridgeId:
    return BridgeId(priority=reader.number(2, "bridge"), mac=read_mac(reader.take(6, "bridge")))


def _packed(bridge: BridgeId) -> bytes:
    return bridge.priority.to_bytes(2) + write_mac(bridge.mac)


def _more(version: int, reader: Reader) -> bytes:
    if version == STP:
        return b""
    reader.take(reader.number(1, "version 1 length"), "version 1 part")
    return reader.take(reader.number(2, "version 3 length"), "version 3 part") if version == MSTP else b""
