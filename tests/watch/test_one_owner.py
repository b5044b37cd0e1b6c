"""What is proposed when two programs undo each other's work."""

from pxedoctor.verdict.happened import Standing, Who
from pxedoctor.watch.one_owner import proposed

DROPPED = Standing(
    id="NF002:virbr0",
    name="host-firewall-drops-dhcp",
    severity="broken",
    certainty="proven",
    headline="dropped",
    targets=("web01/52:54:00:0d:0d:01",),
)
MISSING = Standing(
    id="NF001:default",
    name="libvirt-rules-missing",
    severity="broken",
    certainty="proven",
    headline="gone",
    targets=("web01/52:54:00:0d:0d:01",),
)


def who(name: str, caller: str = "", unit: str = "") -> Who:
    return Who(
        pid=1,
        name=name,
        command="",
        ancestors=(),
        caller=caller,
        unit=unit,
        session="",
        uid=0,
        session_user=None,
        whole=True,
    )


def test_each_firewall_is_told_in_its_own_language() -> None:
    (ufw,) = proposed(DROPPED, (who("iptables", "ufw reload"),), ())
    assert "ufw allow in on virbr0 to any port 67 proto udp" in ufw
    (firewalld,) = proposed(DROPPED, (who("firewalld", unit="firewalld.service"),), ())
    assert "firewall-cmd --permanent --zone=libvirt --change-interface=virbr0" in firewalld
    (docker,) = proposed(DROPPED, (who("iptables", "dockerd", "docker.service"),), ())
    assert "DOCKER-USER" in docker
    (nftables,) = proposed(DROPPED, (who("nft", unit="nftables.service"),), ())
    assert "/etc/nftables.conf" in nftables
    assert 'iifname "virbr0" udp dport { 53, 67 } accept' in nftables


def test_a_script_that_nobody_knows_is_named_and_the_plan_s_own_words_follow() -> None:
    told = proposed(
        DROPPED, (who("iptables", "hardening --now"),), ("For good: the same command in /usr/sbin/hardening",)
    )
    assert told[0].startswith("or hardening --now leaves it alone")
    assert "/usr/sbin/hardening" in told[1]


def test_rules_that_libvirt_alone_writes_follow_the_unit_that_takes_them_away() -> None:
    assert proposed(MISSING, (who("nft", unit="nftables.service"),), ("systemctl restart libvirtd",)) == (
        "libvirt follows it: pxedoctor restart-after nftables.service --apply",
    )


def test_both_sides_are_proposed_once_each() -> None:
    told = proposed(DROPPED, (who("iptables", "ufw reload"), who("iptables", "ufw enable"), who("firewalld")), ())
    assert len(told) == 2
