"""The boot file is behind this host's routing, and FORWARD drops the guest's way to it or the answers.

What it does
    Where libvirt's network sends its guests for the boot file to a server outside this host, walks the first packets
    to it and back (TFTP, or the TCP connection of HTTP) through FORWARD, and names the rule or policy that ends one of
    them, and whose it is.

Why the guest fails
    libvirt lets its guests' traffic through FORWARD, but an accept ends only the base chain in which it stands: every
    other program's forward chain is asked too, and a drop in any of them is final. nftables.conf with a forward policy
    of drop does it, Docker's FORWARD policy DROP where libvirt uses its nftables backend, ufw where it came last.

What you see
    The guest has its address, and then PXE-E32 or "Connection timed out": the DISCOVER never passes FORWARD, the boot
    file does. The same guest boots from a server on this host.

Fix
    Two accepts where it is refused, in the words of whoever refuses: what guests ask of the boot server, and its
    answers. Data of TFTP come from a port of the server's choice, so they are no answers to a firewall: HTTP boot, or
    conntrack's helper for TFTP.

Fix safety
    RISKY: whoever rests on FORWARD to keep guests from that service loses it.

References
    nft(8) VERDICT STATEMENTS, moby/moby#52612, Linux net/netfilter/core.c nf_hook_slow, RFC 1350 section 4
"""

from typing import TYPE_CHECKING

from pxedoctor.checks.opened import opened
from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Evidence, Fine, NotApplicable, Outcome, Unknown
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.road.exchange import boot_of_target
from pxedoctor.road.packet_name import PacketName
from pxedoctor.road.parties import Boot, BootFrom
from pxedoctor.road.refusing import Refused, first_refused, first_unknown, subject, told

if TYPE_CHECKING:
    from pxedoctor.plans.firewall_opening import ServiceName

META = Meta(
    code="NF017",
    name="forwarded-boot-traffic-dropped",
    stage=Stage.FILTER,
    needs=("netfilter", "bridges", "networks"),
    consults=("links", "routes", "sysctls", "firewall_files"),
    fix="sometimes",
)

_HOOKS = ("ip forward",)
_TFTP = (PacketName.TFTP_RRQ, PacketName.TFTP_DATA, PacketName.TFTP_ACK)
_HTTP = (PacketName.HTTP_SYN, PacketName.HTTP_SYN_ACK)
_SERVICES: "dict[int, ServiceName]" = {80: "http", 443: "https"}


def check(facts: Facts, target: Target) -> Outcome:
    boot = boot_of_target(facts, target)
    if boot is None or boot.where is not BootFrom.ROUTED:
        return NotApplicable("its network names no boot server behind this host's routing")
    names = _HTTP if boot.http else _TFTP
    refused = first_refused(facts, target, names)
    if refused is not None and refused.hop.hook in _HOOKS:
        return _broken(target, boot, refused)
    unknown = first_unknown(facts, target, names, _HOOKS)
    if unknown is not None:
        show = f"see `{unknown.rule.origin}`" if unknown.rule else "run it as root"
        return Unknown(missing=f"what becomes of boot traffic at {unknown.hook}: {unknown.why}", would_help=show)
    return Fine(f"no rule at FORWARD ends what goes to the boot server {boot.address}")


def _broken(target: Target, boot: Boot, refused: Refused) -> Broken:
    bridge = target.bridge or ""
    network = target.network or bridge
    needs_it = target.client is not None and target.client.firmware
    return Broken(
        headline=f"{subject(refused.rule)} drops the {refused.packet} between {bridge}'s guests and their boot server "
        f"{boot.address}.",
        subject=network,
        scope="network",
        hop=refused.hop.hop,
        leg=refused.packet.leg,
        severity="broken" if needs_it else "risk",
        evidence=(
            Evidence(
                f"the guests of {network} fetch their boot file from {boot.address}",
                f"virsh net-dumpxml {network}: <bootp>",
                f"through {boot.device}" if boot.device else "by which way is not known",
            ),
            *told(refused),
        ),
    )


def plan(finding: Finding, facts: Facts) -> Plan | NoPlan:
    from pxedoctor.plans.firewall_opening import Opening

    target = finding.first
    boot = boot_of_target(facts, target) if target else None
    if target is None or target.bridge is None or boot is None:
        return NoPlan("for whom it was found is not known")
    service = _SERVICES.get(boot.port) if boot.http else None
    if service is None:
        return _by_hand(target.bridge, boot)
    wants = Opening(interface=target.bridge, service=service, direction="routed")
    return opened(facts, target, _HTTP, _HOOKS, wants)


def _by_hand(bridge: str, boot: Boot) -> NoPlan:
    if boot.http:
        ask = f"an accept of TCP port {boot.port} from {bridge} to {boot.address}, and of established connections back"
        return NoPlan(f"port {boot.port} is no usual port of HTTP", (ask,))
    return NoPlan(
        "TFTP's data come from a port of the server's choice: one accept of port 69 does not let them back",
        (
            f"boot over HTTP: <bootp file='http://{boot.address}/FILE'/> needs one accept, and answers",
            f"an accept of UDP port 69 from {bridge} to {boot.address}, conntrack's helper for it (`iptables -t raw -A "
            f"PREROUTING -i {bridge} -p udp --dport 69 -j CT --helper tftp`), and one of related and established",
            f"a TFTP server that answers from port 69 (dnsmasq's tftp-single-port) on {boot.address}",
        ),
    )
