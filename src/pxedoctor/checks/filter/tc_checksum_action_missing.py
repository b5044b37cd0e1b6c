"""libvirt's nftables backend fills DHCP replies' checksums with tc, and this kernel or host has not what that needs.

What it does
    Of a network that is not active, looks for libvirt's own words that one of its tc commands failed, and whether the
    part of the kernel that was missing then (sch_htb, cls_u32, act_csum) is still not in it.

Why the guest fails
    nftables has no rule like iptables' CHECKSUM, so from 10.10 on libvirt puts a filter on the network's bridge: an htb
    qdisc, a u32 match of port 68, and `action csum`. It does so for every nat, route and isolated network, and gives
    the network's start up where one of the three fails: no bridge, no server, and no guest on it can start. A small
    kernel has no act_csum (cloud, container and embedded ones; RHEL and Ubuntu ship it in a package of extra modules),
    a small image has no tc.

What you see
    error: Failed to start network default. "Failed to apply firewall command 'tc filter add dev virbr0 ... action csum
    ip and udp': Error: Failed to load TC action module." or "Cannot find 'tc' in path".

Fix
    Install the package with the kernel's further modules (linux-modules-extra-..., kernel-modules-extra), or iproute's
    tc, and start the network. Else choose the other backend: firewall_backend = "iptables" in
    /etc/libvirt/network.conf, restart the daemon, start the network.

Fix safety
    Nothing is done by pxedoctor: it installs no packages, and the backend is one for all networks of the host.

References
    libvirt src/network/network_nftables.c (nftablesAddUdpChecksumFixWithTC), bridge_driver_conf.c; tc-csum(8); libvirt
    11.3 on Linux 6.12 and 6.18
"""

import re

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Evidence, Fine, Hop, NotApplicable, Outcome
from pxedoctor.model.fact import Missing, known
from pxedoctor.model.host import Host
from pxedoctor.model.libvirt import Network
from pxedoctor.model.log import LogLine
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.road.network import bridge_is_gone, makes_bridge, network_of

META = Meta(
    code="NF015",
    name="tc-checksum-action-missing",
    stage=Stage.FILTER,
    needs=("networks",),
    fix="never",
    explains=("network-inactive",),
    consults=("logs", "modules", "libvirt", "bridges", "links", "traffic_control"),
)

_FAILED = re.compile(r"Failed to apply firewall command '(?:\S*/)?tc (?P<words>[^']{1,300})':\s*(?P<why>.{0,300})")
_NO_TC = "Cannot find 'tc' in path"
_PROGRAM = "tc"


def check(facts: Facts, target: Target) -> Outcome:
    host = facts.host
    known(host.networks)
    network = network_of(host, target)
    if network is None or not makes_bridge(network):
        return NotApplicable("it is plugged into no network whose bridge libvirt makes")
    if network.active and not bridge_is_gone(host, network):
        return Fine(f"the network {network.name} is active: what its start needs of tc is there")
    line = _last_refusal(host, network)
    if line is None:
        return NotApplicable(f"no log says that tc failed when {network.name} was started")
    missing = _missing(line)
    if _is_there(host, missing):
        where = "on this host" if missing == _PROGRAM else "in the kernel"
        return NotApplicable(f"{missing}, which {network.name} lacked when it was started last, is {where} by now")
    return _broken(host, network, missing, line)


def _last_refusal(host: Host, network: Network) -> LogLine | None:
    lines = () if isinstance(host.logs, Missing) else host.logs
    return next((line for line in reversed(lines) if _is_about(line, network)), None)


def _is_about(line: LogLine, network: Network) -> bool:
    failed = _FAILED.search(line.text)
    return _NO_TC in line.text if failed is None else f" dev {network.bridge} " in f" {failed['words']} "


def _missing(line: LogLine) -> str:
    """The module, by what tc says (iproute2 tc/tc_filter.c; net/sched/act_api.c, cls_api.c, sch_api.c); else ""."""
    failed = _FAILED.search(line.text)
    if failed is None:
        return _PROGRAM
    why = failed["why"].lower()
    if failed["words"].startswith("qdisc") and "unknown" in why:
        return "sch_htb"
    return "cls_u32" if "classifier" in why else "act_csum" if "action" in why else ""


def _is_there(host: Host, missing: str) -> bool | None:
    """Whether what was missing is there now; None where nobody can tell."""
    if missing == _PROGRAM:
        listed = host.traffic_control
        return None if isinstance(listed, Missing) and listed.status != "absent" else not isinstance(listed, Missing)
    if isinstance(host.modules, Missing) or not missing:
        return None
    return missing in host.modules


def _broken(host: Host, network: Network, missing: str, line: LogLine) -> Broken:
    what = {_PROGRAM: "this host has no tc", "": "tc refused"}.get(missing, f"this kernel has no {missing}")
    seen = _is_there(host, missing) is False
    still = Evidence(f"{missing} is neither loaded nor built in", "/proc/modules, modules.builtin", "not among them")
    if missing == _PROGRAM:
        still = Evidence("tc is not installed now either", "tc -j qdisc show", "not found")
    return Broken(
        headline=f"the network {network.name} did not start: {what}, with which libvirt's nftables backend has the "
        "checksums of DHCP replies filled.",
        subject=network.name,
        scope="network",
        hop=Hop.BRIDGE,
        certainty="proven" if seen else "likely",
        evidence=(
            Evidence("libvirt's words at its last start", line.origin, line.text),
            *((still,) if seen else ()),
            Evidence(f"the network {network.name} is not active", network.origin),
        ),
    )


def plan(finding: Finding, facts: Facts) -> Plan | NoPlan:
    name = finding.broken.subject
    owner = "libvirtd" if isinstance(facts.host.libvirt, Missing) else facts.host.libvirt.network_daemon
    start = f"virsh net-start {name}"
    return NoPlan(
        "pxedoctor installs no packages, and the backend is one for all networks of this host",
        (
            "the package with this kernel's further modules (Ubuntu: linux-modules-extra-$(uname -r); Fedora, RHEL: "
            f"kernel-modules-extra), or with tc (iproute2, iproute-tc); then {start}",
            f'firewall_backend = "iptables" in /etc/libvirt/network.conf; systemctl restart {owner}; {start}',
        ),
    )
