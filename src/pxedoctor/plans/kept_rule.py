"""A rule of iptables for one bridge, kept over a reboot: by whoever keeps this host's rules, else by udev."""

import msgspec

from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.plans.at_boot import runs_udev, when_made
from pxedoctor.plans.file import ChangeFile
from pxedoctor.plans.firewall_kept import kept_by_firewalld, kept_in_file


class BridgeRule(msgspec.Struct, frozen=True, kw_only=True):
    """`rule`: as iptables-save prints it after its -A. `what`: one word for a file's name; `words`: what is so then.

    `commands`: what makes it so whenever the bridge is made, whether or not it is so already.
    """

    bridge: str
    table: str
    rule: str
    what: str
    words: str
    commands: tuple[tuple[str, ...], ...]


def kept(host: Host, wanted: BridgeRule) -> ChangeFile | None:
    """None where nobody keeps rules of that table, and no udev runs."""
    if not isinstance(host.firewalld, Missing) and host.firewalld.running:
        change = kept_by_firewalld(host, wanted.table, wanted.rule)
    else:
        change = kept_in_file(host, wanted.table, wanted.rule)
    return ChangeFile(words=wanted.words, change=change) if change else by_udev(host, wanted)


def by_udev(host: Host, wanted: BridgeRule) -> ChangeFile | None:
    change = when_made(wanted.bridge, wanted.what, wanted.commands) if runs_udev(host) else None
    words = f"{wanted.words} whenever {wanted.bridge} is made"
    return None if change is None else ChangeFile(words=words, change=change)
