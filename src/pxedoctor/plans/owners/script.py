"""Somebody's script: rc.local, a hook, a unit that calls brctl or ip for this bridge. It is told, and never touched."""

import re

from pxedoctor.model.bridge_owner import Claim, Setting, Unclear
from pxedoctor.model.host import Host
from pxedoctor.model.network_files import NetworkFile
from pxedoctor.plans.owners.lines import split
from pxedoctor.plans.owners.owner import FileChange, Never, Told, files_of

NAME = "a script"
NEVER: tuple[Never, ...] = (Never("sh SCRIPT", "does what nobody but its author knows"),)
_FOLDERS = (
    "/etc",
    "/etc/systemd/system",
    "/etc/local.d",
    "/etc/network/if-pre-up.d",
    "/etc/network/if-up.d",
    "/etc/NetworkManager/dispatcher.d",
    "/etc/libvirt/hooks",
    "/etc/libvirt/hooks/network.d",
    "/etc/libvirt/hooks/qemu.d",
)
_SETS = (
    r"\bbrctl\s+(?:addbr|stp|setfd)\b|\btype\s+bridge\b|\bbridge/(?:stp_state|forward_delay)\b"
    r"|\bstp_state\b|\bforward_delay\b"
)


def claims(host: Host, bridge: str) -> tuple[Claim, ...]:
    return tuple(claim for file in files_of(host).under(*_FOLDERS) for claim in _in(file, bridge)[:1])


def _in(file: NetworkFile, bridge: str) -> list[Claim]:
    named = re.compile(rf"(?<![\w.-]){re.escape(bridge)}(?![\w.-])")
    found: list[Claim] = []
    for index, line in enumerate(split(file.text)):
        if not line.lstrip().startswith("#") and re.search(_SETS, line) and named.search(line):
            why = Unclear("a script does what its author wrote")
            text = line.strip()
            found.append(Claim(owner=NAME, bridge=bridge, path=file.path, line=index + 1, text=text, setting=why))
    return found


def change(host: Host, claim: Claim, wish: Setting) -> FileChange | Told:
    return Told(f"{claim.path} is somebody's own script", f"change line {claim.line} of it by hand")
