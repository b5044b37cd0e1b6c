"""Laws of the steps whose result the model can only assume: what the programs themselves do is the model here.

1. Done twice it is done once; of what is counted, the way back takes one away.
2. The way back, done after the step, gives what was there before. Where there is none, the step says why.
3. Asking changes nothing (the values are frozen), and what is asked of the executor survives the journal.

Definitions of guests are real XML, read by the collector and edited by the executor's own editor.
"""

import re
import subprocess
import xml.etree.ElementTree as ET

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from builders import GUEST, MAC, bridge, domain, host, link, network
from pxedoctor.access.answer import Text, list_question, read_question
from pxedoctor.collect import domains
from pxedoctor.model.bridge import Port, PortState
from pxedoctor.model.firewall_files import FirewallFile
from pxedoctor.model.host import Host
from pxedoctor.plans.bridge import IsolatePort
from pxedoctor.plans.definition_text import edited
from pxedoctor.plans.firewall_opening import Opening
from pxedoctor.plans.firewall_ufw import USER_RULES, AllowInUfw
from pxedoctor.plans.guest import AddToBootOrder, SetNicDriver
from pxedoctor.plans.guest_rng import AddRng
from pxedoctor.plans.guest_rom import SwitchRomOn
from pxedoctor.plans.guest_state import ResumeGuest
from pxedoctor.plans.hunks import applied, applied_anywhere
from pxedoctor.plans.leave_room import LeaveRoom
from pxedoctor.plans.link import SetLinkUp
from pxedoctor.plans.network import StartNetwork, StopNetwork
from pxedoctor.plans.request import EditDefinition, EditFile, RemoveFile, Request, Run, Service, WriteFile
from pxedoctor.plans.service import ControlService
from pxedoctor.plans.step import Inverse, Nothing, Step, Undo
from pxedoctor.plans.tftp_helper import AddTftpHelper

CONF = "/etc/dnsmasq.d/pxedoctor.conf"
ROOM = ("except-interface=virbr0", "bind-interfaces")
ALLOWED = (
    "### tuple ### allow udp 67 0.0.0.0/0 any 0.0.0.0/0 in_br0",
    "### tuple ### allow udp 69 0.0.0.0/0 any 0.0.0.0/0 in_br0 comment=6f",
    "### tuple ### allow udp 67 0.0.0.0/0 any 0.0.0.0/0 in_br01",
)
# Where the helper's rule stands already no plan adds it.
RAW = ("-j ACCEPT", "-i br1 -p udp -m udp --dport 69 -j CT --helper tftp")
replace = msgspec.structs.replace


class World(msgspec.Struct, frozen=True, kw_only=True):
    """What the programs keep: of a device, a port, a guest, a network, two firewalls, a definition and a file."""

    up: bool
    isolated: bool
    paused: bool = True
    active: bool = False
    raw: tuple[str, ...]
    allowed: tuple[str, ...]
    definition: str
    conf: str | None


def host_of(world: World) -> Host:
    """What pxedoctor collects of it."""
    folder, file = "/etc/libvirt/qemu", f"{GUEST}.xml"
    answers = {list_question(folder): Text(f"{file}\n"), read_question(f"{folder}/{file}"): Text(world.definition)}
    guests = domains.parse(answers)
    assert isinstance(guests, tuple)
    return host(
        links=(link("eno1", up=world.up),),
        bridges=(bridge("br0", ports=(Port(name="vnet0", state=PortState.FORWARDING, isolated=world.isolated),)),),
        domains=guests or (domain(),),
        networks=(network(active=world.active),),
        firewall_files=(FirewallFile(path=USER_RULES, text=_rules(world)),),
    )


def _rules(world: World) -> str:
    return "".join(f"{line}\n" for line in ("*filter", *world.allowed, "COMMIT"))


def _holds(world: World, question: tuple[str, ...]) -> bool:
    match question:
        case ():
            return True
        case ("grep", *words, "--", path):
            assert path == USER_RULES
            return subprocess.run(["grep", *words], input=_rules(world), text=True, check=False).returncode == 0
        case ("iptables", "-w", "-t", "raw", "-C", "PREROUTING", *rule):
            return " ".join(rule) in world.raw
        case ("sh", "-c", script, "sh", "default") if "net-list --name" in script:
            return world.active
        case ("sh", "-c", script, "sh", guest) if "domstate" in script:
            return guest == GUEST and not world.paused
    raise AssertionError(f"the judge does not know: {question}")


def carried_out(world: World, request: Request) -> World:
    """What the programs do (their manual pages); a program that refuses leaves all as it is."""
    match request:
        case Service():
            return world
        case EditDefinition():
            return replace(world, definition=edited(world.definition, request))
        case WriteFile(path=path, text=text):
            assert (path, world.conf in {None, text}) == (CONF, True)
            return replace(world, conf=text)
        case RemoveFile(path=path, text=text):
            assert (path, world.conf in {None, text}) == (CONF, True)
            return replace(world, conf=None)
        case EditFile():
            assert world.conf is not None
            after = (applied_anywhere if request.undoing else applied)(world.conf, request.hunks)
            return world if after is None else replace(world, conf=after)
        case Run(argv, only_if):
            return _run(world, argv) if _holds(world, only_if) else world
    raise AssertionError(f"the judge does not know: {request}")


def _run(world: World, argv: tuple[str, ...]) -> World:
    match argv:
        case ("ip", "link", "set", "dev", "eno1", ("up" | "down") as word):
            return replace(world, up=word == "up")
        case ("bridge", "link", "set", "dev", "vnet0", "isolated", "on"):
            return replace(world, isolated=True)
        case ("virsh", "-c", _, ("resume" | "suspend") as word, _):
            return replace(world, paused=word == "suspend")
        case ("virsh", "-c", _, ("net-start" | "net-destroy") as word, _):
            return replace(world, active=word == "net-start")
        case ("iptables", "-w", "-t", "raw", "-A", "PREROUTING", *rule):
            return replace(world, raw=(*world.raw, " ".join(rule)))
        case ("iptables", "-w", "-t", "raw", "-D", "PREROUTING", *rule):
            at = world.raw.index(" ".join(rule))
            return replace(world, raw=(*world.raw[:at], *world.raw[at + 1 :]))
        case ("ufw", *words):
            return _ufw(world, tuple(words))
    raise AssertionError(f"the judge does not know: {argv}")


def _ufw(world: World, words: tuple[str, ...]) -> World:
    """It adds no rule twice, and deletes one with whatever comment."""
    deletes = words[0] == "delete"
    found = re.fullmatch(r"allow in on (\S+) to any port (\d+) proto (\S+)", " ".join(words[deletes:]))
    assert found, words
    line = f"### tuple ### allow {found[3]} {found[2]} 0.0.0.0/0 any 0.0.0.0/0 in_{found[1]}"
    others = tuple(entry for entry in world.allowed if entry.partition(" comment=")[0] != line)
    if deletes:
        return replace(world, allowed=others)
    return world if others != world.allowed else replace(world, allowed=(*world.allowed, line))


_ROMS = {"": (), "<rom enabled='no'/>": ("enabled",), "<rom bar='off' file='/x'/>": ("bar",)}
_DRIVERS = ("", "<driver name='vhost'/>", "<driver name='vhost' queues='4'/>", "<driver queues='2'/>")


@st.composite
def worlds(draw: st.DrawFn) -> World:
    boot, order = draw(st.sampled_from([("<boot dev='hd'/>", ""), ("", "<boot order='1'/>")]))
    rng = draw(st.sampled_from(["", "<rng model='virtio'><backend model='random'>/dev/random</backend></rng>"]))
    definition = (
        f"<!-- ours -->\n<domain type='kvm'>\n  <name>{GUEST}</name>\n  <uuid>u</uuid>\n"
        f"  <os><type>hvm</type>{boot}</os>\n  <devices>\n"
        f"    <disk type='file'><target dev='vda'/>{order}</disk>\n"
        f"    <interface type='bridge'>\n      <mac address='{MAC}'/><source bridge='br0'/><model type='virtio'/>"
        f"{draw(st.sampled_from(_DRIVERS))}{draw(st.sampled_from(list(_ROMS)))}\n    </interface>\n"
        f"    {rng}\n  </devices>\n</domain>"
    )
    return World(
        up=draw(st.booleans()),
        isolated=draw(st.booleans()),
        raw=tuple(draw(st.lists(st.sampled_from(RAW)))),
        allowed=tuple(draw(st.lists(st.sampled_from(ALLOWED), unique=True))),
        definition=definition,
        conf=draw(st.sampled_from([None, "", "# theirs\ndhcp-range=10.0.0.2,10.0.0.9\n"])),
    )


def steps(world: World) -> st.SearchStrategy[Step]:
    """Those that a plan may have there: one that starts what runs is none."""
    off = next((words for rom, words in _ROMS.items() if rom and rom in world.definition), ("enabled",))
    place = 2 if "order=" in world.definition else None
    room = LeaveRoom(
        server="dnsmasq",
        device="virbr0",
        path=CONF,
        new=world.conf is None,
        lines=ROOM,
        checked_by=("dnsmasq", "--test"),
        service="dnsmasq",
        may_lose="x",
    )
    return st.sampled_from(
        (
            SetLinkUp(device="eno1"),
            IsolatePort(port="vnet0"),
            ResumeGuest(domain=GUEST),
            StartNetwork(network="default", bridge="virbr0"),
            StopNetwork(network="default"),
            ControlService(name="libvirtd", action="reload", afterwards="x"),
            AddTftpHelper(bridge="br0"),
            AllowInUfw(opening=Opening(interface="br0", service="dhcp")),
            AllowInUfw(opening=Opening(interface="br0", service="tftp")),
            SetNicDriver(domain=GUEST, mac=MAC),
            SwitchRomOn(domain=GUEST, mac=MAC, off=off),
            AddToBootOrder(domain=GUEST, mac=MAC, place=place),
            AddRng(domain=GUEST),
            room,
        )
    )


BOTH = worlds().flatmap(lambda world: st.tuples(st.just(world), steps(world)))
# Appended to a list, which holds it as often as it is done.
COUNTED = (AddTftpHelper, LeaveRoom)
WITHOUT_A_WAY_BACK = (IsolatePort, StopNetwork, ControlService)


def settled(world: World) -> World:
    """A definition without its layout and the order of its elements, which libvirt writes as its own."""
    return replace(world, definition=repr(_sorted(ET.fromstring(world.definition))))


def _sorted(element: ET.Element) -> tuple[object, ...]:
    inside = sorted((_sorted(child) for child in element), key=repr)
    return (element.tag, sorted(element.attrib.items()), (element.text or "").strip(), inside)


def back_of(step: Step, world: World) -> Undo:
    return step.undo(host_of(world))


def taken_back(world: World, undo: Undo) -> World:
    return carried_out(world, undo.request) if isinstance(undo, Inverse) else world


@given(BOTH)
def test_the_way_back_leads_back(both: tuple[World, Step]) -> None:
    world, step = both
    done, undo = carried_out(world, step.request()), back_of(step, world)
    if isinstance(step, WITHOUT_A_WAY_BACK):
        assert isinstance(undo, Nothing)
        assert undo.reason
        return
    assert settled(taken_back(done, undo)) == settled(world)


@given(BOTH)
def test_twice_is_once(both: tuple[World, Step]) -> None:
    world, step = both
    once = carried_out(world, step.request())
    twice = carried_out(once, step.request())
    if isinstance(step, COUNTED):
        twice = taken_back(twice, back_of(step, world)) if twice != once else twice
    assert settled(twice) == settled(once)


@given(BOTH)
def test_the_way_back_twice_is_once(both: tuple[World, Step]) -> None:
    """After a crash in the middle of an undo it is done again."""
    world, step = both
    undo = back_of(step, world)
    once = taken_back(carried_out(world, step.request()), undo)
    assert settled(taken_back(once, undo)) == settled(once)


@given(BOTH)
def test_what_is_asked_survives_the_journal(both: tuple[World, Step]) -> None:
    world, step = both
    undo = back_of(step, world)
    assert msgspec.json.decode(msgspec.json.encode(undo), type=Undo) == undo
    assert msgspec.json.decode(msgspec.json.encode(step.request()), type=Request) == step.request()
    assert step.describe()
    assert step.argv()
