"""The real ifquery (of three programs), networkd, netplan and NetworkManager read what pxedoctor writes of a device.

And what it takes back is the file that it was, to the byte.
"""

from collections.abc import Callable

import pytest

from pxedoctor.lab.readers import networkd_runs
from pxedoctor.lab.site import Site
from pxedoctor.plans.devices.wish import InVlan, Mtu, Up, Wish
from pxedoctor.plans.lasting_device import lasting_device
from pxedoctor.plans.step import Inverse
from real_files import files_of_site, granted

pytestmark = pytest.mark.lab

Read = Callable[[Site], str]
MAIN = "/etc/network/interfaces"
INTERFACES = "# kept\niface eno1 inet manual\n  mtu 1400\n\niface br0 inet manual\n  bridge_ports eno1\n"
PROFILE = "/etc/NetworkManager/system-connections/kept.nmconnection"
KEYFILE = (
    "[connection]\nid=kept\nuuid=6f0c1b52-0d0d-4d0d-8d0d-0d0d0d0d0d0b\ntype=bridge\ninterface-name=br0\n"
    "autoconnect=false\n\n[ethernet]\nmtu=1400\n\n[ipv4]\nmethod=disabled\n\n[ipv6]\nmethod=disabled\n"
)
YAML = "/etc/netplan/50.yaml"
NETDEV = "/etc/systemd/network/20-br7.netdev"
UNIT = "/etc/systemd/network/20-eno1.network"


def judged(site: Site, path: str, text: str, wish: Wish, read: Read) -> tuple[str, str]:
    """What the reader says before and after the change; then it is taken back."""
    site.write(path, text)
    site.run("chmod", "644" if path in {UNIT, NETDEV} else "600", path)
    try:
        before = read(site)
        now = files_of_site(site)
        (step,) = lasting_device(now, wish).steps
        back = step.undo(now)
        granted(site, step.request())
        after = read(site)
        assert isinstance(back, Inverse)
        granted(site, back.request)
        assert site.path(path).read_text() == text
        return before, after
    finally:
        site.run("rm", path)


def _ifquery(*words: str) -> Read:
    return lambda site: site.run("ifquery", *words)


@pytest.mark.parametrize(
    ("wish", "words", "said"),
    [
        (Up("br0"), ("--list",), "br0"),
        (Mtu("eno1", 1500), ("eno1",), "mtu: 1500"),
        (InVlan("eno1", "br0", 10), ("br0",), "up: bridge vlan add dev eno1 vid 10"),
    ],
    ids=["up", "mtu", "vlan"],
)
def test_ifupdown(site: Site, wish: Wish, words: tuple[str, ...], said: str) -> None:
    before, after = judged(site, MAIN, INTERFACES, wish, _ifquery(*words))
    assert said not in before
    assert said in after


def test_ifupdown2(other_site: Site) -> None:
    text = "# kept\nauto eno1\niface eno1\n  bridge-vids 2\n\nauto br0\niface br0\n  bridge-ports eno1\n"
    before, after = judged(other_site, MAIN, text, InVlan("eno1", "br0", 10), _ifquery("eno1"))
    assert "bridge-vids 2 10" in " ".join(after.split())
    assert "10" not in before


@pytest.mark.parametrize(
    ("wish", "words", "said"), [(Up("br0"), ("-L", "-a"), "br0"), (Mtu("eno1", 1500), ("eno1",), "mtu 1500")]
)
def test_ifupdown_ng(alpine_site: Site, wish: Wish, words: tuple[str, ...], said: str) -> None:
    text = "# kept\niface eno1\n  mtu 1400\n\niface br0\n  bridge-ports eno1\n"
    before, after = judged(alpine_site, MAIN, text, wish, _ifquery(*words))
    assert said not in before
    assert said in after


def _nmcli(site: Site) -> str:
    site.run("nmcli", "connection", "load", PROFILE)
    return site.run("nmcli", "-g", "connection.autoconnect,802-3-ethernet.mtu", "connection", "show", "kept")


@pytest.mark.parametrize(("wish", "said"), [(Up("br0"), ["yes", "1400"]), (Mtu("br0", 1500), ["no", "1500"])])
def test_network_manager(site: Site, wish: Wish, said: list[str]) -> None:
    before, after = judged(site, PROFILE, KEYFILE, wish, _nmcli)
    assert (before.split(), after.split()) == (["no", "1400"], said)


PORT_PROFILE = "/etc/NetworkManager/system-connections/port.nmconnection"
PORT_KEYFILE = (
    "[connection]\nid=port\nuuid=6f0c1b52-0d0d-4d0d-8d0d-0d0d0d0d0d0c\ntype=ethernet\ninterface-name=eno1\n"
    "slave-type=bridge\nmaster=br0\nautoconnect=false\n\n[bridge-port]\nvlans=2-4 untagged\n"
)


def _nmcli_of_port(profile: str, name: str) -> Read:
    def read(site: Site) -> str:
        site.run("nmcli", "connection", "load", profile)
        return site.run("nmcli", "-g", "bridge-port.vlans", "connection", "show", name)

    return read


def test_network_manager_s_port(site: Site) -> None:
    read = _nmcli_of_port(PORT_PROFILE, "port")
    before, after = judged(site, PORT_PROFILE, PORT_KEYFILE, InVlan("eno1", "br0", 10), read)
    assert (before.strip(), after.strip()) == ("2-4 untagged", "2-4 untagged, 10")


def _netplan(site: Site) -> str:
    site.run("rm", "-rf", "/run/systemd/network")
    site.run("netplan", "generate")
    return site.run("sh", "-c", "grep -h MTUBytes /run/systemd/network/*eno1*")


def test_netplan(site: Site) -> None:
    text = "# kept\nnetwork:\n  version: 2\n  ethernets:\n    eno1: {mtu: 1400}\n"
    before, after = judged(site, YAML, text, Mtu("eno1", 1500), _netplan)
    assert set(before.split()) == {"MTUBytes=1400"}
    assert set(after.split()) == {"MTUBytes=1500"}


BRIDGED = "network:\n  version: 2\n{0}  ethernets:\n    eno1: {{}}\n  bridges:\n    br0: {{interfaces: [eno1]}}\n"


def test_netplan_hands_a_port_s_vlan_to_networkmanager(site: Site) -> None:
    profile = "/run/NetworkManager/system-connections/netplan-eno1.nmconnection"

    def read(site: Site) -> str:
        site.run("netplan", "generate")
        return _nmcli_of_port(profile, "netplan-eno1")(site)

    text = BRIDGED.format("  renderer: NetworkManager\n")
    before, after = judged(site, YAML, text, InVlan("eno1", "br0", 10), read)
    assert (before.strip(), after.strip()) == ("", "10")
    assert site.ask("ls", "/etc/netplan").stdout.strip() == ""


DEVICE = "# kept\n[NetDev]\nName=br7\nKind=bridge\nMTUBytes=1400\n"
PORT = "# kept\n[Match]\nName=eno1\n\n[BridgeVLAN]\nVLAN=7\n"


def _networkd(site: Site) -> str:
    """The MTU of the device that it makes, and what it says of drop-ins: this kernel has no VLANs of bridges."""
    with networkd_runs(site) as daemon:
        site.run("timeout", "15", "sh", "-c", "until ip link show dev br7 2>/dev/null; do sleep 0.1; done")
        made = site.run("ip", "link", "show", "dev", "br7")
    site.run("ip", "link", "delete", "br7")
    log = daemon.stdout.read() if daemon.stdout else ""
    return made + "".join(line for line in log.splitlines(True) if ".network.d/" in line)


def test_networkd(site: Site) -> None:
    before, after = judged(site, NETDEV, DEVICE, Mtu("br7", 1500), _networkd)
    assert "mtu 1400" in before
    assert "mtu 1500" in after


def test_networkd_takes_the_drop_in_and_complains_of_a_wrong_one(site: Site) -> None:
    site.write(NETDEV, DEVICE)
    site.run("chmod", "644", NETDEV)
    _, after = judged(site, UNIT, PORT, InVlan("eno1", "br7", 10), _networkd)
    assert ".network.d/" not in after
    wrong = f"{UNIT}.d/90-pxedoctor-vlan-10.conf"
    site.write(wrong, "[BridgeVLAN]\nVLAN=ten\n")
    site.write(UNIT, PORT)
    site.run("chmod", "644", UNIT, wrong)
    assert wrong in _networkd(site)
    site.run("rm", "-r", NETDEV, UNIT, f"{UNIT}.d")


def test_networkd_reads_the_drop_in_beside_the_file_that_netplan_wrote(site: Site) -> None:
    drop_in = "/etc/systemd/network/10-netplan-eno1.network.d/90-pxedoctor-vlan-10.conf"
    site.write(NETDEV, DEVICE)
    site.run("chmod", "644", NETDEV)

    def read(site: Site) -> str:
        site.run("rm", "-rf", "/run/systemd/network")
        site.run("netplan", "generate")
        if site.path(drop_in).exists():
            assert "VLAN=10" in site.path(drop_in).read_text()
            # networkd tells what it reads only where it is wrong: one more line shows that it came by.
            site.run("sh", "-c", f"echo VLAN=ten >> {drop_in}")
        said = _networkd(site)
        site.ask("sed", "-i", "/=ten/d", drop_in)
        return said

    before, after = judged(site, YAML, BRIDGED.format(""), InVlan("eno1", "br0", 10), read)
    assert drop_in not in before
    assert f"{drop_in}:4" in after
    assert f"{drop_in}:3" not in after
    assert not site.path(drop_in).exists()
    site.run("rm", NETDEV)
