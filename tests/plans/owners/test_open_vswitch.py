"""Open vSwitch: its database is a log of changes, and it alone writes it."""

import json

from owned import OFF, SHORT, configured, setting, the_claim
from pxedoctor.model.bridge_owner import Setting, Unclear
from pxedoctor.model.host import Host
from pxedoctor.plans.owners import open_vswitch
from pxedoctor.plans.owners.owner import Told


def database(*changes: dict[str, object]) -> Host:
    records = "".join(f"OVSDB JSON 9 abc\n{json.dumps({'Bridge': {'u1': change}})}\n" for change in changes)
    text = f'OVSDB JSON 9 abc\n{{"name": "Open_vSwitch"}}\n{records}OVSDB JSON 3 x\n{{"Bridge": [1]}}\n{{broken\n'
    return configured({"/etc/openvswitch/conf.db": text})


def test_what_the_last_change_says() -> None:
    assert setting(open_vswitch, database({"name": "br0"})) == Setting(stp=False)
    assert setting(open_vswitch, database({"name": "br0"}, {"stp_enable": True})) == Setting(stp=True)
    off = database({"name": "br0", "rstp_enable": True}, {"rstp_enable": False})
    assert setting(open_vswitch, off) == Setting(stp=False)
    assert open_vswitch.claims(database({"name": "br1"}), "br0") == ()


def test_a_delay_in_its_own_table_is_unclear() -> None:
    on = database({"name": "br0", "stp_enable": True, "other_config": ["map", [["stp-forward-delay", "4"]]]})
    assert isinstance(setting(open_vswitch, on), Unclear)


def test_it_is_changed_by_its_own_command() -> None:
    on = database({"name": "br0", "stp_enable": True})
    off, short = (open_vswitch.change(on, the_claim(open_vswitch, on), wish) for wish in (OFF, SHORT))
    assert isinstance(off, Told)
    assert isinstance(short, Told)
    assert off.instead == "ovs-vsctl set Bridge br0 stp_enable=false"
    # Less than 4 s Open vSwitch does not take.
    assert short.instead == "ovs-vsctl set Bridge br0 other_config:stp-forward-delay=4"
