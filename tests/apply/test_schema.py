"""What libvirt's own schema says of an edited definition: the real virt-xml-validate, and where it is not there."""

import os
from pathlib import Path

import pytest

from pxedoctor.apply.error import NotGrantedError
from pxedoctor.apply.schema import judged
from pxedoctor.plans.definition_text import edited
from pxedoctor.plans.request import EditDefinition

# As libvirt 9.0.0 prints it (virsh net-dumpxml --inactive default).
NETWORK = """<network>
  <name>default</name>
  <uuid>6b1a5c0e-6a1f-4c3a-9d70-8a7a2a6e1c01</uuid>
  <forward mode='nat'/>
  <bridge name='virbr0' stp='on' delay='15'/>
  <mac address='52:54:00:0d:0d:fe'/>
  <ip address='192.168.122.1' netmask='255.255.255.0'>
    <dhcp>
      <range start='192.168.122.2' end='192.168.122.254'/>
    </dhcp>
  </ip>
</network>
"""
DOMAIN = """<domain type='kvm'>
  <name>web01</name>
  <memory unit='KiB'>262144</memory>
  <os>
    <type arch='x86_64' machine='pc-i440fx-7.2'>hvm</type>
  </os>
  <devices>
    <interface type='network'>
      <mac address='52:54:00:0d:0d:01'/>
      <source network='default'/>
      <model type='virtio'/>
    </interface>
    <graphics type='vnc' port='-1' passwd='hunter2'/>
  </devices>
</domain>
"""
NIC = "/domain/devices/interface[mac/@address='52:54:00:0d:0d:01']"


def bridge(**attributes: str) -> EditDefinition:
    return EditDefinition("network", "default", "/network", "bridge", tuple(attributes.items()))


def nic(child: str, **attributes: str) -> EditDefinition:
    return EditDefinition("domain", "web01", NIC, child, tuple(attributes.items()))


@pytest.mark.parametrize(
    "edit",
    [
        bridge(delay="2"),
        nic("driver", name="qemu"),
        nic("mtu", size="1500"),
        nic("boot", order="2"),
        EditDefinition(
            "domain",
            "web01",
            "/domain/devices",
            "rng",
            (("model", "virtio"),),
            inside="<backend model='random'>/dev/urandom</backend>",
        ),
    ],
    ids=lambda edit: edit.child,
)
def test_what_pxedoctor_writes_is_valid(edit: EditDefinition) -> None:
    before = NETWORK if edit.document == "network" else DOMAIN
    assert judged(edit.document, before, edited(before, edit)) == ""


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        pytest.param(bridge(delay="soon"), "Extra element bridge", id="a value"),
        pytest.param(bridge(forward_delay="2"), "Extra element bridge", id="left out by libvirtd"),
        pytest.param(nic("driver", name="quick"), "Extra element devices", id="of a guest"),
    ],
)
def test_what_is_broken_is_refused_and_no_secret_is_said(edit: EditDefinition, words: str) -> None:
    before = NETWORK if edit.document == "network" else DOMAIN
    with pytest.raises(
        NotGrantedError, match=f"does not accept the {edit.document} with the change: .*{words}"
    ) as told:
        judged(edit.document, before, edited(before, edit))
    assert "hunter2" not in str(told.value)


def test_what_was_not_valid_before_says_nothing_of_the_change() -> None:
    theirs = NETWORK.replace("<name>", "<of-our-own/><name>")
    said = judged("network", theirs, edited(theirs, bridge(delay="2")))
    assert said.endswith("as it was before either: libvirtd alone has judged the change")


@pytest.fixture
def only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH with nothing in it but what a test puts there."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def test_where_it_is_not_installed_that_is_said(only: Path) -> None:
    assert not list(only.iterdir())
    said = judged("network", NETWORK, edited(NETWORK, bridge(delay="soon")))
    assert said == "virt-xml-validate is not installed: libvirtd alone has judged the change"


def test_nor_where_it_cannot_be_run(only: Path) -> None:
    (only / "virt-xml-validate").touch(mode=0o755)
    said = judged("network", NETWORK, NETWORK)
    assert "could not judge it (virt-xml-validate: " in said


def test_nor_where_what_it_calls_is_not(only: Path) -> None:
    """Debian's libvirt-clients does not ask for libxml2-utils, which has xmllint."""
    for name in ("virt-xml-validate", "sh", "mktemp", "cat", "rm"):
        (only / name).symlink_to(next(path for path in (f"/usr/bin/{name}", f"/bin/{name}") if os.path.exists(path)))
    said = judged("network", NETWORK, edited(NETWORK, bridge(delay="soon")))
    assert "xmllint: not found" in said
    assert said.endswith("libvirtd alone has judged the change")
