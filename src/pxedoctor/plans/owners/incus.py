"""Incus and LXD: bridges of their networks, which they make with STP off. They have no word for STP or the delay."""

from pxedoctor.model.bridge_owner import Claim, Setting
from pxedoctor.model.host import Host
from pxedoctor.plans.owners.owner import FileChange, Never, Told, files_of

NAME = "Incus or LXD"
NEVER: tuple[Never, ...] = (Never("incus network delete BR", "takes the bridge away"),)


def claims(host: Host, bridge: str) -> tuple[Claim, ...]:
    found = (path for path in files_of(host).kept if path.rpartition("/")[2] == bridge)
    setting = Setting(stp=False)
    return tuple(Claim(owner=NAME, bridge=bridge, path=path, line=0, text="", setting=setting) for path in found)


def change(host: Host, claim: Claim, wish: Setting) -> FileChange | Told:
    return Told("it makes its bridges with STP off, and has no word for it", "find out who turned STP on")
