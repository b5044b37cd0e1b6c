"""A host with several of libvirt's nat networks, each with its dnsmasq and a guest, and what may change there.

With `boots_outside`, guests of every third network boot from beyond this host's NAT.
"""

import msgspec

from builders import bridge, domain, host, link, network, nic, port
from pxedoctor.model.firewalld import Firewalld
from pxedoctor.model.host import Host
from pxedoctor.model.lease import Leases
from pxedoctor.model.libvirt import Daemon, Domain, Libvirt, Network, Subnet
from pxedoctor.model.link import Address, Link
from pxedoctor.model.log import LogLine
from pxedoctor.model.network_files import NetworkFiles
from pxedoctor.model.process import Process, Socket
from pxedoctor.model.route import Route
from rulesets import netfilter, saved

_BUILT_IN = {
    "mangle": ("PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"),
    "nat": ("PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"),
    "filter": ("INPUT", "FORWARD", "OUTPUT"),
}
# As libvirt 9 writes them for one network, by table and chain.
_OF_NETWORK = (
    ("filter", "LIBVIRT_INP", "-i {bridge} -p udp -m udp --dport 53 -j ACCEPT"),
    ("filter", "LIBVIRT_INP", "-i {bridge} -p udp -m udp --dport 67 -j ACCEPT"),
    ("filter", "LIBVIRT_OUT", "-o {bridge} -p udp -m udp --dport 68 -j ACCEPT"),
    ("filter", "LIBVIRT_FWO", "-s {subnet} -i {bridge} -j ACCEPT"),
    ("filter", "LIBVIRT_FWO", "-i {bridge} -j REJECT --reject-with icmp-port-unreachable"),
    ("filter", "LIBVIRT_FWI", "-d {subnet} -o {bridge} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT"),
    ("filter", "LIBVIRT_FWI", "-o {bridge} -j REJECT --reject-with icmp-port-unreachable"),
    ("filter", "LIBVIRT_FWX", "-i {bridge} -o {bridge} -j ACCEPT"),
    ("nat", "LIBVIRT_PRT", "-s {subnet} -d 255.255.255.255/32 -j RETURN"),
    ("nat", "LIBVIRT_PRT", "-s {subnet} ! -d {subnet} -p udp -j MASQUERADE --to-ports 1024-65535"),
    ("nat", "LIBVIRT_PRT", "-s {subnet} ! -d {subnet} -j MASQUERADE"),
    ("mangle", "LIBVIRT_PRT", "-o {bridge} -p udp -m udp --dport 68 -j CHECKSUM --checksum-fill"),
)
_JUMPS = (
    ("filter", "INPUT", "-j LIBVIRT_INP"),
    ("filter", "FORWARD", "-j LIBVIRT_FWX"),
    ("filter", "FORWARD", "-j LIBVIRT_FWI"),
    ("filter", "FORWARD", "-j LIBVIRT_FWO"),
    ("filter", "OUTPUT", "-j LIBVIRT_OUT"),
    ("nat", "POSTROUTING", "-j LIBVIRT_PRT"),
    ("mangle", "POSTROUTING", "-j LIBVIRT_PRT"),
)
_SETS = {"net/ipv4/ip_forward": "1", "net/bridge/bridge-nf-call-iptables": "0"}

# (table, chain, rule without -A CHAIN)
Written = tuple[str, str, str]


class Many(msgspec.Struct, frozen=True, kw_only=True):
    """What may change: the rules in their order, the policy of INPUT, whose dnsmasq is dead, which guests are shut off,
    and facts that no packet meets."""

    count: int
    rules: tuple[Written, ...]
    policy: str = "ACCEPT"
    dead: frozenset[int] = frozenset()
    off: frozenset[int] = frozenset()
    boots_outside: bool = True
    logs: tuple[str, ...] = ()
    sysctls: tuple[tuple[str, str], ...] = tuple(_SETS.items())

    def host(self) -> Host:
        numbers = range(self.count)
        devices = ("wan0", *(f"virbr{number}" for number in numbers))
        guests = [_guest(number, number not in self.off) for number in numbers]
        taps = [link(f"vnet{n}", index=500 + n, master=f"virbr{n}") for n in numbers if n not in self.off]
        return host(
            networks=tuple(_network(number, self.boots_outside and number % 3 == 1) for number in numbers),
            bridges=tuple(bridge(f"virbr{n}", ports=() if n in self.off else (port(f"vnet{n}"),)) for n in numbers),
            links=(*(_link(number) for number in numbers), *taps, link("wan0", kind="", index=2)),
            domains=tuple(guests),
            processes=tuple(_dnsmasq(number) for number in numbers if number not in self.dead),
            sockets=(Socket(kind="udp", port=67, address="0.0.0.0"), Socket(kind="udp", port=69, address="0.0.0.0")),
            netfilter=netfilter(saved(self._text())),
            sysctls={f"net/ipv4/conf/{name}/forwarding": "1" for name in devices} | dict(self.sysctls),
            firewalld=Firewalld(running=False),
            firewall_files=(),
            traffic_control=(),
            routes=(
                Route(family="inet", destination="127.0.0.0/8", device="lo", table="local", kind="local"),
                Route(family="inet", destination="default", device="wan0"),
            ),
            libvirt=Libvirt(daemons=(Daemon(name="libvirtd", pid=99),)),
            network_files=NetworkFiles(),
            leases=Leases(now=0),
            neighbours=(),
            boot_files=(),
            modules=(),
            versions={},
            kernel_counters={},
            offloads=(),
            logs=tuple(LogLine(origin="journalctl", text=text) for text in self.logs),
        )

    def _text(self) -> str:
        return "".join(f"{self._table(table)}COMMIT\n" for table in ("mangle", "nat", "filter"))

    def _table(self, table: str) -> str:
        own = dict.fromkeys(chain for name, chain, _ in self.rules if name == table and chain not in _BUILT_IN[table])
        own |= dict.fromkeys(chain for name, chain, _ in _written(0) if name == table)
        policies = {"INPUT": self.policy} if table == "filter" else {}
        heads = [f":{chain} {policies.get(chain, 'ACCEPT')} [0:0]\n" for chain in _BUILT_IN[table]]
        heads += [f":{chain} - [0:0]\n" for chain in own]
        return f"*{table}\n{''.join(heads)}" + "".join(
            f"-A {chain} {rule}\n" for name, chain, rule in self.rules if name == table
        )


def many(count: int) -> Many:
    """Everything healthy."""
    written = (entry for number in range(count) for entry in _written(number))
    return Many(count=count, rules=(*_JUMPS, *written))


def subnet(number: int) -> str:
    return f"10.{number // 200}.{number % 200}.0/24"


def _written(number: int) -> tuple[Written, ...]:
    names = {"bridge": f"virbr{number}", "subnet": subnet(number)}
    return tuple((table, chain, rule.format(**names)) for table, chain, rule in _OF_NETWORK)


def _address(number: int) -> str:
    return subnet(number).replace(".0/24", ".1")


def _network(number: int, boots_outside: bool) -> Network:
    first = subnet(number).removesuffix("0/24")
    own = Subnet(
        family="ipv4",
        address=_address(number),
        prefix=24,
        ranges=((f"{first}2", f"{first}254"),),
        boot_file="boot.0" if boots_outside else "",
        boot_server="203.0.113.9" if boots_outside else "",
    )
    return network(
        f"net{number}", bridge=f"virbr{number}", server_pid=1000 + number, backend="iptables", subnets=(own,)
    )


def _link(number: int) -> Link:
    address = Address(family="inet", address=_address(number), prefix=24)
    return link(f"virbr{number}", kind="bridge", index=10 + number, addresses=(address,))


def _guest(number: int, running: bool) -> Domain:
    mac = f"52:54:00:0d:{number // 256:02x}:{number % 256:02x}"
    tap = f"vnet{number}" if running else None
    return domain(nic(mac=mac, kind="network", source=f"net{number}", tap=tap), name=f"guest{number}", running=running)


def _dnsmasq(number: int) -> Process:
    command = f"dnsmasq --conf-file=/var/lib/libvirt/dnsmasq/net{number}.conf"
    return Process(pid=1000 + number, parent=1, state="S", name="dnsmasq", command=command)


HEALTHY_TWO = msgspec.structs.replace(many(2), boots_outside=False)
