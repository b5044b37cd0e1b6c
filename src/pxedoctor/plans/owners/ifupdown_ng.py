"""ifupdown-ng (Alpine): the files of ifupdown, read by another program again.

Its script hands `bridge-fd` to `ip link` as it is written, which takes it for 1/100 s, and then STP (on only for
`yes`, `true`, `1`), at which the kernel makes 2 s of less. Where /sbin/brctl is installed and `bridge-vlan-aware` is
not given, the script goes on to brctl, which takes the same number for seconds, and for STP `on`, `yes`, `1`, `off`,
`no` and `0`; at any other word it leaves STP as it is. `bridge-fd 2` with `bridge-stp yes` is 2 s to both.
"""

from pxedoctor.model.bridge_owner import KERNEL_DELAY, LONGEST, SHORTEST, Claim, Setting, Unclear, clamped
from pxedoctor.model.host import Host
from pxedoctor.plans.owners.interfaces import Stanza
from pxedoctor.plans.owners.interfaces_owner import changed, claim, stanzas_of, stp_and_delay, strange, value
from pxedoctor.plans.owners.number import whole
from pxedoctor.plans.owners.owner import FileChange, Never, Told, files_of

NAME = "ifupdown-ng"
NEVER: tuple[Never, ...] = (
    Never("ifdown BR; ifup BR", "deletes the bridge, and plugs no guest in again"),
    Never("rc-service networking restart", "does the same to every bridge"),
)
_YES = frozenset({"yes", "YES", "true", "TRUE", "1"})
_BRCTL = {"on": True, "yes": True, "1": True, "off": False, "no": False, "0": False}


def claims(host: Host, bridge: str) -> tuple[Claim, ...]:
    if "ifupdown-ng" not in files_of(host).programs:
        return ()
    return tuple(claim(NAME, stanza, _setting(host, stanza)) for stanza in stanzas_of(host, bridge))


def _setting(host: Host, stanza: Stanza) -> Setting | Unclear:
    odd = strange(stanza)
    if odd is not None:
        return odd
    word, written = value(stanza, "stp"), value(stanza, "fd")
    number = None if written is None else whole(written)
    if written is not None and number is None:
        return Unclear(f"bridge-fd is {written!r}, which is no whole number")
    stp = word in _YES
    delay = KERNEL_DELAY if number is None else number / 100
    delay = clamped(delay) if stp else delay
    if "brctl" not in files_of(host).programs or value(stanza, "vlan_aware") is not None:
        return Setting(stp=stp, delay=delay)
    # Then brctl, the delay first.
    if number is not None and (not stp or SHORTEST <= number <= LONGEST):
        delay = float(number)
    on = stp if word is None else _BRCTL.get(word, stp)
    return Setting(stp=on, delay=clamped(delay) if on else delay)


def change(host: Host, claim: Claim, wish: Setting) -> FileChange | Told:
    if wish.stp and wish.delay != SHORTEST:
        return Told("only 2 s mean the same to both of the ways in which bridge-fd is applied")
    options = stp_and_delay(claim, wish, ("yes", "no"), "2")
    return changed(host, claim, options, ("ifquery", claim.bridge))
