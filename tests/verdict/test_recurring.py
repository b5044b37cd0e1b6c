"""Which units take libvirt's rules away again and again."""

from msgspec.structs import replace

from pxedoctor.verdict.happened import EventWord, Happened, Standing, Who
from pxedoctor.verdict.recurring import recurring

MISSING = Standing(
    id="NF001:default",
    name="libvirt-rules-missing",
    severity="broken",
    certainty="proven",
    headline="gone",
    targets=("web01/52:54:00:0d:0d:01",),
)
NFTABLES = Who(
    pid=1,
    name="nft",
    command="nft -f /etc/nftables.conf",
    ancestors=("systemd",),
    caller="",
    unit="nftables.service",
    session="",
    uid=0,
    session_user=None,
    whole=True,
)
EVENT = Happened(time="2026-11-26T01:00:00.000Z", event=EventWord.APPEARED, finding=MISSING, what="x", who=NFTABLES)


def test_twice_is_again_and_once_is_not() -> None:
    assert recurring([EVENT]) == ()
    (found,) = recurring([EVENT, replace(EVENT, time="2026-11-26T02:00:00.000Z")])
    assert (found.unit, found.times, found.last) == ("nftables.service", 2, "2026-11-26T02:00:00.000Z")


def test_the_most_frequent_comes_first() -> None:
    docker = replace(EVENT, who=replace(NFTABLES, unit="docker.service"))
    assert [one.unit for one in recurring([EVENT, docker, EVENT, docker, docker])] == [
        "docker.service",
        "nftables.service",
    ]


def test_what_a_person_typed_or_cron_started_is_no_unit_s() -> None:
    typed = replace(EVENT, who=replace(NFTABLES, unit="ssh.service", session="ssh"))
    scheduled = replace(EVENT, who=replace(NFTABLES, unit="cron.service", session="cron"))
    assert recurring([typed, typed, scheduled, scheduled]) == ()


def test_what_a_restart_of_libvirt_does_not_bring_back_does_not_count() -> None:
    dropped = replace(EVENT, finding=replace(MISSING, name="host-firewall-drops-dhcp"))
    libvirt_itself = replace(EVENT, who=replace(NFTABLES, unit="libvirtd.service"))
    cleared = replace(EVENT, event=EventWord.CLEARED)
    assert recurring([dropped, dropped, libvirt_itself, libvirt_itself, cleared, cleared]) == ()
