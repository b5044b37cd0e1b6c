"""The plan in firewalld's words: the zone that libvirt's bridges belong in, or one more service of a zone."""

from pxedoctor.model.fact import Missing
from pxedoctor.model.firewalld import Firewalld, Zone
from pxedoctor.model.host import Host
from pxedoctor.plans.firewall import AddService, SetZone
from pxedoctor.plans.firewall_opening import Opening
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.show_only import WITHOUT_FIREWALLD, ShowOnly, in_trusted

# What libvirt's own zone lets in (src/network/libvirt.zone); firewalld's names are ours.
_LIBVIRT_ZONE = "libvirt"
_IN_LIBVIRT_ZONE = frozenset({"dhcp", "dhcpv6", "dns", "tftp"})


def old_ways(bridge: str) -> tuple[ShowOnly, ...]:
    return (WITHOUT_FIREWALLD, in_trusted(bridge))


def in_firewalld(host: Host, wants: Opening) -> Plan | NoPlan:
    firewalld = host.firewalld
    if isinstance(firewalld, Missing) or not firewalld.running:
        return NoPlan(
            "firewalld's rules are in the kernel, and firewalld itself could not be asked",
            (f"systemctl status firewalld; firewall-cmd --get-zone-of-interface={wants.interface}",),
        )
    if wants.direction != "in":
        return NoPlan(
            f"firewalld refuses {wants}: what passes between zones is for its policies to say",
            (
                "firewall-cmd --permanent --new-policy NAME, with --add-ingress-zone, --add-egress-zone and "
                "--set-target ACCEPT (firewalld.policies(5))",
            ),
        )
    bound = firewalld.zone_of(wants.interface)
    network = host.network_on(wants.interface)
    home = firewalld.zone(_LIBVIRT_ZONE) if network is not None and wants.service in _IN_LIBVIRT_ZONE else None
    if bound is None and home is not None:
        return Plan(steps=(SetZone(interface=wants.interface, zone=home.name),), shown=old_ways(wants.interface))
    zone = bound or firewalld.zone(firewalld.default_zone)
    if zone is None:
        return NoPlan(
            f"the zone of {wants.interface} could not be read", (f"firewall-cmd --info-zone={firewalld.default_zone}",)
        )
    return _more_services(firewalld, zone, wants)


def _more_services(firewalld: Firewalld, zone: Zone, wants: Opening) -> Plan | NoPlan:
    from pxedoctor.plans.zone_file import stored

    if wants.service in zone.services:
        return NoPlan(
            f"zone {zone.name} lets {wants.service} in already: another rule of the zone, or a policy, refuses it",
            (f"firewall-cmd --info-zone={zone.name}; firewall-cmd --list-all-policies",),
        )
    others = [name for name in (*zone.interfaces, *zone.sources) if name != wants.interface]
    if zone.name == firewalld.default_zone:
        others.append("every interface without a zone of its own")
    shared = bool(others) and zone.name != _LIBVIRT_ZONE
    safety = Safety.RISKY if shared else Safety.SAFE
    lost = (
        f"zone {zone.name} is also that of {', '.join(others)}: {wants.service} is let in from there too."
        if shared
        else ""
    )
    now = AddService(zone=zone.name, service=wants.service, safety=safety, may_lose=lost)
    good = stored(zone, (wants.service,), safety, lost)
    by_hand = zone.by_a_person and not zone.stores(wants.service)
    ways = (f"For good: <service name='{wants.service}'/> in {zone.stored_in}.",) if by_hand else ()
    return Plan(steps=(now, *good), other_ways=ways, shown=old_ways(wants.interface))
