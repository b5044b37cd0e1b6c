"""Who asked firewalld over the system bus: real bus, firewalld, firewall-cmd, ssh login and libvirt."""

from collections.abc import Iterator

import pytest

from pxedoctor.lab import parts_firewalld, parts_ssh
from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.site import Site
from pxedoctor.lab.watched import watched

pytestmark = pytest.mark.lab

LOST = "firewalld-zone-lost"


@pytest.fixture
def site() -> Iterator[Site]:
    with open_site() as opened, parts_firewalld.bus_outside(opened):
        parts_firewalld.run_firewalld(opened)
        parts_firewalld.firewalld_network(opened)
        yield opened


def test_firewalld_is_told_with_the_command_and_the_login_that_asked_it(site: Site) -> None:
    parts_ssh.start_sshd(site)
    with watched(site) as keeper:
        parts_ssh.over_ssh(site, f"firewall-cmd --zone=drop --change-interface={site.bridge}")
        who = keeper.until("appeared", LOST)["who"]
    assert who["name"] == "firewalld"
    asked = f"firewall-cmd --zone=drop --change-interface={site.bridge}"
    assert who["asked"]["program"] == asked, who
    assert who["asked"]["session"] == "ssh"
    assert who["asked"]["session_user"] == 0


def test_of_two_that_asked_at_once_nobody_is_named_for_the_other(site: Site) -> None:
    site.write("/usr/local/sbin/first", f"#!/bin/sh\nfirewall-cmd --zone=drop --change-interface={site.bridge}\n")
    site.write("/usr/local/sbin/second", "#!/bin/sh\nfirewall-cmd --zone=public --add-port=7/tcp\n")
    site.run("chmod", "755", "/usr/local/sbin/first", "/usr/local/sbin/second")
    with watched(site) as keeper:
        site.run("sh", "-c", "second & first & wait")
        told = keeper.until("appeared", LOST)
    # The other's port may be the last that firewalld wrote; then whoever lost the zone is among the others.
    asked = told["who"]["asked"]
    by_another = asked is not None and asked["caller"] != "first"
    assert not by_another or any("first" in words for words in told["others"]), told
