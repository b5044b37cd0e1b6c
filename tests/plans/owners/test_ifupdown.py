"""Debian's ifupdown: both spellings, sourced files, the script's traps; and its own reader on what was written."""

import pytest

from owned import OFF, changed, configured, edit, setting, the_claim
from pxedoctor.model.bridge_owner import Setting, Unclear
from pxedoctor.model.host import Host
from pxedoctor.plans.owners import ifupdown

MAIN = "/etc/network/interfaces"
STANZA = """\
# The hypervisor's own bridge. Ask Ann before you change it!
auto lo br0
iface lo inet loopback

iface br0 inet static
    address 192.0.2.1/24
    bridge_ports eno1
    bridge_stp on
    bridge_fd 15
    bridge_maxwait 0

iface br1 inet manual
\tbridge-ports none
\tbridge-stp on

iface br0 inet6 auto
""".replace("15\n", "15  \n")


def debian(text: str, **more: str) -> Host:
    return configured({MAIN: text} | {path.replace("__", "/"): body for path, body in more.items()}, "bridge-utils")


def stanza(*options: str) -> Host:
    return debian("iface br0 inet manual\n  bridge_ports none\n" + "".join(f"  {option}\n" for option in options))


def test_where_it_stands() -> None:
    claim = the_claim(ifupdown, debian(STANZA))
    assert (claim.place, claim.text) == (f"{MAIN}:5", "iface br0 inet static")
    assert claim.setting == Setting(stp=True, delay=15.0)


def test_another_name_is_another_bridge() -> None:
    assert ifupdown.claims(debian(STANZA), "br") == ()
    assert ifupdown.claims(debian(STANZA), "eno1") == ()


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ((), Setting(stp=False, delay=15.0)),
        (("bridge_stp on",), Setting(stp=True, delay=15.0)),
        (("bridge-stp yes", "bridge-fd 2.5"), Setting(stp=True, delay=2.5)),
        (("bridge_stp on", "bridge_fd 0"), Setting(stp=True, delay=15.0)),
        (("bridge_stp off", "bridge_fd 0"), Setting(stp=False, delay=0.0)),
        (("bridge_stp on", "bridge_maxwait 0"), Setting(stp=True, delay=15.0)),
    ],
    ids=str,
)
def test_what_the_script_makes_of_it(options: tuple[str, ...], expected: Setting) -> None:
    assert setting(ifupdown, stanza(*options)) == expected


@pytest.mark.parametrize(
    "options", [("bridge_stp on", "bridge-stp off"), ("bridge_fd 15 # long",), ("inherits other",)], ids=str
)
def test_what_it_does_not_claim_to_know(options: tuple[str, ...]) -> None:
    assert isinstance(setting(ifupdown, stanza(*options)), Unclear)


def test_without_bridge_utils_nobody_reads_the_options() -> None:
    assert isinstance(setting(ifupdown, configured({MAIN: STANZA})), Unclear)


def test_one_value_is_changed_and_nothing_else() -> None:
    change = changed(ifupdown, debian(STANZA))
    assert edit(change) == (["    bridge_fd 15  "], ["    bridge_fd 2  "])
    assert change.then == (("ifquery", "br0"),)


def test_a_new_option_in_the_spelling_of_its_neighbours() -> None:
    text = STANZA.replace("br0", "brX").replace("br1", "br0")
    assert edit(changed(ifupdown, debian(text))) == ([], ["\tbridge-fd 2"])


def test_stp_off() -> None:
    assert edit(changed(ifupdown, debian(STANZA), OFF)) == (["    bridge_stp on"], ["    bridge_stp off"])


def test_a_sourced_file_is_the_one_that_is_changed() -> None:
    files = {
        MAIN: "source /etc/network/interfaces.d/*.cfg\n",
        "/etc/network/interfaces.d/br.cfg": STANZA,
        "/etc/network/interfaces.d/br.cfg~": STANZA,
    }
    on = configured(files, "bridge-utils")
    assert the_claim(ifupdown, on).path == "/etc/network/interfaces.d/br.cfg"
    assert changed(ifupdown, on).path == "/etc/network/interfaces.d/br.cfg"


def test_a_file_that_nobody_sources_is_no_claim() -> None:
    assert ifupdown.claims(configured({"/etc/network/interfaces.d/br": STANZA}, "bridge-utils"), "br0") == ()


def test_a_source_that_sources_itself_comes_to_an_end() -> None:
    assert the_claim(ifupdown, debian(f"source {MAIN}\nsource /etc/network/inter*\n{STANZA}"))


@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_ends_of_lines_stay(end: str) -> None:
    text = "iface br0 inet manual\n bridge_ports none\n bridge_stp on".replace("\n", end)
    change = changed(ifupdown, debian(text))
    assert change.after == f"{text}{end} bridge_fd 2{end}"
