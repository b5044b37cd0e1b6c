"""First what packets die of, earlier on the road first, the special before the general."""

import msgspec

from boots import in_lan
from builders import bridge, link, port, target
from pxedoctor.diagnose.engine import diagnose
from pxedoctor.diagnose.order import in_order
from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Evidence, Hop, Leg, Scope, Severity
from pxedoctor.model.route import Route
from rulesets import saved


def found(
    code: str,
    hop: Hop = Hop.PORT,
    severity: Severity = "broken",
    explains: tuple[str, ...] = (),
    scope: Scope = "guest",
    *,
    leg: Leg = Leg.ASKING,
    targets: tuple[str, ...] = ("t",),
) -> Finding:
    meta = Meta(code=code, name=f"cause-{code.lower()}", stage=Stage.BRIDGE, needs=(), fix="never", explains=explains)
    evidence = (Evidence("e", "o"),)
    broken = Broken(headline="h", subject="s", scope=scope, hop=hop, leg=leg, severity=severity, evidence=evidence)
    return Finding(meta=meta, broken=broken, targets=targets)


def codes(*findings: Finding) -> list[str]:
    return [finding.meta.code for finding in in_order(findings)]


def test_what_is_broken_comes_before_what_may_break() -> None:
    assert codes(found("AA001", Hop.NIC, "risk"), found("BB001", Hop.CLIENT)) == ["BB001", "AA001"]


def test_earlier_on_the_road_comes_first() -> None:
    assert codes(found("AA001", Hop.SERVER), found("BB001", Hop.TAP), found("CC001", Hop.INPUT)) == [
        "BB001",
        "CC001",
        "AA001",
    ]


def test_a_bridge_that_is_off_comes_before_what_frames_would_meet_in_it() -> None:
    """The host's table of connections is full, too: nothing gets as far as that."""
    full = found("AA001", Hop.PREROUTING, scope="host")
    assert codes(full, found("BB001", Hop.BRIDGE, scope="bridge")) == ["BB001", "AA001"]
    assert codes(full, found("BB001", Hop.BRIDGE, scope="network")) == ["BB001", "AA001"]
    assert codes(full, found("BB001", Hop.BRIDGE)) == ["AA001", "BB001"]


def test_an_answer_comes_after_all_that_it_answers_and_the_boot_file_after_both() -> None:
    """It may die in PREROUTING, or of a firewall's INPUT, where the road of the question has not ended by far."""
    asking = (found("AA002", Hop.UPLINK), found("AA001", Hop.SERVER))
    answer = found("BB001", Hop.PREROUTING, leg=Leg.ANSWER)
    fetch = found("CC001", Hop.INPUT, leg=Leg.FETCH)
    after = (found("DD001", Hop.OUTPUT), found("DD002", Hop.CLIENT))
    assert codes(fetch, *after, answer, *asking) == ["AA002", "AA001", "BB001", "DD001", "DD002", "CC001"]


def test_an_uplink_that_lets_no_discover_out_comes_before_a_rule_that_drops_what_comes_back() -> None:
    strict = saved("*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -m rpfilter --invert -j DROP\nCOMMIT\n")
    deaf = bridge(ports=(msgspec.structs.replace(port("eno1"), bcast_flood=False), port("vnet0")))
    links = (link("br0", kind="bridge"), link("eno1", kind="", index=2), link("vnet0", master="br0", index=3))
    lo = Route(family="inet", destination="127.0.0.0/8", device="lo", table="local", kind="local")
    routes = (lo, Route(family="inet", destination="default", device="eth9"))
    known = in_lan(strict, bridges=(deaf,), links=links, routes=routes)
    report = diagnose(known, (target(tap="vnet0"),), (), "2026-11-26T12:00:00Z")
    assert [entry.finding.name for entry in report.findings][:2] == ["port-not-forwarding", "rpfilter-drops-replies"]


def test_what_explains_another_comes_before_it() -> None:
    special = found("BB001", Hop.INPUT, explains=("cause-aa001",))
    assert codes(found("AA001", Hop.PORT), special) == ["BB001", "AA001"]


def test_what_explains_it_on_another_network_does_not_put_it_back() -> None:
    """One network lacks tc; another was stopped by hand, and a guest on that meets nothing before it."""
    special = found("BB001", Hop.BRIDGE, explains=("cause-aa001",), scope="network", targets=("one",))
    stopped = found("AA001", Hop.BRIDGE, scope="network", targets=("two",))
    later = found("CC001", Hop.SERVER, targets=("two",))
    assert codes(later, stopped, special) == ["AA001", "BB001", "CC001"]
    both = found("AA001", Hop.BRIDGE, scope="network", targets=("one", "two"))
    assert codes(both, special) == ["BB001", "AA001"]


def test_otherwise_the_code_decides_and_the_order_of_arrival_never() -> None:
    one, two = found("AA001"), found("AA002")
    assert codes(one, two) == codes(two, one) == ["AA001", "AA002"]
