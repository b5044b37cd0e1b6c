"""What was made of rules is taken over where they are as they were, with lines of their own; and nowhere else."""

from builders import host
from pxedoctor.diagnose.heir import inherit
from pxedoctor.model.host import Host
from pxedoctor.model.netfilter import Netfilter, RulesText
from pxedoctor.netfilter.ruleset import understood
from pxedoctor.netfilter.syntax import Chain

OWN = "".join(f"-A LIBVIRT_INP -i virbr{number} -p udp -m udp --dport 67 -j ACCEPT\n" for number in range(80))


def saved(first: str = "", own: str = OWN, more: str = "") -> Host:
    text = f"*filter\n:INPUT ACCEPT [0:0]\n:LIBVIRT_INP - [0:0]\n{more}{first}-A INPUT -j LIBVIRT_INP\n{own}COMMIT\n"
    listing = RulesText(family="ip", dialect="iptables-save", variant="nft", origin="iptables-save", text=text)
    return host(netfilter=Netfilter(listings=(listing,)))


def chain(of: Host, name: str = "LIBVIRT_INP") -> Chain:
    assert isinstance(of.netfilter, Netfilter)
    return understood(of.netfilter).tables[0].chains[name]


def read(of: Host) -> Chain:
    """With all that is made of it made."""
    made = chain(of)
    assert made.rules
    assert made.index
    assert made.asked
    return made


def test_a_rule_on_top_leaves_libvirt_s_as_they_were() -> None:
    before = saved()
    after = saved("-A INPUT -p udp -m udp --dport 67 -j DROP\n")
    old = read(before)
    inherit(before, after)
    assert vars(chain(after))["index"] is old.index
    assert vars(chain(after))["asked"] is old.asked
    assert chain(after).rule(7).parts is old.rule(7).parts
    assert "index" not in vars(chain(after, "INPUT")), "this one is another"


def test_each_rule_has_the_line_on_which_it_stands_now() -> None:
    before = saved()
    after = saved("-A INPUT -s 192.0.2.1 -j DROP\n-A INPUT -s 192.0.2.2 -j DROP\n")
    read(before)
    inherit(before, after)
    assert [rule.line for rule in chain(after).rules] == [line for line, _ in chain(after).written]
    assert chain(after).rule(0).line == chain(before).rule(0).line + 2


def test_rules_that_changed_are_read_anew() -> None:
    before = saved(own=OWN.replace("virbr79 ", "virbr99 "))
    after = saved("-A INPUT -s 192.0.2.3 -j DROP\n")
    read(before)
    inherit(before, after)
    assert "index" not in vars(chain(after))
    assert "virbr79" in chain(after).rule(79).text


def test_where_a_chain_came_that_a_rule_may_jump_to_everything_is_read_anew() -> None:
    before = saved()
    after = saved(more=":ACCEPT2 - [0:0]\n")
    read(before)
    inherit(before, after)
    assert "index" not in vars(chain(after))
