"""Units that take away, again and again, what only a restart of libvirt's daemon writes back."""

from collections.abc import Iterable

import msgspec

from pxedoctor.verdict.happened import EventWord, Happened

# What libvirt's daemon writes anew when it starts: its rules, and its bridges' places in firewalld's zones.
_BACK_WITH_A_RESTART = frozenset({"libvirt-rules-missing", "firewalld-zone-lost", "libvirt-rules-stale-ifindex"})
_LIBVIRTS = frozenset({"libvirtd.service", "virtnetworkd.service"})
_AGAIN = 2


class Recurring(msgspec.Struct, frozen=True, kw_only=True):
    """`times`: how often it was told. `last`: when, RFC 3339."""

    unit: str
    times: int
    last: str


def recurring(events: Iterable[Happened]) -> tuple[Recurring, ...]:
    """The most frequent first. `events`: oldest first.

    What a person typed, or cron started, is no unit's: sshd and cron are in the same cgroup and to blame for nothing.
    """
    known: dict[str, Recurring] = {}
    for event in events:
        who, finding = event.who, event.finding
        if event.event is not EventWord.APPEARED or who is None or finding is None:
            continue
        if finding.name not in _BACK_WITH_A_RESTART or who.session or not who.unit or who.unit in _LIBVIRTS:
            continue
        before = known.get(who.unit)
        known[who.unit] = Recurring(unit=who.unit, times=before.times + 1 if before else 1, last=event.time)
    return tuple(sorted((entry for entry in known.values() if entry.times >= _AGAIN), key=lambda one: -one.times))
