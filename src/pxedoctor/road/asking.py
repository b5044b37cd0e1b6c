"""Asks the rules at a hook, and no rule twice for what it cannot tell apart.

200 guests on one bridge send the same packets through the same hooks; they differ in a few properties: their tap's
name, number and group, and their MAC. Which of these the rules at a hook look at is seen while they are asked; an
answer holds for every packet that has the same values there.

A guest that stands for others (road.alike) has properties that are nobody's: who asks for one of them is told so.
"""

from operator import attrgetter

import msgspec

from pxedoctor.netfilter.address import mac_number
from pxedoctor.netfilter.field import Field
from pxedoctor.netfilter.hook import AtHook, at_hook
from pxedoctor.netfilter.ruleset import Ruleset
from pxedoctor.netfilter.seen import Absent, Family, Hook, Packet, Place, Range, Seen

_OF_ONE_GUEST = frozenset(
    {
        Field.IN_NAME,
        Field.OUT_NAME,
        Field.IN_INDEX,
        Field.OUT_INDEX,
        Field.IN_GROUP,
        Field.OUT_GROUP,
        Field.PHYS_IN,
        Field.PHYS_OUT,
        Field.MAC_SOURCE,
        Field.MAC_DESTINATION,
        Field.ARP_SOURCE_MAC,
        Field.ARP_TARGET_MAC,
    }
)
# No rule sees what pxedoctor calls a packet: a DISCOVER, a REQUEST and a DECLINE are one to it.
_of_the_packet = attrgetter(
    *(field for field in Packet.__struct_fields__ if field != "name" and not field.startswith("mac_"))
)
_NAMES = frozenset({Field.IN_NAME, Field.OUT_NAME, Field.PHYS_IN, Field.PHYS_OUT})
_FAMILIES: dict[str, tuple[Family, ...]] = {
    "ip": (Family.IP,),
    "ip6": (Family.IP6,),
    "inet": (Family.IP, Family.IP6, Family.NETDEV),
    "arp": (Family.ARP,),
    "bridge": (Family.BRIDGE,),
    "netdev": (Family.NETDEV,),
}
Value = Range | str | Absent | None
Fields = tuple[Field, ...]

# No name of a device (no file has it), no number of one, and no MAC of a NIC: it is a group's.
STAND_IN_NAME, STAND_IN_INDEX, STAND_IN_MAC = "\0", -1, "03:00:00:00:00:00"
_STAND_INS: frozenset[Value] = frozenset(
    {STAND_IN_NAME, (STAND_IN_INDEX, STAND_IN_INDEX), (mac_number(STAND_IN_MAC), mac_number(STAND_IN_MAC))}
)


class ToldApartError(Exception):
    """Rules tell apart those for whom one guest stands."""


class _Watched(Seen, frozen=True):
    """Notes which properties of one guest it was asked for."""

    asked: set[Field] = msgspec.field(default_factory=set)

    def number(self, field: Field) -> Range | Absent | None:
        if field in _OF_ONE_GUEST:
            self.asked.add(field)
        return super().number(field)

    def name(self, field: Field) -> str | Absent | None:
        if field in _OF_ONE_GUEST:
            self.asked.add(field)
        return super().name(field)


class Asking:
    """The rules of one host, and what they have answered."""

    def __init__(self, rules: Ruleset) -> None:
        self.rules = rules
        self._hooked = {
            (family, Hook(chain.hook))
            for table in rules.tables
            if not table.dormant
            for chain in table.chains.values()
            if chain.hook
            for family in _FAMILIES[table.family]
        }
        self._unlisted = bool(rules.unlisted)
        # What all share -> which properties were looked at -> their values -> the answer.
        self._answers: dict[tuple[object, ...], dict[Fields, dict[tuple[Value, ...], AtHook]]] = {}

    def are_at(self, place: Place) -> bool:
        """Whether any rules are at this hook, or may be."""
        return self._unlisted or (place.family, place.hook) in self._hooked

    def at(self, seen: Seen) -> AtHook:
        """Raises ToldApartError where it matters which guest it is, and one who stands for many has sent the packet."""
        known = self._answers.setdefault(_shared(seen), {})
        for fields, answers in known.items():
            found = answers.get(_values(seen, fields))
            if found is not None:
                return found
        watched = _Watched(seen.packet, seen.place, seen.marks)
        answer = at_hook(self.rules, watched)
        asked = tuple(sorted(watched.asked))
        known.setdefault(asked, {})[_values(seen, asked)] = answer
        return answer


def _values(seen: Seen, fields: tuple[Field, ...]) -> tuple[Value, ...]:
    values = tuple(seen.name(field) if field in _NAMES else seen.number(field) for field in fields)
    for value in values:
        _is_nobodys(value)
    return values


def _is_nobodys(value: Value) -> None:
    if value in _STAND_INS:
        raise ToldApartError


def _shared(seen: Seen) -> tuple[object, ...]:
    """What all guests of a bridge have in common there. A device's own chains are chosen by its name."""
    place = seen.place
    devices = (place.in_device, place.out_device) if place.family is Family.NETDEV else ()
    for device in devices:
        _is_nobodys(device)
    ports = (place.port_in == "", place.port_out == "", place.carried)
    where = (place.family, place.hook, place.bridge, place.tracked, ports, bool(place.taken))
    return (where, devices, _of_the_packet(seen.packet), seen.marks)
