"""What reading and walking rules costs, without any host: run as a program of its own, so that its memory is its own.

    bench_parse.py save FILE    FILE is iptables-save's output: seconds to read its tables; to read every rule; for one
                                packet through all hooks when all rules are read, and when none is; memory in MiB
    bench_parse.py text FILE    FILE is `nft -a list ruleset`: seconds to read its tables, and every rule

Prints one JSON object.
"""

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pxedoctor.model.netfilter import Netfilter, RulesText
from pxedoctor.netfilter.hook import at_hook
from pxedoctor.netfilter.ruleset import Ruleset, understood
from pxedoctor.netfilter.seen import Family, Hook, Packet, Place, Seen

DISCOVER = Packet(
    name="DISCOVER",
    ethertype=0x0800,
    source="0.0.0.0",
    destination="255.255.255.255",
    protocol=17,
    source_port=68,
    destination_port=67,
    mac_source="52:54:00:0d:0d:01",
    mac_destination="ff:ff:ff:ff:ff:ff",
    link_type="broadcast",
    state="NEW",
)
_IP_HOOKS = (Hook.PREROUTING, Hook.INPUT, Hook.FORWARD, Hook.OUTPUT, Hook.POSTROUTING)
PLACES = (
    Place(family=Family.NETDEV, hook=Hook.INGRESS, in_device="vnet0"),
    *(Place(family=Family.BRIDGE, hook=hook, in_device="vnet0", bridge="virbr0") for hook in _IP_HOOKS),
    *(Place(family=Family.IP, hook=hook, in_device="virbr0", port_in="vnet0") for hook in _IP_HOOKS),
)


def taken(work: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    result = work()
    return time.perf_counter() - started, result


def read_all(ruleset: Ruleset) -> int:
    return sum(len(chain.rules) for table in ruleset.tables for chain in table.chains.values())


def through_all_hooks(ruleset: Ruleset) -> list[str]:
    return [at_hook(ruleset, Seen(DISCOVER, place)).verdict for place in PLACES]


def netfilter(kind: str, text: str) -> Netfilter:
    if kind == "save":
        listing = RulesText(family="ip", dialect="iptables-save", variant="nft", origin="iptables-nft-save", text=text)
    else:
        listing = RulesText(family="", dialect="nft-text", variant="native", origin="nft -a list ruleset", text=text)
    return Netfilter(listings=(listing,))


def main(kind: str, path: str) -> None:
    text = Path(path).read_text(encoding="utf-8")
    found: dict[str, Any] = {"bytes": len(text)}
    found["tables"], fresh = taken(lambda: understood(netfilter(kind, text)))
    found["packet_unread"], fates = taken(lambda: through_all_hooks(fresh))
    found["packet_again"], _ = taken(lambda: through_all_hooks(fresh))
    understood.cache_clear()
    whole = understood(netfilter(kind, text))
    found["rules"], found["count"] = taken(lambda: read_all(whole))
    found["packet_first"], again = taken(lambda: through_all_hooks(whole))
    found["packet"] = min(taken(lambda: through_all_hooks(whole))[0] for _ in range(5))
    if again != fates:
        raise SystemExit("the same packet met two fates")
    found["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:3])
