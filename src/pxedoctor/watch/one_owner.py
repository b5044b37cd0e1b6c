"""Two programs undo each other's work: one of them has to own what they fight over, and how that is said to it."""

import re

from pxedoctor.verdict.happened import Standing, Who

# What every network of libvirt's needs, in the language of whoever is to own it; {bridge} as the host calls it.
_OWNERS: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(r"firewalld|firewall-cmd"),
        "firewalld owns it: firewall-cmd --permanent --zone=libvirt --change-interface={bridge}; firewall-cmd --reload",
    ),
    (re.compile(r"ufw"), "ufw owns it: ufw allow in on {bridge} to any port 67 proto udp"),
    (
        re.compile(r"dockerd|docker"),
        "Docker leaves one chain to others: iptables -I DOCKER-USER -i {bridge} -o {bridge} -j ACCEPT, after each boot",
    ),
    (
        re.compile(r"nft|nftables"),
        'nftables.service owns it: `iifname "{bridge}" udp dport {{ 53, 67 }} accept` in /etc/nftables.conf, before '
        "what refuses it, and no `flush ruleset` there, which takes libvirt's rules away",
    ),
)
# Nothing but libvirt's daemon writes these back.
_LIBVIRTS = "libvirt-rules-missing"


def proposed(standing: Standing, others: tuple[Who, ...], for_good: tuple[str, ...]) -> tuple[str, ...]:
    """Sentences, the one for the recognised owner first. `for_good`: as the judge's plan says it."""
    told: dict[str, None] = {}
    bridge = standing.id.partition(":")[2]
    for who in others:
        told.update(dict.fromkeys(_for(who, standing, bridge)))
    if standing.name != _LIBVIRTS:
        told.update(dict.fromkeys(f"the same for good: {words}" for words in for_good))
    return tuple(told)


def _for(who: Who, standing: Standing, bridge: str) -> tuple[str, ...]:
    words = " ".join((who.caller, who.unit, *(() if who.caller else (who.name,))))
    found = tuple(text for pattern, text in _OWNERS if pattern.search(words))
    said = [text.format(bridge=bridge) for text in found] if standing.name != _LIBVIRTS else []
    if who.unit and standing.name == _LIBVIRTS:
        said.append(f"libvirt follows it: pxedoctor restart-after {who.unit} --apply")
    if not found and who.caller:
        said.append(f"or {who.caller} leaves it alone: take out of it what writes this rule")
    return tuple(said)
