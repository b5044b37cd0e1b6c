"""What EDK2 (OVMF, AAVMF) prints: its own PXE-Exx, and its boot manager's words.

The PXE numbers and their words are those of UefiPxeBcDxe/PxeBcBoot.c PxeBcShowIp..., of which some mean something else
than in a BIOS ROM; UefiHttpBootDxe and BdsDxe for the others.
"""

from pxedoctor.report.words.saying import DIAGNOSE, FETCH, NO_FILE, NO_FILE_NAME, PROBE, SILENCE, Saying

_PXE = "edk2 NetworkPkg/UefiPxeBcDxe/PxeBcBoot.c"
_BDS = "edk2 MdeModulePkg/Universal/BdsDxe, OvmfPkg PlatformBootManagerLib"
_UEFI = "UEFI firmware (EDK2: OVMF, AAVMF)"
# Once the server is heard, but nothing in its offer can be used.
_NOT_VALID = (
    *SILENCE,
    "dhcp-reply-masqueraded",
    "boot-file-not-offered",
    "http-boot-not-echoed",
    "second-dhcp-server",
)


def _pxe(code: str, words: str, meaning: str, causes: tuple[str, ...] = (), decide: str = "") -> Saying:
    return Saying(
        key=f"PXE-{code} {words}",
        pattern=rf"(?i)\bPXE-{code}\b:?\s{{0,4}}{words}",
        speaker=_UEFI,
        meaning=meaning,
        source=_PXE,
        causes=causes,
        decide=decide,
    )


def _said(words: str, meaning: str, causes: tuple[str, ...], decide: str, source: str = _BDS) -> Saying:
    return Saying(
        key=words,
        pattern=f"(?i){words}",
        speaker=_UEFI,
        meaning=meaning,
        source=source,
        causes=causes,
        decide=decide,
    )


SAYINGS: tuple[Saying, ...] = (
    _pxe(
        "E05",
        "Buffer size is smaller",
        "the boot file is larger than the memory for it",
        ("boot-file-wrong-arch",),
        FETCH,
    ),
    _pxe("E07", "Network device error", "the NIC failed", ("tap-without-bridge",), DIAGNOSE),
    _pxe("E09", "Could not allocate", "there is too little memory in the guest"),
    _pxe(
        "E12", "Could not detect network", "the NIC sees no link", ("tap-without-bridge", "guest-has-no-nic"), DIAGNOSE
    ),
    _pxe("E16", "No valid offer", "no offer came in 60 s that this firmware takes", _NOT_VALID, PROBE),
    _pxe("E18", "Server response timeout", "an address came, and the file or its server did not", NO_FILE, FETCH),
    _pxe("E21", "Remote boot cancelled", "somebody pressed a key, or the download was cut off"),
    _pxe(
        "E22", "Client received ICMP error", "the server's host refuses the port", ("boot-server-unreachable",), FETCH
    ),
    _pxe("E23", "Client received TFTP error", "the TFTP server cannot give the file", ("boot-file-unreadable",), FETCH),
    _pxe("E53", "No boot filename", "an address was offered, and no boot file", NO_FILE_NAME, PROBE),
    _pxe("E55", "ProxyDHCP", "the proxy does not answer on port 4011", ("proxydhcp-unreachable",), PROBE),
    _pxe(
        "E99",
        "Unexpected network error",
        "something else than a boot file was fetched",
        ("boot-file-wrong-arch",),
        FETCH,
    ),
    Saying(
        key="PXE-E16",
        pattern=r"(?i)\bPXE-E16\b",
        speaker=_UEFI,
        meaning="no offer came in 60 s that this firmware takes",
        source=_PXE,
        causes=_NOT_VALID,
        decide=PROBE,
    ),
    Saying(
        key="PXE-E18",
        pattern=r"(?i)\bPXE-E18\b",
        speaker=_UEFI,
        meaning="an address came, and the file or its server did not",
        source=_PXE,
        causes=NO_FILE,
        decide=FETCH,
    ),
    Saying(
        key="PXE-E12",
        pattern=r"(?i)\bPXE-E12\b",
        speaker=_UEFI,
        meaning="the NIC sees no link",
        source=_PXE,
        causes=("link-down", "tap-without-bridge", "guest-has-no-nic"),
        decide=DIAGNOSE,
    ),
    Saying(
        key="PXE-E99",
        pattern=r"(?i)\bPXE-E99\b",
        speaker=_UEFI,
        meaning="something else than a boot file was fetched",
        source=_PXE,
        causes=("boot-file-wrong-arch", "boot-server-unreachable"),
        decide=FETCH,
    ),
    _said(
        "NBP filesize is 0 Bytes",
        "the boot file is empty, or is a script where an EFI program is wanted",
        ("boot-file-unreadable", "boot-file-wrong-arch"),
        FETCH,
        _PXE,
    ),
    _said(
        "Access Denied|Security Violation",
        "the firmware does not run the loader: Secure Boot knows no key for it",
        ("secure-boot-refuses-loader", "boot-file-wrong-arch"),
        FETCH,
    ),
    _said(
        "No bootable option or device was found",
        "every entry of the boot order failed, or none is for the network",
        ("netboot-not-in-boot-order", "uefi-without-rng", "nic-model-without-driver", "guest-has-no-nic", *SILENCE),
        DIAGNOSE,
    ),
    _said(
        "failed to load Boot[0-9A-F]{4}.{0,80}PXEv[46].{0,200}Not Found",
        "the network boot by this NIC failed; the PXE-E line before it says why",
        _NOT_VALID,
        PROBE,
    ),
    _said(
        "failed to load Boot[0-9A-F]{4}.{0,80}HTTPv[46]",
        "the boot over HTTP by this NIC failed; what is printed before it says why",
        (*_NOT_VALID, "host-firewall-drops-http-boot", "boot-server-unreachable", "boot-name-unresolvable"),
        FETCH,
        "edk2 MdeModulePkg/Universal/BdsDxe; NetworkPkg/HttpBootDxe",
    ),
    _said(
        "BdsDxe: failed to load",
        "an entry of the boot order failed: behind it stands which, and why. A disk that is Not Found is usual before "
        "an installation, and the next entry is tried",
        ("netboot-not-in-boot-order", "uefi-without-rng", "nic-model-without-driver"),
        DIAGNOSE,
    ),
    _said(
        "Could not retrieve NBP file size from HTTP server",
        "the HTTP server was not reached, or has no such file",
        ("host-firewall-drops-http-boot", "boot-server-unreachable", "boot-file-unreadable"),
        FETCH,
        "edk2 NetworkPkg/HttpBootDxe",
    ),
    _said(
        "Could not detect network connection",
        "the NIC sees no link",
        ("link-down", "tap-without-bridge", "guest-has-no-nic"),
        DIAGNOSE,
        "edk2 NetworkPkg/HttpBootDxe/HttpBootImpl.c",
    ),
    _said(
        r"Client Error: 4\d\d |Server Error: 5\d\d ",
        "the HTTP server was reached, and has no such file, or does not give it: the number is its own",
        ("boot-file-unreadable", "boot-server-unreachable"),
        FETCH,
        "edk2 NetworkPkg/HttpBootDxe/HttpBootSupport.c HttpBootPrintErrorMessage",
    ),
    _said(
        "Server response timeout",
        "over HTTP: no offer came that this firmware takes, or the HTTP server did not answer",
        (*_NOT_VALID, "host-firewall-drops-http-boot", "boot-server-unreachable"),
        FETCH,
        "edk2 NetworkPkg/HttpBootDxe",
    ),
    _said(
        r">>\s{0,2}Start (?:PXE|HTTP Boot) over IPv[46]",
        "it begins to ask; a minute may pass before the next line says how that ended",
        _NOT_VALID,
        PROBE,
        _PXE,
    ),
)
