"""nftables.service with a default-drop file: it takes libvirt's rules away, or overrules them from a table beside."""

import pytest

from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.parts import libvirt_site
from pxedoctor.lab.parts_bridge import attempt, remake_bridge, served_bridge_site
from pxedoctor.lab.parts_nftables import keep_rules, restart_nftables, restore_rules, stop_nftables, write_conf

pytestmark = pytest.mark.lab


def test_a_restart_takes_libvirts_rules_away() -> None:
    with open_site() as site:
        libvirt_site(site)
        keep_rules(site)
        before = site.run("iptables", "-S")
        write_conf(site)
        restart_nftables(site)
        tables = site.run("nft", "list", "tables")
        tried = attempt(site)
        restore_rules(site)
        restored = attempt(site)
        after = site.run("iptables", "-S")

    assert tables == "table inet filter\n"
    assert (tried.ok, restored.ok) == (False, True)
    assert before == after


def test_a_table_beside_libvirts_overrules_its_accept() -> None:
    with open_site() as site:
        libvirt_site(site)
        write_conf(site, flush=False, table="host")
        restart_nftables(site)
        accepts = site.run("iptables", "-S", "LIBVIRT_INP")
        tried = attempt(site)
        write_conf(site, flush=False, table="host", more=f'iifname "{site.bridge}" udp dport 67 accept')
        restart_nftables(site)
        opened = attempt(site)

    assert f"-A LIBVIRT_INP -i {site.bridge} -p udp -m udp --dport 67 -j ACCEPT" in accepts
    assert (tried.ok, opened.ok) == (False, True)


def test_a_rule_by_index_does_not_know_the_bridge_made_anew() -> None:
    with open_site() as site:
        served_bridge_site(site)
        write_conf(site, more=f'iif "{site.bridge}" udp dport 67 accept')
        restart_nftables(site)
        before = attempt(site)
        remake_bridge(site)
        remade = attempt(site)
        stop_nftables(site)
        stopped = attempt(site)

    assert (before.ok, remade.ok, stopped.ok) == (True, False, True)
