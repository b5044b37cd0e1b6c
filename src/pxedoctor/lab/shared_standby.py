"""The one Python that stands by for all sites that this process opens; it ends with the process."""

import atexit
from functools import cache

from pxedoctor.lab import plain_user
from pxedoctor.lab.standby import Standby


@cache
def standby() -> Standby:
    """Everything is imported in it: forks spend no time on that, and a plain user may be unable to."""
    found = Standby((*plain_user.needed(), "pxedoctor.lab.light_guest", "pxedoctor.lab.plain_user"))
    atexit.register(found.close)
    return found
