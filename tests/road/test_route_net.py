"""The net of a route, in each of the words that ip(8) has for one."""

import pytest

from pxedoctor.model.route import Route
from pxedoctor.road.route_net import net_of


@pytest.mark.parametrize(
    ("family", "words", "net"),
    [
        ("inet", "default", "0.0.0.0/0"),
        ("inet6", "default", "::/0"),
        ("inet", "10.9.0.0/24", "10.9.0.0/24"),
        ("inet6", "fd00::/64", "fd00::/64"),
        ("inet", "10.9.0.1", "10.9.0.1/32"),
        ("inet6", "fd00::1", "fd00::1/128"),
    ],
)
def test_the_net_of(family: str, words: str, net: str) -> None:
    assert str(net_of(Route(family=family, destination=words))) == net


@pytest.mark.parametrize(("family", "words"), [("mpls", "default"), ("mpls", "100/x"), ("inet", "10/x"), ("inet", "")])
def test_what_is_none(family: str, words: str) -> None:
    assert net_of(Route(family=family, destination=words)) is None
