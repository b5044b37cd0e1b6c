"""Names that are no checks: explain finds them, and what virsh prints where nothing is listed."""

import pytest

from pxedoctor.checks import CHECKS
from pxedoctor.report.words.names import NAMES, markdown_table
from pxedoctor.report.words.table import understood

LEASES = " Expiry Time   MAC address   Protocol   IP address   Hostname   Client ID or DUID"
ADDRESSES = " Name       MAC address          Protocol     Address"
RULE = "-" * 88


@pytest.mark.parametrize("name", NAMES, ids=lambda name: name.name)
def test_each_is_known_by_its_name_and_its_code(name: object) -> None:
    known = next(entry for entry in NAMES if entry is name)
    for words in (known.name, known.code, known.code.lower()):
        (said,) = understood(words)
        assert said.meaning.startswith(f"{known.name} ({known.code}): ")
        assert said.causes == known.leads


def test_none_of_them_is_a_check_and_all_lead_to_checks() -> None:
    checks = {word for check in CHECKS for word in (check.META.name, check.META.code, *check.META.aliases)}
    assert not {word for name in NAMES for word in (name.name, name.code)} & checks
    assert {cause for name in NAMES for cause in name.leads} <= checks


@pytest.mark.parametrize(
    "pasted",
    [
        pytest.param(f"{LEASES}\n{RULE}\n\n", id="net-dhcp-leases"),
        pytest.param(f"$ virsh net-dhcp-leases lan\n{LEASES}\n{RULE}\n", id="with the command"),
        pytest.param(f"{LEASES} {RULE}", id="in one line"),
        pytest.param(f"{ADDRESSES}\n{RULE}\n\n", id="domifaddr"),
    ],
)
def test_an_empty_list_of_virsh_is_explained(pasted: str) -> None:
    (said,) = understood(pasted)
    assert (said.key, said.speaker) == ("lease-invisible", "virsh")
    assert said.decide == "virsh domifaddr GUEST --source agent"


def test_a_list_with_an_entry_is_not() -> None:
    entry = " 2026-11-26 23:12:01   52:54:00:0d:0d:01   ipv4   192.168.122.57/24   web01   -"
    assert understood(f"{LEASES}\n{RULE}\n{entry}\n") == ()
    assert understood(f"{ADDRESSES}\n{RULE}\n vnet0   52:54:00:0d:0d:01   ipv4   192.168.122.57/24\n") == ()


def test_the_table_of_the_docs_has_them_all() -> None:
    table = markdown_table()
    assert "| GO002 | partial-checksum-in-guest |" in table
    assert "[dhcp-reply-checksum-unfilled](causes/dhcp-reply-checksum-unfilled.md)" in table
    assert "| DS015 | lease-invisible |" in table
