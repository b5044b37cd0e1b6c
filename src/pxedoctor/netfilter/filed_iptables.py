"""iptables' rules in files: restore files, shell scripts and network configuration, firewalld's direct.xml."""

import re
from collections.abc import Iterator
from ipaddress import ip_network

from pxedoctor.netfilter.filed import Filed, FiledPolicy, FiledRule, Words

_LONG = {
    "--append": "-A",
    "--insert": "-I",
    "--policy": "-P",
    "--table": "-t",
    "--wait": "-w",
    "--protocol": "-p",
    "--proto": "-p",
    "--in-interface": "-i",
    "--out-interface": "-o",
    "--source": "-s",
    "--src": "-s",
    "--destination": "-d",
    "--dst": "-d",
    "--jump": "-j",
    "--goto": "-g",
    "--match": "-m",
    "--source-port": "--sport",
    "--destination-port": "--dport",
    "--source-ports": "--sports",
    "--destination-ports": "--dports",
    "--state": "--ctstate",
}
# Matches that say nothing without an option of theirs, which is compared.
_SAID_BY_OPTIONS = frozenset(
    {
        "tcp", "udp", "icmp", "icmp6", "icmpv6", "conntrack", "state", "comment", "limit", "multiport",
        "addrtype", "physdev", "mac", "mark", "pkttype", "hashlimit", "set", "iprange", "owner", "length",
        "ttl", "hl", "connmark", "string", "u32", "time",
    }
)  # fmt: skip
_PROTOCOLS = {"17": "udp", "6": "tcp", "1": "icmp", "58": "ipv6-icmp", "icmpv6": "ipv6-icmp", "icmp6": "ipv6-icmp"}
# services(5), those of a boot and of a host's own door.
SERVICES = {
    "bootps": "67",
    "bootpc": "68",
    "tftp": "69",
    "domain": "53",
    "http": "80",
    "https": "443",
    "dhcpv6-server": "547",
    "dhcpv6-client": "546",
    "ssh": "22",
    "ntp": "123",
}
_NAMED = "|".join(sorted(SERVICES, key=len, reverse=True))
_NEEDS_SHELL = r"[\"'\\#]"
_REMARK = r"(?:^|(?<=\s))#[^\"']*$"
_SHELL_WORD = r"""(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+"""
_QUOTING = r""""((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)"""
_DEFAULT_REJECT = frozenset({"icmp-port-unreachable", "icmp6-port-unreachable"})
_UNITS = r"/(s|m|h|d)[a-z]*$"
_CALL = (
    r"(?:^|[\s;&|(`])(?:[\w./-]*/)?(?P<program>(?P<six>ip6tables)|iptables|\$\{?\w*IP6?T\w*\}?)(?:-nft|-legacy)?\"?"
    r"\s+(?P<rest>[^;&|]*)"
)
_DIRECT = r"<rule\b(?P<attributes>[^<>]{1,500})>(?P<words>[^<]{0,2000})</rule>|<passthrough\b[^<>]{1,500}>[^<]{0,2000}<"
_ATTRIBUTE = r"""\b(\w+)=["']([^"']*)["']"""


def in_restore_file(text: str, family: str) -> Iterator[Filed]:
    """A file for iptables-restore(8)."""
    table = "filter"
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("*"):
            table = line[1:].strip()
        elif line.startswith(":"):
            chain, policy = [*line[1:].split(), "", ""][:2]
            if policy not in {"", "-"}:
                yield FiledPolicy(family=family, table=table, chain=chain, policy=policy.lower(), line=number)
        elif line.startswith(("-", "[")):
            yield from _commanded(line, family, table, number)


def in_script(text: str) -> Iterator[Filed]:
    """Calls of iptables and ip6tables in a script, also as `up` lines of /etc/network/interfaces."""
    for number, line in enumerate(text.splitlines(), 1):
        if not line.lstrip().startswith("#"):
            for call in re.finditer(_CALL, line):
                six = call["six"] or "6" in call["program"]
                yield from _commanded(call["rest"], "ip6" if six else "ip", "filter", number)


def in_direct_xml(text: str) -> Iterator[Filed]:
    """firewalld.direct(5). firewalld puts the rules into a chain of its own beside the built-in one, or into that."""
    for found in re.finditer(_DIRECT, text):
        said = dict(re.findall(_ATTRIBUTE, found["attributes"] or ""))
        family = {"ipv4": "ip", "ipv6": "ip6"}.get(said.get("ipv", ""))
        if family and found["words"]:
            number = text.count("\n", 0, found.start()) + 1
            words = words_of(found["words"])
            for chain in (said.get("chain", ""), f"{said.get('chain', '')}_direct"):
                yield FiledRule(family=family, table=said.get("table", ""), chain=chain, words=words, line=number)


def words_of(rule: str) -> Words:
    """What a rule says, its chain and table left out; the empty set where it is not understood.

    >>> words_of("-A INPUT -p udp -m udp --dport 67 -j DROP") == words_of("-I INPUT --proto 17 --dport bootps -j DROP")
    True
    """
    return _words(_groups(_split(rule)))


def _words(groups: "list[_Group]") -> Words:
    return frozenset(said for group in groups if (said := _said(group)))


def _commanded(rule: str, family: str, table: str, line: int) -> Iterator[Filed]:
    groups = _groups(_split(rule))
    for group in groups:
        if group.name == "-t" and group.values:
            table = group.values[0]
    for group in groups:
        match group.name, group.values:
            case "-A" | "-I", [chain, *_]:
                yield FiledRule(family=family, table=table, chain=chain, words=_words(groups), line=line)
            case "-P", [chain, policy, *_]:
                yield FiledPolicy(family=family, table=table, chain=chain, policy=policy.lower(), line=line)


def _split(rule: str) -> list[str]:
    """The words as a shell would take them (shlex costs twenty times as much, and there may be thousands of lines)."""
    if not re.search(_NEEDS_SHELL, rule):
        return rule.split()
    rule = re.sub(_REMARK, "", rule)
    if re.sub(_SHELL_WORD, "", rule).strip():
        return []  # a quote that nobody closed
    return [re.sub(_QUOTING, _unquoted, word) for word in re.findall(_SHELL_WORD, rule)]


def _unquoted(found: re.Match[str]) -> str:
    return found[1] if found[1] is not None else found[2] if found[2] is not None else found[3]


class _Group:
    """An option with its values. `! -i lo` and, as long ago, `-i ! lo` are the same."""

    __slots__ = ("name", "negated", "values")

    def __init__(self, name: str, negated: bool, values: list[str]) -> None:
        self.name = name
        self.negated = negated
        self.values = values


def _groups(words: list[str]) -> list[_Group]:
    groups: list[_Group] = []
    negated = False
    for word in words:
        if word == "!":
            negated = True
        elif word[0:1] == "-" and len(word) > 1 and not word[1].isdigit():
            name, _, value = word.partition("=") if word[1] == "-" else (word, "", "")
            groups.append(_Group(_LONG.get(name, name), negated, [value] if value else []))
            negated = False
        elif groups:
            groups[-1].values.append(word)
            groups[-1].negated |= negated
            negated = False
    return groups


def _said(group: _Group) -> str:
    """One option in its one spelling; "" for one that says nothing of packets."""
    name, values = group.name, group.values
    if name in {"-A", "-I", "-P", "-t", "-w", "-c"} or (name == "-m" and values[:1] and values[0] in _SAID_BY_OPTIONS):
        return ""
    if name == "--reject-with" and values[:1] and values[0] in _DEFAULT_REJECT:
        return ""
    said = [_value(name, value) for value in values]
    if name in {"-s", "-d", "-p"} and said in (["all"], ["0"], ["0.0.0.0/0"], ["::/0"]):
        return ""
    return " ".join(["!", name, *said] if group.negated else [name, *said])


def _value(name: str, value: str) -> str:
    match name:
        case "-s" | "-d":
            return ",".join(_network(part) for part in value.split(","))
        case "-p":
            return _PROTOCOLS.get(value.lower(), value.lower())
        case "--ctstate":
            return ",".join(sorted(value.split(",")))
        case "--dport" | "--sport" | "--dports" | "--sports" | "--ports" if not value.isdigit():
            return re.sub(_NAMED, lambda found: SERVICES[found[0]], value)
        case "--limit" | "--hashlimit-upto" | "--hashlimit-above":
            return re.sub(_UNITS, r"/\1", value)
    return value


def _network(text: str) -> str:
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        return text
    return str(network.network_address) if network.prefixlen == network.max_prefixlen else str(network)
