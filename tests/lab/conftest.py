"""Sites that more than one file of tests opens."""

from collections.abc import Iterator

import pytest

from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.parts_ifupdown import delay_of_15, ifupdown_site
from pxedoctor.lab.site import Site


@pytest.fixture
def slow_site() -> Iterator[Site]:
    """A bridge of real ifupdown's with STP and 15 s: bridge-forward-delay, in the kernel and in its file."""
    with open_site() as opened:
        ifupdown_site(opened)
        delay_of_15(opened)
        yield opened
