"""proxydhcp-unreachable: a proxy that is to name the boot file, asked in vain."""

import pytest

from boot_hosts import known, names, web01
from builders import finding, network, offer, probed, with_probes
from pxedoctor.checks.server import boot_file_not_offered
from pxedoctor.checks.server import proxydhcp_unreachable as check
from pxedoctor.findings.outcome import Broken, Fine, NotApplicable, Outcome
from pxedoctor.model.observation import Probed, SeenBootServer
from pxedoctor.plans.plan import NoPlan

LEASE = offer(file="", next_server="")
PROXY = offer(address="", proxy=True, file="", source="192.168.122.9", vendor_class="PXEClient", next_server="")


def asked(answered: bool = False, file: str = "", server: str = "192.168.122.9") -> SeenBootServer:
    return SeenBootServer(at=5.0, server=server, port=4011, answered=answered, file=file)


def seen(*servers: SeenBootServer, **changes: object) -> Probed:
    return probed(**({"fetch": True, "offers": (LEASE, PROXY), "boot_servers": servers} | changes))


def outcome(probe: Probed, boot: tuple[str, ...] = ("network",)) -> Outcome:
    return check.check(with_probes(known(network(), boot=boot), probe), web01())


def test_asked_in_vain() -> None:
    found = outcome(seen(asked()))
    assert isinstance(found, Broken)
    assert (found.certainty, found.severity) == ("proven", "broken")
    assert "192.168.122.9" in found.headline
    assert ("192.168.122.9:4011") in [entry.value for entry in found.evidence]


def test_a_file_in_the_offer_of_the_one_that_had_to_be_asked_counts_for_nothing() -> None:
    named = offer(address="", proxy=True, source="192.168.122.9", vendor_class="PXEClient", file="boot.efi")
    assert isinstance(outcome(seen(asked(), profile="ovmf", offers=(LEASE, named))), Broken)


def test_what_is_missing_then_is_not_a_name_that_nobody_gives() -> None:
    facts = with_probes(known(network()), seen(asked()))
    assert isinstance(boot_file_not_offered.check(facts, web01()), NotApplicable)


@pytest.mark.parametrize(
    "probe",
    [
        seen(asked(answered=True, file="boot.0")),
        seen(asked(), asked(answered=True, file="boot.0", server="192.168.122.8")),
        seen(asked(), offers=(LEASE, PROXY, offer(address="", proxy=True, source="192.168.122.8"))),
        seen(asked(), offers=(offer(), PROXY)),
    ],
    ids=["it answers", "another one answers", "another's offer has the file", "the DHCP server names one"],
)
def test_a_file_is_named(probe: Probed) -> None:
    assert isinstance(outcome(probe), Fine)


def test_nobody_was_asked() -> None:
    assert isinstance(outcome(seen()), NotApplicable)
    assert isinstance(check.check(known(names()), web01()), NotApplicable)


def test_from_the_disk_first() -> None:
    found = outcome(seen(asked()), boot=("hd", "network"))
    assert isinstance(found, Broken)
    assert found.severity == "risk"
    assert isinstance(outcome(seen(asked()), boot=("hd",)), NotApplicable)


def test_there_is_no_plan() -> None:
    planned = check.plan(finding(check, outcome(seen(asked()))), known(network()))
    assert isinstance(planned, NoPlan)
    assert "4011" in planned.instead[0]
