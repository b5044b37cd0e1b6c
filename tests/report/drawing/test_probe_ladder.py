"""What a probe saw becomes arrows that end where the frames ended, as far as that was seen."""

from hypothesis import given
from hypothesis import strategies as st

from builders import offer, probed, sent, silent
from pxedoctor.model.observation import (
    Happening,
    ProbeOutcome,
    ProbeStage,
    SeenArp,
    SeenBootServer,
    SeenFetch,
    SeenNak,
    SeenState,
)
from pxedoctor.report.drawing.ladder import Arrow
from pxedoctor.report.drawing.mark import Mark
from pxedoctor.report.drawing.probe_ladder import BRIDGE, CLIENT, PORT, SERVER, STACK, probe_ladder
from report_builders import filtered_road, guest, passing_road


def ends(arrow: Arrow) -> tuple[int, int, Mark]:
    return arrow.start, arrow.end, arrow.mark


def test_a_question_that_is_answered_reaches_who_answers() -> None:
    ladder = probe_ladder(probed())
    assert ladder.lanes == ("probe as ipxe", "its port", "br0", "this host", "192.168.122.1")
    assert [ends(arrow) for arrow in ladder.arrows] == [(CLIENT, SERVER, Mark.GOOD), (SERVER, CLIENT, Mark.GOOD)]


def test_what_a_listening_port_takes_ends_at_the_port() -> None:
    states = (SeenState(0.0, "listening"), SeenState(15.0, "learning"), SeenState(30.0, "forwarding"))
    questions = (*sent(0.1, 1.1, state="listening"), *sent(31.0))
    ladder = probe_ladder(probed(states=states, sent=questions, offers=(offer(31.2),)))
    assert [ends(arrow) for arrow in ladder.arrows[:2]] == [(CLIENT, PORT, Mark.BAD)] * 2
    assert ladder.arrows[0].why == "lost, for the port is listening"
    assert [(band.state, band.at, band.until) for band in ladder.bands[:2]] == [
        ("listening", 0.0, 15.0),
        ("learning", 15.0, 30.0),
    ]
    assert [note.words for note in ladder.notes] == [
        "the port is listening",
        "the port is learning",
        "the port is forwarding",
    ]


def test_silence_ends_at_the_bridge_and_is_no_certainty() -> None:
    ladder = probe_ladder(silent(), (passing_road(guest()),))
    assert {ends(arrow) for arrow in ladder.arrows} == {(CLIENT, BRIDGE, Mark.DOUBT)}
    last = ladder.notes[-1]
    assert (last.words, last.mark) == ("the client gives up", Mark.BAD)
    assert last.at == 0.1 + 15, "as iPXE does, and not when the probe ended"


def test_a_silence_that_the_facts_explain_ends_where_they_say_and_says_that_they_say_it() -> None:
    ladder = probe_ladder(silent(), (filtered_road(guest()),))
    assert {ends(arrow) for arrow in ladder.arrows} == {(CLIENT, STACK, Mark.BAD)}
    assert ladder.arrows[0].why == "no answer; the facts say that it dies at input: a rule drops it"


def test_a_probe_that_was_cut_short_does_not_give_up() -> None:
    ladder = probe_ladder(silent(whole=False))
    assert (ladder.notes[-1].words, ladder.notes[-1].mark) == ("cut short before the client gives up", Mark.DOUBT)


def test_refused_offers_naks_and_wrong_sums_are_lost_at_the_client() -> None:
    offers = (offer(0.2, refused="it came from port 1024"), offer(0.3, checksum="bad"), offer(0.4, checksum="partial"))
    naks = (SeenNak(at=0.5, server="192.168.122.1", mac="52:54:00:00:00:01", why="wrong address"),)
    answers = [arrow for arrow in probe_ladder(probed(offers=offers, naks=naks)).arrows if arrow.end == CLIENT]
    assert [(arrow.label, arrow.mark) for arrow in answers] == [
        ("offer 192.168.122.57", Mark.BAD),
        ("offer 192.168.122.57", Mark.BAD),
        ("offer 192.168.122.57", Mark.GOOD),
        ("NAK", Mark.BAD),
    ]


def test_a_whole_boot() -> None:
    stages = (Happening(target="t", stage=ProbeStage.ACK, at=1.0, ok=True, detail="192.168.122.57 for 3600 s"),)
    fetches = (
        SeenFetch(at=2.0, seconds=0.5, url="tftp://192.168.122.1/a.0", outcome="fetched", why="", received=4096),
        SeenFetch(at=3.0, seconds=4.0, url="http://10.0.0.9/b", outcome="silent", why="nothing came"),
        SeenFetch(at=8.0, seconds=0.1, url="http://[bad/b", outcome="refused", why="no such file", status=404),
    )
    seen = probed(
        outcome=ProbeOutcome.FETCH_FAILED,
        sent=(*sent(0.1), *sent(0.9, what="REQUEST")),
        stages=stages,
        fetches=fetches,
        arps=(
            SeenArp(at=1.1, asked="offered", address="192.168.122.57", mac="52:54:00:00:00:09"),
            SeenArp(at=1.2, asked="boot-server", address="10.0.0.9", mac=""),
        ),
        boot_servers=(
            SeenBootServer(at=1.3, server="192.168.122.1", port=4011, answered=True, file="a.0"),
            SeenBootServer(at=1.4, server="192.168.122.1", port=4011, answered=False),
        ),
    )
    told = {arrow.at: (*ends(arrow), arrow.words) for arrow in probe_ladder(seen).arrows}
    assert told[0.9] == (CLIENT, SERVER, Mark.GOOD, "REQUEST")
    assert told[1.0] == (SERVER, CLIENT, Mark.GOOD, "ACK: 192.168.122.57 for 3600 s")
    assert told[1.1][2:] == (Mark.BAD, "ARP: who has 192.168.122.57: 52:54:00:00:00:09 answers: the address is taken")
    assert told[1.2][2] is Mark.DOUBT
    assert told[1.3][2:] == (Mark.GOOD, "port 4011 asked: it names a.0")
    assert told[1.4][2] is Mark.BAD
    assert told[2.5] == (SERVER, CLIENT, Mark.GOOD, "4096 bytes")
    assert told[3.0][1:3] == (BRIDGE, Mark.DOUBT)
    assert told[8.1][2:] == (Mark.BAD, "refused: no such file")


@given(st.lists(st.floats(0, 60), max_size=5), st.lists(st.floats(0, 60), max_size=5), st.text(max_size=5))
def test_any_times_and_names_make_a_ladder(asked: list[float], heard: list[float], server: str) -> None:
    states = (SeenState(0.0, "listening"), SeenState(4.0, "forwarding"))
    offers = tuple(offer(at, server=server) for at in heard)
    ladder = probe_ladder(probed(states=states, sent=sent(*sorted(asked)), offers=offers))
    assert len(ladder.arrows) == len(asked) + len(heard)
    assert [row.at for row in ladder.rows()] == sorted(row.at for row in ladder.rows())
