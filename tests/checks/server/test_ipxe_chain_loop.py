"""ipxe-chain-loop: who is handed iPXE, and what that iPXE is handed."""

import pytest

from boot_hosts import LOADER, SCRIPT, UNDIONLY, efi, known, names, served, web01
from builders import finding, network, probed, with_probes
from pxedoctor.checks.server import ipxe_chain_loop as check
from pxedoctor.findings.outcome import Broken, Fine, NotApplicable, Unknown
from pxedoctor.model.libvirt import Network
from pxedoctor.model.observation import SeenFetch
from pxedoctor.plans.plan import NoPlan

IPXE_EFI = efi(ipxe=True)
BOTH = (served("undionly.kpxe", UNDIONLY), served("boot.ipxe", SCRIPT), served("ipxe.efi", IPXE_EFI))
SERVES = ("enable-tftp", "tftp-root=/srv/tftp")
TOLD_APART = network(
    server_options=(*SERVES, "dhcp-match=set:ipxe,175", "dhcp-boot=tag:ipxe,boot.ipxe", "dhcp-boot=undionly.kpxe")
)
EFI_APART = network(
    server_options=(*SERVES, "dhcp-match=set:ipxe,175", "dhcp-boot=tag:ipxe,boot.ipxe", "dhcp-boot=ipxe.efi")
)


def test_qemus_own_rom_is_ipxe_already() -> None:
    found = check.check(known(names("undionly.kpxe"), *BOTH), web01("ipxe"))
    assert isinstance(found, Broken)
    assert (found.severity, found.certainty) == ("broken", "likely")


def test_a_rom_loads_ipxe_and_that_loads_it_again() -> None:
    found = check.check(known(names("undionly.kpxe"), *BOTH), web01("intel-pxe"))
    assert isinstance(found, Broken)
    assert "that iPXE is handed" in found.evidence[1].text
    uefi = check.check(known(names("ipxe.efi"), *BOTH, firmware="efi"), web01("ovmf"))
    assert isinstance(uefi, Broken)


@pytest.mark.parametrize(("one", "client"), [(TOLD_APART, "ipxe"), (TOLD_APART, "intel-pxe"), (EFI_APART, "ovmf")])
def test_who_is_told_apart(one: Network, client: str) -> None:
    files = (*BOTH, served("boot.0", LOADER))
    firmware = "efi" if client == "ovmf" else "bios"
    found = check.check(known(one, *files, firmware=firmware), web01(client))
    assert isinstance(found, Fine)


def test_a_program_that_nobody_can_tell() -> None:
    facts = known(names(), served("boot.0", LOADER))
    assert isinstance(check.check(facts, web01()), Unknown)


def test_a_tag_that_nobody_can_tell() -> None:
    one = network(server_options=(*SERVES, "dhcp-boot=tag:known,boot.ipxe", "dhcp-boot=undionly.kpxe"))
    assert isinstance(check.check(known(one, *BOTH), web01()), Unknown)


def test_a_probe_as_ipxe_was_handed_ipxe() -> None:
    url = "tftp://203.0.113.9/undionly.kpxe"
    fetch = SeenFetch(at=1, seconds=0.1, url=url, outcome="fetched", why="", received=96, first=UNDIONLY)
    facts = known(names("undionly.kpxe", "203.0.113.9"))
    assert isinstance(check.check(facts, web01()), NotApplicable)
    found = check.check(with_probes(facts, probed(fetch=True, fetches=(fetch,))), web01())
    assert isinstance(found, Broken)


def test_not_from_the_network() -> None:
    facts = known(names("undionly.kpxe"), *BOTH, boot=("hd",))
    assert isinstance(check.check(facts, web01()), NotApplicable)


def test_there_is_no_plan() -> None:
    facts = known(names("undionly.kpxe"), *BOTH)
    assert isinstance(check.plan(finding(check, check.check(facts, web01())), facts), NoPlan)
