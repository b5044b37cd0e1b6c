"""What a person sees of a probe, word for word: golden/probe-*.txt. What programs see: the same, as JSON."""

import jsonschema
import msgspec
import pytest

from builders import TARGET, client, host, offer, probed, sent, silent, target
from golden import same_as_golden
from pxedoctor.dialogue.profiles.registry import profile_named
from pxedoctor.findings.outcome import Hop
from pxedoctor.model.observation import Happening, Probed, ProbeOutcome, ProbeStage, SeenFetch, SeenSwitch
from pxedoctor.model.target import Facts
from pxedoctor.report import json, json_schema
from pxedoctor.report.probe import render_happening, render_opening, render_verdict
from pxedoctor.report.probe_json import one_document, several_document
from pxedoctor.report.road import every_road
from pxedoctor.report.style import Style, draw
from pxedoctor.report.terminal import render
from pxedoctor.road.hop import Fate, Road, RoadHop
from pxedoctor.road.observed import observed
from pxedoctor.road.packet_name import PacketName
from pxedoctor.verdict.probe import NotProbed, Probes
from pxedoctor.verdict.report import Report, Verdict
from report_builders import BR001, guest, report, slow_bridge, slow_host

HOSTILE = "evil\x1b[2J\x9b31m\u202e<script>\n"
PLAIN = Style()


def told(stage: ProbeStage, at: float, ok: bool | None, detail: str, of: str = TARGET) -> Happening:
    return Happening(target=of, stage=stage, at=at, ok=ok, detail=detail)


TIMELINE = (
    told(ProbeStage.LINK, 0.0, True, "pxp4711n0 is a port of br0, MTU 1500"),
    told(ProbeStage.FORWARDING, 0.0, None, "the port is listening: it forwards after 30 s"),
    told(ProbeStage.DISCOVER, 3.0, False, "DISCOVER 1 is lost: the port is listening"),
    told(ProbeStage.OFFER, 3.0, None, "waits for an offer; iPXE would wait 15 s"),
    told(ProbeStage.OFFER, 30.17, True, "192.168.122.1 offers 192.168.122.57"),
)


def drawn(happenings: tuple[Happening, ...], style: Style, several: bool = False) -> str:
    return "\n".join(render_happening(happening, style, several) for happening in happenings)


def opening(style: Style = PLAIN, name: str = "ipxe") -> str:
    profile = profile_named(name)
    assert profile is not None
    return render_opening(guest(), profile, name == "ipxe", style)


def test_the_timeline() -> None:
    same_as_golden("probe-timeline", f"{opening()}\n{drawn(TIMELINE, PLAIN)}")


def test_the_timeline_in_colour_and_narrow() -> None:
    style = Style(width=50, colour=True)
    same_as_golden("probe-timeline-colour", f"{opening(style)}\n{drawn(TIMELINE, style)}")


def test_the_timelines_of_several_are_told_apart() -> None:
    of_two = tuple(msgspec.structs.replace(line, target=f"bridge/br{at % 2}") for at, line in enumerate(TIMELINE))
    same_as_golden("probe-timeline-several", drawn(of_two, PLAIN, several=True))


def test_a_client_that_never_gives_up_says_so() -> None:
    assert opening(name="systemd-networkd").replace("\n ", "").endswith("never gives up")


def offered(*more: Probed) -> Probes:
    return Probes(seen=(probed(), *more), not_probed=())


def test_an_offer() -> None:
    again = (offer(), offer(at=1.3), offer(at=0.4, proxy=True, address="", file="undionly.kpxe", server="10.0.0.9"))
    switch = SeenSwitch(
        at=1.0, by="lldp", mac="00:1b:00:00:00:01", name="sw1", detail="port ge-0/0/1, its port's VLAN 7"
    )
    probe = probed(offers=again, switches=(switch,))
    same_as_golden("probe-offered", render_verdict(Probes(seen=(probe,), not_probed=()), PLAIN))


def test_a_fetched_file() -> None:
    fetch = SeenFetch(at=0.5, seconds=0.25, url="tftp://192.168.122.1/boot.ipxe", outcome="fetched", why="", received=9)
    probe = probed(outcome=ProbeOutcome.FETCHED, why="boot.ipxe came whole", fetch=True, fetches=(fetch,))
    same_as_golden("probe-fetched", render_verdict(Probes(seen=(probe,), not_probed=()), PLAIN))


def test_silence_that_proves_nothing() -> None:
    probe = silent(whole=False, why="no offer in 4.5 s")
    probes = Probes(seen=(probe,), not_probed=())
    same_as_golden("probe-cut-short", render_verdict(probes, PLAIN))
    assert probes.verdict is Verdict.UNKNOWN


def test_several_and_one_that_could_not_be_made() -> None:
    refused = NotProbed(target="bridge/br1", bridge="br1", message="eno1 is a physical port", would_help="--on-wire")
    dropped = offer(refused="it does not come from port 67", source_port=1024)
    other = probed(target="bridge/br2", outcome=ProbeOutcome.REFUSED, why="no offer it would take", offers=(dropped,))
    probes = Probes(seen=(probed(), other), not_probed=(refused,))
    same_as_golden("probe-several", render_verdict(probes, PLAIN))
    assert probes.verdict is Verdict.BROKEN


def road(*places: tuple[Hop, Fate, str]) -> Road:
    hops = tuple(RoadHop(hop=hop, device="", predicted=fate, why=why) for hop, fate, why in places)
    return Road(target=TARGET, packet=PacketName.DISCOVER, hops=hops)


def judged(probe: Probed, *places: tuple[Hop, Fate, str], verdict: Verdict = Verdict.BROKEN) -> Report:
    """A report on one road, with what the probe saw of it."""
    way = observed(road(*places), target(), host(), (probe,))
    return msgspec.structs.replace(report((guest(), verdict), roads=(way,)), probes=(probe,))


PROMISED = (
    (Hop.NIC, Fate.PASS, "the guest has this NIC"),
    (Hop.PORT, Fate.PASS, "STP is off: a new port forwards at once"),
    (Hop.BRIDGE, Fate.PASS, "br0 takes it"),
    (Hop.SERVER, Fate.PASS, "dnsmasq listens on port 67"),
)


def test_silence_where_the_facts_promise_an_answer() -> None:
    probe = silent(why="no offer to 4 DISCOVERs")
    found = judged(probe, *PROMISED)
    probes = Probes(seen=(probe,), not_probed=(), facts=Facts(host=host()), report=found)
    same_as_golden("probe-silent-against-promise", render_verdict(probes, PLAIN))


def test_a_diagnosis_tells_of_that_silence_too() -> None:
    found = judged(silent(why="no offer to 4 DISCOVERs"), *PROMISED)
    same_as_golden("diagnose-probe-silent", render(found, PLAIN))


def test_verbose_tells_how_far_each_packet_was_seen() -> None:
    came = observed(road(*PROMISED), target(), host(), (probed(),))
    same_as_golden("diagnose-probe-verbose", "\n".join((_every(came), _every(judged(silent(), *PROMISED).roads[0]))))


def _every(*roads: Road) -> str:
    return draw(every_road(roads, guest(), PLAIN), PLAIN)


def test_an_answer_where_the_facts_say_that_it_dies() -> None:
    drop = (*PROMISED[:3], (Hop.INPUT, Fate.DROP, "INPUT's policy is DROP"))
    found = judged(probed(), *drop)
    same_as_golden("diagnose-probe-contradicts", render(found, PLAIN))


def test_the_first_cause_stands_under_the_verdict() -> None:
    """BR001 as the real check finds it, beside what the probe saw of the same."""
    facts = slow_host()
    web = guest()
    lost = silent(sent=sent(3.0, 4.0, state="listening"), offers=(offer(at=30.2),), why="the client gave up after 18 s")
    found = report((web, Verdict.BROKEN), findings=(slow_bridge(facts, web),))
    probes = Probes(seen=(lost,), not_probed=(), facts=facts, report=msgspec.structs.replace(found, probes=(lost,)))
    same_as_golden("probe-with-cause", render_verdict(probes, PLAIN))
    assert [f.finding.meta for f in found.findings] == [BR001]


def test_a_finding_makes_an_offer_a_broken_verdict() -> None:
    facts, web = slow_host(), guest(client=client("ipxe"))
    found = report((web, Verdict.BROKEN), findings=(slow_bridge(facts, web),))
    assert Probes(seen=(probed(),), not_probed=(), facts=facts, report=found).verdict is Verdict.BROKEN
    assert offered().verdict is Verdict.HEALTHY


def test_hostile_words_are_shown_and_not_obeyed() -> None:
    evil = offer(server=HOSTILE, file=HOSTILE, next_server=HOSTILE, refused=HOSTILE)
    fetch = SeenFetch(at=1, seconds=1, url=HOSTILE, outcome="refused", why=HOSTILE)
    switch = SeenSwitch(at=1, by="lldp", mac=HOSTILE, name=HOSTILE, detail=HOSTILE)
    probe = probed(offers=(evil,), fetches=(fetch,), switches=(switch,), why=HOSTILE, target=HOSTILE)
    refused = NotProbed(target=HOSTILE, bridge=HOSTILE, message=HOSTILE, would_help=HOSTILE)
    texts = [
        render_verdict(Probes(seen=(probe,), not_probed=(refused,)), PLAIN),
        drawn((told(ProbeStage.OFFER, 1.0, False, HOSTILE, of=HOSTILE),), PLAIN, several=True),
        json.encode(several_document(Probes(seen=(probe,), not_probed=(refused,)))),
    ]
    for text in texts:
        assert all(line.isprintable() for line in text.split("\n"))


@pytest.fixture(scope="module")
def schema() -> object:
    return msgspec.json.decode(json_schema.schema())


def test_the_json_of_one(schema: object) -> None:
    found = judged(silent(), *PROMISED)
    probes = Probes(seen=(silent(),), not_probed=(), facts=Facts(host=host()), report=found)
    document = msgspec.json.decode(json.encode(one_document(silent(), probes)))
    jsonschema.validate(document, schema)  # type: ignore[arg-type]
    assert (document["type"], document["outcome"], document["verdict"]) == ("probe", "silent", "broken")
    (way,) = document["roads"]
    assert [hop["observed"] for hop in way["hops"]] == ["pass", "pass", "not-seen", "not-seen"]
    assert way["parting"]["hop"] == "bridge"
    assert document["judged"]


def test_the_json_of_several(schema: object) -> None:
    refused = NotProbed(target="bridge/br1", bridge="br1", message="m", would_help="h")
    document = msgspec.json.decode(json.encode(several_document(Probes(seen=(probed(),), not_probed=(refused,)))))
    jsonschema.validate(document, schema)  # type: ignore[arg-type]
    assert (document["type"], document["verdict"]) == ("probes", "unknown")
    assert document["probes"][0]["offers"][0] == {
        "server": "192.168.122.1",
        "mac": "52:54:00:00:00:01",
        "address": "192.168.122.57",
        "file": "boot.ipxe",
        "next_server": "192.168.122.1",
        "checksum": "valid",
        "at": 0.3,
        "source": "192.168.122.1",
        "source_port": 67,
        "proxy": False,
        "refused": "",
    }
    assert document["not_probed"] == [{"target": "bridge/br1", "bridge": "br1", "message": "m", "would_help": "h"}]
    assert not document["probes"][0]["judged"]
