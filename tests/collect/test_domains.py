"""Guests, from libvirt's files and from virsh: real ones, odd ones, and those that are closed to us."""

import re

import pytest

from pxedoctor.access.answer import Absent, Answer, Failed, Forbidden, Text
from pxedoctor.access.notebook import Notebook
from pxedoctor.access.replay import Replay
from pxedoctor.collect import domains
from pxedoctor.collect.ask import libvirt as ask
from pxedoctor.model.fact import Missing, Unmodelled
from pxedoctor.model.libvirt import Cpu, Domain, Nic
from recorded import BRIDGE, TAP, running_guest

DEFINED = "/etc/libvirt/qemu"
LIVE = "/run/libvirt/qemu"


def collected(answers: dict[str, Answer]) -> dict[str, Domain | Unmodelled]:
    notebook = Notebook(Replay(answers))
    ask.ask_domains(notebook)
    found = domains.parse(notebook.answers)
    assert isinstance(found, tuple), found
    return {domain.name: domain for domain in found}


def the_domain(xml: str) -> Domain:
    listings = {f"list {DEFINED}": "g.xml", f"list {LIVE}": ""}
    found = collected(running_guest(**listings, **{f"read {DEFINED}/g.xml": xml}))
    (domain,) = found.values()
    assert isinstance(domain, Domain), domain
    return domain


def the_nic(interface: str) -> Nic:
    (nic,) = the_domain(f"<domain><name>g</name><devices>{interface}</devices></domain>").nics
    return nic


def test_what_its_qemu_can_do_is_passed_over_and_nothing_of_its_definition() -> None:
    """A status has it before the domain; a person may write the same words within."""
    question = f"read {LIVE}/web01.xml"
    told = running_guest()[question]
    assert isinstance(told, Text)
    flags = re.findall(r"(?s)<qemuCaps>.*?</qemuCaps>", told.text)
    assert len(flags) == 1
    own = f"<metadata>{flags[0]}</metadata>"
    written = told.text.replace(flags[0], "").replace("</name>", f"</name>{own}", 1)
    for changed in (told.text.replace(flags[0], ""), written, told.text.replace("</name>", f"</name>{own}", 1)):
        assert collected(running_guest(**{question: changed})) == collected(running_guest())


def test_a_real_guest_that_runs() -> None:
    domain = collected(running_guest())["web01"]
    assert isinstance(domain, Domain)
    assert (domain.running, domain.state, domain.reason, domain.persistent) == (True, "running", "booted", True)
    assert (domain.firmware, domain.boot, domain.origin) == ("bios", ("network",), f"{LIVE}/web01.xml")
    (nic,) = domain.nics
    assert (nic.mac, nic.kind, nic.source, nic.model) == ("52:54:00:0d:0d:01", "network", "lab", "virtio")
    assert (nic.tap, nic.bridge) == (TAP, BRIDGE)


def test_the_definition_is_the_text_of_the_next_start_without_its_secrets() -> None:
    """Of a guest that runs its file, not its status; of a transient one none."""
    question = f"read {DEFINED}/web01.xml"
    told = running_guest()[question]
    assert isinstance(told, Text)
    written = told.text.replace("</devices>", "  <graphics type='vnc' passwd='hunter2'/>\n  </devices>")
    found = collected(running_guest(**{question: written}))
    for name in ("web01", "web02"):
        domain = found[name]
        assert isinstance(domain, Domain)
        assert domain.definition is not None
        assert domain.definition.path == f"{DEFINED}/{name}.xml"
    running = found["web01"]
    assert isinstance(running, Domain)
    assert running.definition is not None
    assert running.definition.text == written.replace("hunter2", "*****")


def test_a_real_guest_that_is_off() -> None:
    domain = collected(running_guest())["web02"]
    assert isinstance(domain, Domain)
    assert (domain.running, domain.state, domain.reason) == (False, "shut off", "")
    assert domain.nics[0].tap is None


def test_a_transient_guest_has_no_definition() -> None:
    answers = running_guest(**{f"list {DEFINED}": "web02.xml"})
    domain = collected(answers)["web01"]
    assert isinstance(domain, Domain)
    assert not domain.persistent
    assert domain.definition is None


@pytest.mark.parametrize(
    ("os", "firmware"),
    [
        ("<os><loader type='pflash'>/OVMF_CODE.fd</loader></os>", "efi"),
        ("<os firmware='efi'/>", "efi"),
        ("<os><loader type='rom'>/bios.bin</loader></os>", "bios"),
        ("", "bios"),
    ],
)
def test_firmware(os: str, firmware: str) -> None:
    assert the_domain(f"<domain><name>g</name>{os}</domain>").firmware == firmware


@pytest.mark.parametrize(
    ("os", "secure"),
    [
        ("<os/>", False),
        ("<os firmware='efi'/>", None),
        ("<os><loader type='pflash' secure='yes'>/usr/share/OVMF/OVMF_CODE_4M.secboot.fd</loader></os>", None),
        ("<os firmware='efi'><firmware><feature enabled='no' name='secure-boot'/></firmware></os>", False),
        ("<os firmware='efi'><firmware><feature enabled='yes' name='secure-boot'/></firmware></os>", None),
        (
            "<os firmware='efi'><firmware><feature enabled='yes' name='secure-boot'/>"
            "<feature enabled='yes' name='enrolled-keys'/></firmware></os>",
            True,
        ),
        (
            "<os firmware='efi'><firmware><feature enabled='yes' name='secure-boot'/>"
            "<feature enabled='no' name='enrolled-keys'/></firmware></os>",
            False,
        ),
        (
            "<os><loader type='pflash'>/usr/share/OVMF/OVMF_CODE_4M.ms.fd</loader>"
            "<nvram template='/usr/share/OVMF/OVMF_VARS_4M.ms.fd'>/var/lib/libvirt/qemu/nvram/g.fd</nvram></os>",
            True,
        ),
    ],
)
def test_secure_boot(os: str, secure: bool | None) -> None:
    """Firmware that can do it does it only with keys, and whether somebody enrolled them later nobody tells."""
    assert the_domain(f"<domain><name>g</name>{os}</domain>").secure_boot is secure


@pytest.mark.parametrize(
    ("lines", "file"),
    [
        ("", ""),
        ("<serial type='pty'><source path='/dev/pts/3'/></serial>", ""),
        ("<serial type='file'><source path='/var/log/web01.log'/></serial>", "/var/log/web01.log"),
        ("<serial type='pty'><log file='/var/log/web01.log' append='on'/></serial>", "/var/log/web01.log"),
        ("<serial type='pty'/><serial type='file'><source path='/srv/two'/></serial>", "/srv/two"),
    ],
)
def test_the_file_of_a_serial_line(lines: str, file: str) -> None:
    assert the_domain(f"<domain><name>g</name><devices>{lines}</devices></domain>").serial == file


def test_a_real_guest_has_the_processor_that_qemu_gave_it() -> None:
    domain = collected(running_guest())["web01"]
    assert isinstance(domain, Domain)
    assert domain.cpu == Cpu(
        mode="custom",
        model="qemu64",
        match="exact",
        features=(("hypervisor", "require"), ("lahf_lm", "require")),
    )
    assert not domain.rng


@pytest.mark.parametrize(
    ("device", "has_it"),
    [
        ("<rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>", True),
        ("<rng model='virtio-non-transitional'/>", True),
        ("<rng/>", False),
        ("", False),
    ],
)
def test_a_source_of_randomness(device: str, has_it: bool) -> None:
    assert the_domain(f"<domain><name>g</name><devices>{device}</devices></domain>").rng is has_it


def test_the_loader_and_the_machine() -> None:
    os = "<os><type arch='aarch64'>hvm</type><loader type='rom'>/usr/lib/u-boot/qemu_arm64/u-boot.bin</loader></os>"
    found = the_domain(f"<domain><name>g</name>{os}</domain>")
    assert (found.arch, found.loader) == ("aarch64", "/usr/lib/u-boot/qemu_arm64/u-boot.bin")


@pytest.mark.parametrize(
    ("interface", "expected"),
    [
        ("<interface type='bridge'><source bridge='br0'/></interface>", {"kind": "bridge", "source": "br0"}),
        ("<interface type='direct'><source dev='eno1'/></interface>", {"kind": "direct", "source": "eno1"}),
        ("<interface type='quantum'/>", {"kind": "other", "source": ""}),
        ("<interface type='user'><boot order='2'/></interface>", {"kind": "user", "boot_order": 2}),
        ("<interface type='user'><link state='down'/></interface>", {"link_up": False}),
        ("<interface type='user'><mtu size='1400'/></interface>", {"mtu": 1400}),
        ("<interface type='user'><mtu size='much'/></interface>", {"mtu": None}),
        ("<interface type='user'><rom bar='off'/></interface>", {"rom_off": ("bar",), "rom_enabled": False}),
        ("<interface type='user'><rom enabled='no'/></interface>", {"rom_off": ("enabled",), "rom_file": ""}),
        (
            "<interface type='user'><rom file='/srv/a.rom'/></interface>",
            {"rom_enabled": True, "rom_file": "/srv/a.rom"},
        ),
        ("<interface type='user'><mac address='52:54:00:AB:CD:EF'/></interface>", {"mac": "52:54:00:ab:cd:ef"}),
    ],
)
def test_interfaces(interface: str, expected: dict[str, object]) -> None:
    nic = the_nic(interface)
    assert {name: getattr(nic, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("memory", "size"),
    [
        ("<memory unit='KiB'>65536</memory>", 64 << 20),
        ("<memory>65536</memory>", 64 << 20),
        ("<memory unit='GiB'>2</memory>", 2 << 30),
        ("<memory unit='G'>2</memory>", 2 << 30),
        ("<memory unit='MB'>64</memory>", 64_000_000),
        ("<memory unit='bytes'>4096</memory>", 4096),
        ("<memory unit='x'>4096</memory>", None),
        ("<memory>much</memory>", None),
        ("", None),
    ],
)
def test_its_memory(memory: str, size: int | None) -> None:
    assert the_domain(f"<domain><name>g</name>{memory}</domain>").memory == size


@pytest.mark.parametrize(
    ("vcpu", "cpus"),
    [
        ("<vcpu placement='static'>64</vcpu>", 64),
        ("<vcpu current='2'>64</vcpu>", 2),
        ("<vcpu>many</vcpu>", None),
        ("", None),
    ],
)
def test_its_processors_that_are_on(vcpu: str, cpus: int | None) -> None:
    assert the_domain(f"<domain><name>g</name>{vcpu}</domain>").cpus == cpus


@pytest.mark.parametrize(
    ("nvram", "files"),
    [
        ("<nvram template='/t.fd'>/v.fd</nvram>", ("/v.fd", "/t.fd")),
        ("<nvram type='file' template='/t.fd'><source file='/v.fd'/></nvram>", ("/v.fd", "/t.fd")),
        ("<nvram/>", ("", "")),
        ("", ("", "")),
    ],
)
def test_its_variables(nvram: str, files: tuple[str, str]) -> None:
    domain = the_domain(f"<domain><name>g</name><os>{nvram}</os></domain>")
    assert (domain.nvram, domain.nvram_template) == files


def test_its_emulator() -> None:
    xml = "<domain><name>g</name><devices><emulator>/usr/bin/qemu-system-x86_64</emulator></devices></domain>"
    assert the_domain(xml).emulator == "/usr/bin/qemu-system-x86_64"


def test_namespaces_are_set_aside() -> None:
    xml = "<x:domain xmlns:x='urn:x'><x:name>odd</x:name><x:metadata><l:os xmlns:l='urn:l' id='http://debian.org/debian/12'/></x:metadata></x:domain>"
    domain = the_domain(xml)
    assert (domain.name, domain.os_id) == ("odd", "http://debian.org/debian/12")


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "a b", "x" * 10_000, "-c", "ü\u202e"])
def test_odd_names(name: str) -> None:
    escaped = name.replace("<", "&lt;").replace(">", "&gt;")
    assert the_domain(f"<domain><name>{escaped}</name></domain>").name == name


@pytest.mark.parametrize(
    ("xml", "why"),
    [
        pytest.param("<domain><name>a</name>", "not well-formed", id="cut short"),
        pytest.param("", "not well-formed", id="empty"),
        pytest.param("\x1b[31m", "not well-formed", id="an escape sequence"),
        pytest.param("<!DOCTYPE d [<!ENTITY a 'b'>]><domain><name>&a;</name></domain>", "entities", id="an entity"),
        pytest.param(
            "<!DOCTYPE d SYSTEM 'http://x/'><domain><name>a</name></domain>", "entities", id="a DTD elsewhere"
        ),
        pytest.param("<network><name>a</name></network>", "no <domain>", id="a network"),
        pytest.param("<domain><name> </name></domain>", "no <domain>", id="without a name"),
        pytest.param("<a>" * 200_000, "not well-formed", id="deep"),
        pytest.param("<domain>" + " " * 10_000_001, "characters", id="long"),
        pytest.param(
            "<domain><name>a</name><devices><interface><boot order='1.5'/></interface></devices></domain>",
            "",
            id="half an order",
        ),
    ],
)
def test_what_is_no_guest_is_named_and_not_left_out(xml: str, why: str) -> None:
    found = collected(running_guest(**{f"read {DEFINED}/web02.xml": xml}))
    strange = found["web02"]
    assert isinstance(strange, Unmodelled)
    assert (strange.kind, strange.origin) == ("domain", f"{DEFINED}/web02.xml")
    assert why in strange.why
    assert isinstance(found["web01"], Domain)


def test_a_status_that_is_not_understood_hides_the_definition() -> None:
    """The guest runs, and how is not known: its definition would tell that it is off."""
    found = collected(running_guest(**{f"read {LIVE}/web01.xml": "<domstatus>"}))
    assert isinstance(found["web01"], Unmodelled)


def test_a_definition_that_failed_to_be_read() -> None:
    found = collected(running_guest(**{f"read {DEFINED}/web02.xml": Failed("larger than 67108864 bytes")}))
    assert isinstance(found["web02"], Unmodelled)


def test_a_definition_that_vanished_while_we_looked() -> None:
    found = collected(running_guest(**{f"read {DEFINED}/web02.xml": Absent("gone")}))
    assert set(found) == {"web01"}


def test_without_libvirt() -> None:
    notebook = Notebook(Replay(running_guest(**{f"list {DEFINED}": Absent("no such folder")})))
    ask.ask_domains(notebook)
    found = domains.parse(notebook.answers)
    assert isinstance(found, Missing)
    assert found.status == "absent"
    assert "libvirt" in found.would_help


def closed(**changes: str | Answer) -> dict[str, Answer]:
    """As a plain user sees it: the folders are open, the files in them are root's."""
    forbidden: dict[str, str | Answer] = {
        question: Forbidden("not for you")
        for question in running_guest()
        if re.fullmatch(r"read /(etc|run)/libvirt/.*\.xml", question)
    }
    return running_guest(**(forbidden | changes))


def virsh(*names: str, **dumps: str) -> dict[str, str | Answer]:
    command = "run virsh -r -c qemu:///system"
    listing = {f"{command} list --all --name": "\n".join(names) + "\n\n"}
    return listing | {f"{command} dumpxml --domain={name}": xml for name, xml in dumps.items()}


def test_a_plain_user_asks_libvirt_where_it_runs() -> None:
    said = virsh("web01", "-x", web01="<domain id='1'><name>web01</name></domain>")
    said |= {"run virsh -r -c qemu:///system dumpxml --domain=-x": "<domain><name>-x</name></domain>"}
    found = collected(closed(**said))
    assert [(domain.name, domain.running) for domain in found.values() if isinstance(domain, Domain)] == [
        ("web01", True),
        ("-x", False),
    ]


def test_a_plain_user_wakes_nobody() -> None:
    """libvirtd runs, and virtqemud sleeps behind its socket: whoever asks might wake it."""
    listening = "0: 0 0 00010000 0001 01 0 /run/libvirt/virtqemud-sock"
    notebook = Notebook(Replay(closed(**{"read /proc/net/unix": listening})))
    ask.ask_domains(notebook)
    assert not [question for question in notebook.answers if "virsh" in question]
    would_help = "run it as root; or ask libvirt with --wake (virtqemud sleeps)"
    assert domains.parse(notebook.answers) == Missing("forbidden", "not for you", would_help)


def test_a_plain_user_whom_nobody_answers() -> None:
    notebook = Notebook(Replay(closed(**{"read /run/libvirtd.pid": Absent("not running")})))
    ask.ask_domains(notebook)
    assert not [question for question in notebook.answers if "virsh" in question]
    would_help = "run it as root; or ask libvirt with --wake (libvirtd sleeps)"
    assert domains.parse(notebook.answers) == Missing("forbidden", "not for you", would_help)


def test_passwords_are_not_kept() -> None:
    notebook = Notebook(Replay(running_guest(**{f"read {DEFINED}/web02.xml": "<graphics passwd='hunter2'/>"})))
    ask.ask_domains(notebook)
    assert notebook.answers[f"read {DEFINED}/web02.xml"] == Text("<graphics passwd='*****'/>")


@pytest.mark.parametrize(
    ("channel", "state"),
    [
        ("<target type='virtio' name='org.qemu.guest_agent.0' state='connected'/>", "connected"),
        ("<target type='virtio' name='org.qemu.guest_agent.0' state='disconnected'/>", "disconnected"),
        ("<target type='virtio' name='org.qemu.guest_agent.0'/>", ""),
        ("<target type='virtio' name='com.redhat.spice.0' state='connected'/>", None),
    ],
)
def test_the_channel_of_its_agent(channel: str, state: str | None) -> None:
    devices = f"<channel type='spicevmc'/><channel type='unix'>{channel}</channel>"
    assert the_domain(f"<domain><name>g</name><devices>{devices}</devices></domain>").agent == state
