"""Understands domain XML: definitions in /etc/libvirt/qemu, status in /run/libvirt/qemu, or virsh's."""

import shlex
from xml.etree.ElementTree import Element

import msgspec

from pxedoctor.access.answer import Absent, Answers, Text, list_question, run_question
from pxedoctor.collect.ask.connection import connected
from pxedoctor.collect.ask.libvirt import QEMU_DEFINED, QEMU_LIVE, VIRSH, Virsh, domain_names, dump_domain
from pxedoctor.collect.definition import closed_to_us, understood, understood_in, why_closed, why_not_told
from pxedoctor.collect.texts import text_of, why_missing
from pxedoctor.collect.xml import attribute, children, text_at, tree_of
from pxedoctor.model.fact import Missing, Unmodelled
from pxedoctor.model.libvirt import ROM_OFF, Cpu, Definition, Domain, Firmware, Nic, NicKind

_KINDS: dict[str, NicKind] = {
    "network": "network",
    "bridge": "bridge",
    "direct": "direct",
    "user": "user",
    "ethernet": "ethernet",
    "hostdev": "hostdev",
}

_FLAGS = ("<qemuCaps>", "</qemuCaps>")
_AGENT = "org.qemu.guest_agent.0"
_ACTUAL: dict[str, NicKind] = {"direct": "direct", "hostdev": "hostdev"}


def parse(answers: Answers) -> tuple[Domain | Unmodelled, ...] | Missing:
    there = connected(answers)
    if there is not None:
        theirs = _from_virsh(answers, there.virsh)
        return why_not_told(answers, there) if theirs is None else theirs
    closed = closed_to_us(answers, QEMU_DEFINED, QEMU_LIVE)
    if closed is not None:
        told = _from_virsh(answers, VIRSH)
        return why_closed(answers, closed) if told is None else told
    if isinstance(answers.get(list_question(QEMU_DEFINED)), Absent):
        return Missing("absent", "libvirt's QEMU driver is not configured here", "install libvirt, or name a --bridge")
    if not isinstance(answers.get(list_question(QEMU_DEFINED)), Text):
        return why_missing(answers, list_question(QEMU_DEFINED))
    # A status that is not understood hides the definition: the guest runs, and how is not known.
    running = {live.name: live for live in understood_in("domain", answers, QEMU_LIVE, _domain)}

    def understand(text: str, origin: str) -> Domain | _Defined:
        domain = _element(tree_of(text))
        live = running.get(text_at(domain, "name"))
        if isinstance(live, Domain):
            return _Defined(live.name, _nics(domain), Definition(origin, text))
        return _of(domain, domain, Definition(origin, text))

    defined = {entry.name: entry for entry in understood_in("domain", answers, QEMU_DEFINED, understand)}
    off = {name: entry for name, entry in defined.items() if not isinstance(entry, _Defined)}
    found = off | {name: _running(live, defined.get(name)) for name, live in running.items()}
    return tuple(found[name] for name in sorted(found))


class _Defined(msgspec.Struct, frozen=True):
    """What a running guest's definition adds to its status."""

    name: str
    nics: tuple[Nic, ...]
    definition: Definition


def _running(live: Domain | Unmodelled, defined: "Domain | _Defined | Unmodelled | None") -> Domain | Unmodelled:
    if isinstance(live, Unmodelled):
        return live
    if defined is None or isinstance(defined, Unmodelled):
        return msgspec.structs.replace(live, persistent=defined is not None)
    return msgspec.structs.replace(live, defined_nics=defined.nics, definition=defined.definition)


def _from_virsh(answers: Answers, virsh: Virsh) -> tuple[Domain | Unmodelled, ...] | None:
    names = text_of(answers, run_question(domain_names(virsh)))
    if names is None:
        return None
    return tuple(
        understood("domain", answers, run_question(argv), shlex.join(argv), _domain)
        for argv in (dump_domain(name, virsh) for name in names.splitlines() if name)
    )


def _domain(text: str, origin: str) -> Domain:
    root = tree_of(_without_flags(text))
    return _of(root, _element(root), Definition(origin, text))


def _without_flags(status: str) -> str:
    """A status without what its QEMU can do (qemuDomainObjPrivateXMLFormat): four fifths of it, which nobody asks."""
    first, last = _FLAGS
    start, end = status.find(first), status.find(last)
    plain = 0 <= start < end < status.find("<domain ")
    return status[:start] + status[end + len(last) :] if plain else status


def _element(root: Element) -> Element:
    """Raises ValueError where it is no domain."""
    domain = root if root.tag == "domain" else root.find("domain")
    if domain is None or not text_at(domain, "name"):
        raise ValueError("it holds no <domain> with a name")
    return domain


def _nics(domain: Element) -> tuple[Nic, ...]:
    return tuple(_nic(nic, index + 1) for index, nic in enumerate(children(domain, "devices/interface")))


def _of(root: Element, domain: Element, read: Definition) -> Domain:
    """`read`: the text, which of a running one is no definition."""
    running = root.tag == "domstatus" or bool(domain.get("id"))
    return Domain(
        name=text_at(domain, "name"),
        uuid=text_at(domain, "uuid"),
        running=running,
        origin=read.path,
        state=root.get("state", "") or ("running" if running else "shut off"),
        reason=root.get("reason", "") if root.tag == "domstatus" else "",
        firmware=_firmware(domain),
        boot=tuple(entry.get("dev", "") for entry in children(domain, "os/boot")),
        os_id=_os_id(domain),
        hypervisor=domain.get("type", ""),
        job=_job(root),
        nics=_nics(domain),
        arch=attribute(domain, "os/type", "arch"),
        other_boot_orders=_other_boot_orders(domain),
        disks=tuple(disk.get("device", "disk") for disk in children(domain, "devices/disk")),
        boot_menu=attribute(domain, "os/bootmenu", "enable") == "yes",
        loader=text_at(domain, "os/loader"),
        secure_boot=_secure_boot(domain),
        serial=_serial(domain),
        agent=_agent(domain),
        cpu=_cpu(domain),
        emulator=text_at(domain, "devices/emulator"),
        nvram=_nvram(domain),
        nvram_template=attribute(domain, "os/nvram", "template"),
        definition=None if running else read,
        memory=_bytes(text_at(domain, "memory"), attribute(domain, "memory", "unit")),
        cpus=_number(attribute(domain, "vcpu", "current") or text_at(domain, "vcpu")),
        rng=any(device.get("model", "").startswith("virtio") for device in children(domain, "devices/rng")),
    )


def _other_boot_orders(domain: Element) -> tuple[int, ...]:
    devices = (device for device in children(domain, "devices/*") if device.tag != "interface")
    return tuple(int(order) for device in devices if (order := attribute(device, "boot", "order")))


def _job(status: Element) -> str:
    """<job type='modify' async='migration out'> of a status file, while it runs (qemuDomainObjPrivateXMLFormatJob)."""
    job = status.find("job") if status.tag == "domstatus" else None
    words = [job.get("async", ""), job.get("type", "")] if job is not None else []
    return next((word for word in words if word not in {"", "none"}), "")


def _firmware(domain: Element) -> Firmware:
    loader = domain.find("os/loader")
    pflash = loader is not None and loader.get("type") == "pflash"
    return "efi" if pflash or attribute(domain, "os", "firmware") == "efi" else "bios"


def _secure_boot(domain: Element) -> bool | None:
    """As the definition tells (libvirt's formatdomain, "BIOS bootloader"): features, or a template of variables.

    Debian's and Fedora's templates with Microsoft's keys in them have `.ms.` or `.secboot.` in their names.
    """
    if _firmware(domain) == "bios":
        return False
    features = {entry.get("name", ""): entry.get("enabled") for entry in children(domain, "os/firmware/feature")}
    if "no" in (features.get("secure-boot"), features.get("enrolled-keys")):
        return False
    template = attribute(domain, "os/nvram", "template")
    enrolled = features.get("secure-boot") == "yes" and features.get("enrolled-keys") == "yes"
    return True if enrolled or any(mark in template for mark in (".ms.", ".secboot.")) else None


def _serial(domain: Element) -> str:
    """A log beside any kind of line, or a line that is a file itself (libvirt's formatdomain, "Consoles, serial")."""
    for line in children(domain, "devices/serial"):
        own = attribute(line, "source", "path") if line.get("type") == "file" else ""
        if path := attribute(line, "log", "file") or own:
            return path
    return ""


def _agent(domain: Element) -> str | None:
    """The state of the channel that libvirt and the agent know by this name (formatdomain, "Channel")."""
    targets = (target for target in children(domain, "devices/channel/target") if target.get("name") == _AGENT)
    return next((target.get("state", "") for target in targets), None)


def _cpu(domain: Element) -> Cpu:
    features = ((entry.get("name", ""), entry.get("policy", "require")) for entry in children(domain, "cpu/feature"))
    return Cpu(
        mode=attribute(domain, "cpu", "mode"),
        model=text_at(domain, "cpu/model"),
        match=attribute(domain, "cpu", "match"),
        features=tuple(features),
    )


def _os_id(domain: Element) -> str:
    metadata = domain.find("metadata")
    for element in metadata.iter("os") if metadata is not None else ():
        return element.get("id", "")
    return ""


def _nvram(domain: Element) -> str:
    """Since libvirt 8.5 it may have a <source> like a disk's, with the file in it (formatdomain.html, nvram)."""
    return attribute(domain, "os/nvram/source", "file") or text_at(domain, "os/nvram")


def _bytes(number: str, unit: str) -> int | None:
    """libvirt's scaled integers; KiB where no unit is said (formatdomain.html, "Memory allocation")."""
    if not (number.isascii() and number.isdecimal()):
        return None
    if unit in {"b", "bytes"}:
        return int(number)
    power = "KMGTPE".find(unit[:1].upper()) + 1 if unit else 1
    factor = 1000 if len(unit) == 2 else 1024
    return int(number) * factor**power if power else None


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() else None


def _lower(nic: Element, kind: NicKind) -> str:
    """The host's device below a macvtap: as defined, or as a network handed it out."""
    given = attribute(nic, "actual/source", "dev")
    return given or (attribute(nic, "source", "dev") if kind == "direct" else "")


def _nic(nic: Element, position: int) -> Nic:
    kind = _KINDS.get(nic.get("type", ""), "other")
    source = attribute(nic, "source", kind) if kind in {"network", "bridge"} else attribute(nic, "source", "dev")
    order = attribute(nic, "boot", "order")
    return Nic(
        mac=attribute(nic, "mac", "address").lower(),
        # A network that hands out macvtaps or devices: in its <actual> a running NIC is what it really is.
        kind=_ACTUAL.get(attribute(nic, "actual", "type"), kind),
        position=position,
        source=source,
        model=attribute(nic, "model", "type"),
        tap=attribute(nic, "target", "dev") or None,
        # `virsh dumpxml` folds the running NIC's bridge into <source>; the status file keeps it in <actual>.
        bridge=attribute(nic, "source", "bridge") or attribute(nic, "actual/source", "bridge") or None,
        boot_order=int(order) if order else None,
        driver=attribute(nic, "driver", "name"),
        link_up=attribute(nic, "link", "state") != "down",
        isolated=attribute(nic, "port", "isolated") == "yes",
        mtu=_number(attribute(nic, "mtu", "size")),
        lower=_lower(nic, kind),
        # libvirt's own choice where nothing is said (formatdomain, Direct attachment).
        mode=attribute(nic, "actual/source", "mode") or attribute(nic, "source", "mode") or "vepa",
        rom_file=attribute(nic, "rom", "file"),
        type=nic.get("type", ""),
        backend=attribute(nic, "backend", "type"),
        switch=attribute(nic, "actual/virtualport", "type") or attribute(nic, "virtualport", "type"),
        rom_off=tuple(name for name, value in ROM_OFF.items() if attribute(nic, "rom", name) == value),
    )
