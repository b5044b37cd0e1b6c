"""A guest with an operating system: a release's kernel, and of its files what runs its agent and asks for an address.

Its initial ramdisk is all it has. libvirt starts kernel and ramdisk directly, so that it is up in seconds under
emulation; it shuts off with the domain.
"""

import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from pxedoctor.lab.machine.disk import Disk
from pxedoctor.lab.machine.programs import run_in_tree
from pxedoctor.lab.parts import GUEST
from pxedoctor.lab.site import Site, SiteError

SERIAL = "/var/log/libvirt/qemu/agent.log"
_UP = "the agent runs"
# Some ten seconds of an emulator's processor; on a machine that others keep busy it took some minutes.
_DEADLINE_SECONDS, _POLL_SECONDS = 420, 0.2
_KERNEL, _RAMDISK = "/var/lib/libvirt/images/vmlinuz", "/var/lib/libvirt/images/ramdisk"
_MODULES = ("virtio_pci", "virtio_net", "virtio_console", "af_packet")
_PROGRAMS = ("/bin/busybox", "/usr/sbin/qemu-ga")
# What else the guest does is told on its kernel's command line: `pxedoctor.agent=mute` stops the agent's process.
_INIT = f"""#!/bin/busybox sh
export PATH=/bin
mount -t devtmpfs none /dev
mount -t proc none /proc
mount -t sysfs none /sys
for module in $(cat /modules); do insmod /$module; done
ip link set lo up
ip link set eth0 up
udhcpc -i eth0 -b -t 3 -T 1 -A 2 -s /lease >/dev/null 2>&1
qemu-ga -m virtio-serial -p /dev/$(ls /dev | grep vport | head -1) &
sleep 1
case "$(cat /proc/cmdline)" in *agent=mute*) kill -STOP $! ;; esac
echo {_UP}
exec sleep 100000
"""
_LEASE = """#!/bin/busybox sh
[ "$1" = bound ] && /bin/ip address add $ip/$mask dev $interface
exit 0
"""


def ramdisk(disk: Disk) -> bytes:
    """A cpio archive; GroundError where the release's tree lacks one of the programs."""
    with tempfile.TemporaryDirectory(prefix="pxedoctor-ramdisk-") as scratch:
        root = Path(scratch)
        for folder in ("bin", "dev", "proc", "sys", "run", "var/run", "tmp", "usr/share"):
            (root / folder).mkdir(parents=True)
        _copy_programs(disk.tree, root)
        (root / "modules").write_text("\n".join(_copy_modules(disk.tree, root)) + "\n")
        for name, text in (("init", _INIT), ("lease", _LEASE)):
            (root / name).write_text(text)
            (root / name).chmod(0o755)
        archive = "find . | busybox cpio -o -H newc 2>/dev/null"
        return subprocess.run(["sh", "-c", archive], cwd=root, check=True, capture_output=True, timeout=120).stdout


def _copy_programs(tree: Path, root: Path) -> None:
    """With their libraries, as the tree's own loader names them."""
    listed = run_in_tree(tree, "sh", "-c", f"ldd {' '.join(_PROGRAMS)} | grep -o '/[^ :]*'")
    for path in sorted({*_PROGRAMS, *listed.split()}):
        target = root / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy((tree / path.lstrip("/")).resolve(), target)
    (root / "bin/qemu-ga").symlink_to("/usr/sbin/qemu-ga")
    for name in ("sh", "mount", "cat", "insmod", "ip", "udhcpc", "ls", "grep", "head", "sleep"):
        (root / "bin" / name).symlink_to("/bin/busybox")


def _copy_modules(tree: Path, root: Path) -> list[str]:
    """The modules' paths in the ramdisk, each behind those that it needs."""
    (kernel,) = (tree / "lib/modules").resolve().iterdir()
    needs = dict(line.split(":") for line in (kernel / "modules.dep").read_text().splitlines())
    ordered: list[str] = []
    for name in _MODULES:
        path = next((path for path in needs if Path(path).name.split(".")[0].replace("-", "_") == name), None)
        # What is built in has no file.
        for module in [] if path is None else [*reversed(needs[path].split()), path]:
            if module not in ordered:
                ordered.append(module)
                (root / module).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(kernel / module, root / module)
    return ordered


def install(site: Site, disk: Disk) -> None:
    """Kernel and ramdisk into the site, where libvirt finds them."""
    site.path(_KERNEL).write_bytes(disk.kernel.read_bytes())
    site.path(_RAMDISK).write_bytes(ramdisk(disk))


def agent_guest_xml(interface: str, words: str = "", channel: bool = True) -> str:
    """`words` go onto the kernel's command line."""
    agent = "<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>" if channel else ""
    return f"""\
<domain type='qemu'>
  <name>{GUEST}</name>
  <uuid>6f0c1b52-0d0d-4d0d-8d0d-0d0d0d0d0d02</uuid>
  <memory unit='MiB'>192</memory>
  <os>
    <type arch='x86_64' machine='pc'>hvm</type>
    <kernel>{_KERNEL}</kernel><initrd>{_RAMDISK}</initrd>
    <cmdline>console=ttyS0 quiet {words}</cmdline>
  </os>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    {interface}
    {agent}
    <serial type='file'><source path='{SERIAL}'/></serial>
    <memballoon model='none'/>
  </devices>
</domain>
"""


def start(site: Site) -> None:
    """Starts the guest, and waits until its agent was started; SiteError where that does not come."""
    site.path(SERIAL).unlink(missing_ok=True)
    site.run("virsh", "start", GUEST)
    deadline = time.monotonic() + _DEADLINE_SECONDS
    while _UP not in (said := site.path(SERIAL).read_text(errors="replace") if site.exists(SERIAL) else ""):
        if time.monotonic() > deadline:
            raise SiteError(f"the guest does not come up: {said[-500:]!r}")
        time.sleep(_POLL_SECONDS)
