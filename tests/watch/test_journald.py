"""Events in systemd's journal: fields as its native protocol has them, read back by the real journald."""

from pxedoctor.verdict.happened import EventWord, Happened, Standing, Who
from pxedoctor.watch.journald import datagram

EVENT = Happened(
    time="2026-02-03T04:05:06.000Z",
    event=EventWord.APPEARED,
    finding=Standing(
        id="NF002:br0",
        name="host-firewall-drops-dhcp",
        severity="broken",
        certainty="proven",
        headline="a rule drops it",
        targets=("web01", "web02"),
    ),
    what="firewall rules, generation 7",
    who=Who(
        pid=7,
        name="iptables",
        command="iptables -I INPUT\n PXEDOCTOR_CAUSE=forged",
        ancestors=(),
        caller="ufw enable",
        unit="",
        session="ssh",
        uid=0,
        session_user=0,
        whole=True,
    ),
)


def test_fields_stand_one_a_line() -> None:
    lines = datagram(EVENT).split(b"\n")
    assert b"PXEDOCTOR_CAUSE=host-firewall-drops-dhcp" in lines
    assert b"PXEDOCTOR_BY=ufw enable, by root from ssh" in lines
    assert [line for line in lines if line.startswith(b"PXEDOCTOR_TARGET=")] == [
        b"PXEDOCTOR_TARGET=web01",
        b"PXEDOCTOR_TARGET=web02",
    ]


def test_a_value_with_a_newline_cannot_make_a_field_of_its_own() -> None:
    command = EVENT.who.command.encode() if EVENT.who else b""
    whole = b"PXEDOCTOR_BY_COMMAND\n" + len(command).to_bytes(8, "little") + command + b"\n"
    assert whole in datagram(EVENT)
    assert datagram(EVENT).count(b"\nPXEDOCTOR_CAUSE=") == 1
