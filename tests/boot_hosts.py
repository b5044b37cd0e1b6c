"""Hosts that serve a boot file, as tests want them: a network of libvirt, its dnsmasq, the file itself."""

import msgspec

from builders import bridge, domain, facts, network, nic, port, target
from pxedoctor.model.boot_file import BootFile, Entry, Kind
from pxedoctor.model.libvirt import Network
from pxedoctor.model.process import Process
from pxedoctor.model.target import Facts, Target

ROOT = "/srv/tftp"
LOADER = b"\xfa\xfc\x31\xc0" + bytes(60)
UNDIONLY = b"\x66\x68LRET" + bytes(90)
SCRIPT = b"#!ipxe\nchain boot.0\n"
NOBODY = Process(
    pid=100, parent=1, state="S", name="dnsmasq", command="dnsmasq --conf-file=/x/libvirt/", uid=65534, gids=(65534,)
)


def efi(machine: int = 0x8664, ipxe: bool = False) -> bytes:
    """The header of an EFI program (PE/COFF 2.3 to 2.4); iPXE's tool leaves its own date and linker version."""
    content = bytearray(512)
    content[0:2], content[0x3C:0x40] = b"MZ", (0x80).to_bytes(4, "little")
    content[0x80:0x86] = b"PE\0\0" + machine.to_bytes(2, "little")
    content[0x98:0x9A] = (0x20B).to_bytes(2, "little")
    content[0x98 + 68 : 0x98 + 70] = (10).to_bytes(2, "little")
    if ipxe:
        content[0x88:0x8C] = (0x10D1A884).to_bytes(4, "little")
        content[0x9A:0x9C] = b"\x2a\x2a"
    return bytes(content)


def entry(path: str, mode: int, kind: Kind = "folder") -> Entry:
    return Entry(path=path, kind=kind, mode=mode, uid=0, gid=0)


def served(name: str, content: bytes) -> BootFile:
    path = f"{ROOT}/{name}"
    way = (entry("/", 0o755), entry(ROOT, 0o755), entry(path, 0o644, "file"))
    return BootFile(path=path, real=path, entries=way, size=len(content), first=content)


def names(file: str = "boot.0", server: str = "", root: str = ROOT, **changes: object) -> Network:
    """libvirt's network `default`, which serves a root and names a file."""
    subnet = msgspec.structs.replace(network().subnets[0], tftp_root=root, boot_file=file, boot_server=server)
    return network(**({"subnets": (subnet,)} | changes))


def known(one: Network, *files: BootFile, **guest: object) -> Facts:
    """`guest`: what web01 has besides, as `firmware` and `boot`."""
    return facts(
        bridges=(bridge("virbr0", ports=(port("vnet0"),)),),
        networks=(one,),
        domains=(domain(nic(kind="network", source="default"), **guest),),
        processes=(NOBODY,),
        boot_files=files,
    )


def web01(client: str | None = "ipxe") -> Target:
    return target(client, bridge="virbr0", network="default")
