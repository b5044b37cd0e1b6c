"""A drawn site: the same seed draws the same, and what is drawn harms no guest and is no cause of anything."""

import random

import pytest

from pxedoctor.lab.drawn import BACKGROUND, draw, drawn_site, everything
from pxedoctor.lab.parts import NETWORK, cold_start, libvirt_site

pytestmark = pytest.mark.lab


def test_a_seed_draws_the_same_again_and_another_draws_another() -> None:
    assert draw(random.Random("a 1")) == draw(random.Random("a 1"))
    assert len({draw(random.Random(f"a {seed}")) for seed in range(20)}) == 20


def test_nothing_is_left_to_fill_in() -> None:
    assert not [line for seed in range(50) for line in draw(random.Random(seed)).background if "$" in line]


def test_a_guest_starts_amid_all_of_it_and_nothing_is_found() -> None:
    """Every line of the background at once, and the network under its drawn prefix, which the parts do not know."""
    surroundings = everything(random.Random(1))
    assert len(surroundings.background) == len(BACKGROUND)
    with drawn_site(surroundings) as site:
        libvirt_site(site)
        defined = site.path(f"/etc/libvirt/qemu/networks/{NETWORK}.xml").read_text()
        assert f"ip address='{surroundings.prefixes[0]}1'" in defined
        told = site.doctor("diagnose")
        assert (told.exit_code, told.names()) == (0, ())
        assert cold_start(site).ok
