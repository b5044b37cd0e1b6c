"""The guest's NIC is a macvtap, and its DHCP server is this host itself: the two cannot reach each other.

What it does
    For a NIC that is a part of one of the host's devices (<interface type='direct'>): looks for a DHCP server of this
    host on that device, a dnsmasq or libvirt's own. Where this host serves nobody there, the server is elsewhere, and a
    macvtap reaches it well.

Why the guest fails
    A macvtap's frames leave by the device below it, and what comes in by that device is handed to it by its MAC. What
    the host itself sends goes out of the same device and does not turn round, and what the guest sends is not shown to
    the host's own stack. So the guest reaches everybody in the LAN but the host. This is by design; it is no setting.

What you see
    The guest reaches other machines and not its own host; from the LAN both are reached. DISCOVERs on the wire, none in
    the log of the host's dnsmasq. `virsh dumpxml GUEST` shows <interface type='direct'> with <source dev='eno1'>.

Fix
    A bridge with the NIC as its port, and the guests on it; or the host's own address on a macvlan device beside the
    guests' (ip link add link eno1 name host0 type macvlan mode bridge), with the server on that.

Fix safety
    There is no repair: both ways move the address of the host, and who is connected to it is cut off on the way.

References
    https://wiki.libvirt.org/TroubleshootMacvtapHostFail.html, libvirt formatdomain "Direct attachment to physical
    interface"; Linux drivers/net/macvlan.c macvlan_queue_xmit and macvlan_handle_frame; corpus of reports:
    stackhpc/ansible-role-libvirt-vm#57
"""

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Certainty, Evidence, Fine, Hop, NotApplicable, Outcome
from pxedoctor.model.target import Direct, Facts, Target
from pxedoctor.plans.plan import NoPlan
from pxedoctor.road.narrow import nic_of
from pxedoctor.road.serving import Serving, serving

META = Meta(
    code="TP005",
    name="macvtap-host-unreachable",
    stage=Stage.PORT,
    needs=("links", "domains", "processes"),
    consults=("networks",),
    fix="never",
)
# libvirt's word where the definition has none (src/conf/domain_conf.c).
_DEFAULT = "vepa"
_MODE = "the mode of <source>"


def check(facts: Facts, target: Target) -> Outcome:
    direct = target.direct
    if direct is None:
        return NotApplicable("its NIC is no macvtap")
    served = serving(facts.host, direct.lower)
    if served is None:
        return Fine(
            f"no DHCP server of this host is known on {direct.lower}: it is elsewhere, and a macvtap reaches it"
        )
    if "dhcp" not in served.services:
        return Fine(f"this host serves no DHCP on {direct.lower}")
    return _broken(facts, target, direct, served)


def _broken(facts: Facts, target: Target, direct: Direct, served: Serving) -> Broken:
    mode = direct.mode or _DEFAULT
    found = nic_of(facts.host, target)
    where = f"{found[0].origin}: devices/interface[{found[1].position}]/source" if found else "domain XML: source"
    # A switch may send a VEPA's frames back where they came from (IEEE 802.1Qbg, reflective relay); few do.
    certainty: Certainty = "likely" if mode == _DEFAULT else "proven"
    return Broken(
        headline=f"{target.guest} is on a macvtap of {direct.lower}, where this host is the DHCP server: "
        "the two do not reach each other.",
        subject=direct.lower,
        scope="bridge",
        hop=Hop.TAP,
        certainty=certainty,
        evidence=(
            Evidence(f"the NIC is a part of {direct.lower}, and no port of a bridge", where, direct.lower),
            Evidence(_MODE, f"{where}/@mode", mode),
            Evidence(served.text, served.origin, served.value),
        ),
    )


def plan(finding: Finding, facts: Facts) -> NoPlan:
    lower = finding.broken.subject
    return NoPlan(
        "a macvtap never reaches its host, by design; each way around moves the host's own address",
        (
            f"a bridge with {lower} as its port, the host's address on it, and the guests on it "
            "(<interface type='bridge'>)",
            f"the host's address and server on a macvlan beside the guests': ip link add link {lower} name host0 "
            "type macvlan mode bridge",
            "a second NIC for the guest, on a virtual network of libvirt's",
        ),
    )
