"""One packet's life as values: where it was seen, by whom, and where it ended (joined in `road/joined.py`)."""

from typing import Literal

import msgspec

from pxedoctor.findings.outcome import Hop
from pxedoctor.model.traced import WitnessName
from pxedoctor.road.hop import Fate, RuleRef

# The kinds that the tracer follows. What it does not know is OTHER; of a packet that only rules told of, no more may be
# known than that it is DHCP's question or its answer (RFC 2131's op): BOOTREQUEST, BOOTREPLY.
PacketKind = Literal[
    "DISCOVER",
    "OFFER",
    "REQUEST",
    "ACK",
    "NAK",
    "DECLINE",
    "RELEASE",
    "INFORM",
    "BOOTREQUEST",
    "BOOTREPLY",
    "SOLICIT",
    "ADVERTISE",
    "REQUEST6",
    "REPLY6",
    "ARP-REQUEST",
    "ARP-REPLY",
    "TFTP-RRQ",
    "TFTP-DATA",
    "TFTP-ACK",
    "TFTP-ERROR",
    "HTTP-SYN",
    "HTTP-SYN-ACK",
    "ROUTER-SOLICITATION",
    "ROUTER-ADVERTISEMENT",
    "OTHER",
]
Direction = Literal["from-guest", "to-guest"]


class Sighting(msgspec.Struct, frozen=True, kw_only=True):
    """A packet at one hop. `at`: seconds after the trace began.

    `fate`: PASS where it went on, DROP where it ended here, UNKNOWN where it was expected and not seen. `reason`: the
    kernel's own word for a drop (NETFILTER_DROP), "" where nobody gave one; `words`: what that means, for a person.
    `rule`: the rule that it met. `or_near`: it ended at this hop or at one near it, and nobody saw at which.
    """

    hop: Hop
    device: str
    at: float
    witness: WitnessName
    fate: Fate = Fate.PASS
    reason: str = ""
    words: str = ""
    rule: RuleRef | None = None
    or_near: bool = False


class Packet(msgspec.Struct, frozen=True, kw_only=True):
    """One packet, from where it was seen first to where it was seen last; a retransmission is a packet of its own.

    `number`: 1 for the first of its kind with this `xid`, 2 for the next. `xid`: of DHCP, in hexadecimal digits, "" of
    others. `mac`: the guest's. `source`, `destination`: addresses and ports as people write them, "" where nobody saw.
    `checksum`: what a receiver finds of its UDP sum where it was seen last (wire.checksum).
    """

    kind: PacketKind
    direction: Direction
    mac: str
    at: float
    sightings: tuple[Sighting, ...]
    xid: str = ""
    number: int = 1
    source: str = ""
    destination: str = ""
    length: int = 0
    vlan: int | None = None
    checksum: str = ""

    @property
    def died(self) -> Sighting | None:
        """Where it ended: at a witness's word, or else where it was expected first and not seen."""
        return next((seen for seen in self.sightings if seen.fate is not Fate.PASS), None)

    @property
    def last(self) -> Sighting | None:
        """Where it was seen last."""
        return next((seen for seen in reversed(self.sightings) if seen.fate is Fate.PASS), None)


class Death(msgspec.Struct, frozen=True, kw_only=True):
    """Where the first packet that a boot cannot do without ended. `packet` None: none was ever seen to set out.

    `certain`: a witness saw the drop itself, or the packet was seen before this hop and the witnesses that stand behind
    it saw nothing; False where it may also lie further on, or where none set out and none may have been wanted.
    """

    hop: Hop
    device: str
    kind: PacketKind
    words: str
    reason: str = ""
    rule: RuleRef | None = None
    witnesses: tuple[WitnessName, ...] = ()
    certain: bool = True
    packet: Packet | None = None
