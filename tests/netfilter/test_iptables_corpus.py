"""Rules as kube-proxy, Calico, Proxmox, neutron, libvirt's nwfilter, LXD, Tailscale, wg-quick, fail2ban and ufw write
them: what is not modelled is exactly what is listed here, and the rules that decide about DHCP mean what they say.
"""

from ipaddress import ip_address
from pathlib import Path

import pytest

from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.netfilter.condition import (
    AddressType,
    AnyOf,
    Bits,
    BridgePort,
    Member,
    Name,
    Number,
    ReversePath,
    Unmodelled,
)
from pxedoctor.netfilter.field import Field
from pxedoctor.netfilter.iptables import parse_iptables
from pxedoctor.netfilter.syntax import End, Ends, Fill, GoesOn, Jump, Rule, Strange, Table, WriteMark
from ruletexts import OWNERS

CORPUS = (Path(__file__).parent / "data/save/corpus.save").read_text(encoding="utf-8")
_DROP, _ACCEPT, _RETURN = End(Ends.DROP), End(Ends.ACCEPT), End(Ends.RETURN)
_UDP, _TCP = Number(Field.PROTOCOL, ((17, 17),)), Number(Field.PROTOCOL, ((6, 6),))


def _tables(text: str) -> tuple[Table, ...]:
    return parse_iptables(text, "ip", "iptables-save", "nft")


def _rules(text: str) -> list[Rule]:
    return [rule for table in _tables(text) for chain in table.chains.values() for rule in chain.rules]


RULES = {rule.text: rule for rule in _rules(CORPUS)}


def test_every_rule_of_the_corpus_is_another_one() -> None:
    assert len(RULES) == sum(line.startswith("-A") for line in CORPUS.splitlines())


def test_what_is_not_modelled_is_known_by_name() -> None:
    unmodelled = {part.text for rule in RULES.values() for part in rule.parts if isinstance(part, Unmodelled)}
    assert unmodelled == {
        "-m statistic --mode random --probability 0.50000000000",
        "-m recent --set --name DEFAULT --mask 255.255.255.255 --rsource",
        "-m recent --update --seconds 30 --hitcount 6 --name DEFAULT --mask 255.255.255.255 --rsource",
        "-m limit --limit 3/min --limit-burst 10",
    }
    assert not [rule.text for rule in RULES.values() if any(isinstance(part, Strange) for part in rule.parts)]


@pytest.mark.parametrize(
    "name", ["docker.save", "ufw.save", "firewalld-iptables.save", "fail2ban.save", "shorewall.save"]
)
def test_of_what_the_programs_really_wrote_only_limits_and_lists_are_not_modelled(name: str) -> None:
    rules = _rules((OWNERS / name).read_text(encoding="utf-8"))
    unmodelled = {part.text.split()[1] for rule in rules for part in rule.parts if isinstance(part, Unmodelled)}
    assert unmodelled <= {"limit", "hashlimit", "recent"}
    assert not [rule.text for rule in rules if any(isinstance(part, Strange) for part in rule.parts)]


def _range(low: str, high: str) -> tuple[int, int]:
    return int(ip_address(low)), int(ip_address(high))


def _one(field: Field, number: int, negated: bool = False, mask: int | None = None) -> Number:
    return Number(field, ((number, number),), negated, mask)


def _port(field: Field, low: int, high: int | None = None) -> Number:
    return Number(field, ((low, high or low),))


def _physdev(field: Field, name: str, text: str) -> BridgePort:
    return BridgePort(field, (name, False), text=f"-m physdev {text}")  # type: ignore[arg-type]


_TAP = "tap5a3c8e1e-4f"
_BRIDGED = BridgePort(Field.PHYS_OUT, None, text="-m physdev --physdev-is-bridged")
_ORIGINAL = _one(Field.CT_DIRECTION, 0)


@pytest.mark.parametrize(
    ("begins", "parts"),
    [
        (
            "-A FI-vnet0 -p udp",
            (_UDP, _port(Field.SOURCE_PORT, 68), _port(Field.DESTINATION_PORT, 67), Bits(Field.CT_STATE, 10), _ORIGINAL,
             _RETURN),
        ),
        (
            "-A FI-vnet0 -s",
            (Number(Field.SOURCE4, (_range("192.168.122.10", "192.168.122.10"),)), _TCP,
             _one(Field.MAC_SOURCE, 0x5254000D0D01), _port(Field.DESTINATION_PORT, 22), Bits(Field.CT_STATE, 10),
             _ORIGINAL, _RETURN),
        ),
        (
            "-A libvirt-in -m",
            (_physdev(Field.PHYS_IN, "vnet0", "--physdev-in vnet0"), Jump("FI-vnet0", goto=True)),
        ),
        (
            "-A libvirt-out -m",
            (_physdev(Field.PHYS_OUT, "vnet0", "--physdev-out vnet0"), _BRIDGED, Jump("FO-vnet0", goto=True)),
        ),
        (
            "-A neutron-linuxbri-o5a3c8e1e-4",
            (Number(Field.SOURCE4, ((0, 0),)),
             Number(Field.DESTINATION4, (_range("255.255.255.255", "255.255.255.255"),)), _UDP,
             _port(Field.SOURCE_PORT, 68), _port(Field.DESTINATION_PORT, 67), _RETURN),
        ),
        (
            "-A neutron-linuxbri-FORWARD",
            (_physdev(Field.PHYS_OUT, _TAP, f"--physdev-out {_TAP}"), _BRIDGED, Jump("neutron-linuxbri-sg-chain")),
        ),
        (
            "-A PVEFW-FORWARD -m physdev",
            (BridgePort(Field.PHYS_IN, ("fwln", True), text="-m physdev --physdev-in fwln+"), _BRIDGED,
             Jump("PVEFW-FWBR-IN")),
        ),
        (
            "-A PVEFW-Drop -m addrtype",
            (AddressType(Field.DESTINATION4, frozenset({"broadcast"}), text="-m addrtype --dst-type BROADCAST"), _DROP),
        ),
        (
            "-A cali-PREROUTING -m comment --comment \"cali:PWuxTAIaFCtsg5Qa\"",
            (
                _one(Field.MARK, 0x40000, mask=0x40000),
                ReversePath(True, "-m rpfilter --validmark --invert", marked=True),
                _DROP,
            ),
        ),
        (
            "-A cali-FORWARD -m",
            (WriteMark(Field.MARK, 0xFFF1FFFF, 0),),
        ),
        (
            "-A cali-INPUT",
            (Name(Field.IN_NAME, (("cali", True),)), Jump("cali-wl-to-host", goto=True)),
        ),
        (
            "-A cali-wl-to-host",
            (_UDP, Number(Field.DESTINATION_PORT, ((53, 53), (67, 67), (68, 68))), _ACCEPT),
        ),
        (
            "-A cali-fw-cali1f3",
            (_one(Field.PROTOCOL, 4),
             Member((Field.SOURCE4,), "cali40all-hosts-net", negated=True,
                    text="-m set ! --match-set cali40all-hosts-net src"),
             _DROP),
        ),
        (
            "-A KUBE-FIREWALL",
            (Number(Field.SOURCE4, (_range("127.0.0.0", "127.255.255.255"),), negated=True),
             Number(Field.DESTINATION4, (_range("127.0.0.0", "127.255.255.255"),)),
             AnyOf((Bits(Field.CT_STATE, 6), Bits(Field.CT_STATUS, 32)), negated=True,
                   text="-m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT"),
             _DROP),
        ),
        ("-A KUBE-POSTROUTING -m mark", (_one(Field.MARK, 0x4000, negated=True, mask=0x4000), _RETURN)),
        ("-A KUBE-POSTROUTING -j", (WriteMark(Field.MARK, 0xFFFFFFFF, 0x4000),)),
        (
            "-A INPUT -i lxdbr0",
            (Name(Field.IN_NAME, (("lxdbr0", False),)), _UDP, _port(Field.DESTINATION_PORT, 67), _ACCEPT),
        ),
        (
            "-A POSTROUTING -o lxdbr0",
            (Name(Field.OUT_NAME, (("lxdbr0", False),)), _UDP, _port(Field.DESTINATION_PORT, 68), Fill()),
        ),
        (
            "-A ts-input -s 100.64",
            (Number(Field.SOURCE4, (_range("100.64.0.0", "100.127.255.255"),)),
             Name(Field.IN_NAME, (("tailscale0", False),), negated=True), _DROP),
        ),
        (
            "-A PREROUTING -p udp -m comment --comment \"wg-quick",
            (_UDP, WriteMark(Field.MARK, copied_from=Field.CT_MARK)),
        ),
        (
            "-A ufw-user-input -m limit",
            (Unmodelled("-m limit --limit 3/min --limit-burst 10"), GoesOn('-j LOG --log-prefix "[UFW BLOCK] "')),
        ),
        (
            "-A neutron-linuxbri-PREROUTING -i",
            (Name(Field.IN_NAME, (("brq7e2b4c4f-5a", False),)), GoesOn("-j CT --zone 4097")),
        ),
    ],
)  # fmt: skip
def test_what_the_rules_that_matter_mean(begins: str, parts: tuple[object, ...]) -> None:
    (rule,) = (rule for text, rule in RULES.items() if text.startswith(begins))
    assert rule.parts == parts


def test_comments_are_kept_for_whoever_asks_whose_rule_it_is() -> None:
    (rule,) = (rule for text, rule in RULES.items() if text.startswith("-A INPUT -i lxdbr0"))
    assert rule.comment == "generated for LXD network lxdbr0"


@pytest.mark.lab
def test_the_corpus_is_what_iptables_prints() -> None:
    with open_site() as site:
        for name in ("blocklist", "PVEFW-0-management-v4", "cali40all-hosts-net"):
            site.run("ipset", "create", name, "hash:net")
        site.write("/tmp/corpus", CORPUS)
        site.run("sh", "-c", "iptables-nft-restore < /tmp/corpus")
        printed = site.run("iptables-nft-save").splitlines()
    assert {line for line in printed if line.startswith("-A")} == set(RULES)
