"""Files read from TFTP servers, good ones and hostile ones."""

from ipaddress import IPv4Address
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packets import tftps
from pxedoctor.dialogue.event import Begin, Event, Heard, Stop, Wake
from pxedoctor.dialogue.profile import TftpHabits
from pxedoctor.dialogue.profiles import grub, ipxe, ovmf
from pxedoctor.dialogue.profiles.registry import PROFILES
from pxedoctor.dialogue.tftp import step
from pxedoctor.dialogue.tftp_state import Fetch, Transfer, TransferState
from pxedoctor.dialogue.wish import Deliver, Done, Outcome, Send
from pxedoctor.wire import tftp
from pxedoctor.wire.error import WireError
from pxedoctor.wire.udp import Udp
from script import SERVER, event_of, play

PLAIN = TftpHabits(options=(), retries=ipxe.PROFILE.tftp.retries)  # type: ignore[union-attr]
WINDOWED = TftpHabits(options=(("blksize", "8"), ("windowsize", "3")), retries=PLAIN.retries)


def fetching(habits: TftpHabits | None, limit: int = 1 << 20, seconds: float = 60) -> Transfer:
    assert habits is not None
    server = IPv4Address(SERVER)
    fetch = Fetch(
        client=IPv4Address("192.168.150.5"),
        server=server,
        file="pxelinux.0",
        habits=habits,
        limit=limit,
        seconds=seconds,
    )
    return Transfer(fetch=fetch, local_port=50000)


def test_ipxe_fetches_a_file() -> None:
    play(
        step,
        fetching(ipxe.PROFILE.tftp),
        """
        >> 0 begin
        << RRQ pxelinux.0 blksize=1432 tsize=0 to 69
        << wake 0.25
        >> 0.1 OACK blksize=1432 tsize=1500
        << ACK 0 to 40000
        << wake 0.35
        >> 0.2 DATA 1 1432
        << deliver 1432
        << ACK 1 to 40000
        << wake 0.45
        >> 0.3 DATA 2 68
        << deliver 68
        << ACK 2 to 40000
        << done fetched: 1500 bytes
        """,
    )


def test_a_server_without_options_sends_blocks_of_512() -> None:
    play(
        step,
        fetching(ipxe.PROFILE.tftp),
        """
        >> 0 begin
        << RRQ pxelinux.0 blksize=1432 tsize=0 to 69
        << wake 0.25
        >> 0.1 DATA 1 512
        << deliver 512
        << ACK 1 to 40000
        << wake 0.35
        >> 0.2 DATA 2 0
        << deliver 0
        << ACK 2 to 40000
        << done fetched: 512 bytes
        """,
    )


def test_ovmf_asks_for_the_size_and_breaks_off_first() -> None:
    play(
        step,
        fetching(ovmf.PROFILE.tftp),
        """
        >> 0 begin
        << RRQ pxelinux.0 tsize=0 blksize=1468 windowsize=4 to 69
        << wake 4
        >> 0.1 OACK tsize=55 blksize=1468 windowsize=4
        << ERROR 8 User aborted the transfer to 40000
        << file by 192.168.150.1: 55 bytes
        << RRQ pxelinux.0 blksize=1468 windowsize=4 to 69
        << wake 4.1
        >> 0.2 OACK blksize=1468 local=50001 port=40001
        << ACK 0 to 40001
        << wake 4.2
        >> 0.3 DATA 1 55 local=50001 port=40001
        << deliver 55
        << ACK 1 to 40001
        << done fetched: 55 bytes
        """,
    )


def test_a_server_that_knows_no_sizes_is_broken_off_too() -> None:
    play(
        step,
        fetching(ovmf.PROFILE.tftp),
        """
        >> 0 begin
        << RRQ pxelinux.0 tsize=0 blksize=1468 windowsize=4 to 69
        << wake 4
        >> 0.1 DATA 1 512
        << ERROR 8 User aborted the transfer to 40000
        << file by 192.168.150.1: its size is not told
        << RRQ pxelinux.0 blksize=1468 windowsize=4 to 69
        << wake 4.1
        """,
    )


def test_a_window_is_acknowledged_at_its_end() -> None:
    """RFC 7440."""
    play(
        step,
        fetching(WINDOWED),
        """
        >> 0 begin
        << RRQ pxelinux.0 blksize=8 windowsize=3 to 69
        << wake 0.25
        >> 0.1 OACK blksize=8 windowsize=3
        << ACK 0 to 40000
        << wake 0.35
        >> 0.2 DATA 1 8
        << deliver 8
        << wake 0.45
        >> 0.2 DATA 2 8
        << deliver 8
        << wake 0.45
        >> 0.2 DATA 3 8
        << deliver 8
        << ACK 3 to 40000
        << wake 0.45
        >> 0.3 DATA 4 3
        << deliver 3
        << ACK 4 to 40000
        << done fetched: 27 bytes
        """,
    )


def test_a_gap_in_a_window_is_told_once() -> None:
    play(
        step,
        fetching(WINDOWED),
        """
        >> 0 begin
        << RRQ pxelinux.0 blksize=8 windowsize=3 to 69
        << wake 0.25
        >> 0.1 OACK blksize=8 windowsize=3
        << ACK 0 to 40000
        << wake 0.35
        >> 0.2 DATA 1 8
        << deliver 8
        << wake 0.45
        >> 0.2 DATA 3 8
        << ACK 1 to 40000
        >> 0.3 DATA 3 8
        >> 0.3 DATA 2 8
        << deliver 8
        << wake 0.55
        """,
    )


def test_what_was_had_is_not_acknowledged_again() -> None:
    """The sorcerer's apprentice: each acknowledgement of a duplicate would double what follows."""
    play(
        step,
        fetching(PLAIN),
        """
        >> 0 begin
        << RRQ pxelinux.0 to 69
        << wake 0.25
        >> 0.1 DATA 1 512
        << deliver 512
        << ACK 1 to 40000
        << wake 0.35
        >> 0.2 DATA 1 512
        >> 0.35 wake
        << ACK 1 to 40000
        << wake 0.85
        """,
    )


def test_an_oack_that_comes_again_is_acknowledged_until_data_came() -> None:
    play(
        step,
        fetching(WINDOWED),
        """
        >> 0 begin
        << RRQ pxelinux.0 blksize=8 windowsize=3 to 69
        << wake 0.25
        >> 0.1 OACK blksize=8
        << ACK 0 to 40000
        << wake 0.35
        >> 0.2 OACK blksize=8
        << ACK 0 to 40000
        >> 0.3 DATA 1 8
        << deliver 8
        << ACK 1 to 40000
        << wake 0.55
        >> 0.4 OACK blksize=8
        """,
    )


def test_silence_ends_after_the_clients_tries() -> None:
    play(
        step,
        fetching(ipxe.PROFILE.tftp),
        """
        >> 0 begin
        << RRQ pxelinux.0 blksize=1432 tsize=0 to 69
        << wake 0.25
        >> 0.25 wake
        << RRQ pxelinux.0 blksize=1432 tsize=0 to 69
        << wake 0.75
        >> 0.75 wake
        << RRQ pxelinux.0 blksize=1432 tsize=0 to 69
        << wake 1.75
        >> 1.75 wake
        << RRQ pxelinux.0 blksize=1432 tsize=0 to 69
        << wake 3.75
        >> 3.75 wake
        << RRQ pxelinux.0 blksize=1432 tsize=0 to 69
        << wake 7.75
        >> 7.75 wake
        << RRQ pxelinux.0 blksize=1432 tsize=0 to 69
        << wake 15.75
        >> 15.75 wake
        << done silent: no answer to 6 tries after 0 bytes
        """,
    )


@pytest.mark.parametrize(
    ("habits", "events", "told"),
    [
        pytest.param(
            PLAIN, ">> 1 ERROR 1 no such file", "<< done refused: error 1: no such file", id="the server says no"
        ),
        pytest.param(
            PLAIN,
            ">> 1 OACK blksize=8",
            """<< ERROR 8 the server grants option 'blksize', which nobody asked for to 40000
            << done refused: the server grants option 'blksize', which nobody asked for""",
            id="an option that nobody asked for",
        ),
        pytest.param(
            WINDOWED,
            ">> 1 OACK blksize=9",
            """<< ERROR 8 TFTP option blksize is a number from 8 to 8, not '9' to 40000
            << done refused: TFTP option blksize is a number from 8 to 8, not '9'""",
            id="more than was asked for",
        ),
        pytest.param(
            PLAIN,
            ">> 1 DATA 1 513",
            """<< ERROR 4 a block of 513 bytes, not 512 to 40000
            << done refused: a block of 513 bytes, not 512""",
            id="a block too large",
        ),
        pytest.param(
            PLAIN,
            ">> 1 RRQ x",
            """<< ERROR 4 a server sends data, and no requests or acknowledgements to 40000
            << done refused: a server sends data, and no requests or acknowledgements""",
            id="a server that asks",
        ),
    ],
)
def test_what_ends_a_transfer(habits: TftpHabits, events: str, told: str) -> None:
    asked = " ".join(["RRQ pxelinux.0", *(f"{name}={value}" for name, value in habits.options)])
    play(step, fetching(habits), f">> 0 begin\n<< {asked} to 69\n<< wake 0.25\n{events}\n{told}")


def test_an_endless_file_has_an_end() -> None:
    play(
        step,
        fetching(PLAIN, limit=1000),
        """
        >> 0 begin
        << RRQ pxelinux.0 to 69
        << wake 0.25
        >> 0.1 DATA 1 512
        << deliver 512
        << ACK 1 to 40000
        << wake 0.35
        >> 0.2 DATA 2 512
        << ERROR 3 more than 1000 bytes to 40000
        << done refused: more than 1000 bytes
        """,
    )


def test_a_server_that_drips_has_an_end() -> None:
    """Each block comes just in time; all together they may not take more than 60 s."""
    transfer, _ = step(fetching(PLAIN), Begin(), 0)
    at, block, done = 0.0, 0, None
    while done is None:
        at, block = at + 0.2, block + 1
        transfer, wishes = step(transfer, event_of(f"DATA {block} 512"), at)
        transfer, more = step(transfer, Wake(), at)
        done = next((wish for wish in (*wishes, *more) if isinstance(wish, Done)), None)
    assert done.outcome is Outcome.STOPPED
    assert at == pytest.approx(60, abs=0.3)


def test_a_server_that_never_ends_has_its_time() -> None:
    """Block after block: the timer that silence would fire is put off for ever."""
    play(
        step,
        fetching(PLAIN, seconds=1),
        """
        >> 0 begin
        << RRQ pxelinux.0 to 69
        << wake 0.25
        >> 0.1 DATA 1 512
        << deliver 512
        << ACK 1 to 40000
        << wake 0.35
        >> 0.3 DATA 2 512
        << deliver 512
        << ACK 2 to 40000
        << wake 0.55
        >> 1.0 DATA 3 512
        << ERROR 0 it takes too long to 40000
        << done stopped: no end of it in 1 s, after 1536 bytes
        """,
    )


def test_strangers_are_told_and_not_without_end() -> None:
    transfer, _ = step(fetching(PLAIN), Begin(), 0)
    transfer, _ = step(transfer, event_of("DATA 1 512"), 0.1)
    answers = []
    for _ in range(20):
        transfer, wishes = step(transfer, event_of("DATA 2 512 port=666"), 0.2)
        answers += wishes
    assert len(answers) == 8
    sent = answers[0]
    assert isinstance(sent, Send)
    assert sent.datagram.destination_port == 666
    assert tftp.parse(sent.datagram.payload) == tftp.Error(code=5, message="this transfer is with another port")
    assert transfer.block == 1


def test_blocks_go_on_with_zero() -> None:
    """40 MB in blocks of 512 are more than 65535."""
    transfer, _ = step(fetching(PLAIN, limit=1 << 26, seconds=1e9), Begin(), 0)
    delivered = 0
    for block in range(1, 70000):
        transfer, wishes = step(transfer, event_of(f"DATA {block % 65536} 512"), float(block))
        delivered += sum(len(wish.content) for wish in wishes if isinstance(wish, Deliver))
    assert delivered == 512 * 69999
    transfer, wishes = step(transfer, event_of(f"DATA {70000 % 65536} 1"), 70000)
    assert isinstance(wishes[-1], Done)
    assert wishes[-1].outcome is Outcome.FETCHED


def test_stopping_tells_the_server() -> None:
    transfer, _ = step(fetching(PLAIN), Begin(), 0)
    early, wishes = step(transfer, Stop(), 0.1)
    assert [type(wish) for wish in wishes] == [Done]
    assert early.state is TransferState.OVER
    transfer, _ = step(transfer, event_of("DATA 1 512"), 0.1)
    _, wishes = step(transfer, Stop(), 0.2)
    assert [type(wish) for wish in wishes] == [Send, Done]


def test_the_port_after_the_last_is_the_first_free_one() -> None:
    with pytest.raises(WireError):
        Transfer(fetch=fetching(PLAIN).fetch, local_port=65536)
    transfer = Transfer(fetch=fetching(ovmf.PROFILE.tftp).fetch, local_port=65535)
    transfer, _ = step(transfer, Begin(), 0)
    transfer, _ = step(transfer, event_of("OACK tsize=1 local=65535"), 0.1)
    assert transfer.local_port == 49152


def test_packets_for_others_and_malformed_ones_change_nothing() -> None:
    play(
        step,
        fetching(grub.PROFILE.tftp),
        """
        >> 0 begin
        << RRQ pxelinux.0 blksize=1024 tsize=0 to 69
        << wake 0.4
        >> 0.1 DATA 1 512 local=50009
        """,
    )
    transfer, _ = step(fetching(PLAIN), Begin(), 0)
    datagram = Udp(source_port=40000, destination_port=50000, payload=b"\0\7")
    transfer, wishes = step(transfer, Heard(source=IPv4Address(SERVER), datagram=datagram), 0.1)
    assert transfer.peer is None
    assert [type(wish).__name__ for wish in wishes] == ["Notice"]


events = st.one_of(
    st.sampled_from([Begin(), Wake(), Stop()]),
    st.builds(
        lambda payload, port: Heard(
            source=IPv4Address(SERVER), datagram=Udp(source_port=port, destination_port=50000, payload=payload)
        ),
        st.binary(max_size=100) | tftps.map(tftp.build),
        st.sampled_from([40000, 40000, 40000, 69]),
    ),
)
HABITS = [profile.tftp for profile in PROFILES if profile.tftp]


@given(st.sampled_from([*HABITS, PLAIN, WINDOWED]), st.lists(st.tuples(events, st.floats(0, 2)), max_size=30))
def test_whatever_happens_it_goes_on_or_ends(habits: Any, happening: list[tuple[Event, float]]) -> None:
    transfer, at = fetching(habits), 0.0
    for event, later in happening:
        at += later
        before = transfer.state
        transfer, wishes = step(transfer, event, at)
        for wish in wishes:
            if isinstance(wish, Send):
                tftp.parse(wish.datagram.payload)
        if before is TransferState.OVER:
            assert not wishes
