"""ifupdown-ng: one number that is hundredths to ip and seconds to brctl."""

import pytest

from owned import OFF, SHORT, changed, configured, edit, setting, the_claim
from pxedoctor.model.bridge_owner import Setting, Unclear
from pxedoctor.model.host import Host
from pxedoctor.plans.owners import ifupdown_ng
from pxedoctor.plans.owners.owner import Told

MAIN = "/etc/network/interfaces"


def alpine(*options: str, brctl: bool = False) -> Host:
    text = "auto br0\niface br0\n\tbridge-ports eth0\n" + "".join(f"\t{option}\n" for option in options)
    return configured({MAIN: text}, "ifupdown-ng", *(["brctl"] if brctl else []))


@pytest.mark.parametrize(
    ("options", "by_ip", "by_brctl"),
    [
        ((), Setting(stp=False), Setting(stp=False)),
        (("bridge-stp yes",), Setting(stp=True), Setting(stp=True)),
        (("bridge-stp yes", "bridge-fd 15"), Setting(stp=True, delay=2.0), Setting(stp=True, delay=15.0)),
        (("bridge-stp yes", "bridge-fd 1500"), Setting(stp=True, delay=15.0), Setting(stp=True, delay=15.0)),
        (("bridge-stp on",), Setting(stp=False), Setting(stp=True)),
        (("bridge-stp true",), Setting(stp=True), Setting(stp=True)),
        (("bridge-stp YES", "bridge-fd 4"), Setting(stp=True, delay=2.0), Setting(stp=True, delay=4.0)),
        (("bridge-stp 1",), Setting(stp=True), Setting(stp=True)),
        (("bridge-stp on", "bridge-fd 0"), Setting(stp=False, delay=0.0), Setting(stp=True, delay=2.0)),
        (
            ("bridge-stp yes", "bridge-fd 15", "bridge-vlan-aware yes"),
            Setting(stp=True, delay=2.0),
            Setting(stp=True, delay=2.0),
        ),
    ],
    ids=str,
)
def test_what_it_makes_of_it(options: tuple[str, ...], by_ip: Setting, by_brctl: Setting) -> None:
    assert setting(ifupdown_ng, alpine(*options)) == by_ip
    assert setting(ifupdown_ng, alpine(*options, brctl=True)) == by_brctl


def test_what_it_does_not_claim_to_know() -> None:
    assert isinstance(setting(ifupdown_ng, alpine("bridge-fd 2.5")), Unclear)


@pytest.mark.parametrize("brctl", [False, True])
def test_two_is_two_seconds_to_both(brctl: bool) -> None:
    long = alpine("bridge-stp yes", "bridge-fd 1500", brctl=brctl)
    assert edit(changed(ifupdown_ng, long)) == (["\tbridge-fd 1500"], ["\tbridge-fd 2"])
    assert edit(changed(ifupdown_ng, long, OFF)) == (["\tbridge-stp yes"], ["\tbridge-stp no"])


def test_any_other_delay_would_mean_two_things() -> None:
    on = alpine("bridge-stp yes")
    assert isinstance(ifupdown_ng.change(on, the_claim(ifupdown_ng, on), Setting(stp=True, delay=4.0)), Told)
    assert not isinstance(ifupdown_ng.change(on, the_claim(ifupdown_ng, on), SHORT), Told)
