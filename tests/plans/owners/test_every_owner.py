"""The table of docs/owners.md, cell by cell: every column is a test here, with an owner's name as its parameter.

The reader of each is another file's, for those that Debian has (test_real_readers.py); the kernel's part is the lab's.
"""

import re
from pathlib import Path

import pytest

from builders import bridge, finding, link, network, port, target
from owned import SHORT, configured
from pxedoctor.checks.bridge import bridge_forward_delay
from pxedoctor.model.bridge import Stp
from pxedoctor.model.bridge_owner import Claim, Setting
from pxedoctor.model.host import Host
from pxedoctor.model.target import Facts
from pxedoctor.plans.bridge import SetForwardDelay
from pxedoctor.plans.bridge_file import ConfigureBridge
from pxedoctor.plans.hunks import applied
from pxedoctor.plans.network import DefineForwardDelay
from pxedoctor.plans.owners import OWNERS, owner_named
from pxedoctor.plans.owners.owner import FileChange, Told
from pxedoctor.plans.plan import Plan
from pxedoctor.plans.request import EditFile, RemoveFile, WriteFile
from pxedoctor.plans.step import Inverse, Step, Undo

_DEBIAN = "# ours\niface BR inet manual\n  bridge_ports none\n  bridge_stp on\n  bridge_fd 15   \n"
_DASHES = "# ours\niface BR\n  bridge-ports none\n  bridge-stp yes\n  bridge-fd 15\n"
_IFCFG = "# ours\nDEVICE=BR\nTYPE=Bridge\nSTP=yes\nDELAY=15 # seconds\n"
# A bridge with STP and 15 s, as each of them has it; BR is its name, and the words are the programs that are installed.
EXAMPLES: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
    "Open vSwitch": (
        {"/etc/openvswitch/conf.db": '{"Bridge": {"u": {"name": "BR", "stp_enable": true}}}\n'},
        (),
    ),
    "libvirt": ({}, ()),
    "Incus or LXD": ({}, ()),
    "Docker": ({}, ()),
    "netplan": (
        {"/etc/netplan/01.yaml": "network:\n  bridges:\n    BR:\n      parameters: {forward-delay: 15} # ours\n"},
        (),
    ),
    "NetworkManager": (
        {
            "/etc/NetworkManager/system-connections/BR.nmconnection": "# ours\n[connection]\nid=BR\nuuid=1\n"
            "type=bridge\ninterface-name=BR\n\n[bridge]\nforward-delay=15\n"
        },
        (),
    ),
    "nmstate": (
        {
            "/etc/nmstate/br.yml": "interfaces:\n- name: BR # ours\n  type: linux-bridge\n  state: up\n  bridge:\n"
            "    options:\n      stp:\n        enabled: true\n        forward-delay: 15\n"
        },
        (),
    ),
    "systemd-networkd": (
        {
            "/etc/systemd/network/b.netdev": "# ours\n[NetDev]\nName=BR\nKind=bridge\n[Bridge]\nSTP=yes\n"
            "ForwardDelaySec=15\n"
        },
        (),
    ),
    "wicked": (
        {"/etc/sysconfig/network/ifcfg-BR": "# ours\nBRIDGE='yes'\nBRIDGE_STP='on'\nBRIDGE_FORWARDDELAY='15'\n"},
        (),
    ),
    "ifupdown": ({"/etc/network/interfaces": _DEBIAN}, ("bridge-utils",)),
    "ifupdown2": ({"/etc/network/interfaces": _DASHES}, ("ifupdown2", "bridge-utils")),
    "ifupdown-ng": ({"/etc/network/interfaces": _DASHES}, ("ifupdown-ng", "brctl")),
    "ifcfg (NetworkManager)": (
        {"/etc/sysconfig/network-scripts/ifcfg-BR": _IFCFG},
        ("NetworkManager",),
    ),
    "ifcfg (network-scripts)": (
        {"/etc/sysconfig/network-scripts/ifcfg-BR": _IFCFG.replace("DELAY=15", "DELAY=1500")},
        ("network-scripts",),
    ),
    "netifrc": (
        {"/etc/conf.d/net": '# ours\nbridge_BR="eth0"\nbridge_stp_state_BR="1"\nbridge_forward_delay_BR="1500"\n'},
        (),
    ),
    "netctl": ({"/etc/netctl/br": "Interface=BR\nConnection=bridge\nBindsToInterfaces=(eth0)\n"}, ()),
    "a script": ({"/etc/rc.local": "brctl addbr BR\nbrctl stp BR on\n"}, ()),
}
# Whose reader judges what is written, and where.
JUDGED = {"netplan", "NetworkManager", "systemd-networkd", "ifupdown", "ifupdown2", "ifupdown-ng"}
THROUGH_LIBVIRT = {"libvirt"}
TOLD = {"Open vSwitch", "Incus or LXD", "Docker", "netctl", "a script"}
# Those that make bridges without STP and have no word for it.
WITHOUT_STP = {"Incus or LXD", "Docker", "netctl"}
EDITED = set(EXAMPLES) - TOLD - THROUGH_LIBVIRT
# Its bridges are none of the kernel's: ip-link(8) has no word for them.
NOT_OF_THE_KERNEL = "Open vSwitch"

each = pytest.mark.parametrize("name", EXAMPLES)
each_edited = pytest.mark.parametrize("name", sorted(EDITED))


def bridge_name(name: str) -> str:
    return "docker0" if name == "Docker" else "br0"


def on(name: str) -> Host:
    """A host whose bridge is that owner's, with STP and 15 s in force."""
    texts, programs = EXAMPLES[name]
    here = bridge_name(name)
    written = {_named(path, here): _named(text, here) for path, text in texts.items()}
    return configured(
        written,
        *programs,
        kept=("/var/lib/incus/networks/br0",) if name == "Incus or LXD" else (),
        networks=(network(bridge=here, delay=15.0),) if name == "libvirt" else (),
        bridges=(bridge(here, stp=Stp.KERNEL, forward_delay=15.0, ports=(port("vnet0"),)),),
        links=(link(here, kind="bridge"), link("vnet0", master=here)),
        processes=(),
    )


def _named(text: str, bridge: str) -> str:
    """BR is the bridge; BRIDGE is a word of theirs."""
    return re.sub(r"BR(?!IDGE)", bridge, text)


def claim(name: str) -> Claim:
    (found,) = owner_named(name).claims(on(name), bridge_name(name))
    return found


def plan(name: str) -> Plan:
    """What `fix` shows of bridge-forward-delay on that host."""
    here = bridge_name(name)
    known = Facts(host=on(name))
    outcome = bridge_forward_delay.check(known, target("ipxe", bridge=here))
    made = bridge_forward_delay.plan(finding(bridge_forward_delay, outcome), known)
    assert isinstance(made, Plan)
    return made


def lasting(name: str) -> Step:
    return plan(name).steps[-1]


def change(name: str) -> FileChange:
    step = lasting(name)
    assert isinstance(step, ConfigureBridge)
    return step.change


@each
def test_found_and_read(name: str) -> None:
    found = claim(name)
    assert found.owner == name
    if name == "a script":
        return
    assert isinstance(found.setting, Setting)
    assert found.setting.stp is (name not in WITHOUT_STP)


@pytest.mark.parametrize("name", [name for name in EXAMPLES if name != NOT_OF_THE_KERNEL])
def test_changed_live(name: str) -> None:
    assert plan(name).steps[0] == SetForwardDelay(bridge=bridge_name(name), seconds=2, now=15.0)


@each
def test_changed_for_good(name: str) -> None:
    if name in TOLD:
        refused = owner_named(name).change(on(name), claim(name), SHORT)
        assert isinstance(refused, Told)
        assert refused.because
        assert len(plan(name).steps) == 1
        return
    step = lasting(name)
    after = step.simulate(on(name))
    assert isinstance(after, Host)
    if name in THROUGH_LIBVIRT:
        assert isinstance(step, DefineForwardDelay)
        return
    (now,) = owner_named(name).claims(after, bridge_name(name))
    assert isinstance(now.setting, Setting)
    assert now.setting.silence == SHORT.silence
    text = change(name)
    assert text.before is None or "# ours" in text.after


@each_edited
def test_undone_to_the_byte(name: str) -> None:
    step = lasting(name)
    back: Undo = step.undo(on(name))
    assert isinstance(back, Inverse)
    request, before = step.request(), change(name).before
    if isinstance(request, WriteFile):
        assert before is None
        assert isinstance(back.request, RemoveFile)
        assert back.request.text == request.text
        return
    assert isinstance(request, EditFile)
    assert isinstance(back.request, EditFile)
    assert before is not None
    after = applied(before, request.hunks)
    assert after == change(name).after
    assert applied(after, back.request.hunks) == before


@each
def test_running_guests_unharmed(name: str) -> None:
    """No command of the plan, or of its way back, is one of those that throw guests off."""
    never = {tuple(entry.command.replace("BR", bridge_name(name)).split()[:2]) for entry in owner_named(name).NEVER}
    run: set[tuple[str, ...]] = set()
    for step in plan(name).steps:
        back = step.undo(on(name))
        run |= {step.argv(), *(getattr(step.request(), "then", ()))}
        run |= {back.argv} if isinstance(back, Inverse) else set()
    assert not {argv[:2] for argv in run} & never
    assert not any({"down", "delete", "delbr", "net-destroy"} & set(argv) for argv in run)


def test_the_examples_are_of_every_owner() -> None:
    assert list(EXAMPLES) == [owner.NAME for owner in OWNERS]


def test_the_page_says_what_is_tested_here_and_no_more() -> None:
    page = (Path(__file__).parents[3] / "docs" / "owners.md").read_text(encoding="utf-8").partition("\n## What else")[0]
    rows = [[cell.strip() for cell in row.strip("|").split("|")] for row in page.splitlines() if row.startswith("| ")]
    shown = {row[0]: [_plain(cell) for cell in row[1:]] for row in rows[1:]}
    assert shown == {name: cells(name) for name in EXAMPLES}


def test_each_cell_names_a_file_that_is_there_and_each_reader_a_test() -> None:
    docs = Path(__file__).parents[3] / "docs"
    page = (docs / "owners.md").read_text(encoding="utf-8").partition("\n## What else")[0]
    linked = re.findall(r"\]\((\.\./[^)]+)\)", page)
    assert len(linked) > 6 * (len(EXAMPLES) - len(TOLD))
    assert [path for path in linked if not (docs / path).exists()] == []
    judges = (Path(__file__).parent / "test_real_readers.py").read_text(encoding="utf-8")
    names = {name.removeprefix("systemd-").replace("-", "_") for name in JUDGED - {"NetworkManager"}}
    assert [name for name in (*names, "network_manager") if f"\ndef test_{name}(" not in judges] == []


def _plain(cell: str) -> str:
    """A cell without the address of its link."""
    return cell.partition("](")[0].removeprefix("[")


def cells(name: str) -> list[str]:
    good = "told" if name in TOLD else "through libvirt" if name in THROUGH_LIBVIRT else "yes"
    judged = "its reader" if name in JUDGED else "its schema, libvirtd" if name in THROUGH_LIBVIRT else "golden texts"
    undone = "nothing to undo" if name in TOLD else "through libvirt" if name in THROUGH_LIBVIRT else "yes"
    live = "told" if name == NOT_OF_THE_KERNEL else "yes"
    return ["yes", live, good, "-" if name in TOLD else judged, undone, "yes"]
