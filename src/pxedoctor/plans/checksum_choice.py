"""Chooses who fills the UDP sums of this host's DHCP replies, now and for good.

1. iptables where the host has it: libvirt's own rule, kept by whoever keeps the host's rules.
2. libvirt's nftables backend: libvirt hangs its filter up itself, where nobody else's queue is in its place.
3. A host's own bridge without iptables: libvirt's filter, if the kernel has its parts now.
4. Else the kernel fills every sum before the bridge takes the packet.

Never a rule of nft's that writes into the field: it gives those a wrong sum who had a right one.
"""

from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.model.libvirt import Domain, Network, Nic
from pxedoctor.plans.checksum import FillInKernel, HangChecksumFilter, HangQueue, root_of
from pxedoctor.plans.firewall import AddChecksumRule
from pxedoctor.plans.guest import SetNicDriver
from pxedoctor.plans.kept_rule import BridgeRule, by_udev, kept
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.plans.service import ControlService, reload_of
from pxedoctor.plans.step import Step

# What libvirt's filter is made of.
_PARTS = frozenset({"act_csum", "cls_u32", "sch_htb"})


def fill_sums(host: Host, bridge: str) -> Plan:
    network = host.network_on(bridge)
    if network is None or network.backend != "nftables" or _has_iptables(host) is True:
        return _by_rule(host, bridge, network)
    taken = _foreign_root(host, bridge)
    if not taken:
        return Plan(steps=(_reload(host, bridge),))
    return _without_rules(host, bridge, (f"Not a reload of libvirt: {taken}.",))


def _by_rule(host: Host, bridge: str, network: Network | None) -> Plan:
    rule = AddChecksumRule(bridge=bridge)
    if network is None and _has_iptables(host) is False:
        return _without_rules(host, bridge, (f"Not iptables, which this host has not: {' '.join(rule.argv())}.",))
    if network is not None and network.has_own_rules:
        good = "For good: nothing is needed; libvirt writes its own rule when it next starts."
        return Plan(steps=(rule,), other_ways=(_reload_instead(host), good))
    stays = _kept(host, rule)
    if stays is not None:
        return Plan(steps=(rule, stays))
    typed = " ".join(rule.argv())
    return Plan(steps=(rule,), other_ways=(f"For good: `{typed}` whenever {bridge} is made; this one ends with it.",))


def _kept(host: Host, rule: AddChecksumRule) -> Step | None:
    """By whoever keeps this host's rules; where nobody does, by udev whenever the bridge is made."""
    # The first fails, and does no harm, where the rule is not there yet.
    return kept(host, _wanted(rule.bridge, (rule.undo_argv(), rule.argv()), rule.rule))


def _wanted(bridge: str, commands: tuple[tuple[str, ...], ...], rule: str = "") -> BridgeRule:
    words = f"the checksum of DHCP replies through {bridge} is filled"
    return BridgeRule(bridge=bridge, table="mangle", rule=rule, what="checksum", words=words, commands=commands)


def _without_rules(host: Host, bridge: str, why: tuple[str, ...]) -> Plan:
    root = root_of(host, bridge)
    parts = () if isinstance(host.modules, Missing) else host.modules
    live: tuple[Step, ...] = (FillInKernel(bridge=bridge),)
    if not root and set(parts) >= _PARTS:
        live = (HangQueue(bridge=bridge), HangChecksumFilter(bridge=bridge))
    elif not root:
        queue, hung = HangQueue(bridge=bridge), HangChecksumFilter(bridge=bridge)
        way = f"{' '.join(queue.argv())}; {' '.join(hung.argv())}"
        why = (*why, f"Instead, where the kernel can load act_csum, cls_u32 and sch_htb: {way}.")
    stays = by_udev(host, _wanted(bridge, tuple(step.argv() for step in live)))
    typed = "; ".join(" ".join(step.argv()) for step in live)
    good = () if stays else (f"For good: `{typed}` whenever {bridge} is made; this ends with it.",)
    return Plan(steps=(*live, *((stays,) if stays else ())), other_ways=(*why, *good))


def by_the_guests(nics: list[tuple[Domain, Nic]], server: str) -> Plan | NoPlan:
    """Where the replies come from elsewhere, only the guest's own NIC is within reach."""
    because = f"{server} answers, which is no device of this host's: no rule of this host sees its replies"
    tap = "ethtool -K TAP tx off, of the guest's own tap: the kernel fills all its sums, until its driver starts anew"
    steps = tuple(SetNicDriver(domain=domain.name, mac=nic.mac) for domain, nic in nics if not _waits(domain, nic))
    if not nics:
        return NoPlan(because, (tap,))
    names = ", ".join(dict.fromkeys(domain.name for domain, _ in nics))
    if not steps:
        done = f"<driver name='qemu'/> is in the definition already, and waits for a full shutdown and start of {names}"
        return NoPlan(done, (f"virsh shutdown {names}; once it is off: virsh start {names}", tap))
    return Plan(steps=steps, pending=f"a full shutdown and start of {names}", other_ways=(f"{because}. {tap}.",))


def _waits(domain: Domain, nic: Nic) -> bool:
    return any(entry.mac == nic.mac and entry.driver == "qemu" for entry in domain.defined_nics)


def driver_instead(domain: Domain, nic: Nic) -> str:
    if _waits(domain, nic):
        return f"{domain.name} has <driver name='qemu'/> on {nic.mac} from its next full shutdown and start."
    return (
        f"<driver name='qemu'/> on NIC {nic.mac} of {domain.name}. Not first choice, because it needs a full shutdown "
        "and start, mends this guest alone, and costs it the throughput of vhost-net."
    )


def _has_iptables(host: Host) -> bool | None:
    """Whether the program is here; None where that was not looked at. A listing of its own says so, too."""
    listings = () if isinstance(host.netfilter, Missing) else host.netfilter.listings
    if any(entry.dialect == "iptables-save" and entry.family == "ip" for entry in listings):
        return True
    return None if isinstance(host.network_files, Missing) else "iptables" in host.network_files.programs


def _foreign_root(host: Host, bridge: str) -> str:
    """Why libvirt could not hang its filter up: the root qdisc is not its own `htb 1:` (network_nftables.c)."""
    root = root_of(host, bridge)
    return f"the root qdisc of {bridge} is {root}, not libvirt's" if root and root != "htb 1:" else ""


def _reload(host: Host, bridge: str) -> ControlService:
    return reload_of(host, _daemon(host), f"libvirt hangs its checksum filter on {bridge} again")


def _daemon(host: Host) -> str:
    return "libvirtd" if isinstance(host.libvirt, Missing) else host.libvirt.network_daemon


def _reload_instead(host: Host) -> str:
    return (
        f"Reload {_daemon(host)}: libvirt writes its own rule again. Not first choice, because it takes away and "
        "writes anew the rules of all its networks, cannot be undone, and mends nothing where its chain in mangle is "
        "gone."
    )
