"""A site ends with whoever opened it, leaves nothing behind, and is refused where it could do harm."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pxedoctor.lab.ground.error import GroundError
from pxedoctor.lab.ground.guests import CANARY, running_guests
from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.parts import GUEST, start_libvirt
from pxedoctor.lab.qemu_guest import firmware_site, power_off

pytestmark = pytest.mark.lab

# Opens a site with a real libvirtd in it, tells its first process, and waits to be killed.
# A shell that runs the tests in the background has its children ignore SIGINT.
_RUNNER = """\
import signal
import time
from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.parts import start_libvirt
signal.signal(signal.SIGINT, signal.default_int_handler)
with open_site() as site:
    start_libvirt(site)
    print(site.pid, site.tag, flush=True)
    time.sleep(600)
"""


def processes_in(network: str) -> list[int]:
    """Pids whose network namespace is this one, e.g. net:[4026532008]."""
    return [int(path.parts[2]) for path in Path("/proc").glob("[0-9]*/ns/net") if _link(path) == network]


def _link(path: Path) -> str:
    try:
        return os.readlink(path)
    except OSError:
        return ""


def emptied(network: str, seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while processes_in(network) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not processes_in(network)


def traces_of(tag: str) -> list[str]:
    """Where a site's tag, or a folder of a site's, would be seen on this machine."""
    mounts = [line for line in Path("/proc/self/mounts").read_text().splitlines() if tag in line]
    links = [str(path) for path in Path("/sys/class/net").iterdir() if tag in path.name]
    folders = [str(path) for place in ("/tmp", "/usr", "/mnt", "/var/tmp") for path in Path(place).glob(f"*{tag}*")]
    return [*mounts, *links, *folders]


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT], ids=lambda end: end.name)
def test_nothing_outlives_whoever_opened_the_site(end: signal.Signals) -> None:
    runner = subprocess.Popen(
        [sys.executable, "-c", _RUNNER], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert runner.stdout is not None
    pid, tag = runner.stdout.readline().split()
    network = os.readlink(f"/proc/{pid}/ns/net")
    assert len(processes_in(network)) > 1

    runner.send_signal(end)
    runner.wait()

    assert emptied(network), [Path(f"/proc/{left}/cmdline").read_bytes() for left in processes_in(network)]
    assert traces_of(tag) == []


def test_a_failing_block_ends_the_site() -> None:
    opened: list[str] = []

    def fail_in_a_site() -> None:
        with open_site() as site:
            opened.append(os.readlink(f"/proc/{site.pid}/ns/net"))
            start_libvirt(site)
            raise RuntimeError("the case failed")

    with pytest.raises(RuntimeError, match="the case failed"):
        fail_in_a_site()
    assert emptied(opened[0])


def test_what_a_site_writes_stays_in_it() -> None:
    with open_site() as site:
        site.run(
            "sh", "-c", f"echo broken > /etc/{site.tag}; rm -rf /usr/share/doc; ip link add {site.bridge} type bridge"
        )
        assert site.exists(f"/usr/{CANARY}{site.tag}")
        assert not site.exists("/usr/share/doc")
        assert not Path(f"/etc/{site.tag}").exists()
        assert Path("/usr/share/doc").exists()
        assert not Path(f"/sys/class/net/{site.bridge}").exists()


def test_not_root_is_told_so() -> None:
    argv = ["unshare", "--user", sys.executable, "-m", "pxedoctor", "lab", "run", "bridge-forward-delay"]

    done = subprocess.run(argv, capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert "must be root" in done.stderr
    assert "sudo" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_missing_program_is_named(tmp_path: Path) -> None:
    argv = [sys.executable, "-m", "pxedoctor", "lab", "run", "bridge-forward-delay", "--json"]

    done = subprocess.run(argv, capture_output=True, text=True, check=False, env={**os.environ, "PATH": str(tmp_path)})

    assert done.returncode == 2
    assert "libvirtd" in done.stdout
    assert '"type":"error"' in done.stdout.replace(" ", "")


def test_a_site_over_another_tree_needs_a_python_of_its_own_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "base_prefix", "/usr")
    with pytest.raises(GroundError, match=r"this Python \(/usr\) would not be in it"), open_site(Path("/srv")):
        pass


def test_a_lab_beside_a_running_guest_is_refused() -> None:
    with open_site() as site:
        firmware_site(site)
        site.run("virsh", "start", GUEST)

        refused = site.ask(sys.executable, "-m", "pxedoctor", "lab", "run", "bridge-forward-delay")
        seen_from_outside = running_guests(Path("/"))
        power_off(site)
        afterwards = running_guests(site.path(""))

    assert refused.returncode == 2
    assert GUEST in refused.stderr
    assert "--i-know" in refused.stderr
    assert GUEST not in " ".join(seen_from_outside)
    assert afterwards == ()


def test_an_emulator_that_libvirt_does_not_know_is_a_guest_too(tmp_path: Path) -> None:
    for pid, name in ((41, "qemu-system-x86"), (42, "bash"), (43, "kvm")):
        (tmp_path / f"proc/{pid}").mkdir(parents=True)
        (tmp_path / f"proc/{pid}/comm").write_text(f"{name}\n")
    (tmp_path / "proc/41/root/usr/bin").mkdir(parents=True)
    (tmp_path / f"proc/43/root/usr/{CANARY}1f3a").mkdir(parents=True)
    (tmp_path / "run/libvirt/qemu").mkdir(parents=True)
    (tmp_path / "run/libvirt/qemu/stale.xml").write_text("<domstatus state='running' reason='booted' pid='99'>")

    assert running_guests(tmp_path) == ("qemu-system-x86 (41)",)
