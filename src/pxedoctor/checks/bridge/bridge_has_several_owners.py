"""Two systems say that they make one bridge, and who came last decides what it is.

What it does
    Reads every file of this host in which a bridge is configured (docs/owners.md lists whose), and counts who says that
    this one is theirs. A chain of programs that hand one bridge on is one owner: netplan and the networkd or
    NetworkManager for which it writes, nmstate and the profile that it keeps. Where they make different things of it,
    it looks at which of them is in force now.

Why the guest fails
    Each of them sets the bridge up at its own moment of the host's start, and most of them also when a package of
    theirs is upgraded. One has STP off, the other 15 s; one has the uplink as a port, the other none. It works until
    the order changes, and then a reboot, not a change, breaks it. With a long forward delay in force that the other
    one does not want, no guest's firmware gets an answer now.

What you see
    A value that somebody has set, in a file that is read, and that is not in force: `grep -r br0 /etc/network
    /etc/systemd/network /etc/netplan /etc/NetworkManager`, and `cat /sys/class/net/br0/bridge/forward_delay`.

Fix
    Take the bridge out of all files but one. Which one is meant, only a person knows. Until then no repair that should
    last is written into any of them; what is set live holds until the next start.

Fix safety
    No plan: to take a bridge away from the system that really makes it leaves the host without it at its next start.

References
    docs/owners.md; interfaces(5), systemd.netdev(5), netplan(5), nm-settings-keyfile(5), ifcfg(5)
"""

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Evidence, Fine, Hop, NotApplicable, Outcome, Unknown
from pxedoctor.model.bridge import Bridge, Stp
from pxedoctor.model.bridge_owner import Claim, Setting, clamped
from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan
from pxedoctor.road.blackout import Account, judge
from pxedoctor.road.tree import bridge_behind

META = Meta(
    code="BR012",
    name="bridge-has-several-owners",
    stage=Stage.BRIDGE,
    needs=("links", "bridges"),
    consults=("network_files", "networks", "processes"),
    fix="never",
    explains=("bridge-forward-delay",),
)

# Who hands a bridge on to whom: one owner under two names.
_HANDED_ON = (frozenset({"nmstate", "NetworkManager"}), frozenset({"nmstate", "ifcfg (NetworkManager)"}))
# The kernel keeps a delay in 1/100 s.
_CLOSE = 0.01


def check(facts: Facts, target: Target) -> Outcome:
    host = facts.host
    bridge = bridge_behind(host, target)
    if not isinstance(bridge, Bridge):
        return bridge
    if isinstance(host.network_files, Missing):
        missing = host.network_files
        return Unknown(missing=missing.why, would_help=missing.would_help, on_road=False)
    if len(_mentions(host, bridge.name)) < 2:
        return Fine(f"at most one place on this host has {bridge.name} in its configuration")
    claims = _claims(host, bridge.name)
    if not _several(claims):
        owner = f"{claims[0].owner} alone makes {bridge.name} ({claims[0].place})" if claims else ""
        return Fine(owner) if owner else NotApplicable(f"no file that pxedoctor knows says who makes {bridge.name}")
    return _broken(bridge, target, claims)


def _mentions(host: Host, bridge: str) -> list[str]:
    """Where the bridge may be configured, by its bare name: a look that spares most hosts the seventeen owners."""
    files = () if isinstance(host.network_files, Missing) else host.network_files.files
    kept = () if isinstance(host.network_files, Missing) else host.network_files.kept
    found = [file.path for file in files if bridge in file.text or bridge in file.name]
    found += [path for path in kept if path.rpartition("/")[2] == bridge]
    network = None if isinstance(host.networks, Missing) else host.network_on(bridge)
    return [*found, *([network.origin] if network else [])]


def _claims(host: Host, bridge: str) -> tuple[Claim, ...]:
    # Late: seventeen modules that few hosts need.
    from pxedoctor.plans.owners import claims_on

    return claims_on(host, bridge)


def _several(claims: tuple[Claim, ...]) -> bool:
    owners = frozenset(claim.owner for claim in claims)
    if len(owners) > 1:
        return owners not in _HANDED_ON
    # One owner in two places is no trouble where both say the same (a stanza for IPv4 and one for IPv6).
    return any(claim.setting != claims[0].setting for claim in claims)


def _broken(bridge: Bridge, target: Target, claims: tuple[Claim, ...]) -> Broken:
    owners = list(dict.fromkeys(claim.owner for claim in claims))
    who = " and ".join(owners) if len(owners) > 1 else f"{owners[0]}, {len(claims)} times"
    start = f"{bridge.name} is configured by {who}: who comes last at the host's next start decides what it is"
    silent = _silent_against_a_wish(bridge, target, claims)
    return Broken(
        headline=f"{start}; now a new port is silent for {silent:g} s, which one of them does not want."
        if silent
        else f"{start}.",
        subject=bridge.name,
        scope="bridge",
        hop=Hop.PORT if silent else Hop.BRIDGE,
        severity="broken" if silent else "risk",
        certainty="proven",
        evidence=(*map(_evidence, claims), *([_in_force(bridge)] if silent else [])),
    )


def _silent_against_a_wish(bridge: Bridge, target: Target, claims: tuple[Claim, ...]) -> float:
    """Seconds of a silence that kills the client, that one of them makes and another would not; 0 if it is not so."""
    settings = [claim.setting for claim in claims if isinstance(claim.setting, Setting)]
    now = Setting(stp=bridge.stp is not Stp.OFF, delay=bridge.forward_delay)
    if bridge.stp is Stp.USER or not bridge.is_root or not any(_alike(entry, now) for entry in settings):
        return 0.0
    kind = (judge(bridge, target, entry.silence, Account("", ())) for entry in settings if not _alike(entry, now))
    another_would_do = any(isinstance(outcome, Fine) for outcome in kind)
    ends = judge(bridge, target, now.silence, Account("", ()))
    dies = isinstance(ends, Broken) and ends.severity == "broken"
    return now.silence if dies and another_would_do else 0.0


def _alike(one: Setting, other: Setting) -> bool:
    return one.stp == other.stp and (not one.stp or abs(clamped(one.delay) - clamped(other.delay)) < _CLOSE)


def _evidence(claim: Claim) -> Evidence:
    if isinstance(claim.setting, Setting):
        stp = f"STP with a delay of {claim.setting.delay:g} s" if claim.setting.stp else "no STP"
        return Evidence(f"{claim.owner} makes it with {stp}", claim.place or claim.owner, claim.text)
    return Evidence(f"{claim.owner} has it, too: {claim.setting.why}", claim.place or claim.owner, claim.text)


def _in_force(bridge: Bridge) -> Evidence:
    origin = f"/sys/class/net/{bridge.name}/bridge/forward_delay"
    return Evidence(
        f"in force now: a delay of {bridge.forward_delay:g} s", origin, str(round(bridge.forward_delay * 100))
    )


def plan(finding: Finding, facts: Facts) -> NoPlan:
    claims = _claims(facts.host, finding.broken.subject)
    ways = tuple(f"if {c.owner} is not meant: take {finding.broken.subject} out of {c.place or 'it'}" for c in claims)
    live = f"ip link set dev {finding.broken.subject} type bridge forward_delay 200: until the next start, at once"
    long = finding.broken.severity == "broken"
    return NoPlan("which of them is meant to make the bridge, only a person knows", (*ways, *((live,) if long else ())))
