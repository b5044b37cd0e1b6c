"""NetworkManager's keyfiles: STP on unless they say otherwise, and 0 that is 15."""

import pytest

from owned import OFF, changed, configured, edit, setting, the_claim
from pxedoctor.model.bridge_owner import Setting, Unclear
from pxedoctor.model.process import Process
from pxedoctor.plans.owners import network_manager
from pxedoctor.plans.owners.owner import Told

PROFILE = "/etc/NetworkManager/system-connections/br0.nmconnection"
HEAD = """\
[connection]
id=The servers' bridge
uuid=6f0c1b52-0d0d-4d0d-8d0d-0d0d0d0d0d0a
type=bridge
interface-name=br0
# do not connect by itself
autoconnect=false

"""
TAIL = "\n[ipv4]\nmethod=disabled\n"
NM = Process(pid=9, parent=1, state="S (sleeping)", name="NetworkManager", command="")


def test_where_it_stands() -> None:
    claim = the_claim(network_manager, configured({PROFILE: HEAD + TAIL}))
    assert (claim.place, claim.text) == (f"{PROFILE}:5", "interface-name=br0")


@pytest.mark.parametrize(
    ("bridge", "expected"),
    [
        ("", Setting(stp=True, delay=15.0)),
        ("[bridge]\nstp=false", Setting(stp=False, delay=15.0)),
        ("[bridge]\nforward-delay=4", Setting(stp=True, delay=4.0)),
        ("[bridge]\nforward-delay=0", Setting(stp=True, delay=15.0)),
        ("[bridge]\n#forward-delay=4\nforward-delay = 5", Setting(stp=True, delay=5.0)),
        ("[bridge]\nforward-delay=4\n[bridge]\nforward-delay=6", Setting(stp=True, delay=6.0)),
    ],
    ids=str,
)
def test_what_it_makes_of_it(bridge: str, expected: Setting) -> None:
    assert setting(network_manager, configured({PROFILE: f"{HEAD}{bridge}\n{TAIL}"})) == expected


@pytest.mark.parametrize("bridge", ["[bridge]\nstp=maybe", "[bridge]\nforward-delay=15s"])
def test_what_it_does_not_claim_to_know(bridge: str) -> None:
    assert isinstance(setting(network_manager, configured({PROFILE: f"{HEAD}{bridge}\n{TAIL}"})), Unclear)


def test_profiles_that_are_nobodys() -> None:
    """netplan's, and those by which NetworkManager mirrors a bridge that somebody else made, are in /run."""
    mirrored = {PROFILE.replace("/etc/", "/run/"): HEAD + TAIL}
    assert network_manager.claims(configured(mirrored), "br0") == ()


def test_a_group_that_is_not_there_is_made() -> None:
    change = changed(network_manager, configured({PROFILE: HEAD + TAIL}))
    assert change.after == f"{HEAD}{TAIL}\n[bridge]\nforward-delay=2\n"
    assert change.then == ()


def test_one_value_is_changed_and_nothing_else() -> None:
    text = f"{HEAD}[bridge]\nstp=true\nforward-delay=15\nageing-time=300\n{TAIL}"
    assert edit(changed(network_manager, configured({PROFILE: text}))) == (["forward-delay=15"], ["forward-delay=2"])
    assert edit(changed(network_manager, configured({PROFILE: text}), OFF)) == (["stp=true"], ["stp=false"])


def test_networkmanager_is_told_where_it_runs() -> None:
    change = changed(network_manager, configured({PROFILE: HEAD + TAIL}, processes=(NM,)))
    assert change.then == (("nmcli", "connection", "load", PROFILE),)


def test_a_profile_of_a_package_is_not_edited() -> None:
    on = configured({PROFILE.replace("/etc/", "/usr/lib/"): HEAD + TAIL})
    assert isinstance(network_manager.change(on, the_claim(network_manager, on), OFF), Told)
