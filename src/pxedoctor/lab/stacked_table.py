"""The record of lab.stacked as the page shows it. Pure."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from pxedoctor.lab.stacked import Stacked

# Pairs that do not go as they should, and why that stays so.
_NO_PORT = "An uplink that is in no bridge is no port that could be set: in this order there is no such pair"
_NO_LEASES = "What is to fill the pool gets no address through that firewall: in this order there is no such pair"
_NO_RULES = "That fault begins with a daemon that writes its rules anew, which it does for a network that runs"
_NO_SERVER = (
    "Where no server is known, whether rules are in the way to one is no question yet: they are named first as soon as "
    "there is one"
)
_NO_SILENCE = (
    "What a program does with a frame is known by a server's silence alone, and no way leads to a server: it is named "
    "as soon as one does"
)
_NO_FETCH = "The client that both are asked about fetches no boot file: large blocks are no question then"
_NO_DEVICE = (
    "The first takes away the device, or the rules, that the second would set: in this order there is no such pair"
)
_NO_LINK = "Through a port whose device is down nothing goes, whatever else is set on it: that is named first"
REASONS: Mapping[str, str] = MappingProxyType(
    {
        "bridge-without-uplink + port-not-forwarding-uplink-disabled": _NO_PORT,
        "bridge-without-uplink + port-not-forwarding-uplink-without-broadcasts": _NO_PORT,
        "dhcp-pool-exhausted-by-reservations + host-firewall-drops-dhcp-above-libvirt": _NO_LEASES,
        "network-inactive-in-all-but-name + libvirt-rules-missing-own-chain-flushed": _NO_RULES,
        "dhcp-not-configured-for-the-network-of-its-bridge + host-firewall-drops-dhcp": _NO_SERVER,
        "dhcp-not-configured-for-the-network-of-its-bridge + libvirt-rules-stale-ifindex": _NO_SERVER,
        "dhcp-not-configured + libvirt-rules-missing": _NO_SERVER,
        "bridge-without-uplink-down + bridged-frames-hit-forward-ufw": _NO_SERVER,
        "port-not-forwarding-uplink-without-broadcasts + bpf-or-cgroup-filter": _NO_SILENCE,
        "bridge-without-uplink + bpf-or-cgroup-filter": _NO_SILENCE,
        "bridge-without-uplink-down + bpf-or-cgroup-filter": _NO_SILENCE,
        "port-not-forwarding-uplink-disabled + bpf-or-cgroup-filter": _NO_SILENCE,
        "bridge-without-uplink + bridged-frames-hit-forward-ufw": _NO_SERVER,
        "dhcp-not-configured-for-the-network-of-its-bridge + macvtap-host-unreachable": _NO_SERVER,
        "dhcp-not-configured + host-firewall-drops-dhcp-nftables-service": _NO_SERVER,
        "dhcp-not-configured + libvirt-rules-missing-jumps-gone": _NO_SERVER,
        "bridge-without-uplink-down + port-not-forwarding-uplink-without-broadcasts": _NO_LINK,
        "mtu-mismatch + proxy-arp-of-a-container": _NO_FETCH,
        "dnsmasq-jailed + bridge-down": _NO_DEVICE,
        "dhcp-port-taken + bridge-down": _NO_DEVICE,
        "dhcp-port-taken + dhcp-reply-masqueraded": _NO_DEVICE,
        "subnet-overlap + dhcp-reply-masqueraded": _NO_DEVICE,
        "network-inactive + dhcp-reply-masqueraded": _NO_DEVICE,
        "dnsmasq-jailed + bridge-forward-delay": _NO_DEVICE,
        "dnsmasq-jailed + libvirt-rules-missing": _NO_RULES,
        "dnsmasq-jailed + libvirt-rules-missing-jumps-gone": _NO_RULES,
    }
)


def shown(rows: Sequence[Stacked], sensible: int) -> str:
    """`sensible`: how many pairs there are to draw from."""
    made = [row for row in rows if row.made]
    undone = [row for row in rows if not row.trouble and row.stays is False]
    taken = "; ".join(dict.fromkeys(row.taken for row in rows))
    head = (
        f"{len(rows)} of {sensible} pairs were looked at ({taken}). On {len(made)} sites both faults were there; of "
        f"{len(undone)} pairs one undid the other, and {len(rows) - len(made) - len(undone)} sites could not be made."
    )
    return "\n\n".join([head, _counts(made), _exceptions(rows)]) + "\n"


def _counts(made: Sequence[Stacked]) -> str:
    first = [row for row in made if row.first_right]
    works = [row for row in made if row.worked]
    alone = [row for row in works if not row.by_hand]
    counts = {
        "the earlier on the road was named first": len(first),
        "both were named at once": sum(row.both == "named" for row in made),
        "the second was named after a repair of the first": sum(row.both == "reached" for row in made),
        "the second was never named": sum(row.both == "never" for row in made),
        "both guests got what they want at the end": len(works),
        "of these, by `fix --apply --yes` alone": len(alone),
        "of these, with the lab's hand where the repair is only shown": len(works) - len(alone),
    }
    lines = [f"| {what} | {number} |" for what, number in counts.items()]
    return "\n".join([f"| of {len(made)} pairs | |", "|---|---|", *lines])


def _exceptions(rows: Sequence[Stacked]) -> str:
    odd = [row for row in rows if row.stays is not False and not (row.made and row.right)]
    lines = [f"- {row.name} (made in the order {', '.join(row.causes)}): {_said(row)}" for row in odd]
    return "\n".join(["### Pairs that did not go so", "", *(lines or ["None."])])


def _said(row: Stacked) -> str:
    if row.trouble:
        return (
            f"this site could not be made: `{row.trouble.splitlines()[0][:160]}`. {REASONS.get(row.name, '')}".strip()
        )
    words = [f"named: {', '.join(row.named) or 'nothing'}", *row.steps]
    if not row.worked:
        words.append("a guest failed at the end")
    if row.both == "never":
        words.append("the second was never named")
    return f"{'; '.join(words)}. {REASONS.get(row.name, '')}".strip()
