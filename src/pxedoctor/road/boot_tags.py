"""Which of its tags a dnsmasq sets for a client (dnsmasq(8): --dhcp-match, --dhcp-vendorclass, --dhcp-userclass).

A tag is set, is not, or nobody can tell: then a line of another kind sets it, e.g. --dhcp-host or --tag-if.
"""

import msgspec

from pxedoctor.road.dnsmasq import Settings

_ARCHITECTURE, _CLASS, _USER, _IPXE = 93, 60, 77, 175
_NAMES = {"client-arch": _ARCHITECTURE, "vendor-class": _CLASS, "user-class": _USER}
_MODELLED = ("dhcp-match", "dhcp-vendorclass", "dhcp-userclass")
# Set by dnsmasq itself: for a known host, BOOTP, DHCPv6.
_OWN = frozenset({"known", "known-othernet", "bootp", "dhcpv6"})


class Asker(msgspec.Struct, frozen=True, kw_only=True):
    """What a client says of itself. `architecture` None: not known, or not said."""

    architecture: int | None
    vendor_class: str
    user_class: str = ""

    @property
    def is_ipxe(self) -> bool:
        return self.user_class == "iPXE"


def asker(client: str, architecture: int | None) -> Asker:
    """The firmware of this name (model.client) as it introduces itself: the profiles of `dialogue` say the same."""
    number = f"{architecture or 0:05}"
    if client.startswith("ipxe"):
        words = f"PXEClient:Arch:{number}:UNDI:002001"
        return Asker(architecture=architecture, vendor_class=words, user_class="iPXE")
    word = "HTTPClient" if client.endswith("-http") else "PXEClient"
    return Asker(architecture=architecture, vendor_class=f"{word}:Arch:{number}:UNDI:003000")


def all_set(settings: Settings, wanted: tuple[str, ...], client: Asker, device: str) -> bool | None:
    """Whether all of `wanted` hold, each a tag or, with ! before it, its absence; None where nobody can tell."""
    known = [_holds(settings, tag, client, device) for tag in wanted]
    if False in known:
        return False
    return None if None in known else True


def _holds(settings: Settings, wanted: str, client: Asker, device: str) -> bool | None:
    tag = wanted.removeprefix("!")
    found = _is_set(settings, tag, client, device)
    return found if found is None or tag == wanted else not found


def _is_set(settings: Settings, tag: str, client: Asker, device: str) -> bool | None:
    if tag == device:
        return True
    found = [None] if tag in _OWN else [_sets(option, value, tag, client) for option, value in settings.options]
    if True in found:
        return True
    return None if None in found else False


def _sets(option: str, value: str, tag: str, client: Asker) -> bool | None:
    """Whether this line sets the tag for this client; False where it does not set it at all."""
    first, _, rest = value.partition(",")
    if option not in _MODELLED:
        return None if f"set:{tag}" in value.split(",") else False
    if first.removeprefix("set:") != tag:
        return False
    match option:
        case "dhcp-vendorclass":
            return rest in client.vendor_class if not rest.startswith("enterprise:") else None
        case "dhcp-userclass":
            return rest in client.user_class if client.user_class else False
        case _:
            return _matches(rest, client)


def _matches(value: str, client: Asker) -> bool | None:
    """dhcp-match's option, by number or as option:NAME, and the value that it must have, if any."""
    option, _, wanted = value.partition(",")
    word = option.removeprefix("option:")
    code = int(word) if word.isdecimal() else _NAMES.get(word)
    match code:
        case 175:
            return client.is_ipxe if not wanted else None
        case 93:
            if client.architecture is None or not (wanted.isdecimal() or not wanted):
                return None
            return not wanted or int(wanted) == client.architecture
        case 60:
            return True if wanted in {"", client.vendor_class} else None
        case 77:
            return bool(client.user_class) and (True if wanted in {"", client.user_class} else None)
        case _:
            return None
