"""What would help where the kernel refuses a witness: not only root's rights may be lacking."""

import os
from pathlib import Path

_ENFORCE, _LOCKDOWN = "/sys/fs/selinux/enforce", "/sys/kernel/security/lockdown"
AS_ROOT = "run it as root"


def would_help() -> str:
    return help_for(os.geteuid() == 0, _text(_ENFORCE), _text(_LOCKDOWN))


def help_for(root: bool, enforce: str, lockdown: str) -> str:
    """`enforce`, `lockdown`: the texts of these files, "" where there are none.

    SELinux says "1" where it enforces (security/selinux/selinuxfs.c); the kernel's lockdown marks what is on
    (security/lockdown/lockdown.c), and of its levels `confidentiality` lets nobody read tracefs.
    """
    if not root:
        return AS_ROOT
    if "[confidentiality]" in lockdown:
        return f"{_LOCKDOWN} says confidentiality: such a kernel lets nobody trace, and only another start changes it"
    if enforce.strip() == "1":
        return (
            "SELinux enforces, and root alone is not enough: ausearch -m avc -ts recent says what was denied to whom; "
            "from a root shell (unconfined_t) it is allowed"
        )
    return "run it as root of the host itself: a container's root lacks the rights"


def _text(path: str) -> str:
    try:
        return Path(path).read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""
