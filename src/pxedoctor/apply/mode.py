"""Changes the mode of one file or folder, unless somebody has changed it since it was looked at."""

import os
import stat

from pxedoctor.apply.moved import left_to_do
from pxedoctor.apply.opened import opened
from pxedoctor.plans.request import ChangeMode


def change_mode(request: ChangeMode) -> None:
    """Returns where it has that mode; NotGrantedError where it is neither that nor the one before."""
    with opened(request.path, "mode") as handle:
        now, before, wanted = (f"{mode:04o}" for mode in (_mode(handle), request.before, request.mode))
        if left_to_do(f"{request.path} has the mode", now, before, wanted):
            os.fchmod(handle, request.mode)


def mode_now(path: str) -> int:
    """Its twelve permission bits; NotGrantedError where it cannot be looked at."""
    with opened(path, "mode") as handle:
        return _mode(handle)


def _mode(handle: int) -> int:
    return stat.S_IMODE(os.fstat(handle).st_mode)
