"""Offers through a client's eyes: refused or not, which one it takes, and when it goes on."""

from pxedoctor.dialogue.dhcp4_state import Conversation, Offer
from pxedoctor.dialogue.event import Heard
from pxedoctor.dialogue.profile import Choice, Profile, ProxyHabits, ProxySays, Refusal, Selection
from pxedoctor.wire import ipxe, pxe
from pxedoctor.wire.checksum import Verdict
from pxedoctor.wire.dhcp4 import SERVER_PORT, Dhcp4
from pxedoctor.wire.dhcp4_known import BOOT_FILE_NAME, IPXE, SERVER_IDENTIFIER, VENDOR_CLASS, VENDOR_SPECIFIC
from pxedoctor.wire.error import WireError
from pxedoctor.wire.options import Known, Option, Value

PXE_CLIENT = "PXEClient"
_CLASS_LENGTH = 9
# edk2 UefiPxeBcDxe/PxeBcDhcp4.h IS_VALID_DISCOVER_VENDOR_OPTION.
_DISCOVERY = range(6, 11)


def refused(profile: Profile, heard: Heard, message: Dhcp4) -> str:
    """By which rule this client drops the message; empty where it takes it."""
    for rule in profile.refuses:
        if _breaks(rule, profile, heard, message):
            return rule.value
    return ""


def is_proxy(message: Dhcp4) -> bool:
    """An offer of a ProxyDHCP server: no address, but PXE's class (PXE 2.1 section 2.2.3)."""
    return not int(message.yiaddr) and vendor_class(message.options).startswith(PXE_CLIENT)


def says_enough(habits: ProxyHabits, message: Dhcp4) -> bool:
    """Whether the client boots by this offer of a proxy's, and does not ask it on port 4011."""
    if habits.content_with is ProxySays.FILE:
        return has_boot_options(message)
    return any(option.code in _DISCOVERY for option in said(VENDOR_SPECIFIC, message.options) or ())


def has_boot_options(message: Dhcp4) -> bool:
    """A server and a file, or a menu."""
    inside = said(VENDOR_SPECIFIC, message.options) or ()
    menu = said(pxe.BOOT_MENU, inside)
    return bool(int(message.siaddr) and boot_file(message)) or bool(menu)


def boot_file(message: Dhcp4) -> str:
    """Option 67, else the field file (RFC 2132 section 9.5)."""
    return said(BOOT_FILE_NAME, message.options) or message.file_text


def vendor_class(options: tuple[Option, ...]) -> str:
    return said(VENDOR_CLASS, options) or ""


def said(known: Known[Value], options: tuple[Option, ...]) -> Value | None:
    """As `Known.find`; None also where it is malformed, as a client that cannot read it goes on without."""
    try:
        return known.find(options)
    except WireError:
        return None


def chosen(now: Conversation) -> Offer | None:
    """The offer that the client takes, of those it has; None where none of them will do."""
    if not now.offers:
        return None
    match now.asking.profile.choice:
        case Choice.FIRST:
            return now.offers[0]
        case Choice.PRIORITY:
            highest = max(_priority(offer.message) for offer in now.offers)
            return [offer for offer in now.offers if _priority(offer.message) == highest][-1]
        case Choice.BOOTABLE:
            return _bootable(now)


def goes_on(now: Conversation, at: float, *, timer: bool) -> bool:
    """Whether the client stops selecting now; `timer`: its timer has fired and a packet is due."""
    asking = now.asking
    if not now.offers or at < now.offers[0].at + asking.listens:
        return False
    match asking.profile.selection:
        case Selection.FIRST_OFFER:
            return True
        case Selection.NEXT_TIMER:
            return timer
        case Selection.PROXY:
            unwanted = any(_wants_no_proxy(offer.message) for offer in now.offers)
            return bool(now.proxies) or unwanted or at - now.entered > asking.profile.patience


def _breaks(rule: Refusal, profile: Profile, heard: Heard, message: Dhcp4) -> bool:
    match rule:
        case Refusal.CHECKSUM:
            return heard.checksum in (Verdict.BAD, Verdict.PARTIAL)
        case Refusal.SOURCE_PORT:
            return heard.datagram.source_port != SERVER_PORT
        case Refusal.CLASS_NOT_ECHOED:
            fixed = tuple(option for option in profile.discover_options if isinstance(option, Option))
            return vendor_class(message.options)[:_CLASS_LENGTH] != vendor_class(fixed)[:_CLASS_LENGTH]
        case Refusal.CLASS_NOT_ECHOED_6:
            # Of DHCPv6 alone: see dhcp6.
            return False
        case Refusal.NO_SERVER:
            return said(SERVER_IDENTIFIER, message.options) is None


def _bootable(now: Conversation) -> Offer | None:
    pxe_offers = [offer for offer in now.offers if vendor_class(offer.message.options).startswith(PXE_CLIENT)]
    for offer in (*pxe_offers, *(now.offers if now.proxies else ())):
        return offer
    return next((offer for offer in now.offers if boot_file(offer.message)), None)


def _priority(message: Dhcp4) -> int:
    inside = said(IPXE, message.options)
    value = said(ipxe.PRIORITY, inside) if inside else None
    # A signed byte there.
    return 0 if value is None else value - 256 * (value > 0x7F)


def _wants_no_proxy(message: Dhcp4) -> bool:
    inside = said(IPXE, message.options)
    return bool(inside and said(ipxe.NO_PXE_DHCP, inside))
