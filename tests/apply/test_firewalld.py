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
_MOVED = """
import sys
from pxedoctor.apply.grant import grant
from pxedoctor.apply.three_way import met
from pxedoctor.model.firewalld import Firewalld, Zone
from pxedoctor.model.host import Host
from pxedoctor.plans.firewall import AddService, SetZone

bridge = sys.argv[1]
zones = (Zone(name="public"), Zone(name="internal", interfaces=(bridge,)))
host = Host(firewalld=Firewalld(running=True, default_zone="public", zones=zones))
zone, service = SetZone(interface=bridge, zone="public"), AddService(zone="public", service="tftp")
for step in (zone, service):
    grant(step.request())
print(*(value.standing for step in (zone, service) for value in met(step.undo(host)).values))
grant(SetZone(interface=bridge, zone="trusted").request())
print(*(value.standing for value in met(zone.undo(host)).values))
for step in (zone, service):
    grant(step.undo(host).request)
print(*(value.standing for value in met(service.undo(host)).values))
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


@pytest.mark.lab
def test_an_interface_that_somebody_has_put_into_a_third_zone_since_stays_there() -> None:
    with open_site() as site:
        parts_firewalld.served_bridge_site(site)
        before = services(site)
        said = site.run(sys.executable, "-c", _MOVED, site.bridge)
        assert said.splitlines() == ["undoable undoable", "undone", "undone"]
        assert parts_firewalld.zone_of(site, site.bridge) == "trusted"
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
