"""Every kind of step has its laws: found by walking the package, so that a new kind without them fails here.

1. Done twice it is done once.
2. The way back, done after the step, gives the host as it was.
3. Asking a step changes nothing, and what is asked of the executor survives the journal.

A kind is judged here (`KINDS`), or by a file of laws of its own (`ELSEWHERE`). Where another program writes the result,
the model of the host can only assume it: the laws of those kinds are over a model of the programs, and what these do
is proved on real hosts (`ON_REAL_HOSTS`: the lab's case whose repair it is, which the crash drill also kills; or a test
in a site).
"""

import importlib
import pkgutil
import re
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

import pxedoctor.plans
from builders import MAC, bridge, domain, host, link, network, nic
from pxedoctor.lab.catalogue import cases
from pxedoctor.model.boot_file import BootFile, Entry
from pxedoctor.model.bridge import Bridge, Port, PortState, Stp, Vlan
from pxedoctor.model.firewall_files import FirewallFile
from pxedoctor.model.host import Host
from pxedoctor.model.label import Label
from pxedoctor.model.libvirt import Nic
from pxedoctor.model.link import Address
from pxedoctor.model.netfilter import Netfilter, RulesText
from pxedoctor.model.route import Route
from pxedoctor.model.traffic_control import Offload, TcText
from pxedoctor.plans.address import AddAddress
from pxedoctor.plans.bridge import ForwardPort
from pxedoctor.plans.checksum import FillInKernel, HangChecksumFilter, HangQueue
from pxedoctor.plans.conntrack import MAX
from pxedoctor.plans.dhcp_range import AddDhcpRange
from pxedoctor.plans.file import ChangeFile
from pxedoctor.plans.file_mode import LetOthersIn
from pxedoctor.plans.firewall import AddChecksumRule
from pxedoctor.plans.guest import SetNicMtu
from pxedoctor.plans.hunks import applied, applied_anywhere
from pxedoctor.plans.label import RestoreLabel
from pxedoctor.plans.link import SetMac
from pxedoctor.plans.network import DefineForwardDelay
from pxedoctor.plans.nic_link import PlugInCable
from pxedoctor.plans.owners.owner import FileChange
from pxedoctor.plans.plan import Plan
from pxedoctor.plans.port import EnterMac, SetPortFlag, SetPortState
from pxedoctor.plans.record import JOURNAL_VERSION, Recorded
from pxedoctor.plans.record import Entry as Treatment
from pxedoctor.plans.request import ChangeMode, EditDefinition, EditFile, Relabel, RemoveFile, Request, Run, WriteFile
from pxedoctor.plans.route import RemoveLocalRoute
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.step import Inverse, Nothing, Step
from pxedoctor.plans.sysctl import SetSysctl
from pxedoctor.plans.vlan import JoinVlan

HERE = Path(__file__).parent
PORTS = ("vnet0", "vnet1")
MACS = ("52:54:00:00:00:01", "52:54:00:00:00:02")
ADDRESSES = ("192.168.122.1", "10.0.0.1")
PREFIXES = ("192.168.122.0/24", "10.0.0.0/24")
HOME, WANTED = "u:r:user_home_t:s0", ("u:r:tftpdir_t:s0", "u:r:dnsmasq_var_lib_t:s0")
LABELLED = ("/srv/tftp", "/srv/tftp/f")
RULES = "/etc/iptables/rules.v4"
LINES = ("*filter\n", "-A INPUT -j DROP\n", "# ours\n", "COMMIT\n")
QUEUE = "htb 1:"
FILTER = "filter parent 1: protocol ip pref 2 u32 chain 0\n  match {} at 20\n\taction order 1: {}\n"
CSUM = FILTER.format("00000044/0000ffff", "csum (iph, udp) action pass")
THEIRS = FILTER.format("00000035/0000ffff", "gact action pass")
MANGLE = "*mangle\n:POSTROUTING ACCEPT [0:0]\nCOMMIT\n"

replace = msgspec.structs.replace


def kinds() -> set[str]:
    """Every class of the package that has what a step has."""
    found: set[str] = set()
    for info in pkgutil.walk_packages(pxedoctor.plans.__path__, "pxedoctor.plans."):
        module = importlib.import_module(info.name)
        for name, value in vars(module).items():
            steplike = isinstance(value, type) and all(hasattr(value, word) for word in ("simulate", "undo", "request"))
            if steplike and value is not Step and value.__module__ == info.name:
                found.add(name)
    return found


ELSEWHERE = {
    "SetForwardDelay": "test_laws.py",
    "SetStp": "test_laws.py",
    "EnslaveTap": "test_laws.py",
    "SetBridgeUp": "test_laws.py",
    "SetMtu": "test_laws.py",
    "SetZone": "test_laws.py",
    "AddService": "test_laws.py",
    "AutostartNetwork": "test_laws.py",
    "InsertIptablesRule": "test_firewall_laws.py",
    "InsertNftRule": "test_firewall_laws.py",
    "SetBridgeNfCall": "test_firewall_laws.py",
    "ConfigureBridge": "test_bridge_file.py",
    **dict.fromkeys(
        (
            "ControlService",
            "StartNetwork",
            "StopNetwork",
            "AddTftpHelper",
            "AllowInUfw",
            "IsolatePort",
            "SetNicDriver",
            "SetLinkUp",
            "AddToBootOrder",
            "LeaveRoom",
            "ResumeGuest",
            "SwitchRomOn",
            "AddRng",
        ),
        "test_assumed_laws.py",
    ),
}
# Also proved there: what the programs really do. The model of test_assumed_laws.py is their manual pages.
ON_REAL_HOSTS = {
    "ControlService": "libvirt-rules-missing",
    "StartNetwork": "network-inactive",
    "StopNetwork": "network-inactive-in-all-but-name",
    "AddTftpHelper": "tftp-through-nat-without-helper",
    "AllowInUfw": "bridged-frames-hit-forward-ufw",
    "IsolatePort": "tap-without-bridge",
    "SetNicDriver": "test_pending.py",
    "SetLinkUp": "bridge-without-uplink-down",
    "AddToBootOrder": "netboot-not-in-boot-order",
    "LeaveRoom": "dhcp-port-taken",
    "ResumeGuest": "guest-paused",
    "SwitchRomOn": "option-rom-switched-off",
    "AddRng": "uefi-without-rng",
}


def _ports(of: Host, change: Callable[[Port], Port], name: str) -> Host:
    assert isinstance(of.bridges, tuple)
    return replace(
        of,
        bridges=tuple(
            replace(entry, ports=tuple(change(port) if port.name == name else port for port in entry.ports))
            for entry in of.bridges
        ),
    )


def _on_addresses(before: Host, action: str, address: str, device: str) -> Host:
    assert isinstance(before.links, tuple)
    text, _, prefix = address.partition("/")
    one = Address(family="inet", address=text, prefix=int(prefix))

    def change(entry_addresses: tuple[Address, ...]) -> tuple[Address, ...]:
        others = tuple(entry for entry in entry_addresses if entry.address != text)
        return (*others, one) if action == "add" else others

    links = (
        replace(entry, addresses=change(entry.addresses)) if entry.name == device else entry for entry in before.links
    )
    return replace(before, links=tuple(links))


def _on_vlans(port: Port, action: str, vid: int, flags: tuple[str, ...]) -> Port:
    others = tuple(vlan for vlan in port.vlans or () if not vlan.has(vid))
    added = Vlan(first=vid, last=vid, pvid="pvid" in flags, untagged="untagged" in flags)
    return replace(port, vlans=(*others, added) if action == "add" else others)


def _on_routes(before: Host, action: str, words: tuple[str, ...]) -> Host:
    assert isinstance(before.routes, tuple)
    _, destination, _, device, _, table, *more = words
    protocol = more[1] if more else ""
    one = Route(family="inet", destination=destination, device=device, table=table, kind="local", protocol=protocol)
    same = (destination, device, "local", table)
    others = tuple(r for r in before.routes if (r.destination, r.device, r.kind, r.table) != same)
    return replace(before, routes=(*others, one) if action == "add" else others)


def _on_checksums(before: Host, action: str, rule: str) -> Host:
    assert isinstance(before.netfilter, Netfilter)

    def change(listing: RulesText) -> RulesText:
        head, _, rest = listing.text.partition("COMMIT\n")
        text = f"{head}-A {rule}\n" if action == "-A" else head.replace(f"-A {rule}\n", "", 1)
        return replace(listing, text=f"{text}COMMIT\n{rest}")

    return replace(before, netfilter=Netfilter(listings=tuple(map(change, before.netfilter.listings))))


def _on_definition(before: Host, edit: EditDefinition) -> Host:
    (_, value), *_ = edit.attributes
    if edit.document == "network":
        assert isinstance(before.networks, tuple)
        changed = (replace(n, delay=float(value or 0)) if n.name == edit.name else n for n in before.networks)
        return replace(before, networks=tuple(changed))
    assert isinstance(before.domains, tuple)
    size = None if value is None else int(value)
    guests = (
        replace(d, nics=tuple(replace(n, mtu=size) if n.mac in edit.select else n for n in d.nics))
        for d in before.domains
    )
    return replace(before, domains=tuple(guests))


def carried_out(before: Host, request: Request) -> Host:
    """What the programs do with the host (their manual pages), without knowing anything of the steps."""
    match request:
        case EditDefinition():
            return _on_definition(before, request)
        case EditFile():
            return _on_file(before, request)
        case WriteFile() | RemoveFile():
            # No listing of the model's has it: its reader has not started anew.
            return before
        case ChangeMode(path, mode):
            return _on_mode(before, mode, path)
        case Relabel(path, label):
            assert isinstance(before.labels, tuple)
            files = (replace(file, now=label) if file.path == path else file for file in before.labels)
            return replace(before, labels=tuple(files))
        case Run(("tc" | "ethtool", *_) as argv):
            return _on_sums(before, argv)
        case Run(argv):
            return _run(before, argv)
    raise AssertionError(f"the judge does not know: {request}")


def _run(before: Host, argv: tuple[str, ...]) -> Host:
    match argv:
        case ("ip", "address", ("add" | "del") as action, address, *_, "dev", device):
            return _on_addresses(before, action, address, device)
        case ("ip", "link", "set", "dev", device, "address", mac):
            assert isinstance(before.links, tuple)
            links = (replace(entry, mac=mac) if entry.name == device else entry for entry in before.links)
            return replace(before, links=tuple(links))
        case ("sysctl", "-w", setting):
            assert isinstance(before.sysctls, dict)
            name, _, value = setting.partition("=")
            return replace(before, sysctls=before.sysctls | {name.replace(".", "/"): value})
        case ("bridge", "link", "set", "dev", port, flag, value):
            new = PortState(int(value)) if flag == "state" else value == "on"
            return _ports(before, lambda p: replace(p, **{flag: new}), port)
        case ("bridge", "fdb", action, mac, "dev", port, "master", *_):
            others = {"replace": (mac,), "del": ()}[action]
            return _ports(before, lambda p: replace(p, macs=(*(m for m in p.macs or () if m != mac), *others)), port)
        case ("bridge", "vlan", action, "dev", port, "vid", vid, *flags):
            return _ports(before, lambda p: _on_vlans(p, action, int(vid), tuple(flags)), port)
        case ("ip", "route", action, *words):
            return _on_routes(before, action, tuple(words))
        case ("iptables", "-w", "-t", "mangle", action, *rule):
            return _on_checksums(before, action, " ".join(rule))
        case ("virsh", "-c", _, "net-update", name, "add", "ip-dhcp-range", xml, "--live", "--config"):
            return _on_ranges(before, name, tuple(re.findall(r"'(\S+?)'", xml)))
        case ("virsh", "-c", _, "domif-setlink", name, mac, state, *_):
            return _on_cable(before, name, mac, up=state == "up")
    raise AssertionError(f"the judge does not know: {argv}")


def _on_cable(before: Host, name: str, mac: str, up: bool) -> Host:
    """Of guests that are off, as these are: what is live does not concern them."""
    assert isinstance(before.domains, tuple)

    def change(entry: Nic) -> Nic:
        return replace(entry, link_up=up) if entry.mac == mac else entry

    domains = (
        replace(entry, nics=tuple(map(change, entry.nics))) if entry.name == name else entry for entry in before.domains
    )
    return replace(before, domains=tuple(domains))


def _on_filters(before: Host, device: str, change: Callable[[TcText], TcText]) -> Host:
    assert isinstance(before.traffic_control, tuple)
    found = before.traffic_control
    return replace(before, traffic_control=tuple(change(entry) if entry.device == device else entry for entry in found))


def _with_queue(entry: TcText) -> TcText:
    """RTNETLINK answers: File exists, where there is one."""
    return entry if entry.root else replace(entry, root=QUEUE)


def _with_filter(entry: TcText) -> TcText:
    """u32 takes the same filter twice, and then there are two."""
    return replace(entry, filters=entry.filters + CSUM) if entry.root == QUEUE else entry


def _on_offloads(before: Host, device: str, takes: bool) -> Host:
    assert isinstance(before.offloads, tuple)
    found = before.offloads
    changed = (replace(entry, takes_partial_sums=takes) if entry.device == device else entry for entry in found)
    return replace(before, offloads=tuple(changed))


def _on_sums(before: Host, argv: tuple[str, ...]) -> Host:
    match argv:
        case ("tc", "qdisc", "add", "dev", device, "root", "handle", "1:", "htb", *_):
            return _on_filters(before, device, _with_queue)
        case ("tc", "qdisc", "del", "dev", device, "root", "handle", "1:"):
            return _on_filters(before, device, lambda entry: replace(entry, root="", filters=""))
        case ("tc", "filter", "add", "dev", device, *_):
            return _on_filters(before, device, _with_filter)
        case ("tc", "filter", "del", "dev", device, "prio", "2", "protocol", "ip", "parent", "1:"):
            return _on_filters(before, device, lambda entry: replace(entry, filters=""))
        case ("ethtool", "-K", device, "tx", word):
            return _on_offloads(before, device, word == "on")
    raise AssertionError(f"the judge does not know: {argv}")


def _on_file(before: Host, edit: EditFile) -> Host:
    assert isinstance(before.firewall_files, tuple)
    make = applied_anywhere if edit.undoing else applied

    def change(file: FirewallFile) -> FirewallFile:
        after = make(file.text, edit.hunks)
        return file if after is None else replace(file, text=after)

    return replace(before, firewall_files=tuple(change(f) if f.path == edit.path else f for f in before.firewall_files))


def _on_mode(before: Host, mode: int, path: str) -> Host:
    assert isinstance(before.boot_files, tuple)

    def change(entry: Entry) -> Entry:
        return replace(entry, mode=mode)

    files = (
        replace(file, entries=tuple(change(entry) if entry.path == path else entry for entry in file.entries))
        for file in before.boot_files
    )
    return replace(before, boot_files=tuple(files))


def _on_ranges(before: Host, name: str, ends: tuple[str, ...]) -> Host:
    assert isinstance(before.networks, tuple)
    first, last = ends
    networks = (
        replace(n, subnets=tuple(replace(s, ranges=(*dict.fromkeys((*s.ranges, (first, last))),)) for s in n.subnets))
        if n.name == name
        else n
        for n in before.networks
    )
    return replace(before, networks=tuple(networks))


ENTRIES = (
    Entry(path="/srv/tftp", kind="folder", mode=0o750, uid=0, gid=0),
    Entry(path="/srv/tftp/f", kind="file", mode=0o640, uid=0, gid=0),
)


@st.composite
def traffic_control(draw: st.DrawFn, device: str) -> TcText:
    """With libvirt's queue or, of br0, none; on it libvirt's filter, somebody's, or none.

    Where a filter fills the sums already no plan hangs one (checks.filter), and tc would take it twice.
    """
    root = QUEUE if device == "br1" else draw(st.sampled_from(["", QUEUE]))
    filters = draw(st.sampled_from(["", CSUM, THEIRS] if device == "br0" else ["", THEIRS])) if root else ""
    return TcText(device=device, filters=filters, origin=f"tc filter show dev {device}", root=root)


def changed_file(lines: list[str], new: bool) -> ChangeFile:
    after = "".join(lines)
    change = FileChange(
        path="/etc/sysctl.d/a.conf" if new else RULES, before=None if new else "".join(LINES), after=after
    )
    return ChangeFile(words="x", change=change)


@st.composite
def hosts(draw: st.DrawFn) -> Host:
    ports = tuple(
        Port(
            name=name,
            state=draw(st.sampled_from([PortState.DISABLED, PortState.BLOCKING, PortState.FORWARDING])),
            isolated=draw(st.booleans()),
            bcast_flood=draw(st.booleans()),
            macs=tuple(draw(st.lists(st.sampled_from(MACS), unique=True))),
            vlans=tuple(Vlan(first=vid, last=vid) for vid in draw(st.lists(st.integers(1, 3), unique=True))),
        )
        for name in PORTS
    )
    routes = draw(st.lists(st.sampled_from(PREFIXES), unique=True))
    held = {name: draw(st.lists(st.sampled_from(ADDRESSES), unique=True)) for name in ("br0", "br1")}
    rules = RulesText(family="ip", dialect="iptables-save", variant="nft", origin="iptables-save", text=MANGLE)
    return host(
        bridges=(bridge("br0", stp=Stp.OFF, ports=ports), bridge("br1")),
        links=tuple(
            link(name, kind="bridge", addresses=tuple(Address(family="inet", address=a, prefix=24) for a in addresses))
            for name, addresses in held.items()
        ),
        routes=tuple(
            Route(family="inet", destination=prefix, device="lo", table="local", kind="local", protocol="kernel")
            for prefix in routes
        ),
        sysctls={MAX: str(draw(st.integers(1, 1000)))},
        boot_files=(BootFile(path="/srv/tftp/f", real="/srv/tftp/f", entries=ENTRIES),),
        netfilter=Netfilter(listings=(rules,)),
        traffic_control=tuple(draw(traffic_control(name)) for name in ("br0", "br1")),
        offloads=tuple(
            Offload(device=name, takes_partial_sums=draw(st.booleans()), origin="ethtool") for name in ("br0", "br1")
        ),
        firewall_files=(FirewallFile(path=RULES, text="".join(LINES)), FirewallFile(path="/x", text="x\n")),
        labels=tuple(Label(path=path, now=HOME, wanted=draw(st.sampled_from(WANTED))) for path in LABELLED),
        networks=tuple(network(name, delay=float(draw(st.integers(0, 30)))) for name in ("default", "lab")),
        domains=(domain(nic(mtu=draw(st.none() | st.integers(1280, 9000)), link_up=draw(st.booleans()))),),
    )


BRIDGE, PORT = st.just("br0"), st.sampled_from(PORTS)
KINDS: dict[type, st.SearchStrategy[Step]] = {
    AddAddress: st.builds(
        AddAddress, device=st.sampled_from(["br0", "br1"]), address=st.sampled_from(ADDRESSES), prefix=st.just(24)
    ),
    SetMac: st.builds(SetMac, device=st.sampled_from(["br0", "br1"]), mac=st.sampled_from(MACS)),
    ForwardPort: st.builds(ForwardPort, bridge=BRIDGE, port=PORT),
    SetSysctl: st.builds(
        SetSysctl,
        name=st.just(MAX),
        value=st.integers(1001, 1_000_000).map(str),
        what=st.just("x"),
        safety=st.just(Safety.SAFE),
    ),
    AddDhcpRange: st.builds(
        AddDhcpRange,
        network=st.sampled_from(["default", "lab"]),
        first=st.just("192.168.122.2"),
        last=st.sampled_from(["192.168.122.9", "192.168.122.99"]),
    ),
    LetOthersIn: st.builds(LetOthersIn, entry=st.sampled_from(ENTRIES)),
    AddChecksumRule: st.builds(AddChecksumRule, bridge=st.sampled_from(["br0", "br1"])),
    SetNicMtu: st.builds(SetNicMtu, domain=st.just("web01"), mac=st.just(MAC), mtu=st.integers(1280, 9000)),
    PlugInCable: st.builds(PlugInCable, domain=st.just("web01"), mac=st.just(MAC), where=st.just("config")),
    DefineForwardDelay: st.builds(
        DefineForwardDelay, network=st.sampled_from(["default", "lab"]), seconds=st.integers(0, 30)
    ),
    SetPortState: st.builds(
        SetPortState, bridge=BRIDGE, port=PORT, state=st.sampled_from([PortState.FORWARDING, PortState.DISABLED])
    ),
    SetPortFlag: st.builds(
        SetPortFlag,
        bridge=BRIDGE,
        port=PORT,
        flag=st.sampled_from(["bcast_flood", "isolated"]),
        on=st.booleans(),
        may_lose=st.just("x"),
    ),
    EnterMac: st.builds(EnterMac, bridge=BRIDGE, port=PORT, mac=st.sampled_from(MACS)),
    RemoveLocalRoute: st.builds(
        RemoveLocalRoute, destination=st.sampled_from(PREFIXES), device=st.just("lo"), may_lose=st.just("x")
    ),
    HangQueue: st.builds(HangQueue, bridge=st.sampled_from(["br0", "br1"])),
    HangChecksumFilter: st.builds(HangChecksumFilter, bridge=st.just("br1")),
    FillInKernel: st.builds(FillInKernel, bridge=st.sampled_from(["br0", "br1"])),
    ChangeFile: st.builds(changed_file, st.lists(st.sampled_from((*LINES, "-A INPUT\n", "last"))), st.booleans()),
    RestoreLabel: st.builds(
        RestoreLabel,
        path=st.sampled_from(LABELLED),
        label=st.sampled_from((HOME, *WANTED)),
        before=st.just(HOME),
        may_lose=st.just("x"),
    ),
    JoinVlan: st.builds(
        JoinVlan, bridge=BRIDGE, port=PORT, vid=st.integers(1, 4), access=st.booleans(), may_lose=st.just("x")
    ),
}
STEPS = st.one_of(*KINDS.values())
# A rule twice is two rules, which is why its undo asks first (-C); a state that timers reach has no way back, and
# none that would take somebody's filter with it.
COUNTED = (AddChecksumRule,)
WITHOUT_A_WAY_BACK = (ForwardPort, AddDhcpRange, HangChecksumFilter)


def settled(of: Host) -> Host:
    """Without what has no order."""
    assert isinstance(of.bridges, tuple)
    assert isinstance(of.links, tuple)
    assert isinstance(of.routes, tuple)

    def port(entry: Port) -> Port:
        vlans = tuple(sorted(entry.vlans or (), key=lambda vlan: vlan.first))
        return replace(entry, macs=tuple(sorted(entry.macs or ())), vlans=vlans)

    def whole(entry: Bridge) -> Bridge:
        return replace(entry, ports=tuple(map(port, entry.ports)))

    links = (replace(e, addresses=tuple(sorted(e.addresses, key=lambda a: a.address))) for e in of.links)
    routes = tuple(sorted(of.routes, key=lambda route: route.destination))
    assert isinstance(of.traffic_control, tuple)
    queues = tuple(sorted(of.traffic_control, key=lambda entry: entry.device))
    bridges = tuple(map(whole, of.bridges))
    return replace(of, bridges=bridges, links=tuple(links), routes=routes, traffic_control=queues)


def after(step: Step, before: Host) -> Host:
    result = step.simulate(before)
    assert isinstance(result, Host), result
    return result


def test_every_kind_has_its_laws() -> None:
    judged = {kind.__name__ for kind in KINDS} | set(ELSEWHERE)
    assert {kind for kind, file in ELSEWHERE.items() if file == "test_assumed_laws.py"} == set(ON_REAL_HOSTS)
    assert kinds() - judged == set(), "steps without a law: give them a strategy and a judge in KINDS"
    assert judged - kinds() == set(), "there is no such step any more"


@pytest.mark.parametrize(("kind", "file"), sorted(ELSEWHERE.items()))
def test_the_file_of_laws_makes_that_step(kind: str, file: str) -> None:
    assert f"{kind}," in (HERE / file).read_text(encoding="utf-8") or f"{kind}(" in (HERE / file).read_text(
        encoding="utf-8"
    )


@pytest.mark.parametrize(("kind", "proof"), sorted(ON_REAL_HOSTS.items()))
def test_the_real_host_is_there(kind: str, proof: str) -> None:
    if proof.endswith(".py"):
        assert kind in (HERE.parent / "lab" / proof).read_text(encoding="utf-8")
    else:
        assert [case.mended for case in cases() if case.name == proof] == [True]


@given(hosts(), STEPS)
def test_the_programs_do_what_the_model_says(before: Host, step: Step) -> None:
    assert settled(carried_out(before, step.request())) == settled(after(step, before))


@given(hosts(), STEPS)
def test_the_way_back_leads_back(before: Host, step: Step) -> None:
    """Where there is none, nothing was done, or the step says why it stays."""
    done, back = after(step, before), step.undo(before)
    if isinstance(back, Nothing) and isinstance(step, WITHOUT_A_WAY_BACK):
        assert back.reason
        return
    undone = carried_out(done, back.request) if isinstance(back, Inverse) else done
    assert settled(undone) == settled(before)


@given(hosts(), STEPS)
def test_twice_is_once(before: Host, step: Step) -> None:
    once = after(step, before)
    twice = after(step, once)
    if isinstance(step, COUNTED):
        back = step.undo(before)
        assert isinstance(back, Inverse)
        assert settled(carried_out(twice, back.request)) == settled(once)
    else:
        assert settled(twice) == settled(once)


@given(hosts(), STEPS)
def test_asking_changes_nothing_and_the_journal_keeps_it(before: Host, step: Step) -> None:
    picture = settled(before)
    recorded = Recorded(describe=step.describe(), argv=step.argv(), request=step.request(), undo=step.undo(before))
    entry = Treatment(
        version=JOURNAL_VERSION,
        id="i",
        started="s",
        finding="f",
        headline="h",
        steps=(recorded,),
        safety=Plan(steps=(step,)).safety,
    )
    assert msgspec.json.decode(msgspec.json.encode(entry), type=Treatment) == entry
    assert settled(before) == picture
