"""ifupdown2, also Proxmox VE's: the files of ifupdown, read by another program.

`bridge-stp` is off and `bridge-fd` 15 where they are not given, unless a policy file says otherwise; whole seconds
only. At each `ifreload -a` what is not given is set back to these. Both go to the kernel in one message, the delay
first: over STP that runs a delay below 2 s fails, and STP off with it.
"""

from pxedoctor.model.bridge_owner import KERNEL_DELAY, Claim, Setting, Unclear
from pxedoctor.model.host import Host
from pxedoctor.plans.owners.interfaces import Stanza
from pxedoctor.plans.owners.interfaces_owner import changed, claim, stanzas_of, stp_and_delay, strange, value
from pxedoctor.plans.owners.number import whole
from pxedoctor.plans.owners.owner import FileChange, Never, Told, files_of

NAME = "ifupdown2"
NEVER: tuple[Never, ...] = (
    Never("ifreload -a", "takes every tap that is not in bridge-ports off a bridge that changed"),
    Never("ifup BR", "does the same"),
    Never("ifdown BR", "deletes the bridge"),
)
_ON = frozenset({"on", "yes", "1"})
_OFF = frozenset({"off", "no", "0"})
_POLICIES = ("/etc/network/ifupdown2/policy.d", "/var/lib/ifupdown2/policy.d")
_STAGED = "/etc/network/interfaces.new"


def claims(host: Host, bridge: str) -> tuple[Claim, ...]:
    if "ifupdown2" not in files_of(host).programs:
        return ()
    return tuple(claim(NAME, stanza, _setting(host, stanza)) for stanza in stanzas_of(host, bridge))


def _setting(host: Host, stanza: Stanza) -> Setting | Unclear:
    odd = strange(stanza)
    if odd is not None:
        return odd
    for file in files_of(host).under(*_POLICIES):
        if any(word in file.text for word in ("bridge-stp", "bridge-fd", "bridge_stp", "bridge_fd")) or file.closed:
            return Unclear(f"{file.path} may set another default for every bridge")
    if any(option.key.startswith("mstpctl") for option in stanza.options):
        return Unclear("its STP is mstpd's, a program in user space")
    stp, delay = value(stanza, "stp") or "off", value(stanza, "fd")
    seconds = KERNEL_DELAY if delay is None else whole(delay)
    if stp not in _ON | _OFF or seconds is None:
        return Unclear(f"bridge-stp {stp}, bridge-fd {delay} is not on or off and whole seconds")
    return Setting(stp=stp in _ON, delay=float(seconds))


def change(host: Host, claim: Claim, wish: Setting) -> FileChange | Told:
    if files_of(host).at(_STAGED) is not None:
        return Told(
            f"{_STAGED} is there: changes made in Proxmox VE's web interface wait in it and would take its place",
            "apply or revert them there, and set the bridge's options there",
        )
    options = stp_and_delay(claim, wish, ("on", "off"), f"{wish.delay:.0f}")
    # It tells what it does not like and takes it all the same; `ifup -s`, its own check, refuses `bridge-ports none`.
    return changed(host, claim, options, ("ifquery", claim.bridge))
