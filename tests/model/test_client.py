"""The table of clients: names that are unique, times that can be true, sources that are named."""

import pytest

from pxedoctor.dialogue.profile import Profile
from pxedoctor.dialogue.profiles.registry import PROFILES
from pxedoctor.model.client import CLIENTS, Client, client_named, client_of_system


def test_names_are_unique() -> None:
    assert len({client.name for client in CLIENTS}) == len(CLIENTS)


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.name)
def test_a_row(client: Client) -> None:
    assert client_named(client.name) is client
    assert client.source
    # Who asks for ever never gives up; who gives up has sent its last DISCOVER before.
    assert (client.survives is None) == (client.gives_up is None)
    if client.survives is not None and client.gives_up is not None:
        assert 0 < client.survives < client.gives_up
    # Firmware never negotiates GUEST_CSUM, so it is never handed a partial sum.
    if client.firmware:
        assert client.honours_partial_sums


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
def test_a_client_asks_for_the_blocks_of_its_profile(profile: Profile) -> None:
    client = client_named(profile.name)
    asked = dict(profile.tftp.options).get("blksize", "0") if profile.tftp else "0"
    if client is not None:
        assert client.tftp_block == int(asked)


def test_a_name_that_is_not_in_it() -> None:
    assert client_named("iPXE") is None


@pytest.mark.parametrize(
    ("os_id", "name"),
    [
        ("http://freebsd.org/freebsd/14.0", "freebsd"),
        ("http://microsoft.com/win/2k22", "windows"),
        ("http://fedoraproject.org/fedora/40", None),
        ("", None),
    ],
)
def test_by_operating_system(os_id: str, name: str | None) -> None:
    found = client_of_system(os_id)
    assert (found.name if found else None) == name
