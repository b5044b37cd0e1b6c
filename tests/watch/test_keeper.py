"""The keeper on real hosts of their own: real libvirt, ufw, firewalld, dockerd, nftables, and who it was."""

from collections.abc import Iterator

import pytest

from pxedoctor.lab import parts_docker, parts_firewalld, parts_nftables, parts_ufw
from pxedoctor.lab.faults.filter import host_firewall_drops_dhcp
from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.parts import libvirt_site
from pxedoctor.lab.parts_boot import FILE, ROOT, boot_site
from pxedoctor.lab.site import Site
from pxedoctor.lab.watched import watched
from pxedoctor.watch.happened import UNHEARD

pytestmark = pytest.mark.lab

NF001, NF002 = "libvirt-rules-missing", "host-firewall-drops-dhcp"


@pytest.fixture
def site() -> Iterator[Site]:
    with open_site() as opened:
        yield opened


def test_a_rule_above_libvirt_s_is_told_with_the_script_that_put_it_there(site: Site) -> None:
    libvirt_site(site)
    site.write("/usr/local/sbin/hardening", "#!/bin/sh\niptables -I INPUT 1 -p udp --dport 67 -j DROP\n")
    site.run("chmod", "755", "/usr/local/sbin/hardening")
    with watched(site) as keeper:
        site.run("/usr/local/sbin/hardening")
        appeared = keeper.until("appeared", NF002)
        assert appeared["who"]["name"] == "iptables"
        assert appeared["who"]["caller"].startswith("hardening"), appeared["who"]

        # A caller that is gone at once, and a writer that lives for some milliseconds.
        site.run("sh", "-c", "iptables -F LIBVIRT_INP & exit 0")
        changed = keeper.until("appeared", NF001)
        assert changed["who"]["name"] == "iptables"
        assert changed["who"]["whole"], changed["who"]


def test_iptables_legacy_which_sends_no_event_is_told_by_its_lock(site: Site) -> None:
    libvirt_site(site)
    with watched(site) as keeper:
        site.run("sh", "-c", "iptables-legacy -I INPUT 1 -p udp --dport 67 -j DROP; :")
        told = keeper.until("appeared", NF002)
        assert "iptables-legacy" in told["who"]["name"] + told["who"]["command"] or told["who"]["whole"], told["who"]


def test_a_server_that_is_killed_is_told_and_what_nobody_hears_is_found_on_the_next_round(site: Site) -> None:
    boot_site(site)
    with watched(site, "--every", "2") as keeper:
        # No source tells of the server's files. What else stirs on a busy host may have them looked at in that moment.
        for _ in range(5):
            site.run("chmod", "0600", f"{ROOT}/{FILE}")
            told = keeper.until("appeared", "boot-file-unreadable")
            if told["what"] == UNHEARD:
                break
            site.run("chmod", "0644", f"{ROOT}/{FILE}")
            keeper.until("cleared", "boot-file-unreadable")
        assert (told["what"], told["who"], told["seconds"]) == (UNHEARD, None, 0)

        site.run("sh", "-c", "kill -9 $(cat /run/libvirt/network/lab.pid)")
        told = keeper.until("appeared", "dhcp-server-dead")
        assert told["finding"]["targets"] == ["web01/52:54:00:0d:0d:01"]


def test_ufw_is_named_and_what_it_broke_is_put_back(site: Site) -> None:
    """`ufw enable` on a host whose own dnsmasq serves a bridge: the next guest gets its address all the same."""
    case = next(case for case in host_firewall_drops_dhcp.CASES if "ufw enable" in case.story)
    case.build(site)
    with watched(site, "--repair") as keeper:
        parts_ufw.enable(site)
        appeared = keeper.until("appeared", NF002)
        assert appeared["who"]["caller"].startswith("ufw"), appeared["who"]
        repaired = keeper.until("repaired", NF002)
        assert repaired["what"].startswith("verified"), repaired
        assert case.attempt(site).ok


def test_firewalld_s_reload_that_heals_itself_is_no_alarm_that_stays(site: Site) -> None:
    parts_firewalld.firewalld_site(site)
    with watched(site, "--repair") as keeper:
        parts_firewalld.reload_firewalld(site)
        site.run("sh", "-c", "kill -9 $(cat /run/libvirt/network/lab.pid)")
        keeper.until("appeared", "dhcp-server-dead")
    standing = {told["finding"]["id"] for told in keeper.told if told["event"] == "appeared" and told["finding"]}
    ends = {"dipped", "cleared", "repaired"}
    gone = {told["finding"]["id"] for told in keeper.told if told["event"] in ends and told["finding"]}
    assert {entry for entry in standing - gone if entry.startswith("NF")} == set(), keeper.told


def test_nftables_service_is_named(site: Site) -> None:
    libvirt_site(site)
    parts_nftables.write_conf(site)
    with watched(site) as keeper:
        parts_nftables.restart_nftables(site)
        appeared = keeper.next()
        assert appeared["finding"]["name"] in {NF001, NF002}
        assert appeared["who"]["name"] == "nft"
        assert "nftables.conf" in appeared["who"]["command"], appeared["who"]


def test_whoever_breaks_it_beside_a_dockerd_that_writes_is_named(site: Site) -> None:
    libvirt_site(site)
    parts_docker.show_cgroups(site)
    with watched(site) as keeper:
        parts_docker.start_docker(site)
        site.write("/usr/local/sbin/hardening", "#!/bin/sh\niptables -I INPUT 1 -p udp --dport 67 -j DROP\n")
        site.run("chmod", "755", "/usr/local/sbin/hardening")
        site.run("/usr/local/sbin/hardening")
        told = keeper.until("appeared", NF002)
        # dockerd may still be writing: then both are named.
        assert any("hardening" in words for words in (told["who"]["caller"], *told["others"])), told


def test_two_parties_that_fight_are_named_and_the_keeper_stops(site: Site) -> None:
    libvirt_site(site)
    site.write("/usr/local/sbin/hardening", "#!/bin/sh\niptables -I INPUT 1 -p udp --dport 67 -j DROP\n")
    site.run("chmod", "755", "/usr/local/sbin/hardening")
    with watched(site, "--repair") as keeper:
        for _ in range(3):
            site.run("/usr/local/sbin/hardening")
            keeper.until("repaired", NF002)
        fight = keeper.until("fight", NF002)
        assert "3 times" in fight["what"]
        assert "hardening" in fight["what"]
        assert any(way.startswith("or hardening leaves it alone") for way in fight["instead"]), fight["instead"]

        site.run("/usr/local/sbin/hardening")
        keeper.until("appeared", NF002)
        site.run("sh", "-c", "kill -9 $(cat /run/libvirt/network/lab.pid)")
        keeper.until("appeared", "dhcp-server-dead")
    assert [told["event"] for told in keeper.told].count("repaired") == 3


def test_a_change_with_others_behind_it_has_a_provisional_word_and_then_one_that_stays(site: Site) -> None:
    libvirt_site(site)
    chain = "add table inet t; add chain inet t c { type filter hook input priority -5; }"
    drop = f"{chain}; add rule inet t c udp dport 67 drop"
    site.write("/tmp/storm", "\n".join((drop, *("add table inet u", "delete table inet u") * 1000, "")))
    with watched(site) as keeper:
        # On a loaded machine the storm may pause longer than a burst does: then the word that stays comes at once.
        for _ in range(5):
            site.run("sh", "-c", "nft -i < /tmp/storm")
            keeper.until("appeared", NF002)
            if any(told["event"] == "provisional" for told in keeper.told):
                break
            site.run("nft", "delete", "table", "inet", "t")
            keeper.until("cleared", NF002)
    first = next(told for told in keeper.told if told["event"] == "provisional")
    assert first["finding"]["name"] == NF002
    assert first["who"]["name"] == "nft"
