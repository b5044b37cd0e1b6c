"""First what packets die of, earlier on the road first, the special before the general."""

from pxedoctor.diagnose.order import in_order
from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Evidence, Hop, Scope, Severity


def found(
    code: str,
    hop: Hop = Hop.PORT,
    severity: Severity = "broken",
    explains: tuple[str, ...] = (),
    scope: Scope = "guest",
) -> Finding:
    meta = Meta(code=code, name=f"cause-{code.lower()}", stage=Stage.BRIDGE, needs=(), fix="never", explains=explains)
    broken = Broken(headline="h", subject="s", scope=scope, hop=hop, severity=severity, evidence=(Evidence("e", "o"),))
    return Finding(meta=meta, broken=broken, targets=("t",))


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


def test_what_explains_another_comes_before_it() -> None:
    special = found("BB001", Hop.INPUT, explains=("cause-aa001",))
    assert codes(found("AA001", Hop.PORT), special) == ["BB001", "AA001"]


def test_otherwise_the_code_decides_and_the_order_of_arrival_never() -> None:
    one, two = found("AA001"), found("AA002")
    assert codes(one, two) == codes(two, one) == ["AA001", "AA002"]
