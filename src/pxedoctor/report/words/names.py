"""Names of the field that are no checks of their own: what stands behind each, and where it leads (docs/adr/0010)."""

import msgspec

from pxedoctor.report.words.saying import TRACE, Saying

# `virsh net-dhcp-leases` and `virsh domifaddr` with nothing under their heads (libvirt tools/virsh-network.c,
# virsh-domain-monitor.c), over several lines or in one.
_EMPTY_LEASES = r"Expiry Time\s+MAC address\s+Protocol\s+IP address\s+Hostname\s+Client ID or DUID[\s-]*$"
_EMPTY_ADDRESSES = r"Name\s+MAC address\s+Protocol\s+Address[\s-]*$"


class Name(msgspec.Struct, frozen=True, kw_only=True):
    """`leads`: names of checks. `why`: why it is none. `pattern`: of what a program prints that is asked about."""

    code: str
    name: str
    title: str
    why: str
    leads: tuple[str, ...] = ()
    decide: str
    advice: str
    source: str
    speaker: str = ""
    pattern: str = ""

    def sayings(self) -> tuple[Saying, ...]:
        """By its name, and by what a program prints."""
        by_name = self._saying("pxedoctor", rf"(?i)^\s*(?:{self.name}|{self.code})\s*$")
        return (by_name, self._saying(self.speaker, self.pattern)) if self.pattern else (by_name,)

    def _saying(self, speaker: str, pattern: str) -> Saying:
        return Saying(
            key=self.name,
            pattern=pattern,
            speaker=speaker,
            meaning=f"{self.name} ({self.code}): {self.title}",
            source=self.source,
            causes=self.leads,
            decide=self.decide,
            advice=self.advice,
        )


NAMES: tuple[Name, ...] = (
    Name(
        code="DS015",
        name="lease-invisible",
        title="a false alarm, most often: libvirt lists the leases of its own networks' dnsmasq alone. A guest on a "
        "plain bridge, on a network with forward mode bridge, on macvtap, with a static address, or that got its "
        "address by another server, has one that the list cannot know",
        why="a guest that works is not ill: a finding on each bridged guest would be a false alarm of pxedoctor's own",
        decide="virsh domifaddr GUEST --source agent",
        advice="ask the guest itself (--source agent, where qemu-guest-agent runs), the host's neighbours (--source "
        "arp, where the host has spoken with it), or the server that does serve it. Only for a guest of a network "
        "with dhcp of its own is an empty list a symptom: pxedoctor diagnose GUEST",
        source="libvirt src/network/bridge_driver.c networkGetDHCPLeases; vagrant-libvirt issues 84, 307, 1211",
        speaker="virsh",
        pattern=f"{_EMPTY_LEASES}|{_EMPTY_ADDRESSES}",
    ),
    Name(
        code="GO002",
        name="partial-checksum-in-guest",
        title="the guest's end of dhcp-reply-checksum-unfilled: its driver hands a sum up that nobody has filled, and "
        "its client drops the reply. NetKVM does so from 60 processors on",
        why="the host sees the same facts, and the same repair ends it: whoever fills the sum here ends it there",
        leads=("dhcp-reply-checksum-unfilled",),
        decide=TRACE,
        advice="in a guest of Windows: fewer than 60 processors, or <driver><guest csum='off'/></driver> "
        "in its <interface>, from its next full start",
        source="virtio-win/kvm-guest-drivers-windows issue 1630; libvirt formatdomain, <driver><guest csum>",
    ),
)
SAYINGS: tuple[Saying, ...] = tuple(saying for name in NAMES for saying in name.sayings())


def markdown_table() -> str:
    """For docs/causes.md."""
    rows = ["| code | name | what it is | why it is no check | leads to |", "|---|---|---|---|---|"]
    for name in NAMES:
        leads = ", ".join(f"[{cause}](causes/{cause}.md)" for cause in name.leads) or f"`{name.decide}`"
        rows.append(f"| {name.code} | {name.name} | {name.title} | {name.why} | {leads} |")
    return "\n".join(rows)
