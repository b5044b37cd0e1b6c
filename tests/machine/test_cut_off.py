"""Whoever repairs over ssh and is cut off, with everything that hung on his session, finds it taken back by itself.

A real sshd, which gives a client up that answers no more, and a real session of logind's, which kills what a session
leaves behind: the harshest that a host can do.
"""

import json
import time
from collections.abc import Iterator

import pytest

from pxedoctor.lab.machine.machine import Machine
from pxedoctor.lab.machine.pool import thawed
from pxedoctor.lab.machine.recipe import RECIPES

pytestmark = pytest.mark.machine

NETWORK = """\
<network><name>lab</name><bridge name='virbr9' stp='on' delay='15'/>
<ip address='192.168.150.1' netmask='255.255.255.0'>
<dhcp><range start='192.168.150.10' end='192.168.150.99'/></dhcp></ip>
</network>
"""
# Somebody on the bridge that is to be repaired.
PERSON = """
ip netns add person
ip link add person type veth peer name eth0 netns person
ip link set person master virbr9 up
ip -n person address add 192.168.150.200/24 dev eth0
ip -n person link set eth0 up
"""
# An empty list of users to spare is to logind no list, and without one it spares root (systemd 252, conf-parser.c
# config_parse_strv, logind-core.c manager_shall_kill): somebody else has to be named.
SSHD = """
systemctl unmask systemd-logind
mkdir -p /etc/systemd/logind.conf.d /root/.ssh
printf '[Login]\\nKillUserProcesses=yes\\nKillExcludeUsers=nobody\\n' >/etc/systemd/logind.conf.d/kill.conf
printf 'ClientAliveInterval 5\\nClientAliveCountMax 3\\n' >/etc/ssh/sshd_config.d/alive.conf
systemctl start systemd-logind ssh
ssh-keygen -q -t ed25519 -N '' -f /root/key
cp /root/key.pub /root/.ssh/authorized_keys
chmod 700 /root/.ssh
"""
FIX = "pxedoctor fix --network lab --only bridge-forward-delay --apply --yes --json"
SSH = (
    *("ip", "netns", "exec", "person", "ssh", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no"),
    *("-o", "UserKnownHostsFile=/dev/null", "-o", "ConnectTimeout=120", "-i", "/root/key", "root@192.168.150.1"),
)
# What hangs on the session, besides the shell.
STAYS = "sleep 4711"
DELAY = "/sys/class/net/virbr9/bridge/forward_delay"
_SECONDS = 600


@pytest.fixture
def machine() -> Iterator[Machine]:
    with thawed(RECIPES["bookworm"], print) as opened:
        opened.write("/root/network.xml", NETWORK)
        opened.run("virsh", "net-define", "/root/network.xml")
        opened.run("virsh", "net-start", "lab")
        opened.run("sh", "-ec", PERSON)
        opened.run("sh", "-ec", SSHD)
        yield opened


def delay(machine: Machine) -> bytes:
    return machine.read(DELAY).strip()


def until(machine: Machine, *argv: str) -> None:
    deadline = time.monotonic() + _SECONDS
    while machine.ask(*argv).returncode != 0:
        assert time.monotonic() < deadline, (argv, machine.ask("journalctl", "-n", "40", "--no-pager").stdout)
        time.sleep(1)


def test_a_repair_over_ssh_is_taken_back_where_ssh_dies(machine: Machine) -> None:
    """Nobody asked for it: that his ssh comes through the bridge is reason enough (SSH_CONNECTION)."""
    assert delay(machine) == b"1500"
    machine.run("systemd-run", "--unit=person", *SSH, f"{FIX} >/root/told; {STAYS} & wait")
    until(machine, "pgrep", "-f", f"^{STAYS}")
    told = machine.read("/root/told").decode()
    assert '"outcome":"verified"' in told.replace(" ", ""), told
    assert '"keep_by":null' not in told.replace(" ", ""), told
    assert delay(machine) != b"1500"
    session = machine.run("sh", "-c", f"cat /proc/$(pgrep -f '^{STAYS}')/cgroup")
    assert "/session-" in session, session

    # The wire is cut; sshd gives its client up, and with its session everything ends that hangs on it.
    machine.run("ip", "link", "del", "person")
    until(machine, "sh", "-c", f"! pgrep -f '^{STAYS}'")
    assert "Timeout, client not responding" in machine.run("journalctl", "-t", "sshd", "--no-pager")
    until(machine, "sh", "-c", "! loginctl list-sessions --no-legend | grep -q .")
    assert "pxedoctor-undo-" in machine.run("systemctl", "list-units", "pxedoctor-undo-*.timer")
    assert delay(machine) != b"1500"

    until(machine, "grep", "-qx", "1500", DELAY)
    until(machine, "sh", "-c", "! pgrep -f '[u]nless-kept'")
    history = json.loads(machine.run("pxedoctor", "history", "--json"))
    assert [entry["outcome"] for entry in history["entries"]] == ["undone"]
