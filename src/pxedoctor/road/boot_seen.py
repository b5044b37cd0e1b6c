"""What probes saw of a boot file: which offers name one, from where, and whether the client would use it."""

from pxedoctor.model.observation import Probed, SeenBootServer, SeenOffer
from pxedoctor.model.target import Facts, Target

_BY_IPV4 = ("ipxe", "ovmf", "intel-pxe")
_BY_IPV6 = ("ipxe6", "ovmf6")
_NOWHERE = frozenset({"", "0.0.0.0"})
_SCHEMES = ("http://", "https://", "tftp://")


def boot_probes(facts: Facts, target: Target) -> tuple[Probed, ...]:
    """Probes in which a firmware that boots over IPv4 was acted, to the end of its patience or its wish."""
    probes = (seen for seen in facts.probed(target.id) if seen.profile.startswith(_BY_IPV4))
    return tuple(seen for seen in probes if seen.profile not in _BY_IPV6 and seen.whole)


def taken(seen: Probed) -> tuple[SeenOffer, ...]:
    """The offers with an address, in the guest's name, that this client does not drop."""
    return tuple(offer for offer in seen.offers if not (offer.refused or offer.proxy) and _is_for_guest(seen, offer))


def _is_for_guest(seen: Probed, offer: SeenOffer) -> bool:
    """A probe that fetches asks in its own name too, and a server may name another file to a stranger."""
    return offer.asked_for in {"", seen.asked_for}


def proxies(seen: Probed) -> tuple[SeenOffer, ...]:
    return tuple(offer for offer in seen.offers if offer.proxy and not offer.refused)


def names_file(seen: Probed) -> bool:
    """Whether any offer, or a boot server asked, named a file or a menu of files."""
    offers = (offer.file or has_menu(offer) for offer in (*taken(seen), *proxies(seen)))
    return any(offers) or any(server.file for server in seen.boot_servers)


def named_a_file(seen: Probed) -> bool:
    """Whether a file itself was named, by others than the servers that were asked further and kept silent.

    OVMF asks a proxy further whose offer names a file but no option of discovery, and boots by the answer alone.
    """
    silent = {server.server for server in silent_servers(seen)}
    offers = (*taken(seen), *(offer for offer in proxies(seen) if offer.source not in silent))
    return any(offer.file for offer in offers) or any(server.file for server in seen.boot_servers)


def silent_servers(seen: Probed) -> tuple[SeenBootServer, ...]:
    """The ProxyDHCP and boot servers that were asked in vain; none where one of them answered."""
    if any(server.answered for server in seen.boot_servers):
        return ()
    return seen.boot_servers


def names_server(offer: SeenOffer) -> bool:
    return offer.next_server not in _NOWHERE or is_url(offer.file)


def is_url(file: str) -> bool:
    return file.startswith(_SCHEMES)


def has_menu(offer: SeenOffer) -> bool:
    """A menu of boot servers in option 43, which is PXE's own where option 60 says so (PXE 2.1, table 2-1)."""
    if not offer.vendor_class.startswith("PXEClient"):
        return False
    # Only a probe sees such an offer, and few diagnoses have one.
    from pxedoctor.wire import pxe
    from pxedoctor.wire.dhcp4_known import VENDOR_SPECIFIC
    from pxedoctor.wire.error import WireError
    from pxedoctor.wire.options import Option

    options = tuple(Option(code, content) for code, content in offer.options)
    try:
        return bool(pxe.BOOT_MENU.find(VENDOR_SPECIFIC.find(options) or ()))
    except WireError:
        return False
