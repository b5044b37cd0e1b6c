"""A saying: words that a program prints, what they mean, and which causes are likely behind them."""

import msgspec


class Saying(msgspec.Struct, frozen=True, kw_only=True):
    """`key`: its code, or the words by which it is known. `pattern`: a regular expression that finds it in a line.

    `speaker`: who says it. `causes`: names of pxedoctor's causes (checks). `decide`: the command that tells them
    apart; "" where nothing on the host does. `source`: where the words and their meaning are from.
    """

    key: str
    pattern: str
    speaker: str
    meaning: str
    source: str
    causes: tuple[str, ...] = ()
    decide: str = ""
    advice: str = ""


def line_of(speaker: str, pattern: str, meaning: str, causes: tuple[str, ...], decide: str, source: str = "") -> Saying:
    """What a line of a log says, in small or capital letters; `source` "": the speaker's log."""
    return Saying(
        key=speaker,
        pattern=f"(?i){pattern}",
        speaker=speaker,
        meaning=meaning,
        source=source or f"the log of {speaker}",
        causes=causes,
        decide=decide,
    )


# What most sayings are decided by. GUEST is for a person to fill in.
DIAGNOSE = "pxedoctor diagnose GUEST"
PROBE = "pxedoctor probe GUEST"
FETCH = "pxedoctor probe GUEST --fetch"
TRACE = "pxedoctor trace GUEST"

# Nobody answered: the guest's side first, then the way, then the server.
SILENCE = (
    "bridge-forward-delay",
    "stp-root-elsewhere",
    "network-inactive",
    "dhcp-server-dead",
    "libvirt-rules-missing",
    "host-firewall-drops-dhcp",
    "firewalld-zone-lost",
    "bridged-frames-hit-forward",
    "tap-without-bridge",
    "bridge-without-uplink",
    "vlan-filtering-drops-port",
    "port-not-forwarding",
    "dhcp-not-configured",
    "dhcp-pool-exhausted",
    "client-not-admitted",
    "dhcp-reply-dropped",
)
NO_FILE_NAME = ("boot-file-not-offered", "second-dhcp-server", "proxydhcp-unreachable", "http-boot-not-echoed")
NO_FILE = (
    "boot-server-unreachable",
    "host-firewall-drops-tftp",
    "tftp-through-nat-without-helper",
    "forwarded-boot-traffic-dropped",
    "ip-forwarding-off",
    "mtu-mismatch",
    "tftp-block-size-too-large",
)
