"""A drop that rules foretell, and what a probe says of it.

1. Nobody answered a probe that asked in full through a port that forwards: one more witness.
2. This host answered it all the same: the rule means the guest alone (its MAC, its port), or it is read wrongly here.
   Which of the two is not known, so the finding is no longer proven.
"""

import msgspec

from pxedoctor.findings.outcome import Broken, Evidence
from pxedoctor.model.target import Facts, Target
from pxedoctor.road.probed import heard_offers, named, unanswered


def weighed(found: Broken, facts: Facts, target: Target) -> Broken:
    """`found` says that a DISCOVER, or an offer to everybody, dies on this host."""
    heard = next((entry for entry in heard_offers(facts, target) if entry.of_this_host(facts.host)), None)
    if heard is not None:
        text = f"this host answered a probe all the same ({heard.offer.address}): the rule may mean this guest alone"
        return _with(found, Evidence(text, heard.origin, heard.offer.server), likely=True)
    silent = unanswered(facts, target)
    if silent is None:
        return found
    asked = len([packet for packet in silent.sent if packet.port_state == "forwarding"])
    text = f"a probe asked {asked} times through a port that forwards, and nobody answered"
    return _with(found, Evidence(text, named(silent)), likely=False)


def _with(found: Broken, evidence: Evidence, likely: bool) -> Broken:
    certainty = "likely" if likely else found.certainty
    return msgspec.structs.replace(found, evidence=(*found.evidence, evidence), certainty=certainty)
