"""The guest's cable is out: libvirt holds its NIC's link down, or its tap on this host is down or held by nobody.

What it does
    Reads <link state> of the NIC (of the running guest, or of the definition that its next start takes), and the flags
    of a running guest's tap: UP, which an administrator sets, and LOWER_UP, which a tap has while a program holds it
    open.

Why the guest fails
    With <link state='down'/> QEMU carries no frame of this NIC, and tells the guest's driver that there is no carrier:
    firmware waits for the link and gives up, an operating system does not even ask. A tap that is down takes no frame
    from QEMU. The port of a tap that nobody holds open is disabled.

What you see
    iPXE: "Waiting for link-up on net0... Down" (ipxe.org/38086193). UEFI: PXE-E12. In the guest,
    `ip link` says NO-CARRIER. On the host, `virsh domif-getlink GUEST MAC` says down, or `ip link show dev vnet0` lacks
    the word UP. tcpdump on the tap shows nothing that the guest sent.

Fix
    virsh domif-setlink GUEST MAC up, with --config too for the definition. For a tap: ip link set dev vnet0 up.

Fix safety
    RISKY for the cable: somebody unplugged it, perhaps to keep this guest from the network. SAFE for a tap that is
    down, where no frame could circle; RISKY where one could. None for a tap that nobody holds open.

References
    libvirt formatdomain <link state>, virsh(1) domif-setlink; qemu net/net.c qemu_send_packet_async (link_down);
    Linux drivers/net/tun.c tun_attach (netif_carrier_on), tun_net_close; libvirt/libvirt#55
"""

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Evidence, Fine, Hop, NotApplicable, Outcome
from pxedoctor.model.bridge import Stp
from pxedoctor.model.host import Host
from pxedoctor.model.libvirt import Domain, Nic
from pxedoctor.model.link import Link
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.plans.safety import Safety
from pxedoctor.road.narrow import nic_of
from pxedoctor.road.tree import loop_dangers

META = Meta(
    code="TP003",
    name="link-down",
    stage=Stage.PORT,
    needs=("domains", "links"),
    consults=("bridges",),
    fix="sometimes",
)


def check(facts: Facts, target: Target) -> Outcome:
    found = nic_of(facts.host, target)
    if found is None:
        return NotApplicable("no guest's definition says whether its cable is in")
    domain, nic = found
    if not nic.link_up:
        return _unplugged(domain, nic, target)
    link = facts.host.link(target.tap) if target.tap else None
    if link is None:
        return Fine("the guest's cable is in, as libvirt has it")
    if not link.up:
        return _dead(domain, link, "is down", "UP is not among them")
    if link.is_tap and not link.carrier:
        return _dead(domain, link, "has no carrier: no program holds it open", "LOWER_UP is not among them")
    return Fine(f"the guest's cable is in, and {link.name} is up")


def _unplugged(domain: Domain, nic: Nic, target: Target) -> Broken:
    when = "" if domain.running else ", and its next start keeps it so"
    return Broken(
        headline=f"The cable of {domain.name} is out: libvirt holds the link of NIC {nic.mac} down{when}.",
        subject=target.id,
        hop=Hop.NIC,
        evidence=(
            Evidence(
                "QEMU carries no frame of this NIC, and tells the guest that it has no carrier",
                f"{domain.origin}: devices/interface[{nic.position}]/link/@state",
                "down",
            ),
        ),
    )


def _dead(domain: Domain, tap: Link, what: str, flags: str) -> Broken:
    return Broken(
        headline=f"{tap.name}, the tap of {domain.name}, {what}: no frame of this guest goes anywhere.",
        subject=tap.name,
        hop=Hop.TAP,
        evidence=(Evidence(f"{tap.name} {what}", f"ip -j -d -s -s address show: {tap.name}, flags", flags),),
    )


def plan(finding: Finding, facts: Facts) -> Plan | NoPlan:
    found = nic_of(facts.host, finding.first) if finding.first is not None else None
    if found is None:
        return NoPlan("the guest is not there any more")
    domain, nic = found
    if not nic.link_up:
        return _plug_in(domain, nic)
    link = facts.host.link(finding.broken.subject)
    if link is None or link.up:
        name = finding.broken.subject
        return NoPlan(
            f"only the guest's QEMU can hold {name} open",
            (f"a full shutdown and start of {domain.name} makes a new tap",),
        )
    from pxedoctor.plans.link import SetLinkUp

    dangers = _dangers(facts.host, link)
    if not dangers:
        return Plan(steps=(SetLinkUp(device=link.name),))
    lose = f"With STP off a loop may close: {'; '.join(dangers)}."
    return Plan(steps=(SetLinkUp(device=link.name, safety=Safety.RISKY, may_lose=lose),))


def _plug_in(domain: Domain, nic: Nic) -> Plan:
    """In the guest that runs, and in the definition where that has it down too."""
    from pxedoctor.plans.nic_link import PlugInCable

    mac = nic.mac
    live = (PlugInCable(domain=domain.name, mac=mac, where="live"),) if domain.running else ()
    defined = domain.defined_nics if domain.running else domain.nics
    down = any(entry.mac == mac and not entry.link_up for entry in defined)
    lasting = (PlugInCable(domain=domain.name, mac=mac, where="config"),) if down else ()
    return Plan(steps=(*live, *lasting))


def _dangers(host: Host, tap: Link) -> tuple[str, ...]:
    bridge = host.bridge(tap.master or "")
    return loop_dangers(host, bridge) if bridge is not None and bridge.stp is Stp.OFF else ()
