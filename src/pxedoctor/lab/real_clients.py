"""Real DHCP clients in a site: udhcpc, dhclient, dhcpcd, networkd, NetworkManager, and firmware in QEMU."""

import time
from collections.abc import Callable

from pxedoctor.lab.parts import MAC
from pxedoctor.lab.site import Site
from pxedoctor.lab.wiring import inside

UUID = "6f0c1b52-0d0d-4d0d-8d0d-0d0d0d0d0d02"

_NM = "/etc/NetworkManager"
_NM_CONF = "[main]\nplugins=keyfile\ndhcp=internal\nrc-manager=unmanaged\nauth-polkit=false\nno-auto-default=*\n"
_NM_CONNECTION = f"""\
[connection]
id=lab
uuid={UUID}
type=ethernet
interface-name=eth0
[ipv4]
method=auto
[ipv6]
method=disabled
"""
_NETWORKD = "/usr/lib/systemd/systemd-networkd"
_SERIAL = "/var/log/guest-serial.log"
_POLL_SECONDS = 0.2
_FIRMWARE = {
    "seabios": ("-m", "64"),
    # Variables of its own: with none it would find no boot order and try the network, as here, after the disks.
    "ovmf": (
        *("-m", "192"),
        *("-drive", "if=pflash,format=raw,readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M.fd"),
        *("-drive", "if=pflash,format=raw,file=/tmp/OVMF_VARS_4M.fd"),
    ),
}
# From a disk, so that the firmware leaves the network to it; of GRUB's images the one that knows the network.
_GRUB = "/usr/local/share/pxedoctor/grub-efi-amd64-bin/usr/lib/grub/x86_64-efi/monolithic/grubnetx64.efi"
_ESP, GRUB_IS_THROUGH = "/tmp/esp", "net_dhcp has ended"
_FIRMWARE["grub"] = (
    *_FIRMWARE["ovmf"],
    *("-drive", f"if=none,id=esp,format=raw,readonly=on,file=fat:{_ESP}"),
    *("-device", "virtio-blk-pci,drive=esp,bootindex=0"),
)
# U-Boot knows Intel's NIC, and asks by itself once no disk holds anything to boot.
_FIRMWARE["u-boot"] = (
    "-m",
    "256",
    "-bios",
    "/usr/local/share/pxedoctor/u-boot-qemu/usr/lib/u-boot/qemu-x86/u-boot.rom",
)
_MODELS = {"u-boot": "e1000"}
# OVMF connects a NIC only where it may boot from it.
_NIC = {"ovmf-bare": ",romfile=", "u-boot": ",romfile=", "grub": ",romfile=,bootindex=1"}
# Without the NIC's ROM, which is iPXE, OVMF drives the NIC itself.
_FIRMWARE["ovmf-bare"] = _FIRMWARE["ovmf"]


def run_udhcpc(site: Site, name: str, *words: str) -> str:
    """One try in namespace `name`: a lease, released at the end, or exit after three tries. Returns its words."""
    argv = ["busybox", "udhcpc", "-n", "-q", "-f", "-R", "-i", "eth0", "-s", "/bin/true", *words]
    done = site.ask(*inside(name), *argv)
    return done.stdout + done.stderr


def run_dhclient(site: Site, name: str, family: int, conf: str, seconds: float) -> str:
    """One try in namespace `name`, for so long at most; then it is told to release. Returns its words."""
    site.write("/etc/lab-dhclient.conf", conf)
    files = ["-lf", f"/tmp/dhclient{family}.leases", "-pf", f"/tmp/dhclient{family}.pid"]
    common = ["dhclient", f"-{family}", "-v", "-sf", "/bin/true", "-cf", "/etc/lab-dhclient.conf", *files]
    asked = site.ask(*inside(name), "timeout", str(seconds), *common, "-1", "eth0")
    # It is asked to release by another process, which sends the RELEASE itself.
    released = site.ask(*inside(name), "timeout", "5", *common, "-r", "eth0")
    return asked.stdout + asked.stderr + released.stdout + released.stderr


def run_dhcpcd(site: Site, name: str, seconds: float) -> str:
    """In namespace `name` for so long, in the foreground, IPv4 alone, with the configuration that Debian ships."""
    argv = ["timeout", str(seconds), "dhcpcd", "-4", "-B", "-d", "-c", "/bin/true", "eth0"]
    done = site.ask(*inside(name), *argv)
    return done.stdout + done.stderr


def run_networkd(site: Site, name: str, seconds: float) -> str:
    """In namespace `name` for so long; with /sys read-only it does not wait for udev, which is not there."""
    network = "[Match]\nName=eth0\n[Network]\nDHCP=ipv4\nLinkLocalAddressing=no\nIPv6AcceptRA=no\n"
    site.write("/etc/systemd/network/10-eth0.network", network)
    site.run("mkdir", "-p", "/run/systemd/netif/links", "/run/systemd/netif/leases")
    start = f"mount -o remount,ro /sys && exec timeout {seconds} {_NETWORKD}"
    done = site.ask(*inside(name), "sh", "-c", start)
    return done.stdout + done.stderr


def run_network_manager(site: Site, name: str, seconds: float) -> str:
    """In namespace `name` for so long, with a system bus; it too waits for no udev where /sys is read-only."""
    site.run("sh", "-c", f"rm -f {_NM}/conf.d/* /usr/lib/NetworkManager/conf.d/* {_NM}/system-connections/*")
    site.write(f"{_NM}/NetworkManager.conf", _NM_CONF)
    site.write(f"{_NM}/system-connections/lab.nmconnection", _NM_CONNECTION)
    site.run("chmod", "600", f"{_NM}/system-connections/lab.nmconnection")
    site.run("mkdir", "-p", "/run/dbus", "/run/NetworkManager", "/var/lib/NetworkManager")
    site.run("dbus-daemon", "--system", "--fork")
    start = f"mount -o remount,ro /sys && exec timeout {seconds} NetworkManager --no-daemon"
    done = site.ask(*inside(name), "sh", "-c", start)
    return done.stdout + done.stderr


def make_tap(site: Site) -> str:
    """The port of a guest that is QEMU's own: it must be there before a capture can begin on it."""
    tap = site.device("tap")
    site.run("ip", "tuntap", "add", "dev", tap, "mode", "tap")
    site.run("sysctl", "-q", "-w", f"net.ipv6.conf.{tap}.disable_ipv6=1")
    site.run("ip", "link", "set", "dev", tap, "address", "fe" + MAC[2:], "master", site.bridge, "up")
    return tap


def boot_guest(
    site: Site, tap: str, firmware: str, seconds: float, until: str, enough: Callable[[], bool] = lambda: False
) -> str:
    """Boots a guest from its virtio NIC, under emulation, and returns its words.

    It runs until it has said `until`, or until it is `enough`, or for so long.
    """
    site.run("cp", "/usr/share/OVMF/OVMF_VARS_4M.fd", "/tmp/OVMF_VARS_4M.fd")
    if firmware == "grub":
        site.run("mkdir", "-p", f"{_ESP}/EFI/BOOT")
        site.run("cp", _GRUB, f"{_ESP}/EFI/BOOT/BOOTX64.EFI")
        site.write(f"{_ESP}/grub/grub.cfg", f"serial\nterminal_output serial\nnet_dhcp\necho {GRUB_IS_THROUGH}\n")
    argv = ["qemu-system-x86_64", "-accel", "tcg", "-display", "none", "-vga", "none", "-uuid", UUID]
    argv += ["-machine", "pc,graphics=off", "-serial", f"file:{_SERIAL}", "-monitor", "none", "-boot", "n"]
    argv += ["-netdev", f"tap,id=net0,ifname={tap},script=no,downscript=no"]
    model = _MODELS.get(firmware, "virtio-net-pci")
    argv += ["-device", f"{model},netdev=net0,mac={MAC}{_NIC.get(firmware, '')}", *_FIRMWARE[firmware]]
    guest = site.start(*argv)
    deadline = time.monotonic() + seconds
    try:
        while time.monotonic() < deadline and guest.poll() is None and until not in _said(site) and not enough():
            time.sleep(_POLL_SECONDS)
        return _said(site)
    finally:
        # The process here is only the way into the site; the guest is its child there.
        site.run("pkill", "-KILL", "qemu-system")
        guest.wait()


def _said(site: Site) -> str:
    path = site.path(_SERIAL)
    return path.read_bytes().decode(errors="backslashreplace") if path.exists() else ""
