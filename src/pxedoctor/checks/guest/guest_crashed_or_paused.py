"""libvirt calls the guest running, and nothing runs in it: it is paused, asleep, or has crashed.

What it does
    Reads the state of a running guest and the reason for it, as libvirt keeps them (/run/libvirt/qemu/GUEST.xml, what
    `virsh domstate --reason` prints). A job of libvirt's (migration, save, dump, snapshot) pauses a guest and lets it
    go on: while one runs, the answer is Unknown. Where that file is closed to us it is Unknown, too.

Why the guest fails
    QEMU is there and holds the tap, so that everything on the host looks right: the port is up and forwards, the
    server listens. The guest's processors stand still: its firmware asks for no address, and answers are read by
    nobody. Somebody paused it; QEMU stopped it because its disk is full or gone (ioerror); its kernel panicked and
    libvirt was told to keep it (<on_crash>preserve); a migration or a save left it so.

What you see
    virsh list: "paused", "crashed" or "pmsuspended". Not one packet comes out of the tap (`ip -s link show vnet0`, RX),
    what is sent to it piles up (TX dropped). With ioerror, in the guest's log: "BLOCK_IO_ERROR", "No space left on
    device".

Fix
    Paused: virsh resume GUEST. Out of space: make room first, then resume. Crashed: look at it (virsh dump, virsh
    screenshot), then virsh reset GUEST, or destroy and start. Asleep: virsh dompmwakeup GUEST.

Fix safety
    RISKY: who paused it may have had a reason. The way back pauses it again. A guest that crashed or ran out of disk is
    for a person: a reset loses what it had in memory, and without room it stops again at once.

References
    libvirt include/libvirt/libvirt-domain.h (virDomainPausedReason, virDomainCrashedReason), formatdomain.html
    (on_crash, error_policy), virsh(1) domstate
"""

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Evidence, Fine, Hop, NotApplicable, Outcome, Unknown
from pxedoctor.model.libvirt import Domain
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.road.netboot import domain_of

META = Meta(
    code="GC008",
    name="guest-crashed-or-paused",
    stage=Stage.GUEST,
    needs=("domains",),
    fix="sometimes",
)
_STANDS_STILL = ("paused", "crashed", "pmsuspended")
# Reasons of a pause that ends by itself (libvirt src/conf/domain_conf.c, virDomainPausedReason).
_PASSING = ("starting up", "shutdown", "post-copy")
# Reasons that a resume alone does not mend.
_BY_ITSELF = {
    "ioerror": "QEMU stopped it because its disk cannot be read or written",
    "watchdog": "its watchdog stopped it: nothing in it had moved for too long",
    "panicked": "its kernel panicked",
    "post-copy failed": "its migration broke off half-way, and part of its memory is on another host",
}


def check(facts: Facts, target: Target) -> Outcome:
    domain = domain_of(facts.host, target)
    if target.kind != "nic" or domain is None:
        return NotApplicable("it is no guest's NIC")
    if not domain.running:
        return NotApplicable("it is off")
    if not domain.reason:
        return Unknown(missing=f"whether {domain.name} is paused", would_help="run it as root")
    if domain.state not in _STANDS_STILL:
        return Fine(f"its state is {domain.state} ({domain.reason})")
    passing = domain.job or (domain.reason if domain.reason in _PASSING else "")
    if passing:
        return Unknown(
            missing=f"whether {domain.name} goes on by itself: it is {domain.state} during {passing}",
            would_help=f"ask again when that is over: virsh domjobinfo {domain.name}",
        )
    return Broken(
        headline=f"{domain.name} is {_in_words(domain)}: nothing runs in it, and it asks for nothing.",
        subject=domain.name,
        hop=Hop.NIC,
        evidence=(
            Evidence("its state, and why", f"{domain.origin}: domstatus", f"{domain.state} ({domain.reason})"),
            Evidence("libvirt runs no job on it that would let it go on", f"{domain.origin}: domstatus/job"),
        ),
    )


def _in_words(domain: Domain) -> str:
    if domain.state == "crashed":
        return "crashed"
    if domain.state == "pmsuspended":
        return "asleep"
    return f"paused ({_BY_ITSELF.get(domain.reason, domain.reason)})"


def plan(finding: Finding, facts: Facts) -> Plan | NoPlan:
    from pxedoctor.plans.guest_state import ResumeGuest

    domain = domain_of(facts.host, finding.first) if finding.first else None
    if domain is None:
        return NoPlan("the guest is not there any more")
    name = domain.name
    if domain.state == "crashed" or domain.reason == "panicked":
        return NoPlan("a reset loses what it had in memory, which may tell why it crashed", (f"virsh reset {name}",))
    if domain.state == "pmsuspended":
        return NoPlan("it went to sleep by its own will", (f"virsh dompmwakeup {name}",))
    if domain.reason in _BY_ITSELF:
        cure = f"mend that first (virsh domblkerror {name}, df), then virsh resume {name}"
        return NoPlan(f"{_BY_ITSELF[domain.reason]}: resumed as it is, it would stop again", (cure,))
    return Plan(steps=(ResumeGuest(domain=name),))
