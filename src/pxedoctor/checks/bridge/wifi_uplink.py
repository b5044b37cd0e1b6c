"""The guest's NIC is a macvtap of a Wi-Fi device, whose access point takes no other MAC than the device's own.

What it does
    For a NIC that is a part of one of the host's devices (<interface type='direct'>): looks whether that device is a
    radio's. A Wi-Fi device that is a port of a bridge is none of this: the kernel lets one in only in a mode that
    carries other MACs. Not reproduced here with a radio: the check works on recorded listings of sysfs.

Why the guest fails
    A frame from a Wi-Fi station to its access point has three addresses, and the sender's is the station's own. What a
    guest sends with another MAC the access point does not know as one of its stations, and drops; what comes for that
    MAC it sends to nobody. Linux refuses such a device as a port of a bridge (Operation not supported), but makes
    macvtaps of it.

What you see
    The host is online by Wi-Fi, the guest's DISCOVER leaves on wlan0 in tcpdump, and nothing comes back; no server has
    it in its log. `ip link set dev wlan0 master br0`: "Operation not supported".

Fix
    A NAT network of libvirt's (<source network='default'/>), or routing; a cable; or 4-address mode, where the access
    point can do it (iw dev wlan0 set 4addr on), and then a bridge.

Fix safety
    There is no repair: the guest must be given another network, which a person chooses.

References
    IEEE 802.11 address fields (To DS); Linux net/wireless/core.c (IFF_DONT_BRIDGE without use_4addr), drivers/net/
    macvlan.c; libvirt docs/firewall.rst on wireless NICs; corpus of reports: foxlet/macOS-Simple-KVM#532
"""

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Evidence, Fine, Hop, NotApplicable, Outcome, Unknown
from pxedoctor.model.link import Link
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan
from pxedoctor.road.narrow import nic_of

META = Meta(
    code="BR006",
    name="wifi-uplink",
    stage=Stage.BRIDGE,
    needs=("links", "domains"),
    consults=("sysctls",),
    fix="never",
)


def check(facts: Facts, target: Target) -> Outcome:
    direct = target.direct
    if direct is None:
        return NotApplicable("its NIC is no part of a device of this host: the kernel bridges no plain Wi-Fi device")
    link = facts.host.link(direct.lower)
    if link is None:
        return NotApplicable(f"{direct.lower} is not here")
    if link.wireless is None:
        return Unknown(missing=f"whether {link.name} is a Wi-Fi device", would_help=f"ls /sys/class/net/{link.name}")
    return _broken(facts, target, link) if link.wireless else Fine(f"{link.name} is no Wi-Fi device")


def _broken(facts: Facts, target: Target, link: Link) -> Broken:
    found = nic_of(facts.host, target)
    where = f"{found[0].origin}: devices/interface[{found[1].position}]/source" if found else "domain XML: source"
    return Broken(
        headline=f"{target.guest} is on a macvtap of the Wi-Fi device {link.name}: its access point drops other MACs.",
        subject=link.name,
        scope="bridge",
        hop=Hop.UPLINK,
        certainty="likely",
        evidence=(
            Evidence(f"{link.name} is a part of a radio", f"/sys/class/net/{link.name}/phy80211"),
            Evidence(f"its own MAC, the only one that the access point takes from it: {link.mac}", "ip link", link.mac),
            Evidence("the guest's NIC is a part of it, with a MAC of its own", where, target.mac or ""),
        ),
    )


def plan(finding: Finding, facts: Facts) -> NoPlan:
    device = finding.broken.subject
    return NoPlan(
        "the guest must be given another network, and which one is for a person to say",
        (
            "virsh edit GUEST: <interface type='network'><source network='default'/>, a NAT network of libvirt's",
            f"a cable; or, where the access point can do it: iw dev {device} set 4addr on, and {device} in a bridge",
        ),
    )
