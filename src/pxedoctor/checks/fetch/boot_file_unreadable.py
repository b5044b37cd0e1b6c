"""The server has the guest's request for its boot file and cannot read the file: it is not there, or closed to it.

What it does
    Where this host serves the boot file by TFTP (libvirt's <tftp root>, a dnsmasq with enable-tftp, in.tftpd): looks at
    every folder on the way to the file and at the file itself, and weighs their permissions for the user that the
    server runs as. A probe with --fetch sees the refusal itself, of whatever server.

Why the guest fails
    dnsmasq started by libvirt runs as a user of its own (nobody, dnsmasq, libvirt-dnsmasq), tftpd as tftp: a file that
    root copied with mode 0600, or a folder that only its owner may pass (a home directory), is closed to them. A server
    that runs as root refuses what not everybody may read. Letters count: Boot.0 is not boot.0.

What you see
    PXE-T01: File not found, PXE-T02: Access violation, "PXE-E36: Error received from TFTP server", OVMF's "PXE-E23"; on
    iPXE the server's own words. In dnsmasq's log: "file ... not found for ...", or "cannot access ...: Permission
    denied".

Fix
    Put the file there, or let everybody read it, and pass the folders inside the server's root. What is above that root
    (a home directory) is not for pxedoctor to open: move the root. Where permissions are in order and the log tells of
    an SELinux denial: restorecon -R on the root; of AppArmor's: a path that its profile knows, as /srv/tftp.

Fix safety
    SAFE: a boot file is readable by everybody on the guests' network as it is. Undone by the mode that it had.

References
    RFC 1350 (error codes 1 and 2), dnsmasq 2.90 src/tftp.c check_tftp_fileperm, tftpd(8) "must be publicly readable",
    path_resolution(7), theforeman/foreman#9401, cockpit-project/cockpit-machines#1658
"""

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Evidence, Fine, Hop, Leg, NotApplicable, Outcome, Severity, Unknown
from pxedoctor.model.boot_file import Entry
from pxedoctor.model.fact import Missing
from pxedoctor.model.observation import SeenFetch
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.road.boot_here import BootHere, boot_here
from pxedoctor.road.boot_seen import boot_probes
from pxedoctor.road.file_reading import Closed, Gone
from pxedoctor.road.netboot import Netboot, netboot_of

META = Meta(
    code="TF001",
    name="boot-file-unreadable",
    stage=Stage.FETCH,
    needs=("bridges",),
    consults=("domains", "networks", "processes", "links", "sockets", "boot_files"),
    fix="sometimes",
)
# RFC 1350 section 5 (0: not defined, see the message), RFC 9110 section 15.5.
_TFTP_REFUSALS = frozenset({0, 1, 2})
_HTTP_REFUSALS = frozenset({401, 403, 404, 410})
# Folders that hold services' files, where a root may be opened for all; elsewhere it may be somebody's home.
_PUBLIC = ("/srv/", "/var/lib/", "/var/ftp", "/var/tftp", "/tftpboot", "/var/www/")


def check(facts: Facts, target: Target) -> Outcome:
    kind = netboot_of(facts.host, target)
    if kind is Netboot.NEVER:
        return NotApplicable("it is not known to boot from the network")
    severity: Severity = "risk" if kind is Netboot.LATER else "broken"
    here = boot_here(facts, target)
    refused = _refused(facts, target)
    if refused is not None:
        return _seen(target, refused, here, severity)
    if here is None:
        return NotApplicable("this host is not known to serve its boot file by TFTP")
    if isinstance(here, Missing):
        return Unknown(missing=here.why, would_help=here.would_help)
    match here.reading:
        case Missing(why=why, would_help=would_help):
            return Unknown(missing=why, would_help=would_help or "fetch it: pxedoctor diagnose --probe --fetch")
        case Gone() | Closed():
            return _broken(target, _headline(here), _evidence(here), severity)
        case _:
            return Fine(f"{here.server.name} may read {here.reading.file.path}")


def _refused(facts: Facts, target: Target) -> SeenFetch | None:
    """A fetch that the server refused for the file's sake, where no later one of that probe brought the file."""
    for seen in boot_probes(facts, target):
        if seen.fetches and seen.fetches[-1].outcome == "refused":
            last = seen.fetches[-1]
            if last.status in (_TFTP_REFUSALS if last.url.startswith("tftp") else _HTTP_REFUSALS):
                return last
    return None


def _seen(target: Target, fetch: SeenFetch, here: BootHere | Missing | None, severity: Severity) -> Broken:
    why = Evidence("a probe asked for it as the guest would, and was refused", f"probe: {fetch.url}", fetch.why)
    known = isinstance(here, BootHere) and isinstance(here.reading, Gone | Closed)
    if isinstance(here, BootHere) and known:
        return _broken(target, _headline(here), (why, *_evidence(here)), severity)
    return _broken(target, f"the server refuses the boot file {fetch.url}.", (why,), severity)


def _headline(here: BootHere) -> str:
    file = here.named.file
    match here.reading:
        case Gone(path=path) if path == here.reading.file.path:
            return f"the boot file {file} does not exist where {here.server.name} looks for it: {path}."
        case Gone(path=path):
            return f"the boot file {file} cannot be there: {path}, a folder on its way, does not exist."
        case Closed(refusing=refusing) if refusing:
            what = "the file" if refusing[-1].kind != "folder" else f"the folder {refusing[0].path}"
            return f"{here.server.name} may not read the boot file {file}: {what} is closed to its user."
        case _:
            return f"the boot file {file} is a folder."


def _evidence(here: BootHere) -> tuple[Evidence, ...]:
    told = Evidence("the guest is told to fetch it", here.named.origin, here.named.value)
    user = Evidence(
        f"{here.server.name} reads files as this user", f"/proc/{here.server.pid}/status", f"{here.server.uid}"
    )
    match here.reading:
        case Gone(path=path):
            return (told, Evidence("it does not exist", path))
        case Closed(refusing=refusing):
            return (told, user, *(_closed(entry) for entry in refusing))
        case _:
            return (told,)


def _closed(entry: Entry) -> Evidence:
    text = "it may not pass this folder" if entry.kind == "folder" else "it may not read this file"
    return Evidence(text, entry.path, f"mode {entry.mode:04o}, owner {entry.uid}, group {entry.gid}")


def _broken(target: Target, headline: str, evidence: tuple[Evidence, ...], severity: Severity) -> Broken:
    return Broken(
        headline=headline,
        subject=target.segment,
        scope=target.segment_scope,
        hop=Hop.CLIENT,
        leg=Leg.FETCH,
        severity=severity,
        evidence=evidence,
    )


def plan(finding: Finding, facts: Facts) -> Plan | NoPlan:
    from pxedoctor.plans.file_mode import LetOthersIn

    here = boot_here(facts, finding.first) if finding.first is not None else None
    if not isinstance(here, BootHere) or not isinstance(here.reading, Closed) or not here.reading.refusing:
        return NoPlan("the file must be put where its server looks for it, and which one it is, is for a person to say")
    file = here.reading.file
    real = [entry for entry in here.reading.refusing if f"{file.real}/".startswith(f"{entry.path.rstrip('/')}/")]
    outside = [entry.path for entry in real if not _is_inside(entry, here.root)]
    if outside or not real:
        where = ", ".join(outside) or file.real
        return NoPlan(
            f"{where} is outside of {here.root}, which {here.server.name} serves, and who closed it may have meant it",
            ("move the files into a folder that everybody may pass, e.g. /srv/tftp, and name that as the root",),
        )
    return Plan(steps=tuple(LetOthersIn(entry=entry) for entry in real))


def _is_inside(entry: Entry, root: str) -> bool:
    root = root.rstrip("/")
    return entry.path.startswith(f"{root}/") or (entry.path == root and f"{root}/".startswith(_PUBLIC))
