"""Cases of nwfilter-drops-dhcp: libvirt filters its guest's tap, and by a binding of its own a light guest's.

The guest runs, mute: its rules are there for a diagnosis. Who asks is a light guest whose tap has the same filter.
"""

import json
import secrets

from pxedoctor.lab.case import Attempt, Breaks, Case, Passes
from pxedoctor.lab.parts import MAC, define_guest, guest_xml, libvirt_site, network_interface
from pxedoctor.lab.running_guest import start_mute
from pxedoctor.lab.site import Site

_FILTER = "lab-base"
_OWN_MAC = "<filterref filter='no-mac-spoofing'/>"
_NO_BROADCASTS = "<filterref filter='no-mac-broadcast'/>"
_DHCP = "<filterref filter='allow-dhcp'/>"


def _define_filter(site: Site, refs: str) -> None:
    """It holds at once, for whoever has it."""
    uuid = "<uuid>6f0c1b52-0d0d-4d0d-8d0d-0d0d0d0d0d07</uuid>"
    site.write("/tmp/filter.xml", f"<filter name='{_FILTER}' chain='root'>{uuid}{refs}</filter>")
    site.run("virsh", "nwfilter-define", "/tmp/filter.xml")


def _filtered_site(site: Site) -> None:
    libvirt_site(site)
    _define_filter(site, _OWN_MAC)
    filtered = f"<filterref filter='{_FILTER}'/></interface>"
    define_guest(site, guest_xml(network_interface().replace("</interface>", filtered)))
    start_mute(site)
    # A filter that changes under a guest moves its chains behind those of ebtables itself: once, and from then on.
    _define_filter(site, _OWN_MAC + _DHCP)
    _define_filter(site, _OWN_MAC)


def _attempt(site: Site) -> Attempt:
    tap = f"lt{site.tag}{secrets.token_hex(1)}"
    owner = "<owner><name>light</name><uuid>6f0c1b52-0d0d-4d0d-8d0d-0d0d0d0d0d08</uuid></owner>"
    port = f"<portdev name='{tap}'/><mac address='{MAC}'/><filterref filter='{_FILTER}'/>"
    site.write("/tmp/binding.xml", f"<filterbinding>{owner}{port}</filterbinding>")
    site.run("ip", "tuntap", "add", "dev", tap, "mode", "tap", "vnet_hdr")
    site.run("virsh", "nwfilter-binding-create", "/tmp/binding.xml")
    told = json.loads(
        site.fork("pxedoctor.lab.light_guest", "--tap", tap, "--bridge", site.bridge, "--mac", MAC).stdout
    )
    site.run("virsh", "nwfilter-binding-delete", tap)
    site.run("ip", "link", "delete", "dev", tap)
    return Attempt(ok=told["ok"], said=told["said"])


CASES: tuple[Case, ...] = (
    Case(
        name="nwfilter-drops-dhcp",
        expect=Breaks("nwfilter-drops-dhcp"),
        story="no-mac-broadcast was added to the filter that all guests share: no DISCOVER leaves a tap (NF21).",
        build=_filtered_site,
        inject=lambda site: _define_filter(site, _OWN_MAC + _NO_BROADCASTS),
        heal=lambda site: _define_filter(site, _OWN_MAC),
        attempt=_attempt,
        mended=False,
    ),
    Case(
        name="nwfilter-that-allows-dhcp",
        expect=Passes(),
        story="The same filter with allow-dhcp, which comes first by its priority: DHCP passes (NF21).",
        build=_filtered_site,
        inject=lambda site: _define_filter(site, _OWN_MAC + _DHCP + _NO_BROADCASTS),
        attempt=_attempt,
    ),
)
