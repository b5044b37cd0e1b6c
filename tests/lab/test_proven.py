"""The founding causes with a probe: each is proven by packets, and the evidence names the probe."""

import pytest

from pxedoctor.lab.case import Breaks, Case
from pxedoctor.lab.faults.bridge import bridge_forward_delay
from pxedoctor.lab.faults.filter import dhcp_reply_checksum_unfilled, dhcp_reply_masqueraded
from pxedoctor.lab.ground.namespace import open_site

pytestmark = pytest.mark.lab

FOUNDING = (
    *(case for case in bridge_forward_delay.CASES if case.name == "bridge-forward-delay"),
    *(case for case in dhcp_reply_checksum_unfilled.CASES if case.name == "dhcp-reply-checksum-unfilled"),
    *(case for case in dhcp_reply_masqueraded.CASES if case.name == "dhcp-reply-masqueraded"),
)


each_case = pytest.mark.parametrize("case", FOUNDING, ids=lambda case: case.name)


@each_case
def test_a_founding_cause_is_proven_by_a_probe(case: Case) -> None:
    """From a cold site: for 30 s conntrack treats an OFFER as it treated the last one, whatever the rules say then."""
    assert isinstance(case.expect, Breaks)
    with open_site() as site:
        case.build(site)
        case.inject(site)
        told = site.doctor("diagnose", "--probe", *case.words)

    first = told.document["findings"][0]
    assert (first["name"], first["severity"], first["certainty"]) == (case.expect.cause, "broken", "proven")
    witnesses = [evidence for evidence in first["evidence"] if evidence["origin"].startswith("a probe of ")]
    assert witnesses, first


@each_case
def test_on_the_healthy_host_a_probe_proves_nothing(case: Case) -> None:
    assert isinstance(case.expect, Breaks)
    with open_site() as site:
        case.build(site)
        told = site.doctor("diagnose", "--probe", *case.words)

    assert case.expect.cause not in told.names()
    assert told.document["sources"][-1] == {"name": "probe", "status": "ok", "why": ""}
