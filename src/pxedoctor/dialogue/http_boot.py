"""HTTP boot: which URL a lease leads to, and what it takes to get there (UEFI 2.10 section 24.7, RFC 5970 section 3.1).

edk2 NetworkPkg/HttpBootDxe: HttpBootDhcp4.c takes option 67, else the field file, HttpBootDhcp6.c option 59; a URL
whose host is a name counts only beside a DNS server (HttpBootSelectDhcpOffer); HttpBootSupport.c
HttpBootCheckUriScheme knows http and https. A proxy's URL counts where the lease itself has none.
"""

from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

import msgspec

from pxedoctor.dialogue.dhcp4_offer import boot_file, said, vendor_class
from pxedoctor.dialogue.dhcp4_state import Offer
from pxedoctor.wire.dhcp4 import Dhcp4
from pxedoctor.wire.dhcp4_known import DNS_SERVERS
from pxedoctor.wire.dhcp6 import Dhcp6
from pxedoctor.wire.dhcp6_known import BOOT_FILE_URL, VENDOR_CLASSES
from pxedoctor.wire.dhcp6_known import DNS_SERVERS as DNS_SERVERS6
from pxedoctor.wire.error import WireError

HTTP_CLIENT = "HTTPClient"

_PORTS = {"http": 80, "https": 443}
_LONGEST_URL = 2048


class HttpSource(msgspec.Struct, frozen=True, kw_only=True):
    """Where a boot file is. `address` None: `host` is a name, which one of `dns` has to know."""

    url: str
    host: str
    port: int
    address: IPv4Address | IPv6Address | None
    dns: tuple[IPv4Address | IPv6Address, ...] = ()


def located(url: str, dns: tuple[IPv4Address | IPv6Address, ...] = ()) -> HttpSource | str:
    """Where the URL leads; else why it leads nowhere by HTTP, in words for a person."""
    if not url:
        return "no URL was offered"
    if len(url) > _LONGEST_URL:
        return f"the URL has {len(url)} characters"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        return f"{url!r} is no URL: {error}"
    if parts.scheme not in _PORTS or not host:
        return f"{url!r} is no URL that begins with http:// or https://"
    address = _address(host)
    if address is None and not dns:
        return f"{host!r} is a name, and no DNS server was offered that could know it"
    return HttpSource(url=url, host=host, port=port or _PORTS[parts.scheme], address=address, dns=dns)


def source4(lease: Dhcp4, proxies: tuple[Offer, ...] = ()) -> HttpSource | str:
    """As `located`, of an ACK (or OFFER), or of a proxy's offer for HTTP beside it."""
    dns = said(DNS_SERVERS, lease.options) or ()
    candidates = (lease, *(proxy.message for proxy in proxies))
    echoed = [message for message in candidates if vendor_class(message.options).startswith(HTTP_CLIENT)]
    if not echoed:
        return f"nobody answered as a server for {HTTP_CLIENT}: option 60 is missing or another one"
    return located(boot_file(echoed[0]), dns)


def source6(reply: Dhcp6) -> HttpSource | str:
    """As `located`, of a REPLY or an ADVERTISE; it too has to say that it is for HTTP, in option 16."""
    if not echoes6(reply, HTTP_CLIENT.encode()):
        return f"the server does not answer as one for {HTTP_CLIENT}: option 16 is missing or another one"
    try:
        url, dns = BOOT_FILE_URL.find(reply.options), DNS_SERVERS6.find(reply.options)
    except WireError as error:
        return str(error)
    return located(url or "", dns or ())


def echoes6(message: Dhcp6, vendor_class: bytes) -> bool:
    """Whether option 16 of an answer begins with this; b"" is always there (HttpBootParseDhcp6Packet)."""
    if not vendor_class:
        return True
    try:
        told = VENDOR_CLASSES.find(message.options)
    except WireError:
        return False
    return bool(told and told.classes and told.classes[0].startswith(vendor_class))


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None
