"""Run in a machine, `NAME CLIENT`: one case on the machine itself, judged as in a site; its result as JSON.

The site is the machine: process 1 is its init, its root is the disk. What the case leaves behind is thrown away with
the machine's copy. Everywhere else it refuses: `require_lab_machine`.
"""

import secrets
import subprocess
import sys
from pathlib import Path

import msgspec

from pxedoctor.lab.case import Breaks, Case
from pxedoctor.lab.catalogue import cases
from pxedoctor.lab.machine.recipe import MARK
from pxedoctor.lab.runner import decoy_on, fault_on
from pxedoctor.lab.shared_standby import standby
from pxedoctor.lab.site import Site

# An emulator on a machine that has other work.
_PATIENCE = 5.0
# systemd's sockets are libvirt's own; a case that starts a daemon by hand wants them for itself.
_ASLEEP = ("libvirtd.socket", "libvirtd-ro.socket", "libvirtd-admin.socket")


def require_lab_machine() -> None:
    if not Path(f"/{MARK}").exists():
        sys.exit(f"/{MARK} is not here: this is no machine of the lab, and a case would break it. Nothing was done.")


def asked_by(case: Case, client: str) -> Case:
    """The same case, diagnosed and repaired with a probe that asks as `client` does; "": as it is."""
    return msgspec.structs.replace(case, probe=True, words=(*case.words, "--client", client)) if client else case


def tell(what: str) -> None:
    """Also on the console, which is all that is shown of a case that does not come to its end."""
    print(what, file=sys.stderr, flush=True)
    Path("/dev/console").write_text(f"{what}\n", encoding="utf-8")


def this_machine(patience: float = 1.0) -> Site:
    """The machine as a site, in which things may take an emulator's time, and `patience` times that."""
    return Site(tag=secrets.token_hex(2), pid=1, standby=standby(), patience=_PATIENCE * patience)


def put_libvirt_to_sleep() -> None:
    subprocess.run(["systemctl", "stop", *_ASLEEP], check=True)


def main() -> None:
    require_lab_machine()
    put_libvirt_to_sleep()
    case = asked_by(next(case for case in cases() if case.name == sys.argv[1]), sys.argv[2])
    site = this_machine()
    run = fault_on if isinstance(case.expect, Breaks) else decoy_on
    result = run(site, case, lambda what: tell(f"{case.name}: {what}"))
    print(msgspec.json.encode(result).decode())


if __name__ == "__main__":
    main()
