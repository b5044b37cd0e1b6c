"""The real ifup (of three programs), networkd, netplan and NetworkManager make a bridge of each text, and judge it.

And what it writes: the bridge that they make of the change has the setting that was wished.
"""

from collections.abc import Callable

import pytest

from owned import OFF, SHORT, the_claim
from pxedoctor.lab.readers import (
    by_ifupdown,
    by_netplan,
    by_network_manager,
    by_networkd,
)
from pxedoctor.lab.site import Site
from pxedoctor.model.bridge_owner import Setting
from pxedoctor.plans.bridge_file import ConfigureBridge
from pxedoctor.plans.owners import ifupdown, ifupdown2, ifupdown_ng, netplan, network_manager, networkd
from pxedoctor.plans.owners.owner import FileChange, Owner
from real_files import files_of_site, granted

pytestmark = pytest.mark.lab

Reader = Callable[[Site, str], Setting]
BRIDGE = "br0"
MAIN = "/etc/network/interfaces"
UNIT = "/etc/systemd/network/20-br0.netdev"
PROFILE = "/etc/NetworkManager/system-connections/br.nmconnection"
YAML = "/etc/netplan/50.yaml"


def judged(site: Site, owner: Owner, reader: Reader, path: str, text: str) -> None:
    site.write(path, text)
    # networkd reads as a user of its own; NetworkManager and netplan want secrets kept.
    site.run("chmod", "644" if path == UNIT else "600", path)
    try:
        on = files_of_site(site)
        read = the_claim(owner, on).setting
        assert isinstance(read, Setting)
        made = reader(site, BRIDGE)
        assert (made.stp, made.silence) == (read.stp, read.silence), f"pxedoctor read {read}"
        for wish in (SHORT, OFF):
            now = files_of_site(site)
            change = owner.change(now, the_claim(owner, now), wish)
            assert isinstance(change, FileChange), change
            _carry_out(site, change)
            made = reader(site, BRIDGE)
            assert (made.stp, made.silence) == (wish.stp, wish.silence), change.after
            # The change of a change starts from the new text.
            if change.before is None:
                site.run("rm", change.path)
    finally:
        site.run("rm", path)


def _carry_out(site: Site, change: FileChange) -> None:
    step = ConfigureBridge(owner="", bridge=BRIDGE, words="", change=change)
    granted(site, step.request())


@pytest.mark.parametrize(
    "options",
    [
        "",
        "bridge_stp on",
        "bridge-stp yes\n  bridge-fd 4",
        "bridge_stp on\n  bridge_fd 2.5",
        "bridge_stp on\n  bridge_fd 0",
        "bridge_stp on\n  bridge_fd 1",
        "bridge_stp off\n  bridge_fd 0",
        "bridge_fd 4\n  bridge_stp on\n  bridge_maxwait 0",
    ],
)
def test_ifupdown(site: Site, options: str) -> None:
    head = f"# kept\niface {BRIDGE} inet manual\n  bridge_ports none\n"
    wait = "" if "maxwait" in options else "  bridge_maxwait 0\n"
    judged(site, ifupdown, by_ifupdown, MAIN, f"{head}{wait}  {options}\n\niface x inet manual\n")


@pytest.mark.parametrize(
    "options", ["", "bridge-stp on", "bridge_stp yes\n  bridge_fd 4", "bridge-stp on\n  bridge-fd 0"]
)
def test_ifupdown2(other_site: Site, options: str) -> None:
    head = f"# kept\nauto {BRIDGE}\niface {BRIDGE}\n  bridge-ports none\n"
    judged(other_site, ifupdown2, by_ifupdown, MAIN, f"{head}  {options}\n")


@pytest.mark.parametrize("brctl", ["with brctl", "without brctl"])
@pytest.mark.parametrize(
    "options",
    [
        "",
        "bridge-stp yes",
        "bridge-stp on",
        "bridge-stp yes\n  bridge-fd 15",
        "bridge-stp yes\n  bridge-fd 1500",
        "bridge-stp true\n  bridge-fd 2",
        "bridge-stp YES\n  bridge-fd 4",
        "bridge-stp 1",
        "bridge-stp on\n  bridge-fd 0",
        "bridge-stp no\n  bridge-fd 4",
    ],
)
def test_ifupdown_ng(alpine_site: Site, options: str, brctl: str) -> None:
    head = f"# kept\nauto {BRIDGE}\niface {BRIDGE}\n  bridge-ports none\n  bridge-maxwait 0\n"
    if brctl == "without brctl":
        alpine_site.run("mv", "/sbin/brctl", "/sbin/brctl.away")
    try:
        judged(alpine_site, ifupdown_ng, by_ifupdown, MAIN, f"{head}  {options}\n")
    finally:
        alpine_site.ask("mv", "/sbin/brctl.away", "/sbin/brctl")


@pytest.mark.parametrize(
    "options",
    ["", "STP=yes", "STP=yes\nForwardDelaySec=4", "STP=on\nForwardDelaySec=0", "STP=1\nForwardDelaySec=2s 500ms"],
)
def test_networkd(site: Site, options: str) -> None:
    judged(site, networkd, by_networkd, UNIT, f"[NetDev]\nName={BRIDGE}\nKind=bridge\n\n[Bridge]\n{options}\n")


@pytest.mark.parametrize("options", ["", "stp=false", "forward-delay=4", "forward-delay=0\nstp=false", "stp=true"])
def test_network_manager(site: Site, options: str) -> None:
    head = f"[connection]\nid=kept\nuuid=6f0c1b52-0d0d-4d0d-8d0d-0d0d0d0d0d0a\ntype=bridge\ninterface-name={BRIDGE}\n"
    quiet = "[ipv4]\nmethod=disabled\n\n[ipv6]\nmethod=disabled\n"
    judged(
        site, network_manager, by_network_manager, PROFILE, f"{head}autoconnect=false\n\n[bridge]\n{options}\n\n{quiet}"
    )


@pytest.mark.parametrize(
    "parameters",
    ["", "{priority: 9}", "{stp: no}", "{stp: false, forward-delay: 4}", "{forward-delay: 4s}", "{stp: On}"],
)
def test_netplan(site: Site, parameters: str) -> None:
    line = f"      parameters: {parameters}\n" if parameters else ""
    text = f"# kept\nnetwork:\n  version: 2\n  bridges:\n    {BRIDGE}:\n      dhcp4: false\n{line}"
    judged(site, netplan, by_netplan, YAML, text)


@pytest.mark.parametrize("parameters", ["", "{priority: 9}", "{stp: false}"])
def test_netplan_for_networkmanager(site: Site, parameters: str) -> None:
    line = f"      parameters: {parameters}\n" if parameters else ""
    text = f"network:\n  version: 2\n  renderer: NetworkManager\n  bridges:\n    {BRIDGE}:\n      dhcp4: false\n{line}"
    judged(site, netplan, _by_netplan_and_networkmanager, YAML, text)


def _by_netplan_and_networkmanager(site: Site, bridge: str) -> Setting:
    site.run("netplan", "generate")
    return by_network_manager(site, bridge, f"/run/NetworkManager/system-connections/netplan-{bridge}.nmconnection")


def test_a_later_netplan_file_turns_stp_on_again(site: Site) -> None:
    """The trap of the mapping."""
    site.write("/etc/netplan/40.yaml", f"network: {{bridges: {{{BRIDGE}: {{parameters: {{stp: false}}}}}}}}\n")
    try:
        text = f"network:\n  bridges:\n    {BRIDGE}:\n      parameters: {{priority: 9}}\n"
        judged(site, netplan, by_netplan, YAML, text)
    finally:
        site.run("rm", "/etc/netplan/40.yaml")


@pytest.mark.parametrize(
    ("path", "text", "checker"),
    [
        (MAIN, f"iface {BRIDGE} inet somehow\n  bridge_ports none\n", ("ifquery", BRIDGE)),
        (
            "/etc/netplan/99.yaml",
            "network: {bridges: {br0: {parameters: {forward-delay: [2]}}}}\n",
            ("netplan", "generate"),
        ),
    ],
)
def test_their_own_checkers_refuse_what_is_wrong(site: Site, path: str, text: str, checker: tuple[str, ...]) -> None:
    site.write(path, text)
    try:
        assert site.ask(*checker).returncode != 0
    finally:
        site.run("rm", path)
