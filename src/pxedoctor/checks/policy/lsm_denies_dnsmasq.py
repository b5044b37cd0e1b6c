"""AppArmor or SELinux keeps the network's dnsmasq from what it needs.

What it does
    Looks in the log for refusals of AppArmor and SELinux whose subject is dnsmasq or libvirt's lease helper, and whose
    object is this network's: its configuration, leases and pid file, its TFTP root, or the helper itself. Those of an
    earlier life of a server that runs say nothing any more, nor do those of SELinux about a file that has another label
    by now, or in permissive mode, which only writes them down.

Why the guest fails
    A dnsmasq that may not read its configuration, write its pid file or run the lease helper ends at once, and libvirt
    gives the network's start up: nobody answers. One that runs and may not read a boot file answers TFTP with an error.
    It comes of profiles older than the paths that libvirt uses, of a libvirt of one's own in /usr/local, and of a TFTP
    root where no profile expects one. Not reproduced here with an SELinux that enforces its policy: the lab has a
    stand-in for it, which goes by the files' real labels.

What you see
    kernel: audit: type=1400 ... apparmor="DENIED" operation="open" profile="dnsmasq"
    name="/var/lib/libvirt/dnsmasq/default.conf", or avc: denied { read } ... comm="dnsmasq". libvirt: "dnsmasq: cannot
    read ...: Permission denied", though the file's mode and owner are right.

Fix
    AppArmor: the rule that is missing, into /etc/apparmor.d/local/usr.sbin.dnsmasq, and apparmor_parser -r
    /etc/apparmor.d/usr.sbin.dnsmasq. SELinux: restorecon -v on the file; for a TFTP root of one's own, semanage
    fcontext -a -t tftpdir_t. Then start the network.

Fix safety
    RISKY, for a label: where restorecon -n says that the policy has another one for that very file, it is given that
    one, and nothing else is allowed to anybody; another confined program may rest on the label that it has. Undone by
    the label of before. Else nothing is done: what a security policy forbids, a person allows. SELinux is never put
    into permissive mode.

References
    apparmor.d(5), apparmor_parser(8); restorecon(8), audit2why(8); minishift/minishift#2654;
    Debian's apparmor-profiles, usr.sbin.dnsmasq
"""

import re

import msgspec

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Evidence, Fine, Hop, NotApplicable, Outcome
from pxedoctor.model.fact import Missing, known
from pxedoctor.model.host import Host
from pxedoctor.model.label import Label
from pxedoctor.model.libvirt import Network
from pxedoctor.model.log import LogLine
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.plans.step import Step
from pxedoctor.road.network import makes_bridge, network_of
from pxedoctor.road.server import ServerState, dhcp_server

META = Meta(
    code="HP001",
    name="lsm-denies-dnsmasq",
    stage=Stage.POLICY,
    needs=("networks",),
    fix="sometimes",
    explains=("network-inactive", "dhcp-server-dead", "boot-file-unreadable"),
    consults=("logs", "processes", "labels"),
)

_DENIED = re.compile(r'apparmor="DENIED"|avc: +denied')
_FIELD = re.compile(r'\b(profile|name|path|comm|denied_mask|capname|scontext|tcontext|permissive)=(?:"([^"]*)"|(\S+))')
_PID = re.compile(r"\bpid=(\d+)")
_SUBJECTS = ("dnsmasq", "leaseshelper", "libvirt_leasesh")
_FOLDER = "/var/lib/libvirt/dnsmasq/"


class _Denial(msgspec.Struct, frozen=True, kw_only=True):
    """`profile`: AppArmor's; "" for SELinux. `what`: a path (of SELinux often its last part alone) or a capability.

    `label`: of SELinux, what the file was labelled.
    """

    line: LogLine
    profile: str
    what: str
    mask: str
    label: str
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
    told = (denial for denial in map(_of, host.logs) if denial is not None)
    denials = tuple(denial for denial in told if _concerns(denial, network, host) and not _relabelled(denial, host))
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
    if told.get("permissive") == "1":
        return None
    profile = told.get("profile", "")
    subject = " ".join((profile, told.get("comm", ""), told.get("scontext", "")))
    if not any(word in subject for word in _SUBJECTS):
        return None
    pid = _PID.search(line.text)
    what = told.get("path") or told.get("name") or told.get("capname", "")
    helper = "leaseshelper" in f"{subject} {what}" or "libvirt_leasesh" in subject
    mask = told.get("denied_mask", "")
    return _Denial(
        line=line,
        profile=profile,
        what=what,
        mask=mask,
        label=told.get("tcontext", ""),
        pid=int(pid[1]) if pid else None,
        of_helper=helper,
    )


def _files(denial: _Denial, host: Host) -> tuple[Label, ...]:
    """The files of that name, whose labels are known; () of AppArmor's refusals."""
    if isinstance(host.labels, Missing) or not denial.label:
        return ()
    return tuple(file for file in host.labels if denial.what in {file.path, file.name})


def _relabelled(denial: _Denial, host: Host) -> bool:
    """Whatever is known under that name is labelled otherwise by now."""
    files = _files(denial, host)
    return bool(files) and all(file.now != denial.label for file in files)


def _concerns(denial: _Denial, network: Network, host: Host) -> bool:
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
    if any(f"{file.path}/".startswith(roots) for file in _files(denial, host)):
        return True
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
        steps = _labels_of_the_policy(denial, facts.host) if denial else ()
        if steps:
            return Plan(steps=(*steps, *_start(finding.broken.subject, facts.host)))
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


def _labels_of_the_policy(denial: _Denial, host: Host) -> tuple[Step, ...]:
    """For the one file of that name and label that the policy wants otherwise, and its folder if that is alike."""
    from pxedoctor.plans.label import RestoreLabel

    wrong = tuple(file for file in _files(denial, host) if file.now == denial.label != file.wanted)
    if len(wrong) != 1 or isinstance(host.labels, Missing):
        return ()
    folder = wrong[0].path.rpartition("/")[0]
    # What is made in a folder has its label.
    above = (file for file in host.labels if file.path == folder and file.now == denial.label != file.wanted)
    lost = "whatever other confined program rests on the label {} of {} reaches it no longer."
    return tuple(
        RestoreLabel(path=file.path, label=file.wanted, before=file.now, may_lose=lost.format(file.now, file.path))
        for file in (*above, *wrong)
    )


def _start(name: str, host: Host) -> tuple[Step, ...]:
    """() where it is active, or has no definition, or where no daemon of libvirt's would start it."""
    from pxedoctor.plans.network import StartNetwork

    network = host.network(name)
    owner = None if isinstance(host.libvirt, Missing) else host.libvirt.network_owner
    if network is None or owner is None or network.active or not network.persistent:
        return ()
    return (StartNetwork(network=name, bridge=network.bridge if makes_bridge(network) else ""),)
