"""Gentoo's /etc/conf.d/net: hundredths of a second, and names of devices in variables."""

import pytest

from owned import OFF, changed, configured, edit, setting
from pxedoctor.model.bridge_owner import Setting, Unclear
from pxedoctor.model.host import Host
from pxedoctor.plans.owners import netifrc


def gentoo(*lines: str) -> Host:
    text = '# the bridge\nbridge_br0="eth0"\nconfig_br0="null"\n' + "".join(f"{line}\n" for line in lines)
    return configured({"/etc/conf.d/net": text})


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ((), Setting(stp=False)),
        (('bridge_stp_state_br0="1"',), Setting(stp=True)),
        (('bridge_stp_state_br0="1"', 'bridge_forward_delay_br0="10"'), Setting(stp=True, delay=2.0)),
        (('bridge_stp_state_br0="1"', 'bridge_forward_delay_br0="1500"'), Setting(stp=True, delay=15.0)),
        (('bridge_stp_state_br0="0"', 'bridge_forward_delay_br0="0"'), Setting(stp=False, delay=0.0)),
    ],
    ids=str,
)
def test_what_it_makes_of_it(lines: tuple[str, ...], expected: Setting) -> None:
    assert setting(netifrc, gentoo(*lines)) == expected


@pytest.mark.parametrize(
    "line", ['brctl_br0="setfd 15\nstp on"', 'bridge_stp_state_br0="yes"', "bridge_stp_state_br0=$X"]
)
def test_what_it_does_not_claim_to_know(line: str) -> None:
    assert isinstance(setting(netifrc, gentoo(line)), Unclear)


def test_the_change() -> None:
    on = gentoo('bridge_stp_state_br0="1"', 'bridge_forward_delay_br0="1500" # 15 s')
    expected = (['bridge_forward_delay_br0="1500" # 15 s'], ['bridge_forward_delay_br0="200" # 15 s'])
    assert edit(changed(netifrc, on)) == expected
    assert edit(changed(netifrc, on, OFF)) == (['bridge_stp_state_br0="1"'], ['bridge_stp_state_br0="0"'])


def test_a_name_that_is_no_variable() -> None:
    on = configured({"/etc/conf.d/net": 'bridge_br_0_1="eth0"\n'})
    assert len(netifrc.claims(on, "br-0.1")) == 1
