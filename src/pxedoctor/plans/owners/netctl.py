"""Arch's netctl: /etc/netctl/PROFILE with Connection=bridge. It has no word for STP or the delay.

`SkipForwardingDelay=yes` opens the ports that the profile lists, never a guest's.
"""

from pxedoctor.model.bridge_owner import Claim, Setting, Unclear
from pxedoctor.model.host import Host
from pxedoctor.plans.owners import ifcfg_file, shell
from pxedoctor.plans.owners.owner import FileChange, Never, Told, files_of

NAME = "netctl"
NEVER: tuple[Never, ...] = (
    Never("netctl restart PROFILE", "deletes the bridge and makes it anew, without the guests' taps"),
)


def claims(host: Host, bridge: str) -> tuple[Claim, ...]:
    found = (
        file
        for file in files_of(host).under("/etc/netctl")
        if shell.value(file.text, "Connection") == "bridge" and shell.value(file.text, "Interface") == bridge
    )
    return tuple(ifcfg_file.claim(NAME, file, bridge, "Interface", _setting(file.text)) for file in found)


def _setting(text: str) -> Setting | Unclear:
    if "ExecUpPost" in text:
        return Unclear("ExecUpPost runs a command of its own, and netctl itself has no word for STP")
    return Setting(stp=False)


def change(host: Host, claim: Claim, wish: Setting) -> FileChange | Told:
    return Told("netctl has no word for STP or the forward delay", f"look at what ExecUpPost of {claim.path} runs")
