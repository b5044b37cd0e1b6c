"""A picture of a site holds who stays, and is taken again for who only passes."""

import subprocess
from pathlib import Path

from pxedoctor.access.answer import Answer, Text
from pxedoctor.lab.normalise import normalise
from pxedoctor.lab.picture import somebody_passes

SERVER = "/usr/sbin/dnsmasq\0--conf-file=/var/lib/libvirt/dnsmasq/lab.conf\0"


def commands(*lines: str) -> dict[str, str]:
    answers: dict[str, Answer] = {f"read /proc/{100 + at}/cmdline": Text(line) for at, line in enumerate(lines)}
    return normalise(answers)


def test_a_server_stays() -> None:
    assert not somebody_passes(commands(SERVER))


def test_a_server_that_is_just_running_its_script_has_a_child_that_passes() -> None:
    assert not somebody_passes(commands(SERVER, SERVER))
    assert somebody_passes(commands(SERVER, SERVER, SERVER))


def test_libvirt_asking_dnsmasq_for_its_version_passes() -> None:
    assert somebody_passes(commands(SERVER, "/usr/sbin/dnsmasq\0--version\0"))


def test_as_the_kernel_writes_a_running_command_line() -> None:
    asked = ["sh", "-c", "echo; read line", "/usr/bin/qemu-system-x86_64", "--version"]
    with subprocess.Popen(asked, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()  # the kernel lets the parent go on a moment before it has written the arguments
        line = Path(f"/proc/{process.pid}/cmdline").read_text()
        process.communicate(b"\n")

    assert somebody_passes(commands(SERVER, line))
