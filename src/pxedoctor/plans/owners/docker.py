"""Docker: docker0, and br- with twelve hexadecimal digits. It makes them with STP off, and has no word for it."""

import re

from pxedoctor.model.bridge_owner import Claim, Setting
from pxedoctor.model.host import Host
from pxedoctor.plans.owners.owner import FileChange, Never, Told

NAME = "Docker"
NEVER: tuple[Never, ...] = (Never("docker network rm NETWORK", "takes the bridge away"),)
_NAMED = r"docker0|br-[0-9a-f]{12}"


def claims(host: Host, bridge: str) -> tuple[Claim, ...]:
    if not re.fullmatch(_NAMED, bridge):
        return ()
    text = "a name that Docker gives"
    return (Claim(owner=NAME, bridge=bridge, path="", line=0, text=text, setting=Setting(stp=False)),)


def change(host: Host, claim: Claim, wish: Setting) -> FileChange | Told:
    return Told("it makes its bridges with STP off, and has no word for it", "find out who turned STP on")
