"""Laws of the steps on rules and on the bridge's switch, on rulesets that hypothesis makes up.

1. The command that a person could type does to the ruleset what `simulate` says.
2. What is asked of the executor to take it back gives the ruleset as it was, also after the same step was done twice.
3. Asking a step changes nothing.

`Rules` is the judge: what iptables(8), nft(8) and sysctl(8) do with a command, on chains as lists of rules.
"""

import json
import re
import shlex

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from builders import bridge, host
from pxedoctor.model.host import Host
from pxedoctor.model.netfilter import Netfilter, RulesText
from pxedoctor.plans.firewall_bridge_nf import SetBridgeNfCall
from pxedoctor.plans.firewall_opening import Opening
from pxedoctor.plans.firewall_rule import InsertIptablesRule, InsertNftRule
from pxedoctor.plans.request import RemoveNftRule, Run
from pxedoctor.plans.step import Inverse, Step

# (program, table, chain) -> its rules, first to last.
Rules = dict[tuple[str, str, str], tuple[str, ...]]
SWITCH = "net/bridge/bridge-nf-call-iptables"
CHAINS = ("INPUT", "FORWARD", "DOCKER-USER")
TABLES = ("filter", "mangle")
SAVED_RULES = ("-i lo -j ACCEPT", "-p udp -m udp --dport 67 -j DROP", "-i virbr0 -p udp -m udp --dport 67 -j ACCEPT")
NFT_RULES = ('iif "lo" accept', "udp dport 67 drop", "counter packets 3 bytes 984")


def carried_out(before: Rules, argv: tuple[str, ...]) -> Rules:
    match argv:
        case ("iptables", "-w", *rest):
            table = "filter"
            if rest[0] == "-t":
                table, rest = rest[1], rest[2:]
            action, chain, *rule = rest
            return _changed(before, ("iptables", table, chain), action, " ".join(rule))
        case ("nft", "insert", "rule", family, table, chain, *rule):
            return _changed(before, ("nft", f"{family} {table}", chain), "-I", " ".join(rule))
        case ("sysctl", "-w", setting):
            return before | {("sysctl", "", setting.partition("=")[0]): (setting.partition("=")[2],)}
        case ("ip", "link", "set", "dev", name, "type", "bridge", "nf_call_iptables", value):
            return before | {("bridge", name, "nf_call_iptables"): (value,)}
    raise AssertionError(f"the judge does not know: {argv}")


def _changed(before: Rules, chain: tuple[str, str, str], action: str, rule: str) -> Rules:
    rules = before[chain]
    if action == "-I":
        return before | {chain: (rule, *rules)}
    assert action == "-D"
    assert rule in rules, "iptables: Bad rule (does a matching rule exist in that chain?)."
    at = rules.index(rule)
    return before | {chain: (*rules[:at], *rules[at + 1 :])}


def taken_back(before: Rules, back: Inverse) -> Rules:
    match back.request:
        case Run(argv, only_if):
            if only_if:
                assert only_if == tuple("-C" if word == "-D" else word for word in argv)
            return carried_out(before, argv)
        case RemoveNftRule(family, table, chain, comment):
            key = ("nft", f"{family} {table}", chain)
            at = next(n for n, rule in enumerate(before[key]) if rule.endswith(f'comment "{comment}"'))
            return before | {key: (*before[key][:at], *before[key][at + 1 :])}
    raise AssertionError(f"the judge does not know: {back.request}")


def rules_in(of: Host) -> Rules:
    """The ruleset that the host's texts say, read by the plainest of readers."""
    assert isinstance(of.netfilter, Netfilter)
    assert isinstance(of.sysctls, dict)
    assert isinstance(of.bridges, tuple)
    found: Rules = {("sysctl", "", SWITCH.replace("/", ".")): (of.sysctls[SWITCH],)}
    found |= {
        ("bridge", entry.name, "nf_call_iptables"): (str(int(entry.nf_call_iptables or 0)),) for entry in of.bridges
    }
    for listing in of.netfilter.listings:
        if listing.dialect == "iptables-save":
            found |= _saved(listing.text)
        elif listing.dialect == "nft-text":
            found |= _nft_text(listing.text)
    return found


def _saved(text: str) -> Rules:
    found: Rules = {}
    table = ""
    for line in text.splitlines():
        if line.startswith("*"):
            table = line[1:]
        elif line.startswith(":"):
            found[("iptables", table, line[1:].split()[0])] = ()
        elif line.startswith("-A "):
            _, chain, rule = line.split(" ", 2)
            found[("iptables", table, chain)] += (rule,)
    return found


def _nft_text(text: str) -> Rules:
    found: Rules = {}
    for table in re.finditer(r"^table (\w+ \w+) \{\n(.*?)^\}", text, re.M | re.S):
        for chain in re.finditer(r"^\tchain (\w+) \{\n(.*?)^\t\}", table[2], re.M | re.S):
            lines = (line.strip().rpartition(" # handle")[0] for line in chain[2].splitlines() if "# handle" in line)
            found[("nft", table[1], chain[1])] = tuple(lines)
    return found


@st.composite
def hosts(draw: st.DrawFn) -> Host:
    saved = "".join(
        f"*{table}\n"
        + "".join(f":{chain} - [0:0]\n" for chain in CHAINS)
        + "".join(f"-A {chain} {rule}\n" for chain in CHAINS for rule in draw(st.lists(st.sampled_from(SAVED_RULES))))
        + "COMMIT\n"
        for table in TABLES
    )
    native = "".join(
        f"table inet {table} {{\n"
        + "".join(
            f"\tchain {chain} {{\n\t\ttype filter hook input priority filter; policy drop;\n"
            + "".join(f"\t\t{rule} # handle 4\n" for rule in draw(st.lists(st.sampled_from(NFT_RULES))))
            + "\t}\n"
            for chain in ("input", "other")
        )
        + "}\n"
        for table in TABLES
    )
    listings = [
        RulesText(family="ip", dialect="iptables-save", variant="nft", origin="iptables-save", text=saved),
        RulesText(family="inet", dialect="nft-text", variant="native", origin="nft list ruleset", text=native),
    ]
    return host(
        netfilter=Netfilter(listings=tuple(draw(st.permutations(listings)))),
        sysctls={SWITCH: draw(st.sampled_from("01"))},
        bridges=(bridge("br0", nf_call_iptables=draw(st.booleans())), bridge("br1")),
    )


OPENINGS = st.builds(
    Opening,
    interface=st.sampled_from(["virbr0", "br0.10"]),
    service=st.sampled_from(["dhcp", "dhcpv6", "tftp", "http"]),
    direction=st.sampled_from(["in", "out", "bridged", "routed"]),
)
ADMITTED = OPENINGS.flatmap(lambda wants: st.sampled_from(wants.rules))
STEPS = st.one_of(
    st.builds(
        InsertIptablesRule,
        program=st.just("iptables"),
        family=st.just("ip"),
        table=st.sampled_from(TABLES),
        chain=st.sampled_from(CHAINS),
        admits=ADMITTED,
        what=st.just("it"),
        listing=st.sampled_from(["", "iptables-save"]),
    ),
    st.builds(
        InsertNftRule,
        family=st.just("inet"),
        table=st.sampled_from(TABLES),
        chain=st.sampled_from(["input", "other"]),
        admits=ADMITTED,
        comment=st.sampled_from(["pxedoctor: dhcp in virbr0", "pxedoctor: tftp in br0.10"]),
        what=st.just("it"),
    ),
    st.builds(SetBridgeNfCall, which=st.just("iptables"), on=st.booleans(), bridge=st.sampled_from(["", "br0"])),
)


def after(step: Step, before: Host) -> Host:
    result = step.simulate(before)
    assert isinstance(result, Host), result
    return result


@given(hosts(), STEPS)
def test_the_command_does_what_the_model_says(before: Host, step: Step) -> None:
    assert rules_in(after(step, before)) == carried_out(rules_in(before), step.argv())


@given(hosts(), STEPS)
def test_the_way_back_leads_back(before: Host, step: Step) -> None:
    done, back = rules_in(after(step, before)), step.undo(before)
    assert (taken_back(done, back) if isinstance(back, Inverse) else done) == rules_in(before)


@given(hosts(), st.builds(lambda step, other: (step, other), STEPS, STEPS))
def test_two_steps_are_taken_back_in_reverse(before: Host, steps: tuple[Step, Step]) -> None:
    first, second = steps
    between = after(first, before)
    now = rules_in(after(second, between))
    for back in (second.undo(between), first.undo(before)):
        now = taken_back(now, back) if isinstance(back, Inverse) else now
    assert now == rules_in(before)


@given(hosts(), STEPS)
def test_asking_a_step_changes_nothing(before: Host, step: Step) -> None:
    picture = rules_in(before)
    assert step.describe()
    step.undo(before)
    step.request()
    assert rules_in(before) == picture
    assert msgspec.json.decode(msgspec.json.encode(step.request()))


@given(hosts(), st.sampled_from(TABLES), OPENINGS)
def test_json_and_text_hold_the_same_rule(before: Host, table: str, wants: Opening) -> None:
    """The same chain listed as JSON gets one rule more, first, with as many conditions as words in the text."""
    for admitted in wants.rules:
        step = InsertNftRule(
            family="inet", table=table, chain="input", admits=admitted, comment="pxedoctor: x", what="it"
        )
        entries = [{"chain": {"family": "inet", "table": table, "name": "input"}}]
        listing = RulesText(
            family="inet",
            dialect="nft-json",
            variant="native",
            origin="nft -j",
            text=json.dumps({"nftables": entries}),
        )
        done = after(step, msgspec.structs.replace(before, netfilter=Netfilter(listings=(listing,))))
        assert isinstance(done.netfilter, Netfilter)
        rule = json.loads(done.netfilter.listings[0].text)["nftables"][1]["rule"]
        conditions = re.findall(r"iifname|oifname|sport|dport|ct state", " ".join(admitted.nft()))
        assert len(rule["expr"]) == len(conditions) + 1
        assert shlex.split(step.rule)[-1] in rule["expr"][-1]
