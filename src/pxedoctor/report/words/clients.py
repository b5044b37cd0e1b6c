"""What loaders and operating systems in the guest say when nobody answers them."""

from pxedoctor.report.words.saying import DIAGNOSE, FETCH, NO_FILE, PROBE, SILENCE, Saying
from pxedoctor.report.words.saying import line_of as _line

_GRUB, _SYSTEM = "GRUB", "a DHCP client"

SAYINGS: tuple[Saying, ...] = (
    _line(
        _GRUB,
        "couldn't send network packet",
        "the driver of the NIC, the firmware's or GRUB's, did not get rid of a packet: it never left the guest",
        ("link-down", "nic-model-without-driver"),
        DIAGNOSE,
        "grub-core/net/drivers (efi/efinet.c: 4 s, i386/pc/pxe.c)",
    ),
    _line(
        _GRUB,
        "timeout reading [`']|time out opening [`']",
        "the file was asked for, and its data did not come, or ceased to",
        NO_FILE,
        FETCH,
        "grub-core/net/net.c, net/tftp.c",
    ),
    _line(
        _GRUB,
        "no server is specified",
        "GRUB was told no server: neither by what loaded it nor by DHCP",
        ("boot-file-not-offered", "second-dhcp-server"),
        PROBE,
        "grub-core/net/net.c",
    ),
    _line(
        _GRUB,
        "no DHCP (?:options|info) found|timeout: could not resolve hardware address|couldn't autoconfigure",
        "GRUB's own network got no answer",
        ("bridge-forward-delay", "boot-server-unreachable"),
        PROBE,
        "grub-core/net/bootp.c, net/arp.c",
    ),
    _line(
        _GRUB,
        r"you need to load the kernel first",
        "the kernel was not fetched; the line before it says why",
        NO_FILE,
        FETCH,
        "grub-core/loader",
    ),
    _line(
        "U-Boot",
        r"Retry (?:count|time) exceeded; starting again",
        "nobody answered",
        SILENCE,
        PROBE,
        "U-Boot net/bootp.c, net/net.c",
    ),
    _line(
        _SYSTEM,
        "udhcpc.{0,40}(?:no lease, failing|(?:sending|broadcasting) discover)|No DHCPOFFERS received|"
        r"dhcp4 \(\S{1,20}\): request timed out",
        "it asks for an address, and nobody has answered",
        SILENCE,
        PROBE,
        "busybox networking/udhcp/dhcpc.c; ISC dhcp client/dhclient.c; NetworkManager src/core/dhcp",
    ),
    _line(
        _SYSTEM,
        r"bad udp (?:cksum|checksums? in)",
        "an answer has a checksum that nobody filled. Where tcpdump saw it on the host, that alone means nothing: the "
        "guest's driver may take it so",
        ("dhcp-reply-checksum-unfilled",),
        PROBE,
        "ISC dhcp common/packet.c; tcpdump print-udp.c",
    ),
)
