"""Configuration files of firewalls: only those that are there, only their lines that matter, and their secrets cut."""

import pytest

from pxedoctor.access.answer import Absent, Answer, Answers, Failed, Forbidden, Text
from pxedoctor.access.notebook import Notebook
from pxedoctor.access.replay import Replay
from pxedoctor.collect import firewall_files
from pxedoctor.collect.ask import firewall_files as ask_firewall_files
from pxedoctor.collect.ask.firewall_files import CUT_HERE, MOST_CHARACTERS, cut_of
from pxedoctor.model.firewall_files import FirewallFile

HOOK = """\
#!/bin/sh
# libvirt calls this
TOKEN=abcdef0123456789
if [ "$2" = started ]; then
  iptables -I INPUT -i virbr0 -j DROP
  curl --password hunter2 https://example.org
fi
"""


def collected(answers: Answers) -> tuple[dict[str, FirewallFile], dict[str, Answer]]:
    notebook = Notebook(Replay(answers))
    ask_firewall_files.ask(notebook)
    return {file.path: file for file in firewall_files.parse(notebook.answers)}, notebook.answers


def gone(path: str) -> Absent:
    return Absent(f"{path} does not exist")


NOWHERE: dict[str, Answer] = {
    **{f"read {path}": gone(path) for path in (*ask_firewall_files.ALONE, *ask_firewall_files.SCRIPTS)},
    f"read {ask_firewall_files.INTERFACES}": gone(ask_firewall_files.INTERFACES),
    f"list {ask_firewall_files.INTERFACES_FOLDER}": gone(ask_firewall_files.INTERFACES_FOLDER),
    **{f"list {folder}": gone(folder) for folder, _ in ask_firewall_files.RULE_FOLDERS},
    **{f"list {folder}": gone(folder) for folder in ask_firewall_files.SCRIPT_FOLDERS},
}


def test_a_host_without_any() -> None:
    found, _ = collected(NOWHERE)
    assert found == {}


def test_only_names_that_hold_rules_are_read() -> None:
    found, kept = collected(
        NOWHERE
        | {
            "list /etc/sysconfig": Text("iptables\nlibvirtd\nnetwork-scripts"),
            "read /etc/sysconfig/iptables": Text("*filter\n:INPUT DROP [0:0]\nCOMMIT\n"),
            "list /etc/ufw": Text("applications.d\nbefore.rules\nbefore.rules.dpkg-old\nsysctl.conf\nufw.conf"),
            "read /etc/ufw/before.rules": Forbidden("not for this user"),
            "read /etc/ufw/ufw.conf": Text("ENABLED=yes\n"),
        }
    )
    assert set(found) == {"/etc/sysconfig/iptables", "/etc/ufw/before.rules", "/etc/ufw/ufw.conf"}
    assert found["/etc/ufw/before.rules"].closed == "not for this user"
    assert "read /etc/sysconfig/libvirtd" not in kept


def test_of_a_script_the_lines_about_the_firewall_where_they_stand() -> None:
    found, kept = collected(
        NOWHERE | {"list /etc/libvirt/hooks": Text("qemu\nqemu.dpkg-bak"), "read /etc/libvirt/hooks/qemu": Text(HOOK)}
    )
    lines = found["/etc/libvirt/hooks/qemu"].text.splitlines()
    assert lines[4] == "  iptables -I INPUT -i virbr0 -j DROP"
    assert [line for line in lines if line] == [lines[4]]
    assert not any("abcdef" in str(answer) or "hunter2" in str(answer) for answer in kept.values())


def test_a_script_that_is_about_something_else_is_no_file_of_ours() -> None:
    found, _ = collected(
        NOWHERE | {"list /etc/network/if-up.d": Text("chrony"), "read /etc/network/if-up.d/chrony": Text("#!/bin/sh\n")}
    )
    assert found == {}


def test_what_nftables_conf_includes() -> None:
    """A pattern, a relative path and a file that includes itself; nothing outside /etc."""
    main = 'include "/etc/nft.d/*.rules"\n include "more.nft"\ninclude "/home/me/x.nft"\ninclude "/etc/../root/x"\n'
    found, kept = collected(
        NOWHERE
        | {
            "read /etc/nftables.conf": Text(main),
            "list /etc/nft.d": Text("a.rules\nb.txt"),
            "read /etc/nft.d/a.rules": Text('include "/etc/nft.d/a.rules"\ntable ip x { }\n'),
            "read /etc/more.nft": Text("table ip y { }\n"),
        }
    )
    assert set(found) == {"/etc/nftables.conf", "/etc/nft.d/a.rules", "/etc/more.nft"}
    assert not any("home" in question or "root" in question for question in kept)


def test_passwords_in_dockers_proxy() -> None:
    text = '{"proxies": {"http-proxy": "http://me:hunter2@proxy:3128"}, "iptables": false}'
    found, _ = collected(NOWHERE | {"read /etc/docker/daemon.json": Text(text)})
    assert "hunter2" not in found["/etc/docker/daemon.json"].text
    assert '"iptables": false' in found["/etc/docker/daemon.json"].text


def test_a_file_without_end_is_kept_in_part_and_says_so() -> None:
    text = "-A INPUT -j DROP\n" * (MOST_CHARACTERS // 8)
    found, _ = collected(NOWHERE | {"read /etc/nftables.conf": Text(text)})
    file = found["/etc/nftables.conf"]
    assert not file.whole
    assert len(file.text) <= MOST_CHARACTERS
    assert file.text.endswith(f"-j DROP\n{CUT_HERE}")


@pytest.mark.parametrize("path", ["/etc/nftables.conf", "/etc/rc.local"])
@pytest.mark.parametrize("text", [HOOK, "iptables -A INPUT -j DROP\n" * MOST_CHARACTERS, "", "nft", "a" * 2_000_000])
def test_what_was_cut_stays_as_it_is(path: str, text: str) -> None:
    once = cut_of(path)(text)
    assert cut_of(path)(once) == once


def test_a_file_that_cannot_be_read_is_told() -> None:
    found, _ = collected(NOWHERE | {"read /etc/default/ufw": Failed("Input/output error")})
    assert found["/etc/default/ufw"].closed == "Input/output error"
