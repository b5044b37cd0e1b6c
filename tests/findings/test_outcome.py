"""Outcomes and what they are made of: no finding without evidence, no check without a proper name."""

import pytest

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Evidence, Hop


def meta(code: str = "BR001", name: str = "bridge-forward-delay") -> Meta:
    return Meta(code=code, name=name, stage=Stage.BRIDGE, needs=(), fix="never")


def test_a_finding_needs_evidence() -> None:
    with pytest.raises(ValueError, match="without evidence: it is so"):
        Broken(headline="it is so", subject="br0", hop=Hop.PORT, evidence=())


@pytest.mark.parametrize("code", ["BR1", "br001", "BR0011", "", "BR001 "])
def test_codes_that_are_none(code: str) -> None:
    with pytest.raises(ValueError, match="two letters and three digits"):
        meta(code=code)


@pytest.mark.parametrize("name", ["", "Bridge", "bridge_delay", "-bridge", "bridge-", "bridge--delay", "1bridge"])
def test_names_that_are_none(name: str) -> None:
    with pytest.raises(ValueError, match="words with dashes"):
        meta(name=name)


def test_a_finding_is_known_by_its_code_and_its_subject() -> None:
    broken = Broken(headline="h", subject="br0", hop=Hop.PORT, evidence=(Evidence("e", "o"),))
    finding = Finding(meta=meta(), broken=broken, targets=("t",))
    assert (finding.id, finding.name) == ("BR001:br0", "bridge-forward-delay")
