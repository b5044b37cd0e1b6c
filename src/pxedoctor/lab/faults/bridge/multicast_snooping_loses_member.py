"""Cases of multicast-snooping-loses-member: a LAN with a DHCPv6 server, behind a bridge that snoops as all do."""

from pxedoctor.lab.case import Attempt, Breaks, Case, Passes
from pxedoctor.lab.parts import bridge_interface, cold_start, define_guest, guest_xml, start_libvirt
from pxedoctor.lab.parts_bridge import in_lan, lan_dhcpv6_site, uplink_name
from pxedoctor.lab.site import Site

# A bridge believes in its querier once this time for answers is over; 10 s where nobody sets it.
_ANSWERS_WITHIN = "mcast_query_response_interval"


def _lan(site: Site) -> None:
    start_libvirt(site)
    lan_dhcpv6_site(site)
    site.run("ip", "link", "set", "dev", site.bridge, "type", "bridge", _ANSWERS_WITHIN, "100")
    define_guest(site, guest_xml(bridge_interface(site.bridge)))


def _lan_behind_a_switch(site: Site) -> None:
    """The switch snoops as well, and keeps to itself what the LAN's machines want."""
    _lan(site)
    for kind in ("131", "132", "143"):
        in_lan(site, "ip6tables", "-A", "OUTPUT", "-p", "icmpv6", "--icmpv6-type", kind, "-j", "DROP")
    # What was reported before is forgotten.
    for word in ("0", "1"):
        site.run("ip", "link", "set", "dev", uplink_name(site), "down" if word == "0" else "up")


def _query(site: Site) -> None:
    site.run("ip", "link", "set", "dev", site.bridge, "type", "bridge", "mcast_querier", "1")
    site.run("sleep", "3")


def _do_not_query(site: Site) -> None:
    site.run("ip", "link", "set", "dev", site.bridge, "type", "bridge", "mcast_querier", "0")


def _solicits(site: Site) -> Attempt:
    return cold_start(site, None, "dhclient6")


CASES: tuple[Case, ...] = (
    Case(
        name="multicast-snooping-loses-member",
        expect=Breaks("multicast-snooping-loses-member"),
        story="The bridge was made the querier, and a switch keeps the reports of the DHCPv6 server (corpus BR06).",
        build=_lan_behind_a_switch,
        inject=_query,
        heal=_do_not_query,
        attempt=_solicits,
        # IPv4 goes on, and of a DHCPv6 server this host does not know.
        risk=True,
        mended=False,
    ),
    Case(
        name="multicast-snooping-with-members",
        expect=Passes(),
        story="The same querier, and the server's reports arrive: the uplink is in the group of DHCPv6 servers.",
        build=_lan,
        inject=_query,
        attempt=_solicits,
    ),
)
