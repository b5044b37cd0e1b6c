"""A running guest's tap is up, but plugged into no bridge, or into another one than libvirt plugged it into.

What it does
    Compares, for each NIC of a running guest, the bridge that the guest's live XML names with the tap's master in the
    kernel. All taps that one bridge has lost are one finding.

Why the guest fails
    A bridge that is made anew (virsh net-destroy and net-start, ifdown and ifup, a restart of the host's networking)
    starts without ports. The taps of running guests stay up and nobody plugs them in again, so what a guest sends
    reaches nobody. A guest that starts afterwards gets a new tap in the new bridge and works.

What you see
    Every guest of one bridge goes silent at once, new ones work. `ip -br link show dev vnet0` says UP, and
    `ip link show dev vnet0` names no master; `bridge link` does not list the tap. The server's log holds no DISCOVER.

Fix
    Plug the taps back: `ip link set dev vnet0 master virbr0`. Where STP is on, a port that is plugged in again is
    silent for twice the forward delay. Restarting libvirtd (virtqemud) plugs them in too.

Fix safety
    SAFE where the tap is in no bridge: it carries nothing now. RISKY where it is in another bridge, because somebody
    may have put it there on purpose. None where the bridge does not exist.

References
    https://wiki.libvirt.org/PXE_boot_or_dhcp_on_guest_failed.html, autotest/tp-libvirt#3701, ganeti/ganeti#336;
    libvirt src/qemu/qemu_process.c qemuProcessNotifyNets, src/util/virnetdevtap.c virNetDevTapReattachBridge
"""

from collections.abc import Iterator

import msgspec

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Evidence, Fine, Hop, NotApplicable, Outcome, Unknown
from pxedoctor.model.fact import known
from pxedoctor.model.host import Host
from pxedoctor.model.link import Link
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.step import Step
from pxedoctor.road.blackout import blackout

META = Meta(
    code="TP001",
    name="tap-without-bridge",
    stage=Stage.PORT,
    needs=("links", "bridges", "domains"),
    fix="sometimes",
)


class Plugged(msgspec.Struct, frozen=True, kw_only=True):
    """The tap of a running guest and the bridge that its live XML names; `where` is the place in that XML."""

    guest: str
    link: Link
    bridge: str
    where: str
    isolated: bool

    @property
    def words(self) -> str:
        return f"{self.link.name} of {self.guest}"


def check(facts: Facts, target: Target) -> Outcome:
    if target.kind != "nic":
        return NotApplicable("no guest's live XML says which bridge it belongs to")
    if not target.running or target.tap is None:
        return NotApplicable("the guest is off: its start makes a new tap and plugs it in")
    if target.bridge is None:
        return NotApplicable("this kind of NIC is by design in no bridge")
    plugged = facts.host.once(_by_tap).get(target.tap)
    if plugged is None:
        return Unknown(
            missing=f"{target.tap} of the running guest {target.guest} is not among this host's network devices",
            would_help="look for it in another network namespace: ip -all netns exec ip -br link",
            on_road=True,
        )
    return _judge(facts.host, plugged)


def _taps(host: Host) -> Iterator[Plugged]:
    for domain in known(host.domains):
        for nic in domain.nics if domain.running else ():
            link = host.link(nic.tap or "")
            bridge = host.bridge_of(nic)
            if link is not None and bridge is not None:
                where = f"{domain.origin}: devices/interface[{nic.position}]"
                yield Plugged(guest=domain.name, link=link, bridge=bridge, where=where, isolated=nic.isolated)


def _by_tap(host: Host) -> dict[str, Plugged]:
    taps: dict[str, Plugged] = {}
    for entry in _taps(host):
        taps.setdefault(entry.link.name, entry)
    return taps


def _judge(host: Host, plugged: Plugged) -> Outcome:
    tap, master = plugged.link.name, plugged.link.master
    if not plugged.link.up:
        return NotApplicable(f"{tap} is down, which is another cause")
    if master == plugged.bridge:
        return Fine(f"{tap} is plugged into {master}, as the guest's live XML says")
    if master is None:
        return _lost(host, plugged.bridge)
    if host.bridge(master) is None:
        return Unknown(
            missing=f"what {master}, which is no Linux bridge, does with the frames of {tap}",
            would_help=f"ovs-vsctl show, or whatever made {master}",
            on_road=True,
        )
    return Broken(
        headline=f"{plugged.words} is plugged into {master}, but libvirt plugged it into {plugged.bridge}.",
        subject=tap,
        hop=Hop.TAP,
        certainty="likely",
        evidence=_evidence(host, plugged),
    )


def _lost_taps(host: Host, bridge: str) -> tuple[Plugged, ...]:
    taps = _taps(host)
    return tuple(tap for tap in taps if tap.bridge == bridge and tap.link.up and tap.link.master is None)


def _lost(host: Host, bridge: str) -> Broken:
    lost = _lost_taps(host, bridge)
    names = ", ".join(tap.words for tap in lost)
    are, it, sends = ("are", "them", "they send") if len(lost) > 1 else ("is", "it", "it sends")
    missing = "" if host.link(bridge) else ", which does not exist"
    return Broken(
        headline=f"{names} {are} up and plugged into no bridge: what {sends} reaches nobody. "
        f"libvirt plugged {it} into {bridge}{missing}.",
        subject=bridge,
        scope="bridge",
        hop=Hop.TAP,
        evidence=tuple(fact for tap in lost for fact in _evidence(host, tap)),
    )


def _evidence(host: Host, plugged: Plugged) -> tuple[Evidence, ...]:
    tap, bridge = plugged.link, host.link(plugged.bridge)
    found = [
        Evidence(
            f"{tap.name} is up and is a port of {tap.master or 'no bridge'}",
            f"ip -j -d address show dev {tap.name}: master",
            tap.master or "",
        ),
        Evidence(f"the running guest {plugged.guest} has it in {plugged.bridge}", plugged.where, plugged.bridge),
    ]
    if bridge is None:
        found.append(Evidence(f"{plugged.bridge} does not exist", f"/sys/class/net/{plugged.bridge}"))
    elif bridge.index > tap.index and tap.master is None:
        # The kernel numbers devices upwards as they are made (net/core/dev.c dev_index_reserve).
        text = f"{plugged.bridge} is younger than {tap.name}: it was made anew while the guest ran"
        found.append(Evidence(text, f"/sys/class/net/{plugged.bridge}/ifindex", f"{bridge.index} > {tap.index}"))
    return tuple(found)


def plan(finding: Finding, facts: Facts) -> Plan | NoPlan:
    host, subject = facts.host, finding.broken.subject
    moved = (tap for tap in _taps(host) if tap.link.name == subject and tap.link.master != tap.bridge)
    taps = tuple(moved) or _lost_taps(host, subject)
    if not taps:
        return NoPlan("no running guest's tap is without its bridge any more")
    bridge = host.bridge(taps[0].bridge)
    if bridge is None:
        return NoPlan(f"{taps[0].bridge} is no Linux bridge that exists now", _make_it_again(host, taps[0].bridge))
    silence = blackout(bridge) or 0.0
    restart = "A restart of libvirtd (virtqemud) plugs all of them in too, and cuts off consoles and migrations."
    return Plan(steps=tuple(step for tap in taps for step in _steps(tap, silence)), other_ways=(restart,))


def _steps(tap: Plugged, silence: float) -> Iterator[Step]:
    from pxedoctor.plans.bridge import EnslaveTap, IsolatePort

    name, master = tap.link.name, tap.link.master
    if master is None:
        yield EnslaveTap(tap=name, bridge=tap.bridge, silent_for=silence)
    else:
        lose = f"{tap.guest} leaves {master}; somebody may have plugged it in there on purpose."
        yield EnslaveTap(tap=name, bridge=tap.bridge, silent_for=silence, safety=Safety.RISKY, may_lose=lose)
    if tap.isolated:
        yield IsolatePort(port=name)


def _make_it_again(host: Host, bridge: str) -> tuple[str, ...]:
    network = host.network_on(bridge)
    made_by = f"virsh net-start {network.name}" if network else f"what makes {bridge} on this host (ifup, nmcli, ...)"
    return (f"{made_by}; then pxedoctor fix plugs the running guests in again",)
