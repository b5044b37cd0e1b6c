"""What a guest's agent tells of its NICs, from virsh's table; a guest may answer anything."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pxedoctor.trace import virsh
from pxedoctor.trace.guest_agent import AgentNic, ask, parse, told
from pxedoctor.trace.wish import AbsentError

MAC = "52:54:00:0d:0d:01"
# libvirt 9.0's virsh, of a Linux guest.
TABLE = """\
 Name       MAC address          Protocol     Address
-------------------------------------------------------------------------------
 lo         00:00:00:00:00:00    ipv4         127.0.0.1/8
 lo         00:00:00:00:00:00    ipv6         ::1/128
 eth0       52:54:00:0d:0d:01    ipv4         192.168.150.5/24
 eth0       52:54:00:0d:0d:01    ipv6         fe80::5054:ff:fe0d:d01/64
 eth1       52:54:00:0D:0D:02    N/A          N/A

"""


def nics(*addresses: str, mac: str = MAC) -> tuple[AgentNic, ...]:
    rows = [f" eth0       {mac}    {'ipv6' if ':' in text else 'ipv4'}         {text}" for text in addresses]
    return parse("\n".join(rows or [f" eth0       {mac}    N/A          N/A"]))


def test_virshs_table_is_read() -> None:
    first, second = parse(TABLE)
    assert (first.mac, [str(entry) for entry in first.addresses]) == (
        MAC,
        ["192.168.150.5/24", "fe80::5054:ff:fe0d:d01/64"],
    )
    assert (second.mac, second.addresses) == ("52:54:00:0d:0d:02", ())


def test_windows_names_of_several_words_are_passed_over() -> None:
    (nic,) = parse(" Ethernet Instance 0 2 52:54:00:0d:0d:01    ipv4         10.0.0.7/8\n")
    assert str(nic.addresses[0]) == "10.0.0.7/8"


@pytest.mark.parametrize(
    ("addresses", "words"),
    [
        ((), "has no address"),
        (("192.168.150.5/24", "fe80::1/64"), "has 192.168.150.5/24, fe80::1/64"),
        (("fe80::1/64",), "has no address but its own of the link (fe80::1/64)"),
        (("fe80::1/64", "169.254.7.9/16"), "gave itself 169.254.7.9/16: no DHCP server answered it"),
        (tuple(f"10.0.0.{n}/8" for n in range(1, 8)), "10.0.0.4/8 and 3 more"),
    ],
)
def test_one_sentence_tells_whether_it_has_an_address(addresses: tuple[str, ...], words: str) -> None:
    assert told(MAC, None, nics(*addresses)).removeprefix(f"its NIC {MAC} ").endswith(words)


def test_what_changed_while_it_was_watched_is_told() -> None:
    with_one, without = nics("10.0.0.7/8"), nics()
    assert told(MAC, without, with_one).endswith("has 10.0.0.7/8; when the trace began it had no address")
    assert told(MAC, with_one, without).endswith("has no address; when the trace began it had 10.0.0.7/8")
    assert told(MAC, with_one, with_one).endswith("has 10.0.0.7/8, as when the trace began")
    assert "began" not in told(MAC, nics(mac="52:54:00:0d:0d:09"), with_one)


def test_a_guest_that_knows_no_such_nic() -> None:
    assert told(MAC, None, nics(mac="52:54:00:0d:0d:09")).endswith(f"no NIC of {MAC}; it has 52:54:00:0d:0d:09")
    assert told(MAC.upper(), None, ()).endswith("it has no NIC at all")


def test_a_guest_that_answers_without_end_is_cut_short() -> None:
    rows = "\n".join(
        f" e 52:54:00:{n >> 16 & 255:02x}:{n >> 8 & 255:02x}:{n & 255:02x} ipv4 1.2.3.4/8" for n in range(10**5)
    )
    same = "\n".join(f" e {MAC} ipv4 1.2.{n >> 8}.{n & 255}/8" for n in range(5000))
    assert len(parse(rows)) == 64
    (nic,) = parse(same)
    assert len(nic.addresses) == 16
    assert len(told(MAC, None, parse(rows))) < 300


@given(st.text() | st.text(alphabet="\x1b\u202e 0:5aN/A\nipv4."))
def test_nothing_but_macs_and_addresses_comes_out_of_any_answer(evil: str) -> None:
    """Whatever it calls its NICs, forged rows too."""
    found = parse(f" {evil} {MAC} ipv4 {evil}\n{TABLE}\n{evil}")
    assert re.fullmatch(r"[\x20-\x7e]*", told(MAC, found, found))
    assert re.fullmatch(r"[\x20-\x7e]*", told("52:54:00:00:00:00", found, found))


def test_a_client_that_does_not_come_back_is_told_and_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The client hangs as it does behind an agent that hangs; what it asks is a real program's business."""
    (tmp_path / "virsh").write_text("#!/bin/sh\nexec sleep 60\n")
    (tmp_path / "virsh").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(virsh.RefusedError, match=r"no answer within 0\.1 s"):
        virsh.virsh("domifaddr", seconds=0.1)
    assert subprocess.run(["pgrep", "-P", str(os.getpid()), "sleep"], check=False).returncode == 1


def test_no_client_at_all_is_told_with_what_would_help(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(AbsentError) as refused:
        ask("web01")
    assert refused.value.would_help == "install libvirt-clients"
