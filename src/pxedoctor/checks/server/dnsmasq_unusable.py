"""libvirt cannot start the DHCP server of its network: dnsmasq is missing, wrapped, or tells no version.

What it does
    For a network of libvirt's that needs a dnsmasq: is there one, what is behind its links, and what does it answer
    to --version in the empty environment that libvirt gives it? libvirt looks for a number behind "Dnsmasq version ".
    Besides, what the log says of the script with which dnsmasq keeps libvirt's leases (libvirt_leaseshelper): where
    that fails at its start, dnsmasq ends. Of a network whose dnsmasq runs it is a risk, at its next start.

Why the guest fails
    Without dnsmasq libvirt does not start the network, and without its network no guest starts; where the guests were
    running, nobody answers them any more. dnsmasq-base was removed beside another resolver; Pi-hole or a build of
    one's own put another program in its place, whose version is no number; firejail put a link of its own there, and
    finds no PATH in libvirt's environment; AppArmor or a missing library lets the script die.

What you see
    virsh net-start: "Unable to find 'dnsmasq' binary in $PATH", "cannot parse /usr/sbin/dnsmasq version number in
    'Dnsmasq version UNKNOWN'", "Error: PATH environment variable not set", or "lease-init script returned exit code".

Fix
    Install the distribution's own (Debian: dnsmasq-base, elsewhere dnsmasq), and give it its place back: remove the
    wrapper (firecfg --clean, or "dnsmasq" in /etc/firejail/firecfg.config ignored), or dpkg --verify dnsmasq-base.
    Then virsh net-start NETWORK. For the script: run it by hand, and look for its denial in the kernel's log.

Fix safety
    No plan: which package brings dnsmasq, and whether a wrapper is meant, is for a person to say.

References
    libvirt src/util/virdnsmasq.c (dnsmasqCapsSetFromBuffer), src/network/bridge_driver.c, leaseshelper.c; dnsmasq(8)
    (--dhcp-script, init); libvirt/libvirt#27, #63, netblue30/firejail#5089, void-linux/void-packages#29343
"""

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Evidence, Fine, Hop, NotApplicable, Outcome, Unknown
from pxedoctor.model.dnsmasq_program import DnsmasqProgram
from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.model.libvirt import Network
from pxedoctor.model.log import LogLine
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.road.network import network_of
from pxedoctor.road.server import ServerState, dhcp_server

META = Meta(
    code="DS014",
    name="dnsmasq-unusable",
    stage=Stage.SERVER,
    needs=("networks", "processes"),
    consults=("dnsmasq_program", "logs"),
    fix="never",
    explains=("network-inactive", "dhcp-server-dead"),
)
_SCRIPT = "lease-init script returned exit code"
_WRAPPERS = ("firejail",)


def check(facts: Facts, target: Target) -> Outcome:
    host = facts.host
    network = network_of(host, target)
    if network is None or not network.wants_server:
        return NotApplicable("it is on no libvirt network that needs a dnsmasq")
    runs = _runs(host, network)
    if isinstance(host.dnsmasq_program, Missing):
        unread = host.dnsmasq_program
        return Unknown(missing=unread.why, would_help=unread.would_help, on_road=not runs)
    program = host.dnsmasq_program
    if not program.path:
        return _broken(
            network, runs, "there is no dnsmasq on this host", Evidence("none is in its usual places", "PATH")
        )
    if program.version is None:
        return _not_answering(network, runs, program)
    failed = None if runs else _failed_script(host)
    if failed is not None:
        words = "the script with which dnsmasq keeps libvirt's leases fails"
        return _broken(network, runs, words, Evidence("the log says so", failed.origin, failed.text))
    return Fine(f"{program.path} answers as version {program.version}")


def _runs(host: Host, network: Network) -> bool:
    if not network.active:
        return False
    server = dhcp_server(host, network)
    return not isinstance(server, Missing) and server.state is ServerState.ALIVE


def _not_answering(network: Network, runs: bool, program: DnsmasqProgram) -> Broken:
    wrapped = program.real.rpartition("/")[2] in _WRAPPERS
    words = f"{program.path} is a wrapper, {program.real}" if wrapped else f"{program.path} does not tell its version"
    return _broken(
        network,
        runs,
        words,
        Evidence("what it is", f"readlink -f {program.path}", program.real),
        Evidence("what it answers with an empty environment", f"env -i {program.path} --version", program.said),
    )


def _failed_script(host: Host) -> LogLine | None:
    lines = () if isinstance(host.logs, Missing) else host.logs
    return next((line for line in reversed(lines) if _SCRIPT in line.text), None)


def _broken(network: Network, runs: bool, words: str, *evidence: Evidence) -> Broken:
    result = "its next start fails" if runs else "libvirt cannot start its DHCP server"
    return Broken(
        headline=f"{words}: of the network {network.name}, {result}.",
        subject=network.name,
        scope="network",
        hop=Hop.BRIDGE,
        severity="risk" if runs else "broken",
        certainty="likely" if _SCRIPT in evidence[0].value else "proven",
        evidence=(Evidence("the network needs a dnsmasq", network.origin, "dhcp, dns or tftp"), *evidence),
    )


def plan(finding: Finding, facts: Facts) -> Plan | NoPlan:
    network = finding.broken.subject
    return NoPlan(
        "which package brings dnsmasq, and whether a wrapper is meant, is for a person to say",
        (f"Debian: apt-get install --reinstall dnsmasq-base; then virsh net-start {network}",),
    )
