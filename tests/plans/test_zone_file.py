"""A zone's file with one more service: new in /etc, the person's own left alone, and judged by firewalld itself."""

from pathlib import Path

import pytest

from builders import host
from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.parts_firewalld import served_bridge_site
from pxedoctor.model.firewalld import Firewalld, Zone
from pxedoctor.plans.firewall import SetZone
from pxedoctor.plans.request import RemoveFile, WriteFile
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.step import Inverse
from pxedoctor.plans.zone_file import stored

PACKAGED = "/usr/lib/firewalld/zones/internal.xml"
TEXT = """<?xml version="1.0" encoding="utf-8"?>
<zone>
  <short>Internal</short>
  <service name="ssh"/>
  <forward/>
</zone>
"""


def zone(text: str = TEXT, stored_in: str = PACKAGED) -> Zone:
    return Zone(name="internal", stored_services=("ssh",), stored_in=stored_in, stored_text=text)


def test_the_packages_file_with_one_more_line() -> None:
    (step,) = stored(zone(), ("ssh", "dhcp", "tftp"), Safety.SAFE, "")
    request, back = step.request(), step.undo(host())
    assert isinstance(request, WriteFile)
    assert request.path == "/etc/firewalld/zones/internal.xml"
    lines = TEXT.splitlines()
    assert request.text.splitlines() == [
        *lines[:-1],
        '  <service name="dhcp"/>',
        '  <service name="tftp"/>',
        "</zone>",
    ]
    assert isinstance(back, Inverse)
    assert isinstance(back.request, RemoveFile)
    assert (back.request.path, back.request.text) == (request.path, request.text)


@pytest.mark.parametrize(
    "of",
    [
        zone(stored_in="/etc/firewalld/zones/internal.xml"),
        zone("<zone/>"),
        zone("<zone></zone><!-- </zone> -->"),
        Zone(name="internal"),
    ],
    ids=["a person's", "no end", "an end in a comment", "not read"],
)
def test_nothing_is_written(of: Zone) -> None:
    assert stored(of, ("dhcp",), Safety.SAFE, "") == ()


def test_nothing_is_written_twice() -> None:
    assert stored(zone(), ("ssh",), Safety.SAFE, "") == ()


def test_a_zone_that_nobody_used_is_not_quite_as_before() -> None:
    """firewalld keeps its chains; one that somebody uses had them already."""
    used = Zone(name="work", interfaces=("eno1",))
    where = host(firewalld=Firewalld(running=True, default_zone="public", zones=(zone(), used, Zone(name="public"))))
    leaves = {}
    for name in ("internal", "work", "public"):
        back = SetZone(interface="br0", zone=name).undo(where)
        assert isinstance(back, Inverse)
        leaves[name] = back.leaves
    assert "keeps the chains of zone internal" in leaves["internal"]
    assert "firewall-cmd --reload" in leaves["internal"]
    assert (leaves["work"], leaves["public"]) == ("", "")


@pytest.mark.lab
def test_it_lasts_over_a_reload_and_goes_without_a_trace() -> None:
    """Of firewalld's own --permanent, two files stayed behind after the way back."""
    fix = ("fix", "--only", "firewalld-zone-lost", "--apply", "--yes", "--no-revert")
    asked = ("firewall-cmd", "--zone=internal", "--query-service=dhcp")
    with open_site() as site:
        served_bridge_site(site)
        site.run("firewall-cmd", "--zone=internal", "--remove-service=dhcp")
        told = site.doctor(*fix)
        assert told.document["outcome"] == "verified", told.document
        site.run("firewall-cmd", "--reload")
        assert site.ask(*asked).stdout == "yes\n"
        assert site.doctor("undo").exit_code == 0
        assert list(site.path("/etc/firewalld/zones").iterdir()) == []
        site.run("firewall-cmd", "--reload")
        assert site.ask(*asked).stdout == "no\n"


@pytest.mark.lab
def test_firewalld_itself_accepts_it_and_refuses_a_wrong_one() -> None:
    text = Path(PACKAGED).read_text(encoding="utf-8")
    (step,) = stored(zone(text), ("dhcp",), Safety.SAFE, "")
    request = step.request()
    assert isinstance(request, WriteFile)
    (check,) = request.then
    asked = ("firewall-offline-cmd", "--zone=internal", "--query-service=dhcp")
    with open_site() as site:
        assert site.ask(*asked).stdout == "no\n"
        site.write(request.path, request.text)
        assert site.ask(*check).returncode == 0
        assert site.ask(*asked).stdout == "yes\n"
        site.write(request.path, request.text.replace("dhcp", "no-such-service"))
        assert site.ask(*check).returncode != 0
