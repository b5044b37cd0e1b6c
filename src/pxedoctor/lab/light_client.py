"""The real DHCP clients that run behind a light guest's NIC, and what it does with the lease: a fetch with curl.

None of them configures the NIC (its script is /bin/true), except where the guest fetches something afterwards: then
the script of udhcpc, or of dhclient over IPv6, gives the NIC its address. One that boots introduces itself as a
firmware does, and fetches what it is offered.
"""

import shutil
from pathlib import Path

_LEASES = "/tmp/light.leases"
# dhcpcd remembers a lease here and asks for it again.
_DHCPCD_STATE = "/var/lib/dhcpcd"
_SCRIPT = "/tmp/light.script"
_FETCH_SECONDS = 8
# What a booting client was offered: the server's address, the file.
_OFFERED = "/tmp/light.offered"
# Whom it may ask for names: the DNS servers of its lease, and nobody else.
RESOLVERS = "/tmp/light.resolv"

# udhcpc(8) calls it with its event as the word, and the lease in the environment.
_CONFIGURE = """\
#!/bin/sh
[ "$1" = bound ] || exit 0
ip address add "$ip/$mask" dev "$interface"
[ -z "$router" ] || ip route add default via "$router"
for server in $dns; do echo "nameserver $server"; done > /tmp/light.resolv
printf '%s\\n' "$siaddr" "${bootfile:-$boot_file}" "$vendor" > /tmp/light.offered
"""

# dhclient-script(8). The server is on the link: no router is asked for a prefix.
_CONFIGURE6 = """\
#!/bin/sh
[ "$reason" = BOUND6 ] || exit 0
ip -6 address add "$new_ip6_address/64" dev "$interface" nodad
"""

# What firmware says of itself in options 60, 93, 77 and 175: iPXE of a BIOS guest, a PXE ROM, UEFI's PXE
# on x86-64, and its HTTP boot.
_INTRODUCED = {
    "ipxe": ("PXEClient:Arch:00000:UNDI:002001", "0x5d:0000", "0x4d:69505845", "0xaf:130101"),
    "pxe": ("PXEClient:Arch:00000:UNDI:002001", "0x5d:0000"),
    "uefi": ("PXEClient:Arch:00007:UNDI:003000", "0x5d:0007"),
    "http": ("HTTPClient:Arch:00016:UNDI:003000", "0x5d:0010"),
}
# How option 60 begins that HTTP boot demands.
_MARK = "HTTPClient"
FIRMWARE = tuple(_INTRODUCED)

_DHCLIENT = ["-1", "-d", "-v", "-sf", "/bin/true", "-lf", _LEASES, "-pf", "/tmp/light.pid", "eth0"]
# --ipv4only --broadcast --oneshot --nobackground --noarp --noipv4ll --timeout --config --script (dhcpcd(8))
_DHCPCD = ["-4", "-J", "-1", "-B", "-A", "-L", "-t", "8", "-f", "/dev/null", "-c", "/bin/true", "eth0"]

_CLIENTS = {
    # DISCOVER at 0, 2, 4 and 6 s; gives up at 8 s: close to iPXE's 0, 1, 3, 7.
    "udhcpc": ["busybox", "udhcpc", "-n", "-q", "-f", "-i", "eth0", "-t", "4", "-T", "2"],
    # For whoever needs no more than a question that is lost.
    "udhcpc-brief": ["busybox", "udhcpc", "-n", "-q", "-f", "-i", "eth0", "-t", "1", "-T", "1"],
    # -a: it asks by ARP who has the address, and declines it where somebody answers; begins anew after 1 s.
    "udhcpc-arp": ["busybox", "udhcpc", "-n", "-q", "-f", "-i", "eth0", "-t", "4", "-T", "2", "-a", "-A", "1"],
    # A raw-socket client that verifies UDP sums itself (common/packet.c); -1: one try, then exit 2.
    "dhclient": ["dhclient", "-4", *_DHCLIENT],
    # SOLICIT from the link-local address.
    "dhclient6": ["dhclient", "-6", *_DHCLIENT],
    # It asks for broadcast replies, as EDK2 does; unlike EDK2 it takes them from any port.
    "dhcpcd": ["dhcpcd", *_DHCPCD],
}
NAMES = tuple(_CLIENTS)

# How long a client may take, where it does not give up by itself.
SECONDS = {
    "udhcpc": 30.0,
    "udhcpc-brief": 10.0,
    "udhcpc-arp": 12.0,
    "dhclient": 30.0,
    "dhclient6": 10.0,
    "dhcpcd": 12.0,
}

_SUCCESS = ("obtained", "bound to", "Bound to lease", "leased ")
# dhclient in the foreground stays with its lease; a try is over once it has one.
STAYS_WITH = (b"bound to", b"Bound to lease")


def forget() -> None:
    """A cold start: dhclient falls back on a lease it remembers where no offer comes, and dhcpcd asks for its last."""
    Path(_LEASES).unlink(missing_ok=True)
    shutil.rmtree(_DHCPCD_STATE, ignore_errors=True)


def command(name: str, fetches: bool) -> list[str]:
    """The client's argv; writes the script that configures the NIC where something is fetched afterwards."""
    if not name.startswith("udhcpc") and not (fetches and name == "dhclient6"):
        return _CLIENTS[name]
    if not fetches:
        return [*_CLIENTS[name], "-s", "/bin/true"]
    script = Path(_SCRIPT)
    script.write_text(_CONFIGURE if name.startswith("udhcpc") else _CONFIGURE6, encoding="ascii")
    script.chmod(0o755)
    if name == "dhclient6":
        return [_SCRIPT if word == "/bin/true" else word for word in _CLIENTS[name]]
    return [*_CLIENTS[name], "-s", _SCRIPT]


def boot_command(firmware: str) -> list[str]:
    """udhcpc, which introduces itself as this firmware and asks for what it fetches; -O: options 66, 67 and 60."""
    Path(_OFFERED).unlink(missing_ok=True)
    vendor, *options = _INTRODUCED[firmware]
    words = ["-V", vendor, "-O", "tftp", "-O", "bootfile", "-O", "60"]
    return [*command("udhcpc", fetches=True), *words, *(word for option in options for word in ("-x", option))]


def offered(firmware: str) -> str:
    """The URL of what was offered; "" where no file was, no server for one that is no URL itself, or what firmware
    drops: HTTP boot takes only URLs that are marked for it.
    """
    server, file, mark = [*Path(_OFFERED).read_text(encoding="utf-8").splitlines(), "", "", ""][:3]
    if firmware == "http" and not (file.startswith("http") and mark.startswith(_MARK)):
        return ""
    if file.startswith("http"):
        return file
    return f"tftp://{server}/{file}" if server and file else ""


def succeeded(said: str) -> bool:
    """A lease that was declined after its ACK is none."""
    declined = "declining" in said.rpartition("obtained")[2]
    return any(word in said for word in _SUCCESS) and not declined


def fetch(url: str, block_size: str) -> list[str]:
    """`url`: tftp://SERVER/FILE or http://SERVER/FILE. One try of 8 s; a TFTP client asks for it again meanwhile."""
    quiet = ["curl", "--silent", "--show-error", "--max-time", str(_FETCH_SECONDS), "--output", "/tmp/light.file"]
    return [*quiet, "--tftp-blksize", block_size, url]
