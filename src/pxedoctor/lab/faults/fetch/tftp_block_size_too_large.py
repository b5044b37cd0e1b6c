"""Cases of tftp-block-size-too-large: the lease comes, the server agrees to a block size, and no block comes."""

from pxedoctor.lab.case import Attempt, Breaks, Case, Passes
from pxedoctor.lab.parts import cold_start
from pxedoctor.lab.parts_bridge import boot_url
from pxedoctor.lab.parts_lan import FILE, ROOT, break_up, narrow, serve_lan, switched_lan_site
from pxedoctor.lab.site import Site

_TUNNEL = 1400
# What iPXE asks for (src/net/udp/tftp.c): packets of 1464 bytes.
_BLOCK = "1432"


def _through_a_tunnel(site: Site) -> None:
    narrow(site, _TUNNEL)


def _through_the_wire(site: Site) -> None:
    narrow(site, 1500)


def _server_knows_it(site: Site) -> None:
    """dnsmasq is told what the way takes, and agrees to no larger blocks."""
    serve_lan(site, "--enable-tftp", f"--tftp-root={ROOT}", f"--dhcp-boot={FILE}", f"--tftp-mtu={_TUNNEL - 100}")
    narrow(site, _TUNNEL)


def _in_pieces(site: Site) -> None:
    break_up(site)
    narrow(site, _TUNNEL)


def _attempt(site: Site) -> Attempt:
    return cold_start(site, None, "udhcpc", "--fetch", boot_url("tftp"), "--block-size", _BLOCK)


CASES: tuple[Case, ...] = (
    Case(
        name="tftp-block-size-too-large",
        expect=Breaks("tftp-block-size-too-large"),
        story="A tunnel between switch and host takes 1400 bytes, and iPXE asks for blocks of 1432 (corpus TF04).",
        build=switched_lan_site,
        inject=_through_a_tunnel,
        heal=_through_the_wire,
        attempt=_attempt,
        mended=False,
        probe=True,
        fetch=True,
    ),
    Case(
        name="tftp-block-size-that-the-server-lowers",
        expect=Passes(),
        story="The same tunnel, and the server agrees to blocks that fit (dnsmasq's tftp-mtu).",
        build=switched_lan_site,
        inject=_server_knows_it,
        attempt=_attempt,
        probe=True,
        fetch=True,
    ),
    Case(
        name="tftp-block-size-that-comes-in-pieces",
        expect=Passes(),
        story="The same tunnel, br_netfilter before it: each block comes in two pieces, which every client joins.",
        build=switched_lan_site,
        inject=_in_pieces,
        attempt=_attempt,
        probe=True,
        fetch=True,
    ),
)
