"""What a guest's serial line says while a trace runs: what its client asks for is known, and since when."""

from pathlib import Path

from builders import domain, host, target
from pxedoctor.care.guest_said import GuestSaid
from pxedoctor.model.libvirt import Daemon, Libvirt
from pxedoctor.model.traced import ServerWord, Traced

TRACED = Traced(target="t", bridge="br0", seconds=1.0, witnesses=())
# Of a guest whose screen nobody is asked for.
ASLEEP = Libvirt(daemons=(Daemon(name="virtqemud", asleep=True),))


def said(folder: Path, before: str, meanwhile: str) -> tuple[ServerWord, ...]:
    serial = folder / "serial.log"
    serial.write_text(before)
    with (
        GuestSaid(host(domains=(domain(serial=str(serial)),), libvirt=ASLEEP), target(), frozenset()) as guest,
        serial.open("a") as line,
    ):
        line.write(meanwhile)
    return guest.added(TRACED).words


def test_a_client_that_is_not_answered_asks(tmp_path: Path) -> None:
    lines = "login:\nhttps://ipxe.org/040ee119\nNothing to boot\n"
    found = [(word.text, word.asks) for word in said(tmp_path, "", lines)]
    assert found == [("https://ipxe.org/040ee119", True), ("Nothing to boot", False)]


def test_what_it_said_before_is_not_told(tmp_path: Path) -> None:
    assert said(tmp_path, "https://ipxe.org/040ee119\n", "login:\n") == ()
