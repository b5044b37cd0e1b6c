"""What a rule of an nft listing says: conditions with what they imply, actions in order, never more than is known.

Verified against the bytecode that nft 1.0.6 makes of the same text (nft --debug=netlink).
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nft_shown import says, shown
from pxedoctor.netfilter.condition import Unmodelled
from pxedoctor.netfilter.nft_rule import read_rule
from pxedoctor.netfilter.syntax import Ends, Rule, Strange

FAMILIES = ("ip", "ip6", "inet", "arp", "bridge", "netdev")


def rule(text: str, family: str = "inet") -> Rule:
    return read_rule(family, "input", 7, text)


def test_a_rule_keeps_its_text_handle_and_comment() -> None:
    read = rule('udp dport 67 accept comment "guests # handle 9" # handle 41')
    assert (read.chain, read.line, read.handle, read.comment) == ("input", 7, 41, "guests # handle 9")
    assert read.text == 'udp dport 67 accept comment "guests # handle 9"'


def test_without_dash_a_there_is_no_handle() -> None:
    read = rule('drop comment "# handle 3"')
    assert (read.handle, read.comment, shown(read)) == (None, "# handle 3", "DROP")


@pytest.mark.parametrize("comment", ['it is a "b"', '" accept', "{", "a, b } drop", ""])
def test_whatever_a_comment_holds_it_is_no_rule(comment: str) -> None:
    read = rule(f'udp dport 67 drop comment "{comment}" # handle 2')
    assert (read.comment, shown(read)) == (comment, "protocol = 17; dport = 67; DROP")


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("udp dport 67", "protocol = 17; dport = 67"),
        ("udp sport 68 udp dport 67", "protocol = 17; sport = 68; dport = 67"),
        ("meta l4proto udp udp dport 67", "protocol = 17; dport = 67"),
        ("tcp dport { 22, 80-90 }", "protocol = 6; dport = 22 | 80-90"),
        ("udp dport != 67", "protocol = 17; dport != 67"),
        ("udp dport != { 67, 68 }", "protocol = 17; dport != 67 | 68"),
        ("udp dport >= 1024", "protocol = 17; dport = 1024-65535"),
        ("udp dport < 1024", "protocol = 17; dport = 0-1023"),
        ("udp dport > 65535", "protocol = 17; dport = 65536-65535"),
        ("th dport 53", "bits 16-31 = 53"),
        ("meta l4proto { tcp, udp } th dport 53", "protocol = 6 | 17; bits 16-31 = 53"),
        ("sctp dport 5", "protocol = 132; ?sctp dport 5?"),
        ("icmp type echo-request", "protocol = 1; ICMP type = 8"),
        ("icmpv6 type { nd-router-solicit, 136 }", "protocol = 58; ICMP type = 133 | 136"),
        ("icmp type router-solicitation-20", "protocol = 1; ICMP type = 10-20"),
        ("meta l4proto ipv6-icmp", "protocol = 58"),
        ("meta l4proto nosuch", "?meta l4proto nosuch?"),
        ("tcp flags syn", "protocol = 6; TCP flags with 0x2"),
        ("tcp flags ! syn,rst", "protocol = 6; TCP flags without 0x6"),
        ("tcp flags == syn", "protocol = 6; TCP flags = 2"),
        ("tcp flags != 0x12", "protocol = 6; TCP flags != 18"),
        ("tcp flags syn / fin,syn,rst,ack", "protocol = 6; TCP flags & 0x17 = 2"),
        ("tcp flags & (fin | syn | rst | ack) == syn", "protocol = 6; TCP flags & 0x17 = 2"),
        ("tcp flags & (fin|syn) != 0", "protocol = 6; TCP flags with 0x3"),
        ("tcp flags { syn, syn | ack }", "protocol = 6; TCP flags = 2 | 18"),
    ],
)
def test_what_a_header_implies_is_said(text: str, meaning: str) -> None:
    assert says(text) == meaning


@pytest.mark.parametrize(
    ("family", "text", "meaning"),
    [
        ("ip", "ip protocol udp", "protocol = 17"),
        ("inet", "ip protocol udp", "ethertype = 0x800; protocol = 17"),
        ("inet", "ip6 nexthdr udp", "ethertype = 0x86dd; protocol = 17"),
        ("inet", "ip saddr 10.0.0.0/8", "source = 10.0.0.0-10.255.255.255"),
        ("inet", "ip saddr != 10.0.0.1-10.0.0.9", "source != 10.0.0.1-10.0.0.9"),
        ("inet", "ip saddr & 255.0.255.0 == 10.0.1.0", "source & 0xff00ff00 = 10.0.1.0"),
        ("ip6", "ip6 saddr fe80::/10", "source6 = fe80::-febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("inet", "ip ttl 1", "ethertype = 0x800; TTL or hop limit = 1"),
        ("inet", "ip dscp cs1", "ethertype = 0x800; ?ip dscp cs1?"),
        ("inet", "meta nfproto ipv4", "family (NFPROTO_*) = 2"),
        ("inet", "meta protocol { ip, arp }", "ethertype = 0x800 | 0x806"),
        ("bridge", "ether type arp", "type = 0x806"),
        ("bridge", "ether type 8021q vlan type ip", "type = 0x8100; VLAN id = 0-4095; ethertype = 0x800"),
        ("bridge", "vlan id 5", "VLAN id = 5"),
        ("bridge", "ether saddr 52:54:00:00:00:01", "source MAC = 0x525400000001"),
        ("inet", "ether saddr 52:54:00:00:00:01", 'in != ""; source MAC = 0x525400000001'),
        ("arp", "arp operation request arp saddr ip 192.0.2.1", "ARP operation = 1; ARP sender address = 192.0.2.1"),
        ("ip", "ip frag-off & 8191 != 0", "fragment offset & 0x1fff != 0"),
        ("ip", "ip frag-off & 0x4000 != 0", "?ip frag-off & 0x4000 != 0?"),
        ("inet", "ip frag-off 5", "ethertype = 0x800; ?ip frag-off 5?"),
        ("inet", "ip saddr . ip id @x", "ethertype = 0x800; ?ip saddr . ip id @x?"),
        ("ip", "meta length 100-200", "length = 100-200"),
        ("arp", "arp htype 1 arp hlen 6 arp plen 4", "always; always; always"),
        ("bridge", "arp ptype != ip", "ethertype = 0x806; never"),
        ("inet", "ip version { 4, 6 }", "ethertype = 0x800; always"),
        ("inet", "ip version > 4", "ethertype = 0x800; never"),
        ("inet", "ip version & 3 == 0", "ethertype = 0x800; ?ip version & 3 == 0?"),
        ("bridge", "meta length 100-200", "?meta length 100-200?"),
        ("inet", "exthdr frag exists", "ethertype = 0x86dd; ?exthdr frag exists?"),
        ("inet", "tcp option sack-perm missing", "?tcp option sack-perm missing?"),
        ("inet", "@nh,0,8 0x45", "?@nh,0,8 0x45?"),
    ],
)
def test_what_the_tables_family_implies(family: str, text: str, meaning: str) -> None:
    assert says(text, family) == meaning


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ('iifname "virbr0"', 'in = "virbr0"'),
        ('iifname "virbr*"', 'in = "virbr*"'),
        ('iifname "a\\*"', 'in = "a*"'),
        ('iifname != { "lo", "vnet*" }', 'in != "lo" | "vnet*"'),
        ('oifname "eth0"', 'out = "eth0"'),
        ('iif "virbr0"', 'in = "virbr0"'),
        ("iif 99", "in device's index = 99"),
        ("oif != 99", "out device's index != 99"),
        ('iif { "lo", 99 }', 'in = "lo"'),
        ("iif > 3", "in device's index = 4-4294967295"),
        ('iifgroup { "default", 5 }', "in device's group = 0 | 5"),
        ('meta ibrname "br0"', 'bridge it came in through = "br0"'),
        ("meta pkttype { host, broadcast }", "packet type (PACKET_*) = 0 | 1"),
        ("pkttype multicast", "packet type (PACKET_*) = 2"),
        ("meta skuid 0", "?meta skuid 0?"),
        ('meta hour "10:00"-"12:00"', '?meta hour "10:00"-"12:00"?'),
    ],
)
def test_devices_and_the_packets_own_data(text: str, meaning: str) -> None:
    assert says(text) == meaning


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("ct state established,related", "state with 0x6"),
        ("ct state { established, related }", "state = 2 | 4"),
        ("ct state != established | related", "state != 6"),
        ("ct state != new", "state != 8"),
        ("ct state ! new", "state without 0x8"),
        ("ct state == established", "state = 2"),
        ("ct mark 0x00000010", "ct mark = 0x10"),
        ("ct mark & 0x000000ff != 0x00000000", "ct mark & 0xff != 0x0"),
        ("ct direction reply", "direction = 1"),
        ("ct status dnat", "status with 0x20"),
        ("ct status ! snat,dnat", "status without 0x30"),
        ("ct status != dnat", "?ct status != dnat?"),
        ("ct status assured,dnat", "?ct status assured,dnat?"),
        ("ct original ip saddr 10.0.0.1", "direction = 0-1; ?ct original ip saddr 10.0.0.1?"),
        ("meta mark & 0x00000003 | 0x00000002 == 0x00000003", "mark & 0x1 = 0x1"),
        ("meta mark ^ 0x0000000f == 0x00000003", "mark = 0xc"),
        ("meta mark & 0x0000000f ^ 0x00000001 1-3", "?meta mark & 0x0000000f ^ 0x00000001 1-3?"),
        ("mark 0x1", "mark = 0x1"),
    ],
)
def test_marks_and_the_connections_state(text: str, meaning: str) -> None:
    assert says(text) == meaning


@pytest.mark.parametrize(
    ("family", "text", "meaning"),
    [
        ("ip", "fib daddr type local", "destination is local"),
        ("ip6", "fib saddr type { local, unicast }", "source6 is local/unicast"),
        ("inet", "fib daddr type != local", "neither (destination is local or destination6 is local)"),
        ("ip", "fib daddr . iif type local", "destination is local"),
        ("ip", "fib saddr . iif oif missing", "no route back"),
        ("ip", "fib saddr . iif oif 0", "no route back"),
        ("ip", "fib saddr . mark . iif oif exists", "a route back"),
        ("ip", "fib saddr . iif oif != 0", "a route back"),
        ("ip", "fib saddr . iif check missing", "no route back"),
        ("ip", "fib saddr oif missing", "?fib saddr oif missing?"),
        ("ip", 'fib saddr . iif oifname "eth0"', '?fib saddr . iif oifname "eth0"?'),
    ],
)
def test_what_the_routes_say(family: str, text: str, meaning: str) -> None:
    assert says(text, family) == meaning


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("ip saddr @friends", "source in @friends"),
        ("ip saddr != @friends", "source not in @friends"),
        ("ip saddr . udp dport @pairs", "protocol = 17; source . dport in @pairs"),
        (
            "ip saddr . udp dport { 10.0.0.0/8 . 53, 2.2.2.2 . 54-55 }",
            "protocol = 17; source . dport in {10.0.0.0-10.255.255.255 . 53, 2.2.2.2 . 54-55}",
        ),
        ('iifname . udp dport { "lo" . 67 }', 'protocol = 17; in . dport in {"lo" . 67}'),
        ('ip saddr { 1.1.1.1 comment "x, y", 2.2.2.2 }', "source = 1.1.1.1 | 2.2.2.2"),
        ("ip saddr { 1.1.1.1 limit rate 5/second }", "ethertype = 0x800; ?ip saddr { 1.1.1.1 limit rate 5/second }?"),
        ("ip dscp . udp dport @x", "ethertype = 0x800; protocol = 17; ?ip dscp . udp dport @x?"),
        ("meta mark & 0xff @x", "?meta mark & 0xff @x?"),
        ("ct state { new,established } accept", "?ct state { new,established }?; ACCEPT"),
        ("udp dport { } accept", "protocol = 17; ?udp dport { }?; ACCEPT"),
        ("udp dport < { 67 } accept", "protocol = 17; ?udp dport < { 67 }?; ACCEPT"),
        ("udp dport vmap { 67 : accept, 68 : jump dhcp }", "protocol = 17; dport -> {67 : ACCEPT, 68 : JUMP dhcp}"),
        ('iifname vmap { "lo" : accept, "b*" : goto x }', 'in -> {"lo" : ACCEPT, "b*" : GOTO x}'),
        ("iifname vmap @from", "in -> @from"),
        ("ct state vmap { invalid : drop, established : accept }", "state -> {1 : DROP, 2 : ACCEPT}"),
        (
            "ip saddr vmap { * : drop, 10.0.0.1 : accept }",
            "source -> {10.0.0.1 : ACCEPT, 0.0.0.0-255.255.255.255 : DROP}",
        ),
        ('iif vmap { "lo" : accept, 7 : drop }', 'in -> {"lo" : ACCEPT}'),
        ("ip dscp vmap { cs1 : accept }", "ethertype = 0x800; !ip dscp vmap { cs1 : accept }!"),
        ("numgen inc mod 2 vmap { 0 : accept, 1 : drop }", "!numgen inc mod 2 vmap { 0 : accept, 1 : drop }!"),
        ('iifname vmap { ""/8 : accept, "b" : drop }', '!iifname vmap { ""/8 : accept, "b" : drop }!'),
    ],
)
def test_sets_and_verdict_maps(text: str, meaning: str) -> None:
    assert says(text) == meaning


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("jump lan", "JUMP lan"),
        ("goto lan", "GOTO lan"),
        ("return", "RETURN"),
        ("continue", "CONTINUE"),
        ("counter packets 1 bytes 2 drop", "(counter packets 1 bytes 2); DROP"),
        ('counter name "web" accept', '(counter name "web"); ACCEPT'),
        (
            'log prefix "x drop: " level warn flags tcp sequence,options flags ip options drop',
            '(log prefix "x drop: " level warn flags tcp sequence,options flags ip options); DROP',
        ),
        ("log group 2 snaplen 100 queue-threshold 5 accept", "(log group 2 snaplen 100 queue-threshold 5); ACCEPT"),
        ("limit rate 10/minute burst 5 packets accept", "?limit rate 10/minute burst 5 packets?; ACCEPT"),
        (
            "limit rate over 10 mbytes/second burst 5 kbytes drop",
            "?limit rate over 10 mbytes/second burst 5 kbytes?; DROP",
        ),
        ("quota over 25 mbytes used 3 kbytes drop", "?quota over 25 mbytes used 3 kbytes?; DROP"),
        ("ct count over 20 reject", "?ct count over 20?; REJECT"),
        ("reject with icmp port-unreachable", "ethertype = 0x800; REJECT"),
        ("reject with icmpx type admin-prohibited", "REJECT"),
        ("meta l4proto tcp reject with tcp reset", "protocol = 6; REJECT"),
        ("queue num 1-3 bypass,fanout", "QUEUE 1-3 bypass"),
        ("queue flags bypass,fanout to 1-3", "QUEUE 1-3 bypass"),
        ("queue flags bypass to 1", "QUEUE 1 bypass"),
        ("queue", "QUEUE 0"),
        ("queue to numgen inc mod 2", "QUEUE"),
        ("udp dport 67 notrack", "protocol = 17; dport = 67; NOTRACK"),
        ("last used 5h3s accept", "(last used 5h3s); ACCEPT"),
        (
            "synproxy mss 1460 wscale 7 timestamp sack-perm",
            "protocol = 6; !synproxy mss 1460 wscale 7 timestamp sack-perm!",
        ),
        ("flow add @f", "(flow add @f)"),
        ("dup to 1.1.1.1 accept", "(dup to 1.1.1.1); ACCEPT"),
        ('fwd to "lo"', '!fwd to "lo"!'),
        ("tcp dport 80 tproxy to :50080 accept", "protocol = 6; dport = 80; !tproxy to :50080!; ACCEPT"),
    ],
)
def test_statements(text: str, meaning: str) -> None:
    assert says(text) == meaning


@pytest.mark.parametrize(
    ("family", "text", "meaning"),
    [
        ("ip", "masquerade", "REWRITE source"),
        ("ip", "ip protocol tcp masquerade to :1024-65535", "protocol = 6; REWRITE source"),
        ("inet", "snat ip to 10.0.0.1", "ethertype = 0x800; REWRITE source"),
        ("ip", "dnat to 10.0.0.1:80", "REWRITE destination"),
        ("inet", "dnat ip6 to [fd00::1]:80", "ethertype = 0x86dd; REWRITE destination"),
        ("ip", "redirect to :8080", "REWRITE destination"),
        ("ip", "dnat to tcp dport map @m", "protocol = 6; ?dnat to tcp dport map @m?; REWRITE destination"),
    ],
)
def test_nat_ends_a_base_chain_as_accept_does(family: str, text: str, meaning: str) -> None:
    assert says(text, family) == meaning


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("meta mark set 0x10", "mark := 0x10"),
        ("meta mark set meta mark & 0xffffff05 | 0x00000005", "mark := mark & 0xffffff00 ^ 0x5"),
        ("meta mark set meta mark ^ 0x5", "mark := mark & 0xffffffff ^ 0x5"),
        ("meta mark 0x1 meta mark set 0x2 meta mark 0x1 drop", "mark = 0x1; mark := 0x2; mark = 0x1; DROP"),
        ("meta mark 0x1 counter packets 0 bytes 0 meta mark 0x1", "mark = 0x1; (counter packets 0 bytes 0)"),
        ("meta mark set ct mark", "direction = 0-1; mark := ct mark"),
        ("ct mark set mark", "ct mark := mark"),
        ("ct mark set meta mark & 0xff", "ct mark := ?"),
        ("meta mark set ip saddr map @m", "?meta mark set ip saddr map @m?; mark := ?"),
        (
            "meta mark set ip saddr map { 1.1.1.1 : 0x1 } accept",
            "?meta mark set ip saddr map { 1.1.1.1 : 0x1 }?; mark := ?; ACCEPT",
        ),
        ("meta mark set numgen inc mod 2 offset 5", "?meta mark set numgen inc mod 2 offset 5?; mark := ?"),
        ("meta priority set 1:2 accept", "(meta priority set 1:2); ACCEPT"),
        ("meta pkttype set host", "!meta pkttype set host!"),
        ('udp dport 69 ct helper set "tftp"', 'protocol = 17; dport = 69; (ct helper set "tftp")'),
        ("ct event set new,destroy", "(ct event set new,destroy)"),
        ("udp checksum set 0", "protocol = 17; (udp checksum set 0)"),
        ("ip dscp set cs1 accept", "ethertype = 0x800; (ip dscp set cs1); ACCEPT"),
        ("ip ttl set 64 accept", "ethertype = 0x800; !ip ttl set 64!; ACCEPT"),
        ("ip daddr set 10.0.0.1", "ethertype = 0x800; !ip daddr set 10.0.0.1!"),
        ("tcp option maxseg size set rt mtu", "(tcp option maxseg size set rt mtu)"),
        ("tcp option maxseg size set 1360 accept", "?tcp option maxseg size set 1360?; ACCEPT"),
        ("update @seen { ip saddr timeout 1m }", "(update @seen { ip saddr timeout 1m })"),
        ("add @seen { udp dport } drop", "protocol = 17; ?add @seen { udp dport }?; DROP"),
        (
            "meter m size 65535 { ip saddr limit rate 10/second } accept",
            "?meter m size 65535 { ip saddr limit rate 10/second }?; ACCEPT",
        ),
    ],
)
def test_what_rules_write(text: str, meaning: str) -> None:
    assert says(text) == meaning


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        (
            'xt match "hashlimit" counter packets 0 bytes 0 drop',
            '?xt match "hashlimit"?; (counter packets 0 bytes 0); DROP',
        ),
        (
            "xt match physdev counter packets 0 bytes 0 accept",
            "?xt match physdev?; (counter packets 0 bytes 0); ACCEPT",
        ),
        ('xt match "comment" counter packets 0 bytes 0 accept', "always; (counter packets 0 bytes 0); ACCEPT"),
        (
            "udp dport 68 counter packets 0 bytes 0 xt target CHECKSUM",
            "protocol = 17; dport = 68; (counter packets 0 bytes 0); FILL",
        ),
        ('counter packets 0 bytes 0 xt target "TEE"', '(counter packets 0 bytes 0); !xt target "TEE"!'),
        # nft without libxtables, and iptables' own words where there is no translation
        ("# xt_recent counter packets 0 bytes 0 drop", "?# xt_recent?; (counter packets 0 bytes 0); DROP"),
        (
            "# match-set foo src counter packets 0 bytes 0 drop",
            "?# match-set foo src?; (counter packets 0 bytes 0); DROP",
        ),
        ("counter packets 0 bytes 0 # CHECKSUM fill", "(counter packets 0 bytes 0); FILL"),
        ("counter packets 0 bytes 0 # xt_TPROXY", "(counter packets 0 bytes 0); !# xt_TPROXY!"),
        # what they do depends on no parameter
        ('xt target "REJECT"', "REJECT"),
        ('xt target "MASQUERADE"', "REWRITE source"),
        ('xt target "TCPMSS"', '(xt target "TCPMSS")'),
        ('xt watcher "log" accept', '(xt watcher "log"); ACCEPT'),
    ],
)
def test_an_extension_of_xtables_is_never_taken_for_a_match_of_everything(text: str, meaning: str) -> None:
    assert says(text, "ip") == meaning


def test_a_frame_that_nft_misreads_is_not_believed() -> None:
    """What nft 1.0.6 prints for `vlan type ip ether daddr ff:ff:ff:ff:ff:ff drop` in a netdev table."""
    text = "vlan type ip vlan pcp 7 vlan dei 1 vlan id 4095 vlan type 0xffff @ll,32,16 0xffff"
    assert says(f"{text} drop", "netdev") == "; ".join([f"?{text} drop?"] * 7 + ["DROP"])


def test_two_spaces_are_a_statement_that_nft_did_not_print() -> None:
    """iptables' comments, and matches whose extension is not installed, are not printed at all."""
    hidden = "(a statement that nft did not print)"
    assert (
        says('iifname "virbr0"  counter packets 0 bytes 0 drop')
        == f'in = "virbr0"; ?{hidden}?; (counter packets 0 bytes 0); DROP'
    )
    assert says(" counter packets 0 bytes 0 drop") == f"?{hidden}?; (counter packets 0 bytes 0); DROP"
    assert says("counter packets 0 bytes 0  # handle 4") == f"(counter packets 0 bytes 0); !{hidden}!"
    assert says(" # handle 4") == f"!{hidden}!"
    assert says('counter packets 0 bytes 0 log prefix "a  b"') == '(counter packets 0 bytes 0); (log prefix "a  b")'


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("udp dport 67 vxlan vni 7 accept", "protocol = 17; dport = 67; ?vxlan vni 7?; ACCEPT"),
        ("udp dport 67 frobnicate 7 accept", "protocol = 17; dport = 67; !frobnicate 7!; ACCEPT"),
        ("frobnicate", "!frobnicate!"),
        ("frobnicate jump x", "!frobnicate!; JUMP x"),
        ("frobnicate reject with icmp port-unreachable", "!frobnicate!; ethertype = 0x800; REJECT"),
        ("vxlan vni 7 frob set 8 accept", "!vxlan vni 7 frob set 8!; ACCEPT"),
        (
            "meta l4proto { tcp, udp } th dport 53 jump { accept }",
            "protocol = 6 | 17; bits 16-31 = 53; !jump { accept }!",
        ),
        ("meta mark set meta mark & 0xff | ct mark accept", "!meta mark set meta mark & 0xff | ct mark!; ACCEPT"),
        ("(meta mark | 0x10) << 8 == 5 drop", "?(meta mark | 0x10) << 8 == 5?; DROP"),
        ('log prefix "a"b" accept', '(log prefix "a"); !b!; !" accept!'),
    ],
)
def test_after_a_word_that_is_not_known_only_a_plain_verdict_counts(text: str, meaning: str) -> None:
    assert says(text) == meaning


_WORDS = """ip saddr daddr udp dport meta mark set ct state vmap map { } ( ) | , . : & == != / @s "x" 67 10.0.0.0/8 new
accept drop jump x counter packets limit rate 5/second fib type oif xt match # @nh,0,8 log prefix queue reject with"""
_PIECES = st.sampled_from(_WORDS.split())


@given(text=st.one_of(st.text(), st.lists(_PIECES).map(" ".join)), family=st.sampled_from(FAMILIES))
def test_any_text_gives_a_rule(text: str, family: str) -> None:
    read = read_rule(family, "c", 1, text)
    assert isinstance(read, Rule)


@given(text=st.lists(_PIECES, min_size=1).map(" ".join))
def test_an_accept_is_never_made_up(text: str) -> None:
    """Words that hold no verdict end no packet, unless something strange does."""
    words = [word for word in text.split() if word not in {"accept", "drop", "reject", "jump", "map", "vmap"}]
    read = read_rule("inet", "c", 1, " ".join(words))
    ends = [part for part in read.parts if getattr(part, "verdict", None) in set(Ends)]
    assert not ends
    assert all(part.text for part in read.parts if isinstance(part, Unmodelled | Strange))
