"""What a person can say to each program that writes rules: where pxedoctor itself changes nothing, and for good."""

import msgspec

from pxedoctor.netfilter.owner import Ownership
from pxedoctor.netfilter.owner_names import Owner
from pxedoctor.plans.firewall_opening import Opening
from pxedoctor.plans.plan import NoPlan


class Advice(msgspec.Struct, frozen=True):
    """Sentences with {bridge}, {port}, {protocol} and {what} in them: why no plan, and what a person can do instead."""

    because: str
    instead: tuple[str, ...]


# Programs that write their rules anew as they please, from a policy that a person has set elsewhere.
REFUSED: dict[Owner, Advice] = {
    Owner.LIBVIRT: Advice(
        "libvirt refuses it by the kind of network that this is: its <forward mode> says what may pass",
        ("virsh net-edit NETWORK: <forward mode='nat'/> or 'route' lets through what an isolated network does not",),
    ),
    Owner.NWFILTER: Advice(
        "a filter of libvirt's, which the guest's definition names, refuses it",
        (
            "virsh nwfilter-binding-list shows which guest's NIC has which filter",
            "virsh nwfilter-edit FILTER: <filterref filter='allow-dhcp'/> before what refuses it; it holds at once",
        ),
    ),
    Owner.PROXMOX: Advice(
        "Proxmox VE's firewall refuses it, and writes its rules anew every ten seconds",
        (
            "the guest's options, Firewall, DHCP: Yes (`dhcp: 1` in /etc/pve/firewall/VMID.fw)",
            "for this host: IN DHCPfwd(ACCEPT) -i {bridge} in /etc/pve/local/host.fw, or IN ACCEPT -i {bridge} "
            "-p {protocol} -dport {port}",
        ),
    ),
    Owner.KUBE_PROXY: Advice(
        "kube-proxy (or the kubelet) writes these rules anew within seconds",
        ("a Service or the kubelet's own settings decide here; keep guests off the cluster's node addresses",),
    ),
    Owner.CALICO: Advice(
        "Calico writes its rules anew as soon as they differ",
        (
            "a HostEndpoint's policy: kind GlobalNetworkPolicy, ingress Allow, protocol {PROTOCOL}, ports [{port}]",
            "or {protocol}:{port} among failsafeInboundHostPorts of the FelixConfiguration",
        ),
    ),
    Owner.CILIUM: Advice(
        "Cilium writes its rules anew, and decides most in eBPF, where no rule is seen",
        ("a CiliumClusterwideNetworkPolicy with a nodeSelector and toPorts {port}/{PROTOCOL}",),
    ),
    Owner.FAIL2BAN: Advice(
        "fail2ban has banned the sender, for a time",
        ("fail2ban-client banned; fail2ban-client set JAIL unbanip ADDRESS; for good, ignoreip in jail.local",),
    ),
    Owner.CROWDSEC: Advice(
        "CrowdSec has banned the sender, for a time",
        ("cscli decisions list; cscli decisions delete --ip ADDRESS",),
    ),
    Owner.CSF: Advice(
        "ConfigServer firewall writes its rules anew, and tests them every five minutes",
        ('UDP_IN in /etc/csf/csf.conf, or ETH_DEVICE_SKIP = "{bridge}"; then csf -r',),
    ),
    Owner.WG_QUICK: Advice(
        "wg-quick lets the tunnel's address be reached through the tunnel alone",
        ("give the tunnel another address than the one that guests ask",),
    ),
    Owner.LXD: Advice(
        "LXD filters for its own instances",
        ("lxc network set {bridge} ipv4.firewall=false, or an ACL of lxc network acl",),
    ),
    Owner.INCUS: Advice(
        "Incus filters for its own instances",
        ("incus network set {bridge} ipv4.firewall=false, or an ACL of incus network acl",),
    ),
    Owner.PODMAN: Advice(
        "podman keeps its networks apart",
        ("podman network inspect NETWORK; an isolated network (option isolate=true) lets nothing in from others",),
    ),
    Owner.CNI: Advice(
        "a CNI plugin keeps its networks apart, and has a chain for a person's rules",
        ("iptables -I CNI-ADMIN -i {bridge} -o {bridge} -j ACCEPT, where that chain is",),
    ),
    Owner.TAILSCALE: Advice(
        "Tailscale refuses addresses of its own range, 100.64.0.0/10, from other devices",
        ("give the guests addresses of another range, or tailscale set --netfilter-mode=nodivert",),
    ),
    Owner.NEUTRON: Advice(
        "OpenStack's Neutron writes these rules from the port's security groups",
        (
            "openstack security group rule create --ingress --protocol {protocol} --dst-port {port} GROUP",
            "or openstack port set --no-security-group --disable-port-security PORT",
        ),
    ),
    Owner.NETWORK_MANAGER: Advice(
        "NetworkManager writes these rules for a connection that it shares (ipv4.method shared)",
        ("serve DHCP on another bridge than the shared one, or nmcli connection modify NAME ipv4.method manual",),
    ),
}


def refused(owner: Owner, wants: Opening) -> NoPlan | None:
    advice = REFUSED.get(owner)
    if advice is None:
        return None
    return NoPlan(advice.because, tuple(_filled(words, wants) for words in advice.instead))


def _filled(words: str, wants: Opening) -> str:
    return words.format(
        bridge=wants.interface, port=wants.port, protocol=wants.protocol, PROTOCOL=wants.protocol.upper()
    )


def for_good(owned: Ownership, rule: str, wants: Opening) -> str:
    """How the change outlives a reboot, or the owner's next writing. `rule`: as it is written in the owner's file."""
    where = f" ({owned.file}, line {owned.line}, is what refuses it now)" if owned.file else ""
    match owned.owner:
        case Owner.NFTABLES_SERVICE:
            file = owned.file or "/etc/nftables.conf"
            return f"For good: `{rule}` in {file}, before what refuses it{where}."
        case Owner.IPTABLES_PERSISTENT | Owner.IPTABLES_SERVICE:
            file = owned.file or "the file that the service loads"
            aside = "a save of all rules now would also keep what other programs have set"
            return f"For good: `{rule}` in {file}, before what refuses it{where}; {aside}."
        case Owner.SCRIPT:
            return f"For good: the same command in {owned.file}, after line {owned.line}, which refuses it now."
        case Owner.NIXOS:
            kind = wants.protocol.upper()
            option = f'networking.firewall.interfaces."{wants.interface}".allowed{kind}Ports = [ {wants.port} ];'
            return f"For good: {option} in the system's configuration, and nixos-rebuild switch."
        case Owner.SHOREWALL:
            line = f"`ACCEPT ZONE $FW {wants.protocol} {wants.port}` in /etc/shorewall/rules"
            dhcp = f", or for DHCP the option dhcp of {wants.interface} in /etc/shorewall/interfaces"
            return f"For good: {line}{dhcp if wants.service == 'dhcp' else ''}; then shorewall reload."
        case Owner.OPENWRT:
            return (
                f"For good: a rule in /etc/config/firewall (src of {wants.interface}, dest_port {wants.port}, ACCEPT)."
            )
        case Owner.DOCKER:
            return (
                "For good: Docker leaves the chain alone, keeps nothing of it over a reboot, has no setting for it: "
                "`systemctl edit docker`, with ExecStartPost= of a script that asks `iptables -C` for the rule and, "
                "where it is not there, runs the same command."
            )
    return "For good: the same rule wherever this host keeps its rules; the live one ends with a reboot, if not before."
