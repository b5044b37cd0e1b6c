"""nmstate's wishes: a scalar is changed in its place, and nothing is invented."""

import pytest

from owned import OFF, SHORT, changed, configured, edit, setting, the_claim
from pxedoctor.model.bridge_owner import Setting, Unclear
from pxedoctor.model.host import Host
from pxedoctor.plans.owners import nmstate
from pxedoctor.plans.owners.owner import Told

FILE = "/etc/nmstate/br.yml"


def wish(stp: str) -> Host:
    ours = f"- name: br0 # ours\n  type: linux-bridge\n  bridge:\n    options:\n      stp: {stp}\n"
    return configured({FILE: f"interfaces:\n- name: eth0\n{ours}"})


@pytest.mark.parametrize(
    ("stp", "expected"),
    [
        ("{}", Setting(stp=True)),
        ("{enabled: false}", Setting(stp=False)),
        ("{enabled: true, forward-delay: 4}", Setting(stp=True, delay=4.0)),
    ],
)
def test_what_it_makes_of_it(stp: str, expected: Setting) -> None:
    assert setting(nmstate, wish(stp)) == expected


def test_what_it_does_not_claim_to_know() -> None:
    assert isinstance(setting(nmstate, wish("{enabled: maybe}")), Unclear)
    assert nmstate.claims(configured({FILE: "a: ["}), "br0") == ()


def test_the_change() -> None:
    on = wish("{enabled: true, forward-delay: 15}  # long")
    assert edit(changed(nmstate, on)) == (
        ["      stp: {enabled: true, forward-delay: 15}  # long"],
        ["      stp: {enabled: true, forward-delay: 2}  # long"],
    )
    assert edit(changed(nmstate, on, OFF))[1] == ["      stp: {enabled: false, forward-delay: 15}  # long"]


def test_a_key_that_is_not_there_is_a_persons_to_write() -> None:
    on = wish("{}")
    told = nmstate.change(on, the_claim(nmstate, on), SHORT)
    assert isinstance(told, Told)
    assert "enabled: true, forward-delay: 2" in told.instead
