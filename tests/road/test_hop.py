"""A road's fate, and the hop that decides it."""

import pytest

from pxedoctor.findings.outcome import Hop
from pxedoctor.road.hop import Fate, Road, RoadHop
from pxedoctor.road.packet_name import PacketName

P, D, U = Fate.PASS, Fate.DROP, Fate.UNKNOWN


@pytest.mark.parametrize(
    ("fates", "fate", "decides"),
    [
        ((), P, None),
        ((P, P), P, None),
        ((P, U, P), U, 1),
        ((U, P, U), U, 0),
        ((P, D), D, 1),
        ((U, P, D), D, 2),
    ],
    ids=["nothing", "passes", "one doubt", "the first doubt", "dies", "dies, whatever cannot be told before"],
)
def test_fate(fates: tuple[Fate, ...], fate: Fate, decides: int | None) -> None:
    hops = tuple(RoadHop(hop=Hop.PORT, device=str(n), predicted=f, why="w") for n, f in enumerate(fates))
    road = Road(target="t", packet=PacketName.DISCOVER, hops=hops)
    assert road.fate is fate
    assert road.decisive == (None if decides is None else hops[decides])
