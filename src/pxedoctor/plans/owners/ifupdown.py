"""Debian's ifupdown with bridge-utils: /etc/network/interfaces and what it sources.

The script /lib/bridge-utils/ifupdown.sh gives `bridge_stp` to `brctl stp` and then `bridge_fd`, in seconds, to
`brctl setfd`; what is not given stays the kernel's (off, 15 s). With STP on the kernel refuses less than 2 s, which the
script does not look at: `bridge_stp on` with `bridge_fd 0` keeps 15 s. `bridge_maxwait` and `bridge_waitport` are about
how long ifup waits, and change nothing for a guest.
"""

from pxedoctor.model.bridge_owner import KERNEL_DELAY, LONGEST, SHORTEST, Claim, Setting, Unclear
from pxedoctor.model.host import Host
from pxedoctor.plans.owners.interfaces import Stanza
from pxedoctor.plans.owners.interfaces_owner import changed, claim, stanzas_of, stp_and_delay, strange, value
from pxedoctor.plans.owners.number import decimal
from pxedoctor.plans.owners.owner import FileChange, Never, Told, files_of

NAME = "ifupdown"
NEVER: tuple[Never, ...] = (
    Never("ifdown BR; ifup BR", "deletes the bridge, and plugs no guest in again"),
    Never("systemctl restart networking", "does the same to every bridge"),
    Never("brctl delbr BR", "throws every guest off the bridge"),
)
# brctl(8): br_cmd_stp of bridge-utils.
_ON = frozenset({"on", "yes"})


def claims(host: Host, bridge: str) -> tuple[Claim, ...]:
    if {"ifupdown2", "ifupdown-ng"} & set(files_of(host).programs):
        return ()
    return tuple(claim(NAME, stanza, _setting(host, stanza)) for stanza in stanzas_of(host, bridge))


def _setting(host: Host, stanza: Stanza) -> Setting | Unclear:
    if "bridge-utils" not in files_of(host).programs:
        return Unclear("bridge-utils is not installed, and without it ifupdown makes no bridge")
    odd = strange(stanza)
    if odd is not None:
        return odd
    stp = (value(stanza, "stp") or "off") in _ON
    written = value(stanza, "fd")
    delay = KERNEL_DELAY if written is None else decimal(written)
    if delay is None:
        return Unclear(f"bridge_fd is {written!r}, which is no number of seconds")
    if stp and not SHORTEST <= delay <= LONGEST:
        return Setting(stp=True, delay=KERNEL_DELAY)
    return Setting(stp=stp, delay=delay)


def change(host: Host, claim: Claim, wish: Setting) -> FileChange | Told:
    options = stp_and_delay(claim, wish, ("on", "off"), f"{wish.delay:g}")
    return changed(host, claim, options, ("ifquery", claim.bridge))
