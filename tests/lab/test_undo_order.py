"""`undo ID` of two repairs, in the order that a person happens to choose, and where the one stands on the other."""

import pytest

from pxedoctor.lab.parts_nftables import CONF, restart_nftables, write_conf
from pxedoctor.lab.readers import in_force
from pxedoctor.lab.site import Site, Told
from pxedoctor.model.bridge_owner import Setting

pytestmark = pytest.mark.lab

FILE = "/etc/network/interfaces.d/bridges"
LONG = Setting(stp=True, delay=15.0)
DELAY = ("fix", "--only", "bridge-forward-delay", "--apply", "--yes", "--no-revert")
DROPPED = ("fix", "--only", "host-firewall-drops-dhcp", "--apply", "--yes", "--no-revert")


def repaired(site: Site, fix: tuple[str, ...]) -> str:
    told = site.doctor(*fix)
    assert told.document["outcome"] == "verified", told.document
    return str(told.document["id"])


def assert_drawn(told: Told) -> None:
    """Before, written and now of the delay, live and in the file."""
    live, lasting = (step["three_way"] for step in told.document["plans"][0]["steps"])
    (value,) = live["values"]
    assert (value["standing"], value["before"], value["written"], value["now"]) == ("conflict", "1500", "200", "2000")
    (passage,) = lasting["passages"]
    assert (passage["path"], passage["standing"]) == (FILE, "conflict")
    for text, delay in (("before", 15), ("written", 2), ("now", 20)):
        assert f"    bridge_fd {delay}\n" in passage[text], passage


def states(told: Told) -> list[str]:
    return [step["state"] for step in told.document["plans"][0]["steps"]]


def test_the_older_one_first(slow_site: Site) -> None:
    """Two repairs that have nothing to do with each other: the one that stays does not notice."""
    write_conf(slow_site, flush=False, table="host")
    restart_nftables(slow_site)
    configured, rules = slow_site.path(FILE).read_bytes(), slow_site.path(CONF).read_bytes()
    older, newer = repaired(slow_site, DELAY), repaired(slow_site, DROPPED)
    opened = slow_site.path(CONF).read_bytes()
    assert opened != rules

    told = slow_site.doctor("undo", older)
    assert (told.exit_code, states(told)) == (0, ["undone", "undone"]), told.document
    assert (slow_site.path(FILE).read_bytes(), in_force(slow_site, slow_site.bridge)) == (configured, LONG)
    assert slow_site.path(CONF).read_bytes() == opened

    told = slow_site.doctor("undo", newer)
    assert (told.exit_code, set(states(told))) == (0, {"undone"}), told.document
    assert slow_site.path(CONF).read_bytes() == rules


def test_one_on_top_of_the_other(slow_site: Site) -> None:
    """Repaired, broken again by somebody, repaired again: the first one's way back would take the second's with it."""
    first = slow_site.path(FILE).read_bytes()
    older = repaired(slow_site, DELAY)
    slow_site.run("sed", "-i", "s/bridge_fd 2/bridge_fd 20/", FILE)
    slow_site.run("ip", "link", "set", "dev", slow_site.bridge, "type", "bridge", "forward_delay", "2000")
    newer = repaired(slow_site, DELAY)

    told = slow_site.doctor("undo", older)
    assert told.exit_code == 2, told.document
    assert newer in told.document["message"]
    assert told.document["would_help"] == f"take that back first: pxedoctor undo {newer}"
    assert in_force(slow_site, slow_site.bridge) == Setting(stp=True, delay=2.0)

    told = slow_site.doctor("undo", newer)
    assert (told.exit_code, states(told)) == (0, ["undone", "undone"]), told.document
    assert in_force(slow_site, slow_site.bridge) == Setting(stp=True, delay=20.0)
    # Whoever set 20 did so after the older repair: it does not know that value, says so, and leaves it.
    told = slow_site.doctor("undo", older)
    assert (told.exit_code, states(told)) == (1, ["undo-failed", "undo-failed"]), told.document
    whys = [step["why"] for step in told.document["plans"][0]["steps"]]
    assert all("since" in why for why in whys), whys
    assert "is '    bridge_fd 20'" in whys[1]
    assert_drawn(told)
    assert "'bridge_fd 2' becomes 'bridge_fd 15'" in whys[1]
    assert slow_site.path(FILE).read_bytes() == first.replace(b"bridge_fd 15", b"bridge_fd 20")

    # By hand back to what it left: then its way back is clear.
    slow_site.run("sed", "-i", "s/bridge_fd 20/bridge_fd 2/", FILE)
    slow_site.run("ip", "link", "set", "dev", slow_site.bridge, "type", "bridge", "forward_delay", "200")
    assert slow_site.doctor("undo", older).exit_code == 0
    assert (slow_site.path(FILE).read_bytes(), in_force(slow_site, slow_site.bridge)) == (first, LONG)
