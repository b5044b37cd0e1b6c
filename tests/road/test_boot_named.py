"""Which boot file a dnsmasq's settings name for a client: tags first, the last line of several, menus of PXE's."""

import pytest

from builders import network, target
from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.model.process import Process
from pxedoctor.road.answering import Server, ServerKind
from pxedoctor.road.boot_named import Named, named, named_for, url_by_name
from pxedoctor.road.boot_tags import Asker, asker

IPXE, UEFI, ROM = asker("ipxe", 0), asker("ovmf", 7), asker("intel-pxe", 0)
CHAIN = ("dhcp-match=set:ipxe,175", "dhcp-boot=tag:ipxe,boot.ipxe", "dhcp-boot=undionly.kpxe")


def file(client: Asker, *lines: str) -> str | None:
    """The file it is named; None for none. A file that nobody can tell is an error."""
    one = network(server_options=lines)
    server = Server(kind=ServerKind.UDP, why="", program="dnsmasq", network=one)
    found = named_for(Host(), target(bridge="virbr0"), server, client)
    assert not isinstance(found, Missing), found.why
    return found.file if found is not None else None


def test_ipxe_gets_its_script_and_a_rom_gets_ipxe() -> None:
    assert file(IPXE, *CHAIN) == "boot.ipxe"
    assert file(ROM, *CHAIN) == "undionly.kpxe"


@pytest.mark.parametrize(
    "line",
    [
        "dhcp-match=set:efi,option:client-arch,7",
        "dhcp-match=set:efi,93,7",
        "dhcp-vendorclass=set:efi,PXEClient:Arch:00007",
        "dhcp-vendorclass=efi,PXEClient:Arch:00007",
    ],
)
def test_a_file_for_each_architecture(line: str) -> None:
    lines = (line, "dhcp-boot=tag:efi,boot.efi", "dhcp-boot=tag:!efi,boot.0")
    assert (file(UEFI, *lines), file(ROM, *lines)) == ("boot.efi", "boot.0")


def test_of_several_without_a_tag_the_last() -> None:
    assert file(ROM, "dhcp-boot=first.0", "dhcp-boot=last.0") == "last.0"


def test_a_menu_is_for_its_system_alone() -> None:
    lines = ('pxe-service=x86PC,"Install",pxelinux',)
    assert (file(ROM, *lines), file(UEFI, *lines)) == ("pxelinux", None)


def test_the_server_is_the_third_word() -> None:
    one = network(server_options=("dhcp-boot=boot.0,pxe,192.168.122.9",))
    server = Server(kind=ServerKind.UDP, why="", program="dnsmasq", network=one)
    found = named(Host(), target(bridge="virbr0"), server)
    assert isinstance(found, Named)
    assert (found.file, found.server, found.value) == ("boot.0", "192.168.122.9", "dhcp-boot=boot.0,pxe,192.168.122.9")


@pytest.mark.parametrize(
    "lines",
    [
        ("dhcp-mac=set:here,52:54:*:*:*:*", "dhcp-boot=tag:here,boot.0"),
        ("dhcp-boot=tag:known,boot.0",),
        ("dhcp-match=set:x,97", "dhcp-boot=tag:x,boot.0"),
    ],
    ids=["by its MAC", "known hosts", "an option that is not modelled"],
)
def test_what_nobody_can_tell(lines: tuple[str, ...]) -> None:
    one = network(server_options=lines)
    server = Server(kind=ServerKind.UDP, why="", program="dnsmasq", network=one)
    assert isinstance(named_for(Host(), target(bridge="virbr0"), server, ROM), Missing)


def test_another_program_is_not_read() -> None:
    server = Server(kind=ServerKind.RAW, why="", program="dhcpd", pid=5)
    assert isinstance(named(Host(), target(), server), Missing)


def test_what_a_relay_hands_on_is_not_in_its_settings() -> None:
    relay = Process(pid=7, parent=1, state="S", name="dnsmasq", command="dnsmasq --dhcp-relay=10.0.0.1,192.0.2.9")
    server = Server(kind=ServerKind.UDP, why="", program="dnsmasq", pid=7)
    told = named(Host(processes=(relay,)), target(), server)
    assert isinstance(told, Missing)
    assert "relays" in told.why


def test_the_name_in_a_url() -> None:
    assert url_by_name("http://deploy.lab:8080/x") == "deploy.lab"
    assert [url_by_name(file) for file in ("http://192.0.2.9/x", "http://[2001:db8::9]/x", "boot.0", "http://[/x")] == [
        ""
    ] * 4
