"""A real host's texts: Debian 12, libvirt 9.0.0, a nat network with a delay of 15 s, one guest that runs, one off.

Recorded with `pxedoctor snapshot` a second after `virsh start web01`: its port still listens. The names of the site's
devices end in 0d0d.
"""

from pathlib import Path

import msgspec

from pxedoctor.access.answer import Absent, Answer, Text

_FILE = Path(__file__).parent / "collect" / "data" / "running_guest.json"
BRIDGE, TAP, UPLINK = "vb0d0d", "vnet0", "up0d0d"


def running_guest(**changes: str | Answer) -> dict[str, Answer]:
    """The recorded answers; a changed one by its question, "read ..." and the like, a str meaning its text."""
    answers = msgspec.json.decode(_FILE.read_bytes(), type=dict[str, Answer])
    return answers | {key: Text(value) if isinstance(value, str) else value for key, value in changes.items()}


def without(question: str) -> dict[str, Answer]:
    return running_guest(**{question: Absent("does not exist")})
