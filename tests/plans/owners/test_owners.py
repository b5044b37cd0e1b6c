"""The list of owners, and what holds for all of them: whatever a file says, no owner fails on it."""

import pkgutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import pxedoctor.plans.owners as package
from owned import OFF, SHORT, configured
from pxedoctor.plans.owners import OWNERS, claims_on, owner_named
from pxedoctor.plans.owners.owner import FileChange, Told

_PARTS = {
    "ifcfg_file", "ini", "interfaces", "interfaces_owner", "lines", "number", "owner", "shell", "yaml",
}  # fmt: skip
_PLACES = (
    "/etc/network/interfaces",
    "/etc/netplan/a.yaml",
    "/etc/systemd/network/a.netdev",
    "/etc/NetworkManager/system-connections/a.nmconnection",
    "/etc/sysconfig/network-scripts/ifcfg-br0",
    "/etc/sysconfig/network/ifcfg-br0",
    "/etc/nmstate/a.yml",
    "/etc/conf.d/net",
    "/etc/netctl/a",
    "/etc/openvswitch/conf.db",
    "/etc/rc.local",
)
_WORDS = (
    "iface br0", "inet", "bridge_ports none", "bridge_stp on", "bridge-fd 15", "\\", "# x", "source /etc/network/*",
    "network:", "bridges:", "br0:", "parameters:", "{stp: true}", "&a", "*a", "[NetDev]", "Name=br0", "Kind=bridge",
    "[Bridge]", "STP=yes", "[connection]", "type=bridge", "interface-name=br0", "[bridge]", "stp=true", "DEVICE=br0",
    "TYPE=Bridge", "STP='yes", "DELAY=15", "BRIDGE=yes", "bridge_br0=1", '{"Bridge": {"u": {"name": "br0"}}}',
    "interfaces:", "- name: br0", "  type: linux-bridge", "Connection=bridge", "Interface=br0", "brctl stp br0 on",
    "\x00",
)  # fmt: skip
_TEXTS = st.one_of(
    st.lists(
        st.tuples(st.sampled_from(_WORDS), st.sampled_from(["\n", " ", "\n  ", "\r\n", "\n    "])), max_size=14
    ).map(lambda parts: "".join(word + gap for word, gap in parts)),
    st.text(max_size=80),
)
_PROGRAMS = st.sampled_from([(), ("bridge-utils",), ("ifupdown2",), ("ifupdown-ng", "brctl"), ("network-scripts",)])


def test_the_list_has_every_owner_in_the_folder() -> None:
    found = {info.name for info in pkgutil.iter_modules(package.__path__)} - _PARTS
    assert {owner.__name__.rpartition(".")[2] for owner in OWNERS} == found  # type: ignore[attr-defined]


@pytest.mark.parametrize("owner", OWNERS, ids=lambda owner: owner.NAME)
def test_each_says_what_it_is_and_what_is_never_run(owner: object) -> None:
    assert owner.__doc__
    assert owner.NEVER  # type: ignore[attr-defined]
    assert owner_named(owner.NAME) is owner  # type: ignore[attr-defined]


def test_the_page_has_a_row_for_every_owner() -> None:
    page = (Path(__file__).parents[3] / "docs" / "owners.md").read_text(encoding="utf-8").partition("\n## What else")[0]
    rows = [line.split("|")[1].strip() for line in page.splitlines() if line.startswith("| ")]
    assert rows == ["owner", *(owner.NAME for owner in OWNERS)]


@given(st.dictionaries(st.sampled_from(_PLACES), _TEXTS, max_size=3), _PROGRAMS)
def test_hostile_texts_never_make_an_owner_fail(texts: dict[str, str], programs: tuple[str, ...]) -> None:
    """A claim has a place; a change leaves what it does not change to the byte, and is none of what is never run."""
    on = configured(texts, *programs)
    for claim in claims_on(on, "br0"):
        owner = owner_named(claim.owner)
        for wish in (SHORT, OFF):
            change = owner.change(on, claim, wish)
            if isinstance(change, Told):
                assert change.because
                continue
            assert isinstance(change, FileChange)
            assert change.before in (None, texts.get(change.path))
            assert not {argv[:2] for argv in change.then} & {tuple(never.command.split()[:2]) for never in owner.NEVER}
