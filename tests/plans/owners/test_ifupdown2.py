"""ifupdown2, and Proxmox VE's: whole seconds, policy files, and changes that wait in interfaces.new."""

import pytest

from owned import OFF, SHORT, changed, configured, edit, setting, the_claim
from pxedoctor.model.bridge_owner import Setting, Unclear
from pxedoctor.model.host import Host
from pxedoctor.plans.owners import ifupdown, ifupdown2
from pxedoctor.plans.owners.owner import Told

MAIN = "/etc/network/interfaces"
PROXMOX = """\
auto vmbr0
iface vmbr0 inet static
\taddress 192.0.2.1/24
\tbridge-ports eno1
\tbridge-stp on
\tbridge-fd 15
#the servers
""".replace("vmbr0", "br0")


def on(text: str, **more: str) -> Host:
    return configured({MAIN: text, **more}, "ifupdown2", "bridge-utils")


def stanza(*options: str) -> Host:
    return on("iface br0\n  bridge-ports none\n" + "".join(f"  {option}\n" for option in options))


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ((), Setting(stp=False, delay=15.0)),
        (("bridge-stp on",), Setting(stp=True, delay=15.0)),
        (("bridge_stp yes", "bridge_fd 4"), Setting(stp=True, delay=4.0)),
        (("bridge-stp off", "bridge-fd 0"), Setting(stp=False, delay=0.0)),
    ],
    ids=str,
)
def test_what_it_makes_of_it(options: tuple[str, ...], expected: Setting) -> None:
    assert setting(ifupdown2, stanza(*options)) == expected


@pytest.mark.parametrize("option", ["bridge-fd 2.5", "bridge-stp perhaps", "mstpctl-forcevers rstp", "%if x"])
def test_what_it_does_not_claim_to_know(option: str) -> None:
    assert isinstance(setting(ifupdown2, stanza(option)), Unclear)


def test_a_policy_may_set_another_default() -> None:
    policy = {"/etc/network/ifupdown2/policy.d/b.json": '{"bridge": {"defaults": {"bridge-fd": "4"}}}'}
    assert isinstance(setting(ifupdown2, configured({MAIN: PROXMOX} | policy, "ifupdown2")), Unclear)


def test_it_and_not_ifupdown_reads_the_file() -> None:
    assert ifupdown.claims(on(PROXMOX), "br0") == ()


def test_one_value_is_changed_and_nothing_else() -> None:
    assert edit(changed(ifupdown2, on(PROXMOX))) == (["\tbridge-fd 15"], ["\tbridge-fd 2"])
    assert edit(changed(ifupdown2, on(PROXMOX), OFF)) == (["\tbridge-stp on"], ["\tbridge-stp off"])


def test_changes_that_wait_in_proxmoxs_web_interface() -> None:
    staged = configured({MAIN: PROXMOX, "/etc/network/interfaces.new": PROXMOX}, "ifupdown2", "Proxmox VE")
    told = ifupdown2.change(staged, the_claim(ifupdown2, staged), SHORT)
    assert isinstance(told, Told)
    assert "web interface" in told.because
