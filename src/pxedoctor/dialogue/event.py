"""What happens to a dialogue. Whoever drives it hands each event over with the time, in seconds of any steady clock."""

from ipaddress import IPv4Address, IPv6Address

import msgspec

from pxedoctor.wire.arp import Arp
from pxedoctor.wire.checksum import Verdict
from pxedoctor.wire.udp import Udp


class Begin(msgspec.Struct, frozen=True):
    """The link is up and may be spoken on."""


class Wake(msgspec.Struct, frozen=True):
    """The time that the last WakeAt named has come, or passed."""


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """A datagram for the dialogue's port. `checksum`: what the client's receiver finds in its sum."""

    source: IPv4Address | IPv6Address
    datagram: Udp
    checksum: Verdict = Verdict.VALID


class HeardArp(msgspec.Struct, frozen=True):
    packet: Arp


class Stop(msgspec.Struct, frozen=True):
    """Whoever drives the dialogue wants it to end, and to give back what it took."""


Event = Begin | Wake | Heard | HeardArp | Stop
