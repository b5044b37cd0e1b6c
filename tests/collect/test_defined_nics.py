"""A running guest's NICs, and those that its next full start will take."""

from pxedoctor.access.answer import Answer, Text
from pxedoctor.collect import domains
from pxedoctor.model.libvirt import Domain

DEFINED = "/etc/libvirt/qemu"
LIVE = "/run/libvirt/qemu"


def xml(driver: str = "", kind: str = "kvm") -> str:
    interface = f"<interface type='bridge'><mac address='52:54:00:0d:0d:01'/><source bridge='br0'/>{driver}</interface>"
    return f"<domain type='{kind}'><name>web01</name><uuid>u</uuid><devices>{interface}</devices></domain>"


def parsed(defined: str | None, live: str | None) -> Domain:
    answers: dict[str, Answer] = {
        f"list {DEFINED}": Text("web01.xml" if defined else ""),
        f"list {LIVE}": Text("web01.xml" if live else ""),
        f"read {DEFINED}/web01.xml": Text(defined or ""),
        f"read {LIVE}/web01.xml": Text(f"<domstatus state='running'>{live}</domstatus>"),
    }
    found = domains.parse(answers)
    assert isinstance(found, tuple)
    (domain,) = found
    assert isinstance(domain, Domain)
    return domain


def test_a_change_that_waits_for_the_next_start_is_seen() -> None:
    domain = parsed(xml("<driver name='qemu'/>"), xml())
    assert [nic.driver for nic in domain.nics] == [""]
    assert [nic.driver for nic in domain.defined_nics] == ["qemu"]


def test_a_guest_that_is_off_has_its_definition_alone() -> None:
    domain = parsed(xml("<driver name='vhost'/>"), None)
    assert ([nic.driver for nic in domain.nics], domain.defined_nics) == (["vhost"], ())


def test_a_transient_guest_has_no_definition() -> None:
    domain = parsed(None, xml())
    assert (domain.persistent, domain.defined_nics) == (False, ())


def test_emulated_or_not() -> None:
    assert parsed(xml(kind="qemu"), None).hypervisor == "qemu"
