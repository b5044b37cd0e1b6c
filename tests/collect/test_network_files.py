"""Files that configure bridges: what is read, what is not followed, and whose secrets are not kept."""

import pytest

from pxedoctor.access.answer import Absent, Answer, Answers, Failed, Forbidden, Text
from pxedoctor.access.notebook import Notebook
from pxedoctor.access.replay import Replay
from pxedoctor.collect import network_files
from pxedoctor.collect.ask import network_files as ask_network_files
from pxedoctor.collect.ask.network_files import cut_of
from pxedoctor.model.network_files import NetworkFile, NetworkFiles

_NO_LINK = Failed("Invalid argument")


def collected(answers: Answers) -> tuple[NetworkFiles, dict[str, Answer]]:
    """What is not answered is not there; what is read is no link unless it says so."""

    class Rest(dict[str, Answer]):
        def get(self, question: str, default: object = None) -> Answer:  # type: ignore[override]
            if question in answers:
                return answers[question]
            here = question.startswith("link ") and f"read {question.removeprefix('link ')}" in answers
            return _NO_LINK if here else Absent("not there")

        def __getitem__(self, question: str) -> Answer:
            return self.get(question)

        def __contains__(self, question: object) -> bool:
            return True

    notebook = Notebook(Replay(Rest()))
    ask_network_files.ask(notebook)
    return network_files.parse(notebook.answers), notebook.answers


def files(answers: Answers) -> dict[str, NetworkFile]:
    return {file.path: file for file in collected(answers)[0].files}


def test_a_host_without_any() -> None:
    assert collected({})[0] == NetworkFiles()


def test_names_that_the_readers_take() -> None:
    found = files(
        {
            "list /etc/netplan": Text("50-a.yaml\n50-a.yaml.bak\n.hidden.yaml"),
            "read /etc/netplan/50-a.yaml": Text("network: {}\n"),
            "list /etc/systemd/network": Text("br0.netdev\nbr0.netdev.d\nbr0.network"),
            "read /etc/systemd/network/br0.netdev": Text("[NetDev]\n"),
            "list /etc/systemd/network/br0.netdev.d": Text("10.conf\n10.conf~"),
            "read /etc/systemd/network/br0.netdev.d/10.conf": Text("[Bridge]\n"),
        }
    )
    assert set(found) == {
        "/etc/netplan/50-a.yaml",
        "/etc/systemd/network/br0.netdev",
        "/etc/systemd/network/br0.netdev.d/10.conf",
    }


def test_what_interfaces_sources_below_etc() -> None:
    main = "source /etc/network/more/*\nsource-directory ../root\nsource /home/me/x\nsource /etc/../root/y\n"
    found, kept = collected(
        {
            "list /etc/network": Text("interfaces\nif-up.d"),
            "read /etc/network/interfaces": Text(main),
            "list /etc/network/more": Text("a"),
            "read /etc/network/more/a": Text("source /etc/network/interfaces\niface br0 inet manual\n"),
        }
    )
    assert {file.path for file in found.files} == {"/etc/network/interfaces", "/etc/network/more/a"}
    assert not any("home" in question or "root" in question for question in kept)


def test_a_link_out_of_the_folders_is_not_followed() -> None:
    found, kept = collected(
        {
            "list /etc/netplan": Text("a.yaml\nb.yaml"),
            "read /etc/netplan/a.yaml": Text("root:x:0\n"),
            "link /etc/netplan/a.yaml": Text("../shadow"),
            "read /etc/netplan/b.yaml": Text("network: {}\n"),
            "link /etc/netplan/b.yaml": Text("/run/netplan/b.yaml"),
        }
    )
    out, within = found.files
    assert (out.text, out.link) == ("", "/etc/shadow")
    assert "not followed" in out.closed
    assert "read /etc/netplan/a.yaml" not in kept
    assert (within.text, within.link) == ("network: {}\n", "/run/netplan/b.yaml")


def test_a_masked_unit_is_empty() -> None:
    found = files(
        {"list /etc/systemd/network": Text("b.netdev"), "link /etc/systemd/network/b.netdev": Text("/dev/null")}
    )
    assert found["/etc/systemd/network/b.netdev"] == NetworkFile(path="/etc/systemd/network/b.netdev", link="/dev/null")


WIFI = "[connection]\ntype=wifi\n[wifi-security]\npsk=hunter2\n"
BRIDGE = "[connection]\ntype=bridge\ninterface-name=br0\n[802-1x]\nprivate-key-password=hunter2\n[bridge]\nstp=true\n"


PORT = "[connection]\ntype=ethernet\n{0}=bridge\nmaster=br0\n[802-1x]\npassword=hunter2\n[bridge-port]\nvlans=7\n"


@pytest.mark.parametrize("key", ["slave-type", "port-type"])
def test_the_profile_of_a_bridge_s_port_is_kept_without_its_secrets(key: str) -> None:
    once = cut_of("/etc/NetworkManager/system-connections/eno1.nmconnection")(PORT.format(key))
    assert "vlans=7" in once
    assert "hunter2" not in once


def test_a_drop_in_in_etc_of_a_file_elsewhere_is_read() -> None:
    folder = "/etc/systemd/network/10-netplan-eno1.network.d"
    found = files(
        {
            "list /run/systemd/network": Text("10-netplan-eno1.network"),
            "read /run/systemd/network/10-netplan-eno1.network": Text("[Match]\nName=eno1\n"),
            "list /etc/systemd/network": Text("10-netplan-eno1.network.d"),
            f"list {folder}": Text("mine.conf"),
            f"read {folder}/mine.conf": Text("[BridgeVLAN]\nVLAN=7\n"),
        }
    )
    assert f"{folder}/mine.conf" in found


def test_of_networkmanagers_profiles_only_bridges() -> None:
    folder = "/etc/NetworkManager/system-connections"
    found, kept = collected(
        {
            f"list {folder}": Text("br0.nmconnection\ncafe.nmconnection\nvpn"),
            f"read {folder}/br0.nmconnection": Text(BRIDGE),
            f"read {folder}/cafe.nmconnection": Text(WIFI),
            f"read {folder}/vpn": Forbidden("not for this user"),
        }
    )
    assert [file.name for file in found.files] == ["br0.nmconnection", "vpn"]
    assert "stp=true" in found.files[0].text
    assert not any("hunter2" in str(answer) for answer in kept.values())


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/etc/network/interfaces", "iface wlan0 inet dhcp\n  wpa-psk hunter2\n  wireless-key  hunter2\n"),
        ("/etc/netplan/a.yaml", 'network: \n  wifis:\n    w:\n      password: "hunter2"\n      auth: {x: 1}\n'),
        ("/etc/netctl/home", "Connection=wireless\nKey='hunter2'\nInterface=w\n"),
        ("/etc/NetworkManager/system-connections/b", BRIDGE),
        ("/etc/local.d/a.start", "brctl addbr br0\ncurl --password hunter2\n"),
    ],
)
def test_secrets_are_cut_out_and_what_was_cut_stays_as_it_is(path: str, text: str) -> None:
    once = cut_of(path)(text)
    assert "hunter2" not in once
    assert once
    assert len(once.splitlines()) == len(text.splitlines())
    assert cut_of(path)(once) == once


def test_which_of_several_readers_is_installed() -> None:
    found, _ = collected(
        {
            "list /usr/share/ifupdown2": Text("ifupdown2"),
            "link /usr/sbin/brctl": Failed("Invalid argument"),
            "link /sbin/brctl": Text("/usr/sbin/brctl"),
            "list /var/lib/incus/networks": Text("incusbr0"),
            "list /etc/pve": Text(""),
        }
    )
    assert found.programs == ("brctl", "ifupdown2")
    assert found.kept == ("/var/lib/incus/networks/incusbr0",)
