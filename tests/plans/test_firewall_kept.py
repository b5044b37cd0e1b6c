"""The same rule in the file that keeps the host's rules: one line, in the right place, or none at all."""

import pytest

from builders import host
from pxedoctor.model.fact import Missing
from pxedoctor.model.firewall_files import FirewallFile
from pxedoctor.netfilter.owner import Ownership
from pxedoctor.netfilter.owner_names import Owner
from pxedoctor.netfilter.syntax import Table
from pxedoctor.plans.firewall_kept import kept_before, kept_by_firewalld, kept_in_file
from pxedoctor.plans.firewall_obstacle import Obstacle
from pxedoctor.plans.owners.owner import FileChange
from ruletexts import nft_table, rule_of, saved_table

NFTABLES, SAVED, DIRECT = "/etc/nftables.conf", "/etc/iptables/rules.v4", "/etc/firewalld/direct.xml"
CONF = """\
table inet filter {
\tchain input {
\t\ttype filter hook input priority filter; policy drop;
\t\tiif "lo" accept
\t\tudp dport 67 drop # no DHCP here
\t}
}
"""
RULES = "*filter\n:INPUT DROP [0:0]\n:FORWARD ACCEPT [0:0]\n-A INPUT -i lo -j ACCEPT\n-A INPUT -p udp -j DROP\nCOMMIT\n"
NATIVE = nft_table("inet", "filter", input=("udp dport 67 drop",))
FILTER = saved_table(RULES)
ACCEPT_NFT, ACCEPT_SAVED = 'iifname "br0" udp dport 67 accept', "-i br0 -p udp -m udp --dport 67 -j ACCEPT"


def refused(table: Table, owner: Owner, file: str, line: int, text: str = "") -> Obstacle:
    base = "input" if table.dialect == "nft" else "INPUT"
    owned = Ownership(owner=owner, why="so it is", file=file, line=line)
    return Obstacle(table=table, base=base, chain=base, rule=rule_of(table, base, text) if text else None, owned=owned)


def kept(refusing: Obstacle, text: str, rule: str, **about: object) -> FileChange | None:
    file = FirewallFile(path=refusing.owned.file, text=text, **about)  # type: ignore[arg-type]
    return kept_before(host(firewall_files=(file,)), refusing, (rule,))


def test_in_nftables_conf_before_the_line_that_refuses() -> None:
    change = kept(refused(NATIVE, Owner.NFTABLES_SERVICE, NFTABLES, 5, "udp dport 67 drop"), CONF, ACCEPT_NFT)
    assert change is not None
    assert change.after == CONF.replace("\t\tudp dport 67 drop", f"\t\t{ACCEPT_NFT}\n\t\tudp dport 67 drop")
    assert change.then == (("nft", "-c", "-f", NFTABLES),)


def test_in_nftables_conf_after_the_policy_that_refuses() -> None:
    change = kept(refused(NATIVE, Owner.NFTABLES_SERVICE, NFTABLES, 3), CONF, ACCEPT_NFT)
    assert change is not None
    assert change.after.splitlines()[3] == f"\t\t{ACCEPT_NFT}"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("-A INPUT -p udp -j DROP", 5),
        ("", 2),
    ],
    ids=["a rule", "the policy"],
)
def test_in_a_saved_file_before_the_rule_or_behind_the_policies(text: str, place: int) -> None:
    change = kept(refused(FILTER, Owner.IPTABLES_PERSISTENT, SAVED, place, text), RULES, ACCEPT_SAVED)
    assert change is not None
    lines = change.after.splitlines()
    assert lines.index(f"-A INPUT {ACCEPT_SAVED}") == (4 if text else 3)
    assert [line for line in lines if line != f"-A INPUT {ACCEPT_SAVED}"] == RULES.splitlines()
    assert change.then == (("iptables-restore", "--test", SAVED),)


@pytest.mark.parametrize(
    ("refusing", "text", "about"),
    [
        pytest.param(refused(NATIVE, Owner.UNKNOWN, NFTABLES, 5, "udp dport 67 drop"), CONF, {}, id="nobody's"),
        pytest.param(refused(NATIVE, Owner.NFTABLES_SERVICE, "", 0), CONF, {}, id="no place known"),
        pytest.param(refused(NATIVE, Owner.NFTABLES_SERVICE, NFTABLES, 9), CONF, {}, id="past the end"),
        pytest.param(refused(NATIVE, Owner.NFTABLES_SERVICE, NFTABLES, 4), CONF, {}, id="no policy there"),
        pytest.param(
            refused(NATIVE, Owner.NFTABLES_SERVICE, NFTABLES, 1, "udp dport 67 drop"),
            "table inet filter { chain input { udp dport 67 drop; }; }\n",
            {},
            id="more than the rule in its line",
        ),
        pytest.param(
            refused(NATIVE, Owner.NFTABLES_SERVICE, NFTABLES, 5, "udp dport 67 drop"),
            CONF,
            {"whole": False},
            id="not read to its end",
        ),
        pytest.param(
            refused(FILTER, Owner.IPTABLES_SERVICE, SAVED, 5, "-A INPUT -p udp -j DROP"),
            RULES,
            {"closed": "may not be read"},
            id="not read",
        ),
        pytest.param(
            refused(FILTER, Owner.IPTABLES_SERVICE, SAVED, 4, "-A INPUT -p udp -j DROP"), "x\n" * 9, {}, id="moved"
        ),
    ],
)
def test_in_doubt_nothing_is_edited(refusing: Obstacle, text: str, about: dict[str, object]) -> None:
    assert kept(refusing, text, ACCEPT_NFT, **about) is None


MANGLE = "*mangle\n:POSTROUTING ACCEPT [0:0]\nCOMMIT\n"
FILL = "POSTROUTING -o br0 -p udp -m udp --dport 68 -j CHECKSUM --checksum-fill"


@pytest.mark.parametrize(
    ("text", "after"),
    [
        (MANGLE + RULES, f"*mangle\n:POSTROUTING ACCEPT [0:0]\n-A {FILL}\nCOMMIT\n{RULES}"),
        (RULES, None),
        (MANGLE + MANGLE, None),
        ("*mangle\n", None),
    ],
    ids=["its section", "no such section", "two of them", "one without an end"],
)
def test_a_rule_at_the_end_of_a_section_that_is_there(text: str, after: str | None) -> None:
    change = kept_in_file(host(firewall_files=(FirewallFile(path=SAVED, text=text),)), "mangle", FILL)
    assert (change.after if change else None) == after
    assert kept_in_file(host(firewall_files=Missing("failed", "no")), "mangle", FILL) is None


def test_firewalld_gets_a_direct_rule_more_and_keeps_its_file() -> None:
    text = "<direct>\n  <!-- ours -->\n</direct>\n"
    change = kept_by_firewalld(host(firewall_files=(FirewallFile(path=DIRECT, text=text),)), "mangle", FILL)
    assert change is not None
    assert change.after.startswith('<direct>\n  <!-- ours -->\n  <rule ipv="ipv4" table="mangle" chain="POSTROUTING"')
    assert change.then == (("firewall-offline-cmd", "--check-config"),)


@pytest.mark.parametrize("text", ["<direct/>\n", "", "</direct>\n</direct>\n"])
def test_a_direct_xml_of_another_shape_is_left_alone(text: str) -> None:
    assert kept_by_firewalld(host(firewall_files=(FirewallFile(path=DIRECT, text=text),)), "mangle", FILL) is None


def test_what_xml_would_take_for_more_than_a_word_is_not_written() -> None:
    assert kept_by_firewalld(host(firewall_files=()), "mangle", f"{FILL} <x>") is None
