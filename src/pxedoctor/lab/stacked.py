"""Two faults on one site: is the one named first that is earlier on the road, and is all repaired by repeated `fix`?

A pair makes sense where both faults are of different stages, are made on the same kind of site, are asked about with
words that go together, and each stays when the other is made: the first one still breaks its guest after the second
was made and taken back by hand. Repeated: `fix --apply` repairs the first cause it can; what pxedoctor only shows how
to repair is repaired by the lab's own hand, as by a person who follows the advice, and that is counted apart.
"""

import itertools
import random
from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from pxedoctor.checks import CHECKS
from pxedoctor.findings.outcome import Hop
from pxedoctor.lab.case import Breaks, Case
from pxedoctor.lab.catalogue import faults, light
from pxedoctor.lab.confusion import Noted, on_drawn_site
from pxedoctor.lab.site import Site

_TURNS = 4
# Sites that begin as another and keep what that one has, so that its faults can be made on them: module of the cause,
# and the site it is built on.
_LIBVIRT, _LAN, _SERVED = "libvirt_site", "lan_site", "served_bridge_site"
BUILT_ON: Mapping[str, str] = MappingProxyType(
    {
        "filter.libvirt_rules_missing._behind_a_firewall": _LIBVIRT,
        "filter.host_firewall_drops_dhcp._beside_nftables": _LIBVIRT,
        "filter.host_firewall_drops_dhcp._bridge_with_ufw_off": _SERVED,
        "filter.dhcp_reply_dropped._site_with_ebtables": _LIBVIRT,
        "filter.dhcp_reply_dropped._bridge_with_ufw": _SERVED,
        "filter.dhcp_reply_masqueraded._bridge_with_nat": _SERVED,
        "filter.libvirt_rules_stale_ifindex._opened_by_number": _SERVED,
        "filter.bridged_frames_hit_forward._lan_with_ufw_off": _LAN,
        "filter.rpfilter_drops_replies._lan_with_rpfilter": _LAN,
        "filter.rpfilter_drops_replies._lan_with_fib": _LAN,
        "server.subnet_overlap._with_nic": _LIBVIRT,
        "server.dhcp_pool_exhausted._small_site": _LIBVIRT,
        "server.dhcp_port_taken._with_a_name_server": _LIBVIRT,
        "port.link_down._plugged_in": _LIBVIRT,
        "port.mtu_mismatch._lan_with_files": _LAN,
        "port.tap_has_guest_mac._running_in_lan": _LAN,
    }
)
# Where on the road the guest's packet dies of it, in the kernel's order (findings.outcome.Hop); written down here and
# not asked of a finding, so that it can judge the findings' order. NIC: no packet is ever sent. TAP, of a network that
# is off, or cannot start: no bridge to be plugged into. PORT, of a bridge that is down: its ports are disabled.
# DELIVERY: it is the answer that dies, wherever on its way.
PLACES: Mapping[str, Hop] = MappingProxyType(
    {
        "guest-has-no-nic": Hop.NIC,
        "option-rom-missing": Hop.NIC,
        "link-down": Hop.NIC,
        "dnsmasq-unusable": Hop.TAP,
        "network-inactive": Hop.TAP,
        "subnet-overlap": Hop.OUTPUT,
        "dhcp-port-taken": Hop.TAP,
        "bridge-down": Hop.PORT,
        "bridge-forward-delay": Hop.PORT,
        "conntrack-table-full": Hop.PREROUTING,
        "tap-has-guest-mac": Hop.DELIVERY,
        "port-not-forwarding": Hop.EXIT,
        "bridged-frames-hit-forward": Hop.FORWARD,
        "bridge-without-uplink": Hop.UPLINK,
        "bpf-or-cgroup-filter": Hop.INGRESS,
        "libvirt-rules-missing": Hop.INPUT,
        "libvirt-rules-stale-ifindex": Hop.INPUT,
        "host-firewall-drops-dhcp": Hop.INPUT,
        "dhcp-server-dead": Hop.SERVER,
        "dhcp-not-configured": Hop.SERVER,
        "client-not-admitted": Hop.SERVER,
        "dhcp-pool-exhausted": Hop.SERVER,
        "dhcp-reply-dropped": Hop.OUTPUT,
        "dhcp-reply-masqueraded": Hop.POSTROUTING,
        "duplicate-mac": Hop.DELIVERY,
        "rpfilter-drops-replies": Hop.DELIVERY,
        "macvtap-host-unreachable": Hop.TAP,
        "proxy-arp-answers-probes": Hop.CLIENT,
        "boot-file-not-offered": Hop.CLIENT,
        "boot-file-unreadable": Hop.CLIENT,
        "boot-server-unreachable": Hop.CLIENT,
        "mtu-mismatch": Hop.CLIENT,
    }
)


class Pair(msgspec.Struct, frozen=True):
    """Two faults that may be made on one site; `one` comes first in the lab's order."""

    one: Case
    other: Case

    @property
    def name(self) -> str:
        return f"{self.one.name} + {self.other.name}"

    @property
    def firsts(self) -> tuple[str, ...]:
        """The causes that may be named first: of those at one place on the road, either."""
        ranks = {cause_of(case): tuple(Hop).index(PLACES[cause_of(case)]) for case in (self.one, self.other)}
        return tuple(cause for cause, rank in ranks.items() if rank == min(ranks.values()))


class Stacked(Noted, kw_only=True):
    """`causes`: as they were made. `firsts`: which may be named first. `steps`: each repair, and what was named then.

    `stays`: whether the first one made outlives the second. `worked`: whether both guests succeed in the end.
    """

    causes: list[str] = msgspec.field(default_factory=list)
    firsts: list[str] = msgspec.field(default_factory=list)
    stays: bool | None = None
    named: list[str] = msgspec.field(default_factory=list)
    steps: list[str] = msgspec.field(default_factory=list)
    by_hand: int = 0
    worked: bool | None = None
    said: str = ""
    left: list[str] = msgspec.field(default_factory=list)

    @property
    def first(self) -> str:
        return self.named[0] if self.named else ""

    @property
    def made(self) -> bool:
        return not self.trouble and self.stays is True

    @property
    def first_right(self) -> bool:
        return self.first in self.firsts

    @property
    def both(self) -> str:
        """Whether the second was "named" at once, "reached" after a repair, or "never" named."""
        second = next((cause for cause in self.causes if cause != self.first), "")
        if second in self.named:
            return "named"
        return "reached" if any(second in step for step in self.steps) else "never"

    @property
    def right(self) -> bool:
        return self.first_right and self.both != "never" and self.worked is True


def cause_of(case: Case) -> str:
    return case.expect.cause if isinstance(case.expect, Breaks) else ""


def pairs() -> tuple[Pair, ...]:
    """All that may make sense, in the lab's order."""
    stages = {check.META.name: check.META.stage for check in CHECKS}
    found = []
    for one, other in itertools.combinations([case for case in light(faults()) if cause_of(case) in PLACES], 2):
        if stages[cause_of(one)] is not stages[cause_of(other)] and _one_site(one, other) and _together(one, other):
            found.append(Pair(one, other))
    return tuple(found)


def drawn(number: int, seed: int) -> tuple[Pair, ...]:
    """Pure: that many of them, in a drawn order."""
    chance = random.Random(seed)
    everything = pairs()
    return tuple(chance.sample(everything, min(number, len(everything))))


def _one_site(one: Case, other: Case) -> bool:
    """One build, or one built on the other: never two that each add something."""
    return one.build is other.build or _built_on(one) == other.build.__name__ or _built_on(other) == one.build.__name__


def _built_on(case: Case) -> str:
    module = case.build.__module__.removeprefix("pxedoctor.lab.faults.")
    return BUILT_ON.get(f"{module}.{case.build.__name__}", "")


def _together(one: Case, other: Case) -> bool:
    return not (one.words and other.words and one.words != other.words) and one.risk == other.risk


def stack(pair: Pair, seed: int) -> Stacked:
    """Makes both in a drawn order, asks, and repairs."""
    row = Stacked(name=pair.name, firsts=list(pair.firsts))
    order = [pair.one, pair.other]
    random.Random(f"order {pair.name} {seed}").shuffle(order)
    row.causes = [cause_of(case) for case in order]
    on_drawn_site(row, seed, lambda site: _Stack(site, order[0], order[1], row).run())
    return row


class _Stack:
    def __init__(self, site: Site, one: Case, other: Case, row: Stacked) -> None:
        self.site = site
        self.made = (one, other)
        self.row = row
        words = one.asked_with if one.asked_with else other.asked_with
        self.words = (*words, *(("--probe",) if (one.probe or other.probe) and "--probe" not in words else ()))
        self.risky = ("--allow-risky",) if one.allow_risky or other.allow_risky else ()

    def run(self) -> None:
        one, other = self.made
        (one if _built_on(one) else other).build(self.site)
        one.inject(self.site)
        other.inject(self.site)
        other.heal(self.site)
        self.row.stays = not one.attempt(self.site).ok
        if not self.row.stays:
            return
        other.inject(self.site)
        self.row.named = self._named()
        named, mended = self.row.named, set[str]()
        for _ in range(_TURNS):
            if not set(named) & set(self.row.causes):
                break
            done = self._repair(named, mended)
            if not done:
                break
            named = self._named()
            self.row.steps.append(f"{done}; then named: {', '.join(named) or 'nothing'}")
        self.row.left = named
        tries = [case.attempt(self.site) for case in self.made]
        self.row.worked = all(attempt.ok for attempt in tries)
        self.row.said = "" if self.row.worked else next(attempt.said for attempt in tries if not attempt.ok)[-300:]

    def _repair(self, named: list[str], mended: set[str]) -> str:
        """By `fix`; where that does nothing, by hand, once a cause. "" where there is nothing more to do."""
        told = self.site.doctor("fix", *self.words, "--apply", "--yes", "--no-revert", *self.risky)
        repaired = [plan["finding"] for plan in told.document.get("plans", ())]
        if told.document.get("outcome") in {"verified", "pending"}:
            return f"fix {told.document['outcome']}: {', '.join(repaired)}"
        for case in sorted(self.made, key=lambda case: [*named, cause_of(case)].index(cause_of(case))):
            cause = cause_of(case)
            if cause in named and cause not in mended:
                mended.add(cause)
                self.row.by_hand += 1
                case.heal(self.site)
                return f"fix {told.document.get('outcome')}, by hand: {cause}"
        return ""

    def _named(self) -> list[str]:
        return list(dict.fromkeys(self.site.doctor("diagnose", *self.words).names()))


def read(record: bytes) -> list[Stacked]:
    """A pair a line; those that are none any more are left out."""
    there = {pair.name for pair in pairs()}
    rows = {row.name: row for row in msgspec.json.Decoder(Stacked).decode_lines(record)}
    return [row for row in rows.values() if row.name in there]
