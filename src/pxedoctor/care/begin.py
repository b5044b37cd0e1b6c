"""Begins to ask a host, with as little imported as can be: whoever diagnoses it imports the rest meanwhile."""

from pxedoctor.access.answer import Access
from pxedoctor.collect.ask.connection import Connection
from pxedoctor.collect.asking import Asking
from pxedoctor.diagnose.always import ASKED


def begun(access: Access, there: Connection | None = None) -> Asking:
    """The host's programs run from here on; whoever has more to import does it now."""
    asking = Asking(access, there)
    asking.begin(ASKED)
    return asking
