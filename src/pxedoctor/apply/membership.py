"""Looks, at the moment of acting, how a port is in a VLAN: bridge(8), for sysfs does not tell."""

import msgspec

from pxedoctor.apply.error import NotGrantedError
from pxedoctor.apply.moved import left_to_do
from pxedoctor.apply.run import run
from pxedoctor.plans.request import Membership, vlan_words
from pxedoctor.plans.three_way import NOT_THERE


class _Vlan(msgspec.Struct, frozen=True):
    """A range of ids from `vlan` to `vlanEnd`, where that is given (iproute2 bridge/vlan.c)."""

    vlan: int
    flags: tuple[str, ...] = ()
    last: int | None = msgspec.field(name="vlanEnd", default=None)

    def has(self, vid: int) -> bool:
        return self.vlan <= vid <= (self.vlan if self.last is None else self.last)


class _Device(msgspec.Struct, frozen=True):
    ifname: str
    vlans: tuple[_Vlan, ...] = ()


def not_yet(members: tuple[Membership, ...]) -> bool:
    """False where all are so already; NotGrantedError where one is neither so nor as it was looked at."""
    left = [left_to_do(f"{one.what} is", repr(now_of(one)), repr(one.text), repr(one.done)) for one in members]
    return not members or any(left)


def now_of(member: Membership) -> str:
    """In the words of `vlan_words`, or NOT_THERE; NotGrantedError where the port is gone or nothing tells."""
    return told(run(("bridge", "-j", "vlan", "show", "dev", member.port)), member)


def told(text: str, member: Membership) -> str:
    """What `bridge -j vlan show` says of one port's VLAN. Pure.

    iproute2 before 4.19 prints one object keyed by device.
    """
    try:
        shown = msgspec.json.decode(text, type=tuple[_Device, ...] | dict[str, tuple[_Vlan, ...]])
    except msgspec.DecodeError as error:
        raise NotGrantedError(f"what bridge says of the VLANs of {member.port} is not understood: {text!r}") from error
    if isinstance(shown, dict):
        vlans = shown.get(member.port, ())
    else:
        vlans = tuple(vlan for device in shown if device.ifname == member.port for vlan in device.vlans)
    found = next((vlan for vlan in vlans if vlan.has(member.vid)), None)
    return NOT_THERE if found is None else vlan_words("PVID" in found.flags, "Egress Untagged" in found.flags)
