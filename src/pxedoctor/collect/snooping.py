"""Understands who queries for IPv6 multicast on a bridge, and which ports get what is sent to all DHCPv6 servers.

`bridge -j -d mdb show` (iproute2 bridge/mdb.c) lists groups with their ports, and routers: ports that get all groups.
"""

import json

from pxedoctor.access.answer import Answers, dump_question, read_question, run_question
from pxedoctor.access.netlink_bridge import QUERIERS
from pxedoctor.collect.ask.bridges import MEMBERS, NET
from pxedoctor.collect.ask.links import LINKS
from pxedoctor.collect.ask.system import KERNEL
from pxedoctor.collect.texts import json_of, number, records, text_of, why_missing, word
from pxedoctor.model.bridge import Snooping
from pxedoctor.model.fact import Missing

# All_DHCP_Relay_Agents_and_Servers (RFC 8415 section 7.1).
_SERVERS = "ff02::1:2"
# From this kernel on a bridge tells of a querier that is not itself (net/bridge/br_netlink.c).
_TELLS = (5, 16)


def snooping_of(answers: Answers, bridge: str) -> Snooping | Missing | None:
    folder = f"{NET}/{bridge}/bridge"
    if _read(answers, f"{folder}/multicast_snooping") != "1" or dump_question(QUERIERS) not in answers:
        return None
    if _read(answers, f"{folder}/multicast_querier") == "1":
        return Snooping(querier=bridge, members=_members(answers, bridge))
    told = text_of(answers, dump_question(QUERIERS))
    if told is None:
        return why_missing(answers, dump_question(QUERIERS))
    heard = next((port for name, port in map(json.loads, told.splitlines()) if name == bridge), None)
    if heard is None:
        return Snooping(querier="") if _tells(answers) else _too_old(bridge)
    return Snooping(querier=_name(answers, heard) or bridge, members=_members(answers, bridge))


def _read(answers: Answers, path: str) -> str:
    return (text_of(answers, read_question(path)) or "").strip()


def _tells(answers: Answers) -> bool:
    parts = _read(answers, KERNEL).split(".")[:2]
    return len(parts) == 2 and all(map(str.isdecimal, parts)) and tuple(map(int, parts)) >= _TELLS


def _too_old(bridge: str) -> Missing:
    return Missing("absent", f"whether somebody queries for multicast on {bridge}: this kernel does not tell")


def _name(answers: Answers, index: int) -> str:
    links = json_of(answers, run_question(LINKS))
    found = () if isinstance(links, Missing) else records(links)
    return next((word(link.get("ifname")) for link in found if number(link.get("ifindex")) == index), "")


def _members(answers: Answers, bridge: str) -> tuple[str, ...] | None:
    value = json_of(answers, run_question(MEMBERS))
    if isinstance(value, Missing):
        return None
    found: set[str] = set()
    for record in records(value):
        groups = (entry for entry in records(record.get("mdb")) if entry.get("dev") == bridge)
        found |= {word(entry.get("port")) for entry in groups if entry.get("grp") == _SERVERS}
        routers = record.get("router")
        ports = records(routers.get(bridge)) if isinstance(routers, dict) else ()
        found |= {word(port.get("port")) for port in ports}
    return tuple(sorted(found))
