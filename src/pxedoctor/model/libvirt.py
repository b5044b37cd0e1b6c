"""What libvirt has defined and what it runs: domains, their NICs, virtual networks, daemons."""

from typing import Literal

import msgspec

from pxedoctor.model.fact import Missing

NicKind = Literal["network", "bridge", "direct", "user", "ethernet", "hostdev", "other"]
Firmware = Literal["bios", "efi"]
Backend = Literal["iptables", "nftables", "none"]

# What switches a NIC's boot ROM off: none in it, or one that SeaBIOS does not find (formatdomain.html; QEMU's rombar).
ROM_OFF = {"enabled": "no", "bar": "off"}


class Definition(msgspec.Struct, frozen=True):
    """What libvirt keeps of a domain or a network for its next start. `path`: where it was read, its file or the
    command that printed it; `text`: as it stands there, but for its secrets, which are stars."""

    path: str
    text: str


class Nic(msgspec.Struct, frozen=True, kw_only=True):
    """One <interface>. `source` is the network's or bridge's name; `tap` the device it is plugged in with now.

    `mtu`: <mtu size>, which its tap gets; None: its tap gets the bridge's. `lower`, `mode`: of a direct one (macvtap),
    the host's device that it is a part of, and how (vepa, bridge, private, passthrough). `rom_off`: which
    attributes of its <rom> switch the boot ROM off (enabled, bar); `rom_file`: one instead of QEMU's own. `type` is
    libvirt's own word for its kind, `backend` what carries a user-mode one (passt), `switch` the type of its
    <virtualport> (openvswitch).
    """

    mac: str
    kind: NicKind
    position: int
    source: str = ""
    model: str = ""
    tap: str | None = None
    bridge: str | None = None
    boot_order: int | None = None
    driver: str = ""
    link_up: bool = True
    rom_off: tuple[str, ...] = ()
    rom_file: str = ""
    isolated: bool = False
    mtu: int | None = None
    lower: str = ""
    mode: str = ""
    type: str = ""
    backend: str = ""
    switch: str = ""

    @property
    def rom_enabled(self) -> bool:
        return not self.rom_off


class Cpu(msgspec.Struct, frozen=True, kw_only=True):
    """<cpu>: `mode` and `model` in libvirt's words, "" for what is not said; `features`: names with their policies."""

    mode: str = ""
    model: str = ""
    match: str = ""
    features: tuple[tuple[str, str], ...] = ()


class Domain(msgspec.Struct, frozen=True, kw_only=True):
    """One guest. `origin` is the file or command whose XML was read; `os_id` the libosinfo URL, if any.

    `state` and `reason` are libvirt's words of a status file, e.g. paused and user; `reason` is "" where only a
    definition was read. `hypervisor` is the domain's type: kvm, qemu (emulated), xen, ... `job` is the migration,
    backup or the like that libvirt runs on it now, which a restart of its daemon would break off; "" for none.
    `defined_nics` are the NICs of a running guest's definition, which its next full start takes; () where it is
    off, or has none. `arch` is its machine's as libvirt writes it (x86_64, aarch64); `other_boot_orders` are those
    of its disks and all else that is no NIC; `boot_menu`: a person may choose another. `disks`: what each of its
    disks is, in libvirt's words (disk, cdrom, floppy, lun). `loader` is the path of its firmware, "" where libvirt
    chooses it. `secure_boot` None: its firmware may do it, and whether keys are enrolled in its variables is not
    told. `serial`: the file on this host into which its first serial line writes, "" for none. `rng`: it has a
    virtio-rng device. `emulator`: the path of its QEMU. `nvram` is the file of its firmware's variables,
    `nvram_template` what it is made of at its first start; "" where libvirt chooses them. `definition`: None where it
    has none, or nobody could read it. `agent`: the state of its
    channel to qemu-guest-agent in libvirt's words (connected, disconnected), "" where it is off or not told, None
    where it has no such channel. `memory`: bytes it has at
    its start, None where that was not understood; `cpus` are its processors that are on, None likewise.
    """

    name: str
    uuid: str
    running: bool
    origin: str
    state: str = ""
    reason: str = ""
    firmware: Firmware = "bios"
    boot: tuple[str, ...] = ()
    os_id: str = ""
    hypervisor: str = ""
    job: str = ""
    persistent: bool = True
    nics: tuple[Nic, ...] = ()
    defined_nics: tuple[Nic, ...] = ()
    arch: str = ""
    other_boot_orders: tuple[int, ...] = ()
    boot_menu: bool = False
    disks: tuple[str, ...] = ()
    loader: str = ""
    secure_boot: bool | None = None
    serial: str = ""
    cpu: Cpu = Cpu()
    rng: bool = False
    agent: str | None = None
    emulator: str = ""
    memory: int | None = None
    cpus: int | None = None
    nvram: str = ""
    nvram_template: str = ""
    definition: Definition | None = None

    def boots_from(self, nic: Nic) -> bool:
        """Whether the firmware will try this NIC at all: of several, <boot dev='network'/> means the first alone.

        (libvirt src/qemu/qemu_process.c, qemuProcessPrepareDeviceBootorder)
        """
        if any(other.boot_order for other in self.nics):
            return nic.boot_order is not None
        return "network" in self.boot and nic.position == min(other.position for other in self.nics)


class Reservation(msgspec.Struct, frozen=True, kw_only=True):
    """One <host> of a <dhcp>: its `address` is for the guest of that MAC or name alone; "" for what it does not say."""

    mac: str = ""
    name: str = ""
    address: str = ""


class Subnet(msgspec.Struct, frozen=True, kw_only=True):
    """One <ip> of a virtual network; `ranges` and `hosts` are what its DHCP server may hand out.

    `hosts` is how many reservations there are, `reserved` what they say.
    """

    family: Literal["ipv4", "ipv6"]
    address: str
    prefix: int
    ranges: tuple[tuple[str, str], ...] = ()
    hosts: int = 0
    reserved: tuple[Reservation, ...] = ()
    tftp_root: str = ""
    boot_file: str = ""
    boot_server: str = ""

    @property
    def serves_dhcp(self) -> bool:
        return bool(self.ranges) or self.hosts > 0


class Network(msgspec.Struct, frozen=True, kw_only=True):
    """One virtual network. `delay` is seconds as written in its XML; `server_pid` is dnsmasq's, from its pid file.

    `server_options` are lines for its dnsmasq's configuration (<dnsmasq:options>), as they were written.
    `definition` as of a Domain.
    """

    name: str
    uuid: str
    active: bool
    autostart: bool
    origin: str
    forward: str = ""
    bridge: str = ""
    stp: bool = True
    delay: float = 0.0
    zone: str = ""
    dns: bool = True
    subnets: tuple[Subnet, ...] = ()
    backend: Backend = "iptables"
    persistent: bool = True
    server_pid: int | Missing = Missing("absent", "no pid file was looked for")
    server_options: tuple[str, ...] = ()
    definition: Definition | None = None

    @property
    def has_own_rules(self) -> bool:
        """libvirt writes firewall rules for nat, route and isolated networks only (bridge_driver_linux.c)."""
        return self.forward in {"nat", "route", ""} and bool(self.bridge)

    @property
    def serves_dhcp(self) -> bool:
        return any(subnet.serves_dhcp for subnet in self.subnets)

    @property
    def wants_server(self) -> bool:
        """Whether libvirt runs a dnsmasq for it (src/network/bridge_driver.c, networkStartDhcpDaemon)."""
        served = any(subnet.serves_dhcp or subnet.tftp_root for subnet in self.subnets)
        return served or (self.dns and bool(self.subnets) and self.forward != "bridge")


class Daemon(msgspec.Struct, frozen=True, kw_only=True):
    """A libvirt daemon on disk or running; `asleep` means that only its socket waits (systemd socket activation)."""

    name: str
    pid: int | None = None
    asleep: bool = False


class Libvirt(msgspec.Struct, frozen=True, kw_only=True):
    """Which daemons there are and what their configuration says of the firewall backend.

    `networks_autostarted`: the networks set to start with libvirt were started since the boot; libvirt does it once
    (/run/libvirt/network/autostarted), so a daemon that wakes now would not start them again.
    """

    daemons: tuple[Daemon, ...] = ()
    configured_backend: str = ""
    version: str = ""
    networks_autostarted: bool = False

    def running(self, name: str) -> Daemon | None:
        return next((daemon for daemon in self.daemons if daemon.name == name and daemon.pid), None)

    @property
    def sleeping(self) -> tuple[str, ...]:
        """The daemons that only wait behind their socket, where none runs; () where one runs."""
        if any(daemon.pid for daemon in self.daemons):
            return ()
        return tuple(daemon.name for daemon in self.daemons if daemon.asleep)

    @property
    def network_owner(self) -> Daemon | None:
        """The daemon that owns the networks: a running one before a sleeping one; None where neither is there."""
        owners = [daemon for daemon in self.daemons if daemon.name in {"virtnetworkd", "libvirtd"}]
        owners.sort(key=lambda daemon: (daemon.asleep, daemon.name != "virtnetworkd"))
        return owners[0] if owners else None

    @property
    def network_daemon(self) -> str:
        """The daemon that owns the networks: virtnetworkd where it runs, else the monolithic libvirtd."""
        return "virtnetworkd" if self.running("virtnetworkd") else "libvirtd"
