"""firewalld is asked itself, and what it refuses is left to firewall-cmd to say."""

import sys

import pytest

from pxedoctor.apply.firewalld import changed
from pxedoctor.lab import parts_firewalld
from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.site import Site

# Like a step and its undo, and then what firewall-cmd takes for done, and what it refuses.
_ASK = """
import sys
from pxedoctor.apply.error import NotGrantedError
from pxedoctor.apply.firewalld import changed
from pxedoctor.apply.grant import grant
from pxedoctor.plans.request import Run

bridge = sys.argv[1]
assert changed(("firewall-cmd", "--zone=public", f"--change-interface={bridge}"))
assert changed(("firewall-cmd", "--zone=public", "--add-service=tftp"))
assert not changed(("firewall-cmd", "--zone=public", "--add-service=tftp"))
grant(Run(("firewall-cmd", "--zone=public", "--add-service=tftp")))
assert not changed(("firewall-cmd", "--zone=none-such", "--add-service=tftp"))
try:
    grant(Run(("firewall-cmd", "--zone=none-such", "--add-service=tftp")))
except NotGrantedError as error:
    print(error)
"""
_BACK = """
import sys
from pxedoctor.apply.firewalld import changed

assert changed(("firewall-cmd", "--zone=public", f"--remove-interface={sys.argv[1]}"))
assert changed(("firewall-cmd", "--zone=public", "--remove-service=tftp"))
"""


def services(site: Site) -> set[str]:
    return {*site.run("firewall-cmd", "--zone=public", "--list-services").split()}


@pytest.mark.lab
def test_a_step_and_its_undo_are_done_by_a_real_firewalld_without_firewall_cmd() -> None:
    with open_site() as site:
        parts_firewalld.served_bridge_site(site)
        before = services(site)
        said = site.run(sys.executable, "-c", _ASK, site.bridge)
        assert "INVALID_ZONE" in said, "firewall-cmd's own words"
        assert parts_firewalld.zone_of(site, site.bridge) == "public"
        assert services(site) == {*before, "tftp"}
        site.run(sys.executable, "-c", _BACK, site.bridge)
        assert parts_firewalld.zone_of(site, site.bridge) == ""
        assert services(site) == before


@pytest.mark.parametrize(
    "argv",
    [
        ("firewall-cmd", "--reload"),
        ("firewall-cmd", "--permanent", "--zone=public", "--add-service=dhcp"),
        ("firewall-cmd", "--zone=", "--add-service=dhcp"),
        ("firewall-cmd", "--zone=public", "--add-port=67/udp"),
        ("ufw", "--zone=public", "--add-service=dhcp"),
    ],
)
def test_every_other_command_is_left_to_its_program(argv: tuple[str, ...]) -> None:
    assert not changed(argv)
