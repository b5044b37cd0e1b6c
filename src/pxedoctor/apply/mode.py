"""Changes the mode of one file or folder, unless somebody has changed it since it was looked at."""

import os
import stat

from pxedoctor.apply.error import NotGrantedError
from pxedoctor.apply.opened import opened
from pxedoctor.plans.request import ChangeMode


def change_mode(request: ChangeMode) -> None:
    """Returns where it has that mode; NotGrantedError where it is neither that nor the one before."""
    with opened(request.path, "mode") as handle:
        now = _mode(handle)
        if now == request.mode:
            return
        if now != request.before:
            raise NotGrantedError(
                f"{request.path} has the mode {now:04o} now, not {request.before:04o}: somebody changed it since"
            )
        os.fchmod(handle, request.mode)


def mode_now(path: str) -> int:
    """Its twelve permission bits; NotGrantedError where it cannot be looked at."""
    with opened(path, "mode") as handle:
        return _mode(handle)


def _mode(handle: int) -> int:
    return stat.S_IMODE(os.fstat(handle).st_mode)
