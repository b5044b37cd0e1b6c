"""A real guest with a kernel of its own, run inside a machine that has a /dev/kvm: `KERNEL INITRAMFS` are written.

It is made of the machine's own files: its kernel, busybox, Python with this package, and the driver of a virtio NIC. On
its serial line it says what its two DHCP clients got: `old_client`, and busybox' udhcpc, which heeds the mark of a sum
that is still to be filled. Then it stays for `linger` seconds (a word of its kernel's command line), and powers off.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ENDS = "guest: done"
_MODULES = ("virtio_pci", "virtio_net")
_LEFT_OUT = ("test", "idlelib", "lib2to3", "ensurepip", "pydoc_data", "unittest", "config-*", "turtledemo")
_PACKAGES = ("msgspec", "pxedoctor")
_INIT = """\
#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin PYTHONPATH={packages}
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev
exec </dev/ttyS0 >/dev/ttyS0 2>&1
for module in {modules}; do insmod /modules/$module; done
n=0; until [ -d /sys/class/net/eth0 ] || [ $n = 20 ]; do n=$((n+1)); sleep 1; done
ip link set eth0 up
/usr/bin/python3 -S -m pxedoctor.lab.old_client eth0
udhcpc -n -q -f -i eth0 -t 4 -T 3 -s /bin/true
echo "{ends}"
for word in $(cat /proc/cmdline); do case $word in linger=*) sleep ${{word#linger=}};; esac; done
poweroff -f
"""


def main() -> None:
    kernel, initramfs = map(Path, sys.argv[1:])
    shutil.copyfile(f"/boot/vmlinuz-{os.uname().release}", kernel)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name in ("bin", "dev", "proc", "sys", "tmp", "modules"):
            (root / name).mkdir()
        _take_programs(root)
        modules = _take_modules(root)
        packages = _take_package(root)
        init = root / "init"
        init.write_text(_INIT.format(modules=" ".join(modules), packages=packages, ends=ENDS), encoding="ascii")
        init.chmod(0o755)
        packed = subprocess.run(
            ["sh", "-ec", "find . | busybox cpio -o -H newc"], cwd=root, check=True, capture_output=True
        )
        initramfs.write_bytes(packed.stdout)


def _take_programs(root: Path) -> None:
    """busybox, Python with its library, and what both are linked with."""
    library = Path(os.__file__).parent
    shutil.copytree(library, root / str(library).lstrip("/"), ignore=shutil.ignore_patterns(*_LEFT_OUT))
    programs = [Path("/bin/busybox"), Path("/usr/bin/python3")]
    for path in programs:
        _take(root, path)
    modules = [folder.glob("*.so") for folder in (library / "lib-dynload", _here() / "msgspec")]
    linked = [*programs, *(path for paths in modules for path in paths)]
    told = subprocess.run(["ldd", *map(str, linked)], check=True, capture_output=True, text=True).stdout
    for word in {word for word in told.split() if word.startswith("/") and not word.endswith(":")}:
        _take(root, Path(word))


def _take_modules(root: Path) -> list[str]:
    """Their names, in the order in which they can be loaded."""
    names: dict[str, None] = {}
    for module in _MODULES:
        told = subprocess.run(["modprobe", "--show-depends", module], check=True, capture_output=True, text=True).stdout
        for line in told.splitlines():
            path = Path(line.split()[1])
            shutil.copy(path, root / "modules")
            names[path.name] = None
    return list(names)


def _take_package(root: Path) -> str:
    """Where this package is in the guest: as in the machine."""
    here = _here()
    for name in _PACKAGES:
        shutil.copytree(here / name, root / str(here).lstrip("/") / name)
    return str(here)


def _here() -> Path:
    """Where this package is, and what it needs."""
    return Path(__file__).resolve().parents[2]


def _take(root: Path, path: Path) -> None:
    to = root / str(path).lstrip("/")
    to.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(path.resolve(), to)


if __name__ == "__main__":
    main()
