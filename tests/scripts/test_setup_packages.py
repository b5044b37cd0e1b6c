"""scripts/setup-packages on systems that it may not install on: it names what is missing, and the command."""

from pathlib import Path

import pytest

from pxedoctor.lab.ground.namespace import open_site

pytestmark = pytest.mark.lab

SCRIPT = (Path(__file__).parents[2] / "scripts/setup-packages").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("os_release", "advice"),
    [
        ("ID=fedora", "dnf install libvirt-client wireshark-cli"),
        ('ID="rocky"\nID_LIKE="rhel centos fedora"', "dnf install libvirt-client wireshark-cli"),
        ('ID="opensuse-tumbleweed"\nID_LIKE="opensuse suse"', "zypper install libvirt-client wireshark"),
        ("ID=arch", "pacman -S libvirt wireshark-cli"),
        ("ID=alpine", "apk add libvirt-client tshark"),
        ("ID=nixos", "missing programs: tshark virsh"),
    ],
)
def test_elsewhere_the_missing_packages_are_named(os_release: str, advice: str) -> None:
    with open_site() as site:
        site.write("/etc/os-release", os_release)
        site.write("/tmp/setup-packages", SCRIPT)
        before = site.ask("bash", "/tmp/setup-packages")
        site.run("rm", "/usr/bin/tshark", "/usr/bin/virsh")

        done = site.ask("bash", "/tmp/setup-packages")

    assert (before.returncode, before.stdout, before.stderr) == (0, "", "")
    assert done.returncode == 2
    assert advice in done.stderr


def test_on_debian_a_plain_user_is_told_the_command() -> None:
    with open_site() as site:
        site.write("/tmp/setup-packages", SCRIPT)
        site.write("/etc/os-release", "ID=debian")
        site.run(
            "sed",
            "-i",
            "/^Package: tshark$/,/^$/ s/^Status:.*/Status: deinstall ok config-files/",
            "/var/lib/dpkg/status",
        )

        done = site.ask("setpriv", "--reuid=65534", "--clear-groups", "bash", "/tmp/setup-packages")

    assert done.returncode == 2
    assert "missing: tshark" in done.stderr
    assert "sudo /tmp/setup-packages" in done.stderr


def test_where_nothing_is_missing_it_is_silent() -> None:
    with open_site() as site:
        site.write("/etc/os-release", "ID=debian")
        site.write("/tmp/setup-packages", SCRIPT)

        done = site.ask("bash", "/tmp/setup-packages")

        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        assert not site.exists("/etc/libvirt/qemu/networks/autostart/default.xml")
