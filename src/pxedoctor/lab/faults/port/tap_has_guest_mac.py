"""Cases of tap-has-guest-mac: libvirt runs the guest, mute, and a light guest with a tap of the same kind asks."""

from pxedoctor.lab.case import Attempt, Breaks, Case, Passes
from pxedoctor.lab.parts import MAC, cold_start
from pxedoctor.lab.parts_bridge import lan_site, served_bridge_site
from pxedoctor.lab.running_guest import start_mute, tap
from pxedoctor.lab.site import Site

# The bridge keeps a MAC for one port: a second tap with the first guest's would not be the guest's own.
_OTHER = "52:54:00:0d:0d:02"


def _running_in_lan(site: Site) -> None:
    lan_site(site)
    start_mute(site)


def _running_here(site: Site) -> None:
    served_bridge_site(site)
    start_mute(site)


def _set_mac(site: Site, mac: str) -> None:
    site.run("ip", "link", "set", "dev", tap(site), "address", mac)


def _has_guests_mac(site: Site) -> bool:
    return MAC in site.run("ip", "-br", "link", "show", "dev", tap(site))


def _attempt(site: Site) -> Attempt:
    return cold_start(site, None, "udhcpc", *(("--tap-mac", MAC) if _has_guests_mac(site) else ()))


def _other_attempt(site: Site) -> Attempt:
    return cold_start(site, None, "udhcpc", "--mac", _OTHER, *(("--tap-mac", _OTHER) if _has_guests_mac(site) else ()))


CASES: tuple[Case, ...] = (
    Case(
        name="tap-has-guest-mac",
        expect=Breaks("tap-has-guest-mac"),
        story="A hook script set the tap's MAC to the guest's; the server is in the LAN (expert notes, 32).",
        build=_running_in_lan,
        inject=lambda site: _set_mac(site, MAC),
        heal=lambda site: _set_mac(site, f"fe{MAC[2:]}"),
        attempt=_attempt,
    ),
    Case(
        name="tap-has-guest-mac-served-here",
        expect=Passes(),
        story="The same tap, and this host's own dnsmasq: what the host sends leaves through that very port.",
        build=_running_here,
        inject=lambda site: _set_mac(site, MAC),
        attempt=_other_attempt,
    ),
)
