"""Two hosts on which the real readers of configured bridges and devices judge what a plan writes."""

from collections.abc import Iterator

import pytest

from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.readers import install_ifupdown2, install_ifupdown_ng, start_network_manager
from pxedoctor.lab.site import Site


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with open_site() as opened:
        # What a machine with netplan has of its own.
        opened.run("sh", "-c", "rm -rf /etc/netplan /etc/network/interfaces.d/* && mkdir -p /etc/netplan")
        start_network_manager(opened)
        yield opened


@pytest.fixture(scope="module")
def other_site() -> Iterator[Site]:
    """A host with ifupdown2 in ifupdown's place."""
    with open_site() as opened:
        opened.run("sh", "-c", "rm -rf /etc/network/interfaces.d/*")
        install_ifupdown2(opened)
        yield opened


@pytest.fixture(scope="module")
def alpine_site() -> Iterator[Site]:
    """A host with ifupdown-ng in ifupdown's place."""
    with open_site() as opened:
        opened.run("sh", "-c", "rm -rf /etc/network/interfaces.d/*")
        install_ifupdown_ng(opened)
        yield opened
