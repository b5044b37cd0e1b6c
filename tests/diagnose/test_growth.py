"""What judging a host costs grows as its networks do, and no faster: counted in calls of functions, not in seconds.

And it leaves nothing behind: the keeper's judge looks for garbage seldom.
"""

import cProfile
import gc
import pstats

import msgspec

from many_networks import Many, many
from pxedoctor.diagnose.selected import select
from pxedoctor.diagnose.selection import Selection
from pxedoctor.diagnose.standing import Stand, stand

FEW, MANY = 30, 120
NF002 = "host-firewall-drops-dhcp"
DROP = ("filter", "INPUT", "-p udp -m udp --dport 67 -j DROP")


def calls(now: Many, before: Stand) -> tuple[int, Stand]:
    """How many it took to judge what is different now."""
    host = msgspec.structs.replace(before.host, netfilter=now.host().netfilter)
    targets = select(host, Selection())
    counting = cProfile.Profile()
    counting.enable()
    after = stand(host, targets, before)
    counting.disable()
    total: int = pstats.Stats(counting).total_calls  # type: ignore[attr-defined]
    return total, after


def judged(count: int) -> int:
    """Calls for a DROP for all of so many networks. A third of their guests boot from beyond this host's NAT."""
    healthy = many(count)
    host = healthy.host()
    first = stand(host, select(host, Selection()))
    found, broken = calls(msgspec.structs.replace(healthy, rules=(DROP, *healthy.rules)), first)
    cut_off = {target for finding in broken.findings() if finding.meta.name == NF002 for target in finding.targets}
    assert broken.judged == len(cut_off) == count
    return found


def test_a_drop_for_all_of_four_times_as_many_networks_is_four_times_as_much_to_judge() -> None:
    # What is made once for a host, and lists of all its rules in a word about each guest behind NAT, are in it too.
    assert judged(MANY) / judged(FEW) < 1.15 * MANY / FEW


def test_judging_leaves_no_ring_that_only_a_search_for_garbage_would_find() -> None:
    """Walking chains left 500 objects a network, each time: 6 MiB of them stood in a judge between two searches."""
    healthy = many(FEW // 10)
    broken = msgspec.structs.replace(healthy, rules=(DROP, *healthy.rules))
    host = healthy.host()
    now = stand(host, select(host, Selection()))
    gc.collect()
    gc.disable()
    try:
        for made in (broken, healthy, broken):
            changed = msgspec.structs.replace(host, netfilter=made.host().netfilter)
            now = stand(changed, select(changed, Selection()), now)
            assert now.judged == len(now.known)
            now.findings()
        assert gc.collect() == 0
    finally:
        gc.enable()
