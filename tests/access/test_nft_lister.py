"""The child that lists for nft: the same texts and the same refusals as nft's own, and no way to get stuck."""

import sys

import pytest

from pxedoctor.access.nft_lister import NftLister
from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.site import Site

_TABLES = """\
table inet own {
	set s { type ipv4_addr; elements = { 192.0.2.1 }; }
	chain in { type filter hook input priority 0; policy accept;
		ip saddr @s udp dport { 67, 68 } counter accept comment "ä # {"
	}
	chain other { }
}
"""
_MANY_CHAINS = "seq 30000 | sed 's/.*/add chain ip t c& { comment \"a text that is longer than a pipe: &\"; }/'"
_BEGIN = """
import os, signal, sys
from pxedoctor.access.live import LiveHost
from pxedoctor.access.nft_lister import NftLister
lister = NftLister(20, dict(os.environ), first=0)
def children(): return open(f"/proc/self/task/{os.getpid()}/children").read().split()
def ask(*words): return lister.ask(("nft", "-a", "list", *words))
"""


def in_site(site: Site, code: str) -> str:
    return site.run(sys.executable, "-c", _BEGIN + code)


@pytest.mark.parametrize(
    "argv", [("nft", "list", "tables"), ("nft", "-j", "list", "chains"), ("iptables-save",), ("nft",)]
)
def test_other_questions_are_none_of_its_business(argv: tuple[str, ...]) -> None:
    assert NftLister(5, {}, first=0).ask(argv) is None


def test_the_first_listings_are_left_to_nft() -> None:
    lister = NftLister(5, {}, first=2)
    assert lister.ask(("nft", "-a", "list", "chains")) is None
    assert lister.ask(("nft", "-a", "list", "chains")) is None


def test_two_commands_in_one_are_refused() -> None:
    assert NftLister(5, {}, first=0).ask(("nft", "-a", "list", "chains\nflush ruleset")) is None


def test_of_many_questions_each_has_its_outcome_and_what_is_not_nfts_has_none() -> None:
    assert NftLister(5, {}, first=9).ask_all([("nft", "-a", "list", "chains"), ("true",)]) == [None, None]
    assert NftLister(5, {}, first=0).ask_all([]) == []


@pytest.mark.lab
def test_between_others_a_refusal_and_a_text_longer_than_a_pipe_stay_in_their_places() -> None:
    with open_site() as site:
        site.run("sh", "-c", f"nft add table ip t; {_MANY_CHAINS} | nft -f -")
        code = """
words = (("table", "ip", "t"), ("chain", "ip", "t", "none"), ("chain", "ip", "t", "c7"), ("table", "ip", "t"))
told = lister.ask_all([("nft", "-a", "list", *one) for one in words] + [("true",)])
print([said and (said[0] == 0, len(said[1]) > 2 << 20, said[1].count("chain c7 {")) for said in told])
"""
        said = in_site(site, code)
    assert said == "[(True, True, 1), (False, False, 0), (True, False, 1), (True, True, 1), None]\n"


@pytest.mark.lab
def test_one_that_takes_too_long_costs_the_others_nothing() -> None:
    with open_site() as site:
        site.run("sh", "-c", "nft add table ip t; nft add table ip u")
        code = """
brisk = NftLister(5, dict(os.environ), first=0)
def ask_all(*names): return brisk.ask_all([("nft", "-a", "list", "table", "ip", name) for name in names])
ask_all("t")
os.kill(int(children()[0]), signal.SIGSTOP)
told = ask_all("t", "u", "t")
print(repr(told[0]), told[1][0], told[1][1].split()[2], told[2][1].split()[2])
"""
        said = in_site(site, code)
    assert said == "TimeoutError('nft takes too long') 0 u t\n"


@pytest.mark.lab
@pytest.mark.parametrize(
    "words", ["chains", "table inet own", "chain inet own in", "chain inet own other", "set inet own s"]
)
def test_the_same_text_as_nft(words: str) -> None:
    with open_site() as site:
        site.write("/tmp/tables", _TABLES)
        site.run("nft", "-f", "/tmp/tables")
        own = site.run("nft", "-a", "list", *words.split())
        said = in_site(site, f"status, text, error = ask(*{words.split()!r}); assert status == 0; print(text, end='')")
    assert said == own


@pytest.mark.lab
def test_dozens_of_listings_are_shared_by_two_children_and_each_gets_its_own() -> None:
    with open_site() as site:
        site.run("sh", "-c", "for n in $(seq 180); do nft add table ip t$n; done")
        code = """
told = lister.ask_all([("nft", "-a", "list", "table", "ip", f"t{n}") for n in range(1, 181)])
texts = [text for status, text, error in told]
print(all(text.startswith(f"table ip t{n} {{") for n, text in enumerate(texts, 1)), len(texts), len(children()))
"""
        said = in_site(site, code)
    assert said == "True 180 2\n"


@pytest.mark.lab
def test_what_is_not_there_is_refused_in_nfts_words() -> None:
    with open_site() as site:
        said = in_site(site, "print(ask('chain', 'inet', 'none', 'c')[0] != 0, ask('chain', 'inet', 'none', 'c')[2])")
    assert said.startswith("True Error: No such file or directory")


@pytest.mark.lab
def test_a_plain_user_is_refused() -> None:
    with open_site() as site:
        code = (
            "os.setuid(65534); host = LiveHost(); [print(host.run(('nft', '-a', 'list', 'chains'))) for _ in range(6)]"
        )
        lines = in_site(site, code).splitlines()
    assert all(line.startswith("Forbidden(") for line in lines), lines


@pytest.mark.lab
def test_a_listing_that_takes_too_long_ends_with_the_child() -> None:
    with open_site() as site:
        code = """
slow = NftLister(0.0, dict(os.environ), first=0)
print(repr(slow.ask(("nft", "-a", "list", "chains"))), children())
"""
        said = in_site(site, code)
    assert said == "TimeoutError('nft takes too long') []\n"


@pytest.mark.lab
def test_a_child_that_dies_leaves_the_work_to_nft() -> None:
    with open_site() as site:
        said = in_site(
            site, "ask('chains'); os.kill(int(children()[0]), 9); print(ask('chains')); print(ask('chains'))"
        )
    assert said.splitlines() == ["None", "None"]
