"""Where a host keeps its rules over a reboot, and the same rule written there: one line more, everything else as it is.

1. A rule that must come before another is written before that one's line, or after a policy's, in the same file.
2. A rule that comes anywhere is written into the table's section of the file that iptables-restore(8) loads, if it has
   that table: a section more would have each load empty a table in which others (libvirt) have rules.
3. firewalld keeps rules that are none of its zones' in /etc/firewalld/direct.xml (firewalld.direct(5)).
4. The program that loads the file is asked whether it takes it.
"""

import re

from pxedoctor.model.fact import Missing
from pxedoctor.model.firewall_files import FirewallFile
from pxedoctor.model.host import Host
from pxedoctor.netfilter.filed_nft import words_of
from pxedoctor.netfilter.owner_names import Owner
from pxedoctor.plans.firewall_obstacle import Obstacle
from pxedoctor.plans.owners.lines import ending, split
from pxedoctor.plans.owners.owner import FileChange

_KEEPERS = frozenset({Owner.NFTABLES_SERVICE, Owner.IPTABLES_PERSISTENT, Owner.IPTABLES_SERVICE})
# What iptables-restore loads at the start of Debian, Fedora and Arch.
_RESTORED = ("/etc/iptables/rules.v4", "/etc/sysconfig/iptables", "/etc/iptables/iptables.rules")
_DIRECT = "/etc/firewalld/direct.xml"
_CHECK_FIREWALLD = (("firewall-offline-cmd", "--check-config"),)
_POLICY_LINE = r"\s*type\s+\w+\s+hook\s+\w+\s[^{}]*policy\s+\w+\s*;?\s*"


def file_at(host: Host, path: str) -> FirewallFile | None:
    """A file that may be edited: there, read, and read to its end."""
    files = () if isinstance(host.firewall_files, Missing) else host.firewall_files
    return next((file for file in files if file.path == path and not file.closed and file.whole), None)


def kept_before(host: Host, obstacle: Obstacle, rules: tuple[str, ...]) -> FileChange | None:
    """`rules`: as they stand in the obstacle's chain, without `-A CHAIN`. None where nobody keeps it in such a file."""
    owned = obstacle.owned
    file = file_at(host, owned.file) if owned.owner in _KEEPERS else None
    if file is None or not owned.line:
        return None
    nft = obstacle.table.dialect == "nft"
    lines = split(file.text)
    at = _place_in_nft(lines, obstacle) if nft else _place_in_saved(lines, obstacle)
    if at is None:
        return None
    indent = re.match(r"\s*", lines[owned.line - 1])
    before = indent[0] if indent and nft else ""
    added = [f"{before}{rule}\n" if nft else f"-A {obstacle.chain} {rule}\n" for rule in rules]
    return _change(file, lines, at, added, _checker(file.path, nft, obstacle.table.family))


def _place_in_nft(lines: list[str], obstacle: Obstacle) -> int | None:
    """The index at which it is written; None where the line holds more than the rule, or the policy, alone."""
    line = lines[obstacle.owned.line - 1] if obstacle.owned.line <= len(lines) else ""
    if obstacle.rule is None:
        return obstacle.owned.line if re.fullmatch(_POLICY_LINE, line) else None
    alone = words_of(line.strip().rstrip(";")) == words_of(obstacle.rule.text)
    return obstacle.owned.line - 1 if alone else None


def _place_in_saved(lines: list[str], obstacle: Obstacle) -> int | None:
    at = obstacle.owned.line - 1
    if at >= len(lines) or obstacle.rule is not None:
        return at if at < len(lines) and lines[at].startswith(f"-A {obstacle.chain} ") else None
    while at < len(lines) and lines[at].startswith((":", "#")):
        at += 1
    return at if at < len(lines) else None


def _checker(path: str, nft: bool, family: str) -> tuple[tuple[str, ...], ...]:
    if nft:
        return (("nft", "-c", "-f", path),)
    program = "ip6tables-restore" if family == "ip6" else "iptables-restore"
    return ((program, "--test", path),)


def _change(
    file: FirewallFile, lines: list[str], at: int, added: list[str], then: tuple[tuple[str, ...], ...]
) -> FileChange | None:
    if 0 < at == len(lines) and not ending(lines[-1]):
        return None
    after = "".join([*lines[:at], *added, *lines[at:]])
    return FileChange(path=file.path, before=file.text, after=after, then=then)


def kept_in_file(host: Host, table: str, rule: str) -> FileChange | None:
    """`rule`: as iptables-save prints it after -A, for the end of its chain. None where no file keeps that table."""
    file = next((found for path in _RESTORED if (found := file_at(host, path))), None)
    if file is None:
        return None
    lines = split(file.text)
    starts = [index for index, line in enumerate(lines) if line.strip() == f"*{table}"]
    if len(starts) != 1:
        return None
    end = next((n for n, line in enumerate(lines) if n > starts[0] and line.strip() == "COMMIT"), None)
    return None if end is None else _change(file, lines, end, [f"-A {rule}\n"], _checker(file.path, False, "ip"))


def kept_by_firewalld(host: Host, table: str, rule: str) -> FileChange | None:
    """`rule`: as above, of plain words. It is in force from firewalld's next start or reload."""
    chain, _, match = rule.partition(" ")
    if re.search(r"[<>&\"']", rule):
        return None
    line = f'  <rule ipv="ipv4" table="{table}" chain="{chain}" priority="0">{match}</rule>\n'
    files = () if isinstance(host.firewall_files, Missing) else host.firewall_files
    if not any(file.path == _DIRECT for file in files):
        text = f'<?xml version="1.0" encoding="utf-8"?>\n<direct>\n{line}</direct>\n'
        return FileChange(path=_DIRECT, before=None, after=text, then=_CHECK_FIREWALLD)
    file = file_at(host, _DIRECT)
    lines = split(file.text) if file else []
    ends = [index for index, found in enumerate(lines) if found.strip() == "</direct>"]
    return _change(file, lines, ends[0], [line], _CHECK_FIREWALLD) if file and len(ends) == 1 else None
