"""Editing a definition's text: one element's attributes, everything else to the letter as it was."""

import difflib
from xml.etree.ElementTree import canonicalize, fromstring
from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pxedoctor.plans.definition_text import DefinitionError, edited, values
from pxedoctor.plans.request import EditDefinition

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


def changes(before: str, after: str) -> list[str]:
    lines = difflib.ndiff(before.splitlines(), after.splitlines())
    return [line for line in lines if line[0] in "+-"]


def test_an_attribute_is_set_in_its_own_quotes_and_nothing_else() -> None:
    after = edited(NETWORK, BRIDGE)
    assert after == NETWORK.replace("delay='15'", "delay='2'")
    stp = EditDefinition("network", "lab", "/network", "bridge", (("stp", 'o"f'),))
    assert edited(NETWORK, stp) == NETWORK.replace('stp="on"', 'stp="o&quot;f"')
    zone = EditDefinition("network", "lab", "/network", "bridge", (("zone", "it's"),))
    assert edited(NETWORK, zone) == NETWORK.replace("delay='15'/>", "delay='15' zone='it&apos;s'/>")


def test_one_more_of_a_name_that_others_bear_and_back() -> None:
    text = "<domain><os><type>hvm</type><boot dev='hd'/><smbios mode='host'/></os></domain>"
    add = EditDefinition("domain", "web01", "/domain/os", "boot[@dev='network']", (("dev", "network"),))
    both = text.replace("<boot dev='hd'/>", "<boot dev='hd'/><boot dev='network'/>")
    assert edited(text, add) == both
    assert edited(both, add) == both
    back = EditDefinition("domain", "web01", "/domain/os", "boot[@dev='network']", (("dev", None),))
    assert edited(both, back) == text


def test_setting_it_twice_is_setting_it_once() -> None:
    once = edited(NETWORK, BRIDGE)
    assert edited(once, BRIDGE) == once


def test_the_way_back() -> None:
    back = EditDefinition("network", "lab", "/network", "bridge", (("delay", "15"),))
    assert edited(edited(NETWORK, BRIDGE), back) == NETWORK


def test_an_element_that_is_not_there_is_made_on_a_line_of_its_own_and_goes_again() -> None:
    after = edited(DOMAIN, nic("52:54:00:0d:0d:02", "qemu"))
    assert changes(DOMAIN, after) == ["+       <driver name='qemu'/>"]
    assert edited(after, nic("52:54:00:0d:0d:02", None)) == DOMAIN


def test_what_is_taken_from_where_it_never_was_leaves_all_as_it_is() -> None:
    assert edited(DOMAIN, nic("52:54:00:0d:0d:02", None)) == DOMAIN


def test_other_attributes_of_the_element_stay() -> None:
    after = edited(DOMAIN, nic("52:54:00:0d:0d:01", "qemu"))
    assert after == DOMAIN.replace("name='vhost'", "name='qemu'")
    assert edited(after, nic("52:54:00:0d:0d:01", None)) == DOMAIN.replace(" name='vhost'", "")


@pytest.mark.parametrize("devices", ["<devices/>", "<devices></devices>", "<devices \n a='>'/>"])
def test_a_first_child(devices: str) -> None:
    add = EditDefinition("domain", "d", "/domain/devices", "rng", (("model", "virtio"),), inside="<backend/>")
    after = edited(f"<domain>{devices}<x/></domain>", add)
    assert "><rng model='virtio'><backend/></rng></devices><x/>" in after
    assert fromstring(after).find("devices/rng/backend") is not None


@pytest.mark.parametrize(
    ("text", "edit"),
    [
        pytest.param(DOMAIN, nic("52:54:00:00:00:00", "qemu"), id="a NIC that is gone"),
        pytest.param(DOMAIN, EditDefinition("domain", "d", "//mac", "x", (("a", "b"),)), id="two places"),
        pytest.param(DOMAIN, EditDefinition("domain", "d", "/domain[", "x", (("a", "b"),)), id="no place at all"),
        pytest.param(DOMAIN, EditDefinition("domain", "d", "count(//mac)", "x", (("a", "b"),)), id="a number"),
        pytest.param("<domain>", BRIDGE, id="not XML"),
        pytest.param("", BRIDGE, id="nothing"),
        pytest.param(f"{NETWORK[:9]}{chr(0xDC80)}{NETWORK[9:]}", BRIDGE, id="no UTF-8"),
    ],
)
def test_what_cannot_be_edited_is_refused(text: str, edit: EditDefinition) -> None:
    with pytest.raises(DefinitionError):
        edited(text, edit)
    with pytest.raises(DefinitionError):
        values(text, edit)


ENTITIES = "<!DOCTYPE n [<!ENTITY e SYSTEM 'file:///etc/hostname'><!ENTITY f '<y/><bridge name=\"b\"/>'>]>"


def test_no_entity_is_resolved() -> None:
    text = f"{ENTITIES}<network><x>&e;&f;</x><bridge name='a'/></network>"
    assert edited(text, BRIDGE) == text.replace("'a'", "'a' delay='2'")


def test_what_is_there_now() -> None:
    wished = EditDefinition("network", "lab", "/network", "bridge", (("delay", "2"), ("zone", "home")))
    assert values(NETWORK, wished) == ("15", None)
    assert values(DOMAIN, nic("52:54:00:0d:0d:02", "qemu")) == (None,)


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]), max_size=8)


@given(before=WORDS, wished=WORDS, beside=WORDS, text=WORDS)
def test_any_value_is_read_again_as_it_was_written(before: str, wished: str, beside: str, text: str) -> None:
    """Whatever stands before the place, as bytes and as quotes; and what is beside the value is not touched."""
    whole = (
        f"<network a={quoteattr(beside)}><!-- {text.replace('-', '')} --><description>{_plain(text)}</description>"
        f"<bridge name={quoteattr(beside)} delay={quoteattr(before)} stp={quoteattr(beside)}/></network>"
    )
    after = edited(whole, EditDefinition("network", "lab", "/network", "bridge", (("delay", wished),)))
    expected = whole.replace(f"delay={quoteattr(before)} stp", f"delay={quoteattr(wished)} stp")
    assert canonicalize(after) == canonicalize(expected)


def _plain(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
