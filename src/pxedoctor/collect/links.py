"""Understands `ip -j -d -s -s address show`."""

from pxedoctor.access.answer import Answers, list_question, run_question
from pxedoctor.collect.ask.bridges import NET
from pxedoctor.collect.ask.links import LINKS
from pxedoctor.collect.texts import json_of, number, records, text_of, word
from pxedoctor.model.fact import Missing
from pxedoctor.model.link import Address, Counters, Link


def parse(answers: Answers) -> tuple[Link, ...] | Missing:
    value = json_of(answers, run_question(LINKS))
    if isinstance(value, Missing):
        return value
    found = [(record, word(record.get("ifname"))) for record in records(value)]
    return tuple(_link(record, _is_wireless(answers, name)) for record, name in found if name)


def _is_wireless(answers: Answers, name: str) -> bool | None:
    """Whether it is a part of a radio (net/wireless/core.c makes the link); None where its folder was not listed."""
    listing = text_of(answers, list_question(f"{NET}/{name}"))
    return None if listing is None else "phy80211" in listing.splitlines()


def _link(record: dict[str, object], wireless: bool | None) -> Link:
    flags = record.get("flags")
    flag_words = {word(flag) for flag in flags} if isinstance(flags, list) else set()
    info = record.get("linkinfo")
    kind = word(info.get("info_kind")) if isinstance(info, dict) else ""
    namespace = record.get("link_netnsid")
    return Link(
        index=number(record.get("ifindex")),
        name=word(record.get("ifname")),
        mac=word(record.get("address")),
        mtu=number(record.get("mtu")),
        up="UP" in flag_words,
        carrier="LOWER_UP" in flag_words,
        kind=kind,
        vlan=_vlan(info) if kind == "vlan" else None,
        bond_mode=_bond_mode(info) if kind == "bond" else "",
        master=word(record.get("master")) or None,
        group=_group(word(record.get("group"), "default")),
        xdp=record.get("xdp") is not None,
        peer_namespace=namespace if isinstance(namespace, int) else None,
        lower=word(record.get("link")),
        wireless=wireless,
        addresses=tuple(_address(entry) for entry in records(record.get("addr_info"))),
        counters=_counters(record),
    )


def _vlan(info: object) -> int | None:
    """The id of an 802.1Q device; None where it is none, and of 802.1ad, whose tags are a provider's."""
    told = info.get("info_data") if isinstance(info, dict) else None
    number_ = told.get("id") if isinstance(told, dict) and told.get("protocol") == "802.1Q" else None
    return number_ if isinstance(number_, int) and 1 <= number_ <= 4094 else None


def _bond_mode(info: object) -> str:
    told = info.get("info_data") if isinstance(info, dict) else None
    return word(told.get("mode")) if isinstance(told, dict) else ""


def _group(text: str) -> int | None:
    """`default` is 0; other names are those of /etc/iproute2/group."""
    return 0 if text == "default" else int(text) if text.isdecimal() else None


def _address(record: dict[str, object]) -> Address:
    return Address(
        family=word(record.get("family")), address=word(record.get("local")), prefix=number(record.get("prefixlen"))
    )


def _counters(record: dict[str, object]) -> Counters:
    # iproute2 names it stats64 where the kernel has 64-bit counters, stats elsewhere.
    stats = record.get("stats64") or record.get("stats")
    received = stats.get("rx") if isinstance(stats, dict) else None
    sent = stats.get("tx") if isinstance(stats, dict) else None
    rx = received if isinstance(received, dict) else {}
    tx = sent if isinstance(sent, dict) else {}
    return Counters(
        rx_packets=number(rx.get("packets")),
        tx_packets=number(tx.get("packets")),
        rx_dropped=number(rx.get("dropped")),
        tx_dropped=number(tx.get("dropped")),
    )
