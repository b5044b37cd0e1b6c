"""PXE-Exx and PXE-Mxx of classic PXE ROMs (BIOS).

The numbers are the status codes of the PXE specification 2.1 (Intel, 1999), as iPXE's include/errno.h lists them
(PXENV_STATUS_*): 0x51 is printed as PXE-E51. EDK2 prints some of the numbers with other meanings: see `edk2`.
"""

from pxedoctor.report.words.saying import (
    DIAGNOSE,
    FETCH,
    NO_FILE,
    NO_FILE_NAME,
    PROBE,
    SILENCE,
    Saying,
)

_SOURCE = "PXE specification 2.1 status codes; iPXE include/errno.h PXENV_STATUS_*"
_ROM = "a PXE ROM (BIOS)"
_UNREADABLE = ("boot-file-unreadable",)


def _code(code: str, meaning: str, causes: tuple[str, ...] = (), decide: str = "", advice: str = "") -> Saying:
    return Saying(
        key=f"PXE-{code}",
        pattern=rf"(?i)\bPXE-{code}\b",
        speaker=_ROM,
        meaning=meaning,
        source=_SOURCE,
        causes=causes,
        decide=decide,
        advice=advice,
    )


_OWN = "the ROM itself, or the NIC's model: no host between guest and server has a part in it"
_MEMORY = "give the guest another NIC model (virtio), or its ROM another version"

SAYINGS: tuple[Saying, ...] = (
    _code("E00", f"there is not enough free memory below 640 KiB; {_OWN}", advice=_MEMORY),
    _code("E01", f"PCI ids of ROM and NIC do not match; {_OWN}", advice=_MEMORY),
    _code("E04", f"the NIC's PCI configuration cannot be read; {_OWN}", advice=_MEMORY),
    _code("E05", f"the sum of the NIC's EEPROM is wrong; {_OWN}", advice=_MEMORY),
    _code("E06", f"the option ROM does not fit this BIOS; {_OWN}", advice=_MEMORY),
    _code("E07", f"the BIOS lacks PCI services; {_OWN}", advice=_MEMORY),
    _code("E08", f"the loader met an API error; {_OWN}", advice=_MEMORY),
    _code("E09", f"the NIC's driver (UNDI) did not load; {_OWN}", advice=_MEMORY),
    _code("E11", "no answer to ARP for the server or the router", ("boot-server-unreachable", "mtu-mismatch"), FETCH),
    _code("E20", f"the ROM could not copy within memory; {_OWN}", advice=_MEMORY),
    _code("E21", "the boot file's signature is wrong (BIS)", advice="the guest checks signatures: sign the file"),
    _code("E22", "the boot file's credentials could not be checked (BIS)", advice="the guest checks signatures"),
    _code("E23", "the signature service of the ROM did not start (BIS)", advice="the guest checks signatures"),
    _code("E24", "the signature service of the ROM did not stop (BIS)", advice="the guest checks signatures"),
    _code("E25", "the signature service of the ROM gave no certificate (BIS)", advice="the guest checks signatures"),
    _code("E30", "no answer to ARP for the TFTP server", ("boot-server-unreachable", "ip-forwarding-off"), FETCH),
    _code("E31", "the TFTP server was not reached", NO_FILE, FETCH),
    _code("E32", "the TFTP server did not answer the request for the boot file in time", NO_FILE, FETCH),
    _code("E33", "the TFTP server answered what TFTP does not know", ("boot-server-unreachable",), FETCH),
    _code("E34", "the TFTP server sent more than was asked for", ("boot-server-unreachable",), FETCH),
    _code(
        "E35",
        "the TFTP server answered, and then its blocks no longer came",
        ("mtu-mismatch", "tftp-block-size-too-large", "tftp-through-nat-without-helper", "conntrack-table-full"),
        FETCH,
    ),
    _code("E36", "the TFTP server sent an error", _UNREADABLE, FETCH),
    _code("E37", "the TFTP server sent an unknown error", _UNREADABLE, FETCH),
    _code("E38", "the connection to the TFTP server could not be opened", NO_FILE, FETCH),
    _code("E39", "the TFTP server's data could not be read", ("mtu-mismatch", "tftp-block-size-too-large"), FETCH),
    _code("E3A", "the TFTP server sent too many packets", ("mtu-mismatch",), FETCH),
    _code("E3B", "the TFTP server has no such file", _UNREADABLE, FETCH),
    _code("E3C", "the TFTP server may not read the file", _UNREADABLE, FETCH),
    _code("E3D", "the server named no address for multicast TFTP", ("boot-file-not-offered",), FETCH),
    _code("E3E", "the TFTP server does not tell the size of the file", _UNREADABLE, FETCH),
    _code("E3F", "a TFTP packet has a size that it may not have", ("tftp-block-size-too-large",), FETCH),
    _code("E50", "the server took the address back while it was asked for", ("dhcp-nak-loop",), PROBE),
    _code("E51", "no DHCP or proxyDHCP offer came in time", SILENCE, DIAGNOSE),
    _code(
        "E52",
        "offers of a boot file came (proxyDHCP), and none with an address",
        ("dhcp-not-configured", "dhcp-server-dead", "dhcp-pool-exhausted", "client-not-admitted"),
        PROBE,
    ),
    _code("E53", "an address was offered, and no boot file", NO_FILE_NAME, PROBE),
    _code("E54", "the offered address cannot be one", ("dhcp-not-configured", "second-dhcp-server"), PROBE),
    _code(
        "E55",
        "the proxy or boot server does not answer on port 4011",
        ("proxydhcp-unreachable", "dhcp-port-taken"),
        PROBE,
    ),
    _code("E60", f"the NIC's driver (UNDI) refused a call; {_OWN}", advice=_MEMORY),
    _code(
        "E61",
        "the NIC sees no link",
        ("tap-without-bridge", "guest-has-no-nic"),
        DIAGNOSE,
        "in the guest's definition: is <link state='down'/> set?",
    ),
    _code("E62", f"the NIC could not be set up for multicast; {_OWN}", advice=_MEMORY),
    _code("E63", f"the NIC could not be started; {_OWN}", advice=_MEMORY),
    _code("E64", f"the NIC's PHY could not be started; {_OWN}", advice=_MEMORY),
    _code("E65", f"the NIC's configuration could not be read; {_OWN}", advice=_MEMORY),
    _code("E66", f"the NIC's start-up data could not be read; {_OWN}", advice=_MEMORY),
    _code("E67", "the NIC's MAC is none", ("guest-has-no-nic",), DIAGNOSE, "look at <mac address=...> of the guest"),
    _code("E68", f"the sum of the NIC's EEPROM is wrong; {_OWN}", advice=_MEMORY),
    _code("E69", f"the NIC's interrupt could not be set up; {_OWN}", advice=_MEMORY),
    _code("E6A", f"the NIC's driver is in a state that it may not be in; {_OWN}", advice=_MEMORY),
    _code("E6B", "the NIC could not send", ("tap-without-bridge",), DIAGNOSE),
    _code("E6C", f"the NIC's driver was called wrongly; {_OWN}", advice=_MEMORY),
    _code(
        "E74", "the boot menu's prompt came without a menu", ("boot-file-not-offered", "proxydhcp-unreachable"), PROBE
    ),
    _code("E76", "boot servers are to be found by multicast, and no address for it was named", NO_FILE_NAME, PROBE),
    _code("E77", "boot servers are to be found, and none was named", NO_FILE_NAME, PROBE),
    _code("E78", "no boot server answered", ("proxydhcp-unreachable", "boot-server-unreachable"), PROBE),
    _code("E79", "the boot file is larger than fits below 640 KiB", ("boot-file-wrong-arch",), FETCH),
    _code("E89", "the boot file could not be downloaded", NO_FILE, FETCH),
    _code("EA0", "somebody pressed a key", advice="nothing is wrong: the boot was cancelled at the keyboard"),
    _code("EA1", "no remote-installation server answered", ("proxydhcp-unreachable",), PROBE),
    _code("EC1", f"the base code of the ROM was not found; {_OWN}", advice=_MEMORY),
    _code("EC3", f"the base code of the ROM is damaged; {_OWN}", advice=_MEMORY),
    _code("EC4", f"the driver (UNDI) of the ROM was not found; {_OWN}", advice=_MEMORY),
    _code("EC6", f"the driver (UNDI) of the ROM is damaged; {_OWN}", advice=_MEMORY),
    _code("EC8", f"the structure !PXE was not found; {_OWN}", advice=_MEMORY),
    _code("EC9", f"the structure PXENV+ was not found; {_OWN}", advice=_MEMORY),
    _code(
        "T01",
        "the TFTP server's own words, error 1 of RFC 1350: it has no such file",
        _UNREADABLE,
        FETCH,
    ),
    _code("M0F", "the ROM leaves off; what it said before says why", SILENCE, DIAGNOSE),
)
