"""Questions to busctl, answered over one connection: busctl's own text, or None, and then busctl is run."""

import sys

import pytest

from pxedoctor.access.bus_caller import BusCaller
from pxedoctor.lab import parts_firewalld
from pxedoctor.lab.ground.namespace import open_site

_ASK = """
import subprocess
from pxedoctor.access.bus_caller import BusCaller
from pxedoctor.access.live import LiveHost
from pxedoctor.collect.ask import firewalld as fw

asked = [fw.OWNED, fw.STATE, fw.DEFAULT_ZONE, fw.ZONES, fw.ACTIVE_ZONES, fw.POLICIES, fw.zone_settings("public"),
    fw.zone_settings("drop"), fw.policy_settings("allow-host-ipv6")]
# Of every shape that D-Bus has: properties of the bus itself, numbers, structures, bytes.
bus = ("busctl", "--system", "--auto-start=no", "--json=short")
about = ("org.freedesktop.DBus", "/org/freedesktop/DBus")
asked += [(*bus, "get-property", *about, "org.freedesktop.DBus", "Features")]
asked += [(*bus, "call", *about, "org.freedesktop.DBus", "GetConnectionCredentials", "s", "org.freedesktop.DBus")]
caller = BusCaller(5, first=0)
for argv in asked:
    own = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    assert caller.ask(argv) == own, (argv, own, caller.ask(argv))

for refused in (fw.zone_settings("none-such"), (*bus, "call", "no.such.Name", "/", "a.b", "c"), (*bus, "list")):
    assert caller.ask(refused) is None, refused
    assert type(LiveHost().run(refused)).__name__ in {"Failed", "Text"}

subprocess.run(["sh", "-c", "kill -9 $(pidof -s dbus-daemon)"], check=True)
assert caller.ask(fw.OWNED) is None
print("the same")
"""


@pytest.mark.lab
def test_the_same_text_as_busctl_from_a_real_firewalld() -> None:
    with open_site() as site:
        parts_firewalld.served_bridge_site(site)
        assert site.run(sys.executable, "-c", _ASK) == "the same\n"


def test_the_first_question_and_those_of_other_programs_are_left_alone() -> None:
    caller = BusCaller(5)
    assert caller.ask(("busctl", "--system", "--auto-start=no", "--json=short", "call", "a.b", "/", "a.b", "c")) is None
    assert caller.ask(("busctl", "--user", "list")) is None
    assert caller.ask(("busctl", "--system", "--auto-start=no", "--json=short", "list")) is None
