"""Nobody fills the UDP checksum of the host's DHCP replies, and the guest's client verifies it.

What it does
    Holds only where everything comes together: a DHCP server of this host that answers through a UDP socket (dnsmasq);
    a tap whose guest driver has agreed to take sums that are not filled yet; no CHECKSUM rule, no csum action of tc and
    no device on the way that makes the kernel fill them; and a virtual NIC whose frames QEMU itself does not touch. An
    offer that came to a probe's tap says it at once: its sum was filled or it was not.

Why the guest fails
    The kernel leaves the sum of a packet it made itself to hardware, and a virtio driver accepts that together with a
    mark that says so. A client that reads raw frames and ignores the mark finds a wrong sum and drops every OFFER.
    PXE firmware never agrees to such sums and always gets filled ones: this explains a guest's operating system, never
    a PXE ROM without an offer. Most clients of this decade honour the mark; for them it is no more than a risk.
    Of Windows one report says that its virtio driver hands such sums up unfilled as soon as 60 processors are on, and
    fills them with 59: DHCP then fails at the first renewal. Not reproduced here: it stays a risk, and is named. The
    field knows that end of it as partial-checksum-in-guest (GO002), which is no check of its own.

What you see
    In the guest: "5 bad udp checksums in 5 packets" (dhclient). On the host `tcpdump -vv -i vnet0 udp port 68` prints
    "bad udp cksum" for every reply, which alone proves nothing: clients that honour the mark succeed all the same. So
    does libvirt's old log line "Could not add rule to fixup DHCP response checksums": alone it is innocuous.

Fix
    The rule that libvirt itself writes: iptables -t mangle -A POSTROUTING -o BR -p udp --dport 68 -j CHECKSUM
    --checksum-fill. It holds from the next reply on, for every guest of the bridge. For good, where the host's rules
    are kept: firewalld's direct rules, the file of iptables-persistent or iptables.service, else a rule of udev's for
    when the bridge is made. Without iptables: a reload of libvirt for its own network, libvirt's tc filter for a
    host's bridge, and where the kernel has no act_csum `ethtool -K BR tx off`. Never a rule of nft that writes into
    the field: it gives firmware a wrong sum and so kills PXE. Where another machine answers, no rule of this host
    sees its replies: <driver name='qemu'/> in the guest's definition, from its next full start.

Fix safety
    SAFE: filled sums are what every client expects, and the rule touches nothing else. A reload of libvirt is as safe
    as for libvirt-rules-missing. RISKY without both: a bridge that gets a queue sends nothing for a moment, and `tx
    off` costs throughput. <driver name='qemu'/> costs throughput, too.

References
    https://wiki.libvirt.org/PXE_boot_or_dhcp_on_guest_failed.html ("UDP checksum"), linux net/netfilter/xt_CHECKSUM.c,
    drivers/net/tun.c (set_offload); libvirt src/network/network_iptables.c, network_nftables.c; qemu
    hw/net/virtio-net.c (work_around_broken_dhclient; 9.2.0 wrote a wrong sum there, qemu issue 2727); dhcp
    common/lpf.c (PACKET_AUXDATA); FreeBSD PR 263229
"""

import msgspec

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Evidence, Fine, Hop, NotApplicable, Outcome, Unknown
from pxedoctor.model.client import Client, client_of_system
from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.model.libvirt import Domain, Nic
from pxedoctor.model.log import LogLine
from pxedoctor.model.target import Facts, Target
from pxedoctor.model.traffic_control import Offload
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.road.checksum import Filled, Unfilled, feature, reply_filled
from pxedoctor.road.narrow import nic_of
from pxedoctor.road.probed import Heard, offer_with_sum
from pxedoctor.road.serving import serving

META = Meta(
    code="NF004",
    name="dhcp-reply-checksum-unfilled",
    stage=Stage.FILTER,
    needs=(),
    consults=(
        "offloads",
        "netfilter",
        "traffic_control",
        "processes",
        "logs",
        "modules",
        "network_files",
        "firewall_files",
        "firewalld",
    ),
    fix="sometimes",
)

# From so many processors on, seen once, and with no reason found (virtio-win issue 1630).
_MANY_CPUS = 60
_OLD_WARNINGS = ("fixup DHCP response checksums", "support CHECKSUM rule")


def check(facts: Facts, target: Target) -> Outcome:
    host = facts.host
    if target.bridge is None:
        return NotApplicable("it is plugged into no Linux bridge")
    witness = offer_with_sum(facts, target, "partial")
    server = _server(host, target.bridge)
    if server is None and witness is None:
        return NotApplicable(f"no DHCP server of this host is known to answer on {target.bridge} through a UDP socket")
    if target.tap is None and witness is None:
        return NotApplicable("whether sums may stay open is settled between the host and a running driver; none runs")
    client = _client(host, target)
    if client is not None and client.firmware:
        return Fine(f"{client.title} never takes open sums; this cause explains an operating system, never a PXE ROM")
    if client is not None and client.honours_partial_sums:
        return Fine(f"{client.title} honours the mark that a sum is not filled")
    if witness is not None:
        return _fine_for_its_tap(host, target) or _witnessed(host, target, client, witness)
    filled = offer_with_sum(facts, target, "valid")
    if filled is not None:
        return Fine(f"{filled.origin}, whose tap takes open sums, got its offer with the sum filled")
    return _judge(host, target, server, client)


def _fine_for_its_tap(host: Host, target: Target) -> Fine | None:
    """A guest that runs, and whose own NIC gets every sum filled, whatever a probe's tap gets."""
    offloads = () if isinstance(host.offloads, Missing) else host.offloads
    tap = next((entry for entry in offloads if entry.device == target.tap), None)
    if tap is None:
        return None
    if not tap.takes_partial_sums:
        return Fine(f"the driver behind {tap.device} (firmware, or an emulated NIC) takes no open sums: all are filled")
    filler = _qemu_itself(host, target, tap)
    return Fine(f"{filler}: QEMU carries its frames itself and fills the sums of DHCP replies") if filler else None


def _judge(host: Host, target: Target, server: Evidence | Missing | None, client: Client | None) -> Outcome:
    refuses = client is not None and client.honours_partial_sums is False
    if server is None or isinstance(server, Missing):
        unknown = server or Missing("absent", "what answers is not known")
        return Unknown(missing=unknown.why, would_help=unknown.would_help, on_road=refuses)
    if isinstance(host.offloads, Missing):
        return Unknown(missing=host.offloads.why, would_help=host.offloads.would_help, on_road=refuses)
    tap = next((entry for entry in host.offloads if entry.device == target.tap), None)
    if tap is None:
        return Unknown(
            missing=f"whether the guest's driver takes open sums on {target.tap}",
            would_help=f"ethtool -k {target.tap}",
            on_road=refuses,
        )
    fine = _fine_for_its_tap(host, target)
    if fine is not None:
        return fine
    sums = reply_filled(host, target.bridge or "", tap)
    if isinstance(sums, Filled):
        return Fine(f"{sums.by.text} ({sums.by.origin}: {sums.by.value}){_about_logs(host)}")
    if not isinstance(sums, Unfilled):
        return Unknown(missing=sums.why, would_help=sums.would_help, on_road=refuses)
    seen = (server, feature(tap, f"the guest's driver takes open sums on {tap.device}"), *sums.looked)
    # Who reads a tap that no domain claims is not known: a QEMU without vhost would fill the sums itself.
    proven = nic_of(host, target) is not None and tap.vhost_net is True
    return _broken(host, target, client, seen, proven)


def _witnessed(host: Host, target: Target, client: Client | None, heard: Heard) -> Broken:
    found = _broken(host, target, client, (heard.open_sum,), proven=True)
    if heard.of_this_host(host):
        return found
    return msgspec.structs.replace(found, headline=found.headline.replace("this host's", f"{heard.offer.mac}'s"))


def _broken(host: Host, target: Target, client: Client | None, seen: tuple[Evidence, ...], proven: bool) -> Broken:
    refuses = client is not None and client.honours_partial_sums is False
    start = f"nobody fills the UDP checksum of this host's DHCP replies on {target.bridge}"
    who = f"{client.title} refuses them" if client and refuses else "most clients honour the mark; a few refuse them"
    return Broken(
        headline=f"{start}: {who}. It explains a guest's operating system, never a PXE ROM.",
        subject=target.bridge or "",
        scope="bridge",
        hop=Hop.CLIENT,
        severity="broken" if refuses else "risk",
        certainty="proven" if proven else "likely",
        evidence=(*seen, *_client_evidence(host, target, client), *_log_evidence(host)),
    )


def _server(host: Host, bridge: str) -> Evidence | Missing | None:
    """What answers on the bridge through a UDP socket; Missing where libvirt's networks could not be read."""
    served = serving(host, bridge)
    if served is not None and "dhcp" in served.services:
        return Evidence(f"{served.text}, through a UDP socket", served.origin, served.value)
    return host.networks if isinstance(host.networks, Missing) and host.networks.status != "absent" else None


def _client(host: Host, target: Target) -> Client | None:
    """What asks here; for firmware the system that it boots, where that is known and asks later on the same NIC."""
    if target.client is None or not target.client.firmware:
        return target.client
    found = nic_of(host, target)
    return (client_of_system(found[0].os_id) if found else None) or target.client


def _qemu_itself(host: Host, target: Target, tap: Offload) -> str:
    """Why QEMU and not vhost-net carries the frames (qemu_interface.c, qemuInterfaceOpenVhostNet); "" if not."""
    found = nic_of(host, target)
    if found is None:
        return ""
    domain, nic = found
    if nic.driver == "qemu":
        return f"{domain.name} has <driver name='qemu'/>"
    if domain.hypervisor == "qemu":
        return f"{domain.name} is an emulated guest, for which libvirt opens no vhost-net"
    return "this kernel has no vhost-net" if tap.vhost_net is False else ""


def _client_evidence(host: Host, target: Target, client: Client | None) -> tuple[Evidence, ...]:
    if client is None:
        return (Evidence("which client asks here is not known; --client says it", "domain XML, --client"),)
    found = nic_of(host, target)
    where = target.client_why if client == target.client else f"{found[0].origin}: {found[0].os_id}" if found else ""
    honours = "refuses sums that are not filled" if client.honours_partial_sums is False else "may refuse open sums"
    asks = (Evidence(f"what asks here: {client.title}", where, client.name), Evidence(honours, client.source))
    return (*asks, *_many_cpus(client, found[0] if found else None))


def _many_cpus(client: Client, domain: Domain | None) -> tuple[Evidence, ...]:
    if client.name != "windows" or domain is None or domain.cpus is None or domain.cpus < _MANY_CPUS:
        return ()
    text = "its driver NetKVM was seen to hand open sums up unfilled from 60 processors on (virtio-win issue 1630)"
    return (Evidence(text, f"{domain.origin}: vcpu", str(domain.cpus)),)


def _old_warning(host: Host) -> LogLine | None:
    lines = () if isinstance(host.logs, Missing) else host.logs
    return next((line for line in lines if any(part in line.text for part in _OLD_WARNINGS)), None)


def _log_evidence(host: Host) -> tuple[Evidence, ...]:
    line = _old_warning(host)
    return () if line is None else (Evidence("libvirt said that it could not add its rule", line.origin, line.text),)


def _about_logs(host: Host) -> str:
    return (
        "" if _old_warning(host) is None else "; libvirt's old warning about that rule in the log means nothing by now"
    )


def plan(finding: Finding, facts: Facts) -> Plan | NoPlan:
    from pxedoctor.plans.checksum_choice import by_the_guests, driver_instead, fill_sums

    host, bridge = facts.host, finding.broken.subject
    witness = offer_with_sum(facts, finding.first, "partial") if finding.first else None
    nics = _nics(host, finding)
    if witness is not None and not witness.of_this_host(host):
        return by_the_guests(nics, witness.offer.mac)
    made = fill_sums(host, bridge)
    return msgspec.structs.replace(made, other_ways=(*made.other_ways, *(driver_instead(d, n) for d, n in nics)))


def _nics(host: Host, finding: Finding) -> list[tuple[Domain, Nic]]:
    """The finding's NICs that a definition has; a transient guest has none that could be changed."""
    domains = () if isinstance(host.domains, Missing) else host.domains
    pairs = ((domain, nic) for domain in domains if domain.persistent for nic in domain.nics)
    return [(domain, nic) for domain, nic in pairs if f"{domain.name}/{nic.mac}" in finding.targets]
