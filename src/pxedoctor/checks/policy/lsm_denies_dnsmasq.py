"""AppArmor or SELinux keeps the network's dnsmasq from what it needs.

What it does
    Looks in the log for refusals of AppArmor and SELinux whose subject is dnsmasq or libvirt's lease helper, and whose
    object is this network's: its configuration, leases and pid file, its TFTP root, or the helper itself. Those of an
    earlier life of a server that runs say nothing any more.

Why the guest fails
    A dnsmasq that may not read its configuration, write its pid file or run the lease helper ends at once, and libvirt
    gives the network's start up: nobody answers. One that runs and may not read a boot file answers TFTP with an error.
    It comes of profiles older than the paths that libvirt uses, of a libvirt of one's own in /usr/local, and of a TFTP
    root where no profile expects one.

What you see
    kernel: audit: type=1400 ... apparmor="DENIED" operation="open" profile="dnsmasq"
    name="/var/lib/libvirt/dnsmasq/default.conf", or avc: denied { read } ... comm="dnsmasq". libvirt: "dnsmasq: cannot
    read ...: Permission denied", though the file's mode and owner are right.

Fix
    AppArmor: the rule that is missing, into /etc/apparmor.d/local/usr.sbin.dnsmasq, and apparmor_parser -r
    /etc/apparmor.d/usr.sbin.dnsmasq. SELinux: restorecon -v on the file; for a TFTP root of one's own, semanage
    fcontext -a -t tftpdir_t. Then start the network.

Fix safety
    Nothing is done by pxedoctor: what a security policy forbids, a person allows.

References
    apparmor.d(5), apparmor_parser(8); audit2why(8); minishift/minishift#2654;
    Debian's apparmor-profiles, usr.sbin.dnsmasq
"""

import re

import msgspec

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Evidence, Fine, Hop, NotApplicable, Outcome
from pxedoctor.model.fact import Missing, known
from pxedoctor.model.host import Host
from pxedoctor.model.libvirt import Network
from pxedoctor.model.log import LogLine
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.road.network import network_of
from pxedoctor.road.server import ServerState, dhcp_server

META = Meta(
    code="HP001",
    name="lsm-denies-dnsmasq",
    stage=Stage.POLICY,
    needs=("networks",),
    fix="never",
    explains=("network-inactive", "dhcp-server-dead", "boot-file-unreadable"),
    consults=("logs", "processes"),
)

_DENIED = re.compile(r'apparmor="DENIED"|avc: +denied')
_FIELD = re.compile(r'\b(profile|name|path|comm|denied_mask|capname|scontext)=(?:"([^"]*)"|(\S+))')
_PID = re.compile(r"\bpid=(\d+)")
_SUBJECTS = ("dnsmasq", "leaseshelper", "libvirt_leasesh")
_FOLDER = "/var/lib/libvirt/dnsmasq/"


class _Denial(msgspec.Struct, frozen=True, kw_only=True):
    """`profile`: AppArmor's; "" for SELinux. `what`: a path (of SELinux often its last part alone) or a capability."""

    line: LogLine
    profile: str
    what: str
    mask: str
    pid: int | None
    of_helper: bool


def check(facts: Facts, target: Target) -> Outcome:
    host = facts.host
    known(host.networks)
    network = network_of(host, target)
    if network is None or not network.wants_server:
        return NotApplicable("no dnsmasq of libvirt's is to serve it")
    if isinstance(host.logs, Missing):
        return NotApplicable(f"no log tells what AppArmor or SELinux refused: {host.logs.why}")
    denials = tuple(denial for denial in map(_of, host.logs) if denial is not None and _concerns(denial, network))
    serves = _serves(host, network)
    if serves:
        denials = tuple(denial for denial in denials if denial.pid is not None and denial.pid == network.server_pid)
    if not denials:
        return Fine(f"no log says that AppArmor or SELinux keeps the dnsmasq of {network.name} from anything")
    return _broken(network, denials[-1], serves)


def _of(line: LogLine) -> _Denial | None:
    if not _DENIED.search(line.text):
        return None
    told = {field: quoted or bare for field, quoted, bare in _FIELD.findall(line.text)}
    profile = told.get("profile", "")
    subject = " ".join((profile, told.get("comm", ""), told.get("scontext", "")))
    if not any(word in subject for word in _SUBJECTS):
        return None
    pid = _PID.search(line.text)
    what = told.get("path") or told.get("name") or told.get("capname", "")
    helper = "leaseshelper" in f"{subject} {what}" or "libvirt_leasesh" in subject
    mask = told.get("denied_mask", "")
    return _Denial(line=line, profile=profile, what=what, mask=mask, pid=int(pid[1]) if pid else None, of_helper=helper)


def _concerns(denial: _Denial, network: Network) -> bool:
    """Other networks, and other programs that run a dnsmasq of their own, have files of their own."""
    if denial.of_helper:
        return True
    own = tuple(f"{name}." for name in (network.name, network.bridge) if name)
    if denial.what.startswith((f"/run/libvirt/network/{network.name}.", f"/var/run/libvirt/network/{network.name}.")):
        return True
    roots = tuple(f"{subnet.tftp_root.rstrip('/')}/" for subnet in network.subnets if subnet.tftp_root)
    if roots and f"{denial.what.rstrip('/')}/".startswith(roots):
        return True
    # SELinux names a file by its last part.
    file = denial.what.removeprefix(_FOLDER)
    return denial.what == _FOLDER or ("/" not in file and file.startswith(own))


def _serves(host: Host, network: Network) -> bool:
    if not network.active:
        return False
    server = dhcp_server(host, network)
    return isinstance(server, Missing) or server.state is ServerState.ALIVE


def _broken(network: Network, denial: _Denial, serves: bool) -> Broken:
    system = "AppArmor" if denial.profile else "SELinux"
    who = "libvirt's lease helper" if denial.of_helper else f"the dnsmasq of {network.name}"
    effect = "it runs, and lacks it" if serves else "it does not run, and nobody answers"
    return Broken(
        headline=f"{system} keeps {who} from {denial.what or 'what it needs'}: {effect}.",
        subject=network.name,
        scope="network",
        hop=Hop.SERVER,
        severity="risk" if serves else "broken",
        # Whether it would be refused again, the log cannot tell.
        certainty="likely",
        evidence=(Evidence(f"{system} said so", denial.line.origin, denial.line.text),),
    )


def plan(finding: Finding, facts: Facts) -> Plan | NoPlan:
    because = "what a security policy forbids, a person allows"
    denial = _of(LogLine(origin="", text=finding.broken.evidence[0].value))
    start = f"virsh net-start {finding.broken.subject}"
    if denial is None or not denial.profile:
        return NoPlan(because, (f"ausearch -m avc -c dnsmasq | audit2why tells why; restorecon -v the file; {start}",))
    rule = f"{denial.what} {denial.mask}," if denial.what.startswith("/") else f"capability {denial.what},"
    reload = "apparmor_parser -r /etc/apparmor.d/usr.sbin.dnsmasq"
    return NoPlan(
        because,
        (
            f"to allow it: the line `{rule}` in /etc/apparmor.d/local/usr.sbin.dnsmasq; {reload}; {start}",
            "to see what else it would be refused: aa-complain dnsmasq (apparmor-utils), and read the log",
        ),
    )
