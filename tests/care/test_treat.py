"""Whether a finding is repaired at all, and what is said where it is not; the repair itself is the lab's."""

import pytest

from builders import TARGET
from pxedoctor.care.treat import refusal
from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Certainty, Evidence, Hop
from pxedoctor.plans.bridge import SetStp
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.plans.safety import Safety
from pxedoctor.verdict.report import Diagnosed


def diagnosed(plan: Safety | NoPlan, certainty: Certainty = "proven") -> Diagnosed:
    meta = Meta(code="XX001", name="made-up", stage=Stage.BRIDGE, needs=(), fix="sometimes")
    broken = Broken(headline="h", subject="br0", hop=Hop.PORT, certainty=certainty, evidence=(Evidence("e", "o"),))
    steps = (SetStp(bridge="br0", on=False, safety=plan, may_lose="A loop."),) if isinstance(plan, Safety) else ()
    return Diagnosed(
        finding=Finding(meta=meta, broken=broken, targets=(TARGET,)),
        plan=Plan(steps=steps) if isinstance(plan, Safety) else plan,
    )


@pytest.mark.parametrize(
    ("plan", "certainty", "allow_risky", "because"),
    [
        (Safety.SAFE, "proven", False, None),
        (Safety.SAFE, "likely", False, "likely, not proven"),
        (Safety.SAFE, "likely", True, None),
        (Safety.RISKY, "proven", False, "--allow-risky was not given: A loop."),
        (Safety.RISKY, "proven", True, None),
        (Safety.SHOW_ONLY, "proven", True, "only shows this repair: A loop."),
        (NoPlan("its STP is not the kernel's"), "proven", True, "its STP is not the kernel's"),
    ],
)
def test_refusal(plan: Safety | NoPlan, certainty: Certainty, allow_risky: bool, because: str | None) -> None:
    refused = refusal(diagnosed(plan, certainty), allow_risky)
    if because is None:
        assert refused is None
    else:
        assert refused is not None
        assert refused.finding == "XX001:br0"
        assert because in refused.because
