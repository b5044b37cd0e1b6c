"""netplan: what several files come to, the STP that a mapping turns on, and the file of one's own."""

import pytest

from owned import OFF, changed, configured, setting, the_claim
from pxedoctor.model.bridge_owner import Setting, Unclear
from pxedoctor.plans.owners import netplan
from pxedoctor.plans.owners.owner import Told

FILE = "/etc/netplan/50-cloud.yaml"
OWN = "/etc/netplan/99-pxedoctor-br0.yaml"
BRIDGE = """\
# made by the installer
network:
  version: 2
  bridges:
    br0:
      interfaces: [eno1]
"""


def with_parameters(text: str, renderer: str = "") -> dict[str, str]:
    head = BRIDGE.replace("  version: 2\n", f"  version: 2\n  renderer: {renderer}\n") if renderer else BRIDGE
    return {FILE: head + (f"      parameters: {text}\n" if text else "")}


def test_where_it_stands() -> None:
    claim = the_claim(netplan, configured({FILE: BRIDGE}))
    assert (claim.place, claim.text) == (f"{FILE}:5", "br0:")


@pytest.mark.parametrize(
    ("parameters", "renderer", "expected"),
    [
        ("", "", Setting(stp=False, delay=15.0)),
        ("", "NetworkManager", Setting(stp=True, delay=15.0)),
        ("{priority: 100}", "", Setting(stp=True, delay=15.0)),
        ("{stp: false}", "", Setting(stp=False, delay=15.0)),
        ("{stp: no}", "NetworkManager", Setting(stp=False, delay=15.0)),
        ("{forward-delay: 4}", "", Setting(stp=True, delay=4.0)),
        ("{forward-delay: 4s}", "", Setting(stp=True, delay=4.0)),
        ('{"stp": Yes, forward-delay: "3"}', "", Setting(stp=True, delay=3.0)),
    ],
    ids=str,
)
def test_what_it_makes_of_it(parameters: str, renderer: str, expected: Setting) -> None:
    assert setting(netplan, configured(with_parameters(parameters, renderer))) == expected


def test_a_later_file_turns_stp_on_again() -> None:
    files = with_parameters("{stp: false, forward-delay: 9}")
    later = {"/etc/netplan/60-more.yaml": "network: {bridges: {br0: {parameters: {priority: 9}}}}\n"}
    assert setting(netplan, configured(files | later)) == Setting(stp=True, delay=9.0)


@pytest.mark.parametrize(
    "other", ["a: [", "a: &x [*x, *x]\nnetwork: {{}}: 1", "%YAML 9.9\n---\n\tx", "x: !!python/object:os.system y: :"]
)
def test_one_file_that_is_no_yaml_makes_all_unclear(other: str) -> None:
    assert isinstance(setting(netplan, configured({FILE: BRIDGE, "/etc/netplan/60.yaml": other})), Unclear)


def test_a_bomb_of_aliases_does_not_go_off() -> None:
    bomb = "a: &a [x]\n" + "".join(f"{chr(98 + i)}: &{chr(98 + i)} [{f'*{chr(97 + i)},' * 9}]\n" for i in range(20))
    assert setting(netplan, configured({FILE: BRIDGE, "/etc/netplan/60.yaml": bomb})) == Setting(stp=False, delay=15.0)


def test_the_change_is_a_file_of_its_own_with_both_keys() -> None:
    change = changed(netplan, configured(with_parameters("{stp: true, forward-delay: 15}")))
    assert (change.path, change.before, change.mode) == (OWN, None, 0o600)
    assert 'bridges:\n    "br0":\n      parameters:\n        stp: true\n        forward-delay: 2\n' in change.after
    assert change.then == (("netplan", "generate"),)


def test_stp_off() -> None:
    assert "stp: false" in changed(netplan, configured(with_parameters("{stp: true}")), OFF).after


def test_after_every_other_file() -> None:
    files = {"/etc/netplan/99-z.yaml": BRIDGE + "      parameters: {stp: true}\n"}
    assert changed(netplan, configured(files)).path == "/etc/netplan/zzz-pxedoctor-br0.yaml"


def test_somebody_elses_file_of_that_name_is_left_alone() -> None:
    on = configured({FILE: BRIDGE, OWN: "network: {version: 2}\n"})
    assert isinstance(netplan.change(on, the_claim(netplan, on), OFF), Told)
