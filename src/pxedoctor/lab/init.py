"""Process 1 of a sandboxed host: builds the root of its own, says "ready", then only reaps.

Run by `lab.ground.namespace` under unshare(1), already in new network, mount, pid, uts, ipc and cgroup namespaces:

1. an overlay over a tree of files, the machine's root or another release's, its upper layer in memory, becomes `/` by
   pivot_root(2): nothing in the site can write or delete on the machine (a mount namespace alone does not protect the
   disk);
2. /dev, /run, /tmp, /var/tmp, /var/log and libvirt's state are the site's own;
3. bridged frames do not pass the IP hooks: a new network namespace starts with that where br_netfilter is built in, and
   most hosts have it off; then one line `ready` goes to standard output;
4. when standard input ends, process 1 exits, and the kernel kills everything else in the site: that happens also when
   whoever opened the site was killed, and nothing on the machine's disk tells of the site that was.
"""

import ctypes
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

_MS_BIND = 4096
_MS_REC = 16384
_MS_PRIVATE = 1 << 18
_MNT_DETACH = 2
_SYS_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}

# Node: (major, minor), from Documentation/admin-guide/devices.txt. No kvm: libvirt probes a slow nested one for 15 s.
_NODES = {
    "null": (1, 3),
    "zero": (1, 5),
    "full": (1, 7),
    "random": (1, 8),
    "urandom": (1, 9),
    "tty": (5, 0),
    "net/tun": (10, 200),
}

_STATE = ("var/lib/libvirt", "var/lib/pxedoctor", "var/cache/libvirt", "var/cache/pxedoctor")
_PRIVATE = ("run", "tmp", "var/tmp", "var/log", *_STATE)
_HIDDEN = ("/run/", "/tmp/", "/var/tmp/", "/dev/shm/")

# Where the new root is put together, in this mount namespace alone: a folder that every machine has (FHS 3.0, 3.12), so
# that none has to be made, and none is left behind.
_SCRATCH = "/mnt"


def _mount(source: str, target: str, kind: str, flags: int = 0, options: str = "") -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    Path(target).mkdir(parents=True, exist_ok=True)
    if libc.mount(source.encode(), target.encode(), kind.encode(), flags, options.encode()) != 0:
        raise OSError(ctypes.get_errno(), f"mount {kind} on {target}")


def _pivot(root: str) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    old = f"{root}/mnt"
    number = _SYS_PIVOT_ROOT[os.uname().machine]
    if libc.syscall(number, root.encode(), old.encode()) != 0:
        raise OSError(ctypes.get_errno(), f"pivot_root to {root}")
    os.chdir("/")
    if libc.umount2(b"/mnt", _MNT_DETACH) != 0:
        raise OSError(ctypes.get_errno(), "umount of the machine's root")


def _devices(root: str) -> None:
    dev = f"{root}/dev"
    _mount("tmpfs", dev, "tmpfs", 0, "mode=755")
    os.umask(0)
    for name, (major, minor) in _NODES.items():
        path = Path(dev) / name
        path.parent.mkdir(exist_ok=True)
        os.mknod(path, 0o020666, os.makedev(major, minor))
    os.umask(0o022)
    _mount("devpts", f"{dev}/pts", "devpts", 0, "newinstance,ptmxmode=0666,mode=620")
    os.symlink("pts/ptmx", f"{dev}/ptmx")
    os.symlink("/proc/self/fd", f"{dev}/fd")
    _mount("tmpfs", f"{dev}/shm", "tmpfs")


def _build(tree: str, visible: list[str]) -> str:
    """The new root over `tree`; `visible` are folders the site must see though its tree has them not."""
    # Held open, because the scratch mount may hide them too.
    handles = {folder: os.open(folder, os.O_PATH) for folder in visible}
    _mount("none", "/", "none", _MS_REC | _MS_PRIVATE)
    _mount("tmpfs", _SCRATCH, "tmpfs")
    root = f"{_SCRATCH}/root"
    for part in ("upper", "work", "root"):
        Path(_SCRATCH, part).mkdir()
    layers = f"lowerdir={tree},upperdir={_SCRATCH}/upper,workdir={_SCRATCH}/work"
    _mount("overlay", root, "overlay", 0, layers)
    for folder in _PRIVATE:
        _mount("tmpfs", f"{root}/{folder}", "tmpfs", 0, "mode=1777" if folder.endswith("tmp") else "mode=755")
    for folder, handle in handles.items():
        if tree != "/" or folder.startswith(_HIDDEN) or os.fstat(handle).st_dev != Path("/").stat().st_dev:
            _mount(f"/proc/self/fd/{handle}", f"{root}{folder}", "none", _MS_BIND)
        os.close(handle)
    _mount("proc", f"{root}/proc", "proc")
    _mount("sysfs", f"{root}/sys", "sysfs")
    _mount("tmpfs", f"{root}/sys/fs/cgroup", "tmpfs")
    _devices(root)
    return root


def _reap_until_end_of_input() -> None:
    signal.signal(signal.SIGCHLD, lambda *_: None)
    wake, signalled = os.pipe()
    os.set_blocking(signalled, False)
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(signalled)
    while True:
        ready, _, _ = select.select([0, wake], [], [])
        if wake in ready:
            os.read(wake, 4096)
        while _reaped_one():
            pass
        if 0 in ready and not os.read(0, 4096):
            return


def _reaped_one() -> bool:
    try:
        return os.waitpid(-1, os.WNOHANG)[0] != 0
    except ChildProcessError:
        return False


def main() -> None:
    hostname, tree, *visible = sys.argv[1:]
    root = _build(tree, visible)
    _pivot(root)
    Path("/proc/sys/kernel/hostname").write_text(hostname, encoding="ascii")
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    for setting in Path("/proc/sys/net/bridge").glob("bridge-nf-call-*"):
        setting.write_text("0", encoding="ascii")
    print("ready", flush=True)
    _reap_until_end_of_input()


if __name__ == "__main__":
    main()
