"""Understands domain XML: definitions in /etc/libvirt/qemu, status in /run/libvirt/qemu, or virsh's."""

from xml.etree.ElementTree import Element

from pxedoctor.access.answer import Absent, Answers, Forbidden, Text, list_question, read_question, run_question
from pxedoctor.collect.ask.libvirt import QEMU_DEFINED, QEMU_LIVE, VIRSH
from pxedoctor.collect.texts import text_of, why_missing
from pxedoctor.collect.xml import attribute, children, root_of, text_at
from pxedoctor.model.fact import Missing
from pxedoctor.model.libvirt import Domain, Firmware, Nic, NicKind

_KINDS: dict[str, NicKind] = {
    "network": "network",
    "bridge": "bridge",
    "direct": "direct",
    "user": "user",
    "ethernet": "ethernet",
    "hostdev": "hostdev",
}


def parse(answers: Answers) -> tuple[Domain, ...] | Missing:
    if isinstance(answers.get(list_question(QEMU_DEFINED)), Forbidden):
        return _from_virsh(answers)
    if isinstance(answers.get(list_question(QEMU_DEFINED)), Absent):
        return Missing("absent", "libvirt's QEMU driver is not configured here", "install libvirt, or name a --bridge")
    if not isinstance(answers.get(list_question(QEMU_DEFINED)), Text):
        return why_missing(answers, list_question(QEMU_DEFINED))
    domains = {domain.name: domain for domain in _in_folder(answers, QEMU_DEFINED)}
    for live in _in_folder(answers, QEMU_LIVE):
        domains[live.name] = _running(live, defined=live.name in domains)
    return tuple(domains[name] for name in sorted(domains))


def _running(live: Domain, defined: bool) -> Domain:
    import msgspec

    return msgspec.structs.replace(live, persistent=defined)


def _in_folder(answers: Answers, folder: str) -> list[Domain]:
    names = text_of(answers, list_question(folder)) or ""
    paths = (f"{folder}/{name}" for name in names.splitlines() if name.endswith(".xml"))
    found = (_domain(text_of(answers, read_question(path)) or "", path) for path in paths)
    return [domain for domain in found if domain is not None]


def _from_virsh(answers: Answers) -> tuple[Domain, ...] | Missing:
    names = text_of(answers, run_question((*VIRSH, "list", "--all", "--name")))
    if names is None:
        return why_missing(answers, list_question(QEMU_DEFINED))
    domains: list[Domain] = []
    for name in names.split():
        argv = (*VIRSH, "dumpxml", name)
        domain = _domain(text_of(answers, run_question(argv)) or "", " ".join(argv))
        if domain is not None:
            domains.append(domain)
    return tuple(domains)


def _domain(text: str, origin: str) -> Domain | None:
    root = root_of(text)
    if root is None:
        return None
    domain = root if root.tag == "domain" else root.find("domain")
    if domain is None or not text_at(domain, "name"):
        return None
    running = root.tag == "domstatus" or bool(domain.get("id"))
    return Domain(
        name=text_at(domain, "name"),
        uuid=text_at(domain, "uuid"),
        running=running,
        origin=origin,
        state=root.get("state", "") or ("running" if running else "shut off"),
        firmware=_firmware(domain),
        boot=tuple(entry.get("dev", "") for entry in children(domain, "os/boot")),
        os_id=_os_id(domain),
        nics=tuple(_nic(nic, index + 1) for index, nic in enumerate(children(domain, "devices/interface"))),
    )


def _firmware(domain: Element) -> Firmware:
    loader = domain.find("os/loader")
    pflash = loader is not None and loader.get("type") == "pflash"
    return "efi" if pflash or attribute(domain, "os", "firmware") == "efi" else "bios"


def _os_id(domain: Element) -> str:
    metadata = domain.find("metadata")
    for element in metadata.iter("os") if metadata is not None else ():
        return element.get("id", "")
    return ""


def _nic(nic: Element, position: int) -> Nic:
    kind = _KINDS.get(nic.get("type", ""), "other")
    source = attribute(nic, "source", kind) if kind in {"network", "bridge"} else attribute(nic, "source", "dev")
    order = attribute(nic, "boot", "order")
    return Nic(
        mac=attribute(nic, "mac", "address").lower(),
        kind=kind,
        position=position,
        source=source,
        model=attribute(nic, "model", "type"),
        tap=attribute(nic, "target", "dev") or None,
        bridge=attribute(nic, "source", "bridge") or None,
        boot_order=int(order) if order.isdecimal() else None,
        driver=attribute(nic, "driver", "name"),
        link_up=attribute(nic, "link", "state") != "down",
        rom_enabled=attribute(nic, "rom", "bar") != "off" and attribute(nic, "rom", "enabled") != "no",
    )
