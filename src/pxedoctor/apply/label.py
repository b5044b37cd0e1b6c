"""Changes the SELinux label of one file, and reads it back.

1. The label is an extended attribute, which root sets with or without SELinux in the kernel; restorecon(8) does
   nothing, and says nothing, where it is off. So the attribute itself is set, and what is there afterwards counts.
2. A link, a path through one, and a file with another name are left alone: whose file that is, nobody said.
3. A label that is another by now than when it was looked at is left, and the failure says so.
"""

import errno
import os

from pxedoctor.apply.error import NotGrantedError
from pxedoctor.apply.moved import left_to_do
from pxedoctor.apply.opened import opened, with_one_name
from pxedoctor.plans.request import Relabel

_NAME = "security.selinux"
NO_LABEL = "no label"


def relabel(request: Relabel) -> None:
    with opened(request.path, "label") as handle:
        with_one_name(handle, request.path)
        now, before, wanted = map(repr, (_label(handle), request.before, request.label))
        if not left_to_do(f"{request.path} has the label", now, before, wanted):
            return
        # With its end, as the kernel keeps it (security/selinux/hooks.c).
        os.setxattr(handle, _NAME, f"{request.label}\0".encode())
        os.fsync(handle)
        told = _label(handle)
    if told != request.label:
        raise NotGrantedError(f"{request.path} was given the label {request.label!r}, and has {told!r}")


def label_now(path: str) -> str:
    """NO_LABEL for none; NotGrantedError where the file cannot be looked at."""
    with opened(path, "label") as handle:
        return _label(handle)


def _label(handle: int) -> str:
    try:
        return os.getxattr(handle, _NAME).rstrip(b"\0").decode("utf-8", "backslashreplace")
    except OSError as error:
        if error.errno == errno.ENODATA:
            return NO_LABEL
        raise
