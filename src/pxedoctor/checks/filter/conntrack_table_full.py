"""The kernel's table of connections is full: what would be a new one, a DISCOVER among them, is dropped.

What it does
    Compares the number of connections that the kernel tracks in this network namespace with its limit. Nothing is
    tracked, and nothing can be full, where no rule asks for it; then the kernel has no such number.

Why the guest fails
    Every packet of an unknown connection needs a place in the table before the filter sees it. Where there is none, and
    no connection that may be given up (one that nobody has answered yet), the kernel drops the packet. A DISCOVER, an
    OFFER and a TFTP request are new connections to it. What is established goes on, so the host looks well.

What you see
    "nf_conntrack: table full, dropping packet" in the kernel's log, `conntrack -S` counts `drop`, and new logins to the
    host fail as the guest does. DISCOVERs on the bridge in tcpdump, nothing in the server's log.

Fix
    Raise the limit: sysctl -w net.netfilter.nf_conntrack_max=N, for good in /etc/sysctl.d. Then find out who fills it
    (conntrack -L): a scan, a busy NAT, or connections that are kept for days (nf_conntrack_tcp_timeout_established).

Fix safety
    SAFE: it costs memory, some 400 bytes a connection, and cuts nothing off. The limit is the whole kernel's: inside a
    container it cannot be set, and there is no repair. `conntrack -F` empties the table at once and is not done: every
    connection through NAT breaks.

References
    Linux Documentation/networking/nf_conntrack-sysctl.rst, net/netfilter/nf_conntrack_core.c __nf_conntrack_alloc and
    early_drop, conntrack(8)
"""

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Evidence, Fine, Hop, NotApplicable, Outcome, Severity
from pxedoctor.model.fact import Missing, known
from pxedoctor.model.host import Host
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.conntrack import MAX, track
from pxedoctor.plans.plan import NoPlan, Plan

META = Meta(
    code="NF016",
    name="conntrack-table-full",
    stage=Stage.FILTER,
    needs=("sysctls",),
    consults=("logs", "processes"),
    fix="sometimes",
)

_COUNT = "net/netfilter/nf_conntrack_count"
# The same limit under its old name is only in the kernel's first network namespace (nf_conntrack_standalone.c).
_OLD_MAX = "net/nf_conntrack_max"
_NEARLY = 0.9
_ROOM = 4


def check(facts: Facts, target: Target) -> Outcome:
    sysctls = known(facts.host.sysctls)
    count, most = _number(sysctls, _COUNT), _number(sysctls, MAX)
    if count is None or not most:
        return NotApplicable("the kernel tracks no connections here")
    if count < most * _NEARLY:
        return Fine("the kernel's table of connections has room")
    full = count >= most
    severity: Severity = "broken" if full else "risk"
    return Broken(
        headline=_headline(full),
        subject="nf_conntrack",
        scope="host",
        hop=Hop.PREROUTING,
        severity=severity,
        evidence=(
            Evidence("connections that are tracked", f"/proc/sys/{_COUNT}", str(count)),
            Evidence("as many as the kernel tracks", f"/proc/sys/{MAX}", str(most)),
            *_said_by_kernel(facts.host),
        ),
    )


def _headline(full: bool) -> str:
    if full:
        return "The kernel's table of connections is full: it drops new ones, and a guest's DISCOVER is one."
    return "The kernel's table of connections is nearly full: once it is, DISCOVERs are dropped."


def _number(sysctls: dict[str, str], name: str) -> int | None:
    value = sysctls.get(name, "")
    return int(value) if value.isascii() and value.isdigit() else None


def _said_by_kernel(host: Host) -> tuple[Evidence, ...]:
    logs = () if isinstance(host.logs, Missing) else host.logs
    lines = [line for line in logs if "table full" in line.text]
    return tuple(Evidence("the kernel says so", line.origin, line.text) for line in lines[-1:])


def plan(finding: Finding, facts: Facts) -> Plan | NoPlan:
    from pxedoctor.plans.at_boot import runs_udev, when_loaded
    from pxedoctor.plans.file import ChangeFile

    sysctls = facts.host.sysctls
    most = None if isinstance(sysctls, Missing) else _number(sysctls, MAX)
    if isinstance(sysctls, Missing) or most is None:
        return NoPlan("the limit could not be read")
    room = most * _ROOM
    step = track(room)
    if _OLD_MAX not in sysctls:
        because = "the limit is the whole kernel's, and cannot be set in this network namespace"
        return NoPlan(because, (f"on the host outside: {' '.join(step.argv())}", _WHO))
    if not runs_udev(facts.host):
        return Plan(steps=(step,), other_ways=(f"For good: the same in /etc/sysctl.d. {_WHO}",))
    change = when_loaded("nf_conntrack", "conntrack-max", step.argv())
    kept = ChangeFile(words=f"{room} connections whenever nf_conntrack is loaded", change=change)
    return Plan(steps=(step, kept), other_ways=(_WHO,))


_WHO = "Who fills it: conntrack -L tells; conntrack -F would end every connection through NAT."
