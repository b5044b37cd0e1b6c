"""Editing a definition: one element's attributes, everything else to the letter as it was."""

import difflib
from xml.etree.ElementTree import canonicalize

import pytest

from pxedoctor.apply.definition import edited
from pxedoctor.apply.error import NotGrantedError
from pxedoctor.plans.request import EditDefinition, taking_back

NETWORK = """\
<network  connections='1'>
  <!-- made by Ada, do not touch the address -->
  <name>lab</name>
  <bridge name='virbr0'   stp="on" delay='15'/>
  <ip address="192.168.150.1"
      netmask='255.255.255.0'/>
  <description>ümlaut &amp; &lt;tag&gt;</description>
</network>"""
DOMAIN = """\
<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
  <name>web01</name>
  <devices>
    <interface type='network'>
      <mac address='52:54:00:0d:0d:01'/>
      <driver name='vhost' queues='2'/>
    </interface>
    <interface type='network'>
      <mac address='52:54:00:0d:0d:02'/>
    </interface>
    <graphics type='vnc' passwd='kept'/>
  </devices>
  <qemu:commandline><qemu:arg value='-S'/></qemu:commandline>
</domain>"""
BRIDGE = EditDefinition("network", "lab", "/network", "bridge", (("delay", "2"),))


def nic(mac: str, driver: str | None) -> EditDefinition:
    return EditDefinition(
        "domain", "web01", f"/domain/devices/interface[mac/@address='{mac}']", "driver", (("name", driver),)
    )


def words(text: str) -> list[str]:
    """Without quotes and spaces inside of tags, which XML does not tell apart."""
    return text.replace('"', "'").split()


def changes(before: str, after: str) -> list[str]:
    return [line for line in difflib.ndiff(words(before), words(after)) if line[0] in "+-"]


def test_an_attribute_is_set_and_nothing_else() -> None:
    assert changes(NETWORK, edited(NETWORK, BRIDGE)) == ["- delay='15'/>", "+ delay='2'/>"]


def test_one_more_of_a_name_that_others_bear_and_back() -> None:
    text = "<domain><os><type>hvm</type><boot dev='hd'/></os></domain>"
    add = EditDefinition("domain", "web01", "/domain/os", "boot[@dev='network']", (("dev", "network"),))
    both = text.replace("<boot dev='hd'/>", "<boot dev='hd'/><boot dev='network'/>")
    assert words(edited(text, add)) == words(both)
    assert words(edited(both, add)) == words(both)
    back = EditDefinition("domain", "web01", "/domain/os", "boot[@dev='network']", (("dev", None),))
    assert words(edited(both, back)) == words(text)


def test_comments_and_layout_stay() -> None:
    after = edited(NETWORK, BRIDGE)
    assert "<!-- made by Ada, do not touch the address -->" in after
    assert [len(line) - len(line.lstrip()) for line in after.splitlines() if line.lstrip().startswith("<")] == [
        0, 2, 2, 2, 2, 2, 0,
    ]  # fmt: skip
    assert "ümlaut &amp; &lt;tag&gt;" in after


def test_setting_it_twice_is_setting_it_once() -> None:
    once = edited(NETWORK, BRIDGE)
    assert edited(once, BRIDGE) == once


def test_the_way_back() -> None:
    back = EditDefinition("network", "lab", "/network", "bridge", (("delay", "15"),))
    assert changes(NETWORK, edited(edited(NETWORK, BRIDGE), back)) == []


def test_an_element_that_is_not_there_is_made_and_goes_again() -> None:
    after = edited(DOMAIN, nic("52:54:00:0d:0d:02", "qemu"))
    assert after.count("<driver") == 2
    # XML does not tell in which order a root's namespaces and attributes come.
    assert canonicalize(edited(after, nic("52:54:00:0d:0d:02", None))) == canonicalize(DOMAIN)


def test_other_attributes_of_the_element_stay() -> None:
    after = edited(DOMAIN, nic("52:54:00:0d:0d:01", "qemu"))
    assert "<driver name='qemu' queues='2'/>".replace("'", '"') in after.replace("'", '"')
    assert 'queues="2"' in edited(after, nic("52:54:00:0d:0d:01", None)).replace("'", '"')


def test_secrets_and_foreign_elements_stay() -> None:
    after = edited(DOMAIN, nic("52:54:00:0d:0d:01", "qemu")).replace("'", '"')
    assert 'passwd="kept"' in after
    assert '<qemu:arg value="-S"/>' in after


@pytest.mark.parametrize(
    ("text", "edit"),
    [
        pytest.param(DOMAIN, nic("52:54:00:00:00:00", "qemu"), id="a NIC that is gone"),
        pytest.param(DOMAIN, EditDefinition("domain", "d", "//mac", "x", (("a", "b"),)), id="two places"),
        pytest.param(DOMAIN, EditDefinition("domain", "d", "/domain[", "x", (("a", "b"),)), id="no place at all"),
        pytest.param(DOMAIN, EditDefinition("domain", "d", "count(//mac)", "x", (("a", "b"),)), id="a number"),
        pytest.param("<domain>", BRIDGE, id="not XML"),
        pytest.param("", BRIDGE, id="nothing"),
    ],
)
def test_what_cannot_be_edited_is_refused(text: str, edit: EditDefinition) -> None:
    with pytest.raises(NotGrantedError):
        edited(text, edit)


def test_no_entity_is_resolved() -> None:
    text = "<!DOCTYPE n [<!ENTITY e SYSTEM 'file:///etc/hostname'>]><network><bridge name='a'/><x>&e;</x></network>"
    assert "&e;" in edited(text, BRIDGE)


def test_what_somebody_changed_since_is_not_taken_back() -> None:
    back = taking_back(
        EditDefinition("network", "lab", "/network", "bridge", (("delay", "15"),)),
        EditDefinition("network", "lab", "/network", "bridge", (("delay", "2"),)),
    )
    assert "delay='20'" not in edited(NETWORK, back)
    theirs = NETWORK.replace("delay='15'", "delay='20'")
    assert theirs != NETWORK
    with pytest.raises(NotGrantedError, match="delay of <bridge> in network lab is '20' now, not '2': somebody"):
        edited(theirs, back)
    gone = NETWORK.replace(" delay='15'", "")
    with pytest.raises(NotGrantedError, match="is nothing now, not '2'"):
        edited(gone, back)
