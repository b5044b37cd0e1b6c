"""Which boot file a lease leads its client to, and where from.

iPXE takes siaddr alone (src/usr/autoboot.c fetch_next_server_and_filename), OVMF option 66 where it is an address, then
siaddr, then the DHCP server (edk2 UefiPxeBcDxe/PxeBcDhcp4.c), others siaddr and then option 66. A proxy's answer counts
before the lease. A file name that is a URL says all by itself.
"""

from ipaddress import AddressValueError, IPv4Address, IPv6Address, ip_address
from urllib.parse import unquote, urlsplit

import msgspec

from pxedoctor.dialogue import dhcp4_offer
from pxedoctor.dialogue.dhcp4_state import Conversation
from pxedoctor.dialogue.profile import Profile
from pxedoctor.wire.dhcp4 import Dhcp4
from pxedoctor.wire.dhcp4_known import SERVER_IDENTIFIER, TFTP_SERVER_NAME

_TFTP = "tftp"
_HTTP = ("http", "https")


class BootFile(msgspec.Struct, frozen=True, kw_only=True):
    """`server` and `path` for TFTP; None and "" for HTTP. `why`: why it cannot be fetched, or "".

    `host`: the server's name, where TFTP's is named and not yet looked up.
    """

    url: str = ""
    server: IPv4Address | IPv6Address | None = None
    path: str = ""
    host: str = ""
    why: str = ""

    @property
    def is_http(self) -> bool:
        return self.url.lower().startswith(tuple(f"{scheme}:" for scheme in _HTTP))


def boot_file_of(now: Conversation) -> BootFile:
    """Of a conversation that has its lease."""
    messages = [offer.message for offer in reversed(now.proxies)] + ([now.lease] if now.lease else [])
    named = next((message for message in messages if dhcp4_offer.boot_file(message)), None)
    if named is None:
        return BootFile(why="no boot file was named: neither option 67 nor the field file")
    name = dhcp4_offer.boot_file(named)
    if "://" in name:
        return boot_file_of_url(name)
    server = _server(named, now.asking.profile)
    if isinstance(server, BootFile):
        url = f"tftp://{server.host}/{name}"
        return msgspec.structs.replace(server, url=url, path=name)
    return BootFile(url=f"tftp://{server}/{name}", server=server, path=name)


def boot_file_of_url(url: str) -> BootFile:
    """Of a name that is a URL, as DHCPv6's always is (RFC 5970 section 3.1)."""
    scheme = url.partition("://")[0].lower()
    if scheme in _HTTP:
        return BootFile(url=url)
    if scheme != _TFTP:
        return BootFile(url=url, why=f"the probe fetches by TFTP and HTTP, not by {scheme}")
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError as error:
        return BootFile(url=url, why=f"it is no URL: {error}")
    path = unquote(parts.path.removeprefix("/"))
    try:
        return BootFile(url=url, server=ip_address(host), path=path)
    except ValueError:
        return BootFile(url=url, host=host, path=path, why="" if host else "it names no server")


def at(file: BootFile, found: IPv4Address | IPv6Address | str) -> BootFile:
    """The file once its server's name has been looked up: `found` is its address, or why it has none."""
    if isinstance(found, str):
        return msgspec.structs.replace(file, why=found)
    return msgspec.structs.replace(file, server=found)


def _server(message: Dhcp4, profile: Profile) -> IPv4Address | BootFile:
    """The boot server of a message that names a file alone; else what is known: its name, or why there is none."""
    field = message.siaddr if int(message.siaddr) else None
    said = dhcp4_offer.said(TFTP_SERVER_NAME, message.options) or ""
    try:
        option = IPv4Address(said)
    except AddressValueError:
        option = None
    if profile.name.startswith("ipxe"):
        return field or BootFile(why="no next-server: siaddr is zero, and iPXE does not look at option 66")
    if profile.name.startswith("ovmf"):
        own = dhcp4_offer.said(SERVER_IDENTIFIER, message.options)
        why = "no boot server: siaddr is zero, and neither option 66 nor 54 is an address"
        return option or field or own or BootFile(why=why)
    if field is None and option is None and said:
        return BootFile(host=said)
    return field or option or BootFile(why="no boot server: siaddr is zero, and option 66 is missing")
